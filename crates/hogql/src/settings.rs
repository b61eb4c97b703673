//! What a query's meaning depends on besides its text and the data.

use crate::types::Zone;
use std::sync::Arc;

/// Parameters of a query's meaning. No clock is read below the session: `now` is a parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The project's time zone; DateTime fields read in it.
    pub zone: Zone,
    /// The project's first day of a week.
    pub week_start: WeekStart,
    /// The present, in microseconds since 1970-01-01 UTC.
    pub now: i64,
}

/// First day of a week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WeekStart {
    /// PostHog's default.
    #[default]
    Sunday,
    /// ISO 8601.
    Monday,
}

impl Settings {
    /// UTC, weeks from Sunday, at the given microsecond.
    #[must_use]
    pub fn utc(now: i64) -> Self {
        Self { zone: Arc::from("UTC"), week_start: WeekStart::Sunday, now }
    }
}
