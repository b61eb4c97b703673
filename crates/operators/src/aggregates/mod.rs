//! Aggregates: DataFusion's own where they mean the same, and Hoglet's.
//!
//! All skip rows where an argument is NULL, and give NULL for no rows, except counts (0) and those that give an array (empty;
//! `quantiles` an array of NaN). Plans put ClickHouse's default in the place of that NULL.
//!
//! Hoglet's implement `GroupStates` over columns; adapters make accumulators of it.

mod collect;
mod distinct;
mod elements;
mod kernel;
mod key;
mod native;
mod pick;
mod quantile;
mod queue;
mod recomputed;
mod sliding;
mod slots;
mod states;
mod sums;
#[cfg(test)]
mod tests;

use arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::AggregateUDF;
use kernel::{Kernel, KernelUdaf, Spec};
use std::sync::Arc;

/// The aggregate of that name for those constant parameters and argument types.
///
/// DataFusion's own may give another width than `return_type` (`count` is `Int64`): compare with its
/// [`return_type`](AggregateUDF::return_type) and cast. `count` without arguments wants the literal 1.
///
/// # Errors
/// None today: parameters and types are checked when the aggregate is run.
pub fn udaf(
    name: &str,
    params: &[ScalarValue],
    arg_types: &[DataType],
    return_type: &DataType,
) -> Result<Option<Arc<AggregateUDF>>> {
    if let Some(native) = native::native(name, arg_types) {
        return Ok(Some(native));
    }
    let Some(kernel) = kernel(name) else { return Ok(None) };
    let spec = Spec {
        kernel,
        params: params.to_vec(),
        args: arg_types.to_vec(),
        return_type: return_type.clone(),
    };
    Ok(Some(Arc::new(AggregateUDF::from(KernelUdaf::new(spec)))))
}

fn kernel(name: &str) -> Option<Kernel> {
    let tables = [
        collect::KERNELS,
        distinct::KERNELS,
        elements::KERNELS,
        pick::KERNELS,
        quantile::KERNELS,
        sums::KERNELS,
    ];
    tables.into_iter().flatten().find(|kernel| kernel.name == name).copied()
}
