//! Arguments that are instants or days, zones, and results within ClickHouse's ranges.

use crate::functions::KernelArgs;
use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, Date32Array, PrimitiveArray,
    TimestampMicrosecondArray,
};
use arrow::datatypes::{
    DataType, Date32Type, Int32Type, Int64Type, TimeUnit, TimestampMicrosecondType,
};
use datafusion::common::{Result, ScalarValue, exec_err, internal_err};
use datafusion::logical_expr::ColumnarValue;
use events::time::{Clock, DAY, SECOND, day_of_local, in_range};
use std::sync::Arc;

/// An argument that is a moment.
pub(super) enum Moment {
    /// Microseconds.
    Instants(TimestampMicrosecondArray),
    /// Days.
    Days(Date32Array),
}

impl Moment {
    /// Argument `index`.
    pub(super) fn of(args: &KernelArgs<'_>, index: usize) -> Result<Self> {
        let array = args.array(index)?;
        Ok(match array.data_type() {
            DataType::Timestamp(TimeUnit::Microsecond, _) => {
                Self::Instants(array.as_primitive().clone())
            }
            DataType::Date32 => Self::Days(array.as_primitive().clone()),
            DataType::Null => Self::Instants(TimestampMicrosecondArray::new_null(array.len())),
            other => {
                return internal_err!(
                    "argument {index} must be an instant or a day, found {other}"
                );
            }
        })
    }

    /// Whether argument values are days.
    pub(super) const fn is_days(&self) -> bool {
        matches!(self, Self::Days(_))
    }

    /// The instant of a row; `None` is NULL.
    pub(super) fn get(&self, row: usize, clock: &mut Clock) -> Option<i64> {
        match self {
            Self::Instants(array) => {
                (row < array.len() && array.is_valid(row)).then(|| in_range(array.value(row)))
            }
            Self::Days(array) => (row < array.len() && array.is_valid(row))
                .then(|| clock.start_of_day(i64::from(array.value(row)))),
        }
    }

    /// A value for each instant, NULL for NULL.
    pub(super) fn map<T: ArrowPrimitiveType>(
        &self,
        clock: &mut Clock,
        mut value: impl FnMut(&mut Clock, i64) -> T::Native,
    ) -> PrimitiveArray<T> {
        match self {
            Self::Instants(array) => each(array, |instant| value(clock, in_range(instant))),
            Self::Days(array) => each(array, |day| {
                let instant = clock.start_of_day(i64::from(day));
                value(clock, in_range(instant))
            }),
        }
    }

    /// A value for each local day, NULL for NULL.
    pub(super) fn map_days<T: ArrowPrimitiveType>(
        &self,
        clock: &mut Clock,
        value: impl Fn(i64) -> T::Native,
    ) -> PrimitiveArray<T> {
        match self {
            Self::Instants(array) => {
                // Rows of one day mostly follow each other, by time and by person.
                let (mut midnight, mut last) = (0, value(0));
                each(array, |instant| {
                    let local = clock.local(in_range(instant));
                    if !(midnight..midnight + DAY).contains(&local) {
                        let day = day_of_local(local);
                        (midnight, last) = (day * DAY, value(day));
                    }
                    last
                })
            }
            Self::Days(array) => {
                each(array, |day| value(in_range(i64::from(day) * DAY).div_euclid(DAY)))
            }
        }
    }
}

/// A value for each value, those in the slots of NULL too.
#[inline]
fn each<S: ArrowPrimitiveType, T: ArrowPrimitiveType>(
    array: &PrimitiveArray<S>,
    value: impl FnMut(S::Native) -> T::Native,
) -> PrimitiveArray<T> {
    let values: Vec<T::Native> = array.values().iter().copied().map(value).collect();
    PrimitiveArray::new(values.into(), array.nulls().cloned())
}

/// The zone that argument `index` names; UTC if there is no such argument.
pub(in crate::functions) fn clock(args: &KernelArgs<'_>, index: usize) -> Result<Clock> {
    if args.args.len() <= index {
        return Ok(Clock::utc());
    }
    let name = constant_text(args, index)?;
    Clock::new(&name).or_else(|error| exec_err!("{error}"))
}

/// The text of argument `index`, which is the same for all rows.
pub(super) fn constant_text(args: &KernelArgs<'_>, index: usize) -> Result<String> {
    let scalar = match args.args.get(index) {
        Some(ColumnarValue::Scalar(scalar)) => scalar.clone(),
        // A constant may arrive as a column, all of whose values are equal.
        Some(ColumnarValue::Array(array)) if !array.is_empty() => {
            ScalarValue::try_from_array(array, 0)?
        }
        Some(ColumnarValue::Array(_)) => return Ok("UTC".to_owned()),
        None => return internal_err!("missing argument {index}"),
    };
    match scalar.try_as_str() {
        Some(Some(text)) => Ok(text.to_owned()),
        _ => internal_err!("argument {index} must be a constant text"),
    }
}

/// The whole number of argument `index`, which is the same for all rows.
pub(in crate::functions) fn constant_int(args: &KernelArgs<'_>, index: usize) -> Result<i64> {
    let scalar = match args.args.get(index) {
        Some(ColumnarValue::Scalar(scalar)) => scalar.clone(),
        Some(ColumnarValue::Array(array)) if !array.is_empty() => {
            ScalarValue::try_from_array(array, 0)?
        }
        Some(ColumnarValue::Array(_)) => return Ok(1),
        None => return internal_err!("missing argument {index}"),
    };
    match scalar.cast_to(&DataType::Int64)? {
        ScalarValue::Int64(Some(value)) => Ok(value),
        _ => internal_err!("argument {index} must be a constant whole number"),
    }
}

/// The last second of ClickHouse's `DateTime`.
const LAST_DATETIME: i64 = u32::MAX as i64 * SECOND;

/// The instant or the nearest one that `DateTime` has.
#[inline]
pub(super) fn as_datetime(instant: i64) -> i64 {
    instant.clamp(0, LAST_DATETIME)
}

/// The day or the nearest one that `Date` has.
#[inline]
pub(super) fn as_date(day: i64) -> i32 {
    day.clamp(0, i64::from(u16::MAX)) as i32
}

/// Instants as the result.
pub(super) fn instants(array: PrimitiveArray<TimestampMicrosecondType>) -> ColumnarValue {
    ColumnarValue::Array(Arc::new(array.with_timezone("UTC")))
}

/// Days as the result.
pub(super) fn days(array: PrimitiveArray<Date32Type>) -> ColumnarValue {
    ColumnarValue::Array(Arc::new(array))
}

/// Whole numbers in the result's width.
pub(super) fn whole(
    args: &KernelArgs<'_>,
    array: PrimitiveArray<Int64Type>,
) -> Result<ColumnarValue> {
    crate::functions::input::returned(args, Arc::new(array) as ArrayRef)
}

/// Small whole numbers in the result's width.
pub(super) fn small(
    args: &KernelArgs<'_>,
    array: PrimitiveArray<Int32Type>,
) -> Result<ColumnarValue> {
    crate::functions::input::returned(args, Arc::new(array) as ArrayRef)
}
