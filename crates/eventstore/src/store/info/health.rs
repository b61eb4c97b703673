//! How well the files of a store lie, which of them are of no use any more, and what `optimize` would gain.

use super::{CONCURRENT, Health};
use crate::store::MERGES;
use crate::store::files::Listed;
use crate::store::import::rewrite::worn;
use crate::store::import::unfinished::word_in;
use crate::store::manifest::Manifest;
use crate::store::optimize::{KINDS, named};
use crate::store::versions::Versions;
use crate::{Blame, Error};
use futures::StreamExt;
use std::collections::{BTreeMap, HashSet};

/// Event rows of a file from which on a bucket's next months begin another.
const FILE_ROWS: u64 = 1 << 20;

/// Event rows below which a file is small.
const SMALL: u64 = 1 << 16;

/// The files of a bucket.
#[derive(Debug, Default)]
struct Bucket {
    files: u64,
    rows: u64,
    small: u64,
}

/// How well the files lie that a manifest names.
pub(crate) fn health(manifest: &Manifest) -> Health {
    let mut buckets: BTreeMap<u32, Bucket> = BTreeMap::new();
    for file in &manifest.events {
        let bucket = buckets.entry(file.bucket).or_default();
        bucket.files += 1;
        bucket.rows += file.rows;
        bucket.small += u64::from(file.rows < SMALL);
    }
    let files = manifest.events.len() as u64;
    let worn = worn(manifest);
    let ideal = |(number, bucket): (&u32, &Bucket)| {
        if !worn.contains(number) {
            return bucket.files;
        }
        // A month is never cut, so files may be larger, and fewer, than the rows alone would have it.
        (bucket.rows / FILE_ROWS).clamp(1, bucket.files.max(1))
    };
    let crowded = buckets.values().filter(|bucket| bucket.files > 1);
    let merges = manifest.tables.get(MERGES).into_iter().flatten();
    Health {
        files,
        ideal_files: buckets.iter().map(ideal).sum(),
        files_per_bucket: files as f64 / buckets.len().max(1) as f64,
        sorted_buckets: persons_in_order(manifest).filter(|in_order| *in_order).count() as u64,
        small_files: crowded.map(|bucket| bucket.small).sum(),
        unapplied_overrides: merges.map(|file| file.rows).sum(),
        ..Health::default()
    }
}

/// Of each bucket with persons, whether they are in one file and in one order.
fn persons_in_order(manifest: &Manifest) -> impl Iterator<Item = bool> {
    let mut buckets: BTreeMap<u32, (usize, bool)> = BTreeMap::new();
    for file in &manifest.persons {
        let (files, sorted) = buckets.entry(file.bucket).or_insert((0, true));
        *files += 1;
        *sorted &= file.sorted;
    }
    buckets.into_values().map(|(files, sorted)| files == 1 && sorted)
}

/// What `optimize` would gain, in sentences.
pub(crate) fn advice(manifest: &Manifest, health: &Health) -> Vec<String> {
    let mut gains = Vec::new();
    if health.ideal_files < health.files {
        let files = counted(health.files, "event file");
        gains.push(format!("merge {files} into {}", health.ideal_files));
    }
    if health.unapplied_overrides > 0 {
        let ids = counted(health.unapplied_overrides, "merged distinct id");
        gains.push(format!("work in {ids}"));
    }
    let unsorted = persons_in_order(manifest).filter(|in_order| !in_order).count() as u64;
    if unsorted > 0 {
        gains.push(format!("put the persons of {} in order", counted(unsorted, "bucket")));
    }
    let worn = worn(manifest).len() as u64;
    if gains.is_empty() && worn > 0 {
        gains.push(format!("write {} anew, in one order", counted(worn, "bucket")));
    }
    let mut room = Vec::new();
    if health.abandoned_files > 0 {
        let files = counted(health.abandoned_files, "abandoned file");
        room.push(format!("remove {files} ({})", size(health.abandoned_bytes)));
    }
    if health.retired_files > 0 {
        let files = counted(health.retired_files, "file");
        let bytes = size(health.retired_bytes);
        room.push(format!(
            "remove {files} ({bytes}) of earlier versions once their readers have had their time"
        ));
    }
    [gains, room].iter().filter_map(|what| sentence(what)).collect()
}

/// What `optimize` would do, in one sentence.
fn sentence(what: &[String]) -> Option<String> {
    let (last, others) = what.split_last()?;
    let text = match others {
        [] => last.clone(),
        others => format!("{}, and {last}", others.join(", ")),
    };
    Some(format!("`hogql optimize` would {text}"))
}

fn counted(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

fn size(bytes: u64) -> String {
    const MIB: u64 = 1 << 20;
    if bytes < MIB {
        format!("{} KiB", bytes.div_ceil(1 << 10))
    } else {
        format!("{} MiB", bytes.div_ceil(MIB))
    }
}

/// Counts the files of a listing that the current version has no use for; `unfinished` are words of work that may go on.
pub(crate) async fn count_unused(
    health: &mut Health,
    versions: &Versions,
    manifest: &Manifest,
    kept: &[u64],
    mut files: Vec<Listed>,
    unfinished: &[String],
) -> Result<(), Error> {
    files.retain(|file| may_be_named(&file.path, unfinished));
    let retired: HashSet<&str> = manifest.retired.iter().map(|file| file.path.as_str()).collect();
    let (retired, mut others): (Vec<Listed>, Vec<Listed>) =
        files.into_iter().partition(|file| retired.contains(file.path.as_str()));
    let current: HashSet<String> = named(manifest).collect();
    others.retain(|file| !current.contains(&file.path));
    if !others.is_empty() {
        let names = names_of_others(versions, manifest.version, kept).await?;
        others.retain(|file| !names.contains(&file.path));
    }
    health.retired_files = retired.len() as u64;
    health.retired_bytes = retired.iter().map(|file| file.bytes).sum();
    health.abandoned_files = others.len() as u64;
    health.abandoned_bytes = others.iter().map(|file| file.bytes).sum();
    Ok(())
}

/// Whether a file is one of those that manifests name, and of no import or optimize that is to go on.
pub(crate) fn may_be_named(path: &str, unfinished: &[String]) -> bool {
    let folder = path.split('/').next().unwrap_or_default();
    let word = word_in(path);
    let is_unfinished = word.is_some_and(|word| unfinished.iter().any(|other| other == word));
    KINDS.contains(&folder) && !is_unfinished
}

/// The files of all versions but one.
async fn names_of_others(
    versions: &Versions,
    current: u64,
    kept: &[u64],
) -> Result<HashSet<String>, Error> {
    let others: Vec<u64> = kept.iter().copied().filter(|version| *version != current).collect();
    let manifests = others.into_iter().map(|version| versions.at(version));
    let mut manifests = futures::stream::iter(manifests).buffer_unordered(CONCURRENT);
    let mut names = HashSet::new();
    while let Some(manifest) = manifests.next().await {
        match manifest {
            Ok(manifest) => names.extend(named(&manifest)),
            // It was cleaned away since it was listed.
            Err(error) if error.blame() == Blame::Usage => {}
            Err(error) => return Err(error),
        }
    }
    Ok(names)
}
