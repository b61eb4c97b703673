//! One pass over the rows of an input, a tally for each of its partitions, merged into one answer.

use super::fold::{Fold, Partial};
use arrow::array::RecordBatch;
use datafusion::common::runtime::JoinSet;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DataFusionError, Result, Statistics, internal_err};
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::coop::make_cooperative;
use datafusion::physical_plan::execution_plan::{
    Boundedness, EmissionType, EvaluationType, SchedulingType,
};
use datafusion::physical_plan::metrics::{
    BaselineMetrics, ExecutionPlanMetricsSet, MetricBuilder, MetricsSet, RecordOutput, Time,
};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    ChildrenPropertiesMode, DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties,
    Partitioning, PlanProperties, ReplaceChildrenOptions, StatisticsArgs, apply_expression_roots,
};
use futures::{Stream, TryStreamExt, stream};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Folds the rows of all partitions of its input, each in a task of its own, and gives the answer in one partition.
///
/// The tasks end when the stream is dropped. Tallies count against the memory limit; they do not spill.
#[derive(Debug)]
pub struct ActorFoldExec {
    input: Arc<dyn ExecutionPlan>,
    fold: Arc<dyn Fold>,
    metrics: ExecutionPlanMetricsSet,
    properties: Arc<PlanProperties>,
}

impl ActorFoldExec {
    /// The fold over the rows of `input`.
    #[must_use]
    pub fn new(input: Arc<dyn ExecutionPlan>, fold: Arc<dyn Fold>) -> Self {
        // Once it is asked for rows, the input is read without being asked again; and the tasks give way themselves.
        let properties = PlanProperties::new(
            EquivalenceProperties::new(Arc::clone(fold.schema())),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Final,
            Boundedness::Bounded,
        )
        .with_evaluation_type(EvaluationType::Eager)
        .with_scheduling_type(SchedulingType::Cooperative);
        let metrics = ExecutionPlanMetricsSet::new();
        Self { input, fold, metrics, properties: Arc::new(properties) }
    }
}

impl DisplayAs for ActorFoldExec {
    fn fmt_as(&self, format: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match format {
            DisplayFormatType::Default | DisplayFormatType::Verbose => {
                write!(f, "ActorFoldExec: fold={}", self.fold)
            }
            DisplayFormatType::TreeRender => write!(f, "fold={}", self.fold),
        }
    }
}

impl ExecutionPlan for ActorFoldExec {
    fn name(&self) -> &str {
        "ActorFoldExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        // A row costs less to fold than to hand to another thread.
        vec![false]
    }

    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        apply_expression_roots(self.fold.exprs(), f)
    }

    fn replace_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
        _options: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let [input] = children.as_slice() else {
            return internal_err!("a fold has one input, not {}", children.len());
        };
        // The properties are the fold's, whatever the input's are.
        Ok(Arc::new(Self {
            input: Arc::clone(input),
            fold: Arc::clone(&self.fold),
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
        if partition != 0 {
            return internal_err!("a fold has one partition, and {partition} is asked for");
        }
        let baseline = BaselineMetrics::new(&self.metrics, partition);
        let run = Run {
            input: Arc::clone(&self.input),
            fold: Arc::clone(&self.fold),
            context,
            metrics: self.metrics.clone(),
            elapsed: baseline.elapsed_compute().clone(),
        };
        let batches = stream::once(answer(run, baseline)).try_flatten();
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), batches)))
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }

    fn statistics_from_inputs(
        &self,
        _input_stats: &[Arc<Statistics>],
        _args: &StatisticsArgs,
    ) -> Result<Arc<Statistics>> {
        let unknown = Statistics::new_unknown(&self.schema());
        Ok(Arc::new(Statistics { num_rows: self.fold.rows(), ..unknown }))
    }
}

/// What a fold needs to run, on any thread.
#[derive(Clone)]
struct Run {
    input: Arc<dyn ExecutionPlan>,
    fold: Arc<dyn Fold>,
    context: Arc<TaskContext>,
    metrics: ExecutionPlanMetricsSet,
    elapsed: Time,
}

/// A tally and the memory that is reserved for it.
struct Tally {
    partial: Box<dyn Partial>,
    memory: MemoryReservation,
}

impl Tally {
    /// The tally of no rows, for a partition.
    fn begin(run: &Run, partition: usize) -> Result<Self> {
        let consumer = MemoryConsumer::new(format!("ActorFold[{partition}]"));
        let memory = consumer.register(run.context.memory_pool());
        Ok(Self { partial: run.fold.begin()?, memory })
    }

    /// Takes in another tally.
    fn merge(&mut self, other: Self) -> Result<()> {
        self.partial.merge(other.partial)?;
        drop(other.memory);
        self.memory.try_resize(self.partial.size())
    }
}

/// The answer of all partitions, cut into batches.
async fn answer(
    run: Run,
    baseline: BaselineMetrics,
) -> Result<impl Stream<Item = Result<RecordBatch>>> {
    let actors = MetricBuilder::new(&run.metrics).global_counter("actors");
    let (elapsed, size) = (run.elapsed.clone(), run.context.session_config().batch_size());
    let Tally { partial, memory } = merged(run).await?;
    let timer = elapsed.timer();
    actors.add(partial.actors());
    let batch = partial.finish()?;
    timer.done();
    memory.try_resize(batch.get_array_memory_size())?;
    Ok(stream::iter(Answer { batch, next: 0, size: size.max(1), baseline, _memory: memory }))
}

/// The tallies of all partitions, merged in the partitions' order, so that the answer's order depends on nothing else.
async fn merged(run: Run) -> Result<Tally> {
    let mut tasks = JoinSet::new();
    for partition in 0..run.input.output_partitioning().partition_count() {
        tasks.spawn(folded(run.clone(), partition));
    }
    let mut merged: Option<Tally> = None;
    let (mut waiting, mut next) = (BTreeMap::new(), 0);
    while let Some(task) = tasks.join_next().await {
        let (partition, tally) = match task {
            Ok(folded) => folded?,
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(error) => return Err(DataFusionError::ExecutionJoin(Box::new(error))),
        };
        waiting.insert(partition, tally);
        while let Some(tally) = waiting.remove(&next) {
            next += 1;
            let timer = run.elapsed.timer();
            match &mut merged {
                Some(merged) => merged.merge(tally)?,
                None => merged = Some(tally),
            }
            timer.done();
        }
    }
    match merged {
        Some(tally) => Ok(tally),
        None => Tally::begin(&run, 0),
    }
}

/// The tally of a partition, and the partition.
async fn folded(run: Run, partition: usize) -> Result<(usize, Tally)> {
    let rows = MetricBuilder::new(&run.metrics).counter("input_rows", partition);
    let bytes = MetricBuilder::new(&run.metrics).gauge("tally_bytes", partition);
    let mut tally = Tally::begin(&run, partition)?;
    // A task that never waits could not be stopped.
    let mut batches = make_cooperative(run.input.execute(partition, Arc::clone(&run.context))?);
    while let Some(batch) = batches.try_next().await? {
        rows.add(batch.num_rows());
        let timer = run.elapsed.timer();
        tally.partial.update(&batch)?;
        timer.done();
        let size = tally.partial.size();
        bytes.set_max(size);
        tally.memory.try_resize(size)?;
    }
    Ok((partition, tally))
}

/// The batches of an answer, for which memory is reserved while they are given out.
struct Answer {
    batch: RecordBatch,
    next: usize,
    /// Most rows of a batch.
    size: usize,
    baseline: BaselineMetrics,
    _memory: MemoryReservation,
}

impl Iterator for Answer {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        let left = self.batch.num_rows().checked_sub(self.next).filter(|left| *left > 0)?;
        let part = self.batch.slice(self.next, left.min(self.size));
        self.next += part.num_rows();
        Some(Ok(part.record_output(&self.baseline)))
    }
}
