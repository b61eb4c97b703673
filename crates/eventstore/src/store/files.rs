//! The folder of a store, on this machine or in a bucket: whole files are read, and written so that none is seen half.

mod kept;
mod local;
mod remote;

pub(crate) use local::{LocalFile, unwritable};

use crate::Error;
use crate::files::{answered, listed, resolve, store_of, unreadable};
use crate::parquet_file::RESTORE;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::execution::runtime_env::RuntimeEnv;
use futures::StreamExt;
use kept::KeptFiles;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt};
use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::PathBuf;
use std::sync::Arc;

/// A store's folder. Files in it are named by their path below it, with `/`.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    url: ObjectStoreUrl,
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    /// The folder on this machine; `None` if it is not here.
    local: Option<PathBuf>,
    /// Where files that never change are kept; they are read again if the folder is here.
    kept: Option<KeptFiles>,
}

/// A file in the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    /// Its path below the folder.
    pub(crate) path: String,
    /// Its size.
    pub(crate) bytes: u64,
    /// When it was last changed, in microseconds since 1970 UTC.
    pub(crate) modified: i64,
}

impl Folder {
    /// The folder at a path or an address. A folder that does not exist is made by the first file.
    pub(crate) fn open(
        location: &str,
        runtime: &RuntimeEnv,
        environment: &HashMap<String, String>,
    ) -> Result<Self, Error> {
        if location.trim().is_empty() {
            return Err(Error::usage("the store's location is empty")
                .with_hint("give a folder or an address such as s3://bucket/folder/"));
        }
        let (address, prefix) =
            resolve(location).map_err(|message| Error::usage(message).at(location))?;
        let (url, store) = store_of(&address, runtime, environment)?;
        let local = match address.scheme() {
            "file" => Some(address.to_file_path().map_err(|()| {
                Error::usage("the address is no path of this machine").at(location)
            })?),
            _ => None,
        };
        if local.as_deref().is_some_and(std::path::Path::is_file) {
            return Err(Error::usage("a store is a folder, found a file")
                .at(location)
                .with_hint("name the store's folder"));
        }
        let mut above = local.iter().flat_map(|local| local.ancestors().skip(1));
        if let Some(file) = above.find(|above| above.is_file()) {
            return Err(Error::usage(format!("{} is a file, and no folder", file.display()))
                .at(location)
                .with_hint("name another folder"));
        }
        let kept = local.is_none().then(|| KeptFiles::new(runtime, &url));
        Ok(Self { url, store, prefix, local, kept })
    }

    /// Lets a runtime read the folder's files.
    pub(crate) fn register(&self, runtime: &RuntimeEnv) {
        if runtime.object_store(&self.url).is_err() {
            runtime.register_object_store(self.url.as_ref(), Arc::clone(&self.store));
        }
    }

    /// Address of the object store it is in.
    pub(crate) const fn url(&self) -> &ObjectStoreUrl {
        &self.url
    }

    /// The object store it is in.
    pub(crate) fn store(&self) -> Arc<dyn ObjectStore> {
        Arc::clone(&self.store)
    }

    /// Where a file is in the object store.
    pub(crate) fn path(&self, relative: &str) -> Path {
        let parts = relative.split('/').filter(|part| !part.is_empty());
        parts.fold(self.prefix.clone(), Path::join)
    }

    /// Where a file is on this machine, if the folder is here.
    pub(crate) fn local(&self, relative: &str) -> Option<PathBuf> {
        let parts = relative.split('/').filter(|part| !part.is_empty());
        self.local.as_ref().map(|root| parts.fold(root.clone(), |path, part| path.join(part)))
    }

    /// Where a file is, as people write it.
    pub(crate) fn place(&self, relative: &str) -> String {
        match self.local(relative) {
            Some(path) => path.display().to_string(),
            None => crate::files::place(self.url.as_str(), &self.path(relative)),
        }
    }

    /// A file's bytes.
    pub(crate) async fn read(&self, relative: &str) -> Result<Vec<u8>, Error> {
        self.find(relative).await?.ok_or_else(|| {
            Error::data("a file of the store is missing")
                .at(self.place(relative))
                .with_hint(RESTORE)
        })
    }

    /// A file's bytes, if it is there.
    pub(crate) async fn find(&self, relative: &str) -> Result<Option<Vec<u8>>, Error> {
        let path = self.path(relative);
        let kept = self.kept.as_ref().filter(|_| KeptFiles::wants(relative));
        if let Some(bytes) = kept.and_then(|kept| kept.get(&path)) {
            return Ok(Some(bytes));
        }
        let place = self.place(relative);
        let find = remote::find(self.store.as_ref(), &path);
        // Those that are kept are small.
        let found = if kept.is_some() { answered(&place, find).await? } else { find.await };
        let found = found.map_err(|error| unreadable(&place, &error))?;
        Ok(found.map(|(bytes, meta)| {
            if let Some(kept) = kept {
                kept.put(meta, &bytes);
            }
            bytes
        }))
    }

    /// Makes sure that what was kept of a file is not taken for what it holds now.
    pub(crate) fn forget(&self, relative: &str) {
        if let Some(kept) = &self.kept {
            kept.forget(&self.path(relative));
        }
    }

    /// Writes a file, in place of one of that name. When this returns it is there to stay; before, nobody sees it.
    pub(crate) async fn write(&self, relative: &str, bytes: Vec<u8>) -> Result<(), Error> {
        self.forget(relative);
        match self.local(relative) {
            Some(path) => blocking(move || local::write(path, &bytes)).await,
            None => {
                let written = self.store.put(&self.path(relative), bytes.into()).await;
                written.map(drop).map_err(|error| self.refused(relative, &error))
            }
        }
    }

    /// Writes a file unless one of that name is there, and tells whether it did. Of any number who try, one does.
    ///
    /// The bytes must be the writer's alone (see [`token`]): where an answer is lost on the way, finding them there
    /// means that they were written.
    pub(crate) async fn put_new(&self, relative: &str, bytes: Vec<u8>) -> Result<bool, Error> {
        match self.local(relative) {
            Some(path) => blocking(move || local::put_new(&path, &bytes)).await,
            None => {
                let put = remote::put_new(self.store.as_ref(), &self.path(relative), &bytes).await;
                put.map_err(|error| match self.refused(relative, &error) {
                    refused if remote::is_unable(&error) => refused.with_hint(
                        "a store needs a service that can put what is absent only (If-None-Match), \
                         and AWS_CONDITIONAL_PUT not disabled",
                    ),
                    refused => refused,
                })
            }
        }
    }

    /// Begins a big file. Only a folder on this machine has such; what goes elsewhere is [uploaded](Self::upload).
    pub(crate) fn begin(&self, relative: &str) -> Result<LocalFile, Error> {
        let path = self.local(relative).ok_or_else(|| {
            Error::internal("a file that is not on this machine must be uploaded")
                .at(self.place(relative))
        })?;
        LocalFile::create(path)
    }

    /// Copies a file of this machine into the folder, in place of one of that name; tells its size.
    pub(crate) async fn upload(
        &self,
        relative: &str,
        from: &std::path::Path,
    ) -> Result<u64, Error> {
        let from = from.to_path_buf();
        match self.local(relative) {
            Some(path) => blocking(move || local::copy(&from, path)).await,
            None => {
                let refused = |error: object_store::Error| self.refused(relative, &error);
                remote::upload(self.store.as_ref(), &self.path(relative), from, &refused).await
            }
        }
    }

    /// The files below a path, by path; none if there is no such folder. Unfinished ones are among them.
    pub(crate) async fn list(&self, relative: &str) -> Result<Vec<Listed>, Error> {
        let listing = self.store.list(Some(&self.path(relative)));
        let listing = listed(&self.place(relative), listing).await?;
        if let Some(kept) = &self.kept {
            listing.iter().for_each(|meta| kept.compare(meta));
        }
        let mut files: Vec<Listed> = listing.iter().filter_map(|meta| self.listed(meta)).collect();
        files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }

    fn listed(&self, meta: &ObjectMeta) -> Option<Listed> {
        let parts: Vec<_> = meta.location.prefix_match(&self.prefix)?.collect();
        let path = parts.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join("/");
        let modified = meta.last_modified.timestamp_micros();
        Some(Listed { path, bytes: meta.size, modified })
    }

    /// Removes files, and the generation's folder with the last one there. A file that is gone already is fine. S3 takes a
    /// thousand of them in a request.
    pub(crate) async fn remove_all(&self, files: &[&str]) -> Result<(), Error> {
        let paths: Vec<_> = files.iter().map(|file| Ok(self.path(file))).collect();
        let mut removed = self.store.delete_stream(futures::stream::iter(paths).boxed());
        for file in files {
            self.forget(file);
            match removed.next().await {
                Some(Ok(_) | Err(object_store::Error::NotFound { .. })) | None => {}
                Some(Err(error)) => return Err(self.refused(file, &error)),
            }
        }
        let generations = files.iter().filter_map(|file| Some(file.rsplit_once('/')?.0));
        // Folders at the top stay: a writer may be about to use them.
        let generations: BTreeSet<&str> =
            generations.filter(|folder| folder.contains('/')).collect();
        for path in generations.into_iter().filter_map(|folder| self.local(folder)) {
            // Best effort: it refuses while files are left, which is as it should be.
            let _ = std::fs::remove_dir(path);
        }
        Ok(())
    }

    fn refused(&self, relative: &str, error: &object_store::Error) -> Error {
        crate::files::unwritable(&self.place(relative), error)
    }
}

/// A word that no other writer has, on this machine or another.
pub(crate) fn token() -> String {
    // The keys of a hasher come from the system's randomness, and differ from one hasher to the next.
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u32(std::process::id());
    format!("{:016x}", hasher.finish())
}

/// Does what waits for a disk where it holds nobody up.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(Error::internal(format!("a task on files broke off: {error}"))))
}
