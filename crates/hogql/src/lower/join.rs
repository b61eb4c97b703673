//! Joins. A side that finds no partner gives its columns' defaults, not NULL, where their types know no NULL.

use super::Lowering;
use super::predicate::{binary, conjuncts};
use crate::ir::{self, CompareOp, ExprKind, JoinKind, NullRule, RelKind};
use datafusion::common::{JoinType, Result, internal_err};
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, Operator};

impl Lowering<'_> {
    /// A join of two relations.
    pub(super) fn join(&mut self, rel: &ir::Rel) -> Result<LogicalPlan> {
        let RelKind::Join { left, right, kind, on } = &rel.kind else {
            return internal_err!("not a join");
        };
        let (left_plan, right_plan) = (self.rel(left)?, self.rel(right)?);
        let builder = LogicalPlanBuilder::from(left_plan);
        let plan = match (kind, on) {
            (JoinKind::Cross, _) | (JoinKind::Inner, None) => {
                builder.cross_join(right_plan)?.build()?
            }
            (kind, on) => {
                let conditions =
                    on.iter().flat_map(conjuncts).map(|part| self.join_condition(part));
                let conditions = conditions.collect::<Result<Vec<_>>>()?;
                builder.join_on(right_plan, join_type(*kind), conditions)?.build()?
            }
        };
        let (fill_left, fill_right) = match kind {
            JoinKind::Left => (false, true),
            JoinKind::Right => (true, false),
            JoinKind::Full => (true, true),
            _ => (false, false),
        };
        if !fill_left && !fill_right {
            return self.exactly(plan, &rel.columns);
        }
        let mut exprs = Vec::with_capacity(rel.columns.len());
        for column in &rel.columns {
            let from_left = left.columns.iter().any(|other| other.id == column.id);
            let fill = if from_left { fill_left } else { fill_right };
            exprs.push(self.filled(column, fill)?);
        }
        LogicalPlanBuilder::from(plan).project(exprs)?.build()
    }

    /// A part of `ON`. An equality of floats is a key of the join, and keys take NaN for one value, as `GROUP BY` does.
    fn join_condition(&mut self, part: &ir::Expr) -> Result<Expr> {
        match &part.kind {
            ExprKind::Compare { op: CompareOp::Eq, left, right, nulls: NullRule::Plain }
                if left.ty.is_float() && right.ty.is_float() =>
            {
                Ok(binary(self.expr(left)?, Operator::Eq, self.expr(right)?))
            }
            _ => self.condition(part),
        }
    }

    fn filled(&mut self, column: &ir::Column, fill: bool) -> Result<Expr> {
        let expr = self.column(column.id)?;
        if !fill || column.ty.nullable {
            return Ok(expr);
        }
        Ok(self.or_default(expr, &column.ty)?.alias(self.define(column)))
    }
}

const fn join_type(kind: JoinKind) -> JoinType {
    match kind {
        JoinKind::Inner | JoinKind::Cross => JoinType::Inner,
        JoinKind::Left => JoinType::Left,
        JoinKind::Right => JoinType::Right,
        JoinKind::Full => JoinType::Full,
        JoinKind::LeftSemi => JoinType::LeftSemi,
        JoinKind::LeftAnti => JoinType::LeftAnti,
    }
}
