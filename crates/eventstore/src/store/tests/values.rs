//! Odd values: what a row holds comes out as it went in, and a row that cannot be read is written down with its reason.

use super::folders::{HOUR, last, tidy};
use super::import::{NOW, imported, rows, store};
use crate::Source;
use crate::store::import::ImportSummary;
use crate::store::optimize;
use datafusion::execution::context::SessionContext;
use events::property::json::Step;
use events::property::{Path as Property, property_text};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// Properties whose `n` is no plain number, or that are no plain JSON.
const ODD: [&str; 30] = [
    r#"{"n":NaN}"#,
    r#"{"n":Infinity}"#,
    r#"{"n":-Infinity}"#,
    r#"{"n":"NaN"}"#,
    r#"{"n":1000000000000000000}"#,
    r#"{"n":9223372036854775807}"#,
    r#"{"n":9223372036854775808}"#,
    r#"{"n":18446744073709551616}"#,
    r#"{"n":9007199254740993}"#,
    r#"{"n":1e400}"#,
    r#"{"n":-1e400}"#,
    r#"{"n":1e-400}"#,
    r#"{"n":0.1}"#,
    r#"{"n":-0.0}"#,
    r#"{"n":007}"#,
    r#"{"n":1.50}"#,
    r#"{"n":1,"n":2}"#,
    r#"{"n":null,"n":7}"#,
    r#"{"n":"","n":7}"#,
    r#"{"\u006e":"escaped key"}"#,
    r#"{"n":"\ud83d"}"#,
    r#"{"n":"nul \u0000 and line\n"}"#,
    r#"{"n":[1,{"n":2}]}"#,
    r#"{"n":true,"deep":{"n":[[[{}]]]}}"#,
    r#" { "n" : 5 } "#,
    r#"{"n":"cut"#,
    "[1]",
    "null",
    "no json",
    "",
];

/// What a query reads of `n` in a text.
fn read(json: &str) -> Option<String> {
    let raw = Property::new(&[Step::Key("n".to_owned())]).raw(json)?;
    Some(property_text(raw)?.as_ref().to_owned())
}

/// A line of an event with these properties.
fn event(number: usize, properties: &Value) -> Value {
    json!({
        "uuid": format!("00000000-0000-4000-8000-{number:012}"), "event": "e", "distinct_id": "p",
        "timestamp": "2024-01-01T00:00:00Z", "properties": properties,
    })
}

/// Imports the bytes of a file.
async fn taken(place: &Path, name: &str, bytes: impl AsRef<[u8]>) -> ImportSummary {
    let file = place.join(name);
    fs::write(&file, bytes).unwrap();
    imported(place, &file.display().to_string()).await
}

/// Imports a row for each text, and looks whether the store has it.
async fn stored(place: &Path, texts: &[&str]) -> (Source, SessionContext) {
    let lines: Vec<String> = texts
        .iter()
        .enumerate()
        .map(|(number, text)| event(number, &Value::from(*text)).to_string())
        .collect();
    let done = taken(place, "a.jsonl", lines.join("\n")).await;
    assert_eq!((done.rows, done.rejected), (texts.len() as u64, 0), "{:?}", done.reasons);
    let (stored, context) = store(place, None).await;
    let query = "SELECT coalesce(properties, '') FROM events ORDER BY uuid";
    assert!(rows(&stored, &context, query).await == texts, "the texts");
    (stored, context)
}

/// The same, and whether the column of `n` has what a query reads of the text.
async fn check(texts: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let (stored, context) = stored(folder.path(), texts).await;
    let query = r#"SELECT coalesce("properties.n", 'NULL') FROM events ORDER BY uuid"#;
    let found = rows(&stored, &context, query).await;
    for (text, found) in texts.iter().zip(found) {
        let expected = read(text).unwrap_or_else(|| "NULL".to_owned());
        assert!(found == expected, "{} for {:.200}, not {:.200}", found.len(), text, expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn properties_are_kept_to_the_byte() {
    check(&ODD).await;
    let objects = format!("{}1{}", "{\"n\":".repeat(10_000), "}".repeat(10_000));
    let lists = format!("{{\"n\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let open = "{\"n\":".repeat(10_000);
    let folder = tempfile::tempdir().unwrap();
    stored(folder.path(), &[&objects, &lists, &open]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn values_that_no_sample_has_seen_are_kept_too() {
    // Numbers as far as a sample reaches; behind it everything else.
    let numbers: Vec<String> = (0..3_000).map(|row| format!(r#"{{"n":{}}}"#, row % 40)).collect();
    let texts: Vec<&str> = numbers.iter().map(String::as_str).chain(ODD).collect();
    check(&texts).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn optimize_keeps_the_columns_of_properties() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    for part in 0..2_usize {
        let lines: Vec<String> = (part * 50..part * 50 + 50)
            .map(|row| event(row, &Value::from(format!(r#"{{"n":{}}}"#, row % 9))).to_string())
            .collect();
        taken(place, &format!("{part}.jsonl"), lines.join("\n")).await;
    }
    assert!(optimize(&tidy(place, NOW, HOUR), &|_| {}).await.unwrap().changed);
    let file = fs::File::open(last(place, "events")).unwrap();
    let file = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    assert!(file.schema().index_of("properties.n").is_ok(), "{:?}", file.schema());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_property_of_megabytes_is_kept_whole() {
    let long = format!(r#"{{"n":5,"text":"{}"}}"#, "0123456789".repeat(1_000_000));
    check(&[r#"{"n":1}"#, &long, r#"{"n":2}"#]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_are_taken_as_they_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let nested = |depth: usize| format!("{}1{}", "{\"n\":".repeat(depth), "}".repeat(depth));
    let (good, deep) = (nested(1_000), nested(10_000));
    let objects = [
        r#"{"n":1e400}"#,
        r#"{"n":1000000000000000000}"#,
        r#"{"n":1,"n":2}"#,
        good.as_str(),
        r#"{"n":NaN}"#,
        deep.as_str(),
    ];
    let template = event(0, &Value::from("HERE")).to_string();
    let lines = objects.iter().enumerate().map(|(number, object)| {
        let line = template.replace("\"HERE\"", object);
        line.replace("8000-000000000000", &format!("8000-{number:012}"))
    });
    let done = taken(place, "a.jsonl", lines.collect::<Vec<_>>().join("\n")).await;
    assert_eq!((done.rows, done.rejected), (4, 2));
    assert_eq!(done.reasons, [("it is no JSON object".to_owned(), 2)]);
    let (stored, context) = store(place, None).await;
    let query = "SELECT properties FROM events ORDER BY uuid";
    assert!(rows(&stored, &context, query).await == objects[..4], "the texts");
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_no_text_are_written_down() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let lines: Vec<String> = (0..3).map(|row| event(row, &Value::from("{}")).to_string()).collect();
    let mut text = lines.join("\n").into_bytes();
    // In the second of three.
    let at = lines[0].len() + 1 + lines[1].find("\"e\"").unwrap() + 1;
    text[at] = 0xff;
    let csv = b"uuid,event,distinct_id,timestamp\n\
                00000000-0000-4000-8000-000000000003,good,p,2024-01-01T00:00:00Z\n\
                00000000-0000-4000-8000-000000000004,b\xc3\x28d,p,2024-01-01T00:00:00Z\n\
                00000000-0000-4000-8000-000000000005,good,p,2024-01-01T00:00:00Z\n";
    for (name, bytes, line) in [("a.jsonl", &text[..], 2), ("b.csv", &csv[..], 3)] {
        let done = taken(place, name, bytes).await;
        assert_eq!((done.rows, done.rejected), (2, 1), "{name}");
        assert_eq!(done.reasons, [("it is no UTF-8 text".to_owned(), 1)]);
        let written = fs::read_to_string(done.rejects.unwrap()).unwrap();
        let reject: Value = serde_json::from_str(&written).unwrap();
        assert_eq!(
            (reject["line"].as_u64(), &reject["reason"]),
            (Some(line), &json!("it is no UTF-8 text"))
        );
        assert!(reject["file"].as_str().unwrap().ends_with(name));
        assert!(reject["row"].as_str().unwrap().contains('\u{fffd}'), "{reject}");
    }
    let (stored, context) = store(place, None).await;
    let query = "SELECT count(*), count(DISTINCT uuid) FROM events";
    assert_eq!(rows(&stored, &context, query).await, ["4|4"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_without_a_uuid_are_rows_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let mut row = event(7, &Value::from("{}"));
    let with = format!("{row}\n");
    row["uuid"] = Value::Null;
    let null = format!("{row}\n");
    row.as_object_mut().unwrap().remove("uuid");
    let without = format!("{row}\n");
    // The same row in three spellings; only a uuid says that it is the same.
    let text = [with.repeat(2), null.repeat(3), without.repeat(4)].concat();
    let done = taken(place, "a.jsonl", &text).await;
    assert_eq!((done.rows, done.duplicates, done.rejected), (8, 1, 0));
    let (stored, context) = store(place, None).await;
    let query = "SELECT count(*), count(DISTINCT uuid), count(uuid) FROM events";
    assert_eq!(rows(&stored, &context, query).await, ["8|8|8"]);
    // They are known again by their file and place.
    let again = imported(place, &place.join("a.jsonl").display().to_string()).await;
    assert_eq!((again.rows, again.duplicates), (0, 9));
}
