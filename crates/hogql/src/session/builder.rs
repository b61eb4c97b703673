//! Setting up a session.

use super::errors::from_datafusion;
use super::planner::Planner;
use super::schema::Inferred;
use super::{Inner, Project, Session};
use crate::error::{Blame, Error};
use crate::ir::SourceTable;
use crate::lower::{ActorColumns, Tables};
use crate::settings::{Settings, WeekStart};
use crate::tables::{Identity, MemorySchema};
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::context::SessionContext;
use datafusion::execution::memory_pool::{FairSpillPool, TrackConsumersPool};
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_optimizer::ensure_requirements::EnsureRequirements;
use datafusion::physical_optimizer::optimizer::PhysicalOptimizer;
use datafusion::physical_optimizer::projection_pushdown::ProjectionPushdown;
use datafusion::prelude::SessionConfig;
use events::source::TableKind;
use events::time::similar_zone;
use eventstore::{Source, SourceOptions, StoreOptions};
use hogql_syntax::{Diagnostic, Span};
use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// Builds a [`Session`].
#[derive(Debug, Clone, Default)]
pub struct SessionBuilder {
    source: SourceOptions,
    store: Option<String>,
    store_version: Option<u64>,
    sample: bool,
    project: Project,
    zone: Option<String>,
    week_start: Option<WeekStart>,
    now: Option<i64>,
    identity: Identity,
    memory_limit: Option<usize>,
    threads: Option<NonZeroUsize>,
}

/// Most bytes of footers and page indexes that are kept: some thousand event files.
const FOOTERS: usize = 256 << 20;

/// Consumers of memory that an error about the limit names.
const NAMED_CONSUMERS: NonZeroUsize = match NonZeroUsize::new(5) {
    Some(named) => named,
    None => NonZeroUsize::MIN,
};

impl SessionBuilder {
    /// Reads events from a file, folder, glob or `s3://` address; may be called several times.
    #[must_use]
    pub fn events(mut self, location: impl Into<String>) -> Self {
        self.source.events.push(location.into());
        self
    }

    /// Reads persons (PostHog's persons export) from a location.
    #[must_use]
    pub fn persons(mut self, location: impl Into<String>) -> Self {
        self.source.persons.push(location.into());
        self
    }

    /// Reads distinct id overrides from a location: those of event files, or those that a store does not know yet.
    #[must_use]
    pub fn overrides(mut self, location: impl Into<String>) -> Self {
        self.source.overrides.push(location.into());
        self
    }

    /// Reads groups from a location.
    #[must_use]
    pub fn groups(mut self, location: impl Into<String>) -> Self {
        self.source.groups.push(location.into());
        self
    }

    /// Takes a column of the event files for one of PostHog's: `map("uuid", "commit")`.
    #[must_use]
    pub fn map(mut self, canonical: impl Into<String>, column: impl Into<String>) -> Self {
        self.source.map.push((canonical.into(), column.into()));
        self
    }

    /// Reads the sample export that is built into the library: about fifteen thousand events, their persons and groups.
    #[must_use]
    pub fn sample(mut self) -> Self {
        self.sample = true;
        self
    }

    /// Reads a store: a folder or `s3://` address that [`store::import`](crate::store::import) has made. It takes the
    /// place of event files; of what is read beside those, only [`overrides`](Self::overrides) may be given.
    #[must_use]
    pub fn store(mut self, location: impl Into<String>) -> Self {
        self.store = Some(location.into());
        self
    }

    /// Reads an older version of the store; the newest if not given.
    #[must_use]
    pub fn store_version(mut self, version: u64) -> Self {
        self.store_version = Some(version);
        self
    }

    /// All options of the source at once.
    #[must_use]
    pub fn source(mut self, source: SourceOptions) -> Self {
        self.source = source;
        self
    }

    /// Settings for `s3://` addresses, under the names of the usual `AWS_` environment variables.
    #[must_use]
    pub fn environment(mut self, environment: HashMap<String, String>) -> Self {
        self.source.environment = environment;
        self
    }

    /// The project's settings and definitions.
    #[must_use]
    pub fn project(mut self, project: Project) -> Self {
        self.project = project;
        self
    }

    /// The project's time zone, an IANA name; UTC if not given here nor by the project.
    #[must_use]
    pub fn timezone(mut self, zone: impl Into<String>) -> Self {
        self.zone = Some(zone.into());
        self
    }

    /// The project's first day of a week; Sunday if not given here nor by the project.
    #[must_use]
    pub fn week_start(mut self, start: WeekStart) -> Self {
        self.week_start = Some(start);
        self
    }

    /// The present, in microseconds since 1970-01-01 UTC. It must be given: no clock is read below the caller.
    #[must_use]
    pub fn now(mut self, micros: i64) -> Self {
        self.now = Some(micros);
        self
    }

    /// Whose events count as one person's.
    #[must_use]
    pub fn identity(mut self, identity: Identity) -> Self {
        self.identity = identity;
        self
    }

    /// Most memory that queries may hold, in bytes; sorts and large aggregations spill to disk beyond it. Unlimited if not given.
    /// At most a quarter of it, and 256 MiB, is for footers of files that are kept from one query to the next.
    #[must_use]
    pub fn memory_limit(mut self, bytes: usize) -> Self {
        self.memory_limit = Some(bytes);
        self
    }

    /// Parallel parts of a query; the number of cores if not given.
    #[must_use]
    pub fn threads(mut self, threads: NonZeroUsize) -> Self {
        self.threads = Some(threads);
        self
    }

    /// Opens the source.
    ///
    /// # Errors
    /// A zone that does not exist, a missing present, or a source that cannot be read: which file, and what to do.
    pub async fn open(self) -> Result<Session, Error> {
        let settings = self.settings()?;
        let runtime = self.runtime()?;
        let source = self.open_source(&runtime).await?;
        let context = self.context(runtime);
        let tables = tables(&source);
        for (kind, provider) in
            TableKind::ALL.iter().filter_map(|kind| Some((kind, source.table(*kind)?)))
        {
            context
                .register_table(kind.name(), Arc::clone(&provider.provider))
                .map_err(from_datafusion)?;
        }
        let declared = MemorySchema {
            tables: source.tables(),
            properties: self.project.properties,
            group_types: self.project.group_types,
            identity: self.identity,
        };
        let inferred = OnceCell::new_with(Inferred::known(&source, &declared));
        let inner = Inner { context, source, tables, settings, declared, inferred };
        Ok(Session { inner: Arc::new(inner) })
    }

    async fn open_source(&self, runtime: &Arc<RuntimeEnv>) -> Result<Source, Error> {
        if let Some(store) = self.store_options()? {
            return Ok(eventstore::open_store(&store, runtime).await?);
        }
        let options = if self.sample {
            eventstore::register_sample(runtime).await?
        } else {
            self.source.clone()
        };
        Ok(eventstore::open(&options, runtime).await?)
    }

    /// Which store to read, if one was asked for.
    fn store_options(&self) -> Result<Option<StoreOptions>, Error> {
        let Some(location) = &self.store else {
            return match self.store_version {
                None => Ok(None),
                Some(version) => Err(Error::usage(format!(
                    "version {version} of a store is asked for, and no store is named"
                ))
                .with_hint("only stores have versions; event files are read as they are")),
            };
        };
        self.check_beside_store(location)?;
        Ok(Some(StoreOptions {
            location: location.clone(),
            version: self.store_version,
            overrides: self.source.overrides.clone(),
            environment: self.source.environment.clone(),
        }))
    }

    /// Refuses what cannot be read beside a store.
    fn check_beside_store(&self, location: &str) -> Result<(), Error> {
        let SourceOptions { events, persons, groups, map, .. } = &self.source;
        if self.sample || !events.is_empty() {
            let other = if self.sample { "the sample" } else { "event files" };
            let message = format!("the store {location} and {other} are both given as the source");
            return Err(Error::usage(message)
                .with_hint("name one of them; event files can be imported into the store"));
        }
        let beside = [
            ("persons", persons.is_empty()),
            ("groups", groups.is_empty()),
            ("a mapping of columns", map.is_empty()),
        ];
        match beside.iter().find(|(_, is_empty)| !is_empty) {
            None => Ok(()),
            Some((what, _)) => Err(Error::usage(format!(
                "{what} cannot be given beside the store {location}, which was made with its own"
            ))
            .with_hint("the import takes such options; beside a store only overrides are read")),
        }
    }

    fn settings(&self) -> Result<Settings, Error> {
        let zone = self.zone.as_deref().or(self.project.timezone.as_deref()).unwrap_or("UTC");
        let zone = zone_name(zone)?;
        let Some(now) = self.now else {
            return Err(Error::usage("the session needs the present: call `now` on its builder"));
        };
        let week_start = self.week_start.or(self.project.week_start).unwrap_or_default();
        Ok(Settings { zone, week_start, now })
    }

    fn runtime(&self) -> Result<Arc<RuntimeEnv>, Error> {
        let footers = self.memory_limit.map_or(FOOTERS, |bytes| FOOTERS.min(bytes / 4));
        let mut builder = RuntimeEnvBuilder::new().with_metadata_cache_limit(footers);
        if let Some(bytes) = self.memory_limit {
            // The footers that are kept are memory, too.
            let pool = FairSpillPool::new(bytes.saturating_sub(footers));
            let pool = TrackConsumersPool::new(pool, NAMED_CONSUMERS);
            builder = builder.with_memory_pool(Arc::new(pool));
        }
        builder.build_arc().map_err(from_datafusion)
    }

    fn context(&self, runtime: Arc<RuntimeEnv>) -> SessionContext {
        let mut config = SessionConfig::new();
        if let Some(threads) = self.threads {
            config = config.with_target_partitions(threads.get());
        }
        let options = config.options_mut();
        // A shared part of several expressions may be nullable to the physical plan and not to the logical one, which knows more of
        // CASE. Everything above an aggregation takes its types from the physical plan, so the two need not agree.
        options.execution.skip_physical_aggregate_schema_check = true;
        options.execution.parquet.pushdown_filters = true;
        options.execution.parquet.reorder_filters = true;
        // Rows that lie together by person are grouped by more than that where they are, on two cores as on many.
        options.optimizer.subset_repartition_threshold = 2;
        let state = SessionStateBuilder::new()
            .with_config(config)
            .with_runtime_env(runtime)
            .with_default_features()
            .with_physical_optimizer_rules(rules())
            .with_query_planner(Arc::new(Planner));
        SessionContext::new_with_state(state.build())
    }
}

/// DataFusion's physical rules, of which one runs once more.
///
/// A filter that gets a projection forgets which columns it makes constant. Sorts leave out such columns: what a filter
/// knows must not change once they are planned, or the last rule, which checks plans, refuses them.
fn rules() -> Vec<Arc<dyn PhysicalOptimizerRule + Send + Sync>> {
    let mut rules = PhysicalOptimizer::default().rules;
    let is_planned = |rule: &Arc<dyn PhysicalOptimizerRule + Send + Sync>| {
        rule.name() == EnsureRequirements::new().name()
    };
    if let Some(place) = rules.iter().position(is_planned) {
        rules.insert(place, Arc::new(ProjectionPushdown::new()));
    }
    rules
}

/// The zone under its IANA name.
fn zone_name(zone: &str) -> Result<Arc<str>, Error> {
    match chrono_tz::Tz::from_str_insensitive(zone) {
        Ok(zone) => Ok(Arc::from(zone.name())),
        Err(_) => {
            let message = format!("unknown time zone `{zone}`");
            let error =
                Error::new(Blame::Usage, Diagnostic::error("H0704", Span::default(), message));
            Err(error.with_hint(match similar_zone(zone) {
                Some(similar) => format!("did you mean `{similar}`?"),
                None => {
                    "use an IANA name of the form `Area/City`, such as `Europe/Berlin`, or `UTC`"
                        .to_owned()
                }
            }))
        }
    }
}

fn tables(source: &Source) -> Tables {
    let provider = |kind| Some((ir_table(kind), Arc::clone(&source.table(kind)?.provider)));
    let actors = source.table(TableKind::Events).and_then(|events| {
        let (person, actor) = (events.schema.person.clone()?, events.schema.actor.clone()?);
        Some(ActorColumns { person, actor, person_of: Arc::clone(source.person_of_actor()?) })
    });
    Tables { providers: TableKind::ALL.into_iter().filter_map(provider).collect(), actors }
}

const fn ir_table(kind: TableKind) -> SourceTable {
    match kind {
        TableKind::Events => SourceTable::Events,
        TableKind::Persons => SourceTable::Persons,
        TableKind::Overrides => SourceTable::Overrides,
        TableKind::Groups => SourceTable::Groups,
    }
}

#[cfg(test)]
mod tests {
    use super::SessionBuilder;
    use datafusion::execution::memory_pool::MemoryLimit;

    #[test]
    fn footers_and_queries_share_the_memory_limit() {
        const MIB: usize = 1 << 20;
        for (limit, footers) in [(2 * MIB, MIB / 2), (8192 * MIB, 256 * MIB), (3, 0)] {
            let runtime = SessionBuilder::default().memory_limit(limit).runtime().unwrap();
            assert_eq!(runtime.cache_manager.get_metadata_cache_limit(), footers);
            let MemoryLimit::Finite(queries) = runtime.memory_pool.memory_limit() else {
                panic!("{limit}: no limit");
            };
            assert_eq!(queries + footers, limit);
        }
        let unlimited = SessionBuilder::default().runtime().unwrap();
        assert_eq!(unlimited.cache_manager.get_metadata_cache_limit(), 256 * MIB);
    }

    /// What is said of the options; nothing if they name a store.
    fn refusal(builder: &SessionBuilder) -> String {
        builder.store_options().err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn a_store_takes_the_place_of_event_files() {
        let store = || SessionBuilder::default().store("data");
        for (builder, other) in [
            (store().events("events.parquet"), "event files"),
            (store().sample(), "the sample"),
            (store().persons("persons.parquet"), "persons"),
            (store().groups("groups.parquet"), "groups"),
            (store().map("uuid", "id"), "a mapping of columns"),
        ] {
            let told = refusal(&builder);
            assert!(told.contains(other) && told.contains("the store data"), "{told}");
        }
        let versioned = SessionBuilder::default().events("events.parquet").store_version(7);
        assert!(refusal(&versioned).starts_with("version 7 of a store"));
    }

    #[test]
    fn overrides_may_stand_beside_a_store() {
        let builder = SessionBuilder::default().store("data").store_version(7).overrides("new.csv");
        let options = builder.store_options().unwrap().unwrap();
        assert_eq!((options.location.as_str(), options.version), ("data", Some(7)));
        assert_eq!(options.overrides, ["new.csv"]);
        assert!(SessionBuilder::default().store_options().unwrap().is_none());
    }
}
