//! Texts that were once printed to something else: found by generated trees and by fuzzing.

use hogql_syntax::{parse_expr, parse_select, print_expr, print_query};

use crate::{check_expr, check_query};

/// Expressions and their canonical text.
const EXPRS: &[(&str, &str)] = &[
    ("not (a or b)", "not(a OR b)"),
    ("not a is null = b", "NOT a IS NULL = b"),
    ("f(not a := 1)", "f(NOT a := 1)"),
    ("not x, y -> 1", "NOT lambda x, y: 1"),
    ("f(x -> x + 1, (y) -> y)", "f((x) -> x + 1, (y) -> y)"),
    ("-(1)", "-(1)"),
    ("- -a", "-(-a)"),
    ("-1::int", "-1::int"),
    ("1 .x", "1 .x"),
    ("0 .`day`", "0 .`day`"),
    ("(a).b", "(a).b"),
    ("(f(a))(b)", "(f(a))(b)"),
    ("(f(distinct * exclude (a)))(b)", "(f(DISTINCT * EXCLUDE (a)))(b)"),
    ("f(0.5) within group (order by a)", "f(0.5) WITHIN GROUP (ORDER BY a)"),
    ("(a as b) + 1", "(a AS b) + 1"),
    ("interval (interval '5 day') month", "INTERVAL (INTERVAL '5 day') MONTH"),
    ("interval `day` day", "INTERVAL `day` DAY"),
    ("a in cohort (*)", "a IN COHORT (*)"),
    ("* columns(a)", "*COLUMNS(a)"),
    ("columns('x',)", "COLUMNS('x',)"),
    ("cast(a as \"x y\")", "CAST(a AS x y)"),
    ("cast(a as \"a\"\"b\")", "CAST(a AS `a\"b`)"),
    ("a::`select`", "a::`select`"),
    ("'a\0b'", "'a\0b'"),
    ("<a7-7b c-d/>", "<a7-7b c-d />"),
    ("<a \"b<a\" b='1'/>", "<a \"b<a\" b='1' />"),
    ("<a \"`\"\"\"/>", "<a \"`\"\"\" />"),
    ("a between (x as y) and 2", "a BETWEEN (x AS y) AND 2"),
    ("x -> {}", "(x) -> {}"),
    ("x -> {;}", "(x) -> { ; }"),
    ("not (x) -> {a;} + 1", "NOT (x) -> { a; } + 1"),
    ("x -> {let a := {} {b} (c)}", "(x) -> { let a := {}; { b; } c; }"),
    ("x -> {(return(x)) := 1; (if(a)); ({a})}", "(x) -> { `return`(x) := 1; (if(a)); ({a}); }"),
    ("x -> {(a := 1); (1 + a) := b := 2}", "(x) -> { (a := 1); (1 + a) := b := 2; }"),
    (
        "x -> {if (a) b := 1 else if (c) return; while (d) {;} throw e}",
        "(x) -> { if (a) b := 1; else if (c) return; while (d) { ; } throw e; }",
    ),
    (
        "x -> {for (let i := 0; i < 3; i := i + 1) f(i) for (;;); for (let k, v in a) {}}",
        "(x) -> { for (let i := 0; i < 3; i := i + 1) f(i); for (;;) ; for (let k, v in a) { ; } }",
    ),
    (
        "x -> {fn f(a, b) {return a} try {} catch {} catch (e: T) {} finally {}}",
        "(x) -> { fun f(a, b) { return a; } try { ; } catch { ; } catch (e: T) { ; } finally { ; } }",
    ),
    ("1e300 + 9223372036854775808 + -inf + nan", "1e300 + 9223372036854775808 + -inf + nan"),
];

/// Queries and their canonical text.
const QUERIES: &[(&str, &str)] = &[
    (
        "select 1 union all select 2 limit 1 offset 2",
        "SELECT 1 UNION ALL (SELECT 2 LIMIT 1) OFFSET 2",
    ),
    (
        "select 1 union all (select 2 limit 1 offset 2)",
        "SELECT 1 UNION ALL (SELECT 2 LIMIT 1 OFFSET 2)",
    ),
    ("select 1 union all select 2 limit 1, 2", "SELECT 1 UNION ALL SELECT 2 LIMIT 1, 2"),
    ("(select 1) limit 1", "(SELECT 1) LIMIT 1"),
    ("select a, where b with totals", "SELECT a WHERE b WITH TOTALS"),
    ("select 1 limit 1 + 1 %", "SELECT 1 LIMIT (1 + 1)%"),
    (
        "select * from t unpivot (a > b for n in (c))",
        "SELECT * FROM t UNPIVOT (a > b FOR n IN (c))",
    ),
    ("select `from`, `date` from `select`", "SELECT `from`, date FROM `select`"),
    (
        "select a as `true`, b as date from t as `left`",
        "SELECT a AS `true`, b AS date FROM t AS `left`",
    ),
];

#[test]
fn expressions() -> Result<(), String> {
    for (text, canonical) in EXPRS {
        let tree = parse_expr(text).into_result().map_err(|found| format!("{text}: {found:?}"))?;
        assert_eq!(print_expr(&tree), *canonical);
        check_expr(&tree)?;
    }
    Ok(())
}

#[test]
fn queries() -> Result<(), String> {
    for (text, canonical) in QUERIES {
        let tree =
            parse_select(text).into_result().map_err(|found| format!("{text}: {found:?}"))?;
        assert_eq!(print_query(&tree), *canonical);
        check_query(&tree)?;
    }
    Ok(())
}
