//! The catalog's table of functions that are only meaningful with `OVER`. Every aggregate is a window function too.
//!
//! The builders leave the window empty and the frame whole; the resolver fills in what is written.

use super::{AggregateCall, Arity, Build, Function, Group, default_value, operators};
use crate::error::Error;
use crate::ir::{Expr, ExprKind, Frame, FrameBound, Value, WindowCall};
use crate::types::Type;

/// The functions of this module.
pub(super) static FUNCTIONS: &[Function] = &[
    row(
        "row_number",
        "row_number()",
        "Number of the row in its partition, from 1.",
        Arity::exactly(0),
        |call| Ok(plain(call, "row_number", Type::UINT64)),
    ),
    row(
        "rank",
        "rank()",
        "Number of the row, the same for equal rows, with gaps.",
        Arity::exactly(0),
        |call| Ok(plain(call, "rank", Type::UINT64)),
    ),
    row(
        "dense_rank",
        "dense_rank()",
        "Number of the row, the same for equal rows, without gaps.",
        Arity::exactly(0),
        |call| Ok(plain(call, "dense_rank", Type::UINT64)),
    ),
    row(
        "percent_rank",
        "percent_rank()",
        "`(rank - 1) / (rows - 1)`.",
        Arity::exactly(0),
        |call| Ok(plain(call, "percent_rank", Type::FLOAT64)),
    ),
    row(
        "cume_dist",
        "cume_dist()",
        "Share of the rows up to this one and its equals.",
        Arity::exactly(0),
        |call| Ok(plain(call, "cume_dist", Type::FLOAT64)),
    ),
    row("ntile", "ntile(buckets)", "Number of the bucket, from 1.", Arity::exactly(1), ntile),
    row(
        "lag",
        "lag(value[, offset[, default]])",
        "The value of an earlier row of the partition; NULL if there is none.",
        Arity::between(1, 3),
        |call| neighbour(call, "lag", true),
    ),
    row(
        "lead",
        "lead(value[, offset[, default]])",
        "The value of a later row of the partition; NULL if there is none.",
        Arity::between(1, 3),
        |call| neighbour(call, "lead", true),
    ),
    row(
        "lagInFrame",
        "lagInFrame(value[, offset[, default]])",
        "The value of an earlier row; the type's default if there is none.",
        Arity::between(1, 3),
        |call| neighbour(call, "lag", false),
    ),
    row(
        "leadInFrame",
        "leadInFrame(value[, offset[, default]])",
        "The value of a later row; the type's default if there is none.",
        Arity::between(1, 3),
        |call| neighbour(call, "lead", false),
    ),
    row(
        "first_value",
        "first_value(value)",
        "The first value of the frame that is not NULL.",
        Arity::exactly(1),
        |call| Ok(end_of_frame(call, "first_value", "any")),
    ),
    row(
        "last_value",
        "last_value(value)",
        "The last value of the frame that is not NULL.",
        Arity::exactly(1),
        |call| Ok(end_of_frame(call, "last_value", "anyLast")),
    ),
    row(
        "nth_value",
        "nth_value(value, n)",
        "The value of the frame's row n, from 1.",
        Arity::exactly(2),
        nth_value,
    ),
];

type Builder = fn(&mut AggregateCall<'_>) -> Result<WindowCall, Error>;

const fn row(
    name: &'static str,
    signature: &'static str,
    meaning: &'static str,
    arity: Arity,
    build: Builder,
) -> Function {
    Function {
        name,
        case_insensitive: false,
        group: Group::Window,
        signature,
        meaning,
        arity,
        build: Build::Window(build),
    }
}

/// The function over its arguments, the window still to come.
fn plain(call: &mut AggregateCall<'_>, name: &'static str, ty: Type) -> WindowCall {
    WindowCall {
        name,
        is_aggregate: false,
        args: std::mem::take(&mut call.args),
        params: Vec::new(),
        filter: None,
        partition_by: Vec::new(),
        order_by: Vec::new(),
        frame: Frame {
            range: false,
            start: FrameBound::Preceding(None),
            end: FrameBound::Following(None),
        },
        ty,
        empty: None,
        span: call.span,
    }
}

/// A function that gives values of its first argument; over no row that is the type's default.
fn of_value(call: &mut AggregateCall<'_>, name: &'static str) -> WindowCall {
    let ty = call.args.first().map_or(Type::NULL, |arg| arg.ty.clone());
    let empty = (!ty.nullable).then(|| default_value(&ty));
    WindowCall { empty, ..plain(call, name, ty) }
}

fn ntile(call: &mut AggregateCall<'_>) -> Result<WindowCall, Error> {
    let buckets = constant(call, 0, 1)?;
    call.args = vec![buckets];
    Ok(plain(call, "ntile", Type::UINT64))
}

fn nth_value(call: &mut AggregateCall<'_>) -> Result<WindowCall, Error> {
    let n = constant(call, 1, 1)?;
    call.args.truncate(1);
    call.args.push(n);
    Ok(of_value(call, "nth_value"))
}

/// ClickHouse's `first_value` skips NULL, which the aggregate does and the window function does not.
fn end_of_frame(
    call: &mut AggregateCall<'_>,
    function: &'static str,
    aggregate: &'static str,
) -> WindowCall {
    let nullable = call.args.first().is_some_and(|arg| arg.ty.nullable);
    let name = if nullable { aggregate } else { function };
    WindowCall { is_aggregate: nullable, ..of_value(call, name) }
}

fn neighbour(
    call: &mut AggregateCall<'_>,
    name: &'static str,
    nullable: bool,
) -> Result<WindowCall, Error> {
    let mut args = std::mem::take(&mut call.args).into_iter();
    let Some(mut value) = args.next() else { return Err(Error::internal("no argument")) };
    let (offset, default) = (args.next(), args.next());
    if nullable {
        value.ty = value.ty.to_nullable();
    }
    call.args = vec![value];
    if let Some(offset) = offset {
        call.args.push(offset);
        call.args[1] = constant(call, 1, 0)?;
    }
    if let Some(default) = default {
        let span = default.span;
        let default = operators::convert(default, &call.args[0].ty.kind);
        if !matches!(default.kind, ExprKind::Literal(_)) {
            return Err(Error::argument_constant(call.name, 2, "a value", span));
        }
        call.args.push(default);
    }
    Ok(of_value(call, name))
}

/// Argument `index` as a constant whole number of at least `least`.
fn constant(call: &AggregateCall<'_>, index: usize, least: i64) -> Result<Expr, Error> {
    let arg = call.args.get(index);
    let span = arg.map_or(call.span, |arg| arg.span);
    let value = match arg.and_then(Expr::literal) {
        Some(Value::Int(value)) => Some(*value),
        Some(Value::UInt(value)) => i64::try_from(*value).ok(),
        _ => None,
    };
    match value {
        Some(value) if value >= least => Ok(Expr::int64(value, span)),
        _ => Err(Error::argument_constant(
            call.name,
            index,
            &format!("a whole number from {least} on"),
            span,
        )),
    }
}
