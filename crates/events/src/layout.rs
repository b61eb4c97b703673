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
