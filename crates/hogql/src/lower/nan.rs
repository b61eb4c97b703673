//! Comparisons of floats: NaN equals nothing and has no order, while Arrow orders it beside all numbers.

use super::predicate::{binary, is_true};
use crate::ir::{self, CompareOp, ExprKind, Value};
use datafusion::common::Result;
use datafusion::functions::expr_fn::isnan;
use datafusion::logical_expr::{Expr, Operator};

/// The two sides of a comparison.
pub(super) struct Sides {
    /// What is compared.
    pub values: [Expr; 2],
    /// NaN has become NULL on some side, which is as little in order as NaN is.
    pub nan_is_null: bool,
    /// Tests of those sides that are NaN where the comparison must not be believed.
    nans: Vec<Expr>,
}

impl Sides {
    /// Columns keep their comparison, which prunes, and get a test beside it; a computed side is computed once only.
    pub(super) fn of(op: CompareOp, sides: [&ir::Expr; 2], values: [Expr; 2]) -> Result<Self> {
        let may_be_nan = sides.map(may_be_nan);
        let mut found = Self { values, nan_is_null: false, nans: Vec::new() };
        if matches!(op, CompareOp::Eq | CompareOp::NotEq) {
            // Only NaN itself passes for equal to NaN.
            if may_be_nan == [true, true] {
                found.nans.push(is_nan(&found.values[0], sides[0]));
            }
            return Ok(found);
        }
        for (index, side) in sides.into_iter().enumerate().filter(|(index, _)| may_be_nan[*index]) {
            let value = &mut found.values[index];
            if matches!(value, Expr::Column(_) | Expr::Literal(..)) {
                found.nans.push(is_nan(value, side));
            } else {
                *value = super::expr::scalar_kernel("nan_as_null", vec![value.clone()], &side.ty)?;
                found.nan_is_null = true;
            }
        }
        Ok(found)
    }

    /// The comparison with its outcome for NaN.
    pub(super) fn beside_nan(self, op: CompareOp, compared: Expr) -> Expr {
        self.nans.into_iter().fold(compared, |compared, nan| match op {
            CompareOp::NotEq => binary(compared, Operator::Or, nan),
            _ => binary(compared, Operator::And, Expr::Not(Box::new(nan))),
        })
    }
}

fn is_nan(value: &Expr, side: &ir::Expr) -> Expr {
    let nan = isnan(value.clone());
    if side.ty.nullable { is_true(nan) } else { nan }
}

fn may_be_nan(expr: &ir::Expr) -> bool {
    expr.ty.is_float()
        && match &expr.kind {
            ExprKind::Literal(Value::Float(number)) => number.is_nan(),
            ExprKind::Literal(_) => false,
            ExprKind::Cast { expr, .. } => may_be_nan(expr),
            _ => true,
        }
}
