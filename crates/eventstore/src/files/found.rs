//! What is at a location: files of rows, and what is left out of it.

use super::kind::{KINDS, Named, is_apart, manifest_of, named, names_interval};
use super::locate::{FoundFile, Target, place};
use crate::Error;
use datafusion::execution::object_store::ObjectStoreUrl;
use object_store::ObjectMeta;
use object_store::path::Path;
use std::collections::HashSet;
use std::path::PathBuf;

/// Files that are left out for one reason: how many, and one of them.
type Counted = Option<(usize, String)>;

/// The files of a location.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Files of rows, by path.
    pub(crate) files: Vec<FoundFile>,
    /// The location is that of one file.
    pub(crate) explicit: bool,
    /// Files of no kind that is read.
    unknown: Counted,
    /// Files that would be read but for their names.
    apart: Counted,
    /// Links that lead nowhere: listings pass over them.
    dangling: Counted,
    /// What nobody takes for rows: manifests of exports, markers, checksums. Nothing is said of them beside rows.
    silent: Counted,
}

impl Found {
    /// What to say of files that are left out of a location.
    pub(crate) fn notices(&self, location: &str) -> Vec<String> {
        let reasons = [
            (&self.unknown, "are of no kind that is read"),
            (&self.apart, "are left out, as names with . or _ before them and manifests are"),
            (&self.dangling, "are links that lead nowhere"),
        ];
        let notice = |(counted, reason): (&Counted, &str)| {
            let (count, name) = counted.as_ref()?;
            Some(format!("{count} files of {location} {reason}, for example {name}"))
        };
        reasons.into_iter().filter_map(notice).collect()
    }

    /// Why a location gives no files of rows.
    pub(super) fn nothing(&self, location: &str, target: &Target) -> Error {
        let kinds = format!("kinds that are read: {KINDS}");
        let usage = |message: String| Error::usage(message).at(location);
        if let Some((count, name)) = &self.apart {
            return usage(format!(
                "its only files of rows have names with . or _ before them, or of manifests: {count}, for example {name}"
            ))
            .with_hint("to read one all the same give its own path, or a pattern that begins as it does");
        }
        if let Some((count, name)) = &self.dangling {
            return usage(format!(
                "there are no files of rows, but {count} links that lead nowhere, for example {name}"
            ));
        }
        if let Some((count, name)) = &self.unknown {
            return usage(format!(
                "none of its {count} files is of a kind that is read, for example {name}"
            ))
            .with_hint(kinds);
        }
        if let Some((count, name)) = &self.silent {
            return usage(format!(
                "there are no files of rows, only manifests and markers: {count}, for example {name}"
            ))
            .with_hint(kinds);
        }
        let none = if target.has_pattern() {
            "no file matches the pattern"
        } else {
            "there is no such file, and no folder of that name with files"
        };
        usage(none.to_owned()).with_hint(kinds)
    }
}

/// Sorts what is listed at a location, which is that of one file if it is `explicit`.
pub(super) fn sort_out(
    location: &str,
    target: &Target,
    root: &ObjectStoreUrl,
    listing: Vec<ObjectMeta>,
    explicit: bool,
) -> Result<Found, Error> {
    let mut found = Found { explicit, ..Found::default() };
    let mut apart = Vec::new();
    let markers = markers(&listing);
    for meta in listing {
        let below = target.below(&meta.location);
        let Some(name) = below.last() else { continue };
        if !explicit && (!target.matches(&below) || markers.contains(&meta.location)) {
            continue;
        }
        let place = place(root.as_str(), &meta.location);
        match (named(name), !explicit && is_left_out(target, &below)) {
            (Named::Kind(_), true) => apart.push((below, place)),
            (_, true) => count(&mut found.silent, place),
            (Named::Kind(kind), false) => {
                found.files.push(FoundFile { store: root.clone(), meta, kind, below });
            }
            (Named::Unreadable, false) => {
                return Err(Error::data("this compression of text files is not read")
                    .at(place)
                    .with_hint("compress it with gzip or zstd, or not at all"));
            }
            (Named::Unknown, false) if explicit => return Err(unknown_kind(location, place)),
            (Named::Unknown, false) => count(&mut found.unknown, place),
        }
    }
    for (below, place) in apart {
        let silent = is_of_export(&below, &found.files);
        count(if silent { &mut found.silent } else { &mut found.apart }, place);
    }
    if !explicit {
        dangling(target).into_iter().for_each(|link| count(&mut found.dangling, link));
    }
    Ok(found)
}

fn unknown_kind(location: &str, place: String) -> Error {
    Error::usage(format!("the name does not tell a kind of rows, in {location}"))
        .at(place)
        .with_hint(format!("kinds that are read: {KINDS}"))
}

/// Whether the name of a file, or of a folder that it is in, sets it apart from rows and the pattern names no such names.
fn is_left_out(target: &Target, below: &[String]) -> bool {
    below.iter().any(|part| is_apart(part) && !target.names(part))
}

/// Whether a file is the manifest that PostHog writes of an export: named as the interval or as a file beside it.
fn is_of_export(below: &[String], files: &[FoundFile]) -> bool {
    let Some((name, folders)) = below.split_last() else { return false };
    let Some(stem) = manifest_of(name).filter(|stem| !stem.is_empty()) else { return false };
    let is_beside = |file: &FoundFile| {
        let split = file.below.split_last();
        split.is_some_and(|(other, others)| others == folders && other.starts_with(stem))
    };
    names_interval(stem) || files.iter().any(is_beside)
}

fn count(counted: &mut Counted, place: String) {
    let before = counted.take().map_or(0, |(count, _)| count);
    *counted = Some((before + 1, place));
}

/// Empty objects that stand for the folders of others: consoles of object stores make them. The listing is sorted.
fn markers(listing: &[ObjectMeta]) -> HashSet<Path> {
    let is_folder = |path: &Path| {
        let folder = format!("{path}/");
        let next = listing.partition_point(|meta| meta.location.as_ref() < folder.as_str());
        listing.get(next).is_some_and(|meta| meta.location.as_ref().starts_with(&folder))
    };
    let empty = listing.iter().filter(|meta| meta.size == 0).map(|meta| &meta.location);
    empty.filter(|path| is_folder(path)).cloned().collect()
}

/// Links of a local folder that lead nowhere, by path. A folder is looked into once: links may lead in circles.
fn dangling(target: &Target) -> Vec<String> {
    let Some(root) = target.folder() else { return Vec::new() };
    let is_asked = |link: &PathBuf| {
        let below = link.strip_prefix(&root).unwrap_or(link).iter();
        let below: Vec<String> = below.map(|part| part.to_string_lossy().into_owned()).collect();
        target.matches(&below) && !is_left_out(target, &below)
    };
    let (mut folders, mut links) = (vec![root.clone()], Vec::new());
    let mut known: HashSet<PathBuf> = root.canonicalize().into_iter().collect();
    while let Some(folder) = folders.pop() {
        // A folder that cannot be read has failed the listing.
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let (path, kind) = (entry.path(), entry.file_type());
            let is_link = kind.as_ref().is_ok_and(std::fs::FileType::is_symlink);
            if kind.is_ok_and(|kind| kind.is_dir()) || is_link && path.is_dir() {
                let is_new = path.canonicalize().is_ok_and(|real| known.insert(real));
                folders.extend(is_new.then_some(path));
            } else if is_link && !path.exists() {
                links.push(path);
            }
        }
    }
    links.retain(is_asked);
    links.sort();
    links.into_iter().map(|link| link.display().to_string()).collect()
}
