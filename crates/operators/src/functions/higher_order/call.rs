//! A call of a lambda kernel: the arrays' elements in step, and the lambda over them.

use crate::functions::array::{Lists, retyped};
use arrow::array::{Array, ArrayRef, BooleanArray, UInt64Array};
use arrow::buffer::NullBuffer;
use arrow::compute::{take, take_arrays};
use arrow::datatypes::{DataType, UInt8Type};
use datafusion::common::{Result, exec_err, internal_err};
use datafusion::logical_expr::{
    ColumnarValue, HigherOrderFunctionArgs, LambdaArgument, ValueOrLambda,
};
use std::ops::Range;
use std::sync::Arc;

/// A call with its lambda and values taken apart.
pub(super) struct LambdaCall<'a> {
    lambda: &'a LambdaArgument,
    values: Vec<&'a ColumnarValue>,
    /// Number of the lambda's parameters.
    pub(super) params: usize,
    /// Number of rows.
    pub(super) rows: usize,
    /// Type of the result.
    pub(super) return_type: &'a DataType,
}

impl<'a> LambdaCall<'a> {
    pub(super) fn try_new(
        args: &'a HigherOrderFunctionArgs,
        return_type: &'a DataType,
        params: usize,
    ) -> Result<Self> {
        let Some((ValueOrLambda::Lambda(lambda), rest)) = args.args.split_first() else {
            return internal_err!("the first argument must be a lambda");
        };
        let value = |value: &'a ValueOrLambda<ColumnarValue, LambdaArgument>| match value {
            ValueOrLambda::Value(value) => Ok(value),
            ValueOrLambda::Lambda(_) => internal_err!("one lambda was expected"),
        };
        let values = rest.iter().map(value).collect::<Result<Vec<_>>>()?;
        Ok(Self { lambda, values, params, rows: args.number_rows, return_type })
    }

    /// Value `index` after the lambda.
    pub(super) fn value(&self, index: usize) -> Result<&'a ColumnarValue> {
        match self.values.get(index) {
            Some(value) => Ok(value),
            None => internal_err!("missing argument {index} after the lambda"),
        }
    }

    /// The elements of the first `arrays` values.
    pub(super) fn elements(&self, arrays: usize) -> Result<Elements> {
        let lists = (0..arrays)
            .map(|index| Lists::of_value(self.value(index)?))
            .collect::<Result<Vec<_>>>()?;
        Elements::try_new(&lists, self.rows)
    }

    /// The lambda over columns of `owners.len()` values; value `i` belongs to row `owners[i]`.
    pub(super) fn evaluate(&self, columns: &[ArrayRef], owners: &UInt64Array) -> Result<ArrayRef> {
        let params: Vec<_> = columns.iter().map(|column| move || Ok(Arc::clone(column))).collect();
        let params: Vec<&dyn Fn() -> Result<ArrayRef>> =
            params.iter().map(|param| param as _).collect();
        let result =
            self.lambda.evaluate(&params, |captured| Ok(take_arrays(captured, owners, None)?))?;
        result.into_array(owners.len())
    }

    /// The lambda over all elements.
    pub(super) fn map(&self, elements: &Elements) -> Result<ArrayRef> {
        self.evaluate(&elements.columns, &elements.owners)
    }

    /// The lambda as a condition over all elements: not 0 and not NULL.
    pub(super) fn test(&self, elements: &Elements) -> Result<BooleanArray> {
        let results = self.map(elements)?;
        let flags = match results.data_type() {
            DataType::Null => return Ok(BooleanArray::from(vec![false; results.len()])),
            DataType::Boolean => results,
            DataType::UInt8 => {
                let zero = arrow::array::PrimitiveArray::<UInt8Type>::new_scalar(0);
                Arc::new(arrow::compute::kernels::cmp::neq(&results, &zero)?)
            }
            _ => arrow::compute::cast(&results, &DataType::Boolean)?,
        };
        let flags = arrow::array::AsArray::as_boolean(&flags);
        let set = match flags.nulls() {
            Some(nulls) => flags.values() & nulls.inner(),
            None => flags.values().clone(),
        };
        Ok(BooleanArray::new(set, None))
    }
}

/// The elements of a batch's arrays, row after row.
pub(super) struct Elements {
    /// One column for each array.
    pub(super) columns: Vec<ArrayRef>,
    /// The row of each element.
    pub(super) owners: UInt64Array,
    /// Where the elements of each row stand.
    pub(super) ranges: Vec<Range<usize>>,
    /// Which rows' arrays are NULL.
    pub(super) nulls: Option<NullBuffer>,
}

impl Elements {
    fn try_new(lists: &[Lists], rows: usize) -> Result<Self> {
        let Some(first) = lists.first() else { return internal_err!("a lambda needs an array") };
        let nulls = lists.iter().fold(None, |nulls, lists| {
            NullBuffer::union(nulls.as_ref(), lists.nulls(rows).as_ref())
        });
        let is_null = |row: usize| nulls.as_ref().is_some_and(|nulls| nulls.is_null(row));
        let (mut owners, mut ranges) = (Vec::new(), Vec::with_capacity(rows));
        for row in 0..rows {
            let start = owners.len();
            if !is_null(row) {
                owners.resize(start + first.range(row).len(), row as u64);
            }
            ranges.push(start..owners.len());
        }
        let mut columns = Vec::with_capacity(lists.len());
        for (index, lists) in lists.iter().enumerate() {
            let mut positions = Vec::with_capacity(owners.len());
            for (row, range) in ranges.iter().enumerate() {
                let found = if is_null(row) { 0..0 } else { lists.range(row) };
                if found.len() != range.len() {
                    return exec_err!(
                        "the arrays of a lambda have different lengths: {} and {} (array {})",
                        range.len(),
                        found.len(),
                        index + 1
                    );
                }
                positions.extend(found.map(|position| position as u64));
            }
            columns.push(gather(lists.values(), positions)?);
        }
        Ok(Self { columns, owners: owners.into(), ranges, nulls })
    }

    /// Whether the row's array is NULL.
    pub(super) fn is_null(&self, row: usize) -> bool {
        self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row))
    }

    /// The column of the first array.
    pub(super) fn first(&self) -> Result<&ArrayRef> {
        match self.columns.first() {
            Some(column) => Ok(column),
            None => internal_err!("a lambda needs an array"),
        }
    }
}

/// The values at those positions; the values themselves where they stand in order without gaps.
fn gather(values: &ArrayRef, positions: Vec<u64>) -> Result<ArrayRef> {
    let start = positions.first().copied().unwrap_or(0);
    let in_order = positions.iter().zip(start..).all(|(position, expected)| *position == expected);
    if in_order {
        return Ok(values.slice(usize::try_from(start).unwrap_or(0), positions.len()));
    }
    Ok(take(values, &UInt64Array::from(positions), None)?)
}

/// The default in the type of the result.
pub(super) fn typed_default(value: &ColumnarValue, ty: &DataType) -> Result<ArrayRef> {
    retyped(value.to_array(1)?, ty)
}
