//! Ordered streams, merged run by run.

use super::buckets::{Bucket, deal, wanted};
use super::merge::{Merge, Origin};
use super::metrics::RunMetrics;
use super::request::ActorRuns;
use super::rows::{ORDINAL, TIE, TIME};
use super::schema::{column, properties, schema};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Result, internal_err};
use datafusion::execution::memory_pool::MemoryConsumer;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{
    LexOrdering, OrderingRequirements, PhysicalExpr, PhysicalSortExpr,
};
use datafusion::physical_plan::metrics::{ExecutionPlanMetricsSet, MetricsSet};
use datafusion::physical_plan::{
    ChildrenPropertiesMode, DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties,
    PlanProperties, ReplaceChildrenOptions,
};
use events::layout::StreamMarks;
use std::fmt;
use std::sync::Arc;

/// Merges ordered streams into runs: an actor is its bucket and its ordinal, `bucket << 32 | ordinal`.
///
/// The input's partitions are the streams. Their first columns are the ordinal (`UInt32`), the time (microseconds in
/// UTC) and the tie (`UInt32`); they ascend by these three. Rows of an actor at one time come in the order of the
/// streams' ranks, then of their ties, then of the streams.
///
/// **A batch holds whole runs**: all rows of an actor are in one batch, in time order; actors ascend within a partition.
///
/// Buckets are dealt to partitions so that these have about as many rows; a partition merges its buckets one after the
/// other and opens a stream when it first misses rows of it. A bucket is not opened if none of its streams can have a
/// wanted actor. What is held, about a batch of each stream and the longest run, counts against the memory limit.
#[derive(Debug)]
pub struct ActorRunsExec {
    input: Arc<dyn ExecutionPlan>,
    runs: Arc<ActorRuns>,
    /// The buckets of each partition.
    dealt: Arc<Vec<Vec<Bucket>>>,
    metrics: ExecutionPlanMetricsSet,
    properties: Arc<PlanProperties>,
}

impl ActorRunsExec {
    /// Merges the streams of `input`, into up to as many `partitions`.
    ///
    /// # Errors
    /// An input that does not have those streams or columns (a defect).
    pub fn try_new(
        input: Arc<dyn ExecutionPlan>,
        runs: ActorRuns,
        partitions: usize,
    ) -> Result<Self> {
        let found = input.schema();
        runs.check(&found, input.output_partitioning().partition_count())?;
        let carried = runs.columns.iter().filter_map(|index| found.fields().get(*index));
        let schema = schema(carried.map(Arc::clone));
        let dealt = deal(wanted(&runs), partitions);
        let properties = Arc::new(properties(schema, dealt.len()));
        let (runs, dealt) = (Arc::new(runs), Arc::new(dealt));
        Ok(Self { input, runs, dealt, metrics: ExecutionPlanMetricsSet::new(), properties })
    }

    fn buckets(&self) -> impl Iterator<Item = &Bucket> {
        self.dealt.iter().flatten()
    }
}

impl DisplayAs for ActorRunsExec {
    fn fmt_as(&self, _format: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let streams: usize = self.buckets().map(|bucket| bucket.streams.len()).sum();
        let schema = self.input.schema();
        let name = |index: &usize| {
            let name = schema.fields().get(*index).map_or("", |field| field.name().as_str());
            format!("{name}@{index}")
        };
        let marks = match &self.runs.marks {
            StreamMarks::Constant(_) => "constant".to_owned(),
            StreamMarks::Column { index, .. } => name(index),
        };
        let columns: Vec<String> = self.runs.columns.iter().map(name).collect();
        write!(
            f,
            "ActorRunsExec: streams={streams}, buckets={}, first={:#b}, marks={marks}, \
             columns=[{}]",
            self.buckets().count(),
            self.runs.first,
            columns.join(", ")
        )
    }
}

impl ExecutionPlan for ActorRunsExec {
    fn name(&self) -> &str {
        "ActorRunsExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn required_input_ordering(&self) -> Vec<Option<OrderingRequirements>> {
        let schema = self.input.schema();
        // The columns are there: the constructor has looked.
        let columns =
            [ORDINAL, TIME, TIE].into_iter().filter_map(|index| column(&schema, index).ok());
        let order = LexOrdering::new(columns.map(PhysicalSortExpr::new_default));
        vec![order.map(OrderingRequirements::from)]
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        // The partitions are the streams: they stay what they are.
        vec![false]
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
        let [input] = children.as_slice() else {
            return internal_err!("runs are merged from one input, not {}", children.len());
        };
        self.runs.check(&input.schema(), input.output_partitioning().partition_count())?;
        Ok(Arc::new(Self {
            input: Arc::clone(input),
            runs: Arc::clone(&self.runs),
            dealt: Arc::clone(&self.dealt),
            metrics: ExecutionPlanMetricsSet::new(),
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
        let Some(buckets) = self.dealt.get(partition) else {
            return internal_err!("there is no partition {partition}");
        };
        let consumer = MemoryConsumer::new(format!("ActorRuns[{partition}]"));
        let memory = consumer.register(context.memory_pool());
        let metrics = RunMetrics::new(&self.metrics, partition);
        let origin = Origin {
            input: Arc::clone(&self.input),
            runs: Arc::clone(&self.runs),
            schema: self.schema(),
            context,
        };
        Ok(Merge::new(origin, buckets.clone(), metrics, memory).stream())
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }
}
