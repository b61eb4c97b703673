//! What the data promises: exact size, equal bytes for equal seeds, and everything a product's data has.

use super::options::DAY;
use super::{GenerateOptions, Progress, Summary, generate};
use arrow::array::{AsArray, RecordBatch};
use arrow::compute::concat_batches;
use arrow::datatypes::{Int64Type, TimestampMicrosecondType};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;
use std::cell::Cell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::path::Path;

/// Generates into a folder of its own.
fn run(change: impl FnOnce(&mut GenerateOptions)) -> (tempfile::TempDir, Summary) {
    let folder = tempfile::tempdir().unwrap();
    let mut options = GenerateOptions::new(8000, &folder.path().join("export"));
    options.compact = true;
    change(&mut options);
    let summary = generate(&options, &|_| ()).unwrap();
    (folder, summary)
}

/// Every file of an export with its bytes.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for part in ["events", "persons", "groups"] {
        for entry in fs::read_dir(folder.join("export").join(part)).unwrap() {
            let path = entry.unwrap().path();
            found.insert(
                format!("{part}/{}", path.file_name().unwrap().to_str().unwrap()),
                fs::read(&path).unwrap(),
            );
        }
    }
    found
}

/// The rows of one file.
fn open(folder: &Path, name: &str) -> Vec<RecordBatch> {
    let file = fs::File::open(folder.join("export").join(name)).unwrap();
    ParquetRecordBatchReaderBuilder::try_new(file)
        .unwrap()
        .build()
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

/// All rows of a part, file after file.
fn read(folder: &Path, part: &str) -> RecordBatch {
    let mut batches = Vec::new();
    for name in
        files(folder).into_keys().filter(|name| name.starts_with(part) && name.contains(".parquet"))
    {
        batches.extend(open(folder, &name));
    }
    concat_batches(&batches[0].schema(), &batches).unwrap()
}

fn texts<'a>(batch: &'a RecordBatch, column: &str) -> Vec<Option<&'a str>> {
    batch.column_by_name(column).unwrap().as_string::<i32>().iter().collect()
}

fn moments(batch: &RecordBatch, column: &str) -> Vec<i64> {
    batch
        .column_by_name(column)
        .unwrap()
        .as_primitive::<TimestampMicrosecondType>()
        .values()
        .to_vec()
}

#[test]
fn equal_seeds_give_equal_bytes_on_any_number_of_threads() {
    let (one, _) = run(|options| options.threads = Some(1));
    let (three, _) = run(|options| options.threads = Some(3));
    let (other, _) = run(|options| options.seed = 2);
    assert_eq!(files(one.path()), files(three.path()));
    assert_ne!(files(one.path()), files(other.path()));
}

#[test]
fn the_number_of_events_is_exact() {
    for (events, days, rows_per_file) in
        [(1, 1, 10), (17, 3, 4), (999, 30, 500), (5000, 2, 700), (4000, 400, 500_000)]
    {
        let reported = Cell::new(Progress { events: 0, total: 0 });
        let folder = tempfile::tempdir().unwrap();
        let mut options = GenerateOptions::new(events, &folder.path().join("export"));
        (options.days, options.rows_per_file) = (days, rows_per_file);
        let summary = generate(&options, &|progress| reported.set(progress)).unwrap();
        let rows = read(folder.path(), "events");
        assert_eq!((summary.events, rows.num_rows() as u64), (events, events));
        assert_eq!(reported.get(), Progress { events, total: events });
        let parts = files(folder.path()).keys().filter(|name| name.contains(".parquet")).count();
        assert_eq!(summary.files, parts as u64);
        let start = options.end - i64::from(days) * DAY;
        assert!(
            moments(&rows, "_inserted_at")
                .iter()
                .all(|moment| (start..options.end).contains(moment))
        );
        assert!(
            moments(&rows, "timestamp").iter().all(|moment| (start..options.end).contains(moment))
        );
    }
}

#[test]
fn a_cancelled_run_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let options = GenerateOptions::new(50_000, &folder.path().join("export"));
    let cancel = |_| options.cancelled.store(true, std::sync::atomic::Ordering::Relaxed);
    let error = generate(&options, &cancel).unwrap_err();
    assert_eq!(error.message(), "the run was cancelled");
    assert!(!options.out.exists());
}

#[test]
fn columns_are_the_exports() {
    let (folder, summary) = run(|_| ());
    let names = |part| {
        read(folder.path(), part)
            .schema()
            .fields()
            .iter()
            .map(|field| field.name().clone())
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(
        names("events"),
        "uuid event distinct_id person_id properties person_properties elements_chain timestamp created_at _inserted_at"
    );
    assert_eq!(
        names("persons"),
        "team_id distinct_id person_id properties person_distinct_id_version person_version created_at _inserted_at is_deleted"
    );
    assert_eq!(names("groups"), "index key created_at updated_at properties");
    let groups = read(folder.path(), "groups");
    assert_eq!(groups.num_rows() as u64, summary.groups);
    let index = groups.column_by_name("index").unwrap().as_primitive::<Int64Type>();
    assert!(index.values().contains(&0) && index.values().contains(&1));
}

#[test]
fn files_are_intervals_of_ingestion() {
    let (folder, _) = run(|options| (options.days, options.rows_per_file) = (4, 300));
    let mut split = 0;
    for (name, bytes) in files(folder.path()) {
        let Some(interval) = name.strip_prefix("events/") else { continue };
        if interval.ends_with("_manifest.json") {
            let manifest: Value = serde_json::from_slice(&bytes).unwrap();
            let listed = manifest["files"].as_array().unwrap();
            assert!(
                listed.len() > 1
                    && listed.iter().all(|file| folder
                        .path()
                        .join("export")
                        .join(file.as_str().unwrap())
                        .exists())
            );
            split += 1;
            continue;
        }
        let bound =
            |text: &str| chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp_micros();
        let (from, to) = (bound(&interval[..25]), bound(&interval[26..51]));
        for batch in open(folder.path(), &name) {
            let inserted = moments(&batch, "_inserted_at");
            assert!(
                inserted.is_sorted() && inserted.iter().all(|moment| (from..to).contains(moment))
            );
        }
    }
    assert!(split > 0);
}

#[test]
fn properties_are_json_of_every_kind() {
    let (folder, _) = run(|options| (options.compact, options.events) = (false, 20_000));
    let rows = read(folder.path(), "events");
    let mut kinds = HashSet::new();
    for (column, event) in texts(&rows, "properties").into_iter().zip(texts(&rows, "event")) {
        let Value::Object(members) = serde_json::from_str(column.unwrap()).unwrap() else {
            panic!("not an object")
        };
        for value in members.values() {
            kinds.insert(match value {
                Value::Null => "null",
                Value::Bool(_) => "boolean",
                Value::Number(number) if number.is_f64() => "decimal",
                Value::Number(_) => "integer",
                Value::String(text) if text.contains('"') || text.contains('\n') => "escaped",
                Value::String(text) if !text.is_ascii() => "text beyond ASCII",
                Value::String(_) => "text",
                Value::Array(_) => "array",
                Value::Object(_) => "object",
            });
        }
        if event == Some("$pageview") {
            assert!(
                members.contains_key("$session_id") && (400..2000).contains(&column.unwrap().len())
            );
        }
    }
    assert_eq!(kinds.len(), 9);
    let others =
        [("events", "person_properties"), ("persons", "properties"), ("groups", "properties")];
    for (part, column) in others {
        for text in texts(&read(folder.path(), part), column).into_iter().flatten() {
            assert!(
                serde_json::from_str::<Value>(text).is_ok_and(|json| json.is_object()),
                "{text}"
            );
        }
    }
    assert!(texts(&rows, "event").into_iter().collect::<HashSet<_>>().len() >= 35);
}

/// Each distinct id's person at the end, as the persons export has it.
fn persons(folder: &Path) -> HashMap<String, String> {
    let rows = read(folder, "persons");
    let version = rows
        .column_by_name("person_distinct_id_version")
        .unwrap()
        .as_primitive::<Int64Type>()
        .values()
        .to_vec();
    let mut best: HashMap<String, (i64, String)> = HashMap::new();
    for ((id, person), version) in
        texts(&rows, "distinct_id").into_iter().zip(texts(&rows, "person_id")).zip(version)
    {
        let (id, person) = (id.unwrap().to_owned(), person.unwrap().to_owned());
        let known = best.entry(id).or_insert_with(|| (version, person.clone()));
        if version > known.0 {
            *known = (version, person);
        }
    }
    best.into_iter().map(|(id, (_, person))| (id, person)).collect()
}

#[test]
fn people_merge_repeat_and_drop_off() {
    let (folder, _) = run(|options| options.events = 30_000);
    let rows = read(folder.path(), "events");
    let merged = persons(folder.path());
    let times = moments(&rows, "timestamp");
    let (ids, persons_then, events) =
        (texts(&rows, "distinct_id"), texts(&rows, "person_id"), texts(&rows, "event"));
    let mut stale = 0;
    let mut lives: HashMap<&str, Vec<(i64, &str)>> = HashMap::new();
    for row in 0..rows.num_rows() {
        let then = persons_then[row].unwrap();
        let now = merged.get(ids[row].unwrap()).map_or(then, String::as_str);
        stale += usize::from(now != then);
        lives.entry(now).or_default().push((times[row], events[row].unwrap()));
    }
    assert!(stale > 100, "events of persons who were merged later: {stale}");
    let steps =
        ["user_signed_up", "onboarding_step_completed", "feature_used", "subscription_created"];
    let mut reached = [0_usize; 4];
    let mut ties = 0;
    for life in lives.values_mut() {
        life.sort_unstable();
        ties += life.windows(2).filter(|pair| pair[0].0 == pair[1].0).count();
        let mut step = 0;
        for (_, event) in life {
            if step < 4 && *event == steps[step] {
                reached[step] += 1;
                step += 1;
            }
        }
    }
    assert!(reached.windows(2).all(|pair| pair[0] > pair[1]) && reached[3] > 10, "{reached:?}");
    assert!(ties > 100);
    let unique: HashSet<_> = texts(&rows, "uuid").into_iter().collect();
    assert!((1..60).contains(&(rows.num_rows() - unique.len())));
    let late = moments(&rows, "_inserted_at")
        .into_iter()
        .zip(&times)
        .filter(|(inserted, at)| inserted - *at > DAY)
        .count();
    assert!(late > 10 && texts(&rows, "person_properties").contains(&None));
}

#[test]
fn a_full_folder_is_refused_and_a_failed_run_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("export");
    let mut options = GenerateOptions::new(100, &out);
    options.zstd_level = 99;
    assert!(generate(&options, &|_| ()).is_err() && !out.exists());
    options.zstd_level = 1;
    generate(&options, &|_| ()).unwrap();
    assert!(generate(&options, &|_| ()).unwrap_err().message().contains("not empty"));
    options.overwrite = true;
    options.events = 50;
    generate(&options, &|_| ()).unwrap();
    assert_eq!(read(folder.path(), "events").num_rows(), 50);
    assert_eq!(fs::read_dir(&out).unwrap().count(), 3);
    options.persons = Some(50);
    assert!(generate(&options, &|_| ()).unwrap_err().hint().unwrap().contains("at most"));
}
