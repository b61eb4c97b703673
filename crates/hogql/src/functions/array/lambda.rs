//! Functions of a lambda and arrays. Several arrays go in step and must have one length.

use super::{condition, elements, higher, identity};
use crate::error::Error;
use crate::functions::{Build, Call, Function, LambdaArg};
use crate::ir::{Expr, Lambda};
use crate::types::{Bits, Kind, Type};

const UINT32: Type = Type::new(Kind::UInt(Bits::B32));

/// The functions of this module.
pub(super) static FUNCTIONS: &[Function] = &[
    higher(
        "arrayMap",
        "arrayMap(lambda, array, ..)",
        "What the lambda gives for each element.",
        2,
        map,
    ),
    higher(
        "arrayFilter",
        "arrayFilter(lambda, array, ..)",
        "The elements of the first array for which the lambda holds.",
        2,
        |call, lambda| same(call, lambda, "array_filter", true),
    ),
    higher(
        "arrayCount",
        "arrayCount([lambda, ]array, ..)",
        "For how many elements the lambda holds.",
        1,
        |call, lambda| tested(call, lambda, "array_count", UINT32),
    ),
    higher(
        "arrayExists",
        "arrayExists([lambda, ]array, ..)",
        "1 if the lambda holds for some element.",
        1,
        |call, lambda| tested(call, lambda, "array_exists", Type::UINT8),
    ),
    higher(
        "arrayAll",
        "arrayAll([lambda, ]array, ..)",
        "1 if the lambda holds for all elements.",
        1,
        |call, lambda| tested(call, lambda, "array_all", Type::UINT8),
    ),
    higher(
        "arrayFirst",
        "arrayFirst(lambda, array, ..)",
        "The first element for which the lambda holds; else the type's default.",
        2,
        |call, lambda| one(call, lambda, "array_first"),
    ),
    higher(
        "arrayLast",
        "arrayLast(lambda, array, ..)",
        "The last element for which the lambda holds; else the type's default.",
        2,
        |call, lambda| one(call, lambda, "array_last"),
    ),
    higher(
        "arrayFirstIndex",
        "arrayFirstIndex(lambda, array, ..)",
        "Where the lambda holds first, from 1; 0 if nowhere.",
        2,
        |call, lambda| tested(call, lambda, "array_first_index", UINT32),
    ),
    higher(
        "arrayLastIndex",
        "arrayLastIndex(lambda, array, ..)",
        "Where the lambda holds last, from 1; 0 if nowhere.",
        2,
        |call, lambda| tested(call, lambda, "array_last_index", UINT32),
    ),
    higher(
        "arraySort",
        "arraySort([lambda, ]array, ..)",
        "In order of what the lambda gives; NULL and NaN last.",
        1,
        |call, lambda| same(call, lambda, "array_sort", false),
    ),
    // PostHog answers `arrayReverseSort` with ClickHouse's `arraySort`; so does Hoglet.
    higher(
        "arrayReverseSort",
        "arrayReverseSort([lambda, ]array, ..)",
        "As `arraySort`, as in PostHog: not reversed.",
        1,
        |call, lambda| same(call, lambda, "array_sort", false),
    ),
    higher(
        "arrayFill",
        "arrayFill(lambda, array, ..)",
        "An element for which the lambda does not hold becomes the one before.",
        2,
        |call, lambda| same(call, lambda, "array_fill", true),
    ),
    higher(
        "arrayReverseFill",
        "arrayReverseFill(lambda, array, ..)",
        "An element for which the lambda does not hold becomes the one after.",
        2,
        |call, lambda| same(call, lambda, "array_reverse_fill", true),
    ),
    higher(
        "arraySplit",
        "arraySplit(lambda, array, ..)",
        "Parts that begin where the lambda holds.",
        2,
        |call, lambda| split(call, lambda, "array_split"),
    ),
    higher(
        "arrayReverseSplit",
        "arrayReverseSplit(lambda, array, ..)",
        "Parts that end where the lambda holds.",
        2,
        |call, lambda| split(call, lambda, "array_reverse_split"),
    ),
    Function {
        build: Build::HigherOrder { parameters: fold_parameters, build: fold },
        ..higher(
            "arrayFold",
            "arrayFold((state, element, ..) -> .., array, .., state)",
            "The state after all elements.",
            3,
            fold,
        )
    },
];

/// The lambda, which must be there.
fn required(call: &Call<'_>, lambda: Option<LambdaArg>) -> Result<Lambda, Error> {
    match lambda {
        Some(argument) => Ok(argument.lambda),
        None => Err(Error::query(
            "H0321",
            call.span,
            format!("the first argument of `{}` must be a lambda", call.name),
        )
        .with_hint(format!("for example `{}(x -> x > 1, array)`", call.name))),
    }
}

/// The lambda, or `x -> x` for a single array.
fn optional(call: &Call<'_>, lambda: Option<LambdaArg>) -> Result<Lambda, Error> {
    match (lambda, elements(call)?.as_slice()) {
        (Some(argument), _) => Ok(argument.lambda),
        (None, [element]) => Ok(identity(element, call.span)),
        (None, _) => required(call, None),
    }
}

/// The elements' type of the first array.
fn first_element(call: &Call<'_>) -> Result<Type, Error> {
    elements(call)?.into_iter().next().ok_or_else(|| Error::internal("no array"))
}

fn map(call: &mut Call<'_>, lambda: Option<LambdaArg>) -> Result<Expr, Error> {
    let lambda = required(call, lambda)?;
    let arrays = call.take_all();
    let ty = Type::array(lambda.body.ty.clone());
    Ok(call.lambda("array_map", lambda, arrays, ty))
}

/// An array of elements of the first one.
fn same(
    call: &mut Call<'_>,
    lambda: Option<LambdaArg>,
    kernel: &'static str,
    conditional: bool,
) -> Result<Expr, Error> {
    let lambda =
        if conditional { condition(required(call, lambda)?)? } else { optional(call, lambda)? };
    let ty = Type::array(first_element(call)?);
    let arrays = call.take_all();
    Ok(call.lambda(kernel, lambda, arrays, ty))
}

fn tested(
    call: &mut Call<'_>,
    lambda: Option<LambdaArg>,
    kernel: &'static str,
    ty: Type,
) -> Result<Expr, Error> {
    let lambda = condition(optional(call, lambda)?)?;
    let arrays = call.take_all();
    Ok(call.lambda(kernel, lambda, arrays, ty))
}

fn one(
    call: &mut Call<'_>,
    lambda: Option<LambdaArg>,
    kernel: &'static str,
) -> Result<Expr, Error> {
    let lambda = condition(required(call, lambda)?)?;
    let element = first_element(call)?;
    let default = call.default_of(&element);
    let args = call.take_all().into_iter().chain(default).collect();
    Ok(call.lambda(kernel, lambda, args, element))
}

fn split(
    call: &mut Call<'_>,
    lambda: Option<LambdaArg>,
    kernel: &'static str,
) -> Result<Expr, Error> {
    let lambda = condition(required(call, lambda)?)?;
    let ty = Type::array(Type::array(first_element(call)?));
    let arrays = call.take_all();
    Ok(call.lambda(kernel, lambda, arrays, ty))
}

/// The state, then one element of each array.
fn fold_parameters(call: &Call<'_>) -> Result<Vec<Type>, Error> {
    let Some((state, arrays)) = call.args.split_last() else {
        return Err(Error::internal("no state"));
    };
    let arrays =
        Call { name: call.name, span: call.span, args: arrays.to_vec(), settings: call.settings };
    let mut types = elements(&arrays)?;
    types.insert(0, state.ty.clone());
    Ok(types)
}

fn fold(call: &mut Call<'_>, lambda: Option<LambdaArg>) -> Result<Expr, Error> {
    let lambda = required(call, lambda)?;
    let args = call.take_all();
    let state = args.last().map_or(Type::NULL, |state| state.ty.clone());
    if state.kind != lambda.body.ty.kind {
        let message = format!(
            "the lambda of `{}` gives {}, but the state is {state}",
            call.name, lambda.body.ty
        );
        return Err(Error::query("H0322", call.span, message)
            .with_hint("convert the first state: `toInt(0)`"));
    }
    let ty = state.with_nullable(state.nullable || lambda.body.ty.nullable);
    Ok(call.lambda("array_fold", lambda, args, ty))
}
