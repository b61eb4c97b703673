//! `add_seconds(moment, count, zone)` and so on: a moment moved by a number of units. A day moved by seconds, minutes or hours is an instant
//! if the result's type says so.

use super::moment::{Moment, as_date, clock, days, instants};
use crate::functions::KernelArgs;
use crate::functions::input::Ints;
use arrow::array::{Date32Array, TimestampMicrosecondArray};
use arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::logical_expr::ColumnarValue;
use events::time::{self, Clock, DAY, HOUR, MINUTE, SECOND, in_range};

/// Seconds that have passed.
pub(super) fn add_seconds(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    shift(args, |_, instant, count| in_range(instant.saturating_add(count.saturating_mul(SECOND))))
}

/// Minutes that have passed.
pub(super) fn add_minutes(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    shift(args, |_, instant, count| in_range(instant.saturating_add(count.saturating_mul(MINUTE))))
}

/// Hours that have passed.
pub(super) fn add_hours(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    shift(args, |_, instant, count| in_range(instant.saturating_add(count.saturating_mul(HOUR))))
}

/// Calendar days, at the same local time.
pub(super) fn add_days(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    shift(args, time::add_days)
}

/// Seven calendar days each.
pub(super) fn add_weeks(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    shift(args, |clock, instant, count| time::add_days(clock, instant, count.saturating_mul(7)))
}

/// Months; the day is at most the month's last.
pub(super) fn add_months(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    shift(args, months)
}

/// Three months each.
pub(super) fn add_quarters(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    shift(args, |clock, instant, count| months(clock, instant, count.saturating_mul(3)))
}

/// Twelve months each.
pub(super) fn add_years(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    shift(args, |clock, instant, count| months(clock, instant, count.saturating_mul(12)))
}

fn months(clock: &mut Clock, instant: i64, count: i64) -> i64 {
    let local = clock.local(instant);
    in_range(clock.instant(time::add_months(local, count)))
}

#[inline]
fn shift(
    args: &KernelArgs<'_>,
    moved: impl Fn(&mut Clock, i64, i64) -> i64,
) -> Result<ColumnarValue> {
    let (moment, count) = (Moment::of(args, 0)?, Ints::of(args, 1)?);
    if moment.is_days() && *args.return_type == DataType::Date32 {
        // Calendar units do not depend on a zone.
        let mut clock = Clock::utc();
        let found: Date32Array = (0..args.rows)
            .map(|row| {
                let found = moved(&mut clock, moment.get(row, &mut Clock::utc())?, count.get(row)?);
                Some(as_date(found.div_euclid(DAY)))
            })
            .collect();
        return Ok(days(found));
    }
    let mut clock = clock(args, 2)?;
    if let Ints::Constant(Some(count)) = count {
        return Ok(instants(moment.map(&mut clock, |clock, instant| moved(clock, instant, count))));
    }
    let found: TimestampMicrosecondArray = (0..args.rows)
        .map(|row| {
            let instant = moment.get(row, &mut clock)?;
            Some(moved(&mut clock, instant, count.get(row)?))
        })
        .collect();
    Ok(instants(found))
}
