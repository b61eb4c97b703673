//! The syntax tree: what was written, and where.
//!
//! The tree keeps every clause of the text, also those that the reference parser drops or reorders (`NULLS FIRST`,
//! `COLLATE`, `WITH ROLLUP`, `NATURAL`, `FILTER` before `OVER`, ..): the JSON edge ([`crate::json`]) mimics the
//! reference, and the resolver decides what such a clause means.

mod erase;
mod expr;
mod query;
mod statement;
#[macro_use]
mod visit_statement;
mod visit;

pub use erase::{erase_order_spans, erase_query_spans, erase_spans};
pub use expr::*;
pub use query::*;
pub use statement::*;
pub use visit::{Visitor, VisitorMut, walk_expr, walk_expr_mut, walk_query, walk_query_mut};

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
