//! `= != < <= > >=` and `IN`: both sides brought to one kind.

use super::supertype::{common_number, common_type, convert};
use super::{exact, kernel, literal, text};
use crate::error::Error;
use crate::ir::{CompareOp, Expr, ExprKind, NullRule, Value};
use crate::settings::Settings;
use crate::types::{Bits, Kind, Type};
use hogql_syntax::Span;
use std::sync::Arc;

/// `left op right`. Instants of different zones or precision count as one kind, and so do UUIDs and text.
///
/// # Errors
/// If the two types cannot be compared, or a constant text cannot be read as the other side's type.
pub fn compare(
    op: CompareOp,
    left: Expr,
    right: Expr,
    nulls: NullRule,
    span: Span,
    settings: &Settings,
) -> Result<Expr, Error> {
    if left.ty.kind == Kind::Nothing || right.ty.kind == Kind::Nothing {
        return Ok(with_null(op, left, right, nulls, span));
    }
    if let (CompareOp::Eq | CompareOp::NotEq, Some(lefts), Some(rights)) =
        (op, elements(&left), elements(&right))
        && lefts.len() == rights.len()
    {
        return by_element(op, lefts, rights, nulls, span, settings);
    }
    if let Some(exact) = exact::compare(op, &left, &right, nulls, span) {
        return Ok(exact);
    }
    let (left, right) = sides(left, right, span, settings)?;
    Ok(of_one_kind(op, left, right, nulls, span))
}

/// The comparison of sides of one kind.
pub(super) fn of_one_kind(
    op: CompareOp,
    left: Expr,
    right: Expr,
    nulls: NullRule,
    span: Span,
) -> Expr {
    let nullable = nulls == NullRule::Plain && (left.ty.nullable || right.ty.nullable);
    let kind = ExprKind::Compare { op, left: Box::new(left), right: Box::new(right), nulls };
    Expr { kind, ty: Type::UINT8.with_nullable(nullable), span }
}

fn with_null(op: CompareOp, left: Expr, right: Expr, nulls: NullRule, span: Span) -> Expr {
    let other = if left.ty.kind == Kind::Nothing { right } else { left };
    match (nulls, op) {
        (NullRule::Plain, _) => Expr::null_of(&Type::UINT8, span),
        (NullRule::TwoValued, CompareOp::Eq) => Expr { span, ..other.is_null(false) },
        (NullRule::TwoValued, CompareOp::NotEq) => Expr { span, ..other.is_null(true) },
        (NullRule::TwoValued, _) => Expr::flag(false, span),
    }
}

/// The elements of a tuple that is written out.
fn elements(expr: &Expr) -> Option<Vec<Expr>> {
    match (&expr.kind, &expr.ty.kind) {
        (ExprKind::Kernel { name: "tuple", args }, Kind::Tuple(_)) => Some(args.clone()),
        (ExprKind::Literal(Value::List(values)), Kind::Tuple(types))
            if values.len() == types.len() =>
        {
            let element = |(value, (_, ty)): (&Value, &(Option<String>, Type))| Expr {
                kind: ExprKind::Literal(value.clone()),
                ty: ty.clone(),
                span: expr.span,
            };
            Some(values.iter().zip(types).map(element).collect())
        }
        _ => None,
    }
}

fn by_element(
    op: CompareOp,
    lefts: Vec<Expr>,
    rights: Vec<Expr>,
    nulls: NullRule,
    span: Span,
    settings: &Settings,
) -> Result<Expr, Error> {
    let pairs = lefts.into_iter().zip(rights);
    let parts = pairs
        .map(|(left, right)| compare(op, left, right, nulls, span, settings))
        .collect::<Result<Vec<_>, _>>()?;
    if op == CompareOp::Eq { super::and(parts, span) } else { super::or(parts, span) }
}

/// Both sides in one kind.
fn sides(left: Expr, right: Expr, span: Span, settings: &Settings) -> Result<(Expr, Expr), Error> {
    let rank = |ty: &Type| match ty.kind {
        Kind::String => 3,
        Kind::Uuid | Kind::Bool => 2,
        Kind::Date => 1,
        _ => 0,
    };
    if left.ty.kind == right.ty.kind {
        return Ok((left, right));
    }
    // Each pair of types is handled once, the more special side first.
    if rank(&left.ty) > rank(&right.ty) {
        let (right, left) = ordered(right, left, span, settings)?;
        return Ok((left, right));
    }
    ordered(left, right, span, settings)
}

/// Both sides in one kind; if one is text it is the second, and a `Date` stands after an instant.
fn ordered(
    left: Expr,
    right: Expr,
    span: Span,
    settings: &Settings,
) -> Result<(Expr, Expr), Error> {
    match (&left.ty.kind, &right.ty.kind) {
        (_, Kind::String) => with_text(left, right, span, settings),
        _ if left.ty.is_number() && right.ty.is_number() => Ok(numbers(left, right)),
        (
            Kind::DateTime(_) | Kind::DateTime64(_, _),
            Kind::DateTime(_) | Kind::DateTime64(_, _),
        ) => Ok((left, right)),
        (Kind::DateTime(_) | Kind::DateTime64(_, _), Kind::Date) => {
            let right = convert(right, &left.ty.kind);
            Ok((left, right))
        }
        (Kind::DateTime(_) | Kind::DateTime64(_, _), _) if right.ty.is_number() => {
            seconds(left, &right, span)
        }
        (_, Kind::DateTime(_) | Kind::DateTime64(_, _)) if left.ty.is_number() => {
            let (right, left) = seconds(right, &left, span)?;
            Ok((left, right))
        }
        (Kind::Array(_) | Kind::Tuple(_) | Kind::Map(_, _), _) => {
            match common_type(&[left.ty.clone(), right.ty.clone()]) {
                Some(common) => Ok((convert(left, &common.kind), convert(right, &common.kind))),
                None => Err(incomparable(&left, &right, span)),
            }
        }
        _ => Err(incomparable(&left, &right, span)),
    }
}

fn incomparable(left: &Expr, right: &Expr, span: Span) -> Error {
    let error =
        Error::query("H0303", span, format!("{} cannot be compared with {}", left.ty, right.ty));
    let kinds = [left, right];
    if kinds.iter().any(|side| side.ty.is_string())
        && kinds.iter().any(|side| side.ty.is_temporal())
    {
        return error.with_hint("convert the text: `toDateTime(..)` or `toDate(..)`");
    }
    if kinds.iter().any(|side| side.ty.is_temporal()) {
        return error.with_hint("write the moment as text, '2024-01-31 10:00:00', or convert with `toDateTime(..)` or `toDate(..)`");
    }
    error.with_hint("convert one side: `toString(..)`, `toFloat(..)`")
}

fn numbers(left: Expr, right: Expr) -> (Expr, Expr) {
    let exact = |constant: &Expr, kind: &Kind| {
        let value = literal::convert(constant.literal()?, &constant.ty.kind, kind)?;
        Some(literal::typed(value, kind.clone(), constant.ty.nullable, constant.span))
    };
    if let Some(right) = exact(&right, &left.ty.kind) {
        return (left, right);
    }
    if let Some(left) = exact(&left, &right.ty.kind) {
        return (left, right);
    }
    let kind = match (&left.ty.kind, &right.ty.kind) {
        (Kind::UInt(Bits::B64), Kind::Int(_)) | (Kind::Int(_), Kind::UInt(Bits::B64)) => {
            Kind::Decimal(20, 0)
        }
        (Kind::Bool, Kind::UInt(Bits::B8)) | (Kind::UInt(Bits::B8), Kind::Bool) => {
            Kind::UInt(Bits::B8)
        }
        (left, right) => common_number(left, right).unwrap_or(Kind::Float64),
    };
    (convert(left, &kind), convert(right, &kind))
}

/// An instant and a number of seconds since 1970.
fn seconds(instant: Expr, number: &Expr, span: Span) -> Result<(Expr, Expr), Error> {
    let micros = number
        .literal()
        .and_then(literal::whole)
        .and_then(|whole| i64::try_from(whole.checked_mul(1_000_000)?).ok());
    match micros {
        Some(micros) => {
            let number =
                literal::typed(Value::Int(micros), instant.ty.kind.clone(), false, number.span);
            Ok((instant, number))
        }
        None => Err(incomparable(&instant, number, span)),
    }
}

/// A value of another kind and a text.
fn with_text(
    other: Expr,
    text: Expr,
    span: Span,
    settings: &Settings,
) -> Result<(Expr, Expr), Error> {
    if let Some(Value::String(constant)) = text.literal() {
        return match read(constant, &other, text.span) {
            Some(Ok(constant)) if other.ty.is_number() => Ok(numbers(other, constant)),
            Some(Ok(constant)) => Ok((other, constant)),
            Some(Err(error)) => Err(error),
            None => Err(incomparable(&other, &text, span)),
        };
    }
    match &other.ty.kind {
        Kind::Uuid => {
            let ty = Type::STRING;
            let text = kernel("lower", vec![text], ty, span);
            Ok((other, text))
        }
        Kind::Bool => Ok((text::to_string(other, settings), text)),
        _ if other.ty.is_number() => {
            Ok((convert(other, &Kind::Float64), text.try_cast_kind(Kind::Float64)))
        }
        _ => Err(incomparable(&other, &text, span)),
    }
}

/// A constant text read as the kind of the other side; `None` if text is never read as that kind.
fn read(constant: &str, other: &Expr, span: Span) -> Option<Result<Expr, Error>> {
    let kind = &other.ty.kind;
    let (value, kind, shape) = match kind {
        Kind::Date => (
            literal::parse_day(constant).map(|day| Value::Int(i64::from(day))),
            kind.clone(),
            "YYYY-MM-DD",
        ),
        Kind::DateTime(zone) | Kind::DateTime64(_, zone) => {
            let micros = literal::parse_instant(constant, zone).map(Value::Int);
            (micros, Kind::DateTime64(6, Arc::clone(zone)), "YYYY-MM-DD or YYYY-MM-DD hh:mm:ss")
        }
        Kind::Uuid => (
            uuid(constant).map(Value::String),
            kind.clone(),
            "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
        ),
        Kind::Bool => (truth(constant).map(Value::Bool), kind.clone(), "true or false"),
        _ if other.ty.is_number() => match literal::parse_number(constant) {
            Some((value, kind)) => (Some(value), kind, ""),
            None => (None, Kind::Float64, "a number"),
        },
        _ => return None,
    };
    Some(match value {
        Some(value) => Ok(literal::typed(value, kind, false, span)),
        None => {
            let message = format!("'{constant}' cannot be read as {} to compare with", other.ty);
            Err(Error::query("H0305", span, message).with_hint(format!("expected {shape}")))
        }
    })
}

fn uuid(text: &str) -> Option<String> {
    let dashes = [8, 13, 18, 23];
    let valid = text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| {
            if dashes.contains(&at) { byte == b'-' } else { byte.is_ascii_hexdigit() }
        });
    valid.then(|| text.to_ascii_lowercase())
}

fn truth(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" | "1" => Some(true),
        "false" | "False" | "FALSE" | "0" => Some(false),
        _ => None,
    }
}

/// `expr [NOT] IN (list)`: NULL equals NULL; the result is 0 or 1.
///
/// # Errors
/// If an element cannot be compared with the value.
pub fn membership(
    expr: &Expr,
    list: Vec<Expr>,
    negated: bool,
    span: Span,
    settings: &Settings,
) -> Result<Expr, Error> {
    let mut lefts: Vec<Expr> = Vec::with_capacity(list.len());
    let mut rights = Vec::with_capacity(list.len());
    for element in &list {
        let (left, right) = match (&expr.ty.kind, &element.ty.kind) {
            (Kind::Nothing, _) => (Expr::null_of(&element.ty, expr.span), element.clone()),
            (_, Kind::Nothing) => (expr.clone(), Expr::null_of(&expr.ty, element.span)),
            _ => sides(expr.clone(), element.clone(), span, settings)?,
        };
        // NULL goes with any kind.
        if element.ty.kind != Kind::Nothing {
            lefts.push(left);
        }
        rights.push(right);
    }
    let first = lefts.first().cloned().unwrap_or_else(|| expr.clone());
    let is_exact = list.iter().all(|element| !exact::is_needed(expr, element));
    if is_exact && lefts.iter().all(|left| *left == first) {
        let typed = |right: Expr| match right.literal() {
            Some(Value::Null) => Expr::null_of(&first.ty, right.span),
            _ => right,
        };
        let list = rights.into_iter().map(typed).collect();
        let kind = ExprKind::In { expr: Box::new(first), list, negated };
        return Ok(Expr { kind, ty: Type::UINT8, span });
    }
    let equal = |element| {
        compare(CompareOp::Eq, expr.clone(), element, NullRule::TwoValued, span, settings)
    };
    let any = super::or(list.into_iter().map(equal).collect::<Result<_, _>>()?, span)?;
    if negated { super::not(any, span) } else { Ok(any) }
}
