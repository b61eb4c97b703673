//! Ordered streams, in all ways to split, mark and deal them.

use super::super::{ActorRuns, ActorRunsExec, StreamMarks};
use super::*;
use arrow::array::{
    Int64Array, StringViewArray, TimestampMicrosecondArray, UInt32Array, UInt64Array,
};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_expr::expressions::col;
use datafusion::physical_expr::{LexOrdering, PhysicalSortExpr};
use datafusion::physical_plan::displayable;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};
use events::layout::OrderedStream;
use futures::{StreamExt, stream};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A stream as a test makes it.
#[derive(Debug, Clone)]
pub(super) struct Made {
    pub(super) bucket: u32,
    pub(super) rank: u32,
    /// The marks of all rows, where a row's own do not count.
    pub(super) marks: u64,
    /// Ordinal, time, tie and the row's own marks; in order.
    pub(super) rows: Vec<(u32, i64, u32, u64)>,
    /// Rows of a batch.
    pub(super) batch: usize,
}

/// What is asked of streams.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// Whether the rows' own marks count.
    pub(super) own: bool,
    pub(super) first: u64,
    pub(super) columns: Vec<usize>,
    pub(super) partitions: usize,
}

/// The columns of a stream: two behind the marks, made of the number of the row.
pub(super) fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("ordinal", DataType::UInt32, false),
        Field::new("timestamp", instant(), false),
        Field::new("tie", DataType::UInt32, false),
        Field::new("marks", DataType::UInt64, true),
        Field::new("number", DataType::Int64, false),
        Field::new("words", DataType::Utf8View, true),
    ]))
}

fn number(stream: usize, row: usize) -> i64 {
    (stream * 1_000_000 + row) as i64
}

fn words(number: i64) -> Option<String> {
    (number % 3 != 0).then(|| format!("row {number}, told at some length"))
}

fn batch(rows: &[(u32, i64, u32, u64)], first: i64) -> RecordBatch {
    let numbers = first..first + rows.len() as i64;
    let times = rows.iter().map(|row| row.1);
    // Some rows without marks have NULL for them.
    let marks = rows.iter().map(|row| (row.3 != 0 || row.1 % 2 == 0).then_some(row.3));
    let columns: Vec<ArrayRef> = vec![
        Arc::new(UInt32Array::from_iter_values(rows.iter().map(|row| row.0))),
        Arc::new(TimestampMicrosecondArray::from_iter_values(times).with_timezone("UTC")),
        Arc::new(UInt32Array::from_iter_values(rows.iter().map(|row| row.2))),
        Arc::new(marks.collect::<UInt64Array>()),
        Arc::new(Int64Array::from_iter_values(numbers.clone())),
        Arc::new(numbers.map(words).collect::<StringViewArray>()),
    ];
    RecordBatch::try_new(schema(), columns).unwrap()
}

impl Made {
    fn batches(&self, stream: usize) -> Vec<RecordBatch> {
        let parts = self.rows.chunks(self.batch).enumerate();
        parts.map(|(at, rows)| batch(rows, number(stream, at * self.batch))).collect()
    }

    fn marks(&self, asked: &Asked) -> u64 {
        match asked.own {
            true => self.rows.iter().fold(0, |all, row| all | row.3),
            false => self.marks,
        }
    }

    fn layout(&self) -> OrderedStream {
        OrderedStream {
            bucket: self.bucket,
            rank: self.rank,
            event: Some(format!("event {}", self.rank).into()),
            rows: self.rows.len() as u64,
        }
    }
}

/// What the streams of a test were asked for.
#[derive(Debug, Default)]
pub(super) struct Counts {
    opened: AtomicUsize,
    batches: AtomicUsize,
}

impl Counts {
    fn get(&self) -> (usize, usize) {
        (self.opened.load(Ordering::SeqCst), self.batches.load(Ordering::SeqCst))
    }
}

/// A stream that counts.
#[derive(Debug)]
struct Counted {
    batches: Vec<RecordBatch>,
    schema: SchemaRef,
    counts: Arc<Counts>,
}

impl PartitionStream for Counted {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let counts = Arc::clone(&self.counts);
        counts.opened.fetch_add(1, Ordering::SeqCst);
        let batches = stream::iter(self.batches.clone()).map(move |batch| {
            counts.batches.fetch_add(1, Ordering::SeqCst);
            Ok(batch)
        });
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), batches))
    }
}

/// The streams as a plan that promises their order.
pub(super) fn input(made: &[Made]) -> (Arc<dyn ExecutionPlan>, Arc<Counts>) {
    let counts = Arc::new(Counts::default());
    let part = |(stream, made): (usize, &Made)| -> Arc<dyn PartitionStream> {
        let (schema, counts) = (schema(), Arc::clone(&counts));
        Arc::new(Counted { batches: made.batches(stream), schema, counts })
    };
    let parts = made.iter().enumerate().map(part).collect();
    let order = ["ordinal", "timestamp", "tie"]
        .map(|name| PhysicalSortExpr::new_default(col(name, &schema()).unwrap()));
    let order = vec![LexOrdering::from(order)];
    let plan = StreamingTableExec::try_new(schema(), parts, None, order, false, None).unwrap();
    (Arc::new(plan), counts)
}

pub(super) fn request(made: &[Made], asked: &Asked) -> ActorRuns {
    let marks = made.iter().map(|made| made.marks(asked)).collect();
    ActorRuns {
        streams: made.iter().map(Made::layout).collect(),
        marks: match asked.own {
            true => StreamMarks::Column { index: 3, possible: marks },
            false => StreamMarks::Constant(marks),
        },
        first: asked.first,
        columns: asked.columns.clone(),
    }
}

pub(super) fn merged(made: &[Made], asked: &Asked) -> (Arc<dyn ExecutionPlan>, Arc<Counts>) {
    let (input, counts) = input(made);
    let plan = ActorRunsExec::try_new(input, request(made, asked), asked.partitions).unwrap();
    (Arc::new(plan), counts)
}

/// The same by sorting all rows.
fn expected(made: &[Made], asked: &Asked) -> Found {
    let mut rows = Vec::new();
    for (stream, made) in made.iter().enumerate() {
        for (at, (ordinal, time, tie, own)) in made.rows.iter().copied().enumerate() {
            let marks = if asked.own { own } else { made.marks };
            let actor = u64::from(made.bucket) << 32 | u64::from(ordinal);
            if marks != 0 || !asked.own {
                rows.push((actor, time, made.rank, tie, stream, at, marks));
            }
        }
    }
    rows.sort_unstable();
    let leads: BTreeSet<u64> =
        rows.iter().filter(|row| row.6 & asked.first != 0).map(|row| row.0).collect();
    rows.retain(|row| asked.first == 0 || leads.contains(&row.0));
    let mut found = Found::new();
    for (actor, time, _, _, stream, at, marks) in rows {
        let number = number(stream, at);
        let carried = asked.columns.iter().map(|column| match column {
            4 => Some(number.to_string()),
            _ => words(number),
        });
        found.entry(actor).or_default().push((time, marks, carried.collect()));
    }
    found
}

async fn check(made: &[Made], asked: &Asked) {
    let (plan, counts) = merged(made, asked);
    let found = read(&plan, &context(8192)).await.unwrap();
    let expected = expected(made, asked);
    assert!(found == expected, "{asked:?} of {made:?}\n{found:?}\n{expected:?}");
    check_metrics(&plan, &found);
    if asked.first == 0 {
        let rows = made.iter().map(|made| made.rows.len()).sum::<usize>();
        assert_eq!(metric(&plan.metrics().unwrap(), "input_rows"), rows);
        assert_eq!(counts.get().0, made.len());
    }
}

fn stream_of_rows() -> impl Strategy<Value = Made> {
    let marks = prop_oneof![3 => Just(0_u64), 1 => Just(1), 1 => Just(2), 1 => Just(3)];
    let ordinals = prop_oneof![0..5_u32, 0..300_u32, Just(u32::MAX)];
    let row = (ordinals, 0..12_i64, 0..3_u32, marks.clone());
    let rows = proptest::collection::vec(row, 0..80);
    (0..3_u32, 0..2_u32, marks, rows, 1..25_usize).prop_map(
        |(bucket, rank, marks, mut rows, batch)| {
            rows.sort_by_key(|row| (row.0, row.1, row.2));
            Made { bucket, rank, marks, rows, batch }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_streams_become_runs(
        made in proptest::collection::vec(stream_of_rows(), 0..8),
        own in any::<bool>(),
        first in 0..4_u64,
        columns in prop::sample::select(vec![vec![], vec![4], vec![5, 4]]),
        partitions in prop::sample::select(vec![0, 1, 2, 9]),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let asked = Asked { own, first, columns, partitions };
        runtime.block_on(check(&made, &asked));
    }
}

/// A stream of one row each for many actors.
pub(super) fn even(bucket: u32, rows: u32, batch: usize, marks: u64) -> Made {
    let rows = (0..rows).map(|row| (row, i64::from(row % 977), 0, marks)).collect();
    Made { bucket, rank: bucket, marks, rows, batch }
}

fn all(partitions: usize) -> Asked {
    Asked { own: false, first: 0, columns: Vec::new(), partitions }
}

#[tokio::test]
async fn one_actor_may_have_more_rows_than_many_batches() {
    let large = |rank: u32| {
        let mut made = even(0, 900, 100, u64::from(rank) + 1);
        let rows = (0..20_000).map(|row| (5, row * 3 + i64::from(rank), 0, 1));
        made.rows.extend(rows);
        made.rows.sort_by_key(|row| (row.0, row.1));
        Made { rank, ..made }
    };
    let made = [large(0), large(1), even(0, 200, 7, 4)];
    for first in [0, 2] {
        for columns in [vec![], vec![4, 5]] {
            let asked = Asked { first, columns, ..all(1) };
            check(&made, &asked).await;
            check(&made, &Asked { own: true, first: first & 1, ..asked }).await;
        }
    }
}

#[tokio::test]
async fn carried_columns_of_actors_left_out_are_let_go() {
    // Rows of the second stream lead twice; those of the first are never given out in between.
    let rare = Made { rows: vec![(0, 1, 0, 2), (59_999, 1, 0, 2)], ..even(0, 0, 1, 2) };
    let made = [even(0, 60_000, 500, 1), rare];
    let asked = Asked { first: 2, columns: vec![5], ..all(1) };
    check(&made, &asked).await;
    let (plan, _) = merged(&made, &asked);
    read(&plan, &context(8192)).await.unwrap();
    let buffered = metric(&plan.metrics().unwrap(), "buffered_bytes");
    let size = |batch: &RecordBatch| batch.column(5).get_array_memory_size();
    let whole: usize = made[0].batches(0).iter().map(size).sum();
    assert!(buffered > 0 && buffered < whole / 2, "{buffered} of {whole} bytes");
}

#[tokio::test]
async fn a_dropped_stream_reads_no_further() {
    let made = [even(0, 90_000, 100, 1), even(0, 90_000, 100, 1), even(1, 100, 10, 1)];
    let (plan, counts) = merged(&made, &all(1));
    let (context, runtime) = limited(1 << 30);
    let mut rows = plan.execute(0, context).unwrap();
    assert_eq!(counts.get(), (0, 0), "nothing is read before rows are asked for");
    assert!(rows.next().await.unwrap().unwrap().num_rows() > 0);
    let (opened, batches) = counts.get();
    assert!(opened == 2 && batches < 500, "{opened} streams, {batches} of 1800 batches");
    assert!(runtime.memory_pool.reserved() > 0);
    drop(rows);
    tokio::task::yield_now().await;
    assert_eq!((counts.get(), runtime.memory_pool.reserved()), ((opened, batches), 0));
}

#[tokio::test]
async fn buckets_without_a_leading_stream_are_not_opened() {
    let made = [even(0, 10, 5, 1), even(1, 10, 5, 1), even(1, 10, 5, 2), even(2, 10, 5, 4)];
    for (first, opened) in [(0, 4), (1, 3), (2, 2), (8, 0)] {
        let asked = Asked { first, ..all(8) };
        check(&made, &asked).await;
        let (plan, counts) = merged(&made, &asked);
        read(&plan, &context(8192)).await.unwrap();
        assert_eq!(counts.get().0, opened, "{first}");
    }
}

#[tokio::test]
async fn buckets_are_dealt_to_partitions() {
    let made: Vec<Made> =
        [900, 100, 800, 200, 50].iter().zip(0..).map(|(rows, n)| even(n, *rows, 64, 1)).collect();
    let (plan, _) = merged(&made, &all(2));
    let mut rows = Vec::new();
    for partition in 0..2 {
        let stream = plan.execute(partition, context(8192)).unwrap();
        let batches: Vec<RecordBatch> = stream.try_collect().await.unwrap();
        rows.push(batches.iter().map(RecordBatch::num_rows).sum::<usize>());
    }
    assert_eq!(rows, [1_050, 1_000]);
    assert!(plan.execute(2, context(8192)).is_err());
}

#[tokio::test]
async fn rules_leave_ordered_streams_as_they_are() {
    let made = [even(0, 500, 64, 1), even(0, 300, 64, 2), even(1, 400, 64, 1)];
    let asked = Asked { own: true, first: 1, columns: vec![4], partitions: 4 };
    let (plan, _) = merged(&made, &asked);
    let plan = optimized(plan);
    let shown = displayable(plan.as_ref()).indent(false).to_string();
    assert!(!shown.contains("SortExec") && !shown.contains("RepartitionExec"), "{shown}");
    let head = "ActorRunsExec: streams=3, buckets=2, first=0b1, marks=marks@3, columns=[number@4]";
    assert_eq!(shown.lines().next(), Some(head));
    assert!(read(&plan, &context(8192)).await.unwrap() == expected(&made, &asked));
}
