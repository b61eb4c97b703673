//! `FROM`: tables and joins.

use hogql_syntax::Span;
use hogql_syntax::ast::{
    ExprKind, From, Join, JoinConstraint, JoinKind, Literal, Ratio, Sample, Strictness, Table,
    TableRef,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::atoms::{boxed, expr as of, field, ident, idents};
use crate::exprs::{self, Exprs};
use crate::queries;

/// A first table and a few joins.
pub(crate) fn from(e: &Exprs) -> BoxedStrategy<From> {
    (table_ref(e), vec(join(e), 0..3)).prop_map(|(first, joins)| From { first, joins }).boxed()
}

fn table_ref(e: &Exprs) -> BoxedStrategy<TableRef> {
    let alias = option::of((ident(), idents(0..2)));
    (table(e), alias, any::<bool>(), option::weighted(0.2, sample()))
        .prop_map(|(table, alias, final_, sample)| {
            let (alias, column_aliases) =
                alias.map_or((None, Vec::new()), |(name, columns)| (Some(name), columns));
            TableRef { span: Span::default(), table, alias, column_aliases, final_, sample }
        })
        .boxed()
}

fn table(e: &Exprs) -> BoxedStrategy<Table> {
    prop_oneof![
        4 => idents(1..3).prop_map(Table::Name),
        1 => (idents(1..2), vec(e.clone(), 0..3))
            .prop_map(|(name, args)| Table::Function { name, args }),
        1 => queries::simple_query(e).prop_map(|query| Table::Subquery(Box::new(query))),
        1 => field().prop_map(|x| Table::Placeholder(boxed(ExprKind::Placeholder(Box::new(x))))),
        1 => exprs::tag(e).prop_map(|tag| Table::Tag(Box::new(tag))),
    ]
    .boxed()
}

fn sample() -> BoxedStrategy<Sample> {
    (ratio(), option::of(ratio()))
        .prop_map(|(ratio, offset)| Sample {
            span: Span::default(),
            ratio,
            offset,
            percent: false,
            method: None,
        })
        .boxed()
}

fn ratio() -> BoxedStrategy<Ratio> {
    let number = |n: i64| of(ExprKind::Literal(Literal::Integer(n)));
    (1..9i64, option::of(1..9i64))
        .prop_map(move |(left, right)| Ratio {
            span: Span::default(),
            left: number(left),
            right: right.map(number),
        })
        .boxed()
}

/// Join words as the parser writes them, with what they mean.
const JOINS: &[(&str, JoinKind, Option<Strictness>)] = &[
    ("JOIN", JoinKind::Inner, None),
    ("INNER JOIN", JoinKind::Inner, None),
    ("LEFT JOIN", JoinKind::Left, None),
    ("LEFT OUTER JOIN", JoinKind::Left, None),
    ("RIGHT JOIN", JoinKind::Right, None),
    ("FULL OUTER JOIN", JoinKind::Full, None),
    ("LEFT ANY JOIN", JoinKind::Left, Some(Strictness::Any)),
    ("LEFT ASOF JOIN", JoinKind::Left, Some(Strictness::Asof)),
    ("ASOF INNER JOIN", JoinKind::Inner, Some(Strictness::Asof)),
    ("ANY INNER JOIN", JoinKind::Inner, Some(Strictness::Any)),
    ("SEMI JOIN", JoinKind::Left, Some(Strictness::Semi)),
    ("FULL ALL JOIN", JoinKind::Full, Some(Strictness::All)),
    ("RIGHT OUTER ANY JOIN", JoinKind::Right, Some(Strictness::Any)),
    ("LEFT SEMI JOIN", JoinKind::Left, Some(Strictness::Semi)),
    ("LEFT ANTI JOIN", JoinKind::Left, Some(Strictness::Anti)),
];

fn join(e: &Exprs) -> BoxedStrategy<Join> {
    let constraint = prop_oneof![
        3 => e.clone().prop_map(JoinConstraint::On),
        1 => vec(field(), 1..3).prop_map(|columns| JoinConstraint::Using(columns, Span::default())),
    ];
    let constrained = (select(JOINS), option::weighted(0.9, constraint));
    let free = prop_oneof![
        Just(("CROSS JOIN", JoinKind::Cross, None)),
        Just(("POSITIONAL JOIN", JoinKind::Positional, None)),
    ];
    let words = prop_oneof![4 => constrained, 1 => free.prop_map(|words| (words, None))];
    (words, table_ref(e))
        .prop_map(|(((words, kind, strictness), constraint), table)| {
            let (span, words) = (Span::default(), words.to_string());
            Join { span, words, kind, strictness, natural: false, table, constraint }
        })
        .boxed()
}
