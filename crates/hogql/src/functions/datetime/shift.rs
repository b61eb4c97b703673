//! Moving moments, intervals, and distances between moments.

use super::super::{Call, operators};
use super::moment::{moment, text, unit, zone_of, zone_text};
use crate::error::Error;
use crate::ir::{ArithmeticOp, Expr, ExprKind, Value};
use crate::types::{IntervalUnit, Kind, Type};

/// `addDays(moment, number)` and so on.
pub(super) fn by(call: &mut Call<'_>, unit: IntervalUnit, back: bool) -> Result<Expr, Error> {
    let value = moment_or_text(call, 0)?;
    let interval = number_of_units(call, 1, unit)?;
    shifted(call, value, interval, back)
}

/// `dateAdd(moment, interval)` or `dateAdd(unit, number, moment)`.
pub(super) fn by_interval(call: &mut Call<'_>, back: bool) -> Result<Expr, Error> {
    if call.args.len() == 3 {
        let unit = interval_unit(call)?;
        let value = moment_or_text(call, 2)?;
        let interval = number_of_units(call, 1, unit)?;
        return shifted(call, value, interval, back);
    }
    let value = moment_or_text(call, 0)?;
    let interval = call.expect(1, "an interval", |ty| matches!(ty.kind, Kind::Interval(_)))?;
    shifted(call, value, interval, back)
}

fn shifted(call: &Call<'_>, value: Expr, interval: Expr, back: bool) -> Result<Expr, Error> {
    let op = if back { ArithmeticOp::Subtract } else { ArithmeticOp::Add };
    operators::arithmetic(op, value, interval, call.span, call.settings)
}

/// A moment, or the instant that a text means.
fn moment_or_text(call: &mut Call<'_>, index: usize) -> Result<Expr, Error> {
    if !call.ty(index).is_string() {
        return moment(call, index);
    }
    let text = call.take(index);
    super::convert::instant_of_text(call, text)
}

fn interval_unit(call: &Call<'_>) -> Result<IntervalUnit, Error> {
    Ok(match unit(call, 0)? {
        "second" => IntervalUnit::Second,
        "minute" => IntervalUnit::Minute,
        "hour" => IntervalUnit::Hour,
        "day" => IntervalUnit::Day,
        "week" => IntervalUnit::Week,
        "month" => IntervalUnit::Month,
        "quarter" => IntervalUnit::Quarter,
        "year" => IntervalUnit::Year,
        other => {
            return Err(Error::not_supported(call.span, format_args!("an interval of {other}s")));
        }
    })
}

/// `toIntervalDay(number)` and so on.
pub(super) fn interval(call: &mut Call<'_>, unit: IntervalUnit) -> Result<Expr, Error> {
    number_of_units(call, 0, unit)
}

fn number_of_units(call: &mut Call<'_>, index: usize, unit: IntervalUnit) -> Result<Expr, Error> {
    if let Ok(count) = call.constant_int(index) {
        return Ok(of_unit(Expr::int64(count, call.span), unit));
    }
    let number = call.expect(index, "a number", Type::is_number)?;
    if number.ty.kind == Kind::Nothing {
        return Ok(Expr::null_of(&Type::new(Kind::Interval(unit)), call.span));
    }
    // Fractions are cut off.
    let number = if number.ty.is_integer() {
        operators::convert(number, &Type::INT64.kind)
    } else {
        whole(call, number)
    };
    Ok(of_unit(number, unit))
}

fn whole(call: &Call<'_>, number: Expr) -> Expr {
    if let Some(Value::Float(value)) = number.literal() {
        return Expr::int64(*value as i64, call.span);
    }
    call.kernel("plain_cast", vec![number], Type::INT64)
}

fn of_unit(number: Expr, unit: IntervalUnit) -> Expr {
    let ty = Type::new(Kind::Interval(unit)).with_nullable(number.ty.nullable);
    match number.kind {
        // The same number, of another type.
        ExprKind::Literal(_) | ExprKind::Kernel { .. } => Expr { ty, ..number },
        _ => number.cast_kind(Kind::Interval(unit)),
    }
}

/// `dateDiff(unit, from, to)`, `age(..)`.
pub(super) fn difference(call: &mut Call<'_>, kernel: &'static str) -> Result<Expr, Error> {
    let unit = unit(call, 0)?;
    let (from, to) = (moment(call, 1)?, moment(call, 2)?);
    let zoned = if from.ty.is_datetime() { &from.ty } else { &to.ty };
    let zone = zone_of(call, zoned);
    let args = vec![text(call, unit), from, to, zone_text(call, &zone)];
    Ok(call.kernel(kernel, args, Type::INT64))
}
