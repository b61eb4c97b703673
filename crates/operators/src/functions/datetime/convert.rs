//! Numbers to moments and back.

use super::moment::{Moment, as_date, as_datetime, clock, constant_int, days, instants, whole};
use crate::functions::KernelArgs;
use crate::functions::input::{Floats, Ints, Text};
use arrow::array::{Date32Array, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, Int64Type};
use datafusion::common::Result;
use datafusion::logical_expr::ColumnarValue;
use events::time::{Clock, DAY, HOUR, MINUTE, SECOND, day_of, in_range};

/// `instant_from_number(number, micros, digits)`: a number of units of `micros` microseconds since 1970; `digits` of 0 keep whole seconds
/// in the range of `DateTime`.
pub(super) fn instant_from_number(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let (unit, digits) = (constant_int(args, 1)?, constant_int(args, 2)?);
    let in_type = |instant: i64| {
        if digits == 0 {
            as_datetime(instant - instant.rem_euclid(SECOND))
        } else {
            in_range(instant)
        }
    };
    let is_float = matches!(
        args.args.first().map(ColumnarValue::data_type),
        Some(DataType::Float32 | DataType::Float64)
    );
    let found: TimestampMicrosecondArray = if is_float {
        let numbers = Floats::of(args, 0)?;
        // Floats beyond the range end at its ends, NaN at 0.
        (0..args.rows)
            .map(|row| {
                numbers.get(row).map(|number| in_type((number * unit as f64).round() as i64))
            })
            .collect()
    } else {
        let numbers = Ints::of(args, 0)?;
        (0..args.rows)
            .map(|row| numbers.get(row).map(|number| in_type(number.saturating_mul(unit))))
            .collect()
    };
    Ok(instants(found))
}

/// `unix_seconds(moment, zone)`: whole seconds since 1970, in the range of `UInt32`.
pub(super) fn unix_seconds(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let (moment, mut clock) = (Moment::of(args, 0)?, clock(args, 1)?);
    whole(args, moment.map::<Int64Type>(&mut clock, |_, instant| as_datetime(instant) / SECOND))
}

/// `unix_units(instant, micros)`: units of `micros` microseconds since 1970.
pub(super) fn unix_units(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let (moment, unit) = (Moment::of(args, 0)?, constant_int(args, 1)?.max(1));
    whole(args, moment.map::<Int64Type>(&mut Clock::utc(), |_, instant| instant.div_euclid(unit)))
}

/// `make_date(year, month, day)`: 1970-01-01 if there is no such month or day.
pub(super) fn make_date(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let (year, month, day) = (Ints::of(args, 0)?, Ints::of(args, 1)?, Ints::of(args, 2)?);
    let found: Date32Array = (0..args.rows)
        .map(|row| Some(as_date(made_day(year.get(row)?, month.get(row)?, day.get(row)?))))
        .collect();
    Ok(days(found))
}

/// `make_datetime(year, month, day, hour, minute, second, zone)`: local time; parts of the day beyond their range count on.
pub(super) fn make_datetime(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let parts = (0..6).map(|index| Ints::of(args, index)).collect::<Result<Vec<_>>>()?;
    let mut clock = clock(args, 6)?;
    let mut made = |row: usize| {
        let [year, month, day, hour, minute, second] = parts.as_slice() else { return None };
        let day = made_day(year.get(row)?, month.get(row)?, day.get(row)?);
        let part = |value: i64, unit: i64| value.clamp(0, i64::from(u16::MAX)) * unit;
        let time = part(hour.get(row)?, HOUR)
            + part(minute.get(row)?, MINUTE)
            + part(second.get(row)?, SECOND);
        Some(as_datetime(clock.instant(day * DAY + time)))
    };
    let found: TimestampMicrosecondArray = (0..args.rows).map(&mut made).collect();
    Ok(instants(found))
}

fn made_day(year: i64, month: i64, day: i64) -> i64 {
    match (i32::try_from(year), i32::try_from(month), i32::try_from(day)) {
        (Ok(year @ 1970..=2149), Ok(month @ 1..=12), Ok(day @ 1..=31)) => day_of(year, month, day),
        _ => 0,
    }
}

/// `uuid_v7_instant(uuid)`: the milliseconds in a UUID of version 7, else 1970-01-01.
pub(super) fn uuid_v7_instant(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let text = Text::of(args, 0)?;
    let millis = |uuid: &str| {
        let is_v7 = uuid.as_bytes().get(14) == Some(&b'7');
        let digits = format!("{}{}", uuid.get(..8)?, uuid.get(9..13)?);
        is_v7.then(|| i64::from_str_radix(&digits, 16).ok())?
    };
    let found: TimestampMicrosecondArray = (0..args.rows)
        .map(|row| {
            text.get(row).map(|uuid| in_range(millis(uuid).unwrap_or(0).saturating_mul(1_000)))
        })
        .collect();
    Ok(instants(found))
}
