//! Expressions: every form the parser makes.

use hogql_syntax::ast::{
    ArithmeticOp, Call, CastStyle, Columns, CompareOp, Expr, ExprKind, IntervalUnit, Literal, Star,
    Tag, TagAttribute, TemplatePart, TrimSide,
};
use hogql_syntax::{Span, print_expr};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::atoms::{boxed, expr as of, field, ident, idents, literal, string, text};
use crate::queries;

pub(crate) type Exprs = BoxedStrategy<Expr>;

/// An expression of any form, a few levels deep.
pub(crate) fn expr() -> Exprs {
    leaf().prop_recursive(3, 24, 4, |inner| any_form(&inner.boxed())).boxed()
}

fn leaf() -> Exprs {
    prop_oneof![
        3 => literal(),
        4 => field(),
        1 => star(),
        1 => (1..9u64).prop_map(|n| of(ExprKind::PositionalRef(n))),
        1 => text().prop_map(|regex| of(ExprKind::Columns(Columns::Regex(regex)))),
    ]
    .boxed()
}

fn any_form(e: &Exprs) -> Exprs {
    prop_oneof![
        6 => operators(e),
        3 => logic(e),
        3 => keywords(e),
        3 => accesses(e),
        3 => collections(e),
        4 => calls(e),
        1 => tag(e).prop_map(|tag| of(ExprKind::Tag(Box::new(tag)))),
        1 => queries::select_query(e).prop_map(|query| of(ExprKind::Subquery(Box::new(query)))),
    ]
    .boxed()
}

fn star() -> Exprs {
    let exclude = option::of(vec(idents(1..3), 1..3));
    (idents(0..3), exclude)
        .prop_map(|(qualifier, exclude)| of(ExprKind::Star(Star { qualifier, exclude })))
        .boxed()
}

fn operators(e: &Exprs) -> Exprs {
    use ArithmeticOp::{Add, Divide, Modulo, Multiply, Subtract};
    let arithmetic = select(vec![Add, Subtract, Multiply, Divide, Modulo]);
    prop_oneof![
        (pair(e), arithmetic).prop_map(|((left, right), op)| of(ExprKind::Arithmetic {
            left,
            op,
            right
        })),
        e.clone().prop_map(|x| of(ExprKind::Negate(Box::new(x)))),
        chain(e, |x| matches!(x.kind, ExprKind::Concat(_)), ExprKind::Concat),
        (pair(e), compare_op()).prop_map(|((left, right), op)| of(ExprKind::Compare {
            left,
            op,
            right
        })),
        (pair(e), any::<bool>()).prop_map(|((left, right), negated)| of(
            ExprKind::IsDistinctFrom { left, right, negated }
        )),
        pair(e).prop_map(|(left, right)| of(ExprKind::Coalesce(left, right))),
    ]
    .boxed()
}

fn compare_op() -> impl Strategy<Value = CompareOp> {
    use CompareOp::{
        Eq, Gt, GtEq, ILike, IRegex, In, InCohort, Like, Lt, LtEq, NotEq, NotILike, NotIRegex,
        NotIn, NotInCohort, NotLike, NotRegex, Regex,
    };
    select(vec![
        Eq,
        Gt,
        GtEq,
        ILike,
        IRegex,
        In,
        InCohort,
        Like,
        Lt,
        LtEq,
        NotEq,
        NotILike,
        NotIRegex,
        NotIn,
        NotInCohort,
        NotLike,
        NotRegex,
        Regex,
    ])
}

fn logic(e: &Exprs) -> Exprs {
    let is_null = (e.clone(), any::<bool>())
        .prop_map(|(x, negated)| of(ExprKind::IsNull { expr: Box::new(x), negated }));
    let bound = e.clone().prop_map(|x| match x.kind {
        ExprKind::Lambda { .. } => boxed(ExprKind::Array(vec![x])),
        _ => Box::new(x),
    });
    let between =
        (e.clone(), any::<bool>(), bound.clone(), bound).prop_map(|(x, negated, low, high)| {
            of(ExprKind::Between { expr: Box::new(x), negated, low, high })
        });
    let ternary = (e.clone(), pair(e)).prop_map(|(condition, (then, otherwise))| {
        of(ExprKind::Ternary { condition: Box::new(condition), then, otherwise })
    });
    prop_oneof![
        is_null,
        between,
        ternary,
        chain(e, |x| matches!(x.kind, ExprKind::And(_)), ExprKind::And),
        chain(e, |x| matches!(x.kind, ExprKind::Or(_)), ExprKind::Or),
        e.clone().prop_map(not),
        e.clone().prop_map(|x| of(ExprKind::IgnoreNulls(Box::new(x)))),
    ]
    .boxed()
}

/// `NOT` before a parenthesis is a call, so no tree has a `NOT` over an operand that needs one.
fn not(operand: Expr) -> Expr {
    let not = of(ExprKind::Not(Box::new(operand.clone())));
    let text = print_expr(&not);
    let readable =
        !text.starts_with("NOT (") && !text.starts_with("not(") && !text.contains("lambda :");
    if readable { not } else { operand }
}

/// Members of a flattened operator are never that operator again.
fn chain(e: &Exprs, same: fn(&Expr) -> bool, make: fn(Vec<Expr>) -> ExprKind) -> Exprs {
    let member =
        e.clone().prop_map(move |x| if same(&x) { of(ExprKind::Array(vec![x])) } else { x });
    vec(member, 2..4).prop_map(move |items| of(make(items))).boxed()
}

fn keywords(e: &Exprs) -> Exprs {
    let case = (opt(e), vec((e.clone(), e.clone()), 1..3), opt(e)).prop_map(
        |(operand, branches, otherwise)| of(ExprKind::Case { operand, branches, otherwise }),
    );
    let alias = (e.clone(), ident())
        .prop_map(|(x, alias)| of(ExprKind::Alias { expr: Box::new(x), alias }));
    let lambda = (idents(0..3), e.clone())
        .prop_map(|(params, body)| of(ExprKind::Lambda { params, body: Box::new(body) }));
    let trim = (trim_side(), prop_oneof![string(), template(e)], e.clone()).prop_map(
        |(side, chars, x)| of(ExprKind::Trim { side, chars: Box::new(chars), expr: Box::new(x) }),
    );
    prop_oneof![interval(e), cast(e), case, alias, lambda, trim, template(e)].boxed()
}

fn trim_side() -> impl Strategy<Value = TrimSide> {
    select(vec![TrimSide::Both, TrimSide::Leading, TrimSide::Trailing])
}

fn interval(e: &Exprs) -> Exprs {
    use IntervalUnit::{Day, Hour, Minute, Month, Quarter, Second, Week, Year};
    let unit = select(vec![Second, Minute, Hour, Day, Week, Month, Quarter, Year]);
    let count = (0..999i64).prop_map(|n| of(ExprKind::Literal(Literal::Integer(n))));
    let value = prop_oneof![count.prop_map(|n| (n, true)), e.clone().prop_map(|x| (x, false))];
    (value, unit)
        .prop_map(|((value, from_string), unit)| {
            of(ExprKind::Interval { value: Box::new(value), unit, from_string })
        })
        .boxed()
}

fn cast(e: &Exprs) -> Exprs {
    let short =
        vec!["int", "date", "timestamp with time zone", "my `type`", "null", "year", "select"];
    let long = vec![
        "int64",
        "array(nullable(string))",
        "decimal(10, 2)",
        "double precision",
        "a\"b int[]",
        "x null",
    ];
    let style = prop_oneof![
        select(short).prop_map(|name| (name, CastStyle::DoubleColon)),
        select(long.clone()).prop_map(|name| (name, CastStyle::Cast)),
        select(long).prop_map(|name| (name, CastStyle::TryCast)),
    ];
    (e.clone(), style)
        .prop_map(|(x, (name, style))| {
            of(ExprKind::Cast { expr: Box::new(x), type_name: name.to_string(), style })
        })
        .boxed()
}

/// Texts are neither empty nor next to each other.
fn template(e: &Exprs) -> Exprs {
    let some_text = text().prop_filter("not empty", |text| !text.is_empty());
    (vec((option::of(some_text.clone()), e.clone()), 0..3), option::of(some_text))
        .prop_map(|(pairs, last)| {
            let text = |value| TemplatePart::Text { value, span: Span::default() };
            let mut parts = Vec::new();
            for (before, inner) in pairs {
                parts.extend(before.map(text));
                parts.push(TemplatePart::Expr(inner));
            }
            parts.extend(last.map(text));
            of(ExprKind::Template(parts))
        })
        .boxed()
}

/// A star takes no access: `*.a` is not in the language.
fn base(e: &Exprs) -> Exprs {
    e.clone()
        .prop_map(|x| match x.kind {
            ExprKind::Star(_) => of(ExprKind::Array(vec![x])),
            _ => x,
        })
        .boxed()
}

fn accesses(e: &Exprs) -> Exprs {
    let base = base(e);
    let bracketed = (base.clone(), e.clone(), any::<bool>()).prop_map(|(base, index, nullish)| {
        let (base, index) = (Box::new(base), Box::new(index));
        of(ExprKind::ArrayAccess { base, index, nullish, dotted: false })
    });
    let dotted = (base.clone(), ident(), any::<bool>()).prop_map(|(base, name, nullish)| {
        let index = boxed(ExprKind::Literal(Literal::String(name.value)));
        of(ExprKind::ArrayAccess { base: Box::new(base), index, nullish, dotted: true })
    });
    let slice = (base.clone(), opt(e), opt(e))
        .prop_map(|(base, from, to)| of(ExprKind::ArraySlice { base: Box::new(base), from, to }));
    let position = (base, 0..1000u64, any::<bool>()).prop_map(|(base, index, nullish)| {
        of(ExprKind::TupleAccess { base: Box::new(base), index, nullish })
    });
    prop_oneof![bracketed, dotted, slice, position].boxed()
}

fn collections(e: &Exprs) -> Exprs {
    let replace = vec((e.clone(), ident()), 1..3);
    let all = (idents(0..2), vec(idents(1..3), 0..2), replace).prop_map(
        |(qualifier, exclude, replace)| {
            of(ExprKind::Columns(Columns::All { qualifier, exclude, replace }))
        },
    );
    prop_oneof![
        e.clone().prop_map(|x| of(ExprKind::Placeholder(Box::new(x)))),
        vec(e.clone(), 1..4).prop_map(|items| of(ExprKind::Tuple(items))),
        vec(e.clone(), 0..4).prop_map(|items| of(ExprKind::Array(items))),
        vec((e.clone(), e.clone()), 0..3).prop_map(|items| of(ExprKind::Dict(items))),
        vec(field(), 1..3).prop_map(|items| of(ExprKind::Columns(Columns::List(items)))),
        all,
    ]
    .boxed()
}

fn calls(e: &Exprs) -> Exprs {
    let call =
        (ident(), option::of(vec(e.clone(), 0..3)), args(e)).prop_map(|(name, params, args)| {
            of(ExprKind::Call(Box::new(plain_call(name, params, args))))
        });
    let aggregate = (ident(), vec(e.clone(), 1..3), any::<bool>(), option::of(e.clone()));
    let aggregate =
        (aggregate, queries::orders(e)).prop_map(|((name, args, distinct, filter), order_by)| {
            let call = plain_call(name, None, args);
            of(ExprKind::Call(Box::new(Call { distinct, filter, order_by, ..call })))
        });
    let grouped = (ident(), vec(e.clone(), 0..2), queries::order_item(e.clone())).prop_map(
        |(name, params, order)| {
            let call = plain_call(name, Some(params), Vec::new());
            let call = Call { within_group: vec![order], ..call };
            of(ExprKind::Call(Box::new(call)))
        },
    );
    let expr_call = (base(e), args(e))
        .prop_filter("a name that takes a query is that of a function", |(callee, args)| {
            let query =
                |arg: &Expr| matches!(arg.kind, ExprKind::Subquery(_) | ExprKind::Placeholder(_));
            let name = matches!(&callee.kind, ExprKind::Field(chain) if chain.len() == 1);
            !name || !matches!(args.as_slice(), [arg] if query(arg))
        })
        .prop_map(|(callee, args)| of(ExprKind::ExprCall { callee: Box::new(callee), args }));
    prop_oneof![3 => call, 1 => aggregate, 1 => grouped, 1 => expr_call, 1 => queries::window_call(e)]
        .boxed()
}

fn plain_call(name: hogql_syntax::ast::Ident, params: Option<Vec<Expr>>, args: Vec<Expr>) -> Call {
    let (order_by, within_group) = (Vec::new(), Vec::new());
    Call { name, params, args, distinct: false, order_by, filter: None, within_group }
}

/// Arguments may be named, and columns may be spread.
fn args(e: &Exprs) -> BoxedStrategy<Vec<Expr>> {
    let named = (ident(), e.clone())
        .prop_map(|(name, value)| of(ExprKind::NamedArgument { name, value: Box::new(value) }));
    let spread = text()
        .prop_map(|regex| of(ExprKind::Spread(boxed(ExprKind::Columns(Columns::Regex(regex))))));
    vec(prop_oneof![6 => e.clone(), 1 => named, 1 => spread], 0..4).boxed()
}

/// A tag whose attributes and children may be expressions.
pub(crate) fn tag(e: &Exprs) -> BoxedStrategy<Tag> {
    let name = || {
        "[a-z]{1,3}(-[a-z]{1,3})?".prop_map(|value| hogql_syntax::ast::Ident {
            value,
            quoted: false,
            span: Span::default(),
        })
    };
    let attribute = (name(), option::of(prop_oneof![string(), e.clone()]))
        .prop_map(|(name, value)| TagAttribute { span: Span::default(), name, value });
    (name(), vec(attribute, 0..3), option::of(vec(e.clone(), 0..3)))
        .prop_map(|(name, attributes, children)| Tag { name, attributes, children })
        .boxed()
}

fn pair(e: &Exprs) -> impl Strategy<Value = (Box<Expr>, Box<Expr>)> + use<> {
    (e.clone().prop_map(Box::new), e.clone().prop_map(Box::new))
}

fn opt(e: &Exprs) -> impl Strategy<Value = Option<Box<Expr>>> + use<> {
    option::of(e.clone().prop_map(Box::new))
}
