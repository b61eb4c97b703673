//! Counts of distinct actors in a logical plan.

use super::{ActorFoldExec, DistinctActors};
use arrow::datatypes::{DataType, Field};
use datafusion::catalog::Session;
use datafusion::common::{Column, DFSchema, DFSchemaRef, Result, internal_err};
use datafusion::functions_aggregate::expr_fn::count_distinct;
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::logical_expr::{
    Expr, LogicalPlan, LogicalPlanBuilder, UserDefinedLogicalNodeCore, cast,
};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_planner::PhysicalPlanner;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// Counts the distinct actors of each group of the input's rows.
///
/// Its columns are the keys, as the input has them, and the count. Without keys there is one row, even of no rows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DistinctActorsNode {
    input: LogicalPlan,
    keys: Vec<Expr>,
    actor: Expr,
    count: String,
    schema: DFSchemaRef,
}

impl DistinctActorsNode {
    /// Counts the values of the column `actor`, 64-bit whole numbers without sign and never NULL, by the columns
    /// `keys`; the count gets the name `count`.
    ///
    /// # Errors
    /// A key or an actor that is no column of the input, an actor of another type, two columns of one name.
    pub fn try_new(
        input: LogicalPlan,
        keys: Vec<Expr>,
        actor: Expr,
        count: impl Into<String>,
    ) -> Result<Self> {
        let count = count.into();
        let (_, found) = input.schema().qualified_field_from_column(column(&actor)?)?;
        if found.data_type() != &DataType::UInt64 {
            return internal_err!("the actor {actor} is {}", found.data_type());
        }
        let mut fields = Vec::with_capacity(keys.len() + 1);
        for key in &keys {
            let (qualifier, field) = input.schema().qualified_field_from_column(column(key)?)?;
            fields.push((qualifier.cloned(), Arc::clone(field)));
        }
        fields.push((None, Arc::new(Field::new(&count, DataType::UInt64, false))));
        let schema = Arc::new(DFSchema::new_with_metadata(fields, HashMap::new())?);
        Ok(Self { input, keys, actor, count, schema })
    }

    /// The operator over the one input.
    ///
    /// # Errors
    /// Another number of inputs, or columns that they have not (defects).
    pub fn plan(
        &self,
        planner: &dyn PhysicalPlanner,
        inputs: &[Arc<dyn ExecutionPlan>],
        session: &dyn Session,
        context: &PhysicalPlanningContext,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let [input] = inputs else {
            return internal_err!("actors are counted over one input, not {}", inputs.len());
        };
        let physical =
            |expr| planner.create_physical_expr(expr, self.input.schema(), session, context);
        let mut keys = Vec::with_capacity(self.keys.len());
        for (key, field) in self.keys.iter().zip(self.schema.fields()) {
            keys.push((physical(key)?, field.name().clone()));
        }
        let actor = physical(&self.actor)?;
        let fold = DistinctActors::try_new(&input.schema(), keys, actor, &self.count)?;
        Ok(Arc::new(ActorFoldExec::new(Arc::clone(input), Arc::new(fold))))
    }

    /// The same as a plain aggregation, for those who know no folds.
    ///
    /// # Errors
    /// Whatever DataFusion says of it.
    pub fn aggregation(&self) -> Result<LogicalPlan> {
        let count = count_distinct(self.actor.clone()).alias(&self.count);
        let counted = Expr::Column(Column::from_name(&self.count));
        let counted = cast(counted, DataType::UInt64).alias(&self.count);
        LogicalPlanBuilder::from(self.input.clone())
            .aggregate(self.keys.clone(), vec![count])?
            .project(self.keys.iter().cloned().chain([counted]))?
            .build()
    }
}

impl PartialOrd for DistinctActorsNode {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        // The schema follows from the rest, and has no order.
        let own = (&self.keys, &self.actor, &self.count, &self.input);
        own.partial_cmp(&(&other.keys, &other.actor, &other.count, &other.input))
    }
}

impl UserDefinedLogicalNodeCore for DistinctActorsNode {
    fn name(&self) -> &str {
        "DistinctActors"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        vec![&self.input]
    }

    fn schema(&self) -> &DFSchemaRef {
        &self.schema
    }

    fn expressions(&self) -> Vec<Expr> {
        self.keys.iter().chain([&self.actor]).cloned().collect()
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<String> = self.keys.iter().map(ToString::to_string).collect();
        let Self { actor, count, .. } = self;
        write!(f, "DistinctActors: keys=[{}], actor={actor}, count={count}", keys.join(", "))
    }

    fn with_exprs_and_inputs(
        &self,
        mut exprs: Vec<Expr>,
        mut inputs: Vec<LogicalPlan>,
    ) -> Result<Self> {
        let (actor, input) = (exprs.pop(), inputs.pop());
        let (Some(actor), Some(input), true) = (actor, input, inputs.is_empty()) else {
            return internal_err!("actors are counted over one input");
        };
        if exprs.len() != self.keys.len() {
            return internal_err!("{} keys in place of {}", exprs.len(), self.keys.len());
        }
        Self::try_new(input, exprs, actor, &self.count)
    }

    fn necessary_children_exprs(&self, _output_columns: &[usize]) -> Option<Vec<Vec<usize>>> {
        // All keys make the groups, whichever of them are asked for.
        let columns = self.keys.iter().chain([&self.actor]);
        let index = |expr| self.input.schema().maybe_index_of_column(column(expr).ok()?);
        Some(vec![columns.map(index).collect::<Option<_>>()?])
    }
}

/// The column that an expression is.
fn column(expr: &Expr) -> Result<&Column> {
    match expr {
        Expr::Column(column) => Ok(column),
        _ => internal_err!("{expr} is no column"),
    }
}
