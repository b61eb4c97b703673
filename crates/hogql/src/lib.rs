//! HogQL and query JSON to DataFusion plans; the Session.
//!
//! | stage | from | to |
//! |---|---|---|
//! | `hogql_syntax` | text | AST and diagnostics |
//! | [`insight`] | query JSON | text and [`resolve::Options`] |
//! | [`resolve`] over [`tables`] | AST | [`ir`]: names resolved, types known |
//! | [`functions`] | typed arguments of a call | [`ir`] naming kernels |
//! | [`lower`] | [`ir`] | DataFusion's logical plan |
//! | [`session`] | a question | a [`session::Query`] that streams Arrow batches |
//! | [`output`] | batches | JSON, CSV, Parquet, Arrow |
//! | [`mod@store`] | event files | a store that a session reads faster |
//!
//! Everything up to [`ir`] is free of DataFusion.

pub mod error;
pub mod functions;
pub mod insight;
pub mod ir;
pub mod lower;
pub mod output;
pub mod resolve;
pub mod session;
pub mod settings;
pub mod store;
pub mod tables;
pub mod types;

pub use arrow;
pub use eventstore::generate;
pub use hogql_syntax::{Diagnostic, Severity};
