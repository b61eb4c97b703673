//! `arrayFold`: the lambda takes what it gave for the element before.

use super::Kernel;
use super::call::LambdaCall;
use crate::functions::array::retyped;
use arrow::array::{ArrayRef, UInt64Array};
use arrow::compute::{interleave, take};
use datafusion::common::Result;
use datafusion::logical_expr::ColumnarValue;

pub(super) static KERNELS: &[(&str, Kernel)] = &[("array_fold", fold)];

/// `array_fold((state, element, ..) -> state, array, .., first)`: one step for all rows at a time.
fn fold(call: &LambdaCall<'_>) -> Result<ColumnarValue> {
    let arrays = call.params.saturating_sub(1);
    let elements = call.elements(arrays)?;
    let mut states = retyped(call.value(arrays)?.to_array(call.rows)?, call.return_type)?;
    let steps = elements.ranges.iter().map(ExactSizeIterator::len).max().unwrap_or(0);
    for step in 0..steps {
        let longer = elements.ranges.iter().enumerate().filter(|(_, range)| range.len() > step);
        let (rows, positions): (Vec<u64>, Vec<u64>) =
            longer.map(|(row, range)| (row as u64, (range.start + step) as u64)).unzip();
        let (rows, positions) = (UInt64Array::from(rows), UInt64Array::from(positions));
        let mut columns: Vec<ArrayRef> = vec![take(&states, &rows, None)?];
        for column in &elements.columns {
            columns.push(take(column, &positions, None)?);
        }
        let next = retyped(call.evaluate(&columns, &rows)?, call.return_type)?;
        states = replaced(&states, &next, &rows)?;
    }
    Ok(ColumnarValue::Array(states))
}

/// `states` with those of `rows` replaced.
fn replaced(states: &ArrayRef, next: &ArrayRef, rows: &UInt64Array) -> Result<ArrayRef> {
    if rows.values().len() == states.len() {
        return Ok(ArrayRef::clone(next));
    }
    let mut picks: Vec<(usize, usize)> = (0..states.len()).map(|row| (0, row)).collect();
    for (position, row) in rows.values().iter().enumerate() {
        if let Some(pick) = usize::try_from(*row).ok().and_then(|row| picks.get_mut(row)) {
            *pick = (1, position);
        }
    }
    Ok(interleave(&[states.as_ref(), next.as_ref()], &picks)?)
}
