//! Text, UUIDs, casts by a type's name, and properties.

use super::super::{Call, datetime, operators};
use super::number::{exactly, plainly};
use super::parse_type;
use crate::error::Error;
use crate::ir::{Expr, ExprKind, Value};
use crate::settings::Settings;
use crate::types::{Bits, Kind, Type};
use events::property::PropertyKind;
use hogql_syntax::Span;
use std::sync::Arc;

/// A property's text read as its definition says; NULL where the text is no such value.
#[must_use]
pub fn read_property_as(text: Expr, kind: PropertyKind, settings: &Settings) -> Expr {
    let span = text.span;
    match kind {
        PropertyKind::String | PropertyKind::Duration => text,
        PropertyKind::Numeric => exactly(text, Kind::Float64),
        PropertyKind::Boolean => {
            let ty = Type::BOOL.to_nullable();
            Expr { kind: ExprKind::Kernel { name: "parse_boolean", args: vec![text] }, ty, span }
        }
        PropertyKind::DateTime => {
            let ty = Type::datetime64(&settings.zone).to_nullable();
            let args = vec![text, Expr::string(settings.zone.as_ref(), span)];
            Expr { kind: ExprKind::Kernel { name: "parse_datetime_best_effort", args }, ty, span }
        }
    }
}

/// `expr::type`, `CAST(expr AS type)`: an error at run time where a text is no such value.
///
/// # Errors
/// If there is no such cast.
pub fn cast(expr: Expr, type_name: &str, span: Span, settings: &Settings) -> Result<Expr, Error> {
    let target = type_name.split_whitespace().collect::<Vec<_>>().join(" ").to_ascii_lowercase();
    let mut call = Call { name: "CAST", span, args: vec![expr], settings };
    match target.as_str() {
        "int" | "integer" => Ok(plainly(castable(&mut call)?, Kind::Int(Bits::B64))),
        "float" | "double" | "double precision" | "real" => {
            Ok(plainly(castable(&mut call)?, Kind::Float64))
        }
        "bool" | "boolean" => Ok(plainly(castable(&mut call)?, Kind::Bool)),
        "text" | "varchar" | "char" | "string" => Ok(operators::to_string(call.take(0), settings)),
        "date" => or_error(&mut call, datetime::to_date),
        "datetime"
        | "timestamp"
        | "timestamptz"
        | "timestamp with time zone"
        | "timestamp with local time zone" => {
            or_error(&mut call, |call| datetime::to_datetime(call, false))
        }
        _ => {
            let error =
                Error::query("H0311", span, format!("unsupported type cast to `{type_name}`"));
            Err(error.with_hint("types are int, float, text, bool, date and datetime"))
        }
    }
}

/// A conversion of text that is an error where the function of that name gives NULL.
fn or_error(
    call: &mut Call<'_>,
    convert: impl FnOnce(&mut Call<'_>) -> Result<Expr, Error>,
) -> Result<Expr, Error> {
    let Some(text) = call.args.first().filter(|arg| arg.ty.is_string()).cloned() else {
        return convert(call);
    };
    let found = convert(call)?;
    let ty = found.ty.with_nullable(text.ty.nullable);
    match (found.literal(), text.literal()) {
        (Some(Value::Null), Some(Value::String(constant))) => {
            let message = format!("cannot read '{constant}' as {}", found.ty.to_not_null());
            Err(Error::query("H0309", text.span, message))
        }
        (Some(_), _) => Ok(Expr { ty, ..found }),
        (None, _) => Ok(call.kernel("read_or_error", vec![found, text], ty)),
    }
}

fn castable(call: &mut Call<'_>) -> Result<Expr, Error> {
    call.expect(0, "a number, text, Date or DateTime", |ty| {
        ty.is_number() || ty.is_string() || ty.is_temporal()
    })
}

/// `toString(value[, zone])`.
pub(super) fn to_string(call: &mut Call<'_>) -> Result<Expr, Error> {
    let zone = datetime::zone_argument(call, 1)?;
    let mut value = call.take(0);
    if let Some(zone) = zone {
        value.ty.kind = match value.ty.kind {
            Kind::DateTime(_) => Kind::DateTime(zone),
            Kind::DateTime64(digits, _) => Kind::DateTime64(digits, zone),
            other => {
                return Err(Error::argument_type(
                    call.name,
                    0,
                    "DateTime",
                    &Type::new(other),
                    value.span,
                ));
            }
        };
    }
    Ok(operators::to_string(value, call.settings))
}

/// `toNullableString(value)`.
pub(super) fn to_nullable_string(call: &mut Call<'_>) -> Result<Expr, Error> {
    let text = operators::to_string(call.take(0), call.settings);
    let ty = text.ty.to_nullable();
    Ok(Expr { ty, ..text })
}

/// `toUUID(text)`.
pub(super) fn to_uuid(call: &mut Call<'_>) -> Result<Expr, Error> {
    let value = call.expect(0, "String", |ty| matches!(ty.kind, Kind::String | Kind::Uuid))?;
    let ty = Type::UUID.to_nullable();
    if value.ty.kind == Kind::Uuid {
        return Ok(Expr { ty, ..value });
    }
    Ok(call.kernel("parse_uuid", vec![value], ty))
}

/// `toUUIDOrDefault(text, default)`.
pub(super) fn to_uuid_or_default(call: &mut Call<'_>) -> Result<Expr, Error> {
    let default = call.expect(1, "UUID", |ty| matches!(ty.kind, Kind::Uuid))?;
    let found = to_uuid(call)?;
    let ty = Type::UUID.with_nullable(default.ty.nullable);
    Ok(Expr { kind: ExprKind::Coalesce(vec![found, default]), ty, span: call.span })
}

/// `accurateCastOrNull(value, type)`.
pub(super) fn accurate_cast_or_null(call: &mut Call<'_>) -> Result<Expr, Error> {
    let name = call.constant_string(1)?.to_owned();
    let Some(ty) = parse_type(&name, call.zone()) else {
        return Err(Error::not_supported(call.span, format_args!("the type {name}")));
    };
    match ty.kind {
        Kind::String => to_nullable_string(call),
        Kind::Uuid => to_uuid(call),
        Kind::Bool
        | Kind::UInt(_)
        | Kind::Int(_)
        | Kind::Float32
        | Kind::Float64
        | Kind::Decimal(_, _) => {
            let value = castable(call)?;
            Ok(exactly(value, ty.kind))
        }
        Kind::DateTime64(6, zone) if call.ty(0).is_string() && Arc::ptr_eq(&zone, call.zone()) => {
            let text = call.take(0);
            Ok(read_property_as(text, PropertyKind::DateTime, call.settings))
        }
        other => Err(Error::not_supported(call.span, format_args!("`{}` to {other}", call.name))),
    }
}

/// `toTypeName(value)`.
pub(super) fn type_name(call: &mut Call<'_>) -> Expr {
    Expr::string(call.ty(0).to_string(), call.span)
}
