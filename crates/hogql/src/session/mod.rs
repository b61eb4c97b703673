//! The session: a source, the project's settings, and questions.
//!
//! A [`Session`] is cheap to clone and to share between threads. Every question becomes a [`Query`], which can be
//! explained, streamed or collected, and is cancelled by dropping it or its stream.

mod builder;
mod errors;
mod explain;
mod listing;
mod planner;
mod project;
mod query;
#[cfg(test)]
mod run_plans;
mod schema;

pub use crate::tables::Identity;
pub use ::events::property::PropertyKind;
pub use ::events::source::PropertyDefinitions;
pub use ::eventstore::SourceOptions;
pub use builder::SessionBuilder;
pub use listing::{SchemaListing, TableListing};
pub use project::Project;
pub use query::{Column, Meter, Progress, Query, QueryResult, ResultStream};

use crate::error::Error;
use crate::lower::{self, Tables};
use crate::resolve::Options;
use crate::settings::Settings;
use crate::tables::MemorySchema;
use datafusion::execution::context::SessionContext;
use events::source::SourceTables;
use eventstore::{Source, StoreVersion};
use hogql_syntax::{Diagnostic, Severity};
use schema::Inferred;
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
    settings: Settings,
    /// What the source and the project say.
    declared: MemorySchema,
    /// The same with inferred property kinds; known from the start if the source is a store.
    inferred: OnceCell<Inferred>,
}

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
        &self.inner.declared.tables
    }

    /// The store and its version that queries read; `None` if the source is none.
    #[must_use]
    pub fn store(&self) -> Option<&StoreVersion> {
        self.inner.source.store()
    }

    /// What the user should know about the source: sentences without a full stop.
    #[must_use]
    pub fn notices(&self) -> Vec<String> {
        self.inner.source.notices().collect()
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
        let resolved = self.resolve(&parsed.tree, options).await?;
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
