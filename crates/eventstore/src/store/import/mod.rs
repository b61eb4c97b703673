//! Import: any source becomes rows of a store.
//!
//! 1. *Reading*: the pieces of the source (row groups, text files) are read in parallel, each row gets its number and its
//!    person, and goes to the chunks of its bucket and month in work files. Rows that cannot be taken are written down.
//! 2. *Duplicates*: of rows of one uuid the first stays; what the store has comes before everything else.
//! 3. *Writing*: bucket by bucket the persons get ordinals and the rows their order, in event files and in clusters.
//! 4. The new version is committed. Until then the store is as it was.
//!
//! Whatever the size of the source, a thread holds the rows that it gathers before it spills them (24 to 64 MiB, by the
//! number of buckets, and as much again while they are put in order), later a window of the file that it writes. With the
//! source grow, for each thread: the persons of a text file while it is read; those of the bucket that is written, and 40
//! bytes for each row of the file that is written (whole months, until they have a million rows); 32 bytes for each 64th
//! row while duplicates are looked for. And once for all: 110 bytes for each chunk (one for each bucket and month of the
//! gathered rows), 8 for each row that is left out, 48 for each distinct id of the persons or overrides table, and the
//! distinct ids that are merged. What is done stands in a journal, so that the same import goes on after a crash.

mod bucket;
mod chunk;
mod commit;
mod dropped;
mod finish;
mod merges;
mod names;
mod order;
mod output;
mod people;
mod reading;
pub(crate) mod rejects;
pub(super) mod rewrite;
mod spill;
mod tables;
mod there;
pub(super) mod unfinished;
mod work;

pub(crate) use finish::{Kept, Shred};
pub(super) use people::People;

use super::files::{Folder, token};
use super::manifest::{MOST_BUCKETS, Manifest};
use super::versions::Versions;
use super::{WORKED_IN, open};
use crate::{Error, Source, SourceOptions, Table};
use commit::Written;
use datafusion::execution::context::SessionContext;
use datafusion::execution::runtime_env::RuntimeEnv;
use reading::Units;
use spill::Plan;
use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use unfinished::Places;
use work::{Begun, Work};

/// What is imported, and where to.
#[derive(Debug, Clone)]
pub struct ImportOptions {
    /// Files of events, persons, overrides and groups.
    pub source: SourceOptions,
    /// Folder or `s3://` address of the store; it is made if it does not exist.
    pub store: String,
    /// The present, in microseconds since 1970-01-01 UTC.
    pub now: i64,
    /// Bytes of memory that the rows on their way may take, together.
    pub memory: usize,
    /// Threads that work.
    pub threads: NonZeroUsize,
    /// Buckets of a new store; made of the number of rows if not given. A store that is there keeps its own.
    pub buckets: Option<u32>,
    /// Folder for what is not done yet; within the store if that is on this machine.
    pub work: Option<PathBuf>,
    /// Set by another thread to stop: the same import goes on later.
    pub cancelled: Arc<AtomicBool>,
}

impl ImportOptions {
    /// An import with the usual bounds: 2 GiB, all cores.
    #[must_use]
    pub fn new(source: SourceOptions, store: impl Into<String>, now: i64) -> Self {
        Self {
            source,
            store: store.into(),
            now,
            memory: 2 << 30,
            threads: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            buckets: None,
            work: None,
            cancelled: Arc::default(),
        }
    }
}

/// What an import is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportPhase {
    /// Reading the source.
    Reading,
    /// Writing the buckets.
    Writing,
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportProgress {
    /// What it is doing.
    pub phase: ImportPhase,
    /// Rows read so far.
    pub rows: u64,
    /// How much of the phase is done.
    pub done: u64,
    /// How much there is to do, in the same unit.
    pub total: u64,
}

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportSummary {
    /// Version of the store that has the rows.
    pub version: u64,
    /// Event rows taken.
    pub rows: u64,
    /// Event rows left out, as their uuid was there already.
    pub duplicates: u64,
    /// Rows that could not be taken.
    pub rejected: u64,
    /// Why, most frequent first, and how many rows each.
    pub reasons: Vec<(String, u64)>,
    /// Where those rows are.
    pub rejects: Option<String>,
    /// Persons that were new.
    pub persons: u64,
    /// Event files written.
    pub files: u64,
    /// Bytes of the event files, the cluster files and the tables written.
    pub bytes: u64,
    /// Whether it went on with an interrupted import.
    pub resumed: bool,
    /// What the user should know about the source.
    pub notices: Vec<String>,
}

/// Tells how far the work is.
type Tell<'a> = &'a (dyn Fn(ImportProgress) + Send + Sync);

/// Imports a source into a store. It must run within a tokio runtime of several threads.
///
/// # Errors
/// A source that cannot be opened or read, a store of a newer format, a full disk. Nothing is lost: the store is as it was,
/// and the same import goes on where it stopped.
pub async fn import(options: &ImportOptions, progress: Tell<'_>) -> Result<ImportSummary, Error> {
    let runtime = Arc::new(RuntimeEnv::default());
    let folder = Folder::open(&options.store, &runtime, &options.source.environment)?;
    let versions = Versions::new(folder);
    let mut base = versions.latest().await?;
    if let Some(base) = &base {
        versions.may_follow(base)?;
    }
    let source = crate::open::open_leniently(&options.source, &runtime).await?;
    let context = SessionContext::new_with_config_rt(Default::default(), Arc::clone(&runtime));
    let Some(events) = source.events().cloned() else {
        return Err(Error::usage("there are no event files to import")
            .with_hint("name a file or folder of events"));
    };
    let mut import =
        Import::begin(options, versions, source, events, base.as_ref(), context).await?;
    import.read(progress).await?;
    // Another writer may be faster: then the buckets are written anew, behind what it wrote.
    for _ in 0..COMMITS {
        // Who makes a store decides its buckets: rows that are spilled for others are spilled anew. And merges that an
        // optimize has worked in meanwhile are not applied any more to rows that are read.
        let buckets = base.as_ref().map_or(import.plan.buckets, |base| base.buckets);
        if buckets != import.plan.buckets || worked_in(base.as_ref()) != import.worked_in {
            import = import.begin_again(base.as_ref()).await?;
            import.read(progress).await?;
        }
        let written = match import.write(base.as_ref(), progress).await {
            Ok(written) => written,
            // The files of a version that another writer has replaced may be gone.
            Err(error) => match import.newer(base.as_ref()).await? {
                Some(newer) => {
                    base = Some(newer);
                    continue;
                }
                None => return Err(error),
            },
        };
        if let Some(summary) = import.commit(base.as_ref(), written).await? {
            return import.clean(summary);
        }
        base = import.versions.latest().await?;
    }
    Err(Error::data(format!("other writers were faster {COMMITS} times"))
        .at(options.store.clone())
        .with_hint("wait until they are done, then run the same import again: it goes on"))
}

/// How often a version is tried to be committed.
const COMMITS: usize = 5;

/// An import on its way, or a store that is written anew.
pub(super) struct Import<'a> {
    options: &'a ImportOptions,
    versions: Versions,
    source: Source,
    events: Table,
    context: SessionContext,
    plan: Arc<Plan>,
    /// Files of the merges that the plan knows from the store.
    worked_in: Vec<String>,
    units: Units,
    work: Work,
    fingerprint: String,
}

impl<'a> Import<'a> {
    async fn begin(
        options: &'a ImportOptions,
        versions: Versions,
        source: Source,
        events: Table,
        base: Option<&Manifest>,
        context: SessionContext,
    ) -> Result<Self, Error> {
        let (mut people, mut merged) = (People::default(), People::default());
        let runtime = context.runtime_env();
        if let Some(base) = base
            && let Some(merges) = open::worked_in(versions.folder(), base, &runtime).await?
        {
            merged.read(&merges, &context).await?;
        }
        let worked_in = worked_in(base);
        // As for queries in place: the overrides table counts if there is one, else that of the persons.
        if let Some(table) = source.overrides().or_else(|| source.persons()) {
            people.read(table, &context).await?;
        }
        let buckets = match base {
            Some(base) => kept_buckets(options, base)?,
            None => {
                options.buckets.unwrap_or_else(|| usual_buckets(&events)).clamp(1, MOST_BUCKETS)
            }
        };
        let columns = reading::columns(&events);
        names::check(&columns, base, options)?;
        let plan = Plan { worked_in: merged, ..Plan::new(columns, buckets, people) };
        let plan = Arc::new(plan);
        let units = Units::of(&events);
        let fingerprint = reading::fingerprint(&source, options, buckets, &worked_in);
        let work = open_work(options, versions.folder(), &fingerprint, buckets)?;
        Ok(Self {
            options,
            versions,
            source,
            events,
            context,
            plan,
            worked_in,
            units,
            work,
            fingerprint,
        })
    }

    /// Begins again for a store that another import has made meanwhile.
    async fn begin_again(self, base: Option<&Manifest>) -> Result<Self, Error> {
        let Self { options, versions, source, events, context, work, .. } = self;
        work.remove()?;
        Self::begin(options, versions, source, events, base, context).await
    }

    /// Reads what is not read yet.
    async fn read(&mut self, progress: Tell<'_>) -> Result<(), Error> {
        let done = reading::read(self, progress).await?;
        self.work.units.extend(done.into_iter().map(|unit| (unit.number, unit)));
        self.check_stopped()
    }

    fn check_stopped(&self) -> Result<(), Error> {
        if self.options.cancelled.load(Ordering::Relaxed) { Err(stopped()) } else { Ok(()) }
    }

    async fn write(
        &mut self,
        base: Option<&Manifest>,
        progress: Tell<'_>,
    ) -> Result<Written, Error> {
        // Another writer may have given the store columns that it had not before.
        names::check(&self.plan.columns, base, self.options)?;
        commit::write(self, base, progress).await
    }

    async fn commit(
        &self,
        base: Option<&Manifest>,
        written: Written,
    ) -> Result<Option<ImportSummary>, Error> {
        commit::commit(self, base, written).await
    }

    /// The version of another writer who was faster, unless this import was told to stop.
    async fn newer(&self, base: Option<&Manifest>) -> Result<Option<Manifest>, Error> {
        self.check_stopped()?;
        let known = base.map_or(0, |base| base.version);
        Ok(self.versions.latest().await?.filter(|newest| newest.version > known))
    }

    /// Removes the work files of an import that is in the store.
    fn clean(self, mut summary: ImportSummary) -> Result<ImportSummary, Error> {
        summary.resumed = self.work.resumed;
        summary.notices = self.source.notices().collect();
        self.work.remove()?;
        Ok(summary)
    }
}

/// Files of the merges that an optimize of the store has worked in.
fn worked_in(base: Option<&Manifest>) -> Vec<String> {
    let files = base.and_then(|base| base.tables.get(WORKED_IN)).into_iter().flatten();
    files.map(|file| file.path.clone()).collect()
}

/// The work folder of an import.
fn open_work(
    options: &ImportOptions,
    folder: &Folder,
    fingerprint: &str,
    buckets: u32,
) -> Result<Work, Error> {
    let place = Places::new(folder, options.work.as_deref()).of(fingerprint);
    Work::open(&place, Begun::new(buckets, token()))
}

/// The error of an import or optimize that was told to stop.
fn stopped() -> Error {
    Error::usage("the work was stopped").with_hint("run the same command again: it goes on")
}

/// The buckets of a store that is there; it keeps them.
fn kept_buckets(options: &ImportOptions, base: &Manifest) -> Result<u32, Error> {
    match options.buckets {
        Some(asked) if asked != base.buckets => Err(Error::usage(format!(
            "{asked} buckets are asked for, and the store has {}",
            base.buckets
        ))
        .at(options.store.clone())
        .with_hint(
            "a store keeps its number: leave it out, or import everything into a new store",
        )),
        _ => Ok(base.buckets),
    }
}

/// Rows of a bucket from which on one more bucket is better. Whole rows go through windows, however many a bucket has; what
/// is held of all of them while a bucket is written are its persons, and of a file's rows who, when and where. More buckets
/// make that less for each thread, and give more threads something to do.
const BUCKET_ROWS: u64 = 800_000;

/// Most buckets of a new store unless more are asked for: rows that are gathered become a chunk for each of them.
const USUAL_BUCKETS: u64 = 1024;

/// Buckets of a new store.
fn usual_buckets(events: &Table) -> u32 {
    buckets_for(events.files.iter().map(|file| file.rows.unwrap_or(file.bytes / 256)).sum())
}

/// Buckets for so many rows: enough for eight at a time, and so many that none is large.
fn buckets_for(rows: u64) -> u32 {
    let buckets = rows.div_ceil(BUCKET_ROWS).next_power_of_two().clamp(8, USUAL_BUCKETS);
    u32::try_from(buckets).unwrap_or(8)
}

/// Rows of some columns of a table, in order of arrival.
async fn rows_in_order(
    table: &Table,
    context: &SessionContext,
    columns: &[&str],
) -> Result<datafusion::execution::SendableRecordBatchStream, Error> {
    tables::rows_in_order(table, context, columns).await
}

/// Numbers by name, most frequent first.
fn most_frequent(reasons: HashMap<String, u64>) -> Vec<(String, u64)> {
    let mut reasons: Vec<(String, u64)> = reasons.into_iter().collect();
    reasons.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_sources_get_many_buckets_and_never_too_many() {
        for (rows, buckets) in [
            (0, 8),
            (8 * BUCKET_ROWS, 8),
            (8 * BUCKET_ROWS + 1, 16),
            (400_000_000, 512),
            (u64::from(u32::MAX), 1024),
        ] {
            assert_eq!(buckets_for(rows), buckets, "{rows}");
        }
    }
}
