//! A schema held in memory: for tests, and for callers that know their source.

use super::{Identity, PropertyOwner, Schema};
use ::events::property::PropertyKind;
use ::events::source::{PropertyDefinitions, SourceTable, SourceTables, TableKind};

/// A [`Schema`] that owns what it says.
#[derive(Debug, Clone, Default)]
pub struct MemorySchema {
    /// Tables of the source.
    pub tables: SourceTables,
    /// Kinds of properties.
    pub properties: PropertyDefinitions,
    /// Names of group types by index.
    pub group_types: Vec<String>,
    /// Whose events count as one person's.
    pub identity: Identity,
}

impl Schema for MemorySchema {
    fn source(&self, kind: TableKind) -> Option<&SourceTable> {
        self.tables.get(kind)
    }

    fn property_kind(&self, owner: PropertyOwner, name: &str) -> Option<PropertyKind> {
        let definitions = match owner {
            PropertyOwner::Event => &self.properties.event,
            PropertyOwner::Person => &self.properties.person,
            PropertyOwner::Group => &self.properties.group,
        };
        definitions.get(name).copied()
    }

    fn group_types(&self) -> &[String] {
        &self.group_types
    }

    fn identity(&self) -> Identity {
        self.identity
    }
}
