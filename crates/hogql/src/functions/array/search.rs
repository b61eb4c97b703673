//! Looking for values in arrays, and arrays as sets. NULL equals NULL here.

use crate::error::Error;
use crate::functions::operators;
use crate::functions::scalar::scalar;
use crate::functions::{Call, Function, Group};
use crate::ir::{Expr, ExprKind, Value};
use crate::types::{Bits, Kind, Type};

use Group::Array;

const UINT32: Type = Type::new(Kind::UInt(Bits::B32));

/// The functions of this module.
pub(super) static FUNCTIONS: &[Function] = &[
    scalar(Array, "has(array, value)", "1 if the value is an element, else 0.", (2, 2), has),
    scalar(
        Array,
        "indexOf(array, value)",
        "Where the value is first, from 1; 0 if it is no element.",
        (2, 2),
        |call| looked_up(call, "array_index_of", Type::UINT64),
    ),
    scalar(
        Array,
        "countEqual(array, value)",
        "How often the value is an element.",
        (2, 2),
        |call| looked_up(call, "array_count_equal", Type::UINT64),
    ),
    scalar(
        Array,
        "hasAll(array, wanted)",
        "1 if all wanted values are elements.",
        (2, 2),
        |call| alike(call, "array_has_all", Type::UINT8),
    ),
    scalar(
        Array,
        "hasAny(array, wanted)",
        "1 if any wanted value is an element.",
        (2, 2),
        |call| alike(call, "array_has_any", Type::UINT8),
    ),
    scalar(
        Array,
        "hasSubstr(array, wanted)",
        "1 if the wanted values are elements in a row.",
        (2, 2),
        |call| alike(call, "array_has_substr", Type::UINT8),
    ),
    scalar(
        Array,
        "arrayIntersect(array, ..)",
        "The distinct elements that all arrays have.",
        (1, 1),
        intersect,
    )
    .and_more(),
    scalar(Array, "arrayDistinct(array)", "The distinct elements without NULL.", (1, 1), distinct),
    scalar(
        Array,
        "arrayUniq(array, ..)",
        "The number of different elements, or of tuples of them.",
        (1, 1),
        |call| over_arrays(call, "array_uniq", UINT32),
    )
    .and_more(),
    scalar(
        Array,
        "arrayEnumerateUniq(array, ..)",
        "The how-many-th of its equals each element is.",
        (1, 1),
        |call| over_arrays(call, "array_enumerate_uniq", Type::array(UINT32)),
    )
    .and_more(),
    scalar(
        Array,
        "arrayEnumerateDense(array, ..)",
        "One number for equal elements, from 1.",
        (1, 1),
        |call| over_arrays(call, "array_enumerate_dense", Type::array(UINT32)),
    )
    .and_more(),
];

fn has(call: &mut Call<'_>) -> Result<Expr, Error> {
    if let Kind::Map(_, _) = call.ty(0).kind {
        call.args[0] = super::map::keys_of(call, 0)?;
    }
    let (array, value, element) = call.array_and_value(1)?;
    // A constant array is a list: a condition on a column that a reader may use.
    if let ExprKind::Literal(Value::List(values)) = &array.kind {
        let item = |value: &Value| Expr {
            kind: ExprKind::Literal(value.clone()),
            ty: element.with_nullable(matches!(value, Value::Null)),
            span: array.span,
        };
        let items: Vec<Expr> = values.iter().map(item).collect();
        // `IN` takes NaN for one value, while no element equals NaN.
        let has_nan = values.iter().any(|value| matches!(value, Value::Float(x) if x.is_nan()));
        if !items.is_empty() && !element.is_composite() && !has_nan {
            return operators::membership(&value, items, false, call.span, call.settings);
        }
    }
    Ok(call.kernel_exact("array_has", vec![array, value], Type::UINT8))
}

fn looked_up(call: &mut Call<'_>, kernel: &'static str, ty: Type) -> Result<Expr, Error> {
    let (array, value, _) = call.array_and_value(1)?;
    Ok(call.kernel_exact(kernel, vec![array, value], ty))
}

fn alike(call: &mut Call<'_>, kernel: &'static str, ty: Type) -> Result<Expr, Error> {
    let (arrays, _) = call.arrays_alike()?;
    Ok(call.kernel_exact(kernel, arrays, ty))
}

fn intersect(call: &mut Call<'_>) -> Result<Expr, Error> {
    let (arrays, element) = call.arrays_alike()?;
    Ok(call.kernel_exact("array_intersect", arrays, Type::array(element)))
}

fn distinct(call: &mut Call<'_>) -> Result<Expr, Error> {
    let (array, element) = call.array(0)?;
    Ok(call.kernel_exact("array_distinct", vec![array], Type::array(element.to_not_null())))
}

fn over_arrays(call: &mut Call<'_>, kernel: &'static str, ty: Type) -> Result<Expr, Error> {
    let arrays = (0..call.args.len())
        .map(|index| Ok(call.array(index)?.0))
        .collect::<Result<Vec<_>, Error>>()?;
    Ok(call.kernel_exact(kernel, arrays, ty))
}
