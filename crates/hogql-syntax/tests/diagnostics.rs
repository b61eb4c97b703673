//! What is said about texts that are wrong.

use hogql_syntax::{Diagnostic, Parsed, parse_expr, parse_order, parse_select, parse_template};

/// Code, marked text and message of each diagnostic.
fn findings<T>(text: &str, parsed: &Parsed<T>) -> Vec<String> {
    let marked =
        |finding: &Diagnostic| text.get(finding.span.range()).unwrap_or_default().to_owned();
    parsed
        .diagnostics
        .iter()
        .map(|finding| format!("{} `{}` {}", finding.code, marked(finding), finding.message))
        .collect()
}

#[track_caller]
fn check_select(text: &str, expected: &[&str]) {
    assert_eq!(findings(text, &parse_select(text)), expected, "{text}");
}

#[track_caller]
fn check_expr(text: &str, expected: &[&str]) {
    assert_eq!(findings(text, &parse_expr(text)), expected, "{text}");
}

fn hints<T>(parsed: &Parsed<T>) -> String {
    parsed
        .diagnostics
        .iter()
        .flat_map(|finding| finding.hints.clone())
        .collect::<Vec<_>>()
        .join("; ")
}

#[test]
fn every_item_with_an_error_is_reported() {
    check_select(
        "select a +, b, (c d), e from t",
        &["H0004 `,` found `,`, expected an expression", "H0004 `d` found `d`, expected `)`"],
    );
}

#[test]
fn every_clause_with_an_error_is_reported() {
    check_select(
        "select f(1 2) from t where a = order by [1 2]",
        &[
            "H0004 `2` found `2`, expected `)`",
            "H0004 `order` found `order`, expected an expression",
            "H0004 `2` found `2`, expected `]`",
        ],
    );
}

#[test]
fn an_open_bracket_is_shown() {
    let parsed = parse_select("select (1 + 2 from t");
    let error = parsed.first_error().expect("an error");
    assert_eq!(error.code, "H0005");
    assert_eq!(error.secondary.len(), 1);
    assert_eq!(error.secondary[0].0.range(), 7..8);
}

#[test]
fn reserved_words_are_named() {
    check_expr("a + while", &["H0007 `while` found `while`, expected an expression"]);
    check_select("select 1 as team_id", &["H0008 `1 as team_id` `team_id` cannot be an alias"]);
    assert!(hints(&parse_select("select 1 as true")).contains("`true`"));
}

#[test]
fn hints_say_what_to_write() {
    for (text, hint) in [
        (r"'a\d'", r"write `\\d`"),
        ("0o17", "write it in decimal: `15`"),
        ("date '2024-01-01'", "write `toDate('2024-01-01')`"),
        ("timestamp '2024-01-01'", "write `toDateTime('2024-01-01')`"),
        ("extract(day from a)", "toDayOfMonth"),
        ("substring(a from 2)", "substring(text, from, length)"),
        ("interval '1 fortnight'", "interval '1 day'"),
        ("a && b", "write `and`"),
        ("!a", "write `not`"),
        ("é", "backticks"),
    ] {
        let found = hints(&parse_expr(text));
        assert!(found.contains(hint), "{text}: {found}");
    }
}

#[test]
fn a_missing_by_is_seen() {
    for (text, clause) in [
        ("select a from t where b group c", "GROUP BY"),
        ("select a from t group c", "GROUP BY"),
        ("select a, count() from t group a order by a", "GROUP BY"),
        ("select a from t where b order c", "ORDER BY"),
        ("select a from t order a desc", "ORDER BY"),
        ("select a from t group by a order b desc", "ORDER BY"),
    ] {
        let found = hints(&parse_select(text));
        assert!(found.contains(&format!("did you mean `{clause}`")), "{text}: {found}");
    }
    let found = hints(&parse_select("select a from t where b = order by c"));
    assert!(!found.contains("BY"), "{found}");
}

#[test]
fn an_unexpected_character_has_a_label() {
    let parsed = parse_expr("a @ b");
    let error = parsed.first_error().expect("an error");
    assert_eq!((error.code, error.label.is_empty()), ("H0001", false));
}

#[test]
fn misspelt_clauses_are_recognised() {
    for (text, clause) in [
        ("selct 1", "SELECT"),
        ("select a form t", "FROM"),
        ("select a from t wher b = 1", "WHERE"),
        ("select a from t gruop by b", "GROUP"),
        ("select a from t limt 1", "LIMIT"),
    ] {
        let found = hints(&parse_select(text));
        assert!(found.contains(&format!("did you mean `{clause}`")), "{text}: {found}");
    }
}

#[test]
fn constructs_of_the_grammar_alone_are_refused_by_name() {
    check_select("select top 5 a from t", &["H0009 `top 5` TOP is not supported"]);
    check_select(
        "select a from t settings x = 1",
        &["H0009 `settings x = 1` SETTINGS are not supported"],
    );
    check_select(
        "select a from t array join b",
        &["H0013 `b` an item of ARRAY JOIN needs an alias"],
    );
    check_expr("<a></b>", &["H0012 `<a></b>` `<a>` is closed by `</b>`"]);
}

#[test]
fn warnings_are_no_errors() {
    let parsed = parse_expr(r"f'a\qb'");
    assert!(parsed.is_ok());
    assert_eq!(parsed.diagnostics.len(), 1);
}

#[test]
fn the_other_entry_points() {
    assert!(parse_order("a desc nulls last").is_ok());
    assert!(parse_order("a desc, whatever follows").is_ok());
    assert!(parse_template("Hello {name}, {a ? 'b' : 'c'}").is_ok());
    let text = "Hello {a b}";
    assert_eq!(findings(text, &parse_template(text)), ["H0004 `b` found `b`, expected `}`"]);
}
