//! Files of a store with their footers.

use super::local::LocalFile;
use super::read::Stream;
use super::{NarrowRequest, Opening, wrong};
use crate::files::place;
use crate::footers::told;
use crate::lenient::reader_factory;
use crate::parquet_file::RESTORE;
use crate::parts::{Part, StoredFile};
use crate::store::segments::{Segment, from_metadata};
use arrow::datatypes::{DataType, Schema};
use datafusion::catalog::Session;
use datafusion::common::{Result, internal_datafusion_err};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::ParquetFileReaderFactory;
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use events::column;
use events::layout::OrderedStream;
use object_store::path::Path;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::arrow::async_reader::AsyncFileReader;
use parquet::errors::ParquetError;
use parquet::file::metadata::PageIndexPolicy;
use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// A file with its footer.
pub(super) struct Opened {
    pub(super) place: String,
    /// The event file that it is, or whose rows it has.
    pub(super) event_file: Path,
    pub(super) bucket: u32,
    /// What orders its rows among those of other files: imports in order.
    pub(super) rank: u32,
    /// Whether rows of a person at one time matter and are there.
    pub(super) has_ties: bool,
    pub(super) rows: u64,
    pub(super) metadata: ArrowReaderMetadata,
    /// Its segments; `None` if it is an event file.
    pub(super) segments: Option<Vec<Segment>>,
    /// The file, if it is on this machine.
    pub(super) local: Option<LocalFile>,
    pub(super) file: PartitionedFile,
    pub(super) readers: Arc<dyn ParquetFileReaderFactory>,
}

impl Opened {
    /// The streams of the file that are wanted, what they hold, and the marks that their rows may have.
    pub(super) fn streams(
        self,
        request: &NarrowRequest,
        marks: Option<&HashMap<&str, u64>>,
    ) -> Result<Vec<(Stream, OrderedStream, u64)>> {
        let file = Arc::new(self);
        let described = |event: Option<Arc<str>>, rows| OrderedStream {
            bucket: file.bucket,
            rank: file.rank,
            event,
            rows,
        };
        let Some(segments) = &file.segments else {
            let all = marks.map_or(1, |marks| marks.values().fold(0, |all, marks| all | marks));
            let stream = Stream::of_file(Arc::clone(&file), marks.map(owned));
            return Ok(vec![(stream, described(None, file.rows), all)]);
        };
        let mut streams = Vec::new();
        for segment in segments {
            let own = marks.map_or(Some(1), |marks| marks.get(&*segment.event).copied());
            // An event without marks is none that is wanted, as in event files.
            let is_wanted =
                |own: &u64| *own != 0 && request.wants_times(segment.min_time, segment.max_time);
            let Some(own) = own.filter(is_wanted) else { continue };
            let described = described(Some(segment.event.as_str().into()), segment.rows);
            streams.push((Stream::of_segment(Arc::clone(&file), segment)?, described, own));
        }
        Ok(streams)
    }
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened").field("place", &self.place).finish_non_exhaustive()
    }
}

/// The marks of events, to be kept.
pub(super) fn owned(marks: &HashMap<&str, u64>) -> Arc<HashMap<String, u64>> {
    Arc::new(marks.iter().map(|(event, marks)| ((*event).to_owned(), *marks)).collect())
}

/// Opens the clusters of an event file, or that file itself.
pub(super) async fn opened(
    part: &Part,
    file: &StoredFile,
    opening: &Opening<'_>,
    session: &dyn Session,
) -> Result<Opened> {
    let clusters = if opening.clusters { file.clusters.as_ref() } else { None };
    let meta = clusters.unwrap_or(&file.meta);
    let place = place(part.store.as_str(), &meta.location);
    let store = session.runtime_env().object_store(&part.store)?;
    let readers: Arc<dyn ParquetFileReaderFactory> = Arc::new(reader_factory(session, store));
    let partitioned = PartitionedFile::new_from_meta(meta.clone());
    let metrics = ExecutionPlanMetricsSet::new();
    let mut reader: Box<dyn AsyncFileReader> =
        readers.create_reader(0, partitioned.clone(), None, &metrics)?;
    // Segments are parts of row groups; of an event file all pages are read.
    let policy = if clusters.is_some() { PageIndexPolicy::Optional } else { PageIndexPolicy::Skip };
    let options = ArrowReaderOptions::new().with_page_index_policy(policy);
    let damaged = |error: ParquetError| wrong(told(&place, &error, RESTORE));
    let metadata = ArrowReaderMetadata::load_async(&mut reader, options).await.map_err(damaged)?;
    let footer = metadata.metadata().file_metadata();
    let segments = clusters.map(|_| from_metadata(footer.key_value_metadata())).transpose();
    let segments = segments.map_err(|error| wrong(error.at(&place).with_hint(RESTORE)))?;
    let rows = footer.num_rows().unsigned_abs();
    let metadata =
        if segments.is_some() { metadata } else { numbered(&metadata).map_err(damaged)? };
    let local = (part.store.as_str() == "file:///")
        .then(|| PathBuf::from(format!("/{}", meta.location)))
        .filter(|local| local.exists());
    let bucket = u32::try_from(file.ordinal);
    Ok(Opened {
        bucket: bucket.map_err(|_| internal_datafusion_err!("bucket {}", file.ordinal))?,
        rank: file.rank,
        has_ties: file.has_ties && opening.ties,
        rows,
        local: local.map(|path| LocalFile::new(path, meta.size)),
        place,
        event_file: file.meta.location.clone(),
        metadata,
        segments,
        file: partitioned,
        readers,
    })
}

/// The same metadata, by which names of events are read as the numbers that they have in the file.
pub(super) fn numbered(
    metadata: &ArrowReaderMetadata,
) -> Result<ArrowReaderMetadata, ParquetError> {
    let numbered =
        |ty: &DataType| DataType::Dictionary(Box::new(DataType::Int32), Box::new(ty.clone()));
    let fields = metadata.schema().fields().iter().map(|field| match field.name().as_str() {
        column::EVENT => {
            Arc::new(field.as_ref().clone().with_data_type(numbered(field.data_type())))
        }
        _ => Arc::clone(field),
    });
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let options = ArrowReaderOptions::new().with_schema(schema);
    ArrowReaderMetadata::try_new(Arc::clone(metadata.metadata()), options)
}
