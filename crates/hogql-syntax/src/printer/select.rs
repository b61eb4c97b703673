//! One `SELECT`, clause by clause.

use super::edges;
use super::writer::Writer;
use crate::ast::{
    ArrayJoin, ArrayJoinKind, Expr, ExprKind, GroupBy, GroupByKind, GroupByWith, Ident,
    Interpolate, LimitBy, LimitClause, Literal, OrderItem, Select, WindowSpec, WithFill,
};

impl Writer {
    /// A `SELECT` with all its clauses.
    pub(super) fn select(&mut self, select: &Select) {
        self.ctes(&select.ctes);
        self.push(if select.distinct { "SELECT DISTINCT" } else { "SELECT" });
        self.clause_content(|w| w.clause_list(&select.items, Self::any_expr));
        if let Some(from) = &select.from {
            self.clause("FROM", |w| w.from(from));
        }
        if let Some(array_join) = &select.array_join {
            self.array_join(array_join);
        }
        self.condition("PREWHERE", select.prewhere.as_ref());
        self.condition("WHERE", select.where_.as_ref());
        if let Some(group_by) = &select.group_by {
            self.group_by(group_by);
        }
        self.condition("HAVING", select.having.as_ref());
        self.condition("QUALIFY", select.qualify.as_ref());
        if !select.windows.is_empty() {
            self.clause("WINDOW", |w| w.clause_list(&select.windows, Self::window));
        }
        self.order_by(&select.order_by);
        if let Some(items) = &select.interpolate {
            self.interpolate(items);
        }
        if let Some(limit_by) = &select.limit_by {
            self.limit_by(limit_by);
        }
        if let Some(limit) = &select.limit {
            self.limit(limit);
        }
    }

    /// A clause below what was written so far.
    fn clause(&mut self, keyword: &str, content: impl FnOnce(&mut Self)) {
        self.break_or(" ");
        self.push(keyword);
        self.clause_content(content);
    }

    fn condition(&mut self, keyword: &str, condition: Option<&Expr>) {
        if let Some(condition) = condition {
            self.clause(keyword, |w| w.any_expr(condition));
        }
    }

    fn array_join(&mut self, array_join: &ArrayJoin) {
        let words = match array_join.kind {
            ArrayJoinKind::Plain => "ARRAY JOIN",
            ArrayJoinKind::Inner => "INNER ARRAY JOIN",
            ArrayJoinKind::Left => "LEFT ARRAY JOIN",
        };
        self.clause(words, |w| w.clause_list(&array_join.items, Self::any_expr));
    }

    fn group_by(&mut self, group_by: &GroupBy) {
        // `WITH TOTALS` and its kin may stand alone.
        if !matches!(&group_by.kind, GroupByKind::List(items) if items.is_empty()) {
            self.clause("GROUP BY", |w| w.group_by_content(&group_by.kind));
        }
        match group_by.with {
            Some(GroupByWith::Cube) => self.push(" WITH CUBE"),
            Some(GroupByWith::Rollup) => self.push(" WITH ROLLUP"),
            None => {}
        }
        if group_by.totals {
            self.push(" WITH TOTALS");
        }
    }

    fn group_by_content(&mut self, kind: &GroupByKind) {
        let (word, items) = match kind {
            GroupByKind::All => return self.push("ALL"),
            GroupByKind::List(items) => return self.clause_list(items, Self::any_expr),
            GroupByKind::Cube(items) => ("CUBE", items),
            GroupByKind::Rollup(items) => ("ROLLUP", items),
            GroupByKind::GroupingSets(items) => ("GROUPING SETS ", items),
        };
        self.push(word);
        self.parenthesised_list(items, Self::any_expr);
    }

    fn window(&mut self, (name, spec): &(Ident, WindowSpec)) {
        self.alias(name);
        self.push(" AS ");
        self.window_spec(spec);
    }

    /// `ORDER BY` after what was written so far, if there is any.
    pub(super) fn order_by(&mut self, items: &[OrderItem]) {
        if !items.is_empty() {
            self.clause("ORDER BY", |w| w.clause_list(items, Self::order_item));
        }
    }

    /// One item of `ORDER BY`.
    pub(super) fn order_item(&mut self, item: &OrderItem) {
        self.operand(&item.expr, edges::TERNARY);
        match item.descending {
            true => self.push(" DESC"),
            false if self.in_functions() => self.push(" ASC"),
            false => {}
        }
        match item.nulls_first {
            Some(true) => self.push(" NULLS FIRST"),
            Some(false) => self.push(" NULLS LAST"),
            None => {}
        }
        if let Some(collation) = &item.collate {
            self.push(" COLLATE ");
            self.string(collation);
        }
        if let Some(fill) = &item.with_fill {
            self.with_fill(fill);
        }
    }

    fn with_fill(&mut self, fill: &WithFill) {
        self.push(" WITH FILL");
        for (word, value) in [(" FROM ", &fill.from), (" TO ", &fill.to), (" STEP ", &fill.step)] {
            if let Some(value) = value {
                self.push(word);
                self.operand(value, edges::TERNARY);
            }
        }
    }

    fn interpolate(&mut self, items: &[Interpolate]) {
        self.break_or(" ");
        self.push("INTERPOLATE");
        if !items.is_empty() {
            self.push(" ");
            self.parenthesised_list(items, Self::interpolation);
        }
    }

    fn interpolation(&mut self, item: &Interpolate) {
        let Some(value) = &item.value else { return self.any_expr(&item.expr) };
        self.operand(&item.expr, edges::TERNARY);
        self.push(" AS ");
        // What may be read as an alias is one.
        let alias = match &value.kind {
            ExprKind::Field(chain) => chain.len() == 1,
            ExprKind::Literal(literal) => {
                matches!(literal, Literal::String(_) | Literal::Boolean(_))
            }
            _ => false,
        };
        self.wrap_unless(|e| !alias && e.left >= edges::ADD && e.right >= edges::ADD, value);
    }

    fn limit_by(&mut self, limit_by: &LimitBy) {
        self.break_or(" ");
        self.push("LIMIT ");
        self.operand(&limit_by.limit, edges::TERNARY);
        if let Some(offset) = &limit_by.offset {
            self.push(" OFFSET ");
            self.operand(offset, edges::TERNARY);
        }
        self.push(" BY ");
        self.exprs(&limit_by.by);
    }

    /// `LIMIT`, `OFFSET` after what was written so far.
    pub(super) fn limit(&mut self, clause: &LimitClause) {
        if let Some(limit) = &clause.limit {
            self.break_or(" ");
            self.push("LIMIT ");
            self.limit_value(limit, clause.percent);
        }
        if let (true, Some(offset)) = (clause.comma, &clause.offset) {
            self.push(", ");
            self.operand(offset, edges::TERNARY);
        }
        if clause.with_ties {
            self.push(" WITH TIES");
        }
        if let (false, Some(offset)) = (clause.comma, &clause.offset) {
            self.break_or(" ");
            self.push("OFFSET ");
            self.operand(offset, edges::TERNARY);
        }
    }

    /// Before a percent sign, only a number goes without parentheses: the sign is the modulo operator too.
    fn limit_value(&mut self, limit: &Expr, percent: bool) {
        let bare = !percent || matches!(limit.kind, ExprKind::Literal(_));
        self.wrap_unless(|e| bare && e.left >= edges::TERNARY && e.right >= edges::TERNARY, limit);
        if percent {
            self.push("%");
        }
    }
}
