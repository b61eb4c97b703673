//! Functions with one kind of result.

use super::path::Document;
use crate::functions::KernelArgs;
use crate::functions::input::{Text, flags, floats, ints, text_lists, write_texts};
use arrow::array::{ListBuilder, StringViewBuilder, StructBuilder, UInt64Array};
use arrow::datatypes::{DataType, Fields};
use datafusion::common::{Result, internal_err};
use datafusion::logical_expr::ColumnarValue;
use events::property::json::{elements, members};
use events::property::text::canonical;
use events::property::{is_valid as is_valid_json, parse_number, unescape};
use std::sync::Arc;

/// `json_raw(json, path..)`: the value as JSON; the empty text if there is none.
pub(super) fn raw(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let document = Document::of(args, 1)?;
    write_texts(args.rows, |row, out| {
        let Some(found) = document.get(row) else { return Ok(false) };
        if let Some(text) = found.and_then(canonical) {
            out.push_str(text.as_ref());
        }
        Ok(true)
    })
}

/// `json_string(json, path..)`: strings unescaped, other values as JSON; the empty text for null and for nothing.
pub(super) fn string(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let document = Document::of(args, 1)?;
    write_texts(args.rows, |row, out| {
        let Some(found) = document.get(row) else { return Ok(false) };
        if let Some(raw) = found {
            push_string(raw, out);
        }
        Ok(true)
    })
}

/// Appends the text of a value; `false` if it is null or no JSON.
pub(super) fn push_string(raw: &str, out: &mut String) -> bool {
    if let Some(content) = quoted(raw) {
        return unescape(content).map(|text| out.push_str(&text)).is_some();
    }
    if raw == "null" {
        return false;
    }
    canonical(raw)
        .map(|text| {
            let text = text.as_ref();
            // Whole numbers beyond 64 bits are quoted.
            out.push_str(quoted(text).unwrap_or(text));
        })
        .is_some()
}

/// What stands between the quotes of a string.
pub(super) fn quoted(raw: &str) -> Option<&str> {
    raw.strip_prefix('"')?.strip_suffix('"')
}

/// `json_number(json, path..)`: a number, or a number in a string, in the result's type; 0 for anything else.
pub(super) fn number(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let document = Document::of(args, 1)?;
    match args.return_type {
        DataType::Float64 => {
            floats(args, |row| Some(document.get(row)?.and_then(float_of).unwrap_or(0.0)))
        }
        DataType::UInt64 => {
            let found: UInt64Array = (0..args.rows)
                .map(|row| {
                    Some(
                        document
                            .get(row)?
                            .and_then(int_of)
                            .and_then(|value| u64::try_from(value).ok())
                            .unwrap_or(0),
                    )
                })
                .collect();
            Ok(ColumnarValue::Array(Arc::new(found)))
        }
        _ => ints(args, |row| {
            Some(
                document
                    .get(row)?
                    .and_then(int_of)
                    .and_then(|value| i64::try_from(value).ok())
                    .unwrap_or(0),
            )
        }),
    }
}

/// A number or a number in a string.
pub(super) fn float_of(raw: &str) -> Option<f64> {
    match quoted(raw) {
        Some(text) => text.parse().ok(),
        None => parse_number(raw),
    }
}

/// The same, cut to a whole number.
pub(super) fn int_of(raw: &str) -> Option<i128> {
    let text = quoted(raw).unwrap_or(raw);
    text.parse()
        .ok()
        .or_else(|| float_of(raw).filter(|value| value.is_finite()).map(|value| value as i128))
}

/// `json_bool(json, path..)`: 1 for true and for whole numbers that are not 0.
pub(super) fn bool(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let document = Document::of(args, 1)?;
    flags(args, |row| Some(document.get(row)?.and_then(bool_of).unwrap_or(false)))
}

/// A truth value or a whole number.
fn bool_of(raw: &str) -> Option<bool> {
    match raw {
        "true" => Some(true),
        "false" => Some(false),
        _ => raw.parse::<i128>().ok().map(|value| value != 0),
    }
}

/// `json_has(json, path..)`: whether there is a value, null too.
pub(super) fn has(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let document = Document::of(args, 1)?;
    flags(args, |row| Some(document.get(row)?.is_some_and(|raw| kind(raw) != Some(Kind::Broken))))
}

/// `json_length(json, path..)`: elements of an array, members of an object; 0 for anything else.
pub(super) fn length(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let document = Document::of(args, 1)?;
    ints(args, |row| {
        let raw = document.get(row)?.unwrap_or_default();
        i64::try_from(elements(raw).count() + members(raw).count()).ok()
    })
}

/// `json_array_length(json, path..)`: elements of an array; NULL for anything else.
pub(super) fn array_length(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let document = Document::of(args, 1)?;
    ints(args, |row| {
        let raw = document.get(row)??;
        if kind(raw) == Some(Kind::Array) {
            i64::try_from(elements(raw).count()).ok()
        } else {
            None
        }
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Object,
    Array,
    Text(&'static str),
    Broken,
}

fn kind(raw: &str) -> Option<Kind> {
    Some(match raw.as_bytes().first()? {
        b'{' => Kind::Object,
        b'[' => Kind::Array,
        b'"' => Kind::Text("String"),
        b't' if raw == "true" => Kind::Text("Bool"),
        b'f' if raw == "false" => Kind::Text("Bool"),
        b'n' if raw == "null" => Kind::Text("Null"),
        _ if raw.parse::<i64>().is_ok() => Kind::Text("Int64"),
        _ if raw.parse::<u64>().is_ok() => Kind::Text("UInt64"),
        _ if parse_number(raw).is_some() => Kind::Text("Double"),
        _ => Kind::Broken,
    })
}

/// `json_type(json, path..)`: `Null`, `String`, `Array`, `Bool`, `Double`, `Int64`, `UInt64` or `Object`; `Null` for nothing.
pub(super) fn type_name(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let document = Document::of(args, 1)?;
    write_texts(args.rows, |row, out| {
        let Some(found) = document.get(row) else { return Ok(false) };
        out.push_str(match found.and_then(kind) {
            Some(Kind::Object) => "Object",
            Some(Kind::Array) => "Array",
            Some(Kind::Text(name)) => name,
            Some(Kind::Broken) | None => "Null",
        });
        Ok(true)
    })
}

/// `json_value(json, path..)`: as `json_string`, but the empty text for objects and arrays and `null` for null.
pub(super) fn value(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let document = Document::of(args, 1)?;
    write_texts(args.rows, |row, out| {
        let Some(found) = document.get(row) else { return Ok(false) };
        match found {
            Some("null") => out.push_str("null"),
            Some(raw) if !matches!(kind(raw), Some(Kind::Object | Kind::Array)) => {
                push_string(raw, out);
            }
            _ => {}
        }
        Ok(true)
    })
}

/// `json_array_raw(json, path..)`: elements of an array as JSON.
pub(super) fn array_raw(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let document = Document::of(args, 1)?;
    text_lists(args, |row, list| {
        let Some(found) = document.get(row) else { return Ok(false) };
        for element in elements(found.unwrap_or_default()) {
            list.try_append_value(canonical(element).as_ref().map_or("", AsRef::as_ref))?;
        }
        Ok(true)
    })
}

/// `json_keys(json, path..)`: keys of an object.
pub(super) fn keys(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let document = Document::of(args, 1)?;
    text_lists(args, |row, list| {
        let Some(found) = document.get(row) else { return Ok(false) };
        for member in members(found.unwrap_or_default()) {
            list.try_append_value(unescape(member.key).unwrap_or_default())?;
        }
        Ok(true)
    })
}

/// `json_pairs_raw(json, path..)`: members of an object as tuples of key and JSON.
pub(super) fn pairs_raw(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let document = Document::of(args, 1)?;
    let DataType::List(field) = args.return_type else {
        return internal_err!("pairs are an array");
    };
    let DataType::Struct(fields) = field.data_type() else {
        return internal_err!("pairs are tuples");
    };
    let columns: Vec<Box<dyn arrow::array::ArrayBuilder>> =
        vec![Box::new(StringViewBuilder::new()), Box::new(StringViewBuilder::new())];
    let tuples = StructBuilder::new(Fields::clone(fields), columns);
    let mut list = ListBuilder::new(tuples).with_field(Arc::clone(field));
    for row in 0..args.rows {
        let raw = document.get(row).flatten().unwrap_or_default();
        for member in members(raw) {
            let key = unescape(member.key).unwrap_or_default();
            let value = canonical(member.value);
            let texts = [key.as_ref(), value.as_ref().map_or("", AsRef::as_ref)];
            for (index, text) in texts.into_iter().enumerate() {
                let Some(column) = list.values().field_builder::<StringViewBuilder>(index) else {
                    return internal_err!("pairs are tuples of two");
                };
                column.try_append_value(text)?;
            }
            list.values().append(true);
        }
        list.append(true);
    }
    Ok(ColumnarValue::Array(Arc::new(list.finish())))
}

/// `is_valid_json(text)`.
pub(super) fn is_valid(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let text = Text::of(args, 0)?;
    flags(args, |row| text.get(row).map(is_valid_json))
}
