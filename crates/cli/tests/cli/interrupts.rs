//! Ctrl-C and SIGTERM.
#![cfg(unix)]

use crate::process::{Export, generated, hogql, info, run, text};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Runs for minutes, and gives nothing until its end.
const LONG: &str =
    "SELECT sum(a.number * b.number) FROM numbers(200000) AS a CROSS JOIN numbers(200000) AS b";

/// Gives rows for minutes.
const MANY: &str = "SELECT number FROM numbers(2000000000)";

fn send(signal: &str, child: &Child) {
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// Ends a run by a signal and gives its exit code, what it told, and how long it took to end.
fn ended(
    signal: &str,
    mut command: Command,
    ready: impl Fn(&str) -> bool,
) -> (Option<i32>, String, Duration) {
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut told = String::new();
    while !ready(&told) {
        assert_ne!(stderr.read_line(&mut told).unwrap(), 0, "{told}");
    }
    std::thread::sleep(Duration::from_millis(300));
    let started = Instant::now();
    send(signal, &child);
    let status = child.wait().unwrap();
    stderr.read_to_string(&mut told).unwrap();
    (status.code(), told, started.elapsed())
}

#[test]
fn a_long_query_ends_at_once_and_leaves_nothing() {
    let export = Export::new();
    let path = export.path("result");
    for (query, format) in [(LONG, "json"), (LONG, "table"), (MANY, "csv"), (MANY, "parquet")] {
        let command = hogql(
            ["query", "--timing", "--events", &export.events, "--format", format, "-o"]
                .into_iter()
                .chain([path.to_str().unwrap(), query]),
        );
        let (code, told, took) = ended("-INT", command, |told| told.contains("open "));
        assert_eq!(code, Some(130), "{told}");
        assert!(told.ends_with("interrupted\n"), "{told}");
        assert!(took < Duration::from_secs(2), "{took:?}");
        assert_eq!(export.left(), [""; 0], "{query}");
    }
}

#[test]
fn a_query_that_is_terminated_leaves_nothing() {
    let export = Export::new();
    let path = export.path("result.csv");
    let args = ["query", "--timing", "--events", &export.events, "-o", path.to_str().unwrap()];
    let command = hogql(args.into_iter().chain([MANY]));
    let (code, told, took) = ended("-TERM", command, |told| told.contains("open "));
    assert_eq!(code, Some(143), "{told}");
    assert!(told.ends_with("terminated\n"), "{told}");
    assert!(took < Duration::from_secs(2), "{took:?}");
    assert_eq!(export.left(), [""; 0]);
}

#[test]
fn repeated_runs_and_explained_ones_end_too() {
    for args in [
        &["query", "--timing", "--repeat", "100000", "SELECT 1"][..],
        &["explain", "--analyze", LONG],
    ] {
        let (code, told, took) = ended("-INT", hogql(args), |told| told.contains("note: "));
        // Before the handler is there, the signal itself ends the process.
        assert!(code.is_none_or(|code| code == 130), "{code:?} {told}");
        assert!(took < Duration::from_secs(2), "{took:?}");
    }
}

#[test]
fn generate_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("export");
    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        let args = ["generate", "--events", "50000000", "--out", out.to_str().unwrap()];
        let mut child = hogql(args).stderr(Stdio::piped()).spawn().unwrap();
        while !out.exists() {
            std::thread::sleep(Duration::from_millis(20));
        }
        std::thread::sleep(Duration::from_millis(300));
        let started = Instant::now();
        send(signal, &child);
        assert_eq!(child.wait().unwrap().code(), Some(code));
        assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
        assert!(!out.exists());
    }
}

#[test]
fn an_import_that_is_stopped_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let export = generated(folder.path(), "export", "60000", "1");
    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        let store = folder.path().join(format!("store{signal}"));
        let args = ["import", &export, "--store", &text(&store)];
        let mut child = hogql(args).stderr(Stdio::piped()).spawn().unwrap();
        while !store.exists() {
            assert!(child.try_wait().unwrap().is_none(), "it ended without a store");
            std::thread::sleep(Duration::from_millis(5));
        }
        std::thread::sleep(Duration::from_millis(20));
        let started = Instant::now();
        send(signal, &child);
        assert_eq!(child.wait().unwrap().code(), Some(code));
        assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
        let mut told = String::new();
        child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
        assert!(told.contains("run the same command again and it goes on"), "{told}");
        run(args).answered();
        let info = info(args[3]);
        let (rows, duplicates) = (&info["rows"], &info["imports"][0]["duplicates"]);
        assert_eq!(rows.as_u64().unwrap() + duplicates.as_u64().unwrap(), 60_000);
    }
}
