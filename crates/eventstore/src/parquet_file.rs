//! Footers of Parquet files: their columns, and statistics in the table's terms.

use crate::Error;
use crate::columns::{FileShape, Layout};
use crate::files::{FoundFile, store_for, unreadable};
use arrow::datatypes::{DataType, SchemaRef};
use bytes::Bytes;
use datafusion::common::stats::Precision;
use datafusion::common::{ColumnStatistics, DataFusionError, ScalarValue, Statistics};
use datafusion::datasource::physical_plan::parquet::metadata::{
    CachedParquetMetaData, DFParquetMetadata,
};
use datafusion::execution::cache::cache_manager::{CachedFileMetadataEntry, FileMetadataCache};
use datafusion::execution::runtime_env::RuntimeEnv;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt};
use parquet::arrow::parquet_to_arrow_schema;
use parquet::file::FOOTER_SIZE;
use parquet::file::metadata::{
    ColumnChunkMetaData, FooterTail, ParquetMetaData, ParquetMetaDataReader, RowGroupMetaData,
};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// What a footer tells.
#[derive(Debug, Clone)]
pub(crate) struct Footer {
    /// The file's columns as the reader gives them.
    pub(crate) schema: SchemaRef,
    /// Statistics parallel to `schema`.
    pub(crate) statistics: Statistics,
    /// Rows of each row group.
    pub(crate) group_rows: Vec<u64>,
}

/// Reads the footer of a file; it stays in the runtime's cache for the scans to come.
pub(crate) async fn footer(file: &FoundFile, runtime: &RuntimeEnv) -> Result<Footer, Error> {
    let store = store_for(file, runtime)?;
    let cache = runtime.cache_manager.get_file_metadata_cache();
    let metadata = keep_footer(&file.place(), &file.meta, store.as_ref(), cache.as_ref()).await?;
    describe(&metadata).map_err(|error| Error::data(error.strip_backtrace()).at(file.place()))
}

/// Reads the footer of the file at `place`, looks whether it can be true, and keeps it in a cache of DataFusion's.
pub(crate) async fn keep_footer(
    place: &str,
    meta: &ObjectMeta,
    store: &dyn ObjectStore,
    cache: &FileMetadataCache,
) -> Result<Arc<ParquetMetaData>, Error> {
    let metadata = Arc::new(read_footer_at(place, meta, store, FOOTER_READ).await?);
    check_places(place, meta, &metadata)?;
    let cached = Arc::new(CachedParquetMetaData::new(Arc::clone(&metadata)));
    cache.put(&meta.location, CachedFileMetadataEntry::new(meta.clone(), cached));
    Ok(metadata)
}

/// Reads a footer, most likely with the `first` bytes from the end of the file.
pub(crate) async fn read_footer(
    file: &FoundFile,
    store: &dyn ObjectStore,
    first: u64,
) -> Result<ParquetMetaData, Error> {
    read_footer_at(&file.place(), &file.meta, store, first).await
}

/// The same of the file at `place`. DataFusion's reader takes the length that a broken footer tells for true, and
/// panics.
async fn read_footer_at(
    place: &str,
    meta: &ObjectMeta,
    store: &dyn ObjectStore,
    first: u64,
) -> Result<ParquetMetaData, Error> {
    let size = meta.size;
    if size < FOOTER_SIZE as u64 {
        return Err(incomplete(place, size));
    }
    let begin = size.saturating_sub(first);
    let end = bytes_of(place, meta, store, begin..size).await?;
    // Stores give what is there of a range.
    if end.len() as u64 != size - begin {
        return Err(shorter(place, size));
    }
    let tail = end.last_chunk::<FOOTER_SIZE>().ok_or_else(|| incomplete(place, size))?;
    let tail = FooterTail::try_new(tail).map_err(|_| incomplete(place, size))?;
    let footer_end = size.saturating_sub(FOOTER_SIZE as u64);
    let footer_begin = footer_end
        .checked_sub(tail.metadata_length() as u64)
        .ok_or_else(|| broken(place, "it would be longer than the file"))?;
    let footer = match footer_begin.checked_sub(begin).and_then(|at| usize::try_from(at).ok()) {
        Some(at) => end.slice(at..end.len().saturating_sub(FOOTER_SIZE)),
        None => bytes_of(place, meta, store, footer_begin..footer_end).await?,
    };
    ParquetMetaDataReader::decode_metadata(&footer)
        .map_err(|error| broken(place, &error.to_string()))
}

/// Some bytes of the file at `place`.
async fn bytes_of(
    place: &str,
    meta: &ObjectMeta,
    store: &dyn ObjectStore,
    range: Range<u64>,
) -> Result<Bytes, Error> {
    store.get_range(&meta.location, range).await.map_err(|error| match error {
        object_store::Error::NotFound { .. } => missing(place),
        error => unreadable(place, &error),
    })
}

/// A file that was there when files were looked for.
pub(crate) fn missing(place: &str) -> Error {
    Error::data("the file is missing").at(place).with_hint(GONE)
}

/// Refuses a footer that places a column, or what its pages' index says of it, outside the file: readers take its word.
fn check_places(place: &str, meta: &ObjectMeta, metadata: &ParquetMetaData) -> Result<(), Error> {
    let is_inside = |(begin, length): (i64, i64)| {
        let end = begin.checked_add(length).and_then(|end| u64::try_from(end).ok());
        begin >= 0 && length >= 0 && end.is_some_and(|end| end <= meta.size)
    };
    for column in metadata.row_groups().iter().flat_map(RowGroupMetaData::columns) {
        if !parts(column).all(is_inside) {
            let path = column.column_path().string();
            return Err(broken(place, &format!("column `{path}` lies outside the file")));
        }
    }
    Ok(())
}

/// Where the parts of a column are said to be that are read without a further look: its pages and their index. Of each the
/// first byte and the length.
fn parts(column: &ColumnChunkMetaData) -> impl Iterator<Item = (i64, i64)> {
    let pages = column.dictionary_page_offset().unwrap_or_else(|| column.data_page_offset());
    let index = |begin: Option<i64>, length: Option<i32>| begin.zip(length.map(i64::from));
    [
        Some((pages, column.compressed_size())),
        index(column.column_index_offset(), column.column_index_length()),
        index(column.offset_index_offset(), column.offset_index_length()),
    ]
    .into_iter()
    .flatten()
}

/// Bytes read from the end of a file at first: enough for most footers.
pub(crate) const FOOTER_READ: u64 = 64 * 1024;

fn describe(metadata: &ParquetMetaData) -> Result<Footer, DataFusionError> {
    let file = metadata.file_metadata();
    let schema = Arc::new(parquet_to_arrow_schema(file.schema_descr(), file.key_value_metadata())?);
    let statistics = DFParquetMetadata::statistics_from_parquet_metadata(metadata, &schema)?;
    let group_rows = metadata.row_groups().iter().map(|group| group.num_rows().unsigned_abs());
    Ok(Footer { schema, statistics, group_rows: group_rows.collect() })
}

fn incomplete(place: &str, size: u64) -> Error {
    let what = match size {
        0 => "the file is empty".to_owned(),
        bytes => format!(
            "this is no complete Parquet file: its {bytes} bytes do not end in a Parquet footer"
        ),
    };
    Error::data(what).at(place).with_hint(CUT)
}

fn shorter(place: &str, size: u64) -> Error {
    Error::data(format!("the file is shorter than the {size} bytes that it should have"))
        .at(place)
        .with_hint(CUT)
}

fn broken(place: &str, what: &str) -> Error {
    Error::data(format!("its Parquet footer is broken ({what})")).at(place).with_hint(CUT)
}

/// What to do about a file of a source without a footer that can be true.
pub(crate) const CUT: &str =
    "it was cut off, is still being written, or is of another kind: write it again or leave it out";

/// What to do about a file of a source that was there when files were looked for.
pub(crate) const GONE: &str = "it was removed after it was found: run the same command again";

/// What to do about a file of a source with bytes that are not what its footer says.
pub(crate) const DAMAGED: &str = "it is damaged: write it again or leave it out";

/// What to do about a file of a store that is missing or damaged.
pub(crate) const RESTORE: &str = "restore it from a copy, or import everything into a new store";

/// A footer as the settling of columns needs it.
pub(crate) fn shape(file: &FoundFile, footer: &Footer) -> FileShape {
    let columns = footer.schema.fields().iter().zip(&footer.statistics.column_statistics);
    let nulls = columns.filter_map(|(field, statistics)| match statistics.null_count {
        Precision::Exact(nulls) => Some((field.name().clone(), nulls)),
        _ => None,
    });
    FileShape {
        place: file.place(),
        schema: Arc::clone(&footer.schema),
        nulls: nulls.collect::<HashMap<_, _>>(),
        whole: true,
    }
}

/// The statistics of a file in the table's columns and types: parallel to the layout's read schema.
pub(crate) fn statistics(footer: &Footer, layout: &Layout) -> Statistics {
    let rows = footer.statistics.num_rows;
    let columns = layout.columns.iter().zip(layout.read_schema.fields()).map(|(column, field)| {
        // Writers count no NULLs in a column that has no type, as it holds nothing else.
        let found = footer.schema.column_with_name(&column.source);
        let found = found.filter(|(_, field)| !field.data_type().is_null()).map(|(at, _)| at);
        let physical = found.and_then(|index| {
            Some((
                footer.schema.field(index).data_type(),
                footer.statistics.column_statistics.get(index)?,
            ))
        });
        match physical {
            Some((from, statistics)) => {
                converted(statistics, from, field.data_type(), column.default.is_some())
            }
            None => absent(column.default, field.data_type(), &rows),
        }
    });
    Statistics {
        num_rows: rows,
        total_byte_size: footer.statistics.total_byte_size,
        column_statistics: columns.collect(),
    }
}

/// Bounds survive a conversion that keeps the order: between texts, numbers, or instants.
fn converted(
    statistics: &ColumnStatistics,
    from: &DataType,
    to: &DataType,
    filled: bool,
) -> ColumnStatistics {
    let mut result = ColumnStatistics::new_unknown().with_null_count(statistics.null_count);
    let some_null = statistics.null_count != Precision::Exact(0);
    if filled {
        result.null_count = Precision::Exact(0);
    }
    if keeps_order(from, to) && !(filled && some_null) {
        result.min_value = cast(&statistics.min_value, to);
        result.max_value = cast(&statistics.max_value, to);
    }
    result
}

fn keeps_order(from: &DataType, to: &DataType) -> bool {
    from == to
        || from.is_string() && to.is_string()
        || from.is_integer() && matches!(to, DataType::Int64 | DataType::UInt64)
        || matches!(from, DataType::Timestamp(_, _) | DataType::Date32)
            && matches!(to, DataType::Timestamp(_, _))
}

fn cast(bound: &Precision<ScalarValue>, to: &DataType) -> Precision<ScalarValue> {
    bound.cast_to(to).unwrap_or(Precision::Absent)
}

/// A file without the column holds its default, or NULL, in every row.
fn absent(
    default: Option<&'static str>,
    to: &DataType,
    rows: &Precision<usize>,
) -> ColumnStatistics {
    let Some(default) = default else {
        return ColumnStatistics::new_unknown().with_null_count(*rows);
    };
    match ScalarValue::Utf8View(Some(default.to_owned())).cast_to(to) {
        Ok(value) => ColumnStatistics::new_unknown()
            .with_null_count(Precision::Exact(0))
            .with_min_value(Precision::Exact(value.clone()))
            .with_max_value(Precision::Exact(value)),
        Err(_) => ColumnStatistics::new_unknown(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{ArrayRef, Int64Array, RecordBatch};
    use parquet::arrow::ArrowWriter;
    use parquet::file::metadata::ColumnChunkMetaDataBuilder;

    /// What a footer says wrongly of a column.
    type Lie = fn(ColumnChunkMetaDataBuilder) -> ColumnChunkMetaDataBuilder;

    /// What is said of a footer that says this of its one column; nothing if it is believed.
    fn check(lie: Lie) -> Option<String> {
        let numbers: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 3]));
        let batch = RecordBatch::try_from_iter([("a", numbers)]).unwrap();
        let mut bytes = Vec::new();
        let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        let bytes = Bytes::from(bytes);
        let metadata = ParquetMetaDataReader::new().parse_and_finish(&bytes).unwrap();
        let group = metadata.row_group(0).clone();
        let column = group.column(0).clone();
        // There is something to lie about.
        assert!(column.column_index_length().is_some() && column.offset_index_length().is_some());
        let column = lie(column.into_builder()).build().unwrap();
        let group = group.into_builder().set_column_metadata(vec![column]).build().unwrap();
        let metadata = metadata.into_builder().set_row_groups(vec![group]).build();
        let meta = ObjectMeta {
            location: "a.parquet".into(),
            last_modified: chrono::DateTime::UNIX_EPOCH,
            size: bytes.len() as u64,
            e_tag: None,
            version: None,
        };
        check_places("a.parquet", &meta, &metadata).err().map(|error| error.to_string())
    }

    #[test]
    fn what_lies_outside_the_file_is_refused() {
        assert_eq!(check(|column| column), None);
        // Files without an index are as good.
        assert_eq!(check(|column| column.set_column_index_offset(None)), None);
        let lies: [Lie; 7] = [
            |column| column.set_data_page_offset(1 << 62).set_dictionary_page_offset(None),
            |column| column.set_total_compressed_size(i64::MAX),
            |column| column.set_column_index_offset(Some(1 << 62)),
            |column| column.set_column_index_offset(Some(-1)),
            |column| column.set_column_index_length(Some(i32::MAX)),
            |column| column.set_offset_index_offset(Some(i64::MAX)),
            |column| column.set_offset_index_length(Some(-1)),
        ];
        for lie in lies {
            let told = check(lie).unwrap();
            assert!(told.contains("is broken (column `a` lies outside the file)"), "{told}");
        }
    }
}
