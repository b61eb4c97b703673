//! `persons`: the newest state of each person.

use super::definition::{Base, Field, Table};
use super::{PropertyOwner, Schema};
use ::events::source::{SourceTable, TableKind};

/// Of the persons source; without one, put together from the events.
pub(super) fn persons(schema: &dyn Schema) -> Option<Table> {
    of_source(schema).or_else(|| of_events(schema))
}

fn of_source(schema: &dyn Schema) -> Option<Table> {
    let source = schema.source(TableKind::Persons)?;
    let order = newest(source, &["person_version", "_inserted_at", "created_at"]);
    let base = Base::Query(
        format!("FROM `source.persons` GROUP BY person_id{}", not_deleted(source, order)).into(),
    );
    let latest = |name: &'static str| match source.column(name) {
        Some(_) => Field::item(name, format!("argMax({name}, {order})")),
        None => Field::absent(name, "the persons source has no such column"),
    };
    let properties = Field::item("properties", format!("argMax(properties, {order})"));
    let fields = vec![
        Field::item("id", "person_id"),
        latest("created_at"),
        properties.owned_by(PropertyOwner::Person),
        latest("is_identified"),
        latest("team_id").hidden(),
        Field::join("pdi", "person_distinct_ids", "id", "person_id"),
    ];
    Some(Table { name: "persons", base, fields })
}

fn of_events(schema: &dyn Schema) -> Option<Table> {
    let source = schema.source(TableKind::Events)?;
    let base = Base::Query("FROM events GROUP BY person_id".into());
    let created_at = match source.column("person_created_at") {
        Some(column) if !column.nullable => "min(poe.created_at)",
        Some(_) => "ifNull(min(poe.created_at), min(timestamp))",
        None => "min(timestamp)",
    };
    let properties = match source.column("person_properties") {
        Some(_) => "ifNull(argMax(poe.properties, timestamp), '{}')",
        None => "'{}'",
    };
    let fields = vec![
        Field::item("id", "person_id"),
        Field::item("created_at", created_at),
        Field::item("properties", properties).owned_by(PropertyOwner::Person),
        Field::absent("is_identified", "the source has no table of persons"),
        Field::join("pdi", "person_distinct_ids", "id", "person_id"),
    ];
    Some(Table { name: "persons", base, fields })
}

/// What orders a row's versions: the first of the columns that the source has.
pub(super) fn newest(source: &SourceTable, columns: &[&'static str]) -> &'static str {
    columns.iter().find(|name| source.column(name).is_some()).copied().unwrap_or("1")
}

/// ` HAVING ..` that leaves out what was deleted by its newest row.
pub(super) fn not_deleted(source: &SourceTable, order: &str) -> String {
    match source.column("is_deleted") {
        Some(_) => format!(" HAVING not(ifNull(argMax(is_deleted, {order}), false))"),
        None => String::new(),
    }
}
