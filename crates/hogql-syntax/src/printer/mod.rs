//! Syntax trees back to HogQL text.
//!
//! The text is canonical: one spelling for each construct, quotes only around names that need them, parentheses
//! only where the tree would change without them. What is printed parses to the same tree, spans and the quoting of
//! names aside.

mod call;
mod column_name;
mod edges;
mod expr;
mod from;
mod names;
mod query;
mod select;
mod statement;
mod tag;
mod writer;

pub use column_name::column_name;

use crate::ast;
use writer::Writer;

/// How the text is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Layout {
    /// All on one line.
    #[default]
    Line,
    /// Each clause on a line of its own, its content indented below it.
    Pretty,
}

/// The query as canonical HogQL on one line.
///
/// # Examples
///
/// ```
/// let query = hogql_syntax::parse_select("select  event, count( ) from events group by event").tree;
/// assert_eq!(hogql_syntax::print_query(&query), "SELECT event, count() FROM events GROUP BY event");
/// ```
#[must_use]
pub fn print_query(query: &ast::Query) -> String {
    print_query_as(query, Layout::Line)
}

/// The query as canonical HogQL in the given layout.
///
/// # Examples
///
/// ```
/// use hogql_syntax::{Layout, parse_select, print_query_as};
///
/// let query = parse_select("select event, uuid from events where event = 'a'").tree;
/// let text = print_query_as(&query, Layout::Pretty);
/// assert_eq!(text, "SELECT\n    event,\n    uuid\nFROM\n    events\nWHERE\n    event = 'a'");
/// ```
#[must_use]
pub fn print_query_as(query: &ast::Query, layout: Layout) -> String {
    let mut writer = Writer::new(layout);
    writer.query(query);
    writer.finish()
}

/// The expression as canonical HogQL.
///
/// # Examples
///
/// ```
/// let expr = hogql_syntax::parse_expr("((a)) + (b * c) == 'it''s'").tree;
/// assert_eq!(hogql_syntax::print_expr(&expr), "a + b * c = 'it\\'s'");
/// ```
#[must_use]
pub fn print_expr(expr: &ast::Expr) -> String {
    let mut writer = Writer::new(Layout::Line);
    writer.any_expr(expr);
    writer.finish()
}

/// The `ORDER BY` item as canonical HogQL.
///
/// # Examples
///
/// ```
/// let order = hogql_syntax::parse_order("count( )  descending").tree;
/// assert_eq!(hogql_syntax::print_order(&order), "count() DESC");
/// ```
#[must_use]
pub fn print_order(order: &ast::OrderItem) -> String {
    let mut writer = Writer::new(Layout::Line);
    writer.order_item(order);
    writer.finish()
}
