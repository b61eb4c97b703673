//! `hogql generate`.

use crate::args::GenerateArgs;
use crate::failure::Failure;
use crate::output;
use hoglet::generate::{GenerateOptions, generate};
use indicatif::{HumanCount, ProgressBar, ProgressStyle};
use std::time::Instant;

/// Makes an export.
pub(crate) fn run(args: &GenerateArgs) -> Result<(), Failure> {
    let mut options = GenerateOptions::new(args.events, &args.out);
    options.seed = args.seed;
    options.persons = args.persons;
    if let Some(days) = args.days {
        options.days = days;
    }
    let style = ProgressStyle::with_template(
        "{bar:40} {human_pos}/{human_len} events, {per_sec}, {eta} left",
    );
    let bar = ProgressBar::new(args.events)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let started = Instant::now();
    let summary = generate(&options, &|progress| bar.set_position(progress.events));
    bar.finish_and_clear();
    let summary = summary.map_err(|error| Failure::from_error(error.into()))?;
    let seconds = started.elapsed().as_secs_f64();
    let rate = HumanCount((summary.events as f64 / seconds.max(1e-9)) as u64);
    output::tell(&format!(
        "{} events in {} files, {seconds:.1} s, {rate} events/s",
        HumanCount(summary.events),
        summary.files
    ));
    Ok(())
}
