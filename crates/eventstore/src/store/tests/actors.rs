//! Scans of persons and times alone: what they read, and that they give what others give.

use super::folders::tidy;
use super::import::{NOW, imported, line, lines, options, rows, store};
use crate::SourceOptions;
use crate::store::{ImportOptions, import, optimize};
use datafusion::physical_plan::displayable;
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

#[tokio::test(flavor = "multi_thread")]
async fn persons_without_rows_survive_an_optimize() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    // The second row is the first one again, but of another person, who gets into the store without a row.
    for (number, person) in ["pA", "pB"].into_iter().enumerate() {
        let persons = [
            "person_id,distinct_id,person_distinct_id_version".to_owned(),
            format!("{person},a,{}", number + 1),
        ];
        let text = [line(1, "a", "a", "2024-01-01T00:00:00Z", "{}")];
        let source = SourceOptions {
            persons: vec![lines(place, &format!("{number}.csv"), &persons)],
            ..SourceOptions::events(lines(place, &format!("{number}.jsonl"), &text))
        };
        let options = ImportOptions { buckets: Some(8), ..options(place, source) };
        import(&options, &|_| {}).await.unwrap();
    }
    assert!(optimize(&tidy(place, NOW, 0), &|_| {}).await.unwrap().changed);
    let (stored, context) = store(place, None).await;
    let found = rows(&stored, &context, r#"SELECT "$person", event FROM events"#).await;
    assert_eq!(found, ["pB|a"]);
}
