//! Events as files, and answers as JSON.

use hoglet::arrow::array::{ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray};
use hoglet::output::{Cells, Format, Writer};
use hoglet::{Column, Error, QueryResult, Session, SessionBuilder};
use serde_json::Value;
use std::error::Error as StdError;
use std::path::Path;
use std::sync::Arc;
use testkit::Event;

/// The present of these tests: 2024-03-15T12:00:00Z.
pub(crate) const NOW: i64 = 1_710_504_000_000_000;

/// The golden rows, as a folder that holds a whole export.
pub(crate) fn golden() -> SessionBuilder {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    Session::builder().events(data.to_string_lossy()).now(NOW)
}

/// The sample that is built in.
pub(crate) fn sample() -> SessionBuilder {
    Session::builder().sample().now(NOW)
}

/// Writes events as a Parquet file, as an export has them; their uuids count from `first`.
pub(crate) fn write_parquet(
    events: &[Event],
    first: usize,
    path: &Path,
) -> Result<(), Box<dyn StdError>> {
    let text = |of: &dyn Fn(usize, &Event) -> String| -> ArrayRef {
        let values = events.iter().enumerate().map(|(row, event)| of(row, event));
        Arc::new(StringArray::from_iter_values(values))
    };
    let times = events.iter().map(|event| event.timestamp);
    let times = TimestampMicrosecondArray::from_iter_values(times).with_timezone("UTC");
    let batch = RecordBatch::try_from_iter([
        ("uuid", text(&|row, _| format!("00000000-0000-4000-8000-{:012x}", first + row))),
        ("event", text(&|_, event| event.event.clone())),
        ("distinct_id", text(&|_, event| event.person.clone())),
        ("person_id", text(&|_, event| event.person.clone())),
        ("timestamp", Arc::new(times) as ArrayRef),
        ("properties", text(&|_, event| Value::Object(event.properties.clone()).to_string())),
    ])?;
    let columns: Arc<[Column]> = batch
        .schema()
        .fields()
        .iter()
        .map(|field| Column { name: field.name().clone(), ty: None })
        .collect();
    let file = std::fs::File::create(path)?;
    let mut writer = Writer::begin(Format::Parquet, &columns, &batch.schema(), file)?;
    writer.write(&batch)?;
    writer.finish(None, false)?;
    Ok(())
}

/// The rows of an answer.
pub(crate) async fn ask(session: &Session, text: &str) -> Result<Vec<Vec<Value>>, Error> {
    rows(&session.hogql(text).await?.collect().await.map_err(|error| error.with_hint(text))?)
}

/// The first value of the first row.
pub(crate) async fn value(session: &Session, text: &str) -> Result<Value, Error> {
    let first = ask(session, text).await?.into_iter().next();
    Ok(first.and_then(|row| row.into_iter().next()).unwrap_or_default())
}

/// The values of a result.
pub(crate) fn rows(result: &QueryResult) -> Result<Vec<Vec<Value>>, Error> {
    let mut rows = Vec::with_capacity(result.rows());
    for batch in &result.batches {
        let cells = Cells::new(batch, &result.columns)?;
        rows.extend((0..cells.rows()).map(|row| {
            (0..cells.columns()).map(|column| cell(&cells, column, row)).collect::<Vec<_>>()
        }));
    }
    Ok(rows)
}

fn cell(cells: &Cells, column: usize, row: usize) -> Value {
    let mut text = String::new();
    cells.json(column, row, &mut text);
    // serde_json reads floats less exactly than they are written.
    match text.parse::<f64>() {
        Ok(float) if text.contains(['.', 'e']) => Value::from(float),
        _ => serde_json::from_str(&text)
            .unwrap_or_else(|error| Value::String(format!("{text}: {error}"))),
    }
}
