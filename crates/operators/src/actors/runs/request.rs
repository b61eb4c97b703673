//! What is asked of ordered streams.

use super::rows::{ORDINAL, TIE, TIME};
use super::schema::{expect, instant};
use arrow::datatypes::{DataType, Schema};
use datafusion::common::{Result, internal_err};
use events::layout::{OrderedStream, StreamMarks};
use events::runs::StreamOrder;

/// The streams that runs are made of, and which runs are wanted.
#[derive(Debug, Clone)]
pub struct ActorRuns {
    /// What each partition of the input holds.
    pub streams: Vec<OrderedStream>,
    /// Which conditions their rows satisfy.
    pub marks: StreamMarks,
    /// Actors without a row that has one of these marks are left out; 0 leaves none out.
    pub first: u64,
    /// Further columns of the input that come along with the rows.
    pub columns: Vec<usize>,
}

impl ActorRuns {
    /// Whether a stream may have rows that make an actor wanted.
    pub(super) fn may_lead(&self, stream: usize) -> bool {
        self.first == 0 || self.marks.of(stream) & self.first != 0
    }

    /// What a merger is to know of a stream.
    pub(super) fn order(&self, stream: usize) -> StreamOrder {
        let rank = self.streams.get(stream).map_or(0, |stream| stream.rank);
        StreamOrder::new(rank).with_marks(self.marks.of(stream))
    }

    /// How errors name a stream.
    pub(super) fn name(&self, stream: usize) -> String {
        let Some(found) = self.streams.get(stream) else { return format!("stream {stream}") };
        match &found.event {
            Some(event) => format!("stream {stream} (event '{event}' of bucket {})", found.bucket),
            None => format!("stream {stream} (of bucket {})", found.bucket),
        }
    }

    /// Refuses an input that does not have the columns, or not as many partitions as there are streams.
    pub(super) fn check(&self, input: &Schema, partitions: usize) -> Result<()> {
        let (streams, marks) = (self.streams.len(), self.marks.all().len());
        if partitions != streams || marks != streams {
            return internal_err!(
                "{streams} ordered streams in {partitions} partitions, with the marks of {marks}"
            );
        }
        expect(input, ORDINAL, &DataType::UInt32)?;
        expect(input, TIME, &instant())?;
        expect(input, TIE, &DataType::UInt32)?;
        if let StreamMarks::Column { index, .. } = &self.marks {
            expect(input, *index, &DataType::UInt64)?;
        }
        match self.columns.iter().find(|column| **column >= input.fields().len()) {
            Some(column) => internal_err!("rows are to carry column {column}, which there is not"),
            None => Ok(()),
        }
    }
}
