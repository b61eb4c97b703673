//! Functions of floats, rounding, and the greater or smaller of two values.

use super::input::{Floats, Ints, flags, floats, returned};
use super::{Kernel, KernelArgs};
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Float64Array, PrimitiveArray};
use arrow::compute::kernels::cmp;
use arrow::compute::kernels::zip::zip;
use arrow::compute::{cast, is_null, or};
use arrow::datatypes::{DataType, Decimal128Type, Float64Type};
use datafusion::common::{Result, internal_err};
use datafusion::logical_expr::ColumnarValue;
use std::sync::Arc;

pub(super) static KERNELS: &[(&str, Kernel)] = &[
    ("sqrt", |args| unary(args, f64::sqrt)),
    ("cbrt", |args| unary(args, f64::cbrt)),
    ("exp", |args| unary(args, f64::exp)),
    ("exp2", |args| unary(args, f64::exp2)),
    ("exp10", |args| unary(args, |value| 10_f64.powf(value))),
    ("ln", |args| unary(args, f64::ln)),
    ("log2", |args| unary(args, f64::log2)),
    ("log10", |args| unary(args, f64::log10)),
    ("log1p", |args| unary(args, f64::ln_1p)),
    ("sin", |args| unary(args, f64::sin)),
    ("cos", |args| unary(args, f64::cos)),
    ("tan", |args| unary(args, f64::tan)),
    ("asin", |args| unary(args, f64::asin)),
    ("acos", |args| unary(args, f64::acos)),
    ("atan", |args| unary(args, f64::atan)),
    ("sinh", |args| unary(args, f64::sinh)),
    ("cosh", |args| unary(args, f64::cosh)),
    ("tanh", |args| unary(args, f64::tanh)),
    ("asinh", |args| unary(args, f64::asinh)),
    ("acosh", |args| unary(args, f64::acosh)),
    ("atanh", |args| unary(args, f64::atanh)),
    ("degrees", |args| unary(args, f64::to_degrees)),
    ("radians", |args| unary(args, f64::to_radians)),
    ("negate_float", |args| unary(args, |value| -value)),
    ("abs_float", |args| unary(args, f64::abs)),
    ("sign_float", |args| unary(args, sign)),
    ("pow", |args| binary(args, f64::powf)),
    ("atan2", |args| binary(args, f64::atan2)),
    ("hypot", |args| binary(args, f64::hypot)),
    ("max2", |args| binary(args, |left, right| if left > right { left } else { right })),
    ("min2", |args| binary(args, |left, right| if left < right { left } else { right })),
    ("positive_modulo_float", |args| binary(args, f64::rem_euclid)),
    ("is_nan", |args| test(args, f64::is_nan)),
    ("is_finite", |args| test(args, f64::is_finite)),
    ("is_infinite", |args| test(args, f64::is_infinite)),
    ("if_not_finite", if_not_finite),
    ("round", |args| round(args, &Rounding { float: f64::round_ties_even, whole: half_away })),
    ("round_bankers", |args| {
        round(args, &Rounding { float: f64::round_ties_even, whole: half_even })
    }),
    ("floor", |args| {
        round(args, &Rounding { float: f64::floor, whole: |value, unit| value.div_euclid(unit) })
    }),
    ("ceil", |args| {
        round(args, &Rounding { float: f64::ceil, whole: |value, unit| -(-value).div_euclid(unit) })
    }),
    ("trunc", |args| {
        round(args, &Rounding { float: f64::trunc, whole: |value, unit| value / unit })
    }),
    ("greatest", |args| choose(args, true)),
    ("least", |args| choose(args, false)),
];

fn unary(args: &KernelArgs<'_>, apply: fn(f64) -> f64) -> Result<ColumnarValue> {
    let values = cast(&args.array(0)?, &DataType::Float64)?;
    returned(args, Arc::new(values.as_primitive::<Float64Type>().unary::<_, Float64Type>(apply)))
}

fn binary(args: &KernelArgs<'_>, apply: fn(f64, f64) -> f64) -> Result<ColumnarValue> {
    let (left, right) = (Floats::of(args, 0)?, Floats::of(args, 1)?);
    floats(args, |row| Some(apply(left.get(row)?, right.get(row)?)))
}

fn test(args: &KernelArgs<'_>, test: fn(f64) -> bool) -> Result<ColumnarValue> {
    let values = Floats::of(args, 0)?;
    flags(args, |row| values.get(row).map(test))
}

/// -1, 0 or 1; 1 for NaN, as in ClickHouse.
fn sign(value: f64) -> f64 {
    if value == 0.0 {
        0.0
    } else if value < 0.0 {
        -1.0
    } else {
        1.0
    }
}

fn if_not_finite(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let (values, others) = (Floats::of(args, 0)?, Floats::of(args, 1)?);
    floats(args, |row| {
        let (value, other) = (values.get(row)?, others.get(row)?);
        Some(if value.is_finite() { value } else { other })
    })
}

/// How floats are rounded to whole ones, and whole numbers to so many units.
struct Rounding {
    float: fn(f64) -> f64,
    whole: fn(i128, i128) -> i128,
}

fn half_away(value: i128, unit: i128) -> i128 {
    let half = (value.abs() + unit / 2) / unit;
    half * value.signum()
}

fn half_even(value: i128, unit: i128) -> i128 {
    let (below, rest) = (value.div_euclid(unit), value.rem_euclid(unit));
    match (rest * 2).cmp(&unit) {
        std::cmp::Ordering::Less => below,
        std::cmp::Ordering::Greater => below + 1,
        std::cmp::Ordering::Equal => below + below.rem_euclid(2),
    }
}

/// `round(value[, digits])` and its relatives: digits after the point, negative before it; the type stays.
fn round(args: &KernelArgs<'_>, how: &Rounding) -> Result<ColumnarValue> {
    let digits = if args.args.len() > 1 { Ints::of(args, 1)? } else { Ints::Constant(Some(0)) };
    match args.return_type {
        DataType::Float32 | DataType::Float64 => {
            let values = Floats::of(args, 0)?;
            floats(args, |row| Some(round_float(values.get(row)?, digits.get(row)?, how.float)))
        }
        DataType::Decimal128(precision, scale) => {
            let values = args.array(0)?;
            let values = values.as_primitive::<Decimal128Type>();
            let rounded = (0..values.len()).map(|row| {
                let digits = digits.get(row)?;
                values.is_valid(row).then(|| {
                    round_whole(
                        values.value(row),
                        i64::from(*scale).saturating_sub(digits),
                        how.whole,
                    )
                })
            });
            let rounded: PrimitiveArray<Decimal128Type> = rounded.collect();
            Ok(ColumnarValue::Array(Arc::new(
                rounded.with_precision_and_scale(*precision, *scale)?,
            )))
        }
        _ if matches!(digits, Ints::Constant(Some(0..))) => {
            Ok(ColumnarValue::Array(args.array(0)?))
        }
        _ => super::wide::map_whole(args, |row, value| {
            digits.get(row).map(|digits| round_whole(value, digits.saturating_neg(), how.whole))
        }),
    }
}

fn round_float(value: f64, digits: i64, apply: fn(f64) -> f64) -> f64 {
    let power = 10_f64.powi(i32::try_from(digits.unsigned_abs()).unwrap_or(i32::MAX));
    match digits {
        0 => apply(value),
        1.. => apply(value * power) / power,
        _ if power.is_infinite() => 0.0,
        _ => apply(value / power) * power,
    }
}

/// Rounds to a multiple of `10^places`; a unit greater than any number gives 0.
fn round_whole(value: i128, places: i64, apply: fn(i128, i128) -> i128) -> i128 {
    if places <= 0 {
        return value;
    }
    let unit = u32::try_from(places).ok().and_then(|places| 10_i128.checked_pow(places));
    unit.map_or(0, |unit| apply(value, unit).wrapping_mul(unit))
}

/// The greater or smaller of two values of one type; of a value and NULL the value.
fn choose(args: &KernelArgs<'_>, greater: bool) -> Result<ColumnarValue> {
    let (left, right) = (args.array(0)?, args.array(1)?);
    if left.data_type() != right.data_type() {
        return internal_err!("{} and {} cannot be compared", left.data_type(), right.data_type());
    }
    let mut first = if left.data_type() == &DataType::Float64 {
        choose_float(&left, &right, greater)
    } else if greater {
        cmp::gt(&left, &right)?
    } else {
        cmp::lt(&left, &right)?
    };
    if left.null_count() > 0 || right.null_count() > 0 {
        let known = BooleanArray::new(first.values().clone(), None);
        let right_null = is_null(&right)?;
        let both = arrow::compute::and(&known, &arrow::compute::is_not_null(&left)?)?;
        first = or(&both, &right_null)?;
    }
    returned(args, zip(&first, &left, &right)?)
}

/// Compared as numbers are in ClickHouse: NaN is neither greater nor smaller, so the second value is taken.
fn choose_float(left: &ArrayRef, right: &ArrayRef, greater: bool) -> BooleanArray {
    let (left, right): (&Float64Array, &Float64Array) = (left.as_primitive(), right.as_primitive());
    let pairs = left.values().iter().zip(right.values());
    pairs.map(|(left, right)| Some(if greater { left > right } else { left < right })).collect()
}
