//! Counts, sums, averages, extremes and picks.

use super::{AggregateCall, Arity, Function, bool_to_number, default_value, row, sum_type};
use crate::error::Error;
use crate::ir::{self, Expr, Value};
use crate::types::{Kind, Type};

/// The functions of this module.
pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        case_insensitive: true,
        arity: Arity::at_least(0),
        ..row("count", "count([value])", "Rows, or values that are not NULL.", 1, count)
    },
    Function {
        arity: Arity::at_least(1),
        ..row(
            "countDistinct",
            "countDistinct(value..)",
            "Distinct values; rows with a NULL are skipped.",
            1,
            uniq,
        )
    },
    Function {
        arity: Arity::at_least(1),
        ..row("uniq", "uniq(value..)", "Distinct values; exact.", 1, uniq)
    },
    Function {
        arity: Arity::at_least(1),
        ..row("uniqExact", "uniqExact(value..)", "Distinct values.", 1, uniq)
    },
    Function {
        arity: Arity::at_least(1),
        ..row("uniqCombined", "uniqCombined(value..)", "As `uniqExact`.", 1, uniq)
    },
    Function {
        arity: Arity::at_least(1),
        ..row("uniqCombined64", "uniqCombined64(value..)", "As `uniqExact`.", 1, uniq)
    },
    Function {
        arity: Arity::at_least(1),
        ..row("uniqHLL12", "uniqHLL12(value..)", "As `uniqExact`.", 1, uniq)
    },
    Function {
        arity: Arity::at_least(1),
        ..row("uniqTheta", "uniqTheta(value..)", "As `uniqExact`.", 1, uniq)
    },
    Function {
        case_insensitive: true,
        ..row("sum", "sum(number)", "Sum; 0 over no rows.", 1, sum)
    },
    row(
        "sumWithOverflow",
        "sumWithOverflow(number)",
        "Sum in the argument's own type; it wraps.",
        1,
        sum_with_overflow,
    ),
    Function {
        case_insensitive: true,
        ..row("avg", "avg(number)", "Mean; NaN over no rows.", 1, avg)
    },
    row(
        "avgWeighted",
        "avgWeighted(number, weight)",
        "Weighted mean; NaN over no rows.",
        2,
        avg_weighted,
    ),
    Function {
        case_insensitive: true,
        ..row("min", "min(value)", "Smallest value; the type's default over no rows.", 1, min)
    },
    Function {
        case_insensitive: true,
        ..row("max", "max(value)", "Largest value; the type's default over no rows.", 1, max)
    },
    row("any", "any(value)", "The first value met that is not NULL.", 1, any),
    row("anyHeavy", "anyHeavy(value)", "As `any`: some value that is not NULL.", 1, any),
    row("anyLast", "anyLast(value)", "The last value met that is not NULL.", 1, any_last),
    row(
        "argMin",
        "argMin(value, by)",
        "The value where `by` is smallest, the first such row; rows with a NULL are skipped.",
        2,
        arg_min,
    ),
    row(
        "argMax",
        "argMax(value, by)",
        "The value where `by` is largest, the first such row; rows with a NULL are skipped.",
        2,
        arg_max,
    ),
    row("groupBitAnd", "groupBitAnd(number)", "Bits that all have.", 1, bit_and),
    row("groupBitOr", "groupBitOr(number)", "Bits that any has.", 1, bit_or),
    row("groupBitXor", "groupBitXor(number)", "Bits that an odd number of them have.", 1, bit_xor),
];

fn count(call: &mut AggregateCall<'_>) -> Result<ir::Aggregate, Error> {
    if call.distinct && !call.args.is_empty() {
        return uniq(call);
    }
    call.no_distinct()?;
    let args = match call.args.len() {
        0 => vec![Expr::int64(1, call.span)],
        1 => vec![call.take(0)],
        _ => {
            return Err(Error::query(
                "H0304",
                call.span,
                "`count` of several values needs DISTINCT",
            ));
        }
    };
    Ok(call.aggregate_exact("count", args, Type::UINT64, None))
}

/// All are exact, so all are one.
fn uniq(call: &mut AggregateCall<'_>) -> Result<ir::Aggregate, Error> {
    let args = std::mem::take(&mut call.args);
    Ok(call.aggregate_exact("uniqExact", args, Type::UINT64, None))
}

fn sum(call: &mut AggregateCall<'_>) -> Result<ir::Aggregate, Error> {
    let arg = call.take(0);
    let Some(ty) = sum_type(&arg.ty.kind) else { return Err(call.wrong_type(0, "a number", &arg)) };
    let empty = default_value(&ty);
    let arg = arg.cast_kind(ty.kind.clone());
    Ok(ir::Aggregate { distinct: call.distinct, ..call.aggregate("sum", vec![arg], &ty, empty) })
}

fn sum_with_overflow(call: &mut AggregateCall<'_>) -> Result<ir::Aggregate, Error> {
    let narrow = call.args.first().is_some_and(|arg| {
        arg.ty.is_integer() && sum_type(&arg.ty.kind).is_some_and(|sum| sum.kind != arg.ty.kind)
    });
    if narrow {
        return Err(Error::not_supported(
            call.span,
            "`sumWithOverflow` of numbers narrower than 64 bits",
        ));
    }
    sum(call)
}

fn avg(call: &mut AggregateCall<'_>) -> Result<ir::Aggregate, Error> {
    let arg = call.float(0)?;
    Ok(ir::Aggregate {
        distinct: call.distinct,
        ..call.aggregate("avg", vec![arg], &Type::FLOAT64, Value::Float(f64::NAN))
    })
}

fn avg_weighted(call: &mut AggregateCall<'_>) -> Result<ir::Aggregate, Error> {
    call.no_distinct()?;
    let args = vec![call.float(0)?, call.float(1)?];
    Ok(call.aggregate("avgWeighted", args, &Type::FLOAT64, Value::Float(f64::NAN)))
}

/// An aggregate of one value that gives one of the values.
fn one_of(call: &mut AggregateCall<'_>, name: &'static str) -> ir::Aggregate {
    let arg = call.take(0);
    let ty = arg.ty.clone();
    let empty = default_value(&ty.to_not_null());
    call.aggregate(name, vec![arg], &ty, empty)
}

fn min(call: &mut AggregateCall<'_>) -> Result<ir::Aggregate, Error> {
    Ok(one_of(call, "min"))
}

fn max(call: &mut AggregateCall<'_>) -> Result<ir::Aggregate, Error> {
    Ok(one_of(call, "max"))
}

fn any(call: &mut AggregateCall<'_>) -> Result<ir::Aggregate, Error> {
    Ok(one_of(call, "any"))
}

fn any_last(call: &mut AggregateCall<'_>) -> Result<ir::Aggregate, Error> {
    Ok(one_of(call, "anyLast"))
}

fn arg_extreme(call: &mut AggregateCall<'_>, name: &'static str) -> ir::Aggregate {
    let args = vec![call.take(0), call.take(1)];
    let ty = args[0].ty.clone();
    let empty = default_value(&ty.to_not_null());
    call.aggregate(name, args, &ty, empty)
}

fn arg_min(call: &mut AggregateCall<'_>) -> Result<ir::Aggregate, Error> {
    Ok(arg_extreme(call, "argMin"))
}

fn arg_max(call: &mut AggregateCall<'_>) -> Result<ir::Aggregate, Error> {
    Ok(arg_extreme(call, "argMax"))
}

fn bits(
    call: &mut AggregateCall<'_>,
    name: &'static str,
    empty: u64,
) -> Result<ir::Aggregate, Error> {
    call.no_distinct()?;
    let arg = bool_to_number(call.take(0));
    let empty = match &arg.ty.kind {
        Kind::UInt(bits) => Value::UInt(empty >> (64 - bits.width())),
        Kind::Int(_) => Value::Int(if empty == 0 { 0 } else { -1 }),
        _ => return Err(call.wrong_type(0, "a whole number", &arg)),
    };
    let ty = arg.ty.clone();
    Ok(call.aggregate(name, vec![arg], &ty, empty))
}

fn bit_and(call: &mut AggregateCall<'_>) -> Result<ir::Aggregate, Error> {
    bits(call, "groupBitAnd", u64::MAX)
}

fn bit_or(call: &mut AggregateCall<'_>) -> Result<ir::Aggregate, Error> {
    bits(call, "groupBitOr", 0)
}

fn bit_xor(call: &mut AggregateCall<'_>) -> Result<ir::Aggregate, Error> {
    bits(call, "groupBitXor", 0)
}
