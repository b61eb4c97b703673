//! Versions under several writers, after crashes and in folders that refuse.

use crate::store::files::Folder;
use crate::store::manifest::{ImportRecord, Manifest};
use crate::store::versions::{Committed, Versions, manifest_path};
use crate::{Blame, Error};
use datafusion::execution::runtime_env::RuntimeEnv;
use object_store::memory::InMemory;
use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;
use url::Url;

fn opened(location: &str) -> Result<Folder, Error> {
    Folder::open(location, &RuntimeEnv::default(), &HashMap::new())
}

/// A store's versions in a folder that does not exist yet.
fn local(folder: &TempDir) -> Versions {
    Versions::new(opened(folder.path().join("new/store").to_str().unwrap()).unwrap())
}

/// The same in an object store.
fn remote() -> Versions {
    let runtime = RuntimeEnv::default();
    let url = Url::parse("s3://bucket").unwrap();
    runtime.register_object_store(&url, Arc::new(InMemory::new()));
    Versions::new(Folder::open("s3://bucket/stores/a", &runtime, &HashMap::new()).unwrap())
}

fn first() -> Manifest {
    Manifest { version: 1, ..Manifest::empty("hogql 0.1.0", 4) }
}

fn import(fingerprint: &str) -> ImportRecord {
    ImportRecord {
        generation: 1,
        at: 0,
        sources: Vec::new(),
        fingerprint: fingerprint.to_owned(),
        rows: 1,
        duplicates: 0,
        rejected: 0,
        rejects: None,
    }
}

/// Commits a version with one more import.
async fn imported(versions: &Versions, fingerprint: &str, made_at: i64) -> Manifest {
    let change = |previous: Option<Manifest>| {
        let mut manifest = previous.unwrap_or_else(first);
        manifest.imports.push(import(fingerprint));
        manifest.made_at = made_at;
        Ok(manifest)
    };
    versions.change(10_000, change).await.unwrap()
}

fn race(versions: &Versions, threads: usize, commits: usize) {
    let work = |thread: usize| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            for commit in 0..commits {
                imported(versions, &format!("{thread}-{commit}"), 0).await;
            }
        });
    };
    std::thread::scope(|scope| {
        for thread in 0..threads {
            scope.spawn(move || work(thread));
        }
    });
}

async fn check_race(versions: &Versions, expected: usize) {
    let last = versions.latest().await.unwrap().unwrap();
    let imports: BTreeSet<&str> =
        last.imports.iter().map(|import| import.fingerprint.as_str()).collect();
    assert_eq!((last.imports.len(), imports.len()), (expected, expected));
    let all = versions.all().await.unwrap();
    assert_eq!(all, (1..=expected as u64).collect::<Vec<_>>());
    for version in all {
        let manifest = versions.at(version).await.unwrap();
        assert_eq!(manifest.imports.len() as u64, version);
        assert!(last.imports.starts_with(&manifest.imports), "{version}");
    }
}

#[tokio::test]
async fn racing_writers_lose_no_change() {
    let folder = TempDir::new().unwrap();
    let versions = local(&folder);
    race(&versions, 8, 20);
    check_race(&versions, 160).await;
    let files = fs::read_dir(versions.folder().local("manifests").unwrap()).unwrap();
    assert_eq!(files.count(), 160, "nothing else is left behind");
}

#[tokio::test]
async fn racing_writers_lose_no_change_in_an_object_store() {
    let versions = remote();
    race(&versions, 4, 10);
    check_race(&versions, 40).await;
}

#[tokio::test]
async fn of_two_writers_of_a_version_one_wins() {
    let folder = TempDir::new().unwrap();
    for versions in [local(&folder), remote()] {
        for version in 1..=20 {
            let manifest = Manifest { version, ..first() };
            let both = futures::join!(versions.commit(&manifest), versions.commit(&manifest));
            let done = [both.0.unwrap(), both.1.unwrap()];
            assert!(done[0] != done[1], "{version}: {done:?}");
        }
        assert_eq!(versions.commit(&first()).await.unwrap(), Committed::Lost);
    }
}

#[tokio::test]
async fn a_number_that_was_cleaned_away_is_not_free() {
    let folder = TempDir::new().unwrap();
    let versions = local(&folder);
    for _ in 0..3 {
        imported(&versions, "a", 0).await;
    }
    versions.folder().remove_all(&[&manifest_path(1)]).await.unwrap();
    versions.folder().remove_all(&[&manifest_path(2)]).await.unwrap();
    versions.folder().remove_all(&[&manifest_path(2)]).await.unwrap();
    assert_eq!(versions.commit(&first()).await.unwrap(), Committed::Lost);
    assert_eq!(versions.all().await.unwrap(), [3]);
    let error = versions.commit(&Manifest { version: 5, ..first() }).await.unwrap_err();
    assert_eq!(error.blame(), Blame::Internal);
}

#[tokio::test]
async fn a_pinned_version_stays() {
    let folder = TempDir::new().unwrap();
    for versions in [local(&folder), remote()] {
        let mut pinned = None;
        for version in 1..=6_u64 {
            let made = imported(&versions, &version.to_string(), 0).await;
            assert_eq!(made.version, version);
            pinned = pinned.or_else(|| (version == 3).then_some(made));
        }
        assert_eq!(versions.at(3).await.unwrap(), pinned.unwrap());
        let error = versions.at(7).await.unwrap_err();
        assert_eq!(error.message(), "the store has no version 7");
        assert_eq!(error.hint(), Some("available: 1 to 6"));
    }
}

#[tokio::test]
async fn time_does_not_go_back() {
    let folder = TempDir::new().unwrap();
    let versions = local(&folder);
    let mut times = Vec::new();
    for made_at in [-5, 100, 50, 101] {
        times.push(imported(&versions, "a", made_at).await.made_at);
    }
    assert_eq!(times, [-5, 100, 100, 101]);
}

#[tokio::test]
async fn what_is_no_version_is_skipped() {
    let folder = TempDir::new().unwrap();
    let versions = local(&folder);
    assert_eq!(versions.latest().await.unwrap(), None);
    versions.folder().write("events/1/b0001.parquet", b"PAR1".to_vec()).await.unwrap();
    assert_eq!(versions.latest().await.unwrap(), None, "files alone are no version");
    let made = imported(&versions, "a", 0).await;
    let manifests = versions.folder().local("manifests").unwrap();
    for name in [
        ".00000000000000000002.json.1f.partial",
        ".lock",
        "00000000000000000003.json.tmp",
        "00000000000000000000.json",
        "4.json",
        "+0000000000000000005.json",
        "99999999999999999999.json",
        "copy/00000000000000000006.json",
        "README",
    ] {
        let path = manifests.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "{\"format\":").unwrap();
    }
    assert_eq!(versions.all().await.unwrap(), [1]);
    assert_eq!(versions.latest().await.unwrap(), Some(made));
    assert_eq!(imported(&versions, "b", 0).await.version, 2);
}

/// The path of a version's manifest on this machine, and the message of the latest version's reading.
async fn complaint(versions: &Versions, version: u64, content: &str) -> (PathBuf, Error) {
    let path = versions.folder().local(&manifest_path(version)).unwrap();
    fs::write(&path, content).unwrap();
    (path, versions.latest().await.unwrap_err())
}

#[tokio::test]
async fn manifests_that_cannot_be_used_are_told() {
    let folder = TempDir::new().unwrap();
    let versions = local(&folder);
    let made = imported(&versions, "a", 0).await;
    let mut newer = serde_json::to_value(&made).unwrap();
    let content = serde_json::to_string(&newer).unwrap();
    let (path, error) = complaint(&versions, 2, &content).await;
    let text = error.to_string();
    assert!(text.starts_with(&path.display().to_string()), "{text}");
    assert!(text.contains("the manifest is damaged: it says that it is version 1"), "{text}");
    let (_, error) = complaint(&versions, 2, "").await;
    assert!(error.hint().unwrap().starts_with("restore the file"), "{error}");
    newer["format"] = 2.into();
    newer["version"] = 2.into();
    let (path, error) = complaint(&versions, 2, &newer.to_string()).await;
    let expected = "the store is of format 2; this hogql reads up to format 1; update hogql";
    assert_eq!(error.to_string(), format!("{}: {expected}", path.display()));
    assert_eq!(versions.at(1).await.unwrap(), made, "older versions can still be read");
    // One that may be read must still not be written over.
    newer["min_reader"] = 1.into();
    fs::write(&path, newer.to_string()).unwrap();
    assert_eq!(versions.latest().await.unwrap().unwrap().format, 2);
    let error = versions.change(0, |_| Ok(first())).await.unwrap_err();
    assert_eq!(error.hint(), Some("update hogql"));
}

#[tokio::test]
async fn giving_up_is_told() {
    let folder = TempDir::new().unwrap();
    let versions = local(&folder);
    let mut calls = 0;
    let change = |previous: Option<Manifest>| {
        calls += 1;
        let next = previous.map_or(1, |previous| previous.version + 1);
        let theirs = Manifest { version: next, ..first() };
        let path = versions.folder().local(&manifest_path(next)).unwrap();
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, serde_json::to_string(&theirs).unwrap()).unwrap();
        Ok(first())
    };
    let error = versions.change(2, change).await.unwrap_err();
    assert_eq!((error.message(), calls), ("other writers were faster 3 times", 3));
}

#[cfg(unix)]
#[tokio::test]
async fn a_folder_that_cannot_be_written_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    let mode = |mode: u32| fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode));
    mode(0o555).unwrap();
    if fs::write(folder.path().join("probe"), "").is_ok() {
        eprintln!("skipped: this user may write anywhere");
        return;
    }
    let error = local(&folder).change(0, |_| Ok(first())).await.unwrap_err();
    mode(0o755).unwrap();
    assert_eq!(error.blame(), Blame::Usage);
    assert_eq!(error.message(), "it cannot be written: permission denied");
}

#[tokio::test]
async fn files_are_written_listed_read_and_removed() {
    let scratch = TempDir::new().unwrap();
    for versions in [local(&scratch), remote()] {
        let folder = versions.folder();
        assert!(folder.list("").await.unwrap().is_empty());
        folder.write("events/1/b.json", b"one".to_vec()).await.unwrap();
        folder.write("events/1/b.json", b"two".to_vec()).await.unwrap();
        folder.write("events/12/a.json", b"three".to_vec()).await.unwrap();
        assert_eq!(folder.read("events/1/b.json").await.unwrap(), b"two");
        let text = folder.read("events/1/c.json").await.unwrap_err().to_string();
        assert!(text.contains("/events/1/c.json: a file of the store is missing"), "{text}");
        let listed = |files: Vec<crate::store::files::Listed>| {
            files.into_iter().map(|file| (file.path, file.bytes)).collect::<Vec<_>>()
        };
        let one = ("events/1/b.json".to_owned(), 3);
        let both = vec![one.clone(), ("events/12/a.json".to_owned(), 5)];
        assert_eq!(listed(folder.list("").await.unwrap()), both);
        assert_eq!(listed(folder.list("events/1").await.unwrap()), [one]);
        folder.remove_all(&["events/1/b.json"]).await.unwrap();
        folder.remove_all(&["events/1/b.json"]).await.unwrap();
        assert!(folder.list("events/1").await.unwrap().is_empty());
        assert!(!folder.local("events/1").is_some_and(|path| path.exists()));
    }
}

#[tokio::test]
async fn big_files_are_uploaded_whole() {
    let scratch = TempDir::new().unwrap();
    let from = scratch.path().join("big");
    for bytes in [0, 5, 8 << 20, (20 << 20) + 3] {
        let content: Vec<u8> = (0..bytes).map(|at: u32| (at / 1000) as u8).collect();
        fs::write(&from, &content).unwrap();
        for versions in [local(&scratch), remote()] {
            let folder = versions.folder();
            let size = folder.upload("events/1/big", &from).await.unwrap();
            assert_eq!(size, u64::from(bytes));
            assert!(folder.read("events/1/big").await.unwrap() == content, "{bytes}");
        }
    }
    assert!(remote().folder().upload("a", Path::new("/nowhere/big")).await.is_err());
}

#[test]
fn locations_are_resolved() {
    let scratch = TempDir::new().unwrap();
    let root = fs::canonicalize(scratch.path()).unwrap();
    let odd = root.join("sp ace%41 #1 [x]*/store");
    let folder = opened(odd.to_str().unwrap()).unwrap();
    let mut file = folder.begin("events/1/a.parquet").unwrap();
    file.write_all(b"a").unwrap();
    file.finish().unwrap();
    assert_eq!(folder.local("events/1/a.parquet").unwrap(), odd.join("events/1/a.parquet"));
    assert_eq!(folder.place(""), odd.display().to_string());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    assert_eq!(runtime.block_on(folder.read("events/1/a.parquet")).unwrap(), b"a");
    let address = Url::from_file_path(&odd).unwrap();
    assert_eq!(opened(address.as_str()).unwrap().local(""), folder.local(""));
    let far = remote();
    assert_eq!(far.folder().place("a/b"), "s3://bucket/stores/a/a/b");
    assert!(far.folder().begin("a").is_err() && far.folder().local("a").is_none());
    let file = odd.join("events/1/a.parquet");
    let error = opened(file.to_str().unwrap()).unwrap_err();
    assert_eq!(error.message(), "a store is a folder, found a file");
    assert!(opened(" ").is_err());
}
