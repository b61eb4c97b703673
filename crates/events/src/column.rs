//! Canonical columns: the names, types and defaults under which every source shows its rows.
//!
//! They are those of PostHog's exports, joined by the columns that PostHog keeps beside them. A file may lack most of
//! them; what a source really has is said by its [`SourceTable`](crate::source::SourceTable).

use crate::source::{ColumnType, TableKind};

/// A canonical column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Canonical {
    /// Its name in Hoglet and in PostHog's tables.
    pub name: &'static str,
    /// Its type.
    pub ty: ColumnType,
    /// What stands for a missing value in a column that PostHog never leaves empty. `None`: a missing value is NULL.
    pub default: Option<&'static str>,
    /// Without it a file is of no use.
    pub required: bool,
    /// Other names under which files carry it, best first.
    pub aliases: &'static [&'static str],
}

impl Canonical {
    const fn text(name: &'static str, default: Option<&'static str>) -> Self {
        Self { name, ty: ColumnType::String, default, required: false, aliases: &[] }
    }

    const fn of(name: &'static str, ty: ColumnType) -> Self {
        Self { name, ty, default: None, required: false, aliases: &[] }
    }

    const fn json(name: &'static str) -> Self {
        Self { name, ty: ColumnType::Json, default: Some("{}"), required: false, aliases: &[] }
    }

    const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    const fn or(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }
}

/// Identity of an event.
pub const UUID: &str = "uuid";
/// Name of an event.
pub const EVENT: &str = "event";
/// Properties of an event, a person or a group: the text of a JSON object.
pub const PROPERTIES: &str = "properties";
/// When an event happened.
pub const TIMESTAMP: &str = "timestamp";
/// Who did it, as the sender calls them.
pub const DISTINCT_ID: &str = "distinct_id";
/// The clicked elements of an autocaptured event.
pub const ELEMENTS_CHAIN: &str = "elements_chain";
/// When a row was stored (events), or when a person or group was first seen.
pub const CREATED_AT: &str = "created_at";
/// Session of an event.
pub const SESSION_ID: &str = "$session_id";
/// Browser window of an event.
pub const WINDOW_ID: &str = "$window_id";
/// Person of an event as of its ingestion, or of a distinct id.
pub const PERSON_ID: &str = "person_id";
/// Properties of the event's person as of its ingestion.
pub const PERSON_PROPERTIES: &str = "person_properties";
/// When the event's person was first seen.
pub const PERSON_CREATED_AT: &str = "person_created_at";
/// `full`, `propertyless` or `force_upgrade`.
pub const PERSON_MODE: &str = "person_mode";
/// Keys of the event's groups, by group type index.
pub const GROUPS: [&str; 5] = ["$group_0", "$group_1", "$group_2", "$group_3", "$group_4"];
/// Project of a row.
pub const TEAM_ID: &str = "team_id";
/// Place of a row in its source: files in order, then rows of the file. Not in any file; a source may offer it.
pub const ROW: &str = "$row";

/// Columns of event rows.
pub const EVENTS: &[Canonical] = &[
    Canonical::of(UUID, ColumnType::Uuid),
    Canonical::text(EVENT, Some("")).required(),
    Canonical::json(PROPERTIES),
    Canonical::of(TIMESTAMP, ColumnType::DateTime).required(),
    Canonical::text(DISTINCT_ID, Some("")).required(),
    Canonical::text(ELEMENTS_CHAIN, Some("")),
    Canonical::of(CREATED_AT, ColumnType::DateTime),
    Canonical::text(SESSION_ID, Some("")).or(&["session_id"]),
    Canonical::text(WINDOW_ID, Some("")).or(&["window_id"]),
    Canonical::of(PERSON_ID, ColumnType::Uuid),
    Canonical::json(PERSON_PROPERTIES),
    Canonical::of(PERSON_CREATED_AT, ColumnType::DateTime),
    Canonical::text(PERSON_MODE, Some("full")),
    Canonical::text(GROUPS[0], Some("")).or(&["group_0"]),
    Canonical::text(GROUPS[1], Some("")).or(&["group_1"]),
    Canonical::text(GROUPS[2], Some("")).or(&["group_2"]),
    Canonical::text(GROUPS[3], Some("")).or(&["group_3"]),
    Canonical::text(GROUPS[4], Some("")).or(&["group_4"]),
    Canonical::of(TEAM_ID, ColumnType::Integer),
    Canonical::of("historical_migration", ColumnType::Boolean),
    Canonical::of("_inserted_at", ColumnType::DateTime),
];

/// Columns of the persons export: a row for each change of a distinct id or its person.
pub const PERSONS: &[Canonical] = &[
    Canonical::of(PERSON_ID, ColumnType::Uuid).required().or(&["id", "uuid"]),
    Canonical::text(DISTINCT_ID, Some("")),
    Canonical::json(PROPERTIES),
    Canonical::of(CREATED_AT, ColumnType::DateTime),
    Canonical::of("person_version", ColumnType::Integer).or(&["version"]),
    Canonical::of("person_distinct_id_version", ColumnType::Integer),
    Canonical::of("is_deleted", ColumnType::Boolean),
    Canonical::of("is_identified", ColumnType::Boolean),
    Canonical::of(TEAM_ID, ColumnType::Integer),
    Canonical::of("_inserted_at", ColumnType::DateTime),
];

/// Columns of distinct id to person overrides.
pub const OVERRIDES: &[Canonical] = &[
    Canonical::text(DISTINCT_ID, Some("")).required(),
    Canonical::of(PERSON_ID, ColumnType::Uuid).required(),
    Canonical::of("version", ColumnType::Integer),
    Canonical::of("is_deleted", ColumnType::Boolean),
    Canonical::of(TEAM_ID, ColumnType::Integer),
];

/// Columns of groups.
pub const GROUP_ROWS: &[Canonical] = &[
    Canonical::of("index", ColumnType::Integer).required().or(&["group_type_index"]),
    Canonical::text("key", Some("")).required().or(&["group_key"]),
    Canonical::json(PROPERTIES).or(&["group_properties"]),
    Canonical::of(CREATED_AT, ColumnType::DateTime),
    Canonical::of("updated_at", ColumnType::DateTime),
    Canonical::of(TEAM_ID, ColumnType::Integer),
];

/// The canonical columns of a kind of table, in order.
#[must_use]
pub const fn columns(kind: TableKind) -> &'static [Canonical] {
    match kind {
        TableKind::Events => EVENTS,
        TableKind::Persons => PERSONS,
        TableKind::Overrides => OVERRIDES,
        TableKind::Groups => GROUP_ROWS,
    }
}

/// The canonical column of a table by name.
#[must_use]
pub fn find(kind: TableKind, name: &str) -> Option<&'static Canonical> {
    columns(kind).iter().find(|column| column.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_and_aliases_are_distinct() {
        for kind in TableKind::ALL {
            let mut seen = HashSet::new();
            for column in columns(kind) {
                assert!(seen.insert(column.name), "{kind}: {}", column.name);
                assert!(
                    column.aliases.iter().all(|alias| seen.insert(alias)),
                    "{kind}: {}",
                    column.name
                );
            }
        }
    }

    #[test]
    fn only_text_has_a_default() {
        for kind in TableKind::ALL {
            for column in columns(kind).iter().filter(|column| column.default.is_some()) {
                assert!(
                    matches!(column.ty, ColumnType::String | ColumnType::Json),
                    "{}",
                    column.name
                );
            }
        }
    }
}
