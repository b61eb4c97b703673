//! Choices that only the text behind them can settle.
//!
//! No word of HogQL is reserved for good: in `select a, where b` a clause begins, in `select a, where b, c` a column
//! named `where` has the alias `b`. At such a place the parser takes the first reading. If the text then turns out
//! wrong, it parses again and takes another reading of the last choice, then of the one before it, until a reading
//! fits. What that may cost is bounded, in attempts and in tokens, so the time stays linear in the text.

/// Attempts at one text.
const ATTEMPTS: usize = 250;
/// Tokens that all further attempts together may read or look at.
pub(super) const TOKENS: usize = 60_000;

/// The choices of one attempt: what was taken, out of how many.
#[derive(Debug, Default, Clone)]
pub(super) struct Choices {
    taken: Vec<(u32, u32)>,
    next: usize,
    /// Items of a select, by the index of their first token, that have an alias without `AS` and choices inside: all
    /// readings without the alias have precedence over those with it.
    aliased: Vec<usize>,
}

impl Choices {
    /// The reading to take at this place, out of `options`.
    pub(super) fn take(&mut self, options: u32) -> u32 {
        let at = self.next;
        self.next += 1;
        match self.taken.get(at) {
            Some((taken, _)) => *taken,
            None => {
                self.taken.push((0, options));
                0
            }
        }
    }

    /// How many choices the attempt has met.
    pub(super) fn met(&self) -> usize {
        self.next
    }

    /// The same choices, to be taken again.
    pub(super) fn again(&self) -> Self {
        Self { next: 0, ..self.clone() }
    }

    /// Whether an item is known to be one whose readings without an alias go first.
    pub(super) fn is_aliased(&self, item: usize) -> bool {
        self.aliased.contains(&item)
    }

    /// Choices from the beginning, now with one more such item.
    pub(super) fn with_aliased(mut self, item: usize) -> Self {
        self.aliased.push(item);
        Self { taken: Vec::new(), next: 0, aliased: self.aliased }
    }

    /// The next combination of readings, if one is left.
    pub(super) fn advance(&mut self) -> bool {
        self.taken.truncate(self.next);
        self.next = 0;
        while let Some((taken, options)) = self.taken.pop() {
            if taken + 1 < options {
                self.taken.push((taken + 1, options));
                return true;
            }
        }
        false
    }
}

/// What further attempts may still cost.
#[derive(Debug)]
pub(super) struct Budget {
    attempts: usize,
    tokens: usize,
}

impl Budget {
    pub(super) fn new() -> Self {
        Self { attempts: ATTEMPTS, tokens: TOKENS }
    }

    /// Pays for an attempt that read so many tokens; false when nothing is left.
    pub(super) fn pay(&mut self, tokens: usize) -> bool {
        self.attempts = self.attempts.saturating_sub(1);
        self.tokens = self.tokens.saturating_sub(tokens + 1);
        self.attempts > 0 && self.tokens > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_combinations_in_order() {
        let mut choices = Choices::default();
        let mut seen = Vec::new();
        loop {
            seen.push((choices.take(2), choices.take(3)));
            if !choices.advance() {
                break;
            }
        }
        assert_eq!(seen, [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]);
    }
}
