//! Aggregates for which DataFusion's own are right and fast.

use super::recomputed::{Slide, sliding};
use arrow::datatypes::DataType;
use datafusion::functions_aggregate as df;
use datafusion::logical_expr::AggregateUDF;
use std::sync::Arc;

/// DataFusion's aggregate of that name, if it means the same for those argument types.
pub(super) fn native(name: &str, args: &[DataType]) -> Option<Arc<AggregateUDF>> {
    let float = matches!(args, [DataType::Float16 | DataType::Float32 | DataType::Float64]);
    let double = matches!(args, [DataType::Float64]);
    let composite = args.first().is_some_and(DataType::is_nested);
    Some(match name {
        "count" => df::count::count_udaf(),
        "sum" if double => sliding(df::sum::sum_udaf(), Slide::Sum),
        "sum" => df::sum::sum_udaf(),
        "avg" if double => sliding(df::average::avg_udaf(), Slide::Mean),
        "avg" => df::average::avg_udaf(),
        // NaN is the largest float there, and is skipped here.
        "min" if !float && !composite => df::min_max::min_udaf(),
        "max" if !float && !composite => df::min_max::max_udaf(),
        "groupBitAnd" => sliding(df::bit_and_or_xor::bit_and_udaf(), Slide::Anew),
        "groupBitOr" => sliding(df::bit_and_or_xor::bit_or_udaf(), Slide::Anew),
        "groupBitXor" => sliding(df::bit_and_or_xor::bit_xor_udaf(), Slide::Anew),
        "stddevPop" => sliding(df::stddev::stddev_pop_udaf(), Slide::Anew),
        "stddevSamp" => sliding(df::stddev::stddev_udaf(), Slide::Anew),
        "varPop" => sliding(df::variance::var_pop_udaf(), Slide::Anew),
        "varSamp" => sliding(df::variance::var_samp_udaf(), Slide::Anew),
        "covarPop" => sliding(df::covariance::covar_pop_udaf(), Slide::Anew),
        "covarSamp" => sliding(df::covariance::covar_samp_udaf(), Slide::Anew),
        "corr" => sliding(df::correlation::corr_udaf(), Slide::Anew),
        _ => return None,
    })
}
