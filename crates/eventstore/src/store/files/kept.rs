//! Small files that never change, kept in memory: manifests and property dictionaries of a store that is elsewhere.
//!
//! They are in the runtime's cache of file metadata, where DataFusion keeps the footers of Parquet files. Its limit bounds
//! all of them together (`metadata_cache_limit`, 50 MiB if nobody says otherwise); what was not asked for the longest makes
//! room for others.

use bytes::Bytes;
use chrono::DateTime;
use datafusion::common::HashMap;
use datafusion::execution::cache::cache_manager::{
    CachedFileMetadataEntry, FileMetadata, FileMetadataCache,
};
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::execution::runtime_env::RuntimeEnv;
use object_store::ObjectMeta;
use object_store::path::Path;
use std::any::Any;
use std::sync::Arc;

/// Folders of a store with files that are small, and asked for again.
const FOLDERS: [&str; 2] = ["manifests/", "properties/"];

/// Keeps files of one object store.
#[derive(Debug, Clone)]
pub(super) struct KeptFiles {
    cache: Arc<FileMetadataCache>,
    /// Address of the object store.
    root: String,
}

/// What is kept of a file: all of it.
struct Kept(Bytes);

impl FileMetadata for Kept {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn memory_size(&self) -> usize {
        self.0.len()
    }

    fn extra_info(&self) -> HashMap<String, String> {
        HashMap::default()
    }
}

impl KeptFiles {
    /// Keeps files of the object store at `url` in a runtime's cache.
    pub(super) fn new(runtime: &RuntimeEnv, url: &ObjectStoreUrl) -> Self {
        let cache = runtime.cache_manager.get_file_metadata_cache();
        Self { cache, root: url.as_str().to_owned() }
    }

    /// Whether a file of a store, by its path below it, is one to be kept.
    pub(super) fn wants(relative: &str) -> bool {
        FOLDERS.iter().any(|folder| relative.starts_with(folder))
    }

    /// A file that is kept.
    pub(super) fn get(&self, path: &Path) -> Option<Vec<u8>> {
        let entry = self.cache.get(&self.key(path))?;
        let kept = entry.file_metadata.as_any().downcast_ref::<Kept>()?;
        Some(kept.0.to_vec())
    }

    /// Keeps a file.
    pub(super) fn put(&self, path: &Path, bytes: &[u8]) {
        let meta = ObjectMeta {
            location: path.clone(),
            last_modified: DateTime::UNIX_EPOCH,
            size: bytes.len() as u64,
            e_tag: None,
            version: None,
        };
        let kept = Arc::new(Kept(Bytes::copy_from_slice(bytes)));
        self.cache.put(&self.key(path), CachedFileMetadataEntry::new(meta, kept));
    }

    /// Forgets a file that is written or removed.
    pub(super) fn forget(&self, path: &Path) {
        self.cache.remove(&self.key(path));
    }

    /// DataFusion's own keys are paths without their object store: those of several would meet.
    fn key(&self, path: &Path) -> Path {
        Path::from(format!("{}{path}", self.root))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_several_stores_are_kept_apart() {
        let runtime = RuntimeEnv::default();
        let kept = |url: &str| KeptFiles::new(&runtime, &ObjectStoreUrl::parse(url).unwrap());
        let (a, b) = (kept("s3://a/"), kept("s3://b/"));
        let path = Path::from("store/manifests/1.json");
        a.put(&path, b"of a");
        assert_eq!(a.get(&path).as_deref(), Some(&b"of a"[..]));
        assert_eq!(b.get(&path), None);
        b.put(&path, b"of b");
        a.forget(&path);
        assert_eq!((a.get(&path), b.get(&path).as_deref()), (None, Some(&b"of b"[..])));
        assert!(KeptFiles::wants("manifests/1.json") && !KeptFiles::wants("persons/1-a/b.parquet"));
    }
}
