//! The typed intermediate language between text or insight JSON and a plan: plain data, names resolved, types known.
//!
//! A [`Rel`] is a relation; its columns have ids that are unique within one [`Query`], so no name is ever ambiguous.
//! An [`Expr`] knows its [`Type`] and the span it came from. Nothing here is DataFusion's.

mod display;
mod expr;
mod rel;
mod walk;

pub use expr::*;
pub use rel::*;

use crate::types::Type;

/// A whole resolved query.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// The relation; its columns are the result's, in order.
    pub rel: Rel,
    /// Result columns: name and type, as many and in the order of `rel.columns`.
    pub output: Vec<OutputColumn>,
}

/// A column of the result.
#[derive(Debug, Clone, PartialEq)]
pub struct OutputColumn {
    /// Its name, as PostHog would give it.
    pub name: String,
    /// Its type.
    pub ty: Type,
}

/// A column of a relation, unique within one query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ColumnId(pub u32);
