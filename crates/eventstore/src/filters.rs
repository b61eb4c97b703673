//! Filters of a scan on their way to a Parquet reader.

use datafusion::catalog::Session;
use datafusion::common::{Result, internal_err};
use datafusion::datasource::physical_plan::FileSource;
use datafusion::logical_expr::Expr;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::projection::ProjectionExprs;
use datafusion::physical_plan::filter_pushdown::PushedDown;
use std::sync::Arc;

/// Gives a Parquet reader the filters, which speak of the table's columns.
pub(crate) fn push_filters(
    source: Arc<dyn FileSource>,
    shown: &ProjectionExprs,
    filters: &[Arc<dyn PhysicalExpr>],
    session: &dyn Session,
) -> Result<Arc<dyn FileSource>> {
    if filters.is_empty() || source.file_type() != "parquet" {
        return Ok(source);
    }
    let filters =
        filters.iter().map(|filter| shown.unproject_expr(filter)).collect::<Result<Vec<_>>>()?;
    let pushed = source.try_pushdown_filters(filters, session.config_options())?;
    if pushed.filters.iter().any(|filter| matches!(filter, PushedDown::No)) {
        return internal_err!("a filter that was promised to be applied is not");
    }
    Ok(pushed.updated_node.unwrap_or(source))
}

/// Whether a filter asks another query.
pub(crate) fn contains_subquery(expr: &Expr) -> bool {
    use datafusion::common::tree_node::TreeNode;
    let is_subquery = |expr: &Expr| {
        Ok(matches!(
            expr,
            Expr::ScalarSubquery(_)
                | Expr::InSubquery(_)
                | Expr::Exists(_)
                | Expr::OuterReferenceColumn(_, _)
        ))
    };
    expr.exists(is_subquery).unwrap_or(true)
}
