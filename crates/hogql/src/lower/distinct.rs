//! Counts of distinct values by grouping twice: by the keys and the value, then by the keys alone.
//!
//! Both levels are spread over all cores by hash, while a set of values in each group's state has to be put together again on
//! the one core that ends the group. The other aggregates of the relation are computed in two levels too.

use super::aggregate::aggregate_udf;
use super::{Lowering, named};
use crate::ir;
use crate::types::Kind;
use datafusion::common::{Result, internal_err};
use datafusion::functions::expr_fn::coalesce;
use datafusion::functions_aggregate::expr_fn::{count, sum};
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, lit};

/// Whether the aggregates are distinct counts of one expression and others that can be computed in two levels.
pub(super) fn is_one_distinct_value(aggregates: &[ir::Aggregate]) -> bool {
    let mut distinct = aggregates.iter().filter(|call| counts_distinct(call));
    let Some(first) = distinct.next() else { return false };
    distinct.all(|call| same_values(&call.args, &first.args))
        && aggregates.iter().all(|call| counts_distinct(call) || adds_up(call))
}

/// Whether it counts the distinct values of one expression.
pub(super) fn counts_distinct(call: &ir::Aggregate) -> bool {
    call.name == "uniqExact" && call.args.len() == 1 && call.filter.is_none()
}

/// Whether the aggregate over a whole is the same (for counts the sum) over the aggregates of its parts.
fn adds_up(call: &ir::Aggregate) -> bool {
    let of_parts = match call.name {
        "count" | "min" | "max" => true,
        "sum" => matches!(call.ty.kind, Kind::Int(_) | Kind::UInt(_) | Kind::Float64),
        _ => false,
    };
    of_parts && !call.distinct && call.order_by.is_empty()
}

fn same_values(left: &[ir::Expr], right: &[ir::Expr]) -> bool {
    left.len() == right.len() && left.iter().zip(right).all(|(left, right)| left.kind == right.kind)
}

impl Lowering<'_> {
    /// The aggregates, whose calls are given, under `names`, grouped by `keys`; [`is_one_distinct_value`] holds of them.
    pub(super) fn grouped_twice(
        &mut self,
        plan: LogicalPlan,
        keys: Vec<Expr>,
        (aggregates, calls): (&[ir::Aggregate], Vec<Expr>),
        names: &[String],
    ) -> Result<LogicalPlan> {
        let value_name = self.fresh("value");
        let mut value = None;
        let (mut parts, mut wholes) = (Vec::new(), Vec::new());
        for ((aggregate, call), name) in aggregates.iter().zip(calls).zip(names) {
            let whole = match aggregate.args.as_slice() {
                [distinct] if counts_distinct(aggregate) => {
                    value = Some(self.expr(distinct)?.alias(&value_name));
                    count(named(&value_name))
                }
                _ => {
                    let part = self.fresh(aggregate.name);
                    parts.push(call.alias(&part));
                    whole(aggregate, named(&part))?
                }
            };
            wholes.push(whole.alias(name));
        }
        let Some(value) = value else {
            return internal_err!("no distinct values to group by");
        };
        let of_all = keys.is_empty();
        let once = keys.iter().cloned().chain([value]);
        let grouped =
            LogicalPlanBuilder::from(plan).aggregate(once, parts)?.aggregate(keys, wholes)?;
        if !of_all {
            return grouped.build();
        }
        // Without keys there is a row even for no rows, in which a count is a sum of nothing.
        let filled = aggregates.iter().zip(names).map(|(aggregate, name)| match aggregate.name {
            "count" => coalesce(vec![named(name), lit(0_i64)]).alias(name),
            _ => named(name),
        });
        grouped.project(filled)?.build()
    }
}

/// An aggregate over what it gave for the parts.
fn whole(aggregate: &ir::Aggregate, part: Expr) -> Result<Expr> {
    let ir::Aggregate { name, params, args, ty, .. } = aggregate;
    Ok(match *name {
        "count" | "sum" => sum(part),
        _ => aggregate_udf(name, params, args, ty)?.call(vec![part]),
    })
}
