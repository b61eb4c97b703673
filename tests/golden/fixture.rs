//! The rows that golden files ask about: `tests/data`.

use hoglet::store::{ImportOptions, import};
use hoglet::{Session, SourceOptions};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The present of golden files: 2024-03-15T12:00:00Z.
const NOW: i64 = 1_710_504_000_000_000;

/// The package's folder.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

/// A session over the golden rows, with the partitions that plans show.
pub(crate) async fn session(zone: &str) -> Result<Session, String> {
    let data = root().join("tests/data");
    let at = |name: &str| data.join(name).to_string_lossy().into_owned();
    let partitions = NonZeroUsize::new(4).unwrap_or(NonZeroUsize::MIN);
    let builder = Session::builder()
        .events(at("events.parquet"))
        .persons(at("persons.parquet"))
        .groups(at("groups.parquet"));
    builder
        .now(NOW)
        .timezone(zone)
        .threads(partitions)
        .open()
        .await
        .map_err(|error| error.to_string())
}

/// A folder with a store of the golden rows, which goes with it.
pub(crate) fn store() -> Result<TempDir, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let data = root().join("tests/data");
    let at = |name: &str| vec![data.join(name).to_string_lossy().into_owned()];
    let source = SourceOptions {
        events: at("events.parquet"),
        persons: at("persons.parquet"),
        groups: at("groups.parquet"),
        ..SourceOptions::default()
    };
    let options = ImportOptions::new(source, folder.path().to_string_lossy(), NOW);
    // An import waits on its threads.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    runtime.block_on(import(&options, &|_| {})).map_err(|error| error.to_string())?;
    Ok(folder)
}

/// A session over a store. Its partitions are fewer than those from which DataFusion leaves rows where they are if they lie
/// together by one of several keys.
pub(crate) async fn stored(store: &Path) -> Result<Session, String> {
    let partitions = NonZeroUsize::MIN.saturating_add(2);
    let builder = Session::builder().store(store.to_string_lossy()).now(NOW).timezone("UTC");
    builder.threads(partitions).open().await.map_err(|error| error.to_string())
}

/// A runtime for one file.
pub(crate) fn block_on<T>(future: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| error.to_string())?.block_on(future)
}
