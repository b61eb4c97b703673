//! The operators of the dialect on typed expressions: what `a + b`, `a = b`, `a AND b` and their function spellings mean.
//!
//! The resolver calls these for operators, the catalog for function spellings (`plus`, `equals`, `and`), so both agree.

mod arithmetic;
mod compare;
mod exact;
mod literal;
mod logic;
mod supertype;
mod text;

pub use arithmetic::{arithmetic, arithmetic_kind, integer_division_kind};
pub use compare::{compare, membership};
pub use literal::{instant_of_day, parse_day, parse_instant};
pub use logic::{and, condition, if_null, not, or, xor};
pub use supertype::{common_type, convert, unify};
pub(super) use text::check_pattern;
pub use text::{Matching, concat, like, regex, to_string};

use crate::ir::{Expr, ExprKind};
use crate::types::Type;
use hogql_syntax::Span;

/// A kernel whose result is nullable if the type says so or any argument is nullable.
#[must_use]
pub fn kernel(name: &'static str, args: Vec<Expr>, ty: Type, span: Span) -> Expr {
    let nullable = ty.nullable || args.iter().any(|arg| arg.ty.nullable);
    let ty = if nullable { ty.to_nullable() } else { ty };
    Expr { kind: ExprKind::Kernel { name, args }, ty, span }
}
