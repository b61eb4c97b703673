//! HogQL text to syntax tree and back.

pub mod ast;
mod diagnostic;
mod diagnostics_json;
mod place;
mod printer;
#[cfg(feature = "render")]
mod render;
mod span;

pub use diagnostic::{Diagnostic, ErrorKind, Severity};
pub use diagnostics_json::diagnostics_json;
pub use printer::{Layout, column_name, print_expr, print_order, print_query, print_query_as};
#[cfg(feature = "render")]
pub use render::{RenderOptions, render};
pub use span::Span;
