//! Why rows are refused.

use std::error::Error;
use std::fmt;

/// Rows that a stream may not have. Rows are numbered from 0 in their stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunError {
    /// A row that belongs before the one in front of it.
    Order {
        /// The stream.
        stream: usize,
        /// The number of the row.
        row: u64,
        /// Actor, time and tie of the row in front.
        before: (u32, i64, u32),
        /// Actor, time and tie of the row.
        found: (u32, i64, u32),
    },
    /// Columns of different lengths.
    Lengths {
        /// The stream.
        stream: usize,
        /// Number of actors.
        actors: usize,
        /// The column that differs.
        column: &'static str,
        /// Its length.
        found: usize,
    },
    /// Rows for a stream that was finished.
    Finished {
        /// The stream.
        stream: usize,
    },
    /// A stream number that there is not.
    NoStream {
        /// The stream.
        stream: usize,
        /// How many there are.
        streams: usize,
    },
    /// A row with a mark that its stream was said not to have.
    Marks {
        /// The stream.
        stream: usize,
        /// The number of the row.
        row: u64,
        /// Its marks.
        found: u64,
        /// Those the stream was said to have.
        expected: u64,
    },
    /// More rows in a stream than [`Place`](super::Place) can number.
    Long {
        /// The stream.
        stream: usize,
    },
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Order { stream, row, before, found } => write!(
                f,
                "row {row} of stream {stream} is out of order: actor {}, time {}, tie {} after \
                 actor {}, time {}, tie {}",
                found.0, found.1, found.2, before.0, before.1, before.2
            ),
            Self::Lengths { stream, actors, column, found } => write!(
                f,
                "a batch of stream {stream} has {actors} actors and {found} {column}; expected as many"
            ),
            Self::Finished { stream } => {
                write!(f, "stream {stream} was finished and got more rows")
            }
            Self::NoStream { stream, streams } => {
                write!(f, "there is no stream {stream}; expected a number below {streams}")
            }
            Self::Marks { stream, row, found, expected } => write!(
                f,
                "row {row} of stream {stream} has marks {found:#b}; expected none but {expected:#b}"
            ),
            Self::Long { stream } => write!(
                f,
                "stream {stream} has more than {} rows, which is the most that can be numbered",
                u32::MAX
            ),
        }
    }
}

impl Error for RunError {}
