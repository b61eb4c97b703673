//! The table of a store's events: its files, and a shorter way for what asks for persons and times alone.

use super::ACTOR_COLUMN;
use super::narrow::{ActorScanExec, NarrowRequest, Opening, actor_scan_schema};
use crate::table::FileTable;
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::{Column, DFSchema, Result, ScalarValue, Statistics};
use datafusion::datasource::TableType;
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{BinaryExpr, Expr, Operator, TableProviderFilterPushDown};
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
}

impl StoreTable {
    pub(super) const fn new(table: Arc<FileTable>) -> Self {
        Self { table }
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
        let scan = ActorScanExec::plan(&self.table, &opening, partitions, state).await?;
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
        let columns = filter.column_refs();
        if columns.iter().all(|column| column.name == column::TIMESTAMP) {
            bound(filter, &mut narrowed.request);
            narrowed.rest.push(unqualified(filter)?);
            continue;
        }
        let found = names(filter)?;
        let events = match narrowed.request.events.take() {
            Some(before) => before.into_iter().filter(|event| found.contains(event)).collect(),
            None => found,
        };
        narrowed.request.events = Some(events);
    }
    Some(narrowed)
}

/// The events that a filter lets through, if it asks for nothing else.
fn names(filter: &Expr) -> Option<Vec<String>> {
    match filter {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right }) => {
            let value =
                if is_event(left) { right } else { Some(left).filter(|_| is_event(right))? };
            Some(vec![text(value)?])
        }
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Or, right }) => {
            let (mut all, more) = (names(left)?, names(right)?);
            all.extend(more);
            Some(all)
        }
        Expr::InList(list) if !list.negated && is_event(&list.expr) => {
            list.list.iter().map(text).collect()
        }
        _ => None,
    }
}

fn is_event(expr: &Expr) -> bool {
    matches!(expr, Expr::Column(column) if column.name == column::EVENT)
}

fn text(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Literal(
            ScalarValue::Utf8(Some(text))
            | ScalarValue::Utf8View(Some(text))
            | ScalarValue::LargeUtf8(Some(text)),
            _,
        ) => Some(text.clone()),
        _ => None,
    }
}

/// Takes in what a filter says of the window of time. It is asked of the rows, too.
fn bound(filter: &Expr, request: &mut NarrowRequest) {
    let Expr::BinaryExpr(BinaryExpr { left, op, right }) = filter else { return };
    if *op == Operator::And {
        bound(left, request);
        bound(right, request);
        return;
    }
    let (Expr::Column(_), Expr::Literal(ScalarValue::TimestampMicrosecond(Some(time), _), _)) =
        (left.as_ref(), right.as_ref())
    else {
        return;
    };
    match op {
        Operator::Gt | Operator::GtEq => request.from = request.from.max(Some(*time)),
        Operator::Lt | Operator::LtEq => {
            let behind = time.saturating_add(1);
            request.to = Some(request.to.map_or(behind, |to| to.min(behind)));
        }
        _ => {}
    }
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
        self.table.supports_filters_pushdown(filters)
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        match self.actors(state, projection, filters).await? {
            Some(plan) => Ok(plan),
            None => self.table.scan(state, projection, filters, limit).await,
        }
    }
}
