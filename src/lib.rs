//! Product analytics straight from Parquet event files.
//!
//! A [`Session`] reads event files where they lie, local or on S3, or a [`mod@store`] made of them, and answers questions
//! in HogQL, PostHog's dialect. Every question becomes a [`Query`] that can be explained, streamed as Arrow batches or
//! collected, and is cancelled by dropping it. `examples/embed.rs` is a whole program.
//!
//! | type | is |
//! |---|---|
//! | [`Session`], [`SessionBuilder`] | a source, a project's settings, questions |
//! | [`Query`], [`ResultStream`], [`QueryResult`] | a compiled question and its rows |
//! | [`Error`], [`Diagnostic`] | what is wrong, whose fault it is, where, what to do |
//!
//! Instants are microseconds since 1970-01-01 UTC everywhere; a zone only decides where days begin and how instants are shown.

pub use hogql::arrow;
pub use hogql::arrow::array::RecordBatch;
pub use hogql::error::{Blame, Error};
pub use hogql::generate;
pub use hogql::insight;
pub use hogql::ir::Value;
pub use hogql::output;
pub use hogql::resolve::{Constant, Filters, Options};
pub use hogql::session::{
    Column, Identity, Meter, Progress, Project, PropertyDefinitions, PropertyKind, Query,
    QueryResult, ResultStream, SchemaListing, Session, SessionBuilder, SourceOptions, TableListing,
};
pub use hogql::settings::{Settings, WeekStart};
pub use hogql::store;
pub use hogql::types::Type;
pub use hogql::{Diagnostic, Severity, functions};
