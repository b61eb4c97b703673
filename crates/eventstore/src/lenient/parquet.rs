//! The rows of one row group of a Parquet file.
//!
//! Columns are read as they are and converted here, as the conversions of DataFusion's reader fail as a whole. Text that is
//! no UTF-8 fails in the reader itself; then the rest of the row group is read once more, with text as bytes.

use super::project::{Sieve, Told, lenient_project};
use crate::footers::{CheckedReaders, told};
use crate::parquet_file::DAMAGED;
use crate::store::import::rejects::{LONGEST, shortened};
use crate::text::{Batches, Bound, Columns};
use arrow::array::{Array, ArrayRef, AsArray, Int64Array, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef, TimeUnit};
use arrow::json::writer::{EncoderOptions, make_encoder};
use datafusion::catalog::Session;
use datafusion::common::{DataFusionError, Result, internal_err};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::ParquetFileReaderFactory;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use futures::TryStreamExt;
use futures::stream::{StreamExt, try_unfold};
use object_store::ObjectStore;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::arrow::async_reader::{
    AsyncFileReader, ParquetRecordBatchStream, ParquetRecordBatchStreamBuilder,
};
use parquet::basic::{Repetition, Type as PhysicalType};
use parquet::errors::ParquetError;
use parquet::file::metadata::{
    FileMetaData, ParquetMetaData, ParquetMetaDataBuilder, RowGroupMetaData,
};
use parquet::schema::types::{SchemaDescriptor, Type, TypePtr};
use std::sync::Arc;

/// Bytes that a batch should not exceed by much: rows may be of megabytes.
const FULL: i64 = 16 * 1024 * 1024;

/// A row group to be read.
pub(crate) struct ParquetPiece {
    /// Opens files.
    pub(crate) readers: Arc<dyn ParquetFileReaderFactory>,
    /// The file.
    pub(crate) file: PartitionedFile,
    /// The row group.
    pub(crate) group: usize,
    /// What the table calls the number of a row in its file, from 0.
    pub(crate) row_number: &'static str,
}

/// Opens Parquet files, whose footers are kept: with their page indexes if the files are far away.
pub(crate) fn reader_factory(session: &dyn Session, store: Arc<dyn ObjectStore>) -> CheckedReaders {
    let cache = session.runtime_env().cache_manager.get_file_metadata_cache();
    let indexed = is_far(session, &store);
    CheckedReaders::new(store, cache, indexed)
}

/// Whether a store is elsewhere: not the file system of this machine.
fn is_far(session: &dyn Session, store: &Arc<dyn ObjectStore>) -> bool {
    let here = session.runtime_env().object_store(ObjectStoreUrl::local_filesystem());
    !here.is_ok_and(|here| Arc::ptr_eq(&here, store))
}

/// All rows that can be read, in order. The error is that of a file which cannot be read on.
pub(crate) fn lenient_row_group(
    piece: ParquetPiece,
    columns: Columns,
    batch_size: usize,
    sieve: Sieve,
) -> Batches {
    let group =
        Group { piece, columns, batch_size, sieve, texts: Texts::Checked, done: 0, open: None };
    try_unfold(
        group,
        |mut group| async move { Ok(group.next().await?.map(|batch| (batch, group))) },
    )
    .boxed()
}

/// How text columns are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Texts {
    /// As text, which the reader checks.
    Checked,
    /// As bytes, to be checked here.
    Bytes,
}

/// A row group that is being read.
struct Group {
    piece: ParquetPiece,
    columns: Columns,
    batch_size: usize,
    sieve: Sieve,
    texts: Texts,
    /// Rows that are read.
    done: usize,
    open: Option<Open>,
}

/// Its open stream.
struct Open {
    batches: ParquetRecordBatchStream<Box<dyn AsyncFileReader>>,
    bound: Bound,
    /// Rows of the file before the row group.
    before: i64,
}

impl Group {
    /// The next batch with rows in it.
    async fn next(&mut self) -> Result<Option<RecordBatch>> {
        while let Some((batch, first)) = self.read().await? {
            let Some(open) = &self.open else { break };
            let numbered = numbered(&batch, first, &open.bound)?;
            let rows = Numbered { batch, first };
            let batch = lenient_project(numbered, &open.bound, &rows, &self.sieve)?;
            if batch.num_rows() > 0 {
                return Ok(Some(batch));
            }
        }
        Ok(None)
    }

    /// The next batch of the file's own columns, and the number of its first row.
    async fn read(&mut self) -> Result<Option<(RecordBatch, i64)>> {
        loop {
            let read = match &mut self.open {
                Some(open) => open.batches.try_next().await,
                None => {
                    self.open = Some(self.open().await?);
                    continue;
                }
            };
            match read {
                Ok(Some(batch)) => {
                    let before = self.open.as_ref().map_or(0, |open| open.before);
                    let first = before + signed(self.done);
                    self.done += batch.num_rows();
                    return Ok(Some((batch, first)));
                }
                Ok(None) => return Ok(None),
                Err(_) if self.texts == Texts::Checked => {
                    self.texts = Texts::Bytes;
                    self.open = None;
                }
                Err(error) => return Err(self.damaged(&error)),
            }
        }
    }

    /// Opens it behind the rows that are read. Not by `&self`: a stream may be moved to another thread, but not shared.
    async fn open(&mut self) -> Result<Open> {
        let metrics = ExecutionPlanMetricsSet::new();
        let file = self.piece.file.clone();
        let mut reader: Box<dyn AsyncFileReader> =
            self.piece.readers.create_reader(0, file, None, &metrics)?;
        let footer = ArrowReaderMetadata::load_async(&mut reader, ArrowReaderOptions::new()).await;
        let footer = footer.map_err(|error| self.damaged(&error))?;
        let groups = footer.metadata().row_groups();
        let Some(group) = groups.get(self.piece.group) else {
            return internal_err!("there is no row group {}", self.piece.group);
        };
        let before: i64 =
            groups.iter().take(self.piece.group).map(RowGroupMetaData::num_rows).sum();
        let batch_size = rows_at_once(group, self.batch_size);
        let footer = retyped(&footer, self.texts).map_err(|error| self.damaged(&error))?;
        let bound = self.columns.bind(&self.with_number(footer.schema()))?;
        let roots = footer.schema().fields().len();
        let indices = bound.indices.iter().copied().filter(|index| *index < roots);
        let mask = ProjectionMask::roots(footer.parquet_schema(), indices);
        let batches = ParquetRecordBatchStreamBuilder::new_with_metadata(reader, footer)
            .with_row_groups(vec![self.piece.group])
            .with_projection(mask)
            .with_batch_size(batch_size)
            .with_offset(self.done)
            .build()
            .map_err(|error| self.damaged(&error))?;
        Ok(Open { batches, bound, before })
    }

    /// The file's columns, and the rows' numbers behind them.
    fn with_number(&self, file: &Schema) -> SchemaRef {
        let number = Field::new(self.piece.row_number, DataType::Int64, false);
        let fields = file.fields().iter().cloned().chain([Arc::new(number)]);
        Arc::new(Schema::new(fields.collect::<Vec<FieldRef>>()))
    }

    fn damaged(&self, error: &ParquetError) -> DataFusionError {
        DataFusionError::External(Box::new(told(&self.sieve.place, error, DAMAGED)))
    }
}

fn signed(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

/// Rows that are read at once: fewer than asked for where rows are large.
fn rows_at_once(group: &RowGroupMetaData, asked: usize) -> usize {
    let row = group.total_byte_size() / group.num_rows().max(1);
    usize::try_from(FULL / row.max(1)).map_or(asked, |rows| rows.clamp(1, asked.max(1)))
}

/// The columns that are asked for, and the rows' numbers where these are.
fn numbered(batch: &RecordBatch, first: i64, bound: &Bound) -> Result<RecordBatch> {
    let rows = batch.num_rows();
    let mut columns: Vec<ArrayRef> = batch.columns().to_vec();
    if columns.len() < bound.input.fields().len() {
        columns.push(Arc::new(Int64Array::from_iter_values((first..).take(rows))));
    }
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    Ok(RecordBatch::try_new_with_options(Arc::clone(&bound.input), columns, &options)?)
}

/// The same file with columns in types that conversions can be told from: text in one layout or as bytes, and the old
/// 96-bit timestamps in microseconds, as in nanoseconds they wrap around after the year 2262.
fn retyped(
    footer: &ArrowReaderMetadata,
    texts: Texts,
) -> std::result::Result<ArrowReaderMetadata, ParquetError> {
    let parquet = footer.parquet_schema().root_schema().get_fields();
    let fields = footer.schema().fields().iter().zip(parquet);
    let fields: Vec<Field> = fields
        .map(|(field, parquet)| {
            let ty = read_type(field.data_type(), parquet, texts);
            field.as_ref().clone().with_data_type(ty)
        })
        .collect();
    let schema = Schema::new_with_metadata(fields, footer.schema().metadata().clone());
    let options = ArrowReaderOptions::new().with_schema(Arc::new(schema));
    match texts {
        Texts::Checked => ArrowReaderMetadata::try_new(Arc::clone(footer.metadata()), options)
            .or_else(|_| Ok(footer.clone())),
        Texts::Bytes => {
            ArrowReaderMetadata::try_new(Arc::new(unmarked(footer.metadata())?), options)
        }
    }
}

/// The type in which a column is read.
fn read_type(ty: &DataType, parquet: &Type, texts: Texts) -> DataType {
    if parquet.is_primitive() && parquet.get_physical_type() == PhysicalType::INT96 {
        return DataType::Timestamp(TimeUnit::Microsecond, None);
    }
    match (ty, texts) {
        (DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View, Texts::Checked) => {
            DataType::Utf8View
        }
        (DataType::Binary | DataType::LargeBinary, _) => DataType::BinaryView,
        (ty, Texts::Bytes) if is_text(ty) => DataType::BinaryView,
        _ => ty.clone(),
    }
}

fn is_text(ty: &DataType) -> bool {
    match ty {
        DataType::Dictionary(_, value) => is_text(value),
        ty => matches!(ty, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View),
    }
}

/// A footer that does not tell which bytes are text, so that the reader does not check them.
fn unmarked(footer: &ParquetMetaData) -> std::result::Result<ParquetMetaData, ParquetError> {
    let file = footer.file_metadata();
    let root = file.schema_descr().root_schema();
    let fields: Vec<TypePtr> =
        root.get_fields().iter().map(plain).collect::<std::result::Result<_, ParquetError>>()?;
    let root = Type::group_type_builder(root.name()).with_fields(fields).build()?;
    let schema = Arc::new(SchemaDescriptor::new(Arc::new(root)));
    let created_by = file.created_by().map(str::to_owned);
    let file = FileMetaData::new(file.version(), file.num_rows(), created_by, None, schema, None);
    let groups = footer.row_groups().to_vec();
    Ok(ParquetMetaDataBuilder::new(file).set_row_groups(groups).build())
}

/// A column of text as one of bytes; others as they are.
fn plain(column: &TypePtr) -> std::result::Result<TypePtr, ParquetError> {
    use parquet::basic::ConvertedType::{ENUM, JSON, UTF8};
    let info = column.get_basic_info();
    let is_marked = column.is_primitive()
        && column.get_physical_type() == PhysicalType::BYTE_ARRAY
        && matches!(info.converted_type(), UTF8 | JSON | ENUM);
    if !is_marked {
        return Ok(Arc::clone(column));
    }
    let repetition = if info.has_repetition() { info.repetition() } else { Repetition::REQUIRED };
    let plain = Type::primitive_type_builder(column.name(), PhysicalType::BYTE_ARRAY)
        .with_repetition(repetition)
        .with_id(info.has_id().then(|| info.id()))
        .build()?;
    Ok(Arc::new(plain))
}

/// Rows of the file's own columns.
struct Numbered {
    batch: RecordBatch,
    /// Number of the first in the file, from 0.
    first: i64,
}

impl Told for Numbered {
    fn line(&self, row: usize) -> u64 {
        u64::try_from(self.first).unwrap_or_default() + row as u64 + 1
    }

    /// The row as JSON, without the columns in which it has no value.
    fn text(&self, row: usize) -> String {
        let mut text = String::from("{");
        let schema = self.batch.schema();
        for (field, column) in schema.fields().iter().zip(self.batch.columns()) {
            // More will not be kept.
            if text.len() > LONGEST {
                break;
            }
            let Some(value) = json(field, column, row) else { continue };
            if text.len() > 1 {
                text.push(',');
            }
            text.push_str(&serde_json::Value::from(field.name().as_str()).to_string());
            text.push(':');
            text.push_str(&value);
        }
        text.push('}');
        text
    }
}

/// A value as JSON; `None` for NULL, and for what cannot be written so.
fn json(field: &FieldRef, column: &ArrayRef, row: usize) -> Option<String> {
    if column.is_null(row) {
        return None;
    }
    let value = column.slice(row, 1);
    if let Some(bytes) = value.as_binary_view_opt() {
        return Some(serde_json::Value::from(shortened(bytes.value(0))).to_string());
    }
    let options = EncoderOptions::default();
    let mut encoder = make_encoder(field, value.as_ref(), &options).ok()?;
    let mut text = Vec::new();
    encoder.encode(0, &mut text);
    Some(String::from_utf8_lossy(&text).into_owned())
}
