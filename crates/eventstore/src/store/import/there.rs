//! Whether files that were written are still there. Until a version names them, whoever tidies up elsewhere may take them
//! for nobody's.

use super::work::Bucket;
use crate::Error;
use crate::store::files::Folder;
use crate::store::manifest::EventFile;
use std::collections::{BTreeSet, HashMap};

/// A file of the store by its path, and its size.
pub(super) type Placed = (String, u64);

/// The files of a bucket.
pub(super) fn files(bucket: &Bucket) -> Vec<Placed> {
    let events = bucket.events.iter().flat_map(EventFile::files);
    let events = events.map(|(path, bytes)| (path.clone(), bytes));
    let persons = bucket.persons.iter().map(|file| (file.path.clone(), file.bytes));
    events.chain(persons).collect()
}

/// The buckets of which all files are there: somebody may have tidied up while the import rested.
pub(super) async fn whole(folder: &Folder, done: Vec<Bucket>) -> Result<Vec<Bucket>, Error> {
    let all: Vec<Placed> = done.iter().flat_map(files).collect();
    let missing: BTreeSet<String> = missing(folder, &all).await?.into_iter().collect();
    let is_whole = |bucket: &Bucket| files(bucket).iter().all(|(path, _)| !missing.contains(path));
    Ok(done.into_iter().filter(is_whole).collect())
}

/// Refuses to go on if one of the files is gone: a version that names it would be committed, and could not be read.
pub(super) async fn check(folder: &Folder, files: &[Placed]) -> Result<(), Error> {
    match missing(folder, files).await?.first() {
        None => Ok(()),
        Some(path) => Err(Error::data("another process has removed this file before the work ended")
            .at(folder.place(path))
            .with_hint(
                "run the same command again, which writes it anew; let `hogql optimize` wait for it, or give it a \
                 longer --grace",
            )),
    }
}

/// Those that are not there, or not as long as they were written.
async fn missing(folder: &Folder, files: &[Placed]) -> Result<Vec<String>, Error> {
    let folders = files.iter().filter_map(|(path, _)| Some(path.rsplit_once('/')?.0));
    let folders: BTreeSet<&str> = folders.collect();
    let mut there = HashMap::new();
    for below in folders {
        let listed = folder.list(below).await?;
        there.extend(listed.into_iter().map(|file| (file.path, file.bytes)));
    }
    let is_missing = |(path, bytes): &&Placed| there.get(path) != Some(bytes);
    Ok(files.iter().filter(is_missing).map(|(path, _)| path.clone()).collect())
}
