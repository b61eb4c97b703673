//! Texts that would overflow a stack or take for ever.

use hogql_syntax::json::ast_json;
use hogql_syntax::{MAX_TOKENS, parse_expr, parse_select, print_expr, print_query};
use std::time::{Duration, Instant};

/// Texts with several readings.
const READINGS: &str = include_str!("../../../tests/cases/hogql_readings.jsonl");

/// Runs on a stack as small as that of a worker thread.
fn on_a_small_stack(test: impl FnOnce() + Send + 'static) -> std::thread::Result<()> {
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(test);
    thread.map_err(|error| Box::new(error) as Box<_>)?.join()
}

fn around(open: &str, inner: &str, close: &str, times: usize) -> String {
    format!("{}{inner}{}", open.repeat(times), close.repeat(times))
}

/// Expressions that nest so many times.
fn nested_exprs(times: usize) -> Vec<String> {
    let mut texts: Vec<_> = [
        ("(", "1", ")"),
        ("[", "1", "]"),
        ("{", "1", "}"),
        ("f(", "1", ")"),
        ("f(a, ", "1", ")"),
        ("a[", "1", "]"),
        ("not ", "1", ""),
        ("not (", "1", ")"),
        ("- ", "a", ""),
        ("case when ", "1", " then 1 end"),
        ("case ", "1", ""),
        ("interval ", "1", " day"),
        ("x -> ", "1", ""),
        ("x -> {", "1", "}"),
        ("x -> {a; ", "1", "}"),
        ("x -> {if (a) ", "1", "}"),
        ("cast(", "1", " as int)"),
        ("f'{", "1", "}'"),
        ("<a>", "", "</a>"),
        ("a ? b : ", "1", ""),
        ("a ? ", "1", ": 1"),
        ("(1, ", "1", ")"),
        ("(select ", "1", ")"),
        ("a between 1 and ", "1", ""),
    ]
    .iter()
    .map(|(open, inner, close)| around(open, inner, close, times))
    .collect();
    texts.extend(["{", "if (a) ", "while (a) ", "try {a} catch {", "a; "].map(|piece| {
        let (open, close) = if piece.ends_with('{') { (piece, "}") } else { (piece, "") };
        format!("x -> {{; {}}}", around(open, "1", close, times))
    }));
    texts.extend(
        ["x -> {", "x -> {a ", "(", "f(a, ", "(1 + [", "(select a, from (", "'", "in ", "a <b "]
            .map(|piece| piece.repeat(times)),
    );
    texts
}

/// Queries that nest so many times.
fn nested_queries(times: usize) -> Vec<String> {
    vec![
        around("(", "select 1", ")", times),
        around("select 1 from (", "t", ")", times),
        format!("select 1 from {}", around("(", "t", ")", times)),
        format!("{}select 1{}", "with a as (".repeat(times), ") select 1".repeat(times)),
        "select a, from (".repeat(times),
    ]
}

/// Expressions with a chain of so many operators.
fn chains(times: usize) -> Vec<String> {
    [
        "+1",
        ".1",
        "[1]",
        "??a",
        "=a",
        "::int",
        " as b",
        " is null",
        " and a",
        " or a",
        "||a",
        "?.[1]",
        " between 1 and 2",
    ]
    .iter()
    .map(|link| format!("a{}", link.repeat(times)))
    .chain([format!("f(){}", ".a".repeat(times)), format!("f{}", "(1)".repeat(times))])
    .collect()
}

/// Long queries, and what is no query at all.
fn long_queries(times: usize) -> Vec<String> {
    [
        ("select ", "a, ", "1"),
        ("select ", "from, ", "1"),
        ("select a, ", "from b, ", "1"),
        ("select a, ", "where b, ", "1"),
        ("select 1 group by ", "limit (b), ", "1"),
        ("select 1 from a", " join a", ""),
        ("select 1 from a", " join a on 1, ", ""),
        ("select 1 from a", ", a", ""),
        ("select 1", " union all select 1", ""),
        ("with ", "a as (select 1), ", "b as (select 1) select 1"),
        ("select ", "(select a, b, from t), ", "1"),
        ("select ", "a, b -> 1 x, ", "1"),
        ("select 1 limit 1", " % 1", ""),
        ("", "@ ", ""),
        ("", ", ", ""),
        ("", "(] ", ""),
        ("select '", "\\q", "'"),
        ("", "/* ", ""),
        ("", "select ", ""),
        ("", "with ", ""),
        ("select distinct ", "distinct ", "a"),
    ]
    .iter()
    .map(|(before, piece, after)| format!("{before}{}{after}", piece.repeat(times)))
    .collect()
}

/// A text that takes longer than this for its length is looked at twice.
const ENOUGH: Duration = Duration::from_millis(30);

/// How often a time is measured before it is believed, since the machine may be busy.
const TRIES: usize = 6;

fn time(parse: fn(&str) -> bool, text: &str) -> Duration {
    let start = Instant::now();
    parse(text);
    start.elapsed()
}

/// Fails if a text of four times the length takes more than twice what it should: what is quadratic takes sixteen
/// times as long.
fn takes_linear_time(parse: fn(&str) -> bool, text: &str, four_times: &str) {
    let (mut short, mut long) = (Duration::MAX, Duration::MAX);
    let linear = (0..TRIES).any(|_| {
        long = long.min(time(parse, four_times));
        if long < ENOUGH {
            return true;
        }
        short = short.min(time(parse, text));
        long < short * 8
    });
    assert!(linear, "{short:?}, and {long:?} for four times as much: {text:.60}");
}

fn is_expr(text: &str) -> bool {
    parse_expr(text).is_ok()
}

fn is_select(text: &str) -> bool {
    parse_select(text).is_ok()
}

#[test]
fn deep_and_long_texts_end_in_a_tree_or_an_error() {
    let end = on_a_small_stack(|| {
        for times in [100, 149] {
            for text in nested_exprs(times).into_iter().chain(chains(times)) {
                is_expr(&text);
            }
            for text in nested_queries(times).into_iter().chain(long_queries(times)) {
                is_select(&text);
            }
        }
        let exprs = |times| nested_exprs(times).into_iter().chain(chains(times));
        for (text, four_times) in exprs(15_000).zip(exprs(60_000)) {
            takes_linear_time(is_expr, &text, &four_times);
        }
        let queries = |times| nested_queries(times).into_iter().chain(long_queries(times));
        for (text, four_times) in queries(15_000).zip(queries(60_000)) {
            takes_linear_time(is_select, &text, &four_times);
        }
    });
    assert!(end.is_ok());
}

#[test]
fn trees_of_the_greatest_depth_can_be_walked() {
    let end = on_a_small_stack(|| {
        for text in nested_exprs(140).into_iter().chain(chains(380)) {
            let parsed = parse_expr(&text);
            let copy = parsed.tree.clone();
            assert_eq!(copy, parsed.tree);
            assert!(!format!("{copy:?}").is_empty());
            assert!(!ast_json("expr", &text).is_empty());
        }
    });
    assert!(end.is_ok());
}

#[test]
fn what_nests_and_chains_within_the_limits_is_read() {
    assert!(parse_expr(&around("(", "1", ")", 140)).is_ok());
    assert!(parse_expr(&format!("1{}", " + 1".repeat(240))).is_ok());
    assert!(parse_expr(&format!("a{}", " and a".repeat(50_000))).is_ok());
    assert!(parse_expr(&format!("a in ({}1)", "'x', ".repeat(50_000))).is_ok());
    assert!(parse_select(&around("select 1 from (", "t", ")", 60)).is_ok());
}

/// Queries that are wide, not deep.
fn wide_queries(times: usize) -> Vec<String> {
    let list = |piece: &str| vec![piece; times].join(", ");
    let chain = |piece: &str, operator: &str| vec![piece; times].join(operator);
    vec![
        format!("select {}", list("properties.a as b")),
        format!("select {}", list("not -a b")),
        format!("select a from t where {}", chain("a = 1", " or ")),
        format!("select a from t where {}", chain("a = 1", " and ")),
        format!("select {}", chain("'a'", " || ")),
        format!("select a in ({})", list("'b'")),
        format!("select multiIf({}, c)", list("a = 1, b")),
        format!("select case {} end", chain("when a then b", " ")),
        format!("with {} select 1", list("a as (select 1)")),
        format!("with {} select 1", list("1 as a")),
        format!("select {}", list("(select 1)")),
        format!("select 1 from a where b in ({})", list("(select 1 from c)")),
        format!("select a group by {}", list("a")),
        format!("select a order by {}", list("a desc")),
        format!("select a from (values {})", list("(1, 2)")),
        format!("select f'{}'", "a{b}".repeat(times)),
        chain("select 1", " union all "),
    ]
}

#[test]
fn what_is_wide_is_not_deep() {
    let end = on_a_small_stack(|| {
        for text in wide_queries(4_000) {
            let parsed = parse_select(&text);
            assert_eq!(parsed.first_error(), None, "{text:.60}");
            assert!(!print_query(&parsed.tree).is_empty());
            assert!(!ast_json("select", &text).contains("\"error\""), "{text:.60}");
        }
        for text in [chain_of("a", " + a", 390), format!("f(){}", ".a".repeat(390))] {
            assert!(!print_expr(&parse_expr(&text).tree).is_empty());
        }
        let joins = format!("select 1 from a{}", " join b on c = d".repeat(380));
        assert_eq!(parse_select(&joins).first_error(), None);
        assert!(!ast_json("select", &joins).contains("\"error\""));
    });
    assert!(end.is_ok());
}

fn chain_of(first: &str, link: &str, times: usize) -> String {
    format!("{first}{}", link.repeat(times))
}

/// The reading of the first `OFFSET` is wrong, which shows only at the end, behind many other choices.
#[test]
fn choices_do_not_multiply() {
    let text = |times: usize| {
        let choices = "not -a or ".repeat(times);
        format!("select 1 limit 1 offset {choices}case (b) when (c) then d end limit 2")
    };
    let wrong = |times: usize| format!("{} limit 3", text(times));
    takes_linear_time(is_select, &text(400), &text(1_600));
    takes_linear_time(is_select, &wrong(400), &wrong(1_600));
    for times in [1, 10, 150] {
        assert_eq!(parse_select(&text(times)).first_error(), None, "{times}");
        let found = parse_select(&wrong(times));
        let found = found.first_error().map(|error| error.span.start as usize);
        assert_eq!(found, Some(text(times).len() + 1), "{times}");
    }
}

/// Queries with a list in which a text that the reference accepts stands so many times.
fn repeated(times: usize) -> Vec<String> {
    let lines =
        READINGS.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let queries = lines.filter(|line| line["accepts"] == true).filter_map(|line| {
        let text = line["hogql"].as_str()?;
        let list = |item: &str| vec![item; times].join(", ");
        match line["kind"].as_str()? {
            "expr" => Some(format!("select {}", list(text))),
            "select" => Some(format!("select {}", list(&format!("({text})")))),
            "order" => Some(format!("select 1 order by {}", list(text))),
            _ => None,
        }
    });
    queries.collect()
}

/// Most of these have a first reading that does not fit, in each item.
#[test]
fn long_lists_are_read_if_short_ones_are() {
    let end = on_a_small_stack(|| {
        let mut read = 0;
        for (two, many) in repeated(2).iter().zip(&repeated(250)) {
            if is_select(two) {
                read += 1;
                assert_eq!(parse_select(many).first_error(), None, "{two:.200}");
            }
        }
        assert!(read > 400, "{read}");
        let twice = |text: String| format!("{text}, {}", text.trim_start_matches("select "));
        for text in repeated(500).into_iter().filter(|text| text.starts_with("select columns")) {
            let four_times = twice(twice(text.clone()));
            takes_linear_time(is_select, &text, &four_times);
        }
    });
    assert!(end.is_ok());
}

#[test]
fn too_many_readings_are_said_to_be_the_reason() {
    let list = vec!["not -a"; 2_000].join(", ");
    let parsed = parse_select(&format!("select {list} )"));
    assert_eq!(parsed.first_error().map(|error| error.code), Some("H0019"));
    let parsed = parse_select("select not -a, not -a )");
    assert_eq!(parsed.first_error().map(|error| error.code), Some("H0004"));
}

#[test]
fn length_is_said_to_be_the_reason() {
    let fits = format!("a in ({}1)", "1,".repeat((MAX_TOKENS - 6) / 2));
    assert_eq!(parse_expr(&fits).first_error(), None);
    let parsed = parse_expr(&format!("a in ({}1)", "1,".repeat(MAX_TOKENS / 2)));
    assert_eq!(parsed.first_error().map(|error| error.code), Some("H0016"));
}

#[test]
fn depth_is_said_to_be_the_reason() {
    for text in [around("(", "1", ")", 10_000), format!("1{}", "+1".repeat(10_000))] {
        let parsed = parse_expr(&text);
        assert_eq!(parsed.first_error().map(|error| error.code), Some("H0006"));
    }
}
