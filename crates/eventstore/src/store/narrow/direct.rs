//! Files of this machine, from their pages into the buffers of a batch.
//!
//! Folds wait for this more than for anything else, so nothing is in between: no array that is validated again, no copy.

use super::codes::{Codes, are_understood};
use super::local::LocalReader;
use super::opened::Opened;
use super::shape::ROWS;
use crate::store::schema::{ORDINAL, TIE};
use arrow::array::{ArrayRef, RecordBatch, TimestampMicrosecondArray, UInt32Array, UInt64Array};
use arrow::buffer::{Buffer, ScalarBuffer};
use arrow::datatypes::SchemaRef;
use events::column;
use parquet::basic::Type;
use parquet::column::reader::ColumnReaderImpl;
use parquet::data_type::{DataType, Int32Type, Int64Type};
use parquet::errors::{ParquetError, Result};
use parquet::file::serialized_reader::SerializedPageReader;
use std::collections::HashMap;
use std::sync::Arc;

/// Reads the ordinals, times and ties of a stream, and the marks of its rows if it has several events.
pub(super) struct Direct {
    file: Arc<Opened>,
    reader: Arc<LocalReader>,
    columns: Columns,
    marks: Option<Arc<HashMap<String, u64>>>,
    schema: SchemaRef,
    /// Row groups that are not opened yet.
    groups: std::vec::IntoIter<usize>,
    open: Option<Group>,
    /// Rows of the row groups before the stream's.
    skip: usize,
    /// Rows of the stream that are not read yet.
    left: usize,
    /// As many zeros as a batch may have rows.
    zeros: ScalarBuffer<u32>,
}

/// Places of the columns in the file.
struct Columns {
    ordinal: usize,
    time: usize,
    tie: Option<usize>,
    event: Option<usize>,
}

/// A row group that is being read.
struct Group {
    ordinals: ColumnReaderImpl<Int32Type>,
    times: ColumnReaderImpl<Int64Type>,
    ties: Option<ColumnReaderImpl<Int32Type>>,
    codes: Option<Codes>,
    left: usize,
}

/// Which rows are read.
pub(super) struct Span {
    pub(super) groups: Vec<usize>,
    /// Rows of the row groups before those that are read.
    pub(super) skip: usize,
    pub(super) rows: usize,
}

impl Columns {
    /// `None` if a column is not as we write it.
    fn of(file: &Opened, schema: &SchemaRef, has_events: bool) -> Option<Self> {
        let found = file.metadata.schema();
        let place = |name: &str, ty: Type| {
            let place = found.index_of(name).ok()?;
            // The scan's own columns have the types that we write; events are none of them.
            let ours = schema.field_with_name(name).ok();
            let is_ours =
                ours.is_none_or(|ours| ours.data_type() == found.field(place).data_type());
            let column = file.metadata.parquet_schema().columns().get(place)?;
            let is_plain = column.max_def_level() == 0 && column.max_rep_level() == 0;
            (is_ours && is_plain && column.physical_type() == ty && column.name() == name)
                .then_some(place)
        };
        let has_ties = file.has_ties && file.segments.is_some();
        let tie = if has_ties { Some(place(TIE, Type::INT32)?) } else { None };
        let event = if has_events { Some(place(column::EVENT, Type::BYTE_ARRAY)?) } else { None };
        let groups = file.metadata.metadata().row_groups();
        let events =
            event.into_iter().flat_map(|event| groups.iter().map(move |g| g.column(event)));
        let (ordinal, time) =
            (place(ORDINAL, Type::INT32)?, place(column::TIMESTAMP, Type::INT64)?);
        are_understood(events.flat_map(|column| column.encodings())).then_some(Self {
            ordinal,
            time,
            tie,
            event,
        })
    }
}

impl Direct {
    /// Begins to read; `None` if the file is not to be read so: it is not on this machine, or its columns are not as we
    /// write them.
    pub(super) fn new(
        file: &Arc<Opened>,
        span: Span,
        marks: Option<&Arc<HashMap<String, u64>>>,
        schema: &SchemaRef,
    ) -> Result<Option<Self>> {
        let Some(local) = &file.local else { return Ok(None) };
        let Some(columns) = Columns::of(file, schema, marks.is_some()) else { return Ok(None) };
        Ok(Some(Self {
            file: Arc::clone(file),
            reader: Arc::new(local.reader()?),
            // Those with ties have no use for zeros, and there may be hundreds of them.
            zeros: vec![0; if columns.tie.is_some() { 0 } else { ROWS }].into(),
            columns,
            marks: marks.map(Arc::clone),
            schema: SchemaRef::clone(schema),
            groups: span.groups.into_iter(),
            open: None,
            skip: span.skip,
            left: span.rows,
        }))
    }

    fn batch(&mut self) -> Result<Option<RecordBatch>> {
        while self.left > 0 {
            let Some(group) = &mut self.open else {
                match self.groups.next() {
                    Some(number) => self.open = Some(self.group(number)?),
                    None => return Err(short("a file", self.left)),
                }
                continue;
            };
            let rows = group.left.min(self.left).min(ROWS);
            if rows == 0 {
                self.open = None;
                continue;
            }
            group.left -= rows;
            self.left -= rows;
            let columns = group.columns(rows, &self.zeros)?;
            return Ok(Some(RecordBatch::try_new(SchemaRef::clone(&self.schema), columns)?));
        }
        Ok(None)
    }

    /// Opens a row group where the stream begins in it.
    fn group(&mut self, number: usize) -> Result<Group> {
        let metadata = self.file.metadata.metadata();
        let all = metadata.row_groups().get(number).map_or(0, |group| group.num_rows());
        let all = usize::try_from(all).unwrap_or_default();
        let skip = std::mem::take(&mut self.skip).min(all);
        let ties = self.columns.tie.map(|tie| self.numbers(number, tie, skip)).transpose()?;
        let codes = match (self.columns.event, &self.marks) {
            (Some(event), Some(marks)) => {
                let mut codes = Codes::new(self.pages(number, event)?, Arc::clone(marks));
                codes.read(skip)?;
                Some(codes)
            }
            _ => None,
        };
        Ok(Group {
            ordinals: self.numbers(number, self.columns.ordinal, skip)?,
            times: self.numbers(number, self.columns.time, skip)?,
            ties,
            codes,
            left: all - skip,
        })
    }

    /// The pages of a column of a row group. With an index of them, those that are skipped are not read.
    fn pages(&self, group: usize, column: usize) -> Result<SerializedPageReader<LocalReader>> {
        let metadata = self.file.metadata.metadata();
        let Some(all) = metadata.row_groups().get(group) else {
            return Err(short("a file", self.left));
        };
        let index = metadata.offset_index().and_then(|index| index.get(group)?.get(column));
        let index = index.map(|index| index.page_locations().clone());
        let rows = usize::try_from(all.num_rows()).unwrap_or_default();
        SerializedPageReader::new(Arc::clone(&self.reader), all.column(column), rows, index)
    }

    fn numbers<T: DataType>(
        &self,
        group: usize,
        column: usize,
        skip: usize,
    ) -> Result<ColumnReaderImpl<T>> {
        let pages = Box::new(self.pages(group, column)?);
        let about = self.file.metadata.parquet_schema().column(column);
        let mut reader = ColumnReaderImpl::new(about, pages);
        match reader.skip_records(skip)? {
            skipped if skipped == skip => Ok(reader),
            skipped => Err(short("a column", skip - skipped)),
        }
    }
}

impl Iterator for Direct {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.batch().transpose();
        if !matches!(batch, Some(Ok(_))) {
            self.left = 0;
        }
        batch
    }
}

impl Group {
    fn columns(&mut self, rows: usize, zeros: &ScalarBuffer<u32>) -> Result<Vec<ArrayRef>> {
        let unsigned = |numbers: Vec<i32>| ScalarBuffer::new(Buffer::from_vec(numbers), 0, rows);
        let ordinals = unsigned(numbers(&mut self.ordinals, rows)?);
        let times = numbers(&mut self.times, rows)?;
        let ties = match &mut self.ties {
            Some(ties) => unsigned(numbers(ties, rows)?),
            None => zeros.slice(0, rows),
        };
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(UInt32Array::new(ordinals, None)),
            Arc::new(TimestampMicrosecondArray::new(times.into(), None).with_timezone("UTC")),
            Arc::new(UInt32Array::new(ties, None)),
        ];
        if let Some(codes) = &mut self.codes {
            columns.push(Arc::new(UInt64Array::from(codes.read(rows)?)));
        }
        Ok(columns)
    }
}

/// The next values of a column without NULLs.
fn numbers<T: DataType>(reader: &mut ColumnReaderImpl<T>, rows: usize) -> Result<Vec<T::T>> {
    let mut values = Vec::with_capacity(rows);
    reader.read_records(rows, None, None, &mut values)?;
    if values.len() == rows { Ok(values) } else { Err(short("a column", rows - values.len())) }
}

fn short(what: &str, rows: usize) -> ParquetError {
    ParquetError::EOF(format!("{what} ends {rows} rows too early"))
}

#[cfg(test)]
mod tests;
