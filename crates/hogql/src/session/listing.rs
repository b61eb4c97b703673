//! What there is to ask about, for people and for completion.

use super::Session;
use crate::error::Error;
use crate::resolve::{self, Options};
use crate::tables;

/// Tables, their columns, and properties.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SchemaListing {
    /// Tables in the order of the documentation.
    pub tables: Vec<TableListing>,
    /// Whose (`event`, `person`, `group`), name, type.
    pub properties: Vec<(&'static str, String, &'static str)>,
}

/// A table and the columns that `*` stands for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableListing {
    /// Its name.
    pub name: String,
    /// Name and ClickHouse type of each column.
    pub columns: Vec<(String, String)>,
}

impl Session {
    /// Lists what there is to ask about.
    ///
    /// # Errors
    /// A file that cannot be read while property types are inferred.
    pub async fn schema_listing(&self) -> Result<SchemaListing, Error> {
        let schema = self.schema().await?;
        let tables = tables::names(schema)
            .filter(|name| *name != "numbers")
            .map(|name| self.table_listing(name, schema));
        let properties = &schema.properties;
        let owners = [
            ("event", &properties.event),
            ("person", &properties.person),
            ("group", &properties.group),
        ];
        let named = owners.into_iter().flat_map(|(owner, kinds)| {
            kinds.iter().map(move |(name, kind)| (owner, name.clone(), kind.name()))
        });
        Ok(SchemaListing { tables: tables.collect::<Result<_, _>>()?, properties: named.collect() })
    }

    fn table_listing(
        &self,
        name: &str,
        schema: &tables::MemorySchema,
    ) -> Result<TableListing, Error> {
        let star = hogql_syntax::parse_select(&format!("SELECT * FROM {name}"));
        let resolved = resolve::resolve(&star.tree, schema, self.settings(), &Options::default())?;
        let columns =
            resolved.query.output.into_iter().map(|column| (column.name, column.ty.to_string()));
        Ok(TableListing { name: name.to_owned(), columns: columns.collect() })
    }
}
