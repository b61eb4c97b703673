//! Writing an event file: sorted rows into row groups that follow the segments.
//!
//! A large segment has row groups of its own, so that its event need not be looked at; small ones share row groups, since every
//! row group costs a footer entry for each column. Numbers that folds read are delta coded and not compressed: decoding them
//! costs less than a copy. Texts are compressed.

use super::schema::{ORDINAL, ROW, TIE_RANK};
use super::segments::{Segment, to_metadata};
use crate::Error;
use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, SchemaRef};
use events::column;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::SortingColumn;
use parquet::file::properties::{
    EnabledStatistics, WriterProperties, WriterPropertiesBuilder, WriterVersion,
};
use parquet::schema::types::ColumnPath;
use std::io::Write;

/// Rows from which on a segment has row groups of its own.
pub(crate) const LARGE: u64 = 65_536;

/// Rows of a row group that small segments share.
const SHARED: usize = 131_072;

/// Most rows of a row group: bounds what a writer holds.
const ROW_GROUP: usize = 262_144;

/// Bytes of a page: of long texts, which compress better the more of them there are, of other texts, of numbers.
const LONG_PAGE: usize = 1 << 20;
const TEXT_PAGE: usize = 256 << 10;
const NUMBER_PAGE: usize = 256 << 10;

/// Most bytes of a dictionary.
const DICTIONARY: usize = 1 << 20;

/// Levels of compression: of long texts, and of everything else.
const LONG_LEVEL: i32 = 3;
const LEVEL: i32 = 1;

/// Columns of long texts: no dictionary, no statistics. Those of a person's rows repeat each other, one behind the other.
const LONG: [&str; 3] = [column::PROPERTIES, column::PERSON_PROPERTIES, column::ELEMENTS_CHAIN];

/// Writes one event file.
pub(crate) struct EventFileWriter<W: Write + Send> {
    writer: ArrowWriter<W>,
    segments: Vec<Segment>,
    rows: u64,
}

/// What a finished file holds.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) rows: u64,
    pub(crate) row_groups: usize,
    pub(crate) min_time: i64,
    pub(crate) max_time: i64,
}

impl<W: Write + Send> EventFileWriter<W> {
    /// Begins a file of rows of that schema.
    pub(crate) fn new(out: W, schema: &SchemaRef) -> Result<Self, Error> {
        let writer = ArrowWriter::try_new(out, SchemaRef::clone(schema), Some(properties(schema)?));
        Ok(Self { writer: writer.map_err(failed)?, segments: Vec::new(), rows: 0 })
    }

    /// Whether all rows of the segment that was begun last are there.
    pub(crate) fn segment_is_done(&self) -> bool {
        self.segments.last().is_none_or(|segment| segment.start + segment.rows == self.rows)
    }

    /// Begins the segment of an event, of which so many rows will follow.
    pub(crate) fn begin(&mut self, event: &str, rows: u64) -> Result<(), Error> {
        let waiting = self.writer.in_progress_rows();
        let after_large = self.segments.last().is_some_and(|segment| segment.rows >= LARGE);
        if waiting > 0 && (rows >= LARGE || after_large || waiting >= SHARED) {
            self.writer.flush().map_err(failed)?;
        }
        self.segments.push(Segment {
            event: event.to_owned(),
            start: self.rows,
            rows,
            min_time: i64::MAX,
            max_time: i64::MIN,
        });
        Ok(())
    }

    /// Appends rows of the segment, the times of which are these.
    pub(crate) fn write(&mut self, rows: &RecordBatch, times: &[i64]) -> Result<(), Error> {
        if let Some(segment) = self.segments.last_mut() {
            segment.min_time = times.iter().copied().fold(segment.min_time, i64::min);
            segment.max_time = times.iter().copied().fold(segment.max_time, i64::max);
        }
        self.rows += rows.num_rows() as u64;
        self.writer.write(rows).map_err(failed)
    }

    /// Writes the footer. The file still is to be made durable by whoever opened it.
    pub(crate) fn finish(mut self) -> Result<(W, Finished), Error> {
        let times = |pick: fn(&Segment) -> i64| self.segments.iter().map(pick);
        let min_time = times(|segment| segment.min_time).min().unwrap_or_default();
        let max_time = times(|segment| segment.max_time).max().unwrap_or_default();
        self.writer.append_key_value_metadata(to_metadata(std::mem::take(&mut self.segments))?);
        self.writer.flush().map_err(failed)?;
        let (rows, row_groups) = (self.rows, self.writer.flushed_row_groups().len());
        let out = self.writer.into_inner().map_err(failed)?;
        Ok((out, Finished { rows, row_groups, min_time, max_time }))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is called by map_err")]
fn failed(error: ParquetError) -> Error {
    if let ParquetError::External(inner) = &error
        && let Some(io) = inner.downcast_ref::<std::io::Error>()
    {
        let failed = Error::usage(format!("an event file cannot be written: {io}"));
        return match io.kind() {
            std::io::ErrorKind::StorageFull => failed.with_hint(
                "free some space, then run the same command again: it goes on where it stopped",
            ),
            _ => failed,
        };
    }
    Error::data(format!("an event file cannot be written: {error}"))
}

fn properties(schema: &SchemaRef) -> Result<WriterProperties, Error> {
    let mut builder = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_2_0)
        .set_created_by(concat!("hoglet ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_compression(zstd(LEVEL)?)
        .set_max_row_group_row_count(Some(ROW_GROUP))
        .set_data_page_size_limit(TEXT_PAGE)
        .set_dictionary_page_size_limit(DICTIONARY)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_sorting_columns(Some(sorting(schema)));
    for field in schema.fields() {
        builder = match field.name().as_str() {
            name if LONG.contains(&name) => long_texts(builder, name)?,
            name => column(builder, name, field.data_type()),
        };
    }
    Ok(builder.build())
}

fn zstd(level: i32) -> Result<Compression, Error> {
    let level = ZstdLevel::try_new(level).map_err(|error| Error::internal(error.to_string()))?;
    Ok(Compression::ZSTD(level))
}

fn long_texts(
    builder: WriterPropertiesBuilder,
    name: &str,
) -> Result<WriterPropertiesBuilder, Error> {
    let path = ColumnPath::new(vec![name.to_owned()]);
    Ok(builder
        .set_column_dictionary_enabled(path.clone(), false)
        .set_column_statistics_enabled(path.clone(), EnabledStatistics::None)
        .set_column_compression(path.clone(), zstd(LONG_LEVEL)?)
        .set_column_data_page_size_limit(path, LONG_PAGE))
}

/// The order of rows within a row group.
fn sorting(schema: &SchemaRef) -> Vec<SortingColumn> {
    let order = [column::EVENT, ORDINAL, column::TIMESTAMP, ROW];
    let places = order.iter().filter_map(|name| i32::try_from(schema.index_of(name).ok()?).ok());
    places
        .map(|column_idx| SortingColumn { column_idx, descending: false, nulls_first: false })
        .collect()
}

fn column(builder: WriterPropertiesBuilder, name: &str, ty: &DataType) -> WriterPropertiesBuilder {
    let path = ColumnPath::new(vec![name.to_owned()]);
    let paged = |builder: WriterPropertiesBuilder| {
        builder.set_column_statistics_enabled(path.clone(), EnabledStatistics::Page)
    };
    match (name, ty) {
        (ORDINAL | ROW, _) | (_, DataType::Timestamp(_, _)) => paged(builder)
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_encoding(path.clone(), Encoding::DELTA_BINARY_PACKED)
            .set_column_compression(path.clone(), Compression::UNCOMPRESSED)
            .set_column_data_page_size_limit(path, NUMBER_PAGE),
        (TIE_RANK | column::EVENT, _) => {
            paged(builder).set_column_compression(path, Compression::UNCOMPRESSED)
        }
        (column::UUID, _) => builder.set_column_dictionary_enabled(path, false),
        (column::DISTINCT_ID, _) => paged(builder).set_column_bloom_filter_enabled(path, true),
        _ => builder,
    }
}
