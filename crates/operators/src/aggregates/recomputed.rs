//! DataFusion's aggregates with sliding windows of their own.
//!
//! Some of DataFusion's accumulators know no sliding windows. Others take the values that leave a window out of a running
//! state. That leaves rounding errors behind, negative variances and sums without their small terms, and NaN for all rows
//! after one of NaN or infinity.

use super::queue::SlidingSum;
use super::sliding::{Sliding, Whose};
use arrow::datatypes::{DataType, FieldRef};
use datafusion::common::{Result, ScalarValue};
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
            Slide::Anew => Box::new(Sliding::new(Whose::Native(
                Arc::clone(&self.aggregate),
                args.return_field,
            ))),
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
