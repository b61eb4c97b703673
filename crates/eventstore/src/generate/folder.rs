//! The output folder: everything is written beside its place and moved at the end, or removed.

use super::options::GenerateOptions;
use crate::Error;
use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::schema::types::ColumnPath;
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

/// The parts of an export, in the order in which they are moved to their place.
const PARTS: [&str; 3] = ["groups", "persons", "events"];

/// Rows of a row group.
const ROW_GROUP: usize = 65_536;

/// Bytes of a page before compression, and rows after which they are counted. A page's buffer doubles as it grows: beyond 512 KiB
/// the copies leave the core's cache, and zstd's fastest level looks no further back than that anyway.
const PAGE: usize = 384 * 1024;
const PAGE_CHECK: usize = 64;

/// Columns whose values hardly repeat: no dictionary is tried.
const UNIQUE: [&str; 5] = ["uuid", "properties", "timestamp", "created_at", "_inserted_at"];

/// Most bytes of a dictionary: room for the properties of every person in a row group.
const DICTIONARY: usize = 8 * 1024 * 1024;

/// Columns of long texts: no statistics.
const LONG: [&str; 3] = ["properties", "person_properties", "elements_chain"];

/// The output folder with a hidden folder inside that holds the unfinished export.
#[derive(Debug)]
pub(super) struct Folder {
    out: PathBuf,
    hidden: PathBuf,
    made_out: bool,
    properties: WriterProperties,
}

/// A finished file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Written {
    pub(super) bytes: u64,
}

impl Folder {
    /// Prepares the folder; refuses one that is not empty unless told to overwrite.
    pub(super) fn open(options: &GenerateOptions) -> Result<Self, Error> {
        let out = options.out.clone();
        let properties = writer_properties(options.zstd_level)?;
        let made_out = !out.exists();
        fs::create_dir_all(&out).map_err(|error| failure(&out, &error))?;
        let mut entries = fs::read_dir(&out).map_err(|error| failure(&out, &error))?;
        if entries.next().is_some() && !options.overwrite {
            return Err(Error::usage("the folder is not empty")
                .at(out.display().to_string())
                .with_hint("name a folder that is empty or does not exist"));
        }
        let hidden = out.join(format!(".generating-{}", std::process::id()));
        let folder = Self { out, hidden, made_out, properties };
        for part in PARTS {
            let path = folder.hidden.join(part);
            fs::create_dir_all(&path).map_err(|error| failure(&path, &error))?;
        }
        Ok(folder)
    }

    /// Begins a Parquet file of a part.
    pub(super) fn begin(&self, part: &str, name: &str, schema: SchemaRef) -> Result<Staged, Error> {
        let path = self.hidden.join(part).join(name);
        let file = File::create_new(&path).map_err(|error| failure(&path, &error))?;
        let options = ArrowWriterOptions::new().with_properties(self.properties.clone());
        let writer = ArrowWriter::try_new_with_options(
            BufWriter::with_capacity(1 << 18, file),
            schema,
            options,
        );
        let writer = writer
            .map_err(|error| Error::data(error.to_string()).at(path.display().to_string()))?;
        Ok(Staged { path, writer })
    }

    /// Renames a finished file of a part.
    pub(super) fn rename(&self, part: &str, from: &str, to: &str) -> Result<(), Error> {
        let folder = self.hidden.join(part);
        fs::rename(folder.join(from), folder.join(to))
            .map_err(|error| failure(&folder.join(to), &error))
    }

    /// Writes a small text file of a part.
    pub(super) fn note(&self, part: &str, name: &str, text: &str) -> Result<(), Error> {
        let path = self.hidden.join(part).join(name);
        fs::write(&path, text).map_err(|error| failure(&path, &error))
    }

    /// Moves everything to its place.
    pub(super) fn publish(mut self) -> Result<(), Error> {
        for part in PARTS {
            let place = self.out.join(part);
            if place.exists() {
                fs::remove_dir_all(&place).map_err(|error| failure(&place, &error))?;
            }
            fs::rename(self.hidden.join(part), &place).map_err(|error| failure(&place, &error))?;
        }
        self.made_out = false;
        Ok(())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Best effort: the error that led here is the one to report.
        let _ = fs::remove_dir_all(&self.hidden);
        if self.made_out {
            let _ = fs::remove_dir_all(&self.out);
        }
    }
}

/// A Parquet file being written.
pub(super) struct Staged {
    path: PathBuf,
    writer: ArrowWriter<BufWriter<File>>,
}

impl Staged {
    /// Appends rows.
    pub(super) fn write(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        self.writer
            .write(batch)
            .map_err(|error| Error::data(error.to_string()).at(self.path.display().to_string()))
    }

    /// Closes the file.
    pub(super) fn finish(mut self) -> Result<Written, Error> {
        let place = self.path.display().to_string();
        self.writer.finish().map_err(|error| Error::data(error.to_string()).at(place))?;
        Ok(Written { bytes: self.writer.bytes_written() as u64 })
    }
}

/// An error of the file system, with the place.
fn failure(path: &Path, error: &std::io::Error) -> Error {
    Error::data(error.to_string()).at(path.display().to_string())
}

fn writer_properties(level: i32) -> Result<WriterProperties, Error> {
    let level = ZstdLevel::try_new(level)
        .map_err(|_| Error::usage(format!("the zstd level must be 1 to 22, found {level}")))?;
    let mut builder = WriterProperties::builder()
        .set_created_by("hoglet generate".to_owned())
        // Pages of the second version are compressed where they lie, those of the first are copied first. Its other novelty,
        // encodings of differences, would cost more than they save here.
        .set_writer_version(WriterVersion::PARQUET_2_0)
        .set_encoding(Encoding::PLAIN)
        .set_compression(Compression::ZSTD(level))
        .set_max_row_group_row_count(Some(ROW_GROUP))
        .set_dictionary_page_size_limit(DICTIONARY)
        .set_data_page_size_limit(PAGE)
        .set_write_batch_size(PAGE_CHECK)
        .set_statistics_enabled(EnabledStatistics::Chunk);
    for column in UNIQUE {
        builder = builder.set_column_dictionary_enabled(ColumnPath::from(column), false);
    }
    for column in LONG {
        builder = builder
            .set_column_statistics_enabled(ColumnPath::from(column), EnabledStatistics::None);
    }
    Ok(builder.build())
}
