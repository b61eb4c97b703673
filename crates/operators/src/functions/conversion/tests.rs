//! Cases with ClickHouse's answers.

use crate::functions::{KernelArgs, kernel};
use arrow::array::{ArrayRef, AsArray, Float64Array, Int64Array, StringViewArray, UInt64Array};
use arrow::datatypes::{DataType, Decimal128Type, Float64Type, Int8Type, Int64Type};
use datafusion::logical_expr::ColumnarValue;
use std::sync::Arc;

fn call(
    name: &str,
    value: ArrayRef,
    return_type: &DataType,
) -> datafusion::common::Result<ArrayRef> {
    let rows = value.len();
    let args = [ColumnarValue::Array(value)];
    (kernel(name).unwrap().1)(&KernelArgs { args: &args, rows, return_type })?.into_array(rows)
}

fn texts(values: &[&str]) -> ArrayRef {
    Arc::new(values.iter().copied().map(Some).collect::<StringViewArray>())
}

#[test]
fn text_as_floats() {
    let cases = [
        ("", None),
        ("1.5", Some(1.5)),
        (" 1", None),
        ("+1", Some(1.0)),
        ("+-1", None),
        ("Infinity", Some(f64::INFINITY)),
        ("1e", None),
        ("1e400", Some(f64::INFINITY)),
        ("0x10", None),
        (".5", Some(0.5)),
        ("5.", Some(5.0)),
        ("1_000", None),
        ("true", None),
        ("-", None),
        ("00012", Some(12.0)),
        ("1\t", None),
    ];
    let found =
        call("accurate_cast", texts(&cases.map(|case| case.0)), &DataType::Float64).unwrap();
    assert_eq!(
        found.as_primitive::<Float64Type>().iter().collect::<Vec<_>>(),
        cases.map(|case| case.1)
    );
}

#[test]
fn text_as_whole_numbers() {
    let cases = [
        ("", None),
        ("1.5", None),
        ("+1", Some(1)),
        ("9223372036854775807", Some(i64::MAX)),
        ("9223372036854775808", None),
        ("-9223372036854775808", Some(i64::MIN)),
        ("1e5", None),
        ("00012", Some(12)),
        ("-0", Some(0)),
        ("-", None),
    ];
    let found = call("accurate_cast", texts(&cases.map(|case| case.0)), &DataType::Int64).unwrap();
    assert_eq!(
        found.as_primitive::<Int64Type>().iter().collect::<Vec<_>>(),
        cases.map(|case| case.1)
    );
    assert!(call("plain_cast", texts(&["x"]), &DataType::Int64).is_err());
    let found = call(
        "accurate_cast",
        texts(&["1.555", "x", "-1.999", "100000000000000000"]),
        &DataType::Decimal128(18, 2),
    )
    .unwrap();
    assert_eq!(
        found.as_primitive::<Decimal128Type>().iter().collect::<Vec<_>>(),
        [Some(155), None, Some(-199), None]
    );
}

#[test]
fn decimals_of_floats_are_cut() {
    let floats: ArrayRef =
        Arc::new(Float64Array::from(vec![1.555, -1.999, f64::NAN, f64::INFINITY, 1e16]));
    let found = call("accurate_cast", floats, &DataType::Decimal128(18, 2)).unwrap();
    assert_eq!(
        found.as_primitive::<Decimal128Type>().iter().collect::<Vec<_>>(),
        [Some(155), Some(-199), None, None, None]
    );
}

#[test]
fn nan_becomes_null() {
    let floats: ArrayRef = Arc::new(Float64Array::from(vec![Some(1.5), None, Some(f64::NAN)]));
    let found = call("nan_as_null", floats, &DataType::Float64).unwrap();
    assert_eq!(
        found.as_primitive::<Float64Type>().iter().collect::<Vec<_>>(),
        [Some(1.5), None, None]
    );
}

#[test]
fn numbers_exactly_or_not_at_all() {
    let floats: ArrayRef = Arc::new(Float64Array::from(vec![1.5, 2.0, 1e30, f64::NAN]));
    let found = call("accurate_cast", Arc::clone(&floats), &DataType::Int64).unwrap();
    assert_eq!(
        found.as_primitive::<Int64Type>().iter().collect::<Vec<_>>(),
        [None, Some(2), None, None]
    );
    let wholes: ArrayRef = Arc::new(Int64Array::from(vec![9_007_199_254_740_993, 2, i64::MAX]));
    let found = call("accurate_cast", wholes, &DataType::Float64).unwrap();
    assert_eq!(
        found.as_primitive::<Float64Type>().iter().collect::<Vec<_>>(),
        [None, Some(2.0), None]
    );
    let large: ArrayRef = Arc::new(UInt64Array::from(vec![u64::MAX, 5]));
    let found = call("accurate_cast", Arc::clone(&large), &DataType::Int64).unwrap();
    assert_eq!(found.as_primitive::<Int64Type>().iter().collect::<Vec<_>>(), [None, Some(5)]);
    let found = call("plain_cast", large, &DataType::Int64).unwrap();
    assert_eq!(found.as_primitive::<Int64Type>().iter().collect::<Vec<_>>(), [Some(-1), Some(5)]);
    let floats: ArrayRef = Arc::new(Float64Array::from(vec![1.9, -1.9, 300.0]));
    let found = call("plain_cast", floats, &DataType::Int8).unwrap();
    assert_eq!(
        found.as_primitive::<Int8Type>().iter().collect::<Vec<_>>(),
        [Some(1), Some(-1), Some(44)]
    );
    for number in [1e30, -1e30, f64::NAN, f64::INFINITY, 9_223_372_036_854_775_808.0] {
        let float: ArrayRef = Arc::new(Float64Array::from(vec![number]));
        assert!(call("plain_cast", float, &DataType::Int64).is_err(), "{number}");
    }
    let bounds: ArrayRef = Arc::new(Float64Array::from(vec![-9_223_372_036_854_775_808.0, -0.5]));
    let found = call("plain_cast", bounds, &DataType::Int64).unwrap();
    assert_eq!(
        found.as_primitive::<Int64Type>().iter().collect::<Vec<_>>(),
        [Some(i64::MIN), Some(0)]
    );
}

#[test]
fn truth_values_and_uuids() {
    let cases = [
        ("true", Some(true)),
        ("F", Some(false)),
        ("Yes", Some(true)),
        ("off", Some(false)),
        ("2", None),
        (" true", None),
    ];
    let found =
        call("accurate_cast", texts(&cases.map(|case| case.0)), &DataType::Boolean).unwrap();
    assert_eq!(found.as_boolean().iter().collect::<Vec<_>>(), cases.map(|case| case.1));
    let found =
        call("parse_boolean", texts(&["true", "false", "True"]), &DataType::Boolean).unwrap();
    assert_eq!(found.as_boolean().iter().collect::<Vec<_>>(), [Some(true), Some(false), None]);
    let uuid = "0190af3c-0000-7000-8000-000000000000";
    let found = call(
        "parse_uuid",
        texts(&[
            "0190AF3C-0000-7000-8000-000000000000",
            "0190af3c000070008000000000000000",
            "x",
            "",
        ]),
        &DataType::Utf8View,
    );
    assert_eq!(
        found.unwrap().as_string_view().iter().collect::<Vec<_>>(),
        [Some(uuid), Some(uuid), None, None]
    );
}
