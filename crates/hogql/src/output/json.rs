//! JSON as PostHog's query API has it.

use super::Cells;
use crate::session::Column;
use arrow::datatypes::Schema;
use serde_json::json;
use std::io::{Result, Write};

/// `{"columns":[..],"types":[..],"results":[`
pub(super) fn head(columns: &[Column], schema: &Schema, sink: &mut dyn Write) -> Result<()> {
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let types: Vec<_> = columns
        .iter()
        .enumerate()
        .map(|(index, column)| json!([column.name, type_name(column, schema, index)]))
        .collect();
    write!(sink, "{{\"columns\":{},\"types\":{},\"results\":[", json!(names), json!(types))
}

/// ClickHouse's name of the type; Arrow's where the query was standard SQL.
fn type_name(column: &Column, schema: &Schema, index: usize) -> String {
    match (&column.ty, schema.fields().get(index)) {
        (Some(ty), _) => ty.to_string(),
        (None, Some(field)) => field.data_type().to_string(),
        (None, None) => String::new(),
    }
}

/// `[..],[..]`, a row each.
pub(super) fn rows(cells: &Cells, first: bool, sink: &mut dyn Write) -> Result<()> {
    let mut text = String::new();
    for row in 0..cells.rows() {
        if row > 0 || !first {
            text.push(',');
        }
        text.push('[');
        for column in 0..cells.columns() {
            if column > 0 {
                text.push(',');
            }
            cells.json(column, row, &mut text);
        }
        text.push(']');
    }
    sink.write_all(text.as_bytes())
}

/// `{"a":1,"b":2}`, a line each.
pub(super) fn lines(cells: &Cells, columns: &[Column], sink: &mut dyn Write) -> Result<()> {
    let keys: Vec<String> = columns.iter().map(|column| json!(column.name).to_string()).collect();
    let mut text = String::new();
    for row in 0..cells.rows() {
        for (column, key) in keys.iter().enumerate() {
            text.push_str(if column == 0 { "{" } else { "," });
            text.push_str(key);
            text.push(':');
            cells.json(column, row, &mut text);
        }
        text.push_str(if keys.is_empty() { "{}\n" } else { "}\n" });
    }
    sink.write_all(text.as_bytes())
}

/// `],"limit":..,"hasMore":..,"complete":..}`
pub(super) fn tail(limit: Option<u64>, more: bool, sink: &mut dyn Write) -> Result<()> {
    writeln!(sink, "],\"limit\":{},\"hasMore\":{more},\"complete\":{}}}", json!(limit), !more)
}
