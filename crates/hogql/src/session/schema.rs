//! What queries see of a source. Property kinds are inferred only when a query asks for one: the sample costs more than most
//! queries that read no property.

use super::Session;
use crate::error::Error;
use crate::resolve::{self, Options, Resolved};
use crate::tables::{Identity, MemorySchema, PropertyOwner, Schema};
use events::property::PropertyKind;
use events::source::{PropertyDefinitions, SourceTable, TableKind};
use hogql_syntax::ast;
use std::cell::Cell;

/// Rows of each table that are looked at to infer property types, spread over its files.
const SAMPLED_ROWS: usize = 20_000;

impl Session {
    /// What queries see of the source: tables, columns, and property types. Types that the project does not give are inferred from a
    /// bounded sample of the source, once.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub async fn schema(&self) -> Result<&MemorySchema, Error> {
        let inner = &self.inner;
        inner
            .inferred
            .get_or_try_init(|| async {
                let state = inner.context.state();
                let inferred =
                    eventstore::infer_properties(&inner.source, &state, SAMPLED_ROWS).await;
                let properties =
                    inferred.map_err(Error::from)?.overridden_by(inner.declared.properties.clone());
                Ok(MemorySchema { properties, ..inner.declared.clone() })
            })
            .await
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
        let settings = &self.inner.settings;
        if !self.inner.inferred.initialized() {
            let declared = Declared { schema: &self.inner.declared, lacked: Cell::new(false) };
            let resolved = resolve::resolve(query, &declared, settings, options);
            if !declared.lacked.get() {
                return resolved;
            }
        }
        resolve::resolve(query, self.schema().await?, settings, options)
    }
}

/// What the source's columns and the project say.
struct Declared<'a> {
    schema: &'a MemorySchema,
    /// Whether a property was asked for that the project does not define.
    lacked: Cell<bool>,
}

impl Schema for Declared<'_> {
    fn source(&self, kind: TableKind) -> Option<&SourceTable> {
        self.schema.source(kind)
    }

    fn property_kind(&self, owner: PropertyOwner, name: &str) -> Option<PropertyKind> {
        let kind = self.schema.property_kind(owner, name);
        self.lacked.set(self.lacked.get() || kind.is_none());
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
}
