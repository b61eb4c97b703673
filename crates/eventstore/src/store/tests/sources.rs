//! Sources with files that cannot be read, and work files that were damaged: what is told, and that a later import
//! takes just what is missing.

use super::folders::{below, copy, pages};
use super::import::{EVENTS, line, lines, options, rows, store};
use crate::generate::{GenerateOptions, generate};
use crate::store::import::{ImportOptions, ImportPhase, ImportSummary, import};
use crate::{ImportProgress, SourceOptions};
use serde_json::Value;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// An export of several files below `place`, and one file of it.
fn exported(place: &Path) -> (ImportOptions, PathBuf) {
    let export = place.join("export");
    let three_days = GenerateOptions { days: 3, ..GenerateOptions::new(900, &export) };
    generate(&three_days, &|_| {}).unwrap();
    let mut files = below(&export.join("events"));
    assert!(files.len() > 2, "{files:?}");
    let source = SourceOptions::events(export.display().to_string());
    (options(place, source), files.swap_remove(1))
}

async fn taken(options: &ImportOptions) -> ImportSummary {
    import(options, &|_| {}).await.unwrap()
}

/// The message of an import that is refused. It names the file, and the store is as it was.
async fn refused(place: &Path, options: &ImportOptions, file: &Path) -> String {
    let before = answer(place).await;
    let told = import(options, &|_| {}).await.unwrap_err().to_string();
    let name = file.file_name().unwrap().to_str().unwrap();
    assert!(told.contains(name), "{told}");
    assert_eq!(answer(place).await, before);
    told
}

/// All rows of the store below `place`; none if there is none.
async fn answer(place: &Path) -> Vec<String> {
    if !place.join("store/manifests").exists() {
        return Vec::new();
    }
    let (stored, context) = store(place, None).await;
    rows(&stored, &context, EVENTS).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_cut_off_is_told_before_anything_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let (all, cut) = exported(place);
    let whole = fs::read(&cut).unwrap();
    fs::write(&cut, &whole[..whole.len() / 2]).unwrap();
    let told = refused(place, &all, &cut).await;
    assert!(told.contains(": this is no complete Parquet file: its "), "{told}");
    assert!(told.ends_with(": write it again or leave it out"), "{told}");
    assert!(!place.join("store").exists());
    fs::write(&cut, whole).unwrap();
    let done = taken(&all).await;
    assert_eq!((done.rows + done.duplicates, done.rejected), (900, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_damaged_file_holds_can_be_taken_once_it_is_mended() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let (all, damaged) = exported(place);
    let whole = fs::read(&damaged).unwrap();
    // Its footer is whole, so that it is found out while rows are read.
    let mut bytes = whole.clone();
    bytes[pages(&whole)].fill(0xff);
    fs::write(&damaged, &bytes).unwrap();
    let told = refused(place, &all, &damaged).await;
    assert!(told.contains(": it cannot be read: "), "{told}");
    assert!(told.ends_with("; it is damaged: write it again or leave it out"), "{told}");
    // Left out, as the message says.
    let aside = place.join("aside.parquet");
    fs::rename(&damaged, &aside).unwrap();
    let without = taken(&all).await;
    assert!(without.rows < 900 && !without.resumed, "{without:?}");
    let alone = options(place, SourceOptions::events(aside.display().to_string()));
    assert!(refused(place, &alone, &aside).await.contains(": it cannot be read: "));
    // Written again.
    fs::write(&damaged, whole).unwrap();
    let whole = taken(&all).await;
    let elsewhere = tempfile::tempdir().unwrap();
    let at_once = taken(&options(elsewhere.path(), all.source.clone())).await;
    assert_eq!(without.rows + whole.rows, at_once.rows, "just the missing rows");
    assert_eq!(whole.rows + whole.duplicates, 900);
    assert_eq!(answer(place).await, answer(elsewhere.path()).await);
}

/// Begins an import, stops it when all is read, and gives one of its work files.
pub(super) async fn stopped(options: &mut ImportOptions, name: &str) -> PathBuf {
    let cancelled = Arc::new(AtomicBool::new(false));
    options.cancelled = Arc::clone(&cancelled);
    let stop = |progress: ImportProgress| {
        if progress.phase == ImportPhase::Reading && progress.done == progress.total {
            cancelled.store(true, Ordering::Relaxed);
        }
    };
    let told = import(options, &stop).await.unwrap_err().to_string();
    assert!(told.contains("run the same command again: it goes on"), "{told}");
    options.cancelled = Arc::default();
    let usual = || Path::new(&options.store).join("import");
    let mut files = below(&options.work.clone().unwrap_or_else(usual));
    files.retain(|file| file.ends_with(name));
    files.pop().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_work_files_are_told_and_can_be_removed() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let text: Vec<String> = (0..500)
        .map(|row| line(row, "a", &format!("p{}", row % 9), "2024-01-01T00:00:00Z", "{}"))
        .collect();
    let source = SourceOptions::events(lines(place, "a.jsonl", &text));
    let mut options = ImportOptions { buckets: Some(1), ..options(place, source) };
    let spill = stopped(&mut options, "000000.spill").await;
    let whole = fs::read(&spill).unwrap();
    // As long as it was, so that the import goes on with it.
    for damaged in [whole.len() / 8, whole.len()] {
        let mut bytes = whole.clone();
        bytes[..damaged].fill(0xff);
        fs::write(&spill, bytes).unwrap();
        let told = refused(place, &options, &spill).await;
        assert!(told.contains(": the work file is damaged: "), "{told}");
        let hint = "; remove the folder it is in, and run the same command again";
        assert!(told.ends_with(hint), "{told}");
    }
    fs::remove_dir_all(spill.parent().unwrap()).unwrap();
    let done = taken(&options).await;
    assert_eq!((done.rows, done.resumed), (500, false));
}

/// Where the first rows of a bucket are in a work file.
fn chunk_of(spill: &Path, bucket: u64) -> Range<usize> {
    let journal = fs::read_to_string(spill.with_file_name("journal.jsonl")).unwrap();
    let lines = journal.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let unit = lines.filter_map(|line| line.get("unit").cloned()).next().unwrap();
    let chunks = unit["spilled"]["chunks"].as_array().unwrap();
    let place = &chunks.iter().find(|chunk| chunk["key"]["bucket"] == bucket).unwrap()["place"];
    let number = |key: &str| usize::try_from(place[key].as_u64().unwrap()).unwrap();
    let start = number("offset");
    start..start + number("head") + number("body")
}

#[tokio::test(flavor = "multi_thread")]
async fn when_a_bucket_fails_nobody_goes_on_with_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let text: Vec<String> = (0..20_000)
        .map(|row| line(row, "a", &format!("p{}", row % 99), "2024-01-01T00:00:00Z", "{}"))
        .collect();
    let source = SourceOptions::events(lines(place, "a.jsonl", &text));
    let mut options = ImportOptions { buckets: Some(2), ..options(place, source) };
    let spill = stopped(&mut options, "000000.spill").await;
    let whole = fs::read(&spill).unwrap();
    let mut damaged = whole.clone();
    damaged[chunk_of(&spill, 0)].fill(0xff);
    fs::write(&spill, damaged).unwrap();
    assert!(refused(place, &options, &spill).await.contains(": the work file is damaged: "));
    let left = below(&place.join("store"));
    let is_partial = |file: &PathBuf| file.to_string_lossy().ends_with(".partial");
    assert!(!left.iter().any(is_partial), "{left:?}");
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(below(&place.join("store")), left);
    fs::write(&spill, whole).unwrap();
    assert_eq!(taken(&options).await.rows, 20_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn work_files_that_are_cut_off_are_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let mut text: Vec<String> = (0..500)
        .map(|row| line(row, "a", &format!("p{}", row % 9), "2024-01-01T00:00:00Z", "{}"))
        .collect();
    text.push("no json".to_owned());
    let source = SourceOptions::events(lines(place, "a.jsonl", &text));
    let mut options = ImportOptions { buckets: Some(1), ..options(place, source) };
    // As after a power cut: the journal names them.
    for name in ["000000.spill", "000000.rejects"] {
        let file = stopped(&mut options, name).await;
        let whole = fs::read(&file).unwrap();
        fs::write(&file, &whole[..whole.len() / 2]).unwrap();
        let done = taken(&options).await;
        let counts = (done.rows + done.duplicates, done.rejected, done.resumed);
        assert_eq!(counts, (500, 1, false), "{name}");
        let rejects = fs::read_to_string(done.rejects.unwrap()).unwrap();
        assert!(rejects.contains("no json") && rejects.ends_with("}\n"), "{name}: {rejects}");
    }
    assert_eq!(answer(place).await.len(), 500);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_goes_on_as_far_as_its_journal_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let (mut options, _) = exported(folder.path());
    let journal = stopped(&mut options, "journal.jsonl").await;
    let whole = fs::read_to_string(&journal).unwrap();
    let second = whole.find('\n').unwrap() + 1;
    let third = second + whole[second..].find('\n').unwrap() + 1;
    for (journaled, resumed) in [
        (format!("{}{{\"unit\":{{\"num\n{}", &whole[..third], &whole[third..]), true),
        (format!("garbage\n{whole}"), false),
        (String::new(), false),
    ] {
        let place = tempfile::tempdir().unwrap();
        let other = place.path().join("store");
        copy(Path::new(&options.store), &other);
        let journal = other.join(journal.strip_prefix(&options.store).unwrap());
        fs::write(&journal, journaled).unwrap();
        let options = ImportOptions { store: other.display().to_string(), ..options.clone() };
        let done = taken(&options).await;
        assert_eq!((done.rows + done.duplicates, done.resumed), (900, resumed));
        assert!(!other.join("import").exists());
    }
    // Bytes that are no text.
    fs::write(&journal, b"\xff\xfe\n").unwrap();
    let done = taken(&options).await;
    assert_eq!((done.rows + done.duplicates, done.resumed), (900, false));
}
