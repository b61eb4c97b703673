//! What is computed of actors' rows: the seam between a question and the operator that runs it.

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::common::Result;
use datafusion::common::stats::Precision;
use datafusion::physical_expr::PhysicalExpr;
use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// A question about actors that is answered in one pass over their rows, taken in any order. Its text names it and all
/// its parameters.
pub trait Fold: fmt::Debug + fmt::Display + Send + Sync {
    /// The columns of the answer.
    fn schema(&self) -> &SchemaRef;

    /// What it reads of each row.
    fn exprs(&self) -> Vec<Arc<dyn PhysicalExpr>>;

    /// Number of rows of the answer, if that is known before.
    fn rows(&self) -> Precision<usize> {
        Precision::Absent
    }

    /// A tally of no rows.
    ///
    /// # Errors
    /// A type of column that cannot be tallied.
    fn begin(&self) -> Result<Box<dyn Partial>>;
}

/// The tally of some rows. Merging is associative, and the counts do not depend on which rows went to which tally.
pub trait Partial: Any + Send {
    /// Takes rows in.
    ///
    /// # Errors
    /// An expression that fails on them.
    fn update(&mut self, batch: &RecordBatch) -> Result<()>;

    /// Takes in all rows of a tally of the same fold.
    ///
    /// # Errors
    /// A tally of another fold (a defect).
    fn merge(&mut self, other: Box<dyn Partial>) -> Result<()>;

    /// Number of different actors.
    fn actors(&self) -> usize;

    /// The answer.
    ///
    /// # Errors
    /// An answer that does not fit the schema (a defect).
    fn finish(self: Box<Self>) -> Result<RecordBatch>;

    /// Bytes of memory that it holds.
    fn size(&self) -> usize;
}
