//! Texts that would overflow a stack or take for ever.

use hogql_syntax::json::ast_json;
use hogql_syntax::{parse_expr, parse_select};
use std::time::{Duration, Instant};

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

fn is_finite(parse: impl Fn() -> bool, text: &str) {
    let start = Instant::now();
    parse();
    // Generous, for unoptimised builds on busy machines; what must not be is quadratic.
    assert!(start.elapsed() < Duration::from_secs(20), "{:?} for {:.40}", start.elapsed(), text);
}

#[test]
fn deep_and_long_texts_end_in_a_tree_or_an_error() {
    let end = on_a_small_stack(|| {
        for times in [100, 149, 10_000, 60_000] {
            for text in nested_exprs(times).into_iter().chain(chains(times)) {
                is_finite(|| parse_expr(&text).is_ok(), &text);
            }
            for text in nested_queries(times).into_iter().chain(long_queries(times)) {
                is_finite(|| parse_select(&text).is_ok(), &text);
            }
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

#[test]
fn depth_is_said_to_be_the_reason() {
    for text in [around("(", "1", ")", 10_000), format!("1{}", "+1".repeat(10_000))] {
        let parsed = parse_expr(&text);
        assert_eq!(parsed.first_error().map(|error| error.code), Some("H0006"));
    }
}
