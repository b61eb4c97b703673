//! From sorted keys back to columns.

use super::batch::{Marks, RowBatch};
use super::given::{Place, Runs};
use super::key::{Key, Layout};
use super::pieces::{Part, Pieces};
use super::stream::Stream;

/// What belongs to the rows of a block beside their keys, by slot.
#[derive(Debug, Default)]
pub(super) struct Beside {
    /// The marks of every row of a slot.
    table: Vec<u64>,
    /// The stream of a slot.
    streams: Vec<u32>,
    /// The next row of a slot in the columns below.
    cursors: Vec<usize>,
    marks: Vec<u64>,
    numbers: Vec<u32>,
    /// Whether rows of one slot differ, so that the table will not do.
    differ: bool,
}

impl Beside {
    /// Fetches what the parts have; the slots are numbers below `slots`.
    pub(super) fn fetch<B: RowBatch>(
        &mut self,
        streams: &[Stream<B>],
        parts: &[Part],
        pieces: &Pieces,
        slots: usize,
        places: bool,
    ) {
        self.table.resize(slots, 0);
        self.cursors.resize(slots, 0);
        self.streams.resize(slots, 0);
        self.marks.clear();
        self.numbers.clear();
        self.differ = places;
        for part in parts {
            let (slot, Some(stream)) = (part.slot as usize, streams.get(part.stream as usize))
            else {
                continue;
            };
            self.streams[slot] = part.stream;
            match constant(stream, part) {
                Some(marks) => self.table[slot] = marks,
                None => self.differ = true,
            }
        }
        if !self.differ {
            return;
        }
        for part in parts {
            let Some(stream) = streams.get(part.stream as usize) else { continue };
            self.cursors[part.slot as usize] = self.marks.len();
            for (held, rows) in pieces.of(stream, part) {
                rows.marks(held.batch.marks(), &mut self.marks);
                if places {
                    rows.numbers(held.first as u32, &mut self.numbers);
                }
            }
        }
    }

    /// Adds times, marks and places of sorted keys.
    pub(super) fn spread<K: Key>(&mut self, keys: &[K], layout: &Layout, out: &mut Runs) {
        out.times.extend(keys.iter().map(|key| key.time(layout)));
        if !self.differ {
            out.marks.extend(keys.iter().map(|key| self.table[key.slot(layout)]));
            return;
        }
        let (marks, cursors) = (&self.marks, &mut self.cursors);
        if self.numbers.is_empty() {
            out.marks.extend(keys.iter().map(|key| {
                let cursor = &mut cursors[key.slot(layout)];
                *cursor += 1;
                marks[*cursor - 1]
            }));
            return;
        }
        for key in keys {
            let slot = key.slot(layout);
            let row = cursors[slot];
            cursors[slot] += 1;
            out.marks.push(marks[row]);
            out.places.push(Place { stream: self.streams[slot], row: self.numbers[row] });
        }
    }

    /// Bytes of the buffers.
    pub(super) fn memory(&self) -> usize {
        let words = self.table.capacity() + self.cursors.capacity() + self.marks.capacity();
        let halves = self.streams.capacity() + self.numbers.capacity();
        words * size_of::<u64>() + halves * size_of::<u32>()
    }
}

/// The marks of a part, if all its rows have the same ones.
fn constant<B: RowBatch>(stream: &Stream<B>, part: &Part) -> Option<u64> {
    let mut batches = stream.within(&part.reach).map(|(held, _)| match held.batch.marks() {
        Marks::All(marks) => Some(marks),
        Marks::Each(_) => None,
    });
    let first = batches.next()??;
    batches.all(|marks| marks == Some(first)).then_some(first)
}
