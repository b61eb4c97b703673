//! Hoglet inside a program: open event files, ask, read Arrow batches.
//!
//! `cargo run --example embed -- path/to/events.parquet`

use futures::TryStreamExt;
use hoglet::{Error, Session};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let location = std::env::args().nth(1);
    // The present is a parameter, so that an answer can be reproduced: 2026-01-01T00:00:00Z in microseconds.
    let builder = Session::builder().now(1_767_225_600_000_000).timezone("Europe/Berlin");
    let builder = match location {
        Some(location) => builder.events(location),
        None => builder.sample(),
    };
    let session = builder.open().await?;

    let query = session
        .hogql("SELECT event, count() AS n FROM events GROUP BY event ORDER BY n DESC LIMIT 5")
        .await?;
    let mut stream = query.stream().await?;
    while let Some(batch) = stream.try_next().await? {
        let cells = hoglet::output::Cells::new(&batch, query.columns())?;
        for row in 0..cells.rows() {
            let mut line = String::new();
            cells.text(0, row, &mut line);
            line.push_str(": ");
            cells.text(1, row, &mut line);
            say(&line);
        }
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "an example prints what it found")]
fn say(line: &str) {
    println!("{line}");
}
