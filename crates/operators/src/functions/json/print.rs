//! `toJSONString`.

use crate::functions::KernelArgs;
use crate::functions::input::write_texts;
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{
    DataType, Date32Type, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType, UInt64Type,
};
use arrow::util::display::array_value_to_string;
use datafusion::common::{Result, internal_err, not_impl_err};
use datafusion::logical_expr::ColumnarValue;
use events::property::{write_f64, write_quoted};
use events::time::{Clock, write_day, write_instant};
use std::fmt::Write;

use super::super::datetime::{constant_int, zone_clock};

/// `to_json_string(value, zone, digits)`: any value as JSON; instants read in the zone with that many digits of the second's fraction.
pub(super) fn to_json_string(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let values = args.array(0)?;
    let mut printer = Printer {
        clock: zone_clock(args, 1)?,
        digits: u32::try_from(constant_int(args, 2)?).unwrap_or(0),
    };
    write_texts(args.rows, |row, out| {
        if values.is_null(row) {
            return Ok(false);
        }
        printer.print(&values, row, out)?;
        Ok(true)
    })
}

/// `json_object(key, value, key, value, ..)`: an object of named values, NULL ones left out; keys are constant texts, instants are UTC with
/// six digits of the second's fraction.
pub(super) fn json_object(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let mut members = Vec::with_capacity(args.args.len() / 2);
    for index in (0..args.args.len()).step_by(2) {
        let Some(ColumnarValue::Scalar(name)) = args.args.get(index) else {
            return internal_err!("argument {index} must be a constant text");
        };
        let mut key = String::new();
        write_quoted(name.try_as_str().flatten().unwrap_or_default(), &mut key);
        members.push((key, args.array(index + 1)?));
    }
    let mut printer = Printer { clock: Clock::utc(), digits: 6 };
    write_texts(args.rows, |row, out| {
        out.push('{');
        let mut first = true;
        for (key, values) in members.iter().filter(|(_, values)| !values.is_null(row)) {
            out.push_str(if std::mem::take(&mut first) { "" } else { "," });
            out.push_str(key);
            out.push(':');
            printer.print(values, row, out)?;
        }
        out.push('}');
        Ok(true)
    })
}

struct Printer {
    clock: Clock,
    digits: u32,
}

impl Printer {
    fn print(&mut self, array: &ArrayRef, row: usize, out: &mut String) -> Result<()> {
        if array.is_null(row) {
            out.push_str("null");
            return Ok(());
        }
        match array.data_type() {
            DataType::Utf8View => text(array.as_string_view().value(row), out),
            DataType::Boolean => {
                out.push_str(if array.as_boolean().value(row) { "true" } else { "false" })
            }
            DataType::Float64 => float(array.as_primitive::<Float64Type>().value(row), out),
            DataType::Float32 => out.push_str(&array_value_to_string(array, row)?),
            DataType::UInt64 => integer(array.as_primitive::<UInt64Type>().value(row), out),
            DataType::Decimal128(_, _) => out.push_str(&array_value_to_string(array, row)?),
            DataType::Date32 => {
                out.push('"');
                write_day(i64::from(array.as_primitive::<Date32Type>().value(row)), out);
                out.push('"');
            }
            DataType::Timestamp(TimeUnit::Microsecond, _) => {
                let local =
                    self.clock.local(array.as_primitive::<TimestampMicrosecondType>().value(row));
                out.push('"');
                write_instant(local, self.digits, out);
                out.push('"');
            }
            DataType::List(_) => self.list(&array.as_list::<i32>().value(row), out)?,
            DataType::Struct(_) => self.tuple(array, row, out)?,
            DataType::Map(_, _) => self.map(array, row, out)?,
            data_type if data_type.is_integer() => {
                let wide = cast(array, &DataType::Int64)?;
                integer(wide.as_primitive::<Int64Type>().value(row), out);
            }
            other => return not_impl_err!("{other} as JSON"),
        }
        Ok(())
    }

    fn list(&mut self, elements: &ArrayRef, out: &mut String) -> Result<()> {
        out.push('[');
        for row in 0..elements.len() {
            if row > 0 {
                out.push(',');
            }
            self.print(elements, row, out)?;
        }
        out.push(']');
        Ok(())
    }

    fn tuple(&mut self, array: &ArrayRef, row: usize, out: &mut String) -> Result<()> {
        out.push('[');
        for (index, column) in array.as_struct().columns().iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            self.print(column, row, out)?;
        }
        out.push(']');
        Ok(())
    }

    fn map(&mut self, array: &ArrayRef, row: usize, out: &mut String) -> Result<()> {
        let entries = array.as_map().value(row);
        let [keys, values] = entries.columns() else { return not_impl_err!("this map as JSON") };
        out.push('{');
        for row in 0..entries.len() {
            if row > 0 {
                out.push(',');
            }
            if matches!(keys.data_type(), DataType::Utf8View) {
                self.print(keys, row, out)?;
            } else {
                out.push('"');
                self.print(keys, row, out)?;
                out.push('"');
            }
            out.push(':');
            self.print(values, row, out)?;
        }
        out.push('}');
        Ok(())
    }
}

/// As JSON, slashes escaped.
fn text(text: &str, out: &mut String) {
    let mut quoted = String::with_capacity(text.len() + 2);
    write_quoted(text, &mut quoted);
    out.push_str(&quoted.replace('/', "\\/"));
}

fn float(value: f64, out: &mut String) {
    if value.is_finite() { write_f64(value, out) } else { out.push_str("null") }
}

fn integer(value: impl std::fmt::Display, out: &mut String) {
    // Writing to a String cannot fail.
    let _ = write!(out, "{value}");
}
