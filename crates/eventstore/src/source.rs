//! An opened source: its tables, ready to be registered with DataFusion.

use crate::{Error, SourceOptions};
use datafusion::catalog::{Session, TableProvider};
use datafusion::execution::runtime_env::RuntimeEnv;
use events::source::{PropertyDefinitions, SourceTable, SourceTables, TableKind};
use std::sync::Arc;

/// An opened source.
#[derive(Debug, Clone, Default)]
pub struct Source {
    events: Option<Table>,
    persons: Option<Table>,
    overrides: Option<Table>,
    groups: Option<Table>,
}

/// A table of a source.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its rows under canonical names and types: text `Utf8View`, instants `Timestamp(Microsecond, "UTC")`, whole numbers
    /// `Int64` or `UInt64`, floats `Float64`, days `Date32`, lists `List(Utf8View)`.
    pub provider: Arc<dyn TableProvider>,
    /// Its columns as plain data, the row column and absent ones included.
    pub schema: SourceTable,
    /// What the user should know about the files: sentences without a full stop.
    pub notices: Vec<String>,
    /// The files it consists of, in order of arrival.
    pub files: Vec<SourceFile>,
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
}

impl Source {
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
        TableKind::ALL.into_iter().filter_map(|kind| Some((kind, self.table(kind)?))).flat_map(|(kind, table)| {
            table.notices.iter().map(move |notice| format!("{kind}: {notice}"))
        })
    }
}

/// Opens a source in place: finds its files, reads their footers or first lines, and settles the columns. Object stores
/// that the locations name are registered on `runtime`, which must be the one of the session that reads the tables.
///
/// # Errors
/// A location without files, a file that is not what its name says, a mapped or needed column that does not exist, an
/// object store that does not answer.
pub async fn open(options: &SourceOptions, runtime: &Arc<RuntimeEnv>) -> Result<Source, Error> {
    let _ = (options, runtime);
    Err(Error::internal("sources in place are under construction"))
}

/// Infers property kinds from a sample of at most `rows` rows of each table, spread over its files.
///
/// A property is Numeric if all its values are JSON numbers, Boolean if all are true or false, DateTime if all are texts
/// that read as ISO dates or times, else String; JSON null and absence tell nothing. Columns that count as properties
/// are of the kind that their type says. The same files give the same definitions.
///
/// # Errors
/// A file that cannot be read.
pub async fn infer_properties(
    source: &Source,
    session: &dyn Session,
    rows: usize,
) -> Result<PropertyDefinitions, Error> {
    let _ = (source, session, rows);
    Ok(PropertyDefinitions::default())
}
