//! Batches of a file as those of a scan.

use super::MARKS;
use super::opened::Opened;
use crate::store::schema::{ORDINAL, TIE};
use crate::text::Bound;
use arrow::array::{
    Array, ArrayRef, AsArray, RecordBatch, RecordBatchOptions, UInt32Array, UInt64Array,
};
use arrow::compute::cast;
use arrow::compute::filter_record_batch;
use arrow::compute::kernels::cmp::neq;
use arrow::datatypes::{DataType, Int32Type, SchemaRef};
use datafusion::common::{DataFusionError, Result, internal_err};
use events::column;
use std::collections::HashMap;
use std::sync::Arc;

/// What is read of a file, and where it stands in a batch.
pub(super) struct Shape {
    /// Columns of the file that are read, ascending.
    pub(super) read: Vec<usize>,
    /// Rows of a batch.
    pub(super) rows: usize,
    ordinal: usize,
    time: usize,
    /// What orders rows of a person at one time, if there are such rows in several streams of the file.
    tie: Option<usize>,
    marked: Option<Marked>,
    /// Places of the columns that the expressions speak of.
    inputs: Vec<usize>,
    bound: Bound,
    output: SchemaRef,
    /// As many zeros as a batch may have rows.
    zeros: ArrayRef,
}

/// Rows are of several events, some of which are wanted.
struct Marked {
    /// Where the event is.
    event: usize,
    marks: HashMap<String, u64>,
    /// Whether the marks are a column, and rows without any are given all the same.
    are_shown: bool,
    /// The names of a row group's events, and the marks of each.
    known: Option<(ArrayRef, Vec<u64>)>,
}

/// Rows of a batch of narrow columns.
pub(super) const ROWS: usize = 8_192;

/// Rows of a batch with further columns, which may be long.
const WIDE_ROWS: usize = 2_048;

impl Shape {
    pub(super) fn new(
        file: &Opened,
        bound: Bound,
        events: Option<&HashMap<String, u64>>,
        output: SchemaRef,
    ) -> Result<Self> {
        let schema = file.metadata.schema();
        let index = |name: &str| schema.index_of(name).map_err(DataFusionError::from);
        let (ordinal, time) = (index(ORDINAL)?, index(column::TIMESTAMP)?);
        // The rows of an event file are one stream, and in order.
        let has_ties = file.has_ties && file.segments.is_some();
        let tie = if has_ties { Some(index(TIE)?) } else { None };
        let event = if events.is_some() { Some(index(column::EVENT)?) } else { None };
        let mut read = bound.indices.clone();
        read.extend([ordinal, time]);
        read.extend(tie);
        read.extend(event);
        read.sort_unstable();
        read.dedup();
        let place = |index: usize| read.binary_search(&index).unwrap_or_default();
        let marked = |(event, marks): (usize, &HashMap<String, u64>)| Marked {
            event: place(event),
            marks: marks.clone(),
            are_shown: output.fields().len() > MARKS + bound.exprs.len(),
            known: None,
        };
        let rows = if bound.exprs.is_empty() { ROWS } else { WIDE_ROWS };
        Ok(Self {
            rows,
            ordinal: place(ordinal),
            time: place(time),
            tie: tie.map(place),
            marked: event.zip(events).map(marked),
            inputs: bound.indices.iter().map(|index| place(*index)).collect(),
            zeros: Arc::new(UInt32Array::from_value(0, rows)),
            read,
            bound,
            output,
        })
    }

    /// A batch of the file as one of the scan.
    pub(super) fn finish(&mut self, batch: &RecordBatch) -> Result<RecordBatch> {
        let rows = batch.num_rows();
        let tie = match self.tie {
            Some(tie) => Arc::clone(batch.column(tie)),
            None => self.zeros.slice(0, rows.min(self.zeros.len())),
        };
        let mut columns =
            vec![Arc::clone(batch.column(self.ordinal)), Arc::clone(batch.column(self.time)), tie];
        let Some(marked) = &mut self.marked else {
            columns.extend(self.asked(batch)?);
            return Ok(RecordBatch::try_new(Arc::clone(&self.output), columns)?);
        };
        let marks = UInt64Array::from(marked.of(batch)?);
        if marked.are_shown {
            // Whoever asks for marks leaves out rows that have none on its way.
            columns.push(Arc::new(marks));
            columns.extend(self.asked(batch)?);
            return Ok(RecordBatch::try_new(Arc::clone(&self.output), columns)?);
        }
        columns.extend(self.asked(batch)?);
        let shaped = RecordBatch::try_new(Arc::clone(&self.output), columns)?;
        Ok(filter_record_batch(&shaped, &neq(&marks, &UInt64Array::new_scalar(0))?)?)
    }

    /// The further columns.
    fn asked(&self, batch: &RecordBatch) -> Result<Vec<ArrayRef>> {
        if self.bound.exprs.is_empty() {
            return Ok(Vec::new());
        }
        let rows = batch.num_rows();
        let inputs = self.inputs.iter().map(|place| Arc::clone(batch.column(*place)));
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let input = RecordBatch::try_new_with_options(
            Arc::clone(&self.bound.input),
            inputs.collect(),
            &options,
        )?;
        let value = |expr: &Arc<dyn datafusion::physical_expr::PhysicalExpr>| {
            expr.evaluate(&input)?.into_array(rows)
        };
        self.bound.exprs.iter().map(value).collect()
    }
}

impl Marked {
    /// The marks of each row.
    fn of(&mut self, batch: &RecordBatch) -> Result<Vec<u64>> {
        let Some(events) = batch.column(self.event).as_dictionary_opt::<Int32Type>() else {
            return internal_err!("events of type {}", batch.column(self.event).data_type());
        };
        let is_known = |(names, _): &(ArrayRef, Vec<u64>)| Arc::ptr_eq(names, events.values());
        if !self.known.as_ref().is_some_and(is_known) {
            let names = cast(events.values(), &DataType::Utf8View)?;
            let marks = names.as_string_view().iter().map(|name| {
                name.and_then(|name| self.marks.get(name)).copied().unwrap_or_default()
            });
            self.known = Some((Arc::clone(events.values()), marks.collect()));
        }
        let marks = self.known.as_ref().map_or(&[][..], |(_, marks)| marks);
        let mark = |key: usize| marks.get(key).copied().unwrap_or_default();
        if events.null_count() > 0 {
            return Ok(events.keys_iter().map(|key| key.map_or(0, mark)).collect());
        }
        Ok(events.keys().values().iter().map(|key| mark(*key as usize)).collect())
    }
}
