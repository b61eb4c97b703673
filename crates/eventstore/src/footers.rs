//! Readers of Parquet files that look at a footer before they believe it, and take the page index along with it where
//! requests are dear.
//!
//! DataFusion's reader takes the length that a footer tells for true, and panics if it is not. Files of a source are
//! looked into when it is opened; those of a store are not, as its manifest tells what is in them.
//!
//! It reads the page index whenever a filter may have a use for it, and forgets it with the query. In the cache of the
//! runtime, where footers are, it is there for all queries. The cache's limit bounds both (`metadata_cache_limit`: 256
//! MiB in a session, or a quarter of its memory limit if that is less). Files of this machine are read as DataFusion has it: most queries do without the index, and
//! it costs more to take apart than to read.
//!
//! What is read of a file at a time is one request where its parts are within a MiB of each other; `object_store` sees to
//! that.

use crate::Error;
use crate::files::unreadable;
use crate::parquet_file::{CUT, GONE, RESTORE, keep_footer, missing};
use bytes::Bytes;
use datafusion::common::Result;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::ParquetFileReaderFactory;
use datafusion::datasource::physical_plan::parquet::CachedParquetFileReaderFactory;
use datafusion::execution::cache::cache_manager::FileMetadataCache;
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use futures::FutureExt;
use futures::future::BoxFuture;
use object_store::{ObjectMeta, ObjectStore};
use parquet::arrow::arrow_reader::ArrowReaderOptions;
use parquet::arrow::async_reader::AsyncFileReader;
use parquet::errors::ParquetError;
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData};
use std::ops::Range;
use std::sync::Arc;

/// Opens Parquet files of a store of objects. Footers are checked once, and kept.
#[derive(Debug)]
pub(crate) struct CheckedReaders {
    inner: CachedParquetFileReaderFactory,
    store: Arc<dyn ObjectStore>,
    cache: Arc<FileMetadataCache>,
    /// Whether page indexes are taken along.
    indexed: bool,
    /// Whether the page index is read in any case.
    always: bool,
}

impl CheckedReaders {
    /// Readers of files in `store` whose footers are kept in `cache`, with their page indexes if those are `indexed`.
    pub(crate) fn new(
        store: Arc<dyn ObjectStore>,
        cache: Arc<FileMetadataCache>,
        indexed: bool,
    ) -> Self {
        let inner = CachedParquetFileReaderFactory::new(Arc::clone(&store), Arc::clone(&cache));
        Self { inner, store, cache, indexed, always: false }
    }

    /// The same, which read the page index in any case if it `is_needed`. DataFusion asks for it where a filter's column has
    /// statistics of pages, but pages without selected rows are passed over only where it tells where they are.
    pub(crate) fn with_index(self, is_needed: bool) -> Self {
        Self { always: is_needed, ..self }
    }
}

impl ParquetFileReaderFactory for CheckedReaders {
    fn create_reader(
        &self,
        partition_index: usize,
        file: PartitionedFile,
        metadata_size_hint: Option<usize>,
        metrics: &ExecutionPlanMetricsSet,
    ) -> Result<Box<dyn AsyncFileReader + Send>> {
        let meta = file.object_meta.clone();
        let inner = self.inner.create_reader(partition_index, file, metadata_size_hint, metrics)?;
        let (store, cache) = (Arc::clone(&self.store), Arc::clone(&self.cache));
        let (indexed, always) = (self.indexed || self.always, self.always);
        Ok(Box::new(CheckedReader { inner, meta, store, cache, indexed, always }))
    }
}

/// Reads one file.
struct CheckedReader {
    inner: Box<dyn AsyncFileReader + Send>,
    meta: ObjectMeta,
    store: Arc<dyn ObjectStore>,
    cache: Arc<FileMetadataCache>,
    indexed: bool,
    always: bool,
}

impl AsyncFileReader for CheckedReader {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, parquet::errors::Result<Bytes>> {
        self.inner.get_bytes(range)
    }

    fn get_byte_ranges(
        &mut self,
        ranges: Vec<Range<u64>>,
    ) -> BoxFuture<'_, parquet::errors::Result<Vec<Bytes>>> {
        self.inner.get_byte_ranges(ranges)
    }

    fn get_metadata<'a>(
        &'a mut self,
        options: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, parquet::errors::Result<Arc<ParquetMetaData>>> {
        let (store, cache) = (Arc::clone(&self.store), Arc::clone(&self.cache));
        let meta = self.meta.clone();
        async move {
            // One that was kept without its index stays so: the index would be one more request, which this query may do
            // without.
            let is_known = cache.get(&meta.location).is_some_and(|known| known.is_valid_for(&meta));
            if is_known && !self.always {
                return self.inner.get_metadata(options).await;
            }
            if !is_known {
                let place = meta.location.as_ref();
                let kept = keep_footer(place, &meta, store.as_ref(), cache.as_ref());
                kept.await.map_err(|error| ParquetError::External(Box::new(error)))?;
            }
            if !self.indexed {
                return self.inner.get_metadata(options).await;
            }
            let options = options.cloned().unwrap_or_default();
            let options = options.with_page_index_policy(PageIndexPolicy::Optional);
            self.inner.get_metadata(Some(&options)).await
        }
        .boxed()
    }
}

/// What an error of reading the file at `place` means for people; `hint` is what to do if the file is to blame.
pub(crate) fn told(place: &str, error: &ParquetError, hint: &str) -> Error {
    let is_far = place.starts_with("s3://");
    match error {
        ParquetError::External(inner) => {
            if let Some(own) = inner.downcast_ref::<Error>() {
                return instead(own.clone().at(place), hint);
            }
            if is_missing(inner.as_ref()) {
                return instead(missing(place), hint);
            }
            if is_far && let Some(error) = inner.downcast_ref::<object_store::Error>() {
                return unreadable(place, error);
            }
        }
        ParquetError::General(text) if is_far => {
            if let Some((_, said)) = SAID.iter().find_map(|mark| text.split_once(*mark)) {
                let error = object_store::Error::Generic { store: "S3", source: said.into() };
                return unreadable(place, &error);
            }
        }
        _ => {}
    }
    damaged(place, &error.to_string(), hint)
}

/// What DataFusion writes before the words of an object store where it gives no more than those: of page indexes.
const SAID: [&str; 2] = [": Object Store error: ", ": Parquet error: External: "];

/// Whether there is no such file, on this machine or elsewhere.
fn is_missing(error: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    match error.downcast_ref::<object_store::Error>() {
        Some(error) => matches!(error, object_store::Error::NotFound { .. }),
        None => error
            .downcast_ref::<std::io::Error>()
            .is_some_and(|error| error.kind() == std::io::ErrorKind::NotFound),
    }
}

/// An error of a file that is a store's, with what to do about it there.
pub(crate) fn of_store(error: Error) -> Error {
    instead(error, RESTORE)
}

/// The same with the hint of a store if its file is to blame. What to do about files of a source is better told by the error
/// itself, and other errors are about the way to the file.
fn instead(error: Error, hint: &str) -> Error {
    let of_file = [Some(CUT), Some(GONE)].contains(&error.hint());
    if of_file && hint == RESTORE { error.with_hint(hint) } else { error }
}

/// A file whose bytes are not what its footer says.
pub(crate) fn damaged(place: &str, what: &str, hint: &str) -> Error {
    Error::data(format!("it cannot be read: {what}")).at(place).with_hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parquet_file::DAMAGED;

    const FAR: &str = "s3://exports/1.parquet";
    const HERE: &str = "/exports/1.parquet";

    /// What is said of an error that an object store gives.
    fn told_of(place: &str, error: object_store::Error, hint: &str) -> String {
        told(place, &ParquetError::External(Box::new(error)), hint).to_string()
    }

    fn generic(said: &str) -> object_store::Error {
        object_store::Error::Generic { store: "S3", source: said.into() }
    }

    #[test]
    fn the_way_to_a_file_is_not_its_damage() {
        for hint in [RESTORE, DAMAGED] {
            let told = told_of(FAR, generic("connection reset"), hint);
            let expected = "s3://exports/1.parquet: it cannot be read: connection reset; \
                            check AWS_ENDPOINT_URL, AWS_REGION and the network";
            assert_eq!(told, expected);
            let (path, source) = ("1.parquet".to_owned(), "403".into());
            let denied = object_store::Error::PermissionDenied { path, source };
            let told = told_of(FAR, denied, hint);
            assert!(told.contains("access is denied; check the permissions"), "{told}");
            // Of a page index no more than a text comes here.
            for mark in SAID {
                let said = format!("Failed{mark}<Code>Expired</Code><Message>too old</Message>");
                let told = super::told(FAR, &ParquetError::General(said), hint).to_string();
                assert!(told.contains("it cannot be read: too old (Expired); check"), "{told}");
            }
            // On this machine there is no way that could fail.
            let told = told_of(HERE, generic("out of range"), hint);
            assert!(told.ends_with(hint), "{told}");
            let garbage = ParquetError::General("no page".to_owned());
            assert!(super::told(FAR, &garbage, hint).to_string().ends_with(hint));
        }
    }

    #[test]
    fn a_file_that_is_gone_is_told() {
        for (hint, expected) in [(RESTORE, RESTORE), (DAMAGED, GONE)] {
            let (path, source) = ("1.parquet".to_owned(), "404".into());
            let gone = object_store::Error::NotFound { path, source };
            let expected = format!("the file is missing; {expected}");
            assert_eq!(told_of(FAR, gone, hint), format!("{FAR}: {expected}"));
            let gone = std::io::Error::from(std::io::ErrorKind::NotFound);
            let told = told(HERE, &ParquetError::External(Box::new(gone)), hint);
            assert_eq!(told.to_string(), format!("{HERE}: {expected}"));
        }
    }

    #[test]
    fn files_of_sources_keep_their_hints() {
        let cut = || Error::data("its Parquet footer is broken").at(HERE).with_hint(CUT);
        for (hint, expected) in [(RESTORE, RESTORE), (DAMAGED, CUT)] {
            let told = told(HERE, &ParquetError::External(Box::new(cut())), hint);
            assert_eq!(told.hint(), Some(expected));
        }
        assert_eq!(of_store(cut()).hint(), Some(RESTORE));
    }
}
