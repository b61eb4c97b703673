//! A block with rows of one stream: they are in order as they are.

use super::batch::{Marks, RowBatch};
use super::block::{Task, leads_throughout};
use super::given::{Place, Runs};
use super::pieces::Part;
use super::stream::{Held, Stream};
use std::ops::Range;

/// Adds the runs of a block's only part.
pub(super) fn give<B: RowBatch>(stream: &Stream<B>, part: &Part, task: &Task<'_>, out: &mut Runs) {
    let (rows, runs) = (out.times.len(), out.actors.len());
    out.starts.pop();
    for (held, reach) in stream.within(&part.reach) {
        let place = |row: usize| Place { stream: part.stream, row: held.first as u32 + row as u32 };
        match held.batch.marks() {
            Marks::All(marks) => {
                all(held, reach.clone(), marks, runs, out);
                if task.places {
                    out.places.extend(reach.map(place));
                }
            }
            Marks::Each(marks) => {
                each(held, reach.clone(), marks, runs, out);
                if task.places {
                    out.places.extend(reach.filter(|row| marks[*row] != 0).map(place));
                }
            }
        }
    }
    if task.first != 0 && !leads_throughout(stream, part, task.first) {
        retain(rows, runs, task, out);
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

/// Rows that are looked at together: what is written of them stays in the fastest cache.
const CHUNK: usize = 512;

/// Adds the rows that have marks.
fn each<B: RowBatch>(
    held: &Held<B>,
    rows: Range<usize>,
    marks: &[u64],
    first: usize,
    out: &mut Runs,
) {
    let mut actor = current(first, out).map_or(u64::MAX, u64::from);
    let actors = held.batch.actors()[rows.clone()].chunks(CHUNK);
    let chunks = actors.zip(held.batch.times()[rows.clone()].chunks(CHUNK));
    for ((actors, times), marks) in chunks.zip(marks[rows].chunks(CHUNK)) {
        let (mut kept, mut runs) = (Room::default(), Room::default());
        let (given, mut row, mut run) = (out.times.len(), 0, 0);
        // Every row is written, and as the start of a run; the next one takes its place unless it is one.
        for ((of, time), marks) in actors.iter().zip(times).zip(marks) {
            (kept.0[row % CHUNK], kept.1[row % CHUNK]) = (*time, *marks);
            (runs.0[run % CHUNK], runs.1[run % CHUNK]) = (given + row, *of);
            let (taken, next) = (*marks != 0, u64::from(*of));
            run += usize::from(taken & (next != actor));
            row += usize::from(taken);
            actor = if taken { next } else { actor };
        }
        out.times.extend_from_slice(&kept.0[..row]);
        out.marks.extend_from_slice(&kept.1[..row]);
        out.starts.extend_from_slice(&runs.0[..run]);
        out.actors.extend_from_slice(&runs.1[..run]);
    }
}

/// Room for a chunk of two columns.
struct Room<A, B>([A; CHUNK], [B; CHUNK]);

impl<A: Copy + Default, B: Copy + Default> Default for Room<A, B> {
    fn default() -> Self {
        Self([A::default(); CHUNK], [B::default(); CHUNK])
    }
}

/// Leaves out the runs from `first` on without a leading mark; the rows of the first of them start at `row`.
fn retain(mut row: usize, first: usize, task: &Task<'_>, out: &mut Runs) {
    let (mut kept, end) = (first, out.times.len());
    for run in first..out.actors.len() {
        let rows = out.starts[run]..out.starts.get(run + 1).copied().unwrap_or(end);
        if out.marks[rows.clone()].iter().fold(0, |all, marks| all | marks) & task.first == 0 {
            continue;
        }
        if row != rows.start {
            out.times.copy_within(rows.clone(), row);
            out.marks.copy_within(rows.clone(), row);
            if task.places {
                out.places.copy_within(rows.clone(), row);
            }
        }
        (out.actors[kept], out.starts[kept]) = (out.actors[run], row);
        (kept, row) = (kept + 1, row + rows.len());
    }
    out.actors.truncate(kept);
    out.starts.truncate(kept);
    out.times.truncate(row);
    out.marks.truncate(row);
    out.places.truncate(row);
}
