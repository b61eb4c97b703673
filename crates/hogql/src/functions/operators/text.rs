//! Text: conversion to it, joining, `LIKE` and regular expressions.

use super::kernel;
use crate::error::Error;
use crate::ir::{Expr, ExprKind, NullRule, Value};
use crate::settings::Settings;
use crate::types::{Kind, Type};
use hogql_syntax::Span;

/// `toString(expr)`: any value as ClickHouse prints it; NULL stays NULL.
#[must_use]
pub fn to_string(expr: Expr, settings: &Settings) -> Expr {
    let span = expr.span;
    if let Some(text) = constant_text(&expr) {
        return Expr {
            ty: Type::STRING.with_nullable(expr.ty.nullable),
            ..Expr::string(text, span)
        };
    }
    match &expr.ty.kind {
        Kind::Nothing | Kind::String | Kind::Uuid | Kind::Date => expr.cast_kind(Kind::String),
        Kind::DateTime(zone) => instant_text(zone.to_string(), 0, expr),
        Kind::DateTime64(digits, zone) => instant_text(zone.to_string(), *digits, expr),
        Kind::Array(_) | Kind::Tuple(_) | Kind::Map(_, _) => {
            let zone = Expr::string(settings.zone.as_ref(), span);
            kernel("value_to_string", vec![expr, zone], Type::STRING, span)
        }
        _ => kernel("number_to_string", vec![expr], Type::STRING, span),
    }
}

fn constant_text(expr: &Expr) -> Option<String> {
    match (expr.literal()?, &expr.ty.kind) {
        (Value::String(text), _) => Some(text.clone()),
        (Value::Bool(value), _) => Some(value.to_string()),
        (Value::Int(value), Kind::Int(_) | Kind::Interval(_)) => Some(value.to_string()),
        (Value::UInt(value), Kind::UInt(_)) => Some(value.to_string()),
        _ => None,
    }
}

fn instant_text(zone: String, digits: u8, expr: Expr) -> Expr {
    let span = expr.span;
    let args = vec![expr, Expr::string(zone, span), Expr::int64(i64::from(digits), span)];
    kernel("format_instant", args, Type::STRING, span)
}

/// `concat(a, b ..)`, `a || b`: every part as text, NULL as the empty text; never NULL.
#[must_use]
pub fn concat(args: Vec<Expr>, span: Span, settings: &Settings) -> Expr {
    let mut parts: Vec<Expr> = Vec::with_capacity(args.len());
    for arg in args {
        let part = to_string(arg, settings);
        match (parts.last_mut().map(|last| &mut last.kind), part.literal()) {
            (_, Some(Value::Null)) => {}
            (Some(ExprKind::Literal(Value::String(text))), Some(Value::String(more))) => {
                text.push_str(more)
            }
            _ => parts.push(part),
        }
    }
    if parts.is_empty() {
        return Expr::string("", span);
    }
    Expr { kind: ExprKind::Kernel { name: "concat", args: parts }, ty: Type::STRING, span }
}

/// How a text is compared with a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Matching {
    /// `NOT LIKE`, `!~`.
    pub negated: bool,
    /// `ILIKE`, `=~*`.
    pub case_insensitive: bool,
    /// What NULL gives.
    pub nulls: NullRule,
}

/// `expr LIKE pattern` and its variants.
///
/// # Errors
/// If a side is no text.
pub fn like(expr: Expr, pattern: Expr, how: Matching, span: Span) -> Result<Expr, Error> {
    check_text("LIKE", [&expr, &pattern])?;
    let Matching { negated, case_insensitive, nulls } = how;
    let build = |expr, pattern| ExprKind::Like { expr, pattern, negated, case_insensitive, nulls };
    Ok(matching(expr, pattern, how, span, build))
}

/// `expr =~ pattern` and its variants: RE2 syntax, found anywhere in the text.
///
/// # Errors
/// If a side is no text, or a constant pattern is no regular expression.
pub fn regex(expr: Expr, pattern: Expr, how: Matching, span: Span) -> Result<Expr, Error> {
    check_text("=~", [&expr, &pattern])?;
    check_pattern(&pattern)?;
    let Matching { negated, case_insensitive, nulls } = how;
    let build = |expr, pattern| ExprKind::Regex { expr, pattern, negated, case_insensitive, nulls };
    Ok(matching(expr, pattern, how, span, build))
}

fn check_text(operator: &str, sides: [&Expr; 2]) -> Result<(), Error> {
    for side in sides {
        if !matches!(side.ty.kind, Kind::String | Kind::Nothing) {
            let message = format!("`{operator}` takes String, found {}", side.ty);
            return Err(
                Error::query("H0303", side.span, message).with_hint("convert it: `toString(..)`")
            );
        }
    }
    Ok(())
}

/// Refuses a constant that is no regular expression while the query is resolved, where its place is known.
pub(crate) fn check_pattern(pattern: &Expr) -> Result<(), Error> {
    let Some(Value::String(text)) = pattern.literal() else { return Ok(()) };
    match operators::functions::compile_regex(text, false) {
        Ok(_) => Ok(()),
        Err(error) => Err(Error::query("H0307", pattern.span, error)),
    }
}

fn matching(
    expr: Expr,
    pattern: Expr,
    how: Matching,
    span: Span,
    build: impl FnOnce(Box<Expr>, Box<Expr>) -> ExprKind,
) -> Expr {
    let null = [&expr, &pattern].into_iter().any(|side| side.ty.kind == Kind::Nothing);
    match (null, how.nulls) {
        (true, NullRule::Plain) => Expr::null_of(&Type::UINT8, span),
        (true, NullRule::TwoValued) => {
            let other = if expr.ty.kind == Kind::Nothing { pattern } else { expr };
            Expr { span, ..other.is_null(how.negated) }
        }
        (false, nulls) => {
            let nullable = nulls == NullRule::Plain && (expr.ty.nullable || pattern.ty.nullable);
            let ty = Type::UINT8.with_nullable(nullable);
            Expr { kind: build(Box::new(expr), Box::new(pattern)), ty, span }
        }
    }
}
