//! HogQL text to syntax tree and back.

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
pub use parser::{MAX_DEPTH, MAX_HEIGHT, Parsed, parse_expr, parse_order, parse_select, parse_template};
pub use printer::{Layout, column_name, print_expr, print_order, print_query, print_query_as};
#[cfg(feature = "render")]
pub use render::{RenderOptions, render};
pub use span::Span;
