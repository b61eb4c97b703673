//! Writing an event file: rows ordered by person and time.
//!
//! What a person did stands together, so its texts, which mostly repeat each other, compress to little. Numbers that folds
//! read are delta coded and not compressed: decoding them costs less than a copy. Texts are compressed.

use super::parquet_out::{delta, written, zstd};
use super::schema::ORDINAL;
use crate::Error;
use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, SchemaRef};
use events::column;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding};
use parquet::file::metadata::SortingColumn;
use parquet::file::properties::{
    EnabledStatistics, WriterProperties, WriterPropertiesBuilder, WriterVersion,
};
use parquet::schema::types::ColumnPath;
use std::io::Write;
use std::path::PathBuf;

/// Most rows of a row group, and most bytes where they are long: bounds what a writer holds.
const ROW_GROUP: usize = 262_144;
const ROW_GROUP_BYTES: usize = 128 << 20;

/// Bytes of a page: of long texts, which compress better the more of them there are, and of everything else.
const LONG_PAGE: usize = 2 << 20;
const PAGE: usize = 256 << 10;

/// Most bytes of a dictionary.
const DICTIONARY: usize = 1 << 20;

/// Levels of compression: of long texts, which are most of a store; of values that are another in each row; of the rest.
const LONG_LEVEL: i32 = 6;
const UNIQUE_LEVEL: i32 = 3;
const LEVEL: i32 = 1;

/// Columns of long texts: no dictionary, no statistics.
const LONG: [&str; 3] = [column::PROPERTIES, column::PERSON_PROPERTIES, column::ELEMENTS_CHAIN];

/// Writes one event file.
pub(crate) struct EventFileWriter<W: Write + Send> {
    writer: ArrowWriter<W>,
    place: PathBuf,
    rows: u64,
    min_time: i64,
    max_time: i64,
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
    /// Begins a file of rows of that schema; `place` is where `out` writes, for errors.
    pub(crate) fn new(out: W, place: PathBuf, schema: &SchemaRef) -> Result<Self, Error> {
        let writer = ArrowWriter::try_new(out, SchemaRef::clone(schema), Some(properties(schema)?));
        let writer = written(writer, &place)?;
        Ok(Self { writer, place, rows: 0, min_time: i64::MAX, max_time: i64::MIN })
    }

    /// Appends rows, the times of which are these.
    pub(crate) fn write(&mut self, rows: &RecordBatch, times: &[i64]) -> Result<(), Error> {
        self.min_time = times.iter().copied().fold(self.min_time, i64::min);
        self.max_time = times.iter().copied().fold(self.max_time, i64::max);
        self.rows += rows.num_rows() as u64;
        written(self.writer.write(rows), &self.place)
    }

    /// Writes the footer. The file still is to be made durable by whoever opened it.
    pub(crate) fn finish(mut self) -> Result<(W, Finished), Error> {
        written(self.writer.flush(), &self.place)?;
        let row_groups = self.writer.flushed_row_groups().len();
        let out = written(self.writer.into_inner(), &self.place)?;
        let Self { rows, min_time, max_time, .. } = self;
        Ok((out, Finished { rows, row_groups, min_time, max_time }))
    }
}

fn properties(schema: &SchemaRef) -> Result<WriterProperties, Error> {
    let mut builder = WriterProperties::builder()
        // Pages of version 2 keep the room of their uncompressed bytes until the row group is written.
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_created_by(concat!("hoglet ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_compression(zstd(LEVEL)?)
        .set_max_row_group_row_count(Some(ROW_GROUP))
        .set_max_row_group_bytes(Some(ROW_GROUP_BYTES))
        .set_data_page_size_limit(PAGE)
        .set_dictionary_page_size_limit(DICTIONARY)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_sorting_columns(Some(sorting(schema)));
    for field in schema.fields() {
        builder = match field.name().as_str() {
            name if LONG.contains(&name) => long_texts(builder, name)?,
            name => column(builder, name, field.data_type())?,
        };
    }
    Ok(builder.build())
}

fn long_texts(
    builder: WriterPropertiesBuilder,
    name: &str,
) -> Result<WriterPropertiesBuilder, Error> {
    let path = ColumnPath::new(vec![name.to_owned()]);
    // A text often begins as the one before: half of all bytes need no compression then.
    Ok(builder
        .set_column_dictionary_enabled(path.clone(), false)
        .set_column_encoding(path.clone(), Encoding::DELTA_BYTE_ARRAY)
        .set_column_statistics_enabled(path.clone(), EnabledStatistics::None)
        .set_column_compression(path.clone(), zstd(LONG_LEVEL)?)
        .set_column_data_page_size_limit(path, LONG_PAGE))
}

/// The order of rows within a row group.
fn sorting(schema: &SchemaRef) -> Vec<SortingColumn> {
    let order = [ORDINAL, column::TIMESTAMP];
    let places = order.iter().filter_map(|name| i32::try_from(schema.index_of(name).ok()?).ok());
    places
        .map(|column_idx| SortingColumn { column_idx, descending: false, nulls_first: false })
        .collect()
}

fn column(
    builder: WriterPropertiesBuilder,
    name: &str,
    ty: &DataType,
) -> Result<WriterPropertiesBuilder, Error> {
    let path = ColumnPath::new(vec![name.to_owned()]);
    let paged = |builder: WriterPropertiesBuilder| {
        builder.set_column_statistics_enabled(path.clone(), EnabledStatistics::Page)
    };
    Ok(match (name, ty) {
        (ORDINAL | column::TIMESTAMP, _) => delta(paged(builder), path),
        (column::EVENT, _) => builder.set_column_compression(path, Compression::UNCOMPRESSED),
        // Other times are read for themselves: plain ones cost a fifth less than deltas.
        (column::UUID, _) | (_, DataType::Timestamp(_, _)) => builder
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_encoding(path.clone(), Encoding::PLAIN)
            .set_column_compression(path, zstd(UNIQUE_LEVEL)?),
        (column::DISTINCT_ID, _) => paged(builder).set_column_bloom_filter_enabled(path, true),
        _ => builder,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::datatypes::{Field, Schema};
    use std::sync::Arc;

    #[test]
    fn row_groups_are_bounded_by_rows_and_by_bytes() {
        let ordinal = Field::new(ORDINAL, DataType::UInt32, false);
        let properties = properties(&Arc::new(Schema::new(vec![ordinal]))).unwrap();
        assert_eq!(properties.max_row_group_row_count(), Some(ROW_GROUP));
        assert_eq!(properties.max_row_group_bytes(), Some(ROW_GROUP_BYTES));
    }
}
