//! What an optimize leaves: all persons, what readers may still need, and work that may be gone on with.

use super::folders::{HOUR, below, copy, present, tidy};
use super::import::{EVENTS, NOW, imported, line, lines, options, rows, store};
use super::sources::stopped;
use crate::SourceOptions;
use crate::store::import::unfinished::word_of;
use crate::store::{ImportOptions, OptimizeOptions, StoreInfo, TableInfo, import, info, optimize};
use std::collections::HashMap;
use std::fs::{self, File};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

/// A minute in microseconds.
const MINUTE: i64 = HOUR / 60;

fn text(rows: Range<u32>) -> Vec<String> {
    rows.map(|row| line(row, "a", &format!("p{}", row % 9), "2024-01-01T00:00:00Z", "{}")).collect()
}

async fn told(place: &Path) -> StoreInfo {
    info(&place.join("store").display().to_string(), &HashMap::new()).await.unwrap()
}

/// Optimizes: how many work folders and files were removed.
async fn removed(options: &OptimizeOptions) -> (u64, u64) {
    let done = optimize(options, &|_| {}).await.unwrap();
    assert!(!done.changed, "{done:?}");
    (done.given_up, done.removed_files)
}

/// A store, and an import into it that broke off.
struct BrokenOff {
    folder: TempDir,
    options: ImportOptions,
    /// Its work folder.
    work: PathBuf,
    /// A file that it has written into the store.
    output: PathBuf,
}

impl BrokenOff {
    /// `elsewhere`: its work folder is not in the store.
    async fn new(elsewhere: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path();
        imported(place, &lines(place, "a.jsonl", &text(0..50))).await;
        let source = SourceOptions::events(lines(place, "b.jsonl", &text(50..100)));
        let work = elsewhere.then(|| place.join("work"));
        let mut options = ImportOptions { work, ..options(place, source) };
        let journal = stopped(&mut options, "journal.jsonl").await;
        let journaled = fs::read_to_string(&journal).unwrap();
        let word = word_of(journaled.lines().next().unwrap()).unwrap();
        let output = place.join(format!("store/events/2-{word}/b0099-0000.parquet"));
        fs::create_dir_all(output.parent().unwrap()).unwrap();
        fs::write(&output, "PAR1").unwrap();
        let work = journal.parent().unwrap().to_owned();
        Self { folder, options, work, output }
    }

    fn place(&self) -> &Path {
        self.folder.path()
    }
}

/// Makes a file hours older than it is.
fn aged(path: &Path) {
    let file = File::options().write(true).open(path).unwrap();
    let modified = file.metadata().unwrap().modified().unwrap();
    file.set_modified(modified - Duration::from_secs(5 * 3600)).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn work_that_broke_off_is_given_up_after_its_time() {
    let scene = BrokenOff::new(false).await;
    let place = scene.place();
    let before = told(place).await;
    let [work] = before.unfinished.as_slice() else { panic!("{:?}", before.unfinished) };
    assert_eq!(Path::new(&work.place).file_name(), scene.work.file_name());
    assert_eq!((work.is_at_work, work.files), (false, below(&scene.work).len() as u64 + 1));
    let sizes = below(&scene.work).into_iter().map(|file| fs::metadata(file).unwrap().len());
    assert_eq!(work.bytes, sizes.sum::<u64>() + 4);
    assert_eq!(before.health.abandoned_files, 0);
    let now = present(place).await;
    assert!(work.written_at < now && work.written_at > now - 10 * MINUTE);
    // As long as it has time it stays, and is gone on with.
    assert_eq!(removed(&tidy(place, now + HOUR - MINUTE, HOUR)).await, (0, 0));
    assert!(scene.work.exists() && scene.output.exists());
    let elsewhere = tempfile::tempdir().unwrap();
    copy(&place.join("store"), &elsewhere.path().join("store"));
    let store_there = elsewhere.path().join("store").display().to_string();
    let again = ImportOptions { store: store_there, ..scene.options.clone() };
    let done = import(&again, &|_| {}).await.unwrap();
    assert_eq!((done.rows, done.resumed), (50, true));
    // Then it goes, with all that it has written; the same import begins anew.
    assert_eq!(removed(&tidy(place, now + HOUR, HOUR)).await, (1, 1));
    assert!(!place.join("store/import").exists() && !scene.output.parent().unwrap().exists());
    assert!(told(place).await.unfinished.is_empty());
    let done = import(&scene.options, &|_| {}).await.unwrap();
    assert_eq!((done.rows, done.resumed), (50, false));
    let (stored, context) = store(place, None).await;
    assert_eq!(rows(&stored, &context, EVENTS).await.len(), 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn work_that_somebody_is_at_is_left_alone() {
    let scene = BrokenOff::new(false).await;
    let place = scene.place();
    let later = tidy(place, present(place).await + 2 * HOUR, HOUR);
    let lock = File::open(scene.work.join("lock")).unwrap();
    lock.lock().unwrap();
    assert!(told(place).await.unfinished[0].is_at_work);
    assert_eq!(removed(&later).await, (0, 0));
    assert!(scene.work.exists() && scene.output.exists());
    drop(lock);
    assert!(!told(place).await.unfinished[0].is_at_work);
    assert_eq!(removed(&later).await, (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_work_has_written_into_the_store_is_a_sign_of_life() {
    let scene = BrokenOff::new(false).await;
    let place = scene.place();
    below(&scene.work).iter().for_each(|file| aged(file));
    let tidy = tidy(place, present(place).await, HOUR);
    assert_eq!(removed(&tidy).await, (0, 0));
    fs::remove_file(&scene.output).unwrap();
    assert_eq!(removed(&tidy).await, (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn work_elsewhere_is_known_by_its_place() {
    let scene = BrokenOff::new(true).await;
    let place = scene.place();
    // Neither another store's work nor what is none.
    let others = [scene.work.with_file_name("hoglet-import-0-1"), place.join("work/notes")];
    for other in &others {
        fs::create_dir_all(other).unwrap();
    }
    // It is going on, however old what it has written may be.
    aged(&scene.output);
    let now = present(place).await + HOUR;
    for (now, expected) in [(now - MINUTE, (0, 0)), (now, (1, 1))] {
        let work = scene.options.work.clone();
        assert_eq!(removed(&OptimizeOptions { work, ..tidy(place, now, HOUR) }).await, expected);
    }
    assert!(!scene.work.exists() && others.iter().all(|other| other.exists()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_replaced_is_removed_once_its_time_is_over() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let now = present(place).await;
    for (name, part) in [("a.jsonl", 0..50), ("b.jsonl", 50..100)] {
        let source = SourceOptions::events(lines(place, name, &text(part)));
        import(&ImportOptions { now, ..options(place, source) }, &|_| {}).await.unwrap();
    }
    let done = optimize(&tidy(place, now, HOUR), &|_| {}).await.unwrap();
    assert_eq!((done.changed, done.removed_files), (true, 0));
    let retired = told(place).await.health.retired_files;
    assert!(retired > 0);
    // The version before lists them as retired, but its readers do without them.
    let done = optimize(&tidy(place, now + 2 * HOUR, HOUR), &|_| {}).await.unwrap();
    assert_eq!((done.changed, done.removed_files), (false, retired));
    let after = told(place).await;
    assert_eq!((after.health.retired_files, after.health.abandoned_files), (0, 0));
    let events = below(&place.join("store/events")).len() as u64;
    assert_eq!(events, after.health.files);
    let (stored, context) = store(place, Some(after.version)).await;
    assert_eq!(rows(&stored, &context, EVENTS).await.len(), 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_lies_well_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    imported(place, &lines(place, "a.jsonl", &text(0..50))).await;
    let done = optimize(&tidy(place, NOW, HOUR), &|_| {}).await.unwrap();
    let told = told(place).await;
    let stored = |table: &&TableInfo| ["events", "clusters"].contains(&table.name.as_str());
    let bytes = told.tables.iter().filter(stored).map(|table| table.bytes).sum::<u64>();
    assert_eq!((done.changed, done.rows, done.store_rows), (false, 0, 50));
    assert_eq!(done.store_files, told.health.files);
    assert_eq!(done.store_bytes, bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn persons_without_rows_survive_an_optimize() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    // The second row is the first one again, but of another person, who gets into the store without a row.
    for (number, person) in ["pA", "pB"].into_iter().enumerate() {
        let persons = [
            "person_id,distinct_id,person_distinct_id_version".to_owned(),
            format!("{person},a,{}", number + 1),
        ];
        let text = [line(1, "a", "a", "2024-01-01T00:00:00Z", "{}")];
        let source = SourceOptions {
            persons: vec![lines(place, &format!("{number}.csv"), &persons)],
            ..SourceOptions::events(lines(place, &format!("{number}.jsonl"), &text))
        };
        let options = ImportOptions { buckets: Some(8), ..options(place, source) };
        import(&options, &|_| {}).await.unwrap();
    }
    assert!(optimize(&tidy(place, NOW, 0), &|_| {}).await.unwrap().changed);
    let (stored, context) = store(place, None).await;
    let found = rows(&stored, &context, r#"SELECT "$person", event FROM events"#).await;
    assert_eq!(found, ["pB|a"]);
}
