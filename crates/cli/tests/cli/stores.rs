//! Stores: what an import takes, and that a store answers what its files answer.

use crate::process::{Ended, generated, hogql, info, names, run, text};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Rows in the export of a [`Stored`].
const EVENTS: u64 = 2_000;

/// Questions whose answers do not change when an event is there twice.
const QUESTIONS: [&str; 6] = [
    "SELECT event, count(DISTINCT uuid) AS n FROM events GROUP BY event ORDER BY n DESC, event",
    "SELECT toDate(timestamp) AS day, uniq(person_id) AS persons FROM events GROUP BY day ORDER BY day",
    "SELECT person.properties.plan AS plan, uniq(person_id) AS n FROM events GROUP BY plan ORDER BY plan",
    "SELECT properties.$browser AS browser, uniq(distinct_id) AS n FROM events \
     WHERE event = '$pageview' GROUP BY browser ORDER BY browser",
    "SELECT distinct_id, min(timestamp) AS first, max(timestamp) AS last FROM events \
     GROUP BY distinct_id ORDER BY distinct_id",
    "SELECT (SELECT count() FROM persons) AS persons, (SELECT count() FROM groups) AS groups",
];

/// An export and the store made of it.
struct Stored {
    folder: TempDir,
    export: String,
    store: String,
    imported: Ended,
}

impl Stored {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let export = generated(folder.path(), "export", &EVENTS.to_string(), "3");
        let store = text(&folder.path().join("store"));
        let imported = run(["import", &export, "--store", &store, "--buckets", "3"]);
        assert_eq!(imported.answered(), "");
        Self { folder, export, store, imported }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What the store answers to all questions.
    fn answers(&self) -> Vec<String> {
        answers(["--store", &self.store])
    }
}

fn answers(source: [&str; 2]) -> Vec<String> {
    let ask = |query| run(["query", "--format", "csv"].iter().chain(&source).chain(&[query]));
    QUESTIONS.iter().map(|query| ask(*query).answered().to_owned()).collect()
}

fn count(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

#[test]
fn an_import_tells_what_it_took_and_a_second_one_takes_nothing() {
    let stored = Stored::new();
    let first = info(&stored.store);
    let (rows, duplicates) = (count(&first["rows"]), count(&first["imports"][0]["duplicates"]));
    assert_eq!(rows + duplicates, EVENTS);
    let told = &stored.imported.stderr;
    assert!(told.contains(" rows taken into ") && told.contains("(version 1)"), "{told}");
    assert!(told.contains(" rows/s"), "{told}");
    assert!(!told.contains("not taken") && !told.contains("interrupted"), "{told}");
    let again = run(["import", &stored.export, "--store", &stored.store]);
    assert_eq!(again.answered(), "");
    assert!(again.stderr.contains("0 rows taken into "), "{}", again.stderr);
    assert!(again.stderr.contains("2,000 rows left out: the uuid "), "{}", again.stderr);
    let second = info(&stored.store);
    assert_eq!((&second["rows"], &second["persons"]), (&first["rows"], &first["persons"]));
    assert_eq!(stored.answers(), answers(["--events", &stored.export]));
}

#[test]
fn a_store_answers_what_its_files_answer() {
    let stored = Stored::new();
    let (store, files) = (stored.answers(), answers(["--events", &stored.export]));
    for ((query, store), files) in QUESTIONS.iter().zip(store).zip(files) {
        assert_eq!(store, files, "{query}");
        assert!(store.lines().count() > 1, "{query}");
    }
    // A store has each event once, and nothing to tell of that.
    let query = "SELECT count() = count(DISTINCT uuid) AS once FROM events";
    let ended = run(["query", "--store", &stored.store, "--format", "csv", query]);
    assert_eq!((ended.answered(), ended.stderr.as_str()), ("once\n1\n", ""));
}

#[test]
fn every_command_over_a_source_reads_a_store() {
    let stored = Stored::new();
    let query = "SELECT event FROM events LIMIT 1";
    let node = stored.path("node.json");
    fs::write(&node, format!("{{\"kind\":\"HogQLQuery\",\"query\":\"{query}\"}}")).unwrap();
    for args in [&["check", query][..], &["explain", query], &["schema"], &["run", &text(&node)]] {
        assert_ne!(run(args.iter().chain(&["--store", &stored.store])).answered(), "");
    }
}

#[test]
fn the_store_that_lies_here_is_used() {
    let folder = tempfile::tempdir().unwrap();
    generated(folder.path(), "export", "300", "1");
    let here = |args: &[&str]| Ended::from(hogql(args).current_dir(&folder).output().unwrap());
    let query =
        ["query", "--format", "csv", "SELECT count(DISTINCT uuid) < 301 AS few FROM events"];
    let sample = here(&query);
    assert_eq!(sample.answered(), "few\n0\n");
    assert!(sample.stderr.starts_with("note: no source given"), "{}", sample.stderr);
    here(&["import", "export"]).answered();
    assert_eq!(names(folder.path()), ["export", "hoglet-store"]);
    let stored = here(&query);
    assert_eq!((stored.answered(), stored.stderr.as_str()), ("few\n1\n", ""));
    assert!(here(&["info"]).answered().contains("hoglet-store"));
    here(&["optimize"]).answered();
    here(&["query", "--map", "uuid=id", "SELECT 1"]).refused(2, &["--map belongs to event files"]);
}

#[test]
fn info_is_a_report_and_json() {
    let stored = Stored::new();
    let json = info(&stored.store);
    let count_rows = "SELECT count() AS n FROM events";
    let ended = run(["query", "--store", &stored.store, "--format", "csv", count_rows]);
    assert_eq!(ended.answered(), format!("n\n{}\n", json["rows"]));
    assert_eq!((&json["version"], &json["buckets"]), (&Value::from(1), &Value::from(3)));
    for list in ["tables", "columns", "events", "imports"] {
        assert!(!json[list].as_array().unwrap().is_empty(), "{list}");
    }
    let events = json["events"].as_array().unwrap();
    assert_eq!(events.iter().map(|event| count(&event["rows"])).sum::<u64>(), count(&json["rows"]));
    let report = run(["info", &stored.store]);
    let report = report.answered();
    for part in ["version 1", "3 buckets", "│ table ", "│ $pageview ", "│ layout ", "│ import "]
    {
        assert!(report.contains(part), "no `{part}` in {report}");
    }
    assert!(report.contains("hogql optimize would gain"), "{report}");
}

#[test]
fn optimize_changes_no_answer() {
    let stored = Stored::new();
    let other = generated(stored.folder.path(), "other", "500", "4");
    run(["import", &other, "--store", &stored.store]).answered();
    let (before, info_before) = (stored.answers(), info(&stored.store));
    let optimized = run(["optimize", &stored.store, "--grace", "0"]);
    assert_eq!(optimized.answered(), "");
    assert!(optimized.stderr.contains("(version "), "{}", optimized.stderr);
    assert_eq!(stored.answers(), before);
    let info_after = info(&stored.store);
    assert_eq!(info_after["rows"], info_before["rows"]);
    assert_eq!(info_after["health"]["retired_files"], Value::from(0));
    assert_eq!(info_after["health"]["abandoned_files"], Value::from(0));
    let again = run(["optimize", "--store", &stored.store, "--grace", "0"]);
    assert_eq!(again.answered(), "");
    let (rows, table) = (count(&info_after["rows"]), &info_after["tables"][0]);
    let told = format!("{},{:03} rows, {} files of ", rows / 1000, rows % 1000, table["files"]);
    assert!(again.stderr.contains("lies well as it is"), "{}", again.stderr);
    assert!(again.stderr.contains(&told), "no `{told}` in: {}", again.stderr);
}

#[test]
fn what_belongs_to_files_is_refused_beside_a_store() {
    for option in [["--events", "e"], ["--persons", "p"], ["--groups", "g"], ["--map", "uuid=id"]] {
        let args = ["query", "--store", "s", "SELECT 1"];
        let told = format!("{} and --store exclude each other", option[0]);
        run(args.iter().chain(&option)).refused(2, &[&told, "hogql import"]);
    }
}

#[test]
fn overrides_may_stand_beside_a_store() {
    let folder = tempfile::tempdir().unwrap();
    let (events, overrides) = (folder.path().join("events.csv"), folder.path().join("merges.csv"));
    let (events, overrides) = (text(&events), text(&overrides));
    let store = text(&folder.path().join("store"));
    let line = |n: u8| {
        format!(
            "00000000-0000-4000-8000-00000000000{n},a,2024-01-01T00:00:0{n}Z,u{n},\
             00000000-0000-4000-9000-00000000000{n}\n"
        )
    };
    let head = "uuid,event,timestamp,distinct_id,person_id\n";
    fs::write(&events, format!("{head}{}{}{}", line(1), line(2), line(3))).unwrap();
    let merge = "distinct_id,person_id,version\nu2,00000000-0000-4000-9000-000000000001,1\n";
    fs::write(&overrides, merge).unwrap();
    run(["import", &events, "--store", &store]).answered();
    let query = "SELECT uniq(person_id) AS persons, count() AS n FROM events";
    let args = ["query", "--format", "csv", "--store", &store, query];
    assert_eq!(run(args).answered(), "persons,n\n3,3\n");
    let merged = run(args.iter().chain(&["--overrides", &overrides]));
    assert_eq!(merged.answered(), "persons,n\n2,3\n");
}

#[test]
fn an_import_of_nothing_leaves_no_store() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let missing = text(&folder.path().join("missing"));
    let refused = run(["import", &missing, "--store", &text(&store)]);
    refused.refused(2, &["missing: there is no such file"]);
    assert!(!store.exists());
    let damaged = folder.path().join("text.parquet");
    fs::write(&damaged, "hello\n").unwrap();
    let refused = run(["import", &text(&damaged), "--store", &text(&store)]);
    refused.refused(1, &["text.parquet", "no complete Parquet file"]);
    assert!(!store.exists());
}

/// Lines of the files in the folders of a folder.
fn lines(folder: &Path) -> Vec<String> {
    let files = names(folder).into_iter().flat_map(|generation| {
        let generation = folder.join(generation);
        names(&generation).into_iter().map(move |name| generation.join(name))
    });
    let texts: Vec<String> = files.map(|path| fs::read_to_string(path).unwrap()).collect();
    texts.iter().flat_map(|text| text.lines().map(str::to_owned)).collect()
}

#[test]
fn rows_that_cannot_be_taken_are_told_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (events, store) = (folder.path().join("events.csv"), folder.path().join("store"));
    let rows = "uuid,event,timestamp,distinct_id\n\
                00000000-0000-4000-8000-000000000001,a,2024-01-01T00:00:00Z,u1\n\
                00000000-0000-4000-8000-000000000002,b\n\
                00000000-0000-4000-8000-000000000003,c,soon,u3\n\
                00000000-0000-4000-8000-000000000004,d,2024-01-02T00:00:00Z,u1\n\
                00000000-0000-4000-8000-000000000004,d,2024-01-02T00:00:00Z,u1\n";
    fs::write(&events, rows).unwrap();
    let imported = run(["import", &text(&events), "--store", &text(&store)]);
    assert_eq!(imported.answered(), "");
    let told = &imported.stderr;
    assert!(told.contains("2 rows taken into "), "{told}");
    assert!(told.contains("1 row left out: "), "{told}");
    assert!(told.contains("2 rows not taken: 1 × "), "{told}");
    let kept = lines(&store.join("rejects"));
    let kept: Vec<Value> = kept.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(kept.len(), 2, "{kept:?}");
    assert!(kept.iter().any(|reject| reject["row"].as_str().unwrap().contains("soon")), "{kept:?}");
    assert!(kept.iter().all(|reject| !reject["reason"].as_str().unwrap().is_empty()), "{kept:?}");
    let name = names(&store.join("rejects")).remove(0);
    assert!(told.contains(&name), "{told}");
    let imports = info(&text(&store))["imports"][0].clone();
    let counts = ["rows", "duplicates", "rejected"].map(|name| count(&imports[name]));
    assert_eq!(counts, [2, 1, 2]);
}
