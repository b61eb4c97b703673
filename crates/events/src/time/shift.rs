//! Adding calendar units.

use super::{Civil, Clock, DAY, days_in_month, in_range};

/// The instant `days` calendar days later, at the same local time of day.
#[inline]
#[must_use]
pub fn add_days(clock: &mut Clock, instant: i64, days: i64) -> i64 {
    let local = clock.local(in_range(instant));
    let shifted = in_range(local.saturating_add(days.saturating_mul(DAY)));
    in_range(clock.instant(shifted))
}

/// The local time `months` months later; a day that the month does not have becomes its last one.
#[inline]
#[must_use]
pub fn add_months(local: i64, months: i64) -> i64 {
    let local = in_range(local);
    let civil = Civil::from_day(local.div_euclid(DAY));
    // More months than years 1 to 9999 have only lead to their ends.
    let first = Civil::first_of(civil.months() + months.clamp(-200_000, 200_000));
    let day = civil.day.min(days_in_month(first.year, first.month));
    in_range(Civil { day, ..first }.to_day() * DAY + local.rem_euclid(DAY))
}
