//! `hogql generate`.

use crate::args::GenerateArgs;
use crate::failure::Failure;
use crate::output;
use crate::workers::until_stopped;
use hoglet::generate::{GenerateOptions, Summary, generate};
use indicatif::{HumanCount, ProgressBar, ProgressStyle};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

/// Makes an export.
pub(crate) fn run(args: &GenerateArgs) -> Result<(), Failure> {
    let mut options = GenerateOptions::new(args.events, &args.out);
    options.seed = args.seed;
    options.persons = args.persons;
    if let Some(days) = args.days {
        options.days = days;
    }
    let started = Instant::now();
    let cancelled = Arc::clone(&options.cancelled);
    let summary =
        until_stopped(move || watched(&options), || cancelled.store(true, Ordering::Relaxed))?;
    let seconds = started.elapsed().as_secs_f64();
    let rate = HumanCount((summary.events as f64 / seconds.max(1e-9)) as u64);
    output::tell(&format!(
        "{} events in {} files in {}, {seconds:.1} s, {rate} events/s",
        HumanCount(summary.events),
        summary.files,
        args.out.display()
    ));
    Ok(())
}

fn watched(options: &GenerateOptions) -> Result<Summary, Failure> {
    let style = ProgressStyle::with_template(
        "{bar:40} {human_pos}/{human_len} events, {per_sec}, {eta} left",
    );
    let bar = ProgressBar::new(options.events)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let summary = generate(options, &|progress| bar.set_position(progress.events));
    bar.finish_and_clear();
    summary.map_err(|error| Failure::from_error(error.into()))
}
