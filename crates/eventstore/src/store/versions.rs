//! Versions of a store: each one manifest, put under the next number unless that is taken.
//!
//! A version is committed after the files that it names are written. Readers pin one: later ones change nothing of it.
//! Of two writers who follow the same version one wins; the other reads what it did, and tries again.

use super::files::{Folder, token};
use super::manifest::{FORMAT, Manifest, damaged};
use crate::Error;
use serde::Serialize;

/// The folder of the manifests.
const FOLDER: &str = "manifests";

/// Digits of a version in the name of its manifest: names are in the order of versions.
const DIGITS: usize = 20;

/// Looks for a manifest that was listed, before one believes that they vanish.
const LOOKS: usize = 3;

/// The versions of a store.
#[derive(Debug, Clone)]
pub(crate) struct Versions {
    folder: Folder,
}

/// What has become of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Committed {
    /// It is there to stay.
    Done,
    /// Another writer has taken its number.
    Lost,
}

/// A manifest as it is written: with a word of its writer's, since two must never be the same to the byte.
#[derive(Serialize)]
struct Signed<'a> {
    #[serde(flatten)]
    manifest: &'a Manifest,
    writer: String,
}

impl Versions {
    /// The versions in a store's folder.
    pub(crate) const fn new(folder: Folder) -> Self {
        Self { folder }
    }

    /// The store's folder.
    pub(crate) const fn folder(&self) -> &Folder {
        &self.folder
    }

    /// The current version; `None` if there is none yet.
    pub(crate) async fn latest(&self) -> Result<Option<Manifest>, Error> {
        for _ in 0..LOOKS {
            let Some(version) = self.highest().await? else { return Ok(None) };
            // One that is gone by now was followed by others, and cleaned away.
            if let Some(manifest) = self.find(version).await? {
                return Ok(Some(manifest));
            }
        }
        Err(Error::data("manifests are listed that cannot be found")
            .at(self.folder.place(FOLDER))
            .with_hint("try again; if it stays so, look who removes them"))
    }

    /// A version by its number.
    pub(crate) async fn at(&self, version: u64) -> Result<Manifest, Error> {
        if let Some(manifest) = self.find(version).await? {
            return Ok(manifest);
        }
        let all = self.all().await?;
        let hint = match (all.first(), all.last()) {
            (Some(first), Some(last)) if first == last => format!("available: {first}"),
            (Some(first), Some(last)) => format!("available: {first} to {last}"),
            _ => "there is no store yet; make one with hogql import".to_owned(),
        };
        Err(Error::usage(format!("the store has no version {version}"))
            .at(self.folder.place(""))
            .with_hint(hint))
    }

    /// The numbers of all versions that are kept, in order.
    pub(crate) async fn all(&self) -> Result<Vec<u64>, Error> {
        let files = self.folder.list(FOLDER).await?;
        let mut all: Vec<u64> = files.iter().filter_map(|file| version_of(&file.path)).collect();
        all.sort_unstable();
        Ok(all)
    }

    /// Makes a manifest the current version, unless another has its number. The files that it names must be written and
    /// synced before.
    ///
    /// Its number must be the one after the version it was made from.
    pub(crate) async fn commit(&self, manifest: &Manifest) -> Result<Committed, Error> {
        let version = manifest.version;
        let place = manifest_path(version);
        let highest = self.highest().await?.unwrap_or(0);
        // Old manifests are cleaned away, so a free number is not enough: it must be the next one.
        if version <= highest && version > 0 {
            return Ok(Committed::Lost);
        }
        if version != highest + 1 || manifest.format != FORMAT {
            return Err(Error::internal(format!(
                "version {version} of format {} cannot follow version {highest}",
                manifest.format
            ))
            .at(self.folder.place(&place)));
        }
        let mut bytes = serde_json::to_vec(&Signed { manifest, writer: token() })
            .map_err(|error| Error::internal(error.to_string()).at(self.folder.place(&place)))?;
        bytes.push(b'\n');
        let done = self.folder.put_new(&place, bytes).await?;
        Ok(if done { Committed::Done } else { Committed::Lost })
    }

    /// Commits what `change` makes of the current version, and gives it back. When another writer was faster `change`
    /// is called again with what that one has made, `retries` times at most.
    ///
    /// Number and format are set here, and the time where the clock has gone back.
    pub(crate) async fn change(
        &self,
        retries: usize,
        mut change: impl FnMut(Option<Manifest>) -> Result<Manifest, Error>,
    ) -> Result<Manifest, Error> {
        for _ in 0..=retries {
            let previous = self.latest().await?;
            if let Some(previous) = &previous {
                self.may_follow(previous)?;
            }
            let (version, made_at) = previous
                .as_ref()
                .map_or((0, i64::MIN), |previous| (previous.version, previous.made_at));
            let mut next = change(previous)?;
            next.format = FORMAT;
            next.version = version + 1;
            next.made_at = next.made_at.max(made_at);
            if self.commit(&next).await? == Committed::Done {
                return Ok(next);
            }
        }
        Err(Error::data(format!("other writers were faster {} times", retries + 1))
            .at(self.folder.place(""))
            .with_hint("wait until they are done, and try again"))
    }

    /// Refuses to follow a version that has what this release would lose.
    pub(crate) fn may_follow(&self, previous: &Manifest) -> Result<(), Error> {
        if previous.format == FORMAT {
            return Ok(());
        }
        Err(Error::data(format!(
            "the store is of format {}; this hogql can read it, but writes format {FORMAT}",
            previous.format
        ))
        .at(self.folder.place(&manifest_path(previous.version)))
        .with_hint("update hogql"))
    }

    async fn highest(&self) -> Result<Option<u64>, Error> {
        Ok(self.all().await?.last().copied())
    }

    async fn find(&self, version: u64) -> Result<Option<Manifest>, Error> {
        let path = manifest_path(version);
        let Some(bytes) = self.folder.find(&path).await? else { return Ok(None) };
        let place = self.folder.place(&path);
        // A damaged one may be restored from a copy while the session lasts.
        let parsed = Manifest::parse(&bytes, &place);
        let manifest = parsed.inspect_err(|_| self.folder.forget(&path))?;
        if manifest.version != version {
            let why = format!("it says that it is version {}", manifest.version);
            return Err(damaged(&why).at(place));
        }
        Ok(Some(manifest))
    }
}

/// Path of a version's manifest below the store's folder.
pub(crate) fn manifest_path(version: u64) -> String {
    format!("{FOLDER}/{version:0DIGITS$}.json")
}

/// The version whose manifest a path is, if it is one's.
fn version_of(path: &str) -> Option<u64> {
    let version =
        path.strip_prefix(FOLDER)?.strip_prefix('/')?.strip_suffix(".json")?.parse().ok()?;
    (version > 0 && path == manifest_path(version)).then_some(version)
}
