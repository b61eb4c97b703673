//! The actors of a block that are asked for: those with a row that has a leading mark.

use super::batch::Marks;

/// A set of actors, counted from the first of the block.
#[derive(Debug, Default)]
pub(super) struct Leads {
    words: Vec<u64>,
    list: Vec<u32>,
    count: usize,
}

impl Leads {
    /// No actors, of a block with so many.
    pub(super) fn clear(&mut self, span: usize) {
        self.words.clear();
        self.words.resize(span.div_ceil(64), 0);
        self.list.clear();
        self.count = 0;
    }

    /// Adds the actors of the rows that have one of the `first` marks.
    pub(super) fn add(&mut self, base: u32, actors: &[u32], marks: Marks<'_>, first: u64) {
        match marks {
            Marks::All(marks) if marks & first == 0 => {}
            Marks::All(_) => self.set(base, actors.iter().map(|actor| (*actor, 1))),
            Marks::Each(marks) => {
                let bits = marks.iter().map(|marks| u64::from(marks & first != 0));
                self.set(base, actors.iter().copied().zip(bits));
            }
        }
    }

    /// Sets or leaves the bits of ascending actors. A word is written when the next one is reached.
    fn set(&mut self, base: u32, actors: impl Iterator<Item = (u32, u64)>) {
        let (mut at, mut bits) = (0, 0);
        for (actor, bit) in actors {
            let place = actor.wrapping_sub(base);
            let word = (place / 64) as usize;
            if word != at {
                self.or(at, bits);
                (at, bits) = (word, 0);
            }
            bits |= bit << (place % 64);
        }
        self.or(at, bits);
    }

    fn or(&mut self, word: usize, bits: u64) {
        if let Some(word) = self.words.get_mut(word) {
            *word |= bits;
        }
    }

    /// Counts them and makes the list; to be called when all are added.
    pub(super) fn settle(&mut self) {
        for (word, number) in self.words.iter().zip(0..) {
            let mut rest = *word;
            while rest != 0 {
                self.list.push(number * 64 + rest.trailing_zeros());
                rest &= rest - 1;
            }
        }
        self.count = self.list.len();
    }

    /// How many there are.
    pub(super) const fn count(&self) -> usize {
        self.count
    }

    /// They, ascending.
    pub(super) fn list(&self) -> &[u32] {
        &self.list
    }

    /// 1 for a member.
    #[inline(always)]
    pub(super) fn bit(&self, place: u32) -> usize {
        (self.words[(place / 64) as usize] >> (place % 64) & 1) as usize
    }
}
