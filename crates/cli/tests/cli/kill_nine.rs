//! `kill -9` at any moment of an import: readers find a whole version or none, and the same command ends what was left.
#![cfg(unix)]

use crate::process::{Ended, generated, hogql, info, names, run, text};
use std::fs;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

/// What differs if a row is lost, there twice, or changed.
const SUMS: &str = "SELECT count() AS n, count(DISTINCT uuid) AS uuids, count(DISTINCT person_id) AS persons, \
     sum(toUnixTimestamp(timestamp)) AS times, sum(length(distinct_id)) AS ids, sum(length(event)) AS names, \
     sum(length(properties)) AS texts, sum(toInt(properties.$screen_width)) AS widths FROM events";

/// An import that is killed over and over, and what must come of it.
struct Scene {
    folder: PathBuf,
    export: String,
    /// The store that rows are added to; none for a new one.
    base: Option<PathBuf>,
    /// What the store answers before the import and after it; nothing if there is none.
    before: Option<String>,
    after: String,
    /// How long the import takes.
    whole: Duration,
}

/// Random numbers: SplitMix64.
struct Dice(u64);

impl Dice {
    /// Another seed for each run: the moments of a kill never repeat anyway.
    fn new() -> Self {
        Self(RandomState::new().build_hasher().finish())
    }

    /// From 0 up to 1.
    fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn import(export: &str, store: &Path) -> Ended {
    run(["import", export, "--store", &text(store)])
}

fn sums(store: &Path) -> Ended {
    run(["query", "--format", "csv", "--store", &text(store), SUMS])
}

impl Scene {
    /// Does the import once without a kill.
    fn new(folder: &Path, export: String, base: Option<PathBuf>) -> Self {
        let before = base.as_deref().map(|base| sums(base).answered().to_owned());
        let mut scene = Self {
            folder: folder.to_owned(),
            export,
            base,
            before,
            after: String::new(),
            whole: Duration::ZERO,
        };
        let store = scene.fresh("undisturbed");
        let started = Instant::now();
        import(&scene.export, &store).answered();
        scene.whole = started.elapsed();
        scene.after = sums(&store).answered().to_owned();
        scene
    }

    /// The place of a store as it is before the import.
    fn fresh(&self, name: &str) -> PathBuf {
        let store = self.folder.join(name);
        if let Some(base) = &self.base {
            copy(base, &store);
        }
        store
    }

    /// One import, killed after so long, and done again. Tells whether it was killed, and whether the second went on with it.
    fn round(&self, name: &str, delay: Duration) -> (bool, bool) {
        let store = self.fresh(name);
        let killed = self.killed(&store, delay);
        self.assert_whole(&store, delay);
        let again = import(&self.export, &store);
        assert_eq!(again.answered(), "", "killed after {delay:?}");
        assert_eq!(sums(&store).answered(), self.after, "killed after {delay:?}: {}", again.stderr);
        let work = store.join("import");
        assert!(!work.exists() || names(&work).is_empty(), "killed after {delay:?}: work is left");
        (killed, again.stderr.contains("went on"))
    }

    fn killed(&self, store: &Path, delay: Duration) -> bool {
        let mut command = hogql(["import", &self.export, "--store", &text(store)]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(delay);
        // On Unix this is SIGKILL; one that has ended is waited for all the same.
        let _ = child.kill();
        child.wait().unwrap().signal() == Some(9)
    }

    /// Whoever reads now finds the version before, or the one after; or no store if there was none.
    fn assert_whole(&self, store: &Path, delay: Duration) {
        let (told, answer) = (run(["info", "--json", &text(store)]), sums(store));
        if self.before.is_none() && told.code != Some(0) {
            for ended in [told, answer] {
                ended.refused(ended.code.unwrap(), &["there is no store"]);
            }
            return;
        }
        let answer = answer.answered();
        let whole = answer == self.after || self.before.as_deref() == Some(answer);
        assert!(whole, "killed after {delay:?}: {answer}");
        let rows = info(&text(store))["rows"].to_string();
        assert_eq!(answer.lines().nth(1).unwrap().split(',').next(), Some(rows.as_str()));
    }

    /// Kills so many imports, at moments spread over the time that one takes.
    fn kill(&self, times: u32, dice: &mut Dice) -> String {
        let (mut killed, mut went_on) = (0, 0);
        for time in 0..times {
            let delay = self.whole.mul_f64((f64::from(time) + dice.share()) / f64::from(times));
            let name = format!("killed-{time}");
            let (was_killed, goes_on) = self.round(&name, delay);
            killed += u32::from(was_killed);
            went_on += u32::from(goes_on);
            if time + 1 < times {
                fs::remove_dir_all(self.folder.join(name)).unwrap();
            }
        }
        assert!(killed > times / 2, "only {killed} of {times} were killed: the others had ended");
        let whole = self.whole;
        format!(
            "{killed} of {times} imports of {whole:.1?} were killed, {went_on} were gone on with"
        )
    }
}

/// Copies a folder.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for name in names(from) {
        let (from, to) = (from.join(&name), to.join(&name));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(from, to).unwrap();
        }
    }
}

#[test]
fn a_first_import_stands_kills_at_any_moment() {
    let folder = tempfile::tempdir().unwrap();
    let export = generated(folder.path(), "export", "3000", "1");
    let mut dice = Dice::new();
    eprintln!("seed {:#x}", dice.0);
    let scene = Scene::new(folder.path(), export, None);
    eprintln!("{}", scene.kill(20, &mut dice));
    let last = folder.path().join("killed-19");
    run(["optimize", &text(&last), "--grace", "0"]).answered();
    assert_eq!(sums(&last).answered(), scene.after);
    assert_eq!(info(&text(&last))["health"]["abandoned_files"], 0);
}

#[test]
fn an_import_into_a_store_stands_kills_at_any_moment() {
    let folder = tempfile::tempdir().unwrap();
    let first = generated(folder.path(), "first", "5000", "1");
    let second = generated(folder.path(), "second", "2000", "2");
    let base = folder.path().join("base");
    import(&first, &base).answered();
    let mut dice = Dice::new();
    eprintln!("seed {:#x}", dice.0);
    let scene = Scene::new(folder.path(), second, Some(base));
    eprintln!("{}", scene.kill(6, &mut dice));
}
