//! The table of a store's events: its files, read as far as filters need them, and a shorter way for what asks for persons
//! and times alone. Either way, a scan that gives actors promises where they are.

use super::actor_files::in_ranges;
use super::buckets::Bucket;
use super::narrow::{ActorScanExec, NarrowRequest, Opening, actor_scan_schema};
use super::pruned::{Pruned, asks_for_persons, both, bound, is_of_times, pruned, texts_of};
use super::{ACTOR_COLUMN, Persons};
use crate::table::FileTable;
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::{Column, DFSchema, Result, Statistics};
use datafusion::datasource::TableType;
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown};
use datafusion::physical_expr::expressions::Column as PhysicalColumn;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::projection::{ProjectionExec, ProjectionExpr};
use events::column;
use std::sync::Arc;

/// Events of a store.
#[derive(Debug)]
pub(super) struct StoreTable {
    table: Arc<FileTable>,
    /// Its files by bucket.
    buckets: Vec<Bucket>,
    /// Who is who, unless merges are to be worked in.
    persons: Option<Arc<Persons>>,
}

impl StoreTable {
    pub(super) fn new(table: Arc<FileTable>, persons: Option<Arc<Persons>>) -> Self {
        let buckets = Bucket::all(&table);
        Self { table, buckets, persons }
    }

    /// A scan of persons and times; `None` if more is asked for than those.
    async fn actors(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
    ) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        let Some(names) = self.narrow_names(projection) else { return Ok(None) };
        let Some(Narrowed { request, rest }) = narrowed(filters) else { return Ok(None) };
        let clusters = request.events.is_some();
        let opening = Opening { request: &request, clusters, ties: false };
        let partitions = state.config().target_partitions();
        let scan =
            ActorScanExec::plan(&self.table, &self.buckets, &opening, partitions, state).await?;
        let mut plan: Arc<dyn ExecutionPlan> = Arc::new(scan);
        if let Some(filter) = conjunction(rest) {
            let schema = DFSchema::try_from(actor_scan_schema())?;
            let filter = state.create_physical_expr(filter, &schema)?;
            plan = Arc::new(FilterExec::try_new(filter, plan)?);
        }
        let mut shown = Vec::with_capacity(names.len());
        for name in names {
            let index = plan.schema().index_of(&name)?;
            let expr = Arc::new(PhysicalColumn::new(&name, index));
            shown.push(ProjectionExpr { expr, alias: name });
        }
        Ok(Some(Arc::new(ProjectionExec::try_new(shown, plan)?)))
    }

    /// The columns, if they are actors and perhaps times.
    fn narrow_names(&self, projection: Option<&Vec<usize>>) -> Option<Vec<String>> {
        let schema = self.table.schema();
        let names: Vec<String> =
            projection?.iter().map(|index| schema.field(*index).name().clone()).collect();
        let known = |name: &String| [ACTOR_COLUMN, column::TIMESTAMP].contains(&name.as_str());
        let fits = names.iter().any(|name| name == ACTOR_COLUMN) && names.iter().all(known);
        fits.then_some(names)
    }
}

/// Filters that clusters answer.
struct Narrowed {
    request: NarrowRequest,
    /// What is still to be asked of the times.
    rest: Vec<Expr>,
}

/// The events and times of filters; `None` if one of them asks for anything else.
fn narrowed(filters: &[Expr]) -> Option<Narrowed> {
    let mut narrowed = Narrowed { request: NarrowRequest::default(), rest: Vec::new() };
    for filter in filters {
        if is_of_times(filter) {
            bound(filter, &mut narrowed.request);
            narrowed.rest.push(unqualified(filter)?);
            continue;
        }
        both(&mut narrowed.request.events, texts_of(filter, column::EVENT)?);
    }
    Some(narrowed)
}

/// The same over columns of no table.
fn unqualified(filter: &Expr) -> Option<Expr> {
    use datafusion::common::tree_node::{Transformed, TreeNode};
    let plain = |expr: Expr| {
        Ok(match expr {
            Expr::Column(column) => Transformed::yes(Expr::Column(Column::from_name(column.name))),
            expr => Transformed::no(expr),
        })
    };
    filter.clone().transform(plain).ok().map(|plain| plain.data)
}

#[async_trait]
impl TableProvider for StoreTable {
    fn schema(&self) -> SchemaRef {
        self.table.schema()
    }

    fn table_type(&self) -> TableType {
        self.table.table_type()
    }

    fn statistics(&self) -> Option<Statistics> {
        self.table.statistics()
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        let mut supported = self.table.supports_filters_pushdown(filters)?;
        for (filter, support) in filters.iter().zip(&mut supported) {
            if self.persons.is_some() && asks_for_persons(filter) {
                *support = TableProviderFilterPushDown::Inexact;
            }
        }
        Ok(supported)
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        if let Some(plan) = self.actors(state, projection, filters).await? {
            return Ok(plan);
        }
        let Pruned { filters, reaches } =
            pruned(&self.table, self.persons.as_deref(), filters, state).await?;
        let plan = self.table.scan_within(state, projection, &filters, limit, &reaches).await?;
        in_ranges(plan, &self.buckets, &reaches, state.config().target_partitions())
    }
}
