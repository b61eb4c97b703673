//! From options to a source: finding files, looking into them, settling their columns.

use crate::columns::{FileShape, Settled, settle};
use crate::files::{FileKind, FoundFile, locate, names_interval, only, split_export};
use crate::footers::of_store;
use crate::made::Made;
use crate::parquet_file::{Footer, RESTORE, footer, shape, statistics};
use crate::parts::{Part, StoredFile};
use crate::source::{SourceFile, Table};
use crate::table::FileTable;
use crate::text::{LOOK, head, lenient_head};
use crate::{Error, Source, SourceOptions, embedded};
use datafusion::catalog::TableProvider;
use datafusion::common::stats::Precision;
use datafusion::execution::runtime_env::RuntimeEnv;
use events::column;
use events::source::{AbsentColumn, ColumnType, SourceColumn, TableKind};
use futures::stream::{StreamExt, TryStreamExt};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// Files looked into at the same time.
const CONCURRENT: usize = 16;

/// Opens a source in place: finds its files, reads their footers or first lines, and settles the columns. Object stores
/// that the locations name are registered on `runtime`, which must be the one of the session that reads the tables.
///
/// Rows without a timestamp get a notice where footers count them: in Parquet files. In CSV and NDJSON files only a scan
/// would find them, so nothing is said; their timestamp is NULL all the same.
///
/// # Errors
/// A location without files, a file that is not what its name says, a mapped or needed column that does not exist, an
/// object store that does not answer.
pub async fn open(options: &SourceOptions, runtime: &Arc<RuntimeEnv>) -> Result<Source, Error> {
    open_as(options, runtime, Care::Strict).await
}

/// Opens a source whose rows an import will read: ones that cannot be read are no error yet.
pub(crate) async fn open_leniently(
    options: &SourceOptions,
    runtime: &Arc<RuntimeEnv>,
) -> Result<Source, Error> {
    open_as(options, runtime, Care::Lenient).await
}

/// Opens the files of one table in some locations.
pub(crate) async fn open_locations(
    kind: TableKind,
    locations: &[String],
    environment: &HashMap<String, String>,
    runtime: &Arc<RuntimeEnv>,
) -> Result<Table, Error> {
    let mut gathered = Gathered::default();
    for location in locations {
        let found = locate(location, runtime, environment).await?;
        gathered.notices.extend(found.notices(location));
        gathered.add(if found.explicit { found.files } else { only(kind, found.files) });
    }
    open_table(kind, gathered, &[], runtime, Care::Strict).await
}

/// Opens a table of files that a store names.
pub(crate) async fn open_found(
    kind: TableKind,
    files: Vec<FoundFile>,
    runtime: &RuntimeEnv,
) -> Result<Table, Error> {
    let gathered = Gathered { files, notices: Vec::new() };
    open_table(kind, gathered, &[], runtime, Care::Stored).await.map_err(of_store)
}

/// What happens to text that cannot be read while files are looked into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Care {
    /// An error.
    Strict,
    /// Nothing: it is found again when rows are read.
    Lenient,
    /// An error of a file that a store names.
    Stored,
}

async fn open_as(
    options: &SourceOptions,
    runtime: &Arc<RuntimeEnv>,
    care: Care,
) -> Result<Source, Error> {
    let mut source = Source::default();
    for (kind, gathered) in gather(options, runtime).await? {
        let map = if kind == TableKind::Events { options.map.as_slice() } else { &[] };
        source.set(kind, open_table(kind, gathered, map, runtime, care).await?);
    }
    if source.events().is_none() && !options.map.is_empty() {
        return Err(Error::usage("--map is for event files, and there are none"));
    }
    Ok(source)
}

/// The files of a table and what to tell about them.
#[derive(Debug, Default)]
struct Gathered {
    files: Vec<FoundFile>,
    notices: Vec<String>,
}

impl Gathered {
    /// Adds files that are not there yet: locations may overlap.
    fn add(&mut self, files: Vec<FoundFile>) {
        let mut seen: HashSet<String> = self.files.iter().map(FoundFile::url).collect();
        self.files.extend(files.into_iter().filter(|file| seen.insert(file.url())));
    }
}

async fn gather(
    options: &SourceOptions,
    runtime: &RuntimeEnv,
) -> Result<BTreeMap<TableKind, Gathered>, Error> {
    let mut tables: BTreeMap<TableKind, Gathered> = BTreeMap::new();
    for kind in TableKind::ALL {
        for location in options.locations(kind) {
            let found = locate(location, runtime, &options.environment).await?;
            let notices = found.notices(location);
            tables.entry(kind).or_default().notices.extend(notices);
            if found.explicit {
                tables.entry(kind).or_default().add(found.files);
            } else if kind == TableKind::Events {
                add_export(location, found.files, options, &mut tables)?;
            } else {
                tables.entry(kind).or_default().add(only(kind, found.files));
            }
        }
    }
    Ok(tables)
}

/// Adds the files of a folder which may be a whole export.
fn add_export(
    location: &str,
    files: Vec<FoundFile>,
    options: &SourceOptions,
    tables: &mut BTreeMap<TableKind, Gathered>,
) -> Result<(), Error> {
    let export = split_export(files);
    if export.events.is_empty() {
        let others: Vec<&str> = export.beside.keys().map(|kind| kind.name()).collect();
        return Err(Error::usage(format!("there are no event files, only {}", others.join(", ")))
            .at(location));
    }
    let events = tables.entry(TableKind::Events).or_default();
    events.add(export.events);
    if let Some((count, name)) = export.unnamed {
        events
            .notices
            .push(format!("{count} files that tell no table are left out, for example {name}"));
    }
    for (kind, files) in export.beside {
        let count = files.len();
        if options.locations(kind).is_empty() {
            let table = tables.entry(kind).or_default();
            table.add(files);
            table.notices.push(format!("found beside the events in {location} ({count} files)"));
        } else {
            let notice = format!(
                "{count} files of {kind} in {location} are left out: --{kind} names others"
            );
            tables.entry(TableKind::Events).or_default().notices.push(notice);
        }
    }
    Ok(())
}

/// What was learnt from a file.
struct Looked {
    file: FoundFile,
    footer: Option<Footer>,
    shape: Option<FileShape>,
}

async fn look(file: FoundFile, runtime: &RuntimeEnv, care: Care) -> Result<Looked, Error> {
    if file.kind == FileKind::Parquet {
        let footer = footer(&file, runtime).await?;
        let shape = Some(shape(&file, &footer));
        return Ok(Looked { file, footer: Some(footer), shape });
    }
    let shape = match care {
        Care::Strict | Care::Stored => head(&file, runtime).await?,
        Care::Lenient => lenient_head(&file, runtime).await?,
    };
    Ok(Looked { file, footer: None, shape })
}

async fn open_table(
    kind: TableKind,
    gathered: Gathered,
    map: &[(String, String)],
    runtime: &RuntimeEnv,
    care: Care,
) -> Result<Table, Error> {
    let looked: Vec<Looked> =
        futures::stream::iter(gathered.files.into_iter().map(|file| look(file, runtime, care)))
            .buffered(CONCURRENT)
            .try_collect()
            .await?;
    let shapes: Vec<FileShape> = looked.iter().filter_map(|looked| looked.shape.clone()).collect();
    if shapes.is_empty() {
        let place = looked.first().map(|looked| looked.file.place()).unwrap_or_default();
        return Err(Error::data(format!("the files of {kind} are empty")).at(place));
    }
    let mut settled = settle(kind, &shapes, map)?;
    let made = make_up(kind, &looked, &mut settled);
    let mut notices = gathered.notices;
    notices.append(&mut settled.notices);
    notices.extend(warnings(kind, &looked, &settled));
    let has_uuids = !made.iter().any(|made| matches!(made, Made::Uuid));
    // An import takes each uuid once.
    let is_counted = care == Care::Strict || (care == Care::Lenient && !has_uuids);
    if kind == TableKind::Events && is_counted {
        notices.extend(repeated(&looked, has_uuids));
    }
    let files = looked.iter().map(describe).collect();
    let table = FileTable::new(settled.layout.clone(), parts(&looked, &settled), made);
    let table = if care == Care::Stored { table.with_hint(RESTORE) } else { table };
    let table = Arc::new(table);
    let provider: Arc<dyn TableProvider> = Arc::clone(&table) as Arc<dyn TableProvider>;
    Ok(Table { provider, schema: settled.table, notices, files, table })
}

/// Decides which columns are made of a row's place.
fn make_up(kind: TableKind, looked: &[Looked], settled: &mut Settled) -> Vec<Made> {
    let all_parquet = looked.iter().all(|looked| looked.footer.is_some());
    let mut made = Vec::new();
    if kind == TableKind::Events {
        made.extend(make_uuids(looked, settled, all_parquet));
    }
    if all_parquet {
        settled.table.row = Some(column::ROW.to_owned());
        made.push(Made::Row);
    }
    made
}

/// Sees to it that events have an identity: a UUID made of a row's place where no file has the column, or a row no value.
fn make_uuids(looked: &[Looked], settled: &mut Settled, all_parquet: bool) -> Option<Made> {
    let uuid = settled.layout.columns.iter().find(|column| column.name == column::UUID);
    match uuid.map(|column| (column.nullable, column.source.clone())) {
        None if all_parquet => {
            let name = column::UUID.to_owned();
            let uuid = SourceColumn { name, ty: ColumnType::Uuid, nullable: false };
            settled.table.columns.insert(0, uuid);
            return Some(Made::Uuid);
        }
        None => {
            let reason = "the event files have no column for it, and rows of CSV and JSON files have no number to make one \
                          of; name a column with --map uuid=COLUMN, or convert the files to Parquet"
                .to_owned();
            settled.table.absent.push(AbsentColumn { name: column::UUID.to_owned(), reason });
        }
        Some((true, _)) if all_parquet => {
            settled.layout.fill(column::UUID);
            let mut columns = settled.table.columns.iter_mut();
            if let Some(uuid) = columns.find(|column| column.name == column::UUID) {
                uuid.nullable = false;
            }
        }
        Some((_, source)) => {
            let shapes = looked.iter().filter_map(|looked| looked.shape.as_ref());
            let lacking = shapes.filter(|shape| !shape.has(&source)).count();
            if lacking > 0 {
                settled.notices.push(format!(
                    "{lacking} files have no column `{source}`: the uuid of their events is NULL, as rows of CSV and JSON \
                     files have no number to make one of"
                ));
            }
        }
    }
    None
}

fn parts(looked: &[Looked], settled: &Settled) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for (ordinal, looked) in (0_i64..).zip(looked) {
        let stored = StoredFile {
            meta: looked.file.meta.clone(),
            ordinal,
            row_groups: looked.footer.as_ref().map_or(1, |footer| footer.group_rows.len()),
            group_rows: looked
                .footer
                .as_ref()
                .map(|footer| footer.group_rows.clone())
                .unwrap_or_default(),
            statistics: looked
                .footer
                .as_ref()
                .map(|footer| Arc::new(statistics(footer, &settled.layout))),
            rank: 0,
            times: None,
            has_ties: true,
            clusters: None,
        };
        let same =
            |part: &&mut Part| part.store == looked.file.store && part.kind == looked.file.kind;
        match parts.iter_mut().find(same) {
            Some(part) => part.files.push(stored),
            None => {
                let (store, kind) = (looked.file.store.clone(), looked.file.kind);
                parts.push(Part { store, kind, files: vec![stored] });
            }
        }
    }
    parts
}

fn describe(looked: &Looked) -> SourceFile {
    let rows = looked.footer.as_ref().and_then(|footer| match footer.statistics.num_rows {
        Precision::Exact(rows) => Some(rows as u64),
        _ => None,
    });
    SourceFile {
        url: looked.file.url(),
        bytes: looked.file.meta.size,
        rows,
        modified: Some(looked.file.meta.last_modified.timestamp_micros()),
    }
}

/// What is to be known of the rows of several intervals, if they are counted as they are.
fn repeated(looked: &[Looked], has_uuids: bool) -> Option<String> {
    // The sample is known to have each event once.
    let may_overlap = |file: &FoundFile| {
        file.below.last().is_some_and(|name| names_interval(name))
            && file.store.as_str() != embedded::ADDRESS
    };
    let several = looked.iter().filter(|looked| may_overlap(&looked.file)).count() > 1;
    let what = if has_uuids {
        "rows are not deduplicated in place, and exports of several intervals may hold an event twice; \
         count(DISTINCT uuid) counts each once"
    } else {
        "rows have no uuid to be told apart by, and exports of several intervals may hold an event twice"
    };
    several.then(|| what.to_owned())
}

/// What may surprise the reader of an answer.
fn warnings(kind: TableKind, looked: &[Looked], settled: &Settled) -> Vec<String> {
    let mut warnings = Vec::new();
    let empty = looked.iter().filter(|looked| looked.shape.is_none()).count();
    if empty > 0 {
        warnings.push(format!("{empty} files are empty"));
    }
    warnings.extend(unread_keys(looked));
    warnings.extend(unread_folders(looked));
    if kind != TableKind::Events {
        return warnings;
    }
    let timestamp = settled.layout.columns.iter().find(|column| column.name == column::TIMESTAMP);
    let missing: usize = timestamp.map_or(0, |timestamp| {
        let shapes = looked.iter().filter_map(|looked| looked.shape.as_ref());
        shapes.filter_map(|shape| shape.nulls.get(&timestamp.source)).sum()
    });
    if missing > 0 {
        warnings.push(format!("{missing} rows have no timestamp"));
    }
    warnings
}

/// What to say of NDJSON files of which only the beginning was looked at.
fn unread_keys(looked: &[Looked]) -> Option<String> {
    let mut parts =
        looked.iter().filter_map(|looked| looked.shape.as_ref()).filter(|shape| !shape.whole);
    let first = parts.next()?;
    let others = match parts.count() {
        0 => String::new(),
        count => format!(" and {count} others"),
    };
    Some(format!(
        "{}{others}: keys were taken from the first {} MiB; one that appears only behind them is not read",
        first.place,
        LOOK / 1024 / 1024
    ))
}

/// What to say of folders that name a column and its value, as partitioned data sets have them.
fn unread_folders(looked: &[Looked]) -> Option<String> {
    let named = |looked: &'_ Looked| {
        let (_, folders) = looked.file.below.split_last()?;
        let shape = looked.shape.as_ref()?;
        let unread = |folder: &&String| {
            folder
                .split_once('=')
                .is_some_and(|(column, _)| !column.is_empty() && !shape.has(column))
        };
        folders.iter().find(unread).cloned()
    };
    let folder = looked.iter().find_map(named)?;
    Some(format!("folder names such as {folder} are not read as columns"))
}
