//! Gathering the rows that moved, and putting them in order.

use super::moves::{FileMoves, Stretch};
use super::tasks::in_order;
use crate::store::narrow::NarrowScanExec;
use arrow::array::{
    Array, ArrayRef, AsArray, RecordBatch, StringViewArray, TimestampMicrosecondArray, UInt32Array,
};
use arrow::compute::{cast, interleave, take};
use arrow::datatypes::{DataType, SchemaRef, TimestampMicrosecondType};
use datafusion::common::{Result, internal_datafusion_err, internal_err};
use datafusion::execution::TaskContext;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::coop::make_cooperative;
use datafusion::physical_plan::spill::get_record_batch_memory_size;
use futures::TryStreamExt;
use std::collections::HashMap;
use std::sync::Arc;

/// Columns of a narrow scan before those that were asked for: ordinal, time, tie.
const ALWAYS: usize = 3;

/// What is read of the rows that moved, and where.
#[derive(Debug)]
pub(super) struct Gathering {
    /// The rows, a stream for each file: by bucket, then generation, as an optimize reads them.
    pub(super) scan: NarrowScanExec,
    /// What is to be known of them, file by file.
    pub(super) moves: Vec<Arc<FileMoves>>,
    pub(super) wanted: Wanted,
}

/// What becomes of them.
#[derive(Debug)]
pub(super) struct Wanted {
    /// The first of the streams of rows that got to a bucket with a rank.
    pub(super) streams: HashMap<(u32, u32), usize>,
    /// Number of streams.
    pub(super) count: usize,
    /// The events that are wanted, and which of those streams has their rows; `None` if the first has all. The event is the
    /// last column of the scan then.
    pub(super) events: Option<HashMap<Arc<str>, usize>>,
    /// How many columns are given out behind those that there always are.
    pub(super) carried: usize,
    /// The columns that are given out.
    pub(super) schema: SchemaRef,
}

/// The rows of each stream, in order.
#[derive(Debug)]
pub(super) struct Gathered {
    pub(super) streams: Vec<RecordBatch>,
    /// What they take of the memory limit.
    _memory: MemoryReservation,
}

/// A row that moved. The order of fields is that of rows: those of an actor at one time stay in the order of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    bucket: u32,
    ordinal: u32,
    time: i64,
    /// Where its columns are.
    batch: u32,
    place: u32,
    stream: u32,
}

/// Rows of a file, and the columns that they carry, batch by batch.
#[derive(Default)]
struct Part {
    rows: Vec<Row>,
    carried: Vec<Vec<ArrayRef>>,
}

impl Gathering {
    /// Reads all rows, several files at a time.
    pub(super) async fn gather(self: Arc<Self>, context: Arc<TaskContext>) -> Result<Gathered> {
        let memory = MemoryConsumer::new("MovedScan").register(context.memory_pool());
        let memory = Arc::new(memory);
        let mut tasks = Vec::with_capacity(self.moves.len());
        for file in 0..self.moves.len() {
            let (gathering, memory) = (Arc::clone(&self), Arc::clone(&memory));
            tasks.push(gathering.part(file, Arc::clone(&context), memory));
        }
        let parts = in_order(tasks, context.session_config().target_partitions()).await?;
        self.ordered(parts, &memory)
    }

    /// The rows of one file.
    async fn part(
        self: Arc<Self>,
        file: usize,
        context: Arc<TaskContext>,
        memory: Arc<MemoryReservation>,
    ) -> Result<Part> {
        let Some(moves) = self.moves.get(file) else {
            return internal_err!("there is no file {file} with rows that moved");
        };
        let mut cursor = Cursor { rest: moves.stretches.iter(), open: None };
        let mut part = Part::default();
        let mut batches = make_cooperative(self.scan.execute(file, context)?);
        while let Some(batch) = batches.try_next().await? {
            let before = part.rows.len();
            self.add(&batch, &mut cursor, &mut part)?;
            let carried = part.carried.last().into_iter().flatten();
            let carried: usize = carried.map(|values| values.get_array_memory_size()).sum();
            memory.try_grow((part.rows.len() - before) * size_of::<Row>() + carried)?;
        }
        Ok(part)
    }

    /// Takes what is wanted of the next rows of a file.
    fn add(&self, batch: &RecordBatch, cursor: &mut Cursor<'_>, part: &mut Part) -> Result<()> {
        let times = batch.columns().get(1);
        let times = times.and_then(|times| times.as_primitive_opt::<TimestampMicrosecondType>());
        let Some(times) = times.map(|times| times.values()) else {
            return internal_err!("a narrow batch without times");
        };
        let events = self.wanted.events(batch)?;
        let number = u32::try_from(part.carried.len());
        let number = number.map_err(|_| internal_datafusion_err!("too many batches"))?;
        let (mut kept, mut row) = (Vec::new(), 0_u32);
        let mut times = times.iter();
        while times.len() > 0 {
            let Some((stretch, count)) = cursor.next(times.len()) else {
                return internal_err!("a file has more rows that moved than are known");
            };
            let first = self.wanted.streams.get(&(stretch.bucket, stretch.rank));
            let Some(first) = first else {
                return internal_err!("no stream has the rows that moved to {}", stretch.bucket);
            };
            for time in times.by_ref().take(count) {
                if let Some(offset) = events.offset(row) {
                    let stream = u32::try_from(first + offset).unwrap_or(u32::MAX);
                    let place = u32::try_from(kept.len()).unwrap_or(u32::MAX);
                    let (bucket, ordinal) = (stretch.bucket, stretch.ordinal);
                    part.rows.push(Row {
                        bucket,
                        ordinal,
                        time: *time,
                        batch: number,
                        place,
                        stream,
                    });
                    kept.push(row);
                }
                row += 1;
            }
        }
        part.carried.push(self.wanted.carried(batch, kept)?);
        Ok(())
    }

    /// All rows, stream by stream.
    fn ordered(&self, parts: Vec<Part>, memory: &MemoryReservation) -> Result<Gathered> {
        // What came is copied once more.
        memory.try_grow(memory.size())?;
        let (mut rows, mut carried) = (Vec::new(), Vec::new());
        for part in parts {
            let first = u32::try_from(carried.len());
            let first = first.map_err(|_| internal_datafusion_err!("too many batches"))?;
            rows.extend(part.rows.into_iter().map(|row| Row { batch: first + row.batch, ..row }));
            carried.extend(part.carried);
        }
        rows.sort_unstable();
        let mut streams: Vec<Picked> = Vec::new();
        streams.resize_with(self.wanted.count, Picked::default);
        for same in rows.chunk_by(|one, other| one.at() == other.at()) {
            for (tie, row) in (0..).zip(same) {
                let Some(picked) = streams.get_mut(row.stream as usize) else {
                    return internal_err!("there is no stream {} of rows that moved", row.stream);
                };
                picked.push(row, tie);
            }
        }
        drop(rows);
        let batch = |picked: Picked| picked.batch(&carried, &self.wanted);
        let streams = streams.into_iter().map(batch).collect::<Result<Vec<_>>>()?;
        let kept = memory.new_empty();
        memory.free();
        kept.try_grow(streams.iter().map(get_record_batch_memory_size).sum())?;
        Ok(Gathered { streams, _memory: kept })
    }
}

impl Row {
    /// Whose it is, and when.
    const fn at(&self) -> (u32, u32, i64) {
        (self.bucket, self.ordinal, self.time)
    }
}

/// Goes through the stretches of a file as its rows come.
struct Cursor<'m> {
    rest: std::slice::Iter<'m, Stretch>,
    /// The one that is begun, and how many rows of it are still to come.
    open: Option<(&'m Stretch, usize)>,
}

impl<'m> Cursor<'m> {
    /// What the next rows are of, and how many of them, up to so many.
    fn next(&mut self, most: usize) -> Option<(&'m Stretch, usize)> {
        let (stretch, left) = match self.open.take() {
            Some(open) => open,
            None => self.rest.next().map(|stretch| (stretch, stretch.rows.len()))?,
        };
        let count = left.min(most);
        self.open = (left > count).then_some((stretch, left - count));
        Some((stretch, count))
    }
}

/// The events of a batch.
enum Events<'w> {
    /// All of them are wanted, by the first stream.
    All,
    Of(StringViewArray, &'w HashMap<Arc<str>, usize>),
}

impl Events<'_> {
    /// Which stream wants a row; `None` if none does.
    fn offset(&self, row: u32) -> Option<usize> {
        match self {
            Self::All => Some(0),
            Self::Of(names, wanted) => {
                let row = row as usize;
                let name = if row < names.len() { names.value(row) } else { return None };
                wanted.get(name).copied()
            }
        }
    }
}

impl Wanted {
    fn events(&self, batch: &RecordBatch) -> Result<Events<'_>> {
        let Some(wanted) = &self.events else { return Ok(Events::All) };
        let Some(names) = batch.columns().last() else {
            return internal_err!("a narrow batch without columns");
        };
        let names = cast(names, &DataType::Utf8View)?;
        Ok(Events::Of(names.as_string_view().clone(), wanted))
    }

    /// The columns that some rows of a batch carry.
    fn carried(&self, batch: &RecordBatch, rows: Vec<u32>) -> Result<Vec<ArrayRef>> {
        let rows = UInt32Array::from(rows);
        let columns = batch.columns().iter().skip(ALWAYS).take(self.carried);
        columns.map(|values| Ok(compact(take(values, &rows, None)?))).collect()
    }
}

/// The same values, holding on to no more than themselves: texts are views into pages of a file.
fn compact(values: ArrayRef) -> ArrayRef {
    match values.as_string_view_opt() {
        Some(texts) => Arc::new(texts.gc()),
        None => values,
    }
}

/// The rows of a stream, in order.
#[derive(Default)]
struct Picked {
    ordinals: Vec<u32>,
    times: Vec<i64>,
    ties: Vec<u32>,
    /// Where their columns are.
    places: Vec<(usize, usize)>,
}

impl Picked {
    fn push(&mut self, row: &Row, tie: u32) {
        self.ordinals.push(row.ordinal);
        self.times.push(row.time);
        self.ties.push(tie);
        self.places.push((row.batch as usize, row.place as usize));
    }

    fn batch(self, carried: &[Vec<ArrayRef>], wanted: &Wanted) -> Result<RecordBatch> {
        if self.ordinals.is_empty() {
            return Ok(RecordBatch::new_empty(Arc::clone(&wanted.schema)));
        }
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(UInt32Array::from(self.ordinals)),
            Arc::new(TimestampMicrosecondArray::from(self.times).with_timezone("UTC")),
            Arc::new(UInt32Array::from(self.ties)),
        ];
        for column in 0..wanted.carried {
            let values = carried.iter().filter_map(|columns| columns.get(column));
            let values: Vec<&dyn Array> = values.map(|values| values.as_ref()).collect();
            columns.push(compact(interleave(&values, &self.places)?));
        }
        Ok(RecordBatch::try_new(Arc::clone(&wanted.schema), columns)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_are_cut_at_batches() {
        let stretch = |rows, ordinal| Stretch { rows, bucket: 0, ordinal, rank: 0 };
        let stretches = [stretch(2..5, 7), stretch(5..6, 8), stretch(9..13, 7)];
        let mut cursor = Cursor { rest: stretches.iter(), open: None };
        let mut next = |most| cursor.next(most).map(|(stretch, count)| (stretch.ordinal, count));
        assert_eq!([next(2), next(4), next(3)], [Some((7, 2)), Some((7, 1)), Some((8, 1))]);
        assert_eq!([next(3), next(3), next(1)], [Some((7, 3)), Some((7, 1)), None]);
    }
}
