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

/// Crates from outside that only some of ours may name; what they are made of (`datafusion-expr`) counts as they do.
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
            let guard = GUARDED.iter().find(|(name, _)| is_of(name, &dependency));
            if guard.is_some_and(|(_, folders)| !folders.contains(folder)) {
                problems.push(format!(
                    "{folder}/Cargo.toml: only {guard:?} may depend on {dependency}"
                ));
            }
        }
    }
    problems
}

/// Whether a crate is this one or a part of it.
fn is_of(family: &str, name: &str) -> bool {
    name.strip_prefix(family).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

/// Names that a crate needs outside its tests, on any platform.
fn dependencies(manifest: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut within = false;
    for line in manifest.lines() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if let Some(header) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let below = below_dependencies(header.trim());
            within = below == Some("");
            names.extend(below.filter(|name| !name.is_empty()).map(bare));
        } else if within && let Some((key, _)) = line.split_once('=') {
            names.push(bare(key.split('.').next().unwrap_or_default()));
        }
    }
    names
}

/// What stands below `dependencies` in the name of a table: nothing if the table lists crates, a name if it is about one.
fn below_dependencies(header: &str) -> Option<&str> {
    let rest = ["dependencies", "build-dependencies"].into_iter().find_map(|kind| {
        let of_all = header.strip_prefix(kind);
        let of_one_platform = || {
            let platform = header.strip_prefix("target.")?;
            platform.rsplit_once(&format!(".{kind}")).map(|(_, rest)| rest)
        };
        of_all.or_else(of_one_platform)
    })?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('.') }
}

fn bare(key: &str) -> String {
    key.trim().trim_matches(['"', '\'']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_are_found_in_every_form() {
        let manifest = r#"
            [package]
            name = "x"
            [dependencies] # ours
            a.workspace = true
            # b = "1"
            "c" = { version = "1", features = [
                "std",
            ] }
            [dependencies.datafusion-expr]
            version = "1"
            [target.'cfg(target_os = "linux")'.dependencies]
            d-e = "1"
            [target.x86_64-unknown-linux-gnu.dependencies.f]
            version = "1"
            [build-dependencies]
            g = "1"
            [dev-dependencies]
            h = "1"
            [target.'cfg(unix)'.dev-dependencies.i]
            version = "1"
        "#;
        assert_eq!(dependencies(manifest), ["a", "c", "datafusion-expr", "d-e", "f", "g"]);
    }

    #[test]
    fn a_guard_covers_the_parts_of_a_crate() {
        assert!(is_of("datafusion", "datafusion") && is_of("datafusion", "datafusion-expr"));
        assert!(!is_of("datafusion", "data") && !is_of("datafusion", "datafusions"));
    }
}
