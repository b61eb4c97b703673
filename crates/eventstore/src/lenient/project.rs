//! From the columns of a file to those of the table, row by row where it must be.

use crate::store::import::rejects::{Reject, Rejects};
use crate::text::Bound;
use arrow::array::{Array, AsArray, BooleanArray, RecordBatch, RecordBatchOptions};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{DataType, Date64Type, Field};
use datafusion::common::{DataFusionError, Result};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::utils::{collect_columns, reassign_expr_columns};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// What keeps rows from being delivered.
#[derive(Debug, Clone)]
pub(crate) struct Sieve {
    /// The file, as people write it.
    pub(crate) place: Arc<str>,
    /// Places in the table of the columns without which a row is of no use.
    pub(crate) required: Arc<[usize]>,
    /// Where the other rows go.
    pub(crate) rejects: Arc<Rejects>,
}

impl Sieve {
    /// A row that is not delivered.
    pub(crate) fn reject(&self, line: Option<u64>, reason: String, text: String) -> Result<()> {
        let reject = Reject { place: self.place.to_string(), line, reason, text };
        self.rejects.push(&reject).map_err(|error| DataFusionError::External(Box::new(error)))
    }
}

/// Rows of a batch, as a reject tells them.
pub(crate) trait Told {
    /// The line or number of a row, from 1.
    fn line(&self, row: usize) -> u64;

    /// The row as it is written.
    fn text(&self, row: usize) -> String;
}

/// Bad rows, and what is wrong with each.
type Bad = BTreeMap<usize, String>;

/// The rows of a batch that can be read, as the table shows them. The others are rejects, told by `rows`.
pub(crate) fn lenient_project(
    batch: RecordBatch,
    bound: &Bound,
    rows: &dyn Told,
    sieve: &Sieve,
) -> Result<RecordBatch> {
    let mut left = Left { numbers: (0..batch.num_rows()).collect(), batch, rows, sieve };
    left.reject(&endless(&left.batch))?;
    let shown = match project(&left.batch, bound) {
        Ok(shown) => shown,
        Err(error) => {
            let bad = unreadable(&left.batch, bound)?;
            if bad.is_empty() {
                // No row is to blame.
                return Err(error);
            }
            left.reject(&bad)?;
            if left.numbers.is_empty() {
                RecordBatch::new_empty(Arc::clone(&bound.output))
            } else {
                project(&left.batch, bound)?
            }
        }
    };
    left.batch = shown;
    left.reject(&lacking(&left.batch, sieve))?;
    Ok(left.batch)
}

/// The rows that are left.
struct Left<'a> {
    batch: RecordBatch,
    /// Their numbers in the batch that was read.
    numbers: Vec<usize>,
    rows: &'a dyn Told,
    sieve: &'a Sieve,
}

impl Left<'_> {
    /// Rejects some.
    fn reject(&mut self, bad: &Bad) -> Result<()> {
        if bad.is_empty() {
            return Ok(());
        }
        for (row, reason) in bad {
            let number = self.numbers.get(*row).copied().unwrap_or_default();
            let (line, text) = (self.rows.line(number), self.rows.text(number));
            self.sieve.reject(Some(line), reason.clone(), text)?;
        }
        let is_good = |row: &usize| !bad.contains_key(row);
        let good: BooleanArray = (0..self.numbers.len()).map(|row| Some(is_good(&row))).collect();
        self.batch = filter_record_batch(&self.batch, &good)?;
        let numbers = std::mem::take(&mut self.numbers).into_iter().enumerate();
        self.numbers = numbers.filter(|(row, _)| is_good(row)).map(|(_, number)| number).collect();
        Ok(())
    }
}

/// The columns of the table; all fail with one value.
fn project(batch: &RecordBatch, bound: &Bound) -> Result<RecordBatch> {
    let rows = batch.num_rows();
    let columns = bound.exprs.iter().map(|expr| expr.evaluate(batch)?.into_array(rows));
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    let (columns, output) = (columns.collect::<Result<_>>()?, Arc::clone(&bound.output));
    Ok(RecordBatch::try_new_with_options(output, columns, &options)?)
}

/// Rows with a value that a column of the table cannot show.
fn unreadable(batch: &RecordBatch, bound: &Bound) -> Result<Bad> {
    let mut bad = Bad::new();
    for (expr, field) in bound.exprs.iter().zip(bound.output.fields()) {
        let Some(expr) = Narrow::new(expr, batch)? else { continue };
        let mut found = Vec::new();
        failing(0..batch.num_rows(), &mut |rows| expr.error(rows), &mut found);
        for (row, error) in found {
            bad.entry(row).or_insert_with(|| expr.reason(field, &error));
        }
    }
    Ok(bad)
}

/// A column of the table over those columns of a batch alone that it is made of.
struct Narrow {
    expr: Arc<dyn PhysicalExpr>,
    batch: RecordBatch,
}

impl Narrow {
    /// `None` for a constant, which no row can spoil.
    fn new(expr: &Arc<dyn PhysicalExpr>, batch: &RecordBatch) -> Result<Option<Self>> {
        let mut indices: Vec<usize> =
            collect_columns(expr).into_iter().map(|column| column.index()).collect();
        indices.sort_unstable();
        if indices.is_empty() {
            return Ok(None);
        }
        let batch = batch.project(&indices)?;
        let expr = reassign_expr_columns(Arc::clone(expr), &batch.schema())?;
        Ok(Some(Self { expr, batch }))
    }

    /// Why some rows together cannot be read.
    fn error(&self, rows: Range<usize>) -> Option<DataFusionError> {
        let part = self.batch.slice(rows.start, rows.len());
        self.expr.evaluate(&part).and_then(|value| value.into_array(rows.len())).err()
    }

    /// The error of one row as a reason: those of arrow speak of its own types.
    fn reason(&self, field: &Field, error: &DataFusionError) -> String {
        let (name, ty) = (field.name(), field.data_type());
        let schema = self.batch.schema();
        let mut given = schema.fields().iter().map(|field| field.data_type());
        // A cast that overflows speaks of its own types, conversions of ours of the column.
        if let DataFusionError::Execution(message) = error.find_root()
            && !message.starts_with("Cannot cast")
        {
            return message.clone();
        }
        if matches!(ty, DataType::Utf8View) && given.any(is_bytes) {
            return format!("column `{name}` holds bytes that are no UTF-8 text");
        }
        if matches!(ty, DataType::Timestamp(_, _)) {
            return beyond(name);
        }
        format!("column `{name}`: {}", error.find_root().strip_backtrace())
    }
}

const fn is_bytes(ty: &DataType) -> bool {
    matches!(ty, DataType::Binary | DataType::LargeBinary | DataType::BinaryView)
}

fn beyond(column: &str) -> String {
    format!("column `{column}`: the time lies beyond what microseconds can tell")
}

/// Rows with a date in milliseconds that microseconds cannot tell: the cast does not look for them.
fn endless(batch: &RecordBatch) -> Bad {
    let mut bad = Bad::new();
    let schema = batch.schema();
    for (field, column) in schema.fields().iter().zip(batch.columns()) {
        let Some(dates) = column.as_primitive_opt::<Date64Type>() else { continue };
        let is_endless =
            |date: Option<i64>| date.is_some_and(|date| date.checked_mul(1000).is_none());
        let endless = dates.iter().enumerate().filter(|(_, date)| is_endless(*date));
        bad.extend(endless.map(|(row, _)| (row, beyond(field.name()))));
    }
    bad
}

/// Rows without a value in a required column.
fn lacking(batch: &RecordBatch, sieve: &Sieve) -> Bad {
    let mut bad = Bad::new();
    let schema = batch.schema();
    for index in sieve.required.iter() {
        let (Some(column), Some(field)) =
            (batch.columns().get(*index), schema.fields().get(*index))
        else {
            continue;
        };
        if column.null_count() == 0 {
            continue;
        }
        let nulls = (0..column.len()).filter(|row| column.is_null(*row));
        bad.extend(nulls.map(|row| (row, format!("the row has no {}", field.name()))));
    }
    bad
}

/// Into how many parts rows are cut to find those that fail: few when few fail, and no more than one try for each and
/// a seventh more when all do.
const PARTS: usize = 8;

/// The rows that fail when they are tried alone, with their errors; rows that fail together are tried in smaller parts.
pub(crate) fn failing<E>(
    rows: Range<usize>,
    fails: &mut dyn FnMut(Range<usize>) -> Option<E>,
    found: &mut Vec<(usize, E)>,
) {
    if rows.is_empty() {
        return;
    }
    let Some(error) = fails(rows.clone()) else { return };
    if rows.len() == 1 {
        found.push((rows.start, error));
        return;
    }
    let step = rows.len().div_ceil(PARTS);
    for start in rows.clone().step_by(step) {
        failing(start..rows.end.min(start + step), fails, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failing_rows_are_found() {
        for bad in [vec![], vec![0], vec![99], vec![3, 4, 50], (0..100).collect::<Vec<usize>>()] {
            let mut tries = 0;
            let mut fails = |rows: Range<usize>| {
                tries += 1;
                bad.iter().find(|row| rows.contains(row)).copied()
            };
            let mut found = Vec::new();
            failing(0..100, &mut fails, &mut found);
            assert_eq!(found.iter().map(|(row, _)| *row).collect::<Vec<_>>(), bad);
            assert!(found.iter().all(|(row, error)| row == error));
            assert!(tries <= 160, "{tries}");
        }
    }
}
