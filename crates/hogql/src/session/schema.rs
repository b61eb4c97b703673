//! The session as the resolver sees it.

use super::{Identity, Project};
use events::source::{PropertyDefinitions, SourceTables};

/// What exists: tables, columns, property types, group types.
pub struct SessionSchema<'a> {
    tables: &'a SourceTables,
    definitions: &'a PropertyDefinitions,
    project: &'a Project,
    identity: Identity,
}

impl<'a> SessionSchema<'a> {
    pub(super) const fn new(
        tables: &'a SourceTables,
        definitions: &'a PropertyDefinitions,
        project: &'a Project,
        identity: Identity,
    ) -> Self {
        Self { tables, definitions, project, identity }
    }
}
