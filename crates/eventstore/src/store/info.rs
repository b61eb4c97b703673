//! What a store holds and how well it lies: told by its manifest, the footers of its event and cluster files, and one
//! listing.

pub(crate) mod health;

use super::cluster_file;
use super::files::{Folder, Listed};
use super::import::unfinished::{Places, Unfinished};
use super::manifest::{ImportRecord, Manifest};
use super::open::{dictionary, found, pinned};
use super::optimize::{named, words};
use super::segments::from_metadata;
use super::versions::Versions;
use crate::Error;
use crate::files::FoundFile;
use crate::footers::of_store;
use crate::parquet_file::{FOOTER_READ, read_footer};
use datafusion::execution::runtime_env::RuntimeEnv;
use futures::{StreamExt, TryStreamExt};
use health::{advice, count_unused, health};
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// What a store holds.
#[derive(Debug, Clone, PartialEq)]
pub struct StoreInfo {
    /// Where the store is.
    pub location: String,
    /// Its current version.
    pub version: u64,
    /// Versions that are kept, the current one among them.
    pub versions: u64,
    /// When the current version was made, in microseconds since 1970-01-01 UTC.
    pub made_at: i64,
    /// Rows of events.
    pub rows: u64,
    /// Persons that the events are of.
    pub persons: u64,
    /// Buckets that the persons are spread over.
    pub buckets: u32,
    /// Imports and optimizes that event files of this version are of: reading merges them.
    pub generations: u64,
    /// Time of the first event, in microseconds since 1970-01-01 UTC.
    pub first_time: Option<i64>,
    /// Time of the last event.
    pub last_time: Option<i64>,
    /// The tables: `events`, `clusters` (the same rows by event), `ordinals` (the persons that events are of, by
    /// bucket), then those that were imported beside the events.
    pub tables: Vec<TableInfo>,
    /// Columns of the event files, the largest first.
    pub columns: Vec<ColumnInfo>,
    /// Events by name, the most frequent first.
    pub events: Vec<EventInfo>,
    /// Properties in the dictionary, of events, persons and groups.
    pub properties: u64,
    /// How well the files lie.
    pub health: Health,
    /// What was imported, in order.
    pub imports: Vec<ImportInfo>,
    /// Imports and optimizes that were begun and are in no version. Those whose work folder is neither in the store nor, of
    /// a store elsewhere, among the temporary files of this machine are not known.
    pub unfinished: Vec<UnfinishedInfo>,
    /// What `optimize` would gain; empty if nothing.
    pub advice: Vec<String>,
}

/// A table of a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableInfo {
    /// Its name.
    pub name: String,
    /// Its files.
    pub files: u64,
    /// Its rows.
    pub rows: u64,
    /// Size of its files.
    pub bytes: u64,
}

/// A column of the event files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnInfo {
    /// Its name in the files.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// Its size encoded, before compression.
    pub raw_bytes: u64,
}

/// An event by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventInfo {
    /// Its name.
    pub name: String,
    /// Its rows.
    pub rows: u64,
}

/// How well the files of a store lie.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Health {
    /// Event files.
    pub files: u64,
    /// Event files that `optimize` would leave, as far as the manifest tells.
    pub ideal_files: u64,
    /// Event files per bucket that has some.
    pub files_per_bucket: f64,
    /// Buckets whose persons are in one file, in one order.
    pub sorted_buckets: u64,
    /// Event files of fewer than 65,536 rows beside others of their bucket.
    pub small_files: u64,
    /// Distinct ids whose person changed after their rows were taken in; it is looked up when rows are read.
    pub unapplied_overrides: u64,
    /// Files that only earlier versions have, kept until their readers have had their time.
    pub retired_files: u64,
    /// Size of those.
    pub retired_bytes: u64,
    /// Files of no version that is kept, such as an import leaves that was begun and never finished.
    ///
    /// An import or optimize that is at work, or may be gone on with, has such too: they are counted with it, in
    /// [`StoreInfo::unfinished`], and not here. Nor do files count that are not a store's.
    pub abandoned_files: u64,
    /// Size of those.
    pub abandoned_bytes: u64,
}

/// An import that is in a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportInfo {
    /// Its number, shared with optimizes.
    pub generation: u64,
    /// When it was committed, in microseconds since 1970-01-01 UTC.
    pub at: i64,
    /// Event rows taken.
    pub rows: u64,
    /// Event rows left out since their uuid was there already.
    pub duplicates: u64,
    /// Rows left out since they could not be taken.
    pub rejected: u64,
    /// Files that were read.
    pub sources: u64,
}

/// An import or optimize that was begun and is in no version yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnfinishedInfo {
    /// Its work folder.
    pub place: String,
    /// Whether a process is at it. If not, it broke off: the same command goes on with it, until an `optimize` finds that
    /// nothing of it was written for the grace time and removes it.
    pub is_at_work: bool,
    /// Its files, in the work folder and in the store.
    pub files: u64,
    /// Size of those.
    pub bytes: u64,
    /// When the last of them was written, in microseconds since 1970-01-01 UTC.
    pub written_at: i64,
}

/// Looks a store through: its current manifest, the footers of all event and cluster files, and which files are there.
///
/// # Errors
/// No store there, a newer format, a file that is missing or damaged.
pub async fn info(
    location: &str,
    environment: &HashMap<String, String>,
) -> Result<StoreInfo, Error> {
    let folder = Folder::open(location, &RuntimeEnv::default(), environment)?;
    let versions = Versions::new(folder.clone());
    let manifest = pinned(&versions, None).await?;
    let contents = Contents::read(&folder, &manifest).await?;
    let properties = dictionary(&folder, &manifest).await?.len() as u64;
    // Work and versions are asked for behind the listing, so that a file of a version made meanwhile is known.
    let listing = folder.list("").await?;
    let work = Places::new(&folder, None).unfinished();
    let kept = versions.all().await?;
    let unfinished = unfinished(&work, &listing, &manifest);
    let mut health = health(&manifest);
    count_unused(&mut health, &versions, &manifest, &kept, listing, &words(&work)).await?;
    let generations: BTreeSet<u64> = manifest.events.iter().map(|file| file.generation).collect();
    Ok(StoreInfo {
        location: folder.place(""),
        version: manifest.version,
        versions: kept.len() as u64,
        made_at: manifest.made_at,
        rows: manifest.events.iter().map(|file| file.rows).sum(),
        persons: manifest.persons.iter().map(|file| u64::from(file.persons)).sum(),
        buckets: manifest.buckets,
        generations: generations.len() as u64,
        first_time: manifest.events.iter().map(|file| file.min_time).min(),
        last_time: manifest.events.iter().map(|file| file.max_time).max(),
        tables: tables(&manifest),
        columns: contents.columns(),
        events: contents.events(),
        properties,
        advice: advice(&manifest, &health),
        health,
        imports: manifest.imports.iter().map(import).collect(),
        unfinished,
    })
}

/// Work that is not finished, with what it has written into the store and no version has.
fn unfinished(work: &[Unfinished], listing: &[Listed], manifest: &Manifest) -> Vec<UnfinishedInfo> {
    let named: HashSet<String> = named(manifest).collect();
    let info = |work: &Unfinished| {
        let outputs = work.outputs(listing).filter(|file| !named.contains(&file.path));
        let none = UnfinishedInfo {
            place: work.path.display().to_string(),
            is_at_work: work.is_at_work(),
            files: work.files,
            bytes: work.bytes,
            written_at: work.written,
        };
        outputs.fold(none, |info, file| UnfinishedInfo {
            files: info.files + 1,
            bytes: info.bytes + file.bytes,
            written_at: info.written_at.max(file.modified),
            ..info
        })
    };
    work.iter().map(info).collect()
}

/// The tables with their sizes.
fn tables(manifest: &Manifest) -> Vec<TableInfo> {
    let events = manifest.events.iter().map(|file| (file.rows, file.bytes));
    let persons = manifest.persons.iter().map(|file| (u64::from(file.persons), file.bytes));
    let clusters = manifest.events.iter().map(|file| (file.rows, file.clusters.bytes));
    let mut tables =
        vec![table("events", events), table("clusters", clusters), table("ordinals", persons)];
    tables.extend(
        manifest
            .tables
            .iter()
            .map(|(name, files)| table(name, files.iter().map(|file| (file.rows, file.bytes)))),
    );
    tables
}

/// A table of files of so many rows and bytes.
fn table(name: &str, files: impl Iterator<Item = (u64, u64)>) -> TableInfo {
    let none = TableInfo { name: name.to_owned(), files: 0, rows: 0, bytes: 0 };
    files.fold(none, |table, (rows, bytes)| TableInfo {
        files: table.files + 1,
        rows: table.rows + rows,
        bytes: table.bytes + bytes,
        ..table
    })
}

fn import(record: &ImportRecord) -> ImportInfo {
    ImportInfo {
        generation: record.generation,
        at: record.at,
        rows: record.rows,
        duplicates: record.duplicates,
        rejected: record.rejected,
        sources: record.sources.len() as u64,
    }
}

/// Footers and manifests read at the same time.
const CONCURRENT: usize = 16;

/// Columns of an event file that are in no manifest.
const OWN_COLUMNS: usize = 1;

/// Bytes of a footer for each column of a row group, more than most need: a second request costs more than they do.
const COLUMN_BYTES: usize = 256;

/// Bytes of a line of the segment directory, of which a name is some twenty.
const SEGMENT_BYTES: u64 = 72;

/// Events by name whose lines are read along: most stores have fewer.
const SEGMENTS: u64 = 2_000;

/// Bytes that the footer of a cluster file of so many rows takes at most, unless names are long or very many. The manifest
/// tells neither its row groups nor its segments.
fn cluster_footer(rows: u64) -> u64 {
    let chunks = cluster_file::most_chunks(rows).saturating_mul(COLUMN_BYTES as u64);
    chunks.saturating_add(rows.min(SEGMENTS) * SEGMENT_BYTES)
}

/// What the footers of all event and cluster files tell.
#[derive(Debug, Default)]
struct Contents {
    /// Compressed and encoded sizes by column.
    columns: BTreeMap<String, (u64, u64)>,
    /// Rows by event.
    events: HashMap<String, u64>,
}

impl Contents {
    async fn read(folder: &Folder, manifest: &Manifest) -> Result<Self, Error> {
        let columns = OWN_COLUMNS + manifest.columns.len() + manifest.shredded.len();
        let files: Vec<(FoundFile, u64, bool)> = manifest
            .events
            .iter()
            .flat_map(|file| {
                let chunks = file.row_groups.saturating_mul(columns);
                let expected = chunks.saturating_mul(COLUMN_BYTES) as u64;
                let clusters = &file.clusters;
                [
                    (found(folder, &file.path, file.bytes), expected, false),
                    (
                        found(folder, &clusters.path, clusters.bytes),
                        cluster_footer(file.rows),
                        true,
                    ),
                ]
            })
            .collect();
        let store = folder.store();
        let footers = files.into_iter().map(|(file, expected, clusters)| {
            let store = Arc::clone(&store);
            async move {
                let first = FOOTER_READ.saturating_add(expected);
                let footer = read_footer(&file, store.as_ref(), first).await.map_err(of_store)?;
                Ok::<_, Error>((file, footer, clusters))
            }
        });
        let mut footers = futures::stream::iter(footers).buffer_unordered(CONCURRENT);
        let mut contents = Self::default();
        while let Some((file, footer, clusters)) = footers.try_next().await? {
            if clusters {
                contents.add_clusters(&footer).map_err(|error| error.at(file.place()))?;
            } else {
                contents.add(&footer);
            }
        }
        Ok(contents)
    }

    /// The columns of an event file.
    fn add(&mut self, footer: &ParquetMetaData) {
        let size = |bytes: i64| u64::try_from(bytes).unwrap_or_default();
        for chunk in footer.row_groups().iter().flat_map(RowGroupMetaData::columns) {
            // The parts behind the first lead into lists.
            let Some(name) = chunk.column_path().parts().first() else { continue };
            let (bytes, raw_bytes) = self.columns.entry(name.clone()).or_default();
            *bytes += size(chunk.compressed_size());
            *raw_bytes += size(chunk.uncompressed_size());
        }
    }

    /// The events of a cluster file.
    fn add_clusters(&mut self, footer: &ParquetMetaData) -> Result<(), Error> {
        for segment in from_metadata(footer.file_metadata().key_value_metadata())? {
            *self.events.entry(segment.event).or_default() += segment.rows;
        }
        Ok(())
    }

    /// The columns, the largest first.
    fn columns(&self) -> Vec<ColumnInfo> {
        let columns = self.columns.iter().map(|(name, (bytes, raw_bytes))| ColumnInfo {
            name: name.clone(),
            bytes: *bytes,
            raw_bytes: *raw_bytes,
        });
        let mut columns: Vec<ColumnInfo> = columns.collect();
        columns.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(&b.name)));
        columns
    }

    /// The events, the most frequent first.
    fn events(self) -> Vec<EventInfo> {
        let mut events: Vec<EventInfo> =
            self.events.into_iter().map(|(name, rows)| EventInfo { name, rows }).collect();
        events.sort_by(|a, b| b.rows.cmp(&a.rows).then_with(|| a.name.cmp(&b.name)));
        events
    }
}
