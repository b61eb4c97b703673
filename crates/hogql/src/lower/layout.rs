//! How HogQL types lie in memory.

use crate::ir::Value;
use crate::types::{Bits, Kind, Type};
use arrow::datatypes::{DataType, Field, Fields, TimeUnit};
use datafusion::common::{Result, ScalarValue, internal_err};
use std::sync::Arc;

/// The Arrow type of a HogQL type: text and UUIDs `Utf8View`, instants microseconds UTC whatever their zone, days `Date32`,
/// intervals `Int64`, tuples structs with fields `1`, `2`, .. Everything may be null in memory.
#[must_use]
pub fn arrow_type(ty: &Type) -> DataType {
    match &ty.kind {
        Kind::Nothing => DataType::Null,
        Kind::Bool => DataType::Boolean,
        Kind::UInt(bits) => unsigned(*bits),
        Kind::Int(bits) => signed(*bits),
        Kind::Float32 => DataType::Float32,
        Kind::Float64 => DataType::Float64,
        Kind::Decimal(precision, scale) => DataType::Decimal128(*precision, *scale),
        Kind::String | Kind::Uuid => DataType::Utf8View,
        Kind::Date => DataType::Date32,
        Kind::DateTime(_) | Kind::DateTime64(_, _) => instant(),
        Kind::Interval(_) => DataType::Int64,
        Kind::Array(element) => DataType::List(item(element)),
        Kind::Tuple(elements) => DataType::Struct(tuple_fields(elements)),
        Kind::Map(key, value) => map(key, value),
    }
}

/// The one Arrow type of instants.
fn instant() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some(Arc::from("UTC")))
}

fn unsigned(bits: Bits) -> DataType {
    match bits {
        Bits::B8 => DataType::UInt8,
        Bits::B16 => DataType::UInt16,
        Bits::B32 => DataType::UInt32,
        Bits::B64 => DataType::UInt64,
    }
}

fn signed(bits: Bits) -> DataType {
    match bits {
        Bits::B8 => DataType::Int8,
        Bits::B16 => DataType::Int16,
        Bits::B32 => DataType::Int32,
        Bits::B64 => DataType::Int64,
    }
}

fn item(element: &Type) -> Arc<Field> {
    Arc::new(Field::new_list_field(arrow_type(element), true))
}

fn tuple_fields(elements: &[(Option<String>, Type)]) -> Fields {
    let field = |(index, (_, ty)): (usize, &(Option<String>, Type))| {
        Field::new((index + 1).to_string(), arrow_type(ty), true)
    };
    elements.iter().enumerate().map(field).collect()
}

fn map(key: &Type, value: &Type) -> DataType {
    let entries = Fields::from(vec![
        Field::new("key", arrow_type(key), false),
        Field::new("value", arrow_type(value), true),
    ]);
    DataType::Map(Arc::new(Field::new("entries", DataType::Struct(entries), false)), false)
}

/// A constant of a type.
///
/// # Errors
/// If the value is not of the type (a defect).
pub(super) fn scalar(value: &Value, ty: &Type) -> Result<ScalarValue> {
    let data_type = arrow_type(ty);
    match (value, &ty.kind) {
        (Value::Null, _) => ScalarValue::try_from(&data_type),
        (Value::Bool(flag), Kind::Bool) => Ok(ScalarValue::Boolean(Some(*flag))),
        (Value::Bool(flag), _) => ScalarValue::Boolean(Some(*flag)).cast_to(&data_type),
        (Value::Int(micros), Kind::DateTime(_) | Kind::DateTime64(_, _)) => {
            Ok(ScalarValue::TimestampMicrosecond(Some(*micros), Some(Arc::from("UTC"))))
        }
        (Value::Int(days), Kind::Date) => day(*days),
        (Value::Int(number), _) => ScalarValue::Int64(Some(*number)).cast_to(&data_type),
        (Value::UInt(number), _) => ScalarValue::UInt64(Some(*number)).cast_to(&data_type),
        (Value::Float(number), _) => ScalarValue::Float64(Some(*number)).cast_to(&data_type),
        (Value::String(text), Kind::String | Kind::Uuid) => {
            Ok(ScalarValue::Utf8View(Some(text.clone())))
        }
        (Value::List(values), Kind::Array(element)) => list(values, element),
        (Value::List(values), Kind::Tuple(elements)) => tuple(values, elements),
        _ => internal_err!("constant {value:?} is not of type {ty}"),
    }
}

fn day(days: i64) -> Result<ScalarValue> {
    match i32::try_from(days) {
        Ok(days) => Ok(ScalarValue::Date32(Some(days))),
        Err(_) => internal_err!("day {days} is out of range"),
    }
}

fn list(values: &[Value], element: &Type) -> Result<ScalarValue> {
    let scalars = values.iter().map(|value| scalar(value, element)).collect::<Result<Vec<_>>>()?;
    Ok(ScalarValue::List(ScalarValue::new_list(&scalars, &arrow_type(element), true)))
}

fn tuple(values: &[Value], elements: &[(Option<String>, Type)]) -> Result<ScalarValue> {
    if values.len() != elements.len() {
        return internal_err!("a tuple of {} values has {} types", values.len(), elements.len());
    }
    let fields = tuple_fields(elements);
    let arrays = values
        .iter()
        .zip(elements)
        .map(|(value, (_, ty))| scalar(value, ty)?.to_array())
        .collect::<Result<Vec<_>>>()?;
    let array = arrow::array::StructArray::try_new(fields, arrays, None)?;
    Ok(ScalarValue::Struct(Arc::new(array)))
}

/// The value that stands for nothing in a type that has no NULL: `0`, `''`, 1970-01-01, the empty array.
///
/// # Errors
/// If DataFusion has no such constant (a defect).
pub(super) fn default_scalar(ty: &Type) -> Result<ScalarValue> {
    match &ty.kind {
        _ if ty.nullable => ScalarValue::try_from(&arrow_type(ty)),
        Kind::Uuid => {
            Ok(ScalarValue::Utf8View(Some("00000000-0000-0000-0000-000000000000".to_owned())))
        }
        Kind::String => Ok(ScalarValue::Utf8View(Some(String::new()))),
        Kind::Array(element) => list(&[], element),
        Kind::Tuple(elements) => default_tuple(elements),
        Kind::Map(_, _) => empty_map(ty),
        _ => ScalarValue::new_zero(&arrow_type(ty))
            .or_else(|_| ScalarValue::Int64(Some(0)).cast_to(&arrow_type(ty))),
    }
}

fn default_tuple(elements: &[(Option<String>, Type)]) -> Result<ScalarValue> {
    let arrays = elements
        .iter()
        .map(|(_, ty)| default_scalar(ty)?.to_array())
        .collect::<Result<Vec<_>>>()?;
    let array = arrow::array::StructArray::try_new(tuple_fields(elements), arrays, None)?;
    Ok(ScalarValue::Struct(Arc::new(array)))
}

fn empty_map(ty: &Type) -> Result<ScalarValue> {
    let array = arrow::array::new_empty_array(&arrow_type(ty));
    let one = arrow::array::new_null_array(array.data_type(), 1);
    ScalarValue::try_from_array(&one, 0)
}
