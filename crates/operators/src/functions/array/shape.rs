//! Arrays made of values and of other arrays: literals, parts, joins, repetitions.

use super::lists::{Lists, Selection, list_field, retyped};
use crate::functions::input::{Ints, Text, write_texts};
use crate::functions::{Kernel, KernelArgs};
use arrow::array::{
    Array, ArrayRef, AsArray, Int64Array, ListArray, StringViewArray, StructArray, UInt32Array,
};
use arrow::buffer::OffsetBuffer;
use arrow::compute::interleave;
use arrow::datatypes::DataType;
use datafusion::common::{Result, exec_err, internal_err};
use datafusion::logical_expr::ColumnarValue;
use std::ops::Range;
use std::sync::Arc;

pub(super) static KERNELS: &[(&str, Kernel)] = &[
    ("array", array),
    ("array_concat", concat),
    ("array_slice", slice),
    ("array_reverse", reverse),
    ("array_rotate", rotate),
    ("array_resize", resize),
    ("array_flatten", flatten),
    ("array_with_constant", with_constant),
    ("array_zip", zip),
    ("array_enumerate", enumerate),
    ("array_range", range),
    ("array_join_text", join_text),
];

/// Elements that a kernel may make at most in one row, as in ClickHouse's own limit for one block.
const MOST_ELEMENTS: usize = 1 << 28;

/// Lists of elements taken from several columns.
struct Mixture<'a> {
    sources: Vec<&'a dyn Array>,
    picks: Vec<(usize, usize)>,
    lengths: Vec<usize>,
}

impl<'a> Mixture<'a> {
    fn new(sources: Vec<&'a dyn Array>) -> Self {
        Self { sources, picks: Vec::new(), lengths: Vec::new() }
    }

    fn push(&mut self, picks: impl IntoIterator<Item = (usize, usize)>) {
        let before = self.picks.len();
        self.picks.extend(picks);
        self.lengths.push(self.picks.len() - before);
    }

    fn lists(self, return_type: &DataType) -> Result<ColumnarValue> {
        let field = list_field(return_type)?;
        let values = if self.sources.is_empty() {
            arrow::array::new_empty_array(field.data_type())
        } else {
            interleave(&self.sources, &self.picks)?
        };
        let values = retyped(values, field.data_type())?;
        Ok(ColumnarValue::Array(Arc::new(ListArray::try_new(
            field,
            OffsetBuffer::from_lengths(self.lengths),
            values,
            None,
        )?)))
    }
}

/// `array(value, ..)`: all of the element's type.
fn array(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let columns =
        (0..args.args.len()).map(|index| args.array(index)).collect::<Result<Vec<_>>>()?;
    let mut mixture = Mixture::new(columns.iter().map(AsRef::as_ref).collect());
    for row in 0..args.rows {
        mixture.push((0..columns.len()).map(|column| (column, row)));
    }
    mixture.lists(args.return_type)
}

/// `array_concat(array, ..)`.
fn concat(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let lists =
        (0..args.args.len()).map(|index| Lists::of(args, index)).collect::<Result<Vec<_>>>()?;
    let mut mixture = Mixture::new(lists.iter().map(|lists| lists.values().as_ref()).collect());
    for row in 0..args.rows {
        let elements = lists
            .iter()
            .enumerate()
            .flat_map(|(source, lists)| lists.range(row).map(move |at| (source, at)));
        mixture.push(elements);
    }
    mixture.lists(args.return_type)
}

/// Chooses elements of the first argument, row by row; NULL where `choose` says so.
fn choose(
    args: &KernelArgs<'_>,
    choose: impl Fn(Range<usize>, usize) -> Option<Vec<usize>>,
) -> Result<ColumnarValue> {
    let lists = Lists::of(args, 0)?;
    let nulls = lists.nulls(args.rows);
    let mut selection = Selection::with_capacity(args.rows);
    for row in 0..args.rows {
        let valid = nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row));
        match choose(lists.range(row), row).filter(|_| valid) {
            Some(chosen) => selection.push(chosen),
            None => selection.push_null(),
        }
    }
    selection.lists(lists.values(), args.return_type)
}

/// `array_slice(array, offset[, length])`: from 1, negative offsets from the end; a negative length is an end from the end.
fn slice(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let offsets = Ints::of(args, 1)?;
    let lengths = if args.args.len() > 2 { Some(Ints::of(args, 2)?) } else { None };
    choose(args, |range, row| {
        let length = lengths.as_ref().and_then(|lengths| lengths.get(row));
        Some(part(range, offsets.get(row).unwrap_or(1), length).collect())
    })
}

fn part(range: Range<usize>, offset: i64, length: Option<i64>) -> Range<usize> {
    let size = i64::try_from(range.len()).unwrap_or(i64::MAX);
    let start = match offset {
        0 => return range.start..range.start,
        1.. => offset - 1,
        _ => size.saturating_add(offset),
    };
    let end = match length {
        None => size,
        Some(length) if length >= 0 => start.saturating_add(length),
        Some(length) => size.saturating_add(length),
    };
    let inside = |at: i64| range.start + usize::try_from(at.clamp(0, size)).unwrap_or(0);
    let start = inside(start);
    start..inside(end).max(start)
}

/// `array_reverse(array)`.
fn reverse(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    choose(args, |range, _| Some(range.rev().collect()))
}

/// `array_rotate(array, steps)`: to the left; negative to the right.
fn rotate(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let steps = Ints::of(args, 1)?;
    choose(args, |range, row| {
        let steps = steps.get(row)?;
        let size = i64::try_from(range.len().max(1)).unwrap_or(i64::MAX);
        let left = usize::try_from(steps.rem_euclid(size)).unwrap_or(0);
        Some((range.start + left..range.end).chain(range.start..range.start + left).collect())
    })
}

/// `array_resize(array, size, value)`: cut or filled up at the end; at the start if the size is negative.
fn resize(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let (lists, sizes, fill) = (Lists::of(args, 0)?, Ints::of(args, 1)?, args.array(2)?);
    let fill = retyped(fill, lists.values().data_type())?;
    let mut mixture = Mixture::new(vec![lists.values().as_ref(), fill.as_ref()]);
    for row in 0..args.rows {
        let range = lists.range(row);
        let size = sizes.get(row).unwrap_or(0);
        let wanted = checked_count(size.unsigned_abs())?;
        let kept = wanted.min(range.len());
        let filled = std::iter::repeat_n((1, row), wanted - kept);
        if size >= 0 {
            mixture.push((range.start..range.start + kept).map(|at| (0, at)).chain(filled));
        } else {
            mixture.push(filled.chain((range.end - kept..range.end).map(|at| (0, at))));
        }
    }
    mixture.lists(args.return_type)
}

fn checked_count(count: u64) -> Result<usize> {
    match usize::try_from(count) {
        Ok(count) if count <= MOST_ELEMENTS => Ok(count),
        _ => exec_err!("an array of {count} elements is too large"),
    }
}

/// `array_flatten(array)`: arrays of arrays at any depth become one array.
fn flatten(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let lists = Lists::of(args, 0)?;
    let mut ranges: Vec<Vec<Range<usize>>> =
        (0..args.rows).map(|row| vec![lists.range(row)]).collect();
    let mut values = Arc::clone(lists.values());
    let element = list_field(args.return_type)?;
    while let (DataType::List(_), false) =
        (values.data_type(), is_same_shape(values.data_type(), element.data_type()))
    {
        let inner = values.as_list::<i32>().clone();
        let inner = Lists::of_value(&ColumnarValue::Array(Arc::new(inner)))?;
        for ranges in &mut ranges {
            *ranges = ranges.iter().cloned().flatten().map(|row| inner.range(row)).collect();
        }
        values = Arc::clone(inner.values());
    }
    let mut selection = Selection::with_capacity(args.rows);
    for ranges in ranges {
        selection.push(ranges.into_iter().flatten());
    }
    selection.lists(&values, args.return_type)
}

/// Whether both are lists, or both are not.
fn is_same_shape(left: &DataType, right: &DataType) -> bool {
    matches!(left, DataType::List(_)) == matches!(right, DataType::List(_))
}

/// `array_with_constant(length, value)`.
fn with_constant(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let (lengths, values) = (Ints::of(args, 0)?, args.array(1)?);
    let mut mixture = Mixture::new(vec![values.as_ref()]);
    for row in 0..args.rows {
        let length = lengths.get(row).unwrap_or(0);
        let Ok(length) = u64::try_from(length) else {
            return exec_err!("the length of an array cannot be negative: {length}");
        };
        mixture.push(std::iter::repeat_n((0, row), checked_count(length)?));
    }
    mixture.lists(args.return_type)
}

/// `array_zip(array, ..)`: an array of tuples; lengths must agree.
fn zip(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let field = list_field(args.return_type)?;
    let DataType::Struct(fields) = field.data_type() else {
        return internal_err!("array_zip gives tuples");
    };
    let lists =
        (0..args.args.len()).map(|index| Lists::of(args, index)).collect::<Result<Vec<_>>>()?;
    let lengths: Vec<usize> =
        (0..args.rows).map(|row| lists.first().map_or(0, |first| first.range(row).len())).collect();
    let mut columns = Vec::with_capacity(lists.len());
    for (lists, field) in lists.iter().zip(fields) {
        let mut positions = Vec::new();
        for (row, length) in lengths.iter().enumerate() {
            let range = lists.range(row);
            if range.len() != *length {
                return exec_err!(
                    "the arrays have different lengths: {length} and {}",
                    range.len()
                );
            }
            positions.extend(range.map(|position| position as u64));
        }
        let column = arrow::compute::take(
            lists.values(),
            &arrow::array::UInt64Array::from(positions),
            None,
        )?;
        columns.push(retyped(column, field.data_type())?);
    }
    let tuples: ArrayRef = Arc::new(StructArray::try_new_with_length(
        fields.clone(),
        columns,
        None,
        lengths.iter().sum(),
    )?);
    Ok(ColumnarValue::Array(Arc::new(ListArray::try_new(
        field,
        OffsetBuffer::from_lengths(lengths),
        tuples,
        None,
    )?)))
}

/// `array_enumerate(array)`: 1, 2, ..
fn enumerate(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let lists = Lists::of(args, 0)?;
    let lengths: Vec<usize> = (0..args.rows).map(|row| lists.range(row).len()).collect();
    let numbers: ArrayRef = Arc::new(
        lengths
            .iter()
            .flat_map(|length| (1_u32..).take(*length))
            .map(Some)
            .collect::<UInt32Array>(),
    );
    let field = list_field(args.return_type)?;
    Ok(ColumnarValue::Array(Arc::new(ListArray::try_new(
        field,
        OffsetBuffer::from_lengths(lengths),
        numbers,
        None,
    )?)))
}

/// `array_range(start, end, step)`: from the start up to the end, which is not in it.
fn range(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let (starts, ends, steps) = (Ints::of(args, 0)?, Ints::of(args, 1)?, Ints::of(args, 2)?);
    let mut numbers: Vec<i64> = Vec::new();
    let mut lengths = Vec::with_capacity(args.rows);
    for row in 0..args.rows {
        let (Some(start), Some(end), Some(step)) = (starts.get(row), ends.get(row), steps.get(row))
        else {
            lengths.push(0);
            continue;
        };
        let count = steps_between(start, end, step)?;
        lengths.push(count);
        numbers.extend(
            std::iter::successors(Some(start), |number| number.checked_add(step)).take(count),
        );
    }
    let field = list_field(args.return_type)?;
    let numbers: ArrayRef = Arc::new(Int64Array::from(numbers));
    let numbers = retyped(numbers, field.data_type())?;
    Ok(ColumnarValue::Array(Arc::new(ListArray::try_new(
        field,
        OffsetBuffer::from_lengths(lengths),
        numbers,
        None,
    )?)))
}

fn steps_between(start: i64, end: i64, step: i64) -> Result<usize> {
    let distance = i128::from(end) - i128::from(start);
    let step = i128::from(step);
    if step == 0 {
        return exec_err!("the step of a range cannot be 0");
    }
    if distance == 0 || (distance > 0) != (step > 0) {
        return Ok(0);
    }
    checked_count(u64::try_from((distance.abs() + step.abs() - 1) / step.abs()).unwrap_or(u64::MAX))
}

/// `array_join_text(array, separator)`: the texts that are not NULL.
fn join_text(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let (lists, separators) = (Lists::of(args, 0)?, Text::of(args, 1)?);
    let values = lists.values();
    let empty = StringViewArray::new_null(values.len());
    let values =
        if values.data_type() == &DataType::Null { &empty } else { values.as_string_view() };
    let nulls = lists.nulls(args.rows);
    write_texts(args.rows, |row, out| {
        let Some(separator) = separators.get(row) else { return Ok(false) };
        if nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
            return Ok(false);
        }
        let parts = lists.range(row).filter(|position| values.is_valid(*position));
        for (index, position) in parts.enumerate() {
            if index > 0 {
                out.push_str(separator);
            }
            out.push_str(values.value(position));
        }
        Ok(true)
    })
}
