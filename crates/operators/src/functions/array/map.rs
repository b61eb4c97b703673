//! Maps: entries with a key and a value, in order; the first of equal keys counts.

use super::element::or_default;
use super::lists::{Lists, list_field, retyped};
use crate::functions::{Kernel, KernelArgs};
use arrow::array::{Array, ArrayRef, AsArray, ListArray, MapArray, StructArray, UInt64Array};
use arrow::buffer::OffsetBuffer;
use arrow::compute::take;
use arrow::datatypes::DataType;
use arrow::row::{RowConverter, Rows, SortField};
use datafusion::common::{HashMap, Result, exec_err, internal_err};
use datafusion::logical_expr::ColumnarValue;
use std::sync::Arc;

pub(super) static KERNELS: &[(&str, Kernel)] = &[
    ("map_from_arrays", from_arrays),
    ("map_keys", |args| side(args, 0)),
    ("map_values", |args| side(args, 1)),
    ("map_element", element),
    ("map_update", update),
];

/// Keys and values of all entries of a map argument.
fn columns(lists: &Lists) -> Result<(ArrayRef, ArrayRef)> {
    match lists.values().as_struct_opt().map(StructArray::columns) {
        Some([keys, values]) => Ok((Arc::clone(keys), Arc::clone(values))),
        _ => internal_err!("a map was expected"),
    }
}

fn encode(values: &ArrayRef, converter: &RowConverter) -> Result<Rows> {
    Ok(converter.convert_columns(std::slice::from_ref(values))?)
}

fn converter(values: &ArrayRef) -> Result<RowConverter> {
    Ok(RowConverter::new(vec![SortField::new(values.data_type().clone())])?)
}

/// A map of those entries.
fn map(
    return_type: &DataType,
    keys: ArrayRef,
    values: ArrayRef,
    lengths: &[usize],
) -> Result<ColumnarValue> {
    let DataType::Map(field, sorted) = return_type else {
        return internal_err!("{return_type} is no map");
    };
    let DataType::Struct(fields) = field.data_type() else {
        return internal_err!("a map has entries");
    };
    let [key, value] = fields.as_ref() else {
        return internal_err!("an entry is a key and a value");
    };
    let columns = vec![retyped(keys, key.data_type())?, retyped(values, value.data_type())?];
    let entries = StructArray::try_new(fields.clone(), columns, None)?;
    let offsets = OffsetBuffer::from_lengths(lengths.iter().copied());
    Ok(ColumnarValue::Array(Arc::new(MapArray::try_new(
        Arc::clone(field),
        offsets,
        entries,
        None,
        *sorted,
    )?)))
}

/// `map_from_arrays(keys, values)`; lengths must agree.
fn from_arrays(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let (keys, values) = (Lists::of(args, 0)?, Lists::of(args, 1)?);
    let (mut from_keys, mut from_values) = (Vec::new(), Vec::new());
    let mut lengths = Vec::with_capacity(args.rows);
    for row in 0..args.rows {
        let (key_range, value_range) = (keys.range(row), values.range(row));
        if key_range.len() != value_range.len() {
            return exec_err!("a map of {} keys and {} values", key_range.len(), value_range.len());
        }
        lengths.push(key_range.len());
        from_keys.extend(key_range.map(|position| position as u64));
        from_values.extend(value_range.map(|position| position as u64));
    }
    let keys = take(keys.values(), &UInt64Array::from(from_keys), None)?;
    let values = take(values.values(), &UInt64Array::from(from_values), None)?;
    if keys.null_count() > 0 {
        return exec_err!("a key of a map cannot be NULL");
    }
    map(args.return_type, keys, values, &lengths)
}

/// `map_keys(map)`, `map_values(map)`.
fn side(args: &KernelArgs<'_>, column: usize) -> Result<ColumnarValue> {
    let map = args.array(0)?;
    let Some(map) = map.as_map_opt() else { return internal_err!("a map was expected") };
    let field = list_field(args.return_type)?;
    let values = retyped(Arc::clone(map.entries().column(column)), field.data_type())?;
    let lists = ListArray::try_new(field, map.offsets().clone(), values, map.nulls().cloned())?;
    Ok(ColumnarValue::Array(Arc::new(lists)))
}

/// `map_element(map, key[, default])`: the default (else NULL) where the key is not there.
fn element(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let maps = Lists::of(args, 0)?;
    let (keys, values) = columns(&maps)?;
    let converter = converter(&keys)?;
    let wanted = retyped(args.array(1)?, keys.data_type())?;
    let nulls = wanted.nulls().cloned();
    let is_null = |row| nulls.as_ref().is_some_and(|nulls| nulls.is_null(row));
    let (keys, wanted) = (encode(&keys, &converter)?, encode(&wanted, &converter)?);
    let position = |row: usize| {
        let mut range = maps.range(row);
        range
            .find(|position| keys.row(*position) == wanted.row(row))
            .map(|position| position as u64)
    };
    let positions: UInt64Array = (0..args.rows).map(position).collect();
    let values = take(&values, &positions, None)?;
    or_default(args, values, |row| positions.is_valid(row) || is_null(row), 2)
}

/// `map_update(map, changes)`: the first map's entries without changed keys, then the changes.
fn update(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let (maps, changes) = (Lists::of(args, 0)?, Lists::of(args, 1)?);
    let ((keys, values), (new_keys, new_values)) = (columns(&maps)?, columns(&changes)?);
    let converter = converter(&keys)?;
    let (old_rows, new_rows) = (encode(&keys, &converter)?, encode(&new_keys, &converter)?);
    let mut picks = Vec::new();
    let mut lengths = Vec::with_capacity(args.rows);
    for row in 0..args.rows {
        let changed: HashMap<_, _> =
            changes.range(row).map(|position| (new_rows.row(position), position)).collect();
        let before = picks.len();
        let kept =
            maps.range(row).filter(|position| !changed.contains_key(&old_rows.row(*position)));
        picks.extend(kept.map(|position| (0, position)));
        picks.extend(changes.range(row).map(|position| (1, position)));
        lengths.push(picks.len() - before);
    }
    let keys = arrow::compute::interleave(&[keys.as_ref(), new_keys.as_ref()], &picks)?;
    let values = arrow::compute::interleave(&[values.as_ref(), new_values.as_ref()], &picks)?;
    map(args.return_type, keys, values, &lengths)
}
