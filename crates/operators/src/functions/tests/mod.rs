//! Kernels against tables of cases whose answers ClickHouse gave.
//!
//! A line has a kernel, its arguments (`s:text`, `i64:5`, `l:a|b`, ..), `-> ` and the type of the result in ClickHouse's
//! words, and the result as ClickHouse's `toString` prints it. A result of type `error` is an error.

use super::{KernelArgs, kernel};
use arrow::array::{Array, ArrayRef, ListBuilder, StringViewBuilder, new_null_array};
use arrow::compute::{cast, concat};
use arrow::datatypes::{DataType, Field};
use datafusion::common::ScalarValue;
use datafusion::logical_expr::ColumnarValue;
use std::sync::Arc;

fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        out.push(match char {
            '\\' => match chars.next().unwrap() {
                'n' => '\n',
                't' => '\t',
                '0' => '\0',
                other => other,
            },
            other => other,
        });
    }
    out
}

fn arrow_type(name: &str) -> DataType {
    if let Some(inner) = name.strip_prefix("Nullable(") {
        return arrow_type(inner.strip_suffix(')').unwrap());
    }
    if let Some(inner) = name.strip_prefix("Array(") {
        return DataType::new_list(arrow_type(inner.strip_suffix(')').unwrap()), true);
    }
    match name {
        "i8" | "Int8" => DataType::Int8,
        "i16" | "Int16" => DataType::Int16,
        "i32" | "Int32" => DataType::Int32,
        "i64" | "Int64" => DataType::Int64,
        "u8" | "UInt8" => DataType::UInt8,
        "u16" | "UInt16" => DataType::UInt16,
        "u32" | "UInt32" => DataType::UInt32,
        "u64" | "UInt64" => DataType::UInt64,
        "f32" | "Float32" => DataType::Float32,
        "f64" | "Float64" => DataType::Float64,
        "b" => DataType::Boolean,
        "s" | "String" | "error" => DataType::Utf8View,
        other => panic!("unknown type {other}"),
    }
}

/// An array of one value.
fn argument(text: &str) -> ArrayRef {
    let (kind, value) = text.split_once(':').unwrap();
    if kind == "l" {
        let field = Arc::new(Field::new_list_field(DataType::Utf8View, true));
        let mut list = ListBuilder::new(StringViewBuilder::new()).with_field(field);
        list.append_value(value.split('|').map(|part| Some(unescaped(part))));
        return Arc::new(list.finish());
    }
    let value = ScalarValue::Utf8View(Some(unescaped(value))).to_array().unwrap();
    cast(&value, &arrow_type(kind)).unwrap()
}

fn run(name: &str, args: &[ColumnarValue], rows: usize, ty: &DataType) -> Result<ArrayRef, String> {
    let (_, kernel) = kernel(name).unwrap_or_else(|| panic!("no kernel {name}"));
    let result =
        kernel(&KernelArgs { args, rows, return_type: ty }).map_err(|error| error.to_string())?;
    let array = result.to_array(rows).map_err(|error| error.to_string())?;
    assert_eq!(array.data_type(), ty, "{name}");
    assert_eq!(array.len(), rows, "{name}");
    Ok(array)
}

fn printed(array: &ArrayRef) -> String {
    let args = [ColumnarValue::Array(Arc::clone(array))];
    let text = run("value_to_string", &args, array.len(), &DataType::Utf8View).unwrap();
    let text = arrow::array::AsArray::as_string_view(&text);
    if text.is_null(0) { "NULL".to_owned() } else { text.value(0).to_owned() }
}

/// Equal, or floats that differ in the last digits (`sin` and its like).
fn same(found: &str, expected: &str, ty: &DataType) -> bool {
    let close = |found: f64, expected: f64| (found - expected).abs() <= expected.abs() * 1e-14;
    found == expected
        || (ty.is_floating()
            && matches!((found.parse(), expected.parse()), (Ok(found), Ok(expected)) if close(found, expected)))
}

fn check(line: &str) -> Result<(), String> {
    let fields: Vec<&str> = line.split('\t').collect();
    let arrow = fields.iter().position(|field| field.starts_with("-> ")).unwrap();
    let (name, args) = (fields[0], &fields[1..arrow]);
    let type_name = &fields[arrow][3..];
    let ty = arrow_type(type_name);
    let expected = unescaped(fields[arrow + 1]);
    let arrays: Vec<ArrayRef> = args.iter().map(|arg| argument(arg)).collect();
    let scalars: Vec<ColumnarValue> = arrays
        .iter()
        .map(|array| ColumnarValue::Scalar(ScalarValue::try_from_array(array, 0).unwrap()))
        .collect();
    // Columns of the value, NULL, and the value again.
    let columns: Vec<ColumnarValue> = arrays
        .iter()
        .map(|array| {
            let null = new_null_array(array.data_type(), 1);
            ColumnarValue::Array(concat(&[array, &null, array]).unwrap())
        })
        .collect();
    let results = [run(name, &scalars, 2, &ty), run(name, &columns, 3, &ty)];
    for (result, form) in results.into_iter().zip(["constants", "columns"]) {
        match result {
            Err(_) if type_name == "error" => {}
            Err(error) => return Err(format!("{line}: {form}: error {error}")),
            Ok(array) if type_name == "error" => {
                return Err(format!("{line}: {form}: no error but {}", printed(&array)));
            }
            Ok(array) => {
                let last = array.slice(array.len() - 1, 1);
                for value in [&array, &last] {
                    let found = printed(value);
                    if !same(&found, &expected, &ty) {
                        return Err(format!("{line}: {form}: found {found}"));
                    }
                }
            }
        }
    }
    Ok(())
}

fn check_all(cases: &str) {
    let failures: Vec<String> = cases.lines().filter_map(|line| check(line).err()).collect();
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn texts() {
    check_all(include_str!("string.tsv"));
}

#[test]
fn searches() {
    check_all(include_str!("search.tsv"));
}

#[test]
fn urls() {
    check_all(include_str!("url.tsv"));
}

#[test]
fn numbers() {
    check_all(include_str!("math.tsv"));
}

#[test]
fn kernels_have_unique_names() {
    let mut names: Vec<&str> = super::kernels().map(|(name, _)| *name).collect();
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
}
