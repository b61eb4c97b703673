//! Aggregates for which DataFusion's own are right and fast.

use arrow::datatypes::DataType;
use datafusion::functions_aggregate as df;
use datafusion::logical_expr::AggregateUDF;
use std::sync::Arc;

/// DataFusion's aggregate of that name, if it means the same for those argument types.
pub(super) fn native(name: &str, args: &[DataType]) -> Option<Arc<AggregateUDF>> {
    let float = matches!(args, [DataType::Float16 | DataType::Float32 | DataType::Float64]);
    let composite = args.first().is_some_and(DataType::is_nested);
    Some(match name {
        "count" => df::count::count_udaf(),
        "sum" => df::sum::sum_udaf(),
        "avg" => df::average::avg_udaf(),
        // NaN is the largest float there, and is skipped here.
        "min" if !float && !composite => df::min_max::min_udaf(),
        "max" if !float && !composite => df::min_max::max_udaf(),
        "groupBitAnd" => df::bit_and_or_xor::bit_and_udaf(),
        "groupBitOr" => df::bit_and_or_xor::bit_or_udaf(),
        "groupBitXor" => df::bit_and_or_xor::bit_xor_udaf(),
        "stddevPop" => df::stddev::stddev_pop_udaf(),
        "stddevSamp" => df::stddev::stddev_udaf(),
        "varPop" => df::variance::var_pop_udaf(),
        "varSamp" => df::variance::var_samp_udaf(),
        "covarPop" => df::covariance::covar_pop_udaf(),
        "covarSamp" => df::covariance::covar_samp_udaf(),
        "corr" => df::correlation::corr_udaf(),
        _ => return None,
    })
}
