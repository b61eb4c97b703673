//! Conditions, `AND`, `OR`, `NOT`, and values instead of NULL.

use super::supertype::{convert, unify};
use crate::error::Error;
use crate::ir::{CompareOp, Expr, ExprKind, NullRule, Value};
use crate::types::{Bits, Kind, Type};
use hogql_syntax::Span;

/// The expression as a condition: truth values and comparisons stay, other numbers count as true unless 0.
///
/// # Errors
/// If it is no number.
pub fn condition(expr: Expr) -> Result<Expr, Error> {
    match expr.ty.kind {
        Kind::Bool | Kind::UInt(Bits::B8) => Ok(expr),
        Kind::Nothing => Ok(Expr { ty: Type::UINT8.to_nullable(), ..expr }),
        Kind::UInt(_) | Kind::Int(_) | Kind::Float32 | Kind::Float64 | Kind::Decimal(_, _) => {
            Ok(differs_from_zero(expr))
        }
        _ => {
            let error = Error::query(
                "H0306",
                expr.span,
                format!("a condition must be true or false, found {}", expr.ty),
            );
            Err(if expr.ty.is_string() {
                error.with_hint("compare it: `.. = 'true'`, or test `notEmpty(..)`")
            } else {
                error
            })
        }
    }
}

fn differs_from_zero(expr: Expr) -> Expr {
    let zero = convert(Expr::flag(false, expr.span), &expr.ty.kind);
    let ty = Type::UINT8.with_nullable(expr.ty.nullable);
    let span = expr.span;
    let kind = ExprKind::Compare {
        op: CompareOp::NotEq,
        left: Box::new(expr),
        right: Box::new(zero),
        nulls: NullRule::Plain,
    };
    Expr { kind, ty, span }
}

/// 0 or 1, whatever number stands for true.
fn truth(expr: Expr) -> Result<Expr, Error> {
    let expr = condition(expr)?;
    let ty = Type::UINT8.with_nullable(expr.ty.nullable);
    Ok(if expr.kind.is_logical() { Expr { ty, ..expr } } else { differs_from_zero(expr) })
}

/// `Bool` if a side is surely one, else `UInt8`.
fn truth_type(args: &[Expr]) -> Type {
    let surely = |arg: &Expr| arg.ty == Type::BOOL;
    let is_bool = args.iter().any(surely) || args.iter().all(|arg| arg.ty.kind == Kind::Bool);
    let kind = if is_bool { Type::BOOL } else { Type::UINT8 };
    kind.with_nullable(args.iter().any(|arg| arg.ty.nullable))
}

fn conditions(args: Vec<Expr>) -> Result<(Vec<Expr>, Type), Error> {
    let args = args.into_iter().map(condition).collect::<Result<Vec<_>, _>>()?;
    let ty = truth_type(&args);
    Ok((args, ty))
}

/// `a AND b ..`, three-valued.
///
/// # Errors
/// If an argument is no condition.
pub fn and(args: Vec<Expr>, span: Span) -> Result<Expr, Error> {
    let (args, ty) = conditions(args)?;
    Ok(Expr { kind: ExprKind::And(args), ty, span })
}

/// `a OR b ..`, three-valued.
///
/// # Errors
/// If an argument is no condition.
pub fn or(args: Vec<Expr>, span: Span) -> Result<Expr, Error> {
    let (args, ty) = conditions(args)?;
    Ok(Expr { kind: ExprKind::Or(args), ty, span })
}

/// `NOT a`, three-valued.
///
/// # Errors
/// If the argument is no condition.
pub fn not(arg: Expr, span: Span) -> Result<Expr, Error> {
    if arg.ty.kind == Kind::Nothing {
        return Ok(arg);
    }
    let arg = condition(arg)?;
    let ty = truth_type(std::slice::from_ref(&arg));
    Ok(Expr { kind: ExprKind::Not(Box::new(arg)), ty, span })
}

/// `xor(a, b ..)`: 1 if an odd number of arguments is true; NULL if one is NULL.
///
/// # Errors
/// If an argument is no condition.
pub fn xor(args: Vec<Expr>, span: Span) -> Result<Expr, Error> {
    let ty = truth_type(&args);
    let mut args = args.into_iter().map(truth);
    let first = args.next().unwrap_or_else(|| Ok(Expr::flag(false, span)))?;
    let odd = args.try_fold(first, |left, right| -> Result<Expr, Error> {
        let right = right?;
        let ty = Type::UINT8.with_nullable(left.ty.nullable || right.ty.nullable);
        let kind = ExprKind::Compare {
            op: CompareOp::NotEq,
            left: Box::new(left),
            right: Box::new(right),
            nulls: NullRule::Plain,
        };
        Ok(Expr { kind, ty, span })
    })?;
    Ok(Expr { ty, ..odd })
}

/// `ifNull(value, otherwise)`, `value ?? otherwise`; with more arguments the first that is not NULL.
///
/// # Errors
/// If the arguments have no common type.
pub fn if_null(args: Vec<Expr>, span: Span) -> Result<Expr, Error> {
    let mut kept = Vec::with_capacity(args.len());
    for arg in args {
        if arg.literal() == Some(&Value::Null) {
            continue;
        }
        let last = !arg.ty.nullable;
        kept.push(arg);
        if last {
            break;
        }
    }
    let (mut kept, ty) = unify(kept, span)?;
    if kept.len() <= 1 {
        return Ok(kept.pop().map_or_else(|| Expr::null(span), |expr| Expr { span, ..expr }));
    }
    let nullable = kept.iter().all(|arg| arg.ty.nullable);
    Ok(Expr { kind: ExprKind::Coalesce(kept), ty: ty.with_nullable(nullable), span })
}
