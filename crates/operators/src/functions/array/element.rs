//! Single elements: of arrays, maps and tuples; and tuples made of values.

use super::lists::{Lists, retyped};
use crate::functions::input::Ints;
use crate::functions::{Kernel, KernelArgs};
use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, ListArray, Scalar, StructArray, UInt64Array,
    new_null_array,
};
use arrow::buffer::OffsetBuffer;
use arrow::compute::kernels::zip::zip;
use arrow::compute::{interleave, take};
use arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue, exec_err, internal_err};
use datafusion::logical_expr::ColumnarValue;
use std::sync::Arc;

pub(super) static KERNELS: &[(&str, Kernel)] = &[
    ("array_element", array_element),
    ("array_or_default", array_or_default),
    ("tuple", tuple),
    ("tuple_element", tuple_element),
];

/// `array_element(array, index[, default])`: from 1, negative from the end; the default (else NULL) where there is none.
fn array_element(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let (lists, indexes) = (Lists::of(args, 0)?, Ints::of(args, 1)?);
    let position = |row: usize| {
        let range = lists.range(row);
        let index = indexes.get(row)?;
        let from_start = usize::try_from(index.unsigned_abs()).ok()?;
        let inside = (1..=range.len()).contains(&from_start);
        inside
            .then(|| if index > 0 { range.start + from_start - 1 } else { range.end - from_start })
    };
    let positions: UInt64Array =
        (0..args.rows).map(|row| position(row).map(|at| at as u64)).collect();
    let values = take(lists.values(), &positions, None)?;
    or_default(args, values, |row| positions.is_valid(row) || indexes.get(row).is_none(), 2)
}

/// The values, and argument `default` where `keep` does not hold.
pub(super) fn or_default(
    args: &KernelArgs<'_>,
    values: ArrayRef,
    keep: impl Fn(usize) -> bool,
    default: usize,
) -> Result<ColumnarValue> {
    let values = retyped(values, args.return_type)?;
    let Some(ColumnarValue::Scalar(default)) = args.args.get(default) else {
        return Ok(ColumnarValue::Array(values));
    };
    let keep: BooleanArray = (0..values.len()).map(|row| Some(keep(row))).collect();
    if keep.false_count() == 0 {
        return Ok(ColumnarValue::Array(values));
    }
    let default = retyped(default.to_array()?, args.return_type)?;
    Ok(ColumnarValue::Array(zip(&keep, &values, &Scalar::new(default))?))
}

/// `array_or_default(array[, default])`: an empty array becomes one of the default (else of zero, or the empty text).
fn array_or_default(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let lists = Lists::of(args, 0)?;
    let DataType::List(field) = args.return_type else {
        return internal_err!("array_or_default gives an array");
    };
    let default = match args.args.get(1) {
        Some(ColumnarValue::Scalar(default)) => default.to_array()?,
        _ => default_of(field.data_type())?,
    };
    let default = retyped(default, field.data_type())?;
    let mut picks = Vec::with_capacity(lists.values().len() + args.rows);
    let mut lengths = Vec::with_capacity(args.rows);
    for row in 0..args.rows {
        let range = lists.range(row);
        lengths.push(range.len().max(1));
        if range.is_empty() {
            picks.push((1, 0));
        }
        picks.extend(range.map(|position| (0, position)));
    }
    let values = interleave(&[lists.values().as_ref(), default.as_ref()], &picks)?;
    let lists =
        ListArray::try_new(Arc::clone(field), OffsetBuffer::from_lengths(lengths), values, None)?;
    Ok(ColumnarValue::Array(Arc::new(lists)))
}

/// One value that stands for nothing.
pub(super) fn default_of(ty: &DataType) -> Result<ArrayRef> {
    Ok(match ty {
        DataType::Utf8View => ScalarValue::Utf8View(Some(String::new())).to_array()?,
        DataType::List(field) => {
            let empty = arrow::array::new_empty_array(field.data_type());
            Arc::new(ListArray::try_new(
                Arc::clone(field),
                OffsetBuffer::from_lengths([0]),
                empty,
                None,
            )?)
        }
        DataType::Struct(fields) => {
            let columns = fields
                .iter()
                .map(|field| default_of(field.data_type()))
                .collect::<Result<Vec<_>>>()?;
            Arc::new(StructArray::try_new_with_length(fields.clone(), columns, None, 1)?)
        }
        DataType::Null | DataType::Map(_, _) => new_null_array(ty, 1),
        DataType::Boolean => ScalarValue::Boolean(Some(false)).to_array()?,
        _ => retyped(ScalarValue::Int32(Some(0)).to_array()?, ty)?,
    })
}

/// `tuple(value, ..)`: never NULL, its elements may be.
fn tuple(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let DataType::Struct(fields) = args.return_type else {
        return internal_err!("tuple gives a tuple");
    };
    let columns = (0..args.args.len())
        .zip(fields.iter())
        .map(|(index, field)| retyped(args.array(index)?, field.data_type()))
        .collect::<Result<Vec<_>>>()?;
    Ok(ColumnarValue::Array(Arc::new(StructArray::try_new_with_length(
        fields.clone(),
        columns,
        None,
        args.rows,
    )?)))
}

/// `tuple_element(tuple, index)`: the index is a constant from 1.
fn tuple_element(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let index = match Ints::of(args, 1)? {
        Ints::Constant(Some(index)) => usize::try_from(index).unwrap_or(0),
        _ => return exec_err!("the index of a tuple's element must be a constant"),
    };
    let element = |array: &ArrayRef| -> Result<ArrayRef> {
        let tuple = array.as_struct();
        let Some(column) = index.checked_sub(1).and_then(|index| tuple.columns().get(index)) else {
            return exec_err!("a tuple of {} elements has no element {index}", tuple.num_columns());
        };
        match tuple.nulls() {
            None => Ok(Arc::clone(column)),
            Some(nulls) => {
                Ok(arrow::compute::nullif(column, &BooleanArray::new(!nulls.inner(), None))?)
            }
        }
    };
    match args.args.first() {
        Some(ColumnarValue::Array(array)) => Ok(ColumnarValue::Array(element(array)?)),
        Some(ColumnarValue::Scalar(scalar)) => Ok(ColumnarValue::Scalar(
            ScalarValue::try_from_array(&element(&scalar.to_array()?)?, 0)?,
        )),
        None => internal_err!("missing argument 0"),
    }
}
