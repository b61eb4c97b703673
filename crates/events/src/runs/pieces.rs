//! The rows of a block that are taken, stream by stream, without copying them yet.

use super::batch::{Marks, RowBatch};
use super::leads::Leads;
use super::stream::{Held, Reach, Stream, below};
use std::ops::Range;

/// What a stream has in a block.
#[derive(Debug)]
pub(super) struct Part {
    /// The stream.
    pub(super) stream: u32,
    /// Its place in the order of the streams.
    pub(super) slot: u32,
    /// Its rows in the block.
    pub(super) reach: Reach,
    /// How many of them are taken.
    pub(super) taken: usize,
    /// Which pieces hold them.
    pub(super) pieces: Range<usize>,
}

/// Rows of one batch.
#[derive(Debug)]
pub(super) struct Piece {
    /// The batch's place in the queue of its stream.
    batch: u32,
    /// Rows of the batch, or where their numbers are.
    rows: Range<usize>,
    /// Whether single rows are picked.
    picked: bool,
}

/// The pieces of a block.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    pieces: Vec<Piece>,
    picks: Vec<u32>,
}

/// Where the rows of a piece are in their batch.
pub(super) enum Rows<'a> {
    /// Side by side.
    All(Range<usize>),
    /// Here and there.
    Picked(&'a [u32]),
}

/// Rows of a stream for each actor asked for, from which on single actors are searched for in it.
const SEARCH: usize = 24;

impl Pieces {
    /// Forgets all pieces.
    pub(super) fn clear(&mut self) {
        self.pieces.clear();
        self.picks.clear();
    }

    /// Takes all rows of a part that have marks.
    pub(super) fn take<B: RowBatch>(&mut self, stream: &Stream<B>, part: &mut Part) {
        let start = self.pieces.len();
        for ((held, rows), batch) in stream.within(&part.reach).zip(0..) {
            part.taken += match held.batch.marks() {
                Marks::Each(marks) => {
                    let has_mark = |row: usize| usize::from(marks[row] != 0);
                    self.pick(batch, rows, has_mark)
                }
                Marks::All(_) => {
                    let taken = rows.len();
                    self.pieces.push(Piece { batch, rows, picked: false });
                    taken
                }
            };
        }
        part.pieces = start..self.pieces.len();
    }

    /// Takes the rows of the actors that are asked for.
    pub(super) fn sift<B: RowBatch>(
        &mut self,
        stream: &Stream<B>,
        part: &mut Part,
        base: u32,
        leads: &Leads,
    ) {
        let (start, all) = (self.pieces.len(), leads);
        let few = leads.count() * SEARCH < part.reach.rows;
        for ((held, rows), batch) in stream.within(&part.reach).zip(0..) {
            let actors = held.batch.actors();
            let leads = |row: usize| leads.bit(actors[row].wrapping_sub(base));
            part.taken += match held.batch.marks() {
                Marks::All(_) if few => self.search(held, batch, rows, base, all),
                Marks::All(_) => self.pick(batch, rows, leads),
                Marks::Each(marks) => {
                    self.pick(batch, rows, |row| leads(row) & usize::from(marks[row] != 0))
                }
            };
        }
        part.pieces = start..self.pieces.len();
    }

    fn search<B: RowBatch>(
        &mut self,
        held: &Held<B>,
        batch: u32,
        rows: Range<usize>,
        base: u32,
        leads: &Leads,
    ) -> usize {
        let (mut rest, mut at, mut taken) = (&held.batch.actors()[rows.clone()], rows.start, 0);
        for place in leads.list() {
            let actor = u64::from(base) + u64::from(*place);
            let before = below(rest, actor);
            let count = below(&rest[before..], actor + 1);
            let from = at + before;
            if count > 0 {
                self.pieces.push(Piece { batch, rows: from..from + count, picked: false });
            }
            (rest, at, taken) = (&rest[before + count..], from + count, taken + count);
            if rest.is_empty() {
                break;
            }
        }
        taken
    }

    /// Takes single rows of a batch: those for which `takes` gives 1 and not 0.
    fn pick(&mut self, batch: u32, rows: Range<usize>, takes: impl Fn(usize) -> usize) -> usize {
        let start = self.picks.len();
        let mut taken = start;
        self.picks.resize(start + rows.len() + 1, 0);
        // Each row's number is written; the next one takes its place unless the row is taken.
        for row in rows {
            self.picks[taken] = row as u32;
            taken += takes(row);
        }
        self.picks.truncate(taken);
        if taken > start {
            self.pieces.push(Piece { batch, rows: start..taken, picked: true });
        }
        taken - start
    }

    /// The pieces of a part, each with its batch.
    pub(super) fn of<'a, B: RowBatch>(
        &'a self,
        stream: &'a Stream<B>,
        part: &Part,
    ) -> impl Iterator<Item = (&'a Held<B>, Rows<'a>)> {
        let pieces = self.pieces.get(part.pieces.clone()).unwrap_or_default();
        pieces.iter().filter_map(|piece| {
            let rows = if piece.picked {
                Rows::Picked(&self.picks[piece.rows.clone()])
            } else {
                Rows::All(piece.rows.clone())
            };
            Some((stream.held(piece.batch as usize)?, rows))
        })
    }

    /// Bytes of the buffers.
    pub(super) fn memory(&self) -> usize {
        self.pieces.capacity() * size_of::<Piece>() + self.picks.capacity() * size_of::<u32>()
    }
}

impl Rows<'_> {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::All(rows) => rows.len(),
            Self::Picked(rows) => rows.len(),
        }
    }

    /// Hands out actor and time of each row, and its number in the batch.
    #[inline(always)]
    pub(super) fn each(&self, batch: &impl RowBatch, mut see: impl FnMut(u32, i64, usize)) {
        let (actors, times) = (batch.actors(), batch.times());
        match self {
            Self::All(rows) => {
                let columns = actors[rows.clone()].iter().zip(&times[rows.clone()]);
                columns.zip(rows.clone()).for_each(|((actor, time), row)| see(*actor, *time, row));
            }
            Self::Picked(rows) => rows.iter().for_each(|row| {
                let row = *row as usize;
                see(actors[row], times[row], row);
            }),
        }
    }

    /// Writes what `make` makes of actor and time of each row, and of its number in the batch.
    #[inline(always)]
    pub(super) fn write<K>(
        &self,
        batch: &impl RowBatch,
        out: &mut [K],
        make: impl Fn(u32, i64, usize) -> K,
    ) {
        let (actors, times) = (batch.actors(), batch.times());
        match self {
            Self::All(rows) => {
                let columns = actors[rows.clone()].iter().zip(&times[rows.clone()]);
                let columns = columns.zip(rows.clone());
                out.iter_mut()
                    .zip(columns)
                    .for_each(|(out, ((actor, time), row))| *out = make(*actor, *time, row));
            }
            Self::Picked(rows) => out.iter_mut().zip(*rows).for_each(|(out, row)| {
                let row = *row as usize;
                *out = make(actors[row], times[row], row);
            }),
        }
    }

    /// Adds the marks of each row.
    pub(super) fn marks(&self, marks: Marks<'_>, out: &mut Vec<u64>) {
        match (marks, self) {
            (Marks::All(marks), _) => out.resize(out.len() + self.len(), marks),
            (Marks::Each(marks), Self::All(rows)) => out.extend_from_slice(&marks[rows.clone()]),
            (Marks::Each(marks), Self::Picked(rows)) => {
                out.extend(rows.iter().map(|row| marks[*row as usize]));
            }
        }
    }

    /// Adds the number of each row; the batch's first row has the given one.
    pub(super) fn numbers(&self, first: u32, out: &mut Vec<u32>) {
        match self {
            Self::All(rows) => out.extend(rows.clone().map(|row| first + row as u32)),
            Self::Picked(rows) => out.extend(rows.iter().map(|row| first + row)),
        }
    }
}
