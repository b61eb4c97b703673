//! Kernels that evaluate the lambda once for all elements.

use super::Kernel;
use super::call::{Elements, LambdaCall, typed_default};
use crate::functions::array::{Selection, list_field, nan_flags, retyped};
use arrow::array::{
    Array, ArrayRef, BooleanArray, ListArray, Scalar, UInt8Array, UInt32Array, UInt64Array,
};
use arrow::buffer::OffsetBuffer;
use arrow::compute::SortOptions;
use arrow::compute::kernels::zip::zip;
use arrow::compute::take;
use arrow::row::{RowConverter, SortField};
use datafusion::common::Result;
use datafusion::logical_expr::ColumnarValue;
use std::ops::Range;
use std::sync::Arc;

pub(super) static KERNELS: &[(&str, Kernel)] = &[
    ("array_map", map),
    ("array_filter", filter),
    ("array_count", |call| counts(call, |flags, range| set(flags, range).count() as u64)),
    ("array_exists", |call| holds(call, |flags, range| set(flags, range).next().is_some())),
    ("array_all", |call| {
        holds(call, |flags, range| set(flags, range.clone()).count() == range.len())
    }),
    ("array_first", |call| found(call, |flags, range| set(flags, range).next())),
    ("array_last", |call| found(call, |flags, range| set(flags, range).last())),
    ("array_first_index", |call| index(call, |flags, range| set(flags, range).next())),
    ("array_last_index", |call| index(call, |flags, range| set(flags, range).last())),
    ("array_sort", |call| sort(call, false)),
    ("array_reverse_sort", |call| sort(call, true)),
    ("array_fill", |call| fill(call, false)),
    ("array_reverse_fill", |call| fill(call, true)),
    ("array_split", |call| split(call, false)),
    ("array_reverse_split", |call| split(call, true)),
];

/// Positions in the range whose flag is set.
fn set(flags: &BooleanArray, range: Range<usize>) -> impl Iterator<Item = usize> {
    range.filter(|position| flags.value(*position))
}

fn offsets(elements: &Elements) -> OffsetBuffer<i32> {
    OffsetBuffer::from_lengths(elements.ranges.iter().map(Range::len))
}

/// `array_map(f, array, ..)`.
fn map(call: &LambdaCall<'_>) -> Result<ColumnarValue> {
    let elements = call.elements(call.params)?;
    let field = list_field(call.return_type)?;
    let values = retyped(call.map(&elements)?, field.data_type())?;
    let lists = ListArray::try_new(field, offsets(&elements), values, elements.nulls.clone())?;
    Ok(ColumnarValue::Array(Arc::new(lists)))
}

/// Elements of the first array, chosen row by row.
fn select(
    call: &LambdaCall<'_>,
    elements: &Elements,
    mut choose: impl FnMut(Range<usize>) -> Vec<usize>,
) -> Result<ColumnarValue> {
    let mut selection = Selection::with_capacity(call.rows);
    for (row, range) in elements.ranges.iter().enumerate() {
        if elements.is_null(row) {
            selection.push_null();
        } else {
            selection.push(choose(range.clone()));
        }
    }
    selection.lists(elements.first()?, call.return_type)
}

/// `array_filter(f, array, ..)`: the elements of the first array for which `f` holds.
fn filter(call: &LambdaCall<'_>) -> Result<ColumnarValue> {
    let elements = call.elements(call.params)?;
    let flags = call.test(&elements)?;
    select(call, &elements, |range| set(&flags, range).collect())
}

fn counts(
    call: &LambdaCall<'_>,
    count: impl Fn(&BooleanArray, Range<usize>) -> u64,
) -> Result<ColumnarValue> {
    let elements = call.elements(call.params)?;
    let flags = call.test(&elements)?;
    let counts = elements.ranges.iter().map(|range| count(&flags, range.clone()));
    let counts: ArrayRef = Arc::new(UInt64Array::from_iter_values(counts));
    Ok(ColumnarValue::Array(retyped(counts, call.return_type)?))
}

fn holds(
    call: &LambdaCall<'_>,
    test: impl Fn(&BooleanArray, Range<usize>) -> bool,
) -> Result<ColumnarValue> {
    let elements = call.elements(call.params)?;
    let flags = call.test(&elements)?;
    let holds = elements.ranges.iter().map(|range| u8::from(test(&flags, range.clone())));
    let holds: ArrayRef = Arc::new(UInt8Array::from_iter_values(holds));
    Ok(ColumnarValue::Array(retyped(holds, call.return_type)?))
}

/// `array_first(f, array, .., default)`: the default (else NULL) where there is none.
fn found(
    call: &LambdaCall<'_>,
    find: impl Fn(&BooleanArray, Range<usize>) -> Option<usize>,
) -> Result<ColumnarValue> {
    let elements = call.elements(call.params)?;
    let flags = call.test(&elements)?;
    let positions = elements
        .ranges
        .iter()
        .map(|range| find(&flags, range.clone()).map(|position| position as u64));
    let positions: UInt64Array = positions.collect();
    let values = retyped(take(elements.first()?, &positions, None)?, call.return_type)?;
    let Ok(default) = call.value(call.params) else { return Ok(ColumnarValue::Array(values)) };
    let was_found: BooleanArray =
        (0..positions.len()).map(|row| Some(positions.is_valid(row))).collect();
    let default = typed_default(default, call.return_type)?;
    Ok(ColumnarValue::Array(zip(&was_found, &values, &Scalar::new(default))?))
}

/// `array_first_index(f, array, ..)`: from 1; 0 if there is none.
fn index(
    call: &LambdaCall<'_>,
    find: impl Fn(&BooleanArray, Range<usize>) -> Option<usize>,
) -> Result<ColumnarValue> {
    let elements = call.elements(call.params)?;
    let flags = call.test(&elements)?;
    let index = |range: &Range<usize>| {
        let index = find(&flags, range.clone()).map_or(0, |position| position - range.start + 1);
        u32::try_from(index).unwrap_or(u32::MAX)
    };
    let indexes: ArrayRef =
        Arc::new(UInt32Array::from_iter_values(elements.ranges.iter().map(index)));
    Ok(ColumnarValue::Array(retyped(indexes, call.return_type)?))
}

/// `array_sort(f, array, ..)`: the first array by what `f` gives, equals in order of arrival; NaN and NULL last both ways.
fn sort(call: &LambdaCall<'_>, descending: bool) -> Result<ColumnarValue> {
    let elements = call.elements(call.params)?;
    let keys = without_nan(call.map(&elements)?)?;
    let options = SortOptions { descending, nulls_first: false };
    let converter =
        RowConverter::new(vec![SortField::new_with_options(keys.data_type().clone(), options)])?;
    let keys = converter.convert_columns(&[keys])?;
    select(call, &elements, |range| {
        let mut positions: Vec<usize> = range.collect();
        positions.sort_by_key(|position| keys.row(*position));
        positions
    })
}

/// NULL in place of NaN, which sorts with it.
fn without_nan(keys: ArrayRef) -> Result<ArrayRef> {
    match nan_flags(&keys) {
        Some(nan) => Ok(arrow::compute::nullif(&keys, &nan)?),
        None => Ok(keys),
    }
}

/// `array_fill(f, array, ..)`: an element for which `f` does not hold becomes the one before it (after it, if reversed).
fn fill(call: &LambdaCall<'_>, reversed: bool) -> Result<ColumnarValue> {
    let elements = call.elements(call.params)?;
    let flags = call.test(&elements)?;
    select(call, &elements, |range| {
        let mut kept = None;
        let mut keep = |position: usize| {
            if flags.value(position) || kept.is_none() {
                kept = Some(position);
            }
            kept.unwrap_or(position)
        };
        if reversed {
            let mut filled: Vec<usize> = range.rev().map(&mut keep).collect();
            filled.reverse();
            filled
        } else {
            range.map(&mut keep).collect()
        }
    })
}

/// `array_split(f, array, ..)`: parts that begin (end, if reversed) where `f` holds.
fn split(call: &LambdaCall<'_>, reversed: bool) -> Result<ColumnarValue> {
    let elements = call.elements(call.params)?;
    let flags = call.test(&elements)?;
    let outer = list_field(call.return_type)?;
    let inner = list_field(outer.data_type())?;
    let (mut part_lengths, mut part_counts) = (Vec::new(), Vec::with_capacity(call.rows));
    for range in &elements.ranges {
        let before = part_lengths.len();
        let mut start = range.start;
        for position in range.clone() {
            let next = if reversed { position + 1 } else { position };
            if flags.value(position) && start < next && next < range.end {
                part_lengths.push(next - start);
                start = next;
            }
        }
        if start < range.end {
            part_lengths.push(range.end - start);
        }
        part_counts.push(part_lengths.len() - before);
    }
    let values = retyped(Arc::clone(elements.first()?), inner.data_type())?;
    let parts: ArrayRef = Arc::new(ListArray::try_new(
        inner,
        OffsetBuffer::from_lengths(part_lengths),
        values,
        None,
    )?);
    let lists =
        ListArray::try_new(outer, OffsetBuffer::from_lengths(part_counts), parts, elements.nulls)?;
    Ok(ColumnarValue::Array(Arc::new(lists)))
}
