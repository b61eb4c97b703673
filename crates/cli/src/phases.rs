//! How far work on a store is: its phase, rows, their rate and the time left, on stderr while it is a terminal.

use hoglet::store::{ImportPhase, ImportProgress};
use indicatif::{HumanCount, ProgressBar, ProgressStyle};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A bar for the phase that work is in.
pub(crate) struct Phases {
    bar: ProgressBar,
    current: Mutex<Phase>,
}

/// A phase and what it began with: work that goes on has rows before it does anything.
struct Phase {
    name: &'static str,
    since: Instant,
    rows: u64,
}

impl Phases {
    pub(crate) fn new() -> Self {
        let style = ProgressStyle::with_template("{bar:20} {percent:>3}% {msg}, {eta} left")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        let current = Phase { name: "", since: Instant::now(), rows: 0 };
        Self { bar: ProgressBar::new(0).with_style(style), current: Mutex::new(current) }
    }

    /// Shows what was done so far.
    pub(crate) fn show(&self, progress: &ImportProgress) {
        if self.bar.is_hidden() {
            return;
        }
        let name = match progress.phase {
            ImportPhase::Reading => "reading",
            ImportPhase::Writing => "writing",
        };
        let mut phase = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if phase.name != name {
            // The rate of one phase says nothing of the next one's end.
            self.bar.reset();
            *phase = Phase { name, since: Instant::now(), rows: progress.rows };
        }
        self.bar.set_length(progress.total);
        self.bar.set_message(phase.told(progress.rows, phase.since.elapsed()));
        self.bar.set_position(progress.done);
    }

    /// Takes the bar away: what is written afterwards finds an empty line.
    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

impl Phase {
    /// `reading 1,234,567 rows, 600,000 rows/s`, without the rate of a phase that counts no rows.
    fn told(&self, rows: u64, elapsed: Duration) -> String {
        let told = format!("{} {} rows", self.name, HumanCount(rows));
        match rows.saturating_sub(self.rows) {
            0 => told,
            done => {
                let rate = done as f64 / elapsed.as_secs_f64().max(1e-3);
                format!("{told}, {} rows/s", HumanCount(rate as u64))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_that_of_the_phase() {
        let phase = Phase { name: "writing", since: Instant::now(), rows: 1_000_000 };
        let told = phase.told(1_500_000, Duration::from_secs(2));
        assert_eq!(told, "writing 1,500,000 rows, 250,000 rows/s");
        assert_eq!(phase.told(1_000_000, Duration::ZERO), "writing 1,000,000 rows");
    }
}
