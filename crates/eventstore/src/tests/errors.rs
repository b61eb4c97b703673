//! What is said when something is wrong.

use super::*;
use crate::Blame;
use arrow::array::{BinaryArray, Int64Array};

/// The message for event files at a name of the folder.
async fn message(folder: &Folder, name: &str) -> (Blame, String) {
    let error = failure(&SourceOptions::events(folder.location(name))).await;
    (error.blame(), folder.anonymous(&error))
}

#[tokio::test]
async fn broken_parquet_files_are_named() {
    let folder = Folder::new();
    folder.parquet("whole.parquet", needed(&["a", "b", "c"]));
    let bytes = fs::read(folder.path("whole.parquet")).unwrap();
    folder.bytes("cut.parquet", bytes.get(..bytes.len() / 2).unwrap());
    folder.bytes("empty.parquet", b"").text("other.parquet", "event,timestamp,distinct_id\n");
    let hint = "it was cut off, is still being written, or is of another kind: write it again or leave it out";
    let (blame, text) = message(&folder, "cut.parquet").await;
    assert_eq!(blame, Blame::Data);
    assert!(text.starts_with("DIR/cut.parquet: this is no complete Parquet file"), "{text}");
    assert!(text.ends_with(hint), "{text}");
    let (_, text) = message(&folder, "empty.parquet").await;
    assert_eq!(text, format!("DIR/empty.parquet: the file is empty; {hint}"));
    let (_, text) = message(&folder, "other.parquet").await;
    assert!(text.contains("do not end in a Parquet footer"), "{text}");
    folder.bytes("frame.parquet", b"PAR1 and no more than its mark: PAR1");
    let (_, text) = message(&folder, "frame.parquet").await;
    assert!(text.contains("footer is broken (it would be longer than the file)"), "{text}");
    for (length, told) in [
        (u32::MAX, "it would be longer than the file"),
        (u32::try_from(bytes.len()).unwrap() - 8, ""),
        (0, ""),
    ] {
        let mut lying = bytes.clone();
        let at = lying.len() - 8;
        lying[at..at + 4].copy_from_slice(&length.to_le_bytes());
        folder.bytes("lying.parquet", &lying);
        let (blame, text) = message(&folder, "lying.parquet").await;
        assert_eq!(blame, Blame::Data);
        let start = format!("DIR/lying.parquet: its Parquet footer is broken ({told}");
        assert!(text.starts_with(&start), "{length}: {text}");
    }
}

#[tokio::test]
async fn another_delimiter_is_told() {
    let folder = Folder::new();
    folder.text("log.csv", "event;timestamp;distinct_id\na;2024-01-01;u\n");
    let (blame, text) = message(&folder, "log.csv").await;
    assert_eq!(blame, Blame::Data);
    assert!(text.contains("looks split at ';': write the file anew with commas"), "{text}");
}

#[tokio::test]
async fn damaged_parquet_pages_are_told_with_the_file() {
    let folder = Folder::new();
    folder.parquet("good.parquet", needed(&["a"])).parquet("bad.parquet", needed(&["b", "c"]));
    let mut bytes = fs::read(folder.path("bad.parquet")).unwrap();
    // The pages stand between the first mark and the footer.
    bytes[4..40].fill(0xff);
    folder.bytes("bad.parquet", &bytes);
    let (context, _) = events_at(&folder.location("")).await;
    let frame = context.sql("SELECT * FROM events").await.unwrap();
    let error = frame.collect().await.unwrap_err().to_string();
    assert!(error.contains("bad.parquet: it cannot be read"), "{error}");
    assert!(!error.contains("good.parquet"), "{error}");
}

#[tokio::test]
async fn damaged_parquet_footers_never_panic() {
    let folder = Folder::new();
    folder.parquet("whole.parquet", needed(&["a", "b", "c"]));
    let bytes = fs::read(folder.path("whole.parquet")).unwrap();
    let footer = bytes.len()
        - 8
        - usize::try_from(u32::from_le_bytes(
            *bytes.last_chunk::<8>().unwrap().first_chunk::<4>().unwrap(),
        ))
        .unwrap();
    let mut refused = 0;
    for at in (footer..bytes.len() - 8).step_by(3) {
        let mut damaged = bytes.clone();
        damaged[at] = !damaged[at];
        folder.bytes("damaged.parquet", &damaged);
        let options = SourceOptions::events(folder.location("damaged.parquet"));
        match opened(&options).await {
            Ok((context, _)) => {
                let query = context.sql("SELECT event, timestamp FROM events").await;
                // Whatever the damage says is read, or refused; nothing breaks off.
                if let Ok(frame) = query {
                    let _ = frame.collect().await;
                }
            }
            Err(error) => {
                refused += 1;
                assert!(error.to_string().contains("damaged.parquet"), "{error}");
            }
        }
    }
    assert!(refused > 10, "{refused}");
}

#[tokio::test]
async fn places_without_files_are_named() {
    let folder = Folder::new();
    folder.text("notes/a.txt", "");
    let kinds = "kinds that are read: .parquet, .csv, .tsv, .jsonl, .ndjson and .json (text also with .gz or .zst)";
    let (blame, text) = message(&folder, "*.parquet").await;
    assert_eq!(blame, Blame::Usage);
    assert_eq!(text, format!("DIR/*.parquet: no file matches the pattern; {kinds}"));
    let (_, text) = message(&folder, "nowhere").await;
    assert_eq!(
        text,
        format!(
            "DIR/nowhere: there is no such file, and no folder of that name with files; {kinds}"
        )
    );
    let (_, text) = message(&folder, "notes").await;
    let expected =
        "none of its 1 files is of a kind that is read, for example DIR/notes/a.txt; kinds";
    assert!(text.contains(expected), "{text}");
    let error = failure(&SourceOptions::events(" ")).await;
    assert!(error.to_string().starts_with("a location is empty; give a file"), "{error}");
    folder.text("a.jsonl.br", "");
    let (_, text) = message(&folder, "a.jsonl.br").await;
    assert!(text.contains("compress it with gzip or zstd"), "{text}");
}

#[tokio::test]
async fn files_set_apart_are_not_taken_for_nothing() {
    let folder = Folder::new();
    folder.text("hidden/a_manifest.json", "{}").text("hidden/.b.parquet", "");
    let (blame, text) = message(&folder, "hidden").await;
    assert_eq!(blame, Blame::Usage);
    assert_eq!(
        text,
        "DIR/hidden: its only files of rows have names with . or _ before them, or of manifests: 2, for example \
         DIR/hidden/a_manifest.json; to read one all the same give its own path, or a pattern that begins as it does"
    );
    folder.text("export/2024-01-01T00:00:00+00:00-2024-01-01T01:00:00+00:00_manifest.json", "{}");
    folder.text("export/_SUCCESS", "");
    let (_, text) = message(&folder, "export").await;
    let expected =
        "there are no files of rows, only manifests and markers: 2, for example DIR/export/2024-";
    assert!(text.contains(expected), "{text}");
}

#[tokio::test]
async fn missing_columns_are_named_with_a_guess() {
    let folder = Folder::new();
    folder.parquet(
        "1.parquet",
        vec![("event_name", strings(&["a"])), ("ts", times(&[1])), ("user_id", strings(&["u"]))],
    );
    let (blame, text) = message(&folder, "1.parquet").await;
    assert_eq!(blame, Blame::Data);
    assert_eq!(
        text,
        "DIR/1.parquet: events need a column `event`; the file has event_name, ts, user_id; \
         say which column it is with --map event=event_name"
    );
    folder
        .parquet("x/1.parquet", needed(&["a"]))
        .parquet("x/2.parquet", vec![("event", strings(&["a"]))]);
    let (_, text) = message(&folder, "x").await;
    assert_eq!(
        text,
        "DIR/x/2.parquet: events need a column `timestamp`; the file has event; \
         other files have it: leave this file out, or give it that column"
    );
}

#[tokio::test]
async fn wrong_types_are_named() {
    let folder = Folder::new();
    let mut columns = needed(&["a"]);
    if let Some(column) = columns.get_mut(1) {
        column.1 = Arc::new(Int64Array::from(vec![1_700_000_000]));
    }
    folder.parquet("1.parquet", columns);
    let (_, text) = message(&folder, "1.parquet").await;
    assert_eq!(
        text,
        "DIR/1.parquet: column `timestamp` stands for `timestamp` and must hold timestamps, or ISO 8601 text; \
         it holds whole numbers; convert it to a timestamp: numbers do not tell seconds from microseconds"
    );
}

#[tokio::test]
async fn wrong_mappings_are_named() {
    let folder = Folder::new();
    folder.parquet("1.parquet", needed(&["a"]));
    let mapped = async |canonical: &str, column: &str| {
        let map = vec![(canonical.to_owned(), column.to_owned())];
        let error =
            failure(&SourceOptions { map, ..SourceOptions::events(folder.location("1.parquet")) })
                .await;
        assert_eq!(error.blame(), Blame::Usage);
        error.to_string()
    };
    assert_eq!(
        mapped("timestmp", "timestamp").await,
        "`timestmp` is no column of events; did you mean `timestamp`?"
    );
    assert_eq!(
        mapped("uuid", "distnct_id").await,
        "`uuid` is mapped to `distnct_id`, which no file has; did you mean `distinct_id`?"
    );
    assert_eq!(
        mapped("uuid", "zzz").await,
        "`uuid` is mapped to `zzz`, which no file has; the files have: event, timestamp, distinct_id"
    );
}

#[tokio::test]
async fn broken_lines_are_named() {
    let folder = Folder::new();
    folder.text("1.jsonl", "{\"event\":\"a\"}\n{\"event\":\n");
    let (_, text) = message(&folder, "1.jsonl").await;
    assert!(
        text.starts_with("DIR/1.jsonl: line 2: ")
            && text.contains("it is no JSON object: {\"event\":"),
        "{text}"
    );
    folder.text("3.csv", "event,timestamp,distinct_id\na,soon,u\n");
    let (context, _) = events_at(&folder.location("3.csv")).await;
    let error = context
        .sql("SELECT timestamp FROM events")
        .await
        .unwrap()
        .collect()
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("3.csv: column `timestamp`: 'soon' is no ISO 8601 timestamp"),
        "{error}"
    );
    // Beyond the lines looked at when opening, the query says it.
    let good = r#"{"event":"a","timestamp":"2024-01-01","distinct_id":"u","properties":{"filler":"xxxxxxxxxxxxxxxxxxxxx"}}"#;
    let mut lines = vec![good; 20_000];
    lines.push("not json");
    folder.text("2.jsonl", &lines.join("\n"));
    let (context, _) = events_at(&folder.location("2.jsonl")).await;
    let error = context
        .sql("SELECT event FROM events")
        .await
        .unwrap()
        .collect()
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("2.jsonl: line 20001: it is no JSON object: not json"), "{error}");
}

#[tokio::test]
async fn wrong_rows_of_packed_and_parquet_files_are_named() {
    let folder = Folder::new();
    let read = async |name: &str| {
        let (context, _) = events_at(&folder.location(name)).await;
        let read = context.sql("SELECT * FROM events").await.unwrap().collect().await;
        read.unwrap_err().to_string()
    };
    folder.text("1.csv", "event,timestamp,distinct_id\na,2024-01-01,u\nb,2024-01-01\n");
    let error = read("1.csv").await;
    assert!(error.contains("1.csv: incorrect number of fields for line 3"), "{error}");
    let mut columns = needed(&["a", "b"]);
    if let Some(column) = columns.get_mut(1) {
        column.1 = strings(&["2024-01-01", "yesterday"]);
    }
    folder.parquet("2.parquet", columns);
    let error = read("2.parquet").await;
    assert!(error.contains("column `timestamp`: 'yesterday' is no ISO 8601 timestamp"), "{error}");
    let mut columns = needed(&["a", "b"]);
    if let Some(column) = columns.first_mut() {
        column.1 = Arc::new(BinaryArray::from(vec![b"a".as_slice(), b"\xff\xfe"]));
    }
    folder.parquet("3.parquet", columns);
    let error = read("3.parquet").await;
    assert!(error.contains("column `event` holds bytes that are no UTF-8 text"), "{error}");
}
