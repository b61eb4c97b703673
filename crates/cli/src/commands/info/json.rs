//! What a store holds, for programs.

use chrono::{DateTime, SecondsFormat};
use hoglet::store::StoreInfo;
use serde_json::{Value, json};

/// All that is known of a store. Instants are ISO 8601 texts in UTC.
pub(super) fn of(info: &StoreInfo) -> Value {
    json!({
        "location": info.location,
        "version": info.version,
        "versions": info.versions,
        "made_at": instant(info.made_at),
        "rows": info.rows,
        "persons": info.persons,
        "buckets": info.buckets,
        "generations": info.generations,
        "first_time": info.first_time.and_then(instant),
        "last_time": info.last_time.and_then(instant),
        "tables": tables(info),
        "columns": columns(info),
        "events": events(info),
        "properties": info.properties,
        "health": health(info),
        "imports": imports(info),
        "unfinished": unfinished(info),
        "advice": info.advice,
    })
}

fn tables(info: &StoreInfo) -> Value {
    let tables = info.tables.iter().map(|table| {
        json!({"name": table.name, "files": table.files, "rows": table.rows, "bytes": table.bytes})
    });
    tables.collect()
}

fn columns(info: &StoreInfo) -> Value {
    let columns = info.columns.iter().map(
        |column| json!({"name": column.name, "bytes": column.bytes, "raw_bytes": column.raw_bytes}),
    );
    columns.collect()
}

fn events(info: &StoreInfo) -> Value {
    info.events.iter().map(|event| json!({"name": event.name, "rows": event.rows})).collect()
}

fn health(info: &StoreInfo) -> Value {
    let health = &info.health;
    json!({
        "files": health.files,
        "ideal_files": health.ideal_files,
        "files_per_bucket": health.files_per_bucket,
        "sorted_buckets": health.sorted_buckets,
        "small_files": health.small_files,
        "unapplied_overrides": health.unapplied_overrides,
        "retired_files": health.retired_files,
        "retired_bytes": health.retired_bytes,
        "abandoned_files": health.abandoned_files,
        "abandoned_bytes": health.abandoned_bytes,
    })
}

fn imports(info: &StoreInfo) -> Value {
    let imports = info.imports.iter().map(|import| {
        json!({
            "generation": import.generation,
            "at": instant(import.at),
            "rows": import.rows,
            "duplicates": import.duplicates,
            "rejected": import.rejected,
            "sources": import.sources,
        })
    });
    imports.collect()
}

fn unfinished(info: &StoreInfo) -> Value {
    let unfinished = info.unfinished.iter().map(|work| {
        json!({
            "place": work.place,
            "is_at_work": work.is_at_work,
            "files": work.files,
            "bytes": work.bytes,
            "written_at": instant(work.written_at),
        })
    });
    unfinished.collect()
}

/// `2024-03-01T10:00:00.000000Z`; nothing for what no calendar has.
fn instant(micros: i64) -> Option<String> {
    let time = DateTime::from_timestamp_micros(micros)?;
    Some(time.to_rfc3339_opts(SecondsFormat::Micros, true))
}
