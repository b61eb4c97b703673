//! Cutting ordered rows into runs, whole ones only.

use super::metrics::RunMetrics;
use super::numbered::{ACTOR, MARKS, TIME};
use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, BooleanBufferBuilder, RecordBatch, UInt64Array,
    make_comparator,
};
use arrow::buffer::ScalarBuffer;
use arrow::compute::{SortOptions, concat_batches, filter_record_batch, partition};
use arrow::datatypes::{SchemaRef, UInt64Type};
use datafusion::common::utils::memory::RecordBatchMemoryCounter;
use datafusion::common::{Result, exec_err, internal_err, resources_err};
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::memory_pool::MemoryReservation;
use datafusion::physical_plan::spill::get_record_batch_memory_size;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use futures::TryStreamExt;
use futures::stream::try_unfold;
use std::sync::Arc;

/// What is given out.
#[derive(Debug)]
pub(super) struct Shape {
    /// Only actors with one of these marks; 0 for all.
    pub(super) first: u64,
    /// Columns of the input that rows carry.
    pub(super) columns: Vec<usize>,
    /// The columns of runs.
    pub(super) schema: SchemaRef,
}

/// The stream of a partition: it holds the last run of each batch back until its end is seen, and numbers the rest.
pub(super) struct Numbering {
    input: SendableRecordBatchStream,
    shape: Arc<Shape>,
    /// The upper half of all actors.
    upper: u64,
    /// The number of the next actor.
    next: u64,
    /// The rows of the actor whose end is not seen yet.
    held: Vec<RecordBatch>,
    held_bytes: RecordBatchMemoryCounter,
    ended: bool,
    metrics: RunMetrics,
    memory: MemoryReservation,
}

impl Numbering {
    /// The runs of an ordered input.
    pub(super) fn new(
        input: SendableRecordBatchStream,
        shape: Arc<Shape>,
        upper: u32,
        metrics: RunMetrics,
        memory: MemoryReservation,
    ) -> Self {
        Self {
            input,
            shape,
            upper: u64::from(upper) << 32,
            next: 0,
            held: Vec::new(),
            held_bytes: RecordBatchMemoryCounter::new(),
            ended: false,
            metrics,
            memory,
        }
    }

    /// All batches.
    pub(super) fn stream(self) -> SendableRecordBatchStream {
        let schema = Arc::clone(&self.shape.schema);
        let batches = try_unfold(self, |mut numbering| async move {
            let batch = numbering.next().await;
            batch.map(|batch| batch.map(|batch| (batch, numbering)))
        });
        Box::pin(RecordBatchStreamAdapter::new(schema, batches))
    }

    async fn next(&mut self) -> Result<Option<RecordBatch>> {
        while !self.ended {
            let batch = self.input.try_next().await?;
            let elapsed = self.metrics.elapsed();
            let timer = elapsed.timer();
            let given = match batch {
                Some(batch) => self.take(&batch)?,
                None => self.end()?,
            };
            timer.done();
            if given.is_some() {
                return Ok(given);
            }
        }
        self.memory.free();
        Ok(None)
    }

    /// Takes rows in, and gives out those of actors whose end is seen.
    fn take(&mut self, batch: &RecordBatch) -> Result<Option<RecordBatch>> {
        self.metrics.input_rows.add(batch.num_rows());
        let Some(last) = partition(&[column(batch, ACTOR)?])?.ranges().pop() else {
            return Ok(None);
        };
        if last.start == 0 && self.goes_on(batch)? {
            self.hold(batch.clone(), 0)?;
            return Ok(None);
        }
        let mut whole = std::mem::take(&mut self.held);
        if last.start > 0 {
            whole.push(batch.slice(0, last.start));
        }
        let given = self.give(&whole)?;
        self.held_bytes = RecordBatchMemoryCounter::new();
        let bytes = given.as_ref().map_or(0, get_record_batch_memory_size);
        self.hold(batch.slice(last.start, last.len()), bytes)?;
        Ok(given)
    }

    /// Gives out what is held: no more rows come.
    fn end(&mut self) -> Result<Option<RecordBatch>> {
        self.ended = true;
        let whole = std::mem::take(&mut self.held);
        let given = self.give(&whole)?;
        self.memory.try_resize(given.as_ref().map_or(0, get_record_batch_memory_size))?;
        Ok(given)
    }

    /// Whether a batch begins with rows of the actor that is held back.
    fn goes_on(&self, batch: &RecordBatch) -> Result<bool> {
        let Some(last) = self.held.last() else { return Ok(false) };
        let (held, new) = (column(last, ACTOR)?, column(batch, ACTOR)?);
        let compare = make_comparator(&held, &new, SortOptions::default())?;
        Ok(compare(held.len().saturating_sub(1), 0).is_eq())
    }

    /// Holds rows back, beside so many bytes that are given out.
    fn hold(&mut self, rows: RecordBatch, beside: usize) -> Result<()> {
        self.held_bytes.count_batch(&rows);
        self.held.push(rows);
        let bytes = self.held_bytes.memory_usage();
        self.metrics.buffered.set_max(bytes);
        self.memory.try_resize(bytes + beside)
    }

    /// The runs of these rows; `None` if no actor is wanted.
    fn give(&mut self, whole: &[RecordBatch]) -> Result<Option<RecordBatch>> {
        let Some(first) = whole.first() else { return Ok(None) };
        if whole.len() > 1 {
            // For a while they are there twice.
            self.memory.try_grow(self.held_bytes.memory_usage())?;
        }
        let rows = concat_batches(&first.schema(), whole)?;
        let before = self.next;
        let (actors, rows) = self.number(rows)?;
        if actors.is_empty() {
            return Ok(None);
        }
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(UInt64Array::new(ScalarBuffer::from(actors), None)),
            column(&rows, TIME)?,
            Arc::new(UInt64Array::new(marks(&rows)?, None)),
        ];
        if columns.iter().any(|column| column.null_count() > 0) {
            return exec_err!("a row of an actor has no time");
        }
        for index in &self.shape.columns {
            columns.push(column(&rows, *index)?);
        }
        let batch = RecordBatch::try_new(Arc::clone(&self.shape.schema), columns)?;
        let runs = usize::try_from(self.next - before).unwrap_or(usize::MAX);
        Ok(Some(self.metrics.given(batch, runs)))
    }

    /// Numbers the wanted actors: the number of each row, and the rows that are theirs.
    fn number(&mut self, rows: RecordBatch) -> Result<(Vec<u64>, RecordBatch)> {
        let marks = marks(&rows)?;
        let mut actors = Vec::with_capacity(rows.num_rows());
        let mut kept = BooleanBufferBuilder::new(rows.num_rows());
        for run in partition(&[column(&rows, ACTOR)?])?.ranges() {
            let of_run = marks.get(run.clone()).unwrap_or_default();
            let first = self.shape.first;
            let is_wanted = first == 0 || of_run.iter().any(|marks| marks & first != 0);
            kept.append_n(run.len(), is_wanted);
            if is_wanted {
                actors.resize(actors.len() + run.len(), self.actor()?);
            }
        }
        if actors.is_empty() || actors.len() == rows.num_rows() {
            return Ok((actors, rows));
        }
        let kept = BooleanArray::new(kept.finish(), None);
        Ok((actors, filter_record_batch(&rows, &kept)?))
    }

    /// The next actor.
    fn actor(&mut self) -> Result<u64> {
        if self.next > u64::from(u32::MAX) {
            return resources_err!("a partition has more than 2^32 actors");
        }
        self.next += 1;
        Ok(self.upper | (self.next - 1))
    }
}

fn column(batch: &RecordBatch, index: usize) -> Result<ArrayRef> {
    match batch.columns().get(index) {
        Some(column) => Ok(Arc::clone(column)),
        None => internal_err!("a batch without column {index}"),
    }
}

/// Which conditions each row satisfies; NULL is none.
fn marks(batch: &RecordBatch) -> Result<ScalarBuffer<u64>> {
    let column = column(batch, MARKS)?;
    match column.as_primitive_opt::<UInt64Type>() {
        Some(marks) if marks.null_count() == 0 => Ok(marks.values().clone()),
        Some(marks) => Ok(marks.iter().map(Option::unwrap_or_default).collect()),
        None => internal_err!("marks of type {}", column.data_type()),
    }
}
