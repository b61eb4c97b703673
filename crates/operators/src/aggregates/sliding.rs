//! Windows whose start moves: the window's rows are kept, and the result is computed anew for each row.

use super::kernel::Spec;
use super::states::Single;
use arrow::array::{Array, ArrayRef};
use arrow::compute::concat;
use arrow::datatypes::{FieldRef, Schema};
use datafusion::common::{Result, ScalarValue, internal_err};
use datafusion::logical_expr::function::AccumulatorArgs;
use datafusion::logical_expr::{Accumulator, AggregateUDF};
use std::collections::VecDeque;
use std::sync::Arc;

/// Whose result it is.
#[derive(Debug)]
pub(super) enum Whose {
    /// A kernel's.
    Kernel(Spec),
    /// That of DataFusion's own aggregate, which gives such a field.
    Native(Arc<AggregateUDF>, FieldRef),
}

impl Whose {
    /// An accumulator of no rows.
    fn accumulator(&self) -> Result<Box<dyn Accumulator>> {
        match self {
            Self::Kernel(spec) => Ok(Box::new(Single::try_new(spec)?)),
            // The aggregates of numbers ask for nothing but the type of their result, and whether arguments are to be distinct.
            Self::Native(aggregate, result) => aggregate.accumulator(AccumulatorArgs {
                return_field: Arc::clone(result),
                schema: &Schema::empty(),
                ignore_nulls: false,
                order_bys: &[],
                is_reversed: false,
                name: aggregate.name(),
                is_distinct: false,
                exprs: &[],
                expr_fields: &[],
            }),
        }
    }
}

/// The rows of a window, as they came: one array for each argument.
#[derive(Debug)]
pub(super) struct Sliding {
    whose: Whose,
    window: VecDeque<Vec<ArrayRef>>,
}

impl Sliding {
    pub(super) const fn new(whose: Whose) -> Self {
        Self { whose, window: VecDeque::new() }
    }

    /// The window's rows in one array for each argument. It is made for each result and not kept: texts put together again
    /// and again would hold on to all that they ever were part of.
    fn columns(&self) -> Result<Vec<ArrayRef>> {
        let arguments = self.window.front().map_or(0, Vec::len);
        let column = |argument: usize| {
            let parts = self.window.iter().filter_map(|values| values.get(argument));
            Ok(concat(&parts.map(AsRef::as_ref).collect::<Vec<_>>())?)
        };
        (0..arguments).map(column).collect()
    }
}

impl Accumulator for Sliding {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        if values.first().is_some_and(|array| !array.is_empty()) {
            self.window.push_back(values.to_vec());
        }
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let mut accumulator = self.whose.accumulator()?;
        if !self.window.is_empty() {
            accumulator.update_batch(&self.columns()?)?;
        }
        accumulator.evaluate()
    }

    fn size(&self) -> usize {
        let arrays =
            self.window.iter().flatten().map(|array| array.get_array_memory_size()).sum::<usize>();
        size_of::<Self>() + arrays
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        internal_err!("a sliding window has no partial state")
    }

    fn merge_batch(&mut self, _states: &[ArrayRef]) -> Result<()> {
        internal_err!("a sliding window has no partial state")
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let mut left = values.first().map_or(0, |array| array.len());
        while left > 0 {
            let Some(oldest) = self.window.front_mut() else {
                return internal_err!("more rows left the window than came in");
            };
            let rows = oldest.first().map_or(0, |array| array.len());
            if rows <= left {
                left -= rows;
                self.window.pop_front();
            } else {
                for array in oldest {
                    *array = array.slice(left, rows - left);
                }
                left = 0;
            }
        }
        Ok(())
    }

    fn supports_retract_batch(&self) -> bool {
        true
    }
}
