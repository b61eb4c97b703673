//! Elements and parts of arrays, and arrays put together.

use super::identity;
use super::literal::array_of;
use super::with_elements;
use crate::error::Error;
use crate::functions::operators::{self, common_type, convert};
use crate::functions::scalar::scalar;
use crate::functions::{Call, Function, Group};
use crate::ir::{ArithmeticOp, Expr};
use crate::types::{Bits, Kind, Type};

use Group::Array;

/// The functions of this module.
pub(super) static FUNCTIONS: &[Function] = &[
    scalar(
        Array,
        "arrayElement(array, index)",
        "`array[index]`: from 1, negative from the end; the type's default where there is none. Of a map: the value of a key.",
        (2, 2),
        element,
    ),
    scalar(Array, "arrayConcat(array, ..)", "All elements of all arrays.", (2, 2), concat)
        .and_more(),
    scalar(
        Array,
        "arrayPushBack(array, value)",
        "The array with one more element at the end.",
        (2, 2),
        |call| push(call, false),
    ),
    scalar(
        Array,
        "arrayPushFront(array, value)",
        "The array with one more element at the start.",
        (2, 2),
        |call| push(call, true),
    ),
    scalar(Array, "arrayPopBack(array)", "The array without its last element.", (1, 1), |call| {
        pop(call, 1, Some(-1))
    }),
    scalar(Array, "arrayPopFront(array)", "The array without its first element.", (1, 1), |call| {
        pop(call, 2, None)
    }),
    scalar(
        Array,
        "arraySlice(array, offset[, length])",
        "A part: offset from 1, negative from the end; a negative length leaves out so many at the end.",
        (2, 3),
        slice,
    ),
    scalar(Array, "arrayReverse(array)", "The elements from the end.", (1, 1), |call| {
        same(call, "array_reverse")
    }),
    scalar(
        Array,
        "arrayRotateLeft(array, steps)",
        "The first elements moved to the end.",
        (2, 2),
        |call| rotate(call, false),
    ),
    scalar(
        Array,
        "arrayRotateRight(array, steps)",
        "The last elements moved to the start.",
        (2, 2),
        |call| rotate(call, true),
    ),
    scalar(
        Array,
        "arrayResize(array, size[, value])",
        "Cut, or filled up with the value (the type's default) at the end; at the start if the size is negative.",
        (2, 3),
        resize,
    ),
    scalar(
        Array,
        "arrayCompact(array)",
        "Without elements equal to the one before.",
        (1, 1),
        |call| same(call, "array_compact"),
    ),
    scalar(Array, "arrayFlatten(array)", "Arrays in arrays become one array.", (1, 1), flatten),
    scalar(
        Array,
        "arrayStringConcat(array[, separator])",
        "The elements as text in a row; NULL is left out.",
        (1, 2),
        join_text,
    ),
];

fn element(call: &mut Call<'_>) -> Result<Expr, Error> {
    if let Kind::Map(key, value) = &call.ty(0).kind {
        let (key, value) = (key.as_ref().clone(), value.as_ref().clone());
        return map_element(call, &key, value);
    }
    let (array, element) = call.array(0)?;
    let index = call.int64(1)?;
    let default = call.default_of(&element);
    let args = [array, index].into_iter().chain(default).collect();
    Ok(call.kernel("array_element", args, element))
}

fn map_element(call: &mut Call<'_>, key: &Type, value: Type) -> Result<Expr, Error> {
    let wanted = call.take(1);
    if common_type(&[key.clone(), wanted.ty.clone()]).is_none() {
        return Err(Error::argument_type(call.name, 1, &key.to_string(), &wanted.ty, wanted.span));
    }
    let wanted = convert(wanted, &key.kind);
    let default = call.default_of(&value);
    let args = [call.take(0), wanted].into_iter().chain(default).collect();
    Ok(call.kernel("map_element", args, value))
}

/// A kernel that gives an array of the same type.
fn same(call: &mut Call<'_>, kernel: &'static str) -> Result<Expr, Error> {
    let (array, _) = call.array(0)?;
    let ty = array.ty.clone();
    Ok(call.kernel_exact(kernel, vec![array], ty))
}

fn concat(call: &mut Call<'_>) -> Result<Expr, Error> {
    let (arrays, element) = call.arrays_alike()?;
    Ok(call.kernel_exact("array_concat", arrays, Type::array(element)))
}

fn push(call: &mut Call<'_>, front: bool) -> Result<Expr, Error> {
    let (array, value, element) = call.array_and_value(1)?;
    let one = array_of(call, vec![value], element.clone());
    let arrays = if front { vec![one, array] } else { vec![array, one] };
    Ok(call.kernel_exact("array_concat", arrays, Type::array(element)))
}

fn pop(call: &mut Call<'_>, offset: i64, length: Option<i64>) -> Result<Expr, Error> {
    let (array, _) = call.array(0)?;
    let ty = array.ty.clone();
    let span = call.span;
    let length = length.map(|length| Expr::int64(length, span));
    let args = [array, Expr::int64(offset, span)].into_iter().chain(length).collect();
    Ok(call.kernel_exact("array_slice", args, ty))
}

fn slice(call: &mut Call<'_>) -> Result<Expr, Error> {
    let (array, _) = call.array(0)?;
    let ty = array.ty.clone();
    let mut args = vec![array, call.int64(1)?];
    if call.args.len() > 2 {
        args.push(call.int64(2)?);
    }
    Ok(call.kernel_exact("array_slice", args, ty))
}

fn rotate(call: &mut Call<'_>, right: bool) -> Result<Expr, Error> {
    let (array, _) = call.array(0)?;
    let ty = array.ty.clone();
    let mut steps = call.int64(1)?;
    if right {
        let zero = Expr::int64(0, call.span);
        steps =
            operators::arithmetic(ArithmeticOp::Subtract, zero, steps, call.span, call.settings)?;
    }
    let steps = convert(steps, &Kind::Int(Bits::B64));
    Ok(call.kernel_exact("array_rotate", vec![array, steps], ty))
}

fn resize(call: &mut Call<'_>) -> Result<Expr, Error> {
    let size = call.int64(1)?;
    let (array, fill, element) = if call.args.len() > 2 {
        call.array_and_value(2)?
    } else {
        let (array, element) = call.array(0)?;
        let fill = call.default_of(&element).unwrap_or_else(|| Expr::null_of(&element, call.span));
        (array, fill, element)
    };
    Ok(call.kernel_exact("array_resize", vec![array, size, fill], Type::array(element)))
}

fn flatten(call: &mut Call<'_>) -> Result<Expr, Error> {
    let (array, mut element) = call.array(0)?;
    while let Some(inner) = element.element() {
        element = inner.clone();
    }
    Ok(call.kernel_exact("array_flatten", vec![array], Type::array(element)))
}

fn join_text(call: &mut Call<'_>) -> Result<Expr, Error> {
    let separator = if call.args.len() > 1 { call.string(1)? } else { Expr::string("", call.span) };
    let (mut array, element) = call.array(0)?;
    if matches!(element.kind, Kind::Nothing | Kind::String | Kind::Uuid) {
        array = with_elements(array, &Type::STRING.with_nullable(element.nullable));
    } else {
        let mut lambda = identity(&element, call.span);
        lambda.body = operators::to_string(lambda.body, call.settings);
        let ty = Type::array(lambda.body.ty.clone());
        array = call.lambda("array_map", lambda, vec![array], ty);
    }
    Ok(call.kernel("array_join_text", vec![array, separator], Type::STRING))
}
