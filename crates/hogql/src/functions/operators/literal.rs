//! Constants converted while the query is resolved: numbers to other widths, text to days, instants and numbers.

use crate::ir::{Expr, ExprKind, Value};
use crate::types::{Bits, Kind, Type, Zone};
use chrono::{DateTime, Days, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeZone};
use hogql_syntax::Span;

/// A constant of a kind.
pub(super) fn typed(value: Value, kind: Kind, nullable: bool, span: Span) -> Expr {
    Expr { kind: ExprKind::Literal(value), ty: Type::new(kind).with_nullable(nullable), span }
}

/// The constant in another kind, if it is exactly representable there.
pub(super) fn convert(value: &Value, from: &Kind, to: &Kind) -> Option<Value> {
    match (value, to) {
        (Value::Null, _) => Some(Value::Null),
        (Value::List(values), Kind::Array(element)) => {
            let Kind::Array(from) = from else { return None };
            values
                .iter()
                .map(|value| convert(value, &from.kind, &element.kind))
                .collect::<Option<_>>()
                .map(Value::List)
        }
        (Value::List(values), Kind::Tuple(elements)) => {
            let Kind::Tuple(from) = from else { return None };
            if values.len() != elements.len() || values.len() != from.len() {
                return None;
            }
            let sides = values.iter().zip(from.iter().zip(elements));
            sides
                .map(|(value, ((_, from), (_, to)))| convert(value, &from.kind, &to.kind))
                .collect::<Option<_>>()
                .map(Value::List)
        }
        (Value::Int(day), Kind::DateTime(zone) | Kind::DateTime64(_, zone))
            if *from == Kind::Date =>
        {
            instant_of_day(i32::try_from(*day).ok()?, zone).map(Value::Int)
        }
        (Value::Int(_), Kind::DateTime(_) | Kind::DateTime64(_, _)) if is_instant(from) => {
            Some(value.clone())
        }
        _ if from == to => Some(value.clone()),
        _ if is_whole_or_float(from) => convert_number(value, to),
        _ => None,
    }
}

const fn is_instant(kind: &Kind) -> bool {
    matches!(kind, Kind::DateTime(_) | Kind::DateTime64(_, _))
}

/// Numbers whose constants are what they say; those of decimals count units of the last digit.
const fn is_whole_or_float(kind: &Kind) -> bool {
    matches!(kind, Kind::Bool | Kind::UInt(_) | Kind::Int(_) | Kind::Float32 | Kind::Float64)
}

fn convert_number(value: &Value, to: &Kind) -> Option<Value> {
    match to {
        Kind::UInt(bits) => u64::try_from(whole(value)?)
            .ok()
            .filter(|value| *value <= max_unsigned(*bits))
            .map(Value::UInt),
        Kind::Int(bits) => {
            let shift = 64 - u32::from(bits.width());
            let whole = i64::try_from(whole(value)?).ok()?;
            ((whole << shift) >> shift == whole).then_some(Value::Int(whole))
        }
        Kind::Bool => match whole(value)? {
            0 => Some(Value::Bool(false)),
            1 => Some(Value::Bool(true)),
            _ => None,
        },
        Kind::Float64 => float(value).map(Value::Float),
        #[expect(clippy::cast_possible_truncation, reason = "the round trip is compared")]
        Kind::Float32 => float(value)
            .filter(|value| value.is_nan() || f64::from(*value as f32) == *value)
            .map(Value::Float),
        _ => None,
    }
}

const fn max_unsigned(bits: Bits) -> u64 {
    match bits {
        Bits::B8 => u8::MAX as u64,
        Bits::B16 => u16::MAX as u64,
        Bits::B32 => u32::MAX as u64,
        Bits::B64 => u64::MAX,
    }
}

/// The constant as a whole number, if it is one.
pub(super) fn whole(value: &Value) -> Option<i128> {
    match value {
        Value::Bool(value) => Some(i128::from(*value)),
        Value::Int(value) => Some(i128::from(*value)),
        Value::UInt(value) => Some(i128::from(*value)),
        #[expect(
            clippy::cast_possible_truncation,
            reason = "only whole values of at most 2^64 pass"
        )]
        Value::Float(value)
            if value.fract() == 0.0 && value.abs() <= 18_446_744_073_709_551_616.0 =>
        {
            Some(*value as i128)
        }
        _ => None,
    }
}

/// The constant as a float, if that is exact.
fn float(value: &Value) -> Option<f64> {
    const EXACT: i128 = 1 << 53;
    match value {
        Value::Float(value) => Some(*value),
        #[expect(clippy::cast_precision_loss, reason = "only whole values of at most 2^53 pass")]
        _ => {
            whole(value).filter(|whole| (-EXACT..=EXACT).contains(whole)).map(|whole| whole as f64)
        }
    }
}

/// A number written in a text constant.
pub(super) fn parse_number(text: &str) -> Option<(Value, Kind)> {
    if let Ok(value) = text.parse::<u64>() {
        return Some((Value::UInt(value), Kind::UInt(Bits::B64)));
    }
    if let Ok(value) = text.parse::<i64>() {
        return Some((Value::Int(value), Kind::Int(Bits::B64)));
    }
    text.parse::<f64>().ok().map(|value| (Value::Float(value), Kind::Float64))
}

/// Days since 1970-01-01 of `YYYY-MM-DD` or `YYYYMMDD`.
#[must_use]
pub fn parse_day(text: &str) -> Option<i32> {
    let format = if text.len() == 8 { "%Y%m%d" } else { "%Y-%m-%d" };
    let day = NaiveDate::parse_from_str(text, format).ok()?;
    i32::try_from(day.signed_duration_since(NaiveDate::default()).num_days()).ok()
}

/// Microseconds since 1970-01-01 UTC of `YYYY-MM-DD[ hh:mm[:ss[.ffffff]]]`, with `T` or a space and perhaps `Z` or an offset; without one the
/// text is read in the zone. A whole number of at least five digits is seconds since 1970.
#[must_use]
pub fn parse_instant(text: &str, zone: &Zone) -> Option<i64> {
    let text = text.trim();
    if text.len() != 8 && text.len() >= 5 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse::<i64>().ok()?.checked_mul(1_000_000);
    }
    if let Some(day) = parse_day(text) {
        return instant_of_day(day, zone);
    }
    for format in ["%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M:%S%.f%#z"] {
        if let Ok(instant) = DateTime::<FixedOffset>::parse_from_str(text, format) {
            return Some(instant.timestamp_micros());
        }
    }
    let (local, utc) = match text.strip_suffix('Z') {
        Some(local) => (local, true),
        None => (text, false),
    };
    let formats =
        ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"];
    let local =
        formats.iter().find_map(|format| NaiveDateTime::parse_from_str(local, format).ok())?;
    if utc { Some(local.and_utc().timestamp_micros()) } else { instant_of_local(local, zone) }
}

/// Microseconds since 1970-01-01 UTC of the first moment of a day in a zone.
#[must_use]
pub fn instant_of_day(day: i32, zone: &Zone) -> Option<i64> {
    let magnitude = Days::new(u64::from(day.unsigned_abs()));
    let date = if day < 0 {
        NaiveDate::default().checked_sub_days(magnitude)
    } else {
        NaiveDate::default().checked_add_days(magnitude)
    };
    instant_of_local(date?.and_time(NaiveTime::MIN), zone)
}

/// A wall clock reading in a zone: the earlier of two, and in a gap the reading as if the clock had not been moved yet.
fn instant_of_local(local: NaiveDateTime, zone: &Zone) -> Option<i64> {
    let zone: chrono_tz::Tz = zone.parse().ok()?;
    if let Some(instant) = zone.from_local_datetime(&local).earliest() {
        return Some(instant.timestamp_micros());
    }
    let hours = chrono::TimeDelta::try_hours(24)?;
    let before = zone.from_local_datetime(&local.checked_sub_signed(hours)?).earliest()?;
    before.timestamp_micros().checked_add(hours.num_microseconds()?)
}
