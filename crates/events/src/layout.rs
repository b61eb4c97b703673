//! How a source lays out the rows of actors: plain data between those who store rows and those who fold them.

use std::sync::Arc;

/// A stream of rows in order: by actor, then time, then tie. Actors of different buckets have nothing in common, whatever
/// their numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderedStream {
    /// The bucket that its actors are in.
    pub bucket: u32,
    /// What orders rows of an actor at one time that are in different streams: the smaller rank comes first.
    pub rank: u32,
    /// The event of all its rows, if it has one event alone.
    pub event: Option<Arc<str>>,
    /// Number of its rows.
    pub rows: u64,
}

/// Which conditions the rows of ordered streams satisfy: a bit each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StreamMarks {
    /// The same ones in all rows of a stream: those of each stream. No row is left out for having none.
    Constant(Vec<u64>),
    /// Those that a column of the input tells. Rows that satisfy none, or have NULL there, are left out.
    Column {
        /// The column, of type `UInt64`.
        index: usize,
        /// All marks that rows of each stream may have. A row with others is an error.
        possible: Vec<u64>,
    },
}

impl StreamMarks {
    /// The marks that rows of a stream may have.
    #[must_use]
    pub fn of(&self, stream: usize) -> u64 {
        self.all().get(stream).copied().unwrap_or_default()
    }

    /// The marks that rows may have, stream by stream.
    #[must_use]
    pub fn all(&self) -> &[u64] {
        match self {
            Self::Constant(marks) | Self::Column { possible: marks, .. } => marks,
        }
    }
}

/// The streams of each bucket, as numbers in the list of all streams.
#[must_use]
pub fn by_bucket(streams: &[OrderedStream]) -> Vec<(u32, Vec<usize>)> {
    let mut buckets: Vec<(u32, Vec<usize>)> = Vec::new();
    let mut order: Vec<usize> = (0..streams.len()).collect();
    order.sort_by_key(|stream| streams.get(*stream).map(|stream| stream.bucket));
    for number in order {
        let Some(stream) = streams.get(number) else { continue };
        match buckets.last_mut() {
            Some((bucket, numbers)) if *bucket == stream.bucket => numbers.push(number),
            _ => buckets.push((stream.bucket, vec![number])),
        }
    }
    buckets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_gathered_by_bucket() {
        let stream = |bucket| OrderedStream { bucket, rank: 0, event: None, rows: 1 };
        let streams = [stream(3), stream(1), stream(3)];
        assert_eq!(by_bucket(&streams), [(1, vec![1]), (3, vec![0, 2])]);
        assert_eq!(by_bucket(&[]), []);
    }
}
