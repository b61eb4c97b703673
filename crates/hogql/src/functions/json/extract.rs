//! Values at a path.

use super::super::conversion::parse_type;
use super::super::{Call, operators};
use crate::error::Error;
use crate::ir::Expr;
use crate::types::{Bits, Kind, Type};

/// A kernel over the text and the path; NULL in gives NULL.
pub(super) fn simple(call: &mut Call<'_>, kernel: &'static str, ty: Type) -> Result<Expr, Error> {
    let args = text_and_path(call)?;
    Ok(call.kernel(kernel, args, ty))
}

/// The same with an array as the result, which is empty for NULL.
pub(super) fn composite(
    call: &mut Call<'_>,
    kernel: &'static str,
    ty: Type,
) -> Result<Expr, Error> {
    let args = text_and_path(call)?;
    Ok(call.kernel_exact(kernel, args, ty))
}

/// `JSONExtractKeysAndValuesRaw(json, path..)`.
pub(super) fn pairs_raw(call: &mut Call<'_>) -> Result<Expr, Error> {
    composite(call, "json_pairs_raw", pairs_of(Type::STRING))
}

fn pairs_of(value: Type) -> Type {
    Type::array(Type::tuple([Type::STRING, value]))
}

/// `JSONExtract(json, path.., type)`.
pub(super) fn typed(call: &mut Call<'_>) -> Result<Expr, Error> {
    let ty = last_type(call)?;
    let args = with_levels(call, &ty)?;
    Ok(if ty.is_composite() {
        call.kernel_exact("json_extract", args, ty)
    } else {
        call.kernel("json_extract", args, ty)
    })
}

/// `JSONExtractKeysAndValues(json, path.., type)`.
pub(super) fn pairs(call: &mut Call<'_>) -> Result<Expr, Error> {
    let ty = last_type(call)?;
    let args = with_levels(call, &ty)?;
    Ok(call.kernel_exact("json_pairs", args, pairs_of(ty)))
}

/// Takes the last argument, the name of a type.
fn last_type(call: &mut Call<'_>) -> Result<Type, Error> {
    let last = call.args.len().saturating_sub(1);
    let name = call.constant_string(last)?.to_owned();
    let span = call.args.pop().map_or(call.span, |arg| arg.span);
    match parse_type(&name, call.zone()).filter(is_readable) {
        Some(ty) => Ok(ty),
        None => Err(Error::not_supported(span, format_args!("reading JSON as {name}"))),
    }
}

fn is_readable(ty: &Type) -> bool {
    match &ty.kind {
        Kind::String
        | Kind::Bool
        | Kind::Int(_)
        | Kind::UInt(_)
        | Kind::Float32
        | Kind::Float64 => true,
        Kind::Array(element) => is_readable(element),
        // Members would have to be found by name.
        Kind::Tuple(elements) => {
            elements.iter().all(|(name, ty)| name.is_none() && is_readable(ty))
        }
        _ => false,
    }
}

/// The text, which levels of the type have NULL, and the path.
fn with_levels(call: &mut Call<'_>, ty: &Type) -> Result<Vec<Expr>, Error> {
    let mut levels = String::new();
    push_levels(ty, &mut levels);
    let mut args = text_and_path(call)?;
    args.insert(1, Expr::string(levels, call.span));
    Ok(args)
}

fn push_levels(ty: &Type, out: &mut String) {
    out.push(if ty.nullable { '1' } else { '0' });
    match &ty.kind {
        Kind::Array(element) => push_levels(element, out),
        Kind::Tuple(elements) => elements.iter().for_each(|(_, ty)| push_levels(ty, out)),
        _ => {}
    }
}

fn text_and_path(call: &mut Call<'_>) -> Result<Vec<Expr>, Error> {
    let mut args = vec![call.string(0)?.cast_kind(Kind::String)];
    for index in 1..call.args.len() {
        let step = call
            .expect(index, "a key (String) or an index", |ty| ty.is_string() || ty.is_integer())?;
        args.push(if step.ty.is_integer() {
            operators::convert(step, &Kind::Int(Bits::B64))
        } else {
            step
        });
    }
    Ok(args)
}

/// `toJSONString(value)`.
pub(super) fn to_json(call: &mut Call<'_>) -> Result<Expr, Error> {
    let value = call.take(0);
    if value.ty.kind == Kind::Nothing {
        return Ok(Expr::null_of(&Type::STRING, call.span));
    }
    let (zone, digits) = match &value.ty.kind {
        Kind::DateTime(zone) => (zone.to_string(), 0),
        Kind::DateTime64(digits, zone) => (zone.to_string(), i64::from(*digits)),
        _ if has_instants(&value.ty) => {
            return Err(Error::not_supported(
                value.span,
                format_args!("`toJSONString` of {}", value.ty),
            ));
        }
        _ => ("UTC".to_owned(), 0),
    };
    let args = vec![value, Expr::string(zone, call.span), Expr::int64(digits, call.span)];
    Ok(call.kernel("to_json_string", args, Type::STRING))
}

fn has_instants(ty: &Type) -> bool {
    match &ty.kind {
        Kind::DateTime(_) | Kind::DateTime64(_, _) => true,
        Kind::Array(element) => has_instants(element),
        Kind::Map(key, value) => has_instants(key) || has_instants(value),
        Kind::Tuple(elements) => elements.iter().any(|(_, ty)| has_instants(ty)),
        _ => false,
    }
}
