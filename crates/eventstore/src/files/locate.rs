//! From a location to its files: paths, folders, globs and addresses.

use super::kind::{FileKind, KINDS, Named, named};
use super::stores::store_of;
use crate::Error;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::execution::runtime_env::RuntimeEnv;
use futures::TryStreamExt;
use glob::{MatchOptions, Pattern};
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt};
use std::collections::HashMap;
use std::sync::Arc;
use url::Url;

/// A file of rows.
#[derive(Debug, Clone)]
pub(crate) struct FoundFile {
    /// The store it is in.
    pub(crate) store: ObjectStoreUrl,
    /// Its place in the store, its size and its age.
    pub(crate) meta: ObjectMeta,
    /// What it holds.
    pub(crate) kind: FileKind,
    /// Its folders and name below the location.
    pub(crate) below: Vec<String>,
}

impl FoundFile {
    /// Its address.
    pub(crate) fn url(&self) -> String {
        format!("{}{}", self.store.as_str(), self.meta.location)
    }

    /// Where it is, as people write it.
    pub(crate) fn place(&self) -> String {
        place(self.store.as_str(), &self.meta.location)
    }
}

/// Where an object is, as people write it: a path on this machine, else its address.
pub(crate) fn place(store: &str, location: &Path) -> String {
    format!("{}{location}", store.replace("file:///", "/"))
}

/// The files of a location.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Files of rows, by path.
    pub(crate) files: Vec<FoundFile>,
    /// The location is that of one file.
    pub(crate) explicit: bool,
    /// Files that hold no rows: how many, and one of their names.
    pub(crate) skipped: Option<(usize, String)>,
}

/// The files that a location names.
pub(crate) async fn locate(
    location: &str,
    runtime: &RuntimeEnv,
    environment: &HashMap<String, String>,
) -> Result<Found, Error> {
    let target = Target::parse(location)?;
    let (root, store) = store_of(&target.url, runtime, environment)?;
    let listing = list(location, &target, store.as_ref()).await?;
    let found = sort_out(location, &target, &root, listing)?;
    if found.files.is_empty() {
        return Err(nothing_found(location, &target, &found));
    }
    Ok(found)
}

/// What a location names: everything below a prefix, or what of it matches a pattern.
struct Target {
    /// Address of the prefix.
    url: Url,
    /// The prefix in its store.
    prefix: Path,
    /// Pattern of the path below the prefix.
    pattern: Option<Pattern>,
}

impl Target {
    fn parse(location: &str) -> Result<Self, Error> {
        let wrong = |message: String| Error::usage(message).at(location);
        let (fixed, pattern) = split_glob(location);
        let pattern = pattern
            .map(|text| {
                Pattern::new(text).map_err(|error| wrong(format!("the pattern is wrong: {error}")))
            })
            .transpose()?;
        let (url, prefix) = if fixed.contains("://") {
            let url = Url::parse(fixed)
                .map_err(|error| wrong(format!("the address is wrong: {error}")))?;
            let prefix =
                Path::from_url_path(url.path()).map_err(|error| wrong(error.to_string()))?;
            (url, prefix)
        } else {
            local(fixed).map_err(wrong)?
        };
        Ok(Self { url, prefix, pattern })
    }

    /// The parts of a path below the prefix; its name alone if the prefix is the file.
    fn below(&self, path: &Path) -> Vec<String> {
        let parts: Vec<String> = match path.prefix_match(&self.prefix) {
            Some(parts) => parts.map(|part| part.as_ref().to_owned()).collect(),
            None => Vec::new(),
        };
        if parts.is_empty() {
            path.filename().map(str::to_owned).into_iter().collect()
        } else {
            parts
        }
    }
}

/// The part of a location before its first folder or name with a pattern, and the rest if there is one.
fn split_glob(location: &str) -> (&str, Option<&str>) {
    let Some(first) = location.find(['*', '?', '[']) else { return (location, None) };
    let cut = location.get(..first).and_then(|head| head.rfind('/')).map_or(0, |slash| slash + 1);
    (location.get(..cut).unwrap_or(""), location.get(cut..))
}

/// Address and store path of a local path, links and dots resolved as far as it exists.
fn local(path: &str) -> Result<(Url, Path), String> {
    let given = if path.is_empty() { "." } else { path };
    let absolute = std::fs::canonicalize(given)
        .or_else(|_| std::path::absolute(given))
        .map_err(|error| format!("the path cannot be resolved: {error}"))?;
    let url =
        Url::from_file_path(&absolute).map_err(|()| "the path cannot be resolved".to_owned())?;
    let path = Path::from_absolute_path(&absolute).map_err(|error| error.to_string())?;
    Ok((url, path))
}

async fn list(
    location: &str,
    target: &Target,
    store: &dyn ObjectStore,
) -> Result<Vec<ObjectMeta>, Error> {
    let failed = |error: object_store::Error| unreadable(location, &error);
    if target.pattern.is_none() && !location.ends_with('/') && !target.prefix.as_ref().is_empty() {
        match store.head(&target.prefix).await {
            Ok(meta) => return Ok(vec![meta]),
            Err(object_store::Error::NotFound { .. }) => {}
            // A local folder is no object, and stores say so in different ways: the listing decides.
            Err(_) if target.url.scheme() == "file" => {}
            Err(error) => return Err(failed(error)),
        }
    }
    let mut listing: Vec<ObjectMeta> =
        store.list(Some(&target.prefix)).try_collect().await.map_err(failed)?;
    listing.sort_by(|a, b| a.location.cmp(&b.location));
    Ok(listing)
}

/// What an object store that failed means for the reader.
pub(crate) fn unreadable(place: &str, error: &object_store::Error) -> Error {
    use object_store::Error as Store;
    let (what, hint) = match error {
        Store::NotFound { .. } => ("nothing is there", "check the path"),
        Store::PermissionDenied { .. } | Store::Unauthenticated { .. } => (
            "access is denied",
            "check the permissions, for S3 AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION",
        ),
        _ => return Error::data(format!("it cannot be read: {}", root_cause(error))).at(place),
    };
    Error::data(what).at(place).with_hint(hint)
}

fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

fn sort_out(
    location: &str,
    target: &Target,
    root: &ObjectStoreUrl,
    listing: Vec<ObjectMeta>,
) -> Result<Found, Error> {
    let explicit =
        listing.len() == 1 && listing.first().is_some_and(|meta| meta.location == target.prefix);
    let mut found = Found { explicit, ..Found::default() };
    let mut skipped = 0_usize;
    for meta in listing {
        let below = target.below(&meta.location);
        let Some(name) = below.last() else { continue };
        let hidden = below.iter().any(|part| part.starts_with(['.', '_']));
        if !explicit && (hidden || !matches(target, &below)) {
            continue;
        }
        let place = place(root.as_str(), &meta.location);
        match named(name) {
            Named::Kind(kind) => {
                found.files.push(FoundFile { store: root.clone(), meta, kind, below });
            }
            Named::Unreadable => {
                return Err(Error::data("this compression of text files is not read")
                    .at(place)
                    .with_hint("compress it with gzip or zstd, or not at all"));
            }
            Named::Unknown | Named::Beside if explicit => {
                return Err(Error::usage(format!(
                    "the name does not tell a kind of rows, in {location}"
                ))
                .at(place)
                .with_hint(format!("kinds that are read: {KINDS}")));
            }
            Named::Unknown => {
                skipped += 1;
                found.skipped = Some((skipped, place));
            }
            Named::Beside => {}
        }
    }
    Ok(found)
}

fn matches(target: &Target, below: &[String]) -> bool {
    let options = MatchOptions { require_literal_separator: true, ..MatchOptions::new() };
    let path = below.join("/");
    target.pattern.as_ref().is_none_or(|pattern| {
        pattern.matches_with(&path, options)
            // A pattern that names folders means the files in them.
            || Pattern::new(&format!("{}/**", pattern.as_str().trim_end_matches('/')))
                .is_ok_and(|inside| inside.matches_with(&path, options))
    })
}

fn nothing_found(location: &str, target: &Target, found: &Found) -> Error {
    let error = match (&found.skipped, &target.pattern) {
        (Some((count, name)), _) => {
            Error::usage(format!("none of its {count} files holds rows, for example {name}"))
        }
        (None, Some(_)) => Error::usage("no file matches the pattern"),
        (None, None) => {
            Error::usage("there is no such file, and no folder of that name with files")
        }
    };
    error.at(location).with_hint(format!("kinds that are read: {KINDS}"))
}

/// The store of a file that was found.
pub(crate) fn store_for(
    file: &FoundFile,
    runtime: &RuntimeEnv,
) -> Result<Arc<dyn ObjectStore>, Error> {
    runtime
        .object_store(&file.store)
        .map_err(|error| Error::internal(error.strip_backtrace()).at(file.place()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stores_that_refuse_are_named() {
        let path = "events/1.parquet".to_owned();
        let denied =
            object_store::Error::PermissionDenied { path: path.clone(), source: "403".into() };
        let error = unreadable("s3://exports/events/1.parquet", &denied);
        assert!(
            error.to_string().starts_with(
                "s3://exports/events/1.parquet: access is denied; check the permissions"
            )
        );
        let broken =
            object_store::Error::Generic { store: "S3", source: "connection reset".into() };
        let error = unreadable("s3://exports/events/1.parquet", &broken);
        assert_eq!(
            error.to_string(),
            "s3://exports/events/1.parquet: it cannot be read: connection reset"
        );
        let gone = object_store::Error::NotFound { path, source: "404".into() };
        assert!(
            unreadable("s3://exports/1.parquet", &gone).to_string().contains("nothing is there")
        );
    }

    #[test]
    fn patterns_begin_at_the_first_folder_that_has_one() {
        assert_eq!(split_glob("a/b/c.parquet"), ("a/b/c.parquet", None));
        assert_eq!(split_glob("a/b/*.parquet"), ("a/b/", Some("*.parquet")));
        assert_eq!(split_glob("s3://bucket/20*/x?/"), ("s3://bucket/", Some("20*/x?/")));
        assert_eq!(split_glob("*.csv"), ("", Some("*.csv")));
    }
}
