//! To and from moments.

use super::super::{Call, operators};
use super::moment::{
    constant, instant, moment, zone_argument, zone_for, zone_of as zone_of_type, zone_text,
};
use super::truncate::day_of;
use crate::error::Error;
use crate::ir::{Expr, ExprKind, Value};
use crate::types::{Bits, Kind, Type, Zone};
use events::time::{Clock, DAY, SECOND, parse_best_effort, parse_day, parse_strict};
use std::sync::Arc;

/// The zone an argument names, else the project's.
fn zone(call: &Call<'_>, index: usize) -> Result<Zone, Error> {
    Ok(zone_argument(call, index)?.unwrap_or_else(|| Arc::clone(call.zone())))
}

/// `now([zone])`.
pub(super) fn now(call: &mut Call<'_>) -> Result<Expr, Error> {
    let zone = zone(call, 0)?;
    Ok(constant(call.settings.now, Type::datetime64(&zone), call.span))
}

/// The day of the present in UTC, moved by some days.
pub(super) fn today(call: &Call<'_>, days: i64) -> Expr {
    constant(call.settings.now.div_euclid(DAY) + days, Type::DATE, call.span)
}

/// `toDate(value)`.
pub(in crate::functions) fn to_date(call: &mut Call<'_>) -> Result<Expr, Error> {
    if let Ok(text) = call.constant_string(0) {
        let found = parse_day(text).map(|day| day.clamp(0, i64::from(u16::MAX)));
        let ty = Type::DATE.to_nullable();
        return Ok(found.map_or_else(
            || Expr::null_of(&ty, call.span),
            |day| constant(day, ty.clone(), call.span),
        ));
    }
    if call.ty(0).is_string() {
        let text = call.take(0);
        return Ok(call.kernel("parse_day", vec![text], Type::DATE.to_nullable()));
    }
    let value = call.expect(0, "Date, DateTime or String", Type::is_temporal)?;
    if matches!(value.ty.kind, Kind::Date | Kind::Nothing) {
        return Ok(value.cast_kind(Kind::Date));
    }
    let zone = zone_of_type(call, &value.ty);
    Ok(day_of(call, value, &zone))
}

/// `toDateTime(value[, zone])`.
pub(in crate::functions) fn to_datetime(
    call: &mut Call<'_>,
    month_first: bool,
) -> Result<Expr, Error> {
    let zone = zone(call, 1)?;
    if call.ty(0).is_string() {
        let text = call.take(0);
        return from_text(call, text, &zone, month_first);
    }
    let value = call
        .expect(0, "String, Date, DateTime or a number", |ty| ty.is_temporal() || ty.is_number())?;
    Ok(match &value.ty.kind {
        Kind::Nothing => Expr::null_of(&Type::datetime(&zone), call.span),
        Kind::Date => operators::convert(value, &Kind::DateTime(zone)),
        Kind::DateTime(_) => value.cast_kind(Kind::DateTime(zone)),
        Kind::DateTime64(_, _) => whole_seconds(call, value, &zone),
        _ => from_number(call, value, SECOND, Type::datetime(&zone)),
    })
}

/// `parseDateTimeBestEffort(text[, zone])`: NULL also for constants.
pub(super) fn best_effort(call: &mut Call<'_>) -> Result<Expr, Error> {
    let zone = zone(call, 1)?;
    let text = call.string(0)?;
    Ok(parsed(call, text, &zone, false))
}

/// The instant that a text means, in the project's zone.
pub(super) fn instant_of_text(call: &Call<'_>, text: Expr) -> Result<Expr, Error> {
    let zone = Arc::clone(call.zone());
    from_text(call, text, &zone, false)
}

/// Constants are read at once and must be instants; other texts are NULL if they are none.
fn from_text(call: &Call<'_>, text: Expr, zone: &Zone, month_first: bool) -> Result<Expr, Error> {
    let Some(Value::String(constant_text)) = text.literal() else {
        return Ok(parsed(call, text, zone, month_first));
    };
    let mut clock =
        Clock::new(zone).map_err(|error| Error::query("H0305", call.span, error.to_string()))?;
    if let Some(instant) = parse_strict(constant_text, &mut clock) {
        let ty =
            if constant_text.contains('.') { Type::datetime64(zone) } else { Type::datetime(zone) };
        return Ok(constant(instant, ty, text.span));
    }
    match parse_best_effort(constant_text, &mut clock, month_first) {
        Some(instant) => Ok(constant(instant, Type::datetime64(zone), text.span)),
        None => {
            let error = Error::query(
                "H0309",
                text.span,
                format!("cannot read '{constant_text}' as an instant"),
            );
            Err(error.with_hint("write it as '2024-03-31 23:59:59'"))
        }
    }
}

fn parsed(call: &Call<'_>, text: Expr, zone: &Zone, month_first: bool) -> Expr {
    let kernel =
        if month_first { "parse_datetime_best_effort_us" } else { "parse_datetime_best_effort" };
    let ty = Type::datetime64(zone).to_nullable();
    call.kernel(kernel, vec![text, zone_text(call, zone)], ty)
}

fn whole_seconds(call: &Call<'_>, value: Expr, zone: &Zone) -> Expr {
    let unit = Expr::string("second", call.span);
    let args = vec![value, unit, Expr::int64(1, call.span), zone_text(call, zone)];
    call.kernel("truncate_instant", args, Type::datetime(zone))
}

fn from_number(call: &Call<'_>, number: Expr, unit: i64, ty: Type) -> Expr {
    let digits = match &ty.kind {
        Kind::DateTime64(digits, _) => i64::from(*digits),
        _ => 0,
    };
    let args = vec![number, Expr::int64(unit, call.span), Expr::int64(digits, call.span)];
    call.kernel("instant_from_number", args, ty)
}

/// `toDateTime64(value[, digits[, zone]])`.
pub(super) fn to_datetime64(call: &mut Call<'_>) -> Result<Expr, Error> {
    let zone = zone(call, 2)?;
    let digits = if call.args.len() > 1 { call.constant_int(1)? } else { 6 };
    let Some(digits) = u8::try_from(digits).ok().filter(|digits| *digits <= 6) else {
        return Err(Error::not_supported(
            call.span,
            format_args!("a DateTime64 of {digits} digits"),
        ));
    };
    let kind = Kind::DateTime64(digits, Arc::clone(&zone));
    let value = call.expect(0, "String, Date, DateTime or a number", |ty| {
        ty.is_temporal() || ty.is_number() || ty.is_string()
    })?;
    let found = match &value.ty.kind {
        Kind::Nothing => return Ok(Expr::null_of(&Type::new(kind), call.span)),
        Kind::String => from_text(call, value, &zone, false)?,
        Kind::Date => return Ok(operators::convert(value, &kind)),
        Kind::DateTime(_) => return Ok(retyped(value, kind)),
        Kind::DateTime64(found, _) if *found <= digits => return Ok(retyped(value, kind)),
        Kind::DateTime64(_, _) => value,
        _ => return Ok(from_number(call, value, SECOND, Type::new(kind))),
    };
    if digits == 6 {
        return Ok(retyped(found, kind));
    }
    let step = Expr::int64(10_i64.pow(6 - u32::from(digits)), call.span);
    let args = vec![found, Expr::string("microsecond", call.span), step, zone_text(call, &zone)];
    Ok(call.kernel("truncate_instant", args, Type::new(kind)))
}

/// The same instant in another type.
fn retyped(value: Expr, kind: Kind) -> Expr {
    match value.kind {
        ExprKind::Literal(_) => Expr { ty: Type { kind, nullable: value.ty.nullable }, ..value },
        _ => value.cast_kind(kind),
    }
}

/// `fromUnixTimestamp(seconds)`, `to_timestamp(seconds)`.
pub(super) fn from_seconds(call: &mut Call<'_>) -> Result<Expr, Error> {
    let zone = Arc::clone(call.zone());
    let seconds = call.int64(0)?;
    Ok(from_number(call, seconds, SECOND, Type::datetime(&zone)))
}

/// `fromUnixTimestamp64Milli(milliseconds)`.
pub(super) fn from_millis(call: &mut Call<'_>) -> Result<Expr, Error> {
    let ty = Type::new(Kind::DateTime64(3, Arc::clone(call.zone())));
    let millis = call.int64(0)?;
    Ok(from_number(call, millis, 1_000, ty))
}

/// `toUnixTimestamp(moment[, zone])`.
pub(super) fn to_seconds(call: &mut Call<'_>) -> Result<Expr, Error> {
    let value = if call.ty(0).is_string() {
        let (text, zone) = (call.take(0), zone(call, 1)?);
        from_text(call, text, &zone, false)?
    } else {
        moment(call, 0)?
    };
    // A day begins at midnight UTC, as it does on a server in UTC, whatever the project's zone.
    let zone = match value.ty.kind {
        Kind::Date if call.args.len() < 2 => Arc::from("UTC"),
        _ => zone_for(call, 1, &value.ty)?,
    };
    Ok(call.kernel(
        "unix_seconds",
        vec![value, zone_text(call, &zone)],
        Type::new(Kind::UInt(Bits::B32)),
    ))
}

/// `toUnixTimestamp64Milli(instant)`.
pub(super) fn to_millis(call: &mut Call<'_>) -> Result<Expr, Error> {
    let value = instant(call, 0)?;
    Ok(call.kernel("unix_units", vec![value, Expr::int64(1_000, call.span)], Type::INT64))
}

/// `make_date(year, month, day)`.
pub(super) fn make_date(call: &mut Call<'_>) -> Result<Expr, Error> {
    let parts = parts(call, 3)?;
    Ok(call.kernel("make_date", parts, Type::DATE))
}

/// `make_timestamp(year, month, day, hour, minute, second[, zone])`.
pub(super) fn make_datetime(call: &mut Call<'_>) -> Result<Expr, Error> {
    let zone = zone(call, 6)?;
    let mut args = parts(call, 6)?;
    args.push(zone_text(call, &zone));
    Ok(call.kernel("make_datetime", args, Type::datetime(&zone)))
}

/// `make_timestamptz(.., zone)`: local time of the project's zone, shown in another.
pub(super) fn make_datetime_in(call: &mut Call<'_>) -> Result<Expr, Error> {
    let shown = zone(call, 6)?;
    let zone = Arc::clone(call.zone());
    let mut args = parts(call, 6)?;
    args.push(zone_text(call, &zone));
    Ok(call.kernel("make_datetime", args, Type::datetime(&shown)))
}

fn parts(call: &mut Call<'_>, count: usize) -> Result<Vec<Expr>, Error> {
    (0..count).map(|index| call.int64(index)).collect()
}

/// `UUIDv7ToDateTime(uuid)`.
pub(super) fn uuid_v7(call: &mut Call<'_>) -> Result<Expr, Error> {
    let ty = Type::new(Kind::DateTime64(3, Arc::clone(call.zone())));
    let uuid = call.expect(0, "UUID", |ty| matches!(ty.kind, Kind::Uuid))?;
    Ok(call.kernel("uuid_v7_instant", vec![uuid], ty))
}

/// `toTimeZone(instant[, zone])`.
pub(super) fn to_zone(call: &mut Call<'_>) -> Result<Expr, Error> {
    let zone = zone(call, 1)?;
    let value = instant(call, 0)?;
    Ok(shown_in(value, &zone))
}

/// `timezone(zone, instant)`.
pub(super) fn in_zone(call: &mut Call<'_>) -> Result<Expr, Error> {
    let zone = zone(call, 0)?;
    let value = instant(call, 1)?;
    Ok(shown_in(value, &zone))
}

fn shown_in(value: Expr, zone: &Zone) -> Expr {
    let kind = match &value.ty.kind {
        Kind::DateTime64(digits, _) => Kind::DateTime64(*digits, Arc::clone(zone)),
        _ => Kind::DateTime(Arc::clone(zone)),
    };
    retyped(value, kind)
}

/// `timeZoneOf(instant)`.
pub(super) fn zone_of(call: &mut Call<'_>) -> Result<Expr, Error> {
    let value = instant(call, 0)?;
    Ok(Expr::string(zone_of_type(call, &value.ty).as_ref(), call.span))
}

/// `timeZoneOffset(instant)`.
pub(super) fn zone_offset(call: &mut Call<'_>) -> Result<Expr, Error> {
    let value = instant(call, 0)?;
    let zone = zone_of_type(call, &value.ty);
    Ok(call.kernel(
        "zone_offset",
        vec![value, zone_text(call, &zone)],
        Type::new(Kind::Int(Bits::B32)),
    ))
}
