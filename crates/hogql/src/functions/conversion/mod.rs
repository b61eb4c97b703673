//! The catalog's table of conversions, casts, and properties read by their definitions.

mod casts;
mod number;
mod type_name;

pub use casts::{cast, read_property_as};
pub(super) use type_name::parse_type;

use super::scalar::scalar;
use super::{Function, Group};
use crate::types::{Bits, Kind};

use Group::Conversion;

/// The functions of this module.
pub(super) static FUNCTIONS: &[Function] = &[
    scalar(
        Conversion,
        "toString(value[, zone])",
        "The value as text; instants in a zone.",
        (1, 2),
        casts::to_string,
    ),
    scalar(
        Conversion,
        "toInt(value)",
        "A whole number; NULL if the value is none exactly.",
        (1, 1),
        |call| number::exact(call, Kind::Int(Bits::B64)),
    ),
    scalar(Conversion, "toFloat(value)", "A number; NULL if the value is none.", (1, 1), |call| {
        number::exact(call, Kind::Float64)
    }),
    scalar(
        Conversion,
        "toFloatOrNull(text)",
        "A number; NULL if the text is none.",
        (1, 1),
        |call| number::exact(call, Kind::Float64),
    ),
    scalar(
        Conversion,
        "toFloat64OrNull(text)",
        "A number; NULL if the text is none.",
        (1, 1),
        |call| number::exact(call, Kind::Float64),
    ),
    scalar(
        Conversion,
        "toIntOrZero(text)",
        "A whole number; 0 if the text is none.",
        (1, 1),
        |call| number::or_zero(call, Kind::Int(Bits::B64)),
    ),
    scalar(Conversion, "toFloatOrZero(text)", "A number; 0 if the text is none.", (1, 1), |call| {
        number::or_zero(call, Kind::Float64)
    }),
    scalar(
        Conversion,
        "toIntOrDefault(value[, default])",
        "A whole number; the default (else 0) if the value is none.",
        (1, 2),
        |call| number::or_default(call, Kind::Int(Bits::B64)),
    ),
    scalar(
        Conversion,
        "toFloatOrDefault(value[, default])",
        "A number; the default (else 0) if the value is none.",
        (1, 2),
        |call| number::or_default(call, Kind::Float64),
    ),
    scalar(
        Conversion,
        "toDecimal(value, digits)",
        "A decimal number with that many digits behind the point; NULL if the value is none.",
        (2, 2),
        number::decimal,
    ),
    scalar(
        Conversion,
        "toBool(value)",
        "A truth value; an error if the text is none.",
        (1, 1),
        number::to_bool,
    ),
    scalar(
        Conversion,
        "_toNullableBool(value)",
        "A truth value; NULL if the value is none.",
        (1, 1),
        |call| number::exact(call, Kind::Bool),
    ),
    scalar(
        Conversion,
        "toNullableString(value)",
        "The value as text, of a type with NULL.",
        (1, 1),
        casts::to_nullable_string,
    ),
    scalar(Conversion, "toUUID(text)", "A UUID; NULL if the text is none.", (1, 1), casts::to_uuid),
    scalar(
        Conversion,
        "toUUIDOrDefault(text, default)",
        "A UUID; the default if the text is none.",
        (2, 2),
        casts::to_uuid_or_default,
    ),
    scalar(
        Conversion,
        "_toInt8(value)",
        "A whole number of 8 bits; an error if a text is none, larger numbers wrap.",
        (1, 1),
        |call| number::plain(call, Kind::Int(Bits::B8)),
    ),
    scalar(
        Conversion,
        "_toInt16(value)",
        "A whole number of 16 bits; an error if a text is none, larger numbers wrap.",
        (1, 1),
        |call| number::plain(call, Kind::Int(Bits::B16)),
    ),
    scalar(
        Conversion,
        "_toInt32(value)",
        "A whole number of 32 bits; an error if a text is none, larger numbers wrap.",
        (1, 1),
        |call| number::plain(call, Kind::Int(Bits::B32)),
    ),
    scalar(
        Conversion,
        "_toInt64(value)",
        "A whole number; an error if a text is none, larger numbers wrap.",
        (1, 1),
        |call| number::plain(call, Kind::Int(Bits::B64)),
    ),
    scalar(
        Conversion,
        "_toUInt64(value)",
        "A whole number without sign; an error if a text is none, negative numbers wrap.",
        (1, 1),
        |call| number::plain(call, Kind::UInt(Bits::B64)),
    ),
    scalar(
        Conversion,
        "accurateCastOrNull(value, type)",
        "The value as a type by its name; NULL if that loses something.",
        (2, 2),
        casts::accurate_cast_or_null,
    ),
    scalar(Conversion, "toTypeName(value)", "The name of the value's type.", (1, 1), |call| {
        Ok(casts::type_name(call))
    }),
];
