//! Arrays made of values.

use super::constant;
use crate::error::Error;
use crate::functions::operators::{convert, unify};
use crate::functions::scalar::scalar;
use crate::functions::{Call, Function, Group};
use crate::ir::{Expr, ExprKind, Value};
use crate::types::{Bits, Kind, Type};

use Group::Array;

/// The functions of this module.
pub(super) static FUNCTIONS: &[Function] = &[
    scalar(Array, "array(value, ..)", "An array of the values; `[a, b]`.", (0, 0), array)
        .and_more(),
    scalar(
        Array,
        "range([start, ]end[, step])",
        "Whole numbers from the start (0) up to the end, which is not in it.",
        (1, 3),
        range,
    ),
    scalar(
        Array,
        "arrayWithConstant(length, value)",
        "The value so many times.",
        (2, 2),
        with_constant,
    ),
    scalar(
        Array,
        "arrayZip(array, ..)",
        "An array of tuples; the arrays must have one length.",
        (1, 1),
        zip,
    )
    .and_more(),
    scalar(
        Array,
        "arrayEnumerate(array)",
        "1, 2, .. as many as there are elements.",
        (1, 1),
        enumerate,
    ),
];

/// An array of expressions of one type.
pub(super) fn array_of(call: &Call<'_>, items: Vec<Expr>, element: Type) -> Expr {
    let ty = Type::array(element);
    match constant(&items) {
        Some(values) => Expr { kind: ExprKind::Literal(values), ty, span: call.span },
        None => call.kernel_exact("array", items, ty),
    }
}

fn array(call: &mut Call<'_>) -> Result<Expr, Error> {
    if call.args.is_empty() {
        let ty = Type::array(Type::new(Kind::Nothing));
        return Ok(Expr { kind: ExprKind::Literal(Value::List(Vec::new())), ty, span: call.span });
    }
    let (items, element) = unify(call.take_all(), call.span)?;
    Ok(array_of(call, items, element))
}

fn range(call: &mut Call<'_>) -> Result<Expr, Error> {
    let whole = |index: usize| {
        let arg = call.args.get(index);
        match arg {
            Some(arg) if !arg.ty.is_integer() && arg.ty.kind != Kind::Nothing => {
                Err(Error::argument_type(call.name, index, "a whole number", &arg.ty, arg.span))
            }
            _ => Ok(()),
        }
    };
    (0..call.args.len()).try_for_each(whole)?;
    let (mut args, common) = unify(call.take_all(), call.span)?;
    if args.len() == 1 {
        args.insert(0, Expr::int64(0, call.span));
    }
    if args.len() == 2 {
        args.push(Expr::int64(1, call.span));
    }
    let args = args.into_iter().map(|arg| convert(arg, &Kind::Int(Bits::B64))).collect();
    Ok(call.kernel_exact("array_range", args, Type::array(common.to_not_null())))
}

fn with_constant(call: &mut Call<'_>) -> Result<Expr, Error> {
    let (length, value) = (call.int64(0)?, call.take(1));
    let ty = Type::array(value.ty.clone());
    Ok(call.kernel_exact("array_with_constant", vec![length, value], ty))
}

fn zip(call: &mut Call<'_>) -> Result<Expr, Error> {
    let arrays =
        (0..call.args.len()).map(|index| call.array(index)).collect::<Result<Vec<_>, _>>()?;
    let (arrays, types): (Vec<Expr>, Vec<Type>) = arrays.into_iter().unzip();
    Ok(call.kernel_exact("array_zip", arrays, Type::array(Type::tuple(types))))
}

fn enumerate(call: &mut Call<'_>) -> Result<Expr, Error> {
    let (array, _) = call.array(0)?;
    Ok(call.kernel_exact(
        "array_enumerate",
        vec![array],
        Type::array(Type::new(Kind::UInt(Bits::B32))),
    ))
}
