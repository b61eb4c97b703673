//! The resolver: from a syntax tree to the typed intermediate language.
//!
//! One SELECT is resolved in PostHog's order: `FROM` and `ON`, the select list from left to right, then the other clauses,
//! which see the aliases of the list before any column. Nothing is computed from a table until a name asks for it: a
//! virtual table is a query to which items are added while the outer query is resolved, and a lazy join is made when a
//! field behind it is named. When all names are known, the block is put together from the inside out.
//!
//! Errors of different select items and clauses are collected, so that one run shows them all.

mod aggregates;
mod arrival;
mod calls;
mod cte;
mod expr;
mod fields;
mod filters;
mod from;
mod group;
mod joins;
mod lambda;
mod literals;
mod names;
mod operators;
mod options;
mod order;
mod placeholders;
mod properties;
mod property_columns;
mod query;
mod rewrite;
mod scope;
mod select;
mod set_ops;
mod star;
mod subquery;
mod suggest;
mod virtual_tables;
mod window;

#[cfg(test)]
mod tests;

pub use options::{Constant, Filters, Options};

use crate::error::Error;
use crate::ir::{self, ColumnId};
use crate::settings::Settings;
use crate::tables::Schema;
use hogql_syntax::{Diagnostic, Span, ast};

/// Deepest nesting of expressions and queries within each other.
pub const MAX_DEPTH: usize = 600;

/// Most SELECTs in one query, those of CTEs and virtual tables counted each time they are used.
pub const MAX_SELECTS: usize = 1000;

/// Most queries of one chain of set operators, and most tables of one chain of joins. The time to plan a chain grows faster than
/// its length: so many take about a second.
pub const MAX_CHAIN: usize = 100;

/// Most that expressions in the place of aliases may cost, each use counted: the nodes of one times its height, as its type is
/// asked for at each level. Aliases of aliases of aliases cost most; so much is planned in about three seconds.
pub const MAX_COPIED: usize = 500_000;

/// Stack that one level of nesting may need, and what is added when it runs short.
const STACK: (usize, usize) = (256 * 1024, 4 * 1024 * 1024);

/// A resolved query and what its writer should know.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// The query.
    pub query: ir::Query,
    /// Notices, in no order.
    pub notices: Vec<Diagnostic>,
}

/// Resolves names, functions and types of a query.
///
/// # Errors
/// Everything that is wrong with the query or not supported, each with its place.
pub fn resolve(
    query: &ast::Query,
    schema: &dyn Schema,
    settings: &Settings,
    options: &Options,
) -> Result<Resolved, Error> {
    let mut resolver = Resolver::new(schema, settings, options);
    let rel = resolver.query(query, &None, false)?;
    let output = rel
        .columns
        .iter()
        .map(|column| ir::OutputColumn { name: column.name.clone(), ty: column.ty.clone() });
    let output = output.collect();
    Ok(Resolved { query: ir::Query { rel, output }, notices: resolver.notices })
}

/// What all scopes of one query share.
struct Resolver<'a> {
    schema: &'a dyn Schema,
    settings: &'a Settings,
    options: &'a Options,
    next_column: u32,
    next_parameter: u32,
    depth: usize,
    selects: usize,
    /// What expressions that took the place of aliases have cost so far.
    copied: usize,
    /// Names of the SELECTs around a subquery in value position, to tell a correlated subquery from a wrong name.
    around: Vec<Vec<String>>,
    notices: Vec<Diagnostic>,
}

impl<'a> Resolver<'a> {
    fn new(schema: &'a dyn Schema, settings: &'a Settings, options: &'a Options) -> Self {
        Self {
            schema,
            settings,
            options,
            next_column: 0,
            next_parameter: 0,
            depth: 0,
            selects: 0,
            copied: 0,
            around: Vec::new(),
            notices: Vec::new(),
        }
    }

    /// A column that no other has.
    fn fresh(&mut self) -> ColumnId {
        let id = ColumnId(self.next_column);
        self.next_column += 1;
        id
    }

    /// Refuses the first link of a chain that is too many.
    fn check_chain<'l, T>(
        links: &'l [T],
        what: &str,
        span: impl Fn(&'l T) -> Span,
    ) -> Result<(), Error> {
        // The chain's first member is no link.
        match links.get(MAX_CHAIN - 1) {
            None => Ok(()),
            Some(link) => {
                let message = format!("more than {MAX_CHAIN} {what} in one chain");
                Err(Error::limit("H0227", span(link), message)
                    .with_hint("put parts of the chain into subqueries, or ask in several queries"))
            }
        }
    }

    /// Runs a step one level deeper.
    fn nested<T>(
        &mut self,
        span: Span,
        step: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if self.depth >= MAX_DEPTH {
            let message = format!("the query is nested more than {MAX_DEPTH} levels deep");
            return Err(Error::limit("H0220", span, message));
        }
        self.depth += 1;
        let result = stacker::maybe_grow(STACK.0, STACK.1, || step(self));
        self.depth -= 1;
        result
    }

    /// Tells the writer something, once.
    fn notice(&mut self, notice: Diagnostic) {
        if !self.notices.contains(&notice) {
            self.notices.push(notice);
        }
    }

    /// Refuses what the reference drops without a word, unless its behaviour is asked for.
    fn dropped(&self, span: Span, what: &str) -> Result<(), Error> {
        if self.options.compatibility {
            return Ok(());
        }
        let hint = "PostHog reads over it without a word; take it out, or ask for PostHog's behaviour by the compatibility option";
        Err(Error::not_supported(span, what).with_hint(hint))
    }
}

/// Errors of several independent parts.
#[derive(Default)]
struct Errors(Vec<Error>);

impl Errors {
    /// The value, or `None` with the error kept.
    fn keep<T>(&mut self, result: Result<T, Error>) -> Option<T> {
        result.map_err(|error| self.0.push(error)).ok()
    }

    /// All errors as one, if there is any.
    fn finish(self) -> Result<(), Error> {
        Error::all(self.0).map_or(Ok(()), Err)
    }
}
