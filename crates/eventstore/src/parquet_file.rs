//! Footers of Parquet files: their columns, and statistics in the table's terms.

use crate::Error;
use crate::columns::{FileShape, Layout};
use crate::files::{FoundFile, store_for, unreadable};
use arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::stats::Precision;
use datafusion::common::{ColumnStatistics, DataFusionError, ScalarValue, Statistics};
use datafusion::datasource::physical_plan::parquet::metadata::DFParquetMetadata;
use datafusion::execution::runtime_env::RuntimeEnv;
use parquet::arrow::parquet_to_arrow_schema;
use parquet::errors::ParquetError;
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData};
use std::collections::HashMap;
use std::sync::Arc;

/// What a footer tells.
#[derive(Debug, Clone)]
pub(crate) struct Footer {
    /// The file's columns as the reader gives them.
    pub(crate) schema: SchemaRef,
    /// Statistics parallel to `schema`.
    pub(crate) statistics: Statistics,
    /// Number of row groups.
    pub(crate) row_groups: usize,
}

/// Reads the footer of a file; it stays in the runtime's cache for the scans to come.
pub(crate) async fn footer(file: &FoundFile, runtime: &RuntimeEnv) -> Result<Footer, Error> {
    let store = store_for(file, runtime)?;
    let metadata = DFParquetMetadata::new(store.as_ref(), &file.meta)
        .with_file_metadata_cache(Some(runtime.cache_manager.get_file_metadata_cache()))
        .with_page_index_policy(Some(PageIndexPolicy::Skip))
        .with_metadata_size_hint(Some(FOOTER_READ))
        .fetch_metadata()
        .await
        .map_err(|error| unreadable_footer(file, &error))?;
    describe(&metadata).map_err(|error| Error::data(error.strip_backtrace()).at(file.place()))
}

/// Bytes read from the end of a file at first: enough for most footers.
const FOOTER_READ: usize = 64 * 1024;

fn describe(metadata: &ParquetMetaData) -> Result<Footer, DataFusionError> {
    let file = metadata.file_metadata();
    let schema = Arc::new(parquet_to_arrow_schema(file.schema_descr(), file.key_value_metadata())?);
    let statistics = DFParquetMetadata::statistics_from_parquet_metadata(metadata, &schema)?;
    Ok(Footer { schema, statistics, row_groups: metadata.num_row_groups() })
}

fn unreadable_footer(file: &FoundFile, error: &DataFusionError) -> Error {
    match error.find_root() {
        DataFusionError::ObjectStore(error) => unreadable(&file.place(), error),
        DataFusionError::ParquetError(error) => broken(file, error),
        other => Error::data(other.strip_backtrace()).at(file.place()),
    }
}

fn broken(file: &FoundFile, error: &ParquetError) -> Error {
    let (bytes, text) = (file.meta.size, error.to_string());
    let what = if bytes == 0 {
        "the file is empty".to_owned()
    } else if text.contains("magic") || text.contains("Corrupt footer") || bytes < 12 {
        format!(
            "this is no complete Parquet file: its {bytes} bytes do not end in a Parquet footer"
        )
    } else {
        format!("its Parquet footer is broken ({text})")
    };
    Error::data(what)
        .at(file.place())
        .with_hint("it was cut off, is still being written, or is of another kind: write it again or leave it out")
}

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
            None => missing(column.default, field.data_type(), &rows),
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
fn missing(
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
