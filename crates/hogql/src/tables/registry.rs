//! Finding virtual tables by name.

use super::definition::{Base, Field, Table};
use super::events::properties;
use super::{PropertyOwner, Schema, distinct_ids, events, groups, persons, sessions};
use ::events::source::TableKind;

/// Names of the tables that users may ask for.
const NAMES: &[&str] = &[
    "events",
    "persons",
    "person_distinct_ids",
    "person_distinct_id_overrides",
    "groups",
    "sessions",
    "numbers",
];

/// The names of all tables of the schema, for messages and listings.
pub fn names(schema: &dyn Schema) -> impl Iterator<Item = &'static str> {
    NAMES.iter().copied().filter(move |name| *name == "numbers" || table(name, schema).is_some())
}

/// The virtual table of that name over a source; `None` if there is none, or if the source cannot give it.
#[must_use]
pub fn table(name: &str, schema: &dyn Schema) -> Option<Table> {
    match name {
        "events" => events::events(schema),
        "persons" => persons::persons(schema),
        "person_distinct_ids" => distinct_ids::person_distinct_ids(schema),
        "person_distinct_id_overrides" => distinct_ids::person_distinct_id_overrides(schema),
        "groups" => groups::groups(schema),
        "sessions" => sessions::sessions(schema),
        _ => None,
    }
}

/// A source's own table, `source.persons`: only definitions may name it.
#[must_use]
pub fn source_table(name: &str, schema: &dyn Schema) -> Option<Table> {
    let (name, kind, owner) = match name {
        "source.events" => ("source.events", TableKind::Events, PropertyOwner::Event),
        "source.persons" => ("source.persons", TableKind::Persons, PropertyOwner::Person),
        "source.overrides" => ("source.overrides", TableKind::Overrides, PropertyOwner::Person),
        "source.groups" => ("source.groups", TableKind::Groups, PropertyOwner::Group),
        _ => return None,
    };
    let source = schema.source(kind)?;
    let stored = source.columns.iter().filter(|column| column.name != "properties");
    let mut fields: Vec<Field> =
        stored.map(|column| Field::stored(column.name.clone(), column)).collect();
    fields.push(properties(source, owner));
    Some(Table { name, base: Base::Source(kind), fields })
}
