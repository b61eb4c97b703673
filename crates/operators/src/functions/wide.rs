//! Whole numbers and decimals of any width: arithmetic that widens, wraps or refuses as ClickHouse does.

use super::{Kernel, KernelArgs};
use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, PrimitiveArray};
use arrow::buffer::NullBuffer;
use arrow::compute::cast;
use arrow::datatypes::{
    DataType, Decimal128Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    TimestampMicrosecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use datafusion::common::{Result, exec_err, internal_err};
use datafusion::logical_expr::ColumnarValue;
use std::sync::Arc;

pub(super) static KERNELS: &[(&str, Kernel)] = &[
    ("wrap_int64", |args| unary(args, |value, _| Ok(value))),
    ("trunc_int64", |args| unary(args, |value, _| Ok(value))),
    ("negate_int", |args| unary(args, |value, _| Ok(-value))),
    ("abs_int", |args| unary(args, |value, _| Ok(value.abs()))),
    ("sign_int", |args| unary(args, |value, _| Ok(value.signum()))),
    ("bit_not", |args| unary(args, |value, _| Ok(!value))),
    ("bit_count", |args| {
        unary(args, |value, width| Ok(i128::from(masked(value, width).count_ones())))
    }),
    ("int_exp2", |args| unary(args, |value, _| Ok(int_exp(2, value)))),
    ("int_exp10", |args| unary(args, |value, _| Ok(int_exp(10, value)))),
    ("factorial", |args| unary(args, |value, _| factorial(value))),
    ("modulo", |args| {
        binary(args, |left, right, _| divided(left, right, |left, right| left % right))
    }),
    ("modulo_or_zero", |args| {
        binary(args, |left, right, _| Ok(left.checked_rem(right).unwrap_or(0)))
    }),
    ("positive_modulo", |args| {
        binary(args, |left, right, _| divided(left, right, i128::rem_euclid))
    }),
    ("int_div", |args| {
        narrow(args, |left, right| divided(left, right, |left, right| left / right))
    }),
    ("int_div_or_zero", |args| {
        narrow(args, |left, right| Ok(left.checked_div(right).unwrap_or(0)))
    }),
    ("gcd", |args| narrow(args, divisor)),
    ("lcm", |args| {
        narrow(args, |left, right| Ok((left / divisor(left, right)?).wrapping_mul(right).abs()))
    }),
    ("bit_and", |args| binary(args, |left, right, _| Ok(left & right))),
    ("bit_or", |args| binary(args, |left, right, _| Ok(left | right))),
    ("bit_xor", |args| binary(args, |left, right, _| Ok(left ^ right))),
    ("bit_shift_left", |args| shifted(args, |value, by| value << by)),
    ("bit_shift_right", |args| shifted(args, |value, by| value >> by)),
    ("bit_rotate_left", |args| binary(args, rotate)),
    ("bit_rotate_right", |args| binary(args, |left, right, width| rotate(left, -right, width))),
    ("bit_hamming_distance", |args| {
        binary(args, |left, right, width| Ok(i128::from(masked(left ^ right, width).count_ones())))
    }),
    ("bit_test", |args| binary(args, bit)),
    ("decimal_plus", |args| decimal(args, Scaled::Same, i128::checked_add)),
    ("decimal_minus", |args| decimal(args, Scaled::Same, i128::checked_sub)),
    ("decimal_modulo", |args| decimal(args, Scaled::Same, i128::checked_rem)),
    ("decimal_multiply", |args| decimal(args, Scaled::Product, i128::checked_mul)),
    ("decimal_divide", |args| decimal(args, Scaled::Quotient, i128::checked_div)),
    ("minus_days", |args| binary(args, |left, right, _| Ok(left - right))),
    ("minus_instants", minus_instants),
];

/// A column of whole numbers (or unscaled decimals) and their width in bits.
struct Wide {
    values: Vec<i128>,
    nulls: Option<NullBuffer>,
    constant: bool,
    width: u32,
    scale: i8,
    signed: bool,
}

impl Wide {
    fn of(args: &KernelArgs<'_>, index: usize) -> Result<Self> {
        let (array, constant) = match args.args.get(index) {
            Some(ColumnarValue::Array(array)) => (Arc::clone(array), false),
            Some(ColumnarValue::Scalar(value)) => (value.to_array()?, true),
            None => return internal_err!("missing argument {index}"),
        };
        let (values, width, scale) = values(&array)?;
        let signed =
            !array.data_type().is_unsigned_integer() && array.data_type() != &DataType::Boolean;
        Ok(Self { values, nulls: array.logical_nulls(), constant, width, scale, signed })
    }

    fn get(&self, row: usize) -> Option<i128> {
        let row = if self.constant { 0 } else { row };
        let valid =
            self.nulls.as_ref().is_none_or(|nulls| row < nulls.len() && nulls.is_valid(row));
        if valid { self.values.get(row).copied() } else { None }
    }
}

fn values(array: &ArrayRef) -> Result<(Vec<i128>, u32, i8)> {
    fn read<T: ArrowPrimitiveType>(array: &ArrayRef) -> Vec<i128>
    where
        i128: From<T::Native>,
    {
        array.as_primitive::<T>().values().iter().map(|value| i128::from(*value)).collect()
    }
    Ok(match array.data_type() {
        DataType::Int8 => (read::<Int8Type>(array), 8, 0),
        DataType::Int16 => (read::<Int16Type>(array), 16, 0),
        DataType::Int32 => (read::<Int32Type>(array), 32, 0),
        DataType::Int64 => (read::<Int64Type>(array), 64, 0),
        DataType::UInt8 => (read::<UInt8Type>(array), 8, 0),
        DataType::UInt16 => (read::<UInt16Type>(array), 16, 0),
        DataType::UInt32 => (read::<UInt32Type>(array), 32, 0),
        DataType::UInt64 => (read::<UInt64Type>(array), 64, 0),
        DataType::Decimal128(_, scale) => (read::<Decimal128Type>(array), 128, *scale),
        DataType::Timestamp(_, _) => (read::<TimestampMicrosecondType>(array), 64, 0),
        DataType::Boolean | DataType::Null => {
            (read::<UInt8Type>(&cast(array, &DataType::UInt8)?), 8, 0)
        }
        DataType::Date32 => (read::<Int32Type>(&cast(array, &DataType::Int32)?), 32, 0),
        DataType::Float32 | DataType::Float64 => {
            let floats = cast(array, &DataType::Float64)?;
            // Saturates, and NaN is 0, as a conversion in ClickHouse may give anything there.
            #[expect(clippy::cast_possible_truncation, reason = "saturation is meant")]
            let values = floats
                .as_primitive::<Float64Type>()
                .values()
                .iter()
                .map(|value| i128::from(*value as i64))
                .collect();
            (values, 64, 0)
        }
        other => return internal_err!("a number was expected, found {other}"),
    })
}

/// Results in the type the plan wants; values that do not fit wrap.
fn built(args: &KernelArgs<'_>, values: &[Option<i128>]) -> Result<ColumnarValue> {
    fn build<T: ArrowPrimitiveType>(
        values: &[Option<i128>],
        wrap: fn(i128) -> T::Native,
    ) -> ArrayRef {
        Arc::new(values.iter().map(|value| value.map(wrap)).collect::<PrimitiveArray<T>>())
    }
    macro_rules! wrapping {
        ($arrow:ty, $($lint:path),+) => {{
            #[expect($($lint),+, reason = "whole numbers wrap")]
            let array = build::<$arrow>(values, |value| value as <$arrow as ArrowPrimitiveType>::Native);
            array
        }};
    }
    Ok(ColumnarValue::Array(match args.return_type {
        DataType::Int8 => wrapping!(Int8Type, clippy::cast_possible_truncation),
        DataType::Int16 => wrapping!(Int16Type, clippy::cast_possible_truncation),
        DataType::Int32 => wrapping!(Int32Type, clippy::cast_possible_truncation),
        DataType::Int64 => wrapping!(Int64Type, clippy::cast_possible_truncation),
        DataType::UInt8 => {
            wrapping!(UInt8Type, clippy::cast_possible_truncation, clippy::cast_sign_loss)
        }
        DataType::UInt16 => {
            wrapping!(UInt16Type, clippy::cast_possible_truncation, clippy::cast_sign_loss)
        }
        DataType::UInt32 => {
            wrapping!(UInt32Type, clippy::cast_possible_truncation, clippy::cast_sign_loss)
        }
        DataType::UInt64 => {
            wrapping!(UInt64Type, clippy::cast_possible_truncation, clippy::cast_sign_loss)
        }
        DataType::Decimal128(precision, scale) => {
            let array: PrimitiveArray<Decimal128Type> = values.iter().copied().collect();
            Arc::new(array.with_precision_and_scale(*precision, *scale)?)
        }
        other => return internal_err!("a whole number cannot be returned as {other}"),
    }))
}

fn unary(
    args: &KernelArgs<'_>,
    apply: impl Fn(i128, u32) -> Result<i128>,
) -> Result<ColumnarValue> {
    let wide = Wide::of(args, 0)?;
    let values =
        (0..args.rows).map(|row| wide.get(row).map(|value| apply(value, wide.width)).transpose());
    built(args, &values.collect::<Result<Vec<_>>>()?)
}

fn binary(
    args: &KernelArgs<'_>,
    apply: impl Fn(i128, i128, u32) -> Result<i128>,
) -> Result<ColumnarValue> {
    let (left, right) = (Wide::of(args, 0)?, Wide::of(args, 1)?);
    let values = (0..args.rows).map(|row| match (left.get(row), right.get(row)) {
        (Some(a), Some(b)) => apply(a, b, left.width).map(Some),
        _ => Ok(None),
    });
    built(args, &values.collect::<Result<Vec<_>>>()?)
}

/// Whole numbers of the first argument changed row by row; the type stays.
pub(super) fn map_whole(
    args: &KernelArgs<'_>,
    apply: impl Fn(usize, i128) -> Option<i128>,
) -> Result<ColumnarValue> {
    let wide = Wide::of(args, 0)?;
    let values: Vec<_> = (0..args.rows).map(|row| apply(row, wide.get(row)?)).collect();
    built(args, &values)
}

/// As [`binary`], but if a side has a sign both are read as `Int64`, which large numbers without sign wrap to.
fn narrow(
    args: &KernelArgs<'_>,
    apply: impl Fn(i128, i128) -> Result<i128>,
) -> Result<ColumnarValue> {
    let signed = Wide::of(args, 0)?.signed || Wide::of(args, 1)?.signed;
    binary(args, |left, right, _| apply(read_as(signed, left), read_as(signed, right)))
}

/// The number as an `Int64` if it is to have a sign.
#[expect(clippy::cast_possible_truncation, reason = "large numbers wrap")]
fn read_as(signed: bool, value: i128) -> i128 {
    if signed { i128::from(value as i64) } else { value }
}

/// The bits of the first argument moved by the second; none is left once all bits of the argument's own width have been moved out,
/// not even the sign.
fn shifted(args: &KernelArgs<'_>, apply: fn(i128, u32) -> i128) -> Result<ColumnarValue> {
    let signed = Wide::of(args, 0)?.signed || Wide::of(args, 1)?.signed;
    binary(args, |left, right, width| {
        let by = shift(right)?;
        Ok(if by < width { apply(read_as(signed, left), by) } else { 0 })
    })
}

fn divided(left: i128, right: i128, divide: impl Fn(i128, i128) -> i128) -> Result<i128> {
    if right == 0 {
        return exec_err!("division by zero");
    }
    Ok(divide(left, right))
}

fn divisor(left: i128, right: i128) -> Result<i128> {
    if left == 0 || right == 0 {
        return exec_err!("division by zero");
    }
    let (mut left, mut right) = (left.abs(), right.abs());
    while right != 0 {
        (left, right) = (right, left % right);
    }
    Ok(left)
}

fn int_exp(base: i128, exponent: i128) -> i128 {
    let greatest = i128::from(u64::MAX);
    match u32::try_from(exponent) {
        Ok(exponent) => base.checked_pow(exponent).map_or(greatest, |power| power.min(greatest)),
        Err(_) if exponent < 0 => 0,
        Err(_) => greatest,
    }
}

fn factorial(value: i128) -> Result<i128> {
    if value > 20 {
        return exec_err!("factorial: {value} is greater than 20");
    }
    Ok((1..=value).product())
}

fn shift(by: i128) -> Result<u32> {
    match u32::try_from(by) {
        Ok(by) => Ok(by),
        Err(_) if by < 0 => {
            exec_err!("bits cannot be shifted by {by}: the number must not be negative")
        }
        Err(_) => Ok(u32::MAX),
    }
}

/// The lowest bits of a number as a number without sign.
const fn masked(value: i128, width: u32) -> u128 {
    let value = value.cast_unsigned();
    if width >= 128 { value } else { value & ((1 << width) - 1) }
}

fn rotate(value: i128, by: i128, width: u32) -> Result<i128> {
    let by = u32::try_from(by.rem_euclid(i128::from(width.max(1)))).unwrap_or_default();
    let bits = masked(value, width);
    let turned = if by == 0 { bits } else { (bits << by) | (bits >> (width - by)) };
    Ok(masked(turned.cast_signed(), width).cast_signed())
}

fn bit(value: i128, position: i128, width: u32) -> Result<i128> {
    match u32::try_from(position).ok().filter(|position| *position < width) {
        Some(position) => Ok((value >> position) & 1),
        None => exec_err!("there is no bit {position} in a number of {width} bits"),
    }
}

/// How the operands' scales relate to the result's.
#[derive(Debug, Clone, Copy)]
enum Scaled {
    /// Both are brought to the scale of the result.
    Same,
    /// The scales add up.
    Product,
    /// The left side is enlarged by the scale of the right one.
    Quotient,
}

fn decimal(
    args: &KernelArgs<'_>,
    scaled: Scaled,
    apply: fn(i128, i128) -> Option<i128>,
) -> Result<ColumnarValue> {
    let DataType::Decimal128(_, scale) = args.return_type else {
        return internal_err!("a decimal was expected as the result, found {}", args.return_type);
    };
    let (left, right) = (Wide::of(args, 0)?, Wide::of(args, 1)?);
    let (left_shift, right_shift) = match scaled {
        Scaled::Same => (scale - left.scale, scale - right.scale),
        Scaled::Product => (0, 0),
        Scaled::Quotient => (scale - left.scale + right.scale, 0),
    };
    let values = (0..args.rows).map(|row| {
        let (Some(a), Some(b)) = (left.get(row), right.get(row)) else { return Ok(None) };
        if b == 0 && matches!(scaled, Scaled::Quotient) {
            return exec_err!("division by zero");
        }
        match scaled_up(a, left_shift).zip(scaled_up(b, right_shift)).and_then(|(a, b)| apply(a, b))
        {
            Some(value) => Ok(Some(value)),
            None => exec_err!("a decimal calculation overflows or divides by zero"),
        }
    });
    built(args, &values.collect::<Result<Vec<_>>>()?)
}

fn scaled_up(value: i128, by: i8) -> Option<i128> {
    let power = 10_i128.checked_pow(u32::from(by.unsigned_abs()))?;
    if by < 0 { value.checked_div(power) } else { value.checked_mul(power) }
}

/// Seconds between two instants: whole, or a decimal with as many digits as the result has.
fn minus_instants(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let scale = match args.return_type {
        DataType::Decimal128(_, scale) => *scale,
        _ => 0,
    };
    let divisor = 10_i128.pow(u32::try_from(6 - scale.clamp(0, 6)).unwrap_or(6));
    binary(args, |left, right, _| Ok(left.div_euclid(divisor) - right.div_euclid(divisor)))
}
