//! Looking for values in arrays. NULL equals NULL here, as in ClickHouse, and NaN equals nothing.

use super::lists::Lists;
use crate::functions::{Kernel, KernelArgs};
use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, UInt8Array, UInt64Array};
use arrow::buffer::BooleanBuffer;
use arrow::compute::kernels::cmp::not_distinct;
use arrow::compute::take;
use arrow::datatypes::{DataType, Float32Type, Float64Type};
use arrow::row::{RowConverter, SortField};
use datafusion::common::{Result, internal_err};
use datafusion::logical_expr::ColumnarValue;
use std::ops::Range;
use std::sync::Arc;

pub(super) static KERNELS: &[(&str, Kernel)] =
    &[("array_has", has), ("array_index_of", index_of), ("array_count_equal", count_equal)];

/// `array_has(array, value)`: 0 or 1.
fn has(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let found = Found::new(args)?;
    let flags: Vec<u8> = found.rows().map(|equal| u8::from(equal.count_set_bits() > 0)).collect();
    Ok(ColumnarValue::Array(Arc::new(UInt8Array::from(flags))))
}

/// `array_index_of(array, value)`: from 1; 0 if it is not there.
fn index_of(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let found = Found::new(args)?;
    let first =
        |equal: BooleanBuffer| equal.set_indices().next().map_or(0, |index| index as u64 + 1);
    Ok(ColumnarValue::Array(Arc::new(UInt64Array::from(
        found.rows().map(first).collect::<Vec<_>>(),
    ))))
}

/// `array_count_equal(array, value)`.
fn count_equal(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let found = Found::new(args)?;
    let counts = found.rows().map(|equal| equal.count_set_bits() as u64).collect::<Vec<_>>();
    Ok(ColumnarValue::Array(Arc::new(UInt64Array::from(counts))))
}

/// Which elements equal the value looked for.
struct Found {
    equal: BooleanBuffer,
    /// Where the elements of each row stand in `equal`.
    ranges: Vec<Range<usize>>,
}

impl Found {
    fn new(args: &KernelArgs<'_>) -> Result<Self> {
        let lists = Lists::of(args, 0)?;
        let Some(needle) = args.args.get(1) else { return internal_err!("missing argument 1") };
        let ranges = (0..args.rows).map(|row| lists.range(row));
        if let ColumnarValue::Scalar(needle) = needle {
            let values = lists.values();
            let needles =
                take(&needle.to_array()?, &UInt64Array::from(vec![0; values.len()]), None)?;
            return Ok(Self { equal: equal(values, &needles)?, ranges: ranges.collect() });
        }
        let (mut positions, mut owners, mut own) =
            (Vec::new(), Vec::new(), Vec::with_capacity(args.rows));
        for (row, range) in ranges.enumerate() {
            let start = positions.len();
            positions.extend(range.map(|position| position as u64));
            owners.resize(positions.len(), row as u64);
            own.push(start..positions.len());
        }
        let values = take(lists.values(), &UInt64Array::from(positions), None)?;
        let needles = take(&needle.to_array(args.rows)?, &UInt64Array::from(owners), None)?;
        Ok(Self { equal: equal(&values, &needles)?, ranges: own })
    }

    fn rows(&self) -> impl Iterator<Item = BooleanBuffer> {
        self.ranges.iter().map(|range| self.equal.slice(range.start, range.len()))
    }
}

/// Which values are the same, row by row.
fn equal(left: &ArrayRef, right: &ArrayRef) -> Result<BooleanBuffer> {
    let ty = left.data_type();
    if ty == &DataType::Null || right.data_type() == &DataType::Null {
        return Ok((0..left.len())
            .map(|row| left.is_logically_null(row) && right.is_logically_null(row))
            .collect());
    }
    match ty {
        // Arrow orders floats by their bits: NaN would be found, and 0 where -0 is looked for would not.
        DataType::Float32 => return Ok(same_floats::<Float32Type>(left, right)),
        DataType::Float64 => return Ok(same_floats::<Float64Type>(left, right)),
        _ if !ty.is_nested() => return Ok(not_distinct(left, right)?.values().clone()),
        _ => {}
    }
    let converter = RowConverter::new(vec![SortField::new(ty.clone())])?;
    let left = converter.convert_columns(std::slice::from_ref(left))?;
    let right = converter.convert_columns(std::slice::from_ref(right))?;
    Ok(left.iter().zip(right.iter()).map(|(left, right)| left == right).collect())
}

fn same_floats<T: ArrowPrimitiveType>(left: &ArrayRef, right: &ArrayRef) -> BooleanBuffer {
    let (left, right) = (left.as_primitive::<T>(), right.as_primitive::<T>());
    left.iter().zip(right.iter()).map(|(left, right)| left == right).collect()
}

trait LogicalNull {
    fn is_logically_null(&self, row: usize) -> bool;
}

impl LogicalNull for ArrayRef {
    fn is_logically_null(&self, row: usize) -> bool {
        self.data_type() == &DataType::Null || self.is_null(row)
    }
}
