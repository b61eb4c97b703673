//! The built-in sample as a source.

use crate::sample::sample_files;
use crate::{Error, SourceOptions};
use datafusion::execution::runtime_env::RuntimeEnv;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStoreExt, PutPayload};
use std::sync::Arc;
use url::Url;

/// Address of the sample's files.
pub(crate) const ADDRESS: &str = "sample://hoglet/";

/// Makes the sample's files readable through `runtime` and gives the options that open them.
///
/// # Errors
/// A defect only: the files are in memory.
pub async fn register_sample(runtime: &Arc<RuntimeEnv>) -> Result<SourceOptions, Error> {
    let defect = |error: &dyn std::fmt::Display| {
        Error::internal(format!("the sample cannot be opened: {error}"))
    };
    let store = InMemory::new();
    for (name, bytes) in sample_files() {
        store
            .put(&Path::from(*name), PutPayload::from_static(bytes))
            .await
            .map_err(|error| defect(&error))?;
    }
    let address = Url::parse(ADDRESS).map_err(|error| defect(&error))?;
    runtime.register_object_store(&address, Arc::new(store));
    let folder = |name: &str| vec![format!("{ADDRESS}{name}/")];
    Ok(SourceOptions {
        events: folder("events"),
        persons: folder("persons"),
        groups: folder("groups"),
        ..SourceOptions::default()
    })
}
