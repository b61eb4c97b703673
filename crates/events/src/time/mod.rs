//! Instants, days and zones: calendar arithmetic on whole numbers, as ClickHouse does it.
//!
//! An instant is microseconds since 1970-01-01 UTC, a day is days since 1970-01-01, local time is an instant's reading in
//! a zone taken as if it were UTC. A [`Clock`] converts between instants and local time and remembers where the zone's
//! offset changes, so that rows in one half of a year cost a comparison each. A [`Calendar`] adds the first day of the week and
//! gives periods; [`RangeSpec`] turns the dates of a query into instants.

mod calendar;
mod civil;
mod clock;
mod distance;
mod fields;
mod format;
mod parse;
mod range;
mod relative;
mod shift;
mod truncate;
mod zone;

pub use calendar::{Calendar, Unit, WeekStart};
pub use civil::{Civil, day_of, days_in_month};
pub use clock::{Clock, UnknownZone};
pub use distance::{age, boundaries};
pub use fields::{Field, field, week_of_year};
pub use format::{Template, write_day, write_instant};
pub use parse::{parse_best_effort, parse_day, parse_strict};
pub use range::{DateRange, RangeSpec};
pub use relative::{BadDate, DateText, Edge, RelativeDate};
pub use shift::{add_days, add_months};
pub use truncate::{DayUnit, InstantUnit, truncate_day, truncate_instant};
pub use zone::{instant_of, similar_zone};

/// Microseconds of a second.
pub const SECOND: i64 = 1_000_000;
/// Microseconds of a minute.
pub const MINUTE: i64 = 60 * SECOND;
/// Microseconds of an hour.
pub const HOUR: i64 = 60 * MINUTE;
/// Microseconds of a day of 24 hours.
pub const DAY: i64 = 24 * HOUR;

/// Instants are kept in years 1 to 9999: arithmetic inside cannot overflow.
pub const MIN_INSTANT: i64 = -62_135_596_800 * SECOND;
/// See [`MIN_INSTANT`].
pub const MAX_INSTANT: i64 = 253_402_300_800 * SECOND - 1;

/// The instant, or the nearest one in years 1 to 9999.
#[inline]
#[must_use]
pub fn in_range(instant: i64) -> i64 {
    instant.clamp(MIN_INSTANT, MAX_INSTANT)
}

/// Days from the start of all days to 1970-01-01, a multiple of 7: unsigned division is the faster one.
const BIAS: i64 = 7 * 110_000;

/// The day of a local time in years 0 to 10000.
#[inline]
#[must_use]
pub const fn day_of_local(local: i64) -> i64 {
    ((local + BIAS * DAY).cast_unsigned() / DAY.unsigned_abs()).cast_signed() - BIAS
}

#[cfg(test)]
mod date_tests;
#[cfg(test)]
mod tests;
