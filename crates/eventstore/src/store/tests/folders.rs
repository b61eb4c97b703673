//! What tests of stores do with their folders.

use crate::store::OptimizeOptions;
use std::collections::HashMap;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// An hour in microseconds.
pub(super) const HOUR: i64 = 3_600_000_000;

/// Copies a folder with all that is below it.
pub(super) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for path in below(from) {
        let target = to.join(path.strip_prefix(from).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(path, target).unwrap();
    }
}

/// All files below a folder, by path.
pub(super) fn below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(below(&path));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The last file of a kind in the store below `place`: that of the newest writer.
pub(super) fn last(place: &Path, kind: &str) -> PathBuf {
    below(&place.join("store").join(kind)).pop().unwrap()
}

/// An optimize of the store below `place`.
pub(super) fn tidy(place: &Path, now: i64, grace: i64) -> OptimizeOptions {
    OptimizeOptions {
        store: place.join("store").display().to_string(),
        environment: HashMap::new(),
        now,
        grace,
        memory: 1 << 28,
        threads: NonZeroUsize::MIN.saturating_add(1),
        work: None,
        cancelled: Arc::default(),
    }
}

/// The present as the file system has it: all files are older, and what comes is younger.
pub(super) async fn present(place: &Path) -> i64 {
    tokio::time::sleep(Duration::from_millis(30)).await;
    let probe = place.join("probe");
    fs::write(&probe, "").unwrap();
    let modified = fs::metadata(probe).unwrap().modified().unwrap();
    let since = modified.duration_since(SystemTime::UNIX_EPOCH).unwrap();
    // A file system's clock may be some milliseconds late.
    i64::try_from(since.as_micros()).unwrap() - 10_000
}

/// Where the pages of a Parquet file are: all that is before its footer.
pub(super) fn pages(file: &[u8]) -> std::ops::Range<usize> {
    let (rest, tail) = file.split_last_chunk::<8>().unwrap();
    let length = tail.first_chunk::<4>().unwrap();
    4..rest.len() - u32::from_le_bytes(*length) as usize
}
