//! `hogql query`: the text, its values, and the forms of the result.

use crate::process::{EVENTS, Export, run, run_on};
use serde_json::Value;
use std::fs;

const COUNT: &str = "SELECT count() AS n FROM events";

#[test]
fn a_table_for_people() {
    let ended = run(["query", "SELECT 1 AS one, 'a' AS text, NULL AS nothing"]);
    assert_eq!(
        ended.answered(),
        "\
┌─────┬──────┬─────────┐
│ one ┆ text ┆ nothing │
╞═════╪══════╪═════════╡
│   1 ┆ a    ┆ NULL    │
└─────┴──────┴─────────┘
1 row
"
    );
    assert!(ended.stderr.starts_with("note: no source given: answering from the built-in sample"));
}

#[test]
fn every_format_on_stdout_and_in_a_file() {
    let export = Export::new();
    let query = "SELECT number AS n, concat('a', toString(number)) AS t FROM numbers(3)";
    for (format, expected) in [
        ("csv", "n,t\n0,a0\n1,a1\n2,a2\n"),
        ("jsonl", "{\"n\":0,\"t\":\"a0\"}\n{\"n\":1,\"t\":\"a1\"}\n{\"n\":2,\"t\":\"a2\"}\n"),
        (
            "json",
            "{\"columns\":[\"n\",\"t\"],\"types\":[[\"n\",\"UInt64\"],[\"t\",\"String\"]],\
             \"results\":[[0,\"a0\"],[1,\"a1\"],[2,\"a2\"]],\"limit\":null,\"hasMore\":false,\"complete\":true}\n",
        ),
    ] {
        assert_eq!(export.query(&["--format", format, query]).answered(), expected);
        let path = export.path(&format!("result.{format}"));
        let ended = export.query(&["-o", path.to_str().unwrap(), query]);
        assert_eq!(ended.answered(), "");
        assert_eq!(fs::read_to_string(path).unwrap(), expected, "the name gives the format");
    }
    for (format, magic) in [("parquet", &b"PAR1"[..]), ("arrow", &[0xff; 4])] {
        let ended = export.query(&["--format", format, query]);
        assert!(ended.code == Some(0) && ended.stdout.starts_with(magic), "{}", ended.stderr);
        let path = export.path(&format!("result.{format}"));
        export.query(&["--format", format, "-o", path.to_str().unwrap(), query]).answered();
        assert_eq!(fs::read(path).unwrap(), ended.stdout);
    }
    let table = export.path("table.txt");
    export.query(&["-o", table.to_str().unwrap(), query]).answered();
    assert!(fs::read_to_string(table).unwrap().ends_with("3 rows\n"));
    assert_eq!(
        export.left(),
        [
            "result.arrow",
            "result.csv",
            "result.json",
            "result.jsonl",
            "result.parquet",
            "table.txt"
        ]
    );
}

#[test]
fn no_table_is_written_into_a_file_of_data() {
    let export = Export::new();
    for name in ["n.csv.gz", "n.tsv", "n.json.zst", "n.xlsx", "n.md"] {
        let path = export.path(name);
        let path = path.to_str().unwrap();
        let refused = export.query(&["-o", path, COUNT]);
        refused.refused(2, &[name, "says no format", ".csv", ".parquet", "--format"]);
        assert_eq!(export.left(), [""; 0], "{name}");
    }
    let (tabbed, bare) = (export.path("n.tsv"), export.path("n"));
    export.query(&["-o", tabbed.to_str().unwrap(), "--format", "csv", COUNT]).answered();
    assert_eq!(fs::read_to_string(tabbed).unwrap(), format!("n\n{EVENTS}\n"));
    export.query(&["-o", bare.to_str().unwrap(), COUNT]).answered();
    assert!(fs::read_to_string(bare).unwrap().ends_with("1 row\n"));
}

#[test]
fn an_empty_result_is_whole_in_every_format() {
    let query = "SELECT number AS n FROM numbers(3) WHERE number > 5";
    for (format, expected) in [("csv", "n\n"), ("jsonl", "")] {
        assert_eq!(run(["query", "--format", format, query]).answered(), expected);
    }
    let json = run(["query", "--format", "json", query]);
    let json: Value = serde_json::from_str(json.answered()).unwrap();
    assert_eq!((&json["results"], &json["complete"]), (&Value::Array(vec![]), &Value::Bool(true)));
}

#[test]
fn an_existing_file_is_replaced_by_a_whole_result_only() {
    let export = Export::new();
    let path = export.path("n.csv");
    fs::write(&path, "before").unwrap();
    let path = path.to_str().unwrap();
    export.query(&["-o", path, "SELECT nothing FROM events"]).refused(1, &["H0200"]);
    assert_eq!(fs::read_to_string(path).unwrap(), "before");
    export.query(&["-o", path, COUNT]).answered();
    assert_eq!(fs::read_to_string(path).unwrap(), format!("n\n{EVENTS}\n"));
    assert_eq!(export.left(), ["n.csv"]);
}

#[test]
#[cfg(unix)]
fn a_link_and_a_device_stay_what_they_are() {
    let export = Export::new();
    let (real, link) = (export.path("real.csv"), export.path("link.csv"));
    fs::write(&real, "before").unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    export.query(&["-o", link.to_str().unwrap(), COUNT]).answered();
    assert_eq!(fs::read_to_string(&real).unwrap(), format!("n\n{EVENTS}\n"));
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    export.query(&["-o", "/dev/null", COUNT]).answered();
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
}

#[test]
#[cfg(unix)]
fn a_link_to_nothing_yet_stays_a_link() {
    let export = Export::new();
    let (link, made) = (export.path("link.csv"), export.path("made.csv"));
    std::os::unix::fs::symlink("second.csv", &link).unwrap();
    std::os::unix::fs::symlink("made.csv", export.path("second.csv")).unwrap();
    export.query(&["-o", link.to_str().unwrap(), COUNT]).answered();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::symlink_metadata(&made).unwrap().is_file());
    assert_eq!(fs::read_to_string(&made).unwrap(), format!("n\n{EVENTS}\n"));
    assert_eq!(export.left(), ["link.csv", "made.csv", "second.csv"]);
}

#[test]
#[cfg(unix)]
fn a_private_file_stays_private() {
    use std::os::unix::fs::PermissionsExt;
    let export = Export::new();
    let path = export.path("n.csv");
    fs::write(&path, "before").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    export.query(&["-o", path.to_str().unwrap(), COUNT]).answered();
    assert_eq!(fs::read_to_string(&path).unwrap(), format!("n\n{EVENTS}\n"));
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn the_text_comes_from_a_file_or_stdin() {
    let export = Export::new();
    let file = export.path("n.sql");
    fs::write(&file, format!("-- how many\n{COUNT}\n;")).unwrap();
    let expected = format!("n\n{EVENTS}\n");
    let from_file = export.query(&["--format", "csv", "-f", file.to_str().unwrap()]);
    assert_eq!(from_file.answered(), expected);
    let csv = ["query", "--events", &export.events, "--format", "csv"];
    assert_eq!(run_on(COUNT, &[&csv[..], &["-f", "-"]].concat()).answered(), expected);
    assert_eq!(run_on(COUNT, &csv).answered(), expected);
    let wrong = run_on("SELECT evnt\nFROM events", &csv);
    wrong.refused(1, &[" --> stdin:1:8\n"]);
}

#[test]
fn placeholders_and_date_ranges_are_filled() {
    let export = Export::new();
    let values = ["--value", "text=DE", "--value", "n=3", "--value", "list=[1,2]"];
    let query = "SELECT {text} AS t, {n} + 1 AS n, {list} AS l";
    let ended = export.query(&[&["--format", "csv"], &values[..], &[query]].concat());
    assert_eq!(ended.answered(), "t,n,l\nDE,4,\"[1,2]\"\n");
    let between = |from: &str, to: &str| {
        let range =
            ["--date-from", from, "--date-to", to, "--now", "2026-01-01", "--format", "csv"];
        let query = "SELECT count() AS n FROM events WHERE {filters}";
        let ended = export.query(&[&range[..], &[query]].concat());
        let text = ended.answered().trim_start_matches("n\n").trim().to_owned();
        text.parse::<u32>().unwrap()
    };
    let (all, day) = (between("2025-12-01", "2026-01-01"), between("-1d", "2026-01-01"));
    assert_eq!(all.to_string(), EVENTS);
    assert!(0 < day && day < all, "{day} of {all}");
    let since = "SELECT count() AS n FROM events WHERE timestamp >= {filters.dateRange.from}";
    let from = ["--date-from", "2025-12-01", "--now", "2026-01-01", "--format", "csv", since];
    assert_eq!(export.query(&from).answered(), format!("n\n{EVENTS}\n"));
    let unfilled = export.query(&["SELECT {text}"]);
    unfilled.refused(1, &["query:1:8"]);
}

#[test]
fn limits_and_times_are_read_in_every_usual_form() {
    for limit in ["1TB", "1TiB", "2t", "512MiB"] {
        run(["query", "--memory-limit", limit, "SELECT 1"]).answered();
    }
    run(["query", "--threads", "1024", "SELECT count() FROM events"]).answered();
    for now in ["2024-03-01T10:00", "2024-03-01 10:00", "2024-03-01T10:00Z", "2024-03-01T10:00:00Z"]
    {
        let ended =
            run(["query", "--now", now, "--format", "csv", "SELECT toUnixTimestamp(now()) AS t"]);
        assert_eq!(ended.answered(), "t\n1709287200\n", "{now}");
    }
}

#[test]
fn events_that_may_be_there_twice_are_told_of() {
    let export = Export::new();
    let told = export.query(&[COUNT]);
    assert!(told.stderr.contains("; count(DISTINCT uuid) counts each once"), "{}", told.stderr);
    let sample = run(["query", COUNT]);
    sample.answered();
    assert!(!sample.stderr.contains("deduplicated"), "{}", sample.stderr);
    // An import takes each event once.
    let store = export.path("store").display().to_string();
    let taken = run(["import", &export.events, "--store", &store]);
    taken.answered();
    assert!(!taken.stderr.contains("deduplicated"), "{}", taken.stderr);
}

#[test]
fn times_are_told_on_stderr() {
    let ended = run(["query", "--repeat", "3", "--timing", "--format", "csv", "SELECT 1 AS one"]);
    assert_eq!(ended.answered(), "one\n1\n");
    let wall = ended.stderr.lines().find(|line| line.starts_with('{')).unwrap();
    let wall: Value = serde_json::from_str(wall).unwrap();
    assert_eq!(wall["wall_ms"].as_array().unwrap().len(), 3);
    for (phase, times) in [("open ", 1), ("compile ", 3), ("plan and run ", 3)] {
        let told = ended.stderr.lines().filter(|line| line.starts_with(phase)).count();
        assert_eq!(told, times, "{}", ended.stderr);
    }
}

#[test]
fn foreign_files_are_read_with_a_mapping() {
    let export = Export::new();
    let foreign = export.path("git.parquet");
    let foreign = foreign.to_str().unwrap();
    let rows = "SELECT uuid AS commit, timestamp AS at, 'commit' AS kind, distinct_id AS author, \
                'hoglet' AS repo FROM events";
    export.query(&["-o", foreign, rows]).answered();
    let query = "SELECT event, properties.repo AS repo, count() AS n, uniq(uuid) AS u FROM events \
                 GROUP BY event, repo";
    let mapped = ["uuid=commit", "timestamp=at", "event=kind", "distinct_id=author"];
    let mapped = mapped.iter().flat_map(|pair| ["--map", pair]);
    let args = ["query", "--format", "csv", "--events", foreign].into_iter().chain(mapped);
    let ended = run(args.chain([query]));
    let lines: Vec<&str> = ended.answered().lines().collect();
    assert_eq!(lines[0], "event,repo,n,u");
    assert!(lines[1].starts_with("commit,hoglet,300,"), "{lines:?}");
    let unknown = run(["query", "--events", foreign, "--map", "uuid=commmit", query]);
    unknown.refused(2, &["commmit"]);
}
