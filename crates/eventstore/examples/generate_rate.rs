//! How fast the generator writes: `generate_rate EVENTS FOLDER [THREADS]`. The folder is removed afterwards unless a
//! fourth argument is given.

use eventstore::generate::{GenerateOptions, generate};
use std::error::Error;
use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let events = arguments.next().ok_or("number of events?")?.parse()?;
    let out = PathBuf::from(arguments.next().ok_or("folder?")?);
    let mut options = GenerateOptions::new(events, &out);
    options.threads = arguments.next().map(|text| text.parse()).transpose()?;
    let started = Instant::now();
    let summary = generate(&options, &|_| ())?;
    let seconds = started.elapsed().as_secs_f64();
    writeln!(
        std::io::stdout(),
        "{summary:?}\n{seconds:.2} s, {:.0} events/s, {:.1} bytes/event",
        events as f64 / seconds,
        summary.bytes as f64 / events as f64
    )?;
    if arguments.next().is_none() {
        std::fs::remove_dir_all(&out)?;
    }
    Ok(())
}
