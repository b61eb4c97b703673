//! Every aggregate over every way to split the rows, against values from ClickHouse.

use super::udaf;
use arrow::array::{Array, ArrayRef, Float64Array, Int64Array, RecordBatch, StringViewArray};
use arrow::datatypes::{DataType, Field};
use arrow::util::display::array_value_to_string;
use datafusion::common::ScalarValue;
use datafusion::datasource::MemTable;
use datafusion::logical_expr::Expr;
use datafusion::prelude::{SessionConfig, SessionContext, col};
use std::sync::Arc;

/// Rows: group, whole number, float, text, position.
fn rows() -> RecordBatch {
    let g = StringViewArray::from(vec!["a", "b", "a", "a", "b", "c", "a", "b", "a", "d"]);
    let n = Int64Array::from(vec![
        Some(3),
        Some(1),
        None,
        Some(3),
        Some(10),
        None,
        Some(-2),
        Some(4),
        Some(7),
        Some(5),
    ]);
    let f = vec![
        Some(1.5),
        Some(f64::NAN),
        Some(-2.0),
        None,
        Some(8.0),
        Some(2.0),
        Some(0.25),
        Some(-1.0),
        Some(1.5),
        Some(f64::NAN),
    ];
    let t = StringViewArray::from(vec![
        Some("x"),
        Some("y"),
        Some("z"),
        Some("x"),
        None,
        None,
        Some("x"),
        Some("long text beyond a view"),
        Some("z"),
        Some(""),
    ]);
    let i = Int64Array::from_iter_values(0..10);
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("g", Arc::new(g)),
        ("n", Arc::new(n)),
        ("f", Arc::new(Float64Array::from(f))),
        ("t", Arc::new(t)),
        ("i", Arc::new(i)),
    ];
    RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, column)| (name, column, true)),
    )
    .unwrap()
}

/// The rows in `partitions` parts, in batches of `batch` rows. Parts are runs of rows: order of arrival is the same.
fn context(partitions: usize, batch: usize) -> SessionContext {
    let all = rows();
    let part = all.num_rows().div_ceil(partitions);
    let split = |whole: &RecordBatch, size: usize| -> Vec<RecordBatch> {
        (0..whole.num_rows())
            .step_by(size)
            .map(|from| whole.slice(from, size.min(whole.num_rows() - from)))
            .collect()
    };
    let parts: Vec<Vec<RecordBatch>> =
        split(&all, part).iter().map(|rows| split(rows, batch)).collect();
    let config = SessionConfig::new().with_target_partitions(partitions).with_batch_size(batch);
    let context = SessionContext::new_with_config(config);
    context
        .register_table("rows", Arc::new(MemTable::try_new(all.schema(), parts).unwrap()))
        .unwrap();
    context
}

fn call(name: &str, params: &[ScalarValue], args: &[&str], ty: &DataType) -> Expr {
    let schema = rows().schema();
    let types: Vec<DataType> =
        args.iter().map(|arg| schema.field_with_name(arg).unwrap().data_type().clone()).collect();
    let udaf = udaf(name, params, &types, ty).unwrap().unwrap();
    udaf.call(args.iter().map(|arg| col(*arg)).collect())
}

async fn results(context: &SessionContext, keys: Vec<Expr>, aggregate: Expr) -> Vec<String> {
    let mut frame = context
        .table("rows")
        .await
        .unwrap()
        .aggregate(keys.clone(), vec![aggregate.alias("result")])
        .unwrap();
    if !keys.is_empty() {
        frame = frame.sort(keys.into_iter().map(|key| key.sort(true, false)).collect()).unwrap();
    }
    shown(&frame.select_columns(&["result"]).unwrap().collect().await.unwrap())
}

fn shown(batches: &[RecordBatch]) -> Vec<String> {
    let column = |batch: &RecordBatch| {
        let column = Arc::clone(batch.column(0));
        (0..column.len())
            .map(move |row| {
                if column.is_null(row) {
                    "NULL".to_owned()
                } else {
                    array_value_to_string(&column, row).unwrap()
                }
            })
            .collect::<Vec<_>>()
    };
    batches.iter().flat_map(column).collect()
}

struct Case {
    call: (&'static str, Vec<ScalarValue>, &'static [&'static str], DataType),
    /// Over all rows, then of the groups a, b, c, d.
    expected: [&'static str; 5],
}

fn list(element: DataType) -> DataType {
    DataType::List(Arc::new(Field::new_list_field(element, true)))
}

fn case(
    name: &'static str,
    params: &[f64],
    args: &'static [&'static str],
    ty: DataType,
    expected: [&'static str; 5],
) -> Case {
    Case {
        call: (name, params.iter().map(|param| ScalarValue::from(*param)).collect(), args, ty),
        expected,
    }
}

fn cases() -> Vec<Case> {
    let (int, float, text, count) =
        (DataType::Int64, DataType::Float64, DataType::Utf8View, DataType::UInt64);
    vec![
        case("count", &[], &["n"], int.clone(), ["8", "4", "3", "0", "1"]),
        case("sum", &[], &["n"], int.clone(), ["31", "11", "15", "NULL", "5"]),
        case("min", &[], &["f"], float.clone(), ["-2.0", "-2.0", "-1.0", "2.0", "NaN"]),
        case("max", &[], &["f"], float.clone(), ["8.0", "1.5", "8.0", "2.0", "NaN"]),
        case("max", &[], &["t"], text.clone(), ["z", "z", "y", "NULL", ""]),
        case("any", &[], &["n"], int.clone(), ["3", "3", "1", "NULL", "5"]),
        case("anyLast", &[], &["n"], int.clone(), ["5", "7", "4", "NULL", "5"]),
        case(
            "anyLast",
            &[],
            &["t"],
            text.clone(),
            ["", "z", "long text beyond a view", "NULL", ""],
        ),
        case(
            "argMax",
            &[],
            &["t", "n"],
            text.clone(),
            ["z", "z", "long text beyond a view", "NULL", ""],
        ),
        case("argMin", &[], &["n", "t"], int.clone(), ["5", "3", "4", "NULL", "5"]),
        case("argMax", &[], &["n", "f"], int.clone(), ["10", "3", "10", "NULL", "5"]),
        case("uniqExact", &[], &["n"], count.clone(), ["7", "3", "3", "0", "1"]),
        case("uniqExact", &[], &["g", "t"], count, ["5", "2", "2", "0", "1"]),
        case("quantile", &[0.25], &["n"], float.clone(), ["2.5", "1.75", "2.5", "NULL", "5.0"]),
        case("quantile", &[0.5], &["f"], float.clone(), ["1.5", "0.875", "3.5", "2.0", "NULL"]),
        case("quantileExact", &[0.5], &["n"], int.clone(), ["4", "3", "4", "NULL", "5"]),
        case("quantileExactLow", &[0.5], &["n"], int.clone(), ["3", "3", "4", "NULL", "5"]),
        case(
            "quantiles",
            &[0.0, 1.0],
            &["n"],
            list(float.clone()),
            ["[-2.0, 10.0]", "[-2.0, 7.0]", "[1.0, 10.0]", "[NaN, NaN]", "[5.0, 5.0]"],
        ),
        case(
            "groupArray",
            &[],
            &["n"],
            list(int.clone()),
            ["[3, 1, 3, 10, -2, 4, 7, 5]", "[3, 3, -2, 7]", "[1, 10, 4]", "[]", "[5]"],
        ),
        case(
            "groupArray",
            &[2.0],
            &["n"],
            list(int.clone()),
            ["[3, 1]", "[3, 3]", "[1, 10]", "[]", "[5]"],
        ),
        case(
            "groupUniqArray",
            &[],
            &["t"],
            list(text.clone()),
            [
                "[x, y, z, long text beyond a view, ]",
                "[x, z]",
                "[y, long text beyond a view]",
                "[]",
                "[]",
            ],
        ),
        case("groupUniqArray", &[1.0], &["n"], list(int), ["[3]", "[3]", "[1]", "[]", "[5]"]),
        case(
            "topK",
            &[2.0],
            &["t"],
            list(text),
            ["[x, z]", "[x, z]", "[y, long text beyond a view]", "[]", "[]"],
        ),
        case("skewPop", &[], &["f"], float.clone(), ["NaN", "-0.77", "NaN", "NaN", "NaN"]),
        case("avgWeighted", &[], &["f", "f"], float, ["NaN", "6.85", "NaN", "2.00", "NaN"]),
    ]
}

#[tokio::test]
async fn every_split_gives_the_values_of_clickhouse() {
    for (partitions, batch) in [(1, 100), (1, 3), (1, 1), (2, 5), (3, 2), (5, 1)] {
        let context = context(partitions, batch);
        for Case { call: (name, params, args, ty), expected } in cases() {
            // One thread reads the parts in order only where there is one part.
            if partitions > 1
                && matches!(name, "any" | "anyLast" | "groupArray" | "groupUniqArray" | "topK")
            {
                continue;
            }
            let what =
                format!("{name}{params:?}{args:?} in {partitions} parts, batches of {batch}");
            let mut got = results(&context, vec![], call(name, &params, args, &ty)).await;
            got.extend(results(&context, vec![col("g")], call(name, &params, args, &ty)).await);
            if matches!(name, "avgWeighted" | "skewPop") {
                got.iter_mut().for_each(|value| {
                    *value = value
                        .parse::<f64>()
                        .map_or_else(|_| value.clone(), |value| format!("{value:.2}"))
                });
            }
            assert_eq!(got, expected, "{what}");
        }
    }
}
