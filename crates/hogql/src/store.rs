//! Stores: making them from event files, rewriting them, and what is in them. [`SessionBuilder::store`] reads one.
//!
//! [`SessionBuilder::store`]: crate::session::SessionBuilder::store

pub use eventstore::{
    ColumnInfo, EventInfo, Health, ImportInfo, ImportOptions, ImportPhase, ImportProgress,
    ImportSummary, OptimizeOptions, OptimizeSummary, StoreInfo, StoreVersion, TableInfo,
    UnfinishedInfo, import, info, optimize,
};
