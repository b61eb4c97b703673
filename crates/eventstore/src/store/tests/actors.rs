//! Scans of persons and times alone: what they read, and that they give what others give.

use super::import::{imported, line, lines, rows, store};
use crate::{NarrowRequest, Source};
use arrow::array::AsArray;
use arrow::datatypes::{TimestampMicrosecondType, UInt32Type, UInt64Type};
use datafusion::physical_plan::displayable;
use datafusion::prelude::SessionContext;
use events::layout::StreamMarks;
use futures::TryStreamExt;
use std::sync::Arc;

/// Conditions, and whether clusters answer them.
const CONDITIONS: [(&str, &str); 14] = [
    ("true", "by=person"),
    ("event = 'a'", "by=event"),
    ("'b' = event", "by=event"),
    ("event IN ('a', 'c', 'none')", "by=event"),
    ("event = 'a' OR event = 'b'", "by=event"),
    ("event IN ('a', 'b') AND event IN ('b', 'c')", "by=event"),
    ("event = 'a' AND event = 'b'", ""),
    ("event = 'none'", "streams=0"),
    ("timestamp >= '2024-01-01T00:00:05Z'", "by=person"),
    (
        "event = 'a' AND timestamp < '2024-01-02T00:00:00Z' AND timestamp > '2024-01-01T00:00:03Z'",
        "by=event",
    ),
    ("timestamp > '2025-01-01T00:00:00Z'", "streams=0"),
    ("event <> 'a'", "DataSourceExec"),
    ("event = 'a' OR timestamp > '2024-01-01T00:00:05Z'", "DataSourceExec"),
    ("event LIKE 'a%'", "DataSourceExec"),
];

#[tokio::test(flavor = "multi_thread")]
async fn persons_and_times_are_read_from_clusters() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    for (part, day) in [(0_u32, 2), (1, 1)] {
        let text: Vec<String> = (0..300)
            .map(|row| {
                let time = format!("2024-01-0{day}T00:00:0{}Z", (row * 7) % 10);
                let event = ["a", "b", "c"][row as usize % 3];
                line(part * 300 + row, event, &format!("p{}", (row * 13) % 31), &time, "{}")
            })
            .collect();
        imported(place, &lines(place, &format!("{part}.jsonl"), &text)).await;
    }
    let (stored, context) = store(place, None).await;
    let mut found = 0;
    for (condition, reads) in CONDITIONS {
        let order = r#"ORDER BY "$actor", timestamp"#;
        let narrow = format!(r#"SELECT "$actor", timestamp FROM events WHERE {condition} {order}"#);
        let wide = format!(
            r#"SELECT "$actor", timestamp FROM (SELECT "$actor", timestamp, distinct_id FROM events WHERE {condition})
               WHERE distinct_id <> '' {order}"#
        );
        let expected = rows(&stored, &context, &wide).await;
        assert_eq!(rows(&stored, &context, &narrow).await, expected, "{condition}");
        let plan = context.sql(&narrow).await.unwrap().create_physical_plan().await.unwrap();
        let plan = displayable(Arc::as_ref(&plan)).indent(false).to_string();
        assert!(plan.contains(reads), "{condition}\n{plan}");
        found += expected.len();
    }
    assert!(found > 1000, "{found}");
}

/// Bucket, ordinal, time and marks of the rows of a request that have marks, and whether a column tells the marks.
async fn marked(
    source: &Source,
    context: &SessionContext,
    request: &NarrowRequest,
) -> (Vec<(u32, u32, i64, u64)>, bool) {
    let scan = source.narrow(request, &context.state()).await.unwrap().unwrap();
    let (mut rows, by_column) =
        (Vec::new(), matches!(scan.marks, StreamMarks::Column { index: 3, .. }));
    for (stream, layout) in scan.streams.iter().enumerate() {
        let batches = scan.plan.execute(stream, context.task_ctx()).unwrap();
        let possible = scan.marks.of(stream);
        let start = rows.len();
        for batch in batches.try_collect::<Vec<_>>().await.unwrap() {
            let ordinals = batch.column(0).as_primitive::<UInt32Type>().values();
            let times = batch.column(1).as_primitive::<TimestampMicrosecondType>().values();
            for (row, (ordinal, time)) in ordinals.iter().zip(times).enumerate() {
                let marks = match by_column {
                    true => batch.column(3).as_primitive::<UInt64Type>().value(row),
                    false => possible,
                };
                assert_eq!(marks & !possible, 0);
                rows.push((layout.bucket, *ordinal, *time, marks));
            }
        }
        assert!(rows[start..].is_sorted_by_key(|row| (row.1, row.2)), "stream {stream}");
    }
    rows.retain(|row| row.3 != 0);
    rows.sort_unstable();
    (rows, by_column)
}

#[tokio::test(flavor = "multi_thread")]
async fn marks_are_the_same_whichever_files_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let text: Vec<String> = (0..900_u32)
        .map(|row| {
            let event = ["a", "a", "a", "b", "b", "c"][row as usize % 6];
            let time = format!("2024-01-0{}T00:00:0{}Z", 1 + row / 450, (row * 7) % 10);
            line(row, event, &format!("p{}", (row * 13) % 31), &time, "{}")
        })
        .collect();
    imported(place, &lines(place, "rows.jsonl", &text)).await;
    let (stored, context) = store(place, None).await;
    let mut seen = Vec::new();
    for (events, by_column) in [
        (vec!["a", "b"], true),
        (vec!["c"], false),
        (vec!["b", "c", "b"], true),
        (vec!["none"], false),
    ] {
        let request = NarrowRequest {
            events: Some(events.iter().map(|event| (*event).to_owned()).collect()),
            marks: (0..events.len()).map(|number| 4 << number).collect(),
            ..NarrowRequest::default()
        };
        let (found, chosen) = marked(&stored, &context, &request).await;
        assert_eq!(chosen, by_column, "{events:?}");
        let mut expected = Vec::new();
        for event in ["a", "b", "c", "none"] {
            let numbers = events.iter().enumerate().filter(|(_, name)| **name == event);
            let marks = numbers.fold(0, |all, (number, _)| all | 4 << number);
            // Without marks the clusters are read, event by event.
            let events = Some(vec![event.to_owned()]);
            let alone = NarrowRequest { events, ..NarrowRequest::default() };
            let (rows, _) = marked(&stored, &context, &alone).await;
            expected
                .extend(rows.iter().filter(|_| marks != 0).map(|row| (row.0, row.1, row.2, marks)));
        }
        expected.sort_unstable();
        assert_eq!(found, expected, "{events:?}");
        seen.push(found.len());
    }
    assert_eq!(seen, [750, 150, 450, 0]);
    // An event without marks is not asked for, whichever files are read.
    for (marks, others, by_column) in [([1, 0], "b", true), ([0, 1], "c", false)] {
        let events = Some(vec![if by_column { "a" } else { "b" }.to_owned(), others.to_owned()]);
        let request = NarrowRequest { events, marks: marks.to_vec(), ..NarrowRequest::default() };
        let (found, chosen) = marked(&stored, &context, &request).await;
        assert_eq!((found.len(), chosen), (if by_column { 450 } else { 150 }, by_column));
    }
    let wrong = NarrowRequest { marks: vec![1], ..NarrowRequest::default() };
    let refused = stored.narrow(&wrong, &context.state()).await.unwrap_err().to_string();
    assert!(refused.contains("marks of 1 events, of which there are 0"), "{refused}");
}
