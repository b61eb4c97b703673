//! The catalog's table of conditional functions, comparisons and logic.

use super::operators::{self, Matching};
use super::scalar::{Arg, scalar};
use super::{Arity, Build, Call, Function, Group};
use crate::error::Error;
use crate::ir::{CompareOp, Expr, ExprKind, NullRule, Value};
use crate::types::{Kind, Type};

use Group::{Comparison, Conditional};

/// The functions of this module.
pub(super) static FUNCTIONS: &[Function] = &[
    scalar(
        Conditional,
        "if(condition, then, otherwise)",
        "One of two values; a condition that is NULL is false.",
        (3, 3),
        multi_if,
    )
    .any_case(),
    scalar(
        Conditional,
        "multiIf(condition, then, .., otherwise)",
        "The value of the first condition that is true.",
        (3, 3),
        multi_if,
    )
    .and_more(),
    scalar(
        Conditional,
        "ifNull(value, otherwise)",
        "The value, or the other one if it is NULL.",
        (2, 2),
        if_null,
    )
    .any_case(),
    scalar(
        Conditional,
        "coalesce(value, ..)",
        "The first value that is not NULL.",
        (1, 1),
        if_null,
    )
    .any_case()
    .and_more(),
    scalar(
        Conditional,
        "nullIf(value, other)",
        "NULL if the two are equal, else the value.",
        (2, 2),
        null_if,
    )
    .any_case(),
    scalar(Conditional, "isNull(value)", "1 if the value is NULL, else 0.", (1, 1), |call| {
        Ok(call.take(0).is_null(false))
    })
    .any_case(),
    scalar(
        Conditional,
        "isNotNull(value)",
        "1 if the value is not NULL, else 0.",
        (1, 1),
        |call| Ok(call.take(0).is_null(true)),
    ),
    scalar(
        Conditional,
        "assumeNotNull(value)",
        "The value in a type without NULL; NULL becomes the type's default.",
        (1, 1),
        assume_not_null,
    ),
    scalar(Conditional, "toNullable(value)", "The value in a type with NULL.", (1, 1), to_nullable),
    scalar(
        Conditional,
        "greatest(a, b)",
        "The greater value; of a value and NULL the value.",
        (2, 2),
        |call| choose(call, "greatest"),
    )
    .any_case(),
    scalar(
        Conditional,
        "least(a, b)",
        "The smaller value; of a value and NULL the value.",
        (2, 2),
        |call| choose(call, "least"),
    )
    .any_case(),
    scalar(Conditional, "max2(a, b)", "The greater number, as a float.", (2, 2), |call| {
        floats(call, "max2")
    })
    .any_case(),
    scalar(Conditional, "min2(a, b)", "The smaller number, as a float.", (2, 2), |call| {
        floats(call, "min2")
    })
    .any_case(),
    scalar(Comparison, "equals(a, b)", "a = b: 1 if both are NULL, 0 if one is.", (2, 2), |call| {
        compare(call, CompareOp::Eq)
    }),
    scalar(
        Comparison,
        "notEquals(a, b)",
        "a != b: 1 if one is NULL, 0 if both are.",
        (2, 2),
        |call| compare(call, CompareOp::NotEq),
    ),
    scalar(Comparison, "less(a, b)", "a < b: 0 if one is NULL.", (2, 2), |call| {
        compare(call, CompareOp::Lt)
    }),
    scalar(Comparison, "lessOrEquals(a, b)", "a <= b: 0 if one is NULL.", (2, 2), |call| {
        compare(call, CompareOp::LtEq)
    }),
    scalar(Comparison, "greater(a, b)", "a > b: 0 if one is NULL.", (2, 2), |call| {
        compare(call, CompareOp::Gt)
    }),
    scalar(Comparison, "greaterOrEquals(a, b)", "a >= b: 0 if one is NULL.", (2, 2), |call| {
        compare(call, CompareOp::GtEq)
    }),
    scalar(
        Comparison,
        "like(text, pattern)",
        "Whether the text has the pattern; % is any text, _ any character.",
        (2, 2),
        |call| like(call, false, false),
    ),
    scalar(Comparison, "notLike(text, pattern)", "The opposite of `like`.", (2, 2), |call| {
        like(call, true, false)
    }),
    scalar(
        Comparison,
        "ilike(text, pattern)",
        "As `like`, capitals and small letters alike.",
        (2, 2),
        |call| like(call, false, true),
    ),
    scalar(Comparison, "notILike(text, pattern)", "The opposite of `ilike`.", (2, 2), |call| {
        like(call, true, true)
    }),
    scalar(
        Comparison,
        "match(text, pattern)",
        "Whether the regular expression (RE2) is found in the text.",
        (2, 2),
        matches,
    ),
    special(
        "in(value, list)",
        "Whether the value is in the list, tuple, array or subquery; NULL equals NULL.",
    ),
    special("notIn(value, list)", "The opposite of `in`."),
    scalar(
        Comparison,
        "and(a, b, ..)",
        "1 if all are true; NULL if none is false but one is NULL.",
        (2, 2),
        |call| operators::and(call.take_all(), call.span),
    )
    .and_more(),
    scalar(
        Comparison,
        "or(a, b, ..)",
        "1 if one is true; NULL if none is but one is NULL.",
        (2, 2),
        |call| operators::or(call.take_all(), call.span),
    )
    .and_more(),
    scalar(Comparison, "xor(a, b, ..)", "1 if an odd number is true.", (2, 2), |call| {
        operators::xor(call.take_all(), call.span)
    })
    .and_more(),
    scalar(Comparison, "not(a)", "1 if it is false, 0 if it is true.", (1, 1), |call| {
        operators::not(call.take(0), call.span)
    })
    .any_case(),
];

const fn special(signature: &'static str, meaning: &'static str) -> Function {
    let row = scalar(Comparison, signature, meaning, (2, 2), |call| Ok(call.take(0)));
    Function {
        name: row.name,
        case_insensitive: false,
        group: Comparison,
        signature,
        meaning,
        arity: Arity::exactly(2),
        build: Build::Special,
    }
}

/// Conditions and values in turn, and the value if none holds.
fn multi_if(call: &mut Call<'_>) -> Result<Expr, Error> {
    let mut args = call.take_all();
    if args.len().is_multiple_of(2) {
        let message = format!(
            "`{}` takes conditions and values in turn and a last value, found {} arguments",
            call.name,
            args.len()
        );
        return Err(Error::query("H0308", call.span, message));
    }
    let last = args.pop().unwrap_or_else(|| Expr::null(call.span));
    let (mut conditions, mut values) = (Vec::new(), Vec::new());
    let mut rest = args.into_iter();
    while let (Some(condition), Some(value)) = (rest.next(), rest.next()) {
        conditions.push(operators::condition(condition)?);
        values.push(value);
    }
    values.push(last);
    let (mut values, ty) = operators::unify(values, call.span)?;
    let otherwise = values.pop().unwrap_or_else(|| Expr::null(call.span));
    Ok(Expr::case(conditions.into_iter().zip(values).collect(), otherwise, ty, call.span))
}

fn if_null(call: &mut Call<'_>) -> Result<Expr, Error> {
    operators::if_null(call.take_all(), call.span)
}

fn null_if(call: &mut Call<'_>) -> Result<Expr, Error> {
    let (value, other) = (call.take(0), call.take(1));
    if value.ty.is_composite() {
        return Err(Error::argument_type(
            call.name,
            0,
            "a value that may be NULL",
            &value.ty,
            value.span,
        ));
    }
    if value.ty.kind == Kind::Nothing {
        return Ok(value);
    }
    let ty = value.ty.to_nullable();
    let equal = operators::compare(
        CompareOp::Eq,
        value.clone(),
        other,
        NullRule::TwoValued,
        call.span,
        call.settings,
    )?;
    Ok(Expr::case(vec![(equal, Expr::null_of(&ty, call.span))], value, ty, call.span))
}

fn assume_not_null(call: &mut Call<'_>) -> Result<Expr, Error> {
    let value = call.take(0);
    let default = match &value.ty.kind {
        _ if !value.ty.nullable => return Ok(value),
        Kind::Nothing => {
            return Err(Error::argument_type(
                call.name,
                0,
                "a value with a type",
                &value.ty,
                value.span,
            ));
        }
        Kind::Bool => Value::Bool(false),
        Kind::UInt(_) => Value::UInt(0),
        Kind::Float32 | Kind::Float64 => Value::Float(0.0),
        Kind::String => Value::String(String::new()),
        Kind::Uuid => Value::String("00000000-0000-0000-0000-000000000000".to_owned()),
        _ => Value::Int(0),
    };
    let ty = value.ty.to_not_null();
    let default = Expr { kind: ExprKind::Literal(default), ty: ty.clone(), span: call.span };
    Ok(Expr { kind: ExprKind::Coalesce(vec![value, default]), ty, span: call.span })
}

fn to_nullable(call: &mut Call<'_>) -> Result<Expr, Error> {
    let value = call.take(0);
    if value.ty.is_composite() {
        return Err(Error::argument_type(
            call.name,
            0,
            "a value that may be NULL",
            &value.ty,
            value.span,
        ));
    }
    let ty = value.ty.to_nullable();
    Ok(Expr { kind: ExprKind::Cast { expr: Box::new(value), safe: false }, ty, span: call.span })
}

fn choose(call: &mut Call<'_>, kernel: &'static str) -> Result<Expr, Error> {
    let (args, ty) = operators::unify(call.take_all(), call.span)?;
    if ty.is_composite() {
        return Err(Error::argument_type(call.name, 0, "a number, text or moment", &ty, call.span));
    }
    if ty.kind == Kind::Nothing {
        return Ok(Expr::null(call.span));
    }
    Ok(call.kernel(kernel, args, ty))
}

fn floats(call: &mut Call<'_>, kernel: &'static str) -> Result<Expr, Error> {
    call.apply(kernel, &[Arg::Float, Arg::Float], Type::FLOAT64)
}

fn compare(call: &mut Call<'_>, op: CompareOp) -> Result<Expr, Error> {
    operators::compare(
        op,
        call.take(0),
        call.take(1),
        NullRule::TwoValued,
        call.span,
        call.settings,
    )
}

fn like(call: &mut Call<'_>, negated: bool, case_insensitive: bool) -> Result<Expr, Error> {
    let how = Matching { negated, case_insensitive, nulls: NullRule::TwoValued };
    operators::like(call.take(0), call.take(1), how, call.span)
}

fn matches(call: &mut Call<'_>) -> Result<Expr, Error> {
    let how = Matching { negated: false, case_insensitive: false, nulls: NullRule::TwoValued };
    operators::regex(call.take(0), call.take(1), how, call.span)
}
