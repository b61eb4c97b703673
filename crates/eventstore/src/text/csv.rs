//! Header and rows of CSV files.

use arrow::csv::ReaderBuilder;
use arrow::csv::reader::{Decoder, Format};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::{Result, exec_datafusion_err};
use std::sync::Arc;

/// The columns that a header names, all text; `None` while `start` does not hold the whole header. `last`: nothing follows.
/// Blank lines above the header are passed over, as the decoder passes over them.
pub(super) fn header(start: &[u8], delimiter: u8, last: bool) -> Result<Option<SchemaRef>> {
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let blank = start.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    let start = start.get(blank..).unwrap_or_default();
    let Some(end) = line_end(start).or_else(|| last.then_some(start.len())) else {
        return Ok(None);
    };
    let line = start.get(..end).unwrap_or(start);
    let format = Format::default().with_header(true).with_delimiter(delimiter);
    let (schema, _) = format
        .infer_schema(line, Some(0))
        .map_err(|error| exec_datafusion_err!("its header line cannot be read: {error}"))?;
    let fields: Vec<Field> = schema
        .fields()
        .iter()
        .map(|field| Field::new(field.name().trim(), DataType::Utf8View, true))
        .collect();
    Ok(Some(Arc::new(Schema::new(fields))))
}

/// Where the first line ends that is not inside quotes.
fn line_end(bytes: &[u8]) -> Option<usize> {
    let mut quoted = false;
    bytes.iter().position(|byte| {
        quoted ^= *byte == b'"';
        *byte == b'\n' && !quoted
    })
}

/// A decoder of the rows below the header.
pub(super) fn decoder(
    schema: &SchemaRef,
    delimiter: u8,
    batch_size: usize,
    columns: Vec<usize>,
) -> Decoder {
    ReaderBuilder::new(Arc::clone(schema))
        .with_header(true)
        .with_delimiter(delimiter)
        .with_batch_size(batch_size)
        .with_projection(columns)
        .build_decoder()
}
