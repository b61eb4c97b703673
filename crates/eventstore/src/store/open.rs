//! From a manifest to tables that DataFusion reads.

use super::dictionary::Dictionary;
use super::files::Folder;
use super::manifest::{EventFile, Manifest};
use super::persons::{Persons, person_of_actor};
use super::provider::StoreTable;
use super::schema::{ORDINAL, stored_name};
use super::versions::Versions;
use super::{ACTOR_COLUMN, MERGES, PERSON_COLUMN, StoreVersion, WORKED_IN};
use crate::columns::{Derived, Form, Layout, LayoutColumn};
use crate::files::{FileKind, FoundFile};
use crate::made::Made;
use crate::open::{open_found, open_locations};
use crate::parquet_file::RESTORE;
use crate::parts::{Part, StoredFile};
use crate::source::{SourceFile, Table};
use crate::table::FileTable;
use crate::{Error, Source};
use chrono::DateTime;
use datafusion::catalog::TableProvider;
use datafusion::common::stats::Precision;
use datafusion::common::{ColumnStatistics, ScalarValue, Statistics};
use datafusion::execution::runtime_env::RuntimeEnv;
use events::column;
use events::source::{ColumnType, ShreddedProperty, SourceColumn, SourceTable, TableKind};
use object_store::ObjectMeta;
use std::collections::HashMap;
use std::sync::Arc;

pub(crate) use crate::columns::common_type;

/// Which store to read.
#[derive(Debug, Clone, Default)]
pub struct StoreOptions {
    /// Its folder or `s3://` address.
    pub location: String,
    /// Its version; the newest if not given.
    pub version: Option<u64>,
    /// Overrides that it does not know yet.
    pub overrides: Vec<String>,
    /// Settings for `s3://` addresses, under the names of the usual `AWS_` environment variables.
    pub environment: HashMap<String, String>,
}

/// Opens a version of a store. It stays readable as long as `optimize` leaves its files: for the grace time at least.
///
/// # Errors
/// No store there, a version that is gone, a newer format, overrides that cannot be read.
pub async fn open_store(
    options: &StoreOptions,
    runtime: &Arc<RuntimeEnv>,
) -> Result<Source, Error> {
    let folder = Folder::open(&options.location, runtime, &options.environment)?;
    let manifest = pinned(&Versions::new(folder.clone()), options.version).await?;
    let mut source = of_manifest(&folder, &manifest, runtime).await?;
    if !options.overrides.is_empty() {
        if has_merges(&manifest) {
            return Err(Error::usage(
                "overrides cannot be given beside a store that has merges of its own to work in",
            )
            .at(folder.place(""))
            .with_hint("run `hogql optimize` on it first"));
        }
        let table =
            open_locations(TableKind::Overrides, &options.overrides, &options.environment, runtime);
        source.set(TableKind::Overrides, table.await?);
        source.ask_overrides();
    }
    Ok(source)
}

/// The manifest of a version, or of the newest.
pub(crate) async fn pinned(versions: &Versions, version: Option<u64>) -> Result<Manifest, Error> {
    let manifest = match version {
        Some(version) => Some(versions.at(version).await?),
        None => versions.latest().await?,
    };
    manifest.ok_or_else(|| {
        Error::usage("there is no store")
            .at(versions.folder().place(""))
            .with_hint("make one with `hogql import EVENTS --store DIR`")
    })
}

/// The tables of a version.
pub(crate) async fn of_manifest(
    folder: &Folder,
    manifest: &Manifest,
    runtime: &RuntimeEnv,
) -> Result<Source, Error> {
    let mut source = Source::default();
    let persons = Arc::new(Persons::new(folder.clone(), manifest));
    source.set_person_of_actor(person_of_actor(&persons));
    source.set(TableKind::Events, events(folder, manifest, persons));
    for kind in [TableKind::Persons, TableKind::Overrides, TableKind::Groups] {
        let merges = kind == TableKind::Overrides && has_merges(manifest);
        let name = if merges { MERGES } else { kind.name() };
        if let Some(table) = table(kind, name, folder, manifest, runtime).await? {
            source.set(kind, table);
        }
    }
    source.set_definitions(dictionary(folder, manifest).await?.definitions());
    source.set_store(StoreVersion {
        location: folder.place(""),
        version: manifest.version,
        made_at: manifest.made_at,
    });
    Ok(source)
}

/// The table that a version keeps under a name.
async fn table(
    kind: TableKind,
    name: &str,
    folder: &Folder,
    manifest: &Manifest,
    runtime: &RuntimeEnv,
) -> Result<Option<Table>, Error> {
    let files = manifest.tables.get(name).into_iter().flatten();
    let found: Vec<FoundFile> = files.map(|file| found(folder, &file.path, file.bytes)).collect();
    if found.is_empty() {
        return Ok(None);
    }
    open_found(kind, found, runtime).await.map(Some)
}

/// Merges that `optimize` has worked in, if there are any.
pub(super) async fn worked_in(
    folder: &Folder,
    manifest: &Manifest,
    runtime: &RuntimeEnv,
) -> Result<Option<Table>, Error> {
    table(TableKind::Overrides, WORKED_IN, folder, manifest, runtime).await
}

/// Whether there are distinct ids whose person has changed since their rows were taken in.
pub(super) fn has_merges(manifest: &Manifest) -> bool {
    manifest.tables.get(MERGES).is_some_and(|files| !files.is_empty())
}

/// The property dictionary of a version.
pub(crate) async fn dictionary(folder: &Folder, manifest: &Manifest) -> Result<Dictionary, Error> {
    let Some(path) = &manifest.properties else { return Ok(Dictionary::default()) };
    let bytes = folder.read(path).await?;
    serde_json::from_slice(&bytes).map_err(|error| {
        // It may be restored from a copy while the session lasts.
        folder.forget(path);
        Error::data(format!("the property dictionary is damaged: {error}"))
            .at(folder.place(path))
            .with_hint(RESTORE)
    })
}

/// A file of a store as sources know files.
pub(super) fn found(folder: &Folder, path: &str, bytes: u64) -> FoundFile {
    FoundFile {
        store: folder.url().clone(),
        meta: meta(folder, path, bytes),
        kind: FileKind::Parquet,
        below: path.split('/').map(str::to_owned).collect(),
    }
}

/// Files of a store never change: their age tells nothing.
fn meta(folder: &Folder, path: &str, bytes: u64) -> ObjectMeta {
    ObjectMeta {
        location: folder.path(path),
        last_modified: DateTime::UNIX_EPOCH,
        size: bytes,
        e_tag: None,
        version: None,
    }
}

/// The table of events.
fn events(folder: &Folder, manifest: &Manifest, persons: Arc<Persons>) -> Table {
    let layout = layout(manifest);
    let files: Vec<StoredFile> =
        manifest.events.iter().map(|file| stored(folder, file, &layout)).collect();
    let described = manifest.events.iter().map(|file| SourceFile {
        url: format!("{}{}", folder.url().as_str(), folder.path(&file.path)),
        bytes: file.bytes,
        rows: Some(file.rows),
        modified: None,
    });
    let described = described.collect();
    let part = Part { store: folder.url().clone(), kind: FileKind::Parquet, files };
    let known = Arc::clone(&persons);
    let table =
        Arc::new(FileTable::new(layout, vec![part], vec![Made::Person(known), Made::Actor]));
    let persons = Some(persons).filter(|_| !has_merges(manifest));
    let provider: Arc<dyn TableProvider> = Arc::new(StoreTable::new(Arc::clone(&table), persons));
    Table { provider, schema: schema(manifest), notices: Vec::new(), files: described, table }
}

/// Names of the columns that give a shredded property as a number and as a truth value.
fn forms(column: &str) -> (String, String) {
    (format!("{column}#number"), format!("{column}#boolean"))
}

/// Whether a column of that name shows the property with this column, in any form.
pub(super) fn shows(column: &str, name: &str) -> bool {
    let (number, boolean) = forms(column);
    [column, number.as_str(), boolean.as_str()].contains(&name)
}

fn schema(manifest: &Manifest) -> SourceTable {
    let stored = |property: bool| {
        let columns = manifest.columns.iter().filter(move |column| column.property == property);
        columns.map(|column| SourceColumn {
            name: column.name.clone(),
            ty: column.ty,
            nullable: column.nullable,
        })
    };
    let mut columns: Vec<SourceColumn> = stored(false).collect();
    let place = |name: &str| column::EVENTS.iter().position(|column| column.name == name);
    columns.sort_by_key(|column| place(&column.name));
    let shredded = manifest.shredded.iter().map(|at| {
        let (number, boolean) = forms(&at.column);
        ShreddedProperty {
            of: at.from.clone(),
            key: at.key.clone(),
            text: at.column.clone(),
            number: Some(number),
            boolean: Some(boolean),
        }
    });
    SourceTable {
        columns,
        property_columns: stored(true).collect(),
        shredded: shredded.collect(),
        person: Some(PERSON_COLUMN.to_owned()),
        actor: Some(ACTOR_COLUMN.to_owned()),
        is_settled: !has_merges(manifest),
        ..SourceTable::default()
    }
}

fn layout(manifest: &Manifest) -> Layout {
    let plain = |name: &str, source: &str, ty: ColumnType, nullable: bool| LayoutColumn {
        name: name.to_owned(),
        source: source.to_owned(),
        ty,
        nullable,
        default: None,
        has_nulls: nullable,
        raw: None,
        filled: false,
    };
    let mut columns: Vec<LayoutColumn> = manifest
        .columns
        .iter()
        .map(|stored| {
            let canonical = Some(stored).filter(|stored| !stored.property);
            let canonical =
                canonical.and_then(|stored| column::find(TableKind::Events, &stored.name));
            let default = canonical.and_then(|canonical| canonical.default);
            let source = stored_name(&stored.name);
            let column = plain(&stored.name, source, stored.ty, stored.nullable);
            LayoutColumn {
                default,
                has_nulls: true,
                nullable: stored.nullable && default.is_none(),
                ..column
            }
        })
        .collect();
    columns.push(plain(ORDINAL_COLUMN, ORDINAL, ColumnType::UInteger, false));
    let mut derived = HashMap::new();
    for at in &manifest.shredded {
        let (number, boolean) = forms(&at.column);
        for (name, ty, form) in [
            (at.column.clone(), ColumnType::String, Form::Text),
            (number, ColumnType::Float, Form::Number),
            (boolean, ColumnType::Boolean, Form::Boolean),
        ] {
            columns.push(plain(&name, &name, ty, true));
            let (column, json, key) = (at.column.clone(), at.from.clone(), at.key.clone());
            derived.insert(name, Derived { column, json, key, form });
        }
    }
    Layout::new(columns).with_derived(derived)
}

/// The ordinal as the table shows it.
pub(crate) const ORDINAL_COLUMN: &str = "$ordinal";

fn stored(folder: &Folder, file: &EventFile, layout: &Layout) -> StoredFile {
    StoredFile {
        meta: meta(folder, &file.path, file.bytes),
        ordinal: i64::from(file.bucket),
        row_groups: file.row_groups,
        group_rows: Vec::new(),
        statistics: Some(Arc::new(statistics(file, layout))),
        rank: u32::try_from(file.generation).unwrap_or(u32::MAX),
        times: Some((file.min_time, file.max_time)),
        has_ties: file.has_ties,
        clusters: Some(meta(folder, &file.clusters.path, file.clusters.bytes)),
    }
}

fn statistics(file: &EventFile, layout: &Layout) -> Statistics {
    let rows = usize::try_from(file.rows).unwrap_or(usize::MAX);
    let columns = layout.columns.iter().map(|column| {
        let unknown = ColumnStatistics::new_unknown();
        match column.name.as_str() {
            column::TIMESTAMP => {
                let time = |micros| {
                    let zone = Some(Arc::from("UTC"));
                    Precision::Exact(ScalarValue::TimestampMicrosecond(Some(micros), zone))
                };
                unknown
                    .with_null_count(Precision::Exact(0))
                    .with_min_value(time(file.min_time))
                    .with_max_value(time(file.max_time))
            }
            ORDINAL_COLUMN | column::EVENT | column::DISTINCT_ID | column::UUID => {
                unknown.with_null_count(Precision::Exact(0))
            }
            _ => unknown,
        }
    });
    Statistics {
        num_rows: Precision::Exact(rows),
        total_byte_size: Precision::Absent,
        column_statistics: columns.collect(),
    }
}
