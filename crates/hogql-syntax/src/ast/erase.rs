//! Trees without their spans.

use super::visit::walk_order_item;
use super::{Expr, ExprKind, Ident, Query, TemplatePart, VisitorMut, walk_expr_mut};
use crate::Span;

/// Sets all spans of the tree to the empty span, joins texts of a template that follow each other, and forgets which
/// names were quoted and that a `LIMIT` was repeated: what is left is what the text means, so trees of differently
/// written texts can be compared.
///
/// # Examples
///
/// ```
/// use hogql_syntax::{ast, parse_expr};
///
/// let mut one = parse_expr("a+`b`").tree;
/// let mut other = parse_expr("(a)  + b").tree;
/// ast::erase_spans(&mut one);
/// ast::erase_spans(&mut other);
/// assert_eq!(one, other);
/// ```
pub fn erase_spans(expr: &mut Expr) {
    Eraser.visit_expr(expr);
}

/// The same as [`erase_spans`] for a query.
pub fn erase_query_spans(query: &mut Query) {
    Eraser.visit_query(query);
}

/// The same as [`erase_spans`] for an item of `ORDER BY`.
pub fn erase_order_spans(order: &mut super::OrderItem) {
    walk_order_item(&mut Eraser, order);
}

struct Eraser;

impl VisitorMut for Eraser {
    fn visit_expr(&mut self, expr: &mut Expr) {
        if let ExprKind::Template(parts) = &mut expr.kind {
            join_texts(parts);
        }
        walk_expr_mut(self, expr);
    }

    fn visit_span(&mut self, span: &mut Span) {
        *span = Span::default();
    }

    fn visit_ident(&mut self, ident: &mut Ident) {
        ident.quoted = false;
        self.visit_span(&mut ident.span);
    }

    fn visit_repeated_limit(&mut self, repeated: &mut Option<Span>) {
        *repeated = None;
    }
}

fn join_texts(parts: &mut Vec<TemplatePart>) {
    parts.dedup_by(|next, kept| match (kept, next) {
        (TemplatePart::Text { value, .. }, TemplatePart::Text { value: more, .. }) => {
            value.push_str(more);
            true
        }
        _ => false,
    });
}
