//! Medians and quantiles; all exact.

use super::{AggregateCall, Function, bool_to_number, default_value, row};
use crate::error::Error;
use crate::ir::{self, Expr, Value};
use crate::types::{Kind, Type};

const BETWEEN: &str = "Exact; between two values on the line between them. NaN over no rows.";
const ELEMENT: &str = "Exact; always one of the values. NaN or the type's default over no rows.";

/// The functions of this module.
pub(super) static FUNCTIONS: &[Function] = &[
    row("median", "median(number)", BETWEEN, 1, median),
    row("medianTDigest", "medianTDigest(number)", BETWEEN, 1, median_float32),
    row("medianTiming", "medianTiming(number)", BETWEEN, 1, median_float32),
    row("medianBFloat16", "medianBFloat16(number)", BETWEEN, 1, median),
    row("medianExact", "medianExact(value)", ELEMENT, 1, median_exact),
    row("medianExactLow", "medianExactLow(value)", ELEMENT, 1, median_exact_low),
    row("medianExactHigh", "medianExactHigh(value)", ELEMENT, 1, median_exact_high),
    row("quantile", "quantile(level)(number)", BETWEEN, 1, quantile),
    row("quantileExact", "quantileExact(level)(value)", ELEMENT, 1, quantile_exact),
    row(
        "quantiles",
        "quantiles(level..)(number)",
        "An array, one number a level. Exact, as `quantile`.",
        1,
        quantiles,
    ),
];

fn median(call: &mut AggregateCall<'_>) -> Result<ir::Aggregate, Error> {
    no_params(call)?;
    between(call, Kind::Float64)
}

/// ClickHouse gives 32-bit floats for these estimates.
fn median_float32(call: &mut AggregateCall<'_>) -> Result<ir::Aggregate, Error> {
    no_params(call)?;
    between(call, Kind::Float32)
}

fn median_exact(call: &mut AggregateCall<'_>) -> Result<ir::Aggregate, Error> {
    no_params(call)?;
    element(call, "quantileExact")
}

fn median_exact_low(call: &mut AggregateCall<'_>) -> Result<ir::Aggregate, Error> {
    no_params(call)?;
    element(call, "quantileExactLow")
}

fn median_exact_high(call: &mut AggregateCall<'_>) -> Result<ir::Aggregate, Error> {
    no_params(call)?;
    element(call, "quantileExactHigh")
}

fn quantile(call: &mut AggregateCall<'_>) -> Result<ir::Aggregate, Error> {
    one_level(call)?;
    between(call, Kind::Float64)
}

fn quantile_exact(call: &mut AggregateCall<'_>) -> Result<ir::Aggregate, Error> {
    one_level(call)?;
    element(call, "quantileExact")
}

fn quantiles(call: &mut AggregateCall<'_>) -> Result<ir::Aggregate, Error> {
    check_levels(call)?;
    let arg = value(call)?;
    let ty = Type::array(result_type(&arg, Kind::Float64));
    let params = std::mem::take(&mut call.params);
    Ok(ir::Aggregate { params, ..call.aggregate_exact("quantiles", vec![arg], ty, None) })
}

fn between(call: &mut AggregateCall<'_>, float: Kind) -> Result<ir::Aggregate, Error> {
    let arg = value(call)?;
    let ty = result_type(&arg, float);
    let empty = if ty.is_float() { Value::Float(f64::NAN) } else { default_value(&ty) };
    let params = std::mem::take(&mut call.params);
    Ok(ir::Aggregate { params, ..call.aggregate("quantile", vec![arg], &ty, empty) })
}

fn element(call: &mut AggregateCall<'_>, name: &'static str) -> Result<ir::Aggregate, Error> {
    let arg = value(call)?;
    let ty = arg.ty.clone();
    let empty =
        if ty.is_float() { Value::Float(f64::NAN) } else { default_value(&ty.to_not_null()) };
    let params = std::mem::take(&mut call.params);
    Ok(ir::Aggregate { params, ..call.aggregate(name, vec![arg], &ty, empty) })
}

/// Numbers, days and instants.
fn value(call: &mut AggregateCall<'_>) -> Result<Expr, Error> {
    call.no_distinct()?;
    let arg = bool_to_number(call.take(0));
    match &arg.ty.kind {
        Kind::Decimal(_, _) | Kind::Nothing => Ok(arg.cast_kind(Kind::Float64)),
        _ if arg.ty.is_number() || arg.ty.is_temporal() => Ok(arg),
        _ => Err(call.wrong_type(0, "a number, a day or an instant", &arg)),
    }
}

/// Quantiles of days are days, of instants instants, of numbers floats.
fn result_type(arg: &Expr, float: Kind) -> Type {
    if arg.ty.is_temporal() { arg.ty.to_not_null() } else { Type::new(float) }
}

fn no_params(call: &AggregateCall<'_>) -> Result<(), Error> {
    if call.params.is_empty() {
        return Ok(());
    }
    Err(Error::query("H0303", call.span, format!("`{}` takes no parameters", call.name)))
}

fn one_level(call: &AggregateCall<'_>) -> Result<(), Error> {
    if call.params.len() == 1 {
        return check_levels(call);
    }
    let message = format!("`{}` wants one parameter in addition to its argument", call.name);
    Err(Error::query("H0303", call.span, message)
        .with_hint(format!("for example `{}(0.9)(x)`", call.name)))
}

fn check_levels(call: &AggregateCall<'_>) -> Result<(), Error> {
    let inside = |level: &Value| match level {
        Value::Float(level) => (0.0..=1.0).contains(level),
        Value::Int(level) => (0..=1).contains(level),
        Value::UInt(level) => *level <= 1,
        _ => false,
    };
    if !call.params.is_empty() && call.params.iter().all(inside) {
        return Ok(());
    }
    Err(Error::query(
        "H0303",
        call.span,
        format!("levels of `{}` must be numbers from 0 to 1", call.name),
    ))
}
