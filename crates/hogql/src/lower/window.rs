//! Window functions.

use super::aggregate::{aggregate_udf, or_empty, typed};
use super::subquery::all_columns;
use super::{Lowering, layout};
use crate::ir::{self, FrameBound};
use datafusion::common::{Result, ScalarValue, internal_err};
use datafusion::functions_window as windows;
use datafusion::logical_expr::expr::{WindowFunction, WindowFunctionParams};
use datafusion::logical_expr::{
    Expr, LogicalPlan, LogicalPlanBuilder, WindowFrame, WindowFrameBound, WindowFrameUnits,
    WindowFunctionDefinition, WindowUDF,
};
use std::sync::Arc;

impl Lowering<'_> {
    /// The input's columns and one for each window function.
    pub(super) fn window(
        &mut self,
        rel: &ir::Rel,
        input: &ir::Rel,
        calls: &[ir::WindowCall],
    ) -> Result<LogicalPlan> {
        let plan = self.rel(input)?;
        let plan = self.prepare(plan, calls.iter().flat_map(window_exprs))?;
        let mut builder = LogicalPlanBuilder::from(plan);
        for (call, column) in calls.iter().zip(rel.columns.iter().skip(input.columns.len())) {
            // A node each: their orders may differ, and equal ones are not sorted twice.
            let expr = self.window_call(call)?;
            builder = builder.window(vec![expr.alias(self.define(column))])?;
        }
        self.window_results(builder.build()?, rel, input, calls)
    }

    fn window_results(
        &mut self,
        plan: LogicalPlan,
        rel: &ir::Rel,
        input: &ir::Rel,
        calls: &[ir::WindowCall],
    ) -> Result<LogicalPlan> {
        let mut exprs = Vec::with_capacity(rel.columns.len());
        for (index, column) in rel.columns.iter().enumerate() {
            let value = self.column(column.id)?;
            exprs.push(match index.checked_sub(input.columns.len()).and_then(|at| calls.get(at)) {
                Some(call) => {
                    let value = or_empty(
                        typed(value, plan.schema(), &call.ty)?,
                        call.empty.as_ref(),
                        &call.ty,
                    )?;
                    self.defined(value, column)
                }
                None => value,
            });
        }
        if exprs == all_columns(&plan) {
            return Ok(plan);
        }
        LogicalPlanBuilder::from(plan).project(exprs)?.build()
    }

    fn window_call(&mut self, call: &ir::WindowCall) -> Result<Expr> {
        let fun = match call.is_aggregate {
            true => WindowFunctionDefinition::AggregateUDF(aggregate_udf(
                call.name,
                &call.params,
                &call.args,
                &call.ty,
            )?),
            false => WindowFunctionDefinition::WindowUDF(window_udf(call.name)?),
        };
        let mut args = self.exprs(&call.args)?;
        if call.is_aggregate && args.is_empty() {
            args.push(datafusion::logical_expr::lit(1_i64));
        }
        let params = WindowFunctionParams {
            args,
            partition_by: self.exprs(&call.partition_by)?,
            order_by: match is_measured(&call.frame) {
                true => self.measured_keys(&call.order_by)?,
                false => self.sort_keys(&call.order_by)?,
            },
            window_frame: frame(&call.frame)?,
            filter: call
                .filter
                .as_ref()
                .map(|filter| self.condition(filter))
                .transpose()?
                .map(Box::new),
            null_treatment: None,
            distinct: false,
        };
        Ok(Expr::WindowFunction(Box::new(WindowFunction { fun, params })))
    }
}

fn window_exprs(call: &ir::WindowCall) -> impl Iterator<Item = &ir::Expr> {
    let ordered = call.order_by.iter().map(|key| &key.expr);
    call.args.iter().chain(&call.filter).chain(&call.partition_by).chain(ordered)
}

fn window_udf(name: &str) -> Result<Arc<WindowUDF>> {
    Ok(match name {
        "row_number" => windows::row_number::row_number_udwf(),
        "rank" => windows::rank::rank_udwf(),
        "dense_rank" => windows::rank::dense_rank_udwf(),
        "percent_rank" => windows::rank::percent_rank_udwf(),
        "cume_dist" => windows::cume_dist::cume_dist_udwf(),
        "ntile" => windows::ntile::ntile_udwf(),
        "lag" => windows::lead_lag::lag_udwf(),
        "lead" => windows::lead_lag::lead_udwf(),
        "first_value" => windows::nth_value::first_value_udwf(),
        "last_value" => windows::nth_value::last_value_udwf(),
        "nth_value" => windows::nth_value::nth_value_udwf(),
        _ => return internal_err!("no window function named {name}"),
    })
}

/// Whether values of the sort key count: `RANGE 5 PRECEDING`.
fn is_measured(frame: &ir::Frame) -> bool {
    let counts =
        |bound| matches!(bound, FrameBound::Preceding(Some(_)) | FrameBound::Following(Some(_)));
    frame.range && (counts(frame.start) || counts(frame.end))
}

fn frame(frame: &ir::Frame) -> Result<WindowFrame> {
    let units = if frame.range { WindowFrameUnits::Range } else { WindowFrameUnits::Rows };
    Ok(WindowFrame::new_bounds(units, bound(frame.start)?, bound(frame.end)?))
}

fn bound(bound: FrameBound) -> Result<WindowFrameBound> {
    let rows = |rows: Option<u64>| match rows {
        Some(rows) => layout::scalar(&ir::Value::UInt(rows), &crate::types::Type::UINT64),
        None => Ok(ScalarValue::UInt64(None)),
    };
    Ok(match bound {
        FrameBound::Preceding(n) => WindowFrameBound::Preceding(rows(n)?),
        FrameBound::CurrentRow => WindowFrameBound::CurrentRow,
        FrameBound::Following(n) => WindowFrameBound::Following(rows(n)?),
    })
}
