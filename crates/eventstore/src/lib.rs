//! Event files, local or on object stores, as DataFusion tables.
//!
//! [`open`] turns [`SourceOptions`] into a [`Source`] whose [`Table`]s show canonical columns (`events::column`) whatever
//! the files call them, and [`infer_properties`] tells the kinds of their properties. [`generate`] makes an export to try
//! things on.

mod columns;
mod embedded;
mod error;
mod files;
mod filters;
mod footers;
pub mod generate;
mod infer;
mod lenient;
mod made;
mod open;
mod options;
mod parquet_file;
mod parquet_source;
mod parts;
mod reach;
mod request;
mod result_file;
pub mod sample;
mod source;
mod store;
mod table;
mod text;

#[cfg(test)]
mod tests;

pub use embedded::register_sample;
pub use error::{Blame, Error};
pub use infer::{Inferred, infer_properties};
pub use open::open;
pub use options::SourceOptions;
pub use result_file::ParquetWriter;
pub use source::{Source, SourceFile, Table};
pub use store::{
    ColumnInfo, EventInfo, Health, ImportInfo, ImportOptions, ImportPhase, ImportProgress,
    ImportSummary, Moved, Narrow, NarrowRequest, NarrowScanExec, OptimizeOptions, OptimizeSummary,
    StoreInfo, StoreOptions, StoreVersion, TableInfo, UnfinishedInfo, import, info, open_store,
    optimize,
};
