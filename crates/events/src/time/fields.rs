//! Parts of a local time.

use super::{Civil, DAY, HOUR, MINUTE, SECOND, day_of, day_of_local};

/// A part of a local time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the variants are the parts' names")]
pub enum Field {
    Year,
    Quarter,
    Month,
    IsoYear,
    IsoWeek,
    DayOfYear,
    DayOfMonth,
    /// 1 is Monday, 7 is Sunday.
    DayOfWeek,
    Hour,
    Minute,
    Second,
    /// `202403`.
    YearMonth,
    /// `20240331`.
    YearMonthDay,
    /// `20240331235959`.
    Digits,
}

/// The part of a local time, in microseconds.
#[inline]
#[must_use]
pub fn field(local: i64, field: Field) -> i64 {
    let day = day_of_local(local);
    match field {
        Field::Hour => (local - day * DAY) / HOUR,
        Field::Minute => local.rem_euclid(HOUR) / MINUTE,
        Field::Second => local.rem_euclid(MINUTE) / SECOND,
        Field::DayOfWeek => weekday(day) + 1,
        Field::IsoYear => iso_year(day),
        Field::IsoWeek => (day - monday_of_iso_year(day)) / 7 + 1,
        _ => civil_field(Civil::from_day(day), day, local, field),
    }
}

fn civil_field(civil: Civil, day: i64, local: i64, part: Field) -> i64 {
    let (year, month, day_of_month) =
        (i64::from(civil.year), i64::from(civil.month), i64::from(civil.day));
    match part {
        Field::Year => year,
        Field::Quarter => (month + 2) / 3,
        Field::Month => month,
        Field::DayOfMonth => day_of_month,
        Field::DayOfYear => day - day_of(civil.year, 1, 1) + 1,
        Field::YearMonth => year * 100 + month,
        Field::YearMonthDay => year * 10_000 + month * 100 + day_of_month,
        _ => {
            let clock = field(local, Field::Hour) * 10_000
                + field(local, Field::Minute) * 100
                + field(local, Field::Second);
            (year * 10_000 + month * 100 + day_of_month) * 1_000_000 + clock
        }
    }
}

/// 0 is Monday.
#[inline]
pub(super) const fn weekday(day: i64) -> i64 {
    (day + 3).rem_euclid(7)
}

/// The year that holds the Thursday of the day's week.
pub(super) fn iso_year(day: i64) -> i64 {
    i64::from(Civil::from_day(day - weekday(day) + 3).year)
}

/// The Monday that starts the day's ISO year: the week with 4 January.
pub(super) fn monday_of_iso_year(day: i64) -> i64 {
    let fourth = day_of(iso_year(day) as i32, 1, 4);
    fourth - weekday(fourth)
}

/// Year and week of a day by MySQL's modes 0 to 7 (8 and 9: the week that holds 1 January is the first, from Sunday and from Monday).
///
/// Bit 0 of the mode: weeks start on Monday. Bit 1: days before the first week count to the last week of the year before instead of
/// week 0. Bit 2, turned around by bit 0: the first week is the first with its first weekday in the year, instead of with
/// four days or more.
#[must_use]
pub fn week_of_year(day: i64, mode: i64) -> (i64, i64) {
    let monday_first = mode & 1 != 0;
    let year = Civil::from_day(day).year;
    if mode & 8 != 0 {
        return week_with_new_year(day, year, monday_first);
    }
    let starts_on_first_weekday = ((mode >> 2) ^ mode) & 1 == 0;
    let no_week_zero = mode & 2 != 0;
    let start = first_week(year, monday_first, starts_on_first_weekday);
    let next = first_week(year + 1, monday_first, starts_on_first_weekday);
    let year = i64::from(year);
    if day < start {
        if !no_week_zero {
            return (year, 0);
        }
        return (
            year - 1,
            (day - first_week(year as i32 - 1, monday_first, starts_on_first_weekday)) / 7 + 1,
        );
    }
    if no_week_zero && day >= next { (year + 1, 1) } else { (year, (day - start) / 7 + 1) }
}

/// The first day of week 1.
fn first_week(year: i32, monday_first: bool, starts_on_first_weekday: bool) -> i64 {
    let new_year = day_of(year, 1, 1);
    let since_week_start =
        if monday_first { weekday(new_year) } else { (weekday(new_year) + 1) % 7 };
    let this_week = new_year - since_week_start;
    let counts =
        if starts_on_first_weekday { since_week_start == 0 } else { since_week_start <= 3 };
    if counts { this_week } else { this_week + 7 }
}

fn week_with_new_year(day: i64, year: i32, monday_first: bool) -> (i64, i64) {
    let start_of = |year: i32| {
        let new_year = day_of(year, 1, 1);
        new_year - if monday_first { weekday(new_year) } else { (weekday(new_year) + 1) % 7 }
    };
    let next = start_of(year + 1);
    if day >= next {
        (i64::from(year) + 1, 1)
    } else {
        (i64::from(year), (day - start_of(year)) / 7 + 1)
    }
}
