//! The end of a SELECT: `DISTINCT`, `ORDER BY`, `LIMIT BY`, `LIMIT`.

use super::group::position;
use super::rewrite::{self, Replacements};
use super::scope::{Clause, Scope};
use super::select::Item;
use super::{Errors, Resolver};
use crate::error::Error;
use crate::ir::{ArithmeticOp, Column, Expr, ExprKind, Rel, RelKind, SortKey, Value};
use hogql_syntax::{Diagnostic, Span, ast};

/// What follows the select list.
#[derive(Debug, Default)]
pub(super) struct Tail {
    pub distinct: bool,
    pub order: Vec<SortKey>,
    pub limit_by: Option<LimitBy>,
    pub limit: Limit,
}

/// `LIMIT n BY`.
#[derive(Debug)]
pub(super) struct LimitBy {
    limit: u64,
    offset: u64,
    pub by: Vec<Expr>,
}

/// `LIMIT`.
#[derive(Debug, Default)]
pub(super) struct Limit {
    limit: Option<u64>,
    offset: u64,
    with_ties: bool,
}

impl Resolver<'_> {
    /// `ORDER BY`, `LIMIT BY`, `LIMIT` of a SELECT.
    pub(super) fn tail(
        &mut self,
        scope: &mut Scope,
        select: &ast::Select,
        items: &[Item],
        errors: &mut Errors,
    ) -> Tail {
        let mut tail = Tail { distinct: select.distinct, ..Tail::default() };
        let mut has_order = false;
        for item in &select.order_by {
            let key = errors.keep(self.sort_key(scope, item, items));
            // A constant does not order anything.
            let is_constant =
                key.as_ref().is_some_and(|key| matches!(key.expr.kind, ExprKind::Literal(_)));
            has_order |= !is_constant;
            tail.order.extend(key.filter(|_| !is_constant));
        }
        if let Some(limit) = &select.limit_by {
            tail.limit_by = errors.keep(self.limit_by(scope, limit, items));
        }
        if let Some(limit) = &select.limit {
            tail.limit = errors.keep(self.limit(limit)).unwrap_or_default();
            if limit.with_ties && !has_order {
                let message = "WITH TIES needs ORDER BY something that is no constant";
                errors.0.push(Error::query("H0230", limit.span, message));
            }
        }
        tail
    }

    fn sort_key(
        &mut self,
        scope: &mut Scope,
        item: &ast::OrderItem,
        items: &[Item],
    ) -> Result<SortKey, Error> {
        let expr = match position(&item.expr, items, "ORDER BY")? {
            Some(item) => item.value.expr.clone(),
            None => self.in_clause(scope, Clause::OrderBy, &item.expr)?,
        };
        self.ordered(item, expr)
    }

    /// The key of an item of `ORDER BY`, whose expression is given.
    fn ordered(&mut self, item: &ast::OrderItem, expr: Expr) -> Result<SortKey, Error> {
        if let Some(fill) = &item.with_fill {
            return Err(Error::not_supported(fill.span, "WITH FILL"));
        }
        if item.collate.is_some() {
            self.dropped(item.span, "COLLATE")?;
        }
        let nulls_first = item.nulls_first.unwrap_or(false) && !self.options.compatibility;
        Ok(SortKey { expr, descending: item.descending, nulls_first })
    }

    /// Sort keys within a call: `groupArray(x ORDER BY y)`, a window.
    pub(super) fn inner_order(
        &mut self,
        scope: &mut Scope,
        order: &[ast::OrderItem],
    ) -> Result<Vec<SortKey>, Error> {
        let mut keys = Vec::new();
        for item in order {
            let expr = self.expr(scope, &item.expr)?;
            keys.push(self.ordered(item, expr)?);
        }
        Ok(keys)
    }

    fn limit_by(
        &mut self,
        scope: &mut Scope,
        limit: &ast::LimitBy,
        items: &[Item],
    ) -> Result<LimitBy, Error> {
        let mut by = Vec::new();
        for expr in &limit.by {
            by.push(match position(expr, items, "LIMIT BY")? {
                Some(item) => item.value.expr.clone(),
                None => self.in_clause(scope, Clause::LimitBy, expr)?,
            });
        }
        let offset = limit.offset.as_ref().map_or(Ok(0), |offset| self.count(offset, "OFFSET"))?;
        Ok(LimitBy { limit: self.count(&limit.limit, "LIMIT")?, offset, by })
    }

    /// `LIMIT` and `OFFSET`.
    pub(super) fn limit(&mut self, limit: &ast::LimitClause) -> Result<Limit, Error> {
        if limit.percent {
            return Err(Error::not_supported(limit.span, "a LIMIT in percent"));
        }
        if let Some(repeated) = limit.repeated {
            self.dropped(repeated, "a second LIMIT that replaces this one")?;
        }
        if limit.comma {
            let message = "LIMIT a, b takes a rows after skipping b, unlike in other dialects";
            self.notice(
                Diagnostic::warning("H0231", limit.span, message)
                    .with_hint("write LIMIT a OFFSET b"),
            );
        }
        Ok(Limit {
            limit: limit.limit.as_ref().map(|limit| self.count(limit, "LIMIT")).transpose()?,
            offset: limit.offset.as_ref().map_or(Ok(0), |offset| self.count(offset, "OFFSET"))?,
            with_ties: limit.with_ties,
        })
    }

    /// A whole number that is known in advance.
    pub(super) fn count(&mut self, expr: &ast::Expr, words: &str) -> Result<u64, Error> {
        let mut scope = Scope { clause: Clause::Constant, ..Scope::default() };
        let value = self.expr(&mut scope, expr)?;
        let count = whole(&value).filter(|_| value.ty.is_integer());
        let count = count.and_then(|count| u64::try_from(count).ok());
        // Plans count rows in signed numbers.
        let count = count.filter(|count| i64::try_from(*count).is_ok());
        count.ok_or_else(|| {
            Error::query(
                "H0232",
                expr.span,
                format!("{words} must be a whole number from 0 to 2^63 - 1, known in advance"),
            )
        })
    }

    /// Select list, `DISTINCT`, order and limits. `rest` holds the sort keys, then the columns of `LIMIT BY`.
    pub(super) fn finish_tail(
        &mut self,
        rel: Rel,
        visible: Vec<Column>,
        exprs: Vec<Expr>,
        rest: Vec<Expr>,
        tail: Tail,
    ) -> Result<Rel, Error> {
        let mut list = List { columns: visible.clone(), exprs, fixed: tail.distinct };
        let mut rest = rest
            .into_iter()
            .map(|expr| self.over_list(&mut list, expr))
            .collect::<Result<Vec<_>, _>>()?;
        let by = rest.split_off(tail.order.len().min(rest.len()));
        let order: Vec<SortKey> =
            tail.order.into_iter().zip(rest).map(|(key, expr)| SortKey { expr, ..key }).collect();
        let mut rel = Rel {
            columns: list.columns,
            kind: RelKind::Project { input: Box::new(rel), exprs: list.exprs },
        };
        if tail.distinct {
            rel = wrap(rel, |input| RelKind::Distinct { input });
        }
        if !order.is_empty() {
            let keys = order.clone();
            rel = wrap(rel, |input| RelKind::Sort { input, keys });
        }
        if let Some(LimitBy { limit, offset, .. }) = tail.limit_by {
            let order = order.clone();
            rel = wrap(rel, |input| RelKind::LimitBy { input, limit, offset, by, order });
        }
        rel = limited(rel, &tail.limit, order);
        Ok(only(rel, visible))
    }

    /// The expression as a column of the select list, which grows by hidden columns where it may.
    fn over_list(&mut self, list: &mut List, expr: Expr) -> Result<Expr, Error> {
        let same = list.exprs.iter().position(|known| rewrite::same(known, &expr));
        if let Some(column) = same.and_then(|index| list.columns.get(index)) {
            return Ok(Expr { kind: ExprKind::Column(column.id), ty: expr.ty, span: expr.span });
        }
        if list.fixed {
            return over_distinct(list, expr);
        }
        let id = self.fresh();
        list.columns.push(Column {
            id,
            name: format!("sort{}", list.columns.len()),
            ty: expr.ty.clone(),
        });
        list.exprs.push(expr.clone());
        Ok(Expr { kind: ExprKind::Column(id), ty: expr.ty, span: expr.span })
    }
}

/// The whole number that an expression of constants is: `10`, `5 * 2`.
fn whole(expr: &Expr) -> Option<i128> {
    match &expr.kind {
        ExprKind::Literal(Value::UInt(value)) => Some(i128::from(*value)),
        ExprKind::Literal(Value::Int(value)) => Some(i128::from(*value)),
        ExprKind::Cast { expr: inner, .. } if expr.ty.is_integer() => whole(inner),
        ExprKind::Arithmetic { op, left, right } => {
            let (left, right) = (whole(left)?, whole(right)?);
            match op {
                ArithmeticOp::Add => left.checked_add(right),
                ArithmeticOp::Subtract => left.checked_sub(right),
                ArithmeticOp::Multiply => left.checked_mul(right),
                ArithmeticOp::Modulo => left.checked_rem(right),
                ArithmeticOp::Divide => None,
            }
        }
        _ => None,
    }
}

/// The columns of a select list, hidden ones after the visible.
struct List {
    columns: Vec<Column>,
    exprs: Vec<Expr>,
    /// No hidden columns: they would change what is distinct.
    fixed: bool,
}

fn over_distinct(list: &List, expr: Expr) -> Result<Expr, Error> {
    let pairs = list.exprs.iter().cloned().zip(list.columns.iter().map(|column| column.id));
    let span = expr.span;
    let expr = Replacements::new(pairs).apply(expr);
    let mut all_known = true;
    rewrite::columns(&expr, &mut |id, _| {
        all_known = all_known && list.columns.iter().any(|column| column.id == id)
    });
    if all_known {
        return Ok(expr);
    }
    let message = "SELECT DISTINCT can only be ordered by what it selects";
    Err(Error::query("H0233", span, message).with_hint("add the expression to the select list"))
}

/// A relation with the same columns.
fn wrap(rel: Rel, kind: impl FnOnce(Box<Rel>) -> RelKind) -> Rel {
    let columns = rel.columns.clone();
    Rel { kind: kind(Box::new(rel)), columns }
}

/// The first rows.
pub(super) fn limited(rel: Rel, limit: &Limit, order: Vec<SortKey>) -> Rel {
    if limit.limit.is_none() && limit.offset == 0 {
        return rel;
    }
    let ties = limit.with_ties.then_some(order);
    let (limit, offset) = (limit.limit, limit.offset);
    wrap(rel, |input| RelKind::Limit { input, limit, offset, ties })
}

/// Only these columns.
fn only(rel: Rel, columns: Vec<Column>) -> Rel {
    if rel.columns.len() == columns.len() {
        return rel;
    }
    let expr = |column: &Column| Expr {
        kind: ExprKind::Column(column.id),
        ty: column.ty.clone(),
        span: Span::default(),
    };
    let exprs = columns.iter().map(expr).collect();
    Rel { kind: RelKind::Project { input: Box::new(rel), exprs }, columns }
}
