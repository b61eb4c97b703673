//! Arguments that are moments, zones and units.

use super::super::Call;
use crate::error::Error;
use crate::ir::{Expr, ExprKind, Value};
use crate::types::{Kind, Type, Zone};
use events::time::Clock;
use hogql_syntax::Span;
use std::sync::Arc;

/// A day or an instant.
pub(super) fn moment(call: &mut Call<'_>, index: usize) -> Result<Expr, Error> {
    call.expect(index, "Date or DateTime", Type::is_temporal)
}

/// An instant.
pub(super) fn instant(call: &mut Call<'_>, index: usize) -> Result<Expr, Error> {
    call.expect(index, "DateTime", Type::is_datetime)
}

/// The zone that an argument names, if there is one.
///
/// # Errors
/// If it is no constant, or no zone.
pub(in crate::functions) fn zone_argument(
    call: &Call<'_>,
    index: usize,
) -> Result<Option<Zone>, Error> {
    if call.args.len() <= index {
        return Ok(None);
    }
    let name = call.constant_string(index)?;
    match Clock::new(name) {
        Ok(clock) => Ok(Some(Arc::from(clock.name()))),
        Err(error) => {
            let span = call.args.get(index).map_or(call.span, |arg| arg.span);
            Err(Error::query("H0305", span, error.to_string())
                .with_hint("zones are named as in 'Europe/Berlin'"))
        }
    }
}

/// The zone an argument names, else the one of the moment's type.
pub(super) fn zone_for(call: &Call<'_>, index: usize, moment: &Type) -> Result<Zone, Error> {
    Ok(zone_argument(call, index)?.unwrap_or_else(|| zone_of(call, moment)))
}

/// The zone a moment is read in.
pub(super) fn zone_of(call: &Call<'_>, moment: &Type) -> Zone {
    match &moment.kind {
        Kind::DateTime(zone) | Kind::DateTime64(_, zone) => Arc::clone(zone),
        _ => Arc::clone(call.zone()),
    }
}

/// A constant text from the program.
pub(super) fn text(call: &Call<'_>, text: &str) -> Expr {
    Expr::string(text, call.span)
}

/// A constant zone.
pub(super) fn zone_text(call: &Call<'_>, zone: &Zone) -> Expr {
    Expr::string(zone.as_ref(), call.span)
}

/// A constant instant or day.
pub(super) const fn constant(value: i64, ty: Type, span: Span) -> Expr {
    Expr { kind: ExprKind::Literal(Value::Int(value)), ty, span }
}

/// A unit of time by its ClickHouse names: `day`, `days`, `dd`, `d`.
pub(super) fn unit(call: &Call<'_>, index: usize) -> Result<&'static str, Error> {
    let name = call.constant_string(index)?.to_ascii_lowercase();
    Ok(match name.as_str() {
        "microsecond" | "microseconds" | "us" | "u" => "microsecond",
        "millisecond" | "milliseconds" | "ms" => "millisecond",
        "second" | "seconds" | "ss" | "s" => "second",
        "minute" | "minutes" | "mi" | "n" => "minute",
        "hour" | "hours" | "hh" | "h" => "hour",
        "day" | "days" | "dd" | "d" => "day",
        "week" | "weeks" | "ww" | "wk" => "week",
        "month" | "months" | "mm" | "m" => "month",
        "quarter" | "quarters" | "qq" | "q" => "quarter",
        "year" | "years" | "yyyy" | "yy" => "year",
        _ => {
            let span = call.args.get(index).map_or(call.span, |arg| arg.span);
            let error = Error::query("H0306", span, format!("unknown unit of time '{name}'"));
            return Err(error
                .with_hint("units are second, minute, hour, day, week, month, quarter and year"));
        }
    })
}
