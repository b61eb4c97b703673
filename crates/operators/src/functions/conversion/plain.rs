//! ClickHouse's plain conversions: floats are cut, numbers wrap, text that is no number is an error, and so are floats beyond 64 bits.

use super::text_to_bool;
use crate::functions::KernelArgs;
use crate::functions::input::{Text, returned};
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Float64Array, PrimitiveArray};
use arrow::compute::cast;
use arrow::datatypes::{
    self as types, ArrowPrimitiveType, DataType, Float64Type, TimeUnit, TimestampMicrosecondType,
};
use datafusion::common::{Result, exec_err, not_impl_err};
use datafusion::logical_expr::ColumnarValue;
use std::str::FromStr;
use std::sync::Arc;

/// `plain_cast(value)`: text, a number, a truth value, a day (its number) or an instant (its seconds) as a number or a truth value.
pub(super) fn plain_cast(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let value = args.array(0)?;
    let value = match value.data_type() {
        DataType::Null => {
            return Ok(ColumnarValue::Array(arrow::array::new_null_array(
                args.return_type,
                args.rows,
            )));
        }
        DataType::Utf8View => return text(args),
        DataType::Boolean => cast(&value, &DataType::UInt8)?,
        DataType::Date32 => cast(&value, &DataType::Int32)?,
        DataType::Timestamp(TimeUnit::Microsecond, _) => seconds(&value, args.return_type),
        _ => value,
    };
    match args.return_type {
        DataType::Boolean => {
            let floats = cast(&value, &DataType::Float64)?;
            let flags =
                floats.as_primitive::<Float64Type>().iter().map(|number| Some(number? != 0.0));
            Ok(ColumnarValue::Array(Arc::new(flags.collect::<BooleanArray>())))
        }
        DataType::Float32 | DataType::Float64 => returned(args, value),
        _ => whole(args, &value),
    }
}

fn seconds(value: &ArrayRef, target: &DataType) -> ArrayRef {
    let micros = value.as_primitive::<TimestampMicrosecondType>();
    if target.is_floating() {
        return Arc::new(
            micros.iter().map(|micros| Some(micros? as f64 / 1e6)).collect::<Float64Array>(),
        );
    }
    Arc::new(micros.unary::<_, types::Int64Type>(|micros| micros.div_euclid(1_000_000)))
}

/// A float without its fraction. Beyond 64 bits ClickHouse's result depends on the machine, and would look like an answer.
fn cut(number: f64, target: &DataType) -> Result<i128> {
    const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;
    let end = if target == &DataType::UInt64 { 2.0 * TWO_TO_63 } else { TWO_TO_63 };
    if (-TWO_TO_63..end).contains(&number) {
        Ok(number as i128)
    } else {
        exec_err!("{number:?} does not fit into {target}")
    }
}

/// A number as a whole one: floats are cut, what does not fit wraps.
fn whole(args: &KernelArgs<'_>, value: &ArrayRef) -> Result<ColumnarValue> {
    let wide: Vec<Option<i128>> = match value.data_type() {
        DataType::Float32 | DataType::Float64 => {
            let floats = cast(value, &DataType::Float64)?;
            let floats = floats.as_primitive::<Float64Type>().iter();
            floats
                .map(|number| number.map(|number| cut(number, args.return_type)).transpose())
                .collect::<Result<_>>()?
        }
        DataType::UInt64 => value
            .as_primitive::<types::UInt64Type>()
            .iter()
            .map(|number| Some(i128::from(number?)))
            .collect(),
        _ => {
            let wide = cast(value, &DataType::Int64)?;
            wide.as_primitive::<types::Int64Type>()
                .iter()
                .map(|number| Some(i128::from(number?)))
                .collect()
        }
    };
    fn wrapped<T: ArrowPrimitiveType>(
        wide: &[Option<i128>],
        narrow: fn(i128) -> T::Native,
    ) -> ArrayRef {
        Arc::new(wide.iter().map(|value| value.map(narrow)).collect::<PrimitiveArray<T>>())
    }
    Ok(ColumnarValue::Array(match args.return_type {
        DataType::Int8 => wrapped::<types::Int8Type>(&wide, |value| value as i8),
        DataType::Int16 => wrapped::<types::Int16Type>(&wide, |value| value as i16),
        DataType::Int32 => wrapped::<types::Int32Type>(&wide, |value| value as i32),
        DataType::Int64 => wrapped::<types::Int64Type>(&wide, |value| value as i64),
        DataType::UInt8 => wrapped::<types::UInt8Type>(&wide, |value| value as u8),
        DataType::UInt16 => wrapped::<types::UInt16Type>(&wide, |value| value as u16),
        DataType::UInt32 => wrapped::<types::UInt32Type>(&wide, |value| value as u32),
        DataType::UInt64 => wrapped::<types::UInt64Type>(&wide, |value| value as u64),
        other => return not_impl_err!("{} as {other}", value.data_type()),
    }))
}

fn text(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let text = Text::of(args, 0)?;
    Ok(ColumnarValue::Array(match args.return_type {
        DataType::Boolean => {
            let flag = |row| {
                text.get(row).map_or(Ok(None), |text| text_to_bool(text).map(Some).ok_or(text))
            };
            let flags: std::result::Result<BooleanArray, &str> = (0..args.rows).map(flag).collect();
            match flags {
                Ok(flags) => Arc::new(flags),
                Err(text) => return exec_err!("cannot read {text:?} as a truth value"),
            }
        }
        DataType::Float64 => parsed::<Float64Type>(args, &text)?,
        DataType::Float32 => parsed::<types::Float32Type>(args, &text)?,
        DataType::Int8 => parsed::<types::Int8Type>(args, &text)?,
        DataType::Int16 => parsed::<types::Int16Type>(args, &text)?,
        DataType::Int32 => parsed::<types::Int32Type>(args, &text)?,
        DataType::Int64 => parsed::<types::Int64Type>(args, &text)?,
        DataType::UInt8 => parsed::<types::UInt8Type>(args, &text)?,
        DataType::UInt16 => parsed::<types::UInt16Type>(args, &text)?,
        DataType::UInt32 => parsed::<types::UInt32Type>(args, &text)?,
        DataType::UInt64 => parsed::<types::UInt64Type>(args, &text)?,
        other => return not_impl_err!("text as {other}"),
    }))
}

fn parsed<T: ArrowPrimitiveType>(args: &KernelArgs<'_>, text: &Text) -> Result<ArrayRef>
where
    T::Native: FromStr,
{
    let value = |row| match text.get(row) {
        None => Ok(None),
        Some(text) => text
            .parse()
            .map(Some)
            .or_else(|_| exec_err!("cannot read {text:?} as {}", T::DATA_TYPE)),
    };
    Ok(Arc::new((0..args.rows).map(value).collect::<Result<PrimitiveArray<T>>>()?))
}
