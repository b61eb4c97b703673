//! Variance and its relatives.

use super::{AggregateCall, Function, row};
use crate::error::Error;
use crate::ir::{self, Value};
use crate::types::Type;

/// The functions of this module.
pub(super) static FUNCTIONS: &[Function] = &[
    row("stddevPop", "stddevPop(number)", "Standard deviation of a population.", 1, |call| {
        moments(call, "stddevPop")
    }),
    row("stddevSamp", "stddevSamp(number)", "Standard deviation of a sample.", 1, |call| {
        moments(call, "stddevSamp")
    }),
    row("varPop", "varPop(number)", "Variance of a population.", 1, |call| moments(call, "varPop")),
    row("varSamp", "varSamp(number)", "Variance of a sample.", 1, |call| moments(call, "varSamp")),
    row("covarPop", "covarPop(x, y)", "Covariance of a population.", 2, |call| {
        moments(call, "covarPop")
    }),
    row("covarSamp", "covarSamp(x, y)", "Covariance of a sample.", 2, |call| {
        moments(call, "covarSamp")
    }),
    row("corr", "corr(x, y)", "Pearson's correlation.", 2, |call| moments(call, "corr")),
    row("skewPop", "skewPop(number)", "Skewness of a population.", 1, |call| {
        moments(call, "skewPop")
    }),
    row("skewSamp", "skewSamp(number)", "Skewness of a sample.", 1, |call| {
        moments(call, "skewSamp")
    }),
    row("kurtPop", "kurtPop(number)", "Kurtosis of a population.", 1, |call| {
        moments(call, "kurtPop")
    }),
    row("kurtSamp", "kurtSamp(number)", "Kurtosis of a sample.", 1, |call| {
        moments(call, "kurtSamp")
    }),
];

fn moments(call: &mut AggregateCall<'_>, name: &'static str) -> Result<ir::Aggregate, Error> {
    call.no_distinct()?;
    let args = (0..call.args.len()).map(|index| call.float(index)).collect::<Result<_, _>>()?;
    Ok(call.aggregate(name, args, &Type::FLOAT64, Value::Float(f64::NAN)))
}
