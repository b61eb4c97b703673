//! Object stores of locations: which one, and how it is reached.

use super::locate::{root_cause, unreadable};
use crate::Error;
use datafusion::datasource::listing::ListingTableUrl;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::execution::runtime_env::RuntimeEnv;
use futures::TryStreamExt;
use futures::stream::BoxStream;
use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey};
use object_store::{ClientConfigKey, ClientOptions, ObjectMeta, ObjectStore, RetryConfig};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// The store of an address, registered on `runtime` if it was not yet.
pub(crate) fn store_of(
    url: &Url,
    runtime: &RuntimeEnv,
    environment: &HashMap<String, String>,
) -> Result<(ObjectStoreUrl, Arc<dyn ObjectStore>), Error> {
    let root = ListingTableUrl::try_new(url.clone(), None)
        .map_err(|error| Error::usage(error.strip_backtrace()).at(url.as_str()))?
        .object_store();
    if let Ok(store) = runtime.object_store(&root) {
        return Ok((root, store));
    }
    if url.scheme() != "s3" {
        return Err(Error::usage(format!(
            "addresses of the kind {}:// are not known",
            url.scheme()
        ))
        .at(url.as_str())
        .with_hint("give a path, file:// or s3://"));
    }
    let store: Arc<dyn ObjectStore> = Arc::new(amazon_s3(url, environment)?);
    runtime.register_object_store(root.as_ref(), Arc::clone(&store));
    Ok((root, store))
}

/// Waits for S3: an endpoint that is dead must be told within seconds, one that is busy gets a few more chances.
const CONNECT: Duration = Duration::from_secs(2);
const RETRY: Duration = Duration::from_secs(20);
/// Most time of one request: parts of several files on a slow line take minutes.
const REQUEST: Duration = Duration::from_secs(300);
const RETRIES: usize = 4;
/// Most time for the answer to a small question, such as what is there: with one of those everything begins, so an endpoint
/// that takes connections and is silent is told within a minute. Tests are less patient.
const ANSWER: Duration = Duration::from_secs(if cfg!(test) { 5 } else { 60 });

/// The answer of the service that `place` is at to a small question.
pub(crate) async fn answered<T>(place: &str, answer: impl Future<Output = T>) -> Result<T, Error> {
    if !place.starts_with("s3://") {
        return Ok(answer.await);
    }
    tokio::time::timeout(ANSWER, answer).await.map_err(|_| {
        Error::data("the service does not answer")
            .at(place)
            .with_hint("check AWS_ENDPOINT_URL and the network")
    })
}

/// All that is listed below `place`. Each page of it must come in time, however many there are.
pub(crate) async fn listed(
    place: &str,
    mut listing: BoxStream<'static, object_store::Result<ObjectMeta>>,
) -> Result<Vec<ObjectMeta>, Error> {
    let mut all = Vec::new();
    loop {
        match answered(place, listing.try_next()).await? {
            Ok(Some(meta)) => all.push(meta),
            Ok(None) => return Ok(all),
            Err(error) => return Err(unreadable(place, &error)),
        }
    }
}

/// S3 or what speaks its language, as the `AWS_` variables say. Without credentials the bucket is read as a public one.
fn amazon_s3(url: &Url, environment: &HashMap<String, String>) -> Result<AmazonS3, Error> {
    let Some(bucket) = url.host_str() else {
        return Err(Error::usage("the address names no bucket")
            .at(url.as_str())
            .with_hint("write s3://bucket/folder/"));
    };
    let retry =
        RetryConfig { max_retries: RETRIES, retry_timeout: RETRY, ..RetryConfig::default() };
    let mut builder = AmazonS3Builder::new().with_retry(retry).with_client_options(
        ClientOptions::new().with_connect_timeout(CONNECT).with_timeout(REQUEST),
    );
    let mut given = HashSet::new();
    let mut plain = false;
    for (name, value) in settings(environment) {
        let Ok(key) = name.parse::<AmazonS3ConfigKey>() else { continue };
        let mut value = value;
        if matches!(key, AmazonS3ConfigKey::Endpoint | AmazonS3ConfigKey::S3Endpoint) {
            plain |= is_plain(&name, value)?;
            value = value.trim_end_matches('/');
        }
        builder = builder.with_config(key, value);
        given.insert(key);
    }
    if plain && !given.contains(&AmazonS3ConfigKey::Client(ClientConfigKey::AllowHttp)) {
        builder = builder.with_allow_http(true);
    }
    if !given.contains(&AmazonS3ConfigKey::SkipSignature) {
        builder = builder.with_skip_signature(!given.iter().copied().any(gives_credentials));
    }
    // The address names the bucket, whatever AWS_BUCKET says.
    builder.with_bucket_name(bucket).build().map_err(|error| {
        Error::usage(format!("the AWS_ settings are wrong: {}", root_cause(&error)))
            .at(url.as_str())
    })
}

/// The `AWS_` variables that are set, in lower case. Where two set the same thing the later one counts, so they are in an
/// order: `AWS_ENDPOINT_URL` stands behind `AWS_ENDPOINT`.
fn settings(environment: &HashMap<String, String>) -> Vec<(String, &str)> {
    let mut settings: Vec<(String, &str)> = environment
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim()))
        .filter(|(name, value)| name.starts_with("aws_") && !value.is_empty())
        .collect();
    settings.sort_unstable();
    settings
}

/// Whether an endpoint is reached without TLS. One that is no address is refused here: the signer would panic at it.
fn is_plain(name: &str, endpoint: &str) -> Result<bool, Error> {
    match Url::parse(endpoint) {
        Ok(url) if url.has_host() && matches!(url.scheme(), "http" | "https") => {
            Ok(url.scheme() == "http")
        }
        _ => {
            let name = name.to_ascii_uppercase();
            Err(Error::usage(format!("{name} is no address of a server: {endpoint}"))
                .with_hint("write http://host:port or https://host"))
        }
    }
}

fn gives_credentials(key: AmazonS3ConfigKey) -> bool {
    matches!(
        key,
        AmazonS3ConfigKey::AccessKeyId
            | AmazonS3ConfigKey::WebIdentityTokenFile
            | AmazonS3ConfigKey::ContainerCredentialsRelativeUri
            | AmazonS3ConfigKey::ContainerCredentialsFullUri
            | AmazonS3ConfigKey::MetadataEndpoint
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn s3(address: &str, environment: &[(&str, &str)]) -> String {
        let environment = environment
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let url = Url::parse(address).unwrap();
        format!("{:?}", amazon_s3(&url, &environment).unwrap())
    }

    #[test]
    fn settings_come_from_the_environment_given() {
        let store = s3(
            "s3://exports/events/",
            &[
                ("AWS_ACCESS_KEY_ID", "key"),
                ("AWS_SECRET_ACCESS_KEY", "secret"),
                ("AWS_REGION", "eu-central-1"),
                ("AWS_ENDPOINT_URL", "http://localhost:9000"),
                ("HOME", "/nowhere"),
            ],
        );
        for part in ["exports", "eu-central-1", "http://localhost:9000", "skip_signature: false"] {
            assert!(store.contains(part), "{part}: {store}");
        }
    }

    #[test]
    fn without_credentials_requests_are_unsigned() {
        let store = s3("s3://public/events/", &[("AWS_REGION", "us-east-1")]);
        assert!(store.contains("skip_signature: true"), "{store}");
    }

    #[test]
    fn the_last_name_of_a_setting_counts() {
        let store = s3(
            "s3://exports/events/",
            &[
                ("AWS_ENDPOINT", "http://first:1"),
                ("AWS_ENDPOINT_URL", "http://second:2/"),
                ("AWS_BUCKET", "another"),
                ("AWS_REGION", " "),
            ],
        );
        assert!(store.contains("http://second:2/exports\""), "{store}");
        assert!(!store.contains("another") && !store.contains("first"), "{store}");
    }

    #[test]
    fn an_endpoint_must_be_an_address() {
        for endpoint in ["localhost:9000", "minio", "ftp://minio:9000", "http://"] {
            let environment = HashMap::from([("AWS_ENDPOINT_URL".to_owned(), endpoint.to_owned())]);
            let url = Url::parse("s3://exports/").unwrap();
            let error = amazon_s3(&url, &environment).unwrap_err().to_string();
            let expected =
                format!("AWS_ENDPOINT_URL is no address of a server: {endpoint}; write http");
            assert!(error.starts_with(&expected), "{error}");
        }
    }

    #[test]
    fn an_unknown_scheme_is_refused() {
        let url = Url::parse("ftp://host/a.parquet").unwrap();
        let error = store_of(&url, &RuntimeEnv::default(), &HashMap::new()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "ftp://host/a.parquet: addresses of the kind ftp:// are not known; give a path, file:// or s3://"
        );
    }
}
