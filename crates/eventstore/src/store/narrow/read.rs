//! Reading one stream: a segment of a cluster file, or an event file.

use super::direct::{Direct, Span};
use super::opened::Opened;
use super::shape::{ROWS, Shape};
use super::{MARKS, wrong};
use crate::footers::told;
use crate::parquet_file::RESTORE;
use crate::store::schema::POSITION;
use crate::store::segments::Segment;
use crate::text::Columns;
use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::{SchemaRef, UInt32Type};
use arrow::error::ArrowError;
use datafusion::common::{Result, internal_err};
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_plan::metrics::{BaselineMetrics, ExecutionPlanMetricsSet};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use futures::stream::{StreamExt, TryStreamExt};
use object_store::path::Path;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderBuilder, ParquetRecordBatchReaderBuilder, RowSelection, RowSelector,
};
use parquet::arrow::async_reader::{AsyncFileReader, ParquetRecordBatchStreamBuilder};
use parquet::errors::ParquetError;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// A stream that is read as a partition.
#[derive(Debug)]
pub(super) struct Stream {
    file: Arc<Opened>,
    groups: Vec<usize>,
    rows: Rows,
    /// The events of which rows are given, each with its marks; `None` for all of the stream's.
    events: Option<Arc<HashMap<String, u64>>>,
}

/// A stream's rows among those of its row groups.
#[derive(Debug)]
enum Rows {
    /// So many, which follow each other, behind some that are skipped.
    Next { skip: usize, rows: usize },
    /// Some.
    Picked(RowSelection),
}

impl Rows {
    /// Which ones, if row groups of so many rows have others, too.
    fn selection(&self, all: usize) -> Option<RowSelection> {
        match self {
            Self::Next { skip: 0, rows } if *rows == all => None,
            Self::Next { skip, rows } => {
                Some([RowSelector::skip(*skip), RowSelector::select(*rows)].into_iter().collect())
            }
            Self::Picked(rows) => Some(rows.clone()),
        }
    }
}

impl Stream {
    /// All rows of an event file, but those of other events.
    pub(super) fn of_file(file: Arc<Opened>, events: Option<Arc<HashMap<String, u64>>>) -> Self {
        let groups = file.metadata.metadata().row_groups();
        let rows = groups.iter().map(|group| usize::try_from(group.num_rows()).unwrap_or_default());
        let (rows, groups) = (rows.sum(), (0..groups.len()).collect());
        Self { groups, rows: Rows::Next { skip: 0, rows }, file, events }
    }

    /// The rows of an event file at some places, which ascend.
    pub(super) fn of_rows(
        file: Arc<Opened>,
        places: impl Iterator<Item = Range<usize>>,
        events: Option<Arc<HashMap<String, u64>>>,
    ) -> Self {
        let (mut selectors, mut end) = (Vec::new(), 0);
        for place in places {
            selectors.push(RowSelector::skip(place.start.saturating_sub(end)));
            selectors.push(RowSelector::select(place.len()));
            end = place.end;
        }
        let all = usize::try_from(file.rows).unwrap_or(usize::MAX);
        selectors.push(RowSelector::skip(all.saturating_sub(end)));
        Self { rows: Rows::Picked(selectors.into()), ..Self::of_file(file, events) }
    }

    /// A segment of a cluster file.
    pub(super) fn of_segment(file: Arc<Opened>, segment: &Segment) -> Result<Self> {
        let (mut groups, mut skipped, mut before) = (Vec::new(), 0, 0_u64);
        let end = segment.start.saturating_add(segment.rows);
        for (number, group) in file.metadata.metadata().row_groups().iter().enumerate() {
            let rows = group.num_rows().unsigned_abs();
            let behind = before.saturating_add(rows);
            if before < end && behind > segment.start {
                if groups.is_empty() {
                    skipped = segment.start - before;
                }
                groups.push(number);
            }
            before = behind;
        }
        if end > before {
            return internal_err!("a segment ends behind its file {}", file.place);
        }
        let place = |row: u64| usize::try_from(row).unwrap_or(usize::MAX);
        let rows = Rows::Next { skip: place(skipped), rows: place(segment.rows) };
        Ok(Self { file, groups, rows, events: None })
    }

    /// The event file that its rows are of.
    pub(super) fn event_file(&self) -> &Path {
        &self.file.event_file
    }

    pub(super) fn execute(
        &self,
        schema: SchemaRef,
        columns: &Columns,
        metrics: &ExecutionPlanMetricsSet,
        partition: usize,
    ) -> Result<SendableRecordBatchStream> {
        let baseline = BaselineMetrics::new(metrics, partition);
        let place = self.file.place.clone();
        let damaged = move |error: &ParquetError| wrong(told(&place, error, RESTORE));
        if let Some(direct) = self.direct(&schema, columns).map_err(|error| damaged(&error))? {
            let counted = move |batch: parquet::errors::Result<RecordBatch>| {
                let batch = batch.map_err(|error| damaged(&error))?;
                baseline.record_output(batch.num_rows());
                Ok(batch)
            };
            let batches = futures::stream::iter(direct.map(counted));
            return Ok(Box::pin(RecordBatchStreamAdapter::new(schema, batches)));
        }
        let bound = columns.bind(self.file.metadata.schema())?;
        let mut shape = Shape::new(&self.file, bound, self.events.as_deref(), Arc::clone(&schema))?;
        let batches = match &self.file.local {
            Some(local) => {
                let reader = local.reader().map_err(|error| damaged(&error.into()))?;
                let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(
                    reader,
                    self.file.metadata.clone(),
                );
                let reader = self.narrowed(builder, &shape.read, shape.rows).build();
                let reader = reader.map_err(|error| damaged(&error))?;
                let batches =
                    reader.map(move |batch| batch.map_err(|error| damaged(&error.into())));
                futures::stream::iter(batches).boxed()
            }
            None => {
                let file = self.file.file.clone();
                let reader: Box<dyn AsyncFileReader> =
                    self.file.readers.create_reader(partition, file, None, metrics)?;
                let builder = ParquetRecordBatchStreamBuilder::new_with_metadata(
                    reader,
                    self.file.metadata.clone(),
                );
                let stream = self.narrowed(builder, &shape.read, shape.rows).build();
                let stream = stream.map_err(|error| damaged(&error))?;
                stream.map_err(move |error| damaged(&error)).boxed()
            }
        };
        let finish = move |batch: Result<RecordBatch>| {
            let batch = shape.finish(&batch?)?;
            baseline.record_output(batch.num_rows());
            Ok(batch)
        };
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, batches.map(finish))))
    }

    /// The stream without what lies between pages and batches, if it has nothing but what orders and marks rows.
    fn direct(
        &self,
        schema: &SchemaRef,
        columns: &Columns,
    ) -> parquet::errors::Result<Option<Direct>> {
        let Rows::Next { skip, rows } = self.rows else { return Ok(None) };
        let marks = self.events.as_ref();
        let are_shown = schema.fields().len() > MARKS;
        if !columns.output.fields().is_empty() || marks.is_some() != are_shown {
            return Ok(None);
        }
        let span = Span { groups: self.groups.clone(), skip, rows };
        Direct::new(&self.file, span, marks, schema)
    }

    /// The places in the event file of all its rows, if it is a segment.
    pub(super) async fn positions(&self) -> Result<Vec<u32>> {
        let read = [self.file.metadata.schema().index_of(POSITION)?];
        let damaged = |error: &ParquetError| wrong(told(&self.file.place, error, RESTORE));
        let metadata = self.file.metadata.clone();
        let batches: Vec<RecordBatch> = match &self.file.local {
            Some(local) => {
                let reader = local.reader().map_err(|error| damaged(&error.into()))?;
                let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(reader, metadata);
                let reader = self.narrowed(builder, &read, ROWS).build();
                let batches: Result<_, ArrowError> =
                    reader.map_err(|error| damaged(&error))?.collect();
                batches.map_err(|error| damaged(&error.into()))?
            }
            None => {
                let (file, metrics) = (self.file.file.clone(), ExecutionPlanMetricsSet::new());
                let reader: Box<dyn AsyncFileReader> =
                    self.file.readers.create_reader(0, file, None, &metrics)?;
                let builder = ParquetRecordBatchStreamBuilder::new_with_metadata(reader, metadata);
                let stream = self.narrowed(builder, &read, ROWS).build();
                let stream = stream.map_err(|error| damaged(&error))?;
                stream.try_collect().await.map_err(|error| damaged(&error))?
            }
        };
        let mut positions = Vec::new();
        for column in batches.iter().flat_map(RecordBatch::columns) {
            let Some(column) = column.as_primitive_opt::<UInt32Type>() else {
                return internal_err!("positions of type {}", column.data_type());
            };
            positions.extend_from_slice(column.values());
        }
        Ok(positions)
    }

    fn narrowed<T>(
        &self,
        builder: ArrowReaderBuilder<T>,
        read: &[usize],
        rows: usize,
    ) -> ArrowReaderBuilder<T> {
        let mask = ProjectionMask::roots(self.file.metadata.parquet_schema(), read.iter().copied());
        let groups = self.file.metadata.metadata().row_groups();
        let own = self.groups.iter().filter_map(|group| groups.get(*group));
        let all = own.map(|group| usize::try_from(group.num_rows()).unwrap_or_default()).sum();
        let builder = builder
            .with_row_groups(self.groups.clone())
            .with_projection(mask)
            .with_batch_size(rows);
        match self.rows.selection(all) {
            Some(rows) => builder.with_row_selection(rows),
            None => builder,
        }
    }
}
