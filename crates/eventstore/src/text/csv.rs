//! Header and rows of CSV files.

use crate::Error;
use arrow::array::RecordBatch;
use arrow::csv::ReaderBuilder;
use arrow::csv::reader::{Decoder, Format};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use datafusion::common::{DataFusionError, Result, exec_datafusion_err};
use std::sync::Arc;

/// The columns that a header names, all text; `None` while `start` does not hold the whole header. `last`: nothing follows.
/// Blank lines above the header are passed over, as the decoder passes over them.
pub(super) fn header(start: &[u8], delimiter: u8, last: bool) -> Result<Option<SchemaRef>> {
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let blank = start.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    let (above, start) = start.split_at_checked(blank).unwrap_or((start, &[]));
    let mut quotes = Quotes::new(delimiter);
    let end = match quotes.line_end(start) {
        Some(end) => end,
        None if !last => return Ok(None),
        None if quotes.is_open() => {
            let line = quotes.opened + above.iter().filter(|byte| **byte == b'\n').count();
            return Err(DataFusionError::External(Box::new(unclosed(line))));
        }
        None => start.len(),
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

/// What is wrong with a file that ends inside the quote that begins on a line.
pub(super) fn unclosed(line: usize) -> Error {
    Error::data(format!(
        "line {line}: the quote that begins here is not closed before the end of the file"
    ))
    .with_hint("close it, and double the quotes inside a quoted cell; or the file was cut off")
}

/// Follows the quotes of a file byte by byte, as the decoder understands them.
#[derive(Debug)]
pub(super) struct Quotes {
    delimiter: u8,
    place: Place,
    /// Number of the line of the next byte.
    line: usize,
    /// Number of the line on which the last quote began.
    pub(super) opened: usize,
}

/// Where the next byte is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// At the start of a cell: only here a quote begins.
    Start,
    /// In a cell without quotes, or behind them.
    Plain,
    /// Between quotes.
    Quoted,
    /// Behind a quote between quotes: it was the last one, or is doubled.
    Quote,
}

impl Quotes {
    /// At the beginning of a file.
    pub(super) const fn new(delimiter: u8) -> Self {
        Self { delimiter, place: Place::Start, line: 1, opened: 0 }
    }

    /// Whether the next byte is between quotes.
    pub(super) const fn is_open(&self) -> bool {
        matches!(self.place, Place::Quoted)
    }

    /// Goes over one byte.
    pub(super) fn follow(&mut self, byte: u8) {
        let ends = byte == self.delimiter || matches!(byte, b'\r' | b'\n');
        self.place = match (self.place, byte) {
            (Place::Start, b'"') => {
                self.opened = self.line;
                Place::Quoted
            }
            (Place::Quote, b'"') => Place::Quoted,
            (Place::Quoted, b'"') => Place::Quote,
            (Place::Quoted, _) => Place::Quoted,
            _ if ends => Place::Start,
            _ => Place::Plain,
        };
        self.line += usize::from(byte == b'\n');
    }

    /// Where the first line ends that is not inside quotes.
    fn line_end(&mut self, bytes: &[u8]) -> Option<usize> {
        bytes.iter().position(|byte| {
            self.follow(*byte);
            *byte == b'\n' && !self.is_open()
        })
    }
}

/// A decoder of the rows below the header.
pub(super) fn decoder(
    schema: &SchemaRef,
    delimiter: u8,
    batch_size: usize,
    columns: Vec<usize>,
) -> Decoder {
    builder(schema, delimiter, columns)
        .with_header(true)
        .with_batch_size(batch_size)
        .build_decoder()
}

fn builder(schema: &SchemaRef, delimiter: u8, columns: Vec<usize>) -> ReaderBuilder {
    ReaderBuilder::new(Arc::clone(schema)).with_delimiter(delimiter).with_projection(columns)
}

/// What reads whole rows, each with a line end behind it.
pub(super) struct Cells {
    /// The columns of the header.
    pub(super) schema: SchemaRef,
    /// What stands between cells.
    pub(super) delimiter: u8,
    /// Places of the columns that are read.
    pub(super) columns: Vec<usize>,
}

impl Cells {
    /// The rows as a batch; all fail with one.
    pub(super) fn read(
        &self,
        bytes: &[u8],
        rows: usize,
    ) -> std::result::Result<RecordBatch, ArrowError> {
        let mut decoder = builder(&self.schema, self.delimiter, self.columns.clone())
            .with_batch_size(rows)
            .build_decoder();
        // An empty line first: a byte order mark would be cut off the first row of each batch.
        decoder.decode(b"\n")?;
        let mut rest = bytes;
        loop {
            let read = decoder.decode(rest)?;
            rest = rest.get(read..).unwrap_or_default();
            if read == 0 || rest.is_empty() {
                break;
            }
        }
        let whole = rest.is_empty();
        match decoder.flush()? {
            Some(batch) if whole && batch.num_rows() == rows => Ok(batch),
            _ => Err(ArrowError::CsvError("its cells cannot be told apart".to_owned())),
        }
    }

    /// What is wrong with a row that cannot be read.
    pub(super) fn wrong(&self, row: &[u8], error: ArrowError) -> String {
        if std::str::from_utf8(row).is_err() {
            return "it is no UTF-8 text".to_owned();
        }
        let mut quotes = Quotes::new(self.delimiter);
        let delimits = |byte: &&u8| {
            quotes.follow(**byte);
            **byte == self.delimiter && !quotes.is_open()
        };
        let (cells, columns) =
            (row.iter().filter(delimits).count() + 1, self.schema.fields().len());
        if cells == columns {
            return reason(error);
        }
        format!("it has {cells} cells, the header has {columns}")
    }
}

/// What the CSV reader says, without its own name.
pub(super) fn reason(error: ArrowError) -> String {
    match error {
        ArrowError::CsvError(message) => message,
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_alone_or_told_what_is_wrong() {
        let header = header(b"a,b\n", b',', true).unwrap().unwrap();
        let cells = Cells { schema: header, delimiter: b',', columns: vec![1] };
        let batch = cells.read(b"1,2\n\"x,\",\"y\nz\"\n", 2).unwrap();
        assert_eq!((batch.num_rows(), batch.num_columns()), (2, 1));
        for (row, expected) in [
            (&b"1"[..], "it has 1 cells, the header has 2"),
            (&b"1,\"2,3\",4"[..], "it has 3 cells, the header has 2"),
            (&b"1,\xff"[..], "it is no UTF-8 text"),
        ] {
            let error = cells.read(&[row, &b"\n"[..]].concat(), 1).unwrap_err();
            assert_eq!(cells.wrong(row, error), expected);
        }
    }

    #[test]
    fn quotes_are_followed() {
        for (text, opened) in [
            ("a,b\n\"c\",\"d\"\"e\nf\"\n", None),
            ("a\"b,c\"", None),
            ("\"a\"b\"", None),
            ("a\n\"b\nc", Some(2)),
            ("a\n\"b\"\"", Some(2)),
            ("\"a\n\"\nb,\"\"\"", Some(3)),
        ] {
            let mut quotes = Quotes::new(b',');
            text.bytes().for_each(|byte| quotes.follow(byte));
            assert_eq!(quotes.is_open().then_some(quotes.opened), opened, "{text}");
        }
    }
}
