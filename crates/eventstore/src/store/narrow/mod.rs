//! Narrow reading: who did something and when, in the order in which folds want it.
//!
//! Each partition of [`NarrowScanExec`] is an ordered stream, described by an [`OrderedStream`]: a segment of a cluster file,
//! or, if further columns are asked for, all rows of an event file. Its columns are the ordinal, the time and what orders rows
//! of one time, then those that were asked for. Files on this machine are read by the synchronous reader of `parquet`, without
//! a task, a channel or a copy in between.

mod actors;
mod read;

pub(super) use actors::{ActorScanExec, schema as actor_scan_schema};

use super::schema::{ORDINAL, instant};
use super::segments::{Segment, from_metadata};
use crate::files::place;
use crate::footers::told;
use crate::lenient::reader_factory;
use crate::parquet_file::RESTORE;
use crate::parts::{Part, StoredFile};
use crate::table::FileTable;
use crate::text::Columns;
use crate::{Error, Source};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::catalog::Session;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DataFusionError, Result, internal_err};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::ParquetFileReaderFactory;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{
    EquivalenceProperties, LexOrdering, PhysicalExpr, PhysicalSortExpr,
};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::metrics::{ExecutionPlanMetricsSet, MetricsSet};
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties,
};
use events::column;
use events::layout::OrderedStream;
use futures::{StreamExt, TryStreamExt};
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::arrow::async_reader::AsyncFileReader;
use parquet::file::metadata::PageIndexPolicy;
use read::Stream;
use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

/// Footers read at the same time.
const CONCURRENT: usize = 16;

/// What is read of a store.
#[derive(Debug, Clone, Default)]
pub struct NarrowRequest {
    /// Names of the events; all if not given, and then a stream holds the rows of all of them.
    pub events: Option<Vec<String>>,
    /// First microsecond that matters, since 1970-01-01 UTC. Rows before it may be given all the same.
    pub from: Option<i64>,
    /// The microsecond behind the last one that matters. Rows from it on may be given all the same.
    pub to: Option<i64>,
    /// Further columns of the table of events. With any of them a stream holds the rows of several events: ask for `event` to
    /// tell them apart.
    pub columns: Vec<String>,
}

impl NarrowRequest {
    fn wants_times(&self, min: i64, max: i64) -> bool {
        self.from.is_none_or(|from| max >= from) && self.to.is_none_or(|to| min < to)
    }
}

impl Source {
    /// Plans the narrow reading of a store; `None` if the source is none, or has merges that are not worked in yet, so that
    /// its ordinals do not tell who is who.
    ///
    /// # Errors
    /// A footer that cannot be read, or a column that the events do not have.
    pub async fn narrow(
        &self,
        request: &NarrowRequest,
        session: &dyn Session,
    ) -> Result<Option<NarrowScanExec>> {
        let settled = self.events().filter(|events| events.schema.is_settled);
        let Some(events) = settled.filter(|_| self.store().is_some()) else { return Ok(None) };
        let clusters = request.columns.is_empty() && request.events.is_some();
        let opening = Opening { request, clusters, ties: true };
        NarrowScanExec::open(&events.table, &opening, session).await.map(Some)
    }
}

/// How a store is read.
pub(super) struct Opening<'a> {
    pub(super) request: &'a NarrowRequest,
    /// From clusters, else from event files.
    pub(super) clusters: bool,
    /// Whether the order of rows of one time matters.
    pub(super) ties: bool,
}

/// Reads ordered streams of a store, each as a partition: segments of cluster files, or event files.
#[derive(Debug)]
pub struct NarrowScanExec {
    streams: Vec<Stream>,
    layout: Vec<OrderedStream>,
    columns: Arc<Columns>,
    properties: Arc<PlanProperties>,
    metrics: ExecutionPlanMetricsSet,
}

impl NarrowScanExec {
    async fn open(table: &FileTable, opening: &Opening<'_>, session: &dyn Session) -> Result<Self> {
        let request = opening.request;
        let columns = Arc::new(table.columns_of(&request.columns)?);
        let mut tasks = Vec::new();
        for part in table.parts() {
            for file in &part.files {
                let times = file.times.unwrap_or((i64::MIN, i64::MAX));
                if request.wants_times(times.0, times.1) {
                    tasks.push(opened(part, file, opening, session));
                }
            }
        }
        let files: Vec<Opened> =
            futures::stream::iter(tasks).buffered(CONCURRENT).try_collect().await?;
        let (mut streams, mut layout) = (Vec::new(), Vec::new());
        for file in files {
            let (of_file, described) = file.streams(request)?;
            streams.extend(of_file);
            layout.extend(described);
        }
        let properties = Arc::new(properties(&schema(&columns.output), streams.len())?);
        let metrics = ExecutionPlanMetricsSet::new();
        Ok(Self { streams, layout, columns, properties, metrics })
    }

    /// What each partition holds.
    #[must_use]
    pub fn layout(&self) -> &[OrderedStream] {
        &self.layout
    }
}

/// A file with its footer.
struct Opened {
    place: String,
    bucket: u32,
    /// What orders its rows among those of other files: imports in order.
    rank: u32,
    has_ties: bool,
    rows: u64,
    metadata: ArrowReaderMetadata,
    /// Its segments; `None` if it is an event file.
    segments: Option<Vec<Segment>>,
    /// Where it is on this machine.
    local: Option<std::path::PathBuf>,
    file: PartitionedFile,
    readers: Arc<dyn ParquetFileReaderFactory>,
}

impl Opened {
    /// The streams of the file that are wanted, and what they hold.
    fn streams(self, request: &NarrowRequest) -> Result<(Vec<Stream>, Vec<OrderedStream>)> {
        let file = Arc::new(self);
        let described = |event: Option<Arc<str>>, rows| OrderedStream {
            bucket: file.bucket,
            rank: file.rank,
            event,
            rows,
        };
        let Some(segments) = &file.segments else {
            let stream = Stream::of_file(Arc::clone(&file), request.events.clone());
            return Ok((vec![stream], vec![described(None, file.rows)]));
        };
        let wanted: Option<HashSet<&str>> =
            request.events.as_ref().map(|events| events.iter().map(String::as_str).collect());
        let (mut streams, mut layout) = (Vec::new(), Vec::new());
        for segment in segments {
            let is_wanted = wanted.as_ref().is_none_or(|wanted| wanted.contains(&*segment.event));
            if is_wanted && request.wants_times(segment.min_time, segment.max_time) {
                layout.push(described(Some(segment.event.as_str().into()), segment.rows));
                streams.push(Stream::of_segment(Arc::clone(&file), segment)?);
            }
        }
        Ok((streams, layout))
    }
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened").field("place", &self.place).finish_non_exhaustive()
    }
}

/// Opens the clusters of an event file, or that file itself.
async fn opened(
    part: &Part,
    file: &StoredFile,
    opening: &Opening<'_>,
    session: &dyn Session,
) -> Result<Opened> {
    let clusters = if opening.clusters { file.clusters.as_ref() } else { None };
    let meta = clusters.unwrap_or(&file.meta);
    let place = place(part.store.as_str(), &meta.location);
    let store = session.runtime_env().object_store(&part.store)?;
    let readers: Arc<dyn ParquetFileReaderFactory> = Arc::new(reader_factory(session, store));
    let partitioned = PartitionedFile::new_from_meta(meta.clone());
    let metrics = ExecutionPlanMetricsSet::new();
    let mut reader: Box<dyn AsyncFileReader> =
        readers.create_reader(0, partitioned.clone(), None, &metrics)?;
    let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Optional);
    let metadata = ArrowReaderMetadata::load_async(&mut reader, options).await;
    let metadata = metadata.map_err(|error| wrong(told(&place, &error, RESTORE)))?;
    let footer = metadata.metadata().file_metadata();
    let segments = clusters.map(|_| from_metadata(footer.key_value_metadata())).transpose();
    let segments = segments.map_err(|error| wrong(error.at(&place).with_hint(RESTORE)))?;
    let local = (part.store.as_str() == "file:///")
        .then(|| std::path::PathBuf::from(format!("/{}", meta.location)));
    Ok(Opened {
        bucket: u32::try_from(file.ordinal).unwrap_or_default(),
        rank: file.rank,
        has_ties: file.has_ties && opening.ties,
        rows: footer.num_rows().unsigned_abs(),
        local: local.filter(|local| local.exists()),
        place,
        metadata,
        segments,
        file: partitioned,
        readers,
    })
}

/// An error of ours on its way through DataFusion.
fn wrong(error: Error) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

/// What orders rows of a person at one time: their place in the file.
const TIE: &str = "tie";

/// Columns of the scan: what orders rows, then what was asked for.
fn schema(asked: &SchemaRef) -> SchemaRef {
    let mut fields = vec![
        Field::new(ORDINAL, DataType::UInt32, false),
        Field::new(column::TIMESTAMP, instant(), false),
        Field::new(TIE, DataType::UInt32, false),
    ];
    let name = |name: &str| match name {
        column::TIMESTAMP => "asked.timestamp".to_owned(),
        name => name.to_owned(),
    };
    fields.extend(
        asked.fields().iter().map(|field| field.as_ref().clone().with_name(name(field.name()))),
    );
    Arc::new(Schema::new(fields))
}

fn properties(schema: &SchemaRef, partitions: usize) -> Result<PlanProperties> {
    let order = [ORDINAL, column::TIMESTAMP, TIE].into_iter().enumerate();
    let order = order.map(|(index, name)| {
        let column: Arc<dyn PhysicalExpr> = Arc::new(Column::new(name, index));
        PhysicalSortExpr::new_default(column)
    });
    let Some(order) = LexOrdering::new(order) else {
        return internal_err!("a narrow scan without an order");
    };
    let equivalence = EquivalenceProperties::new_with_orderings(Arc::clone(schema), [order]);
    let partitioning = Partitioning::UnknownPartitioning(partitions);
    Ok(PlanProperties::new(
        equivalence,
        partitioning,
        EmissionType::Incremental,
        Boundedness::Bounded,
    ))
}

impl DisplayAs for NarrowScanExec {
    fn fmt_as(&self, _form: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let buckets = self.layout.iter().map(|stream| stream.bucket).collect::<HashSet<_>>().len();
        let rows: u64 = self.layout.iter().map(|stream| stream.rows).sum();
        let names =
            self.schema().fields().iter().map(|field| field.name().clone()).collect::<Vec<_>>();
        write!(
            f,
            "NarrowScanExec: streams={}, buckets={buckets}, rows={rows}, columns=[{}]",
            self.streams.len(),
            names.join(", ")
        )
    }
}

impl ExecutionPlan for NarrowScanExec {
    fn name(&self) -> &'static str {
        "NarrowScanExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(
        &self,
        _f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        if children.is_empty() { Ok(self) } else { internal_err!("a scan has no children") }
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let Some(stream) = self.streams.get(partition) else {
            return internal_err!("there is no stream {partition}");
        };
        stream.execute(self.schema(), &self.columns, &context, &self.metrics, partition)
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }
}
