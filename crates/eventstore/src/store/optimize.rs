//! Optimize: the ideal layout, and no file that no version needs.

use super::files::Folder;
use super::import::rewrite::{overtaken, rewrite, worn};
use super::import::unfinished::{Places, Unfinished, give_up};
use super::import::{ImportOptions, ImportProgress};
use super::info::health::may_be_named;
use super::manifest::{EventFile, Manifest};
use super::open::pinned;
use super::versions::{Versions, manifest_path};
use crate::{Blame, Error, SourceOptions};
use datafusion::execution::runtime_env::RuntimeEnv;
use std::collections::{BTreeSet, HashMap};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What is optimized, and how.
#[derive(Debug, Clone)]
pub struct OptimizeOptions {
    /// Folder or `s3://` address of the store.
    pub store: String,
    /// Settings for `s3://` addresses, under the names of the usual `AWS_` environment variables.
    pub environment: HashMap<String, String>,
    /// The present, in microseconds since 1970-01-01 UTC.
    pub now: i64,
    /// How long readers of an older version may need its files, and how long an import that broke off may be gone on with,
    /// in microseconds.
    pub grace: i64,
    /// Bytes of memory that the rows on their way may take, together.
    pub memory: usize,
    /// Threads that work.
    pub threads: NonZeroUsize,
    /// Folder for what is not done yet; within the store if that is on this machine.
    pub work: Option<PathBuf>,
    /// Set by another thread to stop.
    pub cancelled: Arc<AtomicBool>,
}

/// What was optimized.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OptimizeSummary {
    /// The newest version of the store.
    pub version: u64,
    /// Event rows written anew.
    pub rows: u64,
    /// Event files that were written anew.
    pub files_before: u64,
    /// Event files that they became.
    pub files_after: u64,
    /// Bytes of the files that were written anew.
    pub bytes_before: u64,
    /// Bytes of the files that they became.
    pub bytes_after: u64,
    /// Event rows of the newest version, written anew or not.
    pub store_rows: u64,
    /// Event files of it.
    pub store_files: u64,
    /// Bytes of them.
    pub store_bytes: u64,
    /// Files removed, as no version needs them.
    pub removed_files: u64,
    /// Bytes of them.
    pub removed_bytes: u64,
    /// Imports and optimizes that broke off and were gone on with by nobody: what was left to do them is removed.
    pub given_up: u64,
    /// Bytes of their work files. What they had written into the store is among the files removed.
    pub given_up_bytes: u64,
    /// Whether rows were written anew.
    pub changed: bool,
}

/// Writes the worn buckets of a store anew, and removes the files that no reader needs, nor an import that may go on.
/// Readers of older versions keep working for the grace time.
///
/// # Errors
/// No store there, a file that cannot be read or written, another writer that was faster. The store stays as it was.
pub async fn optimize(
    options: &OptimizeOptions,
    progress: &(dyn Fn(ImportProgress) + Send + Sync),
) -> Result<OptimizeSummary, Error> {
    let runtime = Arc::new(RuntimeEnv::default());
    let folder = Folder::open(&options.store, &runtime, &options.environment)?;
    let versions = Versions::new(folder);
    let base = pinned(&versions, None).await?;
    versions.may_follow(&base)?;
    let mut summary = OptimizeSummary::default();
    let mut current = base;
    if !worn(&current).is_empty() {
        let done = match rewrite(&as_import(options), &versions, &current, progress).await {
            Ok(done) => done,
            Err(error) => return Err(blamed(&versions, &current, error, options).await),
        };
        summary.rows = done.rows;
        (summary.files_before, summary.files_after) = (done.files_before, done.files_after);
        (summary.bytes_before, summary.bytes_after) = (done.bytes_before, done.bytes_after);
        summary.changed = true;
        current = done.next;
    }
    current = forget(&versions, current, options).await?;
    summary.version = current.version;
    summary.store_rows = current.events.iter().map(|file| file.rows).sum();
    summary.store_files = current.events.len() as u64;
    summary.store_bytes = current.events.iter().map(EventFile::all_bytes).sum();
    clean(&versions, &current, options, &mut summary).await?;
    Ok(summary)
}

/// The error of a rewrite. What it read is gone if another writer has replaced it, and its readers were given no time.
async fn blamed(
    versions: &Versions,
    base: &Manifest,
    error: Error,
    options: &OptimizeOptions,
) -> Error {
    let newest = versions.latest().await.ok().flatten();
    let is_old = newest.is_some_and(|newest| newest.version > base.version);
    if is_old && error.blame() == Blame::Data { overtaken(&options.store) } else { error }
}

fn as_import(options: &OptimizeOptions) -> ImportOptions {
    let source =
        SourceOptions { environment: options.environment.clone(), ..SourceOptions::default() };
    ImportOptions {
        source,
        store: options.store.clone(),
        now: options.now,
        memory: options.memory,
        threads: options.threads,
        buckets: None,
        work: options.work.clone(),
        cancelled: Arc::clone(&options.cancelled),
    }
}

/// Whether what ended at `since` is no reader's any more. A clock that went back makes it stay longer.
const fn is_over(since: i64, options: &OptimizeOptions) -> bool {
    since.saturating_add(options.grace) <= options.now
}

/// Drops the files from the manifest whose time is over.
async fn forget(
    versions: &Versions,
    current: Manifest,
    options: &OptimizeOptions,
) -> Result<Manifest, Error> {
    if !current.retired.iter().any(|retired| is_over(retired.since, options)) {
        return Ok(current);
    }
    let forgotten = versions.change(RETRIES, |newest| {
        let mut next = newest.unwrap_or_else(|| current.clone());
        next.retired.retain(|retired| !is_over(retired.since, options));
        next.made_at = options.now;
        Ok(next)
    });
    forgotten.await
}

/// How often a change is tried while others write.
const RETRIES: usize = 5;

/// Removes work that nobody has gone on with in time, manifests whose time is over, then the files that no manifest names
/// and that nobody is writing.
async fn clean(
    versions: &Versions,
    current: &Manifest,
    options: &OptimizeOptions,
    summary: &mut OptimizeSummary,
) -> Result<(), Error> {
    let folder = versions.folder();
    // In this order: a file that is listed is of work that is known by its word, or was done by then and is in a version,
    // or is nobody's.
    let mut files = Vec::new();
    for kind in KINDS {
        files.extend(folder.list(kind).await?);
    }
    let mut work = Places::new(folder, options.work.as_deref()).unfinished();
    work.iter_mut().for_each(|unfinished| unfinished.see(&files));
    let given_up = give_up(&mut work, current.version, |written| is_over(written, options))?;
    let words = words(&work);
    let needed = needed(versions, current, options).await?;
    files.retain(|file| {
        !needed.contains(&file.path)
            && may_be_named(&file.path, &words)
            && is_over(file.modified, options)
    });
    folder.remove_all(&files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>()).await?;
    summary.removed_files = files.len() as u64;
    summary.removed_bytes = files.iter().map(|file| file.bytes).sum();
    summary.given_up = given_up.len() as u64;
    summary.given_up_bytes = given_up.iter().map(|work| work.bytes).sum();
    Ok(())
}

/// The words of work that is not finished: its files are in no version yet.
pub(super) fn words(work: &[Unfinished]) -> Vec<String> {
    work.iter().filter_map(|unfinished| unfinished.word.clone()).collect()
}

/// The files that somebody may still read. Manifests whose time is over are removed: nobody can ask for those versions.
async fn needed(
    versions: &Versions,
    current: &Manifest,
    options: &OptimizeOptions,
) -> Result<BTreeSet<String>, Error> {
    let (mut needed, mut old) = (BTreeSet::new(), Vec::new());
    let mut follows = current.made_at;
    for version in versions.all().await?.into_iter().rev() {
        // What another writer has committed meanwhile is newer than anything that may go.
        let manifest = match versions.at(version).await {
            Ok(manifest) => manifest,
            // Another optimize has removed it since it was listed.
            Err(error) if error.blame() == Blame::Usage => continue,
            Err(error) => return Err(error),
        };
        let is_old = version < current.version && is_over(follows, options);
        follows = manifest.made_at;
        if is_old {
            old.push(manifest_path(version));
            continue;
        }
        needed.extend(named(&manifest));
        // Their own time counts, and not that of the version: its readers do without them.
        let retired = manifest.retired.iter().filter(|retired| !is_over(retired.since, options));
        needed.extend(retired.map(|retired| retired.path.clone()));
    }
    versions.folder().remove_all(&old.iter().map(String::as_str).collect::<Vec<_>>()).await?;
    Ok(needed)
}

/// Folders of files that manifests name.
pub(super) const KINDS: [&str; 7] =
    ["events", "clusters", "persons", "tables", "properties", "rejects", "sides"];

/// All files that readers of a version need. Those that it lists as retired are not among them.
pub(super) fn named(manifest: &Manifest) -> impl Iterator<Item = String> {
    let events = manifest.events.iter().flat_map(EventFile::files).map(|(path, _)| path);
    let persons = manifest.persons.iter().map(|file| &file.path);
    let tables = manifest.tables.values().flatten().map(|file| &file.path);
    let rejects = manifest.imports.iter().filter_map(|import| import.rejects.as_ref());
    let sides = manifest.sides.values().map(|side| &side.path);
    let all = events.chain(persons).chain(tables).chain(&manifest.properties);
    all.chain(rejects).chain(sides).cloned().collect::<Vec<_>>().into_iter()
}
