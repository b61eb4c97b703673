//! Starts of periods.

use super::moment::{
    Moment, as_date, as_datetime, clock, constant_int, constant_text, days, instants,
};
use crate::functions::KernelArgs;
use arrow::array::{Date32Array, TimestampMicrosecondArray};
use arrow::compute::{max, min};
use arrow::datatypes::DataType;
use datafusion::common::{Result, exec_err, internal_err};
use datafusion::logical_expr::ColumnarValue;
use events::time::{self, Clock, DAY, DayUnit, HOUR, InstantUnit, MINUTE, SECOND};

/// `truncate_instant(moment, unit, count, zone)`: the start of `count` units as an instant; units from `microsecond` to `day`.
/// From whole seconds on, results are in the range of `DateTime`, except for `second`, which keeps the range of its argument.
pub(super) fn truncate_instant(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let (moment, mut clock) = (Moment::of(args, 0)?, clock(args, 3)?);
    let (unit, count) = (constant_text(args, 1)?, positive(constant_int(args, 2)?)?);
    let (unit, is_fine) = match unit.as_str() {
        "microsecond" => (InstantUnit::Fixed(1), true),
        "millisecond" => (InstantUnit::Fixed(1_000), true),
        "second" => (InstantUnit::SECOND, true),
        "minute" => (InstantUnit::MINUTE, false),
        "hour" => (InstantUnit::Hour, false),
        "day" => (InstantUnit::Day, false),
        other => return internal_err!("periods of {other} do not start at an instant"),
    };
    // One loop for each unit: the unit is decided outside of it.
    Ok(instants(match unit {
        _ if is_fine => starts(&moment, &mut clock, unit, count, |instant| instant),
        InstantUnit::Fixed(length) => {
            starts(&moment, &mut clock, InstantUnit::Fixed(length), count, as_datetime)
        }
        InstantUnit::Hour if count == 1 => {
            starts(&moment, &mut clock, InstantUnit::Hour, 1, as_datetime)
        }
        InstantUnit::Day if count == 1 => starts_of_days(&moment, &mut clock),
        _ => starts(&moment, &mut clock, unit, count, as_datetime),
    }))
}

#[inline]
fn starts(
    moment: &Moment,
    clock: &mut Clock,
    unit: InstantUnit,
    count: i64,
    range: impl Fn(i64) -> i64,
) -> TimestampMicrosecondArray {
    moment.map(clock, |clock, instant| range(time::truncate_instant(clock, instant, unit, count)))
}

/// The start of each instant's day.
fn starts_of_days(moment: &Moment, clock: &mut Clock) -> TimestampMicrosecondArray {
    let start = |instant: i64, offset: i64| {
        instant.wrapping_sub(instant.wrapping_add(offset).rem_euclid(DAY))
    };
    // Starts rise with the instants: if the first and the last are in the range of DateTime, all are.
    let is_datetime = |start: i64| as_datetime(start) == start;
    if let Moment::Instants(array) = moment
        && let (Some(first), Some(last)) = (min(array), max(array))
        && let Some(offset) = clock.offset_throughout(first, last)
        && is_datetime(start(first, offset))
        && is_datetime(start(last, offset))
    {
        return array.unary(|instant| start(instant, offset));
    }
    // Rows of one day mostly follow each other, by time and by person.
    let (mut midnight, mut start) = (i64::MAX, 0);
    moment.map(clock, |clock, instant| {
        let local = clock.local(instant);
        if local < midnight || local - midnight >= DAY {
            midnight = time::day_of_local(local) * DAY;
            start = as_datetime(time::truncate_instant(clock, instant, InstantUnit::Day, 1));
        }
        start
    })
}

/// `truncate_day(moment, unit, count, zone)`: the start (or last day) of `count` units as a day.
pub(super) fn truncate_day(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let (moment, mut clock) = (Moment::of(args, 0)?, clock(args, 3)?);
    let (unit, count) = (constant_text(args, 1)?, positive(constant_int(args, 2)?)?);
    let starts = |unit: DayUnit, count: i64, clock: &mut Clock| -> Date32Array {
        moment.map_days(clock, |day| as_date(time::truncate_day(day, unit, count)))
    };
    let clock = &mut clock;
    // Units named in the call itself, so that each has a loop of its own.
    Ok(days(match (unit.as_str(), count) {
        ("day", 1) => starts(DayUnit::Day, 1, clock),
        ("day", _) => starts(DayUnit::Day, count, clock),
        ("week", 1) => starts(DayUnit::Monday, 1, clock),
        ("week", _) => starts(DayUnit::Monday, count, clock),
        ("sunday_week", 1) => starts(DayUnit::Sunday, 1, clock),
        ("sunday_week", _) => starts(DayUnit::Sunday, count, clock),
        ("month", 1) => starts(DayUnit::Month, 1, clock),
        ("month", _) => starts(DayUnit::Month, count, clock),
        ("quarter", _) => starts(DayUnit::Quarter, count, clock),
        ("year", _) => starts(DayUnit::Year, count, clock),
        ("iso_year", _) => starts(DayUnit::IsoYear, 1, clock),
        ("last_of_month", _) => starts(DayUnit::LastOfMonth, 1, clock),
        ("last_of_week", _) => starts(DayUnit::LastOfMondayWeek, 1, clock),
        ("last_of_sunday_week", _) => starts(DayUnit::LastOfSundayWeek, 1, clock),
        (other, _) => return internal_err!("periods of {other} do not start at a day"),
    }))
}

/// `truncate_from(moment, unit, count, origin, zone)`: the start of the period of `count` units, counted from the origin; in the type of the
/// moment. An origin behind the moment is an error.
pub(super) fn truncate_from(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let (moment, origin, mut clock) = (Moment::of(args, 0)?, Moment::of(args, 3)?, clock(args, 4)?);
    let (unit, count) = (constant_text(args, 1)?, positive(constant_int(args, 2)?)?);
    let mut found = Vec::with_capacity(args.rows);
    for row in 0..args.rows {
        found.push(match (moment.get(row, &mut clock), origin.get(row, &mut clock)) {
            (Some(moment), Some(origin)) if origin > moment => {
                return exec_err!("the origin of an interval must not be behind the moment");
            }
            (Some(moment), Some(origin)) => {
                Some(start_from(&mut clock, moment, &unit, count, origin)?)
            }
            _ => None,
        });
    }
    if *args.return_type == DataType::Date32 {
        let local = |instant: i64, clock: &mut Clock| as_date(clock.local(instant).div_euclid(DAY));
        let found: Date32Array =
            found.into_iter().map(|instant| Some(local(instant?, &mut clock))).collect();
        return Ok(days(found));
    }
    Ok(instants(found.into_iter().collect()))
}

fn start_from(clock: &mut Clock, moment: i64, unit: &str, count: i64, origin: i64) -> Result<i64> {
    let length = match unit {
        "microsecond" => 1,
        "millisecond" => 1_000,
        "second" => SECOND,
        "minute" => MINUTE,
        "hour" => HOUR,
        "day" => DAY,
        "week" => 7 * DAY,
        "month" => return Ok(month_from(clock, moment, count, origin)),
        "quarter" => return Ok(month_from(clock, moment, count.saturating_mul(3), origin)),
        "year" => return Ok(month_from(clock, moment, count.saturating_mul(12), origin)),
        other => return internal_err!("unknown unit {other}"),
    };
    let length = length.saturating_mul(count);
    Ok(moment - (moment - origin).rem_euclid(length))
}

fn month_from(clock: &mut Clock, moment: i64, months: i64, origin: i64) -> i64 {
    let (local, start) = (clock.local(moment), clock.local(origin));
    let months_of = |local: i64| time::Civil::from_day(local.div_euclid(DAY)).months();
    let steps = (months_of(local) - months_of(start)).div_euclid(months);
    let found = time::add_months(start, steps.saturating_mul(months));
    let found = if found > local {
        time::add_months(start, (steps - 1).saturating_mul(months))
    } else {
        found
    };
    clock.instant(found)
}

fn positive(count: i64) -> Result<i64> {
    if count < 1 { exec_err!("an interval must be positive, found {count}") } else { Ok(count) }
}
