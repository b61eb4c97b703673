//! Files in an object store. A put is seen whole or not at all.

use super::{blocking, local};
use crate::Error;
use futures::TryStreamExt;
use futures::stream::FuturesUnordered;
use object_store::path::Path;
use object_store::{MultipartUpload, ObjectMeta, ObjectStore, ObjectStoreExt, PutMode, PutOptions};
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

/// Bytes of a part of a big file. A smaller file is put at once.
const PART: u64 = 8 * 1024 * 1024;

/// Most parts of a file; S3 takes 10,000.
const PARTS: u64 = 9_000;

/// Parts that are on the way at once.
const UNDER_WAY: usize = 4;

/// An object's bytes and what its store says of them, if it is there.
pub(super) async fn find(
    store: &dyn ObjectStore,
    path: &Path,
) -> Result<Option<(Vec<u8>, ObjectMeta)>, object_store::Error> {
    match store.get(path).await {
        Ok(found) => {
            let meta = found.meta.clone();
            Ok(Some((found.bytes().await?.into(), meta)))
        }
        Err(object_store::Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Puts an object unless one of that name is there, and tells whether it did.
pub(super) async fn put_new(
    store: &dyn ObjectStore,
    path: &Path,
    bytes: &[u8],
) -> Result<bool, object_store::Error> {
    let put = || store.put_opts(path, bytes.to_vec().into(), PutOptions::from(PutMode::Create));
    let Err(error) = put().await else {
        // A service that does not heed the condition does not say so, and writers overwrite what others wrote. The same
        // bytes once more do no harm, and must be refused.
        return if put().await.is_ok() { Err(unheeded(store)) } else { Ok(true) };
    };
    let taken = matches!(error, object_store::Error::AlreadyExists { .. });
    // A put may have come through though its answer was lost, or its second try refused: our own bytes tell. As long as
    // they cannot be looked at nothing is known, and "lost" would be wrong: the writer would do its change again.
    match find(store, path).await {
        Ok(Some((there, _))) if there == bytes => Ok(true),
        Ok(_) if taken => Ok(false),
        Err(unknown) if taken => Err(unknown),
        Ok(_) | Err(_) => Err(error),
    }
}

/// The error of a service that puts over what is there, though it was told not to.
fn unheeded(store: &dyn ObjectStore) -> object_store::Error {
    object_store::Error::NotImplemented {
        operation: "put if absent (it puts over what is there)".to_owned(),
        implementer: store.to_string(),
    }
}

/// Whether a put was refused since the service has no such thing, or was told not to use it.
pub(super) fn is_unable(error: &object_store::Error) -> bool {
    matches!(error, object_store::Error::NotImplemented { .. })
        || error.to_string().contains("NotImplemented")
}

/// Puts a file of this machine, a big one in parts; tells its size.
pub(super) async fn upload(
    store: &dyn ObjectStore,
    path: &Path,
    from: PathBuf,
    refused: &impl Fn(object_store::Error) -> Error,
) -> Result<u64, Error> {
    let mut parts = Parts::open(from).await?;
    let bytes = parts.bytes;
    if bytes <= PART {
        let whole = parts.next().await?;
        store.put(path, whole.into()).await.map_err(refused)?;
        return Ok(bytes);
    }
    let mut upload = store.put_multipart(path).await.map_err(refused)?;
    if let Err(error) = send(upload.as_mut(), &mut parts, refused).await {
        // Best effort: parts that stay are not seen, and the error that led here is the one to report.
        let _ = upload.abort().await;
        return Err(error);
    }
    Ok(bytes)
}

/// Sends the parts of a file, some at a time, and has them put together.
async fn send(
    upload: &mut dyn MultipartUpload,
    parts: &mut Parts,
    refused: &impl Fn(object_store::Error) -> Error,
) -> Result<(), Error> {
    let mut under_way = FuturesUnordered::new();
    loop {
        let part = parts.next().await?;
        if part.is_empty() {
            break;
        }
        if under_way.len() == UNDER_WAY {
            under_way.try_next().await.map_err(refused)?;
        }
        under_way.push(upload.put_part(part.into()));
    }
    while under_way.try_next().await.map_err(refused)?.is_some() {}
    upload.complete().await.map(drop).map_err(refused)
}

/// A file of this machine, part by part.
struct Parts {
    path: PathBuf,
    file: Option<File>,
    bytes: u64,
    part: u64,
}

impl Parts {
    async fn open(path: PathBuf) -> Result<Self, Error> {
        blocking(move || {
            let opened = File::open(&path).and_then(|file| Ok((file.metadata()?.len(), file)));
            let (bytes, file) = opened.map_err(|error| local::unreadable(&path, &error))?;
            let part = PART.max(bytes.div_ceil(PARTS));
            Ok(Self { path, file: Some(file), bytes, part })
        })
        .await
    }

    /// The next part; an empty one at the end.
    async fn next(&mut self) -> Result<Vec<u8>, Error> {
        let Some(file) = self.file.take() else { return Ok(Vec::new()) };
        let part = self.part;
        let (file, read) = blocking(move || {
            let mut bytes = Vec::new();
            let read = (&file).take(part).read_to_end(&mut bytes);
            Ok((file, read.map(|_| bytes)))
        })
        .await?;
        self.file = Some(file);
        read.map_err(|error| local::unreadable(&self.path, &error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use object_store::memory::InMemory;

    #[tokio::test]
    async fn a_put_whose_answer_was_lost_is_known_by_its_bytes() {
        let (store, path) = (InMemory::new(), Path::from("manifests/1.json"));
        assert!(put_new(&store, &path, b"mine").await.unwrap());
        assert!(put_new(&store, &path, b"mine").await.unwrap());
        assert!(!put_new(&store, &path, b"theirs").await.unwrap());
        let (there, meta) = find(&store, &path).await.unwrap().unwrap();
        assert_eq!((there.as_slice(), meta.size), (&b"mine"[..], 4));
    }
}
