//! Runs: all rows of an actor in time order, merged from many ordered streams.
//!
//! A store keeps events in streams that are each ordered by (actor, time). [`RunMerger`] takes their rows in batches,
//! in whatever order the readers bring them, and gives out whole [`Runs`]. It does no reading itself:
//! [`RunMerger::wants`] names the stream whose rows are missed, so that a plain loop and an asynchronous stream can
//! both drive it.
//!
//! ```
//! use events::runs::{RowMarks, RunMerger, Runs, StreamOrder, VecBatch};
//!
//! let batch = |actors: &[u32], times: &[i64], mark| VecBatch {
//!     actors: actors.to_vec(),
//!     times: times.to_vec(),
//!     ties: None,
//!     marks: RowMarks::All(mark),
//! };
//! let mut merger = RunMerger::new(&[StreamOrder::new(0), StreamOrder::new(0)], 0);
//! let mut batches = [Some(batch(&[1, 7], &[10, 30], 0b01)), Some(batch(&[7, 7], &[20, 40], 0b10))];
//! let (mut runs, mut seen) = (Runs::default(), Vec::new());
//! loop {
//!     while merger.next(&mut runs) {
//!         seen.extend(runs.iter().map(|run| (run.actor, run.times.to_vec(), run.marks.to_vec())));
//!     }
//!     let Some(stream) = merger.wants() else { break };
//!     match batches[stream].take() {
//!         Some(batch) => merger.push(stream, batch)?,
//!         None => merger.finish(stream),
//!     }
//! }
//! assert_eq!(seen, [(1, vec![10], vec![1]), (7, vec![20, 30, 40], vec![2, 1, 2])]);
//! # Ok::<(), events::runs::RunError>(())
//! ```
//!
//! How a block of consecutive actors is merged depends on the number of streams that have rows of them:
//!
//! - one: they are given out as they are (`alone`);
//! - few: each row becomes one integer (actor, time, stream) and the ordered streams are merged two by two without a
//!   branch per row (`ladder`);
//! - many: rows are dealt out to their actors by counting, then each run is sorted (`deal`).
//!
//! Both sort bare integers. What else belongs to a row is fetched afterwards: the rows of a stream come out in the
//! order in which they went in, so a cursor per stream finds it (`spread`).

mod alone;
mod batch;
mod block;
mod deal;
mod error;
mod given;
mod key;
mod ladder;
mod leads;
mod merger;
mod pieces;
mod spread;
mod stream;
mod ties;

#[cfg(test)]
mod tests;

pub use batch::{Marks, RowBatch, RowMarks, VecBatch};
pub use error::RunError;
pub use given::{Place, Run, Runs};
pub use merger::{RunMerger, StreamOrder};
