//! Arrays as kernels read them, and arrays made of elements of others.

use crate::functions::KernelArgs;
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, ListArray, MapArray, UInt64Array};
use arrow::buffer::{BooleanBuffer, NullBuffer, OffsetBuffer};
use arrow::compute::take;
use arrow::datatypes::{DataType, FieldRef, Float32Type, Float64Type};
use datafusion::common::{Result, internal_err};
use datafusion::logical_expr::ColumnarValue;
use std::ops::Range;
use std::sync::Arc;

/// One array argument: a list for each row, or one for all.
#[derive(Debug)]
pub(crate) struct Lists {
    list: ListArray,
    constant: bool,
}

impl Lists {
    /// Argument `index`, which must be a list or a map (a list of its entries).
    pub(crate) fn of(args: &KernelArgs<'_>, index: usize) -> Result<Self> {
        match args.args.get(index) {
            Some(value) => Self::of_value(value),
            None => internal_err!("missing argument {index}"),
        }
    }

    /// A list or a map.
    pub(crate) fn of_value(value: &ColumnarValue) -> Result<Self> {
        let (array, constant) = match value {
            ColumnarValue::Array(array) => (Arc::clone(array), false),
            ColumnarValue::Scalar(scalar) => (scalar.to_array()?, true),
        };
        Ok(Self { list: as_list(&array)?, constant })
    }

    /// Positions in [`values`](Self::values) of a row's elements; none for NULL.
    pub(crate) fn range(&self, row: usize) -> Range<usize> {
        let row = if self.constant { 0 } else { row };
        if self.list.is_null(row) {
            return 0..0;
        }
        let offsets = self.list.value_offsets();
        to_usize(offsets[row])..to_usize(offsets[row + 1])
    }

    /// The elements of all rows, and perhaps some of none.
    pub(crate) fn values(&self) -> &ArrayRef {
        self.list.values()
    }

    /// Which of `rows` rows are NULL.
    pub(crate) fn nulls(&self, rows: usize) -> Option<NullBuffer> {
        match (self.constant, self.list.nulls()) {
            (_, None) => None,
            (true, Some(_)) if self.list.is_null(0) => Some(NullBuffer::new_null(rows)),
            (true, Some(_)) => None,
            (false, nulls) => nulls.cloned(),
        }
    }
}

fn as_list(array: &ArrayRef) -> Result<ListArray> {
    match array.data_type() {
        DataType::List(_) => Ok(array.as_list().clone()),
        DataType::Map(field, _) => {
            let map: &MapArray = array.as_map();
            let entries: ArrayRef = Arc::new(map.entries().clone());
            Ok(ListArray::try_new(
                Arc::clone(field),
                map.offsets().clone(),
                entries,
                map.nulls().cloned(),
            )?)
        }
        DataType::Null => {
            let field = Arc::new(arrow::datatypes::Field::new_list_field(DataType::Null, true));
            Ok(ListArray::new_null(field, array.len()))
        }
        other => internal_err!("an array was expected, found {other}"),
    }
}

#[expect(clippy::cast_sign_loss, reason = "offsets are not negative")]
const fn to_usize(offset: i32) -> usize {
    offset as usize
}

/// The field of a list's elements.
pub(crate) fn list_field(list: &DataType) -> Result<FieldRef> {
    match list {
        DataType::List(field) => Ok(Arc::clone(field)),
        other => internal_err!("{other} is no list"),
    }
}

/// Lists of elements that are chosen by position, row by row.
#[derive(Debug)]
pub(crate) struct Selection {
    positions: Vec<u64>,
    lengths: Vec<usize>,
    valid: Vec<bool>,
}

impl Selection {
    pub(crate) fn with_capacity(rows: usize) -> Self {
        Self {
            positions: Vec::new(),
            lengths: Vec::with_capacity(rows),
            valid: Vec::with_capacity(rows),
        }
    }

    /// One more row.
    pub(crate) fn push(&mut self, positions: impl IntoIterator<Item = usize>) {
        let before = self.positions.len();
        self.positions.extend(positions.into_iter().map(|position| position as u64));
        self.lengths.push(self.positions.len() - before);
        self.valid.push(true);
    }

    /// One more row that is NULL.
    pub(crate) fn push_null(&mut self) {
        self.lengths.push(0);
        self.valid.push(false);
    }

    /// The lists, of the elements of `values`.
    pub(crate) fn lists(self, values: &ArrayRef, return_type: &DataType) -> Result<ColumnarValue> {
        let field = list_field(return_type)?;
        let values = take(values, &UInt64Array::from(self.positions), None)?;
        let nulls = Some(NullBuffer::from(self.valid)).filter(|nulls| nulls.null_count() > 0);
        let offsets = OffsetBuffer::from_lengths(self.lengths);
        Ok(ColumnarValue::Array(Arc::new(ListArray::try_new(
            field,
            offsets,
            retyped(values, field_type(return_type)?)?,
            nulls,
        )?)))
    }
}

fn field_type(list: &DataType) -> Result<&DataType> {
    match list {
        DataType::List(field) => Ok(field.data_type()),
        other => internal_err!("{other} is no list"),
    }
}

/// The values as the type the plan says, which may differ in the names and nullability of nested fields.
pub(crate) fn retyped(values: ArrayRef, ty: &DataType) -> Result<ArrayRef> {
    if values.data_type() == ty { Ok(values) } else { Ok(arrow::compute::cast(&values, ty)?) }
}

/// Which values are NaN; `None` if they are no floats.
pub(crate) fn nan_flags(values: &ArrayRef) -> Option<BooleanArray> {
    let flags: BooleanBuffer = match values.data_type() {
        DataType::Float64 => values
            .as_primitive::<Float64Type>()
            .values()
            .iter()
            .map(|value| value.is_nan())
            .collect(),
        DataType::Float32 => values
            .as_primitive::<Float32Type>()
            .values()
            .iter()
            .map(|value| value.is_nan())
            .collect(),
        _ => return None,
    };
    Some(BooleanArray::new(flags, None))
}
