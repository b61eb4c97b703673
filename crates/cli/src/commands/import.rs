//! `hogql import`.

use crate::args::ImportArgs;
use crate::drawing::printable;
use crate::failure::Failure;
use crate::output::counted;
use crate::phases::Phases;
use crate::workers::Workers;
use crate::{output, source};
use hoglet::SourceOptions;
use hoglet::store::{ImportOptions, ImportSummary, import};
use indicatif::{HumanBytes, HumanCount};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Reasons for rows that were not taken which are told; the file of these rows has all.
const REASONS: usize = 3;

/// What to know of an import that was told to stop.
const GOES_ON: &str = "note: what was read is kept: run the same command again and it goes on";

/// Reads event files into a store.
pub(crate) fn run(args: &ImportArgs) -> Result<(), Failure> {
    let options = options(args);
    let cancelled = Arc::clone(&options.cancelled);
    let started = Instant::now();
    let work = async move {
        let phases = Phases::new();
        let summary = import(&options, &|progress| phases.show(&progress)).await;
        phases.clear();
        summary.map_err(|error| Failure::from_error(error.into()))
    };
    let summary = Workers::new(args.work.threads)?
        .complete(work, || cancelled.store(true, Ordering::Relaxed))
        .map_err(|failure| failure.with_note(GOES_ON))?;
    output::tell(&told(&summary, &args.store, started.elapsed()));
    Ok(())
}

fn options(args: &ImportArgs) -> ImportOptions {
    let source = SourceOptions {
        events: args.sources.clone(),
        persons: args.persons.clone(),
        overrides: args.overrides.clone(),
        groups: args.groups.clone(),
        map: args.map.clone(),
        environment: source::environment(),
    };
    let now = args.now.unwrap_or_else(source::clock);
    let mut options = ImportOptions::new(source, &args.store, now);
    options.memory = args.work.memory_limit;
    options.buckets = args.buckets;
    options.work.clone_from(&args.work.work);
    if let Some(threads) = args.work.threads {
        options.threads = threads;
    }
    options
}

/// What happened, a line for each kind of row.
fn told(summary: &ImportSummary, store: &str, took: Duration) -> String {
    let mut lines: Vec<String> =
        summary.notices.iter().map(|notice| format!("note: {notice}")).collect();
    if summary.resumed {
        lines.push("note: this went on with an interrupted import".to_owned());
    }
    lines.push(taken(summary, store, took));
    if summary.duplicates > 0 {
        lines.push(format!(
            "{} left out: the uuid is in the store already, or came before in the files",
            counted(summary.duplicates, "row")
        ));
    }
    if summary.rejected > 0 {
        lines.push(rejected(summary));
    }
    lines.join("\n")
}

fn taken(summary: &ImportSummary, store: &str, took: Duration) -> String {
    let seconds = took.as_secs_f64();
    let mut line = format!(
        "{} taken into {store} (version {}), {}, {}, {}, {seconds:.1} s",
        counted(summary.rows, "row"),
        summary.version,
        counted(summary.persons, "new person"),
        counted(summary.files, "file"),
        HumanBytes(summary.bytes),
    );
    // Some rows of an import that went on were read by another process: nobody knows how long they took.
    if !summary.resumed {
        let read = summary.rows + summary.duplicates + summary.rejected;
        let rate = HumanCount((read as f64 / seconds.max(1e-3)) as u64);
        line.push_str(&format!(", {rate} rows/s"));
    }
    line
}

/// `3 rows not taken: 2 × no timestamp, 1 × ..; they are in rejects/1.jsonl`
fn rejected(summary: &ImportSummary) -> String {
    let mut reasons = summary.reasons.clone();
    reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let others = reasons.len().saturating_sub(REASONS);
    let told = reasons.iter().take(REASONS);
    let mut parts: Vec<String> = told
        .map(|(reason, count)| {
            // A reason may repeat what stands in the file.
            format!("{} × {}", HumanCount(*count), printable(reason))
        })
        .collect();
    if others > 0 {
        parts.push(counted(others as u64, "other reason"));
    }
    let place = summary.rejects.as_ref().map(|place| format!("; they are in {place}"));
    format!(
        "{} not taken: {}{}",
        counted(summary.rejected, "row"),
        parts.join(", "),
        place.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary() -> ImportSummary {
        ImportSummary {
            version: 3,
            rows: 1_200_000,
            duplicates: 0,
            rejected: 0,
            reasons: Vec::new(),
            rejects: None,
            persons: 1,
            files: 12,
            bytes: 3 << 20,
            resumed: false,
            notices: Vec::new(),
        }
    }

    #[test]
    fn an_import_without_trouble_is_one_line() {
        assert_eq!(
            told(&summary(), "s", Duration::from_secs(2)),
            "1,200,000 rows taken into s (version 3), 1 new person, 12 files, 3.00 MiB, 2.0 s, 600,000 rows/s"
        );
    }

    #[test]
    fn what_was_left_out_is_told() {
        let reason = |name: &str, count| (name.to_owned(), count);
        let summary = ImportSummary {
            duplicates: 1,
            rejected: 1_010,
            reasons: vec![
                reason("a", 1),
                reason("b", 1_000),
                reason("c", 5),
                reason("d", 3),
                reason("e", 1),
            ],
            rejects: Some("s/rejects/1.jsonl".to_owned()),
            resumed: true,
            notices: vec!["odd".to_owned()],
            ..summary()
        };
        let told = told(&summary, "s", Duration::from_secs(2));
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(lines[0], "note: odd");
        assert!(lines[1].contains("interrupted import"), "{told}");
        assert!(lines[2].ends_with(", 2.0 s"), "{told}");
        assert!(lines[3].starts_with("1 row left out: "), "{told}");
        assert_eq!(
            lines[4],
            "1,010 rows not taken: 1,000 × b, 5 × c, 3 × d, 2 other reasons; they are in s/rejects/1.jsonl"
        );
    }
}
