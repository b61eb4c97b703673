//! A block with rows of one stream: they are in order as they are.

use super::batch::{Marks, RowBatch};
use super::block::{Task, leads_throughout};
use super::given::{Place, Runs};
use super::pieces::Part;
use super::stream::{Held, Stream};
use std::iter::repeat;
use std::ops::Range;

/// Adds the runs of a block's only part.
pub(super) fn give<B: RowBatch>(stream: &Stream<B>, part: &Part, task: &Task<'_>, out: &mut Runs) {
    out.starts.pop();
    let is_constant = |(held, _): (&Held<B>, _)| matches!(held.batch.marks(), Marks::All(_));
    let takes_all = task.first == 0 || leads_throughout(stream, part, task.first);
    if takes_all && stream.within(&part.reach).all(is_constant) {
        let runs = out.actors.len();
        for (held, reach) in stream.within(&part.reach) {
            let Marks::All(marks) = held.batch.marks() else { continue };
            let place =
                |row: usize| Place { stream: part.stream, row: held.first as u32 + row as u32 };
            if task.places {
                out.places.extend(reach.clone().map(place));
            }
            all(held, reach, marks, runs, out);
        }
    } else {
        let mut sieve = Sieve::new(task.first, out.times.len());
        for (held, reach) in stream.within(&part.reach) {
            let places =
                task.places.then_some(Place { stream: part.stream, row: held.first as u32 });
            sieve.add(held, reach, places, out);
        }
        sieve.finish(out);
    }
    if !out.times.is_empty() {
        out.starts.push(out.times.len());
    }
}

/// The actor to which the next rows belong unless they have another one; none if no run has begun since the `first`.
fn current(first: usize, out: &Runs) -> Option<u32> {
    out.actors.last().copied().filter(|_| out.actors.len() > first)
}

/// Adds rows that have the same marks.
fn all<B: RowBatch>(held: &Held<B>, rows: Range<usize>, marks: u64, first: usize, out: &mut Runs) {
    let actors = &held.batch.actors()[rows.clone()];
    let (given, mut runs) = (out.times.len(), out.starts.len());
    let Some(head) = actors.first() else { return };
    let goes_on = current(first, out) == Some(*head);
    out.starts.resize(runs + actors.len() + 1, given);
    // Every row is noted as the start of the next run, without a branch; only those that are one stay.
    runs += usize::from(!goes_on);
    for ([before, actor], row) in actors.array_windows::<2>().zip(given + 1..) {
        out.starts[runs] = row;
        runs += usize::from(before != actor);
    }
    out.starts.truncate(runs);
    let found = &out.starts[out.actors.len()..];
    out.actors.extend(found.iter().map(|row| actors[row - given]));
    out.times.extend_from_slice(&held.batch.times()[rows]);
    out.marks.resize(given + actors.len(), marks);
}

/// Takes rows that have marks, and runs that have a leading one.
struct Sieve {
    /// Marks that lead; 0 if every run does.
    first: u64,
    /// Whose run is open; none's at first.
    actor: u64,
    /// Where it starts.
    start: usize,
    /// Its marks so far.
    marks: u64,
    /// Where the next row goes. What is behind is overwritten.
    row: usize,
}

impl Sieve {
    const fn new(first: u64, row: usize) -> Self {
        Self { first, actor: u64::MAX, start: row, marks: 0, row }
    }

    /// Adds rows; places are counted on from the first row of the batch, if they are asked for.
    fn add<B: RowBatch>(
        &mut self,
        held: &Held<B>,
        rows: Range<usize>,
        places: Option<Place>,
        out: &mut Runs,
    ) {
        let columns = (&held.batch.actors()[rows.clone()], &held.batch.times()[rows.clone()]);
        let first = places.map(|first| Place { row: first.row + rows.start as u32, ..first });
        match held.batch.marks() {
            Marks::All(marks) => self.sift_or_place(columns, repeat((marks, true)), first, out),
            Marks::Each(marks) => {
                let marks = marks[rows].iter().map(|marks| (*marks, *marks != 0));
                self.sift_or_place(columns, marks, first, out);
            }
        }
    }

    fn sift_or_place(
        &mut self,
        columns: (&[u32], &[i64]),
        marks: impl Iterator<Item = (u64, bool)>,
        first: Option<Place>,
        out: &mut Runs,
    ) {
        let Some(first) = first else { return self.sift(columns, marks, out, |_, _, _| {}) };
        out.places.resize(self.row + columns.0.len(), Place::default());
        self.sift(columns, marks, out, |places, row, number| {
            places[row] = Place { row: first.row + number as u32, ..first };
        });
    }

    /// Adds rows with their marks and whether they are taken.
    fn sift(
        &mut self,
        (actors, times): (&[u32], &[i64]),
        marks: impl Iterator<Item = (u64, bool)>,
        out: &mut Runs,
        place: impl Fn(&mut [Place], usize, usize),
    ) {
        let wanted = self.row + actors.len();
        out.times.resize(wanted, 0);
        out.marks.resize(wanted, 0);
        let Runs { actors: runs, starts, times: kept, marks: kept_marks, places } = out;
        let (kept, kept_marks) = (kept.as_mut_slice(), kept_marks.as_mut_slice());
        let (mut row, mut all) = (self.row, self.marks);
        let rows = actors.iter().zip(times).zip(marks).enumerate();
        for (number, ((actor, time), (marks, is_taken))) in rows {
            if u64::from(*actor) != self.actor {
                (self.row, self.marks) = (row, all);
                self.close(runs, starts);
                (row, all, self.actor) = (self.row, 0, u64::from(*actor));
            }
            // Every row is written; the next one takes its place if it is not taken.
            (kept[row], kept_marks[row]) = (*time, marks);
            place(places, row, number);
            all |= marks;
            row += usize::from(is_taken);
        }
        (self.row, self.marks) = (row, all);
    }

    /// Keeps the open run or forgets its rows.
    fn close(&mut self, runs: &mut Vec<u32>, starts: &mut Vec<usize>) {
        let leads = self.first == 0 || self.marks & self.first != 0;
        if leads && self.row > self.start {
            runs.push(self.actor as u32);
            starts.push(self.start);
        } else {
            self.row = self.start;
        }
        self.start = self.row;
    }

    fn finish(mut self, out: &mut Runs) {
        self.close(&mut out.actors, &mut out.starts);
        out.times.truncate(self.row);
        out.marks.truncate(self.row);
        out.places.truncate(self.row);
    }
}
