//! Queries.

use super::expr::object_of;
use super::node::{Writer, names};
use super::value::Value;
use crate::Span;
use crate::ast::{
    ArrayJoinKind, Cte, CteBody, Expr, GroupBy, GroupByKind, Interpolate, LimitBy, LimitClause,
    OrderItem, Query, QueryKind, Select, SetMember, SetOp, SetQuery, WithFill,
};

type Fields = Vec<(&'static str, Value)>;

/// What stands around a query in parentheses and belongs to it.
#[derive(Default, Clone)]
struct Around<'a> {
    ctes: Vec<&'a Cte>,
    /// The outermost first.
    limits: Vec<&'a LimitClause>,
}

impl Writer<'_> {
    pub(super) fn query(&self, query: &Query) -> Value {
        self.query_within(query, Around::default())
    }

    fn query_within<'a>(&'a self, query: &'a Query, around: Around<'a>) -> Value {
        match &query.kind {
            QueryKind::Select(select) => self.select(query.span, select, &around),
            QueryKind::Set(set) => self.set(query.span, set, around),
            QueryKind::Placeholder(placeholder) => self.expr(placeholder),
            QueryKind::Tag(tag, span) => self.tag(*span, tag),
            QueryKind::Values(rows) => {
                let rows = rows.iter().map(|row| self.exprs(row)).collect();
                self.node("ValuesQuery", query.span, vec![("rows", Value::List(rows))])
            }
            QueryKind::Error => Value::Null,
        }
    }

    fn set<'a>(&'a self, span: Span, set: &'a SetQuery, mut around: Around<'a>) -> Value {
        around.ctes.splice(0..0, &set.ctes);
        if set.rest.is_empty() {
            around.limits.extend(set.limit.as_ref());
            return self.query_within(&set.first, around);
        }
        let first = self.query_within(&set.first, Around { ctes: around.ctes, limits: Vec::new() });
        let rest = set.rest.iter().map(|member| self.member(member)).collect();
        let mut fields =
            vec![("initial_select_query", first), ("subsequent_select_queries", Value::List(rest))];
        self.limits(set.limit.as_ref(), &around.limits, &mut fields);
        self.node("SelectSetQuery", span, fields)
    }

    fn member(&self, member: &SetMember) -> Value {
        let by_name = if member.by_name { " BY NAME" } else { "" };
        let operator = format!("{}{by_name}", set_operator(member.op));
        let fields = vec![
            ("set_operator", Value::Text(operator)),
            ("select_query", self.query(&member.query)),
        ];
        super::node::bare("SelectSetNode", fields)
    }

    fn select(&self, span: Span, select: &Select, around: &Around<'_>) -> Value {
        let ctes: Vec<_> = select
            .ctes
            .iter()
            .chain(around.ctes.iter().copied())
            .map(|cte| self.cte(cte))
            .collect();
        let distinct = if select.distinct { Value::Bool(true) } else { Value::Null };
        let mut fields = vec![
            ("ctes", if ctes.is_empty() { Value::Null } else { Value::List(ctes) }),
            ("distinct", distinct),
            ("select", self.exprs(&select.items)),
            ("select_from", Value::or_null(select.from.as_ref().map(|from| self.from(from)))),
            ("prewhere", self.optional(select.prewhere.as_ref())),
            ("where", self.optional(select.where_.as_ref())),
            ("having", self.optional(select.having.as_ref())),
            ("qualify", self.optional(select.qualify.as_ref())),
        ];
        self.grouping(select.group_by.as_ref(), &mut fields);
        self.optional_clauses(select, &mut fields);
        self.limits(select.limit.as_ref(), &around.limits, &mut fields);
        self.node("SelectQuery", span, fields)
    }

    fn grouping(&self, group_by: Option<&GroupBy>, fields: &mut Fields) {
        let (mode, exprs) = match group_by.map(|group_by| &group_by.kind) {
            Some(GroupByKind::List(exprs)) if !exprs.is_empty() => (None, Some(exprs)),
            Some(GroupByKind::All) => (Some("all"), None),
            Some(GroupByKind::Cube(exprs)) => (Some("cube"), Some(exprs)),
            Some(GroupByKind::Rollup(exprs)) => (Some("rollup"), Some(exprs)),
            Some(GroupByKind::GroupingSets(exprs)) => (Some("grouping_sets"), Some(exprs)),
            Some(GroupByKind::List(_)) | None => (None, None),
        };
        fields.push(("group_by", Value::or_null(exprs.map(|exprs| self.exprs(exprs)))));
        fields.extend(mode.map(|mode| ("group_by_mode", Value::text(mode))));
    }

    fn optional_clauses(&self, select: &Select, fields: &mut Fields) {
        if let Some(array_join) = &select.array_join {
            let words = match array_join.kind {
                ArrayJoinKind::Plain => "ARRAY JOIN",
                ArrayJoinKind::Inner => "INNER ARRAY JOIN",
                ArrayJoinKind::Left => "LEFT ARRAY JOIN",
            };
            fields.push(("array_join_op", Value::text(words)));
            fields.push(("array_join_list", self.exprs(&array_join.items)));
        }
        if !select.windows.is_empty() {
            let windows = select
                .windows
                .iter()
                .map(|(name, spec)| (name.value.clone(), self.window_spec(spec)));
            fields.push(("window_exprs", object_of(windows)));
        }
        if !select.order_by.is_empty() {
            fields.push(("order_by", self.order_items(&select.order_by)));
        }
        if let Some(items) = &select.interpolate {
            fields.push((
                "interpolate",
                Value::List(items.iter().map(|item| self.interpolated(item)).collect()),
            ));
        }
        fields
            .extend(select.limit_by.as_ref().map(|limit_by| ("limit_by", self.limit_by(limit_by))));
    }

    /// `LIMIT` and `OFFSET`, what stands behind the parentheses around the query first; of that the reference drops
    /// `WITH TIES` and `%`.
    fn limits(&self, own: Option<&LimitClause>, around: &[&LimitClause], fields: &mut Fields) {
        let pick =
            |of: fn(&LimitClause) -> Option<&Expr>| around.iter().copied().chain(own).find_map(of);
        fields
            .extend(pick(|clause| clause.limit.as_ref()).map(|limit| ("limit", self.expr(limit))));
        fields.extend(
            pick(|clause| clause.offset.as_ref()).map(|offset| ("offset", self.expr(offset))),
        );
        if own.is_some_and(|clause| clause.with_ties) {
            fields.push(("limit_with_ties", Value::Bool(true)));
        }
        if own.is_some_and(|clause| clause.percent) {
            fields.push(("limit_percent", Value::Bool(true)));
        }
    }

    fn limit_by(&self, limit_by: &LimitBy) -> Value {
        let fields = vec![
            ("n", self.expr(&limit_by.limit)),
            ("offset_value", self.optional(limit_by.offset.as_ref())),
            ("exprs", self.exprs(&limit_by.by)),
        ];
        self.node("LimitByExpr", limit_by.span, fields)
    }

    fn cte(&self, cte: &Cte) -> Value {
        let mut fields = vec![("name", Value::text(cte.name.value.clone()))];
        match &cte.body {
            CteBody::Table(query) => {
                let list = |list: &[_]| if list.is_empty() { Value::Null } else { names(list) };
                fields.extend([
                    ("expr", self.query(query)),
                    ("cte_type", Value::text("subquery")),
                    ("columns", list(&cte.columns)),
                    ("using_key", list(&cte.using_key)),
                    ("materialized", cte.materialized.map_or(Value::Null, Value::Bool)),
                ]);
            }
            CteBody::Scalar(expr) => {
                fields.extend([("expr", self.expr(expr)), ("cte_type", Value::text("column"))])
            }
        }
        if cte.recursive {
            fields.push(("recursive", Value::Bool(true)));
        }
        self.node("CTE", cte.span, fields)
    }

    pub(super) fn order_items(&self, items: &[OrderItem]) -> Value {
        Value::List(items.iter().map(|item| self.order_item(item)).collect())
    }

    pub(super) fn order_item(&self, item: &OrderItem) -> Value {
        let order = if item.descending { "DESC" } else { "ASC" };
        let mut fields = vec![("expr", self.expr(&item.expr)), ("order", Value::text(order))];
        fields.extend(item.with_fill.as_ref().map(|fill| ("with_fill", self.with_fill(fill))));
        self.node("OrderExpr", item.span, fields)
    }

    fn with_fill(&self, fill: &WithFill) -> Value {
        let mut fields = Vec::new();
        fields.extend(fill.from.as_ref().map(|from| ("from_value", self.expr(from))));
        fields.extend(fill.to.as_ref().map(|to| ("to_value", self.expr(to))));
        fields.extend(fill.step.as_ref().map(|step| ("step_value", self.expr(step))));
        self.node("WithFillExpr", fill.span, fields)
    }

    fn interpolated(&self, item: &Interpolate) -> Value {
        let (expr, value) = (self.expr(&item.expr), self.optional(item.value.as_ref()));
        self.node("InterpolateExpr", item.span, vec![("expr", expr), ("value", value)])
    }
}

fn set_operator(op: SetOp) -> &'static str {
    match op {
        SetOp::UnionAll => "UNION ALL",
        SetOp::UnionDistinct => "UNION DISTINCT",
        SetOp::Intersect => "INTERSECT",
        SetOp::IntersectAll => "INTERSECT ALL",
        SetOp::IntersectDistinct => "INTERSECT DISTINCT",
        SetOp::Except => "EXCEPT",
        SetOp::ExceptAll => "EXCEPT ALL",
    }
}
