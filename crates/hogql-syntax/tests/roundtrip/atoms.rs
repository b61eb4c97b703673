//! Names, texts and constants.

use hogql_syntax::Span;
use hogql_syntax::ast::{Expr, ExprKind, Ident, Literal};
use proptest::prelude::*;

/// Words with a meaning of their own somewhere.
const WORDS: &[&str] = &[
    "select",
    "from",
    "where",
    "not",
    "null",
    "NaN",
    "inf",
    "true",
    "False",
    "day",
    "hour",
    "cohort",
    "interval",
    "case",
    "end",
    "and",
    "in",
    "is",
    "as",
    "desc",
    "distinct",
    "date",
    "timestamp",
    "columns",
    "cast",
    "lambda",
    "values",
    "all",
    "any",
    "if",
    "team_id",
    "id",
    "key",
    "first",
    "final",
    "sample",
    "union",
    "except",
    "limit",
    "offset",
    "with",
    "by",
    "over",
    "filter",
    "array",
    "let",
    "return",
    "f",
    "trim",
    "recursive",
    "cube",
    "rollup",
    "grouping",
    "to",
    "step",
    "ignore",
    "nulls",
    "between",
    "unbounded",
    "current",
    "exclude",
    "replace",
    "materialized",
    "fill",
    "ascending",
    "left",
    "full",
    "join",
    "using",
    "natural",
    "window",
    "qualify",
    "interpolate",
    "totals",
    "top",
    "settings",
    "include",
    "both",
    "leading",
    "then",
    "when",
    "else",
    "or",
    "like",
];

pub(crate) fn boxed(kind: ExprKind) -> Box<Expr> {
    Box::new(expr(kind))
}

pub(crate) fn expr(kind: ExprKind) -> Expr {
    Expr { span: Span::default(), kind }
}

pub(crate) fn ident() -> BoxedStrategy<Ident> {
    name().prop_map(|value| Ident { value, quoted: false, span: Span::default() }).boxed()
}

fn name() -> BoxedStrategy<String> {
    prop_oneof![
        6 => "[a-z]{1,3}",
        1 => "[A-Za-z_$][A-Za-z0-9_$]{0,6}",
        2 => prop::sample::select(WORDS).prop_map(str::to_string),
        1 => text().prop_filter("names are not empty", |name| !name.is_empty()),
    ]
    .boxed()
}

pub(crate) fn idents(size: std::ops::Range<usize>) -> BoxedStrategy<Vec<Ident>> {
    prop::collection::vec(ident(), size).boxed()
}

/// Texts rich in characters that need escapes.
pub(crate) fn text() -> BoxedStrategy<String> {
    let special = prop::sample::select(vec![
        '\'', '"', '`', '\\', '{', '}', '\n', '\r', '\t', '\0', '\u{7}', '\u{8}', '\u{b}', '\u{c}',
        '%', 'é', '🍄', ' ', '-', '#', '/', '<',
    ]);
    let letter = prop_oneof![3 => prop::char::range('a', 'z'), 2 => special, 1 => any::<char>()];
    prop::collection::vec(letter, 0..6).prop_map(String::from_iter).boxed()
}

pub(crate) fn literal() -> BoxedStrategy<Expr> {
    let literal = prop_oneof![
        Just(Literal::Null),
        any::<bool>().prop_map(Literal::Boolean),
        (-3..9i64).prop_map(Literal::Integer),
        any::<i64>().prop_map(Literal::Integer),
        Just(Literal::Integer(i64::MIN)),
        "-?[1-9][0-9]{19,24}".prop_map(Literal::BigInteger),
        any::<f64>().prop_map(Literal::Float),
        prop::sample::select(vec![f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 0.5, -0.0, 1e300])
            .prop_map(Literal::Float),
        text().prop_map(Literal::String),
    ];
    literal.prop_map(|literal| expr(ExprKind::Literal(literal))).boxed()
}

pub(crate) fn string() -> BoxedStrategy<Expr> {
    text().prop_map(|text| expr(ExprKind::Literal(Literal::String(text)))).boxed()
}

pub(crate) fn field() -> BoxedStrategy<Expr> {
    idents(1..4).prop_map(|chain| expr(ExprKind::Field(chain))).boxed()
}
