//! Stores in a bucket whose service fails or keeps silent, and those that are changed behind the back of a session.

use super::import::{NOW, line, lines};
use crate::store::import::{ImportOptions, import};
use crate::store::{NarrowRequest, StoreOptions, open_store};
use crate::tests::s3_server::{Objects, Reads, Server};
use crate::{Error, Source, SourceOptions, open};
use arrow::util::display::array_value_to_string;
use datafusion::execution::context::SessionContext;
use datafusion::execution::runtime_env::RuntimeEnv;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const STORE: &str = "s3://exports/stores/a";

/// A bucket, and a folder for what is imported into its store.
struct Bucket {
    server: Server,
    folder: TempDir,
}

impl Bucket {
    fn new() -> Self {
        Self { server: Server::empty(), folder: tempfile::tempdir().unwrap() }
    }

    /// Imports events of one name.
    async fn imports(&self, event: &str, rows: Range<u32>) {
        let text: Vec<String> = rows
            .map(|row| line(row, event, &format!("p{}", row % 5), "2024-01-01T00:00:00Z", "{}"))
            .collect();
        let file = lines(self.folder.path(), "a.jsonl", &text);
        let environment = self.server.environment();
        let source = SourceOptions { environment, ..SourceOptions::events(file) };
        let options = ImportOptions {
            buckets: Some(1),
            work: Some(self.folder.path().join("work")),
            ..ImportOptions::new(source, STORE, NOW)
        };
        import(&options, &|_| {}).await.unwrap();
    }

    async fn opened(
        &self,
        runtime: &Arc<RuntimeEnv>,
        version: Option<u64>,
    ) -> Result<Source, Error> {
        let options = StoreOptions {
            location: STORE.to_owned(),
            version,
            environment: self.server.environment(),
            ..StoreOptions::default()
        };
        open_store(&options, runtime).await
    }
}

/// What a source answers: one value.
async fn asked(
    source: &Source,
    runtime: &Arc<RuntimeEnv>,
    query: &str,
) -> Result<String, Box<dyn std::error::Error>> {
    let context = SessionContext::new_with_config_rt(Default::default(), Arc::clone(runtime));
    let events = source.events().ok_or("no events")?;
    context.register_table("events", Arc::clone(&events.provider))?;
    let batches = context.sql(query).await?.collect().await?;
    let batch = batches.first().ok_or("no rows")?;
    Ok(array_value_to_string(batch.column(0), 0)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_refuses_is_not_taken_for_damage() {
    let bucket = Bucket::new();
    bucket.imports("a", 0..100).await;
    let query = "SELECT max(distinct_id) FROM events";
    let check = |folder: &str, told: &str| {
        let expected = "it cannot be read: The provided token has expired. (ExpiredToken); \
                        check AWS_ENDPOINT_URL, AWS_REGION and the network";
        assert!(told.contains(&format!("{STORE}/{folder}/1-")), "{told}");
        assert!(told.contains(expected), "{told}");
    };
    // At first the page index is refused, later the columns.
    for known in [false, true] {
        let runtime = Arc::new(RuntimeEnv::default());
        let source = bucket.opened(&runtime, None).await.unwrap();
        if known {
            assert_eq!(asked(&source, &runtime, query).await.unwrap(), "p4");
        }
        bucket.server.treat(Reads::Expired);
        let told = asked(&source, &runtime, query).await.unwrap_err().to_string();
        check("events", &told);
        let context = SessionContext::new_with_config_rt(Default::default(), runtime);
        let events = Some(vec!["a".to_owned()]);
        let request = NarrowRequest { events, ..NarrowRequest::default() };
        let told = source.narrow(&request, &context.state()).await.unwrap_err().to_string();
        check("clusters", &told);
        bucket.server.treat(Reads::Good);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_made_anew_is_read_anew() {
    let bucket = Bucket::new();
    let runtime = Arc::new(RuntimeEnv::default());
    for event in ["old", "new"] {
        bucket.server.change(Objects::clear);
        bucket.imports(event, 0..10).await;
        let source = bucket.opened(&runtime, None).await.unwrap();
        assert_eq!(source.store().unwrap().version, 1);
        let query = "SELECT DISTINCT event FROM events";
        assert_eq!(asked(&source, &runtime, query).await.unwrap(), event);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_restored_from_a_copy_is_read_again() {
    let bucket = Bucket::new();
    bucket.imports("a", 0..10).await;
    for (folder, what) in [
        ("/manifests/", "the manifest is damaged"),
        ("/properties/", "the property dictionary is damaged"),
    ] {
        let key = bucket.server.keys().into_iter().find(|key| key.contains(folder)).unwrap();
        for version in [None, Some(1)] {
            let runtime = Arc::new(RuntimeEnv::default());
            let mut whole = Vec::new();
            bucket.server.change(|objects| {
                let object = objects.get_mut(&key).unwrap();
                whole.clone_from(object);
                object.fill(b'#');
            });
            let told = bucket.opened(&runtime, version).await.unwrap_err().to_string();
            assert!(told.contains(what), "{told}");
            bucket.server.change(|objects| drop(objects.insert(key.clone(), whole)));
            bucket.opened(&runtime, version).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_service_is_told() {
    let bucket = Bucket::new();
    bucket.imports("a", 0..10).await;
    bucket.server.treat(Reads::Mute);
    let started = Instant::now();
    let (listed, found) = (Arc::default(), Arc::default());
    let environment = bucket.server.environment();
    let in_place = SourceOptions { environment, ..SourceOptions::events("s3://exports/logs") };
    let runtime = Arc::default();
    let (latest, pinned, in_place) = tokio::join!(
        bucket.opened(&listed, None),
        bucket.opened(&found, Some(1)),
        open(&in_place, &runtime)
    );
    for error in [latest.unwrap_err(), pinned.unwrap_err(), in_place.unwrap_err()] {
        assert_eq!(error.message(), "the service does not answer");
        assert!(error.place().unwrap().starts_with("s3://exports/"), "{error}");
        assert_eq!(error.hint(), Some("check AWS_ENDPOINT_URL and the network"));
    }
    assert!(started.elapsed() < Duration::from_secs(60));
}
