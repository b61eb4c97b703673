//! Scans in ranges of actors: what they promise, and that nothing takes the promise for another.

use super::folders::tidy;
use super::import::{NOW, imported, line, lines, rows};
use crate::Source;
use crate::store::{StoreOptions, open_store, optimize};
use datafusion::execution::context::SessionContext;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::physical_plan::displayable;
use datafusion::prelude::SessionConfig;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

/// Persons of the store that these tests read.
const PERSONS: u32 = 31;

/// Two imports of 300 rows each.
async fn import_twice(place: &Path) {
    for part in 0..2_u32 {
        let text: Vec<String> = (0..300)
            .map(|row| {
                let time = format!("2024-01-0{}T00:00:0{}Z", 2 - part, (row * 7) % 10);
                let event = ["a", "b", "c"][row as usize % 3];
                line(part * 300 + row, event, &person(row * 13), &time, "{}")
            })
            .collect();
        imported(place, &lines(place, &format!("{part}.jsonl"), &text)).await;
    }
}

fn person(number: u32) -> String {
    format!("p{}", number % PERSONS)
}

/// The store in a session of that many partitions, whose joins exchange rows however few there are.
async fn opened(place: &Path, partitions: usize) -> (Source, SessionContext) {
    let mut config = SessionConfig::new().with_target_partitions(partitions);
    let options = &mut config.options_mut().optimizer;
    options.subset_repartition_threshold = 2;
    options.hash_join_single_partition_threshold = 0;
    options.hash_join_single_partition_threshold_rows = 0;
    let context = SessionContext::new_with_config_rt(config, Arc::new(RuntimeEnv::default()));
    let location = place.join("store").display().to_string();
    let options = StoreOptions { location, ..StoreOptions::default() };
    let source = open_store(&options, &context.runtime_env()).await.unwrap();
    let events = Arc::clone(&source.events().unwrap().provider);
    context.register_table("events", events).unwrap();
    (source, context)
}

async fn plan(context: &SessionContext, query: &str) -> String {
    let plan = context.sql(query).await.unwrap().create_physical_plan().await.unwrap();
    displayable(plan.as_ref()).indent(false).to_string()
}

/// Numbers in an answer of one row.
async fn numbers(source: &Source, context: &SessionContext, query: &str) -> Vec<u64> {
    let rows = rows(source, context, query).await;
    assert_eq!(rows.len(), 1, "{query}");
    rows[0].split('|').map(|number| number.parse().unwrap()).collect()
}

/// Groups by person: of narrow scans, by cluster and by event file, and of whole files; and whether the rows of each are one
/// ordered stream in a bucket that has one file.
const GROUPS: [(&str, bool); 6] = [
    (r#"SELECT "$actor" AS a, count(*) FROM events GROUP BY a"#, true),
    (r#"SELECT "$actor" AS a, max(timestamp) FROM events WHERE event = 'a' GROUP BY a"#, true),
    (r#"SELECT "$actor" AS a, count(*) FROM events WHERE event IN ('a', 'b') GROUP BY a"#, false),
    (r#"SELECT "$actor" AS a, max(distinct_id) FROM events GROUP BY a"#, true),
    (r#"SELECT "$actor" AS a, event, count(*) FROM events GROUP BY a, event"#, true),
    (r#"SELECT "$actor" AS a, count(*) FROM events WHERE distinct_id <> 'p3' GROUP BY a"#, true),
];

#[tokio::test(flavor = "multi_thread")]
async fn groups_by_actor_are_made_where_the_rows_are() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    import_twice(place).await;
    for is_optimized in [false, true] {
        if is_optimized {
            assert!(optimize(&tidy(place, NOW, 0), &|_| {}).await.unwrap().changed);
        }
        for partitions in [1, 2, 3, 8] {
            let (source, context) = opened(place, partitions).await;
            for (query, is_stream) in GROUPS {
                let told = plan(&context, query).await;
                let told = format!("{partitions} {is_optimized} {query}\n{told}");
                assert!(!told.contains("SortExec") && !told.contains("RepartitionExec"), "{told}");
                assert!(!told.contains("Partial,"), "{told}");
                assert_eq!(told.contains("ordering_mode="), is_optimized && is_stream, "{told}");
                // By a person that takes the place of the number nothing is promised.
                let plain = query.replace("\"$actor\" AS a", "\"$person\" AS a");
                let (mut found, mut expected) =
                    (rows(&source, &context, query).await, rows(&source, &context, &plain).await);
                let names = r#"SELECT DISTINCT "$actor", "$person" FROM events"#;
                let names: HashMap<String, String> = rows(&source, &context, names)
                    .await
                    .into_iter()
                    .map(|row| row.split_once('|').map(|(a, b)| (a.into(), b.into())).unwrap())
                    .collect();
                assert_eq!(names.len(), PERSONS as usize);
                for row in &mut found {
                    let (actor, rest) = row.split_once('|').unwrap();
                    *row = format!("{}|{rest}", names[actor]);
                }
                found.sort_unstable();
                expected.sort_unstable();
                assert_eq!(found, expected, "{told}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_in_order_of_actors_need_no_sort() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    import_twice(place).await;
    optimize(&tidy(place, NOW, 0), &|_| {}).await.unwrap();
    let (source, context) = opened(place, 3).await;
    // By actors and times where those alone are read, else by actors.
    for query in [
        r#"SELECT "$actor", timestamp FROM events ORDER BY "$actor", timestamp"#,
        r#"SELECT "$actor", '' FROM events WHERE event <> 'none' ORDER BY "$actor""#,
    ] {
        let told = plan(&context, query).await;
        assert!(!told.contains("SortExec") && told.contains("SortPreservingMerge"), "{told}");
        let found: Vec<(u64, String)> = rows(&source, &context, query)
            .await
            .iter()
            .map(|row| row.split_once('|').unwrap())
            .map(|(actor, time)| (actor.parse().unwrap(), time.to_owned()))
            .collect();
        assert!(found.len() == 600 && found.is_sorted(), "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn joins_and_unions_find_equal_actors() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    import_twice(place).await;
    for partitions in [2, 3, 5] {
        let (source, context) = opened(place, partitions).await;
        let counts = r#"SELECT "$actor" AS a, count(*) AS n FROM events GROUP BY "$actor""#;
        let squares = format!("SELECT sum(n * n), count(*) FROM ({counts})");
        let known = numbers(&source, &context, &squares).await;
        assert_eq!(known[1], u64::from(PERSONS));
        // Two ranges; a range and an exchange; groups of each.
        for (query, expected) in [
            (
                r#"SELECT count(*) FROM events l JOIN events r ON l."$actor" = r."$actor""#
                    .to_owned(),
                known[0],
            ),
            (
                r#"SELECT count(*) FROM events l JOIN (SELECT DISTINCT "$actor" + CAST(0 AS BIGINT UNSIGNED) AS a
                   FROM events) r ON l."$actor" = r.a"#
                    .to_owned(),
                600,
            ),
            (
                format!(
                    r#"SELECT count(*) FROM ({counts}) l JOIN (SELECT "$actor" AS a FROM events WHERE event = 'a') r
                       ON l.a = r.a"#
                ),
                200,
            ),
            (
                r#"SELECT count(*) FROM (SELECT a, count(*) FROM (SELECT "$actor" AS a FROM events
                   UNION ALL SELECT "$actor" AS a FROM events WHERE distinct_id <> 'p3') GROUP BY a)"#
                    .to_owned(),
                u64::from(PERSONS),
            ),
        ] {
            let found = numbers(&source, &context, &query).await;
            let told = plan(&context, &query).await;
            assert_eq!(found, [expected], "{partitions} {query}\n{told}");
        }
    }
}
