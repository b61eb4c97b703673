//! Persons are asked for by their ordinals, by which rows of event files are ordered.

use crate::store::ORDINAL_COLUMN;
use datafusion::common::Column;
use datafusion::logical_expr::{Expr, lit};
use std::collections::{BTreeMap, BTreeSet};

/// Most persons of a filter that are looked up. With more of them most pages have rows of some.
pub(super) const MOST: usize = 1_000;

/// Ordinals of the persons that are wanted, by the number of their files: their bucket.
pub(super) type Places = BTreeMap<i64, Vec<u32>>;

/// DataFusion prunes row groups and pages by lists of so many values; by longer ones it only asks the rows.
const PRUNING_LIST: usize = 20;

/// The ordinals of persons by bucket. Those that the store does not have are left out.
pub(super) fn by_bucket(places: &[Option<(u32, u32)>]) -> Places {
    let mut by_bucket = Places::new();
    for (bucket, ordinal) in places.iter().flatten() {
        by_bucket.entry(i64::from(*bucket)).or_default().push(*ordinal);
    }
    by_bucket
}

/// Filters on the ordinals, which statistics of row groups and pages answer.
///
/// They are one for the files of all buckets, so that rows of another person may pass whose ordinal in its own bucket is
/// that of a wanted one in another. These are few, and the filter on the persons, which stays, tells them apart.
pub(super) fn filters(places: &Places) -> Vec<Expr> {
    let ordinals: BTreeSet<u64> = places.values().flatten().copied().map(u64::from).collect();
    let (Some(first), Some(last)) = (ordinals.first(), ordinals.last()) else { return Vec::new() };
    let ordinal = || Expr::Column(Column::from_name(ORDINAL_COLUMN));
    if first == last {
        return vec![ordinal().eq(lit(*first))];
    }
    let mut filters = Vec::new();
    if ordinals.len() > PRUNING_LIST {
        filters.extend([ordinal().gt_eq(lit(*first)), ordinal().lt_eq(lit(*last))]);
    }
    filters.push(ordinal().in_list(ordinals.iter().map(|ordinal| lit(*ordinal)).collect(), false));
    filters
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(places: &Places) -> Vec<String> {
        filters(places).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn ordinals_of_all_buckets_are_one_list() {
        assert!(told(&Places::new()).is_empty());
        let one = told(&Places::from([(3, vec![7])]));
        assert_eq!(one, ["$ordinal = UInt64(7)"]);
        let some = told(&Places::from([(0, vec![9, 7]), (3, vec![7])]));
        assert_eq!(some, ["$ordinal IN ([UInt64(7), UInt64(9)])"]);
    }

    #[test]
    fn a_long_list_has_bounds_beside_it() {
        let many = told(&Places::from([(0, (5..40).collect())]));
        assert_eq!(many.len(), 3);
        assert_eq!(many[..2], ["$ordinal >= UInt64(5)", "$ordinal <= UInt64(39)"]);
    }
}
