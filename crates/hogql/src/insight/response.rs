//! PostHog's response to a `HogQLQuery`.

use super::HogQLQuery;
use crate::error::Error;
use crate::output::{Format, Writer};
use crate::session::Query;
use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use std::sync::Arc;

/// The response: `columns`, `types`, `results`, `limit`, `hasMore`, `complete`, then `query` (the node) and `hogql` (its text, printed
/// canonically). One line.
///
/// # Errors
/// A defect only: results are rendered in memory.
pub fn response(
    node: &HogQLQuery,
    query: &Query,
    batches: &[RecordBatch],
) -> Result<String, Error> {
    let schema = batches.first().map_or_else(|| Arc::new(Schema::empty()), RecordBatch::schema);
    let columns: Arc<[_]> = query.columns().into();
    let mut text = Vec::new();
    let mut writer = Writer::begin(Format::Json, &columns, &schema, &mut text)?;
    for batch in batches {
        writer.write(batch)?;
    }
    writer.finish(None, false)?;
    let mut text = String::from_utf8(text).map_err(|error| Error::internal(error.to_string()))?;
    text.truncate(text.trim_end().len().saturating_sub(1));
    let printed = hogql_syntax::print_query(&hogql_syntax::parse_select(&node.query).tree);
    let rest = serde_json::json!({ "query": node.source, "hogql": printed }).to_string();
    text.push(',');
    text.push_str(rest.trim_start_matches('{'));
    text.push('\n');
    Ok(text)
}
