//! A compiled query and its results.

use super::errors::from_datafusion;
use crate::error::Error;
use crate::ir::OutputColumn;
use crate::types::Type;
use arrow::array::{RecordBatch, RecordBatchOptions};
use arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::execution::context::SessionContext;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::physical_plan::coop::CooperativeExec;
use datafusion::physical_plan::joins::{
    CrossJoinExec, HashJoinExec, NestedLoopJoinExec, SortMergeJoinExec,
};
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use futures::{Stream, StreamExt, TryStreamExt};
use hogql_syntax::{Diagnostic, Span};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// Most operators on each other in a plan: twice as many have run, optimised, on the 2 MiB stack that threads have by default.
const MAX_HEIGHT: usize = 600;

/// A column of a result.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its name, as PostHog would give it. Names may repeat.
    pub name: String,
    /// Its type; `None` for standard SQL, whose types are Arrow's.
    pub ty: Option<Type>,
}

/// A compiled query. It runs when it is streamed or collected, as often as wanted.
#[derive(Clone)]
pub struct Query {
    pub(super) context: SessionContext,
    pub(super) plan: LogicalPlan,
    columns: Arc<[Column]>,
    notices: Arc<[Diagnostic]>,
}

/// A whole result.
#[derive(Debug, Clone)]
pub struct QueryResult {
    /// The columns.
    pub columns: Arc<[Column]>,
    /// The rows, in batches whose schemas are one.
    pub batches: Vec<RecordBatch>,
    /// What was read.
    pub progress: Progress,
}

/// Rows as they come. Dropping it cancels the query.
pub struct ResultStream {
    columns: Arc<[Column]>,
    schema: SchemaRef,
    stream: SendableRecordBatchStream,
    plan: Arc<dyn ExecutionPlan>,
}

/// Reads what a running query has read so far, on any thread.
#[derive(Clone)]
pub struct Meter(Arc<dyn ExecutionPlan>);

/// What a running query has read so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Rows that came out of the files, after the reader's own filters.
    pub rows: u64,
    /// Bytes read from the files, as stored.
    pub bytes: u64,
}

impl Query {
    pub(super) fn new(
        context: SessionContext,
        plan: LogicalPlan,
        columns: Vec<Column>,
        notices: Vec<Diagnostic>,
    ) -> Self {
        Self { context, plan, columns: columns.into(), notices: notices.into() }
    }

    /// The result's columns.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// What the writer of the query should know: property types, coercions, dropped clauses.
    #[must_use]
    pub fn notices(&self) -> &[Diagnostic] {
        &self.notices
    }

    /// Starts the query. The stream gives Arrow batches under the result's column names.
    ///
    /// # Errors
    /// A plan that cannot run; errors of the data come out of the stream.
    pub async fn stream(&self) -> Result<ResultStream, Error> {
        let plan = self.physical_plan().await?;
        let stream =
            execute_stream(Arc::clone(&plan), self.task(&plan)?).map_err(from_datafusion)?;
        let schema = output_schema(&stream.schema(), &self.columns);
        Ok(ResultStream { columns: Arc::clone(&self.columns), schema, stream, plan })
    }

    /// Runs the query to its end.
    ///
    /// # Errors
    /// As [`Query::stream`], and whatever comes out of it.
    pub async fn collect(&self) -> Result<QueryResult, Error> {
        let mut stream = self.stream().await?;
        let mut batches = Vec::new();
        while let Some(batch) = stream.try_next().await? {
            batches.push(batch);
        }
        Ok(QueryResult { columns: Arc::clone(&self.columns), batches, progress: stream.progress() })
    }

    /// What the plan runs in. A join without equal keys that runs out of memory would start its left side a second time, in order to
    /// spill it, and the plans below panic when they are started again: such a query may not spill, and fails for its limit.
    pub(super) fn task(&self, plan: &Arc<dyn ExecutionPlan>) -> Result<Arc<TaskContext>, Error> {
        let task = TaskContext::from(&self.context.state());
        if !has_nested_loop_join(plan.as_ref()) {
            return Ok(Arc::new(task));
        }
        let no_disk = DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled);
        let runtime = RuntimeEnvBuilder::from_runtime_env(&task.runtime_env())
            .with_disk_manager_builder(no_disk)
            .build_arc()
            .map_err(from_datafusion)?;
        Ok(Arc::new(task.with_runtime(runtime)))
    }

    pub(super) async fn physical_plan(&self) -> Result<Arc<dyn ExecutionPlan>, Error> {
        let mut state = self.context.state();
        if has_lambda(&self.plan).map_err(from_datafusion)? {
            // Bounds found while a query runs go to the files as conditions on the sort key, in terms of the files' columns. A
            // lambda's parameters keep their old positions there and then take columns for parameters.
            let options = &mut state.config_mut().options_mut().optimizer;
            options.enable_topk_dynamic_filter_pushdown = false;
            options.enable_join_dynamic_filter_pushdown = false;
            options.enable_aggregate_dynamic_filter_pushdown = false;
        }
        let plan = state.create_physical_plan(&self.plan).await.map_err(from_datafusion)?;
        check_height(&plan)?;
        yielding(plan).map_err(from_datafusion)
    }
}

impl QueryResult {
    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }
}

impl ResultStream {
    /// The result's columns.
    #[must_use]
    pub fn columns(&self) -> &Arc<[Column]> {
        &self.columns
    }

    /// The Arrow schema of the batches.
    #[must_use]
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// What has been read so far.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.meter().read()
    }

    /// Tells what has been read while somebody else waits for rows.
    #[must_use]
    pub fn meter(&self) -> Meter {
        Meter(Arc::clone(&self.plan))
    }

    /// The batch under the result's names, which may repeat.
    fn renamed(&self, batch: &RecordBatch) -> Result<RecordBatch, Error> {
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        RecordBatch::try_new_with_options(
            Arc::clone(&self.schema),
            batch.columns().to_vec(),
            &options,
        )
        .map_err(|error| Error::internal(error.to_string()))
    }
}

impl Meter {
    /// What has been read so far.
    #[must_use]
    pub fn read(&self) -> Progress {
        let mut progress = Progress::default();
        read_metrics(self.0.as_ref(), &mut progress);
        progress
    }
}

impl Stream for ResultStream {
    type Item = Result<RecordBatch, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = futures::ready!(self.stream.poll_next_unpin(cx));
        Poll::Ready(next.map(|batch| self.renamed(&batch.map_err(from_datafusion)?)))
    }
}

fn read_metrics(plan: &dyn ExecutionPlan, progress: &mut Progress) {
    let children = plan.children();
    if children.is_empty()
        && let Some(metrics) = plan.metrics()
    {
        progress.rows += metrics.output_rows().unwrap_or(0) as u64;
        progress.bytes +=
            metrics.sum_by_name("bytes_scanned").map_or(0, |bytes| bytes.as_usize()) as u64;
    }
    for child in children {
        read_metrics(child.as_ref(), progress);
    }
}

fn has_lambda(plan: &LogicalPlan) -> datafusion::common::Result<bool> {
    let mut found = false;
    plan.apply_with_subqueries(|node| {
        node.apply_expressions(|expr| {
            found =
                found || expr.exists(|part| Ok(matches!(part, Expr::HigherOrderFunction(_))))?;
            Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
        })
    })?;
    Ok(found)
}

/// Joins give way to other tasks between their batches, so that a query that is dropped ends. DataFusion sees to it where rows are
/// read, but one batch that was read may become billions of rows here.
fn yielding(plan: Arc<dyn ExecutionPlan>) -> datafusion::common::Result<Arc<dyn ExecutionPlan>> {
    let yielding = plan.transform_up(|node| {
        let multiplies = node.is::<CrossJoinExec>()
            || node.is::<NestedLoopJoinExec>()
            || node.is::<HashJoinExec>()
            || node.is::<SortMergeJoinExec>();
        Ok(if multiplies {
            Transformed::yes(Arc::new(CooperativeExec::new(node)) as Arc<dyn ExecutionPlan>)
        } else {
            Transformed::no(node)
        })
    })?;
    Ok(yielding.data)
}

/// Each operator polls the one below it, on the stack of the thread that runs the query.
fn check_height(plan: &Arc<dyn ExecutionPlan>) -> Result<(), Error> {
    let mut left = vec![(plan, 1)];
    while let Some((node, height)) = left.pop() {
        if height > MAX_HEIGHT {
            let message = format!("the query needs more than {MAX_HEIGHT} operators on each other");
            return Err(Error::limit("H0228", Span::default(), message)
                .with_hint("nest fewer subqueries, joins and set operators"));
        }
        left.extend(node.children().into_iter().map(|child| (child, height + 1)));
    }
    Ok(())
}

fn has_nested_loop_join(plan: &dyn ExecutionPlan) -> bool {
    plan.is::<NestedLoopJoinExec>()
        || plan.children().into_iter().any(|child| has_nested_loop_join(child.as_ref()))
}

pub(super) fn columns(output: Vec<OutputColumn>) -> Vec<Column> {
    output.into_iter().map(|column| Column { name: column.name, ty: Some(column.ty) }).collect()
}

pub(super) fn columns_of_plan(plan: &LogicalPlan) -> Vec<Column> {
    plan.schema()
        .fields()
        .iter()
        .map(|field| Column { name: field.name().clone(), ty: None })
        .collect()
}

fn output_schema(schema: &Schema, columns: &[Column]) -> SchemaRef {
    let fields = schema.fields().iter().zip(columns);
    Arc::new(Schema::new(
        fields
            .map(|(field, column)| {
                Field::new(&column.name, field.data_type().clone(), field.is_nullable())
            })
            .collect::<Vec<_>>(),
    ))
}
