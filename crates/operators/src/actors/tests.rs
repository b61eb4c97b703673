//! Distinct actors over every way to split the rows, against sets; what is held, given back and shown.

use super::pairs::Pairs;
use super::{ActorFoldExec, DistinctActors, DistinctActorsNode};
use arrow::array::{AsArray, Int64Array, RecordBatch, StringViewArray, UInt64Array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, UInt64Type};
use arrow::util::display::array_value_to_string;
use async_trait::async_trait;
use datafusion::catalog::Session;
use datafusion::common::{DataFusionError, Result};
use datafusion::dataframe::DataFrame;
use datafusion::datasource::MemTable;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::execution::context::QueryPlanner;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::{SendableRecordBatchStream, SessionStateBuilder, TaskContext};
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::logical_expr::{Extension, LogicalPlan, UserDefinedLogicalNode};
use datafusion::physical_expr::LexOrdering;
use datafusion::physical_expr::expressions::col as column;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};
use datafusion::physical_plan::{ExecutionPlan, collect, displayable};
use datafusion::physical_planner::{DefaultPhysicalPlanner, ExtensionPlanner, PhysicalPlanner};
use datafusion::prelude::{SessionConfig, SessionContext, col, lit};
use futures::{StreamExt, stream};
use proptest::prelude::*;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

/// A row: two keys, and an actor by bucket and ordinal.
type Row = (Option<i64>, Option<&'static str>, u32, u32);

/// The keys' text and the count of each group.
type Counts = BTreeMap<Vec<String>, u64>;

const KEYS: [&[&str]; 4] = [&[], &["k"], &["t"], &["k", "t"]];

fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("k", DataType::Int64, true),
        Field::new("t", DataType::Utf8View, true),
        Field::new("actor", DataType::UInt64, false),
        Field::new("extra", DataType::Int64, false),
    ]))
}

fn batch(rows: &[Row]) -> RecordBatch {
    let actors = rows.iter().map(|row| u64::from(row.2) << 32 | u64::from(row.3));
    let columns: Vec<arrow::array::ArrayRef> = vec![
        Arc::new(rows.iter().map(|row| row.0).collect::<Int64Array>()),
        Arc::new(rows.iter().map(|row| row.1).collect::<StringViewArray>()),
        Arc::new(UInt64Array::from_iter_values(actors)),
        Arc::new(Int64Array::from_iter_values(0..rows.len() as i64)),
    ];
    RecordBatch::try_new(schema(), columns).unwrap()
}

fn batches(rows: &[Row], size: usize) -> Vec<RecordBatch> {
    rows.chunks(size).map(batch).collect()
}

fn fold_over(input: Arc<dyn ExecutionPlan>, keys: &[&str]) -> Arc<dyn ExecutionPlan> {
    let schema = input.schema();
    let keys = keys.iter().map(|key| (column(key, &schema).unwrap(), (*key).to_owned())).collect();
    let actor = column("actor", &schema).unwrap();
    let fold = DistinctActors::try_new(&schema, keys, actor, "n").unwrap();
    Arc::new(ActorFoldExec::new(input, Arc::new(fold)))
}

/// The fold over rows in that many parts, in batches of that size.
fn fold(rows: &[Row], keys: &[&str], (parts, size): (usize, usize)) -> Arc<dyn ExecutionPlan> {
    let part = rows.len().div_ceil(parts).max(1);
    let mut parts_of_rows: Vec<_> = rows.chunks(part).map(|rows| batches(rows, size)).collect();
    parts_of_rows.resize(parts, Vec::new());
    let input = MemorySourceConfig::try_new_exec(&parts_of_rows, schema(), None).unwrap();
    fold_over(input, keys)
}

fn context(size: usize) -> Arc<TaskContext> {
    let config = SessionConfig::new().with_batch_size(size);
    Arc::new(TaskContext::default().with_session_config(config))
}

fn counts(batches: &[RecordBatch]) -> Counts {
    let mut counts = Counts::new();
    for batch in batches {
        let (count, keys) = batch.columns().split_last().unwrap();
        let count = count.as_primitive::<UInt64Type>();
        for row in 0..batch.num_rows() {
            let key = keys.iter().map(|key| match key.is_null(row) {
                true => "NULL".to_owned(),
                false => array_value_to_string(key, row).unwrap(),
            });
            assert_eq!(counts.insert(key.collect(), count.value(row)), None, "a group twice");
        }
    }
    counts
}

/// The same by sets.
fn expected(rows: &[Row], keys: &[&str]) -> Counts {
    let mut sets: BTreeMap<Vec<String>, HashSet<(u32, u32)>> = BTreeMap::new();
    if keys.is_empty() {
        sets.insert(Vec::new(), HashSet::new());
    }
    for (k, t, bucket, ordinal) in rows {
        let text = |key: &&str| match *key {
            "k" => k.map_or_else(|| "NULL".to_owned(), |k| k.to_string()),
            _ => t.unwrap_or("NULL").to_owned(),
        };
        sets.entry(keys.iter().map(text).collect()).or_default().insert((*bucket, *ordinal));
    }
    sets.into_iter().map(|(key, set)| (key, set.len() as u64)).collect()
}

async fn check(rows: &[Row], split: (usize, usize)) {
    for keys in KEYS {
        let plan = fold(rows, keys, split);
        let found = collect(Arc::clone(&plan), context(split.1)).await.unwrap();
        assert!(found.iter().all(|batch| batch.num_rows() <= split.1), "a batch is too long");
        assert_eq!(counts(&found), expected(rows, keys), "{keys:?} of {rows:?} in {split:?}");
        let metrics = plan.metrics().unwrap();
        let metric = |name| metrics.sum_by_name(name).unwrap().as_usize();
        let actors: HashSet<_> = rows.iter().map(|row| (row.2, row.3)).collect();
        assert_eq!((metric("actors"), metric("input_rows")), (actors.len(), rows.len()));
        assert_eq!(metrics.output_rows(), Some(expected(rows, keys).len()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_split_counts_as_sets_do(
        rows in proptest::collection::vec(
            (
                proptest::option::of(-3_i64..4),
                prop_oneof![Just(None), Just(Some("a")), Just(Some("a text beyond a view"))],
                0_u32..3,
                prop_oneof![0_u32..80, 0_u32..5_000, Just(u32::MAX)],
            ),
            0..120,
        ),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for split in [(1, 8192), (1, 7), (3, 7), (3, 1)] {
            runtime.block_on(check(&rows, split));
        }
    }
}

#[tokio::test]
async fn nothing_is_one_group_without_keys_and_none_with_keys() {
    for rows in [vec![], vec![batch(&[])]] {
        for (keys, expected) in KEYS.iter().zip([1, 0, 0, 0]) {
            let input =
                MemorySourceConfig::try_new_exec(std::slice::from_ref(&rows), schema(), None)
                    .unwrap();
            let found = collect(fold_over(input, keys), context(10)).await.unwrap();
            let found = counts(&found);
            assert_eq!(found.len(), expected);
            assert!(found.values().all(|count| *count == 0));
        }
    }
}

/// Pairs by a rule, and the same in a plain set.
fn pairs(of: impl Iterator<Item = (usize, u32)>) -> (Pairs, HashSet<(usize, u32)>) {
    let (mut pairs, mut set) = (Pairs::default(), HashSet::new());
    let all: Vec<_> = of.collect();
    for part in all.chunks(1000) {
        let groups: Vec<_> = part.iter().map(|pair| pair.0).collect();
        let actors: Vec<_> = part.iter().map(|pair| 7_u64 << 32 | u64::from(pair.1)).collect();
        pairs.insert_all(&groups, &actors);
        set.extend(part);
    }
    (pairs, set)
}

fn check_pairs(pairs: &Pairs, set: &HashSet<(usize, u32)>) {
    let groups = set.iter().map(|pair| pair.0 + 1).max().unwrap_or(0);
    let (mut found, mut expected) = (vec![0; groups], vec![0; groups]);
    pairs.count_into(&mut found);
    set.iter().for_each(|pair| expected[pair.0] += 1);
    assert!(found == expected, "counts differ");
    let actors: HashSet<_> = set.iter().map(|pair| pair.1).collect();
    assert_eq!(pairs.actors(), actors.len());
}

/// Each of many groups has one actor, far from the others'.
fn sparse() -> (Pairs, HashSet<(usize, u32)>) {
    pairs((0..5_000).map(|at| (at as usize, at * 1_000)))
}

/// Few groups with most of the actors.
fn dense() -> (Pairs, HashSet<(usize, u32)>) {
    pairs((0..60_000_u32).map(|at| (at as usize % 7, at / 3)))
}

#[test]
fn matrices_grow_with_ordinals_and_groups() {
    let (dense, set) = dense();
    check_pairs(&dense, &set);
    assert!(dense.is_matrix() && dense.size() < 1 << 16, "{} bytes", dense.size());
    let (steps, set) = pairs((0..30_000_u32).map(|at| (at as usize / 100, at)));
    check_pairs(&steps, &set);
}

#[test]
fn sparse_pairs_take_bytes_by_the_pair() {
    let (sparse, set) = sparse();
    check_pairs(&sparse, &set);
    assert!(!sparse.is_matrix() && sparse.size() < 200_000, "{} bytes", sparse.size());
}

#[test]
fn pairs_that_become_dense_become_a_matrix() {
    let far = (0..100).map(|at| (at as usize, at * 1_000));
    assert!(!pairs(far.clone()).0.is_matrix());
    let near = (0..100_000_u32).map(|at| (at as usize % 100, at));
    let (both, set) = pairs(far.chain(near));
    check_pairs(&both, &set);
    assert!(both.is_matrix());
}

#[test]
fn merged_pairs_are_those_of_both() {
    type Made = fn() -> (Pairs, HashSet<(usize, u32)>);
    let empty: Made = || pairs(std::iter::empty());
    let makes: [Made; 3] = [sparse, dense, empty];
    for left in makes {
        for right in makes {
            let ((mut own, mut set), (theirs, their_set)) = (left(), right());
            own.merge(theirs, None);
            set.extend(&their_set);
            check_pairs(&own, &set);

            let ((mut own, mut set), (theirs, their_set)) = (left(), right());
            let numbers: Vec<usize> = (0..5_000).rev().collect();
            own.merge(theirs, Some(&numbers));
            set.extend(their_set.into_iter().map(|(group, ordinal)| (numbers[group], ordinal)));
            check_pairs(&own, &set);
        }
    }
}

#[tokio::test]
async fn the_memory_limit_is_told() {
    let rows: Vec<Row> = (0..5_000).map(|at| (Some(i64::from(at)), None, 0, at)).collect();
    let runtime = RuntimeEnvBuilder::new().with_memory_limit(10_000, 1.0).build_arc().unwrap();
    let context = Arc::new(TaskContext::default().with_runtime(Arc::clone(&runtime)));
    let error = collect(fold(&rows, &["k"], (2, 100)), context).await.unwrap_err();
    let is_limit = matches!(error.find_root(), DataFusionError::ResourcesExhausted(_));
    assert!(is_limit && error.to_string().contains("ActorFold["), "{error}");
}

/// Gives a batch, and then waits for ever.
#[derive(Debug)]
struct Stalled(RecordBatch, SchemaRef);

impl PartitionStream for Stalled {
    fn schema(&self) -> &SchemaRef {
        &self.1
    }

    fn execute(&self, _context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let batches = stream::iter([Ok(self.0.clone())]).chain(stream::pending());
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.1), batches))
    }
}

#[tokio::test]
async fn a_dropped_stream_gives_its_memory_back() {
    let part: Arc<dyn PartitionStream> =
        Arc::new(Stalled(batch(&[(Some(1), None, 0, 1)]), schema()));
    let parts = vec![Arc::clone(&part), part];
    let order = Vec::<LexOrdering>::new();
    let input = StreamingTableExec::try_new(schema(), parts, None, order, false, None).unwrap();
    let runtime = RuntimeEnvBuilder::new().with_memory_limit(1 << 30, 1.0).build_arc().unwrap();
    let context = Arc::new(TaskContext::default().with_runtime(Arc::clone(&runtime)));
    let mut rows = fold_over(Arc::new(input), &["k"]).execute(0, context).unwrap();
    assert!(tokio::time::timeout(Duration::from_millis(100), rows.next()).await.is_err());
    assert!(runtime.memory_pool.reserved() > 0);
    drop(rows);
    for _ in 0..1_000 {
        if runtime.memory_pool.reserved() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("{} bytes are still reserved", runtime.memory_pool.reserved());
}

#[test]
fn the_plan_shows_all_parameters() {
    let plan = fold(&[(None, None, 0, 0)], &["k", "t"], (1, 10));
    insta::assert_snapshot!(displayable(plan.as_ref()).indent(true).to_string(), @r"
    ActorFoldExec: fold=distinct, keys=[k@0, t@1], actor=actor@2
      DataSourceExec: partitions=1, partition_sizes=[1]
    ");
}

#[derive(Debug)]
struct Planner;

#[async_trait]
impl QueryPlanner for Planner {
    async fn create_physical_plan(
        &self,
        plan: &LogicalPlan,
        session: &dyn Session,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let planner = DefaultPhysicalPlanner::with_extension_planners(vec![Arc::new(Self)]);
        planner.create_physical_plan(plan, session).await
    }
}

#[async_trait]
impl ExtensionPlanner for Planner {
    async fn plan_extension(
        &self,
        planner: &dyn PhysicalPlanner,
        node: &dyn UserDefinedLogicalNode,
        _logical_inputs: &[&LogicalPlan],
        inputs: &[Arc<dyn ExecutionPlan>],
        session: &dyn Session,
        context: &PhysicalPlanningContext,
    ) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        let node = node.as_any().downcast_ref::<DistinctActorsNode>();
        node.map(|node| node.plan(planner, inputs, session, context)).transpose()
    }
}

/// A node over some rows of a table, and the rows.
async fn planned() -> (SessionContext, DistinctActorsNode, Vec<Row>) {
    let rows: Vec<Row> =
        (0..100).map(|at| (Some(i64::from(at) % 3), None, at % 2, at % 5)).collect();
    let state = SessionStateBuilder::new()
        .with_config(SessionConfig::new().with_target_partitions(4))
        .with_default_features()
        .with_query_planner(Arc::new(Planner));
    let context = SessionContext::new_with_state(state.build());
    let table = MemTable::try_new(schema(), vec![batches(&rows, 10), batches(&rows, 7)]).unwrap();
    context.register_table("rows", Arc::new(table)).unwrap();
    let frame = context.table("rows").await.unwrap();
    let frame = frame.filter(col("extra").gt_eq(lit(0_i64))).unwrap();
    let columns = vec![col("t"), col("k").alias("day"), col("actor").alias("who")];
    let input = frame.select(columns).unwrap().into_unoptimized_plan();
    let node = DistinctActorsNode::try_new(input, vec![col("day")], col("who"), "n").unwrap();
    (context, node, rows)
}

fn plan_of(node: DistinctActorsNode) -> LogicalPlan {
    LogicalPlan::Extension(Extension { node: Arc::new(node) })
}

#[tokio::test]
async fn a_node_asks_for_its_own_columns_only() {
    let (context, node, _) = planned().await;
    let plan = context.state().optimize(&plan_of(node)).unwrap();
    insta::assert_snapshot!(plan.display_indent().to_string(), @r"
    DistinctActors: keys=[day], actor=who, count=n
      Projection: rows.k AS day, rows.actor AS who
        Filter: rows.extra >= Int64(0)
          TableScan: rows projection=[k, actor, extra]
    ");
}

#[tokio::test]
async fn a_node_counts_as_its_aggregation_does() {
    let (context, node, rows) = planned().await;
    let aggregation = node.aggregation().unwrap();
    for plan in [plan_of(node), aggregation] {
        let frame = DataFrame::new(context.state(), plan);
        let found = counts(&frame.collect().await.unwrap());
        assert_eq!(found, expected(&rows, &["k"]));
    }
}

#[tokio::test]
async fn a_node_s_input_is_folded_where_it_is() {
    let (context, node, _) = planned().await;
    let plan = context.state().create_physical_plan(&plan_of(node)).await.unwrap();
    let shown = displayable(plan.as_ref()).indent(false).to_string();
    let mut lines = shown.lines();
    let fold = "ActorFoldExec: fold=distinct, keys=[day@0], actor=who@1";
    assert_eq!(lines.next(), Some(fold), "{shown}");
    assert!(
        lines.all(|line| !line.contains("CoalescePartitions") && !line.contains("Hash(")),
        "{shown}"
    );
}
