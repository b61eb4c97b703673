//! The columns that runs come in, and what else a plan may rely on.

use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef, TimeUnit};
use datafusion::common::{Result, internal_err};
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr, PhysicalSortExpr};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType, SchedulingType};
use datafusion::physical_plan::{Partitioning, PlanProperties};
use std::sync::Arc;

/// Names of the columns that runs always have.
pub(super) const NAMES: [&str; 3] = ["actor", "time", "marks"];

/// The type of times: microseconds since 1970-01-01 UTC.
pub(super) fn instant() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some(Arc::from("UTC")))
}

/// The columns of runs whose rows carry these ones.
pub(super) fn schema(carried: impl IntoIterator<Item = FieldRef>) -> SchemaRef {
    let types = [DataType::UInt64, instant(), DataType::UInt64];
    let own = NAMES.iter().zip(types).map(|(name, own)| Arc::new(Field::new(*name, own, false)));
    Arc::new(Schema::new(own.chain(carried).collect::<Vec<FieldRef>>()))
}

/// Runs are ordered by actor, then time; no hash tells which actor is in which partition.
pub(super) fn properties(schema: SchemaRef, partitions: usize) -> PlanProperties {
    let order = NAMES.iter().take(2).enumerate().map(|(index, name)| {
        let column: Arc<dyn PhysicalExpr> = Arc::new(Column::new(name, index));
        PhysicalSortExpr::new_default(column)
    });
    PlanProperties::new(
        EquivalenceProperties::new_with_orderings(schema, [order]),
        Partitioning::UnknownPartitioning(partitions),
        EmissionType::Incremental,
        Boundedness::Bounded,
    )
    // The inputs are read by streams that give way.
    .with_scheduling_type(SchedulingType::Cooperative)
}

/// Refuses a column of another type.
pub(super) fn expect(schema: &Schema, index: usize, expected: &DataType) -> Result<()> {
    match schema.fields().get(index) {
        Some(field) if field.data_type() == expected => Ok(()),
        Some(field) => internal_err!(
            "runs are made of rows whose column {index} is {expected}, not {}",
            field.data_type()
        ),
        None => internal_err!("runs are made of rows with a column {index}, which there is not"),
    }
}

/// A column of a plan's schema.
pub(super) fn column(schema: &Schema, index: usize) -> Result<Arc<dyn PhysicalExpr>> {
    match schema.fields().get(index) {
        Some(field) => Ok(Arc::new(Column::new(field.name(), index))),
        None => internal_err!("there is no column {index}"),
    }
}
