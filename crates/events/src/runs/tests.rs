//! Runs against a list of all rows that is sorted as a whole.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// A row with all that orders it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    actor: u32,
    time: i64,
    rank: u32,
    tie: u32,
    stream: u32,
    number: u32,
    marks: u64,
}

/// A stream as a test makes it.
#[derive(Debug, Clone)]
struct Made {
    rank: u32,
    /// Actor, time, tie, marks; in order.
    rows: Vec<(u32, i64, u32, u64)>,
    batch: usize,
    /// Whether every row has the marks of the first.
    alike: bool,
    ties: bool,
}

impl Made {
    fn batches(&self) -> Vec<VecBatch> {
        let batch = |rows: &[(u32, i64, u32, u64)]| VecBatch {
            actors: rows.iter().map(|row| row.0).collect(),
            times: rows.iter().map(|row| row.1).collect(),
            ties: self.ties.then(|| rows.iter().map(|row| row.2).collect()),
            marks: match rows {
                [first, ..] if self.alike => RowMarks::All(first.3),
                // Batches of a stream may tell their marks in either way.
                [first, rest @ ..] if first.3 != 0 && rest.iter().all(|row| row.3 == first.3) => {
                    RowMarks::All(first.3)
                }
                _ => RowMarks::Each(rows.iter().map(|row| row.3).collect()),
            },
        };
        self.rows.chunks(self.batch).map(batch).collect()
    }

    fn settled(mut self) -> Self {
        if !self.ties {
            self.rows.iter_mut().for_each(|row| row.2 = 0);
        }
        self.rows.sort_by_key(|row| (row.0, row.1, row.2));
        if self.alike {
            let marks = self.rows.first().map_or(0, |row| row.3);
            self.rows.iter_mut().for_each(|row| row.3 = marks);
        }
        self
    }
}

/// All rows in order, without the actors that `first` leaves out.
fn naive(streams: &[Made], first: u64) -> Vec<Row> {
    let mut rows = Vec::new();
    for (stream, made) in (0..).zip(streams) {
        for (number, (actor, time, tie, marks)) in (0..).zip(made.rows.iter().copied()) {
            // Batches of one row have the same marks throughout.
            if made.alike || marks != 0 {
                rows.push(Row { actor, time, rank: made.rank, tie, stream, number, marks });
            }
        }
    }
    let leads = rows.iter().filter(|row| row.marks & first != 0);
    let leads: BTreeSet<u32> = leads.map(|row| row.actor).collect();
    rows.retain(|row| first == 0 || leads.contains(&row.actor));
    rows.sort_unstable();
    rows
}

/// What a driver that serves `wants` gets; `eager` pushes first, whatever is wanted.
fn merged(streams: &[Made], first: u64, eager: usize, narrow: bool) -> Vec<(u32, i64, Place, u64)> {
    let orders: Vec<StreamOrder> = streams
        .iter()
        .map(|made| {
            let marks = made.rows.iter().fold(0, |all, row| all | row.3);
            let order = StreamOrder::new(made.rank);
            if narrow { order.with_marks(marks) } else { order }
        })
        .collect();
    let mut batches: Vec<_> = streams.iter().map(|made| made.batches().into_iter()).collect();
    let mut merger = RunMerger::new(&orders, first).with_places();
    for (stream, batches) in batches.iter_mut().enumerate() {
        batches.take(eager).for_each(|batch| merger.push(stream, batch).unwrap());
    }
    let (mut runs, mut rows) = (Runs::default(), Vec::new());
    loop {
        while merger.next(&mut runs) {
            assert_eq!(runs.starts.len(), runs.actors.len() + 1);
            assert_eq!(runs.places.len(), runs.rows());
            assert_eq!(runs.marks.len(), runs.rows());
            for run in runs.iter() {
                assert!(rows.last().is_none_or(|last: &(u32, _, _, _)| last.0 < run.actor));
                let columns = run.times.iter().zip(run.places).zip(run.marks);
                rows.extend(
                    columns.map(|((time, place), marks)| (run.actor, *time, *place, *marks)),
                );
            }
        }
        let Some(stream) = merger.wants() else { break };
        match batches[stream].next() {
            Some(batch) => merger.push(stream, batch).unwrap(),
            None => merger.finish(stream),
        }
    }
    assert!(!merger.next(&mut runs));
    assert_eq!((merger.buffered_rows(), runs.rows()), (0, 0));
    rows
}

fn check(streams: &[Made], first: u64, eager: usize) {
    let expected: Vec<_> = naive(streams, first)
        .into_iter()
        .map(|row| (row.actor, row.time, Place { stream: row.stream, row: row.number }, row.marks))
        .collect();
    for narrow in [false, true] {
        let found = merged(streams, first, eager, narrow);
        let differs = found.iter().zip(&expected).position(|(found, expected)| found != expected);
        let at = differs.unwrap_or(0);
        assert_eq!(found.get(at), expected.get(at), "row {at}");
        assert_eq!(found.len(), expected.len());
    }
}

fn times() -> impl Strategy<Value = i64> {
    prop_oneof![
        8 => 0..6_i64,
        8 => 0..1_000_000_i64,
        1 => prop::sample::select(vec![i64::MIN, -1, i64::MAX]),
    ]
}

fn actors() -> impl Strategy<Value = u32> {
    prop_oneof![
        20 => 0..12_u32,
        20 => 0..3_000_u32,
        1 => prop::sample::select(vec![70_000, u32::MAX - 1, u32::MAX]),
    ]
}

fn stream(most: usize) -> impl Strategy<Value = Made> {
    let marks = prop_oneof![4 => Just(0), 2 => Just(2), 1 => Just(5), 1 => Just(1 << 63)];
    let row = (actors(), times(), 0..4_u32, marks);
    let rows = prop::collection::vec(row, 0..most);
    (0..3_u32, rows, 1..40_usize, any::<bool>(), any::<bool>()).prop_map(
        |(rank, rows, batch, alike, ties)| Made { rank, rows, batch, alike, ties }.settled(),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn few_streams_agree_with_sorting(
        streams in prop::collection::vec(stream(300), 0..8),
        first in prop::sample::select(vec![0, 1, 2, 7, 1 << 63, u64::MAX]),
        eager in 0..30_usize,
    ) {
        check(&streams, first, eager);
    }

    #[test]
    fn many_streams_agree_with_sorting(
        streams in prop::collection::vec(stream(30), 40..110),
        first in prop::sample::select(vec![0, 0, 1, 2]),
        eager in 0..3_usize,
    ) {
        check(&streams, first, eager);
    }
}

/// A stream of one row per step of a simple generator.
fn scattered(seed: u64, rows: usize, actors: u64, rank: u32, marks: u64) -> Made {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = |most: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % most
    };
    let rows = (0..rows)
        .map(|_| {
            let low = next(actors);
            let actor = next(low + 1) as u32;
            (actor, next(50_000).cast_signed(), next(9).saturating_sub(7) as u32, marks)
        })
        .collect();
    Made { rank, rows, batch: 1_000, alike: marks != 0, ties: true }.settled()
}

#[test]
fn blocks_of_many_sizes_agree_with_sorting() {
    for (streams, rows, actors) in [
        (1, 40_000, 300),
        (3, 30_000, 2),
        (3, 30_000, 9_000),
        (40, 2_000, 500),
        (300, 200, 1 << 22),
    ] {
        let made: Vec<_> = (0..streams)
            .map(|seed| scattered(seed + 1, rows, actors, seed as u32 / 4, 1 << (seed % 3)))
            .collect();
        check(&made, 0, 1);
        check(&made, 2, 0);
    }
}

#[test]
fn rare_leads_are_searched_for() {
    let mut made: Vec<_> = (0..3).map(|seed| scattered(seed + 5, 40_000, 4_000, 0, 1)).collect();
    made.push(scattered(9, 30, 4_000, 1, 2));
    check(&made, 2, 0);
    made.extend((0..64).map(|seed| scattered(seed + 50, 500, 4_000, 0, 1)));
    check(&made, 2, 0);
}

#[test]
fn far_times_take_wide_keys() {
    let mut made: Vec<_> = (0..3).map(|seed| scattered(seed + 5, 6_000, 700, 0, 1)).collect();
    let far = |rows: &mut Vec<(u32, i64, u32, u64)>| {
        rows[4_000].1 = i64::MAX;
        rows[5_000].1 = i64::MIN;
    };
    made.iter_mut().for_each(|made| far(&mut made.rows));
    let made: Vec<_> = made.into_iter().map(Made::settled).collect();
    check(&made, 0, 0);
    let many: Vec<_> = (0..23).flat_map(|_| made.clone()).collect();
    check(&many, 0, 0);
}

fn batch(rows: &[(u32, i64, u32)]) -> VecBatch {
    VecBatch {
        actors: rows.iter().map(|row| row.0).collect(),
        times: rows.iter().map(|row| row.1).collect(),
        ties: Some(rows.iter().map(|row| row.2).collect()),
        marks: RowMarks::All(1),
    }
}

#[test]
fn disorder_is_refused() {
    let mut merger = RunMerger::new(&[StreamOrder::new(0).with_marks(1)], 0);
    let refused = |merger: &mut RunMerger<VecBatch>, rows: &[(u32, i64, u32)]| {
        merger.push(0, batch(rows)).unwrap_err().to_string()
    };
    merger.push(0, batch(&[(1, 5, 0), (1, 5, 1)])).unwrap();
    assert_eq!(
        refused(&mut merger, &[(1, 5, 0)]),
        "row 2 of stream 0 is out of order: actor 1, time 5, tie 0 after actor 1, time 5, tie 1"
    );
    assert_eq!(
        refused(&mut merger, &[(2, 5, 0), (2, 4, 0)]),
        "row 3 of stream 0 is out of order: actor 2, time 4, tie 0 after actor 2, time 5, tie 0"
    );
    assert_eq!(
        refused(&mut merger, &[(2, 5, 0), (2, 5, 9), (2, 5, 8)]),
        "row 4 of stream 0 is out of order: actor 2, time 5, tie 8 after actor 2, time 5, tie 9"
    );
    assert!(refused(&mut merger, &[(2, 0, 0), (1, 0, 0)]).starts_with("row 3 of stream 0"));
    let mut odd = batch(&[(9, 0, 0)]);
    odd.marks = RowMarks::Each(vec![3]);
    assert!(matches!(merger.push(0, odd), Err(RunError::Marks { row: 2, found: 3, .. })));
    let mut odd = batch(&[(9, 0, 0)]);
    odd.times.clear();
    assert!(matches!(merger.push(0, odd), Err(RunError::Lengths { column: "times", .. })));
    merger.finish(0);
    assert_eq!(refused(&mut merger, &[(9, 0, 0)]), "stream 0 was finished and got more rows");
    assert!(matches!(merger.push(1, batch(&[])), Err(RunError::NoStream { streams: 1, .. })));
    let mut runs = Runs::default();
    assert!(merger.next(&mut runs));
    assert_eq!(runs.times, [5, 5]);
}

#[test]
fn streams_that_cannot_lead_are_not_waited_for() {
    let orders = [StreamOrder::new(0).with_marks(1), StreamOrder::new(0).with_marks(2)];
    let mut merger = RunMerger::new(&orders, 2);
    merger.finish(1);
    assert_eq!(merger.wants(), None);
    merger.push(0, batch(&[(1, 1, 0)])).unwrap();
    assert_eq!((merger.buffered_rows(), merger.next(&mut Runs::default())), (0, false));
    assert_eq!(RunMerger::<VecBatch>::new(&orders[..1], 2).wants(), None);
    assert_eq!(RunMerger::<VecBatch>::new(&[], 0).wants(), None);
}

#[test]
fn little_is_buffered() {
    let made: Vec<_> = (0..20).map(|seed| scattered(seed + 3, 20_000, 5_000, 0, 1)).collect();
    let mut batches: Vec<_> = made.iter().map(|made| made.batches().into_iter()).collect();
    let mut merger = RunMerger::new(&[StreamOrder::new(0); 20], 0);
    let (mut runs, mut most) = (Runs::default(), 0);
    while let Some(stream) = merger.wants() {
        match batches[stream].next() {
            Some(batch) => merger.push(stream, batch).unwrap(),
            None => merger.finish(stream),
        }
        while merger.next(&mut runs) {}
        most = most.max(merger.buffered_rows());
    }
    // A batch of each stream, what a block waits for, and the longest run.
    assert!(most < 20 * 1_000 + 2 * 8_192 + 2_000, "{most}");
}
