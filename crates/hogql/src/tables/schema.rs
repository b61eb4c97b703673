//! What the compiler must know of a source and a project.

use crate::types::{Type, Zone};
use ::events::property::PropertyKind;
use ::events::source::{ColumnType, SourceColumn, SourceTable, TableKind};

/// What exists: the seam between the compiler and everything that holds data or settings.
pub trait Schema {
    /// What a table of the source has; `None` if the source has no such table.
    fn source(&self, kind: TableKind) -> Option<&SourceTable>;

    /// The kind of a property; `None` if nothing is known of it, and it is read as text.
    fn property_kind(&self, owner: PropertyOwner, name: &str) -> Option<PropertyKind>;

    /// Names of group types by index, `["company", "project"]`; an empty name is a gap.
    fn group_types(&self) -> &[String];

    /// Whose events count as one person's.
    fn identity(&self) -> Identity;
}

/// Whose property it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the variants are the owners' names")]
pub enum PropertyOwner {
    Event,
    Person,
    Group,
}

/// Whose events count as one person's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Identity {
    /// The person that the distinct id belongs to now, where a persons or overrides source says so.
    #[default]
    Now,
    /// The person id on the event's row.
    AsOfEvent,
}

/// The type of a source's column; instants read in the project's zone.
#[must_use]
pub fn column_type(column: &SourceColumn, zone: &Zone) -> Type {
    let ty = match column.ty {
        ColumnType::String | ColumnType::Json => Type::STRING,
        ColumnType::Integer => Type::INT64,
        ColumnType::UInteger => Type::UINT64,
        ColumnType::Float => Type::FLOAT64,
        ColumnType::Boolean => Type::BOOL,
        ColumnType::Date => Type::DATE,
        ColumnType::DateTime => Type::datetime64(zone),
        ColumnType::Uuid => Type::UUID,
        ColumnType::StringList => Type::array(Type::STRING),
    };
    ty.with_nullable(column.nullable && !ty.is_composite())
}
