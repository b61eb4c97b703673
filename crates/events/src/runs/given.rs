//! The runs that are given out.

/// Whole runs: all rows of each actor in time order. Its buffers are used again when it is filled anew.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Runs {
    /// The actors, ascending.
    pub actors: Vec<u32>,
    /// Where the rows of each actor start, then the number of rows.
    pub starts: Vec<usize>,
    /// When the rows happened.
    pub times: Vec<i64>,
    /// Which conditions they satisfy.
    pub marks: Vec<u64>,
    /// Where they came from; empty unless [`RunMerger::with_places`](super::RunMerger::with_places) asked for it.
    pub places: Vec<Place>,
}

/// Where a row came from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The stream.
    pub stream: u32,
    /// The number of the row in it, from 0.
    pub row: u32,
}

/// All rows of one actor in time order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run<'a> {
    /// The actor.
    pub actor: u32,
    /// When the rows happened.
    pub times: &'a [i64],
    /// Which conditions they satisfy.
    pub marks: &'a [u64],
    /// Where they came from, if that was asked for.
    pub places: &'a [Place],
}

impl Runs {
    /// The runs, one by one.
    pub fn iter(&self) -> impl Iterator<Item = Run<'_>> {
        let bounds = self.starts.iter().zip(self.starts.iter().skip(1));
        self.actors.iter().zip(bounds).map(|(actor, (start, end))| Run {
            actor: *actor,
            times: self.times.get(*start..*end).unwrap_or_default(),
            marks: self.marks.get(*start..*end).unwrap_or_default(),
            places: self.places.get(*start..*end).unwrap_or_default(),
        })
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.times.len()
    }

    /// Forgets all rows and keeps the memory.
    pub fn clear(&mut self) {
        self.actors.clear();
        self.starts.clear();
        self.times.clear();
        self.marks.clear();
        self.places.clear();
    }
}
