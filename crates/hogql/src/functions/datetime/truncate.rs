//! Starts of periods.

use super::super::{Call, operators};
use super::moment::{
    instant as instant_argument, moment, text, unit, zone_for, zone_of, zone_text,
};
use crate::error::Error;
use crate::ir::{Expr, Value};
use crate::settings::WeekStart;
use crate::types::{IntervalUnit, Kind, Type, Zone};
use std::sync::Arc;

/// The start of `count` units as an instant; from minutes on a `DateTime`.
pub(super) fn instant(call: &mut Call<'_>, unit: &'static str, count: i64) -> Result<Expr, Error> {
    let value = if unit == "day" { moment(call, 0)? } else { instant_argument(call, 0)? };
    let zone = zone_for(call, 1, &value.ty)?;
    let ty = match value.ty.kind {
        Kind::DateTime64(digits, _) if unit == "second" => {
            Type::new(Kind::DateTime64(digits, Arc::clone(&zone)))
        }
        _ => Type::datetime(&zone),
    };
    Ok(start(call, value, unit, count, &zone, ty))
}

fn start(call: &Call<'_>, value: Expr, unit: &str, count: i64, zone: &Zone, ty: Type) -> Expr {
    let args = vec![value, text(call, unit), Expr::int64(count, call.span), zone_text(call, zone)];
    call.kernel("truncate_instant", args, ty)
}

/// The start (or end) of a unit as a day.
pub(super) fn day(call: &mut Call<'_>, unit: &'static str) -> Result<Expr, Error> {
    let value = moment(call, 0)?;
    let zone = zone_of(call, &value.ty);
    Ok(start_day(call, value, unit, 1, &zone))
}

fn start_day(call: &Call<'_>, value: Expr, unit: &str, count: i64, zone: &Zone) -> Expr {
    let args = vec![value, text(call, unit), Expr::int64(count, call.span), zone_text(call, zone)];
    call.kernel("truncate_day", args, Type::DATE)
}

/// The day of a moment in a zone.
pub(super) fn day_of(call: &Call<'_>, value: Expr, zone: &Zone) -> Expr {
    start_day(call, value, "day", 1, zone)
}

/// `toStartOfWeek(moment[, mode])`.
pub(super) fn week(call: &mut Call<'_>) -> Result<Expr, Error> {
    let monday = if call.args.len() > 1 {
        call.constant_int(1)? & 1 == 1
    } else {
        call.settings.week_start == WeekStart::Monday
    };
    day(call, if monday { "week" } else { "sunday_week" })
}

/// `toLastDayOfWeek(moment[, mode])`.
pub(super) fn last_of_week(call: &mut Call<'_>) -> Result<Expr, Error> {
    let monday = call.args.len() > 1 && call.constant_int(1)? & 1 == 1;
    day(call, if monday { "last_of_week" } else { "last_of_sunday_week" })
}

/// `dateTrunc(unit, moment[, zone])`.
pub(super) fn date_trunc(call: &mut Call<'_>) -> Result<Expr, Error> {
    let unit = unit(call, 0)?;
    let value = if is_part_of_day(unit) { instant_argument(call, 1)? } else { moment(call, 1)? };
    let zone = zone_for(call, 2, &value.ty)?;
    Ok(by_unit(call, value, unit, 1, &zone))
}

fn is_part_of_day(unit: &str) -> bool {
    matches!(unit, "microsecond" | "millisecond" | "second" | "minute" | "hour")
}

fn by_unit(call: &Call<'_>, value: Expr, unit: &str, count: i64, zone: &Zone) -> Expr {
    let ty = match unit {
        "microsecond" => Type::new(Kind::DateTime64(6, Arc::clone(zone))),
        "millisecond" => Type::new(Kind::DateTime64(3, Arc::clone(zone))),
        "second" | "minute" | "hour" | "day" => Type::datetime(zone),
        _ => return start_day(call, value, unit, count, zone),
    };
    start(call, value, unit, count, zone, ty)
}

/// `toStartOfInterval(moment, interval[, origin or zone])`.
pub(super) fn interval(call: &mut Call<'_>) -> Result<Expr, Error> {
    let (unit, count) = constant_interval(call, 1)?;
    let value = if is_part_of_day(unit) { instant_argument(call, 0)? } else { moment(call, 0)? };
    if call.ty(2).is_temporal() && call.args.len() > 2 {
        let origin = moment(call, 2)?;
        return Ok(from_origin(call, value, unit, count, origin));
    }
    let zone = zone_for(call, 2, &value.ty)?;
    Ok(by_unit(call, value, unit, count, &zone))
}

/// `date_bin(interval, moment, origin)`.
pub(super) fn date_bin(call: &mut Call<'_>) -> Result<Expr, Error> {
    let (unit, count) = constant_interval(call, 0)?;
    let (value, origin) = (moment(call, 1)?, moment(call, 2)?);
    Ok(from_origin(call, value, unit, count, origin))
}

fn from_origin(call: &Call<'_>, value: Expr, unit: &str, count: i64, origin: Expr) -> Expr {
    let zone = zone_of(call, &value.ty);
    let ty = value.ty.to_not_null();
    let origin = if ty.is_datetime() {
        operators::convert(origin, &Kind::DateTime64(6, Arc::clone(&zone)))
    } else {
        origin
    };
    let args = vec![
        value,
        text(call, unit),
        Expr::int64(count, call.span),
        origin,
        zone_text(call, &zone),
    ];
    call.kernel("truncate_from", args, ty)
}

/// Unit and number of an interval that is known in advance.
fn constant_interval(call: &Call<'_>, index: usize) -> Result<(&'static str, i64), Error> {
    let Some(arg) = call.args.get(index) else { return Err(Error::internal("missing interval")) };
    let Kind::Interval(unit) = arg.ty.kind else {
        return Err(Error::argument_type(call.name, index, "an interval", &arg.ty, arg.span));
    };
    match arg.literal() {
        Some(Value::Int(count)) if *count > 0 => Ok((unit_name(unit), *count)),
        Some(_) => {
            Err(Error::query("H0307", arg.span, "an interval of time must be longer than nothing"))
        }
        None => Err(Error::argument_constant(call.name, index, "an interval", arg.span)),
    }
}

/// The name of a unit as kernels know it.
pub(super) const fn unit_name(unit: IntervalUnit) -> &'static str {
    match unit {
        IntervalUnit::Second => "second",
        IntervalUnit::Minute => "minute",
        IntervalUnit::Hour => "hour",
        IntervalUnit::Day => "day",
        IntervalUnit::Week => "week",
        IntervalUnit::Month => "month",
        IntervalUnit::Quarter => "quarter",
        IntervalUnit::Year => "year",
    }
}
