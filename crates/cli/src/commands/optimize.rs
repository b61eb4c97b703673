//! `hogql optimize`.

use crate::args::OptimizeArgs;
use crate::failure::Failure;
use crate::output::counted;
use crate::phases::Phases;
use crate::workers::Workers;
use crate::{output, source};
use hoglet::store::{OptimizeOptions, OptimizeSummary, optimize};
use indicatif::HumanBytes;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// What to know of an optimize that was told to stop.
const BEGINS_AGAIN: &str =
    "note: the store is whole and answers as before; the same command begins again";

/// Rewrites a store.
pub(crate) fn run(args: &OptimizeArgs) -> Result<(), Failure> {
    let options = options(args);
    let cancelled = Arc::clone(&options.cancelled);
    let started = Instant::now();
    let work = async move {
        let phases = Phases::new();
        let summary = optimize(&options, &|progress| phases.show(&progress)).await;
        phases.clear();
        summary.map_err(|error| Failure::from_error(error.into()))
    };
    let summary = Workers::new(args.work.threads)?
        .complete(work, || cancelled.store(true, Ordering::Relaxed))
        .map_err(|failure| failure.with_note(BEGINS_AGAIN))?;
    let store = args.place.location();
    output::tell(&told(&summary, store, args.grace > 0, started.elapsed()));
    Ok(())
}

fn options(args: &OptimizeArgs) -> OptimizeOptions {
    let cores = || std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    OptimizeOptions {
        store: args.place.location().to_owned(),
        environment: source::environment(),
        now: source::clock(),
        grace: args.grace,
        memory: args.work.memory_limit,
        threads: args.work.threads.unwrap_or_else(cores),
        work: args.work.work.clone(),
        cancelled: Arc::new(AtomicBool::new(false)),
    }
}

/// What happened. With a grace, files that were replaced are still there.
fn told(summary: &OptimizeSummary, store: &str, grace: bool, took: Duration) -> String {
    let files = |files, bytes| format!("{} of {}", counted(files, "file"), HumanBytes(bytes));
    let mut lines = Vec::new();
    if summary.changed {
        let before = files(summary.files_before, summary.bytes_before);
        let after = files(summary.files_after, summary.bytes_after);
        lines.push(format!(
            "{} of {store} rewritten (version {}): {after}, before {before}, {:.1} s",
            counted(summary.rows, "row"),
            summary.version,
            took.as_secs_f64()
        ));
        if grace {
            lines.push(
                "what was replaced stays for readers of earlier versions; an optimize after --grace removes it"
                    .to_owned(),
            );
        }
    } else {
        lines.push(format!(
            "{store} lies well as it is (version {}): {}, {}",
            summary.version,
            counted(summary.store_rows, "row"),
            files(summary.store_files, summary.store_bytes)
        ));
    }
    if summary.given_up > 0 {
        lines.push(format!(
            "{} of {} removed: broken off, and nobody went on with it in time",
            counted(summary.given_up, "work folder"),
            HumanBytes(summary.given_up_bytes)
        ));
    }
    if summary.removed_files > 0 {
        let removed = files(summary.removed_files, summary.removed_bytes);
        lines.push(format!("{removed} removed: no version that is kept needs them"));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary() -> OptimizeSummary {
        OptimizeSummary {
            version: 4,
            rows: 1_000,
            files_before: 12,
            files_after: 1,
            bytes_before: 2 << 20,
            bytes_after: 1 << 20,
            store_rows: 5_000,
            store_files: 3,
            store_bytes: 4 << 20,
            changed: true,
            ..OptimizeSummary::default()
        }
    }

    #[test]
    fn what_changed_is_told_with_what_stays() {
        let told = told(&summary(), "s", true, Duration::from_millis(1_500));
        let (first, second) = told.split_once('\n').unwrap();
        assert_eq!(
            first,
            "1,000 rows of s rewritten (version 4): 1 file of 1.00 MiB, before 12 files of 2.00 MiB, 1.5 s"
        );
        assert!(second.contains("--grace"), "{told}");
    }

    #[test]
    fn what_was_removed_is_told() {
        let summary = OptimizeSummary {
            changed: false,
            rows: 0,
            files_after: 0,
            removed_files: 2,
            removed_bytes: 1 << 10,
            given_up: 1,
            given_up_bytes: 3 << 20,
            ..summary()
        };
        let told = told(&summary, "s", true, Duration::ZERO);
        assert_eq!(
            told,
            "s lies well as it is (version 4): 5,000 rows, 3 files of 4.00 MiB\n\
             1 work folder of 3.00 MiB removed: broken off, and nobody went on with it in time\n\
             2 files of 1.00 KiB removed: no version that is kept needs them"
        );
    }
}
