//! `+ - * / %` on numbers, days, instants and intervals, with ClickHouse's widening.

use super::supertype::convert;
use super::{kernel, literal};
use crate::error::Error;
use crate::ir::{ArithmeticOp, Expr, ExprKind, Value};
use crate::settings::Settings;
use crate::types::{Bits, IntervalUnit, Kind, Type, Zone};
use hogql_syntax::Span;
use std::sync::Arc;

/// `left op right`.
///
/// # Errors
/// If the operator does not take such operands.
pub fn arithmetic(
    op: ArithmeticOp,
    left: Expr,
    right: Expr,
    span: Span,
    settings: &Settings,
) -> Result<Expr, Error> {
    if left.ty.kind == Kind::Nothing || right.ty.kind == Kind::Nothing {
        return Ok(Expr::null(span));
    }
    if left.ty.is_number() && right.ty.is_number() {
        return numbers(op, left, right, span);
    }
    match op {
        ArithmeticOp::Add => add(left, right, span, settings),
        ArithmeticOp::Subtract => subtract(left, right, span, settings),
        _ => Err(operands(op, &left, &right, span)),
    }
}

fn operands(op: ArithmeticOp, left: &Expr, right: &Expr, span: Span) -> Error {
    let sign = match op {
        ArithmeticOp::Add => "+",
        ArithmeticOp::Subtract => "-",
        ArithmeticOp::Multiply => "*",
        ArithmeticOp::Divide => "/",
        ArithmeticOp::Modulo => "%",
    };
    let error =
        Error::query("H0303", span, format!("`{sign}` does not take {} and {}", left.ty, right.ty));
    if left.ty.is_string() || right.ty.is_string() {
        return error
            .with_hint("convert the text first: `toFloat(..)`, `toInt(..)` or `toDateTime(..)`");
    }
    error
}

/// The kind of the result of an operator on two kinds of numbers; `None` if one is no number.
#[must_use]
pub fn arithmetic_kind(op: ArithmeticOp, left: &Kind, right: &Kind) -> Option<Kind> {
    if let Some(kind) = decimal_kind(op, left, right) {
        return Some(kind);
    }
    let (left, right) = (Operand::of(left)?, Operand::of(right)?);
    if left.float || right.float || op == ArithmeticOp::Divide {
        return Some(Kind::Float64);
    }
    let widest = left.bits.max(right.bits).wider();
    Some(match op {
        ArithmeticOp::Add | ArithmeticOp::Multiply => integer(left.signed || right.signed, widest),
        ArithmeticOp::Subtract => Kind::Int(widest),
        ArithmeticOp::Modulo if left.signed => Kind::Int(right.bits.wider()),
        ArithmeticOp::Modulo => Kind::UInt(right.bits),
        ArithmeticOp::Divide => Kind::Float64,
    })
}

/// The kind of `intDiv(left, right)`; `None` if one is no number.
#[must_use]
pub fn integer_division_kind(left: &Kind, right: &Kind) -> Option<Kind> {
    if let Some(kind) = decimal_kind(ArithmeticOp::Divide, left, right) {
        return Some(kind);
    }
    let (left, right) = (Operand::of(left)?, Operand::of(right)?);
    Some(integer(left.signed || right.signed, left.bits))
}

const fn integer(signed: bool, bits: Bits) -> Kind {
    if signed { Kind::Int(bits) } else { Kind::UInt(bits) }
}

/// Sign and width of a number; floats have a sign.
struct Operand {
    signed: bool,
    float: bool,
    bits: Bits,
}

impl Operand {
    const fn of(kind: &Kind) -> Option<Self> {
        let (signed, float, bits) = match kind {
            Kind::Bool => (false, false, Bits::B8),
            Kind::UInt(bits) => (false, false, *bits),
            Kind::Int(bits) => (true, false, *bits),
            Kind::Float32 => (true, true, Bits::B32),
            Kind::Float64 => (true, true, Bits::B64),
            _ => return None,
        };
        Some(Self { signed, float, bits })
    }
}

fn decimal_kind(op: ArithmeticOp, left: &Kind, right: &Kind) -> Option<Kind> {
    let shape = |kind: &Kind| match kind {
        Kind::Decimal(precision, scale) => Some((*precision, *scale, true)),
        Kind::Bool | Kind::UInt(_) | Kind::Int(_) => Some((9, 0, false)),
        _ => None,
    };
    let ((left_precision, left_scale, left), (right_precision, right_scale, right)) =
        (shape(left)?, shape(right)?);
    if !left && !right {
        return None;
    }
    let scale = match op {
        ArithmeticOp::Multiply => left_scale.saturating_add(right_scale).min(38),
        ArithmeticOp::Divide if left => left_scale,
        _ => left_scale.max(right_scale),
    };
    Some(Kind::Decimal(left_precision.max(right_precision), scale))
}

fn numbers(op: ArithmeticOp, left: Expr, right: Expr, span: Span) -> Result<Expr, Error> {
    let kind = arithmetic_kind(op, &left.ty.kind, &right.ty.kind).unwrap_or(Kind::Float64);
    if let Kind::Decimal(precision, scale) = kind {
        if i16::from(scale) > i16::from(precision) {
            return Err(too_fine(precision, scale, span));
        }
        return Ok(kernel(decimal_kernel(op), vec![left, right], Type::new(kind), span));
    }
    if op == ArithmeticOp::Modulo && kind != Kind::Float64 {
        return Ok(kernel("modulo", vec![left, right], Type::new(kind), span));
    }
    let ty = Type::new(kind).with_nullable(left.ty.nullable || right.ty.nullable);
    let (left, right) = (Box::new(operand(left, &ty.kind)), Box::new(operand(right, &ty.kind)));
    Ok(Expr { kind: ExprKind::Arithmetic { op, left, right }, ty, span })
}

/// The digits behind the point of two factors add up.
fn too_fine(precision: u8, scale: i8, span: Span) -> Error {
    let message = format!(
        "the product has {scale} digits behind the point, and a decimal number has {precision} in all"
    );
    Error::query("H0310", span, message)
        .with_hint("ask for fewer digits, `toDecimal(.., 4)`, or multiply floats: `toFloat(..)`")
}

const fn decimal_kernel(op: ArithmeticOp) -> &'static str {
    match op {
        ArithmeticOp::Add => "decimal_plus",
        ArithmeticOp::Subtract => "decimal_minus",
        ArithmeticOp::Multiply => "decimal_multiply",
        ArithmeticOp::Divide => "decimal_divide",
        ArithmeticOp::Modulo => "decimal_modulo",
    }
}

/// An operand in the kind of the result. Large numbers without sign wrap, as sums do.
fn operand(expr: Expr, kind: &Kind) -> Expr {
    let converted = convert(expr, kind);
    match converted.kind {
        ExprKind::Cast { expr, .. }
            if expr.ty.kind == Kind::UInt(Bits::B64) && *kind == Kind::Int(Bits::B64) =>
        {
            let span = expr.span;
            kernel("wrap_int64", vec![*expr], Type::INT64, span)
        }
        _ => converted,
    }
}

fn add(left: Expr, right: Expr, span: Span, settings: &Settings) -> Result<Expr, Error> {
    match (&left.ty.kind, &right.ty.kind) {
        (Kind::Interval(unit), Kind::Interval(other)) if unit == other => {
            Ok(intervals(ArithmeticOp::Add, left, right, span))
        }
        (Kind::Date | Kind::DateTime(_) | Kind::DateTime64(_, _), _) => {
            shift(left, right, ArithmeticOp::Add, span, settings)
        }
        (_, Kind::Date | Kind::DateTime(_) | Kind::DateTime64(_, _)) => {
            shift(right, left, ArithmeticOp::Add, span, settings)
        }
        _ => Err(operands(ArithmeticOp::Add, &left, &right, span)),
    }
}

fn subtract(left: Expr, right: Expr, span: Span, settings: &Settings) -> Result<Expr, Error> {
    match (&left.ty.kind, &right.ty.kind) {
        (Kind::Interval(unit), Kind::Interval(other)) if unit == other => {
            Ok(intervals(ArithmeticOp::Subtract, left, right, span))
        }
        (Kind::Date, Kind::Date) => {
            Ok(kernel("minus_days", vec![left, right], Type::new(Kind::Int(Bits::B32)), span))
        }
        (Kind::DateTime(_), Kind::DateTime(_)) => {
            Ok(kernel("minus_instants", vec![left, right], Type::new(Kind::Int(Bits::B32)), span))
        }
        (
            Kind::DateTime(_) | Kind::DateTime64(_, _),
            Kind::DateTime(_) | Kind::DateTime64(_, _),
        ) => {
            let digits = digits(&left.ty.kind).max(digits(&right.ty.kind));
            let ty = Type::new(Kind::Decimal(18, digits));
            Ok(kernel("minus_instants", vec![left, right], ty, span))
        }
        (Kind::Date | Kind::DateTime(_) | Kind::DateTime64(_, _), _) => {
            shift(left, right, ArithmeticOp::Subtract, span, settings)
        }
        _ => Err(operands(ArithmeticOp::Subtract, &left, &right, span)),
    }
}

fn digits(kind: &Kind) -> i8 {
    match kind {
        Kind::DateTime64(digits, _) => i8::try_from(*digits).unwrap_or(6),
        _ => 0,
    }
}

fn intervals(op: ArithmeticOp, left: Expr, right: Expr, span: Span) -> Expr {
    let ty = left.ty.with_nullable(left.ty.nullable || right.ty.nullable);
    Expr {
        kind: ExprKind::Arithmetic { op, left: Box::new(left), right: Box::new(right) },
        ty,
        span,
    }
}

/// A day or an instant moved by a number (of days, of seconds) or an interval.
fn shift(
    moment: Expr,
    by: Expr,
    op: ArithmeticOp,
    span: Span,
    settings: &Settings,
) -> Result<Expr, Error> {
    let is_date = moment.ty.kind == Kind::Date;
    let unit = match &by.ty.kind {
        Kind::Interval(unit) => *unit,
        _ if by.ty.is_number() && is_date => IntervalUnit::Day,
        _ if by.ty.is_number() => IntervalUnit::Second,
        _ => return Err(operands(op, &moment, &by, span)),
    };
    let zone = match &moment.ty.kind {
        Kind::DateTime(zone) | Kind::DateTime64(_, zone) => Arc::clone(zone),
        _ => Arc::clone(&settings.zone),
    };
    let ty = moved_type(&moment.ty, unit, &zone);
    let count = count(by, op == ArithmeticOp::Subtract);
    let zone = Expr::string(zone.as_ref(), span);
    Ok(kernel(add_kernel(unit), vec![moment, count, zone], ty, span))
}

fn moved_type(moment: &Type, unit: IntervalUnit, zone: &Zone) -> Type {
    let clock = matches!(unit, IntervalUnit::Second | IntervalUnit::Minute | IntervalUnit::Hour);
    if moment.kind == Kind::Date && clock {
        Type::datetime(zone).with_nullable(moment.nullable)
    } else {
        moment.clone()
    }
}

const fn add_kernel(unit: IntervalUnit) -> &'static str {
    match unit {
        IntervalUnit::Second => "add_seconds",
        IntervalUnit::Minute => "add_minutes",
        IntervalUnit::Hour => "add_hours",
        IntervalUnit::Day => "add_days",
        IntervalUnit::Week => "add_weeks",
        IntervalUnit::Month => "add_months",
        IntervalUnit::Quarter => "add_quarters",
        IntervalUnit::Year => "add_years",
    }
}

/// A number of units as `Int64`, with the other sign if `negated`; fractions are cut off.
fn count(by: Expr, negated: bool) -> Expr {
    let span = by.span;
    if let Some(whole) =
        by.literal().and_then(literal::whole).and_then(|whole| i64::try_from(whole).ok())
    {
        return Expr::int64(if negated { whole.wrapping_neg() } else { whole }, span);
    }
    let count = match by.ty.kind {
        Kind::Interval(_) | Kind::Int(_) | Kind::UInt(_) | Kind::Bool => {
            by.cast_kind(Kind::Int(Bits::B64))
        }
        _ => kernel("trunc_int64", vec![by], Type::INT64, span),
    };
    if !negated {
        return count;
    }
    let ty = count.ty.clone();
    let zero = Expr { kind: ExprKind::Literal(Value::Int(0)), ty: Type::INT64, span };
    let kind = ExprKind::Arithmetic {
        op: ArithmeticOp::Subtract,
        left: Box::new(zero),
        right: Box::new(count),
    };
    Expr { kind, ty, span }
}
