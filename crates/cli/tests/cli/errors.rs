//! What goes wrong: exit codes, what is told, and what is left.

use crate::process::{Export, event_files, hogql, run};
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

#[test]
fn a_wrong_query_is_shown_with_its_place_and_a_hint() {
    let ended = run(["query", "SELECT event,\n  evnt FROM events"]);
    ended.refused(
        1,
        &[
            "error[H0200]: unknown field `evnt`\n --> query:2:3\n",
            "^^^^\n",
            "= help: did you mean `event`?",
        ],
    );
    run(["query", "SELECT 1 frm events"]).refused(1, &["error[H0004]", "--> query:1:"]);
    run(["query", ""]).refused(1, &["error[H0004]: the text ends here"]);
    run(["query", "--events", "nowhere", "SELECT throwIf(1)"]).refused(2, &["nowhere"]);
}

#[test]
fn wrong_arguments_end_with_2() {
    for (args, told) in [
        (
            &["query", "--events", "no/such/folder", "SELECT 1"][..],
            "no/such/folder: there is no such file",
        ),
        (&["query", "--events", "no/*.parquet", "SELECT 1"], "no file matches the pattern"),
        (&["query", "--timezone", "Europe/Berln", "SELECT 1"], "did you mean `Europe/Berlin`?"),
        (&["query", "--timezone", "Middle-earth/Shire", "SELECT 1"], "use an IANA name"),
        (
            &["query", "--timezone", "Mars", "SELECT 1"],
            "= help: use an IANA name of the form `Area/City`",
        ),
        (&["query", "--persons", "p.parquet", "SELECT 1"], "--persons belongs to event files"),
        (&["query", "--map", "uuid=id", "SELECT 1"], "--map belongs to event files"),
        (&["query", "--overrides", "o.csv", "SELECT 1"], "--overrides belongs to event files"),
        (&["query", "--store", "no/store", "SELECT 1"], "there is no store"),
        (&["info", "no/store"], "there is no store"),
        (&["optimize", "--store", "no/store"], "there is no store"),
        (&["optimize", "a", "--store", "b"], "cannot be used with"),
        (&["optimize", "--grace", "5"], "expected a duration such as 30min"),
        (&["import"], "<SRC>"),
        (&["import", "a", "--map", "b"], "expected NAME=VALUE"),
        (&["import", "a", "--buckets", "0"], "--buckets"),
        (&["query", "--memory-limit", "much", "SELECT 1"], "expected a size such as 512MiB"),
        (&["query", "--now", "soon", "SELECT 1"], "expected a time such as"),
        (&["query", "--threads", "0", "SELECT 1"], "expected a number from 1 to 1024, found `0`"),
        (&["query", "--threads", "100000", "SELECT 1"], "expected a number from 1 to 1024"),
        (&["query", "--value", "x", "SELECT 1"], "expected NAME=VALUE"),
        (&["query", "--format", "xml", "SELECT 1"], "possible values: table, json"),
        (&["query", "-f", "no.sql"], "no.sql: No such file"),
        (&["query", "-f", "no.sql", "SELECT 1"], "cannot be used with"),
        (&["query", "--cached", "SELECT 1"], "--repeat"),
        (&["query", "--project", "no.toml", "SELECT 1"], "--project no.toml: No such file"),
        (
            &["query", "-o", "no/such/x.csv", "SELECT 1"],
            "no/such/x.csv cannot be written: No such file",
        ),
        (&["query", "-o", "/", "SELECT 1"], "/: this is a folder"),
        (&["--events", "a", "query", "SELECT 1"], "cannot be used with"),
        (&["run", "{\"kind\":\"HogQLQuery\"}"], "hogql run -"),
        (&["run", "no.json"], "no.json: No such file"),
        (&["frobnicate"], "unrecognized subcommand"),
        (&[], "no command given, and stdin is no terminal"),
    ] {
        run(args).refused(2, &["error", told]);
    }
}

#[test]
fn what_fills_no_placeholder_is_refused() {
    let filters = "fills {filters}, which the query does not have; it has ";
    let (plain, filled) = ("SELECT count() FROM events", "SELECT {country}, {n}");
    for (args, told) in [
        (&["--date-from", "-7d", plain][..], format!("--date-from {filters}no placeholders")),
        (&["--date-to", "-7d", filled], format!("--date-to {filters}{{country}}, {{n}}")),
        (
            &["--value", "n=1", "--value", "contry=DE", filled],
            "--value contry fills {contry}, which the query does not have; it has {country}, {n}"
                .to_owned(),
        ),
        (&["--value", "a=1", "SELECT '{a}'"], "it has no placeholders".to_owned()),
    ] {
        for command in ["query", "check", "explain"] {
            run([&[command], args].concat()).refused(2, &["error: ", &told]);
        }
    }
    // What is wrong with the text itself comes first, with its place.
    run(["query", "--value", "a=1", "SELECT 1 frm events"]).refused(1, &["--> query:1:"]);
}

#[test]
fn commands_that_are_not_there_yet_are_refused_by_name() {
    for args in [&["--help"][..], &[], &["--store", "s", "-x", "--listen", "127.0.0.1:8000"]] {
        let refused = run([&["serve"], args].concat());
        refused.refused(2, &["error: `hogql serve` is not there yet", "--store"]);
    }
}

#[test]
fn files_that_are_no_parquet_are_named() {
    let export = Export::new();
    let file = fs::read(&event_files(&export.events)[0]).unwrap();
    for (name, bytes) in [("cut.parquet", &file[..file.len() / 2]), ("text.parquet", b"hello\n")] {
        let path = export.path(name);
        fs::write(&path, bytes).unwrap();
        let ended =
            run(["query", "--events", path.to_str().unwrap(), "SELECT count() FROM events"]);
        ended.refused(1, &[name, "error[H0702]", "no complete Parquet file", "= help: "]);
    }
}

#[test]
fn a_missing_column_is_named_with_what_to_do() {
    let export = Export::new();
    let path = export.path("odd.parquet");
    let path = path.to_str().unwrap();
    export.query(&["-o", path, "SELECT event AS what, distinct_id AS who FROM events"]).answered();
    let ended = run(["query", "--events", path, "SELECT event FROM events"]);
    assert_ne!(ended.code, Some(0));
    ended.refused(ended.code.unwrap(), &["odd.parquet", "= help: ", "map"]);
}

/// The first column of the first file is whole, the one of the last is not.
fn damaged(export: &Export) -> String {
    let folder = export.path("damaged");
    fs::create_dir(&folder).unwrap();
    let mut file = fs::read(&event_files(&export.events)[0]).unwrap();
    fs::write(folder.join("a.parquet"), &file).unwrap();
    file[4..24].fill(0xff);
    fs::write(folder.join("b.parquet"), &file).unwrap();
    folder.to_str().unwrap().to_owned()
}

#[test]
fn an_error_midway_leaves_no_file_and_no_whole_document() {
    let export = Export::new();
    let folder = damaged(&export);
    let query = "SELECT uuid FROM events";
    for format in ["table", "json", "jsonl", "csv", "parquet", "arrow"] {
        let path = export.path("result");
        let path = path.to_str().unwrap();
        let args = ["query", "--threads", "1", "--events", &folder, "--format", format];
        run(args.iter().chain(&["-o", path, query])).refused(1, &["error[H07"]);
        assert_eq!(export.left(), ["damaged"], "{format}");
        let streamed = run(args.iter().chain(&[query]));
        assert_eq!(streamed.code, Some(1), "{}", streamed.stderr);
        match format {
            "table" => assert!(streamed.stdout.is_empty()),
            "json" => {
                assert!(serde_json::from_slice::<serde_json::Value>(&streamed.stdout).is_err())
            }
            _ => assert!(!streamed.stdout.is_empty(), "{format} streams"),
        }
    }
}

#[test]
fn an_error_before_the_first_row_leaves_stdout_empty() {
    let export = Export::new();
    let file = format!("{}/b.parquet", damaged(&export));
    for format in ["table", "json", "jsonl", "csv", "parquet", "arrow"] {
        let args = ["query", "--events", &file, "--format", format, "SELECT uuid FROM events"];
        run(args).refused(1, &["error[H07"]);
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let export = Export::new();
    let source = ["--events", &export.events];
    for args in [
        &["query", "--format", "csv", "SELECT number FROM numbers(3000000)"][..],
        &["query", "--format", "json", "SELECT number FROM numbers(3000000)"],
        &["query", "--format", "parquet", "SELECT sin(number) FROM numbers(3000000)"],
        &["query", "SELECT * FROM numbers(5000)"],
        &["functions"],
        &["schema"],
    ] {
        let source = if args[0] == "functions" { &[] } else { &source[..] };
        let mut command = hogql(args.iter().chain(source));
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut first = Vec::new();
        let mut stdout = BufReader::with_capacity(16, child.stdout.take().unwrap());
        stdout.read_until(b'\n', &mut first).unwrap();
        drop(stdout);
        let mut told = String::new();
        child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0), "{args:?}: {told}");
        assert!(!told.contains("error") && !told.contains("panicked"), "{args:?}: {told}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_told() {
    let full = || fs::File::options().write(true).open("/dev/full").unwrap();
    let export = Export::new();
    let source = ["--events", &export.events, "SELECT number AS n FROM numbers(10)"];
    let queries = ["table", "csv", "json", "jsonl", "parquet", "arrow"]
        .map(|format| [&["query", "--format", format], &source[..]].concat());
    let explain = [&["explain"], &source[..]].concat();
    for args in queries.into_iter().chain([vec!["functions"], explain]) {
        let ended = hogql(&args).stdout(full()).output().unwrap();
        let told = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(2), "{args:?}: {told}");
        assert!(told.contains("stdout cannot be written: No space left"), "{args:?}: {told}");
    }
}
