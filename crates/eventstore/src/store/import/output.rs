//! Files of the store while they are written: in place in a folder of this machine, else beside the work and then uploaded.

use super::bucket::Fresh;
use super::spill::canonical;
use crate::Error;
use crate::store::files::{Folder, LocalFile, unwritable};
use crate::store::manifest::PersonsFile;
use crate::store::schema::ORDINAL;
use arrow::array::{ArrayRef, FixedSizeBinaryBuilder, RecordBatch, StringArray, UInt32Array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use events::column;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::schema::types::ColumnPath;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::runtime::Handle;

/// Where the files of an import go.
#[derive(Debug, Clone)]
pub(super) struct Output {
    folder: Folder,
    /// Word in their paths that no other import has.
    token: String,
    /// Where files wait that must be uploaded.
    staging: PathBuf,
    handle: Handle,
}

/// A file that is being written.
pub(super) struct OutputFile {
    relative: String,
    file: LocalFile,
}

impl OutputFile {
    /// Where it is written on this machine.
    pub(super) fn place(&self) -> PathBuf {
        self.file.target().to_owned()
    }
}

impl Write for OutputFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Output {
    /// Files of one import; `handle` is the runtime that uploads them.
    pub(super) const fn new(
        folder: Folder,
        token: String,
        staging: PathBuf,
        handle: Handle,
    ) -> Self {
        Self { folder, token, staging, handle }
    }

    /// The path of a file below the store.
    pub(super) fn path(&self, kind: &str, generation: u64, name: &str) -> String {
        format!("{kind}/{generation}-{}/{name}", self.token)
    }

    /// Begins a file.
    pub(super) fn begin(
        &self,
        kind: &str,
        generation: u64,
        name: &str,
    ) -> Result<OutputFile, Error> {
        let relative = self.path(kind, generation, name);
        let file = match self.folder.local(&relative) {
            Some(_) => self.folder.begin(&relative)?,
            None => LocalFile::create(self.staging.join(relative.replace('/', "-")))?,
        };
        Ok(OutputFile { relative, file })
    }

    /// Makes a file durable; tells its path and size. To be called where blocking is fine.
    pub(super) fn finish(&self, file: OutputFile) -> Result<(String, u64), Error> {
        let OutputFile { relative, file } = file;
        let target = file.target().to_owned();
        let bytes = file.finish()?;
        if self.folder.local(&relative).is_none() {
            self.handle.block_on(self.folder.upload(&relative, &target))?;
            std::fs::remove_file(&target).map_err(|error| unwritable(&target, &error))?;
        }
        Ok((relative, bytes))
    }

    /// Writes the file of a bucket's new persons.
    pub(super) fn persons(
        &self,
        bucket: u32,
        generation: u64,
        fresh: &Fresh,
    ) -> Result<PersonsFile, Error> {
        let (ids, ty) = ids(&fresh.persons)?;
        let schema = Arc::new(Schema::new(vec![
            Field::new(ORDINAL, DataType::UInt32, false),
            Field::new(column::PERSON_ID, ty, false),
        ]));
        let count = u32::try_from(fresh.persons.len()).unwrap_or(u32::MAX);
        let ordinals: UInt32Array = (fresh.first..fresh.first.saturating_add(count)).collect();
        let rows = RecordBatch::try_new(Arc::clone(&schema), vec![Arc::new(ordinals), ids]);
        let rows = rows.map_err(|error| Error::internal(error.to_string()))?;
        let file = self.begin("persons", generation, &format!("b{bucket:04}.parquet"))?;
        let (path, bytes) = self.table(file, &schema, |writer| writer.write(&rows))?;
        Ok(PersonsFile {
            path,
            bytes,
            bucket,
            generation,
            first_ordinal: fresh.first,
            persons: count,
            sorted: fresh.first == 0,
        })
    }

    /// Writes a plain Parquet file.
    pub(super) fn table(
        &self,
        file: OutputFile,
        schema: &SchemaRef,
        write: impl FnOnce(&mut ArrowWriter<OutputFile>) -> Result<(), parquet::errors::ParquetError>,
    ) -> Result<(String, u64), Error> {
        let place = file.file.target().to_owned();
        let failed = |error: parquet::errors::ParquetError| unwritable(&place, &error);
        let mut writer =
            ArrowWriter::try_new(file, Arc::clone(schema), Some(properties()?)).map_err(failed)?;
        write(&mut writer).map_err(failed)?;
        let file = writer.into_inner().map_err(failed)?;
        self.finish(file)
    }
}

/// Person ids, as bytes if all of them are UUIDs.
fn ids(persons: &[Box<str>]) -> Result<(ArrayRef, DataType), Error> {
    let uuids: Option<Vec<_>> = persons.iter().map(|person| canonical(person)).collect();
    let Some(uuids) = uuids else {
        let texts: StringArray = persons.iter().map(|person| Some(person.as_ref())).collect();
        return Ok((Arc::new(texts), DataType::Utf8));
    };
    let mut builder = FixedSizeBinaryBuilder::with_capacity(uuids.len(), 16);
    for uuid in uuids {
        builder
            .append_value(uuid.as_bytes())
            .map_err(|error| Error::internal(error.to_string()))?;
    }
    Ok((Arc::new(builder.finish()), DataType::FixedSizeBinary(16)))
}

fn properties() -> Result<WriterProperties, Error> {
    let zstd = ZstdLevel::try_new(1).map_err(|error| Error::internal(error.to_string()))?;
    let ordinal = ColumnPath::new(vec![ORDINAL.to_owned()]);
    Ok(WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_2_0)
        .set_created_by(concat!("hoglet ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_compression(Compression::ZSTD(zstd))
        .set_column_dictionary_enabled(ordinal.clone(), false)
        .set_column_encoding(ordinal, Encoding::DELTA_BINARY_PACKED)
        .build())
}
