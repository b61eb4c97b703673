//! The session: a source, the project's settings, and questions.
//!
//! A [`Session`] is cheap to clone and to share between threads. Every question becomes a [`Query`], which can be
//! explained, streamed or collected, and is cancelled by dropping it or its stream.

mod builder;
mod errors;
mod explain;
mod listing;
mod project;
mod query;

pub use crate::tables::Identity;
pub use builder::SessionBuilder;
pub use listing::{SchemaListing, TableListing};
pub use project::Project;
pub use query::{Column, Progress, Query, QueryResult, ResultStream};

use crate::error::Error;
use crate::lower::{self, Tables};
use crate::resolve::{self, Options};
use crate::settings::Settings;
use crate::tables::MemorySchema;
use datafusion::execution::context::SessionContext;
use events::source::{PropertyDefinitions, SourceTables};
use eventstore::Source;
use hogql_syntax::{Diagnostic, Severity};
use std::sync::Arc;
use tokio::sync::OnceCell;

/// Questions against one source.
#[derive(Clone)]
pub struct Session {
    inner: Arc<Inner>,
}

struct Inner {
    context: SessionContext,
    source: Source,
    tables: Tables,
    source_tables: SourceTables,
    settings: Settings,
    identity: Identity,
    project: Project,
    schema: OnceCell<MemorySchema>,
}

/// Rows of each table that are looked at to infer property types, spread over its files.
const SAMPLED_ROWS: usize = 20_000;

impl Session {
    /// Starts to set up a session.
    #[must_use]
    pub fn builder() -> SessionBuilder {
        SessionBuilder::default()
    }

    /// The zone, the week's start and the present that queries are answered with.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// What the source has: tables and columns.
    #[must_use]
    pub fn source_tables(&self) -> &SourceTables {
        &self.inner.source_tables
    }

    /// What the user should know about the source: sentences without a full stop.
    #[must_use]
    pub fn notices(&self) -> Vec<String> {
        self.inner.source.notices().collect()
    }

    /// What queries see of the source: tables, columns, and property types. Types that the project does not give are inferred from a
    /// bounded sample of the source, once.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub async fn schema(&self) -> Result<&MemorySchema, Error> {
        let inner = &self.inner;
        inner
            .schema
            .get_or_try_init(|| async {
                let state = inner.context.state();
                let inferred =
                    eventstore::infer_properties(&inner.source, &state, SAMPLED_ROWS).await;
                Ok(MemorySchema {
                    tables: inner.source_tables.clone(),
                    properties: inferred
                        .map_err(Error::from)?
                        .overridden_by(inner.project.properties.clone()),
                    group_types: inner.project.group_types.clone(),
                    identity: inner.identity,
                })
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

    /// Compiles a HogQL query.
    ///
    /// # Errors
    /// Whatever is wrong with the text, with every place that is; or something that is not supported, by name.
    pub async fn hogql(&self, text: &str) -> Result<Query, Error> {
        self.hogql_with(text, &Options::default()).await
    }

    /// Compiles a HogQL query with values for its placeholders and filters.
    ///
    /// # Errors
    /// As [`Session::hogql`]; also a placeholder without a value.
    pub async fn hogql_with(&self, text: &str, options: &Options) -> Result<Query, Error> {
        let parsed = hogql_syntax::parse_select(text);
        if parsed.diagnostics.iter().any(|found| found.severity == Severity::Error) {
            return Err(Error::syntax(parsed.diagnostics));
        }
        let schema = self.schema().await?;
        let resolved = resolve::resolve(&parsed.tree, schema, &self.inner.settings, options)?;
        let plan =
            lower::lower(&resolved.query, &self.inner.tables).map_err(errors::from_datafusion)?;
        let mut notices = parsed.diagnostics;
        notices.extend(resolved.notices);
        Ok(Query::new(
            self.inner.context.clone(),
            plan,
            query::columns(resolved.query.output),
            notices,
        ))
    }

    /// Everything that is wrong or worth knowing about a HogQL text; empty if nothing.
    ///
    /// # Errors
    /// A file that cannot be read while property types are inferred.
    pub async fn check(&self, text: &str) -> Result<Vec<Diagnostic>, Error> {
        match self.hogql(text).await {
            Ok(query) => Ok(query.notices().to_vec()),
            Err(error) if error.is_about_query() => Ok(error.diagnostics().to_vec()),
            Err(error) => Err(error),
        }
    }

    /// Compiles a query in DataFusion's SQL dialect over the source's tables (`events`, `persons`, ..), under the columns
    /// that the files have. HogQL's semantics do not apply.
    ///
    /// # Errors
    /// Whatever DataFusion says of the text.
    pub async fn sql(&self, text: &str) -> Result<Query, Error> {
        let state = self.inner.context.state();
        let plan = state.create_logical_plan(text).await.map_err(errors::from_sql)?;
        errors::refuse_writes(&plan)?;
        let columns = query::columns_of_plan(&plan);
        Ok(Query::new(self.inner.context.clone(), plan, columns, Vec::new()))
    }
}
