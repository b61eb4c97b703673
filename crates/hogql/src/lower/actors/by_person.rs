//! Groups by person, where the source numbers its persons: rows are grouped by the number, and the person is looked up
//! once a group.
//!
//! A store gives its rows in order of these numbers, each of them in one partition, so such a grouping neither hashes
//! texts nor exchanges rows. A number stands for one person and a person has one number, so that the groups are the same.
//! Where merges are still to be worked in, the person of a row is no column of the store but what a join says: then the
//! keys are no plain persons, and nothing is done here.

use super::{Origin, rows};
use crate::ir::{self, RelKind};
use crate::lower::aggregate::aggregate_exprs;
use crate::lower::{ActorColumns, Lowering};
use datafusion::common::Result;
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder};

/// A grouping by persons.
struct Grouped<'r> {
    /// The scan that the persons come from.
    scan: &'r ir::Rel,
    /// The places of persons among the keys.
    persons: Vec<usize>,
}

impl Lowering<'_> {
    /// The aggregation by persons' numbers; `None` if its keys have no person, or it asks more of persons than who is who.
    pub(in crate::lower) fn by_person(&mut self, rel: &ir::Rel) -> Result<Option<LogicalPlan>> {
        let tables = self.tables;
        let Some(columns) = tables.actors.as_ref().filter(|_| self.by_number) else {
            return Ok(None);
        };
        let Some(Grouped { scan, persons }) = grouped(rel, columns) else { return Ok(None) };
        let outer = self.actor_scan.replace(std::ptr::from_ref(scan));
        let plan = self.aggregation(rel)?;
        self.actor_scan = outer;
        let mut exprs = Vec::with_capacity(rel.columns.len());
        for (place, column) in rel.columns.iter().enumerate() {
            let value = self.column(column.id)?;
            exprs.push(if persons.contains(&place) {
                columns.person_of.call(vec![value]).alias(self.define(column))
            } else {
                value
            });
        }
        LogicalPlanBuilder::from(plan).project(exprs)?.build().map(Some)
    }
}

/// The grouping, if persons are among the keys and nowhere else.
fn grouped<'r>(rel: &'r ir::Rel, actors: &ActorColumns) -> Option<Grouped<'r>> {
    let RelKind::Aggregate { input, keys, sets: None, aggregates } = &rel.kind else {
        return None;
    };
    let rows = rows(input, actors)?;
    let origins: Vec<Origin> = keys.iter().map(|key| rows.origin(key)).collect();
    let places = (0..).zip(&origins).filter(|(_, origin)| **origin == Origin::Person);
    let persons: Vec<usize> = places.map(|(place, _)| place).collect();
    let fits = !persons.is_empty()
        && !origins.contains(&Origin::OfPerson)
        && aggregates
            .iter()
            .flat_map(aggregate_exprs)
            .all(|expr| rows.origin(expr) < Origin::Person);
    fits.then_some(Grouped { scan: rows.scan, persons })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{plan, tables};
    use crate::lower::Tables;

    #[test]
    fn persons_are_grouped_by_number() {
        for text in [
            "SELECT person_id, count() FROM events GROUP BY person_id",
            "SELECT person_id FROM events GROUP BY person_id",
            "SELECT event, person_id AS p, min(timestamp) FROM events WHERE event != 'a'
             GROUP BY event, p HAVING count() > 1 AND toString(p) != 'x' ORDER BY p",
            "SELECT who, max(d) FROM (SELECT person_id AS who, toDate(timestamp) AS d FROM events)
             WHERE d > toDate('2024-01-01') GROUP BY who",
            "SELECT toString(person_id), uniq(event), count() FROM events GROUP BY person_id",
            "SELECT n, count() FROM (SELECT person_id, count() AS n FROM events GROUP BY person_id)
             GROUP BY n",
        ] {
            let plan = plan(text, &tables());
            assert!(plan.contains("person_of_actor("), "{text}\n{plan}");
            assert!(plan.contains("events.$actor AS"), "{text}\n{plan}");
            assert!(!plan.contains("events.$person"), "{text}\n{plan}");
        }
    }

    #[test]
    fn each_scan_is_looked_at_by_itself() {
        let text = "SELECT person_id, count() FROM events
             WHERE event IN (SELECT event FROM events WHERE toString(person_id) = 'x')
             GROUP BY person_id";
        let found = plan(text, &tables());
        assert!(
            found.contains("events.$actor AS") && found.contains("events.$person AS"),
            "{found}"
        );
        let text = "SELECT event, count() FROM events
             WHERE distinct_id IN (SELECT toString(person_id) FROM events GROUP BY person_id)
             GROUP BY event";
        let found = plan(text, &tables());
        assert!(found.contains("events.$actor AS") && !found.contains("events.$person"), "{found}");
    }

    #[test]
    fn what_asks_more_of_persons_groups_by_them() {
        for text in [
            "SELECT person_id, any(person_id) FROM events GROUP BY person_id",
            "SELECT person_id, countIf(toString(person_id) != 'x') FROM events GROUP BY person_id",
            "SELECT person_id, count() FROM events WHERE toString(person_id) != 'x'
             GROUP BY person_id",
            "SELECT person_id, toString(person_id) AS t FROM events GROUP BY person_id, t",
            "SELECT person_id, event, count() FROM events GROUP BY ROLLUP(person_id, event)",
            "SELECT person_id, count() FROM (SELECT person_id FROM events LIMIT 10)
             GROUP BY person_id",
            // A lambda anywhere: see `lower`.
            "SELECT person_id, arraySort(x -> -x, groupArray(1)) FROM events GROUP BY person_id",
        ] {
            let plan = plan(text, &tables());
            assert!(!plan.contains("person_of_actor("), "{text}\n{plan}");
            assert!(!plan.contains("events.$actor"), "{text}\n{plan}");
            assert!(plan.contains("events.$person"), "{text}\n{plan}");
        }
    }

    #[test]
    fn sources_without_numbers_group_by_persons() {
        let tables = Tables { actors: None, ..tables() };
        let plan = plan("SELECT person_id, count() FROM events GROUP BY person_id", &tables);
        assert!(plan.contains("events.$person") && !plan.contains("$actor"), "{plan}");
    }
}
