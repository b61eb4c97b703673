//! Reading one stream: a segment of a cluster file, or an event file.

use super::{Opened, wrong};
use crate::footers::told;
use crate::parquet_file::RESTORE;
use crate::store::schema::{ORDINAL, POSITION};
use crate::store::segments::Segment;
use crate::text::{Bound, Columns};
use arrow::array::{ArrayRef, AsArray, BooleanArray, RecordBatch, UInt32Array};
use arrow::compute::{cast, filter_record_batch};
use arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::{DataFusionError, Result, internal_err};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::metrics::{BaselineMetrics, ExecutionPlanMetricsSet};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use events::column;
use futures::stream::{StreamExt, TryStreamExt};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderBuilder, ParquetRecordBatchReaderBuilder, RowSelection, RowSelector,
};
use parquet::arrow::async_reader::{AsyncFileReader, ParquetRecordBatchStreamBuilder};
use parquet::errors::ParquetError;
use std::fs::File;
use std::ops::Range;
use std::sync::Arc;

/// Rows of a batch: narrow ones are small.
const ROWS: usize = 16_384;

/// A stream that is read as a partition.
#[derive(Debug)]
pub(super) struct Stream {
    file: Arc<Opened>,
    groups: Vec<usize>,
    /// Its rows among those of the row groups; `None` if it is all of them.
    rows: Option<Range<usize>>,
    /// The events of which rows are given; `None` for all of the stream's.
    events: Option<Vec<String>>,
}

impl Stream {
    /// All rows of an event file, but those of other events.
    pub(super) fn of_file(file: Arc<Opened>, events: Option<Vec<String>>) -> Self {
        let groups = (0..file.metadata.metadata().num_row_groups()).collect();
        Self { file, groups, rows: None, events }
    }

    /// A segment of a cluster file.
    pub(super) fn of_segment(file: Arc<Opened>, segment: &Segment) -> Result<Self> {
        let (mut groups, mut skipped, mut before, mut covered) = (Vec::new(), 0, 0_u64, 0_u64);
        let end = segment.start.saturating_add(segment.rows);
        for (number, group) in file.metadata.metadata().row_groups().iter().enumerate() {
            let rows = group.num_rows().unsigned_abs();
            if before < end && before + rows > segment.start {
                if groups.is_empty() {
                    skipped = segment.start - before;
                }
                groups.push(number);
                covered += rows;
            }
            before += rows;
        }
        if end > before {
            return internal_err!("a segment ends behind its file {}", file.place);
        }
        let place = |row: u64| usize::try_from(row).unwrap_or(usize::MAX);
        let whole = skipped == 0 && covered == segment.rows;
        let rows = (!whole).then(|| place(skipped)..place(skipped + segment.rows));
        Ok(Self { file, groups, rows, events: None })
    }

    pub(super) fn execute(
        &self,
        schema: SchemaRef,
        columns: &Columns,
        context: &TaskContext,
        metrics: &ExecutionPlanMetricsSet,
        partition: usize,
    ) -> Result<SendableRecordBatchStream> {
        let bound = columns.bind(self.file.metadata.schema())?;
        let events = self.events.clone();
        let shape = Arc::new(Shape::new(&self.file, bound, events, Arc::clone(&schema))?);
        let baseline = BaselineMetrics::new(metrics, partition);
        let shaped = Arc::clone(&shape);
        let place = self.file.place.clone();
        let mut next = 0;
        let finish = move |batch: Result<RecordBatch>| {
            let batch = shaped.finish(&batch?, &mut next)?;
            baseline.record_output(batch.num_rows());
            Ok(batch)
        };
        let damaged = move |error: &ParquetError| wrong(told(&place, error, RESTORE));
        let batches = match &self.file.local {
            Some(path) => {
                let file = File::open(path).map_err(|error| damaged(&error.into()))?;
                let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(
                    file,
                    self.file.metadata.clone(),
                );
                let reader = self.narrowed(builder, &shape).build();
                let reader = reader.map_err(|error| damaged(&error))?;
                let batches =
                    reader.map(move |batch| batch.map_err(|error| damaged(&error.into())));
                futures::stream::iter(batches.map(finish)).boxed()
            }
            None => {
                let file = self.file.file.clone();
                let reader: Box<dyn AsyncFileReader> =
                    self.file.readers.create_reader(partition, file, None, metrics)?;
                let builder = ParquetRecordBatchStreamBuilder::new_with_metadata(
                    reader,
                    self.file.metadata.clone(),
                );
                let stream = self.narrowed(builder, &shape).build();
                let stream = stream.map_err(|error| damaged(&error))?;
                let batches = stream.map_err(move |error| damaged(&error));
                batches.map(finish).boxed()
            }
        };
        let _ = context;
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, batches)))
    }

    fn narrowed<T>(&self, builder: ArrowReaderBuilder<T>, shape: &Shape) -> ArrowReaderBuilder<T> {
        let mask =
            ProjectionMask::roots(self.file.metadata.parquet_schema(), shape.read.iter().copied());
        let builder = builder
            .with_row_groups(self.groups.clone())
            .with_projection(mask)
            .with_batch_size(ROWS);
        let Some(rows) = &self.rows else { return builder };
        let selection = RowSelection::from(vec![
            RowSelector::skip(rows.start),
            RowSelector::select(rows.len()),
        ]);
        builder.with_row_selection(selection)
    }
}

/// What orders rows of a person at one time.
#[derive(Debug, Clone, Copy)]
enum Tie {
    /// There are no such rows.
    None,
    /// A column of the file: positions in clusters.
    Read(usize),
    /// The place of the row in the file, counted while it is read.
    Counted,
}

/// Whether each of the texts is one of some events.
fn is_one_of(texts: &ArrayRef, wanted: &[String]) -> Result<BooleanArray> {
    let texts = cast(texts, &DataType::Utf8View)?;
    let texts = texts.as_string_view();
    Ok(texts.iter().map(|text| Some(wanted.iter().any(|one| Some(one.as_str()) == text))).collect())
}

/// What is read of a file, and where it stands in a batch.
struct Shape {
    /// Columns of the file that are read, ascending.
    read: Vec<usize>,
    ordinal: usize,
    time: usize,
    tie: Tie,
    /// Where the event is, and the events that are wanted, if others are to be left out.
    events: Option<(usize, Vec<String>)>,
    /// Places of the columns that the expressions speak of.
    inputs: Vec<usize>,
    bound: Bound,
    output: SchemaRef,
    /// As many zeros as a batch may have rows.
    zeros: ArrayRef,
}

impl Shape {
    fn new(
        file: &Opened,
        bound: Bound,
        events: Option<Vec<String>>,
        output: SchemaRef,
    ) -> Result<Self> {
        let schema = file.metadata.schema();
        let index = |name: &str| schema.index_of(name).map_err(DataFusionError::from);
        let (ordinal, time) = (index(ORDINAL)?, index(column::TIMESTAMP)?);
        let position = match (file.has_ties, &file.segments) {
            (true, Some(_)) => Some(index(POSITION)?),
            _ => None,
        };
        let event = if events.is_some() { Some(index(column::EVENT)?) } else { None };
        let mut read = bound.indices.clone();
        read.extend([ordinal, time]);
        read.extend(position);
        read.extend(event);
        read.sort_unstable();
        read.dedup();
        let place = |index: usize| read.binary_search(&index).unwrap_or_default();
        let inputs = bound.indices.iter().map(|index| place(*index)).collect();
        Ok(Self {
            ordinal: place(ordinal),
            time: place(time),
            tie: match position {
                Some(position) => Tie::Read(place(position)),
                None if file.has_ties => Tie::Counted,
                None => Tie::None,
            },
            events: event.map(place).zip(events),
            inputs,
            zeros: Arc::new(UInt32Array::from_value(0, ROWS)),
            read,
            bound,
            output,
        })
    }

    /// A batch of the file as one of the scan.
    /// `next` is the number of its first row in the file.
    fn finish(&self, batch: &RecordBatch, next: &mut u32) -> Result<RecordBatch> {
        let rows = batch.num_rows();
        let first = *next;
        *next = next.saturating_add(u32::try_from(rows).unwrap_or(u32::MAX));
        let tie: ArrayRef = match self.tie {
            Tie::None => self.zeros.slice(0, rows.min(ROWS)),
            Tie::Read(place) => Arc::clone(batch.column(place)),
            Tie::Counted => Arc::new((first..*next).collect::<UInt32Array>()),
        };
        let mut columns =
            vec![Arc::clone(batch.column(self.ordinal)), Arc::clone(batch.column(self.time)), tie];
        if !self.bound.exprs.is_empty() {
            let inputs = self.inputs.iter().map(|place| Arc::clone(batch.column(*place)));
            let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(rows));
            let input = RecordBatch::try_new_with_options(
                Arc::clone(&self.bound.input),
                inputs.collect(),
                &options,
            )?;
            for expr in &self.bound.exprs {
                columns.push(expr.evaluate(&input)?.into_array(rows)?);
            }
        }
        let shaped = RecordBatch::try_new(Arc::clone(&self.output), columns)?;
        match &self.events {
            None => Ok(shaped),
            Some((event, wanted)) => {
                Ok(filter_record_batch(&shaped, &is_one_of(batch.column(*event), wanted)?)?)
            }
        }
    }
}
