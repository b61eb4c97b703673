//! The catalog's table of JSON functions.
//!
//! A path is keys and 1-based indexes, negative from the end. A text that is no JSON, as far as it has to be read, has no values.

mod extract;
mod path;

use super::scalar::scalar;
use super::{Function, Group};
use crate::types::{Bits, Kind, Type};

use Group::Json;

/// The functions of this module.
pub(super) static FUNCTIONS: &[Function] = &[
    scalar(
        Json,
        "JSONExtractRaw(json, key or index, ..)",
        "The value as JSON; the empty text if there is none.",
        (1, 1),
        |call| extract::simple(call, "json_raw", Type::STRING),
    )
    .and_more(),
    scalar(
        Json,
        "JSONExtractString(json, key or index, ..)",
        "A text; other values as JSON, null as the empty text.",
        (1, 1),
        |call| extract::simple(call, "json_string", Type::STRING),
    )
    .and_more(),
    scalar(
        Json,
        "JSONExtractInt(json, key or index, ..)",
        "A whole number, also from a text; 0 if there is none.",
        (1, 1),
        |call| extract::simple(call, "json_number", Type::INT64),
    )
    .and_more(),
    scalar(
        Json,
        "JSONExtractUInt(json, key or index, ..)",
        "A whole number without sign, also from a text; 0 if there is none.",
        (1, 1),
        |call| extract::simple(call, "json_number", Type::UINT64),
    )
    .and_more(),
    scalar(
        Json,
        "JSONExtractFloat(json, key or index, ..)",
        "A number, also from a text; 0 if there is none.",
        (1, 1),
        |call| extract::simple(call, "json_number", Type::FLOAT64),
    )
    .and_more(),
    scalar(
        Json,
        "JSONExtractBool(json, key or index, ..)",
        "1 for true and for whole numbers but 0, else 0.",
        (1, 1),
        |call| extract::simple(call, "json_bool", Type::UINT8),
    )
    .and_more(),
    scalar(
        Json,
        "JSONExtractArrayRaw(json, key or index, ..)",
        "The elements of an array as JSON.",
        (1, 1),
        |call| extract::composite(call, "json_array_raw", Type::array(Type::STRING)),
    )
    .and_more(),
    scalar(
        Json,
        "JSONExtractKeys(json, key or index, ..)",
        "The keys of an object.",
        (1, 1),
        |call| extract::composite(call, "json_keys", Type::array(Type::STRING)),
    )
    .and_more(),
    scalar(
        Json,
        "JSONExtractKeysAndValuesRaw(json, key or index, ..)",
        "Key and value (as JSON) of each member of an object.",
        (1, 1),
        extract::pairs_raw,
    )
    .and_more(),
    scalar(
        Json,
        "JSONExtractKeysAndValues(json, key or index, .., type)",
        "Key and value of each member of an object whose value has the type.",
        (2, 3),
        extract::pairs,
    ),
    scalar(
        Json,
        "JSONExtract(json, key or index, .., type)",
        "The value as a type; the type's default, or NULL, if it has another one.",
        (2, 2),
        extract::typed,
    )
    .and_more(),
    scalar(
        Json,
        "JSONHas(json, key or index, ..)",
        "Whether there is a value, null too.",
        (1, 1),
        |call| extract::simple(call, "json_has", Type::UINT8),
    )
    .and_more(),
    scalar(
        Json,
        "JSONLength(json, key or index, ..)",
        "How many elements or members there are; 0 for other values.",
        (1, 1),
        |call| extract::simple(call, "json_length", Type::UINT64),
    )
    .and_more(),
    scalar(
        Json,
        "JSONArrayLength(json, key or index, ..)",
        "How many elements there are; NULL if the value is no array.",
        (1, 1),
        |call| {
            extract::simple(
                call,
                "json_array_length",
                Type::new(Kind::UInt(Bits::B64)).to_nullable(),
            )
        },
    )
    .and_more(),
    scalar(
        Json,
        "JSONType(json, key or index, ..)",
        "Null, String, Array, Bool, Double, Int64, UInt64 or Object.",
        (1, 1),
        |call| extract::simple(call, "json_type", Type::STRING),
    )
    .and_more(),
    scalar(
        Json,
        "JSON_VALUE(json, path)",
        "The value at a path such as '$.a.b[0]'; the empty text if it is an object, an array or missing.",
        (2, 2),
        path::json_value,
    ),
    scalar(Json, "isValidJSON(text)", "Whether the text is JSON.", (1, 1), |call| {
        extract::simple(call, "is_valid_json", Type::UINT8)
    }),
    scalar(Json, "toJSONString(value)", "The value as JSON.", (1, 1), extract::to_json),
];
