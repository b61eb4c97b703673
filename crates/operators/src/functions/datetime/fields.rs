//! Parts of moments.

use super::moment::{Moment, clock, constant_int, constant_text, small, whole};
use crate::functions::KernelArgs;
use arrow::datatypes::{Int32Type, Int64Type};
use datafusion::common::{Result, internal_err};
use datafusion::logical_expr::ColumnarValue;
use events::time::{self, Clock, Field, SECOND};

/// `date_field(moment, field, zone)`: a part of the local time, in the result's width.
pub(super) fn date_field(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let (moment, mut clock, name) =
        (Moment::of(args, 0)?, clock(args, 2)?, constant_text(args, 1)?);
    let small_field = |field: Field, clock: &mut Clock| {
        small(
            args,
            moment.map::<Int32Type>(clock, |clock, instant| {
                time::field(clock.local(instant), field) as i32
            }),
        )
    };
    // Fields named in the call itself, so that the common ones have loops of their own.
    match name.as_str() {
        "hour" => small_field(Field::Hour, &mut clock),
        "day_of_week" => small_field(Field::DayOfWeek, &mut clock),
        "month" => small_field(Field::Month, &mut clock),
        "year" => small_field(Field::Year, &mut clock),
        "day_of_week_monday_0" => numbered(args, &moment, &mut clock, |day| day - 1),
        "day_of_week_sunday_0" => numbered(args, &moment, &mut clock, |day| day % 7),
        "day_of_week_sunday_1" => numbered(args, &moment, &mut clock, |day| day % 7 + 1),
        "date_digits_and_time" => whole(
            args,
            moment.map::<Int64Type>(&mut clock, |clock, instant| {
                time::field(clock.local(instant), Field::Digits)
            }),
        ),
        name => match field_of(name) {
            Some(field) => small_field(field, &mut clock),
            None => internal_err!("unknown part of a date: {name}"),
        },
    }
}

/// Days of the week by another numbering than 1 for Monday.
fn numbered(
    args: &KernelArgs<'_>,
    moment: &Moment,
    clock: &mut Clock,
    number: fn(i64) -> i64,
) -> Result<ColumnarValue> {
    small(
        args,
        moment.map::<Int32Type>(clock, |clock, instant| {
            number(time::field(clock.local(instant), Field::DayOfWeek)) as i32
        }),
    )
}

fn field_of(name: &str) -> Option<Field> {
    Some(match name {
        "quarter" => Field::Quarter,
        "iso_year" => Field::IsoYear,
        "iso_week" => Field::IsoWeek,
        "day_of_year" => Field::DayOfYear,
        "day_of_month" => Field::DayOfMonth,
        "minute" => Field::Minute,
        "second" => Field::Second,
        "year_month" => Field::YearMonth,
        "date_digits" => Field::YearMonthDay,
        _ => return None,
    })
}

/// `week_number(moment, mode, zone)`: the week of the year by MySQL's mode.
pub(super) fn week_number(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let (moment, mut clock, mode) = (Moment::of(args, 0)?, clock(args, 2)?, constant_int(args, 1)?);
    small(
        args,
        moment.map_days::<Int32Type>(&mut clock, |day| time::week_of_year(day, mode).1 as i32),
    )
}

/// `year_week(moment, mode, zone)`: year and week as six digits; there is no week 0.
pub(super) fn year_week(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let (moment, mut clock, mode) = (Moment::of(args, 0)?, clock(args, 2)?, constant_int(args, 1)?);
    small(
        args,
        moment.map_days::<Int32Type>(&mut clock, |day| {
            let (year, week) = time::week_of_year(day, mode | 2);
            (year * 100 + week) as i32
        }),
    )
}

/// `zone_offset(moment, zone)`: local time minus UTC, in seconds.
pub(super) fn zone_offset(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let (moment, mut clock) = (Moment::of(args, 0)?, clock(args, 1)?);
    small(
        args,
        moment
            .map::<Int32Type>(&mut clock, |clock, instant| (clock.offset(instant) / SECOND) as i32),
    )
}
