//! Whose rows are whose after imports that bring overrides, persons or neither, and after what optimize makes of them.

use super::folders::{HOUR, tidy};
use super::import::{NOW, line, lines, options, rows, store};
use crate::SourceOptions;
use crate::store::import::{ImportOptions, import};
use crate::store::{optimize, schema};
use std::path::Path;

/// Distinct ids and their persons.
type Known<'a> = &'a [(&'a str, &'a str)];

/// What an import brings beside a row of each of its distinct ids.
#[derive(Default)]
struct Brings<'a> {
    overrides: Known<'a>,
    persons: Known<'a>,
}

/// An import; rows of different ones differ by `number`.
async fn taken(place: &Path, number: u32, ids: &[&str], brings: Brings<'_>) {
    let events: Vec<String> = (number * 100..)
        .zip(ids)
        .map(|(row, id)| line(row, "a", id, "2024-01-01T00:00:00Z", "{}"))
        .collect();
    let table = |kind: &str, known: Known<'_>| {
        let mut text = vec!["distinct_id,person_id,version".to_owned()];
        text.extend(known.iter().map(|(id, person)| format!("{id},{person},1")));
        let file = lines(place, &format!("{number}-{kind}.csv"), &text);
        if known.is_empty() { Vec::new() } else { vec![file] }
    };
    let source = SourceOptions {
        overrides: table("overrides", brings.overrides),
        persons: table("persons", brings.persons),
        ..SourceOptions::events(lines(place, &format!("{number}.jsonl"), &events))
    };
    let options = ImportOptions { buckets: Some(2), ..options(place, source) };
    let done = import(&options, &|_| {}).await.unwrap();
    assert_eq!((done.rows, done.rejected), (ids.len() as u64, 0));
}

/// Distinct ids and the persons of their rows.
async fn whose(place: &Path) -> Vec<String> {
    let (stored, context) = store(place, None).await;
    let query =
        r#"SELECT distinct_id, "$person", count(*) FROM events GROUP BY 1, 2 ORDER BY 1, 2"#;
    rows(&stored, &context, query).await
}

/// The same once merges are worked in.
async fn whose_after_optimize(place: &Path) -> Vec<String> {
    optimize(&tidy(place, NOW, HOUR), &|_| {}).await.unwrap();
    whose(place).await
}

/// Whether queries may take the persons of rows as they stand.
async fn is_settled(place: &Path) -> bool {
    store(place, None).await.0.events().unwrap().schema.is_settled
}

/// Names of persons in a bucket, of two.
fn in_bucket(bucket: u32) -> impl Iterator<Item = String> {
    let names = (0..).map(|number| format!("p{number}"));
    names.filter(move |name| schema::bucket(name, 2) == bucket)
}

#[tokio::test(flavor = "multi_thread")]
async fn overrides_that_are_worked_in_move_no_rows_that_came_later() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let (here, there) = (in_bucket(0).take(2).collect::<Vec<_>>(), in_bucket(1).next().unwrap());
    let overrides: Known<'_> = &[(here[0].as_str(), there.as_str())];
    taken(place, 1, &[&here[0], &here[1]], Brings { overrides, ..Brings::default() }).await;
    taken(place, 2, &[&here[0]], Brings::default()).await;
    let before = whose(place).await;
    assert_eq!(before.len(), 3, "{before:?}");
    // One bucket alone is written anew.
    assert_eq!(whose_after_optimize(place).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_whose_the_last_import_says() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let first: Known<'_> = &[("id", "first")];
    taken(place, 1, &["id"], Brings { overrides: first, ..Brings::default() }).await;
    let second: Known<'_> = &[("id", "second")];
    taken(place, 2, &["x"], Brings { persons: second, ..Brings::default() }).await;
    assert!(!is_settled(place).await);
    assert_eq!(whose_after_optimize(place).await, ["id|second|1", "x|x|1"]);
    // What the first import said once more: it counts again, with rows written anew and without.
    taken(place, 3, &["x"], Brings { overrides: first, ..Brings::default() }).await;
    assert_eq!(whose_after_optimize(place).await, ["id|first|1", "x|x|2"]);
    taken(place, 4, &["x"], Brings { persons: second, ..Brings::default() }).await;
    taken(place, 5, &["x"], Brings { overrides: first, ..Brings::default() }).await;
    assert_eq!(whose_after_optimize(place).await, ["id|first|1", "x|x|4"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_imports_without_tables_are_merged_by_the_next_one_that_has_some() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let known: Known<'_> = &[("id", "person"), ("nobody", "person")];
    taken(place, 1, &["id"], Brings { overrides: known, ..Brings::default() }).await;
    taken(place, 2, &["id"], Brings { overrides: known, ..Brings::default() }).await;
    assert!(is_settled(place).await, "nothing has changed");
    taken(place, 3, &["id"], Brings::default()).await;
    assert_eq!(whose(place).await, ["id|id|1", "id|person|2"]);
    taken(place, 4, &["x"], Brings { overrides: known, ..Brings::default() }).await;
    assert!(!is_settled(place).await);
    assert_eq!(whose_after_optimize(place).await, ["id|person|3", "x|x|1"]);
    assert!(is_settled(place).await);
}

/// An optimize changes no answer, not even of questions about rows that come after it.
#[tokio::test(flavor = "multi_thread")]
async fn merges_hold_for_rows_that_come_later() {
    for is_optimized in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path();
        taken(place, 1, &["id", "x"], Brings::default()).await;
        let known: Known<'_> = &[("id", "person")];
        taken(place, 2, &["y"], Brings { overrides: known, ..Brings::default() }).await;
        if is_optimized {
            assert_eq!(whose_after_optimize(place).await, ["id|person|1", "x|x|1", "y|y|1"]);
        }
        taken(place, 3, &["id"], Brings::default()).await;
        assert_eq!(is_settled(place).await, is_optimized);
        assert_eq!(whose_after_optimize(place).await, ["id|person|2", "x|x|1", "y|y|1"]);
        taken(place, 4, &["id", "x"], Brings::default()).await;
        assert_eq!(whose(place).await, ["id|person|3", "x|x|2", "y|y|1"]);
        // Unless a table says otherwise.
        let known: Known<'_> = &[("id", "another")];
        taken(place, 5, &["id"], Brings { overrides: known, ..Brings::default() }).await;
        assert_eq!(whose_after_optimize(place).await, ["id|another|4", "x|x|2", "y|y|1"]);
        taken(place, 6, &["id"], Brings::default()).await;
        assert_eq!(whose(place).await, ["id|another|5", "x|x|2", "y|y|1"]);
        assert!(is_settled(place).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn merges_that_wait_are_not_undone_by_those_worked_in() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    taken(place, 1, &["id", "x"], Brings::default()).await;
    let first: Known<'_> = &[("id", "first")];
    taken(place, 2, &["y"], Brings { overrides: first, ..Brings::default() }).await;
    whose_after_optimize(place).await;
    let second: Known<'_> = &[("id", "second")];
    taken(place, 3, &["y"], Brings { overrides: second, ..Brings::default() }).await;
    // A table that says nothing of the distinct id.
    let other: Known<'_> = &[("x", "z")];
    taken(place, 4, &["y"], Brings { overrides: other, ..Brings::default() }).await;
    assert_eq!(whose_after_optimize(place).await, ["id|second|1", "x|z|1", "y|y|3"]);
}
