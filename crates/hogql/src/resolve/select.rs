//! One SELECT: its clauses in PostHog's order of resolution, then the relation put together from the inside out.

use super::group::Group;
use super::order::Tail;
use super::query::Answer;
use super::scope::{Clause, Ctes, Json, Scope, Value};
use super::{Errors, Resolver};
use crate::error::Error;
use crate::functions::operators;
use crate::ir::{Column, ColumnId, Expr, ExprKind, Rel, RelKind};
use hogql_syntax::{Span, ast};

/// A SELECT without its list: tables, conditions, groups.
#[derive(Debug, Default)]
pub(super) struct Block {
    pub scope: Scope,
    /// `ARRAY JOIN`.
    pub array_join: Option<ArrayJoin>,
    pub filter: Option<Expr>,
    pub group: Option<Group>,
    pub having: Option<Expr>,
}

/// The arrays of `ARRAY JOIN` and the columns of their elements.
#[derive(Debug)]
pub(super) struct ArrayJoin {
    pub keep_empty: bool,
    pub arrays: Vec<(Column, Expr)>,
}

/// An item of a select list.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub id: ColumnId,
    pub name: String,
    pub value: Value,
}

impl Item {
    pub(super) fn column(&self) -> Column {
        Column { id: self.id, name: self.name.clone(), ty: self.value.expr.ty.clone() }
    }

    /// The item's column as an expression.
    pub(super) fn reference(&self, span: Span) -> Expr {
        Expr { kind: ExprKind::Column(self.id), ty: self.value.expr.ty.clone(), span }
    }
}

impl Resolver<'_> {
    /// A whole SELECT.
    pub(super) fn select(
        &mut self,
        select: &ast::Select,
        ctes: &Ctes,
        trusted: bool,
    ) -> Result<Answer, Error> {
        refuse(select)?;
        let mut block = self.open_block(select, ctes, trusted)?;
        let mut errors = Errors::default();
        let items = self.items_and_arrays(&mut block, select, &mut errors);
        self.conditions(&mut block, select, &items, &mut errors);
        let tail = self.tail(&mut block.scope, select, &items, &mut errors);
        errors.finish()?;
        self.assemble(block, &items, tail)
    }

    /// `WITH` and `FROM`.
    pub(super) fn open_block(
        &mut self,
        select: &ast::Select,
        ctes: &Ctes,
        trusted: bool,
    ) -> Result<Block, Error> {
        let ctes = self.with_ctes(ctes, &select.ctes)?;
        let mut block = Block { scope: Scope::new(ctes, trusted), ..Block::default() };
        block.scope.windows.clone_from(&select.windows);
        if let Some(from) = &select.from {
            self.from(&mut block.scope, from)?;
        }
        Ok(block)
    }

    /// `PREWHERE`, `WHERE`, `GROUP BY`, `HAVING`.
    pub(super) fn conditions(
        &mut self,
        block: &mut Block,
        select: &ast::Select,
        items: &[Item],
        errors: &mut Errors,
    ) {
        let filters = [&select.prewhere, &select.where_].into_iter().flatten();
        for filter in filters {
            if let Some(condition) =
                errors.keep(self.condition(&mut block.scope, Clause::Where, filter))
            {
                block.filter = errors.keep(conjunction(block.filter.take(), condition));
            }
        }
        if let Some(group) = &select.group_by {
            block.group = errors.keep(self.group_by(&mut block.scope, group, items));
        }
        if let Some(having) = &select.having {
            block.having = errors.keep(self.condition(&mut block.scope, Clause::Having, having));
            if select.group_by.is_none()
                && block.scope.aggregates.is_empty()
                && block.having.is_some()
            {
                let error =
                    Error::query("H0221", having.span, "HAVING needs GROUP BY or an aggregate");
                errors.0.push(error.with_hint("use WHERE to filter rows"));
            }
        }
    }

    fn condition(
        &mut self,
        scope: &mut Scope,
        clause: Clause,
        expr: &ast::Expr,
    ) -> Result<Expr, Error> {
        let outer = std::mem::replace(&mut scope.clause, clause);
        let result = self.expr(scope, expr).and_then(operators::condition);
        scope.clause = outer;
        let condition = result?;
        self.check_collected(scope, clause, &condition)?;
        Ok(condition)
    }

    /// `ARRAY JOIN` and the select list: either may use the other's aliases.
    fn items_and_arrays(
        &mut self,
        block: &mut Block,
        select: &ast::Select,
        errors: &mut Errors,
    ) -> Vec<Item> {
        if self.array_join(block, select).is_ok() {
            return self.items(&mut block.scope, &select.items, errors);
        }
        let mut of_items = Errors::default();
        let items = self.items(&mut block.scope, &select.items, &mut of_items);
        match self.array_join(block, select) {
            Ok(()) => errors.0.extend(of_items.0),
            // What the list says of the missing aliases is no news.
            Err(error) => errors.0.push(error),
        }
        items
    }

    /// The select list, stars expanded.
    fn items(&mut self, scope: &mut Scope, items: &[ast::Expr], errors: &mut Errors) -> Vec<Item> {
        let mut list = Vec::with_capacity(items.len());
        for item in items {
            if let Some(items) = errors.keep(self.item(scope, item)) {
                list.extend(items);
            }
        }
        list
    }

    fn item(&mut self, scope: &mut Scope, item: &ast::Expr) -> Result<Vec<Item>, Error> {
        if let Some(columns) = self.star(scope, item)? {
            let items =
                columns.into_iter().map(|(name, value)| Item { id: self.fresh(), name, value });
            return Ok(items.collect());
        }
        let value = self.value(scope, item)?;
        Ok(vec![Item { id: self.fresh(), name: hogql_syntax::column_name(item), value }])
    }

    fn array_join(&mut self, block: &mut Block, select: &ast::Select) -> Result<(), Error> {
        let Some(join) = &select.array_join else { return Ok(()) };
        let mut arrays = Vec::new();
        for item in &join.items {
            let ast::ExprKind::Alias { expr, alias } = &item.kind else {
                return Err(Error::query(
                    "H0222",
                    item.span,
                    "ARRAY JOIN arrays must have an alias",
                ));
            };
            let array = self.in_clause(&mut block.scope, Clause::ArrayJoin, expr)?;
            let Some(element) = array.ty.element().cloned() else {
                let message = format!("ARRAY JOIN needs an array, found {}", array.ty);
                return Err(Error::query("H0223", expr.span, message));
            };
            arrays.push((alias, array, element));
        }
        let mut columns = Vec::new();
        for (alias, array, ty) in arrays {
            let column = Column { id: self.fresh(), name: alias.value.clone(), ty: ty.clone() };
            let element = Expr { kind: ExprKind::Column(column.id), ty, span: alias.span };
            self.define_alias(&mut block.scope, alias, Ok(Value::plain(element)))?;
            columns.push((column, array));
        }
        block.array_join =
            Some(ArrayJoin { keep_empty: join.kind == ast::ArrayJoinKind::Left, arrays: columns });
        Ok(())
    }

    /// The expression of a clause that holds neither aggregates nor window functions.
    pub(super) fn in_clause(
        &mut self,
        scope: &mut Scope,
        clause: Clause,
        expr: &ast::Expr,
    ) -> Result<Expr, Error> {
        let outer = std::mem::replace(&mut scope.clause, clause);
        let result = self.expr(scope, expr);
        scope.clause = outer;
        let expr = result?;
        self.check_collected(scope, clause, &expr)?;
        Ok(expr)
    }

    /// The relation of the whole SELECT.
    fn assemble(&mut self, block: Block, items: &[Item], tail: Tail) -> Result<Answer, Error> {
        let json: Vec<Option<Json>> = items.iter().map(|item| item.value.json).collect();
        let count = items.len();
        let mut exprs: Vec<Expr> = items.iter().map(|item| item.value.expr.clone()).collect();
        exprs.extend(tail.order.iter().map(|key| key.expr.clone()));
        exprs.extend(tail.limit_by.iter().flat_map(|limit| limit.by.iter().cloned()));
        let (rel, mut exprs) = self.close_block(block, exprs)?;
        let rest = exprs.split_off(count.min(exprs.len()));
        let columns: Vec<Column> = items.iter().map(Item::column).collect();
        let rel = self.finish_tail(rel, columns, exprs, rest, tail)?;
        Ok(Answer { rel, json })
    }

    /// The relation before the select list, and the expressions as they read over it.
    pub(super) fn close_block(
        &mut self,
        block: Block,
        exprs: Vec<Expr>,
    ) -> Result<(Rel, Vec<Expr>), Error> {
        let Block { mut scope, array_join, filter, group, having } = block;
        let names = super::rewrite::Names::of(&scope);
        let mut rel = match scope.tree.take() {
            Some(tree) => self.close_tree(tree, &mut scope.bindings)?,
            None => Rel { kind: RelKind::One, columns: Vec::new() },
        };
        if let Some(join) = array_join {
            rel = unnest(rel, join.arrays, join.keep_empty);
        }
        let collected: Vec<ColumnId> = scope.aggregates.iter().map(|(id, _)| *id).collect();
        let (after, before): (Vec<_>, Vec<_>) = std::mem::take(&mut scope.unnested)
            .into_iter()
            .partition(|(_, array)| super::rewrite::mentions(array, &collected));
        let (early, late): (Vec<_>, Vec<_>) = before.into_iter().partition(|(id, _)| {
            filter.as_ref().is_some_and(|filter| super::rewrite::mentions(filter, &[*id]))
        });
        rel = unnest_each(rel, early);
        rel = filtered(rel, filter);
        rel = unnest_each(rel, late);
        self.group_and_window(rel, Grouped { scope, group, having, after, names }, exprs)
    }
}

/// What is left of a block when its rows are there.
pub(super) struct Grouped {
    pub scope: Scope,
    pub group: Option<Group>,
    pub having: Option<Expr>,
    /// `arrayJoin` of aggregates.
    pub after: Vec<(ColumnId, Expr)>,
    pub names: super::rewrite::Names,
}

/// What the dialect or this engine refuses by name.
fn refuse(select: &ast::Select) -> Result<(), Error> {
    if let Some(qualify) = &select.qualify {
        let error = Error::not_supported(qualify.span, "QUALIFY");
        return Err(error.with_hint(
            "filter the window function in an outer query: SELECT .. FROM (SELECT ..) WHERE ..",
        ));
    }
    if let Some(interpolate) = &select.interpolate {
        let span = interpolate.first().map_or_else(|| select_span(select), |first| first.span);
        return Err(Error::not_supported(span, "INTERPOLATE"));
    }
    Ok(())
}

/// Some place in the SELECT.
fn select_span(select: &ast::Select) -> Span {
    select.items.first().map(|item| item.span).unwrap_or_default()
}

fn conjunction(left: Option<Expr>, right: Expr) -> Result<Expr, Error> {
    match left {
        Some(left) => {
            let span = left.span.to(right.span);
            operators::and(vec![left, right], span)
        }
        None => Ok(right),
    }
}

/// The rows for which the condition holds.
pub(super) fn filtered(rel: Rel, predicate: Option<Expr>) -> Rel {
    match predicate {
        Some(predicate) => {
            let columns = rel.columns.clone();
            Rel { kind: RelKind::Filter { input: Box::new(rel), predicate }, columns }
        }
        None => rel,
    }
}

fn unnest(rel: Rel, arrays: Vec<(Column, Expr)>, keep_empty: bool) -> Rel {
    let mut columns = rel.columns.clone();
    let (elements, arrays): (Vec<Column>, Vec<Expr>) = arrays.into_iter().unzip();
    columns.extend(elements);
    Rel { kind: RelKind::ArrayJoin { input: Box::new(rel), arrays, keep_empty }, columns }
}

/// One array after the other: several multiply.
pub(super) fn unnest_each(rel: Rel, arrays: Vec<(ColumnId, Expr)>) -> Rel {
    arrays.into_iter().fold(rel, |rel, (id, array)| {
        let ty = array.ty.element().cloned().unwrap_or_else(|| array.ty.clone());
        unnest(rel, vec![(Column { id, name: "arrayJoin".to_owned(), ty }, array)], false)
    })
}
