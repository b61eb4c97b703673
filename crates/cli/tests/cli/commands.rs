//! The commands other than `query`.

use crate::process::{EVENTS, Export, event_files, names, run, run_on};
use serde_json::Value;
use std::fs;
use std::path::Path;

const NODE: &str = "{\"kind\":\"HogQLQuery\",\"query\":\"SELECT count() AS n FROM events\"}";

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn run_answers_a_node_from_a_file_or_stdin() {
    let export = Export::new();
    let file = export.path("node.json");
    fs::write(&file, NODE).unwrap();
    let args = ["run", "--events", &export.events];
    let from_file = run(args.iter().chain(&[file.to_str().unwrap()]));
    let response = json(from_file.answered());
    assert_eq!(response["results"], json(&format!("[[{EVENTS}]]")));
    assert_eq!(response["columns"], json("[\"n\"]"));
    let from_stdin = run_on(NODE, &[&args[..], &["-", "--timing", "--repeat", "2"]].concat());
    assert_eq!(json(from_stdin.answered())["results"], response["results"]);
    assert!(from_stdin.stderr.contains("{\"wall_ms\":["), "{}", from_stdin.stderr);
    assert_eq!(from_stdin.stderr.matches("\ncompile ").count(), 2, "{}", from_stdin.stderr);
    let table = run_on(NODE, &[&args[..], &["-", "--format", "table"]].concat());
    assert!(table.answered().contains("│ 300 │"), "{}", table.text());
}

#[test]
fn run_tells_what_is_wrong_with_a_node() {
    let args = ["run", "-"];
    run_on("{", &args).refused(1, &["error["]);
    run_on("{\"kind\":\"TrendsQuery\"}", &args).refused(1, &["`TrendsQuery`"]);
    let wrong = run_on("{\"kind\":\"HogQLQuery\",\"query\":\"SELECT evnt FROM events\"}", &args);
    wrong.refused(1, &["unknown field `evnt`", " --> query:1:8\n", "did you mean `event`?"]);
}

#[test]
fn check_tells_findings_without_running() {
    let right = run(["check", "SELECT event FROM events"]);
    assert_eq!(right.answered(), "ok\n");
    run(["check", "SELECT evnt FROM events"]).refused(1, &["error[H0200]", "did you mean"]);
    let wrong = run(["check", "--json", "SELECT evnt FROM events"]);
    assert_eq!(wrong.code, Some(1));
    let found = json(wrong.text());
    assert_eq!((&found[0]["code"], &found[0]["start"]), (&json("\"H0200\""), &json("7")));
    let filled = run(["check", "--value", "n=1", "--json", "SELECT {n}"]);
    assert_eq!(filled.answered(), "[]\n");
    run(["check", "SELECT {n}"]).refused(1, &["query:1:8"]);
}

#[test]
fn explain_shows_plans_and_what_they_did() {
    let query = "SELECT count() FROM events WHERE event = {name}";
    let explain = |args: &[&str]| {
        let args = [&["explain", "--value", "name=$pageview"], args, &[query]].concat();
        run(args).answered().to_owned()
    };
    let plans = explain(&[]);
    assert!(plans.contains("logical plan\n") && plans.contains("physical plan\n"), "{plans}");
    assert!(explain(&["--analyze"]).contains("output_rows="));
    let sql = explain(&["--sql"]);
    assert!(sql.starts_with("SELECT ") && sql.contains("'$pageview'"), "{sql}");
    let counted = run(["explain", "--sql", "SELECT count() FROM events"]);
    assert!(counted.answered().trim_end().ends_with("FROM events)"), "{}", counted.answered());
    run(["explain", "--sql", "--analyze", query]).refused(2, &["cannot be used with"]);
}

#[test]
fn schema_lists_tables_columns_and_properties() {
    let export = Export::new();
    let text = run(["schema", "--events", &export.events]);
    let text = text.answered();
    assert!(text.starts_with("events\n"), "{text}");
    assert!(text.contains("\n  timestamp "), "{text}");
    assert!(text.contains("\nevent properties\n"), "{text}");
    let ended = run(["schema", "--json", "--events", &export.events]);
    let listing = json(ended.answered());
    assert_eq!(listing["tables"][0]["name"], json("\"events\""));
    assert!(listing["properties"].as_array().is_some_and(|properties| !properties.is_empty()));
}

#[test]
fn functions_are_listed_and_found_with_their_suffix() {
    let all = run(["functions"]);
    assert!(all.answered().lines().count() > 100);
    assert!(run(["functions", "tostartofd"]).answered().contains("toStartOfDay("));
    assert!(run(["functions", "uniqIf"]).answered().contains("\n  uniq("), "a suffix");
    let listed = run(["functions", "--json", "toStartOfDay"]);
    assert_eq!(json(listed.answered())["functions"][0]["name"], json("\"toStartOfDay\""));
    run(["functions", "--missing"]).answered();
}

#[test]
fn parse_prints_trees() {
    let tree = run(["parse", "--kind", "expr", "properties.price > 10"]);
    assert_eq!(json(tree.answered())["node"], json("\"CompareOperation\""));
    assert_eq!(json(run_on("select 1", &["parse"]).answered())["node"], json("\"SelectQuery\""));
    run(["parse", "select 1 from"]).refused(1, &["error[H0004]", " --> text:1:14\n"]);
    let wrong = run(["parse", "--json", "select 1 from"]);
    assert_eq!((wrong.code, &json(wrong.text())["error"]), (Some(1), &Value::Bool(true)));
}

#[test]
fn parse_answers_each_line() {
    let lines = "{\"kind\":\"select\",\"hogql\":\"select 1\"}\n\n{\"kind\":\"expr\",\"hogql\":\"a +\"}\n\
                 {\"kind\":\"order\",\"hogql\":\"a desc\"}\n{\"kind\":\"template\",\"hogql\":\"a {b}\"}\n\
                 {\"kind\":\"query\",\"hogql\":\"\"}\n";
    let ended = run_on(lines, &["parse", "--jsonl"]);
    let trees: Vec<Value> = ended.answered().lines().map(json).collect();
    let nodes: Vec<_> = trees.iter().map(|tree| tree["node"].as_str()).collect();
    assert_eq!(nodes.len(), 5);
    assert_eq!((nodes[0], nodes[1], nodes[2]), (Some("SelectQuery"), None, Some("OrderExpr")));
    assert_eq!(trees[1]["error"], Value::Bool(true));
    assert_eq!(trees[4]["message"], json("\"there is no kind `query`\""));
    for (line, told) in
        [("nonsense", "stdin, line 1: not JSON"), ("{\"kind\":\"expr\"}", "no text field `hogql`")]
    {
        run_on(line, &["parse", "--jsonl"]).refused(2, &[told]);
    }
}

#[test]
fn generate_is_deterministic_and_can_be_queried() {
    let folder = tempfile::tempdir().unwrap();
    let generate = |name: &str, seed: &str| {
        let out = folder.path().join(name).to_str().unwrap().to_owned();
        let ended = run(["generate", "--events", "900", "--persons", "40", "--days", "20"]
            .into_iter()
            .chain(["--seed", seed, "--out", &out]));
        assert_eq!(ended.answered(), "");
        assert!(ended.stderr.starts_with("900 events in "), "{}", ended.stderr);
        out
    };
    let (one, same, other) = (generate("one", "7"), generate("same", "7"), generate("other", "8"));
    assert!(event_files(&one).len() > 5);
    assert_eq!(bytes(Path::new(&one)), bytes(Path::new(&same)));
    assert_ne!(bytes(Path::new(&one)), bytes(Path::new(&other)));
    let query = "SELECT count() AS n, count(DISTINCT person.id) > 0 AS p FROM events";
    let whole = run(["query", "--format", "csv", "--events", &one, query]);
    assert_eq!(whole.answered(), "n,p\n900,1\n");
    let again = run(["generate", "--events", "900", "--out", &one]);
    again.refused(2, &["one: the folder is not empty", "= help: "]);
    assert_eq!(bytes(Path::new(&one)), bytes(Path::new(&same)), "nothing was touched");
    run(["generate", "--events", "10", "--persons", "9", "--out", "never"])
        .refused(2, &["too few", "= help: "]);
}

/// All files below a folder with their bytes.
fn bytes(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let files = names(folder).into_iter().flat_map(|name| {
        let path = folder.join(&name);
        if path.is_dir() { bytes(&path) } else { vec![(name, fs::read(&path).unwrap())] }
    });
    files.collect()
}

#[test]
fn every_command_has_help_with_an_example() {
    let over_files =
        ["query", "run", "check", "explain", "schema", "functions", "parse", "generate"];
    for command in over_files.into_iter().chain(["import", "optimize", "info"]) {
        let help = run([command, "--help"]);
        assert!(help.answered().contains("Example:\n  "), "{command}");
    }
    assert!(run(["--help"]).answered().contains("Example:\n  "));
    assert!(run(["--version"]).answered().starts_with("hogql "));
}
