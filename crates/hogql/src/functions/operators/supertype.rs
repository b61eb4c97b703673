//! The type that several values share: branches of `if`, elements of an array, sides of a set operation.

use super::literal;
use crate::error::Error;
use crate::ir::Expr;
use crate::types::{Bits, Kind, Type};
use hogql_syntax::Span;
use std::sync::Arc;

/// The smallest type that holds values of all of them; `None` if there is none.
///
/// As in ClickHouse, except where ClickHouse answers with a `Variant`: whole numbers and floats of any width share
/// `Float64`, and `UInt64` shares `Int64` with numbers with sign.
#[must_use]
pub fn common_type(types: &[Type]) -> Option<Type> {
    let mut common = Type::NULL;
    let mut nullable = false;
    for ty in types {
        nullable |= ty.nullable;
        common = Type::new(common_kind(&common.kind, &ty.kind)?);
    }
    Some(common.with_nullable(nullable))
}

fn common_kind(left: &Kind, right: &Kind) -> Option<Kind> {
    match (left, right) {
        _ if left == right => Some(left.clone()),
        (Kind::Nothing, other) | (other, Kind::Nothing) => Some(other.clone()),
        (Kind::Array(left), Kind::Array(right)) => {
            Some(Kind::Array(Box::new(common_pair(left, right)?)))
        }
        (Kind::Tuple(left), Kind::Tuple(right)) => common_tuple(left, right),
        (Kind::Map(key, value), Kind::Map(other_key, other_value)) => Some(Kind::Map(
            Box::new(common_pair(key, other_key)?),
            Box::new(common_pair(value, other_value)?),
        )),
        _ => common_temporal(left, right).or_else(|| common_number(left, right)),
    }
}

fn common_pair(left: &Type, right: &Type) -> Option<Type> {
    Some(
        Type::new(common_kind(&left.kind, &right.kind)?)
            .with_nullable(left.nullable || right.nullable),
    )
}

fn common_tuple(left: &[(Option<String>, Type)], right: &[(Option<String>, Type)]) -> Option<Kind> {
    if left.len() != right.len() {
        return None;
    }
    let mut elements = Vec::with_capacity(left.len());
    for ((name, left), (other, right)) in left.iter().zip(right) {
        let name = if name == other { name.clone() } else { None };
        elements.push((name, common_pair(left, right)?));
    }
    Some(Kind::Tuple(elements))
}

fn common_temporal(left: &Kind, right: &Kind) -> Option<Kind> {
    match (left, right) {
        (Kind::Date, instant @ (Kind::DateTime(_) | Kind::DateTime64(_, _)))
        | (instant @ (Kind::DateTime(_) | Kind::DateTime64(_, _)), Kind::Date) => {
            Some(instant.clone())
        }
        (Kind::DateTime(zone), Kind::DateTime(_)) => Some(Kind::DateTime(Arc::clone(zone))),
        (Kind::DateTime64(digits, zone), Kind::DateTime(_))
        | (Kind::DateTime(_), Kind::DateTime64(digits, zone)) => {
            Some(Kind::DateTime64(*digits, Arc::clone(zone)))
        }
        (Kind::DateTime64(left, zone), Kind::DateTime64(right, _)) => {
            Some(Kind::DateTime64(*left.max(right), Arc::clone(zone)))
        }
        _ => None,
    }
}

/// The common kind of two different kinds of numbers.
pub(super) fn common_number(left: &Kind, right: &Kind) -> Option<Kind> {
    match (left, right) {
        (Kind::Bool, Kind::UInt(Bits::B8)) | (Kind::UInt(Bits::B8), Kind::Bool) => Some(Kind::Bool),
        (Kind::Bool, other) | (other, Kind::Bool) => common_kind(&Kind::UInt(Bits::B8), other),
        (Kind::UInt(left), Kind::UInt(right)) => Some(Kind::UInt(*left.max(right))),
        (Kind::Int(left), Kind::Int(right)) => Some(Kind::Int(*left.max(right))),
        (Kind::UInt(unsigned), Kind::Int(signed)) | (Kind::Int(signed), Kind::UInt(unsigned)) => {
            Some(Kind::Int(*signed.max(&unsigned.wider())))
        }
        (Kind::Float32, Kind::UInt(bits) | Kind::Int(bits))
        | (Kind::UInt(bits) | Kind::Int(bits), Kind::Float32)
            if *bits <= Bits::B16 =>
        {
            Some(Kind::Float32)
        }
        (Kind::Decimal(precision, scale), Kind::Decimal(other, other_scale)) => {
            Some(Kind::Decimal(*precision.max(other), *scale.max(other_scale)))
        }
        (Kind::Decimal(precision, scale), Kind::UInt(bits) | Kind::Int(bits))
        | (Kind::UInt(bits) | Kind::Int(bits), Kind::Decimal(precision, scale)) => {
            let wide = if *bits == Bits::B64 { 38 } else { 18 };
            Some(Kind::Decimal(wide.max(*precision), *scale))
        }
        (left, right) => {
            let is_number = |kind: &Kind| Type::new(kind.clone()).is_number();
            (is_number(left) && is_number(right)).then_some(Kind::Float64)
        }
    }
}

/// All expressions converted to their common type, and that type.
///
/// # Errors
/// If there is no common type: the two types that do not go together.
pub fn unify(exprs: Vec<Expr>, span: Span) -> Result<(Vec<Expr>, Type), Error> {
    let mut common = exprs.first().map_or(Type::NULL, |first| first.ty.clone());
    for expr in exprs.iter().skip(1) {
        common = match common_type(&[common.clone(), expr.ty.clone()]) {
            Some(ty) => ty,
            None => return Err(no_common_type(&common, expr, span)),
        };
    }
    Ok((exprs.into_iter().map(|expr| convert(expr, &common.kind)).collect(), common))
}

fn no_common_type(common: &Type, expr: &Expr, span: Span) -> Error {
    let place = if expr.span == Span::default() { span } else { expr.span };
    let error =
        Error::query("H0304", place, format!("{common} and {} have no common type", expr.ty));
    let text = common.is_string() || expr.ty.is_string();
    if text {
        error.with_hint("convert one of them: `toString(..)` or `toFloat(..)`")
    } else {
        error
    }
}

/// The expression as another kind, nullability kept; constants are converted at once where exact.
#[must_use]
pub fn convert(expr: Expr, kind: &Kind) -> Expr {
    if let Some(value) =
        expr.literal().and_then(|value| literal::convert(value, &expr.ty.kind, kind))
    {
        return literal::typed(value, kind.clone(), expr.ty.nullable, expr.span);
    }
    match kind {
        Kind::DateTime(zone) | Kind::DateTime64(_, zone) if expr.ty.kind == Kind::Date => {
            // The first moment of the day: the day moved by nothing.
            let span = expr.span;
            let args = vec![expr, Expr::int64(0, span), Expr::string(zone.as_ref(), span)];
            super::kernel("add_seconds", args, Type::new(kind.clone()), span)
        }
        _ => expr.cast_kind(kind.clone()),
    }
}
