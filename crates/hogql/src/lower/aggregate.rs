//! Aggregates.

use super::distinct::is_one_distinct_value;
use super::{Lowering, arrow_type, layout, named};
use crate::ir::{self, RelKind};
use crate::types::{Kind, Type};
use datafusion::common::{DFSchema, Result, ScalarValue, internal_err};
use datafusion::functions::expr_fn::coalesce;
use datafusion::functions_aggregate::array_agg::array_agg_udaf;
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::functions_aggregate::first_last::{first_value_udaf, last_value_udaf};
use datafusion::logical_expr::expr::AggregateFunction;
use datafusion::logical_expr::{
    AggregateUDF, Expr, ExprSchemable, GroupingSet, LogicalPlan, LogicalPlanBuilder, lit,
};
use std::sync::Arc;

impl Lowering<'_> {
    /// `GROUP BY`.
    pub(super) fn aggregate(&mut self, rel: &ir::Rel) -> Result<LogicalPlan> {
        if let Some(plan) = self.distinct_actors(rel)? {
            return Ok(plan);
        }
        match self.by_person(rel)? {
            Some(plan) => Ok(plan),
            None => self.aggregation(rel),
        }
    }

    /// The same by its keys as they are.
    pub(super) fn aggregation(&mut self, rel: &ir::Rel) -> Result<LogicalPlan> {
        let RelKind::Aggregate { input, keys, sets, aggregates } = &rel.kind else {
            return internal_err!("not an aggregation");
        };
        let plan = self.rel(input)?;
        let plan =
            self.prepare(plan, keys.iter().chain(aggregates.iter().flat_map(aggregate_exprs)))?;
        let (key_columns, aggregate_columns) =
            rel.columns.split_at(keys.len().min(rel.columns.len()));
        let calls =
            aggregates.iter().map(|call| self.aggregate_call(call)).collect::<Result<Vec<_>>>()?;
        let keys = self.exprs(keys)?;
        // Keys become columns first: grouping sets refer to them several times, and a computed key is computed once.
        let (plan, keys) = self.named_keys(plan, keys, key_columns, &calls)?;
        let names: Vec<String> =
            aggregate_columns.iter().map(|column| self.define(column)).collect();
        let key_count = keys.len();
        let grouped = if sets.is_none() && is_one_distinct_value(aggregates) {
            self.grouped_twice(plan, keys, (aggregates, calls), &names)?
        } else {
            let calls = calls.into_iter().zip(&names).map(|(call, name)| call.alias(name));
            self.grouped(plan, keys, sets.as_ref(), calls.collect())?
        };
        self.finished(grouped, rel, (key_count, sets.is_some()), aggregates)
    }

    /// The plan with its keys as columns under their names, and the columns that `calls` read.
    pub(super) fn named_keys(
        &mut self,
        plan: LogicalPlan,
        keys: Vec<Expr>,
        columns: &[ir::Column],
        calls: &[Expr],
    ) -> Result<(LogicalPlan, Vec<Expr>)> {
        let names: Vec<String> = columns.iter().map(|column| self.define(column)).collect();
        let mut projection: Vec<Expr> =
            keys.into_iter().zip(&names).map(|(key, name)| key.alias(name)).collect();
        // The aggregates' inputs, besides the keys.
        for column in plan.schema().columns() {
            let used = calls.iter().any(|call| call.column_refs().contains(&column));
            if used && !names.contains(&column.name) {
                projection.push(Expr::Column(column));
            }
        }
        if projection.is_empty() {
            return Ok((plan, Vec::new()));
        }
        let plan = LogicalPlanBuilder::from(plan).project(projection)?.build()?;
        Ok((plan, names.iter().map(|name| named(name)).collect()))
    }

    /// The aggregates of each group.
    fn grouped(
        &mut self,
        plan: LogicalPlan,
        keys: Vec<Expr>,
        sets: Option<&ir::GroupingSets>,
        mut calls: Vec<Expr>,
    ) -> Result<LogicalPlan> {
        let builder = LogicalPlanBuilder::from(plan);
        let Some(ir::GroupingSets { sets, needs_rows }) = sets else {
            return builder.aggregate(keys, calls)?.build();
        };
        let groups = vec![grouping_sets(&keys, sets)];
        if !*needs_rows {
            return builder.aggregate(groups, calls)?.build();
        }
        // The set of no keys has a group over no rows too: the only group that no row belongs to.
        let rows = self.fresh("rows");
        calls.push(count(lit(1_i64)).alias(&rows));
        builder.aggregate(groups, calls)?.filter(named(&rows).gt(lit(0_i64)))?.build()
    }

    /// Defaults in place of NULL where the type knows no NULL.
    pub(super) fn finished(
        &mut self,
        plan: LogicalPlan,
        rel: &ir::Rel,
        (keys, has_sets): (usize, bool),
        aggregates: &[ir::Aggregate],
    ) -> Result<LogicalPlan> {
        let mut exprs = Vec::with_capacity(rel.columns.len());
        for (index, column) in rel.columns.iter().enumerate() {
            let value = self.column(column.id)?;
            let filled = match index.checked_sub(keys).and_then(|at| aggregates.get(at)) {
                Some(call) => {
                    let value = typed(value, plan.schema(), &call.ty)?;
                    let has_value = keys > 0 && !has_sets && gives_value_of_any_row(call);
                    let empty = if has_value { None } else { call.empty.as_ref() };
                    or_empty(value, empty, &call.ty)?
                }
                None if has_sets => self.or_default(value, &column.ty)?,
                None => value,
            };
            exprs.push(self.defined(filled, column));
        }
        LogicalPlanBuilder::from(plan).project(exprs)?.build()
    }

    fn aggregate_call(&mut self, call: &ir::Aggregate) -> Result<Expr> {
        let args = self.exprs(&call.args)?;
        let is_ordered = !call.order_by.is_empty();
        let udaf = if is_ordered {
            ordered_udaf(call.name)?
        } else {
            aggregate_udf(call.name, &call.params, &call.args, &call.ty)?
        };
        let filter =
            call.filter.as_ref().map(|filter| self.condition(filter)).transpose()?.map(Box::new);
        let order_by = self.sort_keys(&call.order_by)?;
        // The aggregates that take an order leave out NULL.
        let filter = match (is_ordered, args.first()) {
            (true, Some(value)) => {
                let present = Expr::IsNotNull(Box::new(value.clone()));
                Some(Box::new(match filter {
                    Some(filter) => filter.and(present),
                    None => present,
                }))
            }
            _ => filter,
        };
        let args = if args.is_empty() { vec![lit(1_i64)] } else { args };
        let function =
            AggregateFunction::new_udf(udaf, args, call.distinct, filter, order_by, None);
        Ok(Expr::AggregateFunction(function))
    }
}

/// Whether a group that has a row has a value: nothing is left out, and no argument can be NULL.
fn gives_value_of_any_row(call: &ir::Aggregate) -> bool {
    let names = ["any", "anyLast", "argMin", "argMax", "avg", "max", "min", "sum"];
    call.filter.is_none()
        && names.contains(&call.name)
        && call.args.iter().all(|arg| !arg.ty.nullable && arg.ty.kind != Kind::Nothing)
}

/// DataFusion's aggregate in place of a kernel, as kernels know no order of rows.
fn ordered_udaf(name: &str) -> Result<Arc<AggregateUDF>> {
    Ok(match name {
        "groupArray" => array_agg_udaf(),
        "any" => first_value_udaf(),
        "anyLast" => last_value_udaf(),
        _ => return internal_err!("{name} over rows in order"),
    })
}

/// The value with the type that the query wants; DataFusion's own aggregates have their own widths.
pub(super) fn typed(value: Expr, schema: &DFSchema, ty: &Type) -> Result<Expr> {
    let found = value.get_type(schema)?;
    Ok(if found == arrow_type(ty) { value } else { super::expr::cast(value, ty) })
}

/// The aggregate kernel for these arguments.
pub(super) fn aggregate_udf(
    name: &str,
    params: &[ir::Value],
    args: &[ir::Expr],
    ty: &Type,
) -> Result<Arc<AggregateUDF>> {
    let params = params.iter().map(parameter).collect::<Result<Vec<_>>>()?;
    let types: Vec<_> = args.iter().map(|arg| arrow_type(&arg.ty)).collect();
    match operators::aggregates::udaf(name, &params, &types, &arrow_type(ty))? {
        Some(udaf) => Ok(udaf),
        None => internal_err!("no aggregate kernel named {name}"),
    }
}

fn parameter(value: &ir::Value) -> Result<ScalarValue> {
    let kind = match value {
        ir::Value::Null => Kind::Nothing,
        ir::Value::Bool(_) => Kind::Bool,
        ir::Value::Int(_) => return layout::scalar(value, &Type::INT64),
        ir::Value::UInt(_) => return layout::scalar(value, &Type::UINT64),
        ir::Value::Float(_) => Kind::Float64,
        ir::Value::String(_) => Kind::String,
        ir::Value::List(_) => return internal_err!("a list as a parameter of an aggregate"),
    };
    layout::scalar(value, &Type::new(kind))
}

/// The value, or what the aggregate gives over no rows.
pub(super) fn or_empty(value: Expr, empty: Option<&ir::Value>, ty: &Type) -> Result<Expr> {
    match empty {
        Some(empty) if !ty.nullable => Ok(coalesce(vec![value, lit(layout::scalar(empty, ty)?)])),
        _ => Ok(value),
    }
}

/// All that a call asks of its rows.
pub(super) fn aggregate_exprs(call: &ir::Aggregate) -> impl Iterator<Item = &ir::Expr> {
    call.args.iter().chain(&call.filter).chain(call.order_by.iter().map(|key| &key.expr))
}

fn grouping_sets(keys: &[Expr], sets: &[Vec<usize>]) -> Expr {
    let sets = sets
        .iter()
        .map(|set| set.iter().filter_map(|&index| keys.get(index).cloned()).collect())
        .collect();
    Expr::GroupingSet(GroupingSet::GroupingSets(sets))
}
