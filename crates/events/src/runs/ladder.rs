//! Few ordered streams: merged two by two, without a branch that depends on a row.

use super::key::Key;

/// Ordered sequences side by side, each with [`Key::END`] behind it, and room for the next rung.
#[derive(Debug, Default)]
pub(super) struct Ladder<K> {
    keys: Vec<K>,
    spare: Vec<K>,
    /// Lengths of the sequences.
    lengths: Vec<usize>,
    merged: Vec<usize>,
    /// Room that the sequences take.
    used: usize,
}

impl<K: Key> Ladder<K> {
    /// Forgets all sequences and makes room for so many rows and sequences.
    pub(super) fn clear(&mut self, rows: usize, sequences: usize) {
        let room = rows + sequences;
        if self.keys.len() < room {
            self.keys.resize(room, K::END);
            self.spare.resize(room, K::END);
        }
        self.lengths.clear();
        self.used = 0;
    }

    /// Where the next sequence, of so many rows, is to be written.
    pub(super) fn sequence(&mut self, length: usize) -> &mut [K] {
        let room = self.keys.get_mut(self.used..).unwrap_or_default();
        self.used += length + 1;
        self.lengths.push(length);
        if let Some(end) = room.get_mut(length) {
            *end = K::END;
        }
        room.get_mut(..length).unwrap_or_default()
    }

    /// Merges all sequences into one.
    pub(super) fn merge(&mut self) -> &mut [K] {
        while self.lengths.len() > 1 {
            self.rung();
        }
        let length = self.lengths.first().copied().unwrap_or(0);
        self.keys.get_mut(..length).unwrap_or_default()
    }

    /// Bytes of the buffers.
    pub(super) fn memory(&self) -> usize {
        (self.keys.capacity() + self.spare.capacity()) * size_of::<K>()
    }

    /// Half as many sequences.
    fn rung(&mut self) {
        self.merged.clear();
        let (mut from, mut to) = (self.keys.as_slice(), self.spare.as_mut_slice());
        for pair in self.lengths.chunks(2) {
            let total = pair.iter().sum::<usize>();
            let (here, rest) = from.split_at(total + pair.len());
            let (room, after) = to.split_at_mut(total + 1);
            if let [left, _] = pair {
                let (left, right) = here.split_at(left + 1);
                merge_two(left, right, room.get_mut(..total).unwrap_or_default());
                if let Some(end) = room.last_mut() {
                    *end = K::END;
                }
            } else {
                room.copy_from_slice(here);
            }
            self.merged.push(total);
            (from, to) = (rest, after);
        }
        std::mem::swap(&mut self.keys, &mut self.spare);
        std::mem::swap(&mut self.lengths, &mut self.merged);
    }
}

/// Merges two ordered sequences, each with [`Key::END`] behind it, into `out`, which is as long as both without ends.
fn merge_two<K: Key>(left: &[K], right: &[K], out: &mut [K]) {
    const LANES: usize = 4;
    // Each step waits for the one before it; four merges at a time keep the processor busy.
    let quarter = out.len() / LANES;
    let at = |lane: usize| split(left, right, lane * quarter);
    let (mut a, mut b, mut c, mut d) = (0, at(1), at(2), at(3));
    let (first, rest) = out.split_at_mut(quarter);
    let (second, rest) = rest.split_at_mut(quarter);
    let (third, fourth) = rest.split_at_mut(quarter);
    let (fourth, rest) = fourth.split_at_mut(quarter);
    let lanes = first.iter_mut().zip(second).zip(third).zip(fourth);
    for ((((first, second), third), fourth), row) in lanes.zip(0..) {
        *first = step(left, right, row, &mut a);
        *second = step(left, right, row + quarter, &mut b);
        *third = step(left, right, row + 2 * quarter, &mut c);
        *fourth = step(left, right, row + 3 * quarter, &mut d);
    }
    for (slot, row) in rest.iter_mut().zip(LANES * quarter..) {
        *slot = step(left, right, row, &mut d);
    }
}

/// The key that comes after `row` others, of which `taken` were left ones.
#[inline(always)]
fn step<K: Key>(left: &[K], right: &[K], row: usize, taken: &mut usize) -> K {
    let (one, other) = (left[*taken], right[row - *taken]);
    *taken += usize::from(one <= other);
    one.min(other)
}

/// How many left keys are among the first `taken` keys, left ones first where equal.
fn split<K: Key>(left: &[K], right: &[K], taken: usize) -> usize {
    let (rows, others) = (left.len() - 1, right.len() - 1);
    let (mut low, mut high) = (taken.saturating_sub(others), taken.min(rows));
    while low < high {
        let middle = low + (high - low) / 2;
        // Enough of the left is taken when the next left key is behind the last right key taken.
        if right[taken - middle - 1] < left[middle] {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn merges_any_sequences(lists in prop::collection::vec(prop::collection::vec(0..200_u64, 0..90), 0..9)) {
            let mut ladder = Ladder::<u64>::default();
            for _ in 0..2 {
                let rows = lists.iter().map(Vec::len).sum();
                ladder.clear(rows, lists.len());
                for list in &lists {
                    let mut list = list.clone();
                    list.sort_unstable();
                    ladder.sequence(list.len()).copy_from_slice(&list);
                }
                let mut expected = lists.concat();
                expected.sort_unstable();
                prop_assert_eq!(&*ladder.merge(), expected.as_slice());
            }
        }
    }
}
