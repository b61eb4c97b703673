//! Narrow reading: who did something and when, in the order in which folds want it.
//!
//! Each partition of [`NarrowScanExec`] is an ordered stream, described by an [`OrderedStream`]: a segment of a cluster file,
//! or the rows of an event file. Its columns are the ordinal, the time and what orders rows of one time, then the marks of rows
//! if streams hold several events, then those that were asked for. Files on this machine are read without a task, a channel or
//! a copy in between: their pages are decoded into the batches ([`direct`]), or where further columns are asked for, by the
//! synchronous reader of `parquet`.
//!
//! Merges that came after their rows are worked in by further streams ([`moved`]).

mod actors;
mod codes;
mod direct;
mod local;
mod moved;
mod opened;
mod places;
mod read;
mod shape;

pub(super) use actors::{ActorScanExec, schema as actor_scan_schema};
pub use moved::Moved;
pub(super) use places::Places;

use super::schema::{ORDINAL, TIE, instant};
use crate::table::FileTable;
use crate::text::Columns;
use crate::{Error, Source};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::catalog::Session;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DataFusionError, Result, internal_err};
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
use events::layout::{OrderedStream, StreamMarks};
use futures::{StreamExt, TryStreamExt};
use opened::{Opened, opened};
use read::Stream;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

/// Footers read at the same time.
const CONCURRENT: usize = 16;

/// Which part of all rows events must have, in percent, for event files to be read faster than their clusters: there, rows of
/// all events are read, but none have to be merged.
const MOST: u64 = 50;

/// What is read of a store. The example `actor_runs` of the crate `hogql` reads with one, and times it.
#[derive(Debug, Clone, Default)]
pub struct NarrowRequest {
    /// Names of the events; all if not given, and then a stream holds the rows of all of them.
    pub events: Option<Vec<String>>,
    /// What the rows of each of those events are marked with: [`Narrow::marks`] tells where the marks are. Given for
    /// all of them or for none. With them, a stream may hold rows of other events, too, which have no marks; without them, and
    /// without further columns, it holds one event.
    pub marks: Vec<u64>,
    /// First microsecond that matters, since 1970-01-01 UTC. Rows before it may be given all the same.
    pub from: Option<i64>,
    /// The microsecond behind the last one that matters. Rows from it on may be given all the same.
    pub to: Option<i64>,
    /// Further columns of the table of events. With any of them a stream holds the rows of several events: ask for `event`, or
    /// for marks, to tell them apart.
    pub columns: Vec<String>,
    /// Whether actors are the persons whom imports and `optimize` resolved, whatever merges came since. That is the person as
    /// of the event where rows were taken in without a table of persons or overrides, and no merge is worked in.
    pub as_imported: bool,
}

/// The ordered streams of a store, ready to be read.
#[derive(Debug, Clone)]
pub struct Narrow {
    /// Each of its partitions is a stream. Columns: the ordinal, the time, what orders rows of one time, the marks if a column
    /// tells them, those asked for.
    pub plan: Arc<dyn ExecutionPlan>,
    /// What each partition holds. Where merges are worked in, or rows of some events are picked out of event files, there may
    /// be fewer rows than are told.
    pub streams: Vec<OrderedStream>,
    /// Which of the marks that were asked for rows have. 1 for all rows if none were.
    pub marks: StreamMarks,
    /// What the merges move, if there are any that are not worked into the files yet.
    pub moved: Option<Arc<Moved>>,
}

impl Narrow {
    /// A store's streams as they are.
    fn of(scan: NarrowScanExec) -> Self {
        let (streams, marks) = (scan.layout.clone(), scan.marks.clone());
        Self { streams, marks, plan: Arc::new(scan), moved: None }
    }
}

impl NarrowRequest {
    /// Whether times between these may be in the window.
    pub(super) fn wants_times(&self, min: i64, max: i64) -> bool {
        self.from.is_none_or(|from| max >= from) && self.to.is_none_or(|to| min < to)
    }

    /// The marks of the events that are wanted: 1 if none were asked for. An event that is named twice has both its marks.
    fn marks_of_events(&self) -> Option<HashMap<&str, u64>> {
        let mut marks = HashMap::new();
        for (number, event) in self.events.as_ref()?.iter().enumerate() {
            let own = if self.marks.is_empty() { Some(1) } else { self.marks.get(number).copied() };
            *marks.entry(event.as_str()).or_default() |= own.unwrap_or_default();
        }
        Some(marks)
    }

    fn check(&self) -> Result<()> {
        let events = self.events.as_ref().map_or(0, Vec::len);
        if !self.marks.is_empty() && self.marks.len() != events {
            return internal_err!(
                "marks of {} events, of which there are {events}",
                self.marks.len()
            );
        }
        Ok(())
    }
}

impl Source {
    /// Plans the narrow reading of a store; `None` if the source is none.
    ///
    /// If there are merges that are not worked in yet, or overrides beside the store, the distinct ids of all rows are read
    /// first, once for the source: its ordinals do not tell who is who.
    ///
    /// # Errors
    /// A footer that cannot be read, or a column that the events do not have; what is read for merges, too.
    pub async fn narrow(
        &self,
        request: &NarrowRequest,
        session: &dyn Session,
    ) -> Result<Option<Narrow>> {
        let Some(events) = self.events().filter(|_| self.store().is_some()) else {
            return Ok(None);
        };
        request.check()?;
        let clusters = request.columns.is_empty() && request.events.is_some();
        let mut opening = Opening { request, clusters, ties: true };
        let mut scan = NarrowScanExec::open(&events.table, &opening, session).await?;
        if clusters && !request.marks.is_empty() && scan.has_most() {
            opening.clusters = false;
            scan = NarrowScanExec::open(&events.table, &opening, session).await?;
        }
        if events.schema.is_settled || request.as_imported {
            return Ok(Some(Narrow::of(scan)));
        }
        let moved = self.moved().get_or_try_init(|| moved::resolve(self, session)).await?;
        moved::plan(&events.table, moved, &opening, scan, session).await.map(Some)
    }
}

/// How a store is read.
#[derive(Clone, Copy)]
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
    marks: StreamMarks,
    /// Rows of the files that are read.
    rows: u64,
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
        let rows = files.iter().map(|file| file.rows).sum();
        let events = request.marks_of_events();
        let (mut streams, mut layout, mut constant) = (Vec::new(), Vec::new(), Vec::new());
        for file in files {
            for (stream, described, marks) in file.streams(request, events.as_ref())? {
                streams.push(stream);
                layout.push(described);
                constant.push(marks);
            }
        }
        let marks = if !opening.clusters && !request.marks.is_empty() {
            StreamMarks::Column { index: MARKS, possible: constant }
        } else {
            StreamMarks::Constant(constant)
        };
        Self::of(streams, layout, marks, rows, columns)
    }

    /// A scan of these streams, whose files have so many rows, of these columns behind those that order and mark rows.
    fn of(
        streams: Vec<Stream>,
        layout: Vec<OrderedStream>,
        marks: StreamMarks,
        rows: u64,
        columns: Arc<Columns>,
    ) -> Result<Self> {
        let has_marks = matches!(marks, StreamMarks::Column { .. });
        let schema = schema(&columns.output, has_marks);
        let properties = Arc::new(properties(&schema, streams.len())?);
        let metrics = ExecutionPlanMetricsSet::new();
        Ok(Self { streams, layout, marks, rows, columns, properties, metrics })
    }

    /// What each partition holds.
    #[must_use]
    pub fn layout(&self) -> &[OrderedStream] {
        &self.layout
    }

    /// Which of the marks that were asked for rows have. 1 for all rows if none were.
    #[must_use]
    pub const fn marks(&self) -> &StreamMarks {
        &self.marks
    }

    /// Whether the streams have most rows of their files.
    fn has_most(&self) -> bool {
        let rows: u64 = self.layout.iter().map(|stream| stream.rows).sum();
        u128::from(rows) * 100 >= u128::from(self.rows) * u128::from(MOST)
    }
}

/// An error of ours on its way through DataFusion.
fn wrong(error: Error) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

/// Where the marks of rows are, if rows of a stream have several.
const MARKS: usize = 3;

/// Columns of the scan: what orders rows, perhaps their marks, then what was asked for.
fn schema(asked: &SchemaRef, has_marks: bool) -> SchemaRef {
    let mut fields = vec![
        Field::new(ORDINAL, DataType::UInt32, false),
        Field::new(column::TIMESTAMP, instant(), false),
        Field::new(TIE, DataType::UInt32, false),
    ];
    fields.extend(has_marks.then(|| Field::new("marks", DataType::UInt64, false)));
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
        _context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let Some(stream) = self.streams.get(partition) else {
            return internal_err!("there is no stream {partition}");
        };
        stream.execute(self.schema(), &self.columns, &self.metrics, partition)
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }
}
