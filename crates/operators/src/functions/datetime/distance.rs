//! How far two moments are apart.

use super::moment::{Moment, clock, constant_text};
use crate::functions::KernelArgs;
use crate::functions::input::ints;
use datafusion::common::{Result, exec_err};
use datafusion::logical_expr::ColumnarValue;
use events::time::{self, Clock};

/// `date_diff(unit, from, to, zone)`: starts of the unit between two moments.
pub(super) fn date_diff(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    measure(args, time::boundaries)
}

/// `date_age(unit, from, to, zone)`: whole units between two moments.
pub(super) fn date_age(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    measure(args, time::age)
}

fn measure(
    args: &KernelArgs<'_>,
    distance: fn(&mut Clock, &str, i64, i64) -> Option<i64>,
) -> Result<ColumnarValue> {
    let (unit, mut clock) = (constant_text(args, 0)?, clock(args, 3)?);
    if distance(&mut clock, &unit, 0, 0).is_none() {
        return exec_err!("unknown unit of time {unit:?}");
    }
    let (from, to) = (Moment::of(args, 1)?, Moment::of(args, 2)?);
    ints(args, |row| {
        let from = from.get(row, &mut clock)?;
        let to = to.get(row, &mut clock)?;
        distance(&mut clock, &unit, from, to)
    })
}
