//! Runs of rows in no order: they are put in order first.

use super::numbered::{ACTOR, MARKS, NumberedRunsExec, TIME};
use super::schema::{NAMES, column, instant};
use arrow::datatypes::DataType;
use datafusion::common::{Result, internal_err};
use datafusion::logical_expr::Operator;
use datafusion::physical_expr::expressions::{BinaryExpr, cast, lit};
use datafusion::physical_expr::{LexOrdering, PhysicalExpr, PhysicalSortExpr};
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::repartition::RepartitionExec;
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties, Partitioning};
use std::sync::Arc;

/// Where a tie is, behind the columns that there always are.
const TIE: usize = NAMES.len();

/// Which runs are to be made of an input that promises nothing.
#[derive(Debug, Clone)]
pub struct SortedRuns {
    /// Whose row it is: any value that can be hashed and ordered. Rows with NULL are those of one more actor.
    pub actor: Arc<dyn PhysicalExpr>,
    /// When it happened: a timestamp, never NULL.
    pub time: Arc<dyn PhysicalExpr>,
    /// What orders an actor's rows at one time; without it their order is any.
    pub tie: Option<Arc<dyn PhysicalExpr>>,
    /// Which conditions it satisfies, of type `UInt64`. NULL is none.
    pub marks: Arc<dyn PhysicalExpr>,
    /// Whether rows that satisfy none are left out.
    pub only_marked: bool,
    /// Actors without a row that has one of these marks are left out; 0 leaves none out.
    pub first: u64,
    /// What else the rows carry, under these names. The actor itself costs nothing more.
    pub columns: Vec<(Arc<dyn PhysicalExpr>, String)>,
    /// Number of partitions.
    pub partitions: usize,
}

/// Plans runs of an input's rows: what is needed of them is hashed by actor, then sorted, which spills when memory is
/// short. The result is a [`NumberedRunsExec`]: an actor is a number that has nothing to do with its value.
///
/// # Errors
/// An expression that the input cannot serve, or marks of another type.
pub fn sorted_runs(
    input: Arc<dyn ExecutionPlan>,
    runs: &SortedRuns,
) -> Result<Arc<dyn ExecutionPlan>> {
    let (narrow, columns) = narrow(input, runs)?;
    let schema = narrow.schema();
    let actor = column(&schema, ACTOR)?;
    let partitions = runs.partitions.max(1);
    let is_one = partitions == 1 && narrow.output_partitioning().partition_count() == 1;
    let spread: Arc<dyn ExecutionPlan> = if is_one {
        narrow
    } else {
        let partitioning = Partitioning::Hash(vec![actor], partitions);
        Arc::new(RepartitionExec::try_new(narrow, partitioning)?)
    };
    let keys = [ACTOR, TIME].into_iter().chain(runs.tie.is_some().then_some(TIE));
    let keys = keys.map(|key| column(&schema, key)).collect::<Result<Vec<_>>>()?;
    let Some(order) = LexOrdering::new(keys.into_iter().map(PhysicalSortExpr::new_default)) else {
        return internal_err!("rows are to be put in no order");
    };
    let sorted = SortExec::new(order.clone(), spread).with_preserve_partitioning(true);
    Ok(Arc::new(NumberedRunsExec::try_new(Arc::new(sorted), order, runs.first, columns)?))
}

/// Where the columns are that rows carry, and their names.
type Carried = Vec<(usize, String)>;

/// What is needed of the rows: actor, time, marks, the tie if there is one, then what they carry. And where that is,
/// with its names.
fn narrow(
    input: Arc<dyn ExecutionPlan>,
    runs: &SortedRuns,
) -> Result<(Arc<dyn ExecutionPlan>, Carried)> {
    let schema = input.schema();
    let found = runs.marks.data_type(&schema)?;
    if found != DataType::UInt64 {
        return internal_err!("marks are bits in UInt64, and {} is {found}", runs.marks);
    }
    let time = cast(Arc::clone(&runs.time), &schema, instant())?;
    let always = [Arc::clone(&runs.actor), time, Arc::clone(&runs.marks)];
    let mut exprs: Vec<(Arc<dyn PhysicalExpr>, String)> =
        always.into_iter().zip(NAMES.map(str::to_owned)).collect();
    exprs.extend(runs.tie.iter().map(|tie| (Arc::clone(tie), "tie".to_owned())));
    let mut columns = Vec::with_capacity(runs.columns.len());
    for (expr, name) in &runs.columns {
        // Whoever wants to know who it was finds it in the key.
        let index = if expr.eq(&runs.actor) { ACTOR } else { exprs.len() };
        if index == exprs.len() {
            exprs.push((Arc::clone(expr), name.clone()));
        }
        columns.push((index, name.clone()));
    }
    let narrow: Arc<dyn ExecutionPlan> = Arc::new(ProjectionExec::try_new(exprs, input)?);
    if !runs.only_marked {
        return Ok((narrow, columns));
    }
    let marks = column(&narrow.schema(), MARKS)?;
    let has_mark = Arc::new(BinaryExpr::new(marks, Operator::NotEq, lit(0_u64)));
    let marked: Arc<dyn ExecutionPlan> = Arc::new(FilterExec::try_new(has_mark, narrow)?);
    Ok((marked, columns))
}
