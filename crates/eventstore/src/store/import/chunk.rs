//! Chunks of rows in spill files: Arrow's IPC messages, one behind the other, LZ4 in their buffers.

use crate::Error;
use arrow::array::RecordBatch;
use arrow::buffer::Buffer;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use arrow::ipc::reader::FileDecoder;
use arrow::ipc::writer::{
    DictionaryTracker, IpcDataGenerator, IpcWriteContext, IpcWriteOptions, write_message,
};
use arrow::ipc::{Block, CompressionType, MetadataVersion};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Where a chunk is in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    /// First byte.
    pub(super) offset: i64,
    /// Bytes of the message's description.
    pub(super) head: i32,
    /// Bytes of its buffers.
    pub(super) body: i64,
}

/// Writes chunks to a file.
pub(super) struct ChunkWriter {
    path: PathBuf,
    file: BufWriter<File>,
    offset: i64,
    options: IpcWriteOptions,
    generator: IpcDataGenerator,
    context: IpcWriteContext,
}

impl ChunkWriter {
    /// Begins a file anew, whatever is there.
    pub(super) fn create(path: &Path) -> Result<Self, Error> {
        let file = File::create(path).map_err(|error| unwritable(path, &error))?;
        let options = IpcWriteOptions::default()
            .try_with_compression(Some(CompressionType::LZ4_FRAME))
            .map_err(|error| Error::internal(error.to_string()))?;
        let file = BufWriter::with_capacity(1 << 20, file);
        let (generator, context) = (IpcDataGenerator::default(), IpcWriteContext::default());
        Ok(Self { path: path.to_owned(), file, offset: 0, options, generator, context })
    }

    /// Appends a chunk.
    pub(super) fn write(&mut self, rows: &RecordBatch) -> Result<Place, Error> {
        let mut tracker = DictionaryTracker::new(false);
        let encoded = self.generator.encode(rows, &mut tracker, &self.options, &mut self.context);
        let (_, message) = encoded.map_err(|error| self.failed(&error))?;
        let written = write_message(&mut self.file, message, &self.options);
        let (head, body) = written.map_err(|error| self.failed(&error))?;
        let length = |bytes: usize| i64::try_from(bytes).unwrap_or(i64::MAX);
        let head = i32::try_from(head).map_err(|error| Error::internal(error.to_string()))?;
        let place = Place { offset: self.offset, head, body: length(body) };
        self.offset += i64::from(head) + length(body);
        Ok(place)
    }

    /// Appends bytes that are no chunk.
    pub(super) fn write_bytes(&mut self, bytes: &[u8]) -> Result<Place, Error> {
        self.file.write_all(bytes).map_err(|error| unwritable(&self.path, &error))?;
        let body = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        let place = Place { offset: self.offset, head: 0, body };
        self.offset += body;
        Ok(place)
    }

    /// Hands everything to the system and tells the file's length. It need not outlast this process.
    pub(super) fn finish(mut self) -> Result<u64, Error> {
        self.file.flush().map_err(|error| unwritable(&self.path, &error))?;
        Ok(self.offset.unsigned_abs())
    }

    /// Brings everything to the disk and tells the file's length: a journal may name it from now on.
    pub(super) fn finish_to_stay(mut self) -> Result<u64, Error> {
        // The folder is not synced: a file that is gone after a power cut is missed, one that is torn is not.
        let written = self.file.flush().and_then(|()| self.file.get_ref().sync_data());
        written.map_err(|error| unwritable(&self.path, &error))?;
        Ok(self.offset.unsigned_abs())
    }

    fn failed(&self, error: &ArrowError) -> Error {
        match error {
            ArrowError::IoError(_, error) => unwritable(&self.path, error),
            error => Error::internal(error.to_string()).at(self.path.display().to_string()),
        }
    }
}

/// Reads chunks of some columns.
pub(super) struct ChunkReader {
    decoder: FileDecoder,
}

impl ChunkReader {
    /// Reads those columns of chunks of that schema.
    pub(super) fn new(schema: SchemaRef, columns: Vec<usize>) -> Self {
        let decoder = FileDecoder::new(schema, MetadataVersion::V5).with_projection(columns);
        Self { decoder }
    }

    /// A chunk of an open file.
    pub(super) fn read(&self, file: &mut SpillFile, place: Place) -> Result<RecordBatch, Error> {
        let bytes = file.read(place)?;
        let block = Block::new(0, place.head, place.body);
        match self.decoder.read_record_batch(&block, &Buffer::from_vec(bytes)) {
            Ok(Some(rows)) => Ok(rows),
            Ok(None) => Err(file.damaged("a chunk is no rows")),
            Err(error) => Err(file.damaged(&error.to_string())),
        }
    }
}

/// A spill file that is read.
pub(super) struct SpillFile {
    path: PathBuf,
    file: File,
}

impl SpillFile {
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        match File::open(path) {
            Ok(file) => Ok(Self { path: path.to_owned(), file }),
            Err(error) => Err(unreadable(path, &error)),
        }
    }

    /// The bytes at a place.
    pub(super) fn read(&mut self, place: Place) -> Result<Vec<u8>, Error> {
        let length = i64::from(place.head) + place.body;
        let mut bytes = vec![0; usize::try_from(length).unwrap_or_default()];
        self.file
            .seek(SeekFrom::Start(place.offset.unsigned_abs()))
            .and_then(|_| self.file.read_exact(&mut bytes))
            .map_err(|error| unreadable(&self.path, &error))?;
        Ok(bytes)
    }

    /// A file that does not hold what was written.
    pub(super) fn damaged(&self, what: &str) -> Error {
        Error::data(format!("the work file is damaged: {what}"))
            .at(self.path.display().to_string())
            .with_hint(ANEW)
    }
}

/// What to do about work files that are of no use.
const ANEW: &str = "remove the folder it is in, and run the same command again";

/// A work file that cannot be written.
pub(super) fn unwritable(path: &Path, error: &std::io::Error) -> Error {
    use std::io::ErrorKind;
    let hint = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            "free some space, or name another place with --work; then run the same command again, which goes on"
        }
        ErrorKind::FileTooLarge => {
            "name a place for larger files with --work, or raise the limit; then run the same command again, \
             which goes on"
        }
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            "check the permissions, or name another place with --work"
        }
        _ => "look at what is there, or name another place with --work",
    };
    Error::usage(format!("it cannot be written: {error}"))
        .at(path.display().to_string())
        .with_hint(hint)
}

/// A work file that cannot be read.
pub(super) fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    Error::data(format!("the work file cannot be read: {error}"))
        .at(path.display().to_string())
        .with_hint(ANEW)
}
