//! Names of aggregates with ClickHouse's suffixes: `sumIf`, `avgOrNullIf`, `uniqState`.

use super::default_value;
use crate::functions::{Build, Function, lookup};
use crate::ir;

/// A name taken apart.
#[derive(Debug, Clone, Copy)]
pub struct AggregateName {
    /// The aggregate without suffixes.
    pub function: &'static Function,
    /// `-If`: the last argument is a condition.
    pub condition: bool,
    /// `-OrNull` or `-OrDefault`.
    pub or: Option<Or>,
    /// A suffix that HogQL knows and Hoglet does not answer.
    pub refused: Option<&'static str>,
}

/// What an aggregate over no rows is instead of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Or {
    /// NULL.
    Null,
    /// The type's default.
    Default,
}

/// Suffixes whose states or shapes Hoglet does not have.
const REFUSED: [&str; 7] = ["State", "Merge", "ForEach", "Map", "Array", "ArgMin", "ArgMax"];

/// The aggregate of that name, with or without suffixes; `None` if there is none.
#[must_use]
pub fn aggregate_name(name: &str) -> Option<AggregateName> {
    if let Some(name) = exact(name) {
        return Some(name);
    }
    if let Some(found) = name.strip_suffix("If").and_then(aggregate_name) {
        return (!found.condition).then_some(AggregateName { condition: true, ..found });
    }
    for (suffix, or) in [("OrNull", Or::Null), ("OrDefault", Or::Default)] {
        if let Some(found) = name.strip_suffix(suffix).and_then(aggregate_name) {
            let plain = found.or.is_none() && !found.condition;
            return plain.then_some(AggregateName { or: Some(or), ..found });
        }
    }
    let refused = |suffix: &&'static str| {
        let found = name.strip_suffix(*suffix).and_then(aggregate_name)?;
        Some(AggregateName { refused: Some(*suffix), ..found })
    };
    REFUSED.iter().find_map(refused)
}

fn exact(name: &str) -> Option<AggregateName> {
    let function = lookup(name)?;
    matches!(function.build, Build::Aggregate(_)).then_some(AggregateName {
        function,
        condition: false,
        or: None,
        refused: None,
    })
}

impl Or {
    /// The aggregate with this result over no rows. Arrays stay empty ones, as in ClickHouse.
    #[must_use]
    pub fn apply(self, mut aggregate: ir::Aggregate) -> ir::Aggregate {
        match self {
            Self::Null => {
                aggregate.ty = aggregate.ty.to_nullable();
                if aggregate.ty.nullable {
                    aggregate.empty = None;
                }
            }
            Self::Default if !aggregate.ty.nullable && aggregate.empty.is_some() => {
                aggregate.empty = Some(default_value(&aggregate.ty));
            }
            Self::Default => {}
        }
        aggregate
    }

    /// Whether it can be told of this aggregate: counts are never NULL in the kernel.
    #[must_use]
    pub fn applies(self, aggregate: &ir::Aggregate) -> bool {
        self == Self::Default || !matches!(aggregate.name, "count" | "uniqExact")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(name: &str) -> Option<String> {
        aggregate_name(name).map(|found| {
            let or = found.or.map_or(String::new(), |or| format!(" or {or:?}"));
            let condition = if found.condition { " if" } else { "" };
            let refused = found.refused.map_or(String::new(), |suffix| format!(" -{suffix}"));
            format!("{}{or}{condition}{refused}", found.function.name)
        })
    }

    #[test]
    fn suffixes() {
        let cases = [
            ("sum", Some("sum")),
            ("SUM", Some("sum")),
            ("sumIf", Some("sum if")),
            ("countIf", Some("count if")),
            ("avgOrNull", Some("avg or Null")),
            ("avgOrDefaultIf", Some("avg or Default if")),
            ("sumState", Some("sum -State")),
            ("sumMapMergeIf", Some("sum if -Merge")),
            ("medianExactLowIf", Some("medianExactLow if")),
            ("sumIfIf", None),
            ("sumIfOrNull", None),
            ("lowerIf", None),
            ("If", None),
        ];
        for (name, expected) in cases {
            assert_eq!(parts(name).as_deref(), expected, "{name}");
        }
    }
}
