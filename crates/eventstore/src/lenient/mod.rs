//! Reading for an import: rows that cannot be read go to the rejects with their reason, all others are delivered.
//!
//! Reading in place is strict, as an answer must not leave out rows in silence; an import writes down what it leaves out.
//! Conversions are tried on whole batches, as they are in place. Only when one fails are its rows looked for.

mod parquet;
mod project;

pub(crate) use parquet::{ParquetPiece, lenient_row_group, reader_factory};
pub(crate) use project::{Sieve, Told, failing, lenient_project};
