//! Value expressions.

use super::predicate::{Nulls, binary};
use super::{Lowering, arrow_type, layout, named};
use crate::ir::{self, ArithmeticOp, ExprKind};
use crate::types::{Kind, Type};
use arrow::datatypes::Field;
use datafusion::common::{Result, internal_err, not_impl_err};
use datafusion::functions::expr_fn::coalesce;
use datafusion::logical_expr::expr::{
    Cast, HigherOrderFunction, Lambda, LambdaVariable, Sort, TryCast,
};
use datafusion::logical_expr::{Case, Expr, Operator, lit};
use std::sync::Arc;

impl Lowering<'_> {
    /// An expression as a value of [`arrow_type`] of its type.
    pub(super) fn expr(&mut self, expr: &ir::Expr) -> Result<Expr> {
        if let Some(name) = self.hoisted.get(&std::ptr::from_ref(expr))
            && !matches!(expr.kind, ExprKind::InSubquery { .. })
        {
            return Ok(named(name));
        }
        if expr.kind.is_logical() {
            let flag = self.predicate(expr, Nulls::Exact)?;
            return Ok(if expr.ty.kind == Kind::Bool { flag } else { cast(flag, &expr.ty) });
        }
        match &expr.kind {
            ExprKind::Literal(value) => Ok(lit(layout::scalar(value, &expr.ty)?)),
            ExprKind::Column(id) => self.column(*id),
            ExprKind::LambdaVariable(name) => Ok(lambda_variable(name, &expr.ty)),
            ExprKind::Kernel { name, args } => {
                let args = self.exprs(args)?;
                self.kernel(name, args, &expr.ty)
            }
            ExprKind::HigherOrder { name, lambda, args } => {
                self.higher_order(name, lambda, args, &expr.ty)
            }
            ExprKind::Arithmetic { op, left, right } => {
                Ok(binary(self.expr(left)?, arithmetic(*op), self.expr(right)?))
            }
            ExprKind::ScalarSubquery(rel) => self.scalar_subquery(rel),
            ExprKind::Case { branches, otherwise } => self.case(branches, otherwise),
            ExprKind::Coalesce(args) => Ok(coalesce(self.exprs(args)?)),
            ExprKind::Cast { expr: inner, safe } => self.cast(inner, *safe, &expr.ty),
            ExprKind::Property { json, path } => self.property(json, path),
            _ => internal_err!("logical expression out of place"),
        }
    }

    /// Several expressions.
    pub(super) fn exprs(&mut self, exprs: &[ir::Expr]) -> Result<Vec<Expr>> {
        exprs.iter().map(|expr| self.expr(expr)).collect()
    }

    /// A call of a scalar kernel.
    pub(super) fn kernel(&self, name: &str, args: Vec<Expr>, ty: &Type) -> Result<Expr> {
        scalar_kernel(name, args, ty)
    }

    fn higher_order(
        &mut self,
        name: &str,
        lambda: &ir::Lambda,
        args: &[ir::Expr],
        ty: &Type,
    ) -> Result<Expr> {
        let params: Vec<_> = lambda.params.iter().map(|(_, ty)| arrow_type(ty)).collect();
        let Some(udf) = operators::functions::higher_order_udf(name, arrow_type(ty), params) else {
            return internal_err!("no lambda kernel named {name}");
        };
        let names = lambda.params.iter().map(|(name, _)| name.clone()).collect();
        let body = self.expr(&lambda.body)?;
        let mut lowered = vec![Expr::Lambda(Lambda::new(names, body))];
        lowered.extend(self.exprs(args)?);
        Ok(Expr::HigherOrderFunction(HigherOrderFunction::new(Arc::new(udf), lowered)))
    }

    fn case(&mut self, branches: &[(ir::Expr, ir::Expr)], otherwise: &ir::Expr) -> Result<Expr> {
        let mut when_then = Vec::with_capacity(branches.len());
        for (condition, value) in branches {
            when_then.push((Box::new(self.condition(condition)?), Box::new(self.expr(value)?)));
        }
        Ok(Expr::Case(Case::new(None, when_then, Some(Box::new(self.expr(otherwise)?)))))
    }

    fn cast(&mut self, inner: &ir::Expr, safe: bool, ty: &Type) -> Result<Expr> {
        let value = self.expr(inner)?;
        let (from, to) = (arrow_type(&inner.ty), arrow_type(ty));
        if from == to {
            return Ok(value);
        }
        if is_zoned_cast(&inner.ty, ty) {
            return not_impl_err!("converting {} to {} without a zone", inner.ty, ty);
        }
        Ok(if safe { Expr::TryCast(TryCast::new(Box::new(value), to)) } else { cast(value, ty) })
    }

    fn property(&mut self, json: &ir::Expr, path: &[ir::PathStep]) -> Result<Expr> {
        if path.is_empty() {
            return self.expr(json);
        }
        let steps: Vec<_> = path.iter().map(property_step).collect();
        Ok(operators::functions::property_udf(&steps).call(vec![self.expr(json)?]))
    }

    /// Sort keys; NaN sorts after every number both ways, as NULL does.
    pub(super) fn sort_keys(&mut self, keys: &[ir::SortKey]) -> Result<Vec<Sort>> {
        let mut sorts = Vec::with_capacity(keys.len());
        for key in keys {
            let expr = self.expr(&key.expr)?;
            // Either way: the NaN that 0/0 gives has the sign that Arrow puts before all numbers.
            if key.expr.ty.is_float() {
                let is_nan = datafusion::functions::expr_fn::isnan(expr.clone());
                sorts.push(Sort::new(is_nan, true, key.nulls_first));
            }
            sorts.push(Sort::new(expr, !key.descending, key.nulls_first));
        }
        Ok(sorts)
    }
}

/// A call of a scalar kernel.
pub(super) fn scalar_kernel(name: &str, args: Vec<Expr>, ty: &Type) -> Result<Expr> {
    match operators::functions::scalar_udf(name, arrow_type(ty)) {
        Some(udf) => Ok(udf.call(args)),
        None => internal_err!("no kernel named {name}"),
    }
}

/// A conversion that fails at run time on a value that does not fit.
pub(super) fn cast(expr: Expr, ty: &Type) -> Expr {
    Expr::Cast(Cast::new(Box::new(expr), arrow_type(ty)))
}

fn lambda_variable(name: &str, ty: &Type) -> Expr {
    let field = Arc::new(Field::new(name, arrow_type(ty), true));
    Expr::LambdaVariable(LambdaVariable::new(name.to_owned(), Some(field)))
}

/// Days and instants convert only in a zone, by a kernel.
fn is_zoned_cast(from: &Type, to: &Type) -> bool {
    (from.kind == Kind::Date && to.is_datetime()) || (from.is_datetime() && to.kind == Kind::Date)
}

fn property_step(step: &ir::PathStep) -> events::property::json::Step {
    match step {
        ir::PathStep::Key(key) => events::property::json::Step::Key(key.clone()),
        ir::PathStep::Index(index) => events::property::json::Step::Index(*index),
    }
}

const fn arithmetic(op: ArithmeticOp) -> Operator {
    match op {
        ArithmeticOp::Add => Operator::Plus,
        ArithmeticOp::Subtract => Operator::Minus,
        ArithmeticOp::Multiply => Operator::Multiply,
        ArithmeticOp::Divide => Operator::Divide,
        ArithmeticOp::Modulo => Operator::Modulo,
    }
}
