//! Conversions: exact or NULL (`accurateCastOrNull`), and ClickHouse's plain ones, which cut and wrap numbers and fail on text.

mod accurate;
mod plain;
#[cfg(test)]
mod tests;

pub(in crate::functions) use accurate::text_to_bool;

use super::input::{Text, write_texts};
use super::{Kernel, KernelArgs};
use arrow::array::{Array, AsArray, BooleanArray};
use arrow::compute::nullif;
use arrow::datatypes::{DataType, Float32Type, Float64Type};
use datafusion::common::{Result, exec_err, internal_err};
use datafusion::logical_expr::ColumnarValue;

/// The kernels of this module.
pub(super) static KERNELS: &[(&str, Kernel)] = &[
    ("accurate_cast", accurate::accurate_cast),
    ("parse_boolean", accurate::parse_boolean),
    ("plain_cast", plain::plain_cast),
    ("parse_uuid", parse_uuid),
    ("nullable", nullable),
    ("read_or_error", read_or_error),
    ("nan_as_null", nan_as_null),
];

/// `nullable(value)`: the same value, in a column that may hold NULL.
fn nullable(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    match args.args.first() {
        Some(value) => Ok(value.clone()),
        None => internal_err!("nullable needs a value"),
    }
}

/// `read_or_error(value, text)`: the value that was read from a text; an error where it is NULL and the text is not.
fn read_or_error(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let (found, text) = (args.array(0)?, Text::of(args, 1)?);
    if found.null_count() > 0 {
        let unread = |row: usize| text.get(row).filter(|_| found.is_null(row));
        if let Some(unread) = (0..args.rows).find_map(unread) {
            return exec_err!("cannot read {unread:?} as a time");
        }
    }
    Ok(ColumnarValue::Array(found))
}

/// `nan_as_null(float)`: NULL in place of NaN.
fn nan_as_null(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let floats = args.array(0)?;
    let is_nan = match floats.data_type() {
        DataType::Float32 => {
            BooleanArray::from_unary(floats.as_primitive::<Float32Type>(), f32::is_nan)
        }
        DataType::Float64 => {
            BooleanArray::from_unary(floats.as_primitive::<Float64Type>(), f64::is_nan)
        }
        other => return internal_err!("{other} has no NaN"),
    };
    let found = if is_nan.has_true() { nullif(&floats, &is_nan)? } else { floats };
    Ok(ColumnarValue::Array(found))
}

/// `parse_uuid(text)`: a UUID as its 36 characters in lower case, also from 32 digits; NULL if the text is none.
fn parse_uuid(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let text = Text::of(args, 0)?;
    write_texts(args.rows, |row, out| Ok(text.get(row).and_then(|text| uuid(text, out)).is_some()))
}

fn uuid(text: &str, out: &mut String) -> Option<()> {
    let has_dashes = match text.len() {
        36 => true,
        32 => false,
        _ => return None,
    };
    for (index, byte) in text.bytes().enumerate() {
        if has_dashes && matches!(index, 8 | 13 | 18 | 23) {
            if byte != b'-' {
                return None;
            }
            out.push('-');
            continue;
        }
        if !byte.is_ascii_hexdigit() {
            return None;
        }
        if !has_dashes && matches!(index, 8 | 12 | 16 | 20) {
            out.push('-');
        }
        out.push(char::from(byte.to_ascii_lowercase()));
    }
    Some(())
}
