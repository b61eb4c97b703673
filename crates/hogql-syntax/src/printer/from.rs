//! `FROM`: tables, joins, pivots.

use super::edges;
use super::names::Place;
use super::writer::Writer;
use crate::ast::{
    Expr, ExprKind, From, Ident, Join, JoinConstraint, Pivot, PivotColumn, Ratio, Sample, Table,
    TableRef, Unpivot, UnpivotColumn,
};

impl Writer {
    /// The first table and what is joined to it.
    pub(super) fn from(&mut self, from: &From) {
        self.table_ref(&from.first);
        for join in &from.joins {
            self.break_or(" ");
            self.join(join);
        }
    }

    fn join(&mut self, join: &Join) {
        if join.natural {
            self.push("NATURAL ");
        }
        self.join_words(&join.words);
        self.push(" ");
        self.table_ref(&join.table);
        match &join.constraint {
            None => {}
            Some(JoinConstraint::On(condition)) => {
                self.push(" ON ");
                self.operand(condition, edges::TERNARY);
            }
            Some(JoinConstraint::Using(columns, _)) => {
                self.push(" USING ");
                self.parenthesised_list(columns, Self::any_expr);
            }
        }
    }

    /// Two words of strictness are read in front of a side only, and the other way round.
    fn join_words(&mut self, words: &str) {
        let pairs = [(" SEMI ASOF JOIN", "ASOF SEMI "), (" ANTI ASOF JOIN", "ASOF ANTI ")];
        let turned = pairs
            .iter()
            .find_map(|(behind, in_front)| Some((words.strip_suffix(behind)?, in_front)));
        match turned {
            Some((side, in_front)) => self.push(&format!("{in_front}{side} JOIN")),
            None => self.push(words),
        }
    }

    fn table_ref(&mut self, table: &TableRef) {
        self.table(&table.table);
        if let Some(alias) = &table.alias {
            self.push(" AS ");
            self.alias(alias);
        }
        if !table.column_aliases.is_empty() {
            self.push(" ");
            self.parenthesised_list(&table.column_aliases, Self::alias);
        }
        if table.final_ {
            self.push(" FINAL");
        }
        if let Some(sample) = &table.sample {
            self.sample(sample);
        }
    }

    fn table(&mut self, table: &Table) {
        match table {
            Table::Name(chain) => self.chain(chain),
            Table::Function { name, args } => {
                self.table_function_name(name);
                self.parenthesised_list(args, Self::any_expr);
            }
            Table::Subquery(query) => self.parenthesised_block(|w| w.query(query)),
            Table::Placeholder(inner) => match &inner.kind {
                ExprKind::Placeholder(_) => self.any_expr(inner),
                _ => self.braced(inner),
            },
            Table::Tag(tag) => self.tag(tag),
            Table::Join(from) => self.parenthesised_block(|w| w.from(from)),
            Table::Pivot(pivot) => self.pivot(pivot),
            Table::Unpivot(unpivot) => self.unpivot(unpivot),
        }
    }

    fn table_function_name(&mut self, name: &[Ident]) {
        match name {
            [only] => self.name(&only.value, Place::Head),
            chain => self.chain(chain),
        }
    }

    fn sample(&mut self, sample: &Sample) {
        self.push(" SAMPLE ");
        self.ratio(&sample.ratio);
        if sample.percent {
            self.push("%");
        }
        if let Some(offset) = &sample.offset {
            self.push(" OFFSET ");
            self.ratio(offset);
        }
        if let Some(method) = &sample.method {
            self.push(" (");
            self.alias(method);
            self.push(")");
        }
    }

    fn ratio(&mut self, ratio: &Ratio) {
        self.any_expr(&ratio.left);
        if let Some(right) = &ratio.right {
            self.push("/");
            self.any_expr(right);
        }
    }

    fn pivot(&mut self, pivot: &Pivot) {
        self.table_ref(&pivot.table);
        self.push(" PIVOT (");
        self.exprs(&pivot.aggregates);
        self.push(" FOR");
        for column in &pivot.columns {
            self.push(" ");
            self.pivot_column(column);
        }
        if !pivot.group_by.is_empty() {
            self.push(" GROUP BY ");
            self.exprs(&pivot.group_by);
        }
        self.push(")");
    }

    fn pivot_column(&mut self, column: &PivotColumn) {
        self.key(&column.column);
        self.push(" IN ");
        self.parenthesised_list(&column.values, Self::any_expr);
    }

    fn unpivot(&mut self, unpivot: &Unpivot) {
        self.table_ref(&unpivot.table);
        self.push(if unpivot.include_nulls { " UNPIVOT INCLUDE NULLS (" } else { " UNPIVOT (" });
        for (index, column) in unpivot.columns.iter().enumerate() {
            if index > 0 {
                self.push(" ");
            }
            self.unpivot_column(column);
        }
        self.push(")");
    }

    fn unpivot_column(&mut self, column: &UnpivotColumn) {
        self.key(&column.value);
        self.push(" FOR ");
        self.key(&column.name);
        self.push(" IN ");
        self.parenthesised_list(&column.sources, Self::any_expr);
    }

    /// Parentheses around a key would make it a tuple, and a bare `IN` would end it.
    fn key(&mut self, key: &Expr) {
        self.before_in(|w| w.any_expr(key));
    }
}
