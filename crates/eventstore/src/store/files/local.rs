//! Files of this machine that are whole or not there, and stay when the power goes.
//!
//! A file is written under a hidden name beside its own, synced, and takes its name in the end; then its folder is
//! synced.

use super::token;
use crate::Error;
use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Bytes gathered before they are written.
const BUFFER: usize = 1 << 18;

/// A file being written. It has its name once it is [finished](Self::finish), and leaves nothing behind if it never is.
#[derive(Debug)]
pub(crate) struct LocalFile {
    writer: Option<BufWriter<File>>,
    partial: Partial,
    target: PathBuf,
    bytes: u64,
}

/// The hidden file, removed in the end: by then what it holds has a name of its own, or is not wanted.
#[derive(Debug)]
struct Partial(PathBuf);

impl Drop for Partial {
    fn drop(&mut self) {
        // Best effort: mostly it was renamed, and else the error that led here is the one to report.
        let _ = fs::remove_file(&self.0);
    }
}

impl LocalFile {
    /// Begins a file, and makes the folders that it is in.
    pub(crate) fn create(target: PathBuf) -> Result<Self, Error> {
        let begin = || {
            make_folder(parent(&target))?;
            let name = target.file_name().unwrap_or_default().to_string_lossy();
            let partial = target.with_file_name(format!(".{name}.{}.partial", token()));
            let file = File::create_new(&partial)?;
            Ok((partial, file))
        };
        match begin() {
            Ok((partial, file)) => {
                let writer = Some(BufWriter::with_capacity(BUFFER, file));
                Ok(Self { writer, partial: Partial(partial), target, bytes: 0 })
            }
            Err(error) => Err(unwritable_io(&target, &error)),
        }
    }

    /// The path that it will have.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Gives the file its name, in place of one that has it; tells its size.
    pub(crate) fn finish(mut self) -> Result<u64, Error> {
        let published = self
            .seal()
            .and_then(|()| fs::rename(&self.partial.0, &self.target))
            .and_then(|()| sync_folder(parent(&self.target)));
        published.map_err(|error| unwritable_io(&self.target, &error))?;
        Ok(self.bytes)
    }

    /// Gives the file its name unless another has it, and tells whether it did.
    fn finish_new(mut self) -> Result<bool, Error> {
        let claimed = self.seal().and_then(|()| claim(&self.partial.0, &self.target));
        let synced = claimed.and_then(|claimed| {
            sync_folder(parent(&self.target))?;
            Ok(claimed)
        });
        synced.map_err(|error| unwritable_io(&self.target, &error))
    }

    /// Brings all bytes to the disk, and closes the hidden file.
    fn seal(&mut self) -> io::Result<()> {
        let writer = self.writer.take().ok_or_else(closed)?;
        writer.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
    }
}

impl Write for LocalFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.writer.as_mut().ok_or_else(closed)?.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.as_mut().ok_or_else(closed)?.flush()
    }
}

impl Drop for LocalFile {
    fn drop(&mut self) {
        // What is left in the buffer is not wanted, and some systems remove no open file.
        if let Some(writer) = self.writer.take() {
            drop(writer.into_parts());
        }
    }
}

fn closed() -> io::Error {
    io::Error::other("the file is closed")
}

/// Writes a whole file, in place of one of that name.
pub(super) fn write(target: PathBuf, bytes: &[u8]) -> Result<(), Error> {
    filled(target, bytes)?.finish().map(drop)
}

/// Writes a whole file unless one of that name is there.
pub(super) fn put_new(target: &Path, bytes: &[u8]) -> Result<bool, Error> {
    let file = filled(target.to_path_buf(), bytes)?;
    // A file server may have done what its lost answer was about: our own bytes tell.
    Ok(file.finish_new()? || fs::read(target).is_ok_and(|there| there == bytes))
}

fn filled(target: PathBuf, bytes: &[u8]) -> Result<LocalFile, Error> {
    let mut file = LocalFile::create(target)?;
    file.write_all(bytes).map_err(|error| unwritable_io(&file.target, &error))?;
    Ok(file)
}

/// Copies a file; tells its size.
pub(super) fn copy(from: &Path, target: PathBuf) -> Result<u64, Error> {
    let mut source = File::open(from).map_err(|error| unreadable(from, &error))?;
    let mut file = LocalFile::create(target)?;
    io::copy(&mut source, &mut file).map_err(|error| unwritable_io(&file.target, &error))?;
    file.finish()
}

/// Gives a file another name that nobody else has: of any number who try, one does.
fn claim(partial: &Path, target: &Path) -> io::Result<bool> {
    match fs::hard_link(partial, target) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        // Not every file system has links, and they say so in different ways.
        Err(_) => rename_new(partial, target),
    }
}

/// The same without links: writers take turns. The lock goes with its holder, however that ends.
fn rename_new(partial: &Path, target: &Path) -> io::Result<bool> {
    let path = target.with_file_name(".lock");
    let lock = File::options().create(true).truncate(false).write(true).open(path)?;
    lock.lock()?;
    if target.try_exists()? {
        return Ok(false);
    }
    fs::rename(partial, target)?;
    Ok(true)
}

/// Makes a folder and those it is in, each one to stay.
fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(parent) = folder.parent() {
        make_folder(parent)?;
    }
    match fs::create_dir(folder) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists && folder.is_dir() => {}
        made => made?,
    }
    sync_folder(parent(folder))
}

fn parent(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}

/// Brings the names in a folder to the disk.
#[cfg(unix)]
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        // Some file systems sync no folders.
        Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => {
            Ok(())
        }
        synced => synced,
    }
}

/// Folders cannot be opened here; their names are written with their files.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
pub(super) fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

/// What a file of this machine that could not be written means for people, whatever has wrapped the system's error.
pub(crate) fn unwritable(path: &Path, error: &(dyn std::error::Error + 'static)) -> Error {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return unwritable_io(path, error);
        }
        cause = error.source();
    }
    Error::data(format!("it cannot be written: {error}")).at(path.display().to_string())
}

fn unwritable_io(path: &Path, error: &io::Error) -> Error {
    let room = "make room there, and start again";
    let elsewhere = "name a folder that can be written";
    let error = match error.kind() {
        ErrorKind::StorageFull => Error::data("the disk is full").with_hint(room),
        ErrorKind::QuotaExceeded => Error::data("the disk quota is used up").with_hint(room),
        ErrorKind::FileTooLarge => {
            Error::data("the file is larger than its file system takes").with_hint(elsewhere)
        }
        ErrorKind::ReadOnlyFilesystem => {
            Error::usage("the file system is read-only").with_hint(elsewhere)
        }
        ErrorKind::PermissionDenied => Error::usage("it cannot be written: permission denied")
            .with_hint("check the permissions of its folder, or name another"),
        ErrorKind::NotADirectory | ErrorKind::AlreadyExists => {
            Error::usage("a file stands where a folder is needed")
                .with_hint("remove it, or name another folder")
        }
        ErrorKind::IsADirectory => Error::data("a folder stands where a file is needed")
            .with_hint("remove it, or name another folder"),
        _ => Error::data(format!("it cannot be written: {error}")),
    };
    error.at(path.display().to_string())
}

/// What a file of this machine that could not be read means for people.
pub(super) fn unreadable(path: &Path, error: &io::Error) -> Error {
    Error::data(format!("it cannot be read: {error}")).at(path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_has_its_name_once_it_is_finished() {
        let folder = TempDir::new().unwrap();
        let target = folder.path().join("events/7/a.parquet");
        write(target.clone(), b"before").unwrap();
        let mut file = LocalFile::create(target.clone()).unwrap();
        file.write_all(b"after all").unwrap();
        file.flush().unwrap();
        assert_eq!(fs::read(file.target()).unwrap(), b"before");
        assert_eq!(names(parent(&target)).len(), 2);
        assert_eq!(file.finish().unwrap(), 9);
        assert_eq!(fs::read(&target).unwrap(), b"after all");
        assert_eq!(names(parent(&target)), ["a.parquet"]);
    }

    #[test]
    fn an_unfinished_file_leaves_nothing() {
        let folder = TempDir::new().unwrap();
        let target = folder.path().join("a.parquet");
        write(target.clone(), b"before").unwrap();
        let mut file = LocalFile::create(target.clone()).unwrap();
        file.write_all(&[0; 2 * BUFFER]).unwrap();
        drop(file);
        assert_eq!(names(folder.path()), ["a.parquet"]);
        assert_eq!(fs::read(&target).unwrap(), b"before");
    }

    #[test]
    fn a_new_file_is_written_once() {
        let folder = TempDir::new().unwrap();
        let target = folder.path().join("1.json");
        assert!(put_new(&target, b"mine").unwrap());
        assert!(!put_new(&target, b"theirs").unwrap());
        // As after an answer that was lost.
        assert!(put_new(&target, b"mine").unwrap());
        assert_eq!(fs::read(&target).unwrap(), b"mine");
        assert_eq!(names(folder.path()), ["1.json"]);
    }

    #[test]
    fn without_links_one_writer_wins_too() {
        let folder = TempDir::new().unwrap();
        for round in 0..20 {
            let target = folder.path().join(format!("{round}.json"));
            let write = |writer: usize| {
                let partial = folder.path().join(format!(".{round}.{writer}"));
                fs::write(&partial, writer.to_string()).unwrap();
                rename_new(&partial, &target).unwrap().then_some(writer)
            };
            let winners: Vec<usize> = std::thread::scope(|scope| {
                let writers: Vec<_> =
                    (0..4).map(|writer| scope.spawn(move || write(writer))).collect();
                writers.into_iter().filter_map(|writer| writer.join().unwrap()).collect()
            });
            assert_eq!(winners.len(), 1, "{winners:?}");
            assert_eq!(fs::read_to_string(&target).unwrap(), winners[0].to_string());
        }
    }

    #[test]
    fn failures_are_told_in_words() {
        let path = Path::new("/store/a.parquet");
        for (kind, expected) in [
            (ErrorKind::StorageFull, "/store/a.parquet: the disk is full; make room"),
            (ErrorKind::ReadOnlyFilesystem, "/store/a.parquet: the file system is read-only; name"),
            (ErrorKind::PermissionDenied, "/store/a.parquet: it cannot be written: permission"),
            (ErrorKind::Other, "/store/a.parquet: it cannot be written: other error"),
        ] {
            let text = unwritable(path, &io::Error::from(kind)).to_string();
            assert!(text.starts_with(expected), "{text}");
        }
        let full = io::Error::from(ErrorKind::StorageFull);
        let wrapped = parquet::errors::ParquetError::External(Box::new(full));
        assert!(unwritable(path, &wrapped).to_string().contains("the disk is full"));
    }

    #[test]
    fn a_file_in_place_of_a_folder_is_told() {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("events"), "").unwrap();
        let error = write(folder.path().join("events/7/a.parquet"), b"").unwrap_err();
        assert_eq!(error.message(), "a file stands where a folder is needed");
    }
}
