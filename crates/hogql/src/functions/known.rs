//! Every function that PostHog's HogQL has by name, so that one that is missing is told from one that does not exist.

use super::lookup;
use std::collections::HashSet;
use std::sync::LazyLock;

/// Lines of name, kind, fewest and most arguments (`*` is any number), tab-separated, under a head line.
static TABLE: &str = include_str!("known.tsv");

static NAMES: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| TABLE.lines().skip(1).filter_map(|line| line.split('\t').next()).collect());

/// Whether PostHog has a function of that name.
#[must_use]
pub fn is_known(name: &str) -> bool {
    NAMES.contains(name)
}

/// The names of PostHog's functions that are answered here, and of those that are not, each in order.
#[must_use]
pub fn coverage() -> (Vec<&'static str>, Vec<&'static str>) {
    let mut names: Vec<&'static str> = NAMES.iter().copied().collect();
    names.sort_unstable();
    names.into_iter().partition(|name| is_answered(name))
}

fn is_answered(name: &str) -> bool {
    match super::aggregate_name(name) {
        Some(aggregate) => aggregate.refused.is_none(),
        None => lookup(name).is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart() {
        assert!(is_known("toStartOfInterval"));
        assert!(is_known("quantile"));
        assert!(!is_known("no_such_function"));
        let (answered, missing) = coverage();
        assert_eq!(answered.len() + missing.len(), NAMES.len());
    }
}
