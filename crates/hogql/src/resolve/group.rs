//! `GROUP BY`, aggregates, and what an expression means after grouping.

use super::rewrite::{self, Replacements};
use super::scope::{Clause, Scope};
use super::select::{Grouped, Item, filtered, unnest_each};
use super::{Errors, Resolver};
use crate::error::Error;
use crate::ir::{
    Aggregate, Column, ColumnId, Expr, GroupingSets, Rel, RelKind, SortKey, WindowCall,
};
use hogql_syntax::{Span, ast};

/// Group keys and the columns that hold them.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub keys: Vec<(ColumnId, Expr)>,
    /// `None` groups by all keys.
    pub sets: Option<GroupingSets>,
}

/// Most grouping sets that `CUBE` may make.
const MAX_CUBE_KEYS: usize = 10;

impl Resolver<'_> {
    /// `GROUP BY` in all its forms.
    pub(super) fn group_by(
        &mut self,
        scope: &mut Scope,
        group: &ast::GroupBy,
        items: &[Item],
    ) -> Result<Group, Error> {
        if let Some(with) = group.with {
            let (words, instead) = match with {
                ast::GroupByWith::Cube => ("WITH CUBE", "GROUP BY CUBE(..)"),
                ast::GroupByWith::Rollup => ("WITH ROLLUP", "GROUP BY ROLLUP(..)"),
            };
            self.dropped(group.span, words)
                .map_err(|error| error.with_hint(format!("write {instead}")))?;
        }
        if group.totals {
            self.dropped(group.span, "WITH TOTALS")?;
        }
        let mut result = Group::default();
        match &group.kind {
            ast::GroupByKind::List(exprs) => {
                self.keys(scope, &mut result, exprs, items)?;
            }
            ast::GroupByKind::All => self.all_keys(scope, &mut result, items),
            ast::GroupByKind::Rollup(exprs) => {
                let at = self.keys(scope, &mut result, exprs, items)?;
                let prefix = |count| at.iter().take(count).copied().collect::<Vec<_>>();
                let sets = (0..=at.len()).rev().map(prefix).collect();
                result.sets = Some(GroupingSets { sets, needs_rows: true });
            }
            ast::GroupByKind::Cube(exprs) => {
                let at = self.keys(scope, &mut result, exprs, items)?;
                let sets = cube(&at, group.span)?;
                result.sets = Some(GroupingSets { sets, needs_rows: true });
            }
            ast::GroupByKind::GroupingSets(sets) => {
                self.grouping_sets(scope, &mut result, sets, items)?
            }
        }
        Ok(result)
    }

    fn grouping_sets(
        &mut self,
        scope: &mut Scope,
        group: &mut Group,
        sets: &[ast::Expr],
        items: &[Item],
    ) -> Result<(), Error> {
        let mut positions = Vec::new();
        for set in sets {
            let exprs = match &set.kind {
                ast::ExprKind::GroupingSet(exprs) => exprs.as_slice(),
                _ => std::slice::from_ref(set),
            };
            positions.push(self.keys(scope, group, exprs, items)?);
        }
        group.sets = Some(GroupingSets { sets: positions, needs_rows: false });
        Ok(())
    }

    /// Adds keys that are new; the positions of all.
    fn keys(
        &mut self,
        scope: &mut Scope,
        group: &mut Group,
        exprs: &[ast::Expr],
        items: &[Item],
    ) -> Result<Vec<usize>, Error> {
        let mut positions = Vec::new();
        let mut errors = Errors::default();
        for expr in exprs {
            if let Some(key) = errors.keep(self.key(scope, expr, items)) {
                positions.push(self.add_key(group, key));
            }
        }
        errors.finish()?;
        Ok(positions)
    }

    fn key(&mut self, scope: &mut Scope, expr: &ast::Expr, items: &[Item]) -> Result<Expr, Error> {
        if let Some(item) = position(expr, items, "GROUP BY")? {
            let key = item.value.expr.clone();
            self.check_collected(scope, Clause::GroupBy, &Expr { span: expr.span, ..key.clone() })?;
            return Ok(key);
        }
        self.in_clause(scope, Clause::GroupBy, expr)
    }

    fn add_key(&mut self, group: &mut Group, key: Expr) -> usize {
        if let Some(known) = group.keys.iter().position(|(_, known)| rewrite::same(known, &key)) {
            return known;
        }
        group.keys.push((self.fresh(), key));
        group.keys.len() - 1
    }

    /// `GROUP BY ALL`: the largest parts of the items that hold no aggregate.
    fn all_keys(&mut self, scope: &Scope, group: &mut Group, items: &[Item]) {
        let ids: Vec<ColumnId> = collected(scope);
        let mut keys = Vec::new();
        items.iter().for_each(|item| parts_without(&item.value.expr, &ids, &mut keys));
        for key in keys {
            self.add_key(group, key);
        }
    }

    /// Refuses aggregates and window functions where the clause has no place for them.
    pub(super) fn check_collected(
        &self,
        scope: &Scope,
        clause: Clause,
        expr: &Expr,
    ) -> Result<(), Error> {
        let aggregates: Vec<ColumnId> = scope.aggregates.iter().map(|(id, _)| *id).collect();
        let windows: Vec<ColumnId> = scope.window_calls.iter().map(|(id, _)| *id).collect();
        if !clause.allows_aggregates() && rewrite::mentions(expr, &aggregates) {
            let message = format!("{} cannot hold an aggregate", clause.words());
            let hint = match clause {
                Clause::Where => {
                    "filter groups with HAVING; an alias of the select list hides a column of the same name"
                }
                _ => "compute the aggregate in a subquery",
            };
            return Err(Error::query("H0211", expr.span, message).with_hint(hint));
        }
        if !clause.allows_windows() && rewrite::mentions(expr, &windows) {
            let message = format!("{} cannot hold a window function", clause.words());
            return Err(
                Error::query("H0212", expr.span, message).with_hint("compute it in a subquery")
            );
        }
        Ok(())
    }

    /// Groups, filters groups, computes window functions; the expressions as they read afterwards.
    pub(super) fn group_and_window(
        &mut self,
        rel: Rel,
        grouped: Grouped,
        exprs: Vec<Expr>,
    ) -> Result<(Rel, Vec<Expr>), Error> {
        let Grouped { mut scope, group, having, after, names } = grouped;
        let aggregates = std::mem::take(&mut scope.aggregates);
        let calls = std::mem::take(&mut scope.window_calls);
        let is_grouped = group.is_some() || !aggregates.is_empty();
        let mut stage = Stage::default();
        let mut rel = rel;
        if is_grouped {
            let group = group.unwrap_or_default();
            stage =
                Stage::grouped(&group, rel.columns.iter().map(|column| column.id).collect(), names);
            rel = aggregated(rel, group, aggregates);
        }
        let mut errors = Errors::default();
        let having = having.and_then(|having| errors.keep(stage.after(having)));
        let after: Vec<_> = after
            .into_iter()
            .filter_map(|(id, array)| Some((id, errors.keep(stage.after(array))?)))
            .collect();
        let calls: Vec<_> = calls
            .into_iter()
            .filter_map(|(id, call)| Some((id, errors.keep(stage.window(call))?)))
            .collect();
        let exprs: Vec<Expr> =
            exprs.into_iter().filter_map(|expr| errors.keep(stage.after(expr))).collect();
        errors.finish()?;
        rel = unnest_each(filtered(rel, having), after);
        Ok((windowed(rel, calls), exprs))
    }
}

/// How expressions read after grouping; without grouping they stay as they are.
#[derive(Debug, Default)]
struct Stage {
    keys: Replacements,
    /// Columns that are gone.
    gone: Vec<ColumnId>,
    names: rewrite::Names,
}

impl Stage {
    fn grouped(group: &Group, gone: Vec<ColumnId>, names: rewrite::Names) -> Self {
        let keys = Replacements::new(group.keys.iter().map(|(id, key)| (key.clone(), *id)));
        Self { keys, gone, names }
    }

    fn after(&self, expr: Expr) -> Result<Expr, Error> {
        if self.gone.is_empty() {
            return Ok(self.keys.apply(expr));
        }
        let expr = self.keys.apply(expr);
        let mut errors: Vec<Error> = Vec::new();
        rewrite::columns(&expr, &mut |id, span| {
            if self.gone.contains(&id) {
                errors.push(self.names.not_grouped(id, span));
            }
        });
        Error::all(errors).map_or(Ok(expr), Err)
    }

    fn window(&self, call: WindowCall) -> Result<WindowCall, Error> {
        let all = |exprs: Vec<Expr>| {
            exprs.into_iter().map(|expr| self.after(expr)).collect::<Result<Vec<_>, _>>()
        };
        let order =
            call.order_by.into_iter().map(|key| Ok(SortKey { expr: self.after(key.expr)?, ..key }));
        Ok(WindowCall {
            args: all(call.args)?,
            partition_by: all(call.partition_by)?,
            order_by: order.collect::<Result<_, Error>>()?,
            filter: call.filter.map(|filter| self.after(filter)).transpose()?,
            ..call
        })
    }
}

/// The item that a whole number stands for, `GROUP BY 1`.
pub(super) fn position<'i>(
    expr: &ast::Expr,
    items: &'i [Item],
    words: &str,
) -> Result<Option<&'i Item>, Error> {
    let ast::ExprKind::Literal(ast::Literal::Integer(number)) = &expr.kind else { return Ok(None) };
    let item = usize::try_from(*number).ok().and_then(|number| items.get(number.checked_sub(1)?));
    item.map(Some).ok_or_else(|| {
        let message = format!(
            "{words} {number} is no position of the select list, which has {} columns",
            items.len()
        );
        Error::query("H0213", expr.span, message)
    })
}

fn collected(scope: &Scope) -> Vec<ColumnId> {
    let aggregates = scope.aggregates.iter().map(|(id, _)| *id);
    aggregates.chain(scope.window_calls.iter().map(|(id, _)| *id)).collect()
}

fn parts_without(expr: &Expr, ids: &[ColumnId], parts: &mut Vec<Expr>) {
    if !rewrite::mentions(expr, ids) {
        let mut has_column = false;
        rewrite::columns(expr, &mut |_, _| has_column = true);
        if has_column {
            parts.push(expr.clone());
        }
        return;
    }
    expr.children(&mut |child| parts_without(child, ids, parts));
}

/// All subsets, larger ones first.
fn cube(keys: &[usize], span: Span) -> Result<Vec<Vec<usize>>, Error> {
    if keys.len() > MAX_CUBE_KEYS {
        return Err(Error::limit(
            "H0224",
            span,
            format!("CUBE takes at most {MAX_CUBE_KEYS} columns, found {}", keys.len()),
        ));
    }
    let subset = |mask: usize| {
        keys.iter().enumerate().filter(move |(bit, _)| mask >> bit & 1 == 1).map(|(_, key)| *key)
    };
    let mut sets: Vec<Vec<usize>> =
        (0..1_usize << keys.len()).map(|mask| subset(mask).collect()).collect();
    sets.sort_by_key(|set| std::cmp::Reverse(set.len()));
    Ok(sets)
}

fn aggregated(mut rel: Rel, group: Group, aggregates: Vec<(ColumnId, Aggregate)>) -> Rel {
    let key = |(index, (id, key)): (usize, &(ColumnId, Expr))| Column {
        id: *id,
        name: format!("key{}", index + 1),
        ty: key.ty.clone(),
    };
    let mut columns: Vec<Column> = group.keys.iter().enumerate().map(key).collect();
    columns.extend(aggregates.iter().map(|(id, call)| Column {
        id: *id,
        name: call.name.to_owned(),
        ty: call.ty.clone(),
    }));
    let keys = group.keys.into_iter().map(|(_, key)| key).collect();
    let mut aggregates: Vec<Aggregate> =
        aggregates.into_iter().map(|(_, aggregate)| aggregate).collect();
    super::arrival::keep(&mut rel, &mut aggregates);
    Rel {
        kind: RelKind::Aggregate { input: Box::new(rel), keys, sets: group.sets, aggregates },
        columns,
    }
}

fn windowed(rel: Rel, calls: Vec<(ColumnId, WindowCall)>) -> Rel {
    if calls.is_empty() {
        return rel;
    }
    let mut columns = rel.columns.clone();
    columns.extend(calls.iter().map(|(id, call)| Column {
        id: *id,
        name: call.name.to_owned(),
        ty: call.ty.clone(),
    }));
    let calls = calls.into_iter().map(|(_, call)| call).collect();
    Rel { kind: RelKind::Window { input: Box::new(rel), calls }, columns }
}

/// Refuses an aggregate whose arguments hold another.
pub(super) fn no_aggregates_within(
    scope: &Scope,
    aggregate: &Aggregate,
    name: &str,
) -> Result<(), Error> {
    let ids = collected(scope);
    let parts = aggregate
        .args
        .iter()
        .chain(&aggregate.filter)
        .chain(aggregate.order_by.iter().map(|key| &key.expr));
    for part in parts {
        if rewrite::mentions(part, &ids) {
            return Err(super::aggregates::nested(name, aggregate.span));
        }
    }
    Ok(())
}
