//! Batches of ordered rows, and the check of their order.

/// Some rows of one ordered stream, as columns of one length.
///
/// Rows ascend by (actor, time, tie). Implement it over whatever holds the columns: nothing is copied before merging.
pub trait RowBatch {
    /// Whose rows they are.
    fn actors(&self) -> &[u32];
    /// When they happened.
    fn times(&self) -> &[i64];
    /// The order of an actor's rows at one time; without it, 0.
    fn ties(&self) -> Option<&[u32]>;
    /// Which conditions they satisfy.
    fn marks(&self) -> Marks<'_>;
}

/// Which conditions the rows of a batch satisfy, one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marks<'a> {
    /// The same ones in every row.
    All(u64),
    /// Those of each row. A row that has none is left out.
    Each(&'a [u64]),
}

/// A batch that owns plain vectors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VecBatch {
    /// Whose rows they are.
    pub actors: Vec<u32>,
    /// When they happened.
    pub times: Vec<i64>,
    /// The order of an actor's rows at one time.
    pub ties: Option<Vec<u32>>,
    /// Which conditions they satisfy.
    pub marks: RowMarks,
}

/// [`Marks`] that are owned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowMarks {
    /// The same ones in every row.
    All(u64),
    /// Those of each row.
    Each(Vec<u64>),
}

impl RowBatch for VecBatch {
    fn actors(&self) -> &[u32] {
        &self.actors
    }

    fn times(&self) -> &[i64] {
        &self.times
    }

    fn ties(&self) -> Option<&[u32]> {
        self.ties.as_deref()
    }

    fn marks(&self) -> Marks<'_> {
        match &self.marks {
            RowMarks::All(marks) => Marks::All(*marks),
            RowMarks::Each(marks) => Marks::Each(marks),
        }
    }
}

impl<B: RowBatch + ?Sized> RowBatch for &B {
    fn actors(&self) -> &[u32] {
        (**self).actors()
    }

    fn times(&self) -> &[i64] {
        (**self).times()
    }

    fn ties(&self) -> Option<&[u32]> {
        (**self).ties()
    }

    fn marks(&self) -> Marks<'_> {
        (**self).marks()
    }
}

/// Actor, time and tie of a row.
pub(super) type Spot = (u32, i64, u32);

/// The row with this number in the batch.
pub(super) fn spot(batch: &impl RowBatch, row: usize) -> Option<Spot> {
    let tie = batch.ties().and_then(|ties| ties.get(row)).copied().unwrap_or(0);
    Some((*batch.actors().get(row)?, *batch.times().get(row)?, tie))
}

/// The first column that is not as long as the actors, and its length.
pub(super) fn uneven(batch: &impl RowBatch) -> Option<(&'static str, usize)> {
    let rows = batch.actors().len();
    let marks = match batch.marks() {
        Marks::All(_) => rows,
        Marks::Each(marks) => marks.len(),
    };
    let ties = batch.ties().map_or(rows, <[u32]>::len);
    [("times", batch.times().len()), ("ties", ties), ("marks", marks)]
        .into_iter()
        .find(|(_, length)| *length != rows)
}

/// How many bits the ties of the batch take.
pub(super) fn tie_bits(batch: &impl RowBatch) -> u32 {
    let all = batch.ties().unwrap_or_default().iter().fold(0, |all, tie| all | tie);
    u32::BITS - all.leading_zeros()
}

/// The smallest and the largest time; there is one.
pub(super) fn time_range(times: &[i64]) -> (i64, i64) {
    // Four of each side by side: a step of one waits for the step before it.
    let (fours, rest) = times.as_chunks::<4>();
    let (mut least, mut most) = ([i64::MAX; 4], [i64::MIN; 4]);
    for four in fours {
        for (time, (least, most)) in four.iter().zip(least.iter_mut().zip(&mut most)) {
            (*least, *most) = ((*least).min(*time), (*most).max(*time));
        }
    }
    let least = least.iter().chain(rest).min().copied();
    let most = most.iter().chain(rest).max().copied();
    (least.unwrap_or_default(), most.unwrap_or_default())
}

/// The first row that belongs before the one in front of it; the columns are of one length.
pub(super) fn disorder(batch: &impl RowBatch, ties: bool) -> Option<usize> {
    let (actors, times) = (batch.actors(), batch.times());
    // A way out of the loop would cost more than it saves.
    let pairs = actors.array_windows::<2>().zip(times.array_windows::<2>());
    let mut bad = pairs.clone().fold(false, |bad, ([one, next], [time, later])| {
        bad | (next < one) | ((next == one) & (later < time))
    });
    if ties {
        let order = batch.ties().unwrap_or_default().array_windows::<2>();
        bad |= pairs.zip(order).fold(false, |bad, (([one, next], [time, later]), [tie, other])| {
            bad | ((next == one) & (later == time) & (other < tie))
        });
    }
    if !bad {
        return None;
    }
    (1..actors.len()).find(|row| spot(batch, *row) < spot(batch, row - 1))
}
