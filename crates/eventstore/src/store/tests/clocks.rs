//! Clocks that go back, or ahead: versions rise all the same, and readers keep their files.

use super::folders::{HOUR, tidy};
use super::import::{EVENTS, NOW, line, lines, options, rows, store};
use crate::SourceOptions;
use crate::store::files::Folder;
use crate::store::import::{ImportOptions, ImportSummary, import};
use crate::store::manifest::Manifest;
use crate::store::optimize;
use crate::store::versions::Versions;
use datafusion::execution::runtime_env::RuntimeEnv;
use std::collections::HashMap;
use std::path::Path;

/// A day in microseconds.
const DAY: i64 = 24 * HOUR;

/// Imports ten rows when the clock says `now`.
async fn imported_at(place: &Path, part: u32, now: i64) -> ImportSummary {
    let text: Vec<String> = (part * 10..part * 10 + 10)
        .map(|row| line(row, "a", &format!("p{}", row % 5), "2024-01-01T00:00:00Z", "{}"))
        .collect();
    let source = SourceOptions::events(lines(place, &format!("{part}.jsonl"), &text));
    let options = ImportOptions { now, buckets: Some(1), ..options(place, source) };
    import(&options, &|_| {}).await.unwrap()
}

/// The rows of a version.
async fn answer(place: &Path, version: u64) -> Vec<String> {
    let (stored, context) = store(place, Some(version)).await;
    rows(&stored, &context, EVENTS).await
}

/// All manifests that are kept.
async fn manifests(place: &Path) -> Vec<Manifest> {
    let location = place.join("store").display().to_string();
    let folder = Folder::open(&location, &RuntimeEnv::default(), &HashMap::new()).unwrap();
    let versions = Versions::new(folder);
    let mut manifests = Vec::new();
    for version in versions.all().await.unwrap() {
        manifests.push(versions.at(version).await.unwrap());
    }
    manifests
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_goes_back_changes_no_order() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    for (part, now) in [(0, NOW), (1, NOW - DAY), (2, NOW - 40 * DAY), (3, -5)] {
        let done = imported_at(place, part, now).await;
        assert_eq!((done.version, done.rows), (u64::from(part) + 1, 10));
    }
    let done = optimize(&tidy(place, NOW - 2 * DAY, HOUR), &|_| {}).await.unwrap();
    assert!(done.changed && done.removed_files == 0, "{done:?}");
    assert_eq!(done.version, 5);
    let kept = manifests(place).await;
    let numbers: Vec<u64> = kept.iter().map(|manifest| manifest.version).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
    // The time of a version is never before that of the one that it follows.
    assert!(kept.iter().all(|manifest| manifest.made_at == NOW));
    assert!(kept.iter().flat_map(|manifest| &manifest.retired).all(|file| file.since == NOW));
    for version in 1..=5 {
        let rows = answer(place, version).await;
        assert_eq!(rows.len() as u64, 10 * version.min(4), "{version}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_keep_their_time_whatever_the_clock_says() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    imported_at(place, 0, NOW).await;
    imported_at(place, 1, NOW).await;
    let expected = answer(place, 2).await;
    assert!(optimize(&tidy(place, NOW, HOUR), &|_| {}).await.unwrap().changed);
    // The hour counts from when the files were replaced: not yet over, or not yet begun.
    for now in [NOW - 365 * DAY, NOW - 1, NOW, NOW + HOUR - 1] {
        let done = optimize(&tidy(place, now, HOUR), &|_| {}).await.unwrap();
        assert_eq!((done.changed, done.removed_files, done.version), (false, 0, 3), "{now}");
        assert_eq!(answer(place, 2).await, expected);
    }
    // Then it is: nobody can ask for that version any more, and the newest one forgets its files.
    optimize(&tidy(place, NOW + HOUR, HOUR), &|_| {}).await.unwrap();
    let kept = manifests(place).await;
    assert!(kept.iter().all(|manifest| manifest.version > 2));
    let newest = kept.last().unwrap();
    assert!(newest.version == 4 && newest.retired.is_empty(), "{newest:?}");
    assert_eq!(answer(place, 4).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_far_ahead_does_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    imported_at(place, 0, i64::MAX).await;
    imported_at(place, 1, NOW).await;
    let done = optimize(&tidy(place, NOW, i64::MAX), &|_| {}).await.unwrap();
    assert_eq!((done.changed, done.removed_files, done.version), (true, 0, 3));
    assert!(manifests(place).await.iter().all(|manifest| manifest.made_at == i64::MAX));
    assert_eq!((answer(place, 1).await.len(), answer(place, 3).await.len()), (10, 20));
}
