//! Runs against a list of all rows that is sorted as a whole.

mod merged;
mod refused;
mod sorted;

use super::schema::instant;
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{TimestampMicrosecondType, UInt64Type};
use arrow::util::display::array_value_to_string;
use datafusion::common::Result;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::execution::{SessionStateBuilder, TaskContext};
use datafusion::physical_plan::metrics::MetricsSet;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};
use datafusion::prelude::SessionConfig;
use futures::TryStreamExt;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A row: time, marks and what it carries.
type Row = (i64, u64, Vec<Option<String>>);

/// The rows of each actor.
type Found = BTreeMap<u64, Vec<Row>>;

fn context(batch_size: usize) -> Arc<TaskContext> {
    let config = SessionConfig::new().with_batch_size(batch_size);
    Arc::new(TaskContext::default().with_session_config(config))
}

/// A task that may hold so many bytes, and what counts them.
fn limited(bytes: usize) -> (Arc<TaskContext>, Arc<RuntimeEnv>) {
    let runtime = RuntimeEnvBuilder::new().with_memory_limit(bytes, 1.0).build_arc().unwrap();
    (Arc::new(TaskContext::default().with_runtime(Arc::clone(&runtime))), runtime)
}

fn text(array: &ArrayRef, row: usize) -> Option<String> {
    array.is_valid(row).then(|| array_value_to_string(array, row).unwrap())
}

/// Adds the runs of a batch. An actor that is there already had rows in another batch, or apart from these.
fn add(batch: &RecordBatch, found: &mut Found) {
    let (own, carried) = batch.columns().split_at(3);
    assert_eq!(own[1].data_type(), &instant());
    let actors = own[0].as_primitive::<UInt64Type>().values();
    let times = own[1].as_primitive::<TimestampMicrosecondType>();
    let marks = own[2].as_primitive::<UInt64Type>();
    let mut row = 0;
    for run in actors.chunk_by(|one, other| one == other) {
        let rows = (row..row + run.len()).map(|row| {
            let carried = carried.iter().map(|array| text(array, row)).collect();
            (times.value(row), marks.value(row), carried)
        });
        assert!(found.insert(run[0], rows.collect()).is_none(), "actor {:#x} twice", run[0]);
        row += run.len();
    }
}

/// All runs of a plan. Fails if a batch does not hold whole runs, or actors do not ascend in a partition.
async fn read(plan: &Arc<dyn ExecutionPlan>, context: &Arc<TaskContext>) -> Result<Found> {
    let mut found = Found::new();
    for partition in 0..plan.output_partitioning().partition_count() {
        let stream = plan.execute(partition, Arc::clone(context))?;
        let batches: Vec<RecordBatch> = stream.try_collect().await?;
        let mut before = None;
        for batch in batches {
            assert!(batch.num_rows() > 0 && batch.schema() == plan.schema());
            for actor in batch.column(0).as_primitive::<UInt64Type>().values() {
                assert!(before <= Some(*actor), "{actor:#x} after {before:?}");
                before = Some(*actor);
            }
            add(&batch, &mut found);
        }
    }
    Ok(found)
}

fn metric(metrics: &MetricsSet, name: &str) -> usize {
    metrics.sum_by_name(name).map_or(0, |value| value.as_usize())
}

/// Fails unless a plan that was read told how many runs and rows it gave.
fn check_metrics(plan: &Arc<dyn ExecutionPlan>, found: &Found) {
    let metrics = plan.metrics().unwrap();
    assert_eq!(metric(&metrics, "actors"), found.len());
    assert_eq!(metrics.output_rows(), Some(found.values().map(Vec::len).sum::<usize>()));
}

/// What DataFusion's rules make of a plan, for four partitions.
fn optimized(mut plan: Arc<dyn ExecutionPlan>) -> Arc<dyn ExecutionPlan> {
    let config = SessionConfig::new().with_target_partitions(4);
    let state = SessionStateBuilder::new().with_config(config).with_default_features().build();
    for rule in state.physical_optimizers() {
        plan = rule.optimize(plan, state.config_options()).unwrap();
    }
    plan
}
