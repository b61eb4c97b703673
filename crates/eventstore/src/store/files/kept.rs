//! Small files that never change, kept in memory: manifests and property dictionaries of a store that is elsewhere.
//!
//! They are in the runtime's cache of file metadata, where DataFusion keeps the footers of Parquet files. Its limit bounds
//! all of them together (`metadata_cache_limit`: 256 MiB in a session, or a quarter of its memory limit if that is less); what
//! was not asked for the longest makes room for others.
//!
//! A store never changes them, but its folder may: it may be removed and made anew, or a file in it restored from a copy. So
//! what is kept is compared with each listing that has it.

use bytes::Bytes;
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

    /// Keeps a file, of which its store says this.
    pub(super) fn put(&self, meta: ObjectMeta, bytes: &[u8]) {
        let key = self.key(&meta.location);
        let kept = Arc::new(Kept(Bytes::copy_from_slice(bytes)));
        self.cache.put(&key, CachedFileMetadataEntry::new(meta, kept));
    }

    /// Forgets a file in the place of which another is listed by now.
    pub(super) fn compare(&self, listed: &ObjectMeta) {
        let Some(entry) = self.cache.get(&self.key(&listed.location)) else { return };
        let is_other = match (&entry.meta.e_tag, &listed.e_tag) {
            (Some(kept), Some(listed)) => kept != listed,
            _ => false,
        };
        if is_other || entry.meta.size != listed.size {
            self.forget(&listed.location);
        }
    }

    /// Forgets a file that is written or removed, or that is not what it should be.
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
    use chrono::DateTime;

    fn meta(path: &Path, size: u64, tag: Option<&str>) -> ObjectMeta {
        ObjectMeta {
            location: path.clone(),
            last_modified: DateTime::UNIX_EPOCH,
            size,
            e_tag: tag.map(str::to_owned),
            version: None,
        }
    }

    #[test]
    fn a_file_is_forgotten_once_another_is_listed() {
        let runtime = RuntimeEnv::default();
        let kept = KeptFiles::new(&runtime, &ObjectStoreUrl::parse("s3://a/").unwrap());
        let path = Path::from("store/manifests/1.json");
        for (known, size, tag, stays) in [
            (Some("tag"), 3, Some("tag"), true),
            (Some("tag"), 3, None, true),
            (None, 3, Some("tag"), true),
            (Some("tag"), 3, Some("other"), false),
            (Some("tag"), 4, Some("tag"), false),
            (None, 4, None, false),
        ] {
            kept.put(meta(&path, 3, known), b"old");
            // One that is not kept changes nothing.
            kept.compare(&meta(&Path::from("store/manifests/2.json"), 9, None));
            kept.compare(&meta(&path, size, tag));
            assert_eq!(kept.get(&path).is_some(), stays, "{known:?} {size} {tag:?}");
        }
    }

    #[test]
    fn files_of_several_stores_are_kept_apart() {
        let runtime = RuntimeEnv::default();
        let kept = |url: &str| KeptFiles::new(&runtime, &ObjectStoreUrl::parse(url).unwrap());
        let (a, b) = (kept("s3://a/"), kept("s3://b/"));
        let path = Path::from("store/manifests/1.json");
        a.put(meta(&path, 4, None), b"of a");
        assert_eq!(a.get(&path).as_deref(), Some(&b"of a"[..]));
        assert_eq!(b.get(&path), None);
        b.put(meta(&path, 4, None), b"of b");
        a.forget(&path);
        assert_eq!((a.get(&path), b.get(&path).as_deref()), (None, Some(&b"of b"[..])));
        assert!(KeptFiles::wants("manifests/1.json") && !KeptFiles::wants("persons/1-a/b.parquet"));
    }
}
