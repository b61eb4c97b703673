//! What the printer writes, the parser reads back: generated trees and the corpus.

mod atoms;
mod corpus;
mod exprs;
mod found;
mod queries;
mod tables;

use hogql_syntax::ast::{self, Expr, OrderItem, Query};
use hogql_syntax::{
    Layout, Parsed, parse_expr, parse_order, parse_select, print_expr, print_order, print_query,
    print_query_as,
};
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestCaseError, TestRunner};

#[test]
fn expressions() -> Result<(), String> {
    for_all(exprs::expr, print_expr, check_expr)
}

#[test]
fn queries() -> Result<(), String> {
    for_all(queries::query, print_query, check_query)
}

#[test]
fn order_items() -> Result<(), String> {
    for_all(|| queries::order_item(exprs::expr()), print_order, check_order)
}

/// A generated tree, shown as its text in failures.
struct Shown<T>(T, fn(&T) -> String);

impl<T> std::fmt::Debug for Shown<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.1(&self.0))
    }
}

/// Runs the check on generated trees, with a stack that unoptimised generators do not exhaust.
fn for_all<T: std::fmt::Debug + 'static>(
    strategy: impl FnOnce() -> BoxedStrategy<T> + Send + 'static,
    show: fn(&T) -> String,
    check: fn(&T) -> Result<(), String>,
) -> Result<(), String> {
    let run = move || {
        let shown = strategy().prop_map(move |tree| Shown(tree, show));
        for config in configs() {
            let result = TestRunner::new(config)
                .run(&shown, |Shown(tree, _)| check(&tree).map_err(TestCaseError::fail));
            result.map_err(|failure| failure.to_string())?;
        }
        Ok(())
    };
    let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(run);
    let ended = thread.map_err(|failure| failure.to_string())?.join();
    ended.unwrap_or_else(|_| Err("the check panicked".to_string()))
}

/// The same cases each time, so that a change is what fails; `PROPTEST_CASES` asks for so many other ones.
fn configs() -> Vec<ProptestConfig> {
    let default = ProptestConfig::default();
    let is_set = std::env::vars().any(|(name, _)| name == "PROPTEST_CASES");
    let runs = if is_set {
        vec![(default.cases, RngSeed::Random)]
    } else {
        SEEDS.map(|seed| (CASES, RngSeed::Fixed(seed))).to_vec()
    };
    let config = |(cases, rng_seed)| ProptestConfig {
        cases,
        rng_seed,
        failure_persistence: None,
        max_shrink_iters: 2000,
        ..default.clone()
    };
    runs.into_iter().map(config).collect()
}

/// Choose the cases of ordinary runs.
const SEEDS: [u64; 4] = [7, 70, 700, 7000];

/// How many there are for each.
const CASES: u32 = 32;

/// The printed expression parses to the same tree.
fn check_expr(expr: &Expr) -> Result<(), String> {
    let text = print_expr(expr);
    let mut back = tree_of(&text, parse_expr(&text))?;
    let mut expr = expr.clone();
    ast::erase_spans(&mut expr);
    ast::erase_spans(&mut back);
    same(&text, &format!("{expr:?}"), &format!("{back:?}"))?;
    same(&text, &text, &print_expr(&back))
}

/// The printed query parses to the same tree, in both layouts.
fn check_query(query: &Query) -> Result<(), String> {
    let mut query = query.clone();
    ast::erase_query_spans(&mut query);
    for layout in [Layout::Line, Layout::Pretty] {
        let text = print_query_as(&query, layout);
        let mut back = tree_of(&text, parse_select(&text))?;
        ast::erase_query_spans(&mut back);
        same(&text, &format!("{query:?}"), &format!("{back:?}"))?;
        same(&text, &text, &print_query_as(&back, layout))?;
    }
    Ok(())
}

/// The printed item of `ORDER BY` parses to the same tree.
fn check_order(order: &OrderItem) -> Result<(), String> {
    let text = print_order(order);
    let mut back = tree_of(&text, parse_order(&text))?;
    let mut order = order.clone();
    ast::erase_order_spans(&mut order);
    ast::erase_order_spans(&mut back);
    same(&text, &format!("{order:?}"), &format!("{back:?}"))?;
    same(&text, &text, &print_order(&back))
}

fn tree_of<T>(text: &str, parsed: Parsed<T>) -> Result<T, String> {
    match parsed.first_error() {
        Some(found) => Err(format!("{}\n  at {:?} in {text}", found.message, found.span)),
        None => Ok(parsed.tree),
    }
}

/// Trees are compared as text, for a NaN is not equal to itself; the surroundings of the first difference are shown.
fn same(text: &str, expected: &str, found: &str) -> Result<(), String> {
    if expected == found {
        return Ok(());
    }
    let at = expected.bytes().zip(found.bytes()).take_while(|(a, b)| a == b).count();
    let around = |text: &str| {
        let (start, end) = (at.saturating_sub(150), (at + 250).min(text.len()));
        let excerpt = &text[text.floor_char_boundary(start)..text.ceil_char_boundary(end)];
        excerpt.replace("span: Span { start: 0, end: 0 }", "_")
    };
    Err(format!("{text}\n  expected {}\n  found    {}", around(expected), around(found)))
}

#[test]
fn pretty_text_has_a_clause_a_line() {
    let text = "with a as (select 1) select x, (select 2 limit 1) from a left join b on a.x = b.x where y \
                group by all order by x desc limit 5 offset 2 union all select 3 from (select 4) as c";
    let query = parse_select(text).tree;
    let pretty = "\
WITH
    a AS (
        SELECT
            1
    )
SELECT
    x,
    (
        SELECT
            2
        LIMIT 1
    )
FROM
    a
    LEFT JOIN b ON a.x = b.x
WHERE
    y
GROUP BY
    ALL
ORDER BY
    x DESC
LIMIT 5
OFFSET 2
UNION ALL
SELECT
    3
FROM
    (
        SELECT
            4
    ) AS c";
    assert_eq!(print_query_as(&query, Layout::Pretty), pretty);
    assert_eq!(print_query(&parse_select(pretty).tree), print_query(&query));
}
