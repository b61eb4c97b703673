//! One value of any type for each group.

use arrow::array::{Array, ArrayRef, UInt64Array, new_null_array};
use arrow::compute::{interleave, take};
use arrow::datatypes::DataType;
use datafusion::common::Result;

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
}

const EMPTY: (u32, u32) = (0, 0);
/// Chunks are merged when there are more rows than this many times the groups ...
const STALE_FACTOR: usize = 4;
/// ... and at least this many.
const STALE_ROWS: usize = 16 * 1024;

impl Slots {
    pub(super) fn new(ty: &DataType) -> Self {
        Self { chunks: vec![new_null_array(ty, 1)], at: Vec::new(), rows: 1 }
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
        self.chunks.push(take(values, &rows, None)?);
        for (row, (group, _)) in (0_u32..).zip(changes) {
            self.at[*group] = (chunk, row);
        }
        self.rows += changes.len();
        if self.rows > STALE_ROWS.max(self.at.len() * STALE_FACTOR)
            || self.chunks.len() > STALE_ROWS
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
        self.chunks.iter().map(|chunk| chunk.get_array_memory_size()).sum::<usize>()
            + self.at.capacity() * size_of::<(u32, u32)>()
    }

    /// One chunk of the values that are still wanted.
    fn merge(&mut self) -> Result<()> {
        let values = self.values(self.at.len())?;
        self.chunks.truncate(1);
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
