//! Parquet files: schema differences, mappings, defaults, row numbers.

use super::*;
use arrow::array::{
    BinaryArray, DictionaryArray, FixedSizeBinaryArray, Int32Array, Int64Array, LargeStringArray,
    NullArray, StructArray, TimestampMillisecondArray, TimestampNanosecondArray, UInt64Array,
};
use arrow::datatypes::{DataType, Field, Int32Type, Schema};
use events::source::ColumnType;

#[tokio::test]
async fn columns_are_canonical_whatever_the_files_hold() {
    let folder = Folder::new();
    let dictionary: DictionaryArray<Int32Type> = vec!["a", "b"].into_iter().collect();
    folder.parquet("1.parquet", needed(&["a", "b"]));
    folder.parquet(
        "2.parquet.zst",
        vec![
            (
                "timestamp",
                Arc::new(TimestampMillisecondArray::from(vec![
                    1_700_000_100_000,
                    1_700_000_101_000,
                ])),
            ),
            ("event", Arc::new(dictionary)),
            ("distinct_id", Arc::new(LargeStringArray::from(vec!["u2", "u3"]))),
            ("properties", nullable(&[Some(r#"{"x":1}"#), None])),
        ],
    );
    folder.parquet(
        "deep/er/3.parquet",
        vec![
            ("event", strings(&["c"])),
            ("timestamp", strings(&["2023-11-14T22:20:00+00:00"])),
            ("distinct_id", Arc::new(Int32Array::from(vec![7]))),
        ],
    );
    folder
        .text("x_manifest.json", "{}")
        .text("_SUCCESS", "")
        .text("deep/.part.parquet", "")
        .text("deep/notes.txt", "");
    let (context, source) = events_at(&folder.location("")).await;
    let events = source.events().unwrap();
    assert_eq!(events.files.len(), 3);
    assert_eq!(events.files.iter().map(|file| file.rows).sum::<Option<u64>>(), Some(5));
    assert!(
        events.notices.iter().any(|notice| notice.contains("notes.txt")),
        "{:?}",
        events.notices
    );
    let types: Vec<String> =
        events.provider.schema().fields().iter().map(|field| field.to_string()).collect();
    assert!(
        types.contains(&r#"Field { "timestamp": Timestamp(µs, "UTC") }"#.to_owned()),
        "{types:?}"
    );
    assert_eq!(
        rows(
            &context,
            "SELECT event, timestamp, distinct_id, properties FROM events ORDER BY timestamp"
        )
        .await,
        "\
+-------+----------------------+-------------+------------+
| event | timestamp            | distinct_id | properties |
+-------+----------------------+-------------+------------+
| a     | 2023-11-14T22:13:20Z | u1          | {}         |
| b     | 2023-11-14T22:13:21Z | u1          | {}         |
| a     | 2023-11-14T22:15:00Z | u2          | {\"x\":1}    |
| b     | 2023-11-14T22:15:01Z | u3          | {}         |
| c     | 2023-11-14T22:20:00Z | 7           | {}         |
+-------+----------------------+-------------+------------+"
    );
}

#[tokio::test]
async fn missing_values_are_defaults_and_can_be_compared() {
    let folder = Folder::new();
    let mut first = needed(&["a", "b", "c"]);
    first.push(("session_id", nullable(&[Some("s1"), None, Some("s2")])));
    folder.parquet("1.parquet", first).parquet("2.parquet", needed(&["d"]));
    let (context, source) = events_at(&folder.location("*.parquet")).await;
    let session = source.events().unwrap().schema.column("$session_id").unwrap().clone();
    assert!(!session.nullable);
    let count = async |filter: &str| {
        value(&context, &format!("SELECT count(*) FROM events WHERE {filter}")).await
    };
    assert_eq!(count(r#""$session_id" = ''"#).await, "2");
    assert_eq!(count(r#""$session_id" != ''"#).await, "2");
    assert_eq!(count(r#""$session_id" = 's1'"#).await, "1");
    assert_eq!(count(r#"NOT "$session_id" = 's1'"#).await, "3");
    assert_eq!(count(r#"'s1' <> "$session_id""#).await, "3");
    assert_eq!(count(r#""$session_id" IN ('s1', '', 'x', 'y')"#).await, "3");
    assert_eq!(count(r#""$session_id" NOT IN ('s1', 's2', 'x', 'y')"#).await, "2");
    assert_eq!(count(r#""$session_id" LIKE 's%'"#).await, "2");
    assert_eq!(count(r#""$session_id" NOT LIKE 's%'"#).await, "2");
    assert_eq!(count(r#""$session_id" IS NULL"#).await, "0");
    assert_eq!(count(r#""$session_id" < 's2' AND event > 'a'"#).await, "2");
}

#[tokio::test]
async fn columns_can_be_mapped_and_others_are_properties() {
    let folder = Folder::new();
    folder.parquet(
        "log.parquet",
        vec![
            ("commit", strings(&["c1", "c2"])),
            ("name", strings(&["push", "merge"])),
            (
                "at",
                Arc::new(TimestampNanosecondArray::from(vec![
                    1_700_000_000_000_001_500,
                    1_700_000_001_000_000_000,
                ])),
            ),
            ("distinct_id", strings(&["u1", "u2"])),
            ("lines", Arc::new(Int32Array::from(vec![Some(3), None]))),
        ],
    );
    let pairs = [("uuid", "commit"), ("event", "name"), ("timestamp", "at")];
    let options = SourceOptions {
        map: pairs.map(|(canonical, column)| (canonical.to_owned(), column.to_owned())).to_vec(),
        ..SourceOptions::events(folder.location("log.parquet"))
    };
    let (context, source) = opened(&options).await.unwrap();
    let schema = &source.events().unwrap().schema;
    let names: Vec<&str> = schema.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["uuid", "event", "timestamp", "distinct_id"]);
    let lines = schema.property_column("lines").unwrap();
    assert_eq!((lines.ty, lines.nullable), (ColumnType::Integer, true));
    assert_eq!(
        rows(&context, "SELECT uuid, event, timestamp, lines FROM events WHERE event = 'push'")
            .await,
        "\
+------+-------+-----------------------------+-------+
| uuid | event | timestamp                   | lines |
+------+-------+-----------------------------+-------+
| c1   | push  | 2023-11-14T22:13:20.000001Z | 3     |
+------+-------+-----------------------------+-------+"
    );
}

#[tokio::test]
async fn a_column_can_stand_for_two() {
    let folder = Folder::new();
    folder.parquet("log.parquet", needed(&["a", "b"]));
    let pairs = [("person_id", "distinct_id"), ("$session_id", "distinct_id")];
    let options = SourceOptions {
        map: pairs.map(|(canonical, column)| (canonical.to_owned(), column.to_owned())).to_vec(),
        ..SourceOptions::events(folder.location("log.parquet"))
    };
    let (context, _) = opened(&options).await.unwrap();
    let same = r#"person_id = distinct_id AND "$session_id" = distinct_id"#;
    for (filter, found) in [(same, 2), ("distinct_id <> ''", 2), ("person_id = 'nobody'", 0)] {
        let shown =
            rows(&context, &format!("SELECT count(*) AS n FROM events WHERE {filter}")).await;
        assert!(shown.contains(&format!("| {found} ")), "{filter}: {shown}");
    }
}

#[tokio::test]
async fn rows_without_uuid_get_one_from_their_place() {
    let folder = Folder::new();
    folder.parquet("1.parquet", needed(&["a", "b"])).parquet("2.parquet", needed(&["c", "d"]));
    let (context, source) = events_at(&folder.location("")).await;
    assert_eq!(source.events().unwrap().schema.row.as_deref(), Some("$row"));
    assert_eq!(
        rows(
            &context,
            r#"SELECT event, uuid, "$row" FROM events WHERE event <> 'a' ORDER BY "$row""#
        )
        .await,
        "\
+-------+--------------------------------------+---------------+
| event | uuid                                 | $row          |
+-------+--------------------------------------+---------------+
| b     | 00000000-0000-8000-8000-000000000001 | 1             |
| c     | 00000001-0000-8000-8000-000000000000 | 1099511627776 |
| d     | 00000001-0000-8000-8000-000000000001 | 1099511627777 |
+-------+--------------------------------------+---------------+"
    );
    let filtered = "SELECT event FROM events WHERE uuid = '00000001-0000-8000-8000-000000000001'";
    assert_eq!(value(&context, filtered).await, "d");
}

#[tokio::test]
async fn rows_whose_uuid_is_missing_get_one_from_their_place() {
    let folder = Folder::new();
    let mut columns = needed(&["a", "b"]);
    columns.push(("uuid", nullable(&[Some("u"), None])));
    folder.parquet("1.parquet", columns).parquet("2.parquet", needed(&["c"]));
    let (context, source) = events_at(&folder.location("")).await;
    assert!(!source.events().unwrap().schema.column("uuid").unwrap().nullable);
    assert_eq!(
        rows(&context, "SELECT event, uuid FROM events ORDER BY event").await,
        "\
+-------+--------------------------------------+
| event | uuid                                 |
+-------+--------------------------------------+
| a     | u                                    |
| b     | 00000000-0000-8000-8000-000000000001 |
| c     | 00000001-0000-8000-8000-000000000000 |
+-------+--------------------------------------+"
    );
    for (sql, expected) in [
        ("SELECT event FROM events WHERE uuid = '00000001-0000-8000-8000-000000000000'", "c"),
        ("SELECT event FROM events WHERE uuid = 'u'", "a"),
        ("SELECT event FROM events WHERE event > 'a' ORDER BY uuid DESC LIMIT 1", "c"),
        ("SELECT max(uuid) FROM events", "u"),
        ("SELECT count(DISTINCT uuid) FROM events", "3"),
        ("SELECT count(uuid) FROM events", "3"),
        ("SELECT count(*) FROM events WHERE uuid IS NULL", "0"),
    ] {
        assert_eq!(value(&context, sql).await, expected, "{sql}");
    }
    folder.text("3.csv", "event,timestamp,distinct_id\nd,2024-01-01,u\n");
    let (context, source) = events_at(&folder.location("")).await;
    let notices: Vec<String> = source.notices().collect();
    assert!(
        notices.iter().any(|notice| notice.contains("2 files have no column `uuid`")),
        "{notices:?}"
    );
    assert_eq!(value(&context, "SELECT count(uuid) FROM events").await, "1");
}

#[tokio::test]
async fn binary_uuids_and_objects_become_text() {
    let folder = Folder::new();
    let mut columns = needed(&["a", "b"]);
    let bytes =
        FixedSizeBinaryArray::try_from_iter([[0x11_u8; 16], [0xab; 16]].into_iter()).unwrap();
    let field = Arc::new(Field::new("x", DataType::Int32, true));
    let object =
        StructArray::from(vec![(field, Arc::new(Int32Array::from(vec![1, 2])) as ArrayRef)]);
    columns.push(("uuid", Arc::new(bytes)));
    columns.push(("properties", Arc::new(object)));
    folder.parquet("1.parquet", columns);
    let (context, _) = events_at(&folder.location("1.parquet")).await;
    assert_eq!(
        value(&context, "SELECT uuid FROM events LIMIT 1").await,
        "11111111-1111-1111-1111-111111111111"
    );
    let object = r#"SELECT properties FROM events WHERE properties = '{"x":2}'"#;
    assert_eq!(value(&context, object).await, r#"{"x":2}"#);
}

#[tokio::test]
async fn a_folder_may_be_a_whole_export() {
    let folder = Folder::new();
    folder.parquet("events/2024/1.parquet", needed(&["a"]));
    folder.parquet(
        "persons/1.parquet",
        vec![("person_id", strings(&["p"])), ("distinct_id", strings(&["u1"]))],
    );
    folder.text("groups.jsonl", r#"{"index":0,"key":"acme","properties":{"plan":"pro"}}"#);
    let (context, source) = events_at(&folder.location("")).await;
    assert!(source.overrides().is_none());
    assert_eq!(source.notices().filter(|notice| notice.contains("found beside")).count(), 2);
    let joined =
        "SELECT person_id FROM events JOIN persons ON events.distinct_id = persons.distinct_id";
    assert_eq!(value(&context, joined).await, "p");
    assert_eq!(value(&context, r#"SELECT "index" + 1 FROM groups WHERE key = 'acme'"#).await, "1");
    let tables = source.tables();
    assert!(tables.groups.is_some_and(|table| table.column("properties").is_some()));
}

#[tokio::test]
async fn counts_come_from_footers() {
    let folder = Folder::new();
    folder.parquet("1.parquet", needed(&["a", "b"])).parquet("2.parquet", needed(&["c"]));
    let (context, _) = events_at(&folder.location("")).await;
    let plan = rows(&context, "EXPLAIN SELECT count(*) FROM events").await;
    assert!(!plan.contains("DataSourceExec"), "{plan}");
    assert_eq!(value(&context, "SELECT count(*) FROM events").await, "3");
}

#[tokio::test]
async fn properties_that_a_file_lacks_are_null() {
    let folder = Folder::new();
    let mut first = needed(&["a", "b"]);
    first.push(("plan", strings(&["pro", "free"])));
    folder
        .parquet("1.parquet", first)
        .parquet("2.parquet", needed(&["c", "d"]))
        .parquet("3.parquet", needed(&[]));
    let (context, source) = events_at(&folder.location("")).await;
    assert!(source.events().unwrap().schema.property_column("plan").unwrap().nullable);
    let count = async |filter: &str| {
        value(&context, &format!("SELECT count(*) FROM events WHERE {filter}")).await
    };
    assert_eq!(count("plan = 'pro'").await, "1");
    assert_eq!(count("plan <> 'pro'").await, "1");
    assert_eq!(count("plan IS NULL").await, "2");
    assert_eq!(count("plan IS NULL OR plan = 'free'").await, "3");
    assert_eq!(count("NOT (plan = 'pro')").await, "1");
    assert_eq!(count("coalesce(plan, 'none') = 'none' AND event = 'c'").await, "1");
}

#[tokio::test]
async fn sorting_by_made_and_nested_columns_keeps_all_rows() {
    let folder = Folder::new();
    let mut columns = needed(&["a", "b", "c", "d", "e", "f", "g"]);
    let field = Arc::new(Field::new("x", DataType::Int32, true));
    let object =
        StructArray::from(vec![(field, Arc::new(Int32Array::from_iter_values(0..7)) as ArrayRef)]);
    columns.push(("properties", Arc::new(object)));
    folder.parquet("1.parquet", columns);
    let (context, _) = events_at(&folder.location("")).await;
    assert_eq!(value(&context, "SELECT event FROM events ORDER BY uuid DESC LIMIT 1").await, "g");
    assert_eq!(
        value(&context, r#"SELECT event FROM events ORDER BY "$row" DESC LIMIT 1"#).await,
        "g"
    );
    assert_eq!(
        value(&context, "SELECT event FROM events ORDER BY properties DESC LIMIT 1").await,
        "g"
    );
    assert_eq!(
        value(&context, "SELECT event FROM events ORDER BY timestamp DESC, event LIMIT 1").await,
        "g"
    );
    let same = "SELECT count(*) FROM events a JOIN events b ON a.uuid = b.uuid AND a.properties = b.properties";
    assert_eq!(value(&context, same).await, "7");
}

#[tokio::test]
async fn bytes_that_are_text_are_text() {
    let folder = Folder::new();
    let mut columns = needed(&["a", "b"]);
    if let Some(column) = columns.first_mut() {
        column.1 = Arc::new(BinaryArray::from(vec![Some(b"a".as_slice()), None]));
    }
    folder.parquet("1.parquet", columns).parquet("2.parquet", needed(&["c"]));
    let (context, _) = events_at(&folder.location("")).await;
    assert_eq!(value(&context, "SELECT count(*) FROM events WHERE event IN ('a', 'c')").await, "2");
    assert_eq!(value(&context, "SELECT count(*) FROM events WHERE event = ''").await, "1");
    assert_eq!(
        value(&context, "SELECT string_agg(event, ',' ORDER BY event) FROM events").await,
        ",a,c"
    );
}

#[tokio::test]
async fn columns_that_hold_null_alone_are_as_good_as_none() {
    let folder = Folder::new();
    let nulls = || Arc::new(NullArray::new(1)) as ArrayRef;
    let with = |extra: Vec<(&'static str, ArrayRef)>| {
        needed(&["a"]).into_iter().chain(extra).collect::<Vec<_>>()
    };
    folder
        .parquet("1.parquet", with(vec![("$session_id", nulls()), ("n", nulls()), ("m", nulls())]));
    folder.parquet("2.parquet", with(vec![("$session_id", strings(&["s"])), ("n", times(&[1]))]));
    let (context, source) = events_at(&folder.location("")).await;
    let notices: Vec<String> = source.notices().collect();
    assert!(notices.is_empty(), "{notices:?}");
    let sql = r#"SELECT count(*) FROM events WHERE "$session_id" = '' AND n IS NULL AND m IS NULL"#;
    assert_eq!(value(&context, sql).await, "1");
    assert_eq!(
        value(&context, r#"SELECT max("$session_id") FROM events WHERE n IS NOT NULL"#).await,
        "s"
    );
}

#[tokio::test]
async fn what_is_not_read_is_told() {
    let folder = Folder::new();
    let mut columns = needed(&["a"]);
    columns.push(("event", strings(&["z"])));
    let batch = |columns: &[(&str, ArrayRef)]| {
        let fields: Vec<Field> = columns
            .iter()
            .map(|(name, array)| Field::new(*name, array.data_type().clone(), true))
            .collect();
        let arrays = columns.iter().map(|(_, array)| Arc::clone(array)).collect();
        RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap()
    };
    let batch = batch(&columns);
    let file = File::create(folder.path("team_id=1/date=2024-01-01/1.parquet")).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let (context, source) = events_at(&folder.location("")).await;
    let notices: Vec<String> = source.notices().collect();
    assert_eq!(notices.len(), 2, "{notices:?}");
    assert!(
        notices[0].ends_with("1.parquet has several columns `event`: the first is read"),
        "{notices:?}"
    );
    assert_eq!(notices[1], "events: folder names such as team_id=1 are not read as columns");
    assert_eq!(value(&context, "SELECT event FROM events").await, "a");
}

#[tokio::test]
async fn names_with_signs_of_patterns_mean_themselves() {
    let folder = Folder::new();
    folder
        .parquet("[x]/a*b.parquet", needed(&["a"]))
        .parquet("[x]/aab.parquet", needed(&["b", "c"]));
    for (name, count) in [("[x]", "3"), ("[x]/a*b.parquet", "1"), ("[[]x]/a?b.parquet", "3")] {
        let (context, _) = events_at(&folder.location(name)).await;
        assert_eq!(value(&context, "SELECT count(*) FROM events").await, count, "{name}");
    }
}

#[tokio::test]
async fn whole_numbers_with_and_without_sign_keep_their_digits() {
    let folder = Folder::new();
    let with =
        |numbers: ArrayRef| needed(&["a"]).into_iter().chain([("n", numbers)]).collect::<Vec<_>>();
    folder
        .parquet("1.parquet", with(Arc::new(Int64Array::from(vec![-9_007_199_254_740_993]))))
        .parquet("2.parquet", with(Arc::new(UInt64Array::from(vec![u64::MAX]))));
    let (context, source) = events_at(&folder.location("")).await;
    let column = source.events().unwrap().schema.property_column("n").unwrap().clone();
    assert_eq!(column.ty, ColumnType::String);
    let sql = "SELECT string_agg(n, ' ' ORDER BY n) FROM events";
    assert_eq!(value(&context, sql).await, "-9007199254740993 18446744073709551615");
}
