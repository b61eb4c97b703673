//! What queries see of a source. Property kinds are inferred only when a query asks for one: the sample costs more than most
//! queries that read no property.

use super::{Inner, Session};
use crate::error::Error;
use crate::resolve::{self, Options, Resolved};
use crate::tables::{Identity, MemorySchema, PropertyOwner, Schema};
use events::property::PropertyKind;
use events::source::{ColumnType, PropertyDefinitions, SourceTable, TableKind};
use eventstore::Source;
use hogql_syntax::{Diagnostic, Span, ast};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Rows of each table that are looked at to infer property types, spread over its files.
const SAMPLED_ROWS: usize = 25_000;

/// The source's tables and columns with the types of properties.
pub(super) struct Inferred {
    schema: MemorySchema,
    /// Whether all rows were looked at.
    whole: bool,
}

impl Inferred {
    /// What a source knows of all its rows; `None` if it must be sampled.
    pub(super) fn known(source: &Source, declared: &MemorySchema) -> Option<Self> {
        Some(Self::new(source.definitions()?.clone(), true, declared))
    }

    fn new(found: PropertyDefinitions, whole: bool, declared: &MemorySchema) -> Self {
        let properties = found.overridden_by(declared.properties.clone());
        Self { schema: MemorySchema { properties, ..declared.clone() }, whole }
    }
}

impl Session {
    /// What queries see of the source: tables, columns, and property types. Types that the project does not give are known
    /// to a store; of other sources they are inferred from a bounded sample, once.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub async fn schema(&self) -> Result<&MemorySchema, Error> {
        Ok(&self.inferred().await?.schema)
    }

    async fn inferred(&self) -> Result<&Inferred, Error> {
        let inner = &self.inner;
        let infer = || async {
            let state = inner.context.state();
            let found = eventstore::infer_properties(&inner.source, &state, SAMPLED_ROWS).await;
            let found = found.map_err(Error::from)?;
            Ok(Inferred::new(found.definitions, found.whole, &inner.declared))
        };
        inner.inferred.get_or_try_init(infer).await
    }

    /// Types of properties: the project's, else inferred.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub async fn property_definitions(&self) -> Result<&PropertyDefinitions, Error> {
        Ok(&self.schema().await?.properties)
    }

    /// Resolves a query, first without inferred property kinds, then, if one was asked for, with them.
    pub(super) async fn resolve(
        &self,
        query: &ast::Query,
        options: &Options,
    ) -> Result<Resolved, Error> {
        let Inner { settings, declared, .. } = self.inner.as_ref();
        if !self.inner.inferred.initialized() {
            let watched = Watched::new(declared, declared);
            let resolved = resolve::resolve(query, &watched, settings, options);
            if watched.undeclared.borrow().is_empty() {
                return resolved;
            }
        }
        let inferred = self.inferred().await?;
        let watched = Watched::new(&inferred.schema, declared);
        let mut resolved = resolve::resolve(query, &watched, settings, options)?;
        if !inferred.whole {
            resolved.notices.extend(watched.sampled());
        }
        Ok(resolved)
    }
}

/// A schema that remembers which properties were asked for that the project does not define, and what their kind is.
struct Watched<'a> {
    schema: &'a MemorySchema,
    declared: &'a MemorySchema,
    /// By name; without a kind if the sample does not tell it.
    undeclared: RefCell<BTreeMap<String, Option<PropertyKind>>>,
}

impl<'a> Watched<'a> {
    const fn new(schema: &'a MemorySchema, declared: &'a MemorySchema) -> Self {
        Self { schema, declared, undeclared: RefCell::new(BTreeMap::new()) }
    }

    /// Whether the property is a column of the files whose type tells its kind.
    fn is_typed(&self, owner: PropertyOwner, name: &str) -> bool {
        let table = match owner {
            PropertyOwner::Event => TableKind::Events,
            PropertyOwner::Person => TableKind::Persons,
            PropertyOwner::Group => TableKind::Groups,
        };
        let column = self.source(table).and_then(|table| table.property_column(name));
        column.is_some_and(|column| column.ty != ColumnType::String)
    }

    /// Says of which properties rows outside the sample may hold what is not shown.
    fn sampled(&self) -> Option<Diagnostic> {
        let is_text = |kind: &PropertyKind| *kind == PropertyKind::String;
        let all = self.undeclared.borrow();
        let names: Vec<String> = all
            .iter()
            .filter_map(|(name, kind)| {
                let kind = kind.filter(|kind| !is_text(kind))?;
                Some(format!("`{name}` {kind:?}"))
            })
            .collect();
        let message = format!(
            "property types come from a sample of the rows: {}; values that do not fit read as NULL",
            names.join(", ")
        );
        let notice = Diagnostic::warning("H0705", Span::default(), message)
            .with_hint("a project file fixes them: [properties.event]");
        (!names.is_empty()).then_some(notice)
    }
}

impl Schema for Watched<'_> {
    fn source(&self, kind: TableKind) -> Option<&SourceTable> {
        self.schema.source(kind)
    }

    fn property_kind(&self, owner: PropertyOwner, name: &str) -> Option<PropertyKind> {
        let kind = self.schema.property_kind(owner, name);
        if self.declared.property_kind(owner, name).is_none() {
            let sampled = kind.filter(|_| !self.is_typed(owner, name));
            self.undeclared.borrow_mut().insert(name.to_owned(), sampled);
        }
        kind
    }

    fn group_types(&self) -> &[String] {
        self.schema.group_types()
    }

    fn identity(&self) -> Identity {
        self.schema.identity()
    }
}

#[cfg(test)]
mod tests {
    use crate::session::{Project, Session};

    #[tokio::test]
    async fn only_queries_that_read_undefined_properties_wait_for_a_sample() {
        let project = Project::parse("[properties.event]\nplan = \"String\"\n").unwrap();
        let session = Session::builder().now(0).sample().project(project).open().await.unwrap();
        for text in [
            "SELECT event, count() FROM events GROUP BY event",
            "SELECT count(DISTINCT person_id) FROM events WHERE timestamp > now() - INTERVAL 7 DAY",
            "SELECT properties.plan FROM events",
        ] {
            session.hogql(text).await.unwrap();
            assert!(!session.inner.inferred.initialized(), "{text}");
        }
        session.hogql("SELECT properties.$screen_width FROM events").await.unwrap();
        assert!(session.inner.inferred.initialized());
    }

    #[tokio::test]
    async fn types_do_not_depend_on_what_was_asked_before() {
        let text = "SELECT properties.$screen_width AS width FROM events LIMIT 1";
        let session = Session::builder().now(0).sample().open().await.unwrap();
        let first = session.hogql(text).await.unwrap().columns().to_vec();
        session.schema().await.unwrap();
        assert_eq!(session.hogql(text).await.unwrap().columns(), first);
        assert!(format!("{first:?}").contains("Float64"), "{first:?}");
    }

    #[tokio::test]
    async fn types_from_a_part_of_the_rows_are_told() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let place = folder.path().join("log.jsonl");
        let row = |price: &str| {
            format!(
                r#"{{"event":"a","distinct_id":"u","timestamp":"2024-01-01T00:00:00Z","price":{price},"plan":"x"}}"#
            )
        };
        let mut rows = vec![row("1"); super::SAMPLED_ROWS + 10];
        rows.push(row("\"free\""));
        let told = async |rows: &[String], query: &str| {
            std::fs::write(&place, rows.join("\n"))?;
            let source = place.display().to_string();
            let session = Session::builder().now(0).events(source).open().await?;
            let query = session.hogql(query).await?;
            let notices = query.notices().iter().map(|notice| notice.message.clone());
            Ok::<_, Box<dyn std::error::Error>>(notices.collect::<Vec<_>>())
        };
        let query = "SELECT properties.price, properties.plan FROM events";
        let found = told(&rows, query).await?;
        assert!(matches!(found.as_slice(), [one] if one.contains("`price` Numeric;")), "{found:?}");
        assert!(told(&rows, "SELECT properties.plan FROM events").await?.is_empty());
        assert!(told(rows.get(..100).ok_or("rows")?, query).await?.is_empty());
        Ok(())
    }
}
