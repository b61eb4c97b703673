//! How tightly printed text holds together at its two ends.
//!
//! An operator after a text takes as its left operand everything that binds at least as tightly; likewise before it.
//! So each printed expression has two numbers: the loosest operator that can be torn away on its left side, and the
//! loosest one on its right side. A prefix operator (`NOT`, a lambda) can start anywhere and is closed on its left; a
//! postfix one (`IS NULL`) is closed on its right. Parentheses close both sides.

use crate::ast::{ArithmeticOp, ExprKind};

/// `e AS a`.
pub(super) const ALIAS: u8 = 1;
/// `x -> e`.
pub(super) const LAMBDA: u8 = 1;
/// `c ? a : b`.
pub(super) const TERNARY: u8 = 3;
/// `OR`.
pub(super) const OR: u8 = 5;
/// `AND`.
pub(super) const AND: u8 = 6;
/// `NOT`.
pub(super) const NOT: u8 = 7;
/// `BETWEEN`, where the parser puts it: below `AND`, `OR` and `NOT`.
pub(super) const BETWEEN: u8 = 8;
/// `??`.
pub(super) const COALESCE: u8 = 9;
/// `IS DISTINCT FROM`.
pub(super) const DISTINCT_FROM: u8 = 10;
/// `IS NULL`, `IGNORE NULLS`.
pub(super) const IS_NULL: u8 = 11;
/// `=` and the other comparisons.
pub(super) const COMPARE: u8 = 12;
/// `+`, `-`, `||`.
pub(super) const ADD: u8 = 13;
/// `*`, `/`, `%`.
pub(super) const MULTIPLY: u8 = 14;
/// `-x`.
pub(super) const NEGATE: u8 = 15;
/// Calls, indexes, casts.
pub(super) const POSTFIX: u8 = 16;

/// The loosest operators at the two ends of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Edges {
    /// The loosest operator that reaches the left end.
    pub(super) left: u8,
    /// The loosest operator that reaches the right end.
    pub(super) right: u8,
}

impl Edges {
    /// A text that nothing can tear apart.
    pub(super) const CLOSED: Self = Self { left: u8::MAX, right: u8::MAX };

    /// `left op right` at `level`.
    pub(super) fn infix(level: u8, left: Self, right: Self) -> Self {
        Self { left: level.min(left.left), right: level.min(right.right) }
    }

    /// `left op` at `level`.
    pub(super) fn postfix(level: u8, left: Self) -> Self {
        Self { left: level.min(left.left), right: u8::MAX }
    }

    /// `op right` at `level`.
    pub(super) fn prefix(level: u8, right: Self) -> Self {
        Self { left: u8::MAX, right: level.min(right.right) }
    }
}

/// The level of an arithmetic operator.
pub(super) fn arithmetic(op: ArithmeticOp) -> u8 {
    match op {
        ArithmeticOp::Add | ArithmeticOp::Subtract => ADD,
        ArithmeticOp::Multiply | ArithmeticOp::Divide | ArithmeticOp::Modulo => MULTIPLY,
    }
}

/// Whether an operand of a flattened operator is the same operator again, which only parentheses keep apart.
pub(super) fn same_chain(parent: &ExprKind, child: &ExprKind) -> bool {
    matches!(
        (parent, child),
        (ExprKind::And(_), ExprKind::And(_))
            | (ExprKind::Or(_), ExprKind::Or(_))
            | (ExprKind::Concat(_), ExprKind::Concat(_))
    )
}
