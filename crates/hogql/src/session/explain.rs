//! How a query is answered: logical and physical plans, as text or standard SQL.

use super::Query;
use super::errors::from_datafusion;
use crate::error::Error;
use datafusion::common::tree_node::Transformed;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::display::DisplayableExecutionPlan;
use datafusion::physical_plan::{collect, displayable};
use datafusion::sql::unparser::plan_to_sql;
use operators::actors::DistinctActorsNode;
use std::sync::Arc;

impl Query {
    /// The optimised logical plan and the physical plan.
    ///
    /// # Errors
    /// A plan that cannot be made.
    pub async fn explain(&self) -> Result<String, Error> {
        let logical = self.context.state().optimize(&self.plan).map_err(from_datafusion)?;
        let physical = self.physical_plan().await?;
        let physical = displayable(physical.as_ref()).indent(false).to_string();
        Ok(format!("logical plan\n{}\n\nphysical plan\n{physical}", logical.display_indent()))
    }

    /// Runs the query and gives the physical plan with its metrics.
    ///
    /// # Errors
    /// Whatever running the query gives.
    pub async fn explain_analyze(&self) -> Result<String, Error> {
        let plan = self.physical_plan().await?;
        collect(Arc::clone(&plan), self.task(&plan)?).await.map_err(from_datafusion)?;
        Ok(DisplayableExecutionPlan::with_metrics(plan.as_ref()).indent(false).to_string())
    }

    /// The plan as standard SQL over the source's tables, by DataFusion's unparser. Kernels appear under their names.
    ///
    /// # Errors
    /// A plan that the unparser cannot write.
    pub fn to_sql(&self) -> Result<String, Error> {
        let listed = self.plan.clone().transform_up_with_subqueries(|node| match node {
            // A list of no columns is no SQL; nothing above it asks for one.
            LogicalPlan::Projection(list) if list.expr.is_empty() => {
                Ok(Transformed::yes(Arc::unwrap_or_clone(list.input)))
            }
            // Nor are nodes of ours.
            LogicalPlan::Extension(own) => {
                match own.node.as_any().downcast_ref::<DistinctActorsNode>() {
                    Some(node) => Ok(Transformed::yes(node.aggregation()?)),
                    None => Ok(Transformed::no(LogicalPlan::Extension(own))),
                }
            }
            node => Ok(Transformed::no(node)),
        });
        let plan = listed.map_err(from_datafusion)?.data;
        Ok(plan_to_sql(&plan).map_err(from_datafusion)?.to_string())
    }
}
