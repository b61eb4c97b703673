//! Writes the embedded sample anew: `write_sample FOLDER`.

use eventstore::{generate, sample};
use std::error::Error;
use std::io::Write;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(std::env::args().nth(1).ok_or("folder?")?);
    let mut options = sample::sample_options(&out);
    options.overwrite = true;
    let summary = generate::generate(&options, &|_| ())?;
    writeln!(std::io::stdout(), "{summary:?}")?;
    Ok(())
}
