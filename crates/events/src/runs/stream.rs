//! One ordered stream: its batches that still hold rows.

use super::batch::{Marks, RowBatch, Spot, disorder, spot, tie_bits, time_range, uneven};
use super::error::RunError;
use std::collections::VecDeque;

/// A stream and what of it is buffered.
#[derive(Debug)]
pub(super) struct Stream<B> {
    /// Its number.
    pub(super) number: usize,
    /// Orders rows of equal times before their ties do.
    pub(super) rank: u32,
    /// The marks that its rows may have.
    pub(super) marks: u64,
    /// Whether no more rows come.
    pub(super) finished: bool,
    queue: VecDeque<Held<B>>,
    /// Rows of the first batch that are done with.
    done: usize,
    /// The last row that came.
    last: Option<Spot>,
    /// Rows that came.
    came: u64,
}

/// A batch and what is known of it.
#[derive(Debug)]
pub(super) struct Held<B> {
    /// The rows.
    pub(super) batch: B,
    /// The number of the first row in the stream.
    pub(super) first: u64,
    /// The smallest and the largest time.
    pub(super) times: (i64, i64),
    /// Bits of the ties.
    pub(super) tie_bits: u32,
}

/// How much of a stream's buffered rows is below an actor.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Reach {
    /// Number of rows.
    pub(super) rows: usize,
    /// Batches that are below as a whole.
    batches: usize,
    /// Where the rows end in the batch after them.
    end: usize,
}

impl<B: RowBatch> Stream<B> {
    pub(super) fn new(number: usize, rank: u32, marks: u64) -> Self {
        let (queue, finished) = (VecDeque::new(), false);
        Self { number, rank, marks, finished, queue, done: 0, last: None, came: 0 }
    }

    /// Checks the rows of a batch. An empty one is nothing.
    /// `alone` says that there is no other stream, so that times need not fit in keys.
    pub(super) fn check(&self, batch: B, alone: bool) -> Result<Option<Held<B>>, RunError> {
        let (stream, rows) = (self.number, batch.actors().len());
        if self.finished {
            return Err(RunError::Finished { stream });
        }
        if let Some((column, found)) = uneven(&batch) {
            return Err(RunError::Lengths { stream, actors: rows, column, found });
        }
        let Some(head) = spot(&batch, 0) else { return Ok(None) };
        let tie_bits = tie_bits(&batch);
        let disorder = |row: usize, before: Option<Spot>, found: Option<Spot>| RunError::Order {
            stream,
            row: self.came + row as u64,
            before: before.unwrap_or_default(),
            found: found.unwrap_or_default(),
        };
        if self.last.is_some_and(|last| head < last) {
            return Err(disorder(0, self.last, Some(head)));
        }
        if let Some(row) = self::disorder(&batch, tie_bits > 0) {
            return Err(disorder(row, spot(&batch, row - 1), spot(&batch, row)));
        }
        self.check_marks(&batch)?;
        let times = if alone { (0, 0) } else { time_range(batch.times()) };
        Ok(Some(Held { batch, first: self.came, times, tie_bits }))
    }

    /// Rows without a mark that the stream was not said to have.
    fn check_marks(&self, batch: &B) -> Result<(), RunError> {
        let (stream, expected) = (self.number, self.marks);
        let error = |row, found| Err(RunError::Marks { stream, row, found, expected });
        match batch.marks() {
            _ if expected == u64::MAX => Ok(()),
            Marks::All(marks) if marks & !expected != 0 => error(self.came, marks),
            Marks::All(_) => Ok(()),
            Marks::Each(marks)
                if marks.iter().fold(0, |all, marks| all | marks) & !expected == 0 =>
            {
                Ok(())
            }
            Marks::Each(marks) => {
                match marks.iter().zip(self.came..).find(|(marks, _)| **marks & !expected != 0) {
                    Some((marks, row)) => error(row, *marks),
                    None => Ok(()),
                }
            }
        }
    }

    /// Notes that the rows came; they are kept if `keep` says so.
    pub(super) fn accept(&mut self, held: Held<B>, keep: bool) {
        let rows = held.batch.actors().len();
        self.last = spot(&held.batch, rows.saturating_sub(1));
        self.came += rows as u64;
        if keep {
            self.queue.push_back(held);
        }
    }

    /// Rows that came.
    pub(super) const fn came(&self) -> u64 {
        self.came
    }

    /// Below this actor no more rows come.
    pub(super) fn bound(&self) -> u64 {
        self.last.map_or(0, |last| u64::from(last.0))
    }

    /// The actor of the first buffered row; without one, beyond all actors.
    pub(super) fn head(&self) -> u64 {
        let actor = self.queue.front().and_then(|held| held.batch.actors().get(self.done));
        actor.map_or(u64::MAX, |actor| u64::from(*actor))
    }

    /// The buffered rows below an actor.
    pub(super) fn reach(&self, limit: u64) -> Reach {
        let (mut reach, mut from) = (Reach::default(), self.done);
        for held in &self.queue {
            let rest = held.batch.actors().get(from..).unwrap_or_default();
            let below = below(rest, limit);
            reach.rows += below;
            if below < rest.len() {
                reach.end = from + below;
                break;
            }
            reach.batches += 1;
            from = 0;
        }
        reach
    }

    /// Is done with these rows.
    pub(super) fn pass(&mut self, reach: &Reach) {
        self.queue.drain(..reach.batches);
        self.done = reach.end;
    }

    /// The batches within reach, each with the rows of it that are.
    pub(super) fn within(
        &self,
        reach: &Reach,
    ) -> impl Iterator<Item = (&Held<B>, std::ops::Range<usize>)> {
        let parts = reach.batches + usize::from(reach.end > 0);
        let (reach, done) = (*reach, self.done);
        self.queue.iter().take(parts).enumerate().map(move |(number, held)| {
            let from = if number == 0 { done } else { 0 };
            let rows = held.batch.actors().len();
            (held, from..if number < reach.batches { rows } else { reach.end })
        })
    }

    /// A buffered batch by its place in the queue.
    pub(super) fn held(&self, number: usize) -> Option<&Held<B>> {
        self.queue.get(number)
    }

    /// Adds the ties of the buffered rows of an actor at a time that have marks.
    pub(super) fn ties_at(&self, actor: u32, time: i64, ties: &mut Vec<u32>) {
        let before = |held: &Held<B>| {
            let last = held.batch.actors().len().saturating_sub(1);
            spot(&held.batch, last).is_some_and(|last| (last.0, last.1) < (actor, time))
        };
        for held in self.queue.range(self.queue.partition_point(before)..) {
            let (actors, times) = (held.batch.actors(), held.batch.times());
            let start = actors.partition_point(|found| *found < actor);
            let rows = start..start + below(&actors[start..], u64::from(actor) + 1);
            let start = start + times[rows.clone()].partition_point(|found| *found < time);
            let end = start + times[start..rows.end].iter().take_while(|t| **t == time).count();
            let all = held.batch.ties();
            let tie = |row: usize| all.map_or(0, |ties| ties[row]);
            match held.batch.marks() {
                Marks::All(_) => ties.extend((start..end).map(tie)),
                Marks::Each(marks) => {
                    ties.extend((start..end).filter(|row| marks[*row] != 0).map(tie));
                }
            }
            if end < actors.len() {
                break;
            }
        }
    }

    /// Bytes of the buffered batches.
    pub(super) fn memory(&self) -> usize {
        self.queue.iter().map(|held| memory(&held.batch)).sum()
    }
}

/// Bytes of a batch's columns.
fn memory(batch: &impl RowBatch) -> usize {
    let marks = match batch.marks() {
        Marks::All(_) => 0,
        Marks::Each(_) => size_of::<u64>(),
    };
    let tie = if batch.ties().is_some() { size_of::<u32>() } else { 0 };
    batch.actors().len() * (size_of::<u32>() + size_of::<i64>() + tie + marks)
}

/// How many of ascending actors are below a limit, found in steps that grow from the front.
pub(super) fn below(actors: &[u32], limit: u64) -> usize {
    let is_below = |actor: &u32| u64::from(*actor) < limit;
    if actors.last().is_none_or(is_below) {
        return actors.len();
    }
    let mut reach = 8;
    while actors.get(reach).is_some_and(is_below) {
        reach *= 2;
    }
    let start = if reach == 8 { 0 } else { reach / 2 };
    let end = reach.min(actors.len());
    start + actors[start..end].partition_point(is_below)
}
