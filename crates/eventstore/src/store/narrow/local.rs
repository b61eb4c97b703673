//! Files of this machine, open while streams read them.

use bytes::Bytes;
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{ChunkReader, Length};
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// A file that is open while one of its streams is: they share it, as a merge has more streams than a process may have open
/// files.
pub(super) struct LocalFile {
    path: PathBuf,
    length: u64,
    open: Mutex<Weak<File>>,
}

impl LocalFile {
    pub(super) const fn new(path: PathBuf, length: u64) -> Self {
        Self { path, length, open: Mutex::new(Weak::new()) }
    }

    /// A reader of the file. The file is closed with its last reader.
    pub(super) fn reader(&self) -> io::Result<LocalReader> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let file = match open.upgrade() {
            Some(file) => file,
            None => {
                let file = Arc::new(File::open(&self.path)?);
                *open = Arc::downgrade(&file);
                file
            }
        };
        Ok(LocalReader { file, length: self.length })
    }
}

/// Reads a file that others read, too: each at its own place. What is asked for is read by one call.
pub(super) struct LocalReader {
    file: Arc<File>,
    length: u64,
}

impl Length for LocalReader {
    fn len(&self) -> u64 {
        self.length
    }
}

/// Bytes that are read for the header of a page.
const HEADER: usize = 256;

impl ChunkReader for LocalReader {
    type T = BufReader<Cursor>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        let cursor = Cursor { file: Arc::clone(&self.file), at: start };
        Ok(BufReader::with_capacity(HEADER, cursor))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let end = start.saturating_add(length as u64);
        if end > self.length {
            let there = self.length;
            return Err(ParquetError::EOF(format!("{there} bytes where {end} are expected")));
        }
        let mut bytes = vec![0; length];
        Cursor { file: Arc::clone(&self.file), at: start }.read_exact(&mut bytes)?;
        Ok(bytes.into())
    }
}

/// A place in a file.
pub(super) struct Cursor {
    file: Arc<File>,
    at: u64,
}

impl Read for Cursor {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = read_at(&self.file, buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, at)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, at)
}
