//! The reference parser's verdicts and trees, line by line.

use hogql_syntax::json::ast_json;
use serde_json::Value;

const CORPUS: &str = include_str!("../../../tests/cases/hogql_corpus.jsonl");

/// Texts with several readings, and the one that the reference takes.
const READINGS: &str = include_str!("../../../tests/cases/hogql_readings.jsonl");

/// Takes all places out of a tree.
fn without_places(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.retain(|key, value| !is_place(key, value));
            object.values_mut().for_each(without_places);
        }
        Value::Array(items) => items.iter_mut().for_each(without_places),
        _ => {}
    }
}

fn is_place(key: &str, value: &Value) -> bool {
    matches!(key, "start" | "end") && value.get("offset").is_some()
}

/// What is wrong with a line, if anything is.
fn difference(line: &Value) -> Option<String> {
    let (kind, text) = (line["kind"].as_str()?, line["hogql"].as_str()?);
    let ours: Value = serde_json::from_str(&ast_json(kind, text)).unwrap_or_default();
    let refused = ours.get("error").is_some();
    if kind == "program" {
        return (ours["type"] != "NotImplementedError").then(|| "programs are refused".into());
    }
    match (line["accepts"].as_bool()?, refused) {
        (true, true) => Some(format!("refused: {}", ours["message"])),
        (false, false) => Some("accepted".into()),
        (false, true) => (ours["type"] != line["error"]["type"])
            .then(|| format!("another type of error: {ours}")),
        (true, false) => tree_difference(&ours, &line["ast"]),
    }
}

fn tree_difference(ours: &Value, theirs: &Value) -> Option<String> {
    if ours == theirs {
        return None;
    }
    let (mut ours, mut theirs) = (ours.clone(), theirs.clone());
    let with_places = format!("ours:   {ours}\ntheirs: {theirs}");
    without_places(&mut ours);
    without_places(&mut theirs);
    Some(if ours == theirs {
        format!("another place\n{with_places}")
    } else {
        format!("another tree\nours:   {ours}\ntheirs: {theirs}")
    })
}

#[test]
fn verdicts_trees_and_places_are_the_reference_s() {
    let mut failures = Vec::new();
    for line in CORPUS.lines().chain(READINGS.lines()) {
        let line: Value = serde_json::from_str(line).expect("a line of JSON");
        let text = line["hogql"].as_str().expect("a text");
        if let Some(difference) = difference(&line) {
            failures.push(format!("{text}\n{difference}"));
        }
    }
    assert!(failures.is_empty(), "{} lines differ\n\n{}", failures.len(), failures.join("\n\n"));
}
