//! Parts of moments.

use super::super::Call;
use super::moment::{instant, moment, text, zone_for, zone_of, zone_text};
use crate::error::Error;
use crate::ir::Expr;
use crate::types::{Bits, Kind, Type};

/// A part of a day or an instant.
pub(super) fn part(call: &mut Call<'_>, part: &'static str) -> Result<Expr, Error> {
    let value = moment(call, 0)?;
    Ok(part_of(call, value, part))
}

/// A part of an instant.
pub(super) fn clock(call: &mut Call<'_>, part: &'static str) -> Result<Expr, Error> {
    let value = instant(call, 0)?;
    Ok(part_of(call, value, part))
}

/// A part of a moment in the zone of its type.
pub(super) fn part_of(call: &Call<'_>, value: Expr, part: &str) -> Expr {
    let zone = zone_of(call, &value.ty);
    let args = vec![value, text(call, part), zone_text(call, &zone)];
    call.kernel("date_field", args, part_type(part))
}

fn part_type(part: &str) -> Type {
    let bits = match part {
        "year" | "iso_year" | "day_of_year" => Bits::B16,
        "year_month" | "date_digits" => Bits::B32,
        "date_digits_and_time" => Bits::B64,
        _ => Bits::B8,
    };
    Type::new(Kind::UInt(bits))
}

/// `toWeek(moment[, mode[, zone]])`, `toYearWeek(..)`.
pub(super) fn week(call: &mut Call<'_>, kernel: &'static str) -> Result<Expr, Error> {
    let mode = mode(call)?;
    let value = moment(call, 0)?;
    let zone = zone_for(call, 2, &value.ty)?;
    let bits = if kernel == "year_week" { Bits::B32 } else { Bits::B8 };
    let args = vec![value, Expr::int64(mode, call.span), zone_text(call, &zone)];
    Ok(call.kernel(kernel, args, Type::new(Kind::UInt(bits))))
}

/// `toDayOfWeek(moment[, mode[, zone]])`.
pub(super) fn day_of_week(call: &mut Call<'_>) -> Result<Expr, Error> {
    let part = match mode(call)? & 3 {
        0 => "day_of_week",
        1 => "day_of_week_monday_0",
        2 => "day_of_week_sunday_0",
        _ => "day_of_week_sunday_1",
    };
    let value = moment(call, 0)?;
    let zone = zone_for(call, 2, &value.ty)?;
    let args = vec![value, text(call, part), zone_text(call, &zone)];
    Ok(call.kernel("date_field", args, part_type(part)))
}

fn mode(call: &Call<'_>) -> Result<i64, Error> {
    if call.args.len() > 1 { call.constant_int(1) } else { Ok(0) }
}

/// `date_part(unit, moment)`; NULL for a unit it does not know.
pub(super) fn date_part(call: &mut Call<'_>) -> Result<Expr, Error> {
    let part = match call.constant_string(0)?.to_ascii_lowercase().as_str() {
        "year" => "year",
        "quarter" => "quarter",
        "month" => "month",
        "day" => "day_of_month",
        "dow" => "day_of_week",
        "doy" => "day_of_year",
        "hour" => "hour",
        "minute" => "minute",
        "second" => "second",
        _ => return Ok(Expr::null(call.span)),
    };
    let value = if matches!(part, "hour" | "minute" | "second") {
        instant(call, 1)?
    } else {
        moment(call, 1)?
    };
    Ok(part_of(call, value, part))
}
