//! Many streams: rows are dealt out to their actors by counting, then each run is sorted.

use super::batch::RowBatch;
use super::key::{Key, Layout};
use super::pieces::{Part, Pieces};
use super::stream::Stream;

/// The rows of a block, actor by actor.
#[derive(Debug, Default)]
pub(super) struct Deal<K> {
    keys: Vec<K>,
    /// Where the next row of each actor goes; at last, where its rows end.
    ends: Vec<u32>,
}

/// A row that is dealt out.
struct Row<'a> {
    actor: u32,
    time: i64,
    slot: u32,
    /// The ties of its batch, of which its own has this number.
    ties: &'a [u32],
    number: usize,
}

impl<K: Key> Deal<K> {
    /// Deals out the rows of all parts and sorts each run. The keys hold no actors.
    pub(super) fn gather<B: RowBatch>(
        &mut self,
        streams: &[Stream<B>],
        parts: &[Part],
        pieces: &Pieces,
        layout: &Layout,
        span: usize,
    ) {
        let rows: usize = parts.iter().map(|part| part.taken).sum();
        if self.keys.len() < rows {
            self.keys.resize(rows, K::END);
        }
        self.ends.clear();
        self.ends.resize(span + 1, 0);
        // Counted one place further on, so that the sums up to a place are where its rows start.
        self.each(streams, parts, pieces, |ends, _, row| {
            ends[(row.actor - layout.actor) as usize + 1] += 1;
        });
        let mut sum = 0;
        for end in &mut self.ends {
            sum += *end;
            *end = sum;
        }
        let with_ties = layout.tie_bits > 0;
        self.each(streams, parts, pieces, |ends, keys, row| {
            let end = &mut ends[(row.actor - layout.actor) as usize];
            let tie = if with_ties { row.ties.get(row.number).copied().unwrap_or(0) } else { 0 };
            keys[*end as usize] = K::new(0, row.time, layout.beside(row.slot, tie), layout);
            *end += 1;
        });
        let mut rest = self.keys.as_mut_slice();
        let mut start = 0;
        for end in &self.ends {
            let (run, after) = std::mem::take(&mut rest).split_at_mut((*end - start) as usize);
            run.sort_unstable();
            (rest, start) = (after, *end);
        }
    }

    #[inline(always)]
    fn each<B: RowBatch>(
        &mut self,
        streams: &[Stream<B>],
        parts: &[Part],
        pieces: &Pieces,
        see: impl Fn(&mut [u32], &mut [K], Row<'_>),
    ) {
        let (ends, keys) = (self.ends.as_mut_slice(), self.keys.as_mut_slice());
        for part in parts {
            let Some(stream) = streams.get(part.stream as usize) else { continue };
            for (held, rows) in pieces.of(stream, part) {
                let (slot, ties) = (part.slot, held.batch.ties().unwrap_or_default());
                rows.each(&held.batch, |actor, time, number| {
                    see(ends, keys, Row { actor, time, slot, ties, number });
                });
            }
        }
    }

    /// Adds the actors that have rows, and where their rows start behind the `given` rows.
    pub(super) fn runs(
        &self,
        base: u32,
        given: usize,
        actors: &mut Vec<u32>,
        starts: &mut Vec<usize>,
    ) {
        let mut start = 0;
        for (end, actor) in self.ends.iter().zip(0_u32..) {
            if *end > start {
                actors.push(base + actor);
                starts.push(given + start as usize);
            }
            start = *end;
        }
    }

    /// The sorted keys.
    pub(super) fn keys(&mut self) -> &mut [K] {
        let rows = self.ends.last().map_or(0, |end| *end as usize);
        self.keys.get_mut(..rows).unwrap_or_default()
    }

    /// The runs' bounds in the keys.
    pub(super) fn bounds(&self) -> impl Iterator<Item = usize> {
        self.ends.iter().map(|end| *end as usize)
    }

    /// Bytes of the buffers.
    pub(super) fn memory(&self) -> usize {
        self.keys.capacity() * size_of::<K>() + self.ends.capacity() * size_of::<u32>()
    }
}
