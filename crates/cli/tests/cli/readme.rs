//! The README's commands do what it says.
#![cfg(unix)]

use crate::process::{Export, run};
use std::path::Path;
use std::process::Command;

/// The shell commands of a text, without those for Cargo.
fn blocks(text: &str) -> Vec<String> {
    let blocks = text.split("```sh\n").skip(1).filter_map(|rest| rest.split_once("```"));
    let commands = blocks.map(|(block, _)| {
        let lines = block.lines().filter(|line| !line.starts_with("cargo "));
        lines.collect::<Vec<_>>().join("\n")
    });
    commands.filter(|block| !block.trim().is_empty()).collect()
}

#[test]
fn its_commands_run() {
    let export = Export::new();
    let foreign = export.path("git_events.parquet");
    let rows = "SELECT uuid AS commit, timestamp, 'commit' AS event, distinct_id, 'hoglet' AS repo FROM events";
    export.query(&["-o", foreign.to_str().unwrap(), rows]).answered();
    let bin = Path::new(env!("CARGO_BIN_EXE_hogql")).parent().unwrap();
    let blocks = blocks(include_str!("../../../../README.md"));
    assert!(blocks.len() >= 2);
    for block in blocks {
        let script = format!("set -e\nPATH='{}':\"$PATH\"\n{block}", bin.display());
        let ended = Command::new("sh")
            .args(["-c", &script])
            .current_dir(export.folder.path())
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success() && !ended.stdout.is_empty(), "{block}\n{told}");
    }
}

#[test]
fn it_names_every_command_and_option() {
    let readme = include_str!("../../../../README.md");
    for option in [
        "--events",
        "--persons",
        "--overrides",
        "--groups",
        "--map",
        "--project",
        "--identity",
        "--timezone",
        "--week-start",
        "--now",
        "--memory-limit",
        "--threads",
        "--timing",
        "--repeat",
        "--format",
    ] {
        assert!(
            readme.contains(&format!("`{option}"))
                && run(["query", "--help"]).text().contains(option),
            "{option}"
        );
    }
    let help = run(["--help"]);
    let commands =
        help.answered().split_once("Commands:\n").unwrap().1.split_once("\n\n").unwrap().0;
    for command in commands.lines().filter_map(|line| line.split_whitespace().next()) {
        assert!(command == "help" || readme.contains(&format!("`hogql {command}")), "{command}");
    }
}
