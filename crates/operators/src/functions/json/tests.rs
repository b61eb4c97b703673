//! Cases with ClickHouse's answers.

use crate::functions::{KernelArgs, kernel};
use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, Field, Fields};
use arrow::util::display::array_value_to_string;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::ColumnarValue;
use std::sync::Arc;

fn text(text: &str) -> ColumnarValue {
    ColumnarValue::Scalar(ScalarValue::Utf8View(Some(text.to_owned())))
}

fn call(name: &str, args: &[ColumnarValue], return_type: &DataType) -> String {
    let found = (kernel(name).unwrap().1)(&KernelArgs { args, rows: 1, return_type }).unwrap();
    let found: ArrayRef = found.into_array(1).unwrap();
    assert_eq!(found.data_type(), return_type);
    array_value_to_string(&found, 0).unwrap()
}

fn list(element: DataType) -> DataType {
    DataType::List(Arc::new(Field::new_list_field(element, true)))
}

fn pair(value: DataType) -> DataType {
    list(DataType::Struct(Fields::from(vec![
        Field::new("1", DataType::Utf8View, true),
        Field::new("2", value, true),
    ])))
}

#[test]
fn values_of_one_kind() {
    for (name, json, ty, expected) in [
        ("json_string", r#"{"b":"x\u00e9\"y"}"#, DataType::Utf8View, "xé\"y"),
        ("json_string", r#"{"b":null}"#, DataType::Utf8View, ""),
        ("json_string", r#"{"b":{"x": 1}}"#, DataType::Utf8View, r#"{"x":1}"#),
        ("json_string", r#"{"b":1.50}"#, DataType::Utf8View, "1.5"),
        ("json_string", "bad", DataType::Utf8View, ""),
        ("json_raw", r#"{"b":"x"}"#, DataType::Utf8View, "\"x\""),
        ("json_number", r#"{"b":"12"}"#, DataType::Int64, "12"),
        ("json_number", r#"{"b":1.7}"#, DataType::Int64, "1"),
        ("json_number", r#"{"b":true}"#, DataType::Int64, "0"),
        ("json_number", r#"{"b":1e3}"#, DataType::Int64, "1000"),
        ("json_number", r#"{"b":18446744073709551615}"#, DataType::Int64, "0"),
        ("json_number", r#"{"b":18446744073709551615}"#, DataType::UInt64, "18446744073709551615"),
        ("json_number", r#"{"b":-3}"#, DataType::UInt64, "0"),
        ("json_number", r#"{"b":"1.5"}"#, DataType::Float64, "1.5"),
        ("json_number", r#"{"b":"x"}"#, DataType::Float64, "0.0"),
        ("json_bool", r#"{"b":true}"#, DataType::UInt8, "1"),
        ("json_bool", r#"{"b":1}"#, DataType::UInt8, "1"),
        ("json_bool", r#"{"b":"true"}"#, DataType::UInt8, "0"),
        ("json_has", r#"{"b":null}"#, DataType::UInt8, "1"),
        ("json_has", r#"{"a":null}"#, DataType::UInt8, "0"),
        ("json_length", r#"{"b":[1,2]}"#, DataType::UInt64, "2"),
        ("json_length", r#"{"b":"xyz"}"#, DataType::UInt64, "0"),
        ("json_type", r#"{"b":1.5}"#, DataType::Utf8View, "Double"),
        ("json_type", r#"{"b":-1}"#, DataType::Utf8View, "Int64"),
        ("json_type", r#"{"a":1}"#, DataType::Utf8View, "Null"),
        ("json_value", r#"{"b":{"c":1}}"#, DataType::Utf8View, ""),
        ("json_value", r#"{"b":null}"#, DataType::Utf8View, "null"),
        ("json_array_length", r#"{"b":[1,2,{}]}"#, DataType::UInt64, "3"),
        ("json_array_length", r#"{"b":{}}"#, DataType::UInt64, ""),
        (
            "json_array_raw",
            r#"{"b":[1, "x", {"b": 2},null,1.50]}"#,
            list(DataType::Utf8View),
            r#"[1, "x", {"b":2}, null, 1.5]"#,
        ),
        ("json_keys", r#"{"b":{"c":1,"d\u00e9":2}}"#, list(DataType::Utf8View), "[c, dé]"),
        (
            "json_pairs_raw",
            r#"{"b":{"c":1.0,"d":"x"}}"#,
            pair(DataType::Utf8View),
            r#"[{1: c, 2: 1}, {1: d, 2: "x"}]"#,
        ),
    ] {
        assert_eq!(call(name, &[text(json), text("b")], &ty), expected, "{name} {json}");
    }
    assert_eq!(call("is_valid_json", &[text(r#"{"a":1"#)], &DataType::UInt8), "0");
}

#[test]
fn values_of_any_shape() {
    for (json, levels, ty, expected) in [
        (r#"{"b":[1,2,"3",null,"y"]}"#, "00", list(DataType::Int64), "[1, 2, 3, 0, 0]"),
        (r#"{"b":["q",2,null]}"#, "00", list(DataType::Utf8View), "[q, 2, ]"),
        (r#"{"b":["q",2,null]}"#, "01", list(DataType::Utf8View), "[q, 2, ]"),
        (r#"{"b":[[1],[2,3]]}"#, "000", list(list(DataType::Int64)), "[[1], [2, 3]]"),
        (r#"{"b":"x"}"#, "1", DataType::Int64, ""),
        (r#"{"b":"x"}"#, "0", DataType::Int64, "0"),
        (r#"{"b":true}"#, "0", DataType::Boolean, "true"),
        (r#"{"b":1.9}"#, "0", DataType::Boolean, "true"),
        (r#"{"b":"5"}"#, "0", DataType::Boolean, "true"),
        (r#"{"b":-1}"#, "1", DataType::Boolean, ""),
        (r#"{"b":256}"#, "0", DataType::Boolean, "false"),
        (r#"{"b":true}"#, "0", DataType::Int64, "1"),
        (r#"{"b":true}"#, "0", DataType::Float64, "1.0"),
        (r#"{"b":-0.5}"#, "1", DataType::UInt64, ""),
        (r#"{"b":-0.5}"#, "1", DataType::Int64, "0"),
        (r#"{"a":1}"#, "0", list(DataType::Int64), "[]"),
    ] {
        assert_eq!(
            call("json_extract", &[text(json), text(levels), text("b")], &ty),
            expected,
            "{json}"
        );
    }
    let found = call(
        "json_pairs",
        &[text(r#"{"a":1,"b":"2","c":"x","d":true}"#), text("0")],
        &pair(DataType::Int64),
    );
    assert_eq!(found, "[{1: a, 2: 1}, {1: b, 2: 2}, {1: d, 2: 1}]");
}

#[test]
fn printing() {
    let print = |value: ScalarValue| {
        let args = [
            ColumnarValue::Scalar(value),
            text("UTC"),
            ColumnarValue::Scalar(ScalarValue::Int64(Some(6))),
        ];
        call("to_json_string", &args, &DataType::Utf8View)
    };
    assert_eq!(print(ScalarValue::Utf8View(Some("a\"b/é".to_owned()))), r#""a\"b\/é""#);
    assert_eq!(print(ScalarValue::Float64(Some(1.5))), "1.5");
    assert_eq!(print(ScalarValue::Float64(Some(f64::NAN))), "null");
    assert_eq!(print(ScalarValue::Date32(Some(19_723))), "\"2024-01-01\"");
    let micros =
        ScalarValue::TimestampMicrosecond(Some(1_704_067_200_500_000), Some(Arc::from("UTC")));
    assert_eq!(print(micros), "\"2024-01-01 00:00:00.500000\"");
    let items = ScalarValue::new_list(
        &[ScalarValue::Int64(None), ScalarValue::Int64(Some(1))],
        &DataType::Int64,
        true,
    );
    assert_eq!(print(ScalarValue::List(items)), "[null,1]");
}
