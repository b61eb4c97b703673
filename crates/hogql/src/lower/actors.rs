//! Distinct persons by time, where the source numbers its persons: a fold over actors in place of two hashings of
//! texts.
//!
//! The aggregation must ask of the persons nothing but their number, and group by nothing but the time, so that few
//! groups have many persons. Then the scan reads the persons' numbers under the column of the persons.

mod by_person;
mod looked_up;

pub(super) use looked_up::picks;

use super::distinct::counts_distinct;
use super::{ActorColumns, Lowering};
use crate::ir::{self, ColumnId, ExprKind, RelKind, SourceTable};
use datafusion::common::{Result, internal_err};
use datafusion::logical_expr::{Extension, LogicalPlan};
use events::column;
use operators::actors::DistinctActorsNode;
use std::collections::HashMap;
use std::sync::Arc;

/// What a column or an expression is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Origin {
    /// Constants, and the row's time.
    Time,
    /// Other columns too.
    Other,
    /// The row's person, as it is.
    Person,
    /// Something made of the person.
    OfPerson,
}

/// A relation of rows of one scan of the events.
struct Rows<'r> {
    scan: &'r ir::Rel,
    columns: HashMap<ColumnId, Origin>,
}

/// An aggregation that counts persons by time.
struct Counted<'r> {
    input: &'r ir::Rel,
    keys: &'r [ir::Expr],
    aggregates: &'r [ir::Aggregate],
    person: &'r ir::Expr,
    /// The one that the persons come from.
    scan: &'r ir::Rel,
}

impl Lowering<'_> {
    /// The aggregation as a fold over actors; `None` if it is none that counts persons by time.
    pub(super) fn distinct_actors(&mut self, rel: &ir::Rel) -> Result<Option<LogicalPlan>> {
        let Some(columns) = &self.tables.actors else { return Ok(None) };
        let Some(Counted { input, keys, aggregates, person, scan }) = counted(rel, columns) else {
            return Ok(None);
        };
        let outer = self.actor_scan.replace(std::ptr::from_ref(scan));
        let plan = self.rel(input)?;
        self.actor_scan = outer;
        let plan = self.prepare(plan, keys)?;
        let actor = self.expr(person)?;
        let lowered = self.exprs(keys)?;
        let (key_columns, counts) = rel.columns.split_at(keys.len().min(rel.columns.len()));
        let calls = std::slice::from_ref(&actor);
        let (plan, lowered) = self.named_keys(plan, lowered, key_columns, calls)?;
        let Some(first) = counts.first() else {
            return internal_err!("a count without a column");
        };
        // All count the same: one column serves them.
        let name = self.define(first);
        for column in counts {
            self.names.insert(column.id, name.clone());
        }
        let node = DistinctActorsNode::try_new(plan, lowered, actor, name)?;
        let plan = LogicalPlan::Extension(Extension { node: Arc::new(node) });
        self.finished(plan, rel, (keys.len(), false), aggregates).map(Some)
    }
}

/// The parts of an aggregation that counts persons by time.
fn counted<'r>(rel: &'r ir::Rel, actors: &ActorColumns) -> Option<Counted<'r>> {
    let RelKind::Aggregate { input, keys, sets: None, aggregates } = &rel.kind else {
        return None;
    };
    let person = aggregates.first()?.args.first()?;
    let rows = rows(input, actors)?;
    let counts_persons = |call: &ir::Aggregate| {
        counts_distinct(call)
            && call.order_by.is_empty()
            && call.args.iter().all(|arg| arg.kind == person.kind)
    };
    let fits = rows.origin(person) == Origin::Person
        && aggregates.iter().all(counts_persons)
        && keys.iter().all(|key| rows.origin(key) == Origin::Time);
    fits.then_some(Counted { input, keys, aggregates, person, scan: rows.scan })
}

/// The relation, if it is filters and projections of a scan of the events that leave the persons as they are.
fn rows<'r>(rel: &'r ir::Rel, actors: &ActorColumns) -> Option<Rows<'r>> {
    match &rel.kind {
        RelKind::Scan { table: SourceTable::Events, source_columns } => {
            let origin = |source: &String| match source.as_str() {
                name if name == actors.person => Origin::Person,
                column::TIMESTAMP => Origin::Time,
                _ => Origin::Other,
            };
            let columns = rel.columns.iter().zip(source_columns);
            let columns = columns.map(|(column, source)| (column.id, origin(source))).collect();
            Some(Rows { scan: rel, columns })
        }
        RelKind::Filter { input, predicate } => {
            let rows = rows(input, actors)?;
            (rows.origin(predicate) < Origin::Person).then_some(rows)
        }
        RelKind::Project { input, exprs } => {
            let rows = rows(input, actors)?;
            let origins: Vec<Origin> = exprs.iter().map(|expr| rows.origin(expr)).collect();
            if origins.contains(&Origin::OfPerson) {
                return None;
            }
            let columns = rel.columns.iter().map(|column| column.id).zip(origins).collect();
            Some(Rows { columns, ..rows })
        }
        _ => None,
    }
}

impl Rows<'_> {
    /// What an expression over these rows is made of. A subquery within it sees none of their columns.
    fn origin(&self, expr: &ir::Expr) -> Origin {
        if let ExprKind::Column(id) = expr.kind {
            return self.columns.get(&id).copied().unwrap_or(Origin::Other);
        }
        let mut origin = Origin::Time;
        expr.children(&mut |child| origin = origin.max(self.origin(child)));
        if origin == Origin::Person { Origin::OfPerson } else { origin }
    }
}

#[cfg(test)]
mod tests {
    use crate::lower::{ActorColumns, Tables, lower};
    use crate::resolve::{Options, resolve};
    use crate::settings::Settings;
    use crate::tables::MemorySchema;
    use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
    use datafusion::common::{Result, internal_err};
    use datafusion::datasource::empty::EmptyTable;
    use datafusion::logical_expr::{ColumnarValue, ScalarUDF, Volatility, create_udf};
    use events::source::{ColumnType, SourceColumn, SourceTable};
    use std::collections::HashMap;
    use std::sync::Arc;

    /// Events as a store has them.
    fn schema() -> MemorySchema {
        let columns = [
            ("event", ColumnType::String),
            ("timestamp", ColumnType::DateTime),
            ("distinct_id", ColumnType::String),
            ("person_id", ColumnType::Uuid),
        ];
        let column =
            |(name, ty): (&str, _)| SourceColumn { name: name.to_owned(), ty, nullable: false };
        let mut schema = MemorySchema::default();
        schema.tables.events = Some(SourceTable {
            columns: columns.into_iter().map(column).collect(),
            person: Some("$person".to_owned()),
            actor: Some("$actor".to_owned()),
            is_settled: true,
            ..SourceTable::default()
        });
        schema
    }

    /// The function that gives persons of numbers, as far as plans know it.
    fn person_of() -> ScalarUDF {
        let body = |_: &[ColumnarValue]| -> Result<ColumnarValue> { internal_err!("a plan alone") };
        let (number, person) = (vec![DataType::UInt64], DataType::Utf8View);
        create_udf("person_of_actor", number, person, Volatility::Volatile, Arc::new(body))
    }

    pub(super) fn tables() -> Tables {
        let text = |name| Field::new(name, DataType::Utf8View, false);
        let time = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        let fields = vec![
            text("event"),
            Field::new("timestamp", time, false),
            text("distinct_id"),
            text("person_id"),
            text("$person"),
            Field::new("$actor", DataType::UInt64, false),
        ];
        let table = EmptyTable::new(Arc::new(Schema::new(fields)));
        Tables {
            providers: HashMap::from([(crate::ir::SourceTable::Events, Arc::new(table) as _)]),
            actors: Some(ActorColumns {
                person: "$person".into(),
                actor: "$actor".into(),
                person_of: Arc::new(person_of()),
            }),
        }
    }

    pub(super) fn plan(text: &str, tables: &Tables) -> String {
        let parsed = hogql_syntax::parse_select(text);
        let settings = Settings::utc(1_700_000_000_000_000);
        let resolved = resolve(&parsed.tree, &schema(), &settings, &Options::default()).unwrap();
        lower(&resolved.query, tables).unwrap().display_indent().to_string()
    }

    #[test]
    fn persons_by_time_are_folded() {
        for text in [
            "SELECT uniq(person_id) FROM events",
            "SELECT uniq(person_id), count(DISTINCT person_id) FROM events WHERE event = 'a'",
            "SELECT toDate(timestamp) AS day, uniq(person_id) FROM events GROUP BY day ORDER BY day",
            "SELECT toStartOfWeek(timestamp) AS w, toHour(timestamp) AS h, uniq(person_id)
             FROM events WHERE event IN ('a', 'b') AND timestamp > '2024-01-01' GROUP BY w, h",
            "SELECT d, uniq(who) AS n
             FROM (SELECT toDate(timestamp) AS d, event, person_id AS who FROM events)
             WHERE event = 'a' AND d > toDate('2024-01-01') GROUP BY d HAVING n > 1",
            "WITH e AS (SELECT event, person_id FROM events)
             SELECT uniqExact(person_id) FROM e WHERE event = 'a'",
        ] {
            let plan = plan(text, &tables());
            assert!(plan.contains("DistinctActors: keys=["), "{text}\n{plan}");
            assert!(plan.contains("events.$actor AS"), "{text}\n{plan}");
            assert!(!plan.contains("events.$person"), "{text}\n{plan}");
        }
    }

    #[test]
    fn other_questions_read_the_person() {
        for text in [
            "SELECT event, uniq(person_id) FROM events GROUP BY event",
            "SELECT uniq(person_id), count() FROM events",
            "SELECT uniq(person_id), uniq(event) FROM events",
            "SELECT uniq(person_id, event) FROM events",
            "SELECT uniqIf(person_id, event = 'a') FROM events",
            "SELECT uniq(person_id) FROM events WHERE toString(person_id) LIKE '0%'",
            "SELECT uniq(toString(person_id)) FROM events GROUP BY toDate(timestamp)",
            "SELECT uniq(p) FROM (SELECT person_id AS p, toString(person_id) AS q FROM events)
             WHERE q != 'a'",
            "SELECT uniq(person_id) FROM (SELECT person_id FROM events LIMIT 10)",
            "SELECT person_id, uniq(person_id) FROM events GROUP BY person_id",
            "SELECT toDate(timestamp) AS d, uniq(person_id) FROM events GROUP BY ROLLUP(d)",
        ] {
            let plan = plan(text, &tables());
            assert!(!plan.contains("DistinctActors"), "{text}\n{plan}");
            assert!(!plan.contains("events.$actor"), "{text}\n{plan}");
            assert!(plan.contains("events.$person"), "{text}\n{plan}");
        }
    }

    #[test]
    fn sources_without_numbers_read_the_person() {
        let tables = Tables { actors: None, ..tables() };
        let plan = plan("SELECT uniq(person_id) FROM events", &tables);
        assert!(plan.contains("events.$person") && !plan.contains("$actor"), "{plan}");
    }
}
