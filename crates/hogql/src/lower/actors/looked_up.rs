//! Which columns of a plan are persons that were looked up by number, and whether somebody picks some of them.

use crate::lower::ActorColumns;
use datafusion::common::Result;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::logical_expr::expr::InList;
use datafusion::logical_expr::{BinaryExpr, Cast, Expr, LogicalPlan, Operator};
use std::collections::HashSet;

impl ActorColumns {
    /// The columns with such persons. A column's name is its own in all of the plan.
    pub(in crate::lower) fn looked_up(&self, plan: &LogicalPlan) -> Result<HashSet<String>> {
        let mut persons = HashSet::new();
        // Columns have their names from those below them, but a plan is walked from its top.
        loop {
            let known = persons.len();
            plan.apply_with_subqueries(|plan| {
                if let LogicalPlan::Projection(projection) = plan {
                    for (expr, field) in projection.expr.iter().zip(projection.schema.fields()) {
                        let expr = if let Expr::Alias(alias) = expr { &alias.expr } else { expr };
                        if self.looks_up(expr) || is_one(expr, &persons) {
                            persons.insert(field.name().clone());
                        }
                    }
                }
                Ok(TreeNodeRecursion::Continue)
            })?;
            if persons.len() == known {
                return Ok(persons);
            }
        }
    }

    fn looks_up(&self, expr: &Expr) -> bool {
        matches!(expr, Expr::ScalarFunction(call) if call.func == self.person_of)
    }
}

/// Whether a filter of the plan compares one of these columns with values that are given.
pub(in crate::lower) fn picks(plan: &LogicalPlan, persons: &HashSet<String>) -> Result<bool> {
    let mut found = false;
    plan.apply_with_subqueries(|plan| {
        if let LogicalPlan::Filter(filter) = plan {
            found = found || picks_some(&filter.predicate, persons);
        }
        Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    })?;
    Ok(found)
}

/// Whether nobody else passes a condition.
fn picks_some(condition: &Expr, persons: &HashSet<String>) -> bool {
    match condition {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::And, right }) => {
            picks_some(left, persons) || picks_some(right, persons)
        }
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Or, right }) => {
            picks_some(left, persons) && picks_some(right, persons)
        }
        Expr::IsTrue(inner) => picks_some(inner, persons),
        _ => is_picked(condition, persons),
    }
}

fn is_picked(expr: &Expr, persons: &HashSet<String>) -> bool {
    let is_given = |expr: &Expr| expr.column_refs().is_empty();
    match expr {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right }) => {
            (is_one(left, persons) && is_given(right)) || (is_one(right, persons) && is_given(left))
        }
        Expr::InList(InList { expr, list, negated: false }) => {
            is_one(expr, persons) && list.iter().all(is_given)
        }
        _ => false,
    }
}

fn is_one(expr: &Expr, persons: &HashSet<String>) -> bool {
    match expr {
        Expr::Column(column) => persons.contains(&column.name),
        Expr::Cast(Cast { expr, .. }) => is_one(expr, persons),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{plan as plan_of, tables};
    use crate::lower::Tables;

    /// The plan of a query in which letters stand for persons.
    fn plan(text: &str, tables: &Tables) -> String {
        let person = |letter: &str| format!("'01234567-89ab-cdef-0000-{}'", letter.repeat(12));
        let text = text.replace("'x'", &person("1")).replace("'y'", &person("2"));
        plan_of(&text.replace("'z'", &person("3")), tables)
    }

    #[test]
    fn persons_that_are_picked_are_no_numbers() {
        for text in [
            "SELECT person_id, count() FROM events GROUP BY person_id HAVING person_id = 'x'",
            "SELECT person_id, count() FROM events GROUP BY person_id HAVING 'x' = person_id AND count() > 1",
            "SELECT person_id FROM events GROUP BY person_id HAVING person_id IN ('x', 'y', 'z')",
            "SELECT p FROM (SELECT who AS p FROM (SELECT person_id AS who, count() AS n FROM events
             GROUP BY person_id)) WHERE p = 'x'",
            "SELECT count() FROM events WHERE distinct_id IN (SELECT toString(person_id) FROM events
             GROUP BY person_id HAVING person_id = 'x')",
        ] {
            let plan = plan(text, &tables());
            assert!(!plan.contains("person_of_actor("), "{text}\n{plan}");
        }
    }

    #[test]
    fn persons_that_are_looked_at_are_numbers_still() {
        for text in [
            "SELECT person_id, count() FROM events GROUP BY person_id HAVING person_id != 'x'",
            "SELECT person_id, count() FROM events GROUP BY person_id HAVING toString(person_id) LIKE 'x%'",
            "SELECT person_id, count() AS n FROM events GROUP BY person_id HAVING n = 2",
            "SELECT person_id = 'x', count() FROM events GROUP BY person_id",
            "SELECT person_id, count() FROM events GROUP BY person_id HAVING person_id = 'x' OR count() > 5",
            "SELECT person_id, count() FROM events GROUP BY person_id HAVING NOT (person_id = 'x')",
        ] {
            let plan = plan(text, &tables());
            assert!(plan.contains("person_of_actor("), "{text}\n{plan}");
        }
    }
}
