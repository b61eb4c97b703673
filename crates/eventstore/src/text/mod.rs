//! CSV and NDJSON files: every value is read as text, and becomes what the table says by the same conversions as in
//! Parquet files.
//!
//! DataFusion's own readers want one schema for all files and one type for all values of a key; event exports have
//! neither: `properties` holds any JSON, and columns come and go from file to file.

mod batches;
mod bytes;
mod columns;
mod csv;
mod failure;
mod head;
mod lenient;
mod ndjson;
mod records;
mod source;

pub(crate) use batches::Batches;
pub(crate) use columns::{Bound, Columns};
pub(crate) use head::{LOOK, head, lenient_head};
pub(crate) use lenient::{TextFile, lenient_rows};
pub(crate) use source::TextSource;
