//! Scalar kernels: ClickHouse's functions over Arrow arrays, each a plain function behind one UDF type.
//!
//! A kernel is known by its name; the plan says which argument and result types it works on. Arguments arrive with exactly
//! the types the kernel documents: text is `Utf8View`, instants are `Timestamp(Microsecond, "UTC")`, days are `Date32`, arrays are
//! `List`, tuples are `Struct` with fields `1`, `2`, ..; UUIDs are text; zones, units and JSON paths are constant text.
//! NULL in any argument gives NULL unless the kernel says otherwise.

mod array;
mod conversion;
mod datetime;
mod encode;
mod higher_order;
mod input;
mod json;
mod kernel;
mod math;
mod order;
mod printing;
pub mod property;
mod re2;
mod regex;
mod registry;
mod search;
mod split;
mod string;
#[cfg(test)]
mod tests;
mod url;
mod wide;

pub use self::regex::compile_regex;
pub use higher_order::higher_order_udf;
pub use kernel::{Kernel, KernelArgs, KernelUdf};
pub use property::{
    PropertyMode, PropertyUdf, property_bool_udf, property_float_udf, property_udf,
};

use arrow::datatypes::DataType;
use datafusion::logical_expr::ScalarUDF;

/// All kernels.
fn kernels() -> impl Iterator<Item = &'static (&'static str, Kernel)> {
    // One table a module, searched in order: names are unique (tested).
    [
        json::KERNELS,
        conversion::KERNELS,
        datetime::KERNELS,
        encode::KERNELS,
        math::KERNELS,
        order::KERNELS,
        printing::KERNELS,
        regex::KERNELS,
        search::KERNELS,
        split::KERNELS,
        string::KERNELS,
        url::KERNELS,
        wide::KERNELS,
    ]
    .into_iter()
    .chain(array::TABLES)
    .flatten()
}

/// The kernel of that name.
#[must_use]
pub fn kernel(name: &str) -> Option<(&'static str, Kernel)> {
    kernels().find(|(known, _)| *known == name).copied()
}

/// The kernel of that name as a DataFusion function with a fixed result type.
#[must_use]
pub fn scalar_udf(name: &str, return_type: DataType) -> Option<ScalarUDF> {
    kernel(name).map(|(name, kernel)| ScalarUDF::from(KernelUdf::new(name, kernel, return_type)))
}
