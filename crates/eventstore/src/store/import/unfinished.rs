//! Work that was begun and is in no version yet: where its folders are, whether somebody is at it, and when it is given up.
//!
//! An import that broke off is gone on with by the same command. If nobody runs that, its folder would stay for ever, and
//! so would the files that it has written into the store: they belong to work that may go on. So `optimize` gives it up
//! once nothing of it was written for the grace time. As long as a process is at it, the folder is locked.

use super::reading::fnv;
use super::work::{ELSEWHERE, OPTIMIZE, is_at_work, lock, remove};
use crate::Error;
use crate::store::files::{Folder, Listed};
use chrono::{DateTime, Utc};
use std::fs::{self, File, Metadata};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

/// A folder, and what the names of a store's work folders begin with there.
type Place = (PathBuf, String);

/// Where the work folders of a store are.
pub(in crate::store) struct Places {
    /// The one that the user has named.
    asked: Option<Place>,
    /// In the store if that is on this machine, else where the system has temporary files.
    usual: Place,
}

impl Places {
    /// Those of the store in that folder; `work` is the place that the user has named.
    pub(in crate::store) fn new(folder: &Folder, work: Option<&Path>) -> Self {
        // Elsewhere imports of one source into several stores must not meet.
        let elsewhere = || format!("{ELSEWHERE}{:016x}-", fnv(0, folder.place("").as_bytes()));
        let usual = match folder.local("import") {
            Some(here) => (here, String::new()),
            None => (std::env::temp_dir(), elsewhere()),
        };
        Self { asked: work.map(|work| (work.to_owned(), elsewhere())), usual }
    }

    /// The folder of work that is told from other work on the store by `name`.
    pub(super) fn of(&self, name: &str) -> PathBuf {
        let (place, prefix) = self.asked.as_ref().unwrap_or(&self.usual);
        place.join(format!("{prefix}{name}"))
    }

    /// All work folders that are there, by path.
    pub(in crate::store) fn unfinished(&self) -> Vec<Unfinished> {
        let mut found = Vec::new();
        for (place, prefix) in self.asked.iter().chain([&self.usual]) {
            // Best effort, here and below: what cannot be looked at is left alone.
            for entry in fs::read_dir(place).into_iter().flatten().filter_map(Result::ok) {
                let name = entry.file_name();
                let name = name.to_str().and_then(|name| name.strip_prefix(prefix.as_str()));
                found.extend(name.and_then(|name| Unfinished::at(entry.path(), name)));
            }
        }
        found.sort_by(|a, b| a.path.cmp(&b.path));
        // The place that was named may be the usual one.
        found.dedup_by(|a, b| a.path == b.path);
        found
    }
}

/// A work folder.
#[derive(Debug)]
pub(in crate::store) struct Unfinished {
    /// Where it is.
    pub(in crate::store) path: PathBuf,
    /// What tells the work from other work on the store: the fingerprint of an import.
    name: String,
    /// Word in the paths of the files that it has written into the store.
    pub(in crate::store) word: Option<String>,
    /// Files in the folder.
    pub(in crate::store) files: u64,
    /// Bytes of them.
    pub(in crate::store) bytes: u64,
    /// When the last of its files was written, in microseconds since 1970 UTC.
    pub(in crate::store) written: i64,
}

impl Unfinished {
    /// Looks at a folder; `None` if it is none, or holds what no import puts there.
    fn at(path: PathBuf, name: &str) -> Option<Self> {
        let folder = fs::symlink_metadata(&path).ok().filter(Metadata::is_dir)?;
        let (mut files, mut bytes, mut written) = (0, 0, None);
        for entry in fs::read_dir(&path).ok()?.filter_map(Result::ok) {
            // One that is gone was that of somebody who is at it.
            let Ok(file) = entry.metadata() else { continue };
            if !file.is_file() {
                return None;
            }
            files += 1;
            bytes += file.len();
            written = written.max(modified(&file));
        }
        // Without files, it is as old as itself.
        let written = written.or_else(|| modified(&folder))?;
        let word = first_line(&path.join("journal.jsonl")).and_then(|line| word_of(&line));
        Some(Self { path, name: name.to_owned(), word, files, bytes, written })
    }

    /// The files of a listing of the store that it has written.
    pub(in crate::store) fn outputs<'a>(
        &self,
        listing: &'a [Listed],
    ) -> impl Iterator<Item = &'a Listed> {
        let word = self.word.as_deref();
        listing.iter().filter(move |file| word.is_some() && word_in(&file.path) == word)
    }

    /// Counts what it has written into the store, too, as a sign of life: the folder rests while a large bucket is written.
    pub(in crate::store) fn see(&mut self, listing: &[Listed]) {
        let outputs = self.outputs(listing).map(|file| file.modified).max();
        self.written = self.written.max(outputs.unwrap_or(i64::MIN));
    }

    /// Whether somebody is at it.
    pub(in crate::store) fn is_at_work(&self) -> bool {
        is_at_work(&self.path)
    }

    /// Whether it is an optimize of a version before that one: nobody goes on with it.
    fn is_late(&self, version: u64) -> bool {
        let of = self.name.strip_prefix(OPTIMIZE).and_then(|name| name.split('-').next());
        of.and_then(|of| of.parse::<u64>().ok()).is_some_and(|of| of < version)
    }

    /// Removes it if it is dead, and tells whether it did.
    fn remove_if(&self, is_dead: impl Fn(&Self) -> bool) -> Result<bool, Error> {
        if !is_dead(self) {
            return Ok(false);
        }
        // Who is at it has the lock. A late optimize finds for itself that it is late.
        let Ok(_lock) = lock(&self.path) else { return Ok(false) };
        // It may have been gone on with since it was looked at, and have broken off again. One that is gone by now was made
        // anew for its lock.
        let now = Self::at(self.path.clone(), &self.name);
        if now.is_none_or(|now| now.files > 1 && !is_dead(&now)) {
            return Ok(false);
        }
        remove(&self.path)?;
        Ok(true)
    }
}

/// Removes the work that is given up, and gives what that was: optimizes of versions before `version`, and what was written
/// last at a time that `is_over`. All other work is left.
pub(in crate::store) fn give_up(
    work: &mut Vec<Unfinished>,
    version: u64,
    is_over: impl Fn(i64) -> bool,
) -> Result<Vec<Unfinished>, Error> {
    let is_dead = |work: &Unfinished| work.is_late(version) || is_over(work.written);
    let mut given_up = Vec::new();
    for unfinished in std::mem::take(work) {
        if unfinished.remove_if(is_dead)? {
            given_up.push(unfinished);
        } else {
            work.push(unfinished);
        }
    }
    Ok(given_up)
}

/// The word of the import or optimize that has written a file of the store: a generation's folder is `<number>-<word>`.
pub(in crate::store) fn word_in(path: &str) -> Option<&str> {
    Some(path.split('/').nth(1)?.split_once('-')?.1)
}

/// The word in the first line of a journal.
pub(in crate::store) fn word_of(line: &str) -> Option<String> {
    let line: serde_json::Value = serde_json::from_str(line).ok()?;
    Some(line.pointer("/begun/token")?.as_str()?.to_owned())
}

fn first_line(path: &Path) -> Option<String> {
    BufReader::new(File::open(path).ok()?).lines().next()?.ok()
}

/// When a file was last changed, as listings tell it.
fn modified(file: &Metadata) -> Option<i64> {
    Some(DateTime::<Utc>::from(file.modified().ok()?).timestamp_micros())
}
