//! What to generate, and what came out.

use crate::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// 2026-01-01T00:00:00Z, in microseconds: the default end, so that results never depend on the day of the run.
pub const DEFAULT_END: i64 = 1_767_225_600_000_000;

/// One day in microseconds.
pub(super) const DAY: i64 = 86_400_000_000;

/// Fewer events per person than this leave no room for the visits that a person's life makes due.
const EVENTS_PER_PERSON_AT_LEAST: u64 = 15;

/// The time of ingestion that a file covers, as batch exports offer it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interval {
    /// A day, an hour or five minutes, so that a file stays near its number of rows.
    Auto,
    /// Five minutes, or longer if that would hold too few events.
    FiveMinutes,
    /// One hour, or longer if that would hold too few events.
    Hour,
    /// One day.
    Day,
    /// Seven days.
    Week,
}

/// What to generate. Equal options, apart from `out`, `overwrite`, `threads` and `cancelled`, give equal bytes.
#[derive(Debug, Clone)]
pub struct GenerateOptions {
    /// Rows in the event files, repeated deliveries included.
    pub events: u64,
    /// Persons, visitors without an account included; a thirtieth of the events by default.
    pub persons: Option<u64>,
    /// Days of ingestion, up to `end`.
    pub days: u32,
    /// Chooses the data.
    pub seed: u64,
    /// The folder to write `events`, `persons` and `groups` into.
    pub out: PathBuf,
    /// End of the time range, exclusive: a UTC midnight in microseconds since 1970.
    pub end: i64,
    /// The time of ingestion that a file covers.
    pub interval: Interval,
    /// A file is closed at this many rows.
    pub rows_per_file: u64,
    /// Leaves out the bulky properties that every web event repeats (user agent, null campaign keys).
    pub compact: bool,
    /// Zstandard level of the Parquet pages, 1 to 22.
    pub zstd_level: i32,
    /// Replaces `events`, `persons` and `groups` of a folder that is not empty.
    pub overwrite: bool,
    /// Threads; all cores by default.
    pub threads: Option<usize>,
    /// Once it is true the run ends with an error and leaves nothing.
    pub cancelled: Arc<AtomicBool>,
}

impl GenerateOptions {
    /// `events` events over 30 days into `out`, the rest by default.
    #[must_use]
    pub fn new(events: u64, out: &Path) -> Self {
        Self {
            events,
            persons: None,
            days: 30,
            seed: 1,
            out: out.to_path_buf(),
            end: DEFAULT_END,
            interval: Interval::Auto,
            rows_per_file: 500_000,
            compact: false,
            zstd_level: 1,
            overwrite: false,
            threads: None,
            cancelled: Arc::default(),
        }
    }

    /// Start of the time range, in microseconds.
    pub(super) fn start(&self) -> i64 {
        self.end - i64::from(self.days) * DAY
    }

    /// Number of persons, given or by default.
    pub(super) fn person_count(&self) -> u64 {
        self.persons.unwrap_or_else(|| (self.events / 30).max(1))
    }

    /// Refuses what cannot be generated.
    pub(super) fn check(&self) -> Result<(), Error> {
        if self.events == 0 {
            return Err(Error::usage("the number of events must be at least 1"));
        }
        if self.events > 1 << 40 {
            return Err(Error::usage(format!(
                "at most {} events can be generated, found {}",
                1_u64 << 40,
                self.events
            )));
        }
        if self.days == 0 || self.days > 3660 {
            return Err(Error::usage(format!(
                "the number of days must be 1 to 3660, found {}",
                self.days
            )));
        }
        if self.end.rem_euclid(DAY) != 0 || self.start() < 0 || self.end > 4_102_444_800_000_000 {
            return Err(Error::usage(
                "the end must be a UTC midnight, and the time range lie between 1970 and 2100",
            ));
        }
        if self.rows_per_file == 0 {
            return Err(Error::usage("rows per file must be at least 1"));
        }
        if self.threads == Some(0) {
            return Err(Error::usage("the number of threads must be at least 1"));
        }
        let most = (self.events / EVENTS_PER_PERSON_AT_LEAST).clamp(1, u64::from(u32::MAX));
        match self.person_count() {
            0 => Err(Error::usage("the number of persons must be at least 1")),
            persons if persons > most => Err(Error::usage(format!(
                "{} events are too few for {persons} persons",
                self.events
            ))
            .with_hint(format!(
                "at most {most} persons, {EVENTS_PER_PERSON_AT_LEAST} events for each"
            ))),
            _ => Ok(()),
        }
    }
}

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Event rows written so far.
    pub events: u64,
    /// Event rows to write in all.
    pub total: u64,
}

/// What a run has written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Event rows.
    pub events: u64,
    /// Rows of the persons export: changes of distinct ids.
    pub person_rows: u64,
    /// Rows of the groups export.
    pub groups: u64,
    /// Parquet files of all kinds.
    pub files: u64,
    /// Bytes of those files.
    pub bytes: u64,
}
