//! Runs: all rows of an actor side by side, in time order, for what reads them step by step.
//!
//! Two operators make them, with one schema: `actor` (a number), `time` (microseconds, UTC), `marks` (which conditions
//! a row satisfies, a bit each), then the columns that were asked for.
//!
//! - [`ActorRunsExec`] merges ordered streams, which is what a store has: nothing is sorted, hashed or spilled.
//! - [`sorted_runs`] puts the rows of any input in order, ahead of a [`NumberedRunsExec`] that numbers the actors.
//!
//! Both promise what no schema can tell: **a batch holds whole runs**. All rows of an actor are in one batch of one
//! partition, ascending by time. An operator in between that cuts, joins or deals out batches breaks that; so read
//! these from a direct input, and let [`benefits_from_input_partitioning`] say no.
//!
//! [`benefits_from_input_partitioning`]: datafusion::physical_plan::ExecutionPlan::benefits_from_input_partitioning
//!
//! ```text
//! ordered streams      ActorRunsExec                          actor        time   marks
//!  bucket 0, event a ─┐ one RunMerger a bucket,          ┌─────────────┬───────┬───────┐
//!  bucket 0, event b ─┴─ bucket by bucket ─── batch ───> │ 0 << 32 | 3 │ 10:00 │ 0b01  │
//!  bucket 1, event a ─┐                                  │ 0 << 32 | 3 │ 10:05 │ 0b10  │
//!  bucket 1, event b ─┴─ another partition               │ 0 << 32 | 7 │ 09:00 │ 0b01  │
//!                                                        └─────────────┴───────┴───────┘
//! ```

mod request;
mod schema;

mod buckets;
mod carried;
mod exec;
mod merge;
mod rows;

mod numbered;
mod numbering;
mod sorted;

mod metrics;

#[cfg(test)]
mod tests;

pub use events::layout::StreamMarks;
pub use exec::ActorRunsExec;
pub use numbered::NumberedRunsExec;
pub use request::ActorRuns;
pub use sorted::{SortedRuns, sorted_runs};
