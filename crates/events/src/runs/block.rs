//! A block of consecutive actors, from rows in streams to runs.

use super::alone;
use super::batch::{Marks, RowBatch};
use super::deal::Deal;
use super::given::Runs;
use super::key::{Key, Layout};
use super::ladder::Ladder;
use super::leads::Leads;
use super::pieces::{Part, Pieces, Rows};
use super::spread::Beside;
use super::stream::{Held, Stream};
use super::ties::{Scratch, settle};

/// Parts of a block up to which they are merged two by two. At 45 that took four fifths of the time of dealing them
/// out, at 1000 five quarters.
pub(super) const FEW: usize = 64;

/// The parts of a block and buffers that are used again.
#[derive(Debug, Default)]
pub(super) struct Block {
    /// What each stream has in it.
    pub(super) parts: Vec<Part>,
    leads: Leads,
    pieces: Pieces,
    beside: Beside,
    narrow: Desk<u64>,
    wide: Desk<u128>,
    scratch: Scratch,
    /// The lengths of the parts, each with the part's number.
    lengths: Vec<(usize, usize)>,
}

/// Where keys of one width are sorted.
#[derive(Debug, Default)]
struct Desk<K> {
    ladder: Ladder<K>,
    deal: Deal<K>,
}

/// What is asked of a block.
#[derive(Debug, Clone, Copy)]
pub(super) struct Task<'a> {
    /// Fields of the keys.
    pub(super) layout: Layout,
    /// How many actors from the layout's on.
    pub(super) span: usize,
    /// Whether keys fit in 64 bits.
    pub(super) narrow: bool,
    /// Only actors with one of these marks; 0 for all.
    pub(super) first: u64,
    /// Whether places are asked for.
    pub(super) places: bool,
    /// The streams in order; empty if the parts are numbered on their own.
    pub(super) order: &'a [u32],
}

impl Block {
    /// Adds the runs of the block.
    pub(super) fn give<B: RowBatch>(
        &mut self,
        streams: &[Stream<B>],
        task: &Task<'_>,
        out: &mut Runs,
    ) {
        if let [part] = self.parts.as_slice()
            && let Some(stream) = streams.get(part.stream as usize)
        {
            alone::give(stream, part, task, out);
            return;
        }
        self.select(streams, task);
        let slots = if task.order.is_empty() { self.parts.len() } else { streams.len() };
        if self.parts.iter().all(|part| part.taken == 0) {
            return;
        }
        self.beside.fetch(streams, &self.parts, &self.pieces, slots, task.places);
        let mut desk = if task.narrow {
            let mut desk = std::mem::take(&mut self.narrow);
            self.sort(&mut desk, streams, task, out);
            self.narrow = desk;
            return;
        } else {
            std::mem::take(&mut self.wide)
        };
        self.sort(&mut desk, streams, task, out);
        self.wide = desk;
    }

    /// Decides which rows are taken.
    fn select<B: RowBatch>(&mut self, streams: &[Stream<B>], task: &Task<'_>) {
        self.pieces.clear();
        let (base, first) = (task.layout.actor, task.first);
        if first != 0 {
            self.leads.clear(task.span);
            for part in &self.parts {
                let Some(stream) = streams.get(part.stream as usize) else { continue };
                for (held, rows) in stream.within(&part.reach) {
                    let actors = &held.batch.actors()[rows.clone()];
                    let marks = match held.batch.marks() {
                        Marks::Each(marks) => Marks::Each(&marks[rows]),
                        same => same,
                    };
                    self.leads.add(base, actors, marks, first);
                }
            }
            self.leads.settle();
        }
        for part in &mut self.parts {
            let Some(stream) = streams.get(part.stream as usize) else { continue };
            if first == 0 || leads_throughout(stream, part, first) {
                self.pieces.take(stream, part);
            } else {
                self.pieces.sift(stream, part, base, &self.leads);
            }
        }
    }

    fn sort<K: Key, B: RowBatch>(
        &mut self,
        desk: &mut Desk<K>,
        streams: &[Stream<B>],
        task: &Task<'_>,
        out: &mut Runs,
    ) {
        let given = out.times.len();
        out.starts.pop();
        let keys = if task.order.is_empty() {
            self.climb(&mut desk.ladder, streams, task, out)
        } else {
            desk.deal.gather(streams, &self.parts, &self.pieces, &task.layout, task.span);
            if task.layout.tie_bits == 0 && self.ties_matter(streams) {
                self.settle_runs(&mut desk.deal, streams, task);
            }
            desk.deal.runs(task.layout.actor, given, &mut out.actors, &mut out.starts);
            desk.deal.keys()
        };
        self.beside.spread(keys, &task.layout, out);
        out.starts.push(out.times.len());
    }

    /// Merges few parts.
    fn climb<'k, K: Key, B: RowBatch>(
        &mut self,
        ladder: &'k mut Ladder<K>,
        streams: &[Stream<B>],
        task: &Task<'_>,
        out: &mut Runs,
    ) -> &'k mut [K] {
        let layout = &task.layout;
        ladder.clear(self.parts.iter().map(|part| part.taken).sum(), self.parts.len());
        // Shortest first: then the longest ones are moved least often.
        self.lengths.clear();
        self.lengths.extend(self.parts.iter().map(|part| part.taken).zip(0..));
        self.lengths.sort_unstable();
        for (_, number) in &self.lengths {
            let part = &self.parts[*number];
            let Some(stream) = streams.get(part.stream as usize) else { continue };
            let mut room = ladder.sequence(part.taken);
            for (held, rows) in self.pieces.of(stream, part) {
                let (here, rest) = room.split_at_mut(rows.len());
                write(&rows, held, part.slot, layout, here);
                room = rest;
            }
        }
        let keys = ladder.merge();
        if layout.tie_bits == 0 && self.ties_matter(streams) {
            let stream = |slot: usize| {
                self.parts.get(slot).and_then(|part| streams.get(part.stream as usize))
            };
            let actor = |key: K| layout.actor + key.actor(layout);
            settle(keys, layout, actor, stream, &mut self.scratch);
        }
        bounds(keys, layout, task.span, out);
        keys
    }

    /// Whether two parts of one rank have rows with ties.
    fn ties_matter<B: RowBatch>(&self, streams: &[Stream<B>]) -> bool {
        let rank = |part: &Part| streams.get(part.stream as usize).map(|stream| stream.rank);
        self.parts.len() > 1
            && tie_bits(streams, &self.parts) > 0
            // Parts are in no order when there are many; then they are likely to share ranks anyway.
            && (self.parts.len() > FEW
                || self.parts.windows(2).any(|two| two.iter().map(rank).all(|r| r == rank(&two[0]))))
    }

    /// Bits of the ties that belong in keys: 0 without ties, or if ranks come before them.
    pub(super) fn tie_bits<B: RowBatch>(&self, streams: &[Stream<B>]) -> u32 {
        let rank = |part: &Part| streams.get(part.stream as usize).map(|stream| stream.rank);
        let first = self.parts.first().and_then(rank);
        let of_one_rank = self.parts.iter().all(|part| rank(part) == first);
        if of_one_rank { tie_bits(streams, &self.parts) } else { 0 }
    }

    fn settle_runs<K: Key, B: RowBatch>(
        &mut self,
        deal: &mut Deal<K>,
        streams: &[Stream<B>],
        task: &Task<'_>,
    ) {
        let stream =
            |slot: usize| task.order.get(slot).and_then(|number| streams.get(*number as usize));
        let bounds: Vec<usize> = deal.bounds().collect();
        let keys = deal.keys();
        let mut start = 0;
        for (end, place) in bounds.into_iter().zip(0_u32..) {
            let actor = |_: K| task.layout.actor + place;
            settle(&mut keys[start..end], &task.layout, actor, stream, &mut self.scratch);
            start = end;
        }
    }

    /// Bytes of the buffers.
    pub(super) fn memory(&self) -> usize {
        let desks = self.narrow.ladder.memory()
            + self.narrow.deal.memory()
            + self.wide.ladder.memory()
            + self.wide.deal.memory();
        desks + self.pieces.memory() + self.beside.memory()
    }
}

/// Writes the keys of rows.
fn write<K: Key, B: RowBatch>(
    rows: &Rows<'_>,
    held: &Held<B>,
    slot: u32,
    layout: &Layout,
    out: &mut [K],
) {
    let layout = *layout;
    let key =
        |actor: u32, time, beside| K::new(actor.wrapping_sub(layout.actor), time, beside, &layout);
    match held.batch.ties() {
        Some(ties) if layout.tie_bits > 0 => rows.write(&held.batch, out, |actor, time, row| {
            key(actor, time, layout.beside(slot, ties.get(row).copied().unwrap_or(0)))
        }),
        _ => {
            let beside = layout.beside(slot, 0);
            rows.write(&held.batch, out, |actor, time, _| key(actor, time, beside));
        }
    }
}

/// Bits of the largest tie of the batches that the parts are in.
fn tie_bits<B: RowBatch>(streams: &[Stream<B>], parts: &[Part]) -> u32 {
    let batches = parts.iter().filter_map(|part| Some((streams.get(part.stream as usize)?, part)));
    let bits = batches
        .flat_map(|(stream, part)| stream.within(&part.reach).map(|(held, _)| held.tie_bits));
    bits.max().unwrap_or(0)
}

/// Whether every row of a part leads.
pub(super) fn leads_throughout<B: RowBatch>(stream: &Stream<B>, part: &Part, first: u64) -> bool {
    stream
        .within(&part.reach)
        .all(|(held, _)| matches!(held.batch.marks(), Marks::All(marks) if marks & first != 0))
}

/// Adds the actors of sorted keys and where their rows start.
fn bounds<K: Key>(keys: &[K], layout: &Layout, span: usize, out: &mut Runs) {
    let Some(first) = keys.first() else { return };
    let (given, starts) = (out.times.len(), out.starts.len());
    out.starts.resize(starts + span.min(keys.len()) + 1, given);
    let found = out.starts.get_mut(starts..).unwrap_or_default();
    // Every row is noted as the start of the next run, without a branch; only those that are one stay.
    let mut runs = 1;
    for ((before, key), row) in keys.iter().zip(keys.iter().skip(1)).zip(given + 1..) {
        found[runs] = row;
        runs += usize::from(before.actor(layout) != key.actor(layout));
    }
    let rest = found.iter().take(runs).skip(1).map(|row| keys[row - given]);
    let actors = std::iter::once(*first).chain(rest);
    out.actors.extend(actors.map(|key| layout.actor + key.actor(layout)));
    out.starts.truncate(starts + runs);
}
