//! Whole numbers of 64 bits beside floats, which do not hold them all: compared exactly, as in ClickHouse.
//!
//! A constant becomes a float that has the same outcome, so a column keeps a plain comparison that prunes. Two columns are
//! compared by a kernel, except in join conditions: those are to stay equations of columns.

use super::{convert, kernel, literal};
use crate::ir::{CompareOp, Expr, ExprKind, NullRule, Value};
use crate::types::{Bits, Kind, Type};
use hogql_syntax::Span;

/// Whether one side is a whole number and the other a float, and floats may not be exact enough for the two.
pub(super) fn is_needed(left: &Expr, right: &Expr) -> bool {
    is_inexact(left, right) || is_inexact(right, left)
}

fn is_inexact(whole: &Expr, float: &Expr) -> bool {
    // The first float behind all numbers of the kind: the largest of them become it.
    let behind = match whole.ty.kind {
        Kind::Int(Bits::B64) => 9_223_372_036_854_775_808.0,
        Kind::UInt(Bits::B64) => 18_446_744_073_709_551_616.0,
        _ => return false,
    };
    float.ty.is_float()
        && match (whole.literal(), float.literal()) {
            (Some(value), _) => literal::convert(value, &whole.ty.kind, &Kind::Float64).is_none(),
            (None, Some(value)) => *value == Value::Float(behind),
            (None, None) => true,
        }
}

/// `left op right`, if one side is a whole number and the other a float, and floats alone would not do.
pub(super) fn compare(
    op: CompareOp,
    left: &Expr,
    right: &Expr,
    nulls: NullRule,
    span: Span,
) -> Option<Expr> {
    if is_inexact(right, left) {
        with_whole(op, left, right, nulls, span)
    } else if is_inexact(left, right) {
        with_whole(mirrored(op), right, left, nulls, span)
    } else {
        None
    }
}

/// The operator for the two sides exchanged.
const fn mirrored(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Eq | CompareOp::NotEq => op,
        CompareOp::Lt => CompareOp::Gt,
        CompareOp::LtEq => CompareOp::GtEq,
        CompareOp::Gt => CompareOp::Lt,
        CompareOp::GtEq => CompareOp::LtEq,
    }
}

fn with_whole(
    op: CompareOp,
    float: &Expr,
    whole: &Expr,
    nulls: NullRule,
    span: Span,
) -> Option<Expr> {
    let constant = |value, span| literal::typed(Value::Float(value), Kind::Float64, false, span);
    match (float.literal(), whole.literal()) {
        (_, Some(value)) => {
            let stand_in = constant(stand_in(op, literal::whole(value)?), whole.span);
            let float = convert(float.clone(), &Kind::Float64);
            Some(super::compare::of_one_kind(op, float, stand_in, nulls, span))
        }
        (Some(Value::Float(behind)), None) => {
            // No whole number becomes the next float.
            let beyond = constant(behind.next_up(), float.span);
            let whole = convert(whole.clone(), &Kind::Float64);
            Some(super::compare::of_one_kind(op, beyond, whole, nulls, span))
        }
        _ if nulls == NullRule::TwoValued => Some(by_kernel(op, float, whole, span)),
        _ => None,
    }
}

/// A float that stands to all floats as the whole number does; NaN where only being equal is asked and no float is.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "what is lost is looked at"
)]
fn stand_in(op: CompareOp, whole: i128) -> f64 {
    let nearest = whole as f64;
    let found = nearest as i128;
    let (below, above) = match found.cmp(&whole) {
        std::cmp::Ordering::Equal => return nearest,
        std::cmp::Ordering::Less => (nearest, nearest.next_up()),
        std::cmp::Ordering::Greater => (nearest.next_down(), nearest),
    };
    match op {
        CompareOp::Eq | CompareOp::NotEq => f64::NAN,
        CompareOp::Lt | CompareOp::GtEq => above,
        CompareOp::LtEq | CompareOp::Gt => below,
    }
}

/// Whether the order of the two numbers, -1, 0 or 1, is as the operator wants it.
fn by_kernel(op: CompareOp, float: &Expr, whole: &Expr, span: Span) -> Expr {
    // NaN must fail every test but `!=`.
    let beside_nan = if matches!(op, CompareOp::Gt | CompareOp::GtEq) { -2 } else { 2 };
    // NULL equals NULL, and is in no order.
    let nulls_are_equal = matches!(op, CompareOp::Eq | CompareOp::NotEq);
    let args = vec![
        float.clone(),
        whole.clone(),
        Expr::int64(beside_nan, span),
        Expr::flag(nulls_are_equal, span),
    ];
    let order = kernel("number_order", args, Type::INT64, span);
    let zero = Expr { kind: ExprKind::Literal(Value::Int(0)), ty: Type::INT64, span };
    super::compare::of_one_kind(op, order, zero, NullRule::TwoValued, span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stand_ins() {
        let whole = 9_007_199_254_740_993;
        assert_eq!(stand_in(CompareOp::Lt, whole), 9_007_199_254_740_994.0);
        assert_eq!(stand_in(CompareOp::GtEq, whole), 9_007_199_254_740_994.0);
        assert_eq!(stand_in(CompareOp::LtEq, whole), 9_007_199_254_740_992.0);
        assert_eq!(stand_in(CompareOp::Gt, whole), 9_007_199_254_740_992.0);
        assert!(stand_in(CompareOp::Eq, whole).is_nan());
        assert_eq!(stand_in(CompareOp::Eq, whole + 1), 9_007_199_254_740_994.0);
        assert_eq!(stand_in(CompareOp::Gt, -whole), -9_007_199_254_740_994.0);
        assert_eq!(stand_in(CompareOp::Lt, i128::from(u64::MAX)), 18_446_744_073_709_551_616.0);
    }
}
