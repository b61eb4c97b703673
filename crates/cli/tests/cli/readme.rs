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
        let answer = String::from_utf8_lossy(&ended.stdout);
        assert!(ended.status.success() && !answer.is_empty(), "{block}\n{told}");
        // An example that finds nothing teaches nothing.
        assert!(!answer.ends_with("\n0 rows\n"), "{block}\n{answer}");
    }
}

#[test]
fn the_help_of_commands_over_an_export_reads_one() {
    let export = Export::new();
    let bin = Path::new(env!("CARGO_BIN_EXE_hogql")).parent().unwrap();
    for command in ["query", "schema"] {
        let help = run([command, "--help"]);
        let (_, example) = help.answered().split_once("Example:\n").unwrap();
        // The help is broken into lines as wide as the terminal.
        let example = example.split_whitespace().collect::<Vec<_>>().join(" ");
        let ended = Command::new("sh")
            .args(["-c", &format!("PATH='{}':\"$PATH\"\n{example}", bin.display())])
            .current_dir(export.folder.path())
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&ended.stderr);
        let lines = ended.stdout.split(|byte| *byte == b'\n').count();
        assert!(ended.status.success() && lines > 2, "{example}\n{told}");
    }
}

#[test]
fn it_names_every_command_and_option() {
    let readme = include_str!("../../../../README.md");
    for option in [
        "--store",
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
