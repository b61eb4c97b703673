//! The texts that the reference parser and ours accept.

use std::error::Error;

use hogql_syntax::ast::{self, Expr, ExprKind, Visitor};
use hogql_syntax::{Parsed, column_name, parse_expr, parse_order, parse_select};
use serde_json::Value;

use crate::{check_expr, check_order, check_query};

/// The accepted lines of the kind.
fn accepted(kind: &str) -> Result<Vec<String>, Box<dyn Error>> {
    const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/cases");
    let mut texts = Vec::new();
    for file in ["hogql_corpus.jsonl", "hogql_readings.jsonl"] {
        for line in std::fs::read_to_string(format!("{CASES}/{file}"))?.lines() {
            let value: Value = serde_json::from_str(line)?;
            if value["accepts"] == true && value["kind"] == kind {
                texts.push(value["hogql"].as_str().ok_or("a line has no text")?.to_string());
            }
        }
    }
    Ok(texts)
}

/// Runs the check on every accepted text of the kind and reports all failures together.
fn for_each(kind: &str, check: fn(&str) -> Result<(), String>) -> Result<(), Box<dyn Error>> {
    let texts = accepted(kind)?;
    assert!(!texts.is_empty());
    let failures: Vec<String> = texts.iter().filter_map(|text| check(text).err()).collect();
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n---\n"));
    Ok(())
}

/// Whether a part of the tree could not be read; the reference drops some such parts, so there may be no error.
#[derive(Default)]
struct Unread(bool);

impl Visitor for Unread {
    fn visit_expr(&mut self, expr: &Expr) {
        self.0 |= matches!(expr.kind, ExprKind::Error);
        ast::walk_expr(self, expr);
    }
}

/// An error that a text which the reference accepts should not have.
fn refusal<T>(text: &str, parsed: &Parsed<T>) -> Result<(), String> {
    match parsed.first_error() {
        Some(error) => Err(format!("{text}\nis refused: {}", error.message)),
        None => Ok(()),
    }
}

#[test]
fn selects() -> Result<(), Box<dyn Error>> {
    for_each("select", |text| {
        let parsed = parse_select(text);
        refusal(text, &parsed)?;
        let mut unread = Unread::default();
        unread.visit_query(&parsed.tree);
        if unread.0 { Ok(()) } else { check_query(&parsed.tree) }
    })
}

#[test]
fn expressions() -> Result<(), Box<dyn Error>> {
    for_each("expr", |text| {
        let parsed = parse_expr(text);
        refusal(text, &parsed)?;
        assert!(!column_name(&parsed.tree).is_empty());
        check_expr(&parsed.tree)
    })
}

#[test]
fn order_items() -> Result<(), Box<dyn Error>> {
    for_each("order", |text| {
        let parsed = parse_order(text);
        refusal(text, &parsed)?;
        check_order(&parsed.tree)
    })
}
