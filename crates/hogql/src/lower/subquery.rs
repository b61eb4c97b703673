//! What must be computed below an expression: memberships in subqueries, and property reads inside lambdas.
//!
//! `x IN (SELECT ..)` is a join in which NULL equals NULL: a semi or anti join where it is a condition of its own, else a left
//! join with the distinct values and a mark. A property read that does not depend on a lambda's parameter is taken out of the lambda.

use super::{Lowering, named};
use crate::ir::{self, ExprKind};
use datafusion::common::{Column, JoinType, NullEquality, Result, Spans};
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, Subquery, lit};
use std::sync::Arc;

impl Lowering<'_> {
    /// A subquery of one value.
    pub(super) fn scalar_subquery(&mut self, rel: &ir::Rel) -> Result<Expr> {
        let mut plan = self.rel(rel)?;
        // Without rows the value is NULL, whatever the column may hold.
        if let (Some(column), false) = (rel.columns.first(), plan.schema().field(0).is_nullable()) {
            let value = self.kernel("nullable", vec![first_column(&plan)?], &column.ty)?;
            plan = LogicalPlanBuilder::from(plan).project(vec![value])?.build()?;
        }
        Ok(Expr::ScalarSubquery(Subquery {
            subquery: Arc::new(plan),
            outer_ref_columns: Vec::new(),
            spans: Spans::new(),
        }))
    }

    /// The input with everything computed that these expressions need below them.
    pub(super) fn prepare<'e>(
        &mut self,
        mut input: LogicalPlan,
        exprs: impl IntoIterator<Item = &'e ir::Expr>,
    ) -> Result<LogicalPlan> {
        let (mut memberships, mut properties) = (Vec::new(), Vec::new());
        for expr in exprs {
            collect(expr, false, &mut memberships, &mut properties);
        }
        if !properties.is_empty() {
            input = self.hoist(input, &properties)?;
        }
        for membership in memberships {
            input = self.mark(input, membership)?;
        }
        Ok(input)
    }

    fn hoist(&mut self, input: LogicalPlan, exprs: &[&ir::Expr]) -> Result<LogicalPlan> {
        let mut columns = all_columns(&input);
        for expr in exprs {
            let name = self.fresh("property");
            columns.push(self.expr(expr)?.alias(&name));
            self.hoisted.insert(std::ptr::from_ref(*expr), name);
        }
        LogicalPlanBuilder::from(input).project(columns)?.build()
    }

    fn mark(&mut self, input: LogicalPlan, membership: &ir::Expr) -> Result<LogicalPlan> {
        let ExprKind::InSubquery { expr, rel, .. } = &membership.kind else { return Ok(input) };
        let input = self.prepare(input, [&**expr])?;
        let (found, mark) = (self.fresh("found"), self.fresh("mark"));
        let right = self.rel(rel)?;
        let value = first_column(&right)?;
        let right = LogicalPlanBuilder::from(right)
            .project(vec![value.alias(&found)])?
            .distinct()?
            .project(vec![named(&found), lit(true).alias(&mark)])?
            .build()?;
        self.hoisted.insert(std::ptr::from_ref(membership), mark);
        self.join_on_value(input, expr, right, &found, JoinType::Left)
    }

    /// Keeps the rows whose value is (or is not) among the subquery's.
    pub(super) fn semi_join(
        &mut self,
        input: LogicalPlan,
        membership: &ir::Expr,
    ) -> Result<LogicalPlan> {
        let ExprKind::InSubquery { expr, rel, negated } = &membership.kind else {
            return Ok(input);
        };
        let input = self.prepare(input, [&**expr])?;
        let found = self.fresh("found");
        let right = self.rel(rel)?;
        let value = first_column(&right)?;
        let right = LogicalPlanBuilder::from(right).project(vec![value.alias(&found)])?.build()?;
        let kind = if *negated { JoinType::LeftAnti } else { JoinType::LeftSemi };
        self.join_on_value(input, expr, right, &found, kind)
    }

    fn join_on_value(
        &mut self,
        input: LogicalPlan,
        value: &ir::Expr,
        right: LogicalPlan,
        found: &str,
        kind: JoinType,
    ) -> Result<LogicalPlan> {
        let mut columns = all_columns(&input);
        let key = match self.expr(value)? {
            Expr::Column(column) => column.name,
            computed => {
                let name = self.fresh("value");
                columns.push(computed.alias(&name));
                name
            }
        };
        let keys = (vec![Column::from_name(key)], vec![Column::from_name(found)]);
        LogicalPlanBuilder::from(input)
            .project(columns)?
            .join_detailed(right, kind, keys, None, NullEquality::NullEqualsNull)?
            .build()
    }
}

/// References to all columns of a plan.
pub(super) fn all_columns(plan: &LogicalPlan) -> Vec<Expr> {
    plan.schema().columns().into_iter().map(Expr::Column).collect()
}

fn first_column(plan: &LogicalPlan) -> Result<Expr> {
    match plan.schema().columns().into_iter().next() {
        Some(column) => Ok(Expr::Column(column)),
        None => datafusion::common::internal_err!("a subquery without columns"),
    }
}

fn collect<'e>(
    expr: &'e ir::Expr,
    in_lambda: bool,
    memberships: &mut Vec<&'e ir::Expr>,
    properties: &mut Vec<&'e ir::Expr>,
) {
    match &expr.kind {
        ExprKind::InSubquery { .. } => memberships.push(expr),
        ExprKind::Property { .. } if in_lambda && !expr.depends_on_lambda() => {
            properties.push(expr)
        }
        ExprKind::HigherOrder { lambda, args, .. } => {
            collect(&lambda.body, true, memberships, properties);
            args.iter().for_each(|arg| collect(arg, in_lambda, memberships, properties));
        }
        _ => expr.children(&mut |child| collect(child, in_lambda, memberships, properties)),
    }
}
