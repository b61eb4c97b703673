//! Columns of a source that are called as those of a store, or as those that scans have by themselves.

use super::folders::{HOUR, pages, tidy};
use super::import::{NOW, imported, line, lines, options, rows, store};
use crate::store::import::import;
use crate::store::{NarrowRequest, optimize};
use crate::{SourceOptions, open};
use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use datafusion::execution::context::SessionContext;
use datafusion::execution::runtime_env::RuntimeEnv;
use parquet::arrow::ArrowWriter;
use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

/// An event with one more column.
fn with(number: u32, properties: &str, name: &str, value: &str) -> String {
    let person = format!("p{}", number % 5);
    let event = line(number, "a", &person, "2024-01-01T00:00:00Z", properties);
    event.replacen('{', &format!("{{\"{name}\":{value},"), 1)
}

/// A source of such events.
fn source(folder: &Path, properties: &str, name: &str, value: &str) -> SourceOptions {
    let text: Vec<String> = (0..20).map(|row| with(row, properties, name, value)).collect();
    SourceOptions::events(lines(folder, "named.jsonl", &text))
}

/// A Parquet file of two events, with one more column for each name.
fn parquet(folder: &Path, name: &str, columns: [(&str, ArrayRef); 2]) -> String {
    let texts = |texts: [&str; 2]| Arc::new(StringArray::from(texts.to_vec())) as ArrayRef;
    let needed = [
        ("event", texts(["a", "b"])),
        ("timestamp", texts(["2024-01-01T00:00:00Z", "2024-01-01T00:00:01Z"])),
        ("distinct_id", texts(["p", "q"])),
    ];
    let batch = RecordBatch::try_from_iter(needed.into_iter().chain(columns)).unwrap();
    let path = folder.join(name);
    let mut writer =
        ArrowWriter::try_new(File::create(&path).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    path.display().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_called_ordinal_is_kept() {
    for (values, one) in [
        (["7", "3", "-1"], "7"),
        ([r#""first""#, r#""second""#, r#""""#], "'first'"),
        (["0.5", "1.5", "-2.5"], "0.5"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path();
        let value = |row: u32| values[row as usize % 3];
        for part in 0..2 {
            let numbers = part * 30..part * 30 + 30;
            let text: Vec<String> =
                numbers.map(|row| with(row, "{}", "ordinal", value(row))).collect();
            imported(place, &lines(place, &format!("{part}.jsonl"), &text)).await;
        }
        let shown = |row: u32| format!("{}|p{}", value(row).trim_matches('"'), row % 5);
        let expected: Vec<String> = (0..60).map(shown).collect();
        for tidied in [false, true] {
            if tidied {
                assert!(optimize(&tidy(place, NOW, HOUR), &|_| {}).await.unwrap().changed);
            }
            let (stored, context) = store(place, None).await;
            let query = r#"SELECT ordinal, "$person" FROM events ORDER BY uuid"#;
            assert_eq!(rows(&stored, &context, query).await, expected, "{tidied}");
            let query = format!(
                r#"SELECT count(*), count(DISTINCT "$actor") FROM events WHERE ordinal = {one}"#
            );
            assert_eq!(rows(&stored, &context, &query).await, ["20|5"], "{tidied}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_called_as_those_of_a_store_are_refused() {
    for name in ["$person", "$actor", "$ordinal", "$source.ordinal"] {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path();
        let source = source(place, "{}", name, r#""odd""#);
        let error = import(&options(place, source.clone()), &|_| {}).await.unwrap_err();
        assert_eq!(error.place(), source.events.first().map(String::as_str));
        let told = error.to_string();
        assert!(told.contains(&format!("a store has a column `{name}` of its own")), "{told}");
        assert!(told.contains(&format!("--map 'COLUMN={name}'")), "{told}");
        assert!(!place.join("store").exists(), "nothing is written");
        let map = vec![("person_mode".to_owned(), name.to_owned())];
        import(&options(place, SourceOptions { map, ..source }), &|_| {}).await.unwrap();
        let (stored, context) = store(place, None).await;
        let query = r#"SELECT person_mode, count(DISTINCT "$person") FROM events GROUP BY 1"#;
        assert_eq!(rows(&stored, &context, query).await, ["odd|5"], "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_called_as_a_property_stand_for_it_alone() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    // The property is there before the column: in the store, the name is its.
    imported(place, &lines(place, "a.jsonl", &texts(100, r#"{"n":4}"#))).await;
    let (before, context) = store(place, None).await;
    let all = r#"SELECT "properties.n", count(*) FROM events GROUP BY 1 ORDER BY 1"#;
    assert_eq!(rows(&before, &context, all).await, ["4|20"]);
    for name in ["properties.n", "properties.n#number", "properties.n#boolean"] {
        let source = source(place, "{}", name, "5");
        let told = import(&options(place, source), &|_| {}).await.unwrap_err().to_string();
        assert!(told.contains(&format!("a store has a column `{name}` of its own")), "{told}");
    }
    // And the other way around: the property gets none.
    for name in ["properties.n", "properties.n#number"] {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path();
        import(&options(place, source(place, "{}", name, "5")), &|_| {}).await.unwrap();
        imported(place, &lines(place, "a.jsonl", &texts(100, r#"{"n":4}"#))).await;
        let (stored, context) = store(place, None).await;
        let all = format!(r#"SELECT "{name}", count(*) FROM events GROUP BY 1 ORDER BY 1"#);
        assert_eq!(rows(&stored, &context, &all).await, ["5|20", "|20"]);
        assert!(stored.events().unwrap().schema.shredded.is_empty());
    }
}

/// Events from that number on, with these properties.
fn texts(first: u32, properties: &str) -> Vec<String> {
    let time = "2024-01-02T00:00:00Z";
    (first..first + 20).map(|row| line(row, "a", "p", time, properties)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_called_as_those_of_scans_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let columns = || -> [(&'static str, ArrayRef); 2] {
        [
            ("$file", Arc::new(Int64Array::from(vec![70, 80]))),
            ("$row_number", Arc::new(StringArray::from(vec!["x", "y"]))),
        ]
    };
    let file = parquet(place, "a.parquet", columns());
    let runtime = Arc::new(RuntimeEnv::default());
    let in_place = open(&SourceOptions::events(&file), &runtime).await.unwrap();
    let context = SessionContext::new_with_config_rt(Default::default(), runtime);
    let query = r#"SELECT "$file", "$row_number", "$row" FROM events ORDER BY uuid"#;
    assert_eq!(rows(&in_place, &context, query).await, ["70|x|0", "80|y|1"]);
    imported(place, &file).await;
    let (stored, context) = store(place, None).await;
    let query = r#"SELECT "$file", "$row_number", "$person" FROM events ORDER BY "$file""#;
    assert_eq!(rows(&stored, &context, query).await, ["70|x|p", "80|y|q"]);
    for name in ["$hoglet.file", "$hoglet.row_number"] {
        let [(_, numbers), other] = columns();
        let file = parquet(place, "b.parquet", [(name, numbers), other]);
        let error = open(&SourceOptions::events(file), &Arc::default()).await.unwrap_err();
        let (told, expected) = (error.to_string(), format!("cannot have the name `{name}`"));
        assert!(told.contains("b.parquet: ") && told.contains(&expected), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_called_as_one_of_a_store_makes_none_of_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![7, 8]));
    let more = [("$ordinal", Arc::clone(&numbers)), ("$person", numbers)];
    let file = parquet(folder.path(), "a.parquet", more);
    let mut bytes = fs::read(&file).unwrap();
    let pages = pages(&bytes);
    bytes[pages].fill(0xff);
    fs::write(&file, bytes).unwrap();
    let runtime = Arc::new(RuntimeEnv::default());
    let source = open(&SourceOptions::events(&file), &runtime).await.unwrap();
    let context = SessionContext::new_with_config_rt(Default::default(), runtime);
    let events = Arc::clone(&source.events().unwrap().provider);
    let read = context.read_table(events).unwrap().collect().await.unwrap_err().to_string();
    assert!(read.contains("; it is damaged: write it again or leave it out"), "{read}");
}

#[tokio::test(flavor = "multi_thread")]
async fn narrow_reading_refuses_columns_that_no_file_has() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    imported(place, &lines(place, "a.jsonl", &texts(0, "{}"))).await;
    let (stored, context) = store(place, None).await;
    for name in ["$person", "$actor"] {
        let request = NarrowRequest { columns: vec![name.to_owned()], ..NarrowRequest::default() };
        let error = stored.narrow(&request, &context.state()).await.unwrap_err().to_string();
        assert!(error.contains(&format!("`{name}` is no column of files")), "{error}");
    }
}
