//! Results as Parquet files.

use crate::Error;
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use std::io::Write;

/// Writes batches of one schema as a Parquet file, zstd inside.
pub struct ParquetWriter<W: Write + Send> {
    writer: ArrowWriter<W>,
}

impl<W: Write + Send> ParquetWriter<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// A schema that Parquet cannot hold, or a sink that cannot be written.
    pub fn begin(schema: &SchemaRef, sink: W) -> Result<Self, Error> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .build();
        let writer = ArrowWriter::try_new(sink, SchemaRef::clone(schema), Some(properties))
            .map_err(unwritable)?;
        Ok(Self { writer })
    }

    /// Writes a batch.
    ///
    /// # Errors
    /// A sink that cannot be written.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        self.writer.write(batch).map_err(unwritable)
    }

    /// Writes the footer. A file without it cannot be read.
    ///
    /// # Errors
    /// A sink that cannot be written.
    pub fn finish(self) -> Result<(), Error> {
        self.writer.close().map(drop).map_err(unwritable)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is called by map_err")]
fn unwritable(error: ParquetError) -> Error {
    Error::usage(format!("the Parquet result cannot be written: {error}"))
}
