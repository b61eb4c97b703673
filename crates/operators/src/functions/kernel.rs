//! The one UDF type behind all scalar kernels.

use arrow::array::ArrayRef;
use arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};
use std::hash::{Hash, Hasher};

/// A kernel: columns in, column out.
pub type Kernel = fn(&KernelArgs<'_>) -> Result<ColumnarValue>;

/// What a kernel is called with.
#[derive(Debug)]
pub struct KernelArgs<'a> {
    /// Arguments: arrays of `rows` values, or constants.
    pub args: &'a [ColumnarValue],
    /// Number of rows.
    pub rows: usize,
    /// Type of the result.
    pub return_type: &'a DataType,
}

impl KernelArgs<'_> {
    /// Argument `index` as an array of `rows` values.
    ///
    /// # Errors
    /// If there is no such argument (a defect of the plan).
    pub fn array(&self, index: usize) -> Result<ArrayRef> {
        match self.args.get(index) {
            Some(value) => value.to_array(self.rows),
            None => datafusion::common::internal_err!("missing argument {index}"),
        }
    }
}

/// A kernel as DataFusion sees it: any arguments, one fixed result type.
#[derive(Debug, Clone)]
pub struct KernelUdf {
    name: &'static str,
    kernel: Kernel,
    return_type: DataType,
    signature: Signature,
}

impl KernelUdf {
    /// The kernel with that result type.
    #[must_use]
    pub fn new(name: &'static str, kernel: Kernel, return_type: DataType) -> Self {
        Self {
            name,
            kernel,
            return_type,
            signature: Signature::variadic_any(Volatility::Immutable),
        }
    }
}

// A kernel is known by its name: function pointers do not compare reliably.
impl PartialEq for KernelUdf {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.return_type == other.return_type
    }
}

impl Eq for KernelUdf {}

impl Hash for KernelUdf {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
        self.return_type.hash(state);
    }
}

impl ScalarUDFImpl for KernelUdf {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(self.return_type.clone())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        (self.kernel)(&KernelArgs { args: &args.args, rows, return_type: &self.return_type })
    }
}
