//! JSON text: values at a path, as ClickHouse's `JSONExtract` functions read them.
//!
//! The path is the arguments behind the fixed ones: texts are keys, whole numbers are 1-based indexes. The text is read as
//! `events::property` reads it: a text that is broken behind the value still gives the value.

mod extract;
mod path;
mod print;
mod shape;
#[cfg(test)]
mod tests;

use super::Kernel;

/// The kernels of this module.
pub(super) static KERNELS: &[(&str, Kernel)] = &[
    ("json_raw", extract::raw),
    ("json_string", extract::string),
    ("json_number", extract::number),
    ("json_bool", extract::bool),
    ("json_has", extract::has),
    ("json_length", extract::length),
    ("json_type", extract::type_name),
    ("json_value", extract::value),
    ("json_array_raw", extract::array_raw),
    ("json_keys", extract::keys),
    ("json_pairs_raw", extract::pairs_raw),
    ("json_array_length", extract::array_length),
    ("is_valid_json", extract::is_valid),
    ("json_extract", shape::extract),
    ("json_pairs", shape::pairs),
    ("json_object", print::json_object),
    ("to_json_string", print::to_json_string),
];
