//! Moments as text and from text by a format.

use super::super::{Call, operators};
use super::fields::part_of;
use super::moment::{moment, text, zone_for, zone_of, zone_text};
use crate::error::Error;
use crate::ir::Expr;
use crate::types::Type;
use events::time::Template;
use std::sync::Arc;

/// `formatDateTime(moment, format[, zone])`.
pub(super) fn format(call: &mut Call<'_>) -> Result<Expr, Error> {
    let value = moment(call, 0)?;
    let zone = zone_for(call, 2, &value.ty)?;
    check_format(call)?;
    let format = call.string(1)?;
    Ok(call.kernel("format_datetime", vec![value, format, zone_text(call, &zone)], Type::STRING))
}

/// A format that is known in advance is checked in advance.
fn check_format(call: &Call<'_>) -> Result<(), Error> {
    let Ok(format) = call.constant_string(1) else { return Ok(()) };
    Template::parse(format).map(drop).map_err(|specifier| {
        let span = call.args.get(1).map_or(call.span, |arg| arg.span);
        Error::query("H0308", span, format!("formats of times have no {specifier}"))
    })
}

/// `parseDateTime(text, format[, zone])`.
pub(super) fn parse(call: &mut Call<'_>) -> Result<Expr, Error> {
    call.constant_string(1)?;
    check_format(call)?;
    let zone = super::zone_argument(call, 2)?.unwrap_or_else(|| Arc::clone(call.zone()));
    let (value, format) = (call.string(0)?, call.string(1)?);
    let ty = Type::datetime(&zone).to_nullable();
    Ok(call.kernel("parse_datetime_format", vec![value, format, zone_text(call, &zone)], ty))
}

/// A moment in a format of the program.
pub(super) fn formatted(call: &mut Call<'_>, index: usize, format: &str) -> Result<Expr, Error> {
    let value = moment(call, index)?;
    let zone = zone_of(call, &value.ty);
    let args = vec![value, text(call, format), zone_text(call, &zone)];
    Ok(call.kernel("format_datetime", args, Type::STRING))
}

/// `dateName(unit, moment)`.
pub(super) fn date_name(call: &mut Call<'_>) -> Result<Expr, Error> {
    let part = match call.constant_string(0)?.to_ascii_lowercase().as_str() {
        "month" => return formatted(call, 1, "%M"),
        "weekday" => return formatted(call, 1, "%W"),
        "year" => "year",
        "quarter" => "quarter",
        "dayofyear" => "day_of_year",
        "day" => "day_of_month",
        "week" => "iso_week",
        "hour" => "hour",
        "minute" => "minute",
        "second" => "second",
        other => {
            let span = call.args.first().map_or(call.span, |arg| arg.span);
            return Err(Error::query(
                "H0306",
                span,
                format!("moments have no part named '{other}'"),
            ));
        }
    };
    let value = moment(call, 1)?;
    Ok(operators::to_string(part_of(call, value, part), call.settings))
}
