//! What moved: rows of event files by their places, and whose they are now.

use datafusion::execution::memory_pool::MemoryReservation;
use object_store::path::Path;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// Bucket and ordinal of a person.
pub(super) type Place = (u32, u32);

/// The rows of a store that are another person's now than its files say.
#[derive(Debug, Default)]
pub struct Moved {
    files: HashMap<Path, Arc<FileMoves>>,
    /// Those that the store does not list, by bucket and ordinal as one number.
    persons: HashMap<u64, Box<str>>,
    /// What all this takes of the memory limit.
    _memory: Option<MemoryReservation>,
}

impl Moved {
    /// Rows of these event files, and the persons who got ordinals that no file lists.
    pub(super) fn new(
        files: HashMap<Path, Arc<FileMoves>>,
        persons: HashMap<Place, Box<str>>,
        memory: MemoryReservation,
    ) -> Self {
        let numbered = persons.into_iter().map(|(place, person)| (number(place), person));
        Self { files, persons: numbered.collect(), _memory: Some(memory) }
    }

    /// The person of an actor, if merges alone give it rows: the store does not list it, and neither a scan of `$person`
    /// nor a file of persons knows its ordinal. `None` for actors that the store lists.
    ///
    /// An actor is a bucket and an ordinal: `bucket << 32 | ordinal`. These are the same in all plans of a source, and in
    /// no other source.
    #[must_use]
    pub fn person(&self, actor: u64) -> Option<&str> {
        self.persons.get(&actor).map(AsRef::as_ref)
    }

    /// All of those, in no order.
    pub fn persons(&self) -> impl Iterator<Item = (u64, &str)> {
        self.persons.iter().map(|(actor, person)| (*actor, person.as_ref()))
    }

    /// What moved of an event file; `None` if nothing did.
    pub(super) fn of_file(&self, file: &Path) -> Option<&Arc<FileMoves>> {
        self.files.get(file)
    }
}

/// A bucket and an ordinal as one number.
fn number((bucket, ordinal): Place) -> u64 {
    u64::from(bucket) << 32 | u64::from(ordinal)
}

/// What moved of an event file.
#[derive(Debug)]
pub(super) struct FileMoves {
    /// Actors of which rows moved, ascending: streams of the file leave out all that they have here.
    pub(super) actors: Arc<[u32]>,
    /// All their rows, in the order of the file.
    pub(super) stretches: Vec<Stretch>,
}

/// Rows that follow each other in an event file, were one actor's and are one actor's now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stretch {
    /// Their places in the file.
    pub(super) rows: Range<usize>,
    /// Whose they are now.
    pub(super) bucket: u32,
    pub(super) ordinal: u32,
    /// The rank of the stream that gives them.
    pub(super) rank: u32,
}

/// The rank of a stream of rows that did not move. There is one before it, and one behind it.
pub(super) const fn own_rank(generation: u32) -> u32 {
    generation.saturating_mul(2).saturating_add(1)
}

/// The rank of rows that moved from one place to another: where they stand among rows that have been there before.
pub(super) fn moved_rank(from: Place, to: Place, generation: u32) -> u32 {
    match from.0.cmp(&to.0) {
        Ordering::Less => 0,
        Ordering::Greater => u32::MAX,
        Ordering::Equal if from.1 <= to.1 => own_rank(generation).saturating_sub(1),
        Ordering::Equal => own_rank(generation).saturating_add(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_those_of_an_optimize() {
        // To actor 5 of bucket 2, which has rows of generations 3 and 4, in the order in which an optimize reads them.
        let to = (2, 5);
        let moved = |bucket, ordinal, generation| moved_rank((bucket, ordinal), to, generation);
        let ranks = [
            moved(0, 9, 4),
            moved(1, 0, 3),
            moved(2, 4, 3),
            own_rank(3),
            moved(2, 6, 3),
            moved(2, 4, 4),
            own_rank(4),
            moved(2, 6, 4),
            moved(3, 0, 3),
        ];
        assert!(ranks.is_sorted(), "{ranks:?}");
        let own = [own_rank(3), own_rank(4)];
        assert_eq!(ranks.iter().filter(|rank| own.contains(rank)).count(), 2, "{ranks:?}");
        assert_eq!(moved(2, 5, 3), moved(2, 4, 3), "rows of an actor others of whose rows moved");
    }
}
