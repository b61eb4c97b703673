//! Rows per second from ordered streams through runs to a simple fold, on one thread.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use events::runs::{Marks, RowBatch, RunMerger, Runs, StreamOrder};

/// Rows of a batch, as a reader of Parquet hands them out.
const BATCH: usize = 8_192;

const ACTORS: u32 = 330_000;

/// 90 days in microseconds.
const SPAN: u64 = 90 * 86_400 * 1_000_000;

/// One stream: columns that batches borrow.
#[derive(Default)]
struct Columns {
    actors: Vec<u32>,
    times: Vec<i64>,
    /// The order of rows of an actor at one time, if there are such rows.
    ties: Option<Vec<u32>>,
    mark: u64,
    /// The marks row by row, if the bench asks for it.
    each: Option<Vec<u64>>,
}

/// Borrowed rows.
struct Slice<'a> {
    actors: &'a [u32],
    times: &'a [i64],
    ties: Option<&'a [u32]>,
    marks: Marks<'a>,
}

impl RowBatch for Slice<'_> {
    fn actors(&self) -> &[u32] {
        self.actors
    }

    fn times(&self) -> &[i64] {
        self.times
    }

    fn ties(&self) -> Option<&[u32]> {
        self.ties
    }

    fn marks(&self) -> Marks<'_> {
        self.marks
    }
}

/// Xorshift: the same rows in each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }
}

/// Rows of an actor: few of most, many of some; `mean` on average.
fn rows_of(dice: &mut Dice, mean: f64) -> u64 {
    let chance = (dice.below(1 << 30) as f64 + 1.0) / (1_u64 << 30) as f64;
    // A Pareto tail, cut off where one actor would have a thousand times the mean.
    let rows = mean * 0.42 / chance.powf(0.62);
    (rows.min(mean * 1_000.0) + dice.below(1_000) as f64 / 1_000.0) as u64
}

/// How rows are laid out.
struct Shape {
    mean: f64,
    /// Conditions; the rows of each are streams of their own.
    conditions: u64,
    /// Disjoint time ranges, each with streams of its own.
    ranges: u64,
    /// Streams over which the rows of a condition and a range are strewn.
    strewn: u64,
    /// Of so many rows, one is at the time of the row in front of it; none if 0.
    ties: u64,
}

fn streams(shape: &Shape) -> Vec<Columns> {
    let mut dice = Dice(0x2545_F491_4F6C_DD1D);
    let count = shape.conditions * shape.ranges * shape.strewn;
    let mut streams: Vec<Columns> = (0..count)
        .map(|number| Columns { mark: 1 << (number % shape.conditions), ..Columns::default() })
        .collect();
    let mut rows = Vec::new();
    for actor in 0..ACTORS {
        rows.clear();
        rows.extend((0..rows_of(&mut dice, shape.mean)).map(|_| dice.below(SPAN)));
        rows.sort_unstable();
        for row in 1..rows.len() {
            if shape.ties > 0 && dice.below(shape.ties) == 0 {
                rows[row] = rows[row - 1];
            }
        }
        let (mut before, mut tie) = (None, 0);
        for time in &rows {
            tie = if before.replace(time) == Some(time) { tie + 1 } else { 0 };
            // The first condition is the most frequent one.
            let condition = dice.below(shape.conditions).min(dice.below(shape.conditions + 2));
            let range = time * shape.ranges / SPAN;
            let strewn = dice.below(shape.strewn);
            let stream = (range * shape.strewn + strewn) * shape.conditions + condition;
            let stream = &mut streams[stream as usize];
            stream.actors.push(actor);
            stream.times.push(time.cast_signed());
            if shape.ties > 0 {
                stream.ties.get_or_insert_default().push(tie);
            }
        }
    }
    streams
}

/// The same rows in one stream, marked row by row.
fn by_person(streams: &[Columns]) -> Columns {
    let mut one = Columns { mark: u64::MAX, each: Some(Vec::new()), ..Columns::default() };
    merge(streams, 0, |runs| {
        for run in runs.iter() {
            one.actors.resize(one.actors.len() + run.times.len(), run.actor);
        }
        one.times.extend(&runs.times);
        one.each.get_or_insert_default().extend(&runs.marks);
    });
    one
}

fn batches(columns: &Columns) -> impl Iterator<Item = Slice<'_>> {
    let actors = columns.actors.chunks(BATCH).zip(columns.times.chunks(BATCH)).enumerate();
    actors.map(|(number, (actors, times))| Slice {
        actors,
        times,
        ties: columns.ties.as_ref().map(|ties| &ties[number * BATCH..][..actors.len()]),
        marks: match &columns.each {
            Some(marks) => Marks::Each(&marks[number * BATCH..][..actors.len()]),
            None => Marks::All(columns.mark),
        },
    })
}

/// Actors that did the first, then the second, then the third.
fn fold(runs: &Runs) -> u64 {
    let mut done = 0;
    for run in runs.iter() {
        let mut step = 0;
        for marks in run.marks {
            step += marks >> step & 1;
        }
        done += u64::from(step >= 3);
    }
    done
}

fn merge(streams: &[Columns], first: u64, mut see: impl FnMut(&Runs)) {
    let orders: Vec<_> =
        streams.iter().map(|columns| StreamOrder::new(0).with_marks(columns.mark)).collect();
    let mut batches: Vec<_> = streams.iter().map(batches).collect();
    let mut merger = RunMerger::new(&orders, first);
    let mut runs = Runs::default();
    while let Some(stream) = merger.wants() {
        match batches[stream].next() {
            Some(batch) => assert!(merger.push(stream, batch).is_ok(), "rows are in order"),
            None => merger.finish(stream),
        }
        while merger.next(&mut runs) {
            see(&runs);
        }
    }
}

fn read(streams: &[Columns]) -> u64 {
    let mut sum = 0_u64;
    for batch in streams.iter().flat_map(batches) {
        let actors = batch.actors.iter().fold(0, |sum: u32, actor| sum.wrapping_add(*actor));
        let times = batch.times.iter().fold(0, |sum: i64, time| sum.wrapping_add(*time));
        sum = sum.wrapping_add(u64::from(actors)).wrapping_add(times.cast_unsigned());
    }
    sum
}

fn funnel(streams: &[Columns], first: u64) -> u64 {
    let mut done = 0;
    merge(streams, first, |runs| done += fold(runs));
    done
}

fn bench(c: &mut Criterion) {
    let mut group = c.benchmark_group("runs");
    group.sample_size(10).measurement_time(Duration::from_secs(3));
    group.warm_up_time(Duration::from_millis(500));
    let heavy =
        |ranges, strewn, conditions| Shape { mean: 23.0, conditions, ranges, strewn, ties: 0 };
    let shapes = [
        ("heavy", heavy(1, 1, 3)),
        ("heavy, ties", Shape { ties: 20, ..heavy(1, 1, 3) }),
        ("heavy, 3 ranges", heavy(3, 1, 3)),
        ("heavy, 12 ranges", heavy(12, 1, 3)),
        ("heavy, 15 generations", heavy(1, 15, 3)),
        ("heavy, 333 generations", heavy(1, 333, 3)),
        ("rare", Shape { mean: 1.4, ..heavy(1, 1, 3) }),
    ];
    for (name, shape) in shapes {
        let mut streams = streams(&shape);
        let rows: usize = streams.iter().map(|columns| columns.actors.len()).sum();
        group.throughput(Throughput::Elements(rows as u64));
        group.bench_function(format!("{name}: funnel"), |b| b.iter(|| funnel(&streams, 0)));
        group.bench_function(format!("{name}: funnel, led by the third"), |b| {
            b.iter(|| funnel(&streams, 0b100));
        });
        if streams.len() != 3 {
            continue;
        }
        let by_person = [by_person(&streams)];
        for (led, first) in [("", 0), (", led by the third", 0b100)] {
            group.bench_function(format!("{name}: one stream, funnel{led}"), |b| {
                b.iter(|| funnel(&by_person, first));
            });
        }
        group.bench_function(format!("{name}: reading alone"), |b| b.iter(|| read(&streams)));
        let mut kept = Vec::new();
        merge(&streams, 0, |runs| kept.push(runs.clone()));
        group.bench_function(format!("{name}: fold alone"), |b| {
            b.iter(|| kept.iter().map(fold).sum::<u64>());
        });
        drop(kept);
        let third = &mut streams[2];
        third.each = Some(vec![third.mark; third.actors.len()]);
        group.bench_function(format!("{name}: funnel, marks by row"), |b| {
            b.iter(|| black_box(funnel(&streams, 0)));
        });
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
