//! Stores: events by person, clusters of who and when by event, and a manifest of versions.
//!
//! The format is described in `docs/store-format.md`.

mod actor_files;
mod buckets;
mod choose;
mod cluster_file;
mod dictionary;
mod event_file;
mod files;
pub(crate) mod import;
mod info;
mod manifest;
mod narrow;
mod objects;
mod open;
mod optimize;
mod parquet_out;
mod persons;
mod provider;
mod pruned;
mod schema;
mod segments;
#[cfg(test)]
mod tests;
mod versions;

pub use import::{ImportOptions, ImportPhase, ImportProgress, ImportSummary, import};

pub use info::{
    ColumnInfo, EventInfo, Health, ImportInfo, StoreInfo, TableInfo, UnfinishedInfo, info,
};
pub use narrow::{Moved, Narrow, NarrowRequest, NarrowScanExec};
pub(crate) use open::ORDINAL_COLUMN;
pub use open::{StoreOptions, open_store};

pub use optimize::{OptimizeOptions, OptimizeSummary, optimize};
pub(crate) use persons::{Persons, actor_of, person_of};

/// The column of a store's events with the person that the import resolved.
pub(crate) const PERSON_COLUMN: &str = "$person";

/// The same person as a number: bucket and ordinal.
pub(crate) const ACTOR_COLUMN: &str = "$actor";

/// The table of distinct ids whose person changed after their rows were taken in.
pub(crate) const MERGES: &str = "merges";

/// Such distinct ids whose rows `optimize` has moved since: rows of theirs that come later are the same persons'.
pub(crate) const WORKED_IN: &str = "worked_in";

/// The version of a store that a source reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreVersion {
    /// Where the store is.
    pub location: String,
    /// The version's number.
    pub version: u64,
    /// When it was made, in microseconds since 1970-01-01 UTC.
    pub made_at: i64,
}
