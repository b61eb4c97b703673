//! Buckets, dealt to partitions.

use super::request::ActorRuns;
use events::layout::by_bucket;
use std::cmp::Reverse;

/// Streams whose actors are in no other stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bucket {
    /// Its number: the upper half of its actors.
    pub(super) number: u32,
    /// Its streams, as numbers of partitions of the input.
    pub(super) streams: Vec<usize>,
    /// Rows of all of them.
    pub(super) rows: u64,
}

/// The buckets with a stream that may have a wanted actor. No others need be opened.
pub(super) fn wanted(runs: &ActorRuns) -> Vec<Bucket> {
    let bucket = |(number, streams): (u32, Vec<usize>)| {
        let rows = streams.iter().filter_map(|stream| runs.streams.get(*stream));
        let rows = rows.fold(0, |sum: u64, stream| sum.saturating_add(stream.rows));
        let is_wanted = streams.iter().any(|stream| runs.may_lead(*stream));
        is_wanted.then_some(Bucket { number, streams, rows })
    };
    by_bucket(&runs.streams).into_iter().filter_map(bucket).collect()
}

/// Deals buckets to that many partitions, or to fewer if there are fewer buckets: the largest first, each to the
/// partition with the fewest rows. There is at least one partition; in each, buckets ascend.
pub(super) fn deal(mut buckets: Vec<Bucket>, partitions: usize) -> Vec<Vec<Bucket>> {
    buckets.sort_by_key(|bucket| (Reverse(bucket.rows), bucket.number));
    let count = partitions.min(buckets.len()).max(1);
    let mut dealt: Vec<(u64, Vec<Bucket>)> = vec![(0, Vec::new()); count];
    for bucket in buckets {
        if let Some((rows, own)) = dealt.iter_mut().min_by_key(|(rows, _)| *rows) {
            // An empty bucket takes time to open, too.
            *rows = rows.saturating_add(bucket.rows.max(1));
            own.push(bucket);
        }
    }
    let ascending = |(_, mut own): (u64, Vec<Bucket>)| {
        own.sort_by_key(|bucket| bucket.number);
        own
    };
    dealt.into_iter().map(ascending).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use events::layout::OrderedStream;
    use events::layout::StreamMarks;

    fn numbers(dealt: &[Vec<Bucket>]) -> Vec<Vec<u32>> {
        let numbers = |own: &Vec<Bucket>| own.iter().map(|bucket| bucket.number).collect();
        dealt.iter().map(numbers).collect()
    }

    fn buckets(rows: &[u64]) -> Vec<Bucket> {
        let bucket = |(rows, number): (&u64, u32)| Bucket { number, streams: vec![], rows: *rows };
        rows.iter().zip(0..).map(bucket).collect()
    }

    #[test]
    fn partitions_get_about_as_many_rows() {
        let rows = [10, 90, 20, 30, 80, 50];
        assert_eq!(numbers(&deal(buckets(&rows), 2)), [vec![1, 2, 3], vec![0, 4, 5]]);
        assert_eq!(numbers(&deal(buckets(&rows), 3)), [vec![1], vec![2, 4], vec![0, 3, 5]]);
        assert_eq!(deal(buckets(&rows), 100).len(), 6);
        assert_eq!(numbers(&deal(buckets(&[0, 0, 0, 0]), 2)), [vec![0, 2], vec![1, 3]]);
        assert_eq!(deal(Vec::new(), 4), [Vec::<Bucket>::new()]);
    }

    #[test]
    fn buckets_that_cannot_lead_are_not_wanted() {
        let stream = |bucket| OrderedStream { bucket, rank: 0, event: None, rows: 5 };
        let mut runs = ActorRuns {
            streams: vec![stream(2), stream(1), stream(2)],
            marks: StreamMarks::Constant(vec![1, 2, 4]),
            first: 4,
            columns: Vec::new(),
        };
        assert_eq!(wanted(&runs), [Bucket { number: 2, streams: vec![0, 2], rows: 10 }]);
        runs.first = 0;
        assert_eq!(wanted(&runs).len(), 2);
        runs.first = 8;
        assert!(wanted(&runs).is_empty());
    }
}
