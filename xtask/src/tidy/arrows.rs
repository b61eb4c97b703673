//! Which crate may depend on which, from the manifests.

use std::path::Path;

/// A crate's folder and the crates of ours that it may name outside its tests.
const ARROWS: &[(&str, &[&str])] = &[
    ("crates/events", &[]),
    ("crates/hogql-syntax", &[]),
    ("crates/operators", &["events", "funnels", "retention", "cohorts"]),
    ("crates/eventstore", &["events"]),
    (
        "crates/hogql",
        &["events", "hogql-syntax", "operators", "eventstore", "funnels", "retention", "cohorts"],
    ),
    ("crates/cli", &["hoglet", "hogql-syntax", "server"]),
    ("crates/testkit", &[]),
    ("crates/conformance", &["hoglet", "hogql-syntax", "testkit"]),
    (".", &["hogql"]),
    ("xtask", &[]),
];

const OURS: &[&str] = &[
    "events",
    "hogql-syntax",
    "hogql",
    "operators",
    "eventstore",
    "testkit",
    "hoglet",
    "server",
    "funnels",
    "retention",
    "cohorts",
];

/// Crates from outside that only some of ours may name.
const GUARDED: &[(&str, &[&str])] = &[
    ("datafusion", &["crates/operators", "crates/eventstore", "crates/hogql"]),
    ("parquet", &["crates/eventstore"]),
    // testkit names it for its features alone.
    ("object_store", &["crates/eventstore", "crates/testkit"]),
    ("axum", &["crates/server"]),
];

pub(super) fn check(root: &Path) -> Vec<String> {
    let mut problems = Vec::new();
    for (folder, allowed) in ARROWS {
        let manifest = root.join(folder).join("Cargo.toml");
        let Ok(text) = std::fs::read_to_string(&manifest) else { continue };
        for dependency in dependencies(&text) {
            if OURS.contains(&dependency.as_str()) && !allowed.contains(&dependency.as_str()) {
                problems
                    .push(format!("{folder}/Cargo.toml: {folder} may not depend on {dependency}"));
            }
            let guard = GUARDED.iter().find(|(name, _)| *name == dependency);
            if guard.is_some_and(|(_, folders)| !folders.contains(folder)) {
                problems.push(format!(
                    "{folder}/Cargo.toml: only {guard:?} may depend on {dependency}"
                ));
            }
        }
    }
    problems
}

/// Names in the `[dependencies]` table.
fn dependencies(manifest: &str) -> Vec<String> {
    let lines = manifest.lines().skip_while(|line| line.trim() != "[dependencies]").skip(1);
    lines
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split(['.', '=', ' ']).next())
        .map(str::trim)
        .filter(|name| !name.is_empty() && !name.starts_with('#'))
        .map(str::to_owned)
        .collect()
}
