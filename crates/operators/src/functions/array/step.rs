//! Arrays that are taken apart together.

use super::lists::{Lists, retyped};
use crate::functions::{Kernel, KernelArgs};
use datafusion::common::{Result, exec_err};
use datafusion::logical_expr::ColumnarValue;

pub(super) static KERNELS: &[(&str, Kernel)] = &[("array_in_step", in_step)];

/// `array_in_step(array, array, ..)`: the first array; an error where another one has another length.
fn in_step(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let first = Lists::of(args, 0)?;
    for index in 1..args.args.len() {
        let other = Lists::of(args, index)?;
        for row in 0..args.rows {
            let (length, found) = (first.range(row).len(), other.range(row).len());
            if length != found {
                return exec_err!(
                    "the arrays of an ARRAY JOIN have different lengths: {length} and {found}"
                );
            }
        }
    }
    Ok(ColumnarValue::Array(retyped(args.array(0)?, args.return_type)?))
}

#[cfg(test)]
mod tests {
    use super::{KernelArgs, in_step};
    use arrow::array::{Array, ArrayRef, ListArray};
    use arrow::datatypes::Int64Type;
    use datafusion::logical_expr::ColumnarValue;
    use std::sync::Arc;

    fn lists(rows: &[&[i64]]) -> ArrayRef {
        let rows = rows.iter().map(|row| Some(row.iter().copied().map(Some)));
        Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(rows))
    }

    fn joined(args: &[ArrayRef]) -> Result<ArrayRef, String> {
        let rows = args[0].len();
        let columns: Vec<_> = args.iter().cloned().map(ColumnarValue::Array).collect();
        let args = KernelArgs { args: &columns, rows, return_type: args[0].data_type() };
        let found = in_step(&args).map_err(|error| error.to_string())?;
        found.to_array(rows).map_err(|error| error.to_string())
    }

    #[test]
    fn arrays_are_of_one_length_in_each_row() {
        let left = lists(&[&[1, 2], &[], &[3]]);
        let found = joined(&[Arc::clone(&left), lists(&[&[4, 5], &[], &[6]])]).unwrap();
        assert_eq!(&found, &left);
        let error = joined(&[left, lists(&[&[4, 5], &[6], &[7]])]).unwrap_err();
        assert!(error.contains("different lengths: 0 and 1"), "{error}");
    }
}
