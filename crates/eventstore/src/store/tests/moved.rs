//! Merges that came after their rows: narrow reading gives what a naive join of the rows with the persons of their distinct
//! ids gives, before an optimize as after it.

use super::folders::tidy;
use super::import::{NOW, lines, merged, options, rows};
use crate::store::{
    ImportOptions, Narrow, NarrowRequest, StoreOptions, import, open_store, optimize, schema,
};
use crate::{Source, SourceOptions};
use arrow::array::RecordBatch;
use datafusion::execution::context::{SessionConfig, SessionContext};
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use futures::{FutureExt, TryStreamExt};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// Buckets of the stores.
const BUCKETS: u32 = 4;

/// What persons did, in order: when, and what.
type Answers = BTreeMap<String, Vec<(String, String)>>;

/// A row as it was written.
struct Event {
    uuid: String,
    event: String,
    id: String,
    time: String,
    /// The person of its distinct id when it was imported.
    then: String,
}

/// A store, and what the test knows of it.
struct Scene {
    folder: TempDir,
    events: Vec<Event>,
    /// Persons of distinct ids now.
    people: HashMap<String, String>,
    /// Lines of the table of persons: it grows.
    history: String,
    imports: u32,
}

impl Scene {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            events: Vec::new(),
            people: HashMap::new(),
            history: "person_id,distinct_id,person_distinct_id_version\n".to_owned(),
            imports: 0,
        }
    }

    fn place(&self) -> &Path {
        self.folder.path()
    }

    /// Imports rows (event, distinct id, second), after distinct ids became other persons'.
    async fn import(&mut self, merges: &[(&str, &str)], rows: &[(&str, &str, u64)]) {
        self.imports += 1;
        for (id, person) in merges {
            writeln!(self.history, "{person},{id},{}", self.imports).unwrap();
            self.people.insert((*id).to_owned(), (*person).to_owned());
        }
        let mut text = Vec::new();
        for (event, id, second) in rows {
            let uuid = format!("00000000-0000-4000-8000-{:012}", self.events.len());
            // Two months: files of a generation have no time in common.
            let time = format!("2024-0{}-01T00:00:0{}", 1 + second / 8 % 2, second % 8);
            text.push(format!(
                r#"{{"uuid":"{uuid}","event":"{event}","distinct_id":"{id}","timestamp":"{time}Z","properties":{{}}}}"#
            ));
            let then = self.people.get(*id).map_or(*id, String::as_str).to_owned();
            let (event, id) = ((*event).to_owned(), (*id).to_owned());
            self.events.push(Event { uuid, event, id, time, then });
        }
        let events = lines(self.place(), &format!("{}.jsonl", self.imports), &text);
        let mut source = SourceOptions::events(events);
        if !self.people.is_empty() {
            let name = format!("{}.csv", self.imports);
            source.persons = vec![lines(self.place(), &name, std::slice::from_ref(&self.history))];
        }
        let options = ImportOptions { buckets: Some(BUCKETS), ..options(self.place(), source) };
        assert_eq!(import(&options, &|_| {}).await.unwrap().rows, rows.len() as u64);
    }

    /// The person of a row, by hand.
    fn person<'s>(&'s self, event: &'s Event, is_now: bool) -> &'s str {
        match self.people.get(&event.id) {
            Some(person) if is_now => person,
            _ if is_now => &event.id,
            _ => &event.then,
        }
    }

    /// What persons did, by a join of the rows with the persons of their distinct ids. What they did at one time is in order
    /// of its text.
    fn naive(&self, request: &NarrowRequest) -> Answers {
        let mut answers = Answers::new();
        for event in &self.events {
            let is_wanted = |names: &Vec<String>| names.contains(&event.event);
            if request.events.as_ref().is_none_or(is_wanted) {
                let what = if request.columns.is_empty() { &event.event } else { &event.uuid };
                let person = self.person(event, !request.as_imported).to_owned();
                answers.entry(person).or_default().push((event.time.clone(), what.clone()));
            }
        }
        answers.values_mut().for_each(|did| did.sort());
        answers
    }

    async fn optimize(&self) {
        assert!(optimize(&tidy(self.place(), NOW, 0), &|_| {}).await.unwrap().changed);
    }

    async fn opened(&self, overrides: Vec<String>) -> (Source, SessionContext) {
        self.opened_in(overrides, Arc::new(RuntimeEnv::default())).await
    }

    async fn opened_in(
        &self,
        overrides: Vec<String>,
        runtime: Arc<RuntimeEnv>,
    ) -> (Source, SessionContext) {
        let location = self.place().join("store").display().to_string();
        let options = StoreOptions { location, overrides, ..StoreOptions::default() };
        let source = open_store(&options, &runtime).await.unwrap();
        let config = SessionConfig::new().with_batch_size(7).with_target_partitions(3);
        (source, SessionContext::new_with_config_rt(config, runtime))
    }
}

async fn narrow(source: &Source, context: &SessionContext, request: &NarrowRequest) -> Narrow {
    source.narrow(request, &context.state()).await.unwrap().unwrap()
}

/// What is asked: of clusters, and of event files with all events or some.
fn requests(as_imported: bool) -> Vec<NarrowRequest> {
    let names = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
    // The second one is what answers are made of.
    let columns = || vec!["event".to_owned(), "uuid".to_owned()];
    let request =
        |events, columns| NarrowRequest { events, columns, as_imported, ..Default::default() };
    vec![
        request(names(&["a", "c"]), Vec::new()),
        request(names(&["a", "b", "c", "none"]), Vec::new()),
        request(names(&["b"]), Vec::new()),
        request(names(&["none"]), Vec::new()),
        request(None, columns()),
        request(names(&["c", "b"]), columns()),
        // Marks of events that are most rows, and of some rows with further columns.
        NarrowRequest { marks: vec![1, 2, 4], ..request(names(&["a", "b", "c"]), Vec::new()) },
        NarrowRequest { marks: vec![4, 2], ..request(names(&["c", "b"]), columns()) },
    ]
}

/// The persons of actors: as the store tells, and as the plan does of those whom the store does not know.
async fn names(source: &Source, context: &SessionContext, narrow: &Narrow) -> HashMap<u64, String> {
    let query = r#"SELECT DISTINCT "$actor", "$person" FROM events"#;
    let known = rows(source, context, query).await.into_iter().map(|row| {
        let (actor, person) = row.split_once('|').unwrap();
        (actor.parse().unwrap(), person.to_owned())
    });
    let mut names: HashMap<u64, String> = known.collect();
    for (actor, person) in narrow.moved.iter().flat_map(|moved| moved.persons()) {
        assert!(!names.values().any(|name| name == person), "{person} has two actors");
        assert!(names.insert(actor, person.to_owned()).is_none(), "actor {actor} is two persons");
        assert_eq!(narrow.moved.as_ref().unwrap().person(actor), Some(person));
        assert_eq!(actor >> 32, u64::from(schema::bucket(person, BUCKETS)));
    }
    names
}

/// What persons did, as the runs of a plan tell. Each actor has one run, in order of time.
async fn found(source: &Source, context: &SessionContext, narrow: &Narrow) -> Answers {
    let names = names(source, context, narrow).await;
    let (mut answers, mut seen, mut last) = (Answers::new(), HashSet::new(), None);
    for row in merged(narrow, context).await {
        let parts: Vec<&str> = row.split('|').collect();
        let actor: u64 = parts[0].parse().unwrap();
        assert!(last == Some(actor) || seen.insert(actor), "actor {actor} has two runs");
        last = Some(actor);
        let did = answers.entry(names[&actor].clone()).or_default();
        did.push((parts[1][..19].to_owned(), parts[2].to_owned()));
        assert!(did.is_sorted_by_key(|(time, _)| time), "{row}");
    }
    answers
}

/// All answers, each of which is checked against the join. They are in the order of the runs.
async fn checked(scene: &Scene, overrides: &[String], as_imported: bool) -> Vec<Answers> {
    let (source, context) = scene.opened(overrides.to_vec()).await;
    let mut all = Vec::new();
    for request in requests(as_imported) {
        let narrow = narrow(&source, &context, &request).await;
        let answers = found(&source, &context, &narrow).await;
        let mut sorted = answers.clone();
        sorted.values_mut().for_each(|did| did.sort());
        assert_eq!(sorted, scene.naive(&request), "{request:?}");
        all.push(answers);
    }
    all
}

/// The same question is answered before and after an optimize, to the order of rows at one time.
async fn check(scene: &Scene) {
    let before = checked(scene, &[], false).await;
    checked(scene, &[], true).await;
    scene.optimize().await;
    assert_eq!(checked(scene, &[], false).await, before, "after an optimize");
}

/// Random numbers: SplitMix64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) % most as u64) as usize
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn random_merges_are_those_of_a_join() {
    let mut moved = 0;
    for seed in 0..6 {
        let mut dice = Dice(seed);
        // Persons are kept as bytes where all are UUIDs, else as texts.
        let name = |number: usize| match seed % 2 {
            0 => format!("id-{number}"),
            _ => format!("00000000-0000-4000-9000-{number:012x}"),
        };
        let names: Vec<String> = (0..20).map(name).collect();
        let mut scene = Scene::new();
        for generation in 0..3 + seed as usize % 2 {
            // The last of them never have rows of their own: persons alone.
            let mut merges = BTreeMap::new();
            for _ in 0..dice.below(2 + 5 * generation) {
                merges.insert(names[dice.below(16)].as_str(), names[dice.below(20)].as_str());
            }
            let merges: Vec<(&str, &str)> = merges.into_iter().collect();
            let row = |dice: &mut Dice| {
                let event = ["a", "b", "c"][dice.below(3)];
                (event, names[dice.below(16)].as_str(), dice.below(16) as u64)
            };
            let rows: Vec<(&str, &str, u64)> = (0..120).map(|_| row(&mut dice)).collect();
            scene.import(&merges, &rows).await;
        }
        moved +=
            scene.events.iter().filter(|event| scene.person(event, true) != event.then).count();
        check(&scene).await;
    }
    assert!(moved > 200, "{moved}");
}

#[tokio::test(flavor = "multi_thread")]
async fn persons_may_follow_each_other_return_and_be_new() {
    let mut scene = Scene::new();
    let did = |ids: &[&'static str]| -> Vec<(&'static str, &'static str, u64)> {
        let rows = (0..).zip(ids.iter().cycle());
        rows.take(40).map(|(row, id)| (["a", "b", "c"][row as usize % 3], *id, row / 9)).collect()
    };
    scene.import(&[("x", "pair"), ("y", "pair")], &did(&["k", "l", "m", "x", "y", "n"])).await;
    // `k` goes to the person that `l` was, and `l` to one that nobody has heard of; half a pair leaves.
    scene.import(&[("k", "l"), ("l", "new"), ("y", "other")], &did(&["m", "n"])).await;
    let before = checked(&scene, &[], false).await;
    let (source, context) = scene.opened(Vec::new()).await;
    let (by_event, by_person) = (&requests(false)[0], &requests(false)[4]);
    let one = narrow(&source, &context, by_event).await;
    let other = narrow(&source, &context, by_person).await;
    let added = |narrow: &Narrow| -> BTreeMap<String, u64> {
        let added = narrow.moved.as_ref().unwrap().persons();
        added.map(|(actor, person)| (person.to_owned(), actor)).collect()
    };
    assert_eq!(added(&one).into_keys().collect::<Vec<_>>(), ["new", "other"]);
    assert_eq!(added(&one), added(&other), "all plans of a source number them alike");
    assert_eq!(one.plan.name(), "MovedScanExec");
    assert!(before[4].contains_key("l") && !before[4].contains_key("k"));
    // `k` is itself again, and `m` joins those that were merged before.
    scene.import(&[("k", "k"), ("m", "new")], &did(&["k", "y"])).await;
    check(&scene).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn overrides_beside_a_store_count() {
    let mut scene = Scene::new();
    let ids = ["p", "q", "r", "s"];
    let row = |row: u64| (["a", "b", "c"][row as usize % 3], ids[row as usize / 2 % 4], row % 5);
    let rows: Vec<(&str, &str, u64)> = (0..60).map(row).collect();
    scene.import(&[], &rows).await;
    let text = [
        "distinct_id,person_id,version".to_owned(),
        "p,nobody,1".to_owned(),
        "p,q,2".to_owned(),
        "r,new,1".to_owned(),
        "absent,p,1".to_owned(),
    ];
    let overrides = [lines(scene.place(), "overrides.csv", &text)];
    checked(&scene, &overrides, true).await;
    scene
        .people
        .extend([("p", "q"), ("r", "new")].map(|(id, now)| (id.to_owned(), now.to_owned())));
    checked(&scene, &overrides, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_merges_nothing_is_between() {
    let mut scene = Scene::new();
    scene.import(&[], &[("a", "p", 1), ("b", "q", 2), ("c", "r", 3)]).await;
    // Overrides that tell what is known, and of those who did nothing.
    let text = ["distinct_id,person_id,version\np,p,1\nabsent,q,1".to_owned()];
    let overrides = lines(scene.place(), "overrides.csv", &text);
    for overrides in [vec![], vec![overrides]] {
        let (source, context) = scene.opened(overrides).await;
        for request in requests(false) {
            let narrow = narrow(&source, &context, &request).await;
            assert_eq!(narrow.plan.name(), "NarrowScanExec");
            let rank = |stream: &events::layout::OrderedStream| stream.rank;
            assert!(narrow.streams.iter().all(|stream| rank(stream) == 1), "{:?}", narrow.streams);
        }
    }
    scene.import(&[("p", "q")], &[("b", "q", 3)]).await;
    scene.optimize().await;
    let (source, context) = scene.opened(Vec::new()).await;
    let narrow = narrow(&source, &context, &requests(false)[0]).await;
    assert!(narrow.plan.name() == "NarrowScanExec" && narrow.moved.is_none());
}

/// A store of many rows of which few persons moved.
async fn few_of_many() -> Scene {
    let mut scene = Scene::new();
    let ids: Vec<String> = (0..50).map(|number| format!("id-{number}")).collect();
    let row = |row: u64| {
        (["a", "b", "c"][row as usize % 3], ids[row as usize * 7 % 50].as_str(), row % 16)
    };
    let rows: Vec<(&str, &str, u64)> = (0..3_000).map(row).collect();
    scene.import(&[], &rows).await;
    let merges = [("id-3", "id-4"), ("id-5", "id-6"), ("id-7", "new")];
    scene.import(&merges, &[("a", "id-3", 1)]).await;
    scene
}

#[tokio::test(flavor = "multi_thread")]
async fn only_rows_of_actors_that_moved_are_touched() {
    let scene = few_of_many().await;
    let (source, context) = scene.opened(Vec::new()).await;
    for (request, expected) in [(4, 180), (2, 60)] {
        let request = &requests(false)[request];
        let narrow = narrow(&source, &context, request).await;
        let answers = found(&source, &context, &narrow).await;
        assert_eq!(answers["new"].len(), expected / 3);
        let count =
            |name: &str| narrow.plan.metrics().unwrap().sum_by_name(name).unwrap().as_usize();
        assert_eq!((count("left_out_rows"), count("moved_rows")), (expected, expected));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_moved_count_against_the_memory_limit() {
    let scene = few_of_many().await;
    let runtime = RuntimeEnvBuilder::new().with_memory_limit(8 << 10, 1.0).build_arc().unwrap();
    let (source, context) = scene.opened_in(Vec::new(), runtime).await;
    let plan = narrow(&source, &context, &requests(false)[4]).await;
    let last = plan.streams.len() - 1;
    let rows = plan.plan.execute(last, context.task_ctx()).unwrap();
    let error = rows.try_collect::<Vec<RecordBatch>>().await.unwrap_err().to_string();
    assert!(error.contains("Resources exhausted") && error.contains("MovedScan"), "{error}");
    let runtime = RuntimeEnvBuilder::new().with_memory_limit(1 << 30, 1.0).build_arc().unwrap();
    let (source, context) = scene.opened_in(Vec::new(), Arc::clone(&runtime)).await;
    let reserved = || runtime.memory_pool.reserved();
    let plan = narrow(&source, &context, &requests(false)[4]).await;
    let known = reserved();
    assert!(known > 0, "what moved counts");
    let rows = plan.plan.execute(last, context.task_ctx()).unwrap();
    let rows: Vec<RecordBatch> = rows.try_collect().await.unwrap();
    assert!(rows.len() > 1 && rows.iter().all(|batch| batch.num_rows() <= 7));
    assert!(reserved() > known, "their rows do");
    drop((plan, rows));
    assert_eq!(reserved(), known, "and are let go with the plan");
    drop(source);
    assert_eq!(reserved(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_is_given_up_stops_no_other() {
    let scene = few_of_many().await;
    let runtime = Arc::new(RuntimeEnv::default());
    let (source, context) = scene.opened_in(Vec::new(), Arc::clone(&runtime)).await;
    let request = &requests(false)[4];
    let plan = narrow(&source, &context, request).await;
    let known = runtime.memory_pool.reserved();
    let first = plan.streams.len() - 2;
    // One is begun and not read on, one begun and dropped: the others have all their rows.
    let mut begun = plan.plan.execute(first, context.task_ctx()).unwrap();
    let _ = begun.try_next().now_or_never();
    let mut dropped = plan.plan.execute(first + 1, context.task_ctx()).unwrap();
    let _ = dropped.try_next().now_or_never();
    drop(dropped);
    let answers = tokio::time::timeout(Duration::from_secs(60), found(&source, &context, &plan));
    let mut answers = answers.await.unwrap();
    answers.values_mut().for_each(|did| did.sort());
    assert_eq!(answers, scene.naive(request));
    drop((begun, plan));
    // A plan that is given up at once leaves nothing behind.
    let plan = narrow(&source, &context, request).await;
    let mut begun = plan.plan.execute(first, context.task_ctx()).unwrap();
    let _ = begun.try_next().now_or_never();
    drop((begun, plan));
    for _ in 0..500 {
        if runtime.memory_pool.reserved() == known {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{} bytes are still reserved", runtime.memory_pool.reserved());
}
