//! What is told of the layout of a store.

use super::import::{NOW, line, lines};
use crate::SourceOptions;
use crate::store::import::unfinished::word_of;
use crate::store::info::health::{advice, health, may_be_named};
use crate::store::info::{Health, info};
use crate::store::manifest::{ClusterFile, EventFile, Manifest, PersonsFile, TableFile};
use crate::store::{ImportOptions, import};
use crate::tests::s3_server::{Server, What};
use std::collections::BTreeMap;

/// Rows of about a file.
const MANY: u64 = 1 << 20;

fn events(bucket: u32, generation: u64, rows: u64) -> EventFile {
    EventFile {
        path: format!("events/{generation}-word/b{bucket:04}-0000.parquet"),
        bytes: rows * 100,
        rows,
        bucket,
        generation,
        min_time: 0,
        max_time: 1,
        row_groups: 1,
        has_ties: false,
        clusters: ClusterFile::default(),
        null_counts: BTreeMap::new(),
    }
}

fn persons(bucket: u32, generation: u64, first_ordinal: u32) -> PersonsFile {
    PersonsFile {
        path: format!("persons/{generation}-word/b{bucket:04}.parquet"),
        bytes: 1000,
        bucket,
        generation,
        first_ordinal,
        persons: 10,
        sorted: first_ordinal == 0,
    }
}

fn store(events: Vec<EventFile>, persons: Vec<PersonsFile>) -> Manifest {
    Manifest { events, persons, ..Manifest::empty("hogql 0.1.0", 4) }
}

/// Two imports in bucket 0, one in bucket 1.
fn imported_twice() -> Manifest {
    let files = vec![events(0, 1, 3 * MANY), events(0, 2, 100), events(1, 1, 50)];
    store(files, vec![persons(0, 1, 0), persons(0, 2, 10), persons(1, 1, 0)])
}

fn told(manifest: &Manifest) -> Vec<String> {
    advice(manifest, &health(manifest))
}

#[test]
fn a_store_of_one_import_needs_nothing() {
    let files = (0..4).map(|bucket| events(bucket, 1, 50)).collect();
    let manifest = store(files, (0..4).map(|bucket| persons(bucket, 1, 0)).collect());
    let expected = Health {
        files: 4,
        ideal_files: 4,
        files_per_bucket: 1.0,
        sorted_buckets: 4,
        ..Health::default()
    };
    assert_eq!(health(&manifest), expected);
    assert!(told(&manifest).is_empty());
}

#[test]
fn an_empty_store_needs_nothing() {
    let manifest = store(Vec::new(), Vec::new());
    assert_eq!(health(&manifest), Health::default());
    assert!(told(&manifest).is_empty());
}

#[test]
fn later_imports_make_work() {
    let mut manifest = imported_twice();
    let found = health(&manifest);
    // The rows of bucket 0 would fill more files than it has.
    assert_eq!((found.files, found.ideal_files), (3, 3));
    assert_eq!((found.small_files, found.sorted_buckets), (1, 1));
    assert_eq!(told(&manifest), ["`hogql optimize` would put the persons of 1 bucket in order"]);
    manifest.events.extend([events(1, 2, 50), events(1, 3, 50)]);
    let merges = |rows| TableFile { path: String::new(), bytes: 1, rows, generation: 2 };
    manifest.tables.insert("merges".to_owned(), vec![merges(300), merges(12)]);
    let found = health(&manifest);
    assert_eq!((found.files, found.ideal_files, found.small_files), (5, 3, 4));
    assert_eq!((found.unapplied_overrides, found.files_per_bucket), (312, 2.5));
    let expected = "`hogql optimize` would merge 5 event files into 3, work in 312 merged distinct ids, \
                    and put the persons of 1 bucket in order";
    assert_eq!(told(&manifest), [expected]);
}

#[test]
fn only_worn_buckets_are_written_anew() {
    // Full months of one import.
    let files = vec![events(0, 1, 3 * MANY), events(0, 1, 100)];
    let manifest = store(files, vec![persons(0, 1, 0)]);
    assert_eq!(health(&manifest).ideal_files, 2);
    assert!(told(&manifest).is_empty());
    let files = vec![events(0, 1, 3 * MANY), events(0, 2, 3 * MANY)];
    let manifest = store(files, vec![persons(0, 1, 0)]);
    assert_eq!(told(&manifest), ["`hogql optimize` would write 1 bucket anew, in one order"]);
}

#[test]
fn room_is_told_apart() {
    let manifest = store(vec![events(0, 1, 50)], vec![persons(0, 1, 0)]);
    let left = Health {
        retired_files: 2,
        retired_bytes: 3 << 20,
        abandoned_files: 1,
        abandoned_bytes: 1,
        ..health(&manifest)
    };
    let expected = "`hogql optimize` would remove 1 abandoned file (1 KiB), and remove 2 files (3 MiB) of \
                    earlier versions once their readers have had their time";
    assert_eq!(advice(&manifest, &left), [expected]);
}

#[test]
fn files_of_an_import_that_goes_on_are_not_abandoned() {
    let unfinished =
        [word_of(r#"{"begun":{"format":1,"by":"hogql 0.1.0","buckets":8,"token":"ab"}}"#)];
    let unfinished = unfinished.map(Option::unwrap_or_default);
    for (path, expected) in [
        ("events/7-cd/b0000-0000.parquet", true),
        ("properties/7-cd/properties.json", true),
        ("events/7-ab/b0000-0000.parquet", false),
        ("events/7-ab/.b0000-0000.parquet.ff.partial", false),
        ("import/1234/journal.jsonl", false),
        ("manifests/.lock", false),
        ("notes.txt", false),
    ] {
        assert_eq!(may_be_named(path, &unfinished), expected, "{path}");
    }
    assert_eq!(word_of("{\"unit\":{\"numb"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_file_of_many_events_is_one_request() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let text: Vec<String> = (0..1_600)
        .map(|row| line(row, &format!("event {row}"), "p", "2024-01-01T00:00:00Z", "{}"))
        .collect();
    let server = Server::empty();
    let (environment, store) = (server.environment(), "s3://exports/stores/many");
    let source = SourceOptions {
        environment: environment.clone(),
        ..SourceOptions::events(lines(place, "a.jsonl", &text))
    };
    let options = ImportOptions {
        buckets: Some(1),
        work: Some(place.join("work")),
        ..ImportOptions::new(source, store, NOW)
    };
    import(&options, &|_| {}).await.unwrap();
    server.asked();
    assert_eq!(info(store, &environment).await.unwrap().events.len(), 1_600);
    let mut asked = server.asked();
    asked.retain(|asked| asked.what == What::Range && asked.key.contains("/clusters/"));
    assert_eq!(asked.len(), 1, "{asked:?}");
}
