//! Queries: selects, set operations, windows and orderings.

use hogql_syntax::Span;
use hogql_syntax::ast::{
    ArrayJoin, ArrayJoinKind, Cte, CteBody, Expr, ExprKind, FrameBound, FrameBoundKind, GroupBy,
    GroupByKind, GroupByWith, Interpolate, LimitBy, LimitClause, Literal, OrderItem, Over, Query,
    QueryKind, Select, SetMember, SetOp, SetQuery, WindowCall, WindowFrame, WindowSpec, WithFill,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::atoms::{expr as of, ident, idents, text};
use crate::exprs::{self, Exprs};
use crate::tables;

/// A query of any form.
pub(crate) fn query() -> BoxedStrategy<Query> {
    let e = exprs::expr();
    prop_oneof![
        6 => select_query(&e),
        3 => set_query(&e),
        1 => e.prop_map(|x| make(QueryKind::Placeholder(of(ExprKind::Placeholder(Box::new(x)))))),
    ]
    .boxed()
}

fn make(kind: QueryKind) -> Query {
    Query { span: Span::default(), kind }
}

/// A single `SELECT`.
pub(crate) fn select_query(e: &Exprs) -> BoxedStrategy<Query> {
    select_of(e).prop_map(|select| make(QueryKind::Select(Box::new(select)))).boxed()
}

/// A single `SELECT` with few clauses.
pub(crate) fn simple_query(e: &Exprs) -> BoxedStrategy<Query> {
    (vec(e.clone(), 1..3), rare(e), orders(e))
        .prop_map(|(items, where_, order_by)| {
            let select = Select { where_, order_by, ..empty_select(items) };
            make(QueryKind::Select(Box::new(select)))
        })
        .boxed()
}

fn set_query(e: &Exprs) -> BoxedStrategy<Query> {
    let nested = (select_query(e), member(select_query(e)))
        .prop_map(|(first, member)| set(first, vec![member]));
    let any_member = prop_oneof![4 => select_query(e), 1 => nested];
    (any_member.clone(), vec(member(any_member.boxed()), 1..3))
        .prop_map(|(first, rest)| set(first, rest))
        .boxed()
}

fn set(first: Query, rest: Vec<SetMember>) -> Query {
    let set = SetQuery { ctes: Vec::new(), first, rest, order_by: Vec::new(), limit: None };
    make(QueryKind::Set(Box::new(set)))
}

fn member(query: BoxedStrategy<Query>) -> BoxedStrategy<SetMember> {
    use SetOp::{
        Except, ExceptAll, Intersect, IntersectAll, IntersectDistinct, UnionAll, UnionDistinct,
    };
    let op = select(vec![
        Except,
        ExceptAll,
        Intersect,
        IntersectAll,
        IntersectDistinct,
        UnionAll,
        UnionDistinct,
    ]);
    (op, any::<bool>(), query)
        .prop_map(|(op, by_name, query)| SetMember { op, by_name, query })
        .boxed()
}

fn empty_select(items: Vec<Expr>) -> Select {
    Select {
        ctes: Vec::new(),
        distinct: false,
        items,
        from: None,
        array_join: None,
        prewhere: None,
        where_: None,
        group_by: None,
        having: None,
        qualify: None,
        windows: Vec::new(),
        order_by: Vec::new(),
        interpolate: None,
        limit_by: None,
        limit: None,
    }
}

fn select_of(e: &Exprs) -> BoxedStrategy<Select> {
    let head = (any::<bool>(), vec(e.clone(), 1..4), option::of(tables::from(e)));
    let conditions = (rare(e), rare(e), rare(e), rare(e));
    let grouping = (option::weighted(0.3, group_by(e)), option::weighted(0.1, array_join(e)));
    let tail = (orders(e), option::weighted(0.3, limit(e)), option::weighted(0.1, limit_by(e)));
    let windows = vec((ident(), window_spec(e)), 0..2);
    let extras = (windows, option::weighted(0.1, interpolate(e)), vec(cte(e), 0..2));
    (head, conditions, grouping, tail, extras)
        .prop_map(|(head, conditions, grouping, tail, extras)| {
            let (distinct, items, from) = head;
            let (prewhere, where_, having, qualify) = conditions;
            let (group_by, array_join) = grouping;
            let (order_by, limit, limit_by) = tail;
            let (windows, interpolate, ctes) = extras;
            let array_join = array_join.filter(|_| from.is_some());
            let interpolate = interpolate.filter(|_| !order_by.is_empty());
            let select =
                Select { distinct, from, array_join, prewhere, where_, ..empty_select(items) };
            let select = Select { having, qualify, group_by, order_by, limit, ..select };
            Select { windows, interpolate, limit_by, ctes, ..select }
        })
        .boxed()
}

fn rare(e: &Exprs) -> impl Strategy<Value = Option<Expr>> + use<> {
    option::weighted(0.2, e.clone())
}

fn cte(e: &Exprs) -> BoxedStrategy<Cte> {
    let table = (simple_query(e), idents(0..2), option::of(any::<bool>()))
        .prop_map(|(query, columns, materialized)| (CteBody::Table(query), columns, materialized));
    let scalar = e.clone().prop_map(|x| (CteBody::Scalar(x), Vec::new(), None));
    (ident(), prop_oneof![table, scalar])
        .prop_map(|(name, (body, columns, materialized))| {
            let (span, using_key) = (Span::default(), Vec::new());
            Cte { span, name, body, columns, recursive: false, materialized, using_key }
        })
        .boxed()
}

fn array_join(e: &Exprs) -> BoxedStrategy<ArrayJoin> {
    let item = (e.clone(), ident())
        .prop_map(|(x, alias)| of(ExprKind::Alias { expr: Box::new(x), alias }));
    let kind = select(vec![ArrayJoinKind::Plain, ArrayJoinKind::Inner, ArrayJoinKind::Left]);
    (kind, vec(item, 1..3))
        .prop_map(|(kind, items)| ArrayJoin { kind, items, span: Span::default() })
        .boxed()
}

fn group_by(e: &Exprs) -> BoxedStrategy<GroupBy> {
    let set = vec(e.clone(), 0..3).prop_map(|items| of(ExprKind::GroupingSet(items)));
    let kind = prop_oneof![
        4 => vec(e.clone(), 1..4).prop_map(GroupByKind::List),
        1 => Just(GroupByKind::All),
        1 => vec(e.clone(), 1..3).prop_map(GroupByKind::Cube),
        1 => vec(e.clone(), 1..3).prop_map(GroupByKind::Rollup),
        1 => vec(set, 1..3).prop_map(GroupByKind::GroupingSets),
    ];
    let with = option::weighted(0.2, select(vec![GroupByWith::Cube, GroupByWith::Rollup]));
    (kind, with, any::<bool>())
        .prop_map(|(kind, with, totals)| GroupBy { span: Span::default(), kind, with, totals })
        .boxed()
}

/// Items of `ORDER BY`, often none.
pub(crate) fn orders(e: &Exprs) -> BoxedStrategy<Vec<OrderItem>> {
    vec(order_item(e.clone()), 0..3).boxed()
}

/// One item of `ORDER BY`.
pub(crate) fn order_item(e: Exprs) -> BoxedStrategy<OrderItem> {
    let fill = (rare(&e), rare(&e), rare(&e)).prop_map(|(from, to, step)| WithFill {
        span: Span::default(),
        from,
        to,
        step,
    });
    let options =
        (option::of(any::<bool>()), option::weighted(0.2, text()), option::weighted(0.2, fill));
    (e, any::<bool>(), options)
        .prop_map(|(expr, descending, (nulls_first, collate, with_fill))| {
            let span = Span::default();
            OrderItem { span, expr, descending, nulls_first, collate, with_fill }
        })
        .boxed()
}

fn interpolate(e: &Exprs) -> BoxedStrategy<Vec<Interpolate>> {
    let item = (e.clone(), option::of(e.clone())).prop_map(|(expr, value)| Interpolate {
        span: Span::default(),
        expr,
        value,
    });
    vec(item, 0..3).boxed()
}

fn limit_by(e: &Exprs) -> BoxedStrategy<LimitBy> {
    (e.clone(), rare(e), vec(e.clone(), 1..3))
        .prop_map(|(limit, offset, by)| LimitBy { span: Span::default(), limit, offset, by })
        .boxed()
}

fn limit(e: &Exprs) -> BoxedStrategy<LimitClause> {
    let clause = |limit, percent, with_ties, offset, comma| LimitClause {
        span: Span::default(),
        limit,
        percent,
        with_ties,
        offset,
        repeated: None,
        comma,
    };
    // An offset right behind a percent sign must not read as the right side of a modulo.
    let after_percent =
        option::of((0..9i64).prop_map(|n| of(ExprKind::Literal(Literal::Integer(n)))));
    prop_oneof![
        (e.clone(), any::<bool>(), rare(e)).prop_map(move |(limit, ties, offset)| clause(
            Some(limit),
            false,
            ties,
            offset,
            false
        )),
        (e.clone(), any::<bool>(), after_percent).prop_map(move |(limit, ties, offset)| clause(
            Some(limit),
            true,
            ties,
            offset,
            false
        )),
        (e.clone(), e.clone()).prop_map(move |(limit, offset)| clause(
            Some(limit),
            false,
            false,
            Some(offset),
            true
        )),
        e.clone().prop_map(move |offset| clause(None, false, false, Some(offset), false)),
    ]
    .boxed()
}

/// A window function's call.
pub(crate) fn window_call(e: &Exprs) -> Exprs {
    let over = prop_oneof![ident().prop_map(Over::Named), window_spec(e).prop_map(Over::Spec)];
    let args = option::weighted(0.2, vec(e.clone(), 0..2));
    (ident(), vec(e.clone(), 0..3), args, rare(e), over)
        .prop_map(|(name, exprs, args, filter, over)| {
            of(ExprKind::Window(Box::new(WindowCall { name, exprs, args, filter, over })))
        })
        .boxed()
}

fn window_spec(e: &Exprs) -> BoxedStrategy<WindowSpec> {
    (vec(e.clone(), 0..2), orders(e), option::of(frame(e)))
        .prop_map(|(partition_by, order_by, frame)| WindowSpec {
            span: Span::default(),
            partition_by,
            order_by,
            frame,
        })
        .boxed()
}

fn frame(e: &Exprs) -> BoxedStrategy<WindowFrame> {
    let span = Span::default();
    let boxed = || option::of(e.clone().prop_map(Box::new));
    let kind = prop_oneof![
        Just(FrameBoundKind::CurrentRow),
        boxed().prop_map(FrameBoundKind::Preceding),
        boxed().prop_map(FrameBoundKind::Following),
    ];
    let bound = kind.prop_map(move |kind| FrameBound { span, kind });
    (any::<bool>(), bound.clone(), option::of(bound))
        .prop_map(move |(range, start, end)| WindowFrame { span, range, start, end })
        .boxed()
}
