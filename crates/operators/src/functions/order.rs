//! The order of whole numbers and floats, compared exactly: not every whole number of 64 bits is a float.

use super::input::{Ints, returned};
use super::{Kernel, KernelArgs};
use arrow::array::{Array, ArrayRef, AsArray, Float64Array, Int64Array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type, UInt64Type};
use datafusion::common::Result;
use datafusion::logical_expr::ColumnarValue;
use std::cmp::Ordering;
use std::sync::Arc;

pub(super) static KERNELS: &[(&str, Kernel)] = &[("number_order", number_order)];

/// `number_order(float, whole, beside_nan, nulls_are_equal)`: -1, 0 or 1 as the float is less than, equal to or greater than the whole
/// number; `beside_nan` for NaN. NULL where one is NULL, and where both are, unless those are equal.
fn number_order(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let beside_nan = Ints::of(args, 2)?.get(0).unwrap_or_default();
    let both_null = Ints::of(args, 3)?.get(0).filter(|equal| *equal != 0).map(|_| 0);
    let floats = cast(&args.array(0)?, &DataType::Float64)?;
    let floats = floats.as_primitive::<Float64Type>();
    let order = |pair: (Option<f64>, Option<i128>)| match pair {
        (Some(float), Some(whole)) => Some(ordered(float, whole).map_or(beside_nan, sign)),
        (None, None) => both_null,
        _ => None,
    };
    let found = pairs(floats, &args.array(1)?)?.map(order).collect::<Int64Array>();
    returned(args, Arc::new(found))
}

/// The two numbers of each row.
fn pairs(
    floats: &Float64Array,
    wholes: &ArrayRef,
) -> Result<impl Iterator<Item = (Option<f64>, Option<i128>)>> {
    let wholes: Vec<Option<i128>> = if wholes.data_type() == &DataType::UInt64 {
        wholes.as_primitive::<UInt64Type>().iter().map(|whole| whole.map(i128::from)).collect()
    } else {
        let wholes = cast(wholes, &DataType::Int64)?;
        wholes.as_primitive::<Int64Type>().iter().map(|whole| whole.map(i128::from)).collect()
    };
    Ok(floats.iter().zip(wholes))
}

/// `None` beside NaN.
fn ordered(float: f64, whole: i128) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    // Floats beyond 128 bits end at the bounds, which no whole number of 64 bits comes near.
    #[expect(clippy::cast_possible_truncation, reason = "the fraction is looked at below")]
    let cut = float as i128;
    match cut.cmp(&whole) {
        Ordering::Equal => float.fract().partial_cmp(&0.0),
        unequal => Some(unequal),
    }
}

const fn sign(order: Ordering) -> i64 {
    match order {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly() {
        let large = 9_007_199_254_740_993;
        for (float, whole, expected) in [
            (9_007_199_254_740_992.0, large, Some(Ordering::Less)),
            (9_007_199_254_740_994.0, large, Some(Ordering::Greater)),
            (9_223_372_036_854_775_808.0, i128::from(i64::MAX), Some(Ordering::Greater)),
            (-9_223_372_036_854_775_808.0, i128::from(i64::MIN), Some(Ordering::Equal)),
            (1.5, 1, Some(Ordering::Greater)),
            (-1.5, -1, Some(Ordering::Less)),
            (-0.0, 0, Some(Ordering::Equal)),
            (f64::INFINITY, i128::from(u64::MAX), Some(Ordering::Greater)),
            (f64::NEG_INFINITY, i128::from(i64::MIN), Some(Ordering::Less)),
            (f64::NAN, 0, None),
        ] {
            assert_eq!(ordered(float, whole), expected, "{float} {whole}");
        }
    }
}
