//! Queries: a SELECT, a set operation, or something that is refused.

use super::scope::{Ctes, Json};
use super::{MAX_SELECTS, Resolver};
use crate::error::Error;
use crate::ir::Rel;
use hogql_syntax::{Span, ast};

/// A resolved query: its relation, and which of its columns hold JSON text.
#[derive(Debug)]
pub(super) struct Answer {
    pub rel: Rel,
    pub json: Vec<Option<Json>>,
}

impl Resolver<'_> {
    /// The relation of a query.
    pub(super) fn query(
        &mut self,
        query: &ast::Query,
        ctes: &Ctes,
        trusted: bool,
    ) -> Result<Rel, Error> {
        Ok(self.answer(query, ctes, trusted)?.rel)
    }

    /// A query with what is known of its columns.
    pub(super) fn answer(
        &mut self,
        query: &ast::Query,
        ctes: &Ctes,
        trusted: bool,
    ) -> Result<Answer, Error> {
        self.nested(query.span, |resolver| match &query.kind {
            ast::QueryKind::Select(select) => {
                resolver.count_select(query.span)?;
                resolver.select(select, ctes, trusted)
            }
            ast::QueryKind::Set(set) => resolver.set_query(set, query.span, ctes, trusted),
            ast::QueryKind::Placeholder(expr) => Err(refused_placeholder(expr.span)),
            ast::QueryKind::Tag(tag, span) => Err(Error::not_supported(
                *span,
                format_args!("the HogQLX tag <{}>", tag.name.value),
            )),
            ast::QueryKind::Values(_) => Err(Error::not_supported(query.span, "VALUES as a table")),
            ast::QueryKind::Error => Err(unread(query.span)),
        })
    }

    /// Counts a SELECT against the limit: CTEs that use each other several times grow without bound.
    pub(super) fn count_select(&mut self, span: Span) -> Result<(), Error> {
        self.selects += 1;
        if self.selects <= MAX_SELECTS {
            return Ok(());
        }
        let message =
            format!("the query has more than {MAX_SELECTS} SELECTs, each use of a CTE counted");
        Err(Error::limit("H0225", span, message))
    }
}

/// A placeholder for a whole query or table.
pub(super) fn refused_placeholder(span: Span) -> Error {
    Error::not_supported(span, "a placeholder in the place of a query or table")
}

/// The parser put something in place of text that it could not read.
pub(super) fn unread(span: Span) -> Error {
    Error::query("H0299", span, "this part of the query could not be read")
}
