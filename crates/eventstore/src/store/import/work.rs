//! The work folder of an import: what is done already, so that an interrupted import goes on where it stopped.
//!
//! Every finished part of the work is a line of `journal.jsonl`, written when its files are on the disk. A line that was
//! cut off by a crash is ignored, and so is one whose files are not as long as it says. The folder's name is made of the
//! sources and options, so another import never finds it.

use super::chunk::{unreadable, unwritable};
use super::spill::Spilled;
use crate::Error;
use crate::store::dictionary::Dictionary;
use crate::store::manifest::{EventFile, PersonsFile};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Raised when work files change: others are not gone on with.
const FORMAT: u32 = 2;

/// A line of the journal.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Begun(Begun),
    Unit(Unit),
    Bucket(Box<Bucket>),
}

/// What an import was begun with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Begun {
    pub(super) format: u32,
    pub(super) by: String,
    pub(super) buckets: u32,
    /// Word in the paths of its files.
    pub(super) token: String,
}

/// A piece of the source that is spilled.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Unit {
    pub(super) number: usize,
    pub(super) spilled: Spilled,
    pub(super) rejected: u64,
    /// Length of the file of the rows that are not taken.
    pub(super) rejected_bytes: u64,
    pub(super) reasons: BTreeMap<String, u64>,
}

/// A bucket that is written.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Bucket {
    /// Version of the store that it follows; 0 if there was none.
    pub(super) follows: u64,
    pub(super) bucket: u32,
    pub(super) events: Vec<EventFile>,
    pub(super) persons: Option<PersonsFile>,
    pub(super) dictionary: Dictionary,
}

/// The work folder.
#[derive(Debug)]
pub(super) struct Work {
    folder: PathBuf,
    journal: Mutex<File>,
    /// Keeps other processes out; free when this one ends, however it does.
    _lock: File,
    pub(super) begun: Begun,
    pub(super) units: BTreeMap<usize, Unit>,
    pub(super) buckets: Vec<Bucket>,
    /// Whether there was something to go on with.
    pub(super) resumed: bool,
}

impl Work {
    /// Opens the folder of an import, or begins one.
    pub(super) fn open(folder: &Path, fresh: Begun) -> Result<Self, Error> {
        let lock = lock(folder)?;
        let path = folder.join("journal.jsonl");
        let journaled = match fs::read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            journaled => journaled.map_err(|error| unreadable(&path, &error))?,
        };
        let (lines, length) = read(&journaled);
        let mut journal = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .map_err(|error| unwritable(&path, &error))?;
        let mut lines = lines.into_iter();
        let begun = match lines.next() {
            Some(Line::Begun(begun)) if begun.goes_on(&fresh) => Some(begun),
            _ => None,
        };
        let keep = if begun.is_some() { length } else { 0 };
        journal
            .set_len(keep)
            .and_then(|()| journal.seek(SeekFrom::End(0)))
            .map_err(|error| unwritable(&path, &error))?;
        let mut work = Self {
            folder: folder.to_owned(),
            journal: Mutex::new(journal),
            _lock: lock,
            begun: begun.clone().unwrap_or_else(|| fresh.clone()),
            units: BTreeMap::new(),
            buckets: Vec::new(),
            resumed: false,
        };
        if begun.is_none() {
            work.note(&Line::Begun(fresh))?;
            return Ok(work);
        }
        for line in lines {
            match line {
                Line::Unit(unit) if work.is_whole(&unit) => {
                    work.units.insert(unit.number, unit);
                }
                // One that is there again was written again, since files of it were gone.
                Line::Bucket(bucket) => {
                    work.buckets.retain(|known| !known.is_again(&bucket));
                    work.buckets.push(*bucket);
                }
                Line::Unit(_) | Line::Begun(_) => {}
            }
        }
        work.resumed = !work.units.is_empty();
        Ok(work)
    }

    /// Where a unit is spilled.
    pub(super) fn spill(&self, unit: usize) -> PathBuf {
        self.folder.join(format!("{unit:06}.spill"))
    }

    /// Where the rows of a unit that are not taken are written.
    pub(super) fn rejects(&self, unit: usize) -> PathBuf {
        self.folder.join(format!("{unit:06}.rejects"))
    }

    /// A place for a file on its way to another machine.
    pub(super) fn staged(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Notes that a unit is spilled. Its files must be on the disk: the system may write this line before what they hold,
    /// and after a power cut their lengths alone do not tell whether it came to that.
    pub(super) fn unit_done(&self, unit: Unit) -> Result<(), Error> {
        self.note(&Line::Unit(unit))
    }

    /// Notes that a bucket is written; its files, too, are on the disk by then. The line itself need not be: without it the
    /// work is done again.
    pub(super) fn bucket_done(&self, bucket: Bucket) -> Result<(), Error> {
        self.note(&Line::Bucket(Box::new(bucket)))
    }

    /// Removes the folder: everything is in the store.
    pub(super) fn remove(self) -> Result<(), Error> {
        let Self { folder, journal, _lock: lock, .. } = self;
        // What is removed while it is open stays in a file server's folder until it is closed.
        drop(journal);
        remove(&folder)?;
        drop(lock);
        leave(&folder);
        Ok(())
    }

    fn note(&self, line: &Line) -> Result<(), Error> {
        let mut text =
            serde_json::to_vec(line).map_err(|error| Error::internal(error.to_string()))?;
        text.push(b'\n');
        let mut journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
        journal.write_all(&text).map_err(|error| unwritable(&self.folder, &error))
    }

    fn is_whole(&self, unit: &Unit) -> bool {
        let is_long =
            |path: PathBuf, bytes: u64| fs::metadata(path).is_ok_and(|file| file.len() == bytes);
        is_long(self.spill(unit.number), unit.spilled.bytes)
            && (unit.rejected == 0 || is_long(self.rejects(unit.number), unit.rejected_bytes))
    }
}

impl Bucket {
    /// Whether the other is the same bucket behind the same version.
    const fn is_again(&self, other: &Self) -> bool {
        self.follows == other.follows && self.bucket == other.bucket
    }
}

impl Begun {
    pub(super) fn new(buckets: u32, token: String) -> Self {
        let by = concat!("hogql ", env!("CARGO_PKG_VERSION")).to_owned();
        Self { format: FORMAT, by, buckets, token }
    }

    /// Whether the work of one beginning may be gone on with by another.
    fn goes_on(&self, fresh: &Self) -> bool {
        (self.format, &self.by, self.buckets) == (fresh.format, &fresh.by, fresh.buckets)
    }
}

/// The whole lines of a journal up to the first that cannot be read, and their length.
fn read(journaled: &[u8]) -> (Vec<Line>, u64) {
    let mut lines = Vec::new();
    let mut length = 0;
    let whole = journaled.split_inclusive(|byte| *byte == b'\n');
    for line in whole.filter(|line| line.ends_with(b"\n")) {
        let Ok(parsed) = serde_json::from_slice(line) else { break };
        lines.push(parsed);
        length += line.len() as u64;
    }
    (lines, length)
}

/// The file in a work folder that its owner has locked.
const LOCK: &str = "lock";

/// How often a folder is made again that its owner is about to remove.
const TRIES: usize = 20;

/// How long somebody who only looks whether a folder is locked is waited for.
const LOOK: Duration = Duration::from_millis(5);

/// Makes a folder in which one process at a time works.
pub(super) fn lock(folder: &Path) -> Result<File, Error> {
    let path = folder.join(LOCK);
    let mut gone = None;
    // Not cut to nothing: that would change the time by which one sees how long a folder has rested.
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    for _ in 0..TRIES {
        let made = fs::create_dir_all(folder).and_then(|()| options.open(&path));
        let file = match made {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                gone = Some(unwritable(folder, &error));
                continue;
            }
            Err(error) => return Err(unwritable(folder, &error)),
        };
        match file.try_lock() {
            Ok(()) if is_at(&file, &path) => return Ok(file),
            // Whoever had it is done, and has removed it.
            Ok(()) => {}
            // Its owner shares it with nobody: whoever has it now is just looking.
            Err(fs::TryLockError::WouldBlock) if file.try_lock_shared().is_ok() => {
                drop(file);
                std::thread::sleep(LOOK);
            }
            Err(fs::TryLockError::WouldBlock) => return Err(taken(folder)),
            Err(fs::TryLockError::Error(error)) => return Err(unwritable(&path, &error)),
        }
    }
    Err(gone.unwrap_or_else(|| taken(folder)))
}

/// Whether somebody is working in a folder. Those who are about to begin there do not mind the look.
pub(super) fn is_at_work(folder: &Path) -> bool {
    let lock = File::open(folder.join(LOCK));
    lock.is_ok_and(|lock| matches!(lock.try_lock_shared(), Err(fs::TryLockError::WouldBlock)))
}

/// Removes a folder whose lock is held.
pub(super) fn remove(folder: &Path) -> Result<(), Error> {
    let failed = |error: io::Error| unwritable(folder, &error);
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(failed)?,
    };
    for entry in entries {
        let entry = entry.map_err(failed)?;
        if entry.file_name() != LOCK {
            remove_file(&entry.path()).map_err(|error| unwritable(&entry.path(), &error))?;
        }
    }
    // The lock goes last: until then nobody else works here, and whoever comes then has made it anew.
    remove_file(&folder.join(LOCK)).map_err(failed)?;
    leave(folder);
    Ok(())
}

/// Removes a file unless it is gone already.
fn remove_file(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

/// Removes a work folder that is empty.
fn leave(folder: &Path) {
    let _ = fs::remove_dir(folder);
    // In a store, the folder of work folders too, unless another import has one there. Elsewhere it is the user's.
    let name = folder.file_name().and_then(OsStr::to_str);
    let is_stores = name.is_some_and(|name| !name.starts_with(ELSEWHERE));
    if let Some(parent) = folder.parent().filter(|parent| is_stores && parent.ends_with("import")) {
        let _ = fs::remove_dir(parent);
    }
}

/// What the names of work folders begin with that are not in their store.
pub(super) const ELSEWHERE: &str = "hoglet-import-";

/// What the names of the work folders of optimizes begin with; the version that they follow stands behind it.
pub(super) const OPTIMIZE: &str = "optimize-";

fn taken(folder: &Path) -> Error {
    Error::usage("another process is at the same import or optimize")
        .at(folder.display().to_string())
        .with_hint("wait until it is done, then run the same command again")
}

/// Whether an open file is the one at a path.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let same = file.metadata().ok().zip(fs::metadata(path).ok());
    same.is_some_and(|(a, b)| (a.dev(), a.ino()) == (b.dev(), b.ino()))
}

/// Whether an open file is the one at a path. Here nobody removes a file that is open.
#[cfg(not(unix))]
const fn is_at(_: &File, _: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun() -> Begun {
        Begun::new(8, "word".to_owned())
    }

    fn unit(number: usize, bytes: u64) -> Unit {
        let spilled = Spilled { bytes, ..Spilled::default() };
        Unit { number, spilled, rejected: 0, rejected_bytes: 0, reasons: BTreeMap::new() }
    }

    #[test]
    fn goes_on_behind_the_last_whole_line() {
        let folder = tempfile::tempdir().unwrap();
        let work = Work::open(folder.path(), begun()).unwrap();
        assert!(!work.resumed);
        fs::write(work.spill(3), b"abc").unwrap();
        work.unit_done(unit(3, 3)).unwrap();
        // Its file is shorter than it should be.
        fs::write(work.spill(4), b"ab").unwrap();
        work.unit_done(unit(4, 3)).unwrap();
        // The rows that it did not take are not all there.
        fs::write(work.spill(5), b"abc").unwrap();
        fs::write(work.rejects(5), b"{\"fi").unwrap();
        work.unit_done(Unit { rejected: 1, rejected_bytes: 5, ..unit(5, 3) }).unwrap();
        let path = folder.path().join("journal.jsonl");
        drop(work);
        let mut text = fs::read_to_string(&path).unwrap();
        text.push_str("{\"unit\":{\"numb");
        fs::write(&path, text).unwrap();
        let work = Work::open(folder.path(), Begun::new(8, "other".to_owned())).unwrap();
        assert!(work.resumed);
        assert_eq!(work.begun.token, "word");
        assert_eq!(work.units.keys().copied().collect::<Vec<_>>(), [3]);
        fs::write(work.spill(6), b"").unwrap();
        work.unit_done(unit(6, 0)).unwrap();
        drop(work);
        let work = Work::open(folder.path(), begun()).unwrap();
        assert_eq!(work.units.keys().copied().collect::<Vec<_>>(), [3, 6]);
    }

    #[test]
    fn other_options_begin_anew_and_one_process_works() {
        let folder = tempfile::tempdir().unwrap();
        let work = Work::open(folder.path(), begun()).unwrap();
        fs::write(work.spill(0), b"").unwrap();
        work.unit_done(unit(0, 0)).unwrap();
        let error = Work::open(folder.path(), begun()).unwrap_err().to_string();
        assert!(error.contains("another process is at the same import"), "{error}");
        assert!(is_at_work(folder.path()));
        drop(work);
        assert!(!is_at_work(folder.path()));
        let work = Work::open(folder.path(), Begun::new(16, "other".to_owned())).unwrap();
        assert!(!work.resumed && work.units.is_empty());
        work.remove().unwrap();
        assert!(!folder.path().exists());
    }

    #[test]
    fn who_only_looks_keeps_nobody_out() {
        let folder = tempfile::tempdir().unwrap();
        drop(Work::open(folder.path(), begun()).unwrap());
        let look = File::open(folder.path().join(LOCK)).unwrap();
        look.try_lock_shared().unwrap();
        let looking = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(3));
            drop(look);
        });
        assert!(Work::open(folder.path(), begun()).is_ok());
        looking.join().unwrap();
    }

    #[test]
    fn of_a_bucket_that_was_written_again_the_last_counts() {
        let folder = tempfile::tempdir().unwrap();
        let work = Work::open(folder.path(), begun()).unwrap();
        for (follows, bucket, rows) in [(7, 0, 1), (7, 1, 2), (8, 0, 3), (7, 0, 4)] {
            let mut dictionary = Dictionary::default();
            dictionary.event.entry("n".to_owned()).or_default().count = rows;
            let (events, persons) = (Vec::new(), None);
            work.bucket_done(Bucket { follows, bucket, events, persons, dictionary }).unwrap();
        }
        drop(work);
        let work = Work::open(folder.path(), begun()).unwrap();
        let rows = |done: &Bucket| done.dictionary.event["n"].count;
        let found = work.buckets.iter().map(|done| (done.follows, done.bucket, rows(done)));
        assert_eq!(found.collect::<Vec<_>>(), [(7, 1, 2), (8, 0, 3), (7, 0, 4)]);
    }

    #[test]
    fn a_journal_that_cannot_be_read_is_not_begun_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        fs::create_dir(&path).unwrap();
        let told = Work::open(folder.path(), begun()).unwrap_err().to_string();
        assert!(told.contains("journal.jsonl: the work file cannot be read: "), "{told}");
        fs::remove_dir(&path).unwrap();
        let work = Work::open(folder.path(), begun()).unwrap();
        fs::write(work.spill(0), b"").unwrap();
        work.unit_done(unit(0, 0)).unwrap();
        drop(work);
        // Cut off within a letter.
        fs::write(&path, [&fs::read(&path).unwrap()[..], b"{\"unit\":\"\xc3"].concat()).unwrap();
        assert!(Work::open(folder.path(), begun()).unwrap().resumed);
    }

    #[test]
    fn what_is_removed_is_ours_and_may_be_gone() {
        let folder = tempfile::tempdir().unwrap();
        let around = folder.path().join("import");
        for (name, stays) in [("0123", false), ("hoglet-import-0123", true)] {
            Work::open(&around.join(name), begun()).unwrap().remove().unwrap();
            assert_eq!(around.exists(), stays, "{name}");
        }
        let work = Work::open(&around.join("0123"), begun()).unwrap();
        fs::remove_dir_all(&around).unwrap();
        work.remove().unwrap();
    }
}
