//! Values as text, as ClickHouse prints them.

use super::input::write_texts;
use super::{Kernel, KernelArgs};
use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{
    DataType, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use datafusion::common::{Result, exec_err, not_impl_err};
use datafusion::logical_expr::ColumnarValue;
use std::fmt::{Display, Write};

pub(super) static KERNELS: &[(&str, Kernel)] =
    &[("number_to_string", to_text), ("value_to_string", to_text), ("hex", hex)];

/// `toString` of numbers, truth values, days, and arrays, tuples and maps of them and of texts.
fn to_text(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let values = args.array(0)?;
    write_texts(args.rows, |row, out| {
        if values.is_null(row) || values.data_type() == &DataType::Null {
            return Ok(false);
        }
        print(&values, row, false, out)?;
        Ok(true)
    })
}

/// Prints one value; texts and days inside of arrays are quoted.
fn print(array: &ArrayRef, row: usize, inside: bool, out: &mut String) -> Result<()> {
    if array.is_null(row) || array.data_type() == &DataType::Null {
        out.push_str("NULL");
        return Ok(());
    }
    match array.data_type() {
        DataType::Boolean => {
            out.push_str(if array.as_boolean().value(row) { "true" } else { "false" })
        }
        DataType::Int8 => whole::<Int8Type>(array, row, out),
        DataType::Int16 => whole::<Int16Type>(array, row, out),
        DataType::Int32 => whole::<Int32Type>(array, row, out),
        DataType::Int64 => whole::<Int64Type>(array, row, out),
        DataType::UInt8 => whole::<UInt8Type>(array, row, out),
        DataType::UInt16 => whole::<UInt16Type>(array, row, out),
        DataType::UInt32 => whole::<UInt32Type>(array, row, out),
        DataType::UInt64 => whole::<UInt64Type>(array, row, out),
        DataType::Float32 => {
            let value = array.as_primitive::<Float32Type>().value(row);
            print_float(
                f64::from(value),
                &format_args!("{value}"),
                &format_args!("{value:e}"),
                out,
            );
        }
        DataType::Float64 => {
            let value = array.as_primitive::<Float64Type>().value(row);
            print_float(value, &format_args!("{value}"), &format_args!("{value:e}"), out);
        }
        DataType::Decimal128(_, scale) => {
            decimal(array.as_primitive::<Decimal128Type>().value(row), *scale, out)
        }
        DataType::Utf8View if inside => quoted(array.as_string_view().value(row), out),
        DataType::Utf8View => out.push_str(array.as_string_view().value(row)),
        DataType::Date32 => {
            let text = cast(&array.slice(row, 1), &DataType::Utf8View)?;
            let text = text.as_string_view().value(0);
            if inside { quoted(text, out) } else { out.push_str(text) }
        }
        DataType::List(_) => sequence(&array.as_list::<i32>().value(row), ('[', ']'), out)?,
        DataType::Struct(_) => tuple(array, row, out)?,
        DataType::Map(_, _) => map(array, row, out)?,
        other => return not_impl_err!("converting {other} inside of another value to text"),
    }
    Ok(())
}

fn whole<T: ArrowPrimitiveType>(array: &ArrayRef, row: usize, out: &mut String)
where
    T::Native: Display,
{
    put(out, &array.as_primitive::<T>().value(row));
}

fn put(out: &mut String, value: &dyn Display) {
    // Writing to a String cannot fail.
    let _infallible = write!(out, "{value}");
}

/// Shortest digits that read back as the same number; with an exponent from 1e21 on and below 1e-6.
fn print_float(value: f64, plain: &dyn Display, scientific: &dyn Display, out: &mut String) {
    if value.is_nan() {
        out.push_str("nan");
    } else if value.is_infinite() {
        out.push_str(if value > 0.0 { "inf" } else { "-inf" });
    } else if value != 0.0 && (value.abs() >= 1e21 || value.abs() < 1e-6) {
        put(out, scientific);
    } else {
        put(out, plain);
    }
}

/// Without zeros at the end.
fn decimal(value: i128, scale: i8, out: &mut String) {
    let scale = usize::from(scale.unsigned_abs());
    let digits = format!("{:0>width$}", value.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len().saturating_sub(scale));
    if value < 0 {
        out.push('-');
    }
    out.push_str(whole);
    let fraction = fraction.trim_end_matches('0');
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
}

fn quoted(text: &str, out: &mut String) {
    out.push('\'');
    for char in text.chars() {
        match char {
            '\'' => out.push_str("\\'"),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\0' => out.push_str("\\0"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            _ => out.push(char),
        }
    }
    out.push('\'');
}

fn sequence(values: &ArrayRef, (open, close): (char, char), out: &mut String) -> Result<()> {
    out.push(open);
    for row in 0..values.len() {
        if row > 0 {
            out.push(',');
        }
        print(values, row, true, out)?;
    }
    out.push(close);
    Ok(())
}

fn tuple(array: &ArrayRef, row: usize, out: &mut String) -> Result<()> {
    let columns = array.as_struct().columns();
    out.push('(');
    for (index, column) in columns.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        print(column, row, true, out)?;
    }
    if columns.len() == 1 {
        out.push(',');
    }
    out.push(')');
    Ok(())
}

fn map(array: &ArrayRef, row: usize, out: &mut String) -> Result<()> {
    let entries = array.as_map().value(row);
    let [keys, values] = entries.columns() else {
        return exec_err!("a map must have keys and values");
    };
    out.push('{');
    for entry in 0..entries.len() {
        if entry > 0 {
            out.push(',');
        }
        print(keys, entry, true, out)?;
        out.push(':');
        print(values, entry, true, out)?;
    }
    out.push('}');
    Ok(())
}

/// `hex`: bytes of a text in order; whole numbers from the highest byte that is not 0; floats as they lie in memory.
fn hex(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let values = args.array(0)?;
    write_texts(args.rows, |row, out| {
        if values.is_null(row) {
            return Ok(false);
        }
        match values.data_type() {
            DataType::Utf8View => digits(values.as_string_view().value(row).as_bytes(), out),
            DataType::Float32 => {
                digits(&values.as_primitive::<Float32Type>().value(row).to_le_bytes(), out)
            }
            DataType::Float64 => {
                digits(&values.as_primitive::<Float64Type>().value(row).to_le_bytes(), out)
            }
            DataType::Int8 => {
                number(&values.as_primitive::<Int8Type>().value(row).to_be_bytes(), out)
            }
            DataType::Int16 => {
                number(&values.as_primitive::<Int16Type>().value(row).to_be_bytes(), out)
            }
            DataType::Int32 => {
                number(&values.as_primitive::<Int32Type>().value(row).to_be_bytes(), out)
            }
            DataType::Int64 => {
                number(&values.as_primitive::<Int64Type>().value(row).to_be_bytes(), out)
            }
            DataType::UInt8 => {
                number(&values.as_primitive::<UInt8Type>().value(row).to_be_bytes(), out)
            }
            DataType::UInt16 => {
                number(&values.as_primitive::<UInt16Type>().value(row).to_be_bytes(), out)
            }
            DataType::UInt32 => {
                number(&values.as_primitive::<UInt32Type>().value(row).to_be_bytes(), out)
            }
            DataType::UInt64 => {
                number(&values.as_primitive::<UInt64Type>().value(row).to_be_bytes(), out)
            }
            DataType::Boolean => number(&[u8::from(values.as_boolean().value(row))], out),
            other => return not_impl_err!("hex of {other}"),
        }
        Ok(true)
    })
}

fn number(bytes: &[u8], out: &mut String) {
    let zeros =
        bytes.iter().take_while(|byte| **byte == 0).count().min(bytes.len().saturating_sub(1));
    digits(bytes.get(zeros..).unwrap_or_default(), out);
}

fn digits(bytes: &[u8], out: &mut String) {
    for byte in bytes {
        for half in [byte >> 4, byte & 15] {
            out.extend(
                char::from_digit(u32::from(half), 16).map(|digit| digit.to_ascii_uppercase()),
            );
        }
    }
}
