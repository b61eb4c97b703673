//! Starts of periods.

use super::{
    BIAS, Civil, Clock, DAY, HOUR, MINUTE, SECOND, day_of, day_of_local, fields::monday_of_iso_year,
};

/// Units whose periods start at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstantUnit {
    /// Microseconds since the epoch: any whole number of them.
    Fixed(i64),
    /// Hours of the local day.
    Hour,
    /// Local days, counted from 1970-01-01.
    Day,
}

/// Units whose periods start at a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayUnit {
    /// The day itself.
    Day,
    /// Weeks from Monday.
    Monday,
    /// Weeks from Sunday.
    Sunday,
    /// Months, counted from 1900.
    Month,
    /// Quarters, counted from 1900.
    Quarter,
    /// Years, counted from year 0.
    Year,
    /// Years of whole weeks, as ISO 8601 counts them.
    IsoYear,
    /// The last day of the month.
    LastOfMonth,
    /// The last day of the week from Monday.
    LastOfMondayWeek,
    /// The last day of the week from Sunday.
    LastOfSundayWeek,
}

/// The start of the period of `count` units that holds an instant.
#[inline]
#[must_use]
pub fn truncate_instant(clock: &mut Clock, instant: i64, unit: InstantUnit, count: i64) -> i64 {
    match unit {
        InstantUnit::Fixed(MINUTE) if count == 1 => instant - part_of(instant, MINUTE),
        InstantUnit::Fixed(length) => floor(instant, length.saturating_mul(count)),
        InstantUnit::Hour if count == 1 => {
            let local = clock.local(instant);
            instant - part_of(local, HOUR)
        }
        InstantUnit::Hour => {
            let local = clock.local(instant);
            let midnight = floor(local, DAY);
            clock.instant(midnight + floor(local - midnight, HOUR.saturating_mul(count)))
        }
        InstantUnit::Day => {
            let local = clock.local(instant);
            if count == 1 {
                return clock.start_of_local_day(local - part_of(local, DAY), instant);
            }
            clock.start_of_day(floor(day_of_local(local), count))
        }
    }
}

impl InstantUnit {
    /// Seconds.
    pub const SECOND: Self = Self::Fixed(SECOND);
    /// Minutes: zones' offsets are whole minutes.
    pub const MINUTE: Self = Self::Fixed(MINUTE);
}

/// The start of the period of `count` units that holds a day.
#[inline]
#[must_use]
pub fn truncate_day(day: i64, unit: DayUnit, count: i64) -> i64 {
    match unit {
        DayUnit::Day if count == 1 => day,
        DayUnit::Day => floor(day, count),
        // 1970-01-05 was a Monday, BIAS is whole weeks.
        DayUnit::Monday if count == 1 => day - i64::from((day + 3 + BIAS) as u32 % 7),
        DayUnit::Sunday if count == 1 => day - i64::from((day + 4 + BIAS) as u32 % 7),
        DayUnit::Monday => floor(day - 4, count.saturating_mul(7)) + 4,
        DayUnit::Sunday => floor(day - 3, count.saturating_mul(7)) + 3,
        DayUnit::Month if count == 1 => day - Civil::day_of_month(day) + 1,
        DayUnit::Month => months_from_1900(day, count),
        DayUnit::Quarter => months_from_1900(day, count.saturating_mul(3)),
        DayUnit::Year => day_of(floor(i64::from(Civil::from_day(day).year), count) as i32, 1, 1),
        DayUnit::IsoYear => monday_of_iso_year(day),
        DayUnit::LastOfMonth => {
            let civil = Civil::from_day(day);
            day - i64::from(civil.day) + i64::from(super::days_in_month(civil.year, civil.month))
        }
        DayUnit::LastOfMondayWeek => floor(day - 4, 7) + 10,
        DayUnit::LastOfSundayWeek => floor(day - 3, 7) + 9,
    }
}

fn months_from_1900(day: i64, count: i64) -> i64 {
    const ORIGIN: i64 = 1900 * 12;
    Civil::first_of(floor(Civil::from_day(day).months() - ORIGIN, count) + ORIGIN).to_day()
}

/// What is left of a time above the last multiple of `unit`, a part of a day.
#[inline]
const fn part_of(time: i64, unit: i64) -> i64 {
    ((time + BIAS * DAY).cast_unsigned() % unit.unsigned_abs()).cast_signed()
}

/// The largest multiple of `step` (at least 1) that is not above `value`.
#[inline]
pub(super) const fn floor(value: i64, step: i64) -> i64 {
    let step = if step < 1 { 1 } else { step };
    value - value.rem_euclid(step)
}
