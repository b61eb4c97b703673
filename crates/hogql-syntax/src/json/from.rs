//! `FROM`: a chain of tables, each with how it is joined to those before it.

use super::node::{Writer, bare, names};
use super::value::Value;
use crate::ast::{
    Expr, ExprKind, From, Join, JoinConstraint, JoinKind, Pivot, Ratio, Sample, Table, TableRef,
    Unpivot,
};

/// A table of the chain, with its join unless it is the first.
struct Link<'a> {
    table: &'a TableRef,
    join: Option<&'a Join>,
}

impl Writer<'_> {
    pub(super) fn from(&self, from: &From) -> Value {
        let mut links = Vec::new();
        flatten(from, None, &mut links);
        links.iter().rev().fold(Value::Null, |next, link| self.link(link, next))
    }

    fn link(&self, link: &Link<'_>, next: Value) -> Value {
        let table = link.table;
        let (value, args) = self.table(table);
        let mut fields = vec![
            ("table", value),
            ("table_final", if table.final_ { Value::Bool(true) } else { Value::Null }),
            (
                "alias",
                Value::or_null(table.alias.as_ref().map(|alias| Value::text(alias.value.clone()))),
            ),
            ("sample", Value::or_null(table.sample.as_ref().map(|sample| self.sample(sample)))),
            ("next_join", next),
        ];
        if table.alias.is_some() {
            let columns = &table.column_aliases;
            fields.push((
                "column_aliases",
                if columns.is_empty() { Value::Null } else { names(columns) },
            ));
        }
        fields.extend(args.map(|args| ("table_args", args)));
        if let Some(join) = link.join {
            fields.push(("join_type", Value::text(join.words.clone())));
            if join.kind != JoinKind::Cross {
                fields.push((
                    "constraint",
                    Value::or_null(join.constraint.as_ref().map(|on| self.constraint(on, join))),
                ));
            }
        }
        self.node("JoinExpr", table.span, fields)
    }

    /// The table, and the arguments of a table function.
    fn table(&self, table: &TableRef) -> (Value, Option<Value>) {
        match &table.table {
            Table::Name(chain) => {
                let span = chain
                    .first()
                    .zip(chain.last())
                    .map_or(table.span, |(first, last)| first.span.to(last.span));
                (self.field(span, chain), None)
            }
            Table::Function { name, args } => {
                (bare("Field", vec![("chain", names(name))]), Some(self.exprs(args)))
            }
            Table::Subquery(query) => (self.query(query), None),
            Table::Placeholder(placeholder) => (self.expr(placeholder), None),
            Table::Tag(tag) => (self.tag(self.positions.tag(table.span), tag), None),
            Table::Join(_) => (Value::Null, None),
            Table::Pivot(pivot) => (self.pivot(pivot), None),
            Table::Unpivot(unpivot) => (self.unpivot(unpivot), None),
        }
    }

    fn constraint(&self, constraint: &JoinConstraint, join: &Join) -> Value {
        let (kind, expr, span) = match constraint {
            JoinConstraint::On(expr) => {
                ("ON", self.expr(expr), self.positions.on(expr.span, join.span))
            }
            JoinConstraint::Using(columns, span) => ("USING", self.using(columns), *span),
        };
        self.node(
            "JoinConstraint",
            span,
            vec![("constraint_type", Value::text(kind)), ("expr", expr)],
        )
    }

    fn using(&self, columns: &[Expr]) -> Value {
        match columns {
            [column] => self.expr(column),
            columns => bare("Tuple", vec![("exprs", self.exprs(columns))]),
        }
    }

    fn sample(&self, sample: &Sample) -> Value {
        let fields = vec![
            ("sample_value", self.ratio(&sample.ratio)),
            (
                "offset_value",
                Value::or_null(sample.offset.as_ref().map(|offset| self.ratio(offset))),
            ),
        ];
        self.node("SampleExpr", sample.span, fields)
    }

    fn ratio(&self, ratio: &Ratio) -> Value {
        if matches!(ratio.left.kind, ExprKind::Placeholder(_)) {
            return self.expr(&ratio.left);
        }
        let fields =
            vec![("left", self.expr(&ratio.left)), ("right", self.optional(ratio.right.as_ref()))];
        self.node("RatioExpr", ratio.span, fields)
    }

    fn pivot(&self, pivot: &Pivot) -> Value {
        let columns = pivot.columns.iter().map(|column| {
            bare(
                "PivotColumn",
                vec![("column", self.key(&column.column)), ("values", self.exprs(&column.values))],
            )
        });
        let mut fields = vec![
            ("table", self.pivoted(&pivot.table)),
            ("aggregates", self.exprs(&pivot.aggregates)),
            ("columns", Value::List(columns.collect())),
        ];
        if !pivot.group_by.is_empty() {
            fields.push(("group_by", self.exprs(&pivot.group_by)));
        }
        self.node("PivotExpr", pivot.span, fields)
    }

    fn unpivot(&self, unpivot: &Unpivot) -> Value {
        let columns = unpivot.columns.iter().map(|column| {
            let fields = vec![
                ("value_columns", self.key(&column.value)),
                ("name_columns", self.key(&column.name)),
                ("unpivot_values", self.exprs(&column.sources)),
            ];
            bare("UnpivotColumn", fields)
        });
        let fields = vec![
            ("table", self.pivoted(&unpivot.table)),
            ("include_nulls", Value::Bool(unpivot.include_nulls)),
            ("columns", Value::List(columns.collect())),
        ];
        self.node("UnpivotExpr", unpivot.span, fields)
    }

    /// A tuple of columns has no place of its own.
    fn key(&self, key: &Expr) -> Value {
        match &key.kind {
            ExprKind::Tuple(items) => bare("Tuple", vec![("exprs", self.exprs(items))]),
            _ => self.expr(key),
        }
    }

    /// What is pivoted: the table itself, with the rest of it only if there is any.
    fn pivoted(&self, table: &TableRef) -> Value {
        if let Table::Join(joined) = &table.table {
            return self.from(joined);
        }
        let function = matches!(table.table, Table::Function { .. });
        if table.alias.is_none() && !table.final_ && table.sample.is_none() && !function {
            return self.table(table).0;
        }
        let mut link = self.link(&Link { table, join: None }, Value::Null);
        if let (Value::Object(fields), false, None) = (&mut link, table.final_, &table.sample) {
            fields.retain(|(key, _)| key != "sample" && key != "table_final");
        }
        link
    }
}

/// The tables in textual order; parentheses around joins are lost, as in the reference.
fn flatten<'a>(from: &'a From, join: Option<&'a Join>, links: &mut Vec<Link<'a>>) {
    push(&from.first, join, links);
    for join in &from.joins {
        push(&join.table, Some(join), links);
    }
}

fn push<'a>(table: &'a TableRef, join: Option<&'a Join>, links: &mut Vec<Link<'a>>) {
    match &table.table {
        Table::Join(inner) => flatten(inner, join, links),
        _ => links.push(Link { table, join }),
    }
}
