//! CSV and NDJSON files, also compressed, also beside Parquet, also in an object store.

use super::*;
use arrow::datatypes::{Field, Schema};
use datafusion::datasource::file_format::file_compression_type::FileCompressionType;
use futures::{StreamExt, TryStreamExt};
use object_store::memory::InMemory;
use object_store::{ObjectStore, ObjectStoreExt};
use std::io::Write;
use url::Url;

const LINES: &str = concat!(
    r#"{"event":"a","timestamp":"2024-01-01T00:00:00Z","distinct_id":"u1","properties":{"n":1,"s":"x\"y"}}"#,
    "\n\n",
    r#"{"event":"b\u0041","distinct_id":7,"timestamp":"2024-01-01 01:00:00.25","properties":null,"plan":"pro"}"#,
    "\r\n",
    r#"{"distinct_id":"u3","event":"c","timestamp":"2024-01-02T00:00:00+02:00","properties":"{\"a\":[1]}"}"#,
);

const EXPECTED: &str = "\
+-------+-------------+--------------------------+--------------------+------+
| event | distinct_id | timestamp                | properties         | plan |
+-------+-------------+--------------------------+--------------------+------+
| a     | u1          | 2024-01-01T00:00:00Z     | {\"n\":1,\"s\":\"x\\\"y\"} |      |
| bA    | 7           | 2024-01-01T01:00:00.250Z | {}                 | pro  |
| c     | u3          | 2024-01-01T22:00:00Z     | {\"a\":[1]}          |      |
+-------+-------------+--------------------------+--------------------+------+";

const QUERY: &str =
    "SELECT event, distinct_id, timestamp, properties, plan FROM events ORDER BY timestamp";

/// A text as a compressed file.
pub(super) async fn packed(content: &str, packing: FileCompressionType) -> Vec<u8> {
    let stream = futures::stream::iter([Ok(content.as_bytes().to_vec().into())]).boxed();
    let chunks: Vec<_> =
        packing.convert_to_compress_stream(stream).unwrap().try_collect().await.unwrap();
    chunks.iter().flat_map(|chunk| chunk.to_vec()).collect()
}

async fn gzip(content: &str) -> Vec<u8> {
    packed(content, FileCompressionType::GZIP).await
}

#[tokio::test]
async fn lines_of_json_are_events() {
    let folder = Folder::new();
    folder.text("a.jsonl", LINES);
    let (context, source) = events_at(&folder.location("a.jsonl")).await;
    assert_eq!(rows(&context, QUERY).await, EXPECTED);
    let schema = &source.events().unwrap().schema;
    assert_eq!(schema.row, None);
    assert!(schema.column("uuid").is_none());
    assert!(schema.absent("uuid").unwrap().reason.contains("--map uuid=COLUMN"));
}

#[tokio::test]
async fn compressed_lines_are_read() {
    let folder = Folder::new();
    folder.bytes("a.jsonl.gz", &gzip(LINES).await);
    folder.bytes("b.ndjson.zst", &packed(LINES, FileCompressionType::ZSTD).await);
    for name in ["a.jsonl.gz", "b.ndjson.zst"] {
        let (context, _) = events_at(&folder.location(name)).await;
        assert_eq!(rows(&context, QUERY).await, EXPECTED, "{name}");
    }
}

#[tokio::test]
async fn csv_columns_come_in_any_order() {
    let folder = Folder::new();
    folder.text(
        "1.csv",
        "event,timestamp,distinct_id,properties,amount\na,2024-01-01T00:00:00Z,u1,\"{\"\"n\"\": 1}\",2.5\nb,2024-01-02,u2,,\n",
    );
    folder.text(
        "2.csv",
        "\u{feff}distinct_id,event,timestamp\nu3,\"multi\nline\",2024-01-03 00:00:00\n",
    );
    let (context, source) = events_at(&folder.location("*.csv")).await;
    assert!(source.events().unwrap().schema.property_column("amount").is_some());
    assert_eq!(value(&context, "SELECT count(*) FROM events").await, "3");
    assert_eq!(
        value(&context, "SELECT properties FROM events WHERE event = 'a'").await,
        r#"{"n": 1}"#
    );
    assert_eq!(
        value(&context, "SELECT count(*) FROM events WHERE properties = '{}' AND amount IS NULL")
            .await,
        "2"
    );
    assert_eq!(
        value(&context, "SELECT distinct_id FROM events WHERE event LIKE 'multi%'").await,
        "u3"
    );
}

#[tokio::test]
async fn kinds_can_be_mixed() {
    let folder = Folder::new();
    folder.text("1.jsonl", LINES).parquet("2.parquet", needed(&["a", "z"]));
    folder.bytes("3.csv.gz", &gzip("event,timestamp,distinct_id\nq,2024-01-01,u9\n").await);
    let (context, _) = events_at(&folder.location("")).await;
    assert_eq!(value(&context, "SELECT count(*) FROM events").await, "6");
    assert_eq!(value(&context, "SELECT count(*) FROM events WHERE event = 'a'").await, "2");
    assert_eq!(value(&context, "SELECT max(event) FROM events").await, "z");
}

#[tokio::test]
async fn a_large_file_is_split_at_line_ends() {
    let folder = Folder::new();
    let mut file = File::create(folder.path("big.jsonl")).unwrap();
    for row in 0..40_000 {
        writeln!(
            file,
            r#"{{"event":"e{}","timestamp":"2024-01-01T00:00:00Z","distinct_id":"u{row}","properties":{{"filler":"{}"}}}}"#,
            row % 7,
            "x".repeat(row % 400)
        )
        .unwrap();
    }
    drop(file);
    let (context, _) = events_at(&folder.location("big.jsonl")).await;
    let plan = rows(&context, "EXPLAIN SELECT distinct_id FROM events").await;
    assert!(plan.contains("2 groups"), "{plan}");
    assert_eq!(value(&context, "SELECT count(DISTINCT distinct_id) FROM events").await, "40000");
    assert_eq!(value(&context, "SELECT count(*) FROM events").await, "40000");
}

#[tokio::test]
async fn object_stores_are_read_too() {
    let folder = Folder::new();
    folder.parquet("1.parquet", needed(&["a", "b"]));
    let store = Arc::new(InMemory::new());
    let parquet = fs::read(folder.path("1.parquet")).unwrap();
    store.put(&"logs/2024/1.parquet".into(), parquet.into()).await.unwrap();
    store.put(&"logs/2024/2.jsonl".into(), LINES.as_bytes().to_vec().into()).await.unwrap();
    store.put(&"logs/2024/3.jsonl.gz".into(), gzip(LINES).await.into()).await.unwrap();
    store.put(&"other/4.jsonl".into(), LINES.as_bytes().to_vec().into()).await.unwrap();
    let runtime = Arc::new(RuntimeEnv::default());
    let root = Url::parse("fake://bucket").unwrap();
    runtime.register_object_store(&root, Arc::clone(&store) as Arc<dyn ObjectStore>);
    for location in ["fake://bucket/logs", "fake://bucket/logs/*/*", "fake://bucket/logs/2024/"] {
        let source = open(&SourceOptions::events(location), &runtime).await.unwrap();
        let context =
            SessionContext::new_with_config_rt(SessionConfig::new(), Arc::clone(&runtime));
        context.register_table("events", Arc::clone(&source.events().unwrap().provider)).unwrap();
        assert_eq!(
            value(&context, "SELECT count(distinct_id) FROM events").await,
            "8",
            "{location}"
        );
    }
}

#[tokio::test]
async fn keys_that_are_not_looked_for_are_told() {
    let folder = Folder::new();
    let line = format!(
        "{{\"event\":\"a\",\"timestamp\":\"2024-01-01\",\"distinct_id\":\"{}\"}}\n",
        "u".repeat(500)
    );
    folder.text("1.jsonl", &line).text("2.jsonl", &line.repeat(3000));
    let (_, source) = events_at(&folder.location("")).await;
    let notices: Vec<String> = source.notices().collect();
    assert!(
        matches!(notices.as_slice(), [only] if only.ends_with(
            "2.jsonl: keys were taken from the first 1 MiB; one that appears only behind them is not read"
        )),
        "{notices:?}"
    );
}

#[tokio::test]
async fn a_wrong_line_has_its_number_in_every_partition() {
    let folder = Folder::new();
    let line = format!(
        "{{\"event\":\"a\",\"timestamp\":\"2024-01-01\",\"distinct_id\":\"{}\"}}\n",
        "u".repeat(500)
    );
    let text = format!("{}\n{{\"event\":\n{line}", line.repeat(20_000));
    folder.text("1.jsonl", &text).bytes("2.jsonl.gz", &gzip(&text).await);
    for name in ["1.jsonl", "2.jsonl.gz"] {
        let (context, _) = events_at(&folder.location(name)).await;
        let read = context.sql("SELECT event FROM events").await.unwrap().collect().await;
        let error = read.unwrap_err().to_string();
        assert!(error.contains(&format!("{name}: line 20002: it is no JSON object")), "{error}");
    }
}

#[tokio::test]
async fn blank_lines_above_a_header_are_passed_over() {
    let folder = Folder::new();
    folder.text("1.csv", "\r\n\nevent,timestamp,distinct_id\n\na,2024-01-01,u\n");
    let (context, _) = events_at(&folder.location("1.csv")).await;
    assert_eq!(value(&context, "SELECT event FROM events").await, "a");
}

#[tokio::test]
async fn lines_may_lack_what_parquet_files_always_have() {
    let folder = Folder::new();
    let mut columns = needed(&["a"]);
    columns.push(("properties", strings(&[r#"{"x":1}"#])));
    columns.push(("elements_chain", strings(&["button"])));
    let without_null = |(name, array): (&'static str, ArrayRef)| {
        (Field::new(name, array.data_type().clone(), false), array)
    };
    let (fields, arrays): (Vec<Field>, Vec<ArrayRef>) =
        columns.into_iter().map(without_null).unzip();
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap();
    let file = File::create(folder.path("1.parquet")).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    folder.text("2.jsonl", r#"{"event":"b","timestamp":"2024-01-01","distinct_id":"u"}"#);
    let (context, _) = events_at(&folder.location("")).await;
    let sql = "SELECT event, properties, elements_chain FROM events ORDER BY event";
    assert_eq!(
        rows(&context, sql).await,
        "\
+-------+------------+----------------+
| event | properties | elements_chain |
+-------+------------+----------------+
| a     | {\"x\":1}    | button         |
| b     | {}         |                |
+-------+------------+----------------+"
    );
    let count = "SELECT count(*) FROM events WHERE properties = '{}' AND elements_chain = ''";
    assert_eq!(value(&context, count).await, "1");
}

#[tokio::test]
async fn a_quote_that_is_not_closed_is_told() {
    let folder = Folder::new();
    let rows: String = (0..10).map(|row| format!("e{row},2024-01-01,\"u\n{row}\"\n")).collect();
    let text = format!("event,timestamp,distinct_id\n{rows}");
    folder
        .text("middle.csv", &format!("{text}a,\"2024-01-01,u\nb,2024-01-01,u\n"))
        .text("last.csv", &format!("\u{feff}{text}a,2024-01-01,\"u\n"))
        .bytes("packed.csv.gz", &gzip(&format!("{text}a,2024-01-01,\"u\"\"")).await);
    for name in ["middle.csv", "last.csv", "packed.csv.gz"] {
        let (context, _) = events_at(&folder.location(name)).await;
        let read = context.sql("SELECT event FROM events").await.unwrap().collect().await;
        let error = read.unwrap_err().to_string();
        let expected = format!("{name}: line 22: the quote that begins here is not closed");
        assert!(error.contains(&expected), "{error}");
    }
    // Quotes inside a cell without quotes open nothing, and the last line needs no end.
    for (name, end) in [("1.csv", "\n"), ("2.csv", "\r\n"), ("3.csv", "")] {
        folder.text(name, &format!("{text}5\" disk,2024-01-01,\"u\"{end}"));
        let (context, _) = events_at(&folder.location(name)).await;
        assert_eq!(value(&context, "SELECT count(event) FROM events").await, "11", "{name}");
    }
    folder.text("header.csv", "\nevent,\"timestamp,distinct_id\na,2024-01-01,u\n");
    let error = failure(&SourceOptions::events(folder.location("header.csv"))).await;
    assert_eq!(
        folder.anonymous(&error),
        "DIR/header.csv: line 2: the quote that begins here is not closed before the end of the file; \
         close it, and double the quotes inside a quoted cell; or the file was cut off"
    );
}
