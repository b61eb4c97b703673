//! The order in which a subquery's rows come, for the aggregates that keep it.
//!
//! `SELECT groupArray(x) FROM (SELECT x FROM t ORDER BY y)` means the order of `y` to whoever writes it. A plan keeps no order of
//! rows by itself, so the aggregate takes over the subquery's keys.

use crate::ir::{Aggregate, Column, ColumnId, Expr, ExprKind, Rel, RelKind, SortKey, Value};
use hogql_syntax::Span;

/// Gives the aggregates to which it matters the order of their input.
pub(super) fn keep(rel: &mut Rel, aggregates: &mut [Aggregate]) {
    let mut keeping = aggregates.iter_mut().filter(|call| keeps_order(call)).peekable();
    if keeping.peek().is_none() {
        return;
    }
    let keys = order_of(rel);
    if !keys.is_empty() {
        keeping.for_each(|call| order_by(call, keys.clone()));
    }
}

/// Whether the result depends on the order of rows, and another order can be asked for.
pub(super) fn keeps_order(call: &Aggregate) -> bool {
    let depends = matches!(call.name, "groupArray" | "any" | "anyLast");
    depends && !call.distinct && call.params.is_empty() && call.order_by.is_empty()
}

/// Sorts the rows of the aggregate.
pub(super) fn order_by(call: &mut Aggregate, keys: Vec<SortKey>) {
    call.order_by = keys;
    if call.name == "groupArray" {
        call.empty = Some(Value::List(Vec::new()));
    }
}

/// The keys by which the rows come; the columns in them are added to the relation.
fn order_of(rel: &mut Rel) -> Vec<SortKey> {
    let Rel { kind, columns } = rel;
    let (input, keys) = match kind {
        RelKind::Sort { input, keys } => {
            let keys = keys.clone();
            (input, keys)
        }
        RelKind::LimitBy { input, order, .. } => {
            let keys = order.clone();
            (input, keys)
        }
        RelKind::Limit { input, .. } | RelKind::Filter { input, .. } => {
            let keys = order_of(input);
            (input, keys)
        }
        RelKind::Project { input, exprs } => {
            let keys = order_of(input);
            let hidden = hidden(&keys, columns, input);
            exprs.extend(hidden.iter().map(|column| Expr {
                kind: ExprKind::Column(column.id),
                ty: column.ty.clone(),
                span: Span::default(),
            }));
            columns.extend(hidden);
            return keys;
        }
        _ => return Vec::new(),
    };
    let hidden = hidden(&keys, columns, input);
    columns.extend(hidden);
    keys
}

/// The input's columns that the keys use and the relation does not have.
fn hidden(keys: &[SortKey], columns: &[Column], input: &Rel) -> Vec<Column> {
    let mut used = Vec::new();
    keys.iter().for_each(|key| columns_of(&key.expr, &mut used));
    let is_hidden = |column: &&Column| {
        used.contains(&column.id) && !columns.iter().any(|known| known.id == column.id)
    };
    input.columns.iter().filter(is_hidden).cloned().collect()
}

fn columns_of(expr: &Expr, used: &mut Vec<ColumnId>) {
    if let ExprKind::Column(id) = expr.kind {
        used.push(id);
    }
    expr.children(&mut |child| columns_of(child, used));
}
