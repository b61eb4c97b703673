//! Arrays as sets: distinct elements, common elements, their numbers.

use super::lists::{Lists, Selection, nan_flags};
use crate::functions::{Kernel, KernelArgs};
use arrow::array::{Array, ArrayRef, BooleanArray, ListArray, UInt8Array, UInt32Array};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field};
use arrow::row::{Row, RowConverter, Rows, SortField};
use datafusion::common::{HashMap, HashSet, Result, exec_err, internal_err};
use datafusion::logical_expr::ColumnarValue;
use std::ops::Range;
use std::sync::Arc;

pub(super) static KERNELS: &[(&str, Kernel)] = &[
    ("array_distinct", distinct),
    ("array_compact", compact),
    ("array_uniq", uniq),
    ("array_enumerate_uniq", |args| numbered(args, enumerate_uniq)),
    ("array_enumerate_dense", |args| numbered(args, enumerate_dense)),
    ("array_has_all", |args| compared(args, has_all)),
    ("array_has_any", |args| compared(args, has_any)),
    ("array_has_substr", |args| compared(args, has_substr)),
    ("array_intersect", intersect),
];

/// The elements of an array argument as comparable keys.
struct Keys {
    lists: Lists,
    rows: Rows,
    nulls: Option<arrow::buffer::NullBuffer>,
}

impl Keys {
    fn of(args: &KernelArgs<'_>, index: usize) -> Result<Self> {
        let lists = Lists::of(args, index)?;
        Ok(Self { rows: encode(lists.values())?, nulls: lists.values().logical_nulls(), lists })
    }

    fn is_null(&self, position: usize) -> bool {
        self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(position))
    }
}

fn encode(values: &ArrayRef) -> Result<Rows> {
    let converter = RowConverter::new(vec![SortField::new(values.data_type().clone())])?;
    Ok(converter.convert_columns(std::slice::from_ref(values))?)
}

/// `array_distinct(array)`: the first of equal elements, in order, without NULL.
fn distinct(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let keys = Keys::of(args, 0)?;
    let mut seen = HashSet::new();
    select(args, &keys.lists, |range| {
        seen.clear();
        range
            .filter(|position| !keys.is_null(*position) && seen.insert(keys.rows.row(*position)))
            .collect()
    })
}

/// `array_compact(array)`: without elements equal to the one before.
fn compact(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let keys = Keys::of(args, 0)?;
    select(args, &keys.lists, |range| {
        let start = range.start;
        range.filter(|at| *at == start || keys.rows.row(*at) != keys.rows.row(at - 1)).collect()
    })
}

fn select(
    args: &KernelArgs<'_>,
    lists: &Lists,
    mut choose: impl FnMut(Range<usize>) -> Vec<usize>,
) -> Result<ColumnarValue> {
    let nulls = lists.nulls(args.rows);
    let mut selection = Selection::with_capacity(args.rows);
    for row in 0..args.rows {
        if nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
            selection.push_null();
        } else {
            selection.push(choose(lists.range(row)));
        }
    }
    selection.lists(lists.values(), args.return_type)
}

/// The elements of one or several arrays in step, as one key each; lengths must agree.
fn in_step(args: &KernelArgs<'_>) -> Result<Vec<Keys>> {
    let arrays =
        (0..args.args.len()).map(|index| Keys::of(args, index)).collect::<Result<Vec<_>>>()?;
    let Some((first, others)) = arrays.split_first() else { return internal_err!("no array") };
    for row in 0..args.rows {
        let length = first.lists.range(row).len();
        if others.iter().any(|other| other.lists.range(row).len() != length) {
            return exec_err!("the arrays have different lengths");
        }
    }
    Ok(arrays)
}

fn step_keys(arrays: &[Keys], row: usize) -> impl Iterator<Item = Vec<&[u8]>> {
    let ranges: Vec<Range<usize>> = arrays.iter().map(|keys| keys.lists.range(row)).collect();
    let length = ranges.first().map_or(0, Range::len);
    (0..length).map(move |step| {
        arrays
            .iter()
            .zip(&ranges)
            .map(|(keys, range)| keys.rows.row(range.start + step).data())
            .collect()
    })
}

/// `array_uniq(array, ..)`: the number of different elements, or tuples of elements.
fn uniq(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let arrays = in_step(args)?;
    let count = |row| {
        u32::try_from(step_keys(&arrays, row).collect::<HashSet<_>>().len()).unwrap_or(u32::MAX)
    };
    Ok(ColumnarValue::Array(Arc::new((0..args.rows).map(count).map(Some).collect::<UInt32Array>())))
}

/// Numbers for the elements of an array, given the numbers of the keys before.
type Numbering = for<'k> fn(&mut HashMap<Vec<&'k [u8]>, u32>, Vec<&'k [u8]>) -> u32;

/// `array_enumerate_uniq(array, ..)`: the how-many-th of its equals each element is.
fn enumerate_uniq<'k>(seen: &mut HashMap<Vec<&'k [u8]>, u32>, key: Vec<&'k [u8]>) -> u32 {
    let times = seen.entry(key).or_insert(0);
    *times += 1;
    *times
}

/// `array_enumerate_dense(array, ..)`: equal elements have one number, in order of arrival from 1.
fn enumerate_dense<'k>(seen: &mut HashMap<Vec<&'k [u8]>, u32>, key: Vec<&'k [u8]>) -> u32 {
    let next = u32::try_from(seen.len()).unwrap_or(u32::MAX).saturating_add(1);
    *seen.entry(key).or_insert(next)
}

fn numbered(args: &KernelArgs<'_>, number: Numbering) -> Result<ColumnarValue> {
    let arrays = in_step(args)?;
    let mut numbers = Vec::new();
    let mut lengths = Vec::with_capacity(args.rows);
    for row in 0..args.rows {
        let mut seen = HashMap::new();
        let before = numbers.len();
        numbers.extend(step_keys(&arrays, row).map(|key| number(&mut seen, key)));
        lengths.push(numbers.len() - before);
    }
    let field = Arc::new(Field::new_list_field(DataType::UInt32, true));
    let numbers: ArrayRef = Arc::new(UInt32Array::from(numbers));
    let lists = ListArray::try_new(field, OffsetBuffer::from_lengths(lengths), numbers, None)?;
    Ok(ColumnarValue::Array(Arc::new(lists)))
}

/// An element that is looked for or found. NaN equals nothing here, although its keys are equal.
struct Element<'r> {
    key: Row<'r>,
    is_nan: bool,
}

impl PartialEq for Element<'_> {
    fn eq(&self, other: &Self) -> bool {
        !self.is_nan && self.key == other.key
    }
}

/// The elements of an array argument.
struct Elements {
    lists: Lists,
    keys: Rows,
    nan: Option<BooleanArray>,
}

impl Elements {
    fn new(lists: Lists, converter: &RowConverter) -> Result<Self> {
        let keys = converter.convert_columns(std::slice::from_ref(lists.values()))?;
        Ok(Self { keys, nan: nan_flags(lists.values()), lists })
    }

    fn of_row(&self, row: usize) -> Vec<Element<'_>> {
        // What stands where an element is NULL may be NaN.
        let is_nan = |position: usize| {
            let nan = self.nan.as_ref().is_some_and(|nan| nan.value(position));
            nan && self.lists.values().is_valid(position)
        };
        let element =
            |position: usize| Element { key: self.keys.row(position), is_nan: is_nan(position) };
        self.lists.range(row).map(element).collect()
    }
}

/// Compares the elements of two arrays.
fn compared(
    args: &KernelArgs<'_>,
    holds: impl Fn(&[Element<'_>], &[Element<'_>]) -> bool,
) -> Result<ColumnarValue> {
    let (array, wanted) = (Lists::of(args, 0)?, Lists::of(args, 1)?);
    let converter = RowConverter::new(vec![SortField::new(array.values().data_type().clone())])?;
    let (array, wanted) = (Elements::new(array, &converter)?, Elements::new(wanted, &converter)?);
    let flag = |row| u8::from(holds(&array.of_row(row), &wanted.of_row(row)));
    Ok(ColumnarValue::Array(Arc::new(UInt8Array::from(
        (0..args.rows).map(flag).collect::<Vec<_>>(),
    ))))
}

fn has_all(array: &[Element<'_>], wanted: &[Element<'_>]) -> bool {
    wanted.iter().all(|value| array.contains(value))
}

fn has_any(array: &[Element<'_>], wanted: &[Element<'_>]) -> bool {
    wanted.iter().any(|value| array.contains(value))
}

fn has_substr(array: &[Element<'_>], wanted: &[Element<'_>]) -> bool {
    wanted.is_empty() || array.windows(wanted.len()).any(|window| window == wanted)
}

/// `array_intersect(array, ..)`: the distinct elements of the first that all others have, in its order.
fn intersect(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let first = Lists::of(args, 0)?;
    let converter = RowConverter::new(vec![SortField::new(first.values().data_type().clone())])?;
    let rows = converter.convert_columns(std::slice::from_ref(first.values()))?;
    let mut others = Vec::new();
    for index in 1..args.args.len() {
        let lists = Lists::of(args, index)?;
        let rows = converter.convert_columns(std::slice::from_ref(lists.values()))?;
        others.push((lists, rows));
    }
    let mut selection = Selection::with_capacity(args.rows);
    for row in 0..args.rows {
        let sets: Vec<HashSet<Row<'_>>> = others
            .iter()
            .map(|(lists, rows)| lists.range(row).map(|position| rows.row(position)).collect())
            .collect();
        let mut seen = HashSet::new();
        selection.push(first.range(row).filter(|position| {
            let value = rows.row(*position);
            sets.iter().all(|set| set.contains(&value)) && seen.insert(value)
        }));
    }
    selection.lists(first.values(), args.return_type)
}
