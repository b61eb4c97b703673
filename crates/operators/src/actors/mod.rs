//! Folds over actors: one pass over the rows of all partitions at once, a tally for each, merged into one answer.
//!
//! An *actor* is a 64-bit number: the upper half is a bucket, the lower a number that is dense in it (its ordinal).
//! That is what makes tallies small: a set of actors of a bucket is a row of bits.
//!
//! What must see an actor's rows in order reads [`ActorRunsExec`] or [`sorted_runs`]: batches of whole runs.

mod distinct;
mod exec;
mod fold;
mod node;
mod pairs;
mod runs;
#[cfg(test)]
mod tests;

pub use distinct::DistinctActors;
pub use exec::ActorFoldExec;
pub use fold::{Fold, Partial};
pub use node::DistinctActorsNode;
pub use runs::{ActorRuns, ActorRunsExec, NumberedRunsExec, SortedRuns, StreamMarks, sorted_runs};
