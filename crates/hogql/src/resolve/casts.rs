//! Reading property text and casting, until the catalog's own constructors are here.

use crate::error::Error;
use crate::functions::operators;
use crate::ir::{CompareOp, Expr};
use crate::settings::Settings;
use crate::types::{Kind, Type};
use ::events::property::PropertyKind;
use hogql_syntax::Span;
use std::sync::Arc;

/// A property's text as its kind says; NULL where it is none.
pub(super) fn read_property_as(text: Expr, kind: PropertyKind, settings: &Settings) -> Expr {
    match kind {
        PropertyKind::Numeric => text.try_cast_kind(Kind::Float64),
        PropertyKind::DateTime => {
            text.try_cast_kind(Kind::DateTime64(6, Arc::clone(&settings.zone)))
        }
        PropertyKind::Boolean => {
            let span = text.span;
            let is = |value: &str| {
                Expr::compare(CompareOp::Eq, text.clone(), Expr::string(value, span), span)
            };
            let flag = |value| Expr {
                kind: crate::ir::ExprKind::Literal(crate::ir::Value::Bool(value)),
                ty: Type::BOOL,
                span,
            };
            let ty = Type::BOOL.to_nullable();
            let branches = vec![(is("true"), flag(true)), (is("false"), flag(false))];
            Expr::case(branches, Expr::null_of(&ty, span), ty, span)
        }
        PropertyKind::String | PropertyKind::Duration => text,
    }
}

/// `expr::type_name`.
pub(super) fn cast(
    expr: Expr,
    type_name: &str,
    span: Span,
    settings: &Settings,
) -> Result<Expr, Error> {
    let kind = match type_name {
        "int" | "integer" => Kind::Int(crate::types::Bits::B64),
        "float" | "double" | "double precision" | "real" => Kind::Float64,
        "text" | "varchar" | "char" | "string" => return Ok(operators::to_string(expr, settings)),
        "bool" | "boolean" => Kind::Bool,
        "date" => Kind::Date,
        _ => {
            return Err(Error::query(
                "H0340",
                span,
                format!("unsupported type cast to `{type_name}`"),
            ));
        }
    };
    Ok(expr.cast_kind(kind))
}
