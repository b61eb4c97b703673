//! What goes wrong around a store: a disk that is full, folders that refuse, files that are damaged. It is told, and
//! nothing is lost.
#![cfg(unix)]

use crate::process::{Ended, generated, info, names, run, text};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// What differs if a row is lost, there twice, or changed.
const SUMS: &str = "SELECT count() AS n, count(DISTINCT uuid) AS uuids, count(DISTINCT person_id) AS persons, \
     sum(length(properties)) AS texts FROM events";

/// A store of one import, and an export that is not in it.
struct Scene {
    folder: TempDir,
    store: String,
    more: String,
    before: String,
}

impl Scene {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let base = generated(folder.path(), "base", "300", "1");
        let more = generated(folder.path(), "more", "1500", "2");
        let store = text(&folder.path().join("store"));
        run(["import", &base, "--store", &store, "--buckets", "1"]).answered();
        let before = sums(&store);
        Self { folder, store, more, before }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The store is as it was.
    #[track_caller]
    fn check(&self) {
        assert_eq!(sums(&self.store), self.before);
        assert_eq!(info(&self.store)["version"], 1);
        assert_eq!(names(&Path::new(&self.store).join("manifests")).len(), 1);
    }
}

#[track_caller]
fn sums(store: &str) -> String {
    run(["query", "--format", "csv", "--store", store, SUMS]).answered().to_owned()
}

/// All files below a folder.
fn below(folder: &Path) -> Vec<PathBuf> {
    let paths = names(folder).into_iter().map(|name| folder.join(name));
    paths.flat_map(|path| if path.is_dir() { below(&path) } else { vec![path] }).collect()
}

/// A run that was refused, whoever is to blame, with what to do.
#[track_caller]
fn told(ended: &Ended, told: &[&str]) {
    let code = ended.code.unwrap_or_default();
    assert!(code == 1 || code == 2, "{code}: {}", ended.stderr);
    ended.refused(code, told);
    ended.refused(code, &["error[H07", "= help: "]);
}

/// Runs the command where no file may be larger than so many KiB: what a full disk is to it.
#[cfg(target_os = "linux")]
fn limited(kib: u32, args: &[&str]) -> Ended {
    let script = format!("ulimit -f {kib}; trap '' XFSZ; exec \"$0\" \"$@\"");
    let mut command = std::process::Command::new("bash");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_hogql")]).args(args);
    command.stdin(std::process::Stdio::null());
    command.output().unwrap().into()
}

#[test]
#[cfg(target_os = "linux")]
fn an_import_that_finds_no_room_goes_on_when_there_is() {
    let scene = Scene::new();
    let args = ["import", &scene.more, "--store", &scene.store, "--threads", "2"];
    // No room for the journal, for what is read, for what is written.
    for kib in [0, 4, 48, 80] {
        let ended = limited(kib, &args);
        told(&ended, &[&scene.store]);
        let why = ["cannot be written: File too large", "is larger than its file system takes"];
        assert!(why.iter().any(|why| ended.stderr.contains(why)), "{kib}: {}", ended.stderr);
        scene.check();
        let files = below(Path::new(&scene.store));
        let partial = |file: &&PathBuf| text(file).ends_with(".partial");
        assert_eq!(files.iter().find(partial), None, "{kib}");
    }
    let broken_off = info(&scene.store)["unfinished"].clone();
    let work = &broken_off[0];
    assert!(work["place"].as_str().is_some_and(|place| place.contains("import")), "{broken_off}");
    assert_eq!(
        (broken_off.as_array().map(Vec::len), &work["is_at_work"]),
        (Some(1), &false.into())
    );
    assert!(work["bytes"].as_u64() > Some(1_000), "{broken_off}");
    let report = run(["info", &scene.store]);
    for told in
        ["unfinished work", "ago", "hogql optimize removes it when nothing of it was written"]
    {
        assert!(report.answered().contains(told), "no `{told}` in: {}", report.text());
    }
    let refused = limited(4, &["optimize", &scene.store]);
    assert_eq!(refused.code, Some(0), "there is nothing to write: {}", refused.stderr);
    run(args).answered();
    let undisturbed = text(&scene.path("undisturbed"));
    for export in [&text(&scene.path("base")), &scene.more] {
        run(["import", export, "--store", &undisturbed]).answered();
    }
    assert_eq!(sums(&scene.store), sums(&undisturbed));
    let holds = info(&scene.store);
    assert_eq!(
        (&holds["version"], &holds["health"]["abandoned_files"]),
        (&Value::from(2), &Value::from(0))
    );
    assert!(!Path::new(&scene.store).join("import").exists());
    assert_eq!(holds["unfinished"], Value::Array(Vec::new()));
    // An optimize that finds no room changes nothing, and leaves nothing that the next one would not remove.
    let before = sums(&scene.store);
    told(&limited(16, &["optimize", &scene.store]), &[&scene.store]);
    assert_eq!(sums(&scene.store), before);
    assert_eq!(info(&scene.store)["version"], 2);
    run(["optimize", &scene.store, "--grace", "0"]).answered();
    assert_eq!(sums(&scene.store), before);
    let (holds, none) = (info(&scene.store), Value::from(0));
    let health = &holds["health"];
    assert_eq!((&health["abandoned_files"], &health["retired_files"]), (&none, &none));
}

#[test]
fn places_where_nothing_can_be_written_are_told() {
    let scene = Scene::new();
    let file = scene.path("file");
    fs::write(&file, "").unwrap();
    let file = text(&file);
    let below_file = format!("{file}/store");
    let into = |store: &str, more: &[&str]| {
        run([&["import", &scene.more, "--store", store], more].concat())
    };
    told(
        &into(&below_file, &[]),
        &[&format!("{file} is a file, and no folder"), "name another folder"],
    );
    told(&into(&file, &[]), &["a store is a folder, found a file"]);
    for work in [file.as_str(), "/proc/hoglet/work"] {
        let new = text(&scene.path("new"));
        for store in [&new, &scene.store] {
            told(&into(store, &["--work", work]), &[work, "it cannot be written: ", "--work"]);
        }
        assert!(!Path::new(&new).exists());
        scene.check();
    }
    run(["query", "--store", &below_file, SUMS]).refused(2, &["is a file, and no folder"]);
}

#[test]
fn a_store_that_may_only_be_read_is_read() {
    let scene = Scene::new();
    let store = Path::new(&scene.store);
    let files = below(store);
    let above = files.iter().flat_map(|file| file.ancestors().skip(1));
    let folders: Vec<&Path> = above.filter(|folder| folder.starts_with(store)).collect();
    let mode = |mode: u32| {
        for folder in &folders {
            fs::set_permissions(folder, fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    mode(0o555);
    if fs::write(store.join("probe"), "").is_ok() {
        mode(0o755);
        eprintln!("skipped: this user may write anywhere");
        return;
    }
    let refused = run(["import", &scene.more, "--store", &scene.store]);
    let work = text(&scene.path("work"));
    let elsewhere = run(["import", &scene.more, "--store", &scene.store, "--work", &work]);
    let answer = sums(&scene.store);
    mode(0o755);
    refused.refused(2, &[&scene.store, "it cannot be written: Permission denied", "= help: check"]);
    elsewhere.refused(2, &[&scene.store, "permission denied", "= help: check"]);
    assert_eq!(answer, scene.before);
    scene.check();
    // What was read is kept.
    let done = run(["import", &scene.more, "--store", &scene.store, "--work", &work]);
    done.answered();
    assert!(done.stderr.contains("interrupted import"), "{}", done.stderr);
}

#[test]
fn damaged_files_end_with_1_and_never_with_a_panic() {
    let scene = Scene::new();
    let store = Path::new(&scene.store);
    let file = below(&store.join("events")).pop().unwrap();
    let whole = fs::read(&file).unwrap();
    let place = text(&file);
    let end = whole.len() - 8;
    for length in [0_u32, 1, 0x00ff_ffff, 0x7fff_ffff, u32::MAX] {
        let mut bytes = whole.clone();
        bytes[end..end + 4].copy_from_slice(&length.to_le_bytes());
        fs::write(&file, bytes).unwrap();
        for args in [&["query", "--store", &scene.store, SUMS][..], &["info", &scene.store]] {
            run(args).refused(1, &["error[H0702]", &place, "= help: "]);
        }
        let import = run(["import", &scene.more, "--store", &scene.store]);
        import.refused(1, &["error[H0702]", &place, "= help: restore it from a copy, or import"]);
    }
    for bytes in [&whole[..whole.len() / 3], b"", b"PAR1PAR1"] {
        fs::write(&file, bytes).unwrap();
        run(["query", "--store", &scene.store, SUMS]).refused(1, &["error[H0702]", &place]);
    }
    fs::remove_file(&file).unwrap();
    run(["query", "--store", &scene.store, SUMS]).refused(1, &[&place, "the file is missing"]);
    fs::write(&file, whole).unwrap();
    scene.check();
}

#[test]
fn names_of_any_length_are_told_in_short() {
    let folder = tempfile::tempdir().unwrap();
    let (events, store) = (folder.path().join("events.csv"), text(&folder.path().join("store")));
    let name = "long name ".repeat(500);
    let rows = format!("event,timestamp,distinct_id\n{name},2024-01-01,u\n\"a\nb\",2024-01-01,u\n");
    fs::write(&events, rows).unwrap();
    run(["import", &text(&events), "--store", &store]).answered();
    let report = run(["info", &store]);
    let longest = report.answered().lines().map(|line| line.chars().count()).max();
    assert!(longest.is_some_and(|longest| longest < 160), "{longest:?}");
    assert!(report.text().contains("long name long name") && report.text().contains('…'));
    let whole = info(&store)["events"].as_array().unwrap().clone();
    assert!(whole.iter().any(|event| event["name"] == name.as_str()), "JSON has all of it");
}
