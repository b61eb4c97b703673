//! Arithmetic over the elements of an array. NULL elements are skipped.

use super::element::or_default;
use super::lists::{Lists, list_field, nan_flags, retyped};
use crate::functions::{Kernel, KernelArgs};
use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, Float64Array, ListArray, PrimitiveArray,
    UInt64Array,
};
use arrow::buffer::OffsetBuffer;
use arrow::compute::{cast, take};
use arrow::datatypes::{ArrowNativeTypeOp, DataType, Float64Type, Int64Type, UInt64Type};
use arrow::row::{RowConverter, SortField};
use datafusion::common::{Result, internal_err};
use datafusion::logical_expr::ColumnarValue;
use std::sync::Arc;

pub(super) static KERNELS: &[(&str, Kernel)] = &[
    ("array_sum", sum),
    ("array_avg", avg),
    ("array_count_present", count_present),
    ("array_product", product),
    ("array_min", |args| extreme(args, false)),
    ("array_max", |args| extreme(args, true)),
    ("array_cum_sum", |args| running(args, Running::Sum)),
    ("array_cum_sum_non_negative", |args| running(args, Running::SumFromZero)),
    ("array_difference", |args| running(args, Running::Difference)),
];

/// The type that arithmetic on elements is done in.
fn wide(ty: &DataType) -> DataType {
    match ty {
        _ if ty.is_unsigned_integer() || matches!(ty, DataType::Boolean) => DataType::UInt64,
        _ if ty.is_signed_integer() => DataType::Int64,
        _ => DataType::Float64,
    }
}

/// `array_sum(array)`: `UInt64`, `Int64` or `Float64`; 0 of nothing; whole numbers wrap.
fn sum(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let lists = Lists::of(args, 0)?;
    let ty = wide(args.return_type);
    let values = cast(lists.values(), &ty)?;
    let sums = match ty {
        DataType::UInt64 => sums::<UInt64Type>(&lists, &values, args.rows),
        DataType::Int64 => sums::<Int64Type>(&lists, &values, args.rows),
        _ => sums::<Float64Type>(&lists, &values, args.rows),
    };
    Ok(ColumnarValue::Array(retyped(sums, args.return_type)?))
}

fn sums<T: ArrowPrimitiveType>(lists: &Lists, values: &ArrayRef, rows: usize) -> ArrayRef
where
    T::Native: ArrowNativeTypeOp,
{
    let values: &PrimitiveArray<T> = values.as_primitive();
    let nulls = lists.nulls(rows);
    let total = |row: usize| {
        let valid = nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row));
        valid.then(|| {
            present(lists, values, row).fold(T::Native::ZERO, ArrowNativeTypeOp::add_wrapping)
        })
    };
    Arc::new((0..rows).map(total).collect::<PrimitiveArray<T>>())
}

/// A row's elements that are not NULL.
fn present<'a, T: ArrowPrimitiveType>(
    lists: &Lists,
    values: &'a PrimitiveArray<T>,
    row: usize,
) -> impl Iterator<Item = T::Native> + use<'a, T> {
    lists
        .range(row)
        .filter(|position| values.is_valid(*position))
        .map(|position| values.value(position))
}

/// Folds each row's elements as floats, given how many there are.
fn fold(
    args: &KernelArgs<'_>,
    result: impl Fn(&mut dyn Iterator<Item = f64>) -> f64,
) -> Result<ColumnarValue> {
    let lists = Lists::of(args, 0)?;
    let values = cast(lists.values(), &DataType::Float64)?;
    let values = values.as_primitive::<Float64Type>();
    let nulls = lists.nulls(args.rows);
    let row = |row: usize| {
        let valid = nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row));
        valid.then(|| result(&mut present(&lists, values, row)))
    };
    Ok(ColumnarValue::Array(Arc::new((0..args.rows).map(row).collect::<Float64Array>())))
}

/// `array_avg(array)`: 0 of nothing.
fn avg(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    fold(args, |values| {
        let (sum, count) =
            values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
        if count > 0.0 { sum / count } else { 0.0 }
    })
}

/// `array_count_present(array)`: how many elements are not NULL.
fn count_present(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let lists = Lists::of(args, 0)?;
    let absent = lists.values().logical_nulls();
    let is_present =
        |position: &usize| absent.as_ref().is_none_or(|absent| absent.is_valid(*position));
    let nulls = lists.nulls(args.rows);
    let count = |row: usize| {
        let valid = nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row));
        valid.then(|| lists.range(row).filter(is_present).count() as u64)
    };
    let counts: ArrayRef = Arc::new((0..args.rows).map(count).collect::<UInt64Array>());
    Ok(ColumnarValue::Array(retyped(counts, args.return_type)?))
}

/// `array_product(array)`: 0 of nothing.
fn product(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    fold(args, |values| values.reduce(|product, value| product * value).unwrap_or(0.0))
}

/// `array_min(array[, default])`: the default (else NULL) of nothing; NaN only of nothing else.
fn extreme(args: &KernelArgs<'_>, largest: bool) -> Result<ColumnarValue> {
    let lists = Lists::of(args, 0)?;
    let values = lists.values();
    let converter = RowConverter::new(vec![SortField::new(values.data_type().clone())])?;
    let keys = converter.convert_columns(std::slice::from_ref(values))?;
    let nulls = values.logical_nulls();
    let nan = nan_flags(values);
    let is_nan = |position: usize| nan.as_ref().is_some_and(|nan| nan.value(position));
    let position = |row: usize| {
        let present = lists
            .range(row)
            .filter(|position| nulls.as_ref().is_none_or(|nulls| nulls.is_valid(*position)));
        let better = |best: usize, next: usize| {
            let wins = if largest {
                keys.row(next) > keys.row(best)
            } else {
                keys.row(next) < keys.row(best)
            };
            if is_nan(best) || wins && !is_nan(next) { next } else { best }
        };
        present.reduce(better).map(|position| position as u64)
    };
    let positions: UInt64Array = (0..args.rows).map(position).collect();
    let values = take(values, &positions, None)?;
    or_default(args, values, |row| positions.is_valid(row), 1)
}

/// What becomes of each element, given those before it.
#[derive(Clone, Copy)]
enum Running {
    Sum,
    /// A sum below 0 starts anew from 0.
    SumFromZero,
    /// From the element before; 0 for the first.
    Difference,
}

fn running(args: &KernelArgs<'_>, running: Running) -> Result<ColumnarValue> {
    let lists = Lists::of(args, 0)?;
    let field = list_field(args.return_type)?;
    let ty = wide(field.data_type());
    let values = cast(lists.values(), &ty)?;
    let mut positions = Vec::new();
    let mut lengths = Vec::with_capacity(args.rows);
    for row in 0..args.rows {
        let range = lists.range(row);
        lengths.push(range.len());
        positions.extend(range.map(|position| position as u64));
    }
    let values = take(&values, &UInt64Array::from(positions), None)?;
    let results: ArrayRef = match ty {
        DataType::UInt64 => run::<UInt64Type>(&values, &lengths, running),
        DataType::Int64 => run::<Int64Type>(&values, &lengths, running),
        DataType::Float64 => run::<Float64Type>(&values, &lengths, running),
        other => return internal_err!("no arithmetic on {other}"),
    };
    let results = retyped(results, field.data_type())?;
    let lists = ListArray::try_new(field, OffsetBuffer::from_lengths(lengths), results, None)?;
    Ok(ColumnarValue::Array(Arc::new(lists)))
}

fn run<T: ArrowPrimitiveType>(values: &ArrayRef, lengths: &[usize], running: Running) -> ArrayRef
where
    T::Native: ArrowNativeTypeOp,
{
    let values: &PrimitiveArray<T> = values.as_primitive();
    let mut results: Vec<T::Native> = Vec::with_capacity(values.len());
    let mut at = 0;
    for length in lengths {
        let mut state = None;
        for position in at..at + length {
            let value =
                if values.is_null(position) { T::Native::ZERO } else { values.value(position) };
            let before = state.unwrap_or(T::Native::ZERO);
            let sum = before.add_wrapping(value);
            let (result, next) = match running {
                Running::Sum => (sum, sum),
                Running::SumFromZero if sum.is_lt(T::Native::ZERO) => {
                    (T::Native::ZERO, T::Native::ZERO)
                }
                Running::SumFromZero => (sum, sum),
                Running::Difference if state.is_none() => (T::Native::ZERO, value),
                Running::Difference => (value.sub_wrapping(before), value),
            };
            state = Some(next);
            results.push(result);
        }
        at += length;
    }
    Arc::new(PrimitiveArray::<T>::from_iter_values(results))
}
