//! Relations.

use super::predicate::conjuncts;
use super::subquery::all_columns;
use super::{Lowering, layout, named};
use crate::ir::{self, ExprKind, RelKind, SetOp, SourceTable};
use crate::types::Kind;
use arrow::datatypes::{DataType, Field, Schema};
use datafusion::common::{Column, NullHandling, Result, UnnestOptions, internal_err, plan_err};
use datafusion::datasource::provider_as_source;
use datafusion::functions_table::generate_series::{GenSeriesArgs, GenerateSeriesTable};
use datafusion::functions_window::expr_fn::{rank, row_number};
use datafusion::logical_expr::expr::Sort;
use datafusion::logical_expr::{Expr, ExprFunctionExt, LogicalPlan, LogicalPlanBuilder, lit};
use std::sync::Arc;

impl Lowering<'_> {
    /// The plan of a relation: exactly its columns, in order.
    pub(super) fn rel(&mut self, rel: &ir::Rel) -> Result<LogicalPlan> {
        match &rel.kind {
            RelKind::Scan { table, source_columns } => self.scan(rel, *table, source_columns),
            RelKind::One => LogicalPlanBuilder::empty(true).build(),
            RelKind::Numbers { offset, count } => self.numbers(rel, *offset, *count),
            RelKind::Filter { input, predicate } => self.filter(rel, input, predicate),
            RelKind::Project { input, exprs } => self.project(rel, input, exprs),
            RelKind::Aggregate { .. } => self.aggregate(rel),
            RelKind::Window { input, calls } => self.window(rel, input, calls),
            RelKind::Join { .. } => self.join(rel),
            RelKind::ArrayJoin { input, arrays, keep_empty } => {
                self.array_join(rel, input, arrays, *keep_empty)
            }
            RelKind::Sort { input, keys } => self.sort(rel, input, keys),
            RelKind::Limit { input, limit, offset, ties } => {
                self.limit(rel, input, (*limit, *offset), ties.as_deref())
            }
            RelKind::LimitBy { .. } => self.limit_by(rel),
            RelKind::Distinct { input } => {
                LogicalPlanBuilder::from(self.rel(input)?).distinct()?.build()
            }
            RelKind::Set { op, left, right } => self.set(rel, *op, left, right),
        }
    }

    fn scan(
        &mut self,
        rel: &ir::Rel,
        table: SourceTable,
        source_columns: &[String],
    ) -> Result<LogicalPlan> {
        let tables = self.tables;
        let Some(provider) = tables.providers.get(&table) else {
            return internal_err!("the source has no table {table:?}");
        };
        let is_actor_scan = self.actor_scan == Some(std::ptr::from_ref(rel));
        let actors = tables.actors.as_ref().filter(|_| is_actor_scan);
        let schema = provider.schema();
        let name = format!("{table:?}").to_lowercase();
        let scan = LogicalPlanBuilder::scan(&name, provider_as_source(Arc::clone(provider)), None)?;
        let mut exprs = Vec::with_capacity(rel.columns.len());
        for (column, source) in rel.columns.iter().zip(source_columns) {
            let read = |source: &str| Expr::Column(Column::new(Some(name.as_str()), source));
            if let Some(actors) = actors.filter(|actors| actors.person == *source) {
                exprs.push(read(&actors.actor).alias(self.define(column)));
                continue;
            }
            let mut expr = read(source);
            if schema.field_with_name(source)?.data_type() != &layout::arrow_type(&column.ty) {
                expr = super::expr::cast(expr, &column.ty);
            }
            exprs.push(expr.alias(self.define(column)));
        }
        scan.project(exprs)?.build()
    }

    fn numbers(&mut self, rel: &ir::Rel, offset: u64, count: u64) -> Result<LogicalPlan> {
        let Some(column) = rel.columns.first() else {
            return internal_err!("numbers without a column");
        };
        let end = i64::try_from(offset)
            .ok()
            .zip(i64::try_from(count).ok())
            .and_then(|(offset, count)| offset.checked_add(count));
        let Some(end) = end else {
            return plan_err!("numbers({offset}, {count}) goes beyond 2^63");
        };
        let field = Field::new("value", DataType::Int64, false);
        let args = GenSeriesArgs::Int64Args {
            start: end - count.cast_signed(),
            end,
            step: 1,
            include_end: false,
            name: "numbers",
        };
        let table = Arc::new(GenerateSeriesTable::new(Arc::new(Schema::new(vec![field])), args));
        let value =
            super::expr::cast(Expr::Column(Column::new(Some("numbers"), "value")), &column.ty);
        LogicalPlanBuilder::scan("numbers", provider_as_source(table), None)?
            .project(vec![value.alias(self.define(column))])?
            .build()
    }

    fn filter(
        &mut self,
        rel: &ir::Rel,
        input: &ir::Rel,
        predicate: &ir::Expr,
    ) -> Result<LogicalPlan> {
        let mut plan = self.rel(input)?;
        let (memberships, rest): (Vec<_>, Vec<_>) = conjuncts(predicate)
            .into_iter()
            .partition(|part| matches!(part.kind, ExprKind::InSubquery { .. }));
        plan = self.prepare(plan, rest.iter().copied())?;
        let conditions =
            rest.into_iter().map(|part| self.condition(part)).collect::<Result<Vec<_>>>()?;
        if let Some(condition) = conditions.into_iter().reduce(Expr::and) {
            plan = LogicalPlanBuilder::from(plan).filter(condition)?.build()?;
        }
        for membership in memberships {
            plan = self.semi_join(plan, membership)?;
        }
        self.exactly(plan, &rel.columns)
    }

    fn project(
        &mut self,
        rel: &ir::Rel,
        input: &ir::Rel,
        exprs: &[ir::Expr],
    ) -> Result<LogicalPlan> {
        let plan = self.rel(input)?;
        let plan = self.prepare(plan, exprs)?;
        let mut lowered = Vec::with_capacity(exprs.len());
        for expr in exprs {
            lowered.push(self.expr(expr)?);
        }
        // Names are defined after all expressions, which may refer to the input's columns of the same ids.
        let aliased = lowered
            .into_iter()
            .zip(&rel.columns)
            .map(|(expr, column)| expr.alias(self.define(column)))
            .collect::<Vec<_>>();
        LogicalPlanBuilder::from(plan).project(aliased)?.build()
    }

    fn array_join(
        &mut self,
        rel: &ir::Rel,
        input: &ir::Rel,
        arrays: &[ir::Expr],
        keep_empty: bool,
    ) -> Result<LogicalPlan> {
        let plan = self.rel(input)?;
        let plan = self.prepare(plan, arrays)?;
        let mut exprs: Vec<Expr> =
            input.columns.iter().map(|column| self.column(column.id)).collect::<Result<_>>()?;
        let lists = self.lists_in_step(arrays, keep_empty)?;
        let mut unnested = Vec::with_capacity(arrays.len());
        for (list, column) in lists.into_iter().zip(rel.columns.iter().skip(input.columns.len())) {
            let name = self.define(column);
            exprs.push(list.alias(&name));
            unnested.push(Column::from_name(name));
        }
        let options = UnnestOptions { null_handling: NullHandling::Drop, recursions: Vec::new() };
        let plan = LogicalPlanBuilder::from(plan)
            .project(exprs)?
            .unnest_columns_with_options(unnested, options)?
            .build()?;
        self.exactly(plan, &rel.columns)
    }

    /// The arrays, all of one length in each row.
    fn lists_in_step(&mut self, arrays: &[ir::Expr], keep_empty: bool) -> Result<Vec<Expr>> {
        let mut lists = Vec::with_capacity(arrays.len());
        for array in arrays {
            let list = self.expr(array)?;
            lists.push(match keep_empty {
                true => self.kernel("array_or_default", vec![list], &array.ty)?,
                false => list,
            });
        }
        // An unnest fills shorter arrays up with NULL: the first one passes only if all are as long.
        if let [array, _, ..] = arrays {
            let first = self.kernel("array_in_step", lists.clone(), &array.ty)?;
            if let Some(slot) = lists.first_mut() {
                *slot = first;
            }
        }
        Ok(lists)
    }

    fn sort(
        &mut self,
        rel: &ir::Rel,
        input: &ir::Rel,
        keys: &[ir::SortKey],
    ) -> Result<LogicalPlan> {
        let plan = self.rel(input)?;
        let plan = self.prepare(plan, keys.iter().map(|key| &key.expr))?;
        let sorts = self.sort_keys(keys)?;
        let plan = LogicalPlanBuilder::from(plan).sort(sorts)?.build()?;
        self.exactly(plan, &rel.columns)
    }

    fn limit(
        &mut self,
        rel: &ir::Rel,
        input: &ir::Rel,
        (limit, offset): (Option<u64>, u64),
        ties: Option<&[ir::SortKey]>,
    ) -> Result<LogicalPlan> {
        let plan = self.rel(input)?;
        if let (Some(limit), Some(keys)) = (limit, ties) {
            return self.limit_with_ties(rel, plan, (limit, offset), keys);
        }
        let fetch = limit.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX));
        LogicalPlanBuilder::from(plan)
            .limit(usize::try_from(offset).unwrap_or(usize::MAX), fetch)?
            .build()
    }

    /// A row is kept while its rank is not beyond the last row asked for.
    fn limit_with_ties(
        &mut self,
        rel: &ir::Rel,
        plan: LogicalPlan,
        (limit, offset): (u64, u64),
        keys: &[ir::SortKey],
    ) -> Result<LogicalPlan> {
        let sorts = self.sort_keys(keys)?;
        let (rank_name, row_name) = (self.fresh("rank"), self.fresh("row"));
        let rank = rank().order_by(sorts.clone()).build()?.alias(&rank_name);
        let row = row_number().order_by(sorts.clone()).build()?.alias(&row_name);
        let last = offset.saturating_add(limit);
        let kept = named(&rank_name).lt_eq(lit(last)).and(named(&row_name).gt(lit(offset)));
        let plan = LogicalPlanBuilder::from(plan)
            .window(vec![rank, row])?
            .filter(kept)?
            .sort(sorts)?
            .build()?;
        self.exactly(plan, &rel.columns)
    }

    fn limit_by(&mut self, rel: &ir::Rel) -> Result<LogicalPlan> {
        let RelKind::LimitBy { input, limit, offset, by, order } = &rel.kind else {
            return internal_err!("not a LIMIT BY");
        };
        let plan = self.rel(input)?;
        let plan = self.prepare(plan, by.iter().chain(order.iter().map(|key| &key.expr)))?;
        let sorts: Vec<Sort> = self.sort_keys(order)?;
        let name = self.fresh("row");
        let row = row_number().partition_by(self.exprs(by)?);
        // The builder refuses an empty order.
        let row = if sorts.is_empty() { row } else { row.order_by(sorts.clone()) };
        let row = row.build()?.alias(&name);
        let kept = named(&name)
            .gt(lit(*offset))
            .and(named(&name).lt_eq(lit(offset.saturating_add(*limit))));
        let mut builder = LogicalPlanBuilder::from(plan).window(vec![row])?.filter(kept)?;
        if !sorts.is_empty() {
            builder = builder.sort(sorts)?;
        }
        let plan = builder.build()?;
        self.exactly(plan, &rel.columns)
    }

    fn set(
        &mut self,
        rel: &ir::Rel,
        op: SetOp,
        left: &ir::Rel,
        right: &ir::Rel,
    ) -> Result<LogicalPlan> {
        let names: Vec<String> =
            rel.columns.iter().map(|column| format!("{}#{}", column.name, column.id.0)).collect();
        let mut left = self.renamed(left, &rel.columns, &names)?;
        let mut right = self.renamed(right, &rel.columns, &names)?;
        for column in &rel.columns {
            self.define(column);
        }
        let counts = matches!(op, SetOp::IntersectAll | SetOp::ExceptAll);
        if counts {
            let name = self.fresh("copy");
            (left, right) = (copies(left, &name)?, copies(right, &name)?);
        }
        let plan = match op {
            SetOp::UnionAll => LogicalPlanBuilder::from(left).union(right)?.build(),
            SetOp::UnionDistinct => LogicalPlanBuilder::from(left).union_distinct(right)?.build(),
            SetOp::IntersectAll => LogicalPlanBuilder::intersect(left, right, true),
            SetOp::IntersectDistinct => LogicalPlanBuilder::intersect(left, right, false),
            SetOp::ExceptAll => LogicalPlanBuilder::except(left, right, true),
            SetOp::ExceptDistinct => LogicalPlanBuilder::except(left, right, false),
        }?;
        if counts { self.exactly(plan, &rel.columns) } else { Ok(plan) }
    }

    /// A side of a set operation under the operation's column names and types.
    fn renamed(
        &mut self,
        side: &ir::Rel,
        columns: &[ir::Column],
        names: &[String],
    ) -> Result<LogicalPlan> {
        let plan = self.rel(side)?;
        let mut exprs = Vec::with_capacity(names.len());
        for ((from, to), name) in side.columns.iter().zip(columns).zip(names) {
            let mut expr = self.column(from.id)?;
            if layout::arrow_type(&from.ty) != layout::arrow_type(&to.ty) {
                expr = super::expr::cast(expr, &to.ty);
            }
            exprs.push(expr.alias(name));
        }
        LogicalPlanBuilder::from(plan).project(exprs)?.build()
    }

    /// The plan with exactly these columns, in order.
    pub(super) fn exactly(
        &mut self,
        plan: LogicalPlan,
        columns: &[ir::Column],
    ) -> Result<LogicalPlan> {
        let exprs =
            columns.iter().map(|column| self.column(column.id)).collect::<Result<Vec<_>>>()?;
        if exprs == all_columns(&plan) {
            return Ok(plan);
        }
        LogicalPlanBuilder::from(plan).project(exprs)?.build()
    }

    /// `expr`, with the default of the type in place of NULL, if the type knows no NULL.
    pub(super) fn or_default(&self, expr: Expr, ty: &crate::types::Type) -> Result<Expr> {
        if ty.nullable || ty.kind == Kind::Nothing {
            return Ok(expr);
        }
        Ok(datafusion::functions::expr_fn::coalesce(vec![expr, lit(layout::default_scalar(ty)?)]))
    }
}

/// The rows with their number among equal rows: `ALL` pairs the copies of a row one by one.
fn copies(plan: LogicalPlan, name: &str) -> Result<LogicalPlan> {
    let number = row_number().partition_by(all_columns(&plan)).build()?.alias(name);
    LogicalPlanBuilder::from(plan).window(vec![number])?.build()
}
