//! Arrow types of files and the types under which their columns are shown.

use arrow::compute::can_cast_types;
use arrow::datatypes::{DataType, TimeUnit};
use events::source::ColumnType;
use std::sync::Arc;

/// The Arrow type of a column type.
pub(super) fn arrow_type(ty: ColumnType) -> DataType {
    match ty {
        ColumnType::String | ColumnType::Uuid | ColumnType::Json => DataType::Utf8View,
        ColumnType::Integer => DataType::Int64,
        ColumnType::UInteger => DataType::UInt64,
        ColumnType::Float => DataType::Float64,
        ColumnType::Boolean => DataType::Boolean,
        ColumnType::Date => DataType::Date32,
        ColumnType::DateTime => DataType::Timestamp(TimeUnit::Microsecond, Some(Arc::from("UTC"))),
        ColumnType::StringList => DataType::new_list(DataType::Utf8View, true),
    }
}

/// Whether a file's column can be shown as that type.
pub(super) fn converts(from: &DataType, to: ColumnType) -> bool {
    match to {
        ColumnType::Json => is_text(from) || is_nested(from),
        ColumnType::String | ColumnType::Uuid => {
            is_text(from)
                || matches!(from, DataType::FixedSizeBinary(16))
                || from.is_primitive() && is_castable(from, to)
        }
        ColumnType::DateTime => is_text(from) || is_instant(from),
        ColumnType::Date => is_text(from) || is_instant(from),
        ColumnType::Integer | ColumnType::UInteger | ColumnType::Float => {
            is_text(from) || from.is_numeric() || matches!(from, DataType::Boolean)
        }
        ColumnType::Boolean => {
            is_text(from) || from.is_integer() || matches!(from, DataType::Boolean)
        }
        ColumnType::StringList => is_castable(from, to),
    }
}

/// How a column that counts as a property is shown; `None` if it is not.
pub(super) fn property_type(from: &DataType) -> Option<ColumnType> {
    let ty = match from {
        DataType::Dictionary(_, value) => return property_type(value),
        DataType::UInt64 => ColumnType::UInteger,
        DataType::Boolean => ColumnType::Boolean,
        DataType::Date32 => ColumnType::Date,
        DataType::FixedSizeBinary(16) => ColumnType::Uuid,
        from if from.is_integer() => ColumnType::Integer,
        from if from.is_numeric() => ColumnType::Float,
        from if is_instant(from) => ColumnType::DateTime,
        from if is_nested(from) => ColumnType::Json,
        from if is_text(from) || is_castable(from, ColumnType::String) => ColumnType::String,
        _ => return None,
    };
    Some(ty)
}

/// One type for two files that disagree on a property column. No type of numbers holds all whole numbers with sign and all
/// without: together they are text, which keeps each as it is. Only beside floats are they floats.
pub(crate) fn common_type(a: ColumnType, b: ColumnType) -> ColumnType {
    use ColumnType::{Date, DateTime, Float, Integer, UInteger};
    match (a, b) {
        (a, b) if a == b => a,
        (Float, Integer | UInteger) | (Integer | UInteger, Float) => Float,
        (Date | DateTime, Date | DateTime) => DateTime,
        _ => ColumnType::String,
    }
}

/// Text in any layout; bytes count as text, as older writers mark none.
pub(super) fn is_text(ty: &DataType) -> bool {
    match ty {
        DataType::Dictionary(_, value) => is_text(value),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        ty => is_bytes(ty),
    }
}

/// Bytes that count as text: nobody has checked that they are.
pub(super) fn is_bytes(ty: &DataType) -> bool {
    matches!(ty, DataType::Binary | DataType::LargeBinary | DataType::BinaryView)
}

/// Lists, objects and maps.
pub(super) fn is_nested(ty: &DataType) -> bool {
    matches!(
        ty,
        DataType::Struct(_)
            | DataType::List(_)
            | DataType::LargeList(_)
            | DataType::ListView(_)
            | DataType::FixedSizeList(_, _)
            | DataType::Map(_, _)
    )
}

fn is_instant(ty: &DataType) -> bool {
    matches!(ty, DataType::Timestamp(_, _) | DataType::Date32 | DataType::Date64)
}

fn is_castable(from: &DataType, to: ColumnType) -> bool {
    !matches!(from, DataType::Null) && can_cast_types(from, &arrow_type(to))
}

/// A type as people say it.
pub(super) fn say(ty: &DataType) -> String {
    match ty {
        ty if is_text(ty) => "text".to_owned(),
        DataType::Boolean => "true or false".to_owned(),
        ty if ty.is_integer() => "whole numbers".to_owned(),
        ty if ty.is_numeric() => "numbers".to_owned(),
        DataType::FixedSizeBinary(size) => format!("{size} bytes"),
        ty if is_instant(ty) => "dates or times".to_owned(),
        DataType::Struct(_) | DataType::Map(_, _) => "objects".to_owned(),
        ty if is_nested(ty) => "lists".to_owned(),
        other => other.to_string(),
    }
}

/// What a column of that type may hold, as people say it.
pub(super) const fn say_expected(ty: ColumnType) -> &'static str {
    match ty {
        ColumnType::String | ColumnType::Uuid => "text",
        ColumnType::Integer | ColumnType::UInteger => "whole numbers",
        ColumnType::Float => "numbers",
        ColumnType::Boolean => "true or false",
        ColumnType::Date => "dates",
        ColumnType::DateTime => "timestamps, or ISO 8601 text",
        ColumnType::Json => "JSON text or objects",
        ColumnType::StringList => "lists of texts",
    }
}

/// One value of a type as people say it.
pub(super) fn say_one(ty: &DataType) -> &'static str {
    match ty {
        DataType::Boolean => "true or false",
        DataType::Date32 => "ISO 8601 date",
        DataType::Timestamp(_, _) => "ISO 8601 timestamp",
        ty if ty.is_integer() => "whole number",
        _ => "number",
    }
}
