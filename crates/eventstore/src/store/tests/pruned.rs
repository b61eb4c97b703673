//! Scans that read less than all rows give the same rows, and read less.

use super::folders::{HOUR, below, copy, last, pages, tidy};
use super::import::{NOW, imported, line, lines, options, rows, store};
use crate::parquet_source::NamedSource;
use crate::store::schema::bucket;
use crate::store::{ImportOptions, StoreOptions, import, open_store, optimize};
use crate::tests::s3_server::{Server, What};
use crate::{Source, SourceOptions};
use arrow::array::RecordBatch;
use datafusion::datasource::physical_plan::FileGroup;
use datafusion::datasource::physical_plan::parquet::ParquetRowSelection;
use datafusion::datasource::source::DataSourceExec;
use datafusion::execution::context::SessionContext;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::physical_plan::{ExecutionPlan, collect};
use datafusion::prelude::SessionConfig;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

const BUCKETS: u32 = 4;
const PERSONS: u32 = 100;

/// Rows of a person in each of the two imports.
const ROUNDS: u32 = 60;

/// Files of events: each import fills all buckets.
const FILES: usize = 2 * BUCKETS as usize;

/// Who does what is rare, now and then; and what is done once, in the second import.
const RARE: [&str; 2] = ["p3", "p57"];
const LATE: &str = "p7";

/// All that is looked at of a row.
const QUERY: &str =
    r#"SELECT uuid, event, "$person", timestamp, distinct_id, properties FROM events"#;

/// Lines of an import, whose rows are in a month of their own. Their properties are long.
fn text(part: u32) -> Vec<String> {
    let rows = (0..ROUNDS).flat_map(|round| (0..PERSONS).map(move |person| (round, person)));
    rows.map(|(round, number)| {
        let person = format!("p{number}");
        let event = match round {
            59 if person == LATE && part == 1 => "late",
            _ if RARE.contains(&person.as_str()) && round % 6 == 0 => "rare",
            _ if number % 2 == 0 => "common",
            _ => "other",
        };
        let (month, day, hour) = (1 + part, 1 + round / 24, round % 24);
        let time = format!("2024-0{month}-0{day}T{hour:02}:00:00Z");
        let uuid = (part * ROUNDS + round) * PERSONS + number;
        line(uuid, event, &person, &time, &format!(r#"{{"text":"{uuid:0400}"}}"#))
    })
    .collect()
}

/// A store of two imports.
async fn stored() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    for part in 0..2 {
        let source = SourceOptions::events(lines(place, &format!("{part}.jsonl"), &text(part)));
        let options = ImportOptions { buckets: Some(BUCKETS), ..options(place, source) };
        import(&options, &|_| {}).await.unwrap();
    }
    folder
}

/// Buckets of some persons.
fn buckets(persons: &[&str]) -> BTreeSet<u32> {
    persons.iter().map(|person| bucket(person, BUCKETS)).collect()
}

/// A row as it is looked at.
struct Row<'a> {
    event: &'a str,
    person: &'a str,
    time: &'a str,
}

impl<'a> Row<'a> {
    fn of(line: &'a str) -> Self {
        let mut values = line.split('|').skip(1);
        let mut next = || values.next().unwrap();
        Self { event: next(), person: next(), time: next() }
    }

    fn is_of(&self, persons: &[&str]) -> bool {
        persons.contains(&self.person)
    }
}

fn is_rare(row: &Row<'_>) -> bool {
    row.event == "rare"
}

fn is_late(row: &Row<'_>) -> bool {
    row.event == "late"
}

/// The files that a plan reads, with the number of their rows that are selected, and whether some is read in parts.
#[derive(Debug, Default)]
struct Reading {
    files: BTreeMap<String, Option<usize>>,
    in_parts: bool,
}

impl Reading {
    fn of(plan: &Arc<dyn ExecutionPlan>) -> Self {
        let mut reading = Self::default();
        reading.add(plan);
        reading
    }

    fn add(&mut self, plan: &Arc<dyn ExecutionPlan>) {
        let scan = plan.downcast_ref::<DataSourceExec>();
        let scan = scan.and_then(|scan| scan.downcast_to_file_source::<NamedSource>());
        for file in
            scan.iter().flat_map(|(scan, _)| scan.file_groups.iter().flat_map(FileGroup::iter))
        {
            let rows = file.extension::<ParquetRowSelection>();
            let rows = rows.map(|rows| rows.selection().row_count());
            self.files.insert(file.object_meta.location.to_string(), rows);
            self.in_parts |= file.range.is_some();
        }
        plan.children().into_iter().for_each(|child| self.add(child));
    }

    /// Rows that are selected of all files; `None` if one of them is read whole.
    fn selected(&self) -> Option<usize> {
        self.files.values().copied().sum()
    }
}

/// A store's rows, and a session that asks it.
struct Asked {
    source: Source,
    context: SessionContext,
    all: Vec<String>,
}

impl Asked {
    async fn new((source, context): (Source, SessionContext)) -> Self {
        let all = rows(&source, &context, &format!("{QUERY} ORDER BY uuid")).await;
        Self { source, context, all }
    }

    /// The rows of a condition are those for which it `holds`; how they are read is given back.
    async fn rows(&self, condition: &str, holds: &dyn Fn(&Row<'_>) -> bool) -> Reading {
        let query = format!("{QUERY} WHERE {condition} ORDER BY uuid");
        let expected: Vec<&String> = self.all.iter().filter(|row| holds(&Row::of(row))).collect();
        let found = rows(&self.source, &self.context, &query).await;
        assert!(found.iter().eq(expected.iter().copied()), "{condition}: {} rows", found.len());
        Reading::of(&self.plan(&query).await)
    }

    /// The same, and so many files are read.
    async fn check(&self, condition: &str, files: usize, holds: &dyn Fn(&Row<'_>) -> bool) {
        let reading = self.rows(condition, holds).await;
        assert_eq!(reading.files.len(), files, "{condition}: {reading:?}");
    }

    async fn plan(&self, query: &str) -> Arc<dyn ExecutionPlan> {
        self.context.sql(query).await.unwrap().create_physical_plan().await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn persons_are_read_from_the_files_of_their_buckets() {
    let folder = stored().await;
    let asked = Asked::new(store(folder.path(), None).await).await;
    assert_eq!(asked.all.len() as u32, 2 * ROUNDS * PERSONS);
    let person = |name: &str| format!(r#""$person" = '{name}'"#);
    for name in ["p0", "p3", "p42", "p99"] {
        asked.check(&person(name), 2, &|row| row.is_of(&[name])).await;
    }
    for unknown in ["nobody", "P3", "p3 ", ""] {
        asked.check(&person(unknown), 0, &|_| false).await;
    }
    let in_february = format!("{} AND timestamp >= '2024-02-01T00:00:00Z'", person("p3"));
    let holds = |row: &Row<'_>| row.is_of(&["p3"]) && row.time >= "2024-02";
    asked.check(&in_february, 1, &holds).await;
    let some = ["p1", "p2", "p3", "p4", "p5", "p6"];
    assert!(buckets(&some).len() > 1);
    let list = |names: &[&str]| format!(r#""$person" IN ('{}')"#, names.join("', '"));
    asked.check(&list(&some), 2 * buckets(&some).len(), &|row| row.is_of(&some)).await;
    asked.check(&list(&["nobody", "p3"]), 2, &|row| row.is_of(&["p3"])).await;
    let both = format!("{} AND {}", list(&["p3", "p4"]), list(&["p4", "p5"]));
    asked.check(&both, 2, &|row| row.is_of(&["p4"])).await;
    let all: Vec<String> = (0..PERSONS).map(|person| format!("p{person}")).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    asked.check(&list(&all), FILES, &|_| true).await;
    // What asks for something else, too, is asked of all rows.
    let either = format!("{} OR event = 'late'", person("p3"));
    asked.check(&either, FILES, &|row| row.is_of(&["p3"]) || row.event == "late").await;
    asked.check(r#""$person" <> 'p3'"#, FILES, &|row| !row.is_of(&["p3"])).await;
    let others = list(&some).replace("IN", "NOT IN");
    asked.check(&others, FILES, &|row| !row.is_of(&some)).await;
    for (strangers, files) in [(999, 2), (1000, FILES)] {
        let strangers: Vec<String> = (0..strangers).map(|number| format!("x{number}")).collect();
        let mut names: Vec<&str> = strangers.iter().map(String::as_str).collect();
        names.push("p3");
        asked.check(&list(&names), files, &|row| row.is_of(&["p3"])).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rare_events_are_read_where_clusters_say() {
    let folder = stored().await;
    let asked = Asked::new(store(folder.path(), None).await).await;
    let (rare, either) = (buckets(&RARE).len(), buckets(&["p3", "p57", LATE]).len());
    let few = |reading: Reading, files: usize, rows: usize| {
        assert_eq!(reading.files.len(), files, "{reading:?}");
        assert!(reading.selected().is_some_and(|selected| selected <= rows), "{reading:?}");
    };
    // No more than what lies between the first and the last of each person's, and between two persons.
    let most = 2 * (2 * ROUNDS as usize + 256);
    few(asked.rows("event = 'rare'", &is_rare).await, 2 * rare, most);
    few(asked.rows("event = 'late'", &is_late).await, 1, 1);
    for condition in ["event IN ('rare', 'late', 'none')", "event = 'rare' OR event = 'late'"] {
        let reading = asked.rows(condition, &|row| is_rare(row) || is_late(row)).await;
        few(reading, rare + either, most + 257 + ROUNDS as usize);
    }
    asked.check("event = 'none'", 0, &|_| false).await;
    let reading =
        asked.rows("event IN ('common', 'rare')", &|row| row.event == "common" || is_rare(row));
    let reading = reading.await;
    assert_eq!((reading.files.len(), reading.selected()), (FILES, None), "{reading:?}");
    asked.check("event LIKE 'rar%'", FILES, &is_rare).await;
    // With times, persons, and what only the rows tell.
    let january = "event = 'rare' AND timestamp < '2024-01-02T00:00:00Z'";
    few(asked.rows(january, &|row| is_rare(row) && row.time < "2024-01-02").await, rare, most);
    let p3 = r#"event = 'rare' AND "$person" = 'p3'"#;
    few(asked.rows(p3, &|row| is_rare(row) && row.is_of(&["p3"])).await, 2, most);
    let mut names = (0..PERSONS).map(|person| format!("p{person}"));
    let stranger = names.find(|name| buckets(&RARE).is_disjoint(&buckets(&[name]))).unwrap();
    let nothing = format!(r#"event = 'rare' AND "$person" = '{stranger}'"#);
    asked.check(&nothing, 0, &|_| false).await;
    let texts = "event = 'rare' AND properties LIKE '%00%' AND distinct_id <> 'p3'";
    few(asked.rows(texts, &|row| is_rare(row) && row.is_of(&["p57"])).await, 2 * rare, most);
    let ask = |query: &'static str| rows(&asked.source, &asked.context, query);
    assert_eq!(ask("SELECT count(*) FROM events WHERE event = 'rare'").await, ["40"]);
    assert_eq!(ask("SELECT count(*) FROM events WHERE event = 'none'").await, ["0"]);
    let limited = ask("SELECT event FROM events WHERE event = 'rare' LIMIT 7").await;
    assert_eq!(limited, ["rare"; 7]);
    let limited = ask(r#"SELECT "$person" FROM events WHERE "$person" = 'p3' LIMIT 7"#).await;
    assert_eq!(limited, ["p3"; 7]);
}

#[tokio::test(flavor = "multi_thread")]
async fn plans_tell_how_much_is_read() {
    let folder = stored().await;
    let asked = Asked::new(store(folder.path(), None).await).await;
    let told = |plan: Vec<String>| plan.join("\n");
    let late = "EXPLAIN FORMAT INDENT SELECT properties FROM events WHERE event = 'late'";
    let plan = told(rows(&asked.source, &asked.context, late).await);
    assert!(plan.contains(&format!("files=1 of {FILES}, rows=1")), "{plan}");
    let common = "EXPLAIN FORMAT INDENT SELECT properties FROM events WHERE event = 'common'";
    let plan = told(rows(&asked.source, &asked.context, common).await);
    assert!(!plan.contains(" files="), "{plan}");
}

/// Rows of a row group, and of a page, of files that are [written anew](chop).
const GROUP: usize = 97;
const PAGE: usize = 13;

/// Writes the event files of a store anew with many row groups and pages; no page but of ordinals has statistics.
fn chop(place: &Path) {
    let properties = || {
        WriterProperties::builder()
            .set_max_row_group_row_count(Some(GROUP))
            .set_data_page_row_count_limit(PAGE)
            .set_write_batch_size(PAGE)
            .set_dictionary_enabled(false)
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_column_statistics_enabled("ordinal".into(), EnabledStatistics::Page)
            .build()
    };
    let manifest = last(place, "manifests");
    let mut value: serde_json::Value =
        serde_json::from_slice(&fs::read(&manifest).unwrap()).unwrap();
    for file in value["events"].as_array_mut().unwrap() {
        let path = place.join("store").join(file["path"].as_str().unwrap());
        let whole = ParquetRecordBatchReaderBuilder::try_new(File::open(&path).unwrap()).unwrap();
        let schema = Arc::clone(whole.schema());
        let batches: Vec<RecordBatch> = whole.build().unwrap().map(Result::unwrap).collect();
        let out = File::create(&path).unwrap();
        let mut writer = ArrowWriter::try_new(out, schema, Some(properties())).unwrap();
        batches.iter().for_each(|batch| writer.write(batch).unwrap());
        writer.flush().unwrap();
        let groups = writer.flushed_row_groups().len();
        writer.close().unwrap();
        assert!(groups > 3, "{groups}");
        file["row_groups"] = groups.into();
        file["bytes"] = fs::metadata(&path).unwrap().len().into();
    }
    fs::write(&manifest, value.to_string()).unwrap();
}

/// Bytes of files that a plan has read.
fn scanned(plan: &Arc<dyn ExecutionPlan>) -> usize {
    let own = plan.metrics().and_then(|metrics| metrics.sum_by_name("bytes_scanned"));
    let below: usize = plan.children().into_iter().map(scanned).sum();
    own.map_or(0, |own| own.as_usize()) + below
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_at_the_borders_of_row_groups_and_parts_are_read() {
    let folder = stored().await;
    chop(folder.path());
    let (source, _) = store(folder.path(), None).await;
    let mut config = SessionConfig::new().with_target_partitions(3);
    config.options_mut().optimizer.repartition_file_min_size = 1;
    let context = SessionContext::new_with_config(config);
    let asked = Asked::new((source, context)).await;
    for number in (0..PERSONS).step_by(3) {
        let name = format!("p{number}");
        let holds = |row: &Row<'_>| row.is_of(&[&name]);
        let reading = asked.rows(&format!(r#""$person" = '{name}'"#), &holds).await;
        assert!(reading.in_parts && reading.files.len() == 2, "{reading:?}");
    }
    for (condition, event) in [("event = 'rare'", "rare"), ("event = 'late'", "late")] {
        let reading = asked.rows(condition, &|row| row.event == event).await;
        assert!(reading.in_parts && reading.selected().is_some(), "{reading:?}");
    }
    // In the order of the rows, as far as that is the file's.
    let times = "SELECT timestamp FROM events WHERE event = 'rare' ORDER BY timestamp DESC LIMIT 2";
    let found = rows(&asked.source, &asked.context, times).await;
    assert_eq!(found, ["2024-02-03T06:00:00Z"; 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_without_wanted_rows_are_not_read() {
    let folder = stored().await;
    chop(folder.path());
    let asked = Asked::new(store(folder.path(), None).await).await;
    // A row's properties are of more than 400 bytes: less is read than a row group has of them.
    let group = GROUP * 400;
    let query = format!("{QUERY} WHERE event = 'late'");
    let plan = asked.plan(&query).await;
    let found = collect(Arc::clone(&plan), asked.context.task_ctx()).await.unwrap();
    assert_eq!(found.iter().map(RecordBatch::num_rows).sum::<usize>(), 1);
    assert!((400..group / 2).contains(&scanned(&plan)), "{} of {group}", scanned(&plan));
    // Of a person's rows in two files, pages of one row group and of the next.
    let plan = asked.plan(&format!(r#"{QUERY} WHERE "$person" = 'p3'"#)).await;
    let found = collect(Arc::clone(&plan), asked.context.task_ctx()).await.unwrap();
    assert_eq!(found.iter().map(RecordBatch::num_rows).sum::<usize>(), 2 * ROUNDS as usize);
    assert!(scanned(&plan) < 3 * group, "{} of {group}", scanned(&plan));
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_clusters_leave_nothing_out() {
    let damages: [fn(&Path); 3] = [
        |file| fs::remove_file(file).unwrap(),
        |file| {
            let whole = fs::read(file).unwrap();
            fs::write(file, &whole[..whole.len() / 2]).unwrap();
        },
        |file| {
            let mut bytes = fs::read(file).unwrap();
            let pages = pages(&bytes);
            bytes[pages].fill(0xff);
            fs::write(file, bytes).unwrap();
        },
    ];
    let whole = stored().await;
    for damage in damages {
        let folder = tempfile::tempdir().unwrap();
        copy(&whole.path().join("store"), &folder.path().join("store"));
        let clusters = below(&folder.path().join("store/clusters"));
        assert_eq!(clusters.len(), FILES);
        clusters.iter().for_each(|file| damage(file));
        let asked = Asked::new(store(folder.path(), None).await).await;
        let reading = asked.rows("event = 'rare'", &is_rare).await;
        assert_eq!(reading.selected(), None, "{reading:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn persons_are_told_by_their_texts() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let uuid = |number: u32| format!("0190d3a1-0000-7000-8000-a{number:011}");
    let text: Vec<String> =
        (0..200).map(|row| line(row, "a", &uuid(row % 40), "2024-01-01T00:00:00Z", "{}")).collect();
    imported(place, &lines(place, "a.jsonl", &text)).await;
    let asked = Asked::new(store(place, None).await).await;
    for number in (0..40).step_by(8) {
        let person = uuid(number);
        let of = |condition: &str| format!(r#""$person" = '{condition}'"#);
        asked.check(&of(&person), 1, &|row| row.is_of(&[&person])).await;
        for other in [person.to_uppercase(), person.replace('-', ""), format!("{{{person}}}")] {
            asked.check(&of(&other), 0, &|_| false).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn merges_that_are_to_be_worked_in_stand_in_the_way() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let text: Vec<String> = (0..200)
        .map(|row| line(row, "a", &format!("id-{}", row % 20), "2024-01-01T00:00:00Z", "{}"))
        .collect();
    imported(place, &lines(place, "a.jsonl", &text)).await;
    let persons = [
        "person_id,distinct_id,person_distinct_id_version".to_owned(),
        "merged,id-1,1".to_owned(),
        "merged,id-2,1".to_owned(),
    ];
    let source = SourceOptions {
        persons: vec![lines(place, "persons.csv", &persons)],
        ..SourceOptions::events(lines(
            place,
            "b.jsonl",
            &[line(999, "a", "id-1", "2024-01-02T00:00:00Z", "{}")],
        ))
    };
    import(&options(place, source), &|_| {}).await.unwrap();
    let condition = |name: &str| format!(r#""$person" = '{name}'"#);
    let asked = Asked::new(store(place, None).await).await;
    assert!(!asked.source.events().unwrap().schema.is_settled);
    let files = asked.source.events().unwrap().files.len();
    assert!(files > 2, "{files}");
    for (name, rows) in [("id-1", 10), ("id-3", 10), ("merged", 1)] {
        asked.check(&condition(name), files, &|row| row.is_of(&[name])).await;
        assert_eq!(asked.all.iter().filter(|row| Row::of(row).is_of(&[name])).count(), rows);
    }
    assert!(optimize(&tidy(place, NOW, HOUR), &|_| {}).await.unwrap().changed);
    let asked = Asked::new(store(place, None).await).await;
    assert!(asked.source.events().unwrap().schema.is_settled);
    for (name, rows) in [("id-1", 0), ("id-3", 10), ("merged", 21)] {
        let reading = asked.rows(&condition(name), &|row| row.is_of(&[name])).await;
        assert!(reading.files.len() < 2, "{name}: {reading:?}");
        assert_eq!(asked.all.iter().filter(|row| Row::of(row).is_of(&[name])).count(), rows);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn elsewhere_a_person_takes_the_files_of_its_bucket_and_small_clusters_are_not_asked() {
    let (server, folder) = (Server::empty(), tempfile::tempdir().unwrap());
    let (location, environment) = ("s3://exports/stores/a".to_owned(), server.environment());
    let source = SourceOptions {
        environment: environment.clone(),
        ..SourceOptions::events(lines(folder.path(), "a.jsonl", &text(0)))
    };
    let import_options = ImportOptions {
        buckets: Some(BUCKETS),
        work: Some(folder.path().join("work")),
        ..ImportOptions::new(source, location.clone(), NOW)
    };
    import(&import_options, &|_| {}).await.unwrap();
    let runtime = Arc::new(RuntimeEnv::default());
    let options = StoreOptions { location, environment, ..StoreOptions::default() };
    let source = open_store(&options, &runtime).await.unwrap();
    let context = SessionContext::new_with_config_rt(SessionConfig::default(), runtime);
    server.asked();
    let query = format!(r#"{QUERY} WHERE "$person" = 'p3'"#);
    assert_eq!(rows(&source, &context, &query).await.len() as u32, ROUNDS);
    let asked = server.asked();
    let keys = |what: What| -> BTreeSet<String> {
        let of_kind = asked.iter().filter(|asked| asked.what == what);
        of_kind.map(|asked| asked.key.clone()).collect()
    };
    // The persons of its bucket, and the event file.
    assert_eq!((keys(What::Get).len(), keys(What::Range).len()), (1, 1), "{asked:?}");
    let rare = rows(&source, &context, &format!("{QUERY} WHERE event = 'rare'")).await;
    assert_eq!(rare.len(), 20);
    let asked = server.asked();
    assert!(asked.iter().all(|asked| !asked.key.contains("/clusters/")), "{asked:?}");
}
