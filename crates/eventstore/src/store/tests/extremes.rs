//! Names, numbers of rows and times at the edges of what may be.

use super::folders::{HOUR, tidy};
use super::import::{NOW, imported, options, rows, store};
use crate::store::import::{ImportOptions, import};
use crate::store::{NarrowRequest, info, optimize};
use crate::{Source, SourceOptions};
use arrow::array::{ArrayRef, AsArray, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::datatypes::{TimestampMicrosecondType, UInt32Type};
use datafusion::execution::context::SessionContext;
use futures::TryStreamExt;
use parquet::arrow::ArrowWriter;
use serde_json::json;
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What nobody would call an event or a person, and somebody will.
fn names() -> Vec<String> {
    let mut names: Vec<String> = [
        "",
        " ",
        "it's",
        "say \"x\"",
        "line\nbreak\r\n",
        "tab\tand nul \u{0}",
        "back\\slash /%2F",
        "\u{1f389} party \u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}",
        "\u{65e5}\u{672c}\u{8a9e}",
        "\u{202e}turned",
        "\u{feff}mark",
        "null",
        "*?[x]{y}",
        "$pageview",
        "properties.n",
    ]
    .map(str::to_owned)
    .to_vec();
    names.push("n".repeat(300));
    names.push("\u{e9}".repeat(70_000));
    names.sort();
    names
}

/// Actors and times of the rows of some events, stream by stream.
async fn runs(source: &Source, context: &SessionContext, events: &[String]) -> Vec<(u64, i64)> {
    let request = NarrowRequest { events: Some(events.to_vec()), ..NarrowRequest::default() };
    let scan = source.narrow(&request, &context.state()).await.unwrap().unwrap();
    let mut runs = Vec::new();
    for (partition, layout) in scan.streams.iter().enumerate() {
        let stream = scan.plan.execute(partition, context.task_ctx()).unwrap();
        let batches: Vec<RecordBatch> = stream.try_collect().await.unwrap();
        let from = runs.len();
        for batch in &batches {
            let ordinals = batch.column(0).as_primitive::<UInt32Type>().values();
            let times = batch.column(1).as_primitive::<TimestampMicrosecondType>().values();
            let actors = ordinals.iter().map(|ordinal| u64::from(*ordinal));
            let bucket = u64::from(layout.bucket) << 32;
            runs.extend(actors.map(|ordinal| bucket | ordinal).zip(times.iter().copied()));
        }
        assert!(runs[from..].is_sorted(), "a stream is in order");
        assert_eq!((runs.len() - from) as u64, layout.rows);
    }
    runs
}

#[tokio::test(flavor = "multi_thread")]
async fn any_text_is_a_name() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let names = names();
    let lines = names.iter().enumerate().map(|(number, name)| {
        let line = json!({
            "uuid": format!("00000000-0000-4000-8000-{number:012}"), "event": name, "distinct_id": name,
            "timestamp": "2024-01-01T00:00:00Z", "properties": json!({ name: name }).to_string(),
        });
        format!("{line}\n")
    });
    let file = place.join("a.jsonl");
    fs::write(&file, lines.collect::<String>()).unwrap();
    let done = imported(place, &file.display().to_string()).await;
    assert_eq!((done.rows, done.rejected), (names.len() as u64, 0), "{:?}", done.reasons);
    let (stored, context) = store(place, None).await;
    let query = r#"SELECT event FROM events WHERE event = distinct_id AND event = "$person" ORDER BY event"#;
    assert_eq!(rows(&stored, &context, query).await, names);
    let told = info(&place.join("store").display().to_string(), &HashMap::new()).await.unwrap();
    let mut events: Vec<(String, u64)> =
        told.events.into_iter().map(|event| (event.name, event.rows)).collect();
    events.sort();
    let expected: Vec<(String, u64)> = names.iter().map(|name| (name.clone(), 1)).collect();
    assert!(events == expected, "the events that are told");
    for name in &names {
        assert_eq!(runs(&stored, &context, std::slice::from_ref(name)).await.len(), 1);
    }
    assert!(runs(&stored, &context, &["no such event".to_owned()]).await.is_empty());
}

/// Writes rows of a CSV file.
fn written(place: &Path, rows: impl Iterator<Item = (u64, String, String)>) -> String {
    let file = place.join("rows.csv");
    let mut out = BufWriter::new(File::create(&file).unwrap());
    writeln!(out, "uuid,event,distinct_id,timestamp").unwrap();
    for (number, event, person) in rows {
        let (minute, second) = (number / 60 % 60, number % 60);
        writeln!(
            out,
            "00000000-0000-4000-8000-{number:012x},{event},{person},2024-01-01T00:{minute:02}:{second:02}Z"
        )
        .unwrap();
    }
    out.flush().unwrap();
    file.display().to_string()
}

/// Time that nothing here may take, even where other tests run beside it: something would grow with the square.
const LONG: Duration = Duration::from_secs(90);

#[tokio::test(flavor = "multi_thread")]
async fn many_events_are_as_quick_as_few() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let many = 50_000_u64;
    let source = written(
        place,
        (0..many).map(|row| (row, format!("event {row}"), format!("p{}", row % 997))),
    );
    let started = Instant::now();
    let done = imported(place, &source).await;
    assert_eq!((done.rows, done.persons), (many, 997));
    let (stored, context) = store(place, None).await;
    let query = "SELECT count(*), count(DISTINCT event), count(DISTINCT uuid) FROM events";
    assert_eq!(rows(&stored, &context, query).await, [format!("{many}|{many}|{many}")]);
    let told = info(&place.join("store").display().to_string(), &HashMap::new()).await.unwrap();
    assert_eq!(told.events.len() as u64, many);
    assert!(told.events.iter().all(|event| event.rows == 1));
    let some = ["event 7".to_owned(), "event 49999".to_owned()];
    assert_eq!(runs(&stored, &context, &some).await.len(), 2);
    let query = "SELECT event FROM events WHERE event = 'event 31415'";
    assert_eq!(rows(&stored, &context, query).await, ["event 31415"]);
    assert!(started.elapsed() < LONG, "{:?}", started.elapsed());
}

/// Imports so many rows of one person, many of them at one time.
async fn one_person(many: u64) {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let all = (0..many).map(|row| (row, format!("e{}", row % 3), "somebody".to_owned()));
    let source = written(place, all);
    let done = imported(place, &source).await;
    assert_eq!((done.rows, done.persons), (many, 1));
    let (stored, context) = store(place, None).await;
    let query = r#"SELECT count(*), count(DISTINCT uuid), count(DISTINCT "$actor"), count(DISTINCT timestamp)
        FROM events"#;
    assert_eq!(rows(&stored, &context, query).await, [format!("{many}|{many}|1|3600")]);
    let events = ["e0".to_owned(), "e2".to_owned()];
    assert_eq!(runs(&stored, &context, &events).await.len() as u64, many / 3 * 2);
    // The rows of one event at one time are in order of arrival.
    let query = "SELECT uuid FROM events WHERE event = 'e0' AND timestamp = '2024-01-01T00:00:00Z'";
    let found = rows(&stored, &context, query).await;
    assert!(found.len() as u64 == many.div_ceil(3600) && found.is_sorted(), "{}", found.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_may_have_many_events() {
    one_person(180_000).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes in a debug build: cargo test --release -- --ignored a_person_may"]
async fn a_person_may_have_millions_of_events() {
    one_person(5_400_000).await;
}

/// Imports a Parquet file with rows of these times into a store of one bucket.
async fn imported_at(place: &Path, name: &str, times: &[i64]) {
    let texts = |text: &dyn Fn(usize) -> String| -> ArrayRef {
        Arc::new((0..times.len()).map(|row| Some(text(row))).collect::<StringArray>())
    };
    let times: ArrayRef =
        Arc::new(TimestampMicrosecondArray::from(times.to_vec()).with_timezone("UTC"));
    let batch = RecordBatch::try_from_iter([
        ("event", texts(&|row| format!("e{}", row % 2))),
        ("distinct_id", texts(&|_| "p".to_owned())),
        ("timestamp", Arc::clone(&times)),
    ]);
    let batch = batch.unwrap();
    let file = place.join(name);
    let mut writer =
        ArrowWriter::try_new(File::create(&file).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let source = SourceOptions::events(file.display().to_string());
    let options = ImportOptions { buckets: Some(1), ..options(place, source) };
    let done = import(&options, &|_| {}).await.unwrap();
    assert_eq!((done.rows, done.rejected), (batch.num_rows() as u64, 0), "{:?}", done.reasons);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_times_of_64_bits_are_kept_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let times = [i64::MAX, 0, -1, i64::MIN, 253_402_300_800_000_000, 1, i64::MIN + 1, i64::MAX - 1];
    imported_at(place, "a.parquet", &times).await;
    imported_at(place, "b.parquet", &[-62_135_596_800_000_001, 5]).await;
    let mut expected = [&times[..], &[-62_135_596_800_000_001, 5]].concat();
    expected.sort_unstable();
    for optimized in [false, true] {
        let (stored, context) = store(place, None).await;
        let query = "SELECT arrow_cast(timestamp, 'Int64') FROM events ORDER BY timestamp";
        let found = rows(&stored, &context, query).await;
        let texts: Vec<String> = expected.iter().map(ToString::to_string).collect();
        assert_eq!(found, texts, "optimized: {optimized}");
        let events = ["e0".to_owned(), "e1".to_owned()];
        let mut found = runs(&stored, &context, &events).await;
        found.sort_unstable();
        assert_eq!(found.into_iter().map(|(_, time)| time).collect::<Vec<_>>(), expected);
        let told = info(&place.join("store").display().to_string(), &HashMap::new()).await.unwrap();
        assert_eq!((told.first_time, told.last_time), (Some(i64::MIN), Some(i64::MAX)));
        assert_eq!(optimize(&tidy(place, NOW, HOUR), &|_| {}).await.unwrap().changed, !optimized);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn written_times_are_taken_as_far_as_iso_8601_goes() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let good = [
        "0001-01-01T00:00:00Z",
        "1900-01-01T00:00:00+01:00",
        "1969-12-31T23:59:59.999999Z",
        "1970-01-01T00:00:00Z",
        "2099-12-31T23:59:59Z",
        "2262-04-12T00:00:00Z",
        "9999-12-31T23:59:59.999999Z",
    ];
    let bad = ["10000-01-01T00:00:00Z", "2024-02-30T00:00:00Z", "2024-13-01", "", "soon", "-5"];
    let lines = good.iter().chain(&bad).enumerate().map(|(number, time)| {
        let uuid = format!("00000000-0000-4000-8000-{number:012}");
        json!({"uuid": uuid, "event": "e", "distinct_id": "p", "timestamp": time}).to_string()
    });
    let file = place.join("a.jsonl");
    fs::write(&file, lines.collect::<Vec<_>>().join("\n")).unwrap();
    let done = imported(place, &file.display().to_string()).await;
    assert_eq!((done.rows, done.rejected), (good.len() as u64, bad.len() as u64));
    let written = fs::read_to_string(done.rejects.unwrap()).unwrap();
    for bad in bad {
        assert!(written.contains(&format!("'{bad}' is no ISO 8601 timestamp")), "{written}");
    }
    let (stored, context) = store(place, None).await;
    let found = rows(&stored, &context, "SELECT uuid FROM events ORDER BY timestamp").await;
    assert!(found.is_sorted() && found.len() == good.len(), "{found:?}");
}
