//! Readers that take the page index of a file along with its footer, where requests are dear.
//!
//! DataFusion reads the page index whenever a filter may have a use for it, and forgets it with the query. In the cache of
//! the runtime, where footers are, it is there for all queries. The cache's limit bounds both (`metadata_cache_limit`,
//! 50 MiB if nobody says otherwise). Files of this machine are read as DataFusion has it: most queries do without the
//! index, and it costs more to take apart than to read.
//!
//! What is read of a file at a time is one request where its parts are within a MiB of each other; `object_store` sees to
//! that.

use bytes::Bytes;
use datafusion::catalog::Session;
use datafusion::common::Result;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::ParquetFileReaderFactory;
use datafusion::execution::cache::cache_manager::FileMetadataCache;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use futures::FutureExt;
use futures::future::BoxFuture;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore};
use parquet::arrow::arrow_reader::ArrowReaderOptions;
use parquet::arrow::async_reader::AsyncFileReader;
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData};
use std::ops::Range;
use std::sync::Arc;

/// Whether a store is elsewhere: not the file system of this machine.
pub(super) fn is_far(session: &dyn Session, store: &Arc<dyn ObjectStore>) -> bool {
    let here = session.runtime_env().object_store(ObjectStoreUrl::local_filesystem());
    !here.is_ok_and(|here| Arc::ptr_eq(&here, store))
}

/// Opens Parquet files as `F` does.
#[derive(Debug)]
pub(crate) struct IndexedReaders<F> {
    inner: F,
    /// Where `inner` keeps footers, if the files are far away.
    footers: Option<Arc<FileMetadataCache>>,
}

impl<F: ParquetFileReaderFactory> IndexedReaders<F> {
    /// Readers that take page indexes along into `footers`; the inner ones alone without it.
    pub(super) const fn new(inner: F, footers: Option<Arc<FileMetadataCache>>) -> Self {
        Self { inner, footers }
    }
}

impl<F: ParquetFileReaderFactory> ParquetFileReaderFactory for IndexedReaders<F> {
    fn create_reader(
        &self,
        partition_index: usize,
        file: PartitionedFile,
        metadata_size_hint: Option<usize>,
        metrics: &ExecutionPlanMetricsSet,
    ) -> Result<Box<dyn AsyncFileReader + Send>> {
        let meta = file.object_meta.clone();
        let inner = self.inner.create_reader(partition_index, file, metadata_size_hint, metrics)?;
        let Some(footers) = &self.footers else { return Ok(inner) };
        Ok(Box::new(IndexedReader { inner, meta, footers: Arc::clone(footers) }))
    }
}

/// Reads one file.
struct IndexedReader {
    inner: Box<dyn AsyncFileReader + Send>,
    meta: ObjectMeta,
    footers: Arc<FileMetadataCache>,
}

impl IndexedReader {
    /// Whether its footer has been read. One that was kept without its index stays so: the index would be one more
    /// request, which this query may do without.
    fn is_known(&self) -> bool {
        let location: &Path = &self.meta.location;
        self.footers.get(location).is_some_and(|known| known.is_valid_for(&self.meta))
    }
}

impl AsyncFileReader for IndexedReader {
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
        async move {
            if self.is_known() {
                return self.inner.get_metadata(options).await;
            }
            let options = options.cloned().unwrap_or_default();
            let options = options.with_page_index_policy(PageIndexPolicy::Optional);
            self.inner.get_metadata(Some(&options)).await
        }
        .boxed()
    }
}
