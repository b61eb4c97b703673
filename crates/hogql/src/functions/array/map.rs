//! Maps.

use super::literal::array_of;
use super::{condition, identity};
use crate::error::Error;
use crate::functions::operators::{self, Matching, unify};
use crate::functions::scalar::scalar;
use crate::functions::{Arity, Build, Call, Function, Group, LambdaArg};
use crate::ir::{Expr, NullRule};
use crate::types::{Kind, Type};

use Group::Array;

/// The functions of this module.
pub(super) static FUNCTIONS: &[Function] = &[
    scalar(Array, "map(key, value, ..)", "A map of the pairs.", (2, 2), map).and_more(),
    scalar(
        Array,
        "mapFromArrays(keys, values)",
        "A map of keys and values in step.",
        (2, 2),
        from_arrays,
    ),
    scalar(Array, "mapKeys(map)", "The keys, in order.", (1, 1), |call| keys_of(call, 0)),
    scalar(Array, "mapValues(map)", "The values, in order.", (1, 1), values),
    scalar(Array, "mapContains(map, key)", "1 if the map has the key.", (2, 2), contains),
    scalar(
        Array,
        "mapContainsKeyLike(map, pattern)",
        "1 if the map has a key like the pattern.",
        (2, 2),
        contains_like,
    ),
    scalar(
        Array,
        "mapUpdate(map, changes)",
        "The map with the pairs of the other in place of its own.",
        (2, 2),
        update,
    ),
    entries(
        "mapExists",
        "mapExists((key, value) -> .., map)",
        "1 if the lambda holds for some pair.",
        exists,
    ),
    entries(
        "mapFilter",
        "mapFilter((key, value) -> .., map)",
        "The pairs for which the lambda holds.",
        filter,
    ),
];

const fn entries(
    name: &'static str,
    signature: &'static str,
    meaning: &'static str,
    build: fn(&mut Call<'_>, Option<LambdaArg>) -> Result<Expr, Error>,
) -> Function {
    Function {
        name,
        case_insensitive: false,
        group: Array,
        signature,
        meaning,
        arity: Arity::exactly(2),
        build: Build::HigherOrder {
            parameters: |call| types(call, 0).map(|(key, value)| vec![key, value]),
            build,
        },
    }
}

fn types(call: &Call<'_>, index: usize) -> Result<(Type, Type), Error> {
    let ty = call.ty(index);
    match ty.kind {
        Kind::Map(key, value) => Ok((*key, *value)),
        _ => Err(Error::argument_type(
            call.name,
            index,
            "a map",
            &ty,
            call.args.get(index).map_or(call.span, |arg| arg.span),
        )),
    }
}

fn map_of(key: &Type, value: Type) -> Type {
    Type::new(Kind::Map(Box::new(key.to_not_null()), Box::new(value)))
}

fn map(call: &mut Call<'_>) -> Result<Expr, Error> {
    if call.args.len() % 2 == 1 {
        return Err(Error::query("H0323", call.span, "`map` wants a value for each key"));
    }
    let (mut keys, mut values) = (Vec::new(), Vec::new());
    for (index, arg) in call.take_all().into_iter().enumerate() {
        if index % 2 == 0 { keys.push(arg) } else { values.push(arg) }
    }
    let ((keys, key), (values, value)) = (unify(keys, call.span)?, unify(values, call.span)?);
    let keys = array_of(call, keys, key.clone());
    let values = array_of(call, values, value.clone());
    Ok(call.kernel_exact("map_from_arrays", vec![keys, values], map_of(&key, value)))
}

fn from_arrays(call: &mut Call<'_>) -> Result<Expr, Error> {
    let ((keys, key), (values, value)) = (call.array(0)?, call.array(1)?);
    Ok(call.kernel_exact("map_from_arrays", vec![keys, values], map_of(&key, value)))
}

/// The keys of a map argument.
pub(super) fn keys_of(call: &mut Call<'_>, index: usize) -> Result<Expr, Error> {
    let (key, _) = types(call, index)?;
    let map = call.take(index);
    Ok(call.kernel_exact("map_keys", vec![map], Type::array(key)))
}

fn values(call: &mut Call<'_>) -> Result<Expr, Error> {
    let (_, value) = types(call, 0)?;
    let map = call.take(0);
    Ok(call.kernel_exact("map_values", vec![map], Type::array(value)))
}

fn contains(call: &mut Call<'_>) -> Result<Expr, Error> {
    call.args[0] = keys_of(call, 0)?;
    let (keys, key, _) = call.array_and_value(1)?;
    Ok(call.kernel_exact("array_has", vec![keys, key], Type::UINT8))
}

fn contains_like(call: &mut Call<'_>) -> Result<Expr, Error> {
    let keys = keys_of(call, 0)?;
    let pattern = call.string(1)?;
    let mut lambda = identity(&Type::STRING, call.span);
    let how = Matching { negated: false, case_insensitive: false, nulls: NullRule::TwoValued };
    lambda.body = operators::like(lambda.body, pattern, how, call.span)?;
    Ok(call.lambda("array_exists", lambda, vec![keys], Type::UINT8))
}

fn update(call: &mut Call<'_>) -> Result<Expr, Error> {
    let ((key, value), (new_key, new_value)) = (types(call, 0)?, types(call, 1)?);
    if key.kind != new_key.kind || value.kind != new_value.kind {
        return Err(call.no_common_type(&[call.ty(0), call.ty(1)]));
    }
    let args = vec![call.take(0), call.take(1)];
    let nullable = value.nullable || new_value.nullable;
    Ok(call.kernel_exact("map_update", args, map_of(&key, value.with_nullable(nullable))))
}

/// The lambda over keys and values in step.
fn lambda_of(call: &Call<'_>, lambda: Option<LambdaArg>) -> Result<crate::ir::Lambda, Error> {
    match lambda {
        Some(argument) => condition(argument.lambda),
        None => Err(Error::query(
            "H0321",
            call.span,
            format!("the first argument of `{}` must be a lambda", call.name),
        )),
    }
}

fn sides(call: &mut Call<'_>) -> Result<(Expr, Expr), Error> {
    call.args.push(call.args[0].clone());
    let keys = keys_of(call, 1)?;
    Ok((keys, values(call)?))
}

fn exists(call: &mut Call<'_>, lambda: Option<LambdaArg>) -> Result<Expr, Error> {
    let lambda = lambda_of(call, lambda)?;
    let (keys, values) = sides(call)?;
    Ok(call.lambda("array_exists", lambda, vec![keys, values], Type::UINT8))
}

fn filter(call: &mut Call<'_>, lambda: Option<LambdaArg>) -> Result<Expr, Error> {
    let lambda = lambda_of(call, lambda)?;
    let ty = call.ty(0);
    let (keys, values) = sides(call)?;
    let mut swapped = lambda.clone();
    swapped.params.reverse();
    let (keys_type, values_type) = (keys.ty.clone(), values.ty.clone());
    let kept_keys =
        call.lambda("array_filter", lambda, vec![keys.clone(), values.clone()], keys_type);
    let kept_values = call.lambda("array_filter", swapped, vec![values, keys], values_type);
    Ok(call.kernel_exact("map_from_arrays", vec![kept_keys, kept_values], ty))
}
