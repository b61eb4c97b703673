//! Choices that only the text behind them can settle.
//!
//! No word of HogQL is reserved for good: in `select a, where b` a clause begins, in `select a, where b, c` a column
//! named `where` has the alias `b`. At such a place the parser takes the first reading. If the text then turns out
//! wrong, [`super::search`] takes another reading of the last choice, then of the one before it, until one fits.

use std::collections::{BTreeSet, HashSet};

/// A place with several readings.
#[derive(Debug, Clone, Copy)]
struct Choice {
    taken: u32,
    options: u32,
    /// Where it is, and in the midst of what.
    place: u64,
}

/// The choices of one attempt: what was taken, out of how many.
#[derive(Debug, Default, Clone)]
pub(super) struct Choices {
    made: Vec<Choice>,
    next: usize,
    /// Items of a select, by the index of their first token, that have an alias without `AS` and choices inside: all
    /// readings without the alias have precedence over those with it.
    aliased: BTreeSet<usize>,
    /// The same in the order in which they became known.
    aliased_in_order: Vec<usize>,
    kept: Kept,
}

/// Choices kept aside. Those that the attempt at hand has not changed since are not copied again, so that keeping
/// later and later choices costs what has changed between them.
#[derive(Debug, Default, Clone)]
struct Kept {
    made: Vec<Choice>,
    /// How many of them, from the first on, the attempt at hand still has.
    shared: usize,
    /// How many aliased items were known.
    aliased: usize,
}

impl Choices {
    /// The reading to take at a place, out of `options`; none if the place is one of those where nothing fits.
    pub(super) fn take(
        &mut self,
        options: u32,
        place: u64,
        hopeless: Option<&HashSet<u64>>,
    ) -> Option<u32> {
        let made = match self.made.get(self.next) {
            Some(made) => *made,
            None if hopeless.is_some_and(|places| places.contains(&place)) => return None,
            None => {
                let first = Choice { taken: 0, options, place };
                self.made.push(first);
                first
            }
        };
        self.next += 1;
        Some(made.taken)
    }

    /// How many choices the attempt has met.
    pub(super) fn met(&self) -> usize {
        self.next
    }

    /// Keeps the choices met so far, instead of those kept before.
    pub(super) fn keep(&mut self) {
        let shared = self.kept.shared.min(self.next);
        self.kept.made.truncate(shared);
        let changed = self.made.iter().take(self.next).skip(shared);
        self.kept.made.extend(changed);
        self.kept.shared = self.next;
        self.kept.aliased = self.aliased_in_order.len();
    }

    /// The choices that were kept, to be taken again.
    pub(super) fn into_kept(self) -> Self {
        let aliased = self.aliased_in_order.iter().take(self.kept.aliased).copied().collect();
        Self { made: self.kept.made, aliased, ..Self::default() }
    }

    /// Whether an item is known to be one whose readings without an alias go first.
    pub(super) fn is_aliased(&self, item: usize) -> bool {
        self.aliased.contains(&item)
    }

    /// Notes one more such item, which began when so many choices had been met: those behind are made anew.
    pub(super) fn add_aliased(&mut self, item: usize, met: usize) {
        if self.aliased.insert(item) {
            self.aliased_in_order.push(item);
        }
        self.made.truncate(met);
        self.kept.shared = self.kept.shared.min(met);
        self.next = met;
    }

    /// Goes back to where so many choices had been met, with the next combination of readings of those behind; false
    /// if none is left. Where all readings have been taken nothing fits.
    pub(super) fn advance(&mut self, met: usize, hopeless: &mut HashSet<u64>) -> bool {
        self.made.truncate(self.next);
        self.next = met;
        while self.made.len() > met {
            let Some(last) = self.made.pop() else { break };
            self.kept.shared = self.kept.shared.min(self.made.len());
            if last.taken + 1 < last.options {
                self.made.push(Choice { taken: last.taken + 1, ..last });
                return true;
            }
            hopeless.insert(last.place);
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_combinations_in_order() {
        let (mut choices, mut hopeless) = (Choices::default(), HashSet::new());
        let mut seen = Vec::new();
        loop {
            seen.push((choices.take(2, 1, None), choices.take(3, 2, None)));
            if !choices.advance(0, &mut hopeless) {
                break;
            }
        }
        let combinations = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)];
        assert_eq!(seen, combinations.map(|(a, b)| (Some(a), Some(b))));
    }

    #[test]
    fn what_was_kept_is_taken_again() {
        let (mut choices, mut hopeless) = (Choices::default(), HashSet::new());
        let take = |choices: &mut Choices| (0..3).map(|_| choices.take(2, 1, None)).collect();
        let mut expected: Vec<_> = take(&mut choices);
        for kept in [true, false, true, false] {
            assert!(choices.advance(1, &mut hopeless) || !kept);
            let taken: Vec<_> =
                [Some(0)].into_iter().chain((0..2).map(|_| choices.take(2, 1, None))).collect();
            if kept {
                choices.keep();
                expected = taken;
            }
        }
        assert_eq!(take(&mut choices.into_kept()), expected);
    }

    #[test]
    fn no_place_is_tried_twice_in_vain() {
        let (mut choices, mut hopeless) = (Choices::default(), HashSet::new());
        let mut seen = Vec::new();
        loop {
            let first = choices.take(2, 1, Some(&hopeless));
            seen.push((first, choices.take(2, 2, Some(&hopeless))));
            if !choices.advance(0, &mut hopeless) {
                break;
            }
        }
        assert_eq!(seen, [(Some(0), Some(0)), (Some(0), Some(1)), (Some(1), None)]);
    }
}
