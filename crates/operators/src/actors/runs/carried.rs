//! Further columns of rows: what the rows carry, kept until they are given out.

use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::compute::interleave;
use datafusion::common::{Result, internal_err};
use datafusion::physical_plan::spill::get_record_batch_memory_size;
use events::runs::Place;
use std::collections::VecDeque;
use std::sync::Arc;

/// What the rows of each stream of a bucket carry.
///
/// A merger tells where each row that it gives out came from ([`Place`]), and drops its batches when all their rows are
/// given out or left out. Each of its batches holds the [`Piece`] that belongs to it: a piece that is held here alone
/// is done with.
pub(super) struct Carried {
    streams: Vec<Shelf>,
    /// How many columns there are.
    columns: usize,
    bytes: usize,
}

/// What the rows of one stream carry.
#[derive(Default)]
struct Shelf {
    pieces: VecDeque<Arc<Piece>>,
    /// Rows that came.
    came: u64,
}

/// What the rows of one batch carry.
pub(super) struct Piece {
    /// The number of its first row in the stream.
    first: u64,
    columns: RecordBatch,
    bytes: usize,
}

impl Piece {
    /// Bytes that it holds in memory.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Where a row of the stream is in it; `None` if it is behind it.
    fn row(&self, number: u64) -> Option<usize> {
        let row = usize::try_from(number.checked_sub(self.first)?).ok()?;
        (row < self.columns.num_rows()).then_some(row)
    }
}

impl Carried {
    /// Nothing yet, of so many streams.
    pub(super) fn new(streams: usize, columns: usize) -> Self {
        let streams = std::iter::repeat_with(Shelf::default).take(streams).collect();
        Self { streams, columns, bytes: 0 }
    }

    /// Keeps what the next rows of a stream carry, for as long as someone else holds the piece.
    pub(super) fn keep(&mut self, stream: usize, columns: RecordBatch) -> Result<Arc<Piece>> {
        let Some(shelf) = self.streams.get_mut(stream) else {
            return internal_err!("there is no stream {stream}");
        };
        let (first, bytes) = (shelf.came, get_record_batch_memory_size(&columns));
        shelf.came += columns.num_rows() as u64;
        self.bytes += bytes;
        let piece = Arc::new(Piece { first, columns, bytes });
        shelf.pieces.push_back(Arc::clone(&piece));
        Ok(piece)
    }

    /// What the rows from these places carry.
    pub(super) fn gather(&self, places: &[Place]) -> Result<Vec<ArrayRef>> {
        let mut pieces: Vec<&Arc<Piece>> = Vec::new();
        let mut cursors = Vec::with_capacity(self.streams.len());
        for shelf in &self.streams {
            cursors.push(pieces.len());
            pieces.extend(&shelf.pieces);
        }
        let mut picks = Vec::with_capacity(places.len());
        for place in places {
            // The rows of a stream come out in the order in which they went in: a cursor never goes back.
            let Some(at) = cursors.get_mut(place.stream as usize) else {
                return internal_err!("a row of stream {}, which there is not", place.stream);
            };
            let row = loop {
                let Some(piece) = pieces.get(*at) else {
                    return internal_err!("row {} of stream {} is gone", place.row, place.stream);
                };
                match piece.row(u64::from(place.row)) {
                    Some(row) => break row,
                    None => *at += 1,
                }
            };
            picks.push((*at, row));
        }
        (0..self.columns).map(|column| gathered(&pieces, column, &picks)).collect()
    }

    /// Drops what belongs to rows that are done with, and tells how many bytes the rest takes.
    pub(super) fn release(&mut self) -> usize {
        for shelf in &mut self.streams {
            while shelf.pieces.front().is_some_and(|piece| Arc::strong_count(piece) == 1) {
                self.bytes -= shelf.pieces.pop_front().map_or(0, |piece| piece.bytes);
            }
        }
        self.bytes
    }
}

/// One column of picked rows.
fn gathered(pieces: &[&Arc<Piece>], column: usize, picks: &[(usize, usize)]) -> Result<ArrayRef> {
    let arrays = pieces.iter().filter_map(|piece| piece.columns.columns().get(column));
    let arrays: Vec<&dyn Array> = arrays.map(|array| array.as_ref()).collect();
    if arrays.len() != pieces.len() {
        return internal_err!("a batch without column {column}");
    }
    Ok(interleave(&arrays, picks)?)
}
