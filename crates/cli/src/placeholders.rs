//! The placeholders that a query has: `{name}`, `{variables.name}`, `{filters}`.

use hogql_syntax::ast::{Expr, ExprKind, Visitor, walk_expr};
use hogql_syntax::parse_select;
use std::collections::BTreeSet;

/// Names of a query's placeholders.
#[derive(Debug, Default)]
pub(crate) struct Placeholders {
    names: BTreeSet<String>,
    /// One of them is no name.
    nameless: bool,
}

impl Placeholders {
    /// Those of a query; none are known of a text that cannot be read, or that has one without a name: the session refuses it, with
    /// the place.
    pub(crate) fn of(query: &str) -> Option<Self> {
        let parsed = parse_select(query);
        let mut found = Self::default();
        found.visit_query(&parsed.tree);
        (parsed.is_ok() && !found.nameless).then_some(found)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// `{a}, {b}`, for messages.
    pub(crate) fn listed(&self) -> String {
        if self.names.is_empty() {
            return "no placeholders".to_owned();
        }
        self.names.iter().map(|name| format!("{{{name}}}")).collect::<Vec<_>>().join(", ")
    }
}

impl Visitor for Placeholders {
    fn visit_expr(&mut self, expr: &Expr) {
        if let ExprKind::Placeholder(inner) = &expr.kind {
            match &inner.kind {
                ExprKind::Field(chain) => {
                    let parts: Vec<&str> = chain.iter().map(|part| part.value.as_str()).collect();
                    self.names.insert(parts.join("."));
                }
                _ => self.nameless = true,
            }
        }
        walk_expr(self, expr);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn are_found_wherever_they_stand() {
        let listed = |query: &str| Placeholders::of(query).map(|found| found.listed());
        let query = "WITH a AS (SELECT {x.y}) SELECT f({b}), arrayMap(i -> i + {c}, [1]) FROM a \
                     WHERE {filters} AND n IN (SELECT {b}) LIMIT {n}";
        assert_eq!(listed(query).as_deref(), Some("{b}, {c}, {filters}, {n}, {x.y}"));
        assert_eq!(listed("SELECT 1 FROM {t}").as_deref(), Some("{t}"));
        assert_eq!(listed("SELECT '{a}'").as_deref(), Some("no placeholders"));
        assert_eq!(listed("SELECT {a + 1}"), None);
        assert_eq!(listed("SELECT {a} FROM"), None);
    }
}
