//! The rules of the tree that a compiler does not check: which crate may name which, module docs, file length, words.

mod arrows;
mod files;

use std::path::{Path, PathBuf};

/// Checks every rule and lists all that is broken.
pub(crate) fn run(root: &Path) -> Result<(), String> {
    let mut problems = arrows::check(root);
    for file in sources(root) {
        problems.extend(files::check(root, &file));
    }
    if problems.is_empty() {
        return Ok(());
    }
    problems.push(format!("tidy: {} problem(s)", problems.len()));
    Err(problems.join("\n"))
}

/// Every Rust file of the project, build output excluded, in order.
fn sources(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> =
        ["crates", "src", "xtask", "tests", "benches", "examples", "fuzz"]
            .iter()
            .map(|name| root.join(name))
            .collect();
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                if !path.ends_with("target") {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
