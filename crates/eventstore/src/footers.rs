//! Readers of Parquet files that look at a footer before they believe it, and take the page index along with it where
//! requests are dear.
//!
//! DataFusion's reader takes the length that a footer tells for true, and panics if it is not. Files of a source are
//! looked into when it is opened; those of a store are not, as its manifest tells what is in them.
//!
//! It reads the page index whenever a filter may have a use for it, and forgets it with the query. In the cache of the
//! runtime, where footers are, it is there for all queries. The cache's limit bounds both (`metadata_cache_limit`, 50 MiB
//! if nobody says otherwise). Files of this machine are read as DataFusion has it: most queries do without the index, and
//! it costs more to take apart than to read.
//!
//! What is read of a file at a time is one request where its parts are within a MiB of each other; `object_store` sees to
//! that.

use crate::Error;
use crate::parquet_file::{CUT, GONE, RESTORE, keep_footer};
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
}

impl CheckedReaders {
    /// Readers of files in `store` whose footers are kept in `cache`, with their page indexes if those are `indexed`.
    pub(crate) fn new(
        store: Arc<dyn ObjectStore>,
        cache: Arc<FileMetadataCache>,
        indexed: bool,
    ) -> Self {
        let inner = CachedParquetFileReaderFactory::new(Arc::clone(&store), Arc::clone(&cache));
        Self { inner, store, cache, indexed }
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
        Ok(Box::new(CheckedReader { inner, meta, store, cache, indexed: self.indexed }))
    }
}

/// Reads one file.
struct CheckedReader {
    inner: Box<dyn AsyncFileReader + Send>,
    meta: ObjectMeta,
    store: Arc<dyn ObjectStore>,
    cache: Arc<FileMetadataCache>,
    indexed: bool,
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
            if cache.get(&meta.location).is_some_and(|known| known.is_valid_for(&meta)) {
                return self.inner.get_metadata(options).await;
            }
            let kept = keep_footer(meta.location.as_ref(), &meta, store.as_ref(), cache.as_ref());
            kept.await.map_err(|error| ParquetError::External(Box::new(error)))?;
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
    let own = match error {
        ParquetError::External(inner) => inner.downcast_ref::<Error>(),
        _ => None,
    };
    let Some(own) = own else { return damaged(place, &error.to_string(), hint) };
    instead(own.clone().at(place), hint)
}

/// An error of a file that is a store's, with what to do about it there.
pub(crate) fn of_store(error: Error) -> Error {
    instead(error, RESTORE)
}

/// The same with another hint if the file is to blame; other errors are about the way to it.
fn instead(error: Error, hint: &str) -> Error {
    if [Some(CUT), Some(GONE)].contains(&error.hint()) { error.with_hint(hint) } else { error }
}

/// A file whose bytes are not what its footer says.
pub(crate) fn damaged(place: &str, what: &str, hint: &str) -> Error {
    Error::data(format!("it cannot be read: {what}")).at(place).with_hint(hint)
}
