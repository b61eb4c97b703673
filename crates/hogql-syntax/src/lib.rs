//! HogQL text to syntax tree and back.

pub mod ast;
mod diagnostic;
mod span;

pub use diagnostic::{Diagnostic, ErrorKind, Severity};
pub use span::Span;
