//! Runs the binary and keeps what it said.

use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// The command, on an empty stdin.
pub(crate) fn hogql<S: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hogql"));
    command.args(args).stdin(Stdio::null());
    command
}

/// How a run ended and what it said.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Ended {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.stdout).unwrap()
    }

    /// The text of a run that went well.
    #[track_caller]
    pub(crate) fn answered(&self) -> &str {
        assert_eq!(self.code, Some(0), "{}", self.stderr);
        self.text()
    }

    /// A run that went wrong, said nothing on stdout, and all of this on stderr.
    #[track_caller]
    pub(crate) fn refused(&self, code: i32, told: &[&str]) {
        assert_eq!(self.code, Some(code), "{}", self.stderr);
        assert_eq!(self.text(), "");
        for told in told {
            assert!(self.stderr.contains(told), "no `{told}` in: {}", self.stderr);
        }
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let stderr = String::from_utf8(output.stderr).unwrap();
        Self { code: output.status.code(), stdout: output.stdout, stderr }
    }
}

/// Runs the command with these arguments.
pub(crate) fn run<S: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = S>) -> Ended {
    hogql(args).output().unwrap().into()
}

/// Runs the command with a text on stdin.
pub(crate) fn run_on(input: &str, args: &[&str]) -> Ended {
    let mut command = hogql(args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap().into()
}

/// A folder with a small export in `export`.
pub(crate) struct Export {
    pub(crate) folder: TempDir,
    pub(crate) events: String,
}

/// Events in an [`Export`].
pub(crate) const EVENTS: &str = "300";

impl Export {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let events = folder.path().join("export").to_str().unwrap().to_owned();
        run(["generate", "--events", EVENTS, "--days", "3", "--out", &events]).answered();
        Self { folder, events }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Answers a query over the export.
    pub(crate) fn query(&self, args: &[&str]) -> Ended {
        run(["query", "--events", &self.events].iter().chain(args))
    }

    /// Files beside the export: what a run has left.
    pub(crate) fn left(&self) -> Vec<String> {
        let mut names = names(self.folder.path());
        names.retain(|name| name != "export");
        names
    }
}

/// Makes an export of so many events in a folder, and gives its address.
pub(crate) fn generated(folder: &Path, name: &str, events: &str, seed: &str) -> String {
    let out = text(&folder.join(name));
    run(["generate", "--events", events, "--seed", seed, "--out", &out]).answered();
    out
}

/// A path as an argument.
pub(crate) fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// What a store says of itself.
#[track_caller]
pub(crate) fn info(store: &str) -> Value {
    serde_json::from_str(run(["info", "--json", store]).answered()).unwrap()
}

/// Names of what is in a folder, sorted.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The event files of an export.
pub(crate) fn event_files(export: &str) -> Vec<PathBuf> {
    let folder = Path::new(export).join("events");
    let names = names(&folder).into_iter().filter(|name| name.contains(".parquet"));
    names.map(|name| folder.join(name)).collect()
}
