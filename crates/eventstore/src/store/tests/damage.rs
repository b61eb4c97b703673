//! Stores with files that are cut, garbled or gone: which file it is and what to do is told, and nothing else is lost.

use super::folders::{HOUR, below, copy, last, pages, tidy};
use super::import::{NOW, imported, line, lines, options};
use crate::store::import::{ImportOptions, import};
use crate::store::{NarrowRequest, StoreOptions, info, open_store, optimize};
use crate::{Source, SourceOptions};
use arrow::array::{ArrayRef, Int64Array, RecordBatch};
use arrow::util::display::array_value_to_string;
use datafusion::execution::context::SessionContext;
use datafusion::execution::runtime_env::RuntimeEnv;
use futures::TryStreamExt;
use parquet::arrow::ArrowWriter;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

/// Reads every column that a row has.
const QUESTION: &str = r#"SELECT count(*), count(DISTINCT uuid), count(DISTINCT "$person"), count(DISTINCT "$actor"),
    count(DISTINCT event), max(distinct_id), max(timestamp), max(properties), max("properties.n") FROM events"#;

/// A store of two imports.
struct Stored {
    folder: TempDir,
    /// A file that is not imported yet.
    fresh: String,
    /// What the store answers, and what it answers with that file.
    answers: [String; 2],
}

/// What is done to a file that holds these bytes.
type Damage = fn(&Path, &[u8]);

impl Stored {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path();
        let persons = ["person_id,distinct_id,version".to_owned(), "p1,p1,1".to_owned()];
        let source = SourceOptions {
            persons: vec![lines(place, "persons.csv", &persons)],
            ..SourceOptions::events(lines(place, "a.jsonl", &text(0..300)))
        };
        let first = ImportOptions { buckets: Some(2), ..options(place, source) };
        import(&first, &|_| {}).await.unwrap();
        imported(place, &lines(place, "b.jsonl", &text(300..600))).await;
        let fresh = lines(place, "c.jsonl", &text(600..650));
        let before = asked(place, None).await.unwrap();
        assert!(before.starts_with("600|600|40|40|3|"), "{before}");
        let mut stored = Self { folder, fresh, answers: [before, String::new()] };
        let more = stored.copy();
        imported(more.path(), &stored.fresh).await;
        stored.answers[1] = asked(more.path(), None).await.unwrap();
        stored
    }

    /// A copy of the store, in a folder of its own.
    fn copy(&self) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        copy(&self.folder.path().join("store"), &folder.path().join("store"));
        folder
    }

    /// Damages the last file of a kind. All of these must be refused, with the file, with `what` and with what to do,
    /// and the store must be as it was once the file is mended.
    async fn refuses(&self, doings: &[&str], kind: &str, damage: Damage, what: &str) {
        for doing in doings {
            let copy = self.copy();
            let file = last(copy.path(), kind);
            let whole = damaged(&file, damage);
            let done = self.done(doing, copy.path()).await;
            let told = done.expect_err(doing);
            assert!(told.contains(&named(&file)), "{doing}: {told}");
            assert!(told.contains(what), "{doing}: no `{what}` in: {told}");
            assert!(told.contains("; "), "{doing}: nothing to do in: {told}");
            fs::write(&file, whole).unwrap();
            assert_eq!(asked(copy.path(), None).await.unwrap(), self.answers[0], "{doing}");
        }
    }

    /// Does something with a store; the message if it is refused.
    async fn done(&self, doing: &str, place: &Path) -> Result<(), String> {
        let location = place.join("store").display().to_string();
        let told = |error: crate::Error| error.to_string();
        match doing {
            "query" => asked(place, None).await.map(drop),
            "narrow" => narrow(place, &["a"]).await,
            // Most rows: those of event files, with marks.
            "marked" => narrow(place, &["a", "b"]).await,
            "info" => info(&location, &HashMap::new()).await.map(drop).map_err(told),
            "import" => {
                let options = options(place, SourceOptions::events(&self.fresh));
                import(&options, &|_| {}).await.map(drop).map_err(told)
            }
            _ => optimize(&tidy(place, NOW, HOUR), &|_| {}).await.map(drop).map_err(told),
        }
    }
}

/// The file's path as messages end with it, with `/` between its parts.
fn named(file: &Path) -> String {
    let parts: Vec<&str> = file.iter().filter_map(|part| part.to_str()).collect();
    let store = parts.iter().position(|part| *part == "store").unwrap();
    parts[store..].join("/")
}

/// Damages a file; gives what it was.
fn damaged(file: &Path, damage: Damage) -> Vec<u8> {
    let whole = fs::read(file).unwrap();
    damage(file, &whole);
    whole
}

/// Lines of events, among them ties.
fn text(rows: std::ops::Range<u32>) -> Vec<String> {
    rows.map(|row| {
        let event = ["a", "b", "c"][row as usize % 3];
        let time = format!("2024-01-01T00:{:02}:00Z", row % 50);
        let properties = format!(r#"{{"n":{},"text":"value {}"}}"#, row % 7, row * 7919);
        line(row, event, &format!("p{}", row % 40), &time, &properties)
    })
    .collect()
}

async fn opened(place: &Path, version: Option<u64>) -> Result<(Source, SessionContext), String> {
    let runtime = Arc::new(RuntimeEnv::default());
    let location = place.join("store").display().to_string();
    let options = StoreOptions { location, version, ..StoreOptions::default() };
    let source = open_store(&options, &runtime).await.map_err(|error| error.to_string())?;
    Ok((source, SessionContext::new_with_config_rt(Default::default(), runtime)))
}

/// What a version answers.
async fn asked(place: &Path, version: Option<u64>) -> Result<String, String> {
    let (source, context) = opened(place, version).await?;
    let events = source.events().ok_or("no events")?;
    let told = |error: datafusion::error::DataFusionError| error.to_string();
    context.register_table("events", Arc::clone(&events.provider)).map_err(told)?;
    let batches = context.sql(QUESTION).await.map_err(told)?.collect().await.map_err(told)?;
    let columns = batches.iter().flat_map(RecordBatch::columns);
    let values: Result<Vec<String>, _> =
        columns.map(|column| array_value_to_string(column, 0)).collect();
    values.map(|values| values.join("|")).map_err(|error| error.to_string())
}

/// Reads all runs of some events.
async fn narrow(place: &Path, events: &[&str]) -> Result<(), String> {
    let (source, context) = opened(place, None).await?;
    let told = |error: datafusion::error::DataFusionError| error.to_string();
    let marks = (1..).take(events.len()).collect();
    let events = Some(events.iter().map(|event| (*event).to_owned()).collect());
    let request = NarrowRequest { events, marks, ..NarrowRequest::default() };
    let scan = source.narrow(&request, &context.state()).await.map_err(told)?.ok_or("no scan")?;
    for partition in 0..scan.streams.len() {
        let stream = scan.plan.execute(partition, context.task_ctx()).map_err(told)?;
        let _: Vec<RecordBatch> = stream.try_collect().await.map_err(told)?;
    }
    Ok(())
}

fn half(file: &Path, whole: &[u8]) {
    fs::write(file, &whole[..whole.len() / 2]).unwrap();
}

/// Garbage where the pages were: the footer is whole.
fn garbled(file: &Path, whole: &[u8]) {
    let mut bytes = whole.to_vec();
    bytes[pages(whole)].fill(0xff);
    fs::write(file, bytes).unwrap();
}

/// A footer that says it is longer than the file.
fn endless(file: &Path, whole: &[u8]) {
    let mut bytes = whole.to_vec();
    let length = whole.len() - 8..whole.len() - 4;
    bytes[length].copy_from_slice(&0x7fff_ffff_u32.to_le_bytes());
    fs::write(file, bytes).unwrap();
}

/// A whole Parquet file of fewer bytes than the manifest says.
fn another(file: &Path, _: &[u8]) {
    let one: ArrayRef = Arc::new(Int64Array::from(vec![1]));
    let batch = RecordBatch::try_from_iter([("a", one)]).unwrap();
    let file = fs::File::create(file).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

fn gone(file: &Path, _: &[u8]) {
    fs::remove_file(file).unwrap();
}

fn emptied(file: &Path, _: &[u8]) {
    fs::write(file, "").unwrap();
}

/// What is JSON, but nothing that a store writes.
fn list(file: &Path, _: &[u8]) {
    fs::write(file, "[1]").unwrap();
}

fn prose(file: &Path, _: &[u8]) {
    fs::write(file, "this is no manifest\n").unwrap();
}

/// A manifest that only later releases understand.
fn of_format_2(file: &Path, whole: &[u8]) {
    let mut manifest: serde_json::Value = serde_json::from_slice(whole).unwrap();
    manifest["format"] = 2.into();
    manifest["min_reader"] = 2.into();
    fs::write(file, manifest.to_string()).unwrap();
}

/// What reads the rows of events.
const READERS: [&str; 3] = ["query", "import", "optimize"];

#[tokio::test(flavor = "multi_thread")]
async fn damaged_event_files_are_told() {
    let stored = Stored::new().await;
    for (doings, damage, what) in [
        (&READERS[..], half as Damage, "the file is shorter than the "),
        (&READERS[..], garbled, "it cannot be read: "),
        (&READERS[..], gone, "the file is missing"),
        (&["marked"][..], half, "the file is shorter than the "),
        (&["marked"][..], garbled, "it cannot be read: "),
        (&READERS[..1], endless, "its Parquet footer is broken (it would be longer than the file)"),
        (&READERS[..1], another, "the file is shorter than the "),
        (&READERS[..1], half, "; restore it from a copy, or import everything into a new store"),
        (&READERS[..1], garbled, "; restore it from a copy, or import everything into a new store"),
    ] {
        stored.refuses(doings, "events", damage, what).await;
    }
    stored.refuses(&["info"], "events", half, "the file is shorter than the ").await;
    stored.refuses(&["info"], "events", gone, "the file is missing").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_cluster_files_are_told() {
    let stored = Stored::new().await;
    for (damage, what) in [
        (half as Damage, "the file is shorter than the "),
        (garbled, "it cannot be read: "),
        (endless, "its Parquet footer is broken (it would be longer than the file)"),
        (gone, "the file is missing"),
    ] {
        stored.refuses(&["narrow"], "clusters", damage, what).await;
    }
    // Rows are in the event files alone: what reads those needs no clusters, and optimize writes them anew.
    for damage in [half as Damage, gone] {
        let copy = stored.copy();
        damaged(&last(copy.path(), "clusters"), damage);
        assert_eq!(asked(copy.path(), None).await.unwrap(), stored.answers[0]);
        stored.done("import", copy.path()).await.unwrap();
        stored.done("optimize", copy.path()).await.unwrap();
        stored.done("narrow", copy.path()).await.unwrap();
        assert_eq!(asked(copy.path(), None).await.unwrap(), stored.answers[1]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_files_of_persons_are_told() {
    let stored = Stored::new().await;
    for (doings, damage, what) in [
        (&READERS[..], half as Damage, "it cannot be read: "),
        (&READERS[..], gone, "a file of the store is missing"),
        (&READERS[..1], garbled, "it cannot be read: "),
        (&READERS[..1], endless, "it cannot be read: "),
    ] {
        stored.refuses(doings, "persons", damage, what).await;
    }
    let hint = "; restore it from a copy, or import everything into a new store";
    stored.refuses(&["query"], "persons", half, hint).await;
    // Who does not ask for persons needs no names of theirs.
    let copy = stored.copy();
    damaged(&last(copy.path(), "persons"), gone);
    stored.done("narrow", copy.path()).await.unwrap();
    stored.done("info", copy.path()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_tables_and_dictionaries_are_told() {
    let stored = Stored::new().await;
    for (damage, what) in
        [(half as Damage, "the file is shorter than the "), (gone, "the file is missing")]
    {
        stored.refuses(&["query", "narrow", "import", "optimize"], "tables", damage, what).await;
    }
    let all = ["query", "narrow", "info", "import", "optimize"];
    stored.refuses(&all, "properties", half, "the property dictionary is damaged").await;
    stored.refuses(&["query"], "properties", gone, "a file of the store is missing").await;
    stored.refuses(&["query"], "properties", list, "the property dictionary is damaged").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_manifests_are_told_and_earlier_versions_answer() {
    let stored = Stored::new().await;
    for damage in [half as Damage, emptied, prose] {
        let told = "the manifest is damaged: ";
        stored.refuses(&["query"], "manifests", damage, told).await;
        stored.refuses(&["query"], "manifests", damage, "; restore the file from a copy").await;
    }
    let all = ["query", "narrow", "info", "import", "optimize"];
    stored.refuses(&all, "manifests", half, "the manifest is damaged: ").await;
    let newer = "the store is of format 2; this hogql reads up to format 1; update hogql";
    stored.refuses(&all, "manifests", of_format_2, newer).await;
    let copy = stored.copy();
    let first = asked(copy.path(), Some(1)).await.unwrap();
    assert!(first.starts_with("300|300|40|"), "{first}");
    let latest = last(copy.path(), "manifests");
    damaged(&latest, half);
    assert_eq!(asked(copy.path(), Some(1)).await.unwrap(), first);
    // As the message says: without it the version before counts, and the same import takes the rows again.
    fs::remove_file(&latest).unwrap();
    assert_eq!(asked(copy.path(), None).await.unwrap(), first);
    imported(copy.path(), &stored.folder.path().join("b.jsonl").display().to_string()).await;
    assert_eq!(asked(copy.path(), None).await.unwrap(), stored.answers[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_format_that_may_be_read_is_never_written() {
    let stored = Stored::new().await;
    let copy = stored.copy();
    let file = last(copy.path(), "manifests");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replacen("\"format\":1", "\"format\":2,\"min_reader\":1", 1)).unwrap();
    assert_eq!(asked(copy.path(), None).await.unwrap(), stored.answers[0]);
    let before = below(copy.path());
    for doing in ["import", "optimize"] {
        let told = stored.done(doing, copy.path()).await.unwrap_err();
        assert!(told.contains("; this hogql can read it, but writes format 1"), "{told}");
        assert!(told.ends_with("; update hogql"), "{told}");
    }
    assert_eq!(below(copy.path()), before, "nothing is left behind");
}

#[tokio::test(flavor = "multi_thread")]
async fn work_that_nobody_goes_on_with_is_removed() {
    let stored = Stored::new().await;
    let copy = stored.copy();
    let store = copy.path().join("store");
    // As an optimize of version 1 leaves it when its machine goes down.
    let write = |path: &str, text: &str| -> PathBuf {
        let path = store.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    };
    let begun = "{\"begun\":{\"format\":1,\"by\":\"hogql\",\"buckets\":2,\"token\":\"word\"}}\n";
    let work = write("import/optimize-1/journal.jsonl", begun);
    let file = write("events/2-word/b0000-0000.parquet", "PAR1");
    let done = optimize(&tidy(copy.path(), NOW, -1_000_000 * HOUR), &|_| {}).await.unwrap();
    assert!(done.changed && done.removed_files > 0, "{done:?}");
    assert!(!work.exists() && !file.exists());
    assert_eq!(asked(copy.path(), None).await.unwrap(), stored.answers[0]);
    let told = info(&store.display().to_string(), &HashMap::new()).await.unwrap();
    assert_eq!((told.health.abandoned_files, told.generations), (0, 1));
}
