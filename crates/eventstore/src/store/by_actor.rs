//! Actors and times of a store in ranges of actors: a narrow scan of each bucket, those of a partition one after another.

use super::ACTOR_COLUMN;
use super::buckets::{Bucket, Ranges};
use super::narrow::{ActorScanExec, Opening, actor_scan_schema};
use datafusion::catalog::Session;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Result, internal_err};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr, PhysicalSortExpr};
use datafusion::physical_plan::coop::make_cooperative;
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType, SchedulingType};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    ChildrenPropertiesMode, DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties,
    ReplaceChildrenOptions,
};
use events::column;
use futures::{StreamExt, TryStreamExt};
use std::fmt;
use std::sync::Arc;

/// Buckets planned at the same time: each reads footers of its own.
const CONCURRENT: usize = 16;

/// Reads actors and times, of each partition those of some buckets that follow each other.
///
/// Where each bucket is one ordered stream, the rows of a partition are promised in order of actors, then times. Streams
/// of one bucket are not merged into one: whoever groups by actors hashes a number for less than a merge costs.
#[derive(Debug)]
pub(super) struct ActorRangesExec {
    /// A scan of each bucket, in one partition.
    scans: Vec<Arc<dyn ExecutionPlan>>,
    ranges: Arc<Ranges>,
    is_ordered: bool,
    properties: Arc<PlanProperties>,
}

impl ActorRangesExec {
    /// Plans the reading of the buckets in so many partitions.
    pub(super) async fn plan(
        buckets: &[Bucket],
        opening: &Opening<'_>,
        partitions: usize,
        session: &dyn Session,
    ) -> Result<Self> {
        let mut tasks = Vec::with_capacity(buckets.len());
        for bucket in buckets {
            tasks.push(ActorScanExec::plan(&bucket.table, opening, 1, session));
        }
        let planned: Vec<ActorScanExec> =
            futures::stream::iter(tasks).buffered(CONCURRENT).try_collect().await?;
        let scans = planned.into_iter().map(|scan| -> Arc<dyn ExecutionPlan> { Arc::new(scan) });
        // Clusters have a stream for each event.
        let events = opening.request.events.as_ref();
        let is_ordered = buckets.iter().all(Bucket::is_one_file)
            && events.is_none_or(|events| events.len() <= 1);
        let ranges = Ranges::of(buckets, partitions);
        let properties = Arc::new(properties(&ranges, is_ordered)?);
        Ok(Self { scans: scans.collect(), ranges: Arc::new(ranges), is_ordered, properties })
    }
}

fn properties(ranges: &Ranges, is_ordered: bool) -> Result<PlanProperties> {
    let schema = actor_scan_schema();
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

impl DisplayAs for ActorRangesExec {
    fn fmt_as(&self, _form: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (buckets, partitions) = (self.scans.len(), self.ranges.partitions().len());
        let ordered = self.is_ordered;
        write!(f, "ActorRangesExec: buckets={buckets}, partitions={partitions}, ordered={ordered}")
    }
}

impl ExecutionPlan for ActorRangesExec {
    fn name(&self) -> &'static str {
        "ActorRangesExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        self.scans.iter().collect()
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        // A bucket is one partition: more would put its actors out of order.
        vec![false; self.scans.len()]
    }

    fn apply_expressions(
        &self,
        _f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
        _options: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        if children.len() != self.scans.len() {
            return internal_err!("{} scans of {} buckets", children.len(), self.scans.len());
        }
        Ok(Arc::new(Self {
            scans: children,
            ranges: Arc::clone(&self.ranges),
            is_ordered: self.is_ordered,
            properties: Arc::clone(&self.properties),
        }))
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let options = ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute);
        self.replace_children(children, options)
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let Some(range) = self.ranges.partitions().get(partition).cloned() else {
            return internal_err!("there is no partition {partition}");
        };
        let scans = self.scans.get(range).unwrap_or_default().to_vec();
        let batches = futures::stream::iter(scans)
            .map(move |scan| scan.execute(0, Arc::clone(&context)))
            .try_flatten();
        let batches = RecordBatchStreamAdapter::new(self.schema(), batches);
        Ok(make_cooperative(Box::pin(batches)))
    }
}
