//! Arrow batches as a merger takes them, in the buffers that they came in.

use super::carried::Piece;
use arrow::array::{Array, ArrowPrimitiveType, AsArray, RecordBatch};
use arrow::buffer::ScalarBuffer;
use arrow::datatypes::{TimestampMicrosecondType, UInt32Type, UInt64Type};
use datafusion::common::{Result, exec_err, internal_err};
use events::runs::{Marks, RowBatch};
use std::sync::Arc;

/// Where an ordered stream has its actors, numbers that are dense in a bucket.
pub(super) const ORDINAL: usize = 0;
/// Where it has the times.
pub(super) const TIME: usize = 1;
/// Where it has the order of rows of an actor at one time.
pub(super) const TIE: usize = 2;

/// Rows of an ordered stream.
pub(super) struct ArrowRows {
    actors: ScalarBuffer<u32>,
    times: ScalarBuffer<i64>,
    ties: ScalarBuffer<u32>,
    marks: ArrowMarks,
    /// Only to tell, by being dropped, that the merger has no more use for the rows.
    _carried: Option<Arc<Piece>>,
}

/// Which conditions rows satisfy.
pub(super) enum ArrowMarks {
    /// The same ones in every row.
    All(u64),
    /// Those of each row.
    Each(ScalarBuffer<u64>),
}

impl ArrowRows {
    /// The rows of a batch.
    pub(super) fn new(batch: &RecordBatch, marks: ArrowMarks) -> Result<Self> {
        Ok(Self {
            actors: values::<UInt32Type>(batch, ORDINAL)?,
            times: values::<TimestampMicrosecondType>(batch, TIME)?,
            ties: values::<UInt32Type>(batch, TIE)?,
            marks,
            _carried: None,
        })
    }

    /// The same, whose further columns are held as long as they are.
    pub(super) fn carrying(self, piece: Arc<Piece>) -> Self {
        Self { _carried: Some(piece), ..self }
    }

    /// Bytes of the rows.
    pub(super) fn bytes(&self) -> usize {
        let marks = match self.marks {
            ArrowMarks::All(_) => 0,
            ArrowMarks::Each(_) => size_of::<u64>(),
        };
        self.actors.len() * (2 * size_of::<u32>() + size_of::<i64>() + marks)
    }
}

impl RowBatch for ArrowRows {
    fn actors(&self) -> &[u32] {
        &self.actors
    }

    fn times(&self) -> &[i64] {
        &self.times
    }

    fn ties(&self) -> Option<&[u32]> {
        Some(&self.ties)
    }

    fn marks(&self) -> Marks<'_> {
        match &self.marks {
            ArrowMarks::All(marks) => Marks::All(*marks),
            ArrowMarks::Each(marks) => Marks::Each(marks),
        }
    }
}

/// The marks in a column. NULL is none.
pub(super) fn marks(batch: &RecordBatch, column: usize) -> Result<ArrowMarks> {
    let marks =
        batch.columns().get(column).and_then(|marks| marks.as_primitive_opt::<UInt64Type>());
    let Some(marks) = marks else { return internal_err!("there are no marks in column {column}") };
    if marks.null_count() == 0 {
        return Ok(ArrowMarks::Each(marks.values().clone()));
    }
    Ok(ArrowMarks::Each(marks.iter().map(Option::unwrap_or_default).collect()))
}

/// The values of a column without NULLs.
pub(super) fn values<T: ArrowPrimitiveType>(
    batch: &RecordBatch,
    column: usize,
) -> Result<ScalarBuffer<T::Native>> {
    let values = batch.columns().get(column).and_then(|values| values.as_primitive_opt::<T>());
    match values {
        Some(values) if values.null_count() == 0 => Ok(values.values().clone()),
        Some(_) => exec_err!("a row has nothing in column {column}, which orders rows"),
        None => internal_err!("column {column} is not of the type {}", T::DATA_TYPE),
    }
}
