//! Results as text and files: JSON, JSON lines, CSV, Parquet, Arrow. Written as batches come, never held whole.

mod cell;
mod csv;
mod json;

pub use cell::{Cells, zoned_text};

use crate::error::Error;
use crate::session::Column;
use ::arrow::array::RecordBatch;
use ::arrow::datatypes::SchemaRef;
use ::arrow::ipc::writer::StreamWriter;
use std::io::Write;
use std::sync::Arc;

/// Forms of a written result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One object: `columns`, `types`, `results`, `limit`, `hasMore`, `complete`. NaN and infinities are null.
    Json,
    /// One object a row, keyed by column name.
    JsonLines,
    /// A header, then a line a row. NULL is an empty field.
    Csv,
    /// A Parquet file.
    Parquet,
    /// An Arrow IPC stream.
    Arrow,
}

/// Writes batches of one result in a [`Format`].
pub struct Writer<W: Write + Send> {
    columns: Arc<[Column]>,
    rows: u64,
    form: Form<W>,
}

enum Form<W: Write + Send> {
    Json(W),
    JsonLines(W),
    Csv(Box<::csv::Writer<W>>),
    Parquet(Box<eventstore::ParquetWriter<W>>),
    Arrow(Box<StreamWriter<W>>),
}

impl<W: Write + Send> Writer<W> {
    /// Begins the result: writes what stands before the first row.
    ///
    /// # Errors
    /// A sink that cannot be written.
    pub fn begin(
        format: Format,
        columns: &Arc<[Column]>,
        schema: &SchemaRef,
        mut sink: W,
    ) -> Result<Self, Error> {
        let form = match format {
            Format::Json => {
                json::head(columns, schema, &mut sink).map_err(|error| unwritable(&error))?;
                Form::Json(sink)
            }
            Format::JsonLines => Form::JsonLines(sink),
            Format::Csv => Form::Csv(Box::new(csv::begin(columns, sink)?)),
            Format::Parquet => {
                Form::Parquet(Box::new(eventstore::ParquetWriter::begin(schema, sink)?))
            }
            Format::Arrow => Form::Arrow(Box::new(
                StreamWriter::try_new(sink, schema).map_err(|error| unwritable(&error))?,
            )),
        };
        Ok(Self { columns: Arc::clone(columns), rows: 0, form })
    }

    /// Writes a batch.
    ///
    /// # Errors
    /// A sink that cannot be written.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let cells = Cells::new(batch, &self.columns)?;
        match &mut self.form {
            Form::Json(sink) => {
                json::rows(&cells, self.rows == 0, sink).map_err(|error| unwritable(&error))?
            }
            Form::JsonLines(sink) => {
                json::lines(&cells, &self.columns, sink).map_err(|error| unwritable(&error))?
            }
            Form::Csv(sink) => csv::rows(&cells, sink)?,
            Form::Parquet(sink) => sink.write(batch)?,
            Form::Arrow(sink) => sink.write(batch).map_err(|error| unwritable(&error))?,
        }
        self.rows += batch.num_rows() as u64;
        Ok(())
    }

    /// Ends the result and gives the number of rows. `limit` is the number of rows that was asked for by an interface with a
    /// default limit; `more` says that rows were left out for it.
    ///
    /// # Errors
    /// A sink that cannot be written.
    pub fn finish(self, limit: Option<u64>, more: bool) -> Result<u64, Error> {
        match self.form {
            Form::Json(mut sink) => {
                json::tail(limit, more, &mut sink)
                    .and_then(|()| sink.flush())
                    .map_err(|error| unwritable(&error))?;
            }
            Form::JsonLines(mut sink) => sink.flush().map_err(|error| unwritable(&error))?,
            Form::Csv(mut sink) => sink.flush().map_err(|error| unwritable(&error))?,
            Form::Parquet(sink) => sink.finish()?,
            Form::Arrow(mut sink) => sink.finish().map_err(|error| unwritable(&error))?,
        }
        Ok(self.rows)
    }
}

fn unwritable(error: &dyn std::fmt::Display) -> Error {
    Error::usage(format!("the result cannot be written: {error}"))
}
