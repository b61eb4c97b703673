//! Rules for single files.

use std::path::Path;

/// No file may be longer: split it by idea.
const MOST_LINES: usize = 800;

/// Names that say nothing about what a module holds.
const EMPTY_NAMES: [&str; 7] = ["util", "utils", "common", "helper", "helpers", "manager", "misc"];

/// Parts of the compiler that no plan type may reach.
const PLAN_FREE: [&str; 4] = [
    "crates/hogql/src/resolve",
    "crates/hogql/src/tables",
    "crates/hogql/src/types",
    "crates/hogql/src/ir",
];

pub(super) fn check(root: &Path, file: &Path) -> Vec<String> {
    let shown = file.strip_prefix(root).unwrap_or(file).display().to_string();
    let Ok(text) = std::fs::read_to_string(file) else {
        return vec![format!("{shown}: cannot be read as text")];
    };
    let mut problems = Vec::new();
    if !has_module_docs(&text) {
        problems.push(format!("{shown}: the module has no `//!` page"));
    }
    let lines = text.lines().count();
    if lines > MOST_LINES {
        problems.push(format!("{shown}: {lines} lines, more than {MOST_LINES}: split it"));
    }
    let stem = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    if EMPTY_NAMES.contains(&stem) {
        problems
            .push(format!("{shown}: a module named {stem} says nothing; name it by what it holds"));
    }
    if PLAN_FREE.iter().any(|folder| shown.contains(folder)) {
        problems.extend(foreign_uses(&shown, &text));
    }
    problems
}

fn has_module_docs(text: &str) -> bool {
    text.lines()
        .find(|line| !line.trim().is_empty() && !line.starts_with("#!"))
        .is_some_and(|line| line.starts_with("//!"))
}

fn foreign_uses(shown: &str, text: &str) -> Vec<String> {
    let forbidden = ["datafusion::", "arrow::", "parquet::"];
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
    lines
        .filter(|(_, line)| forbidden.iter().any(|name| line.contains(name)))
        .map(|(number, _)| {
            format!(
                "{shown}:{}: plan and memory types stay out of the resolver and the IR",
                number + 1
            )
        })
        .collect()
}
