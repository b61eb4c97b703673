//! `FROM`: tables, subqueries, table functions, and the tree of joins.

use super::Resolver;
use super::cte::rename;
use super::query::{Answer, refused_placeholder};
use super::scope::{Binding, Contents, FixedColumn, Scope};
use crate::error::Error;
use crate::ir::{Column, Expr, JoinKind, Rel, RelKind};
use crate::types::Type;
use hogql_syntax::{Span, ast};

/// How the tables of `FROM` are joined; leaves are positions in `Scope::bindings`.
#[derive(Debug)]
pub(super) enum JoinTree {
    Leaf(usize),
    Join { left: Box<JoinTree>, right: Box<JoinTree>, kind: JoinKind, on: Option<Expr> },
}

impl Resolver<'_> {
    /// Adds the tables of `FROM` to the scope.
    pub(super) fn from(&mut self, scope: &mut Scope, from: &ast::From) -> Result<(), Error> {
        let tree = self.join_tree(scope, from)?;
        scope.tree = Some(tree);
        Ok(())
    }

    fn join_tree(&mut self, scope: &mut Scope, from: &ast::From) -> Result<JoinTree, Error> {
        Self::check_chain(&from.joins, "joined tables", |join| join.span)?;
        let mut tree = self.table_ref(scope, &from.first)?;
        for join in &from.joins {
            tree = self.join(scope, tree, join)?;
        }
        Ok(tree)
    }

    /// A table of `FROM`, or joins in parentheses.
    pub(super) fn table_ref(
        &mut self,
        scope: &mut Scope,
        table: &ast::TableRef,
    ) -> Result<JoinTree, Error> {
        if table.final_ {
            return Err(Error::not_supported(table.span, "FINAL"));
        }
        if let Some(sample) = &table.sample {
            self.sample(sample)?;
        }
        if let ast::Table::Join(from) = &table.table {
            return self.nested(table.span, |resolver| resolver.join_tree(scope, from));
        }
        let mut binding = self.table(scope, table)?;
        if let Some(alias) = &table.alias {
            binding.name.clone_from(&alias.value);
        }
        binding.span = table.span;
        let taken = scope
            .bindings
            .iter()
            .find(|known| !known.name.is_empty() && known.name == binding.name);
        if let Some(taken) = taken {
            let message = format!("FROM has two tables called `{}`", binding.name);
            let mut error = Error::query("H0207", table.span, message)
                .with_hint("give one of them an alias: `AS other`");
            error.mark(taken.span, "the other table");
            return Err(error);
        }
        scope.bindings.push(binding);
        Ok(JoinTree::Leaf(scope.bindings.len() - 1))
    }

    fn table(&mut self, scope: &mut Scope, table: &ast::TableRef) -> Result<Binding, Error> {
        match &table.table {
            ast::Table::Name(chain) => self.named_table(scope, chain, table),
            ast::Table::Function { name, args } => self.table_function(name, args, table),
            ast::Table::Subquery(query) => {
                let answer = self.answer(query, &scope.ctes, scope.trusted)?;
                fixed("", answer, table)
            }
            ast::Table::Placeholder(_) => Err(refused_placeholder(table.span)),
            ast::Table::Tag(tag) => Err(Error::not_supported(
                table.span,
                format_args!("the HogQLX tag <{}> as a table", tag.name.value),
            )),
            ast::Table::Pivot(_) => Err(Error::not_supported(table.span, "PIVOT")),
            ast::Table::Unpivot(_) => Err(Error::not_supported(table.span, "UNPIVOT")),
            ast::Table::Join(_) => Err(Error::internal("joins in parentheses are no single table")),
        }
    }

    fn named_table(
        &mut self,
        scope: &Scope,
        chain: &[ast::Ident],
        table: &ast::TableRef,
    ) -> Result<Binding, Error> {
        let name = chain.iter().map(|name| name.value.as_str()).collect::<Vec<_>>().join(".");
        if let Some((answer, _)) = self.table_cte(scope, &name)? {
            return fixed(&name, answer, table);
        }
        if !table.column_aliases.is_empty() {
            return Err(Error::not_supported(
                table.span,
                "a column list on a table that is no subquery",
            ));
        }
        self.virtual_table(
            &name,
            chain.iter().map(|name| name.span).reduce(Span::to).unwrap_or(table.span),
            scope,
        )
    }

    /// `numbers(count)`, `numbers(offset, count)`.
    fn table_function(
        &mut self,
        name: &[ast::Ident],
        args: &[ast::Expr],
        table: &ast::TableRef,
    ) -> Result<Binding, Error> {
        let name = name.iter().map(|name| name.value.as_str()).collect::<Vec<_>>().join(".");
        if name != "numbers" {
            let known = crate::tables::table(&name, self.schema).is_some();
            let message = if known {
                format!("table `{name}` takes no arguments")
            } else {
                format!("unknown table function `{name}`")
            };
            return Err(Error::query("H0208", table.span, message)
                .with_hint("the table function is `numbers(count)` or `numbers(offset, count)`"));
        }
        let (offset, count) = match args {
            [count] => (0, self.count(count, "the count of `numbers`")?),
            [offset, count] => (
                self.count(offset, "the offset of `numbers`")?,
                self.count(count, "the count of `numbers`")?,
            ),
            _ => {
                let message = format!(
                    "table function `numbers` requires 1 or 2 arguments, found {}",
                    args.len()
                );
                return Err(Error::query("H0209", table.span, message));
            }
        };
        let columns =
            vec![Column { id: self.fresh(), name: "number".to_owned(), ty: Type::UINT64 }];
        let rel = Rel { kind: RelKind::Numbers { offset, count }, columns };
        fixed("numbers", Answer { rel, json: vec![None] }, table)
    }

    /// `SAMPLE 1` is nothing; anything else would leave rows out.
    fn sample(&mut self, sample: &ast::Sample) -> Result<(), Error> {
        let is_one = |expr: &ast::Expr| match &expr.kind {
            ast::ExprKind::Literal(ast::Literal::Integer(1)) => true,
            ast::ExprKind::Literal(ast::Literal::Float(value)) => {
                (*value - 1.0).abs() < f64::EPSILON
            }
            _ => false,
        };
        let whole = is_one(&sample.ratio.left)
            && sample.ratio.right.as_ref().is_none_or(is_one)
            && sample.offset.is_none();
        if whole && !sample.percent && sample.method.is_none() {
            return Ok(());
        }
        let error = Error::not_supported(sample.span, "SAMPLE of a part of the rows");
        Err(error.with_hint("leave it out: all rows are read, and none is estimated"))
    }

    /// The relation of joined tables.
    pub(super) fn close_tree(
        &mut self,
        tree: JoinTree,
        bindings: &mut [Binding],
    ) -> Result<Rel, Error> {
        match tree {
            JoinTree::Leaf(index) => match bindings.get_mut(index) {
                Some(binding) => self.close_binding(std::mem::take(binding)),
                None => Err(Error::internal("a join names a table that is not there")),
            },
            JoinTree::Join { left, right, kind, on } => {
                let left = self.close_tree(*left, bindings)?;
                let right = self.close_tree(*right, bindings)?;
                Ok(joined(left, right, kind, on))
            }
        }
    }
}

/// Two relations joined.
pub(super) fn joined(left: Rel, right: Rel, kind: JoinKind, on: Option<Expr>) -> Rel {
    let mut columns = left.columns.clone();
    if !matches!(kind, JoinKind::LeftSemi | JoinKind::LeftAnti) {
        columns.extend(right.columns.iter().cloned());
    }
    Rel { kind: RelKind::Join { left: Box::new(left), right: Box::new(right), kind, on }, columns }
}

/// A table whose relation is complete.
fn fixed(name: &str, mut answer: Answer, table: &ast::TableRef) -> Result<Binding, Error> {
    rename(&mut answer, &table.column_aliases, table.span)?;
    let Answer { rel, json } = answer;
    let column = |(column, json): (&Column, _)| FixedColumn {
        name: column.name.clone(),
        id: column.id,
        ty: column.ty.clone(),
        json,
    };
    let columns = rel.columns.iter().zip(json).map(column).collect();
    let contents = Contents::Fixed { rel: Box::new(rel), columns };
    Ok(Binding { name: name.to_owned(), contents, ..Binding::default() })
}
