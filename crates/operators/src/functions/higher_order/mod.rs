//! Functions of a lambda and arrays: `arrayMap`, `arrayFilter`, `arrayFold`, ..
//!
//! A kernel gets the lambda first, then the arrays, which the lambda takes one element each at a time, then anything else.
//! The lambda is evaluated once for all elements of a batch; columns that it captures are repeated for each element of their
//! row. Arrays of a row must have one length.

mod call;
mod fold;
mod kernels;

use arrow::datatypes::{DataType, Field, FieldRef};
use call::LambdaCall;
use datafusion::common::Result;
use datafusion::logical_expr::{
    ColumnarValue, HigherOrderFunctionArgs, HigherOrderReturnFieldArgs, HigherOrderSignature,
    HigherOrderUDF, HigherOrderUDFImpl, LambdaParametersProgress, ValueOrLambda, Volatility,
};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// A kernel: a lambda and columns in, column out.
type Kernel = fn(&LambdaCall<'_>) -> Result<ColumnarValue>;

/// The lambda kernel of that name as a DataFusion function, with fixed types of its result and of the lambda's parameters.
#[must_use]
pub fn higher_order_udf(
    name: &str,
    return_type: DataType,
    params: Vec<DataType>,
) -> Option<HigherOrderUDF> {
    let tables = [kernels::KERNELS, fold::KERNELS];
    let (name, kernel) = tables.into_iter().flatten().find(|(known, _)| *known == name).copied()?;
    let signature = HigherOrderSignature::variadic_any(Volatility::Immutable);
    Some(HigherOrderUDF::new_from_impl(LambdaKernel {
        name,
        kernel,
        return_type,
        params,
        signature,
    }))
}

/// A lambda kernel as DataFusion sees it.
#[derive(Debug, Clone)]
struct LambdaKernel {
    name: &'static str,
    kernel: Kernel,
    return_type: DataType,
    params: Vec<DataType>,
    signature: HigherOrderSignature,
}

// A kernel is known by its name: function pointers do not compare reliably.
impl PartialEq for LambdaKernel {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
            && self.return_type == other.return_type
            && self.params == other.params
    }
}

impl Eq for LambdaKernel {}

impl Hash for LambdaKernel {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
        self.return_type.hash(state);
        self.params.hash(state);
    }
}

impl HigherOrderUDFImpl for LambdaKernel {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &HigherOrderSignature {
        &self.signature
    }

    fn lambda_parameters(
        &self,
        _step: usize,
        _fields: &[ValueOrLambda<FieldRef, Option<FieldRef>>],
    ) -> Result<LambdaParametersProgress> {
        let field = |ty: &DataType| Arc::new(Field::new("", ty.clone(), true));
        Ok(LambdaParametersProgress::Complete(vec![self.params.iter().map(field).collect()]))
    }

    fn return_field_from_args(&self, _args: HigherOrderReturnFieldArgs<'_>) -> Result<FieldRef> {
        Ok(Arc::new(Field::new("", self.return_type.clone(), true)))
    }

    fn invoke_with_args(&self, args: HigherOrderFunctionArgs) -> Result<ColumnarValue> {
        (self.kernel)(&LambdaCall::try_new(&args, &self.return_type, self.params.len())?)
    }
}

#[cfg(test)]
mod tests;
