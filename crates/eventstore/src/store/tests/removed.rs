//! Files that somebody removes before the version is made that is to name them: there is no such version.

use super::folders::HOUR;
use super::import::{NOW, line, lines};
use crate::store::{ImportOptions, OptimizeOptions, import, optimize};
use crate::tests::s3_server::{Mood, Server};
use crate::{Error, SourceOptions};
use std::num::NonZeroUsize;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

const STORE: &str = "s3://exports/stores/a";

/// Events, a line that is none, and a person.
fn source(place: &Path, server: &Server, rows: Range<u32>) -> SourceOptions {
    let name = format!("{}.jsonl", rows.start);
    let mut text: Vec<String> = rows
        .map(|row| line(row, "a", &format!("p{}", row % 9), "2024-01-01T00:00:00Z", "{}"))
        .collect();
    text.push("no json".to_owned());
    let persons = ["person_id,distinct_id,version".to_owned(), "p1,p1,1".to_owned()];
    SourceOptions {
        persons: vec![lines(place, "persons.csv", &persons)],
        environment: server.environment(),
        ..SourceOptions::events(lines(place, &name, &text))
    }
}

fn options(place: &Path, server: &Server, rows: Range<u32>) -> ImportOptions {
    ImportOptions {
        buckets: Some(1),
        work: Some(place.join("work")),
        threads: NonZeroUsize::MIN.saturating_add(1),
        ..ImportOptions::new(source(place, server, rows), STORE, NOW)
    }
}

/// Which file it was, and what to do; there are so many versions.
#[track_caller]
fn check(error: &Error, server: &Server, kind: &str, versions: usize) {
    assert_eq!(error.message(), "another process has removed this file before the work ended");
    assert!(error.place().is_some_and(|place| place.contains(&format!("/a/{kind}/"))), "{error}");
    assert!(error.hint().is_some_and(|hint| hint.starts_with("run the same command again")));
    let manifests = server.keys().into_iter().filter(|key| key.contains("/manifests/"));
    assert_eq!(manifests.count(), versions, "{kind}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_names_no_file_that_is_gone() {
    for kind in ["events", "clusters", "persons", "tables", "properties", "rejects"] {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::empty();
        let options = options(folder.path(), &server, 0..60);
        server.be(Mood::Losing(kind));
        check(&import(&options, &|_| {}).await.unwrap_err(), &server, kind, 0);
        server.be(Mood::Good);
        let done = import(&options, &|_| {}).await.unwrap();
        assert_eq!((done.rows, done.rejected, done.resumed), (60, 1, true), "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_optimize_names_no_file_that_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let (place, server) = (folder.path(), Server::empty());
    for rows in [0..60, 60..90] {
        import(&options(place, &server, rows), &|_| {}).await.unwrap();
    }
    let tidy = OptimizeOptions {
        store: STORE.to_owned(),
        environment: server.environment(),
        now: NOW,
        grace: HOUR,
        memory: 1 << 28,
        threads: NonZeroUsize::MIN,
        work: Some(place.join("work")),
        cancelled: Arc::default(),
    };
    for kind in ["events", "properties"] {
        server.be(Mood::Losing(kind));
        let refused = optimize(&tidy, &|_| {}).await.expect_err(kind);
        check(&refused, &server, kind, 2);
    }
    server.be(Mood::Good);
    let done = optimize(&tidy, &|_| {}).await.unwrap();
    assert_eq!((done.changed, done.rows, done.store_rows), (true, 90, 90));
}
