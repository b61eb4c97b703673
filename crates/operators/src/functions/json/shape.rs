//! `JSONExtract` with a type: values of any shape.

use super::extract::{float_of, int_of, push_string};
use super::path::Document;
use crate::functions::KernelArgs;
use arrow::array::{ArrayRef, StructArray, new_empty_array};
use arrow::datatypes::{DataType, Field};
use datafusion::common::{Result, ScalarValue, internal_err, not_impl_err};
use datafusion::logical_expr::ColumnarValue;
use events::property::json::{elements, members};
use events::property::unescape;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// `json_extract(json, nullable, path..)`: the value in the result's type; what does not fit is the type's default, or NULL where the
/// type allows it. `nullable` says so for each level, from the outside: `0`, `1`, .. (tuples: their elements in order).
pub(super) fn extract(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let document = Document::of(args, 2)?;
    let levels = levels(args)?;
    let mut values = Vec::with_capacity(args.rows);
    for row in 0..args.rows {
        values.push(match document.get(row) {
            None => ScalarValue::try_from(args.return_type)?,
            Some(raw) => value_or_default(
                raw.unwrap_or_default(),
                args.return_type,
                &mut levels.iter().copied(),
            )?,
        });
    }
    collected(values, args.return_type)
}

/// `json_pairs(json, nullable, path..)`: members of an object as tuples of key and value; those that do not fit are left out.
pub(super) fn pairs(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let document = Document::of(args, 2)?;
    let levels = levels(args)?;
    let DataType::List(field) = args.return_type else {
        return internal_err!("pairs are an array");
    };
    let DataType::Struct(fields) = field.data_type() else {
        return internal_err!("pairs are tuples");
    };
    let [_, value_field] = fields.as_ref() else { return internal_err!("pairs are tuples of two") };
    let mut lists = Vec::with_capacity(args.rows);
    for row in 0..args.rows {
        let mut tuples = Vec::new();
        for member in members(document.get(row).flatten().unwrap_or_default()) {
            let Some(value) =
                value(member.value, value_field.data_type(), &mut levels.iter().copied().skip(1))?
            else {
                continue;
            };
            let key =
                ScalarValue::Utf8View(Some(unescape(member.key).unwrap_or_default().into_owned()));
            tuples.push(tuple(&[key, value], fields)?);
        }
        lists.push(list(&tuples, field)?);
    }
    collected(lists, args.return_type)
}

fn levels(args: &KernelArgs<'_>) -> Result<Vec<bool>> {
    match args.args.get(1) {
        Some(ColumnarValue::Scalar(scalar)) => match scalar.try_as_str() {
            Some(Some(text)) => Ok(text.bytes().map(|byte| byte == b'1').collect()),
            _ => internal_err!("levels must be text"),
        },
        _ => internal_err!("levels must be constant"),
    }
}

fn collected(values: Vec<ScalarValue>, data_type: &DataType) -> Result<ColumnarValue> {
    let array: ArrayRef = if values.is_empty() {
        new_empty_array(data_type)
    } else {
        ScalarValue::iter_to_array(values)?
    };
    Ok(ColumnarValue::Array(array))
}

/// The value, or NULL or the default if it does not fit.
fn value_or_default(
    raw: &str,
    data_type: &DataType,
    levels: &mut dyn Iterator<Item = bool>,
) -> Result<ScalarValue> {
    let nullable = levels.next().unwrap_or(false);
    match value(raw, data_type, levels)? {
        Some(value) => Ok(value),
        None if nullable => ScalarValue::try_from(data_type),
        None => default(data_type),
    }
}

/// The value if it fits; `levels` are those below it.
fn value(
    raw: &str,
    data_type: &DataType,
    levels: &mut dyn Iterator<Item = bool>,
) -> Result<Option<ScalarValue>> {
    Ok(match data_type {
        DataType::Utf8View => {
            let mut text = String::new();
            (!raw.is_empty() && push_string(raw, &mut text))
                .then_some(ScalarValue::Utf8View(Some(text)))
        }
        // ClickHouse's truth values are numbers of 8 bits without sign.
        DataType::Boolean => whole_of(raw, 0..=i128::from(u8::MAX))
            .map(|number| ScalarValue::Boolean(Some(number != 0))),
        DataType::Float64 => number_of(raw).map(|number| ScalarValue::Float64(Some(number))),
        DataType::Float32 => number_of(raw).map(|number| ScalarValue::Float32(Some(number as f32))),
        DataType::List(field) => {
            if !raw.starts_with('[') {
                return Ok(None);
            }
            let inner: Vec<bool> = levels.collect();
            let values = elements(raw)
                .map(|raw| value_or_default(raw, field.data_type(), &mut inner.iter().copied()));
            Some(list(&values.collect::<Result<Vec<_>>>()?, field)?)
        }
        DataType::Struct(fields) => return tuple_value(raw, fields, levels),
        _ => whole(raw, data_type)?,
    })
}

fn truth_of(raw: &str) -> Option<bool> {
    match raw {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// A number, also in a string; truth values are 0 and 1.
fn number_of(raw: &str) -> Option<f64> {
    truth_of(raw).map(f64::from).or_else(|| float_of(raw))
}

/// The same without its fraction, which still counts where the number is beyond the bounds: -0.5 is no number without sign.
fn whole_of(raw: &str, bounds: RangeInclusive<i128>) -> Option<i128> {
    if let Some(flag) = truth_of(raw) {
        return Some(i128::from(flag));
    }
    let whole = int_of(raw)?;
    let floats = *bounds.start() as f64..=*bounds.end() as f64;
    let within = float_of(raw).is_none_or(|number| floats.contains(&number));
    (within && bounds.contains(&whole)).then_some(whole)
}

fn whole(raw: &str, data_type: &DataType) -> Result<Option<ScalarValue>> {
    macro_rules! narrow {
        ($variant:ident, $native:ty) => {
            whole_of(raw, i128::from(<$native>::MIN)..=i128::from(<$native>::MAX))
                .and_then(|value| <$native>::try_from(value).ok())
                .map(|value| ScalarValue::$variant(Some(value)))
        };
    }
    Ok(match data_type {
        DataType::Int8 => narrow!(Int8, i8),
        DataType::Int16 => narrow!(Int16, i16),
        DataType::Int32 => narrow!(Int32, i32),
        DataType::Int64 => narrow!(Int64, i64),
        DataType::UInt8 => narrow!(UInt8, u8),
        DataType::UInt16 => narrow!(UInt16, u16),
        DataType::UInt32 => narrow!(UInt32, u32),
        DataType::UInt64 => narrow!(UInt64, u64),
        other => return not_impl_err!("JSON values as {other}"),
    })
}

/// A tuple from an array by position (objects are read by position too: their order is the tuple's).
fn tuple_value(
    raw: &str,
    fields: &arrow::datatypes::Fields,
    levels: &mut dyn Iterator<Item = bool>,
) -> Result<Option<ScalarValue>> {
    let parts: Vec<&str> = if raw.starts_with('[') {
        elements(raw).collect()
    } else if raw.starts_with('{') {
        members(raw).map(|member| member.value).collect()
    } else {
        return Ok(None);
    };
    let mut values = Vec::with_capacity(fields.len());
    for (index, field) in fields.iter().enumerate() {
        let part = parts.get(index).copied().unwrap_or_default();
        values.push(value_or_default(part, field.data_type(), levels)?);
    }
    Ok(Some(tuple(&values, fields)?))
}

fn default(data_type: &DataType) -> Result<ScalarValue> {
    match data_type {
        DataType::Utf8View => Ok(ScalarValue::Utf8View(Some(String::new()))),
        DataType::Boolean => Ok(ScalarValue::Boolean(Some(false))),
        DataType::List(field) => list(&[], field),
        DataType::Struct(fields) => tuple(
            &fields.iter().map(|field| default(field.data_type())).collect::<Result<Vec<_>>>()?,
            fields,
        ),
        other => ScalarValue::new_zero(other),
    }
}

fn list(values: &[ScalarValue], field: &Arc<Field>) -> Result<ScalarValue> {
    let array = if values.is_empty() {
        new_empty_array(field.data_type())
    } else {
        ScalarValue::iter_to_array(values.iter().cloned())?
    };
    let offsets = arrow::buffer::OffsetBuffer::from_lengths([array.len()]);
    let list = arrow::array::ListArray::try_new(Arc::clone(field), offsets, array, None)?;
    Ok(ScalarValue::List(Arc::new(list)))
}

fn tuple(values: &[ScalarValue], fields: &arrow::datatypes::Fields) -> Result<ScalarValue> {
    let arrays = values.iter().map(ScalarValue::to_array).collect::<Result<Vec<_>>>()?;
    Ok(ScalarValue::Struct(Arc::new(StructArray::try_new(fields.clone(), arrays, None)?)))
}
