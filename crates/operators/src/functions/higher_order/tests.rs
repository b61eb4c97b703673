//! Lambdas through DataFusion: captured columns, nesting, and lists with all that may hide in their memory.

use super::higher_order_udf;
use arrow::array::{Array, ArrayRef, Int64Array, ListArray, RecordBatch, StringArray};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType, Field};
use arrow::util::display::array_value_to_string;
use datafusion::datasource::MemTable;
use datafusion::logical_expr::expr::{HigherOrderFunction, Lambda, LambdaVariable};
use datafusion::logical_expr::{Expr, col, lit};
use datafusion::prelude::SessionContext;
use std::sync::Arc;

const INT: DataType = DataType::Int64;

fn list(element: DataType) -> DataType {
    DataType::List(Arc::new(Field::new_list_field(element, true)))
}

fn variable(name: &str, ty: DataType) -> Expr {
    Expr::LambdaVariable(LambdaVariable::new(
        name.to_owned(),
        Some(Arc::new(Field::new(name, ty, true))),
    ))
}

fn x() -> Expr {
    variable("x", INT)
}

fn y() -> Expr {
    variable("y", INT)
}

/// `name((params) -> body, args ..)`, all parameters whole numbers.
fn call(name: &str, return_type: DataType, params: &[&str], body: Expr, args: Vec<Expr>) -> Expr {
    let udf = higher_order_udf(name, return_type, vec![INT; params.len()]).unwrap();
    let names = params.iter().map(|name| (*name).to_owned()).collect();
    let all = std::iter::once(Expr::Lambda(Lambda::new(names, body))).chain(args).collect();
    Expr::HigherOrderFunction(HigherOrderFunction::new(Arc::new(udf), all))
}

/// Rows `[9]` (cut off), `[1, 2, 3]`, `[]`, NULL over hidden `[0, 7]`, `[4, NULL]`; with a number and a text to capture.
fn context() -> SessionContext {
    let values: ArrayRef = Arc::new(Int64Array::from(vec![
        Some(9),
        Some(1),
        Some(2),
        Some(3),
        Some(0),
        Some(7),
        Some(4),
        None,
    ]));
    let offsets = OffsetBuffer::from_lengths([1, 3, 0, 2, 2]);
    let nulls = Some(NullBuffer::from(vec![true, true, true, false, true]));
    let lists = ListArray::new(Arc::new(Field::new_list_field(INT, true)), offsets, values, nulls);
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("unused", Arc::new(StringArray::from(vec!["a", "b", "c", "d", "e"]))),
        ("a", Arc::new(lists)),
        ("n", Arc::new(Int64Array::from(vec![0, 10, 20, 30, 40]))),
        ("i", Arc::new(Int64Array::from_iter_values(0..5))),
    ];
    let batch = RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, column)| (name, column, true)),
    );
    let batch = batch.unwrap();
    let parts = vec![vec![batch.slice(1, 2), batch.slice(3, 2)]];
    let context = SessionContext::new();
    context
        .register_table("rows", Arc::new(MemTable::try_new(batch.schema(), parts).unwrap()))
        .unwrap();
    context
}

async fn check(expr: Expr, expected: [&str; 4]) {
    let frame = context().table("rows").await.unwrap();
    // The rows' order is told by a column that the expression need not mention.
    let frame = frame.select(vec![expr.clone().alias("result"), col("i")]).unwrap();
    let frame =
        frame.sort(vec![col("i").sort(true, false)]).unwrap().select_columns(&["result"]).unwrap();
    let mut shown = Vec::new();
    for batch in frame.collect().await.unwrap() {
        let column = batch.column(0);
        shown.extend((0..column.len()).map(|row| match column.is_null(row) {
            true => "NULL".to_owned(),
            false => array_value_to_string(column, row).unwrap(),
        }));
    }
    assert_eq!(shown, expected, "{expr}");
}

#[tokio::test]
async fn maps_elements_and_keeps_null_rows() {
    let ints = list(INT);
    check(
        call("array_map", ints.clone(), &["x"], x() + lit(1_i64), vec![col("a")]),
        ["[2, 3, 4]", "[]", "NULL", "[5, ]"],
    )
    .await;
    check(
        call("array_map", ints.clone(), &["x"], lit(5_i64), vec![col("a")]),
        ["[5, 5, 5]", "[]", "NULL", "[5, 5]"],
    )
    .await;
    // The hidden 0 of the NULL row is never divided by.
    check(
        call("array_map", ints.clone(), &["x"], lit(12_i64) / x(), vec![col("a")]),
        ["[12, 6, 4]", "[]", "NULL", "[3, ]"],
    )
    .await;
    let both = call("array_map", ints, &["x", "y"], x() * y(), vec![col("a"), col("a")]);
    check(both, ["[1, 4, 9]", "[]", "NULL", "[16, ]"]).await;
}

#[tokio::test]
async fn captures_columns() {
    let ints = list(INT);
    check(
        call("array_map", ints.clone(), &["x"], x() + col("n"), vec![col("a")]),
        ["[11, 12, 13]", "[]", "NULL", "[44, ]"],
    )
    .await;
    check(
        call("array_map", ints.clone(), &["x"], col("n") + col("i"), vec![col("a")]),
        ["[11, 11, 11]", "[]", "NULL", "[44, 44]"],
    )
    .await;
    let inner = call(
        "array_filter",
        ints.clone(),
        &["y"],
        (y() + col("n")).gt(x() + lit(10_i64)),
        vec![col("a")],
    );
    let nested = call("array_map", list(ints), &["x"], inner, vec![col("a")]);
    check(nested, ["[[2, 3], [3], []]", "[]", "NULL", "[[4], []]"]).await;
}

#[tokio::test]
async fn tests_elements() {
    let over_one = || x().gt(lit(1_i64));
    let on = |name: &str, ty: DataType| call(name, ty, &["x"], over_one(), vec![col("a")]);
    check(on("array_filter", list(INT)), ["[2, 3]", "[]", "NULL", "[4]"]).await;
    check(on("array_count", DataType::UInt32), ["2", "0", "0", "1"]).await;
    check(on("array_exists", DataType::UInt8), ["1", "0", "0", "1"]).await;
    check(on("array_all", DataType::UInt8), ["0", "1", "1", "0"]).await;
    check(on("array_first", INT), ["2", "NULL", "NULL", "4"]).await;
    check(on("array_last_index", DataType::UInt32), ["3", "0", "0", "1"]).await;
    check(on("array_fill", list(INT)), ["[1, 2, 3]", "[]", "NULL", "[4, 4]"]).await;
    check(on("array_split", list(list(INT))), ["[[1], [2], [3]]", "[]", "NULL", "[[4, ]]"]).await;
    let or_default = call("array_last", INT, &["x"], over_one(), vec![col("a"), lit(-1_i64)]);
    check(or_default, ["3", "-1", "-1", "4"]).await;
}

#[tokio::test]
async fn sorts_and_folds() {
    check(
        call("array_sort", list(INT), &["x"], lit(0_i64) - x(), vec![col("a")]),
        ["[3, 2, 1]", "[]", "NULL", "[4, ]"],
    )
    .await;
    let by_state = variable("state", INT) * lit(10_i64) + x();
    check(
        call("array_fold", INT, &["state", "x"], by_state, vec![col("a"), col("i")]),
        ["1123", "2", "3", "NULL"],
    )
    .await;
}

#[tokio::test]
async fn refuses_arrays_of_different_lengths() {
    let shorter = call("array_filter", list(INT), &["x"], x().gt(lit(1_i64)), vec![col("a")]);
    let expr = call("array_map", list(INT), &["x", "y"], x() + y(), vec![col("a"), shorter]);
    let frame = context().table("rows").await.unwrap().select(vec![expr]).unwrap();
    let error = frame.collect().await.unwrap_err().to_string();
    assert!(error.contains("different lengths: 3 and 2"), "{error}");
}
