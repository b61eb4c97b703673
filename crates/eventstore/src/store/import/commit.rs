//! The second part of an import: duplicates are found, buckets are written, the new version is committed.

use super::bucket::{Waiting, Writing};
use super::chunk::{ChunkWriter, Place, SpillFile};
use super::dropped::{Dropped, LIST, duplicates, entry};
use super::finish::Shred;
use super::order::Part;
use super::output::Output;
use super::people::fingerprint;
use super::reading::told;
use super::spill::{PARTS, canonical, identity_part};
use super::there::Placed;
use super::work::Bucket;
use super::{
    Import, ImportPhase, ImportProgress, ImportSummary, Tell, merges, most_frequent, tables, there,
};
use crate::Error;
use crate::store::dictionary::Dictionary;
use crate::store::manifest::{
    Applied, EventFile, ImportRecord, Manifest, Retired, SourceRecord, StoredColumn, TableFile,
};
use crate::store::versions::Committed;
use crate::store::{MERGES, choose, open, persons};
use arrow::array::AsArray;
use arrow::compute::cast;
use arrow::datatypes::DataType;
use events::column;
use events::source::TableKind;
use futures::{Stream, StreamExt, TryStreamExt};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::runtime::Handle;

/// What was written behind a version, and is not in one yet.
pub(super) struct Written {
    pub(super) generation: u64,
    pub(super) buckets: Vec<Bucket>,
    tables: BTreeMap<String, Vec<TableFile>>,
    pub(super) properties: Placed,
    rejects: Option<Placed>,
    pub(super) shreds: Vec<Shred>,
    duplicates: u64,
}

impl Written {
    /// All files that the version is to name, with their sizes.
    pub(super) fn files(&self) -> Vec<Placed> {
        let tables = self.tables.values().flatten();
        let tables = tables.map(|file| (file.path.clone(), file.bytes));
        let mut files: Vec<Placed> = self.buckets.iter().flat_map(there::files).collect();
        files.extend(tables);
        files.push(self.properties.clone());
        files.extend(self.rejects.clone());
        files
    }
}

/// A window's share of a thread's memory; the rest is for the slices of it that are on their way, and for the writer.
const SHARE: usize = 4;

/// Most bytes of a window: more gains nothing.
const WINDOW: usize = 24 << 20;

/// Writes the buckets that are not written yet behind that version.
pub(super) async fn write(
    import: &mut Import<'_>,
    base: Option<&Manifest>,
    progress: Tell<'_>,
) -> Result<Written, Error> {
    let generation = base.map_or(1, |base| base.next_generation);
    let follows = base.map_or(0, |base| base.version);
    let staging = import.work.staged("");
    let folder = import.versions.folder().clone();
    let output = Output::new(folder, import.work.begun.token.clone(), staging, Handle::current());
    let stored = import.plan.stored;
    let dropped = if stored { Vec::new() } else { find_duplicates(import, base).await? };
    let dropped = Dropped::new(dropped);
    let duplicates = dropped.len() as u64;
    let shreds = choose::shreds(&import.events, &import.context, base).await?;
    let units = import.work.units.values();
    let texts: BTreeSet<String> =
        units.flat_map(|unit| unit.spilled.texts.iter().cloned()).collect();
    let written = Arc::new(AtomicU64::new(0));
    let writing = Arc::new(Writing {
        plan: Arc::clone(&import.plan),
        texts,
        shreds: Mutex::new(shreds),
        dropped,
        output: output.clone(),
        follows,
        generation,
        window: (import.options.memory / import.options.threads.get() / SHARE).min(WINDOW) as u64,
        cancelled: Arc::clone(&import.options.cancelled),
        failed: AtomicBool::new(false),
        written: Arc::clone(&written),
    });
    let buckets = write_buckets(import, base, &writing, progress).await?;
    let (mut tables, mut dictionary) = match base.filter(|_| stored) {
        None => tables::write(&import.source, &import.context, &output, generation).await?,
        Some(_) => (BTreeMap::new(), Dictionary::default()),
    };
    if let Some(base) = base.filter(|_| !stored)
        && let Some(merges) = merges::write(import, base, &output, generation).await?
    {
        tables.insert(MERGES.to_owned(), vec![merges]);
    }
    for bucket in &buckets {
        dictionary.join(bucket.dictionary.clone());
    }
    let properties = write_dictionary(import, base, &output, generation, dictionary).await?;
    let rejects = write_rejects(import, &output, generation).await?;
    let shreds = writing.shreds.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
    Ok(Written { generation, buckets, tables, properties, rejects, shreds, duplicates })
}

/// Numbers of the rows whose uuid came before.
async fn find_duplicates(import: &Import<'_>, base: Option<&Manifest>) -> Result<Vec<i64>, Error> {
    let mut lists: Vec<Vec<(PathBuf, Place)>> = vec![Vec::new(); usize::from(PARTS)];
    for unit in import.work.units.values() {
        let path = import.work.spill(unit.number);
        for (part, place) in &unit.spilled.identities {
            if let Some(list) = lists.get_mut(usize::from(*part)) {
                list.push((path.clone(), *place));
            }
        }
    }
    if let Some(base) = base.filter(|base| !base.events.is_empty()) {
        let path = import.work.staged("known.spill");
        for (part, place) in known_identities(import, base, &path).await? {
            if let Some(list) = lists.get_mut(usize::from(part)) {
                list.push((path.clone(), place));
            }
        }
    }
    let tasks = futures::stream::iter(lists).map(|list| async move {
        let task = tokio::task::spawn_blocking(move || duplicates(&list));
        task.await.map_err(|error| Error::internal(format!("a task is lost: {error}")))?
    });
    let found: Vec<Vec<i64>> =
        tasks.buffer_unordered(import.options.threads.get()).try_collect().await?;
    Ok(found.into_iter().flatten().collect())
}

/// Spills the identities of the store's rows.
async fn known_identities(
    import: &Import<'_>,
    base: &Manifest,
    path: &Path,
) -> Result<Vec<(u8, Place)>, Error> {
    let source =
        open::of_manifest(import.versions.folder(), base, import.context.runtime_env().as_ref())
            .await?;
    let Some(events) = source.events() else { return Ok(Vec::new()) };
    let mut rows = tables::rows_in_order(events, &import.context, &[column::UUID]).await?;
    let mut writer = ChunkWriter::create(path)?;
    let mut lists = vec![Vec::new(); usize::from(PARTS)];
    let mut places = Vec::new();
    while let Some(batch) = rows.try_next().await.map_err(|error| told(&error))? {
        import.check_stopped()?;
        let uuids = cast(batch.column(0), &DataType::Utf8View);
        let uuids = uuids.map_err(|error| Error::internal(error.to_string()))?;
        for text in uuids.as_string_view().iter().flatten() {
            let identity = canonical(text).map_or_else(|| fingerprint(text), |uuid| uuid.as_u128());
            let part = identity_part(identity);
            let Some(list) = lists.get_mut(usize::from(part)) else { continue };
            entry(list, identity, -1);
            if list.len() >= LIST {
                places.push((part, writer.write_bytes(list)?));
                list.clear();
            }
        }
    }
    for (part, list) in (0_u8..).zip(&lists) {
        places.push((part, writer.write_bytes(list)?));
    }
    writer.finish()?;
    Ok(places)
}

async fn write_buckets(
    import: &mut Import<'_>,
    base: Option<&Manifest>,
    writing: &Arc<Writing>,
    progress: Tell<'_>,
) -> Result<Vec<Bucket>, Error> {
    // What was written behind another version has ordinals that may be taken.
    let mut done = std::mem::take(&mut import.work.buckets);
    done.retain(|done| done.follows == writing.follows);
    done = there::whole(import.versions.folder(), done).await?;
    let is_done: BTreeSet<u32> = done.iter().map(|bucket| bucket.bucket).collect();
    let mut parts = parts(import);
    let rows = import.work.units.values().map(|unit| unit.spilled.rows).sum();
    let bytes = |parts: &[Part]| parts.iter().map(|part| part.bytes).sum::<u64>();
    let total = parts.values().map(|parts| bytes(parts)).sum();
    let before =
        is_done.iter().filter_map(|bucket| parts.get(bucket)).map(|parts| bytes(parts)).sum();
    writing.written.store(before, Ordering::Relaxed);
    let tell = || {
        let done = writing.written.load(Ordering::Relaxed).min(total);
        progress(ImportProgress { phase: ImportPhase::Writing, rows, done, total });
    };
    parts.retain(|bucket, _| !is_done.contains(bucket));
    let import: &Import<'_> = import;
    let tasks = futures::stream::iter(parts).map(|(bucket, parts)| async move {
        if writing.is_stopped() {
            return Err(super::stopped());
        }
        let known = match base.filter(|_| !import.plan.stored) {
            Some(base) => persons::of_bucket(import.versions.folder(), base, bucket).await?,
            None => Vec::new(),
        };
        let persons = new_persons(import, bucket)?;
        let writing = Arc::clone(writing);
        let waiting = Waiting { bucket, known, persons, parts };
        let task = tokio::task::spawn_blocking(move || writing.bucket(waiting));
        let done =
            task.await.map_err(|error| Error::internal(format!("a task is lost: {error}")))??;
        import.work.bucket_done(done.clone())?;
        Ok::<_, Error>(done)
    });
    let tasks = tasks.buffer_unordered(import.options.threads.get());
    ended(tasks, writing, &mut done, tell).await?;
    import.check_stopped()?;
    Ok(done)
}

/// Waits until all buckets are done. If one fails, the others are stopped and waited for, too: they write files that
/// whoever tries again writes under the same names.
async fn ended(
    tasks: impl Stream<Item = Result<Bucket, Error>>,
    writing: &Writing,
    done: &mut Vec<Bucket>,
    tell: impl Fn(),
) -> Result<(), Error> {
    let mut tasks = std::pin::pin!(tasks);
    let mut beat = tokio::time::interval(Duration::from_millis(200));
    let mut failed = None;
    loop {
        tokio::select! {
            next = tasks.next() => match next {
                Some(Ok(bucket)) => done.push(bucket),
                Some(Err(error)) => {
                    writing.failed.store(true, Ordering::Relaxed);
                    failed.get_or_insert(error);
                }
                None => return failed.map_or(Ok(()), Err),
            },
            _ = beat.tick() => tell(),
        }
    }
}

/// Chunks by bucket: by month, then as they were spilled.
fn parts(import: &Import<'_>) -> BTreeMap<u32, Vec<Part>> {
    let mut parts: BTreeMap<u32, Vec<Part>> = BTreeMap::new();
    for unit in import.work.units.values() {
        let path: Arc<Path> = import.work.spill(unit.number).into();
        for chunk in &unit.spilled.chunks {
            parts.entry(chunk.key.bucket).or_default().push(Part {
                path: Arc::clone(&path),
                place: chunk.place,
                key: chunk.key,
                rows: chunk.rows,
                bytes: chunk.bytes,
            });
        }
    }
    parts.values_mut().for_each(|parts| parts.sort_by_key(|part| part.key.month));
    parts
}

fn new_persons(import: &Import<'_>, bucket: u32) -> Result<BTreeSet<Box<str>>, Error> {
    let mut persons = BTreeSet::new();
    for unit in import.work.units.values() {
        let lists = unit.spilled.persons.iter().filter(|(of, _)| *of == bucket);
        for (_, place) in lists {
            let mut file = SpillFile::open(&import.work.spill(unit.number))?;
            let bytes = file.read(*place)?;
            let list: Vec<Box<str>> =
                serde_json::from_slice(&bytes).map_err(|error| file.damaged(&error.to_string()))?;
            persons.extend(list);
        }
    }
    Ok(persons)
}

async fn write_dictionary(
    import: &Import<'_>,
    base: Option<&Manifest>,
    output: &Output,
    generation: u64,
    fresh: Dictionary,
) -> Result<Placed, Error> {
    let folder = import.versions.folder();
    let mut dictionary = match base {
        Some(base) => open::dictionary(folder, base).await?,
        None => Dictionary::default(),
    };
    // Rows that are written anew have been counted.
    if !import.plan.stored {
        dictionary.join(fresh);
    }
    let bytes =
        serde_json::to_vec(&dictionary).map_err(|error| Error::internal(error.to_string()))?;
    let path = output.path("properties", generation, "properties.json");
    let length = bytes.len() as u64;
    folder.write(&path, bytes).await?;
    Ok((path, length))
}

/// Gathers the rows that were not taken in one file of the store.
async fn write_rejects(
    import: &Import<'_>,
    output: &Output,
    generation: u64,
) -> Result<Option<Placed>, Error> {
    let rejected = import.work.units.values().filter(|unit| unit.rejected > 0);
    let files: Vec<PathBuf> = rejected.map(|unit| import.work.rejects(unit.number)).collect();
    if files.is_empty() {
        return Ok(None);
    }
    let output = output.clone();
    let task = tokio::task::spawn_blocking(move || {
        let mut file = output.begin("rejects", generation, "rejects.jsonl")?;
        for path in &files {
            file.append(path)?;
        }
        output.finish(file)
    });
    task.await.map_err(|error| Error::internal(error.to_string()))?.map(Some)
}

/// Commits what was written; `None` if another writer was faster.
pub(super) async fn commit(
    import: &Import<'_>,
    base: Option<&Manifest>,
    written: Written,
) -> Result<Option<ImportSummary>, Error> {
    there::check(import.versions.folder(), &written.files()).await?;
    let Written { generation, buckets, tables, properties, rejects, shreds, duplicates } = written;
    let mut next = match base {
        Some(base) => base.clone(),
        None => Manifest::empty(concat!("hogql ", env!("CARGO_PKG_VERSION")), import.plan.buckets),
    };
    let before = next.events.len();
    let mut summary = summary(import, duplicates);
    for bucket in buckets {
        summary.bytes += bucket.events.iter().map(EventFile::all_bytes).sum::<u64>();
        if let Some(file) = bucket.persons {
            summary.persons += u64::from(file.persons);
            next.persons.push(file);
        }
        next.events.extend(bucket.events);
    }
    next.events
        .sort_by(|a, b| (a.bucket, a.generation, &a.path).cmp(&(b.bucket, b.generation, &b.path)));
    summary.files = (next.events.len() - before) as u64;
    summary.bytes += tables.values().flatten().map(|file| file.bytes).sum::<u64>();
    for (name, files) in tables {
        next.tables.entry(name).or_default().extend(files);
    }
    add_columns(&mut next, import);
    for shred in shreds {
        if !next.shredded.contains(&shred.at) {
            next.shredded.push(shred.at);
        }
    }
    let of = |kind: TableKind| import.source.table(kind).map(|_| generation);
    next.applied = Applied {
        persons_generation: of(TableKind::Persons).or(next.applied.persons_generation),
        overrides_generation: of(TableKind::Overrides).or(next.applied.overrides_generation),
    };
    let old = next.properties.replace(properties.0);
    let since = base.map_or(import.options.now, |base| base.made_at.max(import.options.now));
    next.retired.extend(old.map(|path| Retired { path, since }));
    next.version = base.map_or(1, |base| base.version + 1);
    next.made_at = since;
    next.by = concat!("hogql ", env!("CARGO_PKG_VERSION")).to_owned();
    next.next_generation = generation + 1;
    summary.version = next.version;
    let rejects = rejects.map(|(path, _)| path);
    summary.rejects = rejects.as_ref().map(|path| import.versions.folder().place(path));
    next.imports.push(record(import, generation, &summary, rejects));
    Ok(match import.versions.commit(&next).await? {
        Committed::Done => Some(summary),
        Committed::Lost => None,
    })
}

/// What is known of an import before its files are counted.
fn summary(import: &Import<'_>, duplicates: u64) -> ImportSummary {
    let mut reasons: HashMap<String, u64> = HashMap::new();
    for (reason, count) in import.work.units.values().flat_map(|unit| &unit.reasons) {
        *reasons.entry(reason.clone()).or_default() += count;
    }
    let rows: u64 = import.work.units.values().map(|unit| unit.spilled.rows).sum();
    ImportSummary {
        version: 0,
        rows: rows - duplicates,
        duplicates,
        rejected: import.work.units.values().map(|unit| unit.rejected).sum(),
        reasons: most_frequent(reasons),
        rejects: None,
        persons: 0,
        files: 0,
        bytes: 0,
        resumed: false,
        notices: Vec::new(),
    }
}

fn record(
    import: &Import<'_>,
    generation: u64,
    summary: &ImportSummary,
    rejects: Option<String>,
) -> ImportRecord {
    let tables = TableKind::ALL.into_iter().filter_map(|kind| import.source.table(kind));
    let sources = tables.flat_map(|table| &table.files).map(|file| SourceRecord {
        url: file.url.clone(),
        bytes: file.bytes,
        etag: None,
        modified: file.modified,
    });
    ImportRecord {
        generation,
        at: import.options.now,
        sources: sources.collect(),
        fingerprint: import.fingerprint.clone(),
        rows: summary.rows,
        duplicates: summary.duplicates,
        rejected: summary.rejected,
        rejects,
    }
}

/// Adds the columns of an import to those of the store.
fn add_columns(next: &mut Manifest, import: &Import<'_>) {
    let first = next.columns.is_empty();
    for column in &import.plan.columns {
        let property = import.events.schema.property_column(&column.name).is_some();
        match next.columns.iter_mut().find(|known| known.name == column.name) {
            Some(known) => {
                known.nullable |= column.nullable;
                known.ty = open::common_type(known.ty, column.ty);
            }
            None => next.columns.push(StoredColumn {
                name: column.name.clone(),
                ty: column.ty,
                nullable: column.nullable || !first,
                property,
            }),
        }
    }
    let has = |name: &str| import.plan.columns.iter().any(|column| column.name == name);
    next.columns
        .iter_mut()
        .filter(|known| !has(&known.name))
        .for_each(|known| known.nullable = true);
}
