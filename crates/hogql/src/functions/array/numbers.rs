//! Arithmetic over elements, or over what a lambda makes of them.

use super::higher;
use crate::error::Error;
use crate::functions::scalar::scalar;
use crate::functions::{Call, Function, Group, LambdaArg};
use crate::ir::Expr;
use crate::types::{Bits, Kind, Type};

/// The functions of this module.
pub(super) static FUNCTIONS: &[Function] = &[
    higher(
        "arraySum",
        "arraySum([lambda, ]array, ..)",
        "The sum; NULL is left out.",
        1,
        |call, lambda| {
            let (array, element) = mapped(call, lambda)?;
            let ty = number(call, &element, sum_kind)?;
            Ok(call.kernel("array_sum", vec![array], ty))
        },
    ),
    higher(
        "arrayAvg",
        "arrayAvg([lambda, ]array, ..)",
        "The mean; 0 of nothing.",
        1,
        |call, lambda| to_float(call, lambda, "array_avg"),
    ),
    higher(
        "arrayProduct",
        "arrayProduct([lambda, ]array, ..)",
        "The product; 0 of nothing.",
        1,
        |call, lambda| to_float(call, lambda, "array_product"),
    ),
    higher(
        "arrayMin",
        "arrayMin([lambda, ]array, ..)",
        "The smallest; the type's default of nothing.",
        1,
        |call, lambda| extreme(call, lambda, "array_min"),
    ),
    higher(
        "arrayMax",
        "arrayMax([lambda, ]array, ..)",
        "The largest; the type's default of nothing.",
        1,
        |call, lambda| extreme(call, lambda, "array_max"),
    ),
    higher(
        "arrayCumSum",
        "arrayCumSum([lambda, ]array, ..)",
        "Sums of the elements so far.",
        1,
        |call, lambda| running(call, lambda, "array_cum_sum", sum_kind),
    ),
    higher(
        "arrayCumSumNonNegative",
        "arrayCumSumNonNegative([lambda, ]array, ..)",
        "Sums of the elements so far; below 0 they start anew.",
        1,
        |call, lambda| running(call, lambda, "array_cum_sum_non_negative", sum_kind),
    ),
    higher(
        "arrayDifference",
        "arrayDifference([lambda, ]array, ..)",
        "Each element less the one before; 0 for the first.",
        1,
        |call, lambda| running(call, lambda, "array_difference", difference_kind),
    ),
    scalar(
        Group::Array,
        "arrayReduce(aggregate, array)",
        "An aggregate over the elements: count, sum, min, max, avg or uniq.",
        (2, 2),
        reduce,
    ),
];

/// The first array, or what the lambda makes of the arrays; and the type of its elements.
fn mapped(call: &mut Call<'_>, lambda: Option<LambdaArg>) -> Result<(Expr, Type), Error> {
    let Some(LambdaArg { lambda, .. }) = lambda else {
        if call.args.len() > 1 {
            return Err(Error::query(
                "H0321",
                call.span,
                format!("`{}` of several arrays needs a lambda", call.name),
            ));
        }
        return call.array(0);
    };
    let element = lambda.body.ty.clone();
    let arrays = call.take_all();
    Ok((call.lambda("array_map", lambda, arrays, Type::array(element.clone())), element))
}

fn sum_kind(kind: &Kind) -> Option<Kind> {
    match kind {
        Kind::UInt(_) | Kind::Bool | Kind::Nothing => Some(Kind::UInt(Bits::B64)),
        Kind::Int(_) => Some(Kind::Int(Bits::B64)),
        Kind::Float32 | Kind::Float64 | Kind::Decimal(_, _) => Some(Kind::Float64),
        _ => None,
    }
}

/// Differences have a sign and are one width wider.
fn difference_kind(kind: &Kind) -> Option<Kind> {
    match kind {
        Kind::UInt(bits) | Kind::Int(bits) => Some(Kind::Int(bits.wider())),
        Kind::Bool => Some(Kind::Int(Bits::B16)),
        _ => sum_kind(kind),
    }
}

fn number(call: &Call<'_>, element: &Type, kind: fn(&Kind) -> Option<Kind>) -> Result<Type, Error> {
    match kind(&element.kind) {
        Some(kind) => Ok(Type::new(kind)),
        None => Err(Error::argument_type(call.name, 0, "an array of numbers", element, call.span)),
    }
}

fn to_float(
    call: &mut Call<'_>,
    lambda: Option<LambdaArg>,
    kernel: &'static str,
) -> Result<Expr, Error> {
    let (array, element) = mapped(call, lambda)?;
    number(call, &element, sum_kind)?;
    Ok(call.kernel(kernel, vec![array], Type::FLOAT64))
}

fn extreme(
    call: &mut Call<'_>,
    lambda: Option<LambdaArg>,
    kernel: &'static str,
) -> Result<Expr, Error> {
    let (array, element) = mapped(call, lambda)?;
    let default = call.default_of(&element);
    let args = std::iter::once(array).chain(default).collect();
    Ok(call.kernel_exact(kernel, args, element))
}

fn running(
    call: &mut Call<'_>,
    lambda: Option<LambdaArg>,
    kernel: &'static str,
    kind: fn(&Kind) -> Option<Kind>,
) -> Result<Expr, Error> {
    let (array, element) = mapped(call, lambda)?;
    let ty = number(call, &element, kind)?;
    let array = super::with_elements(array, &wide(&ty));
    Ok(call.kernel_exact(kernel, vec![array], Type::array(ty)))
}

/// The type that the kernel calculates in.
fn wide(ty: &Type) -> Type {
    match ty.kind {
        Kind::Int(_) => Type::INT64,
        Kind::UInt(_) => Type::UINT64,
        _ => Type::FLOAT64,
    }
}

fn reduce(call: &mut Call<'_>) -> Result<Expr, Error> {
    let name = call.constant_string(0)?.to_owned();
    let array = call.take(1);
    let span = call.span;
    let mut inner = Call { name: call.name, span, args: vec![array], settings: call.settings };
    match name.as_str() {
        "sum" => {
            let (array, element) = mapped(&mut inner, None)?;
            let ty = number(&inner, &element, sum_kind)?;
            Ok(inner.kernel("array_sum", vec![array], ty))
        }
        "avg" => to_float(&mut inner, None, "array_avg"),
        "min" => extreme(&mut inner, None, "array_min"),
        "max" => extreme(&mut inner, None, "array_max"),
        "count" => {
            let (array, _) = inner.array(0)?;
            Ok(inner.kernel_exact("length", vec![array], Type::UINT64))
        }
        "uniq" => {
            let (array, element) = inner.array(0)?;
            let array = inner.kernel_exact(
                "array_distinct",
                vec![array],
                Type::array(element.to_not_null()),
            );
            Ok(inner.kernel_exact("length", vec![array], Type::UINT64))
        }
        _ => Err(Error::not_supported(span, format!("`arrayReduce` with `{name}`"))),
    }
}
