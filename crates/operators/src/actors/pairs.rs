//! Which actors of a bucket have which groups: a set of pairs of two small numbers.

use datafusion::common::HashSet;

/// Bytes that a matrix may take whatever is in it.
const FREE_BYTES: usize = 1 << 20;

/// Bytes that a larger one may take for each pair in it. A hash set takes 10 to 20, and several times as long.
const BYTES_PER_PAIR: usize = 32;

/// Bits of a word.
const BITS: usize = u64::BITS as usize;

/// The bucket of an actor.
pub(super) const fn bucket(actor: u64) -> u32 {
    (actor >> 32) as u32
}

/// The number of an actor in its bucket.
const fn ordinal(actor: u64) -> u32 {
    actor as u32
}

/// A set of pairs of a group and an ordinal.
///
/// They are the bits of a matrix that are set, or the entries of a hash set. A matrix may grow to [`FREE_BYTES`], or to
/// [`BYTES_PER_PAIR`] for each pair that it has; where that does not do, its pairs move to a hash set. Whenever the
/// hash set has doubled, they move back if the rule allows it. So memory is at most in proportion to the pairs, and to
/// the bits of all groups and ordinals where those are fewer.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    /// One more than the highest group.
    groups: usize,
    /// One more than the highest ordinal.
    ordinals: usize,
    kept: Kept,
}

/// How pairs are kept.
#[derive(Debug)]
enum Kept {
    Matrix(Matrix),
    /// Packed; the rule is asked again when there are that many.
    Listed(HashSet<u64>, usize),
}

impl Default for Kept {
    fn default() -> Self {
        Self::Matrix(Matrix::default())
    }
}

/// A row of bits for each group, one for each ordinal.
#[derive(Debug, Default)]
struct Matrix {
    words: Vec<u64>,
    /// Words of a row.
    stride: usize,
    /// Bits that are set.
    pairs: usize,
}

impl Pairs {
    /// Adds the pair of each row: its group and the lower half of its actor.
    pub(super) fn insert_all(&mut self, groups: &[usize], actors: &[u64]) {
        let group = groups.iter().copied().max();
        let last = actors.iter().map(|actor| ordinal(*actor)).max();
        let (Some(group), Some(last)) = (group, last) else { return };
        self.make_room(group + 1, last as usize + 1, 0);
        let rows = groups.iter().zip(actors).map(|(group, actor)| (*group, ordinal(*actor)));
        match &mut self.kept {
            Kept::Matrix(matrix) => rows.for_each(|(group, ordinal)| matrix.insert(group, ordinal)),
            Kept::Listed(pairs, _) => {
                pairs.extend(rows.map(|(group, ordinal)| pack(group, ordinal)))
            }
        }
    }

    /// Adds all pairs of another set; `numbers` has the group here of each group there, if they are not the same.
    pub(super) fn merge(&mut self, other: Self, numbers: Option<&[usize]>) {
        if other.len() == 0 {
            return;
        }
        if self.len() == 0 && numbers.is_none() {
            *self = other;
            return;
        }
        let number = |group: usize| numbers.map_or(group, |numbers| numbers[group]);
        let highest = (0..other.groups).map(number).max().unwrap_or(0);
        self.make_room(highest + 1, other.ordinals, other.len());
        match (&mut self.kept, other.kept) {
            (Kept::Matrix(own), Kept::Matrix(theirs)) => {
                for (group, row) in theirs.rows().enumerate() {
                    own.join(number(group), row);
                }
            }
            (Kept::Matrix(own), Kept::Listed(theirs, _)) => {
                for (group, ordinal) in theirs.into_iter().map(unpack) {
                    own.insert(number(group), ordinal);
                }
            }
            (Kept::Listed(own, _), Kept::Matrix(theirs)) => {
                theirs.each(|group, ordinal| {
                    own.insert(pack(number(group), ordinal));
                });
            }
            (Kept::Listed(own, _), Kept::Listed(theirs, _)) => {
                own.extend(
                    theirs
                        .into_iter()
                        .map(unpack)
                        .map(|(group, ordinal)| pack(number(group), ordinal)),
                );
            }
        }
    }

    /// Adds the number of ordinals of each group to its count. There is a count for every group.
    pub(super) fn count_into(&self, counts: &mut [u64]) {
        match &self.kept {
            Kept::Matrix(matrix) => {
                for (count, row) in counts.iter_mut().zip(matrix.rows()) {
                    *count += row.iter().map(|word| u64::from(word.count_ones())).sum::<u64>();
                }
            }
            Kept::Listed(pairs, _) => {
                for pair in pairs {
                    counts[unpack(*pair).0] += 1;
                }
            }
        }
    }

    /// Number of ordinals that have any group.
    pub(super) fn actors(&self) -> usize {
        match &self.kept {
            Kept::Matrix(matrix) => {
                let mut seen = vec![0_u64; matrix.stride];
                for row in matrix.rows() {
                    seen.iter_mut().zip(row).for_each(|(seen, word)| *seen |= word);
                }
                seen.iter().map(|word| word.count_ones() as usize).sum()
            }
            Kept::Listed(pairs, _) => {
                pairs.iter().map(|pair| unpack(*pair).1).collect::<HashSet<u32>>().len()
            }
        }
    }

    /// Bytes of memory.
    pub(super) fn size(&self) -> usize {
        match &self.kept {
            Kept::Matrix(matrix) => matrix.words.capacity() * size_of::<u64>(),
            Kept::Listed(pairs, _) => pairs.allocation_size(),
        }
    }

    /// Whether they are the bits of a matrix.
    #[cfg(test)]
    pub(super) const fn is_matrix(&self) -> bool {
        matches!(self.kept, Kept::Matrix(_))
    }

    /// Number of pairs.
    fn len(&self) -> usize {
        match &self.kept {
            Kept::Matrix(matrix) => matrix.pairs,
            Kept::Listed(pairs, _) => pairs.len(),
        }
    }

    /// Makes place for pairs of that many groups and ordinals, about `coming` of them, and settles how pairs are kept.
    fn make_room(&mut self, groups: usize, ordinals: usize, coming: usize) {
        self.groups = self.groups.max(groups);
        self.ordinals = self.ordinals.max(ordinals);
        let expected = self.len() + coming;
        match &mut self.kept {
            Kept::Matrix(matrix) => {
                let stride = matrix.stride_for(self.ordinals);
                if matrix.has_room(self.groups, stride) {
                    return;
                }
                if is_worth(self.groups, stride, expected) {
                    matrix.grow(self.groups, stride);
                } else {
                    let mut pairs = HashSet::with_capacity(expected);
                    matrix.each(|group, ordinal| {
                        pairs.insert(pack(group, ordinal));
                    });
                    self.kept = Kept::Listed(pairs, expected * 2);
                }
            }
            Kept::Listed(pairs, check_at) => {
                if expected < *check_at {
                    return;
                }
                *check_at = expected * 2;
                let mut matrix = Matrix::default();
                let stride = matrix.stride_for(self.ordinals);
                if is_worth(self.groups, stride, expected) {
                    matrix.grow(self.groups, stride);
                    for (group, ordinal) in pairs.iter().copied().map(unpack) {
                        matrix.insert(group, ordinal);
                    }
                    self.kept = Kept::Matrix(matrix);
                }
            }
        }
    }
}

impl Matrix {
    /// Sets a bit that there is room for.
    fn insert(&mut self, group: usize, ordinal: u32) {
        let (word, bit) = place(ordinal);
        let word = &mut self.words[group * self.stride + word];
        self.pairs += usize::from(*word & bit == 0);
        *word |= bit;
    }

    /// Adds the bits of a row. Those beyond this matrix are not set.
    fn join(&mut self, group: usize, row: &[u64]) {
        let start = group * self.stride;
        for (own, word) in self.words[start..start + self.stride].iter_mut().zip(row) {
            self.pairs += (word & !*own).count_ones() as usize;
            *own |= word;
        }
    }

    fn rows(&self) -> impl Iterator<Item = &[u64]> {
        self.words.chunks_exact(self.stride.max(1))
    }

    /// Calls `visit` for each bit that is set.
    fn each(&self, mut visit: impl FnMut(usize, u32)) {
        for (group, row) in self.rows().enumerate() {
            for (index, word) in row.iter().enumerate() {
                let mut left = *word;
                while left != 0 {
                    visit(group, (index * BITS) as u32 + left.trailing_zeros());
                    left &= left - 1;
                }
            }
        }
    }

    /// Words of a row with that many ordinals: doubled, so that rows are seldom moved.
    fn stride_for(&self, ordinals: usize) -> usize {
        let wanted = words(ordinals);
        if wanted <= self.stride { self.stride } else { wanted.max(self.stride * 2) }
    }

    fn has_room(&self, groups: usize, stride: usize) -> bool {
        stride == self.stride && groups * stride <= self.words.len()
    }

    /// Widens it to that many rows of that many words.
    fn grow(&mut self, groups: usize, stride: usize) {
        if stride == self.stride {
            self.words.resize(groups * stride, 0);
            return;
        }
        let mut wide = vec![0; groups * stride];
        for (wide, row) in wide.chunks_exact_mut(stride.max(1)).zip(self.rows()) {
            wide.iter_mut().zip(row).for_each(|(wide, word)| *wide = *word);
        }
        (self.words, self.stride) = (wide, stride);
    }
}

/// Whether a matrix of that form may be had for that many pairs.
fn is_worth(groups: usize, stride: usize, pairs: usize) -> bool {
    let bytes = groups.saturating_mul(stride).saturating_mul(size_of::<u64>());
    bytes <= FREE_BYTES.max(pairs.saturating_mul(BYTES_PER_PAIR))
}

const fn words(ordinals: usize) -> usize {
    ordinals.div_ceil(BITS)
}

/// The word and the bit of an ordinal in a row.
const fn place(ordinal: u32) -> (usize, u64) {
    (ordinal as usize / BITS, 1 << (ordinal % u64::BITS))
}

const fn pack(group: usize, ordinal: u32) -> u64 {
    (group as u64) << 32 | ordinal as u64
}

const fn unpack(pair: u64) -> (usize, u32) {
    ((pair >> 32) as usize, pair as u32)
}
