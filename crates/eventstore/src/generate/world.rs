//! Everything that a run knows beforehand: seed, cells, the ranking of persons, and texts that repeat.

use super::dice::{Dice, Shuffle};
use super::fragments::{self, Fragments};
use super::options::GenerateOptions;
use super::seasons::Seasons;

/// What all threads share, never changed.
#[derive(Debug)]
pub(super) struct World {
    pub(super) seed: u64,
    pub(super) compact: bool,
    pub(super) start: i64,
    pub(super) end: i64,
    pub(super) persons: u64,
    pub(super) companies: u64,
    pub(super) seasons: Seasons,
    pub(super) fragments: Fragments,
    ranking: Shuffle,
    /// The shift of the Zipf-Mandelbrot distribution.
    flattening: u64,
    octaves: u64,
}

impl World {
    /// The world of `options`, which have been checked.
    pub(super) fn new(options: &GenerateOptions) -> Self {
        let persons = options.person_count();
        let flattening = (persons / 256).max(8);
        Self {
            seed: options.seed,
            compact: options.compact,
            start: options.start(),
            end: options.end,
            persons,
            companies: (persons / 24).max(4),
            seasons: Seasons::new(options),
            fragments: fragments::fragments(options.compact),
            ranking: Shuffle::new(options.seed, persons),
            flattening,
            octaves: u64::from((1 + persons / flattening).ilog2()) + 1,
        }
    }

    /// A person by activity: ranks shifted by `flattening` have a density of one over the rank, in steps of an octave.
    pub(super) fn draw_person(&self, dice: &mut Dice) -> u64 {
        loop {
            let base = self.flattening << dice.below(self.octaves);
            let rank = base + dice.below(base) - self.flattening;
            if rank < self.persons {
                return self.ranking.apply(rank);
            }
        }
    }
}
