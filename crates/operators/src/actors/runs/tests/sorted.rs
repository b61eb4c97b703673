//! Rows in no order, in all ways to split them.

use super::super::{NumberedRunsExec, SortedRuns, sorted_runs};
use super::*;
use arrow::array::{
    Int64Array, StringViewArray, TimestampMillisecondArray, UInt32Array, UInt64Array,
};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use datafusion::common::DataFusionError;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::physical_expr::expressions::{cast, col, lit};
use datafusion::physical_expr::{LexOrdering, PhysicalSortExpr};
use datafusion::physical_plan::displayable;
use datafusion::physical_plan::projection::ProjectionExec;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// A row: who it was by a name and by a number, the time, and marks.
type Given = (Option<&'static str>, Option<i64>, i64, Option<u64>);

/// How rows are split and what is asked of them.
#[derive(Debug, Clone)]
struct Asked {
    /// The column that tells who it was.
    actor: &'static str,
    only_marked: bool,
    first: u64,
    /// Parts of the input.
    parts: usize,
    /// Partitions of the runs.
    partitions: usize,
    /// Rows of a batch.
    batch: usize,
}

const ASKED: Asked =
    Asked { actor: "name", only_marked: false, first: 0, parts: 3, partitions: 3, batch: 7 };

fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("name", DataType::Utf8View, true),
        Field::new("id", DataType::Int64, true),
        Field::new("at", DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())), true),
        Field::new("marks", DataType::UInt64, true),
        Field::new("number", DataType::UInt32, false),
    ]))
}

/// Rows with their numbers.
fn batch(rows: &[(u32, Given)]) -> RecordBatch {
    let times = rows.iter().map(|(_, row)| row.2);
    let columns: Vec<ArrayRef> = vec![
        Arc::new(rows.iter().map(|(_, row)| row.0).collect::<StringViewArray>()),
        Arc::new(rows.iter().map(|(_, row)| row.1).collect::<Int64Array>()),
        Arc::new(TimestampMillisecondArray::from_iter_values(times).with_timezone("UTC")),
        Arc::new(rows.iter().map(|(_, row)| row.3).collect::<UInt64Array>()),
        Arc::new(UInt32Array::from_iter_values(rows.iter().map(|(number, _)| *number))),
    ];
    RecordBatch::try_new(schema(), columns).unwrap()
}

fn input(rows: &[Given], asked: &Asked) -> Arc<dyn ExecutionPlan> {
    let rows: Vec<(u32, Given)> = (0..).zip(rows.iter().copied()).collect();
    let part = rows.len().div_ceil(asked.parts).max(1);
    let batches = |rows: &[(u32, Given)]| -> Vec<RecordBatch> {
        rows.chunks(asked.batch).map(batch).collect()
    };
    let mut parts: Vec<Vec<RecordBatch>> = rows.chunks(part).map(batches).collect();
    parts.resize(asked.parts, Vec::new());
    MemorySourceConfig::try_new_exec(&parts, schema(), None).unwrap()
}

fn plan(rows: &[Given], asked: &Asked) -> Arc<dyn ExecutionPlan> {
    let column = |name: &str| col(name, &schema()).unwrap();
    let runs = SortedRuns {
        actor: column(asked.actor),
        time: column("at"),
        tie: Some(column("number")),
        marks: column("marks"),
        only_marked: asked.only_marked,
        first: asked.first,
        columns: vec![
            (column("number"), "row".to_owned()),
            (column(asked.actor), "who".to_owned()),
        ],
        partitions: asked.partitions,
    };
    sorted_runs(input(rows, asked), &runs).unwrap()
}

/// The rows of each actor by name; NULL is one.
type Named = BTreeMap<Option<String>, Vec<(i64, u64, Option<String>)>>;

/// The same by sorting all rows.
fn expected(rows: &[Given], asked: &Asked) -> Named {
    let mut sorted = Vec::new();
    for ((name, id, at, marks), number) in rows.iter().copied().zip(0_u32..) {
        let who = match asked.actor {
            "name" => name.map(str::to_owned),
            _ => id.map(|id| id.to_string()),
        };
        let marks = marks.unwrap_or(0);
        if marks != 0 || !asked.only_marked {
            sorted.push((who, at * 1_000, number, marks));
        }
    }
    sorted.sort();
    let leads: BTreeSet<Option<String>> =
        sorted.iter().filter(|row| row.3 & asked.first != 0).map(|row| row.0.clone()).collect();
    let mut found = Named::new();
    for (who, at, number, marks) in sorted {
        if asked.first == 0 || leads.contains(&who) {
            found.entry(who).or_default().push((at, marks, Some(number.to_string())));
        }
    }
    found
}

/// What was found, by the name that its rows carry. Fails if an actor has two names, or a name two actors.
fn named(found: &Found) -> Named {
    let mut named = Named::new();
    for rows in found.values() {
        let who = rows[0].2[1].clone();
        assert!(rows.iter().all(|row| row.2[1] == who), "{rows:?}");
        let rows = rows.iter().map(|row| (row.0, row.1, row.2[0].clone()));
        assert!(named.insert(who, rows.collect()).is_none(), "a name twice");
    }
    named
}

/// Fails if the numbers of a partition's actors are not 0, 1, 2 and so on.
fn check_numbers(found: &Found, partitions: usize) {
    let mut next = BTreeMap::new();
    for actor in found.keys() {
        let number = next.entry(actor >> 32).or_insert(0_u64);
        assert_eq!(actor & u64::from(u32::MAX), *number);
        *number += 1;
    }
    assert!(next.keys().all(|partition| *partition < partitions as u64));
}

async fn check(rows: &[Given], asked: &Asked) {
    let plan = plan(rows, asked);
    assert_eq!(plan.output_partitioning().partition_count(), asked.partitions.max(1));
    let found = read(&plan, &context(asked.batch)).await.unwrap();
    let expected = expected(rows, asked);
    assert!(named(&found) == expected, "{asked:?} of {rows:?}\n{found:?}\n{expected:?}");
    check_numbers(&found, asked.partitions.max(1));
    check_metrics(&plan, &found);
}

fn row() -> impl Strategy<Value = Given> {
    let names =
        vec![None, Some(""), Some("a"), Some("b"), Some("c"), Some("a name too long for a view")];
    let ids = prop_oneof![Just(None), (0..40_i64).prop_map(Some)];
    let marks = vec![None, Some(0), Some(1), Some(2), Some(3)];
    (prop::sample::select(names), ids, -9..9_i64, prop::sample::select(marks))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_rows_become_runs(
        rows in proptest::collection::vec(row(), 0..150),
        actor in prop::sample::select(vec!["name", "id"]),
        only_marked in any::<bool>(),
        first in 0..4_u64,
        (parts, partitions, batch) in (1..4_usize, 0..4_usize, 1..12_usize),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let asked = Asked { actor, only_marked, first, parts, partitions, batch };
        runtime.block_on(check(&rows, &asked));
    }
}

/// Two actors with many rows, between others with one each.
fn long() -> Vec<Given> {
    let long = (0..4_000).map(|at| (Some(if at % 2 == 0 { "m" } else { "n" }), None, at, Some(1)));
    let names = ["a", "b", "mm", "o", "p"];
    long.chain(names.into_iter().map(|name| (Some(name), None, 5, Some(2)))).collect()
}

#[tokio::test]
async fn runs_of_many_batches_are_whole() {
    for (partitions, batch) in [(1, 10), (3, 10), (1, 1_999), (1, 2_000), (2, 3)] {
        for first in [0, 1, 2] {
            check(&long(), &Asked { partitions, batch, first, ..ASKED }).await;
        }
    }
}

#[tokio::test]
async fn rules_keep_what_runs_rest_on() {
    let rows = long();
    for (partitions, parts) in [(1, 1), (3, 1), (3, 5), (9, 2)] {
        let asked = Asked { partitions, parts, only_marked: true, first: 1, ..ASKED };
        let plan = optimized(plan(&rows, &asked));
        let shown = displayable(plan.as_ref()).indent(false).to_string();
        let found = read(&plan, &context(100)).await.unwrap();
        assert!(named(&found) == expected(&rows, &asked), "{shown}");
    }
}

#[test]
fn the_plan_shows_all_parameters() {
    let plan = plan(&[], &Asked { first: 5, only_marked: true, ..ASKED });
    let shown = displayable(plan.as_ref()).indent(false).to_string();
    let head = "NumberedRunsExec: order=[actor@0 ASC, time@1 ASC, tie@3 ASC], first=0b101, \
                columns=[row@4, who@0]";
    assert_eq!(shown.lines().next(), Some(head), "{shown}");
    for part in ["SortExec", "Hash([actor@0], 3)", "FilterExec: marks@2 != 0", "ProjectionExec"] {
        assert!(shown.contains(part), "{part} is not in\n{shown}");
    }
}

/// The rows of one actor in order, numbered where they are.
fn numbered(rows: &[Given]) -> Arc<dyn ExecutionPlan> {
    let found = schema();
    let time = cast(col("at", &found).unwrap(), &found, instant()).unwrap();
    let exprs = vec![
        (col("name", &found).unwrap(), "actor".to_owned()),
        (time, "time".to_owned()),
        (lit(1_u64), "marks".to_owned()),
    ];
    let input = input(rows, &Asked { parts: 1, batch: 100, ..ASKED });
    let input = Arc::new(ProjectionExec::try_new(exprs, input).unwrap());
    let order = ["actor", "time"]
        .map(|name| PhysicalSortExpr::new_default(col(name, &input.schema()).unwrap()));
    let plan = NumberedRunsExec::try_new(input, LexOrdering::from(order), 0, Vec::new());
    Arc::new(plan.unwrap())
}

#[tokio::test]
async fn the_memory_limit_is_told() {
    let rows: Vec<Given> = (0..5_000).map(|at| (Some("a"), None, at, None)).collect();
    let plan = numbered(&rows);
    let found = read(&plan, &context(8192)).await.unwrap();
    assert_eq!(found.values().map(Vec::len).collect::<Vec<_>>(), [5_000]);
    let (context, runtime) = limited(20_000);
    let error = read(&numbered(&rows), &context).await.unwrap_err();
    let is_limit = matches!(error.find_root(), DataFusionError::ResourcesExhausted(_));
    assert!(is_limit && error.to_string().contains("NumberedRuns["), "{error}");
    assert_eq!(runtime.memory_pool.reserved(), 0);
}

#[tokio::test]
async fn rows_without_a_time_are_refused() {
    let rows: Vec<Given> = vec![(Some("a"), None, 1, Some(1))];
    let column = |name: &str| col(name, &schema()).unwrap();
    let runs = SortedRuns {
        actor: column("name"),
        // There is no number, so there is no time.
        time: cast(column("id"), &schema(), schema().field(2).data_type().clone()).unwrap(),
        tie: None,
        marks: column("marks"),
        only_marked: false,
        first: 0,
        columns: Vec::new(),
        partitions: 1,
    };
    let plan = sorted_runs(input(&rows, &ASKED), &runs).unwrap();
    let error = read(&plan, &context(10)).await.unwrap_err();
    assert!(error.to_string().contains("a row of an actor has no time"), "{error}");
    let marks = column("number");
    let error = sorted_runs(input(&rows, &ASKED), &SortedRuns { marks, ..runs }).unwrap_err();
    assert!(error.to_string().contains("marks are bits in UInt64"), "{error}");
}
