//! Rows that are in order already, as runs of numbered actors.

use super::metrics::RunMetrics;
use super::numbering::{Numbering, Shape};
use super::schema::{column, expect, instant, properties, schema};
use arrow::datatypes::{DataType, FieldRef};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Result, internal_err};
use datafusion::execution::memory_pool::MemoryConsumer;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{LexOrdering, OrderingRequirements, PhysicalExpr};
use datafusion::physical_plan::coop::make_cooperative;
use datafusion::physical_plan::metrics::{ExecutionPlanMetricsSet, MetricsSet};
use datafusion::physical_plan::{
    ChildrenPropertiesMode, DisplayAs, DisplayFormatType, Distribution, ExecutionPlan,
    ExecutionPlanProperties, InputDistributionRequirements, PlanProperties, ReplaceChildrenOptions,
};
use std::fmt;
use std::sync::Arc;

/// Where the input has the actor: a value of any type.
pub(super) const ACTOR: usize = 0;
/// Where it has the time, in microseconds in UTC.
pub(super) const TIME: usize = 1;
/// Where it has the marks, of type `UInt64`.
pub(super) const MARKS: usize = 2;

/// Gives the rows of an input that is ordered by (actor, time) as runs: an actor is its partition and its place among
/// the actors of it, `partition << 32 | number`. Numbers are dense and depend on nothing but the input.
///
/// **A batch holds whole runs**: all rows of an actor are in one batch, in time order; actors ascend within a partition.
/// The rows of an actor whose end is not seen yet are held back and count against the memory limit.
#[derive(Debug)]
pub struct NumberedRunsExec {
    input: Arc<dyn ExecutionPlan>,
    /// The order that the input must have: actor and time come first.
    order: LexOrdering,
    columns: Vec<(usize, String)>,
    shape: Arc<Shape>,
    metrics: ExecutionPlanMetricsSet,
    properties: Arc<PlanProperties>,
}

impl NumberedRunsExec {
    /// The runs of `input`, whose first columns are actor, time and marks and which must be in this `order`. Actors
    /// without a row that has one of the `first` marks are left out, 0 leaves none out. Rows carry `columns` of the
    /// input, under those names.
    ///
    /// # Errors
    /// An input without those columns (a defect).
    pub fn try_new(
        input: Arc<dyn ExecutionPlan>,
        order: LexOrdering,
        first: u64,
        columns: Vec<(usize, String)>,
    ) -> Result<Self> {
        let found = input.schema();
        expect(&found, TIME, &instant())?;
        expect(&found, MARKS, &DataType::UInt64)?;
        let mut carried: Vec<FieldRef> = Vec::with_capacity(columns.len());
        for (index, name) in &columns {
            match found.fields().get(*index) {
                Some(field) => carried.push(Arc::new(field.as_ref().clone().with_name(name))),
                None => {
                    return internal_err!("rows are to carry column {index}, which there is not");
                }
            }
        }
        let schema = schema(carried);
        let indices = columns.iter().map(|(index, _)| *index).collect();
        let shape = Shape { first, columns: indices, schema: Arc::clone(&schema) };
        let partitions = input.output_partitioning().partition_count();
        Ok(Self {
            input,
            order,
            columns,
            shape: Arc::new(shape),
            metrics: ExecutionPlanMetricsSet::new(),
            properties: Arc::new(properties(schema, partitions)),
        })
    }
}

impl DisplayAs for NumberedRunsExec {
    fn fmt_as(&self, _format: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let column = |(index, name): &(usize, String)| format!("{name}@{index}");
        let columns: Vec<String> = self.columns.iter().map(column).collect();
        write!(
            f,
            "NumberedRunsExec: order=[{}], first={:#b}, columns=[{}]",
            self.order,
            self.shape.first,
            columns.join(", ")
        )
    }
}

impl ExecutionPlan for NumberedRunsExec {
    fn name(&self) -> &str {
        "NumberedRunsExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn input_distribution_requirements(&self) -> InputDistributionRequirements {
        let actor = column(&self.input.schema(), ACTOR);
        let distribution = match actor {
            Ok(actor) => Distribution::KeyPartitioned(vec![actor]),
            Err(_) => Distribution::SinglePartition,
        };
        InputDistributionRequirements::new(vec![distribution])
    }

    fn required_input_ordering(&self) -> Vec<Option<OrderingRequirements>> {
        vec![Some(OrderingRequirements::from(self.order.clone()))]
    }

    fn apply_expressions(
        &self,
        _f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        // The order describes the input; nothing is computed from it here.
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
        _options: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let [input] = children.as_slice() else {
            return internal_err!("runs are made of one input, not {}", children.len());
        };
        let (order, columns) = (self.order.clone(), self.columns.clone());
        Ok(Arc::new(Self::try_new(Arc::clone(input), order, self.shape.first, columns)?))
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
        let Ok(upper) = u32::try_from(partition) else {
            return internal_err!("partition {partition} does not fit in an actor");
        };
        let consumer = MemoryConsumer::new(format!("NumberedRuns[{partition}]"));
        let memory = consumer.register(context.memory_pool());
        let metrics = RunMetrics::new(&self.metrics, partition);
        let input = make_cooperative(self.input.execute(partition, context)?);
        let shape = Arc::clone(&self.shape);
        Ok(Numbering::new(input, shape, upper, metrics, memory).stream())
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }
}
