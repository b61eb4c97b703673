//! Where a result goes: stdout or a file, which has the whole result or is left as it was.

use crate::failure::Failure;
use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

/// Links that are followed one behind the other: as many as Linux follows.
const MOST_LINKS: usize = 40;

/// Where a result goes.
pub(crate) enum Target {
    Stdout,
    /// Written beside its place, and moved there when it is whole.
    File {
        path: PathBuf,
        partial: PathBuf,
    },
    /// A pipe or a device: nothing can be moved in its place.
    Stream(PathBuf),
}

/// Takes the bytes of a result and remembers what went wrong: writers of formats only pass on a text.
pub(crate) struct Sink {
    to: BufWriter<Box<dyn Write + Send>>,
    trouble: Option<io::Error>,
}

impl Target {
    pub(crate) fn new(output: Option<&Path>) -> Result<Self, Failure> {
        let Some(path) = output else {
            return Ok(Self::Stdout);
        };
        let path = behind_links(path);
        match fs::metadata(&path) {
            Ok(found) if found.is_dir() => {
                Err(Failure::Usage(format!("{}: this is a folder", path.display())))
            }
            Ok(found) if !found.is_file() => Ok(Self::Stream(path)),
            _ => Ok(Self::File { partial: beside(&path), path }),
        }
    }

    /// Whether a person sees what is written.
    pub(crate) fn is_terminal(&self) -> bool {
        matches!(self, Self::Stdout) && io::stdout().is_terminal()
    }

    /// Begins to write.
    pub(crate) fn open(&self) -> Result<Sink, Failure> {
        let to: io::Result<Box<dyn Write + Send>> = match self {
            Self::Stdout => Ok(Box::new(io::stdout())),
            Self::File { path, partial } => begin(path, partial).map(|file| Box::new(file) as _),
            Self::Stream(path) => {
                File::options().write(true).open(path).map(|file| Box::new(file) as _)
            }
        };
        let to = to.map_err(|error| self.failure(&error))?;
        Ok(Sink { to: BufWriter::new(to), trouble: None })
    }

    /// Ends what was written; the result is in its place afterwards, if the writing went well.
    pub(crate) fn close(
        &self,
        mut sink: Sink,
        written: Result<(), Failure>,
    ) -> Result<(), Failure> {
        // What a stream has is all there will be, even of a result that broke off.
        let flushed = sink.flush();
        if let Some(error) = sink.trouble.take() {
            return Err(self.failure(&error));
        }
        written?;
        flushed.map_err(|error| self.failure(&error))?;
        match self {
            Self::File { path, partial } => {
                fs::rename(partial, path).map_err(|error| self.failure(&error))
            }
            Self::Stdout | Self::Stream(_) => Ok(()),
        }
    }

    /// Removes what an unfinished result has left.
    pub(crate) fn discard(&self) {
        if let Self::File { partial, .. } = self {
            // It may not have been begun.
            let _ = fs::remove_file(partial);
        }
    }

    fn failure(&self, error: &io::Error) -> Failure {
        match self {
            _ if error.kind() == io::ErrorKind::BrokenPipe => Failure::OutputClosed,
            Self::Stdout => Failure::Usage(format!("stdout cannot be written: {error}")),
            Self::File { path, .. } | Self::Stream(path) => {
                Failure::Usage(format!("{} cannot be written: {error}", path.display()))
            }
        }
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes);
        self.noted(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = self.to.flush();
        self.noted(flushed)
    }
}

impl Sink {
    fn noted<T>(&mut self, outcome: io::Result<T>) -> io::Result<T> {
        outcome.map_err(|error| {
            let kind = error.kind();
            self.trouble.get_or_insert(error);
            kind.into()
        })
    }
}

/// The place that a path leads to: a link stays, and what it points to is replaced, or made if it is not there.
fn behind_links(path: &Path) -> PathBuf {
    if let Ok(real) = fs::canonicalize(path) {
        return real;
    }
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        let Ok(next) = fs::read_link(&path) else { break };
        path = match path.parent() {
            Some(folder) => folder.join(next),
            None => next,
        };
    }
    path
}

/// A new file with the permissions of the one that it will replace, before anything is in it: what was private stays so.
fn begin(path: &Path, partial: &Path) -> io::Result<File> {
    let file = File::create(partial)?;
    if let Ok(replaced) = fs::metadata(path) {
        file.set_permissions(replaced.permissions())?;
    }
    Ok(file)
}

/// `.result.csv.4711.partial` beside `result.csv`: no pattern for result files finds it.
fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}.partial", std::process::id()))
}
