//! An opened source: its tables, ready to be registered with DataFusion.

use crate::store::{Moved, StoreVersion};
use crate::table::FileTable;
use datafusion::catalog::TableProvider;
use datafusion::logical_expr::ScalarUDF;
use events::source::{PropertyDefinitions, SourceTable, SourceTables, TableKind};
use std::sync::Arc;
use tokio::sync::OnceCell;

/// An opened source.
#[derive(Debug, Clone, Default)]
pub struct Source {
    events: Option<Table>,
    persons: Option<Table>,
    overrides: Option<Table>,
    groups: Option<Table>,
    definitions: Option<PropertyDefinitions>,
    store: Option<StoreVersion>,
    person_of_actor: Option<Arc<ScalarUDF>>,
    /// Which rows of a store the overrides move: found when it is asked for first.
    moved: Arc<OnceCell<Arc<Moved>>>,
}

/// A table of a source.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its rows under canonical names and types: text `Utf8View`, instants `Timestamp(Microsecond, "UTC")`, whole numbers
    /// `Int64` or `UInt64`, floats `Float64`, days `Date32`, lists `List(Utf8View)`.
    pub provider: Arc<dyn TableProvider>,
    /// Its columns as plain data, absent ones included. A store has no row column.
    pub schema: SourceTable,
    /// What the user should know about the files: sentences without a full stop.
    pub notices: Vec<String>,
    /// The files it consists of, in order of arrival.
    pub files: Vec<SourceFile>,
    /// The provider as itself.
    pub(crate) table: Arc<FileTable>,
}

/// A file of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Its address: `file:///..`, `s3://..`.
    pub url: String,
    /// Its size in bytes, as stored.
    pub bytes: u64,
    /// Its number of rows, where known without reading it.
    pub rows: Option<u64>,
    /// When it was last changed, in microseconds since 1970-01-01 UTC; unknown for files that never change.
    pub modified: Option<i64>,
}

impl Source {
    pub(crate) fn set(&mut self, kind: TableKind, table: Table) {
        self.moved = Arc::default();
        let place = match kind {
            TableKind::Events => &mut self.events,
            TableKind::Persons => &mut self.persons,
            TableKind::Overrides => &mut self.overrides,
            TableKind::Groups => &mut self.groups,
        };
        *place = Some(table);
    }

    pub(crate) fn set_definitions(&mut self, definitions: PropertyDefinitions) {
        self.definitions = Some(definitions);
    }

    /// Has queries ask the overrides for the persons of events.
    pub(crate) fn ask_overrides(&mut self) {
        if let Some(events) = &mut self.events {
            events.schema.is_settled = false;
        }
    }

    pub(crate) fn set_store(&mut self, store: StoreVersion) {
        self.store = Some(store);
    }

    pub(crate) fn set_person_of_actor(&mut self, function: Arc<ScalarUDF>) {
        self.person_of_actor = Some(function);
    }

    /// Which rows of a store the overrides move.
    pub(crate) fn moved(&self) -> &OnceCell<Arc<Moved>> {
        &self.moved
    }

    /// Kinds of all properties, if all rows have been looked at: those of a store.
    #[must_use]
    pub const fn definitions(&self) -> Option<&PropertyDefinitions> {
        self.definitions.as_ref()
    }

    /// The store that is read, if it is one.
    #[must_use]
    pub const fn store(&self) -> Option<&StoreVersion> {
        self.store.as_ref()
    }

    /// The function that gives the persons of actors, if the events number their persons.
    #[must_use]
    pub const fn person_of_actor(&self) -> Option<&Arc<ScalarUDF>> {
        self.person_of_actor.as_ref()
    }

    /// The event rows.
    #[must_use]
    pub const fn events(&self) -> Option<&Table> {
        self.events.as_ref()
    }

    /// The person rows.
    #[must_use]
    pub const fn persons(&self) -> Option<&Table> {
        self.persons.as_ref()
    }

    /// The overrides.
    #[must_use]
    pub const fn overrides(&self) -> Option<&Table> {
        self.overrides.as_ref()
    }

    /// The group rows.
    #[must_use]
    pub const fn groups(&self) -> Option<&Table> {
        self.groups.as_ref()
    }

    /// The table of a kind.
    #[must_use]
    pub const fn table(&self, kind: TableKind) -> Option<&Table> {
        match kind {
            TableKind::Events => self.events(),
            TableKind::Persons => self.persons(),
            TableKind::Overrides => self.overrides(),
            TableKind::Groups => self.groups(),
        }
    }

    /// What the tables have, as plain data for the resolver.
    #[must_use]
    pub fn tables(&self) -> SourceTables {
        let mut tables = SourceTables::default();
        for kind in TableKind::ALL {
            if let Some(table) = self.table(kind) {
                tables.set(kind, table.schema.clone());
            }
        }
        tables
    }

    /// The notices of all tables, each beginning with the table's name.
    pub fn notices(&self) -> impl Iterator<Item = String> + '_ {
        TableKind::ALL.into_iter().filter_map(|kind| Some((kind, self.table(kind)?))).flat_map(
            |(kind, table)| table.notices.iter().map(move |notice| format!("{kind}: {notice}")),
        )
    }
}
