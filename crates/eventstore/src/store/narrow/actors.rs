//! Persons and times alone, where they lie: what counts of persons and groups by person read.

use super::{NarrowScanExec, Opening};
use crate::store::ACTOR_COLUMN;
use crate::store::buckets::{Bucket, Ranges};
use crate::store::schema::instant;
use crate::table::FileTable;
use arrow::array::{ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, UInt32Type, UInt64Type};
use datafusion::catalog::Session;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DataFusionError, Result, internal_err};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr, PhysicalSortExpr};
use datafusion::physical_plan::coop::make_cooperative;
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType, SchedulingType};
use datafusion::physical_plan::metrics::MetricsSet;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use events::column;
use events::layout::by_bucket;
use futures::{StreamExt, TryStreamExt};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// Reads times and actors of a store: of some events from its clusters, of all of them from its event files.
///
/// Each partition has a range of actors: some buckets that follow each other, read one after another. Where each bucket is
/// one ordered stream, the rows of a partition are promised in order of actors, then times. Streams of one bucket are not
/// merged into one: whoever groups by actors hashes a number for less than a merge costs.
#[derive(Debug)]
pub(crate) struct ActorScanExec {
    scan: Arc<NarrowScanExec>,
    /// The streams of each partition.
    partitions: Vec<Vec<usize>>,
    is_ordered: bool,
    properties: Arc<PlanProperties>,
}

impl ActorScanExec {
    /// Plans the reading of a table's buckets in so many partitions.
    pub(crate) async fn plan(
        table: &FileTable,
        buckets: &[Bucket],
        opening: &Opening<'_>,
        partitions: usize,
        session: &dyn Session,
    ) -> Result<Self> {
        let scan = NarrowScanExec::open(table, opening, session).await?;
        // Clusters have a stream for each event.
        let events = opening.request.events.as_ref();
        let is_ordered = buckets.iter().all(Bucket::is_one_file)
            && events.is_none_or(|events| events.len() <= 1);
        let ranges = Ranges::of(buckets, partitions);
        let properties = Arc::new(properties(&ranges, is_ordered)?);
        let streams: HashMap<u32, Vec<usize>> = by_bucket(scan.layout()).into_iter().collect();
        let of_range = |range: &std::ops::Range<usize>| {
            let buckets = buckets.get(range.clone()).unwrap_or_default();
            let own = buckets.iter().filter_map(|bucket| streams.get(&bucket.number));
            own.flatten().copied().collect()
        };
        let partitions = ranges.partitions().iter().map(of_range).collect();
        Ok(Self { scan: Arc::new(scan), partitions, is_ordered, properties })
    }
}

fn properties(ranges: &Ranges, is_ordered: bool) -> Result<PlanProperties> {
    let schema = schema();
    let column = |name: &str| -> Result<Arc<dyn PhysicalExpr>> {
        Ok(Arc::new(Column::new_with_schema(name, &schema)?))
    };
    let (actor, time) = (column(ACTOR_COLUMN)?, column(column::TIMESTAMP)?);
    let partitioning = ranges.partitioning(Arc::clone(&actor))?;
    let mut equivalence = EquivalenceProperties::new(Arc::clone(&schema));
    if is_ordered {
        equivalence.add_ordering([actor, time].map(PhysicalSortExpr::new_default));
    }
    let properties = PlanProperties::new(
        equivalence,
        partitioning,
        EmissionType::Incremental,
        Boundedness::Bounded,
    );
    Ok(properties.with_scheduling_type(SchedulingType::Cooperative))
}

/// The columns: times, actors.
pub(crate) fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new(column::TIMESTAMP, instant(), false),
        Field::new(ACTOR_COLUMN, DataType::UInt64, false),
    ]))
}

/// A narrow batch with its bucket in the numbers of its actors.
fn shown(schema: &SchemaRef, bucket: u32, batch: &RecordBatch) -> Result<RecordBatch> {
    let [ordinals, times, ..] = batch.columns() else {
        return internal_err!("a narrow batch of {} columns", batch.num_columns());
    };
    let Some(ordinals) = ordinals.as_primitive_opt::<UInt32Type>() else {
        return internal_err!("ordinals of type {}", ordinals.data_type());
    };
    let bucket = u64::from(bucket) << 32;
    let actors = ordinals.unary::<_, UInt64Type>(|ordinal| bucket | u64::from(ordinal));
    let actors: ArrayRef = Arc::new(actors);
    Ok(RecordBatch::try_new(Arc::clone(schema), vec![Arc::clone(times), actors])?)
}

impl DisplayAs for ActorScanExec {
    fn fmt_as(&self, _form: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows: u64 = self.scan.layout().iter().map(|stream| stream.rows).sum();
        let by = match self.scan.layout().first() {
            Some(stream) if stream.event.is_some() => "event",
            _ => "person",
        };
        let streams = self.scan.layout().len();
        let (partitions, ordered) = (self.partitions.len(), self.is_ordered);
        write!(
            f,
            "ActorScanExec: streams={streams}, rows={rows}, by={by}, partitions={partitions}, ordered={ordered}"
        )
    }
}

impl ExecutionPlan for ActorScanExec {
    fn name(&self) -> &'static str {
        "ActorScanExec"
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
        let Some(streams) = self.partitions.get(partition).cloned() else {
            return internal_err!("there is no partition {partition}");
        };
        let (scan, schema) = (Arc::clone(&self.scan), self.schema());
        let output = Arc::clone(&schema);
        let batches = futures::stream::iter(streams).map(move |stream| {
            let bucket = scan.layout().get(stream).map_or(0, |stream| stream.bucket);
            let schema = Arc::clone(&schema);
            let batches = scan.execute(stream, Arc::clone(&context))?;
            Ok::<_, DataFusionError>(batches.map(move |batch| shown(&schema, bucket, &batch?)))
        });
        let batches = RecordBatchStreamAdapter::new(output, batches.try_flatten());
        Ok(make_cooperative(Box::pin(batches)))
    }

    fn metrics(&self) -> Option<MetricsSet> {
        self.scan.metrics()
    }
}
