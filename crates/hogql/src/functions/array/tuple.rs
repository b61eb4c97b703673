//! Tuples.

use super::constant;
use crate::error::Error;
use crate::functions::operators;
use crate::functions::scalar::scalar;
use crate::functions::{Call, Function, Group};
use crate::ir::{ArithmeticOp, Expr, ExprKind, Value};
use crate::types::{Kind, Type};

use Group::Array;

/// The functions of this module.
pub(super) static FUNCTIONS: &[Function] = &[
    scalar(Array, "tuple(value, ..)", "A tuple of the values; `(a, b)`.", (1, 1), |call| {
        let items = call.take_all();
        Ok(tuple_of(call, items))
    })
    .and_more(),
    scalar(
        Array,
        "tupleElement(tuple, index[, default])",
        "`tuple.1`: an element by its number or name.",
        (2, 3),
        element,
    ),
    scalar(Array, "tuplePlus(left, right)", "Sums, element by element.", (2, 2), |call| {
        pairs(call, ArithmeticOp::Add)
    }),
    scalar(Array, "tupleMinus(left, right)", "Differences, element by element.", (2, 2), |call| {
        pairs(call, ArithmeticOp::Subtract)
    }),
    scalar(Array, "tupleMultiply(left, right)", "Products, element by element.", (2, 2), |call| {
        pairs(call, ArithmeticOp::Multiply)
    }),
    scalar(Array, "tupleDivide(left, right)", "Quotients, element by element.", (2, 2), |call| {
        pairs(call, ArithmeticOp::Divide)
    }),
    scalar(
        Array,
        "tupleMultiplyByNumber(tuple, number)",
        "Each element times a number.",
        (2, 2),
        |call| by_number(call, ArithmeticOp::Multiply),
    ),
    scalar(
        Array,
        "tupleDivideByNumber(tuple, number)",
        "Each element divided by a number.",
        (2, 2),
        |call| by_number(call, ArithmeticOp::Divide),
    ),
    scalar(Array, "tupleNegate(tuple)", "Each element with the other sign.", (1, 1), negate),
];

/// A tuple of expressions.
fn tuple_of(call: &Call<'_>, items: Vec<Expr>) -> Expr {
    let ty = Type::tuple(items.iter().map(|item| item.ty.clone()));
    match constant(&items) {
        Some(values) => Expr { kind: ExprKind::Literal(values), ty, span: call.span },
        None => call.kernel_exact("tuple", items, ty),
    }
}

/// The types of a tuple argument's elements.
fn types(call: &Call<'_>, index: usize) -> Result<Vec<(Option<String>, Type)>, Error> {
    let ty = call.ty(index);
    match ty.kind {
        Kind::Tuple(types) => Ok(types),
        _ => Err(Error::argument_type(
            call.name,
            index,
            "a tuple",
            &ty,
            call.args.get(index).map_or(call.span, |arg| arg.span),
        )),
    }
}

fn element(call: &mut Call<'_>) -> Result<Expr, Error> {
    let types = types(call, 0)?;
    let index = match call.args.get(1).and_then(Expr::literal) {
        Some(Value::String(name)) => {
            types.iter().position(|(known, _)| known.as_ref() == Some(name))
        }
        _ => position(call.constant_int(1)?, types.len()),
    };
    if let Some(index) = index {
        let tuple = call.take(0);
        return element_of(call, tuple, index);
    }
    if call.args.len() > 2 {
        return Ok(call.take(2));
    }
    let message = format!("{} has no such element", call.ty(0));
    Err(Error::query("H0324", call.args.get(1).map_or(call.span, |arg| arg.span), message))
}

/// From 1, negative from the end.
fn position(index: i64, size: usize) -> Option<usize> {
    let from_start = usize::try_from(index.unsigned_abs()).ok()?;
    let inside = (1..=size).contains(&from_start);
    inside.then(|| if index > 0 { from_start - 1 } else { size - from_start })
}

/// The element at `index` from 0; of a tuple that is written out, that expression.
fn element_of(call: &Call<'_>, tuple: Expr, index: usize) -> Result<Expr, Error> {
    let Kind::Tuple(types) = &tuple.ty.kind else { return Err(Error::internal("no tuple")) };
    let Some((_, ty)) = types.get(index).cloned() else {
        return Err(Error::internal("no such element"));
    };
    match &tuple.kind {
        ExprKind::Kernel { name: "tuple", args } if args.len() == types.len() => {
            Ok(args[index].clone())
        }
        ExprKind::Literal(Value::List(values)) if values.len() == types.len() => {
            Ok(Expr { kind: ExprKind::Literal(values[index].clone()), ty, span: tuple.span })
        }
        _ => {
            let number =
                Expr::int64(i64::try_from(index).unwrap_or(i64::MAX).saturating_add(1), call.span);
            Ok(call.kernel_exact("tuple_element", vec![tuple, number], ty))
        }
    }
}

/// All elements of a tuple argument.
fn elements(call: &mut Call<'_>, index: usize) -> Result<Vec<Expr>, Error> {
    let size = types(call, index)?.len();
    let tuple = call.take(index);
    (0..size).map(|index| element_of(call, tuple.clone(), index)).collect()
}

fn pairs(call: &mut Call<'_>, op: ArithmeticOp) -> Result<Expr, Error> {
    let (left, right) = (elements(call, 0)?, elements(call, 1)?);
    if left.len() != right.len() {
        return Err(Error::query(
            "H0324",
            call.span,
            format!("the tuples of `{}` have different sizes", call.name),
        ));
    }
    let pair = |(left, right)| operators::arithmetic(op, left, right, call.span, call.settings);
    let items = left.into_iter().zip(right).map(pair).collect::<Result<_, _>>()?;
    Ok(tuple_of(call, items))
}

fn by_number(call: &mut Call<'_>, op: ArithmeticOp) -> Result<Expr, Error> {
    let number = call.take(1);
    let items = elements(call, 0)?;
    let scaled = |item| operators::arithmetic(op, item, number.clone(), call.span, call.settings);
    let items = items.into_iter().map(scaled).collect::<Result<_, _>>()?;
    Ok(tuple_of(call, items))
}

fn negate(call: &mut Call<'_>) -> Result<Expr, Error> {
    let items = elements(call, 0)?;
    let zero = |item| {
        operators::arithmetic(
            ArithmeticOp::Subtract,
            Expr::flag(false, call.span),
            item,
            call.span,
            call.settings,
        )
    };
    let items = items.into_iter().map(zero).collect::<Result<_, _>>()?;
    Ok(tuple_of(call, items))
}
