//! Aggregates that give an array.

use super::{AggregateCall, Function, row};
use crate::error::Error;
use crate::ir::{self, Value};
use crate::types::Type;

/// The functions of this module.
pub(super) static FUNCTIONS: &[Function] = &[
    row(
        "groupArray",
        "groupArray[(most)](value)",
        "The values that are not NULL, in order of arrival.",
        1,
        group_array,
    ),
    row("array_agg", "array_agg(value)", "As `groupArray`.", 1, group_array),
    row(
        "groupUniqArray",
        "groupUniqArray[(most)](value)",
        "The distinct values that are not NULL.",
        1,
        group_uniq_array,
    ),
    row(
        "topK",
        "topK(most)(value)",
        "The most frequent values, most frequent first; exact.",
        1,
        top_k,
    ),
];

fn values(call: &mut AggregateCall<'_>, name: &'static str) -> Result<ir::Aggregate, Error> {
    let params = call.count_param()?.map(Value::UInt).into_iter().collect();
    let arg = call.take(0);
    let ty = Type::array(arg.ty.to_not_null());
    Ok(ir::Aggregate { params, ..call.aggregate_exact(name, vec![arg], ty, None) })
}

fn group_array(call: &mut AggregateCall<'_>) -> Result<ir::Aggregate, Error> {
    let name = if call.distinct { "groupUniqArray" } else { "groupArray" };
    values(call, name)
}

fn group_uniq_array(call: &mut AggregateCall<'_>) -> Result<ir::Aggregate, Error> {
    values(call, "groupUniqArray")
}

fn top_k(call: &mut AggregateCall<'_>) -> Result<ir::Aggregate, Error> {
    call.no_distinct()?;
    values(call, "topK")
}
