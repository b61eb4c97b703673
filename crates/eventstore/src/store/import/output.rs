//! Files of the store while they are written: in place in a folder of this machine, else beside the work and then uploaded.

use super::bucket::Fresh;
use super::chunk::unreadable;
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
use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Write};
use std::path::{Path, PathBuf};
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

    /// Appends a work file.
    pub(super) fn append(&mut self, from: &Path) -> Result<(), Error> {
        let place = self.place();
        append(from, self, &place)
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

/// Copies a work file to the end of what is written at `place`. An error is told of the one that it is about.
fn append(from: &Path, out: &mut impl Write, place: &Path) -> Result<(), Error> {
    let failed = |error: io::Error| unreadable(from, &error);
    let mut reader = BufReader::with_capacity(COPIED, File::open(from).map_err(failed)?);
    loop {
        let bytes = match reader.fill_buf() {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            bytes => bytes.map_err(failed)?,
        };
        if bytes.is_empty() {
            return Ok(());
        }
        out.write_all(bytes).map_err(|error| unwritable(place, &error))?;
        let length = bytes.len();
        reader.consume(length);
    }
}

/// Bytes that are copied at a time.
const COPIED: usize = 1 << 16;

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

#[cfg(test)]
mod tests {
    use super::*;

    /// What takes so many bytes and no more.
    struct Room(usize);

    impl Write for Room {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.0 == 0 {
                return Err(ErrorKind::StorageFull.into());
            }
            let taken = bytes.len().min(self.0);
            self.0 -= taken;
            Ok(taken)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn an_error_of_copying_names_the_file_that_it_is_about() {
        let folder = tempfile::tempdir().unwrap();
        let (from, place) = (folder.path().join("from"), folder.path().join("place"));
        let told = append(&from, &mut Vec::<u8>::new(), &place).unwrap_err().to_string();
        assert!(told.contains("from: the work file cannot be read: "), "{told}");
        let text: Vec<u8> = (0..COPIED * 2 + 1).map(|at| (at / 100) as u8).collect();
        std::fs::write(&from, &text).unwrap();
        let mut copied = b"before".to_vec();
        append(&from, &mut copied, &place).unwrap();
        assert_eq!(copied, [&b"before"[..], &text].concat());
        let told = append(&from, &mut Room(COPIED + 7), &place).unwrap_err().to_string();
        assert!(told.contains("place: the disk is full"), "{told}");
    }
}
