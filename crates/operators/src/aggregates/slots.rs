//! One value of any type for each group.

use arrow::array::{Array, ArrayRef, AsArray, ListArray, StructArray, UInt64Array, new_null_array};
use arrow::buffer::Buffer;
use arrow::compute::{interleave, take};
use arrow::datatypes::DataType;
use datafusion::common::Result;
use std::sync::Arc;

/// A slot for each group, empty at first.
///
/// Values stay in the arrays they came in: a batch adds one array with the rows that it set, and arrays are merged into one
/// when most of their rows are out of date.
#[derive(Debug)]
pub(super) struct Slots {
    /// `chunks[0]` is one NULL: where empty slots point.
    chunks: Vec<ArrayRef>,
    /// Chunk and row of each group's value.
    at: Vec<(u32, u32)>,
    /// Rows in all chunks.
    rows: usize,
    /// Bytes of all chunks.
    bytes: usize,
}

const EMPTY: (u32, u32) = (0, 0);
/// Chunks are merged when there are more rows than this many times the groups ...
const STALE_FACTOR: usize = 4;
/// ... and at least this many.
const STALE_ROWS: usize = 16 * 1024;
/// Chunks are merged when there are more than this.
const MOST_CHUNKS: usize = 1024;

impl Slots {
    pub(super) fn new(ty: &DataType) -> Self {
        Self { chunks: vec![new_null_array(ty, 1)], at: Vec::new(), rows: 1, bytes: 0 }
    }

    /// Makes room for `groups` groups in all.
    pub(super) fn grow(&mut self, groups: usize) {
        self.at.resize(groups.max(self.at.len()), EMPTY);
    }

    /// Whether the group has no value.
    pub(super) fn is_empty(&self, group: usize) -> bool {
        self.at[group] == EMPTY
    }

    /// Sets groups to rows of `values`: pairs of group and row, each group once.
    pub(super) fn set(&mut self, values: &ArrayRef, changes: &[(usize, usize)]) -> Result<()> {
        if changes.is_empty() {
            return Ok(());
        }
        let rows: UInt64Array = changes.iter().map(|(_, row)| *row as u64).collect();
        let chunk = u32::try_from(self.chunks.len()).unwrap_or(u32::MAX);
        let values = owned(take(values, &rows, None)?)?;
        self.bytes += values.get_array_memory_size();
        self.chunks.push(values);
        for (row, (group, _)) in (0_u32..).zip(changes) {
            self.at[*group] = (chunk, row);
        }
        self.rows += changes.len();
        if self.rows > STALE_ROWS.max(self.at.len() * STALE_FACTOR)
            || self.chunks.len() > MOST_CHUNKS
        {
            self.merge()?;
        }
        Ok(())
    }

    /// The values of the first `groups` groups; NULL where there is none.
    pub(super) fn values(&self, groups: usize) -> Result<ArrayRef> {
        let chunks: Vec<&dyn Array> = self.chunks.iter().map(AsRef::as_ref).collect();
        let at: Vec<(usize, usize)> =
            self.at[..groups].iter().map(|(chunk, row)| (*chunk as usize, *row as usize)).collect();
        Ok(interleave(&chunks, &at)?)
    }

    /// Drops the first `groups` groups.
    pub(super) fn forget(&mut self, groups: usize) -> Result<()> {
        self.at.drain(..groups);
        self.merge()
    }

    pub(super) fn size(&self) -> usize {
        self.bytes + self.at.capacity() * size_of::<(u32, u32)>()
    }

    /// One chunk of the values that are still wanted.
    fn merge(&mut self) -> Result<()> {
        let values = owned(self.values(self.at.len())?)?;
        self.chunks.truncate(1);
        self.bytes = values.get_array_memory_size();
        self.rows = 1 + values.len();
        self.chunks.push(values);
        for (row, at) in (0_u32..).zip(&mut self.at) {
            if *at != EMPTY {
                *at = (1, row);
            }
        }
        Ok(())
    }
}

/// The values without what else lies in their buffers: a text keeps the whole page alive that it was read from.
pub(super) fn owned(values: ArrayRef) -> Result<ArrayRef> {
    Ok(match values.data_type() {
        DataType::Utf8View => {
            let texts = values.as_string_view();
            let kept: usize = texts.data_buffers().iter().map(Buffer::capacity).sum();
            if kept > 2 * texts.total_buffer_bytes_used() { Arc::new(texts.gc()) } else { values }
        }
        DataType::Struct(fields) => {
            let tuples = values.as_struct();
            let columns = tuples
                .columns()
                .iter()
                .map(|column| owned(Arc::clone(column)))
                .collect::<Result<_>>()?;
            let nulls = tuples.nulls().cloned();
            Arc::new(StructArray::try_new_with_length(
                fields.clone(),
                columns,
                nulls,
                tuples.len(),
            )?)
        }
        DataType::List(field) => {
            let lists = values.as_list::<i32>();
            let elements = owned(Arc::clone(lists.values()))?;
            Arc::new(ListArray::try_new(
                Arc::clone(field),
                lists.offsets().clone(),
                elements,
                lists.nulls().cloned(),
            )?)
        }
        _ => values,
    })
}
