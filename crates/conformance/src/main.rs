//! Runs case files through the public library: `conformance FILE.jsonl..`.
//!
//! A line's fields say what kind of case it is; a line that no known kind fits is a failure. Failures are listed; kinds that are
//! not built yet are skipped by name. The last line is `N passed, M failed, K skipped`. The exit code is 1 if one failed, and 2
//! if no case was run at all: then nothing has been shown.

mod case;
mod corpus;

use case::{Kind, Outcome};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    let files: Vec<String> = std::env::args().skip(1).collect();
    if files.is_empty() {
        say("usage: conformance FILE.jsonl..");
        return ExitCode::from(2);
    }
    let mut tally = Tally::default();
    for file in &files {
        if let Err(error) = run_file(file, &mut tally) {
            say(&format!("{file}: {error}"));
            return ExitCode::from(2);
        }
    }
    for (kind, count) in &tally.skipped {
        say(&format!("skipped {count} of kind {kind}: not built yet"));
    }
    let skipped: usize = tally.skipped.values().sum();
    say(&format!("{} passed, {} failed, {skipped} skipped", tally.passed, tally.failed));
    match (tally.passed, tally.failed) {
        (0, 0) => ExitCode::from(2),
        (_, 0) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

#[derive(Default)]
struct Tally {
    passed: usize,
    failed: usize,
    skipped: BTreeMap<&'static str, usize>,
}

fn run_file(file: &str, tally: &mut Tally) -> Result<(), String> {
    let opened = std::fs::File::open(file).map_err(|error| error.to_string())?;
    for (number, line) in BufReader::new(opened).lines().enumerate() {
        let line = line.map_err(|error| error.to_string())?;
        if line.trim().is_empty() {
            continue;
        }
        match outcome(&line) {
            Outcome::Passed => tally.passed += 1,
            Outcome::Failed(why) => {
                tally.failed += 1;
                say(&format!("FAILED {file}:{}: {why}", number + 1));
            }
            Outcome::Skipped(kind) => *tally.skipped.entry(kind).or_default() += 1,
        }
    }
    Ok(())
}

fn outcome(line: &str) -> Outcome {
    let value = match serde_json::from_str(line) {
        Ok(value) => value,
        Err(error) => return Outcome::Failed(format!("not JSON: {error}")),
    };
    match Kind::of(&value) {
        Kind::HogQLSyntax => corpus::run(&value),
        Kind::Unknown => Outcome::Failed("no known kind of case has such fields".to_owned()),
        unbuilt => Outcome::Skipped(unbuilt.name()),
    }
}

fn say(line: &str) {
    // Nobody is left to tell if stdout is gone.
    let _ = writeln!(std::io::stdout(), "{line}");
}
