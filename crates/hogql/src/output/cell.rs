//! One value of a batch as JSON or text.
//!
//! Instants are ISO 8601 in the column's zone (`Z` for UTC), days `YYYY-MM-DD`, tuples arrays, maps objects; NaN and
//! infinities are null in JSON, which has no such numbers.

use crate::error::Error;
use crate::session::Column;
use crate::types::{Kind, Type};
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StructArray};
use arrow::datatypes::{DataType, Float32Type, Float64Type, TimestampMicrosecondType};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use chrono::{DateTime, Offset, SecondsFormat, TimeZone, Utc};
use chrono_tz::Tz;
use std::fmt::Write;
use std::sync::Arc;

/// The values of a batch.
pub struct Cells {
    columns: Vec<CellColumn>,
    rows: usize,
}

/// The values of one column, with what is needed to write them.
struct CellColumn {
    array: ArrayRef,
    form: CellForm,
}

enum CellForm {
    Null,
    Bool,
    Text,
    Float(Precision),
    Instant(Tz),
    List(Box<CellColumn>),
    Tuple(Vec<CellColumn>),
    Map(Box<(CellColumn, CellColumn)>),
    /// Numbers and anything else that needs no quotes.
    Plain,
    /// Days, and anything else that needs quotes.
    Quoted,
}

#[derive(Clone, Copy)]
enum Precision {
    Single,
    Double,
}

impl Cells {
    /// The cells of a batch whose columns these are.
    ///
    /// # Errors
    /// A zone that does not exist (a defect).
    pub fn new(batch: &RecordBatch, columns: &[Column]) -> Result<Self, Error> {
        let cells = batch.columns().iter().zip(columns);
        let cells = cells
            .map(|(array, column)| CellColumn::new(array, column.ty.as_ref()))
            .collect::<Result<_, _>>()?;
        Ok(Self { columns: cells, rows: batch.num_rows() })
    }

    /// Number of rows.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns.len()
    }

    /// Appends a value as JSON.
    pub fn json(&self, column: usize, row: usize, out: &mut String) {
        match self.columns.get(column) {
            Some(cells) => cells.json(row, out),
            None => out.push_str("null"),
        }
    }

    /// Appends a value as text; NULL is nothing.
    pub fn text(&self, column: usize, row: usize, out: &mut String) {
        if let Some(cells) = self.columns.get(column) {
            cells.text(row, out);
        }
    }

    /// Whether the value is NULL.
    #[must_use]
    pub fn is_null(&self, column: usize, row: usize) -> bool {
        self.columns.get(column).is_none_or(|cells| cells.is_null(row))
    }
}

impl CellColumn {
    fn new(array: &ArrayRef, ty: Option<&Type>) -> Result<Self, Error> {
        let form = match array.data_type() {
            DataType::Null => CellForm::Null,
            DataType::Boolean => CellForm::Bool,
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => CellForm::Text,
            DataType::Float32 => CellForm::Float(Precision::Single),
            DataType::Float64 => CellForm::Float(Precision::Double),
            DataType::Timestamp(_, _) => return Self::instant(array, ty),
            DataType::List(_) => {
                let values = array.as_list::<i32>().values();
                CellForm::List(Box::new(Self::new(values, ty.and_then(Type::element))?))
            }
            DataType::Struct(_) => CellForm::Tuple(Self::tuple(array.as_struct(), ty)?),
            DataType::Map(_, _) => CellForm::Map(Box::new(Self::map(array, ty)?)),
            other if other.is_numeric() => CellForm::Plain,
            _ => CellForm::Quoted,
        };
        Ok(Self { array: Arc::clone(array), form })
    }

    fn instant(array: &ArrayRef, ty: Option<&Type>) -> Result<Self, Error> {
        let micros =
            DataType::Timestamp(arrow::datatypes::TimeUnit::Microsecond, Some("UTC".into()));
        let array = arrow::compute::cast(array, &micros)
            .map_err(|error| Error::internal(error.to_string()))?;
        let zone = match ty.map(|ty| &ty.kind) {
            Some(Kind::DateTime(zone) | Kind::DateTime64(_, zone)) => {
                zone.parse().map_err(|_| Error::internal(format!("unknown zone {zone}")))?
            }
            _ => Tz::UTC,
        };
        Ok(Self { array, form: CellForm::Instant(zone) })
    }

    fn tuple(array: &StructArray, ty: Option<&Type>) -> Result<Vec<Self>, Error> {
        let element = |index: usize| match ty.map(|ty| &ty.kind) {
            Some(Kind::Tuple(elements)) => elements.get(index).map(|(_, ty)| ty),
            _ => None,
        };
        array
            .columns()
            .iter()
            .enumerate()
            .map(|(index, column)| Self::new(column, element(index)))
            .collect()
    }

    fn map(array: &ArrayRef, ty: Option<&Type>) -> Result<(Self, Self), Error> {
        let (key, value) = match ty.map(|ty| &ty.kind) {
            Some(Kind::Map(key, value)) => (Some(&**key), Some(&**value)),
            _ => (None, None),
        };
        let map = array.as_map();
        Ok((Self::new(map.keys(), key)?, Self::new(map.values(), value)?))
    }

    fn is_null(&self, row: usize) -> bool {
        matches!(self.form, CellForm::Null) || self.array.is_null(row)
    }

    fn json(&self, row: usize, out: &mut String) {
        if self.is_null(row) {
            return out.push_str("null");
        }
        match &self.form {
            CellForm::Float(_) if !self.float(row).is_finite() => out.push_str("null"),
            CellForm::Float(_) => self.write_float(row, out),
            CellForm::Bool | CellForm::Plain => self.text(row, out),
            CellForm::List(values) => self.list(values, row, out),
            CellForm::Tuple(elements) => sequence(elements.len(), out, |index, out| {
                if let Some(element) = elements.get(index) {
                    element.json(row, out);
                }
            }),
            CellForm::Map(entries) => self.object(entries, row, out),
            CellForm::Null | CellForm::Text | CellForm::Instant(_) | CellForm::Quoted => {
                let mut text = String::new();
                self.text(row, &mut text);
                out.push_str(&serde_json::Value::String(text).to_string());
            }
        }
    }

    fn text(&self, row: usize, out: &mut String) {
        if self.is_null(row) {
            return;
        }
        match &self.form {
            CellForm::Text => out.push_str(text_at(&self.array, row)),
            CellForm::Bool => {
                out.push_str(if self.array.as_boolean().value(row) { "true" } else { "false" })
            }
            CellForm::Float(_) => self.write_float(row, out),
            CellForm::Instant(zone) => {
                zoned_text(
                    self.array.as_primitive::<TimestampMicrosecondType>().value(row),
                    *zone,
                    out,
                );
            }
            CellForm::List(_) | CellForm::Tuple(_) | CellForm::Map(_) => self.json(row, out),
            CellForm::Null => {}
            CellForm::Plain | CellForm::Quoted => write_displayed(&self.array, row, out),
        }
    }

    fn float(&self, row: usize) -> f64 {
        match self.form {
            CellForm::Float(Precision::Single) => {
                f64::from(self.array.as_primitive::<Float32Type>().value(row))
            }
            _ => self.array.as_primitive::<Float64Type>().value(row),
        }
    }

    /// The shortest text that reads back as the same number.
    fn write_float(&self, row: usize, out: &mut String) {
        let value = self.float(row);
        if let (CellForm::Float(Precision::Single), true) = (&self.form, value.is_finite()) {
            let single = self.array.as_primitive::<Float32Type>().value(row);
            let _ = write!(out, "{single:?}");
        } else if let Some(number) = serde_json::Number::from_f64(value) {
            let _ = write!(out, "{number}");
        } else {
            out.push_str(if value.is_nan() {
                "nan"
            } else if value > 0.0 {
                "inf"
            } else {
                "-inf"
            });
        }
    }

    fn list(&self, values: &Self, row: usize, out: &mut String) {
        let offsets = self.array.as_list::<i32>().value_offsets();
        let bounds = offsets.get(row).zip(offsets.get(row + 1));
        let (start, end) = bounds.map_or((0, 0), |(start, end)| (*start as usize, *end as usize));
        sequence(end - start, out, |index, out| values.json(start + index, out));
    }

    fn object(&self, (keys, values): &(Self, Self), row: usize, out: &mut String) {
        let offsets = self.array.as_map().value_offsets();
        let bounds = offsets.get(row).zip(offsets.get(row + 1));
        let (start, end) = bounds.map_or((0, 0), |(start, end)| (*start as usize, *end as usize));
        out.push('{');
        for index in start..end {
            if index > start {
                out.push(',');
            }
            let mut key = String::new();
            keys.text(index, &mut key);
            out.push_str(&serde_json::Value::String(key).to_string());
            out.push(':');
            values.json(index, out);
        }
        out.push('}');
    }
}

fn sequence(length: usize, out: &mut String, mut write: impl FnMut(usize, &mut String)) {
    out.push('[');
    for index in 0..length {
        if index > 0 {
            out.push(',');
        }
        write(index, out);
    }
    out.push(']');
}

fn text_at(array: &ArrayRef, row: usize) -> &str {
    match array.data_type() {
        DataType::Utf8View => array.as_string_view().value(row),
        DataType::LargeUtf8 => array.as_string::<i64>().value(row),
        _ => array.as_string::<i32>().value(row),
    }
}

fn write_displayed(array: &ArrayRef, row: usize, out: &mut String) {
    let options = FormatOptions::default();
    if let Ok(formatter) = ArrayFormatter::try_new(array, &options) {
        let _ = write!(out, "{}", formatter.value(row));
    }
}

/// Appends an instant (microseconds since 1970-01-01 UTC) as ISO 8601 in a zone: `2024-03-01T10:00:00Z`,
/// `2024-03-01T11:00:00.250000+01:00`. The fraction has six digits or is left out.
pub fn zoned_text(micros: i64, zone: Tz, out: &mut String) {
    let Some(utc) = DateTime::<Utc>::from_timestamp_micros(micros) else {
        let _ = write!(out, "{micros}");
        return;
    };
    let local = utc.with_timezone(&zone);
    let precision =
        if micros % 1_000_000 == 0 { SecondsFormat::Secs } else { SecondsFormat::Micros };
    let fixed = local.with_timezone(&zone.offset_from_utc_datetime(&utc.naive_utc()).fix());
    out.push_str(&fixed.to_rfc3339_opts(precision, true));
}
