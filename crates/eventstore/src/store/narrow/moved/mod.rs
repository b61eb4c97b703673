//! The side stream: merges that came after their rows are worked in while the rows are read.
//!
//! Until a store is optimized, the files have rows under ordinals of persons whose they are not any more: a later import,
//! or overrides beside the store, say of their distinct ids that they are another person's.
//!
//! 1. `resolve` looks through the distinct ids of all rows, once for a source, and notes the places in event files of the
//!    rows that moved, and whose they are. A person with no rows of its own gets an ordinal behind those of its bucket.
//!    If only some distinct ids of an actor moved, the places of the others are noted, too: all its rows are told apart
//!    once, and never again by a text.
//! 2. `plan` puts further streams behind those of the files: one for each bucket that gets rows and each rank that they
//!    have (below); where streams have one event alone, one for each event.
//! 3. `without`: streams of the files leave out the actors that are noted of their file. Streams of files of which
//!    nothing is noted are handed on as they are.
//! 4. `gather` reads the rows at the noted places, all files once for all streams of a plan, and puts them in order.
//!
//! ```text
//!  event files              streams of the plan
//!  bucket 0  3 3 3 7 7 9 ─┬─ bucket 0: 3 3 3 . . 9        actor 7 left out
//!  bucket 1  1 1 2 2 2 ───┼─ bucket 1: 1 1 2 2 2
//!                         └─ bucket 1: 2 2                its rows, actor 2 of bucket 1 now
//! ```
//!
//! **Order.** Rows of an actor at one time come as if the store were optimized now: those from smaller buckets first, then
//! the older generation, then the smaller ordinal that they had, then as they arrived. [`OrderedStream::rank`] tells
//! streams of rows that came before those of a file from those behind it.
//!
//! **Memory.** Places take 32 bytes for each actor and file, for as long as the source lives; gathered rows 16 bytes and
//! their columns, twice that while they are put in order, for as long as the plan lives. Both count against the memory
//! limit. Nothing is spilled: merges are few beside the rows, and `optimize` works them in for good.
//!
//! [`OrderedStream::rank`]: events::layout::OrderedStream::rank

mod exec;
mod gather;
mod moves;
mod plan;
mod resolve;
mod tasks;
mod without;

pub use moves::Moved;
pub(super) use plan::plan;
pub(super) use resolve::resolve;
