//! Tests of spilling.

use super::super::dropped::duplicates;
use super::*;
use events::source::ColumnType;
use std::iter::repeat_n;

/// Rows of one person at one time.
fn rows(uuid: &str, event: &str, rows: usize) -> RecordBatch {
    let texts = |text: &str| -> ArrayRef {
        Arc::new(repeat_n(Some(text), rows).collect::<StringViewArray>())
    };
    let times = TimestampMicrosecondArray::from(vec![0; rows]).with_timezone("UTC");
    RecordBatch::try_from_iter([
        (column::UUID, texts(uuid)),
        (column::EVENT, texts(event)),
        (column::DISTINCT_ID, texts("p")),
        (column::TIMESTAMP, Arc::new(times) as ArrayRef),
    ])
    .unwrap()
}

/// How such rows are spilled.
fn plan(buckets: u32) -> Plan {
    let columns = [
        (column::UUID, ColumnType::Uuid),
        (column::EVENT, ColumnType::String),
        (column::DISTINCT_ID, ColumnType::String),
        (column::TIMESTAMP, ColumnType::DateTime),
    ];
    let columns =
        columns.map(|(name, ty)| SourceColumn { name: name.to_owned(), ty, nullable: false });
    Plan::new(columns.to_vec(), buckets, People::default())
}

const UUID: &str = "00000000-0000-4000-8000-000000000007";

#[test]
fn identities_of_a_long_unit_are_not_held() {
    let folder = tempfile::tempdir().unwrap();
    let (plan, path) = (plan(1), folder.path().join("a"));
    let mut spill = Spill::create(&plan, &path, 0, 1).unwrap();
    // All of one identity, and therefore in one list.
    for _ in 0..2 {
        spill.push(rows(UUID, "e", 12_000)).unwrap();
        spill.flush().unwrap();
        assert!(spill.identities.iter().all(Vec::is_empty));
    }
    spill.push(rows(UUID, "e", 1)).unwrap();
    let spilled = spill.finish().unwrap();
    let lists = spilled.identities.iter().map(|(_, place)| (path.clone(), *place));
    let lists: Vec<_> = lists.collect();
    assert_eq!(lists.len(), 3);
    assert_eq!(duplicates(&lists).unwrap().len(), 24_000);
}

#[test]
fn a_batch_of_long_rows_is_spilled_piece_by_piece() {
    let folder = tempfile::tempdir().unwrap();
    let plan = plan(1);
    let mut spill = Spill::create(&plan, &folder.path().join("a"), 0, 1).unwrap();
    spill.most = 1 << 16;
    spill.push(rows(UUID, &"e".repeat(1 << 12), 100)).unwrap();
    spill.push(rows(UUID, &"e".repeat(1 << 17), 1)).unwrap();
    let spilled = spill.finish().unwrap();
    assert_eq!(spilled.chunks.iter().map(|chunk| chunk.rows).sum::<u64>(), 101);
    assert!(spilled.chunks.iter().all(|chunk| chunk.rows == 1 || chunk.bytes < 2 << 16));
}

#[test]
fn more_is_gathered_for_more_buckets() {
    let folder = tempfile::tempdir().unwrap();
    for (buckets, most) in [(1, 24 << 20), (192, 24 << 20), (256, 32 << 20), (4096, 64 << 20)] {
        let plan = plan(buckets);
        let spill = Spill::create(&plan, &folder.path().join("a"), 0, 1).unwrap();
        assert_eq!(spill.most, most, "{buckets}");
    }
}

#[test]
fn months_are_those_of_the_calendar() {
    let mut months = Months::default();
    let micros = |text: &str| text.parse::<DateTime<chrono::Utc>>().unwrap().timestamp_micros();
    for (text, month) in [
        ("2024-02-29T23:59:59.999999Z", 2024 * 12 + 1),
        ("2024-03-01T00:00:00Z", 2024 * 12 + 2),
        ("2024-03-31T00:00:00Z", 2024 * 12 + 2),
        ("1969-12-31T23:59:59Z", 1969 * 12 + 11),
        ("2099-12-31T23:59:59Z", 2099 * 12 + 11),
    ] {
        assert_eq!(months.of(micros(text)), month, "{text}");
    }
    assert_eq!(months.of(i64::MAX), i32::MAX);
}

#[test]
fn uuids_made_in_place_are_known() {
    let in_place = "00000003-0000-8000-8000-000000000007";
    let place = Some((3_i64 << 40) | 7);
    assert!(is_made(canonical(in_place), place));
    assert!(!is_made(canonical(in_place), Some(8)));
    assert_ne!(made(1, 7), made(2, 7));
    assert_eq!(canonical("00000003-0000-8000-8000-00000000000A"), None);
}
