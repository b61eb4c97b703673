//! Conversions that are exact or NULL.

use crate::functions::KernelArgs;
use crate::functions::input::{Text, returned};
use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Decimal128Array, Float64Array, Int64Array,
    PrimitiveArray, UInt64Array,
};
use arrow::compute::{CastOptions, cast, cast_with_options};
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Float64Type, TimeUnit, TimestampMicrosecondType,
};
use datafusion::common::{Result, not_impl_err};
use datafusion::logical_expr::ColumnarValue;
use std::str::FromStr;
use std::sync::Arc;

/// `accurate_cast(value)`: text, a number, a truth value, a day or an instant as a number, a truth value or text (not of floats and instants);
/// NULL if that loses something. Days count days, instants count seconds.
pub(super) fn accurate_cast(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let value = args.array(0)?;
    match value.data_type() {
        DataType::Null => {
            Ok(ColumnarValue::Array(arrow::array::new_null_array(args.return_type, args.rows)))
        }
        DataType::Utf8View => from_text(args),
        DataType::Boolean => returned(args, cast(&value, &DataType::UInt8)?),
        DataType::Date32 => number(args, &cast(&value, &DataType::Int32)?),
        DataType::Timestamp(TimeUnit::Microsecond, _) => instant(args, &value),
        _ => number(args, &value),
    }
}

fn from_text(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    use arrow::datatypes as t;
    let text = Text::of(args, 0)?;
    Ok(ColumnarValue::Array(match args.return_type {
        DataType::Utf8View => args.array(0)?,
        DataType::Float64 => parsed::<Float64Type>(args, &text),
        DataType::Float32 => parsed::<t::Float32Type>(args, &text),
        DataType::Int64 => parsed::<t::Int64Type>(args, &text),
        DataType::Int32 => parsed::<t::Int32Type>(args, &text),
        DataType::Int16 => parsed::<t::Int16Type>(args, &text),
        DataType::Int8 => parsed::<t::Int8Type>(args, &text),
        DataType::UInt64 => parsed::<t::UInt64Type>(args, &text),
        DataType::UInt32 => parsed::<t::UInt32Type>(args, &text),
        DataType::UInt16 => parsed::<t::UInt16Type>(args, &text),
        DataType::UInt8 => parsed::<t::UInt8Type>(args, &text),
        DataType::Boolean => Arc::new(
            (0..args.rows).map(|row| text_to_bool(text.get(row)?)).collect::<BooleanArray>(),
        ),
        DataType::Decimal128(precision, scale) => {
            let decimals = (0..args.rows).map(|row| decimal(text.get(row)?, *precision, *scale));
            Arc::new(
                decimals
                    .collect::<Decimal128Array>()
                    .with_precision_and_scale(*precision, *scale)?,
            )
        }
        other => return not_impl_err!("text as {other}"),
    }))
}

fn parsed<T: ArrowPrimitiveType>(args: &KernelArgs<'_>, text: &Text) -> ArrayRef
where
    T::Native: FromStr,
{
    Arc::new((0..args.rows).map(|row| text.get(row)?.parse().ok()).collect::<PrimitiveArray<T>>())
}

/// Words for truth values, in any case.
pub(in crate::functions) fn text_to_bool(text: &str) -> Option<bool> {
    const YES: [&str; 8] = ["true", "t", "yes", "y", "on", "1", "enable", "enabled"];
    const NO: [&str; 8] = ["false", "f", "no", "n", "off", "0", "disable", "disabled"];
    let is_one_of = |words: [&str; 8]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
    if is_one_of(YES) { Some(true) } else { is_one_of(NO).then_some(false) }
}

/// `parse_boolean(text)`: `true` and `false`, anything else is NULL.
pub(super) fn parse_boolean(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let text = Text::of(args, 0)?;
    let flag = |row| match text.get(row)? {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    };
    Ok(ColumnarValue::Array(Arc::new((0..args.rows).map(flag).collect::<BooleanArray>())))
}

/// A decimal number without exponent, digits behind the scale cut off.
fn decimal(text: &str, precision: u8, scale: i8) -> Option<i128> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = !(whole.is_empty() && fraction.is_empty())
        && whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
    if !is_number {
        return None;
    }
    let scale = usize::try_from(scale).ok()?;
    let kept = whole.bytes().chain(fraction.bytes().chain(std::iter::repeat(b'0')).take(scale));
    let mut value = 0_i128;
    for digit in kept {
        value = value.checked_mul(10)?.checked_add(i128::from(digit - b'0'))?;
    }
    let fits = value < 10_i128.checked_pow(u32::from(precision))?;
    fits.then_some(if text.starts_with('-') { -value } else { value })
}

/// A number as another type, if nothing is lost.
fn number(args: &KernelArgs<'_>, value: &ArrayRef) -> Result<ColumnarValue> {
    let target = args.return_type;
    if value.data_type() == target {
        return Ok(ColumnarValue::Array(Arc::clone(value)));
    }
    let safe = CastOptions { safe: true, ..CastOptions::default() };
    let found = match target {
        DataType::Boolean => {
            let floats = cast(value, &DataType::Float64)?;
            Arc::new(
                floats
                    .as_primitive::<Float64Type>()
                    .iter()
                    .map(|number| Some(number? != 0.0))
                    .collect::<BooleanArray>(),
            )
        }
        DataType::Decimal128(precision, scale) if value.data_type().is_floating() => {
            cut_decimals(value, *precision, *scale)?
        }
        DataType::Utf8View | DataType::Decimal128(_, _) => cast_with_options(value, target, &safe)?,
        _ => exact(value, target, &safe)?,
    };
    Ok(ColumnarValue::Array(found))
}

/// Floats as decimals, digits behind the scale cut off; NULL beyond the precision.
fn cut_decimals(value: &ArrayRef, precision: u8, scale: i8) -> Result<ArrayRef> {
    let floats = cast(value, &DataType::Float64)?;
    let unit = 10_f64.powi(i32::from(scale));
    let end = 10_f64.powi(i32::from(precision));
    let cut = |float: f64| Some((float * unit).trunc()).filter(|digits| digits.abs() < end);
    let decimals = floats.as_primitive::<Float64Type>().iter();
    let decimals: Decimal128Array = decimals.map(|float| Some(cut(float?)? as i128)).collect();
    Ok(Arc::new(decimals.with_precision_and_scale(precision, scale)?))
}

/// Cast there and back; what differs is NULL.
fn exact(value: &ArrayRef, target: &DataType, safe: &CastOptions<'_>) -> Result<ArrayRef> {
    let there = cast_with_options(value, target, safe)?;
    if !value.data_type().is_floating() && !target.is_floating() {
        return Ok(there);
    }
    let back = cast_with_options(&there, value.data_type(), safe)?;
    let is_same = arrow::compute::kernels::cmp::not_distinct(&back, value)?;
    // A float beyond the largest whole number comes back as itself: 2^63 and 2^64 are no whole numbers of 64 bits.
    let fits = match (value.data_type(), target) {
        (DataType::Int64, DataType::Float64) => is_below(&there, 9_223_372_036_854_775_808.0),
        (DataType::UInt64, DataType::Float64) => is_below(&there, 18_446_744_073_709_551_616.0),
        _ => None,
    };
    let keep = match fits {
        Some(fits) => arrow::compute::and(&is_same, &fits)?,
        None => is_same,
    };
    Ok(arrow::compute::nullif(&there, &arrow::compute::not(&keep)?)?)
}

fn is_below(floats: &ArrayRef, end: f64) -> Option<BooleanArray> {
    let floats = floats.as_primitive_opt::<Float64Type>()?;
    Some(floats.iter().map(|number| Some(number.is_some_and(|number| number < end))).collect())
}

fn instant(args: &KernelArgs<'_>, value: &ArrayRef) -> Result<ColumnarValue> {
    let micros = value.as_primitive::<TimestampMicrosecondType>();
    match args.return_type {
        DataType::Float64 | DataType::Float32 => {
            let seconds: Float64Array =
                micros.iter().map(|micros| Some(micros? as f64 / 1e6)).collect();
            returned(args, Arc::new(seconds))
        }
        DataType::UInt64 => {
            let seconds: UInt64Array = micros
                .iter()
                .map(|micros| u64::try_from(micros?.div_euclid(1_000_000)).ok())
                .collect();
            returned(args, Arc::new(seconds))
        }
        _ => {
            let seconds: Int64Array =
                micros.iter().map(|micros| Some(micros?.div_euclid(1_000_000))).collect();
            returned(args, Arc::new(seconds))
        }
    }
}
