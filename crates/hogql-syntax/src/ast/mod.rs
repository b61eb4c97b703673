//! The syntax tree: what was written, and where.
//!
//! The tree keeps every clause of the text, also those that the reference parser drops or reorders (`NULLS FIRST`,
//! `COLLATE`, `WITH ROLLUP`, `NATURAL`, `FILTER` before `OVER`, ..): the JSON edge ([`crate::json`]) mimics the
//! reference, and the resolver decides what such a clause means.

mod expr;
mod query;

pub use expr::*;
pub use query::*;

use crate::Span;

/// A name as written, unquoted, with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Ident {
    /// The name without quotes and with escapes resolved.
    pub value: String,
    /// Whether it was written in backticks or double quotes.
    pub quoted: bool,
    /// Place in the text, quotes included.
    pub span: Span,
}
