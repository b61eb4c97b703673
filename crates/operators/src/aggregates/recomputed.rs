//! DataFusion's aggregates of floats with sliding windows of their own.
//!
//! DataFusion's accumulators take the values that leave a window out of a running state. That leaves rounding errors behind:
//! negative variances, and sums without their small terms; and NaN for all rows after one of NaN or infinity.

use super::queue::SlidingSum;
use arrow::array::{Array, ArrayRef};
use arrow::compute::concat;
use arrow::datatypes::{DataType, FieldRef, Schema};
use datafusion::common::{Result, ScalarValue, internal_err};
use datafusion::logical_expr::expr::AggregateFunction;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::AggregateOrderSensitivity;
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, Expr, GroupsAccumulator, Operator, ReversedUDAF,
    Signature, StatisticsArgs,
};
use std::sync::Arc;

/// How the rows of a sliding window become its result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Slide {
    /// All of them anew for each row.
    Anew,
    /// As a sum.
    Sum,
    /// As a mean.
    Mean,
}

/// The aggregate with such sliding windows; all else is left to it.
pub(super) fn sliding(aggregate: Arc<AggregateUDF>, how: Slide) -> Arc<AggregateUDF> {
    Arc::new(AggregateUDF::from(Recomputed { aggregate, how }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Recomputed {
    aggregate: Arc<AggregateUDF>,
    how: Slide,
}

impl AggregateUDFImpl for Recomputed {
    fn name(&self) -> &str {
        self.aggregate.name()
    }

    fn aliases(&self) -> &[String] {
        self.aggregate.aliases()
    }

    fn signature(&self) -> &Signature {
        self.aggregate.signature()
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        self.aggregate.return_type(arg_types)
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        self.aggregate.accumulator(args)
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        self.aggregate.state_fields(args)
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs<'_>) -> bool {
        self.aggregate.groups_accumulator_supported(args)
    }

    fn create_groups_accumulator(
        &self,
        args: AccumulatorArgs<'_>,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        self.aggregate.create_groups_accumulator(args)
    }

    fn create_sliding_accumulator(
        &self,
        args: AccumulatorArgs<'_>,
    ) -> Result<Box<dyn Accumulator>> {
        if args.is_distinct {
            return self.aggregate.create_sliding_accumulator(args);
        }
        let window: Box<dyn Accumulator> = match self.how {
            Slide::Anew => Box::new(Window {
                aggregate: Arc::clone(&self.aggregate),
                result: args.return_field,
                columns: Vec::new(),
            }),
            Slide::Sum => Box::new(SlidingSum::new(false)),
            Slide::Mean => Box::new(SlidingSum::new(true)),
        };
        Ok(window)
    }

    fn reverse_expr(&self) -> ReversedUDAF {
        self.aggregate.reverse_udf()
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        self.aggregate.order_sensitivity()
    }

    fn simplify_expr_op_literal(
        &self,
        agg_function: &AggregateFunction,
        arg: &Expr,
        op: Operator,
        lit: &Expr,
        arg_is_left: bool,
    ) -> Result<Option<Expr>> {
        self.aggregate.simplify_expr_op_literal(agg_function, arg, op, lit, arg_is_left)
    }

    fn value_from_stats(&self, statistics_args: &StatisticsArgs<'_>) -> Option<ScalarValue> {
        self.aggregate.value_from_stats(statistics_args)
    }

    fn default_value(&self, data_type: &DataType) -> Result<ScalarValue> {
        self.aggregate.default_value(data_type)
    }
}

/// The rows of a window, one array for each argument.
#[derive(Debug)]
struct Window {
    aggregate: Arc<AggregateUDF>,
    result: FieldRef,
    columns: Vec<ArrayRef>,
}

impl Window {
    /// An accumulator of no rows. Those of numbers ask for nothing but whether their arguments are to be distinct.
    fn empty(&self) -> Result<Box<dyn Accumulator>> {
        self.aggregate.accumulator(AccumulatorArgs {
            return_field: Arc::clone(&self.result),
            schema: &Schema::empty(),
            ignore_nulls: false,
            order_bys: &[],
            is_reversed: false,
            name: self.aggregate.name(),
            is_distinct: false,
            exprs: &[],
            expr_fields: &[],
        })
    }
}

impl Accumulator for Window {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        if self.columns.is_empty() {
            self.columns = values.to_vec();
            return Ok(());
        }
        for (column, more) in self.columns.iter_mut().zip(values) {
            // A copy of the window's rows alone: those that have left it are freed.
            *column = concat(&[&**column, &**more])?;
        }
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let mut accumulator = self.empty()?;
        if !self.columns.is_empty() {
            accumulator.update_batch(&self.columns)?;
        }
        accumulator.evaluate()
    }

    fn size(&self) -> usize {
        let arrays = self.columns.iter().map(|array| array.get_array_memory_size()).sum::<usize>();
        size_of::<Self>() + arrays
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        internal_err!("a sliding window has no partial state")
    }

    fn merge_batch(&mut self, _states: &[ArrayRef]) -> Result<()> {
        internal_err!("a sliding window has no partial state")
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let gone = values.first().map_or(0, |array| array.len());
        for column in &mut self.columns {
            let Some(left) = column.len().checked_sub(gone) else {
                return internal_err!("more rows left the window than came in");
            };
            *column = column.slice(gone, left);
        }
        Ok(())
    }

    fn supports_retract_batch(&self) -> bool {
        true
    }
}
