//! Stores in buckets: they answer as stores here do, ask for little, and lose nothing to writers that race.

use super::import::NOW;
use crate::store::files::Folder;
use crate::store::import::{ImportOptions, ImportSummary, import};
use crate::store::manifest::{ImportRecord, Manifest};
use crate::store::versions::Versions;
use crate::store::{
    NarrowRequest, OptimizeOptions, StoreInfo, StoreOptions, info, open_store, optimize,
};
use crate::tests::moto::Moto;
use crate::tests::s3_server::{Asked, Mood, Server, What};
use crate::{Source, SourceOptions};
use arrow::array::RecordBatch;
use arrow::util::display::array_value_to_string;
use datafusion::execution::context::SessionContext;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::prelude::SessionConfig;
use events::source::TableKind;
use futures::TryStreamExt;
use std::collections::{BTreeSet, HashMap};
use std::io::Write;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::Arc;
use tempfile::TempDir;

/// Time that readers of an earlier version have: an hour; none at all.
const HOUR: i64 = 3_600_000_000;
const NONE: i64 = -1_000_000_000_000_000;

const BUCKETS: u32 = 3;

/// A store, and a folder for what is imported into it.
struct Scene {
    folder: TempDir,
    location: String,
    environment: HashMap<String, String>,
}

impl Scene {
    fn far(location: &str, environment: HashMap<String, String>) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), location: location.to_owned(), environment }
    }

    fn near() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let location = folder.path().join("store").display().to_string();
        Self { folder, location, environment: HashMap::new() }
    }

    fn file(&self, name: &str, lines: &[String]) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, lines.join("\n")).unwrap();
        path.display().to_string()
    }

    /// Events, without anything beside them.
    fn events(&self, name: &str, rows: Range<u32>) -> SourceOptions {
        SourceOptions::events(self.file(name, &rows.map(line).collect::<Vec<_>>()))
    }

    /// Events with a line that is none, and persons.
    fn export(&self) -> SourceOptions {
        let mut events: Vec<String> = (0..300).map(line).collect();
        events.push("no json".to_owned());
        let persons = (0..PERSONS).map(|person| format!("id-{person},id-{person},1"));
        let head = "person_id,distinct_id,person_distinct_id_version".to_owned();
        let persons: Vec<String> = std::iter::once(head).chain(persons).collect();
        SourceOptions {
            persons: vec![self.file("persons.csv", &persons)],
            ..SourceOptions::events(self.file("export.jsonl", &events))
        }
    }

    fn options(&self, source: SourceOptions) -> ImportOptions {
        let source = SourceOptions { environment: self.environment.clone(), ..source };
        ImportOptions {
            threads: NonZeroUsize::MIN.saturating_add(1),
            buckets: Some(BUCKETS),
            work: Some(self.folder.path().join("work")),
            ..ImportOptions::new(source, self.location.clone(), NOW)
        }
    }

    async fn imported(&self, source: SourceOptions) -> ImportSummary {
        import(&self.options(source), &|_| {}).await.unwrap()
    }

    /// Optimizes the store: rows and files before and after, files removed, whether anything was written.
    async fn optimized(&self, grace: i64) -> (u64, u64, u64, u64, bool) {
        let options = OptimizeOptions {
            store: self.location.clone(),
            environment: self.environment.clone(),
            now: NOW + 1,
            grace,
            memory: 1 << 28,
            threads: NonZeroUsize::MIN.saturating_add(1),
            work: Some(self.folder.path().join("work")),
            cancelled: Arc::default(),
        };
        let done = optimize(&options, &|_| {}).await.unwrap();
        (done.rows, done.files_before, done.files_after, done.removed_files, done.changed)
    }

    async fn opened(&self) -> Opened {
        Opened::over(self, Arc::new(RuntimeEnv::default())).await
    }

    /// The store's folder, reached by a client of its own.
    fn store(&self) -> Folder {
        Folder::open(&self.location, &RuntimeEnv::default(), &self.environment).unwrap()
    }
}

/// A session over a store.
struct Opened {
    source: Source,
    context: SessionContext,
}

impl Opened {
    async fn over(scene: &Scene, runtime: Arc<RuntimeEnv>) -> Self {
        let options = StoreOptions {
            location: scene.location.clone(),
            environment: scene.environment.clone(),
            ..StoreOptions::default()
        };
        let source = open_store(&options, &runtime).await.unwrap();
        let config = SessionConfig::new().with_target_partitions(2);
        let context = SessionContext::new_with_config_rt(config, runtime);
        for kind in TableKind::ALL {
            if let Some(table) = source.table(kind) {
                context.register_table(kind.name(), Arc::clone(&table.provider)).unwrap();
            }
        }
        Self { source, context }
    }

    async fn ask(&self, query: &str) -> Vec<String> {
        texts(&self.context.sql(query).await.unwrap().collect().await.unwrap())
    }

    async fn answers(&self) -> Vec<Vec<String>> {
        let mut answers = Vec::new();
        for question in QUESTIONS {
            answers.push(self.ask(question).await);
        }
        answers
    }

    /// The rows of two events as they are read narrowly, and the number of streams.
    async fn narrow(&self) -> (Vec<String>, usize) {
        let events = Some(vec!["a".to_owned(), "b".to_owned()]);
        let request = NarrowRequest { events, ..NarrowRequest::default() };
        let scan = self.source.narrow(&request, &self.context.state()).await.unwrap().unwrap();
        let mut rows = Vec::new();
        for (number, layout) in scan.streams.iter().enumerate() {
            let stream = scan.plan.execute(number, self.context.task_ctx()).unwrap();
            let batches: Vec<RecordBatch> = stream.try_collect().await.unwrap();
            let of = format!("{} {} {:?}", layout.bucket, layout.rank, layout.event);
            rows.extend(texts(&batches).into_iter().map(|row| format!("{of} {row}")));
        }
        (rows, scan.streams.len())
    }

    fn event_files(&self) -> usize {
        self.source.events().unwrap().files.len()
    }
}

/// Rows as texts.
fn texts(batches: &[RecordBatch]) -> Vec<String> {
    let row = |batch: &RecordBatch, row: usize| {
        let values = batch.columns().iter();
        let values = values.map(|values| array_value_to_string(values, row).unwrap());
        values.collect::<Vec<_>>().join("|")
    };
    let rows = batches.iter().flat_map(|batch| (0..batch.num_rows()).map(move |at| (batch, at)));
    rows.map(|(batch, at)| row(batch, at)).collect()
}

const PERSONS: u32 = 40;

fn line(number: u32) -> String {
    let event = ["a", "b", "c"][number as usize % 3];
    let (day, minute, second) = (1 + number % 2, number / 60 % 60, number % 60);
    format!(
        r#"{{"uuid":"00000000-0000-4000-8000-{number:012}","event":"{event}","distinct_id":"id-{}","timestamp":"2024-01-0{day}T00:{minute:02}:{second:02}Z","properties":{{"n":{number}}}}}"#,
        number * 7 % PERSONS
    )
}

const BY_TIME: &str =
    "SELECT event, count(*) FROM events WHERE timestamp >= '2024-01-02T00:01:00Z' GROUP BY event";
const BEFORE: &str = "SELECT event, max(timestamp) FROM events \
     WHERE timestamp < '2024-01-02T00:01:00Z' GROUP BY event";
const BY_PERSON: &str =
    r#"SELECT "$person", count(*) FROM events WHERE event <> 'c' GROUP BY 1 ORDER BY 1"#;

const QUESTIONS: [&str; 4] = [
    "SELECT event, count(*), count(DISTINCT distinct_id) FROM events GROUP BY event ORDER BY event",
    BY_PERSON,
    "SELECT uuid, event, distinct_id, timestamp, properties FROM events \
     WHERE timestamp >= '2024-01-02T00:01:00Z' ORDER BY uuid",
    "SELECT DISTINCT person_id, distinct_id FROM persons ORDER BY 1",
];

/// Everything that is done with stores is done with one in a bucket and with one here, and comes to the same.
async fn lives_as_one_here(far: &Scene) {
    let near = Scene::near();
    imported_alike(far, &near).await;
    let (before, here) = (far.opened().await, near.opened().await);
    let (answers, narrow) = (here.answers().await, here.narrow().await);
    assert_eq!((before.answers().await, before.narrow().await), (answers.clone(), narrow.clone()));
    assert!(answers.iter().all(|rows| rows.len() > 2) && narrow.0.len() > 300);
    let (there, same) = (told(far).await, told(&near).await);
    assert_eq!((there.rows, there.persons, there.versions), (550, u64::from(PERSONS), 3));
    assert_eq!(
        (&there.events, there.generations, &there.tables, &there.health),
        (&same.events, same.generations, &same.tables, &same.health)
    );
    tidied_alike(far, &near).await;
    let after = far.opened().await;
    assert_eq!(
        (after.answers().await, after.narrow().await),
        (answers, near.opened().await.narrow().await)
    );
    let health = told(far).await.health;
    assert_eq!((health.retired_files, health.abandoned_files), (0, 0));
}

/// Both take the same in, and leave the same out.
async fn imported_alike(far: &Scene, near: &Scene) {
    let sources: [fn(&Scene) -> SourceOptions; 3] =
        [Scene::export, |scene| scene.events("more.jsonl", 250..550), Scene::export];
    for (source, expected) in sources.into_iter().zip([(300, 0, 1), (250, 50, 0), (0, 300, 1)]) {
        for scene in [far, near] {
            let done = scene.imported(source(scene)).await;
            assert_eq!((done.rows, done.duplicates, done.rejected), expected);
        }
    }
}

/// Both are rewritten, then cleaned; who has read the version before goes on in between.
async fn tidied_alike(far: &Scene, near: &Scene) {
    let before = far.opened().await;
    let answers = before.answers().await;
    let tidied = far.optimized(HOUR).await;
    assert!(tidied.4 && tidied.3 == 0, "{tidied:?}");
    assert_eq!(tidied, near.optimized(HOUR).await);
    assert_eq!(before.answers().await, answers);
    let cleaned = far.optimized(NONE).await;
    assert!(!cleaned.4 && cleaned.3 > 0, "{cleaned:?}");
    assert_eq!(cleaned, near.optimized(NONE).await);
}

async fn told(scene: &Scene) -> StoreInfo {
    info(&scene.location, &scene.environment).await.unwrap()
}

/// Of those who put a file of one name, at once or one after the other, one does.
async fn one_put_wins(far: &Scene) {
    let (a, b) = (far.store(), far.store());
    let bytes = |writer: &str| writer.as_bytes().to_vec();
    assert!(a.put_new("manifests/a", bytes("a")).await.unwrap());
    assert!(!b.put_new("manifests/a", bytes("b")).await.unwrap());
    // As after an answer that was lost.
    assert!(a.put_new("manifests/a", bytes("a")).await.unwrap());
    assert_eq!(b.read("manifests/a").await.unwrap(), b"a");
    for round in 0..10 {
        let name = format!("manifests/{round}");
        let (done_a, done_b) =
            tokio::join!(a.put_new(&name, bytes("a")), b.put_new(&name, bytes("b")));
        let winners = [(done_a.unwrap(), "a"), (done_b.unwrap(), "b")];
        let winners: Vec<&str> =
            winners.into_iter().filter(|(won, _)| *won).map(|(_, writer)| writer).collect();
        assert_eq!(winners.len(), 1, "{round}: {winners:?}");
        assert_eq!(far.store().read(&name).await.unwrap(), winners[0].as_bytes());
    }
}

/// Writers add to the newest version, all at once.
async fn none_is_lost(far: &Scene, writers: usize, commits: usize) {
    let write = |writer: usize| async move {
        let versions = Versions::new(far.store());
        for commit in 0..commits {
            let change = |previous: Option<Manifest>| {
                let mut next = previous.unwrap_or_else(|| Manifest::empty("hogql 0.1.0", BUCKETS));
                next.imports.push(record(format!("{writer}-{commit}")));
                Ok(next)
            };
            versions.change(10_000, change).await.unwrap();
        }
    };
    futures::future::join_all((0..writers).map(write)).await;
    let versions = Versions::new(far.store());
    let last = versions.latest().await.unwrap().unwrap();
    let distinct: BTreeSet<&str> =
        last.imports.iter().map(|import| import.fingerprint.as_str()).collect();
    let expected = writers * commits;
    assert_eq!((last.imports.len(), distinct.len()), (expected, expected));
    assert_eq!(versions.all().await.unwrap(), (1..=expected as u64).collect::<Vec<_>>());
}

fn record(fingerprint: String) -> ImportRecord {
    ImportRecord {
        generation: 1,
        at: 0,
        sources: Vec::new(),
        fingerprint,
        rows: 1,
        duplicates: 0,
        rejected: 0,
        rejects: None,
    }
}

/// Two imports into one store: both count, whoever is faster.
async fn two_imports_count(far: &Scene) {
    let (a, b) = (far.events("a.jsonl", 0..300), far.events("b.jsonl", 250..550));
    let (a, b) = tokio::join!(far.imported(a), far.imported(b));
    assert_eq!((a.rows + b.rows, a.duplicates + b.duplicates), (550, 50));
    let counts = "SELECT count(*), count(DISTINCT uuid), count(DISTINCT \"$actor\") FROM events";
    assert_eq!(far.opened().await.ask(counts).await, ["550|550|40"]);
}

fn exports(server: &Server) -> Scene {
    Scene::far("s3://exports/stores/a", server.environment())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_in_a_bucket_is_as_one_here() {
    lives_as_one_here(&exports(&Server::empty())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_race_for_a_version() {
    let server = Server::empty();
    one_put_wins(&Scene::far("s3://exports/stores/puts", server.environment())).await;
    none_is_lost(&Scene::far("s3://exports/stores/race", server.environment()), 4, 5).await;
    two_imports_count(&exports(&server)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_answer_is_lost_is_known() {
    let server = Server::empty();
    let scene = exports(&server);
    server.be(Mood::Silent);
    assert_eq!(scene.imported(scene.export()).await.version, 1);
    let manifests = server.keys().into_iter().filter(|key| key.contains("/manifests/"));
    assert_eq!(manifests.count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_overwrites_is_told() {
    let server = Server::empty();
    let scene = exports(&server);
    server.be(Mood::Heedless);
    let error = import(&scene.options(scene.export()), &|_| {}).await.unwrap_err();
    assert!(error.hint().unwrap().contains("If-None-Match"), "{error}");
}

/// Where there is moto: see `tests/s3/run.sh`.
#[tokio::test(flavor = "multi_thread")]
async fn a_real_server_takes_stores() {
    let moto = match Moto::start() {
        Ok(moto) => moto,
        Err(reason) => {
            // Not by way of what the test harness keeps to itself.
            let _ = writeln!(std::io::stderr(), "skipped: no S3 server for stores: {reason}");
            return;
        }
    };
    let scene = |name: &str| Scene::far(&format!("s3://stores/{name}"), moto.environment());
    lives_as_one_here(&scene("life")).await;
    one_put_wins(&scene("puts")).await;
    none_is_lost(&scene("race"), 3, 4).await;
    two_imports_count(&scene("imports")).await;
    // In parts, of which the last is a short one.
    let scene = scene("big");
    let content: Vec<u8> = (0..(20_u32 << 20) + 3).map(|at| (at / 1000) as u8).collect();
    let path = scene.folder.path().join("big");
    std::fs::write(&path, &content).unwrap();
    let bytes = scene.store().upload("events/1-a/big", &path).await.unwrap();
    assert_eq!(bytes, content.len() as u64);
    assert!(scene.store().read("events/1-a/big").await.unwrap() == content);
}

/// How many requests of a kind there are.
fn count(asked: &[Asked], what: What) -> usize {
    asked.iter().filter(|asked| asked.what == what).count()
}

/// Requests of other kinds.
fn others(asked: &[Asked], whats: &[What]) -> Vec<String> {
    let others = asked.iter().filter(|asked| !whats.contains(&asked.what));
    others.map(ToString::to_string).collect()
}

/// How many footers were read.
fn footers(asked: &[Asked]) -> usize {
    asked.iter().filter(|asked| asked.what == What::Range && asked.end).count()
}

/// Objects that were got as a whole, more than once.
fn again(asked: &[Asked]) -> Vec<&str> {
    let mut seen = BTreeSet::new();
    let whole = asked.iter().filter(|asked| asked.what == What::Get);
    whole.map(|asked| asked.key.as_str()).filter(|key| !seen.insert(*key)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn few_requests_write_a_store() {
    let server = Server::empty();
    let scene = exports(&server);
    scene.imported(scene.export()).await;
    let (asked, first) = (server.asked(), server.keys().len());
    // Every file once; the manifest a second time, which must be refused.
    assert_eq!((count(&asked, What::Put), count(&asked, What::PutNew)), (first - 1, 2));
    assert!(count(&asked, What::List) <= 8, "{asked:?}");
    let rest = others(&asked, &[What::Put, What::PutNew, What::List]);
    assert!(rest.is_empty(), "{rest:?}");
    let files = scene.opened().await.event_files();
    server.asked();
    scene.imported(scene.events("more.jsonl", 250..550)).await;
    let (asked, second) = (server.asked(), server.keys().len());
    assert_eq!((count(&asked, What::Put), count(&asked, What::PutNew)), (second - first - 1, 2));
    assert!(count(&asked, What::List) <= 8, "{asked:?}");
    // The manifest, the dictionary and the persons of each bucket; of event files footer, page index and uuids.
    assert!(
        count(&asked, What::Get) <= 2 + BUCKETS as usize && again(&asked).is_empty(),
        "{asked:?}"
    );
    assert!(count(&asked, What::Range) <= 3 * files + 1, "{asked:?}");
    assert_eq!(count(&asked, What::Head) + count(&asked, What::Delete), 0, "{asked:?}");
    let done = scene.optimized(NONE).await;
    let asked = server.asked();
    assert!(again(&asked).is_empty() && count(&asked, What::Head) == 0, "{:?}", again(&asked));
    // Three manifests are removed beside the files.
    assert!(count(&asked, What::Delete) as u64 <= done.3 + 3, "{done:?}");
    assert!(count(&asked, What::List) <= 20, "{asked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn few_requests_read_a_store() {
    let server = Server::empty();
    let scene = exports(&server);
    scene.imported(scene.export()).await;
    server.asked();
    let runtime = Arc::new(RuntimeEnv::default());
    let opened = Opened::over(&scene, Arc::clone(&runtime)).await;
    let asked = server.asked();
    // Which version, its manifest, the dictionary; the footer of the persons.
    let counts = [What::List, What::Get, What::Range].map(|what| count(&asked, what));
    assert_eq!((counts, asked.len()), ([1, 2, 1], 4), "{asked:?}");
    Opened::over(&scene, runtime).await;
    let asked = server.asked();
    assert_eq!((count(&asked, What::List), count(&asked, What::Get)), (1, 0), "{asked:?}");
    let files = opened.event_files();
    assert_eq!(files, BUCKETS as usize);
    opened.ask(BY_TIME).await;
    let asked = server.asked();
    // Beside it the page index, the column that is filtered by and the one that is asked for.
    assert_eq!(footers(&asked), files, "{asked:?}");
    assert!(asked.len() <= 4 * files && others(&asked, &[What::Range]).is_empty(), "{asked:?}");
    for question in [BY_TIME, BEFORE] {
        opened.ask(question).await;
        let asked = server.asked();
        assert_eq!(footers(&asked), 0, "{asked:?}");
        assert!(asked.len() <= 2 * files && others(&asked, &[What::Range]).is_empty(), "{asked:?}");
    }
    for known in [false, true] {
        opened.ask(BY_PERSON).await;
        let persons = if known { 0 } else { BUCKETS as usize };
        assert_eq!(count(&server.asked(), What::Get), persons);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn few_requests_read_a_store_narrowly() {
    let server = Server::empty();
    let scene = exports(&server);
    scene.imported(scene.export()).await;
    let opened = scene.opened().await;
    let files = opened.event_files();
    server.asked();
    let (rows, streams) = opened.narrow().await;
    let asked = server.asked();
    assert_eq!((rows.len(), streams), (200, 2 * files));
    // The columns of a segment stand beside each other: one request.
    assert_eq!(footers(&asked), files, "{asked:?}");
    assert!(asked.len() <= 2 * files + streams, "{asked:?}");
    assert!(others(&asked, &[What::Range]).is_empty(), "{asked:?}");
    assert_eq!(opened.narrow().await, (rows, streams));
    let asked = server.asked();
    assert_eq!((footers(&asked), asked.len()), (0, streams), "{asked:?}");
}
