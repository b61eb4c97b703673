//! Merging the buckets of a partition, one after the other.

use super::buckets::Bucket;
use super::carried::Carried;
use super::metrics::RunMetrics;
use super::request::ActorRuns;
use super::rows::{ArrowMarks, ArrowRows, marks};
use arrow::array::{ArrayRef, RecordBatch, TimestampMicrosecondArray, UInt64Array};
use arrow::buffer::ScalarBuffer;
use arrow::datatypes::SchemaRef;
use datafusion::common::{
    DataFusionError, Result, exec_datafusion_err, internal_datafusion_err, internal_err,
};
use datafusion::execution::memory_pool::MemoryReservation;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::coop::make_cooperative;
use datafusion::physical_plan::spill::get_record_batch_memory_size;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use events::layout::StreamMarks;
use events::runs::{RunError, RunMerger, Runs, StreamOrder};
use futures::TryStreamExt;
use futures::stream::try_unfold;
use std::sync::Arc;

/// Bytes that may come before the reservation is brought up to date: adding up what is held takes a step for each
/// stream, and there may be thousands with a few rows each.
const UNCOUNTED: usize = 1 << 20;

/// Where the rows come from, and what becomes of them.
pub(super) struct Origin {
    /// The ordered streams.
    pub(super) input: Arc<dyn ExecutionPlan>,
    /// What is asked of them.
    pub(super) runs: Arc<ActorRuns>,
    /// The columns that are given out.
    pub(super) schema: SchemaRef,
    /// The task that asks.
    pub(super) context: Arc<TaskContext>,
}

/// The stream of a partition: it opens the streams of a bucket when its turn comes, reads the one that its merger
/// misses, accounts for what is held, and gives out runs. There is no task in it: it goes no further once dropped.
pub(super) struct Merge {
    origin: Origin,
    /// Buckets that are not opened yet.
    rest: std::vec::IntoIter<Bucket>,
    open: Option<Open>,
    /// Bytes that came since the reservation was brought up to date.
    uncounted: usize,
    metrics: RunMetrics,
    memory: MemoryReservation,
}

impl Merge {
    /// The runs of these buckets.
    pub(super) fn new(
        origin: Origin,
        buckets: Vec<Bucket>,
        metrics: RunMetrics,
        memory: MemoryReservation,
    ) -> Self {
        Self { origin, rest: buckets.into_iter(), open: None, uncounted: 0, metrics, memory }
    }

    /// All batches.
    pub(super) fn stream(self) -> SendableRecordBatchStream {
        let schema = Arc::clone(&self.origin.schema);
        let batches = try_unfold(self, |mut merge| async move {
            let batch = merge.next().await;
            batch.map(|batch| batch.map(|batch| (batch, merge)))
        });
        Box::pin(RecordBatchStreamAdapter::new(schema, batches))
    }

    async fn next(&mut self) -> Result<Option<RecordBatch>> {
        loop {
            if let Some(batch) = self.give()? {
                return Ok(Some(batch));
            }
            match self.open.as_ref().and_then(|open| open.merger.wants()) {
                Some(stream) => self.read(stream).await?,
                None if self.turn() => {}
                None => return Ok(None),
            }
        }
    }

    /// The next runs of the open bucket; `None` if rows are missed.
    fn give(&mut self) -> Result<Option<RecordBatch>> {
        let Some(open) = &mut self.open else { return Ok(None) };
        let elapsed = self.metrics.elapsed();
        let timer = elapsed.timer();
        let batch = open.give(&self.origin.schema)?;
        timer.done();
        let Some(batch) = batch else { return Ok(None) };
        let batch = self.metrics.given(batch, open.given.actors.len());
        self.settle(get_record_batch_memory_size(&batch))?;
        Ok(Some(batch))
    }

    /// Goes on to the next bucket; false if there is none.
    fn turn(&mut self) -> bool {
        self.open = self.rest.next().map(|bucket| Open::new(bucket, &self.origin.runs));
        if self.open.is_none() {
            self.memory.free();
        }
        self.open.is_some()
    }

    /// Takes the next batch of a stream of the open bucket.
    async fn read(&mut self, stream: usize) -> Result<()> {
        let Some(open) = &mut self.open else { return Ok(()) };
        let Some(input) = open.inputs.get_mut(stream) else {
            return internal_err!("there is no stream {stream}");
        };
        let mut reader = match input.reader.take() {
            Some(reader) => reader,
            None => self.origin.reader(input.number)?,
        };
        let Some(batch) = reader.try_next().await? else {
            // The reader ends here: its file is closed now, not when the bucket is.
            open.merger.finish(stream);
            return Ok(());
        };
        input.reader = Some(reader);
        self.metrics.input_rows.add(batch.num_rows());
        let elapsed = self.metrics.elapsed();
        let timer = elapsed.timer();
        self.uncounted += open.push(stream, &batch, &self.origin.runs)?;
        timer.done();
        if self.uncounted >= UNCOUNTED { self.settle(0) } else { Ok(()) }
    }

    /// Reserves memory for what is held, and for a batch that is given out.
    fn settle(&mut self, batch: usize) -> Result<()> {
        self.uncounted = 0;
        let held = self.open.as_mut().map_or(0, Open::held);
        self.metrics.buffered.set_max(held);
        self.memory.try_resize(held + batch)
    }
}

impl Origin {
    /// Opens an ordered stream. It gives way now and then: readers of local files never wait by themselves.
    fn reader(&self, number: usize) -> Result<SendableRecordBatchStream> {
        Ok(make_cooperative(self.input.execute(number, Arc::clone(&self.context))?))
    }
}

/// A bucket that is being merged.
struct Open {
    bucket: u32,
    inputs: Vec<Input>,
    merger: RunMerger<ArrowRows>,
    carried: Option<Carried>,
    given: Runs,
}

/// A stream of the bucket.
struct Input {
    /// Its number among all streams.
    number: usize,
    /// `None` before its first row is asked for, and after its last.
    reader: Option<SendableRecordBatchStream>,
}

impl Input {
    const fn unopened(number: usize) -> Self {
        Self { number, reader: None }
    }
}

impl Open {
    fn new(bucket: Bucket, runs: &ActorRuns) -> Self {
        let orders: Vec<StreamOrder> =
            bucket.streams.iter().map(|stream| runs.order(*stream)).collect();
        let merger = RunMerger::new(&orders, runs.first);
        let columns = runs.columns.len();
        let carried = (columns > 0).then(|| Carried::new(orders.len(), columns));
        Self {
            bucket: bucket.number,
            inputs: bucket.streams.into_iter().map(Input::unopened).collect(),
            merger: if carried.is_some() { merger.with_places() } else { merger },
            carried,
            given: Runs::default(),
        }
    }

    /// Hands rows to the merger, and tells how many bytes they take.
    fn push(&mut self, stream: usize, batch: &RecordBatch, runs: &ActorRuns) -> Result<usize> {
        let number = self.inputs.get(stream).map_or(0, |input| input.number);
        let marks = match &runs.marks {
            StreamMarks::Constant(_) => ArrowMarks::All(runs.marks.of(number)),
            StreamMarks::Column { index, .. } => marks(batch, *index)?,
        };
        if batch.num_rows() == 0 {
            return Ok(0);
        }
        let rows = ArrowRows::new(batch, marks);
        let mut rows = rows.map_err(|error| damaged(error, &runs.name(number)))?;
        let mut bytes = rows.bytes();
        if let Some(carried) = &mut self.carried {
            let piece = carried.keep(stream, batch.project(&runs.columns)?)?;
            bytes += piece.bytes();
            rows = rows.carrying(piece);
        }
        self.merger.push(stream, rows).map_err(|error| refused(error, number, runs))?;
        Ok(bytes)
    }

    /// The runs that the merger has, if it has any.
    fn give(&mut self, schema: &SchemaRef) -> Result<Option<RecordBatch>> {
        let given = &mut self.given;
        if !self.merger.next(given) {
            return Ok(None);
        }
        let actors = actors(self.bucket, given);
        // The vectors become the batch's buffers: what is given out is not copied. The next batch will be about as long.
        let room = given.rows() + given.rows() / 4;
        let times = std::mem::replace(&mut given.times, Vec::with_capacity(room));
        let marks = std::mem::replace(&mut given.marks, Vec::with_capacity(room));
        let (times, marks) = (ScalarBuffer::from(times), ScalarBuffer::from(marks));
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(UInt64Array::new(ScalarBuffer::from(actors), None)),
            Arc::new(TimestampMicrosecondArray::new(times, None).with_timezone("UTC")),
            Arc::new(UInt64Array::new(marks, None)),
        ];
        if let Some(carried) = &self.carried {
            columns.extend(carried.gather(&given.places)?);
        }
        Ok(Some(RecordBatch::try_new(Arc::clone(schema), columns)?))
    }

    /// Lets go of what is done with, and tells how many bytes are held.
    fn held(&mut self) -> usize {
        self.merger.memory() + self.carried.as_mut().map_or(0, Carried::release)
    }
}

/// The actor of each row.
fn actors(bucket: u32, given: &Runs) -> Vec<u64> {
    let upper = u64::from(bucket) << 32;
    let mut actors = Vec::with_capacity(given.rows());
    for (actor, end) in given.actors.iter().zip(given.starts.iter().skip(1)) {
        actors.resize(*end, upper | u64::from(*actor));
    }
    actors
}

/// An error in the data of a stream.
fn damaged(error: DataFusionError, name: &str) -> DataFusionError {
    match error {
        DataFusionError::Execution(what) => exec_datafusion_err!("{name} is damaged: {what}"),
        error => error,
    }
}

/// Why a merger refuses rows: the data are damaged, or this module has a defect.
fn refused(mut error: RunError, number: usize, runs: &ActorRuns) -> DataFusionError {
    match &mut error {
        RunError::Order { stream, .. }
        | RunError::Lengths { stream, .. }
        | RunError::Finished { stream }
        | RunError::NoStream { stream, .. }
        | RunError::Marks { stream, .. }
        | RunError::Long { stream } => *stream = number,
    }
    let name = runs.name(number);
    match error {
        RunError::Order { .. } => exec_datafusion_err!("{name} is damaged: {error}"),
        RunError::Long { .. } => exec_datafusion_err!("{name} is too long: {error}"),
        _ => internal_datafusion_err!("{name}: {error}"),
    }
}
