//! Window functions.

use super::aggregate::{aggregate_udf, or_empty, typed};
use super::expr::cast;
use super::subquery::all_columns;
use super::{Lowering, layout};
use crate::ir::{self, FrameBound};
use crate::types::{Bits, Kind, Type};
use datafusion::common::{Result, ScalarValue, internal_err};
use datafusion::functions_window as windows;
use datafusion::logical_expr::expr::{Sort, WindowFunction, WindowFunctionParams};
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
        let mut known: Vec<(Expr, String)> = Vec::new();
        for (call, column) in calls.iter().zip(rel.columns.iter().skip(input.columns.len())) {
            // A node each: their orders may differ, and equal ones are not sorted twice.
            let expr = self.window_call(call)?;
            // Of two equal ones the optimizer would take one out as a common part, into a place where none can be computed.
            if let Some((_, name)) = known.iter().find(|(known, _)| *known == expr) {
                self.names.insert(column.id, name.clone());
                continue;
            }
            let name = self.define(column);
            builder = builder.window(vec![expr.clone().alias(&name)])?;
            known.push((expr, name));
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
        let (order_by, window_frame) = self.order_and_frame(call)?;
        let params = WindowFunctionParams {
            args,
            partition_by: self.exprs(&call.partition_by)?,
            order_by,
            window_frame,
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

    fn order_and_frame(&mut self, call: &ir::WindowCall) -> Result<(Vec<Sort>, WindowFrame)> {
        if !call.frame.is_measured() {
            return Ok((self.sort_keys(&call.order_by)?, frame(&call.frame, &Measure::ROWS)?));
        }
        let [key] = call.order_by.as_slice() else {
            return internal_err!("a frame measured by {} keys", call.order_by.len());
        };
        let measure = Measure::by(&key.expr.ty)?;
        Ok((vec![self.measured_key(key, &measure)?], frame(&call.frame, &measure)?))
    }

    /// The key of a measured frame. NaN sorts as NULL does, but by no key of its own: only one can be measured.
    fn measured_key(&mut self, key: &ir::SortKey, measure: &Measure) -> Result<Sort> {
        let value = self.expr(&key.expr)?;
        let value = match key.expr.ty.is_float() {
            true => self.kernel("nan_as_null", vec![value], &measure.ty)?,
            false => cast(value, &measure.ty),
        };
        Ok(Sort::new(value, !key.descending, key.nulls_first))
    }
}

/// What the distances of a frame are counted in.
struct Measure {
    ty: Type,
    /// What a distance of one is.
    unit: u64,
}

impl Measure {
    const ROWS: Self = Self { ty: Type::UINT64, unit: 1 };

    /// Values of a sort key. Distances are added to them and taken from them, so they become numbers that have a sign and
    /// do not overflow: DataFusion takes what is below zero for zero in numbers without one.
    fn by(ty: &Type) -> Result<Self> {
        let (kind, unit) = match &ty.kind {
            Kind::Float32 | Kind::Float64 => (ty.kind.clone(), 1),
            Kind::UInt(Bits::B64) | Kind::Int(Bits::B64) => (Kind::Decimal(38, 0), 1),
            Kind::Bool | Kind::UInt(_) | Kind::Int(_) | Kind::Date => (Kind::Int(Bits::B64), 1),
            Kind::DateTime(_) => (Kind::Int(Bits::B64), MICROS_PER_SECOND),
            _ => return internal_err!("a frame measured by {ty}"),
        };
        Ok(Self { ty: Type::new(kind), unit })
    }
}

/// Instants are kept in microseconds, and their distances told in seconds.
const MICROS_PER_SECOND: u64 = 1_000_000;

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

fn frame(frame: &ir::Frame, measure: &Measure) -> Result<WindowFrame> {
    let units = if frame.range { WindowFrameUnits::Range } else { WindowFrameUnits::Rows };
    Ok(WindowFrame::new_bounds(units, bound(frame.start, measure)?, bound(frame.end, measure)?))
}

fn bound(bound: FrameBound, measure: &Measure) -> Result<WindowFrameBound> {
    let distance = |distance: Option<u64>| match distance {
        Some(distance) => {
            let distance = ir::Value::UInt(distance.saturating_mul(measure.unit));
            layout::scalar(&distance, &measure.ty)
        }
        // The planner gives it the type of the key.
        None => Ok(ScalarValue::UInt64(None)),
    };
    Ok(match bound {
        FrameBound::Preceding(n) => WindowFrameBound::Preceding(distance(n)?),
        FrameBound::CurrentRow => WindowFrameBound::CurrentRow,
        FrameBound::Following(n) => WindowFrameBound::Following(distance(n)?),
    })
}
