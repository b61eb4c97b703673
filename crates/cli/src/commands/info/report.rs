//! What a store holds, for people.

use crate::drawing;
use crate::output::counted;
use chrono::DateTime;
use hoglet::store::{Health, StoreInfo};
use indicatif::{HumanBytes, HumanCount, HumanDuration};
use std::cmp::Reverse;
use std::time::Duration;

/// Columns that are listed: the largest ones.
const COLUMNS: usize = 15;

/// Events that are listed: the most frequent ones.
const EVENTS: usize = 10;

/// Letters of a name that are shown.
const NAME: usize = 80;

/// Imports that are listed: the last ones.
const IMPORTS: usize = 5;

/// What to know of work that broke off.
const BROKEN_OFF: &str = "the same command goes on with what broke off; hogql optimize removes it when nothing of it was \
                          written for the time of its --grace\n";

/// All that people want to know of a store at `now`.
pub(super) fn of(info: &StoreInfo, now: i64) -> String {
    let parts = [
        summary(info),
        tables(info),
        columns(info),
        events(info),
        layout(info),
        imports(info),
        unfinished(info, now),
        advice(info),
    ];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

fn summary(info: &StoreInfo) -> String {
    let span = match (info.first_time, info.last_time) {
        (Some(first), Some(last)) => format!(", from {} to {}", instant(first), instant(last)),
        _ => String::new(),
    };
    format!(
        "{}: version {}, made {}, {} kept\n{} of {}{span}\n{}, {}, {}\n",
        info.location,
        info.version,
        instant(info.made_at),
        counted(info.versions, "version"),
        counted(info.rows, "row"),
        counted(info.persons, "person"),
        counted(u64::from(info.buckets), "bucket"),
        counted(info.generations, "generation"),
        counted_properties(info.properties),
    )
}

fn tables(info: &StoreInfo) -> String {
    let rows = info.tables.iter().map(|table| {
        vec![table.name.to_string(), number(table.files), number(table.rows), size(table.bytes)]
    });
    drawing::listing(&["table", "files", "rows", "size"], rows.collect())
}

fn columns(info: &StoreInfo) -> String {
    let mut columns: Vec<_> = info.columns.iter().collect();
    columns.sort_by_key(|column| Reverse(column.bytes));
    let left = columns.len().saturating_sub(COLUMNS);
    let rows = columns.iter().take(COLUMNS).map(|column| {
        let per_row = format!("{:.2}", share(column.bytes, info.rows));
        vec![brief(&column.name), size(column.bytes), size(column.raw_bytes), per_row]
    });
    let names = ["column of events", "size", "uncompressed", "bytes per row"];
    drawing::listing(&names, rows.collect()) + &more(left, "more column")
}

fn events(info: &StoreInfo) -> String {
    let mut events: Vec<_> = info.events.iter().collect();
    events.sort_by_key(|event| Reverse(event.rows));
    let left = events.len().saturating_sub(EVENTS);
    let rows = events.iter().take(EVENTS).map(|event| {
        let percent = format!("{:.1} %", 100.0 * share(event.rows, info.rows));
        vec![brief(&event.name), number(event.rows), percent]
    });
    drawing::listing(&["event", "rows", "share"], rows.collect()) + &more(left, "more event")
}

fn layout(info: &StoreInfo) -> String {
    let health = &info.health;
    let rows = [
        (
            "event files",
            format!(
                "{} ({} would do), {:.1} per bucket",
                number(health.files),
                number(health.ideal_files),
                health.files_per_bucket
            ),
        ),
        (
            "buckets in one order",
            format!("{} of {}", number(health.sorted_buckets), number(u64::from(info.buckets))),
        ),
        ("small files", number(health.small_files)),
        ("merges applied at reading", number(health.unapplied_overrides)),
        ("kept for readers of earlier versions", retired(health)),
        ("left by broken off work", abandoned(health)),
    ];
    let rows = rows.into_iter().map(|(name, text)| vec![name.to_owned(), text]);
    drawing::listing(&["layout", ""], rows.collect())
}

fn retired(health: &Health) -> String {
    files(health.retired_files, health.retired_bytes)
}

fn abandoned(health: &Health) -> String {
    files(health.abandoned_files, health.abandoned_bytes)
}

fn imports(info: &StoreInfo) -> String {
    // Of several at one moment, the last one was recorded last.
    let mut imports: Vec<_> = info.imports.iter().rev().collect();
    imports.sort_by_key(|import| Reverse(import.at));
    let left = imports.len().saturating_sub(IMPORTS);
    let rows = imports.iter().take(IMPORTS).map(|import| {
        vec![
            instant(import.at),
            import.generation.to_string(),
            number(import.sources),
            number(import.rows),
            number(import.duplicates),
            number(import.rejected),
        ]
    });
    let names = ["import", "generation", "sources", "rows", "duplicates", "not taken"];
    drawing::listing(&names, rows.collect()) + &more(left, "earlier import")
}

/// Imports and optimizes that are not done; nothing if there are none.
fn unfinished(info: &StoreInfo, now: i64) -> String {
    if info.unfinished.is_empty() {
        return String::new();
    }
    let rows = info.unfinished.iter().map(|work| {
        let state = if work.is_at_work { "at work" } else { "broken off" };
        let age = u64::try_from(now.saturating_sub(work.written_at)).unwrap_or_default();
        let age = HumanDuration(Duration::from_micros(age));
        let state = state.to_owned();
        vec![work.place.clone(), state, number(work.files), size(work.bytes), format!("{age} ago")]
    });
    let names = ["unfinished work", "state", "files", "size", "last written"];
    let broken_off = info.unfinished.iter().any(|work| !work.is_at_work);
    drawing::listing(&names, rows.collect()) + if broken_off { BROKEN_OFF } else { "" }
}

fn advice(info: &StoreInfo) -> String {
    if info.advice.is_empty() {
        return "hogql optimize would gain nothing\n".to_owned();
    }
    let lines = info.advice.iter().map(|line| format!("  - {line}\n"));
    format!("hogql optimize would gain:\n{}", lines.collect::<String>())
}

/// The beginning of a name, which may be of any length, with a mark if that is not all of it.
fn brief(name: &str) -> String {
    match name.char_indices().nth(NAME) {
        Some((end, _)) => name.get(..end).unwrap_or(name).to_owned() + "…",
        None => name.to_owned(),
    }
}

/// `and 12 more columns`, if there are any.
fn more(left: usize, of: &str) -> String {
    match left as u64 {
        0 => String::new(),
        left => format!("and {}\n", counted(left, of)),
    }
}

fn counted_properties(properties: u64) -> String {
    let noun = if properties == 1 { "property" } else { "properties" };
    format!("{} {noun}", number(properties))
}

fn files(files: u64, bytes: u64) -> String {
    match files {
        0 => "none".to_owned(),
        files => format!("{} of {}", counted(files, "file"), size(bytes)),
    }
}

fn number(number: u64) -> String {
    HumanCount(number).to_string()
}

fn size(bytes: u64) -> String {
    HumanBytes(bytes).to_string()
}

fn share(part: u64, whole: u64) -> f64 {
    part as f64 / whole.max(1) as f64
}

/// `2024-03-01 10:00:00 UTC`; the number itself for what no calendar has.
fn instant(micros: i64) -> String {
    match DateTime::from_timestamp_micros(micros) {
        Some(time) => time.format("%Y-%m-%d %H:%M:%S UTC").to_string(),
        None => format!("{micros} µs"),
    }
}
