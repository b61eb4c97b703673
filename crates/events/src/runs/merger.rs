//! Which rows can be given out, and which are missed.

use super::batch::RowBatch;
use super::block::{Block, FEW, Task};
use super::error::RunError;
use super::given::Runs;
use super::key::{Layout, bits};
use super::pieces::Part;
use super::stream::Stream;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Rows of a block, about.
const TARGET: usize = 8 << 10;

/// Rows of a block for each stream, about: what a block costs for each stream is shared by them.
const TARGET_OF_STREAM: usize = 32;

/// Most actors of a block.
const MOST_ACTORS: u64 = 1 << 15;

/// Fewest actors for which a block is cut down so that its keys fit in 64 bits.
const FEW_ACTORS: u32 = 6;

/// What is known of a stream before its rows come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamOrder {
    /// Orders rows of equal times before their ties do: the generation of the stream.
    pub rank: u32,
    /// The marks that its rows may have. A stream that cannot have a mark that is asked for first never leads.
    pub marks: u64,
}

impl StreamOrder {
    /// A stream of this rank with any marks.
    #[must_use]
    pub const fn new(rank: u32) -> Self {
        Self { rank, marks: u64::MAX }
    }

    /// The same, with these marks at most.
    #[must_use]
    pub const fn with_marks(self, marks: u64) -> Self {
        Self { marks, ..self }
    }
}

/// Merges ordered streams into runs.
///
/// Rows of an actor are ordered by time, then by the rank of their stream, then by their tie; where all are equal, by
/// the number of their stream, then by their order in it.
///
/// It keeps the rows that were pushed and not given out: with a driver that serves [`wants`](Self::wants), a batch or
/// so of each stream, and all rows of the actor with the most.
#[derive(Debug)]
pub struct RunMerger<B> {
    streams: Vec<Stream<B>>,
    /// The streams by rank, then number.
    order: Vec<u32>,
    /// The place of each stream in that order.
    slots: Vec<u32>,
    /// The actor of the first buffered row of each stream.
    heads: Vec<u64>,
    /// The streams that may lead.
    leaders: Vec<u32>,
    /// Streams that are not finished, by the actor up to which they are known. Only the top is sure to be up to date.
    bounds: BinaryHeap<Reverse<(u64, u32)>>,
    first: u64,
    places: bool,
    /// Actors of the next block, by the rows of the one before.
    step: u64,
    buffered: usize,
    /// Rows that came since something was given out.
    fresh: usize,
    block: Block,
}

impl<B: RowBatch> RunMerger<B> {
    /// A merger of these streams. Actors without a row that has one of the `first` marks are left out; 0 leaves none
    /// out.
    #[must_use]
    pub fn new(streams: &[StreamOrder], first: u64) -> Self {
        let leads = |stream: &StreamOrder| first == 0 || stream.marks & first != 0;
        let numbers = 0..u32::try_from(streams.len()).unwrap_or(u32::MAX);
        let mut order: Vec<u32> = numbers.clone().collect();
        order.sort_by_key(|number| streams[*number as usize].rank);
        let mut slots = vec![0; streams.len()];
        for (slot, number) in numbers.clone().zip(&order) {
            slots[*number as usize] = slot;
        }
        let leaders = numbers.clone().filter(|number| leads(&streams[*number as usize])).collect();
        let made = streams.iter().enumerate();
        Self {
            streams: made.map(|(n, stream)| Stream::new(n, stream.rank, stream.marks)).collect(),
            order,
            slots,
            heads: vec![u64::MAX; streams.len()],
            leaders,
            bounds: numbers.map(|number| Reverse((0, number))).collect(),
            first,
            places: false,
            step: 64,
            buffered: 0,
            fresh: 0,
            block: Block::default(),
        }
    }

    /// The same, telling where each row came from.
    #[must_use]
    pub fn with_places(self) -> Self {
        Self { places: true, ..self }
    }

    /// Takes the next rows of a stream.
    ///
    /// # Errors
    /// Rows out of order, columns of different lengths, marks that were not announced, a stream that was
    /// finished or that there is not. Nothing is taken then.
    pub fn push(&mut self, stream: usize, batch: B) -> Result<(), RunError> {
        let (streams, done, places) = (self.streams.len(), self.is_done(), self.places);
        let target = self.streams.get_mut(stream).ok_or(RunError::NoStream { stream, streams })?;
        let Some(held) = target.check(batch, streams == 1)? else { return Ok(()) };
        let rows = held.batch.actors().len();
        let numbered = if places { target.came() } else { 0 } + rows as u64;
        if numbered > u64::from(u32::MAX) {
            return Err(RunError::Long { stream });
        }
        target.accept(held, !done);
        if !done {
            self.heads[stream] = target.head();
            self.buffered += rows;
            self.fresh = self.fresh.saturating_add(rows);
            self.settle_bounds();
        }
        Ok(())
    }

    /// Notes that a stream has no more rows. A number that there is not is no stream and has none.
    pub fn finish(&mut self, stream: usize) {
        if let Some(stream) = self.streams.get_mut(stream) {
            stream.finished = true;
            self.settle_bounds();
        }
    }

    /// The stream whose rows are needed before anything more can be given out. None: no more is needed of any, once
    /// [`next`](Self::next) gives nothing.
    #[must_use]
    pub fn wants(&self) -> Option<usize> {
        if self.is_done() {
            return None;
        }
        self.bounds.peek().map(|Reverse((_, stream))| *stream as usize)
    }

    /// Fills `out` with whole runs of the next actors, about 8 k rows of few streams; the rows of one actor may be
    /// more. False: `out` is empty, and stays so until [`wants`](Self::wants) is served.
    pub fn next(&mut self, out: &mut Runs) -> bool {
        out.clear();
        while out.rows() < self.target() / 2 && self.step(out) {}
        !out.actors.is_empty()
    }

    /// Rows that were pushed and neither given out nor left out.
    #[must_use]
    pub const fn buffered_rows(&self) -> usize {
        self.buffered
    }

    /// Bytes of what is buffered: whole batches, and what merging takes beside them.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.streams.iter().map(Stream::memory).sum::<usize>() + self.block.memory()
    }

    fn target(&self) -> usize {
        (self.streams.len() * TARGET_OF_STREAM).clamp(TARGET, TARGET * 8)
    }

    /// Whether no more can come out: every stream that may lead is finished and used up.
    fn is_done(&self) -> bool {
        self.leaders.iter().all(|number| {
            let number = *number as usize;
            self.heads[number] == u64::MAX && self.streams[number].finished
        })
    }

    /// Takes what is out of date off the top of the bounds.
    fn settle_bounds(&mut self) {
        while let Some(mut top) = self.bounds.peek_mut() {
            let Reverse((bound, number)) = *top;
            let stream = &self.streams[number as usize];
            if stream.finished {
                std::collections::binary_heap::PeekMut::pop(top);
            } else if stream.bound() == bound {
                break;
            } else {
                *top = Reverse((stream.bound(), number));
            }
        }
    }

    /// Adds the runs of the next block; false if there is none yet.
    fn step(&mut self, out: &mut Runs) -> bool {
        let bound = self.bounds.peek().map_or(u64::MAX, |Reverse((bound, _))| *bound);
        let first = self.leaders.iter().map(|number| self.heads[*number as usize]).min();
        let first = first.unwrap_or(u64::MAX);
        let waits = bound < first.saturating_add(self.step) && self.fresh < self.target();
        if first >= bound || waits {
            if self.is_done() {
                self.leave_out(u64::MAX);
            } else if !waits && self.first != 0 {
                self.leave_out(first.min(bound));
                self.fresh = 0;
            }
            return false;
        }
        self.fresh = 0;
        let span = self.measure(first as u32, self.step.min(bound - first));
        let (layout, span, narrow) = self.lay_out(first as u32, span);
        let order = if self.is_few() { &[] } else { self.order.as_slice() };
        let task = Task { layout, span, narrow, first: self.first, places: self.places, order };
        self.block.give(&self.streams, &task, out);
        for part in &self.block.parts {
            let number = part.stream as usize;
            self.streams[number].pass(&part.reach);
            self.heads[number] = self.streams[number].head();
            self.buffered -= part.reach.rows;
        }
        true
    }

    /// Drops rows below an actor, of streams that do not lead.
    fn leave_out(&mut self, limit: u64) {
        for (stream, head) in self.streams.iter_mut().zip(&mut self.heads) {
            if *head < limit {
                let reach = stream.reach(limit);
                stream.pass(&reach);
                self.buffered -= reach.rows;
                *head = stream.head();
            }
        }
    }

    /// Finds the rows of up to `span` actors, of fewer if those have too many rows. Gives the number of actors.
    fn measure(&mut self, first: u32, mut span: u64) -> u64 {
        let (from, target) = (u64::from(first), self.target() as u64);
        self.block.parts.clear();
        for number in 0..self.heads.len() {
            if self.heads[number] >= from + span {
                continue;
            }
            if self.heads[number] < from {
                self.skip(number, from);
            }
            let part = Part {
                stream: number as u32,
                slot: self.slots[number],
                reach: self.streams[number].reach(from + span),
                taken: 0,
                pieces: 0..0,
            };
            if part.reach.rows > 0 {
                self.block.parts.push(part);
            }
        }
        let mut rows = self.rows();
        let asked = span;
        while rows > 4 * target && span > 1 {
            span = (span * target / rows).clamp(1, span / 2);
            rows = self.cut(from + span);
        }
        let guess = span.saturating_mul(target) / rows.max(1);
        // A block that was cut short by its bound tells less of the next one than one that was not.
        if asked == self.step || span < asked || rows > target {
            self.step = guess.clamp(span.div_ceil(4), span.saturating_mul(4)).clamp(1, MOST_ACTORS);
        }
        span
    }

    /// Drops the rows of a stream below an actor.
    fn skip(&mut self, number: usize, limit: u64) {
        let reach = self.streams[number].reach(limit);
        self.streams[number].pass(&reach);
        self.heads[number] = self.streams[number].head();
        self.buffered -= reach.rows;
    }

    fn rows(&self) -> u64 {
        self.block.parts.iter().map(|part| part.reach.rows as u64).sum()
    }

    /// Cuts the block at an actor.
    fn cut(&mut self, limit: u64) -> u64 {
        let streams = &self.streams;
        self.block.parts.retain_mut(|part| {
            part.reach = streams[part.stream as usize].reach(limit);
            part.reach.rows > 0
        });
        self.rows()
    }

    fn is_few(&self) -> bool {
        self.block.parts.len() <= FEW || self.rows() > u64::from(u32::MAX)
    }

    /// The keys of the block: their fields, the number of actors, and whether they fit in 64 bits.
    fn lay_out(&mut self, first: u32, mut span: u64) -> (Layout, usize, bool) {
        let parts = &self.block.parts;
        let times = parts.iter().flat_map(|part| {
            self.streams[part.stream as usize].within(&part.reach).map(|(held, _)| held.times)
        });
        let range = times.reduce(|all, one| (all.0.min(one.0), all.1.max(one.1)));
        let slots = if self.is_few() { parts.len() } else { self.streams.len() };
        let layout = Layout::new(first, range.unwrap_or_default(), slots);
        let ties = self.block.tie_bits(&self.streams);
        let room = (u64::BITS - 1).checked_sub(layout.low_bits());
        if !self.is_few() {
            let narrow = room.is_some();
            return (layout.with_ties(ties, 0, narrow), span as usize, narrow);
        }
        let fits = room.is_some_and(|room| bits(span - 1) <= room);
        let cut = room.filter(|room| !fits && *room >= FEW_ACTORS);
        if let Some(room) = cut {
            span = 1 << room;
            self.cut(u64::from(first) + span);
        }
        self.number_parts();
        let narrow = fits || cut.is_some();
        (layout.with_ties(ties, bits(span - 1), narrow), span as usize, narrow)
    }

    /// Few parts are put in order and numbered on their own: their numbers take fewer bits than those of all streams.
    fn number_parts(&mut self) {
        self.block.parts.sort_unstable_by_key(|part| part.slot);
        for (part, slot) in self.block.parts.iter_mut().zip(0..) {
            part.slot = slot;
        }
    }
}
