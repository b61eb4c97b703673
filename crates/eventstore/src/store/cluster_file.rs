//! Writing a cluster file: the rows of an event file by event, each as who, when and where it is.
//!
//! A fold reads of it the rows of its events alone. A large segment has row groups of its own; small ones share row groups,
//! since every row group costs a footer entry for each column. A directory of the segments is in the footer.

use super::parquet_out::{delta, written};
use super::schema::{ORDINAL, POSITION, TIE, instant};
use super::segments::{Segment, to_metadata};
use crate::Error;
use arrow::array::{ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray, UInt32Array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use events::column;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::metadata::SortingColumn;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::schema::types::ColumnPath;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

/// Rows from which on a segment has row groups of its own.
const LARGE: usize = 65_536;

/// Rows of a row group that small segments share.
const SHARED: usize = 131_072;

/// Most rows of a row group.
const ROW_GROUP: usize = 1 << 20;

/// Rows that are written at a time.
const SLICE: usize = 65_536;

/// Most bytes of a page.
const PAGE: usize = 256 << 10;

/// Most rows of a page: whoever reads a small segment decodes what is around it in its pages for nothing.
const PAGE_ROWS: usize = 8_192;

/// Columns.
const COLUMNS: u64 = 5;

/// Chunks of columns that a file of so many rows has at most: a row group for each large segment, and one for the small
/// ones on either side.
pub(super) const fn most_chunks(rows: u64) -> u64 {
    (2 * (rows / LARGE as u64) + 1) * COLUMNS
}

/// Rows of a segment, in order.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub(crate) ordinals: Vec<u32>,
    pub(crate) times: Vec<i64>,
    pub(crate) ties: Vec<u32>,
    pub(crate) positions: Vec<u32>,
}

/// Writes one cluster file.
pub(crate) struct ClusterFileWriter<W: Write + Send> {
    writer: ArrowWriter<W>,
    place: PathBuf,
    schema: SchemaRef,
    segments: Vec<Segment>,
    rows: u64,
    after_large: bool,
}

impl<W: Write + Send> ClusterFileWriter<W> {
    /// Begins a file; `place` is where `out` writes, for errors.
    pub(crate) fn new(out: W, place: PathBuf) -> Result<Self, Error> {
        let schema = Arc::new(Schema::new(vec![
            Field::new(column::EVENT, DataType::Utf8, false),
            Field::new(ORDINAL, DataType::UInt32, false),
            Field::new(column::TIMESTAMP, instant(), false),
            Field::new(TIE, DataType::UInt32, false),
            Field::new(POSITION, DataType::UInt32, false),
        ]));
        let writer = ArrowWriter::try_new(out, Arc::clone(&schema), Some(properties()));
        let writer = written(writer, &place)?;
        Ok(Self { writer, place, schema, segments: Vec::new(), rows: 0, after_large: false })
    }

    /// Appends a segment: all rows of an event, by ordinal, time and position.
    pub(crate) fn segment(&mut self, event: &str, rows: &Rows) -> Result<(), Error> {
        let count = rows.times.len();
        let waiting = self.writer.in_progress_rows();
        let is_large = count >= LARGE;
        if waiting > 0 && (is_large || self.after_large || waiting >= SHARED) {
            written(self.writer.flush(), &self.place)?;
        }
        self.after_large = is_large;
        for from in (0..count).step_by(SLICE) {
            let to = count.min(from + SLICE);
            let batch = batch(&self.schema, event, rows, from..to)?;
            written(self.writer.write(&batch), &self.place)?;
        }
        self.segments.push(Segment {
            event: event.to_owned(),
            start: self.rows,
            rows: count as u64,
            min_time: rows.times.iter().copied().min().unwrap_or_default(),
            max_time: rows.times.iter().copied().max().unwrap_or_default(),
        });
        self.rows += count as u64;
        Ok(())
    }

    /// Writes the footer. The file still is to be made durable by whoever opened it.
    pub(crate) fn finish(mut self) -> Result<W, Error> {
        self.writer.append_key_value_metadata(to_metadata(self.segments)?);
        written(self.writer.into_inner(), &self.place)
    }
}

fn batch(
    schema: &SchemaRef,
    event: &str,
    rows: &Rows,
    range: std::ops::Range<usize>,
) -> Result<RecordBatch, Error> {
    let numbers = |all: &[u32]| -> ArrayRef {
        Arc::new(UInt32Array::from(all.get(range.clone()).unwrap_or_default().to_vec()))
    };
    let times = rows.times.get(range.clone()).unwrap_or_default().to_vec();
    let names = StringArray::from_iter_values(std::iter::repeat_n(event, range.len()));
    let columns: Vec<ArrayRef> = vec![
        Arc::new(names),
        numbers(&rows.ordinals),
        Arc::new(TimestampMicrosecondArray::from(times).with_timezone("UTC")),
        numbers(&rows.ties),
        numbers(&rows.positions),
    ];
    RecordBatch::try_new(SchemaRef::clone(schema), columns)
        .map_err(|error| Error::internal(error.to_string()))
}

fn properties() -> WriterProperties {
    // What orders rows: the event, the ordinal, the time, the tie.
    let sorted = (0..4).map(|column_idx| SortingColumn {
        column_idx,
        descending: false,
        nulls_first: false,
    });
    let mut builder = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_2_0)
        .set_created_by(concat!("hoglet ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_compression(Compression::UNCOMPRESSED)
        .set_max_row_group_row_count(Some(ROW_GROUP))
        .set_data_page_size_limit(PAGE)
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_sorting_columns(Some(sorted.collect()));
    for name in [ORDINAL, column::TIMESTAMP, POSITION] {
        builder = delta(builder, ColumnPath::new(vec![name.to_owned()]));
    }
    builder.build()
}
