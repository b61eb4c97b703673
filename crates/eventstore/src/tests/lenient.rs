//! Reading for an import: rows that cannot be read become rejects, all others are delivered in order.

use super::text::packed;
use super::*;
use crate::columns::settle;
use crate::files::{FileKind, locate};
use crate::parts::{Part, StoredFile};
use crate::store::import::rejects::{LONGEST, Rejects};
use crate::table::FileTable;
use crate::text::lenient_head;
use ::parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::parser::parse_message_type;
use arrow::array::{BinaryArray, Date64Array, Int64Array, TimestampSecondArray};
use arrow::util::display::array_value_to_string;
use datafusion::datasource::file_format::file_compression_type::FileCompressionType;
use events::column;
use futures::TryStreamExt;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::sync::Mutex;

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What came of a scan.
struct Scan {
    /// Delivered rows.
    batches: Vec<RecordBatch>,
    /// Rejects as they were written.
    rejects: Vec<Value>,
    by_reason: BTreeMap<String, u64>,
}

impl Scan {
    /// The values of a column, in order.
    fn column(&self, name: &str) -> Vec<String> {
        let mut values = Vec::new();
        for batch in &self.batches {
            let column = batch.column_by_name(name).unwrap();
            values.extend(
                (0..batch.num_rows()).map(|row| array_value_to_string(column, row).unwrap()),
            );
        }
        values
    }

    fn events(&self) -> Vec<String> {
        self.column("event")
    }

    /// Line and reason of each reject, by line.
    fn told(&self) -> Vec<(u64, &str)> {
        let told = |reject: &'_ Value| reject["line"].as_u64().unwrap();
        let mut all: Vec<(u64, &str)> = self
            .rejects
            .iter()
            .map(|reject| (told(reject), reject["reason"].as_str().unwrap()))
            .collect();
        all.sort_unstable();
        all
    }

    /// The row of the reject of a line.
    fn row(&self, line: u64) -> &str {
        let found = self.rejects.iter().find(|reject| reject["line"].as_u64() == Some(line));
        found.unwrap()["row"].as_str().unwrap()
    }
}

/// All pieces of a table, one after the other, in batches of three.
async fn scanned(table: &FileTable, runtime: &Arc<RuntimeEnv>) -> Scan {
    let config = SessionConfig::new().with_batch_size(3);
    let context = SessionContext::new_with_config_rt(config, Arc::clone(runtime));
    let written = Written::default();
    let rejects = Arc::new(Rejects::new("rejects.jsonl", written.clone()));
    let mut batches = Vec::new();
    for piece in table.pieces() {
        let scan = table.scan_rows(&context.state(), piece, &[column::TIMESTAMP], &rejects);
        batches.extend(scan.unwrap().try_collect::<Vec<_>>().await.unwrap());
    }
    rejects.finish().unwrap();
    let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
    let all: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rejects.count(), all.len() as u64);
    Scan { batches, rejects: all, by_reason: rejects.by_reason() }
}

/// The rows of a text file of events.
async fn text(location: &str) -> Scan {
    let runtime = Arc::new(RuntimeEnv::default());
    let found = locate(location, &runtime, &HashMap::new()).await.unwrap();
    let mut shapes = Vec::new();
    let mut parts: Vec<Part> = Vec::new();
    for (ordinal, file) in (0..).zip(&found.files) {
        shapes.extend(lenient_head(file, &runtime).await.unwrap());
        let stored = StoredFile {
            meta: file.meta.clone(),
            ordinal,
            row_groups: 1,
            group_rows: Vec::new(),
            rank: 0,
            times: None,
            has_ties: true,
            clusters: None,
            statistics: None,
        };
        assert_ne!(file.kind, FileKind::Parquet);
        parts.push(Part { store: file.store.clone(), kind: file.kind, files: vec![stored] });
    }
    let settled = settle(TableKind::Events, &shapes, &[]).unwrap();
    let table = FileTable::new(settled.layout, parts, vec![]);
    scanned(&table, &runtime).await
}

/// The rows of Parquet files of events.
async fn parquet(location: &str) -> Scan {
    let runtime = Arc::new(RuntimeEnv::default());
    let source = open(&SourceOptions::events(location), &runtime).await.unwrap();
    scanned(&source.events().unwrap().table, &runtime).await
}

fn line(event: &str) -> String {
    format!(r#"{{"event":"{event}","timestamp":"2024-01-01","distinct_id":"u","team_id":1}}"#)
}

#[tokio::test]
async fn wrong_lines_are_rejected() {
    let folder = Folder::new();
    let deep = format!(r#"{{"event":{}{}}}"#, "[".repeat(2000), "]".repeat(2000));
    let lines = [
        line("a"),
        "{\"event\":\"cut".to_owned(),
        String::new(),
        line("b"),
        "[1]".to_owned(),
        line("c"),
        deep,
        line("d"),
        line("e").replace("2024-01-01", "yesterday"),
        line("").replace('1', "2"),
        line("f").replace("\"2024-01-01\"", "null"),
        line("g").replace(":1}", ":\"x\"}"),
        line("h"),
    ];
    let content = lines.join("\n");
    folder.text("a.jsonl", &content);
    for (name, packing) in
        [("b.jsonl.gz", FileCompressionType::GZIP), ("c.jsonl.zst", FileCompressionType::ZSTD)]
    {
        folder.bytes(name, &packed(&content, packing).await);
    }
    for name in ["a.jsonl", "b.jsonl.gz", "c.jsonl.zst"] {
        let scan = text(&folder.location(name)).await;
        assert_eq!(scan.events(), ["a", "b", "c", "d", "", "h"], "{name}");
        assert_eq!(
            scan.told(),
            [
                (2, "it is no JSON object"),
                (5, "it is no JSON object"),
                (7, "it is no JSON object"),
                (9, "column `timestamp`: 'yesterday' is no ISO 8601 timestamp"),
                (11, "the row has no timestamp"),
                (12, "column `team_id`: 'x' is no whole number"),
            ],
            "{name}"
        );
        assert_eq!((scan.row(2), scan.row(12)), (lines[1].as_str(), lines[11].as_str()));
        assert!(scan.rejects[0]["file"].as_str().unwrap().ends_with(name));
        assert_eq!(scan.by_reason.get("it is no JSON object"), Some(&3));
        let quoted = "column `timestamp`: '…' is no ISO 8601 timestamp";
        assert_eq!(scan.by_reason.get(quoted), Some(&1));
    }
}

#[tokio::test]
async fn wrong_rows_of_csv_are_rejected() {
    let folder = Folder::new();
    let content = concat!(
        "\u{feff}\nevent,timestamp,distinct_id,team_id\r\n",
        "a,2024-01-01,u,1\r\n",
        "b,2024-01-01,u\r\n",
        "\r\n",
        "\"c\nc\",2024-01-01,u,1\r\n",
        "d,2024-01-01,u,1,2\r\n",
        "e,\"then\",u,1\r\n",
        ",2024-01-01,u,\r\n",
        "f,,u,1\r\n",
        "g,2024-01-01,u,1\r\n",
        "h,2024-01-01,u,1\r\n",
        "i,2024-01-01,u,one\r\n",
        "j,2024-01-01,u,1",
    );
    folder.text("a.csv", content);
    folder.bytes("b.csv.gz", &packed(content, FileCompressionType::GZIP).await);
    for name in ["a.csv", "b.csv.gz"] {
        let scan = text(&folder.location(name)).await;
        assert_eq!(scan.events(), ["a", "c\nc", "", "g", "h", "j"], "{name}");
        assert_eq!(
            scan.told(),
            [
                (4, "it has 3 cells, the header has 4"),
                (8, "it has 5 cells, the header has 4"),
                (9, "column `timestamp`: 'then' is no ISO 8601 timestamp"),
                (11, "the row has no timestamp"),
                (14, "column `team_id`: 'one' is no whole number"),
            ],
            "{name}"
        );
        assert_eq!(scan.row(9), "e,\"then\",u,1");
    }
}

#[tokio::test]
async fn an_open_quote_is_one_reject() {
    let folder = Folder::new();
    let start = "event,timestamp,distinct_id\na,2024-01-01,u\nb,2024-01-01,u\n";
    folder.text("a.csv", &format!("{start}c,2024-01-01,\"u\nd,2024-01-01,u\ne,2024-01-01,u"));
    let scan = text(&folder.location("a.csv")).await;
    assert_eq!(scan.events(), ["a", "b"]);
    let reason = "the quote that begins here is not closed before the end of the file, on line 6: \
                  nothing behind it is read";
    assert_eq!(scan.told(), [(4, reason)]);
    assert_eq!(scan.row(4), "c,2024-01-01,\"u\nd,2024-01-01,u\ne,2024-01-01,u");
}

#[tokio::test]
async fn a_file_may_have_bad_rows_alone() {
    let folder = Folder::new();
    let rows = |row: &str| row.repeat(20);
    folder.text("a.jsonl", &rows(&(line("a").replace("2024", "MMXXIV") + "\n")));
    folder.text("b.csv", &format!("event,timestamp,distinct_id\n{}", rows("a,b\n")));
    folder.text("c.csv", &format!("event,timestamp,distinct_id\n{}", rows("a,b,c\n")));
    for name in ["a.jsonl", "b.csv", "c.csv"] {
        let scan = text(&folder.location(name)).await;
        assert!(scan.batches.is_empty(), "{name}");
        assert_eq!((scan.rejects.len(), scan.by_reason.len()), (20, 1), "{name}");
    }
    // Beside a file that tells the columns, one may have no readable line at all.
    folder.text("d/1.jsonl", &line("a")).text("d/2.jsonl", "no\nJSON\n\n");
    let scan = text(&folder.location("d/*.jsonl")).await;
    assert_eq!((scan.events(), scan.rejects.len()), (vec!["a".to_owned()], 2));
}

#[tokio::test]
async fn long_values_are_rows_like_others() {
    let folder = Folder::new();
    let long = "n".repeat(300);
    let properties = format!(r#"{{"x":"{}"}}"#, "y".repeat(10 * 1024 * 1024));
    let with = |line: String| {
        line.replace(r#""team_id""#, &format!(r#""properties":{properties},"team_id""#))
    };
    let bad = line("c").replace("2024-01-01", "never");
    let lines = [line(&long), with(line("b")), with(bad), line("d")];
    folder.text("a.jsonl", &lines.join("\n"));
    let quoted = properties.replace('"', "\"\"");
    let rows = format!(
        "event,timestamp,distinct_id,properties\n{long},2024-01-01,u,\nb,2024-01-01,u,\"{quoted}\"\n\
         c,never,u,\"{quoted}\"\nd,2024-01-01,u,\n"
    );
    folder.text("a.csv", &rows);
    for (name, at) in [("a.jsonl", 3), ("a.csv", 4)] {
        let scan = text(&folder.location(name)).await;
        assert_eq!(scan.events(), [long.as_str(), "b", "d"], "{name}");
        assert_eq!(scan.column("properties")[1], properties);
        assert_eq!(scan.told(), [(at, "column `timestamp`: 'never' is no ISO 8601 timestamp")]);
        let row = scan.row(at);
        assert!(row.len() < LONGEST + 20 && row.ends_with(" [cut here]"), "{name}");
    }
}

#[tokio::test]
async fn bytes_that_are_no_text_are_rejected() {
    let folder = Folder::new();
    let wrong = |row: &str| {
        row.bytes().map(|byte| if byte == b'?' { 0xff } else { byte }).collect::<Vec<u8>>()
    };
    let lines = [line("a"), line("b?"), line("c"), line("d")].join("\n");
    folder.bytes("a.jsonl", &wrong(&lines));
    let rows = "event,timestamp,distinct_id\na,2024-01-01,u\nb?,2024-01-01,u\nc,2024-01-01,u\nd,2024-01-01,u\n";
    folder.bytes("a.csv", &wrong(rows));
    for (name, at) in [("a.jsonl", 2), ("a.csv", 3)] {
        let scan = text(&folder.location(name)).await;
        assert_eq!(scan.events(), ["a", "c", "d"], "{name}");
        assert_eq!(scan.told(), [(at, "it is no UTF-8 text")]);
        assert!(scan.row(at).contains("b\u{fffd}"));
    }
}

/// A column that is marked as text, and need not be.
fn marked_parquet(path: &Path, events: &[&[u8]]) {
    let schema = "message events { REQUIRED BYTE_ARRAY event (UTF8); \
                  REQUIRED INT64 timestamp (TIMESTAMP(MICROS,true)); REQUIRED BYTE_ARRAY distinct_id (UTF8); }";
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let properties = Arc::new(WriterProperties::builder().set_dictionary_enabled(false).build());
    let file = File::create(path).unwrap();
    let mut writer = SerializedFileWriter::new(file, schema, properties).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let bytes: Vec<ByteArray> =
        events.iter().map(|event| ByteArray::from(event.to_vec())).collect();
    let people = vec![ByteArray::from("u"); events.len()];
    let times: Vec<i64> = (0..).take(events.len()).collect();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<ByteArrayType>().write_batch(&bytes, None, None).unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<Int64Type>().write_batch(&times, None, None).unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<ByteArrayType>().write_batch(&people, None, None).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    writer.close().unwrap();
}

#[tokio::test]
async fn parquet_text_may_be_no_text() {
    let folder = Folder::new();
    let events: [&[u8]; 8] = [b"a", b"b", b"c", b"d", b"e\xff", b"f", b"g", b"\xc3h"];
    marked_parquet(&folder.path("1.parquet"), &events);
    let mut columns = needed(&["", "", "", "", "", "", "", ""]);
    columns[0].1 = Arc::new(BinaryArray::from_vec(events.to_vec()));
    folder.parquet("2.parquet", columns);
    for name in ["1.parquet", "2.parquet"] {
        let scan = parquet(&folder.location(name)).await;
        assert_eq!(scan.events(), ["a", "b", "c", "d", "f", "g"], "{name}");
        let reason = "column `event` holds bytes that are no UTF-8 text";
        assert_eq!(scan.told(), [(5, reason), (8, reason)], "{name}");
        assert!(scan.row(5).starts_with("{\"event\":\"e\u{fffd}\",\"timestamp\":"));
    }
}

#[tokio::test]
async fn parquet_times_may_be_unreadable() {
    let folder = Folder::new();
    let texts = [Some("2024-01-01"), Some("soon"), None, Some("2024-01-02T00:00:00Z")];
    let seconds = [0, i64::MAX, i64::MIN / 2, 1];
    let times: [(&str, ArrayRef); 3] = [
        ("text.parquet", nullable(&texts)),
        ("seconds.parquet", Arc::new(TimestampSecondArray::from(seconds.to_vec()))),
        ("dates.parquet", Arc::new(Date64Array::from(seconds.to_vec()))),
    ];
    for (name, times) in times {
        let mut columns = needed(&["a", "b", "c", "d"]);
        columns[1].1 = times;
        folder.parquet(name, columns);
    }
    let beyond = "column `timestamp`: the time lies beyond what microseconds can tell";
    let unread = "column `timestamp`: 'soon' is no ISO 8601 timestamp";
    for (name, told) in [
        ("text.parquet", [(2, unread), (3, "the row has no timestamp")]),
        ("seconds.parquet", [(2, beyond), (3, beyond)]),
        ("dates.parquet", [(2, beyond), (3, beyond)]),
    ] {
        let scan = parquet(&folder.location(name)).await;
        assert_eq!(scan.events(), ["a", "d"], "{name}");
        assert_eq!(scan.told(), told, "{name}");
        assert_eq!(scan.column("$row"), ["0", "3"], "{name}");
        assert_eq!(scan.column("uuid")[1], "00000000-0000-8000-8000-000000000003", "{name}");
    }
}

#[tokio::test]
async fn row_groups_are_read_apart_and_together() {
    let folder = Folder::new();
    let names: Vec<String> = (0..100).map(|row| format!("e{row}")).collect();
    let mut columns = needed(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let teams: Vec<String> =
        (0..100).map(|row| if row % 10 == 7 { "?".to_owned() } else { row.to_string() }).collect();
    columns.push(("team_id", strings(&teams.iter().map(String::as_str).collect::<Vec<_>>())));
    columns.push(("amount", Arc::new(Int64Array::from_iter_values(0..100))));
    let groups = WriterProperties::builder().set_max_row_group_row_count(Some(16)).build();
    write_parquet(&folder.path("1.parquet"), columns, groups);
    let runtime = Arc::new(RuntimeEnv::default());
    let options = SourceOptions::events(folder.location("1.parquet"));
    let source = open(&options, &runtime).await.unwrap();
    let table = Arc::clone(&source.events().unwrap().table);
    assert_eq!(table.pieces().len(), 7);
    let scan = scanned(&table, &runtime).await;
    let good: Vec<String> =
        (0..100).filter(|row| row % 10 != 7).map(|row| row.to_string()).collect();
    assert_eq!((scan.column("$row"), scan.column("amount")), (good.clone(), good.clone()));
    let lines: Vec<u64> = scan.told().into_iter().map(|(line, _)| line).collect();
    assert_eq!(
        lines,
        (0..100).filter(|row| row % 10 == 7).map(|row| row + 1).collect::<Vec<u64>>()
    );

    let context = SessionContext::new_with_config_rt(SessionConfig::new(), runtime);
    let rejects = Arc::new(Rejects::new("rejects.jsonl", std::io::sink()));
    let state = context.state();
    let scans = table.pieces().into_iter().map(|piece| {
        let scan = table.scan_rows(&state, piece, &[column::TIMESTAMP], &rejects).unwrap();
        scan.try_collect::<Vec<_>>()
    });
    let batches: Vec<RecordBatch> =
        futures::future::try_join_all(scans).await.unwrap().into_iter().flatten().collect();
    assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 90);
    assert_eq!(rejects.count(), 10);
}
