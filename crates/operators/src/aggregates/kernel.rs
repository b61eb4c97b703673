//! The one UDAF type behind all of Hoglet's aggregates.

use super::sliding::{Sliding, Whose};
use super::states::{GroupStates, Grouped, Single};
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{Result, ScalarValue, internal_err};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::{AggregateOrderSensitivity, format_state_name};
use datafusion::logical_expr::{
    Accumulator, AggregateUDFImpl, GroupsAccumulator, ReversedUDAF, Signature, Volatility,
};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// An aggregate: its name, the types of its partial state and how to make empty states.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kernel {
    /// Its name.
    pub(super) name: &'static str,
    /// Types of the partial state.
    pub(super) state: fn(&Spec) -> Result<Vec<DataType>>,
    /// States of no groups.
    pub(super) new: fn(&Spec) -> Result<Box<dyn GroupStates>>,
}

/// A kernel for certain parameters and types.
#[derive(Debug, Clone)]
pub(super) struct Spec {
    /// The kernel.
    pub(super) kernel: Kernel,
    /// Constant parameters.
    pub(super) params: Vec<ScalarValue>,
    /// Types of the arguments.
    pub(super) args: Vec<DataType>,
    /// Type of the result.
    pub(super) return_type: DataType,
}

impl Spec {
    /// States of no groups.
    pub(super) fn new_states(&self) -> Result<Box<dyn GroupStates>> {
        (self.kernel.new)(self)
    }

    /// Type of argument `index`.
    pub(super) fn arg(&self, index: usize) -> Result<&DataType> {
        match self.args.get(index) {
            Some(arg) => Ok(arg),
            None => internal_err!("{} wants {} arguments", self.kernel.name, index + 1),
        }
    }

    /// Parameter `index` as a float.
    pub(super) fn float_param(&self, index: usize) -> Result<Option<f64>> {
        let Some(param) = self.params.get(index) else { return Ok(None) };
        match param.cast_to(&DataType::Float64)? {
            ScalarValue::Float64(value) => Ok(value),
            _ => internal_err!("parameter {index} of {} is no number", self.kernel.name),
        }
    }

    /// Parameter `index` as a count.
    pub(super) fn count_param(&self, index: usize) -> Result<Option<usize>> {
        let Some(param) = self.params.get(index) else { return Ok(None) };
        match param.cast_to(&DataType::UInt64)? {
            ScalarValue::UInt64(Some(value)) => {
                Ok(Some(usize::try_from(value).unwrap_or(usize::MAX)))
            }
            _ => internal_err!("parameter {index} of {} is no count", self.kernel.name),
        }
    }
}

/// A list of values as a partial state.
pub(super) fn list_of(element: &DataType) -> DataType {
    DataType::List(Arc::new(Field::new_list_field(element.clone(), true)))
}

/// An aggregate as DataFusion sees it: any arguments, one fixed result type.
#[derive(Debug)]
pub(super) struct KernelUdaf {
    spec: Spec,
    signature: Signature,
}

impl KernelUdaf {
    pub(super) fn new(spec: Spec) -> Self {
        Self { spec, signature: Signature::variadic_any(Volatility::Immutable) }
    }
}

// A kernel is known by its name: function pointers do not compare reliably.
impl PartialEq for KernelUdaf {
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (&self.spec, &other.spec);
        a.kernel.name == b.kernel.name
            && a.params == b.params
            && a.args == b.args
            && a.return_type == b.return_type
    }
}

impl Eq for KernelUdaf {}

impl Hash for KernelUdaf {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.spec.kernel.name.hash(state);
        self.spec.params.hash(state);
        self.spec.args.hash(state);
        self.spec.return_type.hash(state);
    }
}

impl AggregateUDFImpl for KernelUdaf {
    fn name(&self) -> &str {
        self.spec.kernel.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(self.spec.return_type.clone())
    }

    fn accumulator(&self, _args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Single::try_new(&self.spec)?))
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        let types = (self.spec.kernel.state)(&self.spec)?;
        let field = |(index, ty): (usize, DataType)| {
            Arc::new(Field::new(format_state_name(args.name, &format!("state{index}")), ty, true))
        };
        Ok(types.into_iter().enumerate().map(field).collect())
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs<'_>) -> bool {
        !args.is_distinct
    }

    fn create_groups_accumulator(
        &self,
        _args: AccumulatorArgs<'_>,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(Grouped::try_new(self.spec.clone())?))
    }

    fn create_sliding_accumulator(
        &self,
        _args: AccumulatorArgs<'_>,
    ) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Sliding::new(Whose::Kernel(self.spec.clone()))))
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }

    fn default_value(&self, _data_type: &DataType) -> Result<ScalarValue> {
        // What a window without rows gives: DataFusion asks no accumulator there.
        Single::try_new(&self.spec)?.evaluate()
    }

    fn reverse_expr(&self) -> ReversedUDAF {
        ReversedUDAF::NotSupported
    }
}
