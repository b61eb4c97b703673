//! `person_distinct_ids` and `person_distinct_id_overrides`: which person a distinct id belongs to.

use super::Schema;
use super::definition::{Base, Field, Table};
use super::persons::{newest, not_deleted};
use ::events::source::TableKind;

/// Every distinct id and its person: of the persons source, else of the events.
pub(super) fn person_distinct_ids(schema: &dyn Schema) -> Option<Table> {
    let from_source = table("person_distinct_ids", schema, TableKind::Persons);
    from_source.or_else(|| {
        schema.source(TableKind::Events)?;
        let base = Base::Query("FROM events GROUP BY distinct_id".into());
        Some(Table {
            name: "person_distinct_ids",
            base,
            fields: fields("argMax(person_id, timestamp)".to_owned()),
        })
    })
}

/// Distinct ids whose person is another than their events say: of the overrides source, else of the persons source.
pub(super) fn person_distinct_id_overrides(schema: &dyn Schema) -> Option<Table> {
    let name = "person_distinct_id_overrides";
    table(name, schema, TableKind::Overrides).or_else(|| table(name, schema, TableKind::Persons))
}

/// The newest row of each distinct id, those of deleted ids left out.
fn table(name: &'static str, schema: &dyn Schema, kind: TableKind) -> Option<Table> {
    let source = schema.source(kind)?;
    source.column("distinct_id")?;
    let order = newest(
        source,
        &["person_distinct_id_version", "version", "person_version", "_inserted_at", "created_at"],
    );
    let kept = not_deleted(source, order);
    let base = Base::Query(
        format!("FROM `source.{kind}` WHERE notEmpty(distinct_id) GROUP BY distinct_id{kept}")
            .into(),
    );
    Some(Table { name, base, fields: fields(format!("argMax(person_id, {order})")) })
}

fn fields(person_id: String) -> Vec<Field> {
    vec![
        Field::item("distinct_id", "distinct_id"),
        Field::item("person_id", person_id),
        Field::join("person", "persons", "person_id", "id"),
    ]
}
