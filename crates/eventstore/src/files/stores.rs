//! Object stores of locations: which one, and how it is reached.

use crate::Error;
use datafusion::datasource::listing::ListingTableUrl;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::execution::runtime_env::RuntimeEnv;
use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey};
use object_store::{ObjectStore, RetryConfig};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// The store of an address, registered on `runtime` if it was not yet.
pub(super) fn store_of(
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

/// S3 or what speaks its language, as the `AWS_` variables say. Without credentials the bucket is read as a public one.
fn amazon_s3(url: &Url, environment: &HashMap<String, String>) -> Result<AmazonS3, Error> {
    let Some(bucket) = url.host_str() else {
        return Err(Error::usage("the address names no bucket")
            .at(url.as_str())
            .with_hint("write s3://bucket/folder/"));
    };
    let retry = RetryConfig {
        max_retries: 4,
        retry_timeout: Duration::from_secs(30),
        ..RetryConfig::default()
    };
    let mut builder = AmazonS3Builder::new().with_bucket_name(bucket).with_retry(retry);
    let mut credentials = false;
    for (name, value) in environment {
        let name = name.to_ascii_lowercase();
        if !name.starts_with("aws_") || value.is_empty() {
            continue;
        }
        if let Ok(key) = name.parse::<AmazonS3ConfigKey>() {
            credentials |= gives_credentials(key);
            builder = builder.with_config(key, value);
        }
        if name == "aws_endpoint_url" && value.starts_with("http://") {
            builder = builder.with_allow_http(true);
        }
    }
    builder.with_skip_signature(!credentials).build().map_err(|error| {
        Error::usage(format!("the AWS_ settings are wrong: {error}")).at(url.as_str())
    })
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
    fn an_unknown_scheme_is_refused() {
        let url = Url::parse("ftp://host/a.parquet").unwrap();
        let error = store_of(&url, &RuntimeEnv::default(), &HashMap::new()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "ftp://host/a.parquet: addresses of the kind ftp:// are not known; give a path, file:// or s3://"
        );
    }
}
