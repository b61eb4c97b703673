//! Expressions resolved, planned and run, against the types and values that ClickHouse gave.
//!
//! A line has an expression of the dialect, the type ClickHouse names for it, and the value as its `toString` prints it;
//! the type `error` is a refusal, at whatever stage.

use crate::lower::{Tables, lower};
use crate::resolve::{Options, resolve};
use crate::settings::Settings;
use crate::tables::MemorySchema;
use arrow::array::{Array, AsArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use datafusion::logical_expr::ColumnarValue;
use datafusion::prelude::SessionContext;
use operators::functions::{KernelArgs, kernel};

/// Type and value of an expression.
async fn answer(text: &str) -> Result<(String, String), String> {
    let parsed = hogql_syntax::parse_select(&format!("select {text} as value"));
    if let Some(wrong) = parsed.diagnostics.first() {
        return Err(wrong.message.clone());
    }
    let settings = Settings::utc(1_700_000_000_000_000);
    let resolved = resolve(&parsed.tree, &MemorySchema::default(), &settings, &Options::default())
        .map_err(|error| error.to_string())?;
    let ty = resolved.query.output[0].ty.to_string();
    let plan = lower(&resolved.query, &Tables::default()).map_err(|error| error.to_string())?;
    let context = SessionContext::new();
    let frame = context.execute_logical_plan(plan).await.map_err(|error| error.to_string())?;
    let batches = frame.collect().await.map_err(|error| error.to_string())?;
    let mut value = std::sync::Arc::clone(batches[0].column(0));
    if matches!(value.data_type(), DataType::Timestamp(_, _)) {
        let naive = DataType::Timestamp(arrow::datatypes::TimeUnit::Microsecond, None);
        value = cast(&cast(&value, &naive).unwrap(), &DataType::Utf8View).unwrap();
    }
    let (_, print) = kernel("value_to_string").unwrap();
    let args = KernelArgs {
        args: &[ColumnarValue::Array(value)],
        rows: 1,
        return_type: &DataType::Utf8View,
    };
    let printed = print(&args).map_err(|error| error.to_string())?.to_array(1).unwrap();
    let printed = printed.as_string_view();
    let text = if printed.is_null(0) { "NULL" } else { printed.value(0) };
    let is_instant = ty.contains("DateTime");
    Ok((ty, if is_instant { text.replace('T', " ") } else { text.to_owned() }))
}

fn check_all(cases: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut failures = Vec::new();
    for line in cases.lines() {
        let mut fields = line.split('\t');
        let (text, ty, value) =
            (fields.next().unwrap(), fields.next().unwrap(), fields.next().unwrap_or_default());
        match runtime.block_on(answer(text)) {
            Err(_) if ty == "error" => {}
            Ok(found) if found == (ty.to_owned(), value.to_owned()) => {}
            Ok(found) => failures
                .push(format!("{text}: expected {ty} {value}, found {} {}", found.0, found.1)),
            Err(error) => {
                failures.push(format!("{text}: expected {ty} {value}, found error {error}"))
            }
        }
    }
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn as_clickhouse() {
    check_all(include_str!("clickhouse.tsv"));
}

/// Where the dialect or Hoglet differ from ClickHouse on purpose.
#[test]
fn other_than_clickhouse() {
    check_all(include_str!("own.tsv"));
}
