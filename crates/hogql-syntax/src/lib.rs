//! HogQL text to syntax tree and back.
//!
//! HogQL is the SQL of product analytics: selects over events, with property access by dots (`properties.$browser`),
//! placeholders (`{filters}`), templates (`f'{a} and {b}'`), lambdas and tags. This crate knows its words and nothing
//! else: which tables, columns and functions there are is the business of the compiler.
//!
//! - [`parse_select`], [`parse_expr`], [`parse_order`] and [`parse_template`] turn a text into a tree. They never fail:
//!   a [`Parsed`] holds the tree, with [`ast::ExprKind::Error`] where nothing could be read, and all [`Diagnostic`]s.
//! - [`ast`] is the tree: what was written, with its [`Span`] in bytes.
//! - [`print_query`] and its kin turn a tree into text again.
//! - [`json::ast_json`] gives the tree as the reference parser's JSON, with positions in code points.
//!
//! ```
//! use hogql_syntax::parse_select;
//!
//! let parsed = parse_select("select event, count() as n from events group by event order by n desc");
//! assert!(parsed.is_ok());
//!
//! let parsed = parse_select("select event from events wher event = 'a'");
//! let error = parsed.first_error().expect("a misspelt word");
//! assert_eq!(error.hints, ["did you mean `WHERE` instead of `wher`?"]);
//! ```
//!
//! The stages are `lexer` (text to tokens), `parser` (tokens to tree), and at the other end `printer` and
//! `json`. A text nests at most [`MAX_DEPTH`] deep and a tree grows at most [`MAX_HEIGHT`] high, so that whoever walks
//! a tree may recurse. A text has at most [`MAX_TOKENS`] tokens, so that it is read in little time.
//!
//! # Where the reference reads more
//!
//! Two things that the reference accepts are errors here, on purpose; both hide a slip of the writer. An item of `ORDER BY`
//! on its own ([`parse_order`]) must be whole before something else may stand behind it: the reference takes the longest
//! beginning that is an item, so that `quantile(a)(b y)` is `quantile(a)`. So it takes a `CASE` without its `END` for a
//! column named `case`; here the missing `END` is the error.

pub mod ast;
mod codes;
mod diagnostic;
mod diagnostics_json;
pub mod json;
mod keywords;
mod lexer;
mod parser;
mod place;
mod printer;
#[cfg(feature = "render")]
mod render;
mod span;
mod token;

pub use diagnostic::{Diagnostic, ErrorKind, Severity};
pub use diagnostics_json::diagnostics_json;
pub use parser::{
    MAX_DEPTH, MAX_HEIGHT, MAX_TOKENS, Parsed, parse_expr, parse_order, parse_select,
    parse_template,
};
pub use printer::{Layout, column_name, print_expr, print_order, print_query, print_query_as};
#[cfg(feature = "render")]
pub use render::{RenderOptions, render};
pub use span::Span;
