//! Queries: set operations, `WITH`, and what may stand for a query.

use super::edges;
use super::writer::Writer;
use crate::ast::{Cte, CteBody, Expr, ExprKind, Query, QueryKind, SetMember, SetOp, SetQuery};

impl Writer {
    /// A query without parentheses around it.
    pub(super) fn query(&mut self, query: &Query) {
        match &query.kind {
            QueryKind::Select(select) => self.select(select),
            QueryKind::Set(set) => self.set_query(set),
            QueryKind::Placeholder(inner) => self.query_placeholder(inner),
            QueryKind::Tag(tag, _) => self.tag(tag),
            QueryKind::Values(rows) => self.values(rows),
            QueryKind::Error => self.push("?"),
        }
    }

    /// `{e}`, whether the tree holds the braces or what stands in them.
    fn query_placeholder(&mut self, inner: &Expr) {
        match &inner.kind {
            ExprKind::Placeholder(_) => self.any_expr(inner),
            _ => self.braced(inner),
        }
    }

    fn set_query(&mut self, set: &SetQuery) {
        self.ctes(&set.ctes);
        let has_tail = !set.order_by.is_empty() || set.limit.is_some();
        let only = set.rest.is_empty();
        self.member(&set.first, !set.ctes.is_empty() || only);
        for (index, member) in set.rest.iter().enumerate() {
            self.set_member(member, index + 1 == set.rest.len(), has_tail);
        }
        self.order_by(&set.order_by);
        if let Some(limit) = &set.limit {
            self.limit(limit);
        }
    }

    fn set_member(&mut self, member: &SetMember, is_last: bool, has_tail: bool) {
        self.break_or(" ");
        self.push(set_operator(member.op));
        if member.by_name {
            self.push(" BY NAME");
        }
        self.break_or(" ");
        let with =
            matches!(&member.query.kind, QueryKind::Select(select) if !select.ctes.is_empty());
        let ending = is_last && (has_tail || loses_offset(&member.query));
        self.member(&member.query, with || ending);
    }

    fn member(&mut self, query: &Query, parenthesised: bool) {
        if parenthesised || matches!(query.kind, QueryKind::Set(_) | QueryKind::Values(_)) {
            self.parenthesised_block(|w| w.query(query));
        } else {
            self.query(query);
        }
    }

    fn values(&mut self, rows: &[Vec<Expr>]) {
        self.push("VALUES ");
        self.list(rows, |w, row| w.parenthesised_list(row, Self::any_expr));
    }

    /// `WITH ..` and the break after it, if there is any.
    pub(super) fn ctes(&mut self, ctes: &[Cte]) {
        if ctes.is_empty() {
            return;
        }
        self.push(if ctes.iter().any(|cte| cte.recursive) { "WITH RECURSIVE" } else { "WITH" });
        self.clause_content(|w| w.clause_list(ctes, Self::cte));
        self.break_or(" ");
    }

    fn cte(&mut self, cte: &Cte) {
        match &cte.body {
            CteBody::Table(query) => self.table_cte(cte, query),
            CteBody::Scalar(value) => {
                self.operand(value, edges::TERNARY);
                self.push(" AS ");
                self.alias(&cte.name);
            }
        }
    }

    fn table_cte(&mut self, cte: &Cte, query: &Query) {
        self.alias(&cte.name);
        if !cte.columns.is_empty() {
            self.push(" ");
            self.parenthesised_list(&cte.columns, Self::alias);
        }
        if !cte.using_key.is_empty() {
            self.push(" USING KEY ");
            self.parenthesised_list(&cte.using_key, Self::alias);
        }
        self.push(match cte.materialized {
            None => " AS ",
            Some(true) => " AS MATERIALIZED ",
            Some(false) => " AS NOT MATERIALIZED ",
        });
        self.parenthesised_block(|w| w.query(query));
    }
}

/// Whether the last member of a set needs parentheses to keep its `OFFSET`, which is the set's otherwise.
fn loses_offset(member: &Query) -> bool {
    let QueryKind::Select(select) = &member.kind else { return false };
    select.limit.as_ref().is_some_and(|limit| limit.offset.is_some() && !limit.comma)
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
