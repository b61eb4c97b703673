//! Development tasks: `cargo xtask tidy`, `cargo xtask bless`, `cargo xtask conformance FILE..`.

mod tidy;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let rest: Vec<String>;
    let outcome = match args.next().as_deref() {
        Some("tidy") => tidy::run(&root()),
        Some("bless") => bless(),
        Some("conformance") => {
            rest = args.collect();
            conformance(&rest)
        }
        _ => Err("usage: cargo xtask tidy | bless | conformance FILE.jsonl..".to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            report(&message);
            ExitCode::FAILURE
        }
    }
}

/// Rewrites the golden files from what the code gives now; read the diff before committing it.
fn bless() -> Result<(), String> {
    cargo(&["test", "--package", "hoglet", "--test", "golden"], &[("HOGQL_BLESS", "1")])
}

/// Runs case files through the public library.
fn conformance(files: &[String]) -> Result<(), String> {
    let mut args = vec!["run", "--quiet", "--package", "hoglet-conformance", "--"];
    args.extend(files.iter().map(String::as_str));
    cargo(&args, &[])
}

fn cargo(args: &[&str], environment: &[(&str, &str)]) -> Result<(), String> {
    let status = Command::new("cargo").args(args).envs(environment.iter().copied()).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("cargo {} failed: {status}", args.join(" "))),
        Err(error) => Err(format!("cargo cannot be started: {error}")),
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[expect(clippy::print_stderr, reason = "the task's only output")]
fn report(message: &str) {
    eprintln!("{message}");
}
