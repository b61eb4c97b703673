//! Numbers and truth values.

use super::super::Call;
use crate::error::Error;
use crate::ir::{Expr, ExprKind, Value};
use crate::types::{Kind, Type};

/// Exactly or NULL.
pub(super) fn exact(call: &mut Call<'_>, kind: Kind) -> Result<Expr, Error> {
    let value = convertible(call)?;
    Ok(exactly(value, kind))
}

/// A value as another kind, exactly or NULL; always of a type with NULL.
pub(super) fn exactly(value: Expr, kind: Kind) -> Expr {
    let ty = Type { kind, nullable: true };
    let span = value.span;
    if value.ty.kind == Kind::Nothing {
        return Expr::null_of(&ty, span);
    }
    if value.ty.kind == ty.kind {
        return Expr { ty, ..value };
    }
    Expr { kind: ExprKind::Kernel { name: "accurate_cast", args: vec![value] }, ty, span }
}

fn convertible(call: &mut Call<'_>) -> Result<Expr, Error> {
    call.expect(0, "a number, text, Date or DateTime", |ty| {
        ty.is_number() || ty.is_string() || ty.is_temporal()
    })
}

/// Exactly or 0; only from text.
pub(super) fn or_zero(call: &mut Call<'_>, kind: Kind) -> Result<Expr, Error> {
    let text = call.expect(0, "String", Type::is_string)?;
    let nullable = text.ty.nullable;
    let zero = zero(&kind, call);
    let found = exactly(text.clone(), kind);
    Ok(if nullable { unless_null(&text, found, zero, call) } else { or(found, zero) })
}

/// NULL stays NULL, and what is no number becomes the default.
fn unless_null(text: &Expr, found: Expr, default: Expr, call: &Call<'_>) -> Expr {
    let ty = found.ty.clone();
    let branches = vec![(text.clone().is_null(false), Expr::null_of(&ty, call.span))];
    Expr::case(branches, or(found, default), ty, call.span)
}

/// Exactly or the default.
pub(super) fn or_default(call: &mut Call<'_>, kind: Kind) -> Result<Expr, Error> {
    let value = convertible(call)?;
    let default = if call.args.len() > 1 {
        call.expect(1, "a number", Type::is_number)?.cast_kind(kind.clone())
    } else {
        zero(&kind, call)
    };
    Ok(or(exactly(value, kind), default))
}

fn or(value: Expr, default: Expr) -> Expr {
    let ty = value.ty.with_nullable(default.ty.nullable);
    let span = value.span;
    Expr { kind: ExprKind::Coalesce(vec![value, default]), ty, span }
}

fn zero(kind: &Kind, call: &Call<'_>) -> Expr {
    let value = if *kind == Kind::Float64 { Value::Float(0.0) } else { Value::Int(0) };
    Expr { kind: ExprKind::Literal(value), ty: Type::new(kind.clone()), span: call.span }
}

/// `toDecimal(value, digits)`.
pub(super) fn decimal(call: &mut Call<'_>) -> Result<Expr, Error> {
    let digits = call.constant_int(1)?;
    let Some(scale) = i8::try_from(digits).ok().filter(|scale| (0..=18).contains(scale)) else {
        return Err(Error::query(
            "H0310",
            call.span,
            format!("a decimal number has 0 to 18 digits behind the point, not {digits}"),
        ));
    };
    exact(call, Kind::Decimal(18, scale))
}

/// `toBool(value)`.
pub(super) fn to_bool(call: &mut Call<'_>) -> Result<Expr, Error> {
    plain(call, Kind::Bool)
}

/// As ClickHouse converts without more ado: text must fit, numbers are cut and wrap.
pub(super) fn plain(call: &mut Call<'_>, kind: Kind) -> Result<Expr, Error> {
    let value = convertible(call)?;
    Ok(plainly(value, kind))
}

/// A value as another kind; an error at run time if a text is none.
pub(super) fn plainly(value: Expr, kind: Kind) -> Expr {
    let ty = Type { kind, nullable: value.ty.nullable };
    let span = value.span;
    if value.ty.kind == Kind::Nothing {
        return Expr::null_of(&ty, span);
    }
    if value.ty.kind == ty.kind {
        return value;
    }
    Expr { kind: ExprKind::Kernel { name: "plain_cast", args: vec![value] }, ty, span }
}
