//! Writers at once: one is first, the others do their work again or say that they were late; every row is there once.

use super::folders::{HOUR, copy, present, tidy};
use super::import::{NOW, imported, line, lines, options, rows, store};
use crate::store::import::{ImportOptions, ImportPhase, ImportSummary, import};
use crate::store::{OptimizeOptions, OptimizeSummary, info, optimize};
use crate::{Error, ImportProgress, SourceOptions};
use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::TempDir;
use tokio::runtime::Builder;

/// Rows of a file, of forty persons in all.
fn text(rows: std::ops::Range<u32>) -> Vec<String> {
    rows.map(|row| {
        let time = format!("2024-01-0{}T00:00:00Z", 1 + row % 7);
        line(row, ["a", "b", "c"][row as usize % 3], &format!("p{}", row % 40), &time, "{}")
    })
    .collect()
}

/// Where stores begin: two imports, so that there is something to optimize.
struct Scene {
    folder: TempDir,
}

impl Scene {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path();
        let source = SourceOptions::events(lines(place, "0.jsonl", &text(0..300)));
        let first = ImportOptions { buckets: Some(2), ..options(place, source) };
        import(&first, &|_| {}).await.unwrap();
        imported(place, &lines(place, "1.jsonl", &text(300..600))).await;
        lines(place, "2.jsonl", &text(600..650));
        lines(place, "3.jsonl", &text(650..700));
        Self { folder }
    }

    /// A fresh copy of the store.
    fn copy(&self) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        copy(&self.folder.path().join("store"), &folder.path().join("store"));
        folder
    }

    /// The import of one of the files into a copy.
    fn import(&self, place: &Path, name: &str, now: i64) -> ImportOptions {
        let file = self.folder.path().join(name).display().to_string();
        ImportOptions { now, ..options(place, SourceOptions::events(file)) }
    }
}

async fn taken(options: &ImportOptions) -> Result<ImportSummary, Error> {
    import(options, &|_| {}).await
}

async fn tidied(options: &OptimizeOptions) -> Result<OptimizeSummary, Error> {
    optimize(options, &|_| {}).await
}

/// Whoever was late says so, and what to do.
fn check_late(done: &Result<OptimizeSummary, Error>) {
    let Err(error) = done else { return };
    let late = [
        "another process is at the same import or optimize",
        "another writer has changed the store meanwhile",
    ];
    assert!(late.contains(&error.message()), "{error}");
    assert!(error.place().is_some() && error.hint().is_some(), "{error}");
}

/// All rows are there once, and there is nothing left to do.
async fn check_rows(place: &Path, expected: u64) {
    let (stored, context) = store(place, None).await;
    let query = r#"SELECT count(*), count(DISTINCT uuid), count(DISTINCT "$actor"), count(DISTINCT "$person")
        FROM events"#;
    let counts = rows(&stored, &context, query).await;
    assert_eq!(counts, [format!("{expected}|{expected}|40|40")]);
    tidied(&tidy(place, NOW, -1_000_000 * HOUR)).await.unwrap();
    let (stored, context) = store(place, None).await;
    assert_eq!(rows(&stored, &context, query).await, counts);
    let location = place.join("store");
    let told = info(&location.display().to_string(), &HashMap::new()).await.unwrap();
    let health = &told.health;
    assert_eq!((told.rows, told.generations, told.versions), (expected, 1, 1));
    assert_eq!((health.retired_files, health.abandoned_files, health.sorted_buckets), (0, 0, 2));
    assert!(told.advice.is_empty(), "{:?}", told.advice);
    assert!(!location.join("import").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_optimizes_at_once_one_is_first() {
    let scene = Scene::new().await;
    for round in 0..2 {
        let copy = scene.copy();
        // Readers have an hour, or no time at all.
        let (now, grace) =
            if round % 2 == 0 { (NOW, HOUR) } else { (present(copy.path()).await, 0) };
        let options = tidy(copy.path(), now, grace);
        let done = tokio::join!(tidied(&options), tidied(&options), tidied(&options));
        let done = [done.0, done.1, done.2];
        let first = done.iter().any(|done| done.as_ref().is_ok_and(|done| done.changed));
        assert!(first, "{done:?}");
        done.iter().for_each(check_late);
        check_rows(copy.path(), 600).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_beside_an_optimize_is_always_taken() {
    let scene = Scene::new().await;
    for round in 0..4 {
        let copy = scene.copy();
        let (now, grace) =
            if round % 2 == 0 { (NOW, HOUR) } else { (present(copy.path()).await, 0) };
        let tidy = tidy(copy.path(), now, grace);
        let more = scene.import(copy.path(), "2.jsonl", now);
        let (done, more) = tokio::join!(tidied(&tidy), taken(&more));
        let more = more.unwrap();
        assert_eq!((more.rows, more.duplicates), (50, 0));
        check_late(&done);
        check_rows(copy.path(), 650).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_imports_beside_an_optimize_are_taken() {
    let scene = Scene::new().await;
    for _ in 0..2 {
        let copy = scene.copy();
        let now = present(copy.path()).await;
        let tidy = tidy(copy.path(), now, 0);
        let a = scene.import(copy.path(), "2.jsonl", now);
        let b = scene.import(copy.path(), "3.jsonl", now);
        let (done, a, b) = tokio::join!(tidied(&tidy), taken(&a), taken(&b));
        assert_eq!((a.unwrap().rows, b.unwrap().rows), (50, 50));
        check_late(&done);
        check_rows(copy.path(), 700).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_runs_twice_at_once_is_taken_once() {
    let scene = Scene::new().await;
    let copy = scene.copy();
    let options = scene.import(copy.path(), "2.jsonl", NOW);
    let done = tokio::join!(taken(&options), taken(&options));
    let done = [done.0, done.1];
    let rows: u64 = done.iter().flatten().map(|done| done.rows).sum();
    assert_eq!(rows, 50, "{done:?}");
    for error in done.iter().filter_map(|done| done.as_ref().err()) {
        assert_eq!(error.message(), "another process is at the same import or optimize");
        assert!(error.hint().is_some_and(|hint| hint.starts_with("wait until it is done")));
    }
    check_rows(copy.path(), 650).await;
}

/// An import by a process of its own, while another one waits for it.
fn taken_apart(options: &ImportOptions) -> ImportSummary {
    let work = || {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(taken(options)).unwrap()
    };
    std::thread::scope(|scope| scope.spawn(work).join().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_makes_a_store_decides_its_buckets() {
    for asked in [None, Some(4)] {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path();
        let import_of = |name: &str, rows: std::ops::Range<u32>, buckets: Option<u32>| {
            let source = SourceOptions::events(lines(place, name, &text(rows)));
            ImportOptions { buckets, ..options(place, source) }
        };
        let late = import_of("late.jsonl", 0..300, asked);
        let first = import_of("first.jsonl", 250..400, Some(16));
        let is_made = AtomicBool::new(false);
        // When the rows of the one are spilled, the other makes the store.
        let make = |progress: ImportProgress| {
            if progress.phase == ImportPhase::Writing && !is_made.swap(true, Ordering::Relaxed) {
                assert_eq!(taken_apart(&first).rows, 150);
            }
        };
        let done = import(&late, &make).await;
        let expected = match done {
            Ok(done) => {
                assert_eq!((asked, done.rows, done.duplicates), (None, 250, 50));
                400
            }
            Err(error) => {
                assert_eq!(error.message(), "4 buckets are asked for, and the store has 16");
                150
            }
        };
        assert!(!place.join("store/import").exists());
        let query =
            r#"SELECT count(*), count(DISTINCT uuid), count(DISTINCT "$actor") FROM events"#;
        for _ in 0..2 {
            let (stored, context) = store(place, None).await;
            let counts = rows(&stored, &context, query).await;
            assert_eq!(counts, [format!("{expected}|{expected}|40")], "{asked:?}");
            tidied(&tidy(place, NOW, HOUR)).await.unwrap();
        }
    }
}

/// Rows that were read before an optimize worked merges in are those of the merged person, too.
#[tokio::test(flavor = "multi_thread")]
async fn merges_are_worked_in_while_an_import_reads() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let source = |number: u32| {
        let rows = text(number * 40..number * 40 + 40);
        SourceOptions::events(lines(place, &format!("{number}.jsonl"), &rows))
    };
    let first = ImportOptions { buckets: Some(4), ..options(place, source(0)) };
    taken(&first).await.unwrap();
    let overrides = ["distinct_id,person_id,version", "p1,p2,1"].map(str::to_owned);
    let overrides = vec![lines(place, "overrides.csv", &overrides)];
    taken(&options(place, SourceOptions { overrides, ..source(1) })).await.unwrap();
    assert!(!store(place, None).await.0.events().unwrap().schema.is_settled);

    let tidying = tidy(place, NOW, HOUR);
    let is_tidied = AtomicBool::new(false);
    let work_in = |progress: ImportProgress| {
        if progress.phase == ImportPhase::Writing && !is_tidied.swap(true, Ordering::Relaxed) {
            let work = || {
                let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
                runtime.unwrap().block_on(tidied(&tidying)).unwrap();
            };
            std::thread::scope(|scope| scope.spawn(work).join().unwrap());
        }
    };
    assert_eq!(import(&options(place, source(2)), &work_in).await.unwrap().rows, 40);
    assert!(is_tidied.into_inner());
    assert!(!place.join("store/import").exists());
    let (stored, context) = store(place, None).await;
    assert!(stored.events().unwrap().schema.is_settled);
    let query = r#"SELECT "$person", count(*) FROM events WHERE distinct_id = 'p1' GROUP BY 1"#;
    assert_eq!(rows(&stored, &context, query).await, ["p2|3"]);
}
