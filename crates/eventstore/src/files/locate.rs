//! From a location to its files: paths, folders, globs and addresses.

use super::found::{Found, sort_out};
use super::kind::FileKind;
use super::stores::{answered, listed, store_of};
use crate::Error;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::execution::runtime_env::RuntimeEnv;
use glob::{MatchOptions, Pattern};
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt};
use std::collections::HashMap;
use std::path::{Component, PathBuf};
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

/// The files that a location names.
pub(crate) async fn locate(
    location: &str,
    runtime: &RuntimeEnv,
    environment: &HashMap<String, String>,
) -> Result<Found, Error> {
    let target = Target::parse(location)?;
    let (root, store) = store_of(&target.url, runtime, environment)?;
    let (listing, explicit) = list(location, &target, store.as_ref()).await?;
    let found = sort_out(location, &target, &root, listing, explicit)?;
    if found.files.is_empty() {
        return Err(found.nothing(location, &target));
    }
    Ok(found)
}

/// What a location names: everything below a prefix, or what of it matches a pattern.
pub(super) struct Target {
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
        if location.trim().is_empty() {
            return Err(Error::usage("a location is empty").with_hint(
                "give a file, a folder, a pattern or an address; . is the folder here",
            ));
        }
        // A name that is there means itself, even with a `[` or `*` in it.
        let itself = !location.contains("://") && std::path::Path::new(location).exists();
        let (fixed, pattern) = if itself { (location, None) } else { split_glob(location) };
        let pattern = pattern
            .map(|text| {
                Pattern::new(text).map_err(|error| wrong(format!("the pattern is wrong: {error}")))
            })
            .transpose()?;
        let (url, prefix) = resolve(fixed).map_err(wrong)?;
        Ok(Self { url, prefix, pattern })
    }

    /// The parts of a path below the prefix; its name alone if the prefix is the file.
    pub(super) fn below(&self, path: &Path) -> Vec<String> {
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

impl Target {
    /// Whether it has a pattern.
    pub(super) const fn has_pattern(&self) -> bool {
        self.pattern.is_some()
    }

    /// Whether a path below the prefix is asked for.
    pub(super) fn matches(&self, below: &[String]) -> bool {
        let options = MatchOptions { require_literal_separator: true, ..MatchOptions::new() };
        let path = below.join("/");
        self.pattern.as_ref().is_none_or(|pattern| {
            pattern.matches_with(&path, options)
                // A pattern that names folders means the files in them.
                || Pattern::new(&format!("{}/**", pattern.as_str().trim_end_matches('/')))
                    .is_ok_and(|inside| inside.matches_with(&path, options))
        })
    }

    /// Whether the pattern means names that are set apart, and this one.
    pub(super) fn names(&self, part: &str) -> bool {
        let pieces = self.pattern.iter().flat_map(|pattern| pattern.as_str().split('/'));
        let mut apart = pieces
            .filter(|piece| piece.starts_with(['.', '_']) || piece.ends_with("manifest.json"));
        apart.any(|piece| Pattern::new(piece).is_ok_and(|piece| piece.matches(part)))
    }

    /// The folder on this machine that the prefix is.
    pub(super) fn folder(&self) -> Option<PathBuf> {
        let is_local = self.url.scheme() == "file";
        is_local.then(|| self.url.to_file_path().ok()).flatten()
    }
}

/// The part of a location before its first folder or name with a pattern, and the rest if there is one.
fn split_glob(location: &str) -> (&str, Option<&str>) {
    let Some(first) = location.find(['*', '?', '[']) else { return (location, None) };
    let cut = location.get(..first).and_then(|head| head.rfind('/')).map_or(0, |slash| slash + 1);
    (location.get(..cut).unwrap_or(""), location.get(cut..))
}

/// Address and store path of a location without a pattern. It need not exist.
pub(crate) fn resolve(location: &str) -> Result<(Url, Path), String> {
    match location.split_once("://") {
        Some(("s3", rest)) => bucket_and_key(rest),
        Some(_) => address(location),
        None => local(location),
    }
}

/// Address and key of what stands behind `s3://`. A key is taken as it is written: `%41` and `#` stand for themselves.
fn bucket_and_key(rest: &str) -> Result<(Url, Path), String> {
    let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
    if bucket.is_empty() {
        return Err("the address names no bucket: write s3://bucket/folder/".to_owned());
    }
    let url = Url::parse(&format!("s3://{bucket}/"))
        .map_err(|error| format!("the address is wrong: {error}"))?;
    let key = Path::parse(key).map_err(|error| error.to_string())?;
    Ok((url, key))
}

/// Address and store path of any other address.
fn address(text: &str) -> Result<(Url, Path), String> {
    let url = Url::parse(text).map_err(|error| format!("the address is wrong: {error}"))?;
    let path = Path::from_url_path(url.path()).map_err(|error| error.to_string())?;
    Ok((url, path))
}

/// Address and store path of a local path, links and dots resolved as far as it exists.
fn local(path: &str) -> Result<(Url, Path), String> {
    let given = if path.is_empty() { "." } else { path };
    let absolute = std::fs::canonicalize(given)
        .or_else(|_| beyond(given))
        .map_err(|error| format!("the path cannot be resolved: {error}"))?;
    let url =
        Url::from_file_path(&absolute).map_err(|()| "the path cannot be resolved".to_owned())?;
    let path = Path::from_absolute_path(&absolute).map_err(|error| error.to_string())?;
    Ok((url, path))
}

/// A path that does not exist: its folders resolved as far as they do, the rest as it is written.
fn beyond(path: &str) -> std::io::Result<PathBuf> {
    let absolute = std::path::absolute(path)?;
    let resolved = absolute.ancestors().skip(1).find_map(|folder| {
        let rest = absolute.strip_prefix(folder).ok()?;
        Some((std::fs::canonicalize(folder).ok()?, rest))
    });
    let Some((mut path, rest)) = resolved else { return Ok(absolute) };
    for part in rest.components() {
        match part {
            Component::ParentDir => drop(path.pop()),
            part => path.push(part),
        }
    }
    Ok(path)
}

/// What is at a target and below it, by path, and whether it is one object that the target names.
async fn list(
    location: &str,
    target: &Target,
    store: &dyn ObjectStore,
) -> Result<(Vec<ObjectMeta>, bool), Error> {
    use object_store::Error as Store;
    let failed = |error: &Store| unreadable(location, error);
    let mut refused = None;
    if target.pattern.is_none() && !location.ends_with('/') && !target.prefix.as_ref().is_empty() {
        match answered(location, store.head(&target.prefix)).await? {
            Ok(meta) => return Ok((vec![meta], true)),
            Err(Store::NotFound { .. }) => {}
            // A local folder is no object, and stores say so in different ways: the listing decides.
            Err(_) if target.url.scheme() == "file" => {}
            // Who may list need not be allowed to ask for a folder's name, and a refused listing says more.
            Err(error @ (Store::PermissionDenied { .. } | Store::Unauthenticated { .. })) => {
                refused = Some(error);
            }
            Err(error) => return Err(failed(&error)),
        }
    }
    let mut listing = listed(location, store.list(Some(&target.prefix))).await?;
    listing.retain(|meta| meta.location != target.prefix || meta.size > 0);
    match refused {
        Some(error) if listing.is_empty() => return Err(failed(&error)),
        _ => {}
    }
    listing.sort_by(|a, b| a.location.cmp(&b.location));
    Ok((listing, false))
}

/// What an object store that failed means for the reader.
pub(crate) fn unreadable(place: &str, error: &object_store::Error) -> Error {
    refused(place, error, "read")
}

/// What an object store that failed means for the writer.
pub(crate) fn unwritable(place: &str, error: &object_store::Error) -> Error {
    refused(place, error, "written")
}

/// The same of either, by the participle of what was to be done.
fn refused(place: &str, error: &object_store::Error, done: &str) -> Error {
    use object_store::Error as Store;
    let cause = root_cause(error);
    let said = answer(&cause);
    // A listing that is refused comes as an error of no kind.
    let denied = matches!(error, Store::PermissionDenied { .. } | Store::Unauthenticated { .. })
        || ["403 Forbidden", "401 Unauthorized"].iter().any(|status| cause.contains(status));
    let (what, hint) = match (error, said) {
        (_, Some(("NoSuchBucket", _))) => (
            "there is no such bucket".to_owned(),
            "check its name, AWS_ENDPOINT_URL and AWS_REGION",
        ),
        (Store::NotFound { .. }, _) => ("nothing is there".to_owned(), "check the path"),
        (_, said) if denied => {
            let code = said.map(|(code, _)| format!(" ({code})")).unwrap_or_default();
            let hint = "check the permissions, for S3 AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN and \
                        AWS_REGION; profiles are not read, and requests without a key are not signed";
            (format!("access is denied{code}"), hint)
        }
        (_, Some((code, message))) => {
            (format!("it cannot be {done}: {message} ({code})"), CHECK_S3)
        }
        (_, None) => {
            let cause = cause.trim_end_matches([':', ' ']);
            (format!("it cannot be {done}: {cause}"), CHECK_S3)
        }
    };
    let error = Error::data(what).at(place);
    let of_files = hint == CHECK_S3 && !place.starts_with("s3://");
    if of_files { error } else { error.with_hint(hint) }
}

const CHECK_S3: &str = "check AWS_ENDPOINT_URL, AWS_REGION and the network";

/// Code and message of the XML with which S3 refuses a request.
fn answer(text: &str) -> Option<(&str, &str)> {
    let inside = |tag: &str| {
        let (_, rest) = text.split_once(&format!("<{tag}>"))?;
        Some(rest.split_once(&format!("</{tag}>"))?.0)
    };
    Some((inside("Code")?, inside("Message").unwrap_or_default()))
}

/// The innermost reason of an error.
pub(super) fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
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
            "s3://exports/events/1.parquet: it cannot be read: connection reset; check AWS_ENDPOINT_URL, AWS_REGION and the network"
        );
        let gone = object_store::Error::NotFound { path, source: "404".into() };
        assert!(
            unreadable("s3://exports/1.parquet", &gone).to_string().contains("nothing is there")
        );
    }

    #[test]
    fn paths_that_do_not_exist_are_resolved_as_far_as_they_do() {
        let here = std::fs::canonicalize(".").unwrap();
        for path in ["new", "./new", "src/../new", "gone/../new", "gone/deep/../../new"] {
            assert_eq!(beyond(path).unwrap(), here.join("new"), "{path}");
        }
        assert_eq!(beyond("../new/store").unwrap(), here.parent().unwrap().join("new/store"));
    }

    #[test]
    fn patterns_begin_at_the_first_folder_that_has_one() {
        assert_eq!(split_glob("a/b/c.parquet"), ("a/b/c.parquet", None));
        assert_eq!(split_glob("a/b/*.parquet"), ("a/b/", Some("*.parquet")));
        assert_eq!(split_glob("s3://bucket/20*/x?/"), ("s3://bucket/", Some("20*/x?/")));
        assert_eq!(split_glob("*.csv"), ("", Some("*.csv")));
    }
}
