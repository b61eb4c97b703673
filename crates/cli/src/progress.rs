//! Rows and bytes on stderr while a query runs, once it has run for a second and if stderr is a terminal.

use hoglet::{Meter, Progress};
use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long a query runs before anything is shown.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often what is shown changes.
const BEAT: Duration = Duration::from_millis(200);

/// Shows what a query has read until it is dropped. It has a thread of its own: those of the query are busy.
pub(crate) struct Watch {
    /// Dropped to end the thread.
    ends: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    pub(crate) fn new(meter: Meter) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self { ends: None, thread: None };
        }
        let (ends, ended) = channel::<()>();
        let thread = std::thread::spawn(move || {
            let started = Instant::now();
            let mut bar = None;
            let mut wait = PATIENCE;
            while ended.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                let bar = bar.get_or_insert_with(line);
                bar.set_message(told(meter.read(), started.elapsed()));
                bar.tick();
                wait = BEAT;
            }
            if let Some(bar) = bar {
                bar.finish_and_clear();
            }
        });
        Self { ends: Some(ends), thread: Some(thread) }
    }
}

impl Drop for Watch {
    /// What is written afterwards finds an empty line.
    fn drop(&mut self) {
        self.ends = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn line() -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner());
    ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()).with_style(style)
}

/// `1,234,567 rows, 10.5 MiB read, 600,000 rows/s, 2 s`
fn told(progress: Progress, elapsed: Duration) -> String {
    let rate = progress.rows as f64 / elapsed.as_secs_f64();
    format!(
        "{} rows, {} read, {} rows/s, {:.0} s",
        HumanCount(progress.rows),
        HumanBytes(progress.bytes),
        HumanCount(rate as u64),
        elapsed.as_secs_f64()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_rows_bytes_and_their_rate() {
        let progress = Progress { rows: 1_500_000, bytes: 3 << 20 };
        let told = told(progress, Duration::from_secs(3));
        assert_eq!(told, "1,500,000 rows, 3.00 MiB read, 500,000 rows/s, 3 s");
    }
}
