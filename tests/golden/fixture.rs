//! The rows that golden files ask about: `tests/data`.

use hoglet::Session;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

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

/// A runtime for one file.
pub(crate) fn block_on<T>(future: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| error.to_string())?.block_on(future)
}
