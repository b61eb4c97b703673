//! The buckets of a store, dealt out to the partitions of a scan as ranges of actors.
//!
//! An actor's number begins with its bucket, so buckets that follow each other are a range of actors, and a partition of
//! such buckets can be promised as [`Partitioning::Range`]. That is no promise of a hash, which an operator with two
//! inputs would take for DataFusion's own: it says which rows are where. An aggregation needs no more than that equal
//! actors are together. A join takes two ranges as they are only if their limits are equal; it exchanges the rows of any
//! other pair, and so does a union.

use crate::parts::{StoredFile, partitioned};
use crate::reach::Reaches;
use crate::table::FileTable;
use datafusion::common::{Result, ScalarValue, internal_err};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::physical_expr::{
    LexOrdering, Partitioning, PhysicalExpr, PhysicalSortExpr, RangePartitioning, SplitPoint,
};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// The event files of a bucket.
#[derive(Debug)]
pub(crate) struct Bucket {
    pub(super) number: u32,
    rows: u64,
    /// The files.
    files: Vec<StoredFile>,
}

impl Bucket {
    /// The buckets that have files, in order.
    pub(super) fn all(table: &FileTable) -> Vec<Self> {
        let mut buckets = Vec::new();
        for part in table.parts() {
            let mut files: BTreeMap<u32, Vec<&StoredFile>> = BTreeMap::new();
            for file in &part.files {
                // Files of a store are numbered by their buckets.
                let number = u32::try_from(file.ordinal).unwrap_or(u32::MAX);
                files.entry(number).or_default().push(file);
            }
            buckets.extend(files.into_iter().map(|(number, files)| Self::of(number, &files)));
        }
        buckets.sort_by_key(|bucket| bucket.number);
        buckets
    }

    fn of(number: u32, files: &[&StoredFile]) -> Self {
        let rows = |file: &&StoredFile| file.statistics.as_ref()?.num_rows.get_value().copied();
        Self {
            number,
            rows: files.iter().filter_map(rows).map(|rows| rows as u64).sum(),
            files: files.iter().copied().cloned().collect(),
        }
    }

    /// The files for scans that ask for their bucket, each with what is read of it.
    pub(super) fn scanned<'a>(
        &'a self,
        reaches: &'a Reaches,
    ) -> impl Iterator<Item = PartitionedFile> + 'a {
        self.files.iter().filter_map(|file| reaches.limited(file, partitioned(file, true)))
    }

    /// Whether its rows are in one file, and so in order of persons and times.
    pub(super) const fn is_one_file(&self) -> bool {
        self.files.len() == 1
    }
}

/// Buckets dealt out to partitions, to each some that follow each other.
#[derive(Debug)]
pub(super) struct Ranges {
    partitions: Vec<Range<usize>>,
    /// The first actor that may be in each partition but the first.
    limits: Vec<u64>,
}

impl Ranges {
    /// Deals buckets, which are in order, out to that many partitions.
    pub(super) fn of(buckets: &[Bucket], partitions: usize) -> Self {
        let sizes: Vec<(u32, u64)> =
            buckets.iter().map(|bucket| (bucket.number, bucket.rows)).collect();
        Self::deal(&sizes, partitions.max(1))
    }

    /// The same of their numbers and rows: about as many rows to each partition. If there are fewer buckets than
    /// partitions, the last ones stay empty: a scan of fewer would be spread over all cores by an exchange.
    fn deal(buckets: &[(u32, u64)], partitions: usize) -> Self {
        let filled = partitions.min(buckets.len());
        let all: u64 = buckets.iter().map(|(_, rows)| *rows).sum();
        let mut starts: Vec<usize> = Vec::with_capacity(filled);
        let mut before = 0_u64;
        for (place, (_, rows)) in buckets.iter().enumerate() {
            // A bucket goes where the middle of its rows falls.
            let middle = u128::from(before) * 2 + u128::from(*rows);
            let fair = middle * filled as u128 / (u128::from(all) * 2).max(1);
            let is_due = fair >= starts.len() as u128;
            let is_needed = filled - starts.len() >= buckets.len() - place;
            if starts.is_empty() || (starts.len() < filled && (is_due || is_needed)) {
                starts.push(place);
            }
            before += rows;
        }
        let ends = starts.iter().skip(1).copied().chain([buckets.len()]);
        let mut dealt = Self {
            partitions: starts.iter().zip(ends).map(|(start, end)| *start..end).collect(),
            limits: starts
                .iter()
                .skip(1)
                .filter_map(|start| buckets.get(*start))
                .map(|(number, _)| first_actor(u64::from(*number)))
                .collect(),
        };
        let mut behind = buckets.last().map_or(0, |(number, _)| u64::from(*number));
        while dealt.partitions.len() < partitions {
            if !dealt.partitions.is_empty() {
                behind += 1;
                dealt.limits.push(first_actor(behind));
            }
            dealt.partitions.push(buckets.len()..buckets.len());
        }
        dealt
    }

    /// The places of each partition's buckets.
    pub(super) fn partitions(&self) -> &[Range<usize>] {
        &self.partitions
    }

    /// What is promised of a scan whose actors are in that column.
    pub(super) fn partitioning(&self, actor: Arc<dyn PhysicalExpr>) -> Result<Partitioning> {
        let Some(order) = LexOrdering::new([PhysicalSortExpr::new_default(actor)]) else {
            return internal_err!("a range of nothing");
        };
        let limit = |actor: &u64| SplitPoint::new(vec![ScalarValue::UInt64(Some(*actor))]);
        let limits = self.limits.iter().map(limit).collect();
        Ok(Partitioning::Range(RangePartitioning::try_new(order, limits)?))
    }
}

/// The smallest number of an actor of a bucket.
const fn first_actor(bucket: u64) -> u64 {
    bucket << 32
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::physical_expr::expressions::Column;

    fn dealt(rows: &[u64], partitions: usize) -> Vec<Range<usize>> {
        let buckets: Vec<(u32, u64)> = (0..).zip(rows.iter().copied()).collect();
        Ranges::deal(&buckets, partitions).partitions
    }

    #[test]
    fn partitions_get_about_as_many_rows() {
        assert_eq!(dealt(&[10, 10, 10, 10], 2), [0..2, 2..4]);
        assert_eq!(dealt(&[1; 8], 3), [0..3, 3..5, 5..8]);
        assert_eq!(dealt(&[100, 1, 1, 1], 2), [0..1, 1..4]);
        assert_eq!(dealt(&[1, 1, 1, 100], 2), [0..3, 3..4]);
        assert_eq!(dealt(&[5, 5], 1).first(), Some(&(0..2)));
    }

    #[test]
    fn each_gets_a_bucket_as_long_as_there_are_some() {
        assert_eq!(dealt(&[100, 1, 1], 3), [0..1, 1..2, 2..3]);
        assert_eq!(dealt(&[0, 0, 0], 2), [0..2, 2..3]);
        assert_eq!(dealt(&[7, 7], 4), [0..1, 1..2, 2..2, 2..2]);
        assert_eq!(dealt(&[], 2), [0..0, 0..0]);
    }

    #[test]
    fn limits_are_where_partitions_begin() {
        let column = || Arc::new(Column::new("actor", 0));
        for buckets in [vec![(2, 5), (3, 5), (7, 5)], vec![(0, 1), (4095, 9)], vec![(6, 0)], vec![]]
        {
            for partitions in 1..12 {
                let ranges = Ranges::deal(&buckets, partitions);
                let promised = ranges.partitioning(column()).unwrap();
                assert_eq!(promised.partition_count(), partitions);
                assert_eq!(ranges.partitions.len(), partitions);
                for (number, range) in ranges.partitions.iter().enumerate() {
                    for (bucket, _) in &buckets[range.clone()] {
                        let actor = first_actor(u64::from(*bucket));
                        assert!(number == 0 || ranges.limits[number - 1] <= actor);
                        assert!(ranges.limits.get(number).is_none_or(|limit| actor + 9 < *limit));
                    }
                }
                let places: Vec<usize> = ranges.partitions.iter().cloned().flatten().collect();
                assert_eq!(places, (0..buckets.len()).collect::<Vec<_>>());
            }
        }
    }
}
