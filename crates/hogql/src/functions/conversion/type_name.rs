//! Types by their names, as ClickHouse writes them.

use crate::types::{Bits, Kind, Type, Zone};
use std::sync::Arc;

/// The type of that name; `None` if it is none that Hoglet has. `DateTime` without a zone is in the given one.
#[must_use]
pub(in crate::functions) fn parse_type(name: &str, zone: &Zone) -> Option<Type> {
    let name = name.trim();
    let Some((outer, inside)) = name.strip_suffix(')').and_then(|name| name.split_once('(')) else {
        return simple(name, zone).map(Type::new);
    };
    let parts = split(inside);
    let kind = match (outer.trim(), parts.as_slice()) {
        ("Nullable", [inner]) => {
            return parse_type(inner, zone)
                .filter(|ty| !ty.is_composite())
                .map(|ty| ty.to_nullable());
        }
        ("LowCardinality", [inner]) => return parse_type(inner, zone),
        ("Array", [element]) => Kind::Array(Box::new(parse_type(element, zone)?)),
        ("Map", [key, value]) => {
            Kind::Map(Box::new(parse_type(key, zone)?), Box::new(parse_type(value, zone)?))
        }
        ("Tuple", elements) => Kind::Tuple(
            elements.iter().map(|element| tuple_element(element, zone)).collect::<Option<_>>()?,
        ),
        ("Decimal", [precision, scale]) => {
            Kind::Decimal(precision.trim().parse().ok()?, scale.trim().parse().ok()?)
        }
        ("Decimal32", [scale]) => Kind::Decimal(9, scale.trim().parse().ok()?),
        ("Decimal64", [scale]) => Kind::Decimal(18, scale.trim().parse().ok()?),
        ("DateTime", [named]) => Kind::DateTime(zone_name(named)?),
        ("DateTime64", [digits]) => Kind::DateTime64(small(digits)?, Arc::clone(zone)),
        ("DateTime64", [digits, named]) => Kind::DateTime64(small(digits)?, zone_name(named)?),
        _ => return None,
    };
    Some(Type::new(kind))
}

fn simple(name: &str, zone: &Zone) -> Option<Kind> {
    Some(match name {
        "String" => Kind::String,
        "Bool" => Kind::Bool,
        "UUID" => Kind::Uuid,
        "Date" => Kind::Date,
        "DateTime" => Kind::DateTime(Arc::clone(zone)),
        "Float32" => Kind::Float32,
        "Float64" => Kind::Float64,
        "Int8" => Kind::Int(Bits::B8),
        "Int16" => Kind::Int(Bits::B16),
        "Int32" => Kind::Int(Bits::B32),
        "Int64" => Kind::Int(Bits::B64),
        "UInt8" => Kind::UInt(Bits::B8),
        "UInt16" => Kind::UInt(Bits::B16),
        "UInt32" => Kind::UInt(Bits::B32),
        "UInt64" => Kind::UInt(Bits::B64),
        _ => return None,
    })
}

/// `Int64` or `name Int64`.
fn tuple_element(element: &str, zone: &Zone) -> Option<(Option<String>, Type)> {
    let element = element.trim();
    if let Some(ty) = parse_type(element, zone) {
        return Some((None, ty));
    }
    let (name, ty) = element.split_once(' ')?;
    Some((Some(name.to_owned()), parse_type(ty, zone)?))
}

fn small(digits: &str) -> Option<u8> {
    digits.trim().parse().ok().filter(|digits| *digits <= 6)
}

fn zone_name(quoted: &str) -> Option<Zone> {
    let name = quoted.trim().strip_prefix('\'')?.strip_suffix('\'')?;
    events::time::Clock::new(name).ok().map(|clock| Arc::from(clock.name()))
}

/// The parts between commas that stand in no inner parentheses.
fn split(inside: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0_usize, 0);
    for (at, byte) in inside.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                parts.push(inside.get(start..at).unwrap_or_default());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(inside.get(start..).unwrap_or_default());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_types_and_back() {
        let zone: Zone = Arc::from("UTC");
        for name in [
            "String",
            "Nullable(Int64)",
            "Array(Nullable(String))",
            "Tuple(a String, Array(Int64))",
            "Map(String, Array(Tuple(Int8, Float64)))",
            "Nullable(DateTime64(6, 'UTC'))",
            "Decimal(18, 2)",
        ] {
            assert_eq!(parse_type(name, &zone).unwrap().to_string(), name);
        }
        for name in [
            "",
            "Nullable",
            "Nullable(Array(Int64))",
            "Int128",
            "Array(Int64",
            "DateTime64(9)",
            "DateTime('Mars')",
        ] {
            assert_eq!(parse_type(name, &zone), None, "{name}");
        }
    }
}
