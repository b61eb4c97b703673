//! Imports as a whole: what goes in comes out, once.

use crate::generate::{GenerateOptions, generate};
use crate::store::import::{ImportOptions, ImportSummary, import};
use crate::store::{
    Narrow, NarrowRequest, OptimizeOptions, StoreOptions, info, open_store, optimize,
};
use crate::{Source, SourceOptions, open};
use arrow::array::{AsArray, RecordBatch};
use arrow::compute::concat_batches;
use arrow::datatypes::{TimestampMicrosecondType, UInt32Type, UInt64Type};
use arrow::util::display::array_value_to_string;
use bytes::Bytes;
use datafusion::datasource::file_format::file_compression_type::FileCompressionType;
use datafusion::execution::context::SessionContext;
use datafusion::execution::runtime_env::RuntimeEnv;
use events::layout::StreamMarks;
use events::runs::{RowMarks, RunMerger, Runs, StreamOrder, VecBatch};
use futures::{StreamExt, TryStreamExt};
use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// 2026-11-22 in microseconds.
pub(super) const NOW: i64 = 1_795_000_000_000_000;

pub(super) fn options(folder: &Path, source: SourceOptions) -> ImportOptions {
    let store = folder.join("store").display().to_string();
    ImportOptions {
        threads: NonZeroUsize::MIN.saturating_add(1),
        ..ImportOptions::new(source, store, NOW)
    }
}

pub(super) async fn imported(folder: &Path, source: &str) -> ImportSummary {
    import(&options(folder, SourceOptions::events(source)), &|_| {}).await.unwrap()
}

pub(super) async fn store(folder: &Path, version: Option<u64>) -> (Source, SessionContext) {
    let runtime = Arc::new(RuntimeEnv::default());
    let location = folder.join("store").display().to_string();
    let options = StoreOptions { location, version, ..StoreOptions::default() };
    let source = open_store(&options, &runtime).await.unwrap();
    (source, SessionContext::new_with_config_rt(Default::default(), runtime))
}

/// The rows of a query over the table of events.
pub(super) async fn rows(source: &Source, context: &SessionContext, query: &str) -> Vec<String> {
    let events = Arc::clone(&source.events().unwrap().provider);
    let _ = context.deregister_table("events");
    context.register_table("events", events).unwrap();
    let batches = context.sql(query).await.unwrap().collect().await.unwrap();
    let mut rows = Vec::new();
    for batch in &batches {
        for row in 0..batch.num_rows() {
            let values =
                batch.columns().iter().map(|values| array_value_to_string(values, row).unwrap());
            rows.push(values.collect::<Vec<_>>().join("|"));
        }
    }
    rows
}

pub(super) fn lines(folder: &Path, name: &str, lines: &[String]) -> String {
    let path = folder.join(name);
    std::fs::write(&path, lines.join("\n")).unwrap();
    path.display().to_string()
}

pub(super) fn line(uuid: u32, event: &str, person: &str, time: &str, properties: &str) -> String {
    format!(
        r#"{{"uuid":"00000000-0000-4000-8000-{uuid:012}","event":"{event}","distinct_id":"{person}","timestamp":"{time}","properties":{properties}}}"#
    )
}

pub(super) const EVENTS: &str =
    "SELECT uuid, event, distinct_id, timestamp, properties FROM events ORDER BY uuid";

#[tokio::test(flavor = "multi_thread")]
async fn every_row_comes_out_as_it_went_in() {
    let folder = tempfile::tempdir().unwrap();
    let export = folder.path().join("export");
    generate(&GenerateOptions::new(3_000, &export), &|_| {}).unwrap();
    let export = export.display().to_string();
    let summary = imported(folder.path(), &export).await;
    assert_eq!(summary.rejected, 0);
    let runtime = Arc::new(RuntimeEnv::default());
    let in_place = open(&SourceOptions::events(&export), &runtime).await.unwrap();
    let context = SessionContext::new_with_config_rt(Default::default(), runtime);
    let names: Vec<&str> = in_place
        .events()
        .unwrap()
        .schema
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    let names: Vec<String> = names
        .into_iter()
        .filter(|name| *name != "_inserted_at")
        .map(|name| format!("\"{name}\""))
        .collect();
    // The first row of a uuid is the one that counts.
    let query = |order: &str| {
        format!("SELECT DISTINCT ON (uuid) {} FROM events ORDER BY {order}", names.join(", "))
    };
    let expected = rows(&in_place, &context, &query("uuid, \"$row\"")).await;
    let query = query("uuid");
    let (stored, context) = store(folder.path(), None).await;
    let found = rows(&stored, &context, &query).await;
    assert_eq!(found.len() as u64, summary.rows);
    assert_eq!(found, expected);
    // Shredded columns are what reading the JSON text gives; a store and its files in place agree.
    let shredded = &stored.events().unwrap().schema.shredded;
    assert!(shredded.len() > 20, "{}", shredded.len());
    // The same import adds nothing.
    let again = imported(folder.path(), &export).await;
    assert_eq!((again.rows, again.duplicates), (0, summary.rows + summary.duplicates));
    let (stored, context) = store(folder.path(), None).await;
    assert_eq!(rows(&stored, &context, &query).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn later_imports_add_and_optimize_tidies() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let mut all = Vec::new();
    for part in 0..3_u32 {
        let text: Vec<String> = (0..200)
            .map(|row| {
                let number = part * 150 + row;
                let time = format!("2024-0{}-01T00:00:{:02}Z", 1 + number % 3, number % 60);
                let person = format!("person-{}", (number * 7) % 40);
                line(number, &format!("event {}", number % 5), &person, &time, r#"{"n":1}"#)
            })
            .collect();
        all.extend(text.iter().take(if part < 2 { 150 } else { 200 }).cloned());
        let summary = imported(place, &lines(place, &format!("{part}.jsonl"), &text)).await;
        assert_eq!(
            (summary.rows, summary.duplicates),
            if part == 0 { (200, 0) } else { (150, 50) }
        );
    }
    let runtime = Arc::new(RuntimeEnv::default());
    let whole = lines(place, "all.jsonl", &all);
    let in_place = open(&SourceOptions::events(&whole), &runtime).await.unwrap();
    let expected = rows(&in_place, &SessionContext::new(), EVENTS).await;
    assert_eq!(expected.len(), 500);
    let (before, context) = store(place, None).await;
    assert_eq!(rows(&before, &context, EVENTS).await, expected);
    let told = info(&place.join("store").display().to_string(), &HashMap::new()).await.unwrap();
    assert_eq!((told.rows, told.generations), (500, 3));
    assert!(!told.advice.is_empty());
    let tidy = |grace| OptimizeOptions {
        store: place.join("store").display().to_string(),
        environment: HashMap::new(),
        now: NOW + 1,
        grace,
        memory: 1 << 28,
        threads: NonZeroUsize::MIN,
        work: None,
        cancelled: Arc::default(),
    };
    let done = optimize(&tidy(3_600_000_000), &|_| {}).await.unwrap();
    assert!(done.changed && done.files_after < done.files_before, "{done:?}");
    assert_eq!(done.removed_files, 0);
    // Readers of the version before go on.
    assert_eq!(rows(&before, &context, EVENTS).await, expected);
    let (after, context) = store(place, None).await;
    assert_eq!(rows(&after, &context, EVENTS).await, expected);
    let done = optimize(&tidy(-1_000_000_000_000_000), &|_| {}).await.unwrap();
    assert!(!done.changed && done.removed_files > 0, "{done:?}");
    let (after, context) = store(place, None).await;
    assert_eq!(rows(&after, &context, EVENTS).await, expected);
    let told = info(&place.join("store").display().to_string(), &HashMap::new()).await.unwrap();
    assert_eq!(
        (told.generations, told.health.retired_files, told.health.abandoned_files),
        (1, 0, 0)
    );
    assert_eq!(told.health.sorted_buckets, u64::from(told.buckets));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_import_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let export = folder.path().join("export");
    generate(&GenerateOptions::new(2_000, &export), &|_| {}).unwrap();
    let mut options = options(folder.path(), SourceOptions::events(export.display().to_string()));
    options.threads = NonZeroUsize::MIN;
    let cancelled = Arc::new(AtomicBool::new(false));
    options.cancelled = Arc::clone(&cancelled);
    let stop = |progress: crate::ImportProgress| {
        if progress.done * 3 > progress.total {
            cancelled.store(true, Ordering::Relaxed);
        }
    };
    let error = import(&options, &stop).await.unwrap_err().to_string();
    assert!(error.contains("it goes on"), "{error}");
    cancelled.store(false, Ordering::Relaxed);
    let summary = import(&options, &|_| {}).await.unwrap();
    assert!(summary.resumed);
    let (stored, context) = store(folder.path(), None).await;
    let counts = rows(&stored, &context, "SELECT count(*), count(DISTINCT uuid) FROM events").await;
    assert_eq!(counts, [format!("{0}|{0}", summary.rows)]);
    assert!(!folder.path().join("store/import").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_imports_at_once_both_count() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let text = |from: u32| -> Vec<String> {
        (from..from + 300)
            .map(|row| line(row, "a", &format!("p{}", row % 50), "2024-01-01T00:00:00Z", "{}"))
            .collect()
    };
    // Fifty rows are in both.
    let sources = [lines(place, "a.jsonl", &text(0)), lines(place, "b.jsonl", &text(250))];
    let (a, b) = tokio::join!(imported(place, &sources[0]), imported(place, &sources[1]));
    assert_eq!(a.rows + b.rows, 550);
    assert_eq!(a.duplicates + b.duplicates, 50);
    let (stored, context) = store(place, None).await;
    let query = r#"SELECT count(*), count(DISTINCT uuid), count(DISTINCT "$actor") FROM events"#;
    assert_eq!(rows(&stored, &context, query).await, ["550|550|50"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_cannot_be_taken_are_written_down() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let text = [
        line(1, "a", "p", "2024-01-01T00:00:00Z", "{}"),
        "no json".to_owned(),
        line(2, "a", "p", "soon", "{}"),
        line(
            3,
            &"n".repeat(300),
            "p",
            "1970-01-01T00:00:00Z",
            r#"{"big":1000000000000000000,"nan":"NaN"}"#,
        ),
        line(4, "a", "p", "2099-12-31T23:59:59Z", "{}"),
    ];
    let summary = imported(place, &lines(place, "a.jsonl", &text)).await;
    assert_eq!((summary.rows, summary.rejected, summary.reasons.len()), (3, 2, 2));
    let written = std::fs::read_to_string(summary.rejects.unwrap()).unwrap();
    assert_eq!(written.lines().count(), 2);
    assert!(written.contains("no json") && written.contains("soon"), "{written}");
    let (stored, context) = store(place, None).await;
    assert_eq!(rows(&stored, &context, "SELECT count(*) FROM events").await, ["3"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_without_uuids_keep_all_their_rows() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let row = |number: usize| format!("a,2024-01-01T00:00:00Z,p{}", number % 3);
    let text = |rows: std::ops::Range<usize>| {
        let mut text = vec!["event,timestamp,distinct_id".to_owned()];
        text.extend(rows.map(row));
        text
    };
    let first = lines(place, "a.csv", &text(0..10));
    // Exports of several folders have files of one name and, with bad luck, of one size.
    std::fs::create_dir(place.join("later")).unwrap();
    let second = lines(place, "later/a.csv", &text(0..10));
    assert_eq!(imported(place, &first).await.rows, 10);
    assert_eq!(imported(place, &second).await.rows, 10);
    // The same file is known again, though its rows name no uuid.
    let again = imported(place, &first).await;
    assert_eq!((again.rows, again.duplicates), (0, 10));
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_take_no_room_have_numbers_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let export = folder.path().join("export");
    std::fs::create_dir(&export).unwrap();
    let alike = r#"{"event":"a","distinct_id":"p","timestamp":"2024-01-01T00:00:00Z"}"#;
    let content = format!("{alike}\n").repeat(60_000);
    let stream = futures::stream::iter([Ok(content.into())]).boxed();
    let packed = FileCompressionType::GZIP.convert_to_compress_stream(stream).unwrap();
    let packed: Vec<Bytes> = packed.try_collect().await.unwrap();
    let packed = packed.concat();
    assert!(packed.len() < 30_000, "less than half a byte for a row: {}", packed.len());
    std::fs::write(export.join("a.jsonl.gz"), packed).unwrap();
    // Each of these is there twice.
    let twice: Vec<String> =
        (0..2_000).map(|row| line(row / 2, "b", "p", "2024-01-01T00:00:00Z", "{}")).collect();
    lines(&export, "b.jsonl", &twice);
    let summary = imported(folder.path(), &export.display().to_string()).await;
    assert_eq!((summary.rows, summary.duplicates), (61_000, 1_000));
    let (stored, context) = store(folder.path(), None).await;
    let query = "SELECT event, count(*) FROM events GROUP BY 1 ORDER BY 1";
    assert_eq!(rows(&stored, &context, query).await, ["a|60000", "b|1000"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_are_those_of_all_rows_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    // Ties across events, and late rows: the second import is of times before the first.
    for (part, day) in [(0_u32, 2), (1, 1)] {
        let text: Vec<String> = (0..400)
            .map(|row| {
                let time = format!("2024-01-0{day}T00:00:0{}Z", (row * 7) % 10);
                let event = ["a", "b", "c"][row as usize % 3];
                line(part * 400 + row, event, &format!("p{}", (row * 13) % 31), &time, "{}")
            })
            .collect();
        imported(place, &lines(place, &format!("{part}.jsonl"), &text)).await;
    }
    let (stored, context) = store(place, None).await;
    // The uuids rise with arrival.
    let expected = rows(
        &stored,
        &context,
        r#"SELECT "$actor", timestamp, event FROM events WHERE event <> 'c' ORDER BY "$actor", timestamp, uuid"#,
    )
    .await;
    assert!(expected.len() > 500);
    for columns in [Vec::new(), vec!["uuid".to_owned(), "event".to_owned()]] {
        let events = Some(vec!["a".to_owned(), "b".to_owned()]);
        let request = NarrowRequest { events, columns, ..NarrowRequest::default() };
        let scan = stored.narrow(&request, &context.state()).await.unwrap().unwrap();
        assert_eq!(merged(&scan, &context).await, expected, "{:?}", request.columns);
    }
}

/// The runs of a scan, in the order of the buckets: actor, time, event.
pub(super) async fn merged(scan: &Narrow, context: &SessionContext) -> Vec<String> {
    let mut found = Vec::new();
    for (bucket, streams) in events::layout::by_bucket(&scan.streams) {
        let (mut batches, mut orders): (Vec<RecordBatch>, Vec<StreamOrder>) = Default::default();
        for stream in &streams {
            orders.push(StreamOrder::new(scan.streams[*stream].rank));
            let stream = scan.plan.execute(*stream, context.task_ctx()).unwrap();
            let schema = stream.schema();
            let all: Vec<RecordBatch> = stream.try_collect().await.unwrap();
            batches.push(concat_batches(&schema, &all).unwrap());
        }
        let mut merger = RunMerger::new(&orders, 0).with_places();
        for (number, batch) in batches.iter().enumerate() {
            let column =
                |index: usize| batch.column(index).as_primitive::<UInt32Type>().values().to_vec();
            let times =
                batch.column(1).as_primitive::<TimestampMicrosecondType>().values().to_vec();
            let marks = match &scan.marks {
                StreamMarks::Constant(_) => RowMarks::All(1),
                StreamMarks::Column { index, .. } => {
                    let marks = batch.column(*index).as_primitive::<UInt64Type>();
                    RowMarks::Each(marks.values().to_vec())
                }
            };
            let rows = VecBatch { actors: column(0), times, ties: Some(column(2)), marks };
            merger.push(number, rows).unwrap();
            merger.finish(number);
        }
        let mut runs = Runs::default();
        while merger.next(&mut runs) {
            for run in runs.iter() {
                for place in run.places {
                    let batch = &batches[place.stream as usize];
                    let value = |index: usize| {
                        array_value_to_string(batch.column(index), place.row as usize).unwrap()
                    };
                    let of_stream = &scan.streams[streams[place.stream as usize]].event;
                    let event = match (of_stream, &scan.marks) {
                        (Some(event), _) => event.to_string(),
                        (None, StreamMarks::Constant(_)) => value(4),
                        (None, StreamMarks::Column { .. }) if batch.num_columns() > 5 => value(5),
                        // Whoever asks for marks gives `a` the first one, and so on.
                        (None, StreamMarks::Column { index, .. }) => {
                            let marks: u64 = value(*index).parse().unwrap();
                            ["a", "b", "c"][marks.trailing_zeros() as usize].to_owned()
                        }
                    };
                    let actor = u64::from(bucket) << 32 | u64::from(run.actor);
                    found.push(format!("{actor}|{}|{event}", value(1)));
                }
            }
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn merges_count_before_and_after_optimize() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let text: Vec<String> = (0..60)
        .map(|row| line(row, "a", &format!("id-{}", row % 6), "2024-01-01T00:00:00Z", "{}"))
        .collect();
    imported(place, &lines(place, "a.jsonl", &text)).await;
    let persons = [
        "person_id,distinct_id,person_distinct_id_version".to_owned(),
        "merged,id-1,1".to_owned(),
        "merged,id-2,1".to_owned(),
        "old,id-3,1".to_owned(),
        "merged,id-3,2".to_owned(),
    ];
    let source = SourceOptions {
        persons: vec![lines(place, "persons.csv", &persons)],
        ..SourceOptions::events(lines(
            place,
            "b.jsonl",
            &[line(99, "a", "id-1", "2024-01-02T00:00:00Z", "{}")],
        ))
    };
    let summary = import(&options(place, source), &|_| {}).await.unwrap();
    assert_eq!(summary.rows, 1);
    let (stored, _) = store(place, None).await;
    let overrides = stored.overrides().unwrap();
    assert!(!stored.events().unwrap().schema.is_settled);
    assert_eq!(overrides.files.iter().filter_map(|file| file.rows).sum::<u64>(), 3);
    let tidy = OptimizeOptions {
        store: place.join("store").display().to_string(),
        environment: HashMap::new(),
        now: NOW,
        grace: 0,
        memory: 1 << 28,
        threads: NonZeroUsize::MIN,
        work: None,
        cancelled: Arc::default(),
    };
    assert!(optimize(&tidy, &|_| {}).await.unwrap().changed);
    let (stored, context) = store(place, None).await;
    assert!(stored.events().unwrap().schema.is_settled && stored.overrides().is_none());
    let counts = rows(
        &stored,
        &context,
        r#"SELECT "$person", count(*), count(DISTINCT "$actor") FROM events GROUP BY 1 ORDER BY 1"#,
    )
    .await;
    assert_eq!(counts, ["id-0|10|1", "id-4|10|1", "id-5|10|1", "merged|31|1"]);
}
