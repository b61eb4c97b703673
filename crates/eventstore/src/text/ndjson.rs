//! Lines of JSON objects, cut into the texts of some of their keys.

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions, StringViewBuilder};
use arrow::datatypes::SchemaRef;
use datafusion::common::Result;
use events::property::{is_valid, json, unescape};
use std::borrow::Cow;
use std::fmt;
use std::str::Utf8Error;
use std::sync::Arc;

/// Collects rows of some keys.
pub(super) struct Rows {
    schema: SchemaRef,
    columns: Vec<StringViewBuilder>,
    /// For each column, whether its values are given as they are written.
    written: Vec<bool>,
    rows: usize,
}

impl Rows {
    /// Rows whose columns are the keys that the fields of `schema` name, as text; those in `written` as raw JSON.
    pub(super) fn new(schema: SchemaRef, written: &[String]) -> Self {
        let fields = schema.fields();
        let columns = fields.iter().map(|_| StringViewBuilder::new()).collect();
        let written = fields.iter().map(|field| written.contains(field.name())).collect();
        Self { schema, columns, written, rows: 0 }
    }

    pub(super) const fn len(&self) -> usize {
        self.rows
    }

    /// Adds the object of one line; a blank line adds nothing. The error is what is wrong with the line.
    pub(super) fn push(&mut self, line: &[u8]) -> std::result::Result<(), Wrong> {
        let line = object(line)?;
        if line.is_empty() {
            return Ok(());
        }
        let mut found: Vec<Option<&str>> = vec![None; self.columns.len()];
        for member in json::members(line) {
            let column = self.schema.fields().iter().position(|field| member.is_key(field.name()));
            if let Some(slot) = column.and_then(|column| found.get_mut(column))
                && slot.is_none()
            {
                *slot = Some(member.value);
            }
        }
        for ((column, written), raw) in self.columns.iter_mut().zip(&self.written).zip(found) {
            if *written {
                column.append_option(raw.filter(|raw| *raw != "null"));
            } else {
                column.append_option(raw.and_then(text));
            }
        }
        self.rows += 1;
        Ok(())
    }

    /// The rows so far.
    pub(super) fn finish(&mut self) -> Result<RecordBatch> {
        let columns =
            self.columns.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(self.rows));
        self.rows = 0;
        Ok(RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)?)
    }
}

/// What is wrong with a line.
#[derive(Debug)]
pub(super) enum Wrong {
    /// Its bytes.
    Bytes(Utf8Error),
    /// It is something else, which begins so.
    Other(String),
}

impl Wrong {
    /// The same without anything of the line.
    pub(super) const fn reason(&self) -> &'static str {
        match self {
            Self::Bytes(_) => "it is no UTF-8 text",
            Self::Other(_) => "it is no JSON object",
        }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = self.reason();
        match self {
            Self::Bytes(error) => write!(f, "{reason}: {error}"),
            Self::Other(start) => write!(f, "{reason}: {start}"),
        }
    }
}

/// The object of a line, empty for a blank line; else what is wrong with it.
pub(super) fn object(line: &[u8]) -> std::result::Result<&str, Wrong> {
    let text = std::str::from_utf8(line).map_err(Wrong::Bytes)?;
    let text = text.trim_start_matches('\u{feff}').trim_ascii();
    if text.is_empty() || text.starts_with('{') && is_valid(text) {
        return Ok(text);
    }
    Err(Wrong::Other(text.chars().take(40).collect()))
}

/// The text of a raw value: strings without quotes and escapes, NULL for null, other values as they are written.
fn text(raw: &str) -> Option<Cow<'_, str>> {
    match raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(content) => unescape(content).or(Some(Cow::Borrowed(content))),
        None if raw == "null" => None,
        None => Some(Cow::Borrowed(raw)),
    }
}
