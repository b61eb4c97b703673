//! Event files, local or on object stores, as DataFusion tables.
//!
//! [`open`] turns [`SourceOptions`] into a [`Source`] whose [`Table`]s show canonical columns (`events::column`) whatever
//! the files call them, and [`infer_properties`] tells the kinds of their properties.

mod error;
mod options;
mod source;

pub use error::{Blame, Error};
pub use options::SourceOptions;
pub use source::{Source, SourceFile, Table, infer_properties, open};
