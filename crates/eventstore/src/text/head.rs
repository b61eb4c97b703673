//! The columns of a text file, told by its beginning.

use super::bytes::{Chunks, chunks, exists};
use super::{csv, ndjson};
use crate::Error;
use crate::columns::FileShape;
use crate::files::{FileKind, FoundFile, store_for, unreadable};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::{DataFusionError, Result, exec_datafusion_err};
use datafusion::execution::runtime_env::RuntimeEnv;
use events::property::{json, unescape};
use futures::TryStreamExt;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Bytes looked at to learn the keys of an NDJSON file. Keys that appear later only are not seen.
const LOOK: usize = 1024 * 1024;

/// The columns of a text file, all text; `None` if it has no rows at all.
pub(crate) async fn head(
    file: &FoundFile,
    runtime: &RuntimeEnv,
) -> Result<Option<FileShape>, Error> {
    let store = store_for(file, runtime)?;
    let place = file.place();
    let location = &file.meta.location;
    exists(store.as_ref(), location).await.map_err(|error| unreadable(&place, &error))?;
    let schema = match file.kind {
        FileKind::Csv { delimiter, compression } => {
            match chunks(store.as_ref(), location, compression, 0).await {
                Ok(chunks) => csv_columns(chunks, delimiter).await,
                Err(error) => Err(error),
            }
        }
        FileKind::Ndjson { compression } => {
            match chunks(store.as_ref(), location, compression, 0).await {
                Ok(chunks) => ndjson_columns(chunks).await,
                Err(error) => Err(error),
            }
        }
        FileKind::Parquet => {
            return Err(Error::internal("a Parquet file was taken for text").at(place));
        }
    };
    let schema = schema.map_err(|error| Error::data(reason(&error)).at(&place).with_hint(HINT))?;
    Ok(schema.map(|schema| FileShape { place, schema, nulls: HashMap::new() }))
}

const HINT: &str = "the name tells what a file holds: .jsonl a JSON object on each line, .csv a header line and rows, \
                    .gz and .zst compressed text";

fn reason(error: &DataFusionError) -> String {
    match error.find_root() {
        DataFusionError::Execution(message) => message.clone(),
        other => format!("it cannot be read: {}", other.strip_backtrace()),
    }
}

async fn csv_columns(mut chunks: Chunks, delimiter: u8) -> Result<Option<SchemaRef>> {
    let mut start = Vec::new();
    while let Some(chunk) = chunks.try_next().await? {
        start.extend_from_slice(&chunk);
        if let Some(schema) = csv::header(&start, delimiter, false)? {
            return Ok(Some(schema));
        }
    }
    if start.trim_ascii().is_empty() { Ok(None) } else { csv::header(&start, delimiter, true) }
}

async fn ndjson_columns(mut chunks: Chunks) -> Result<Option<SchemaRef>> {
    let mut start = Vec::new();
    let mut whole = true;
    while let Some(chunk) = chunks.try_next().await? {
        start.extend_from_slice(&chunk);
        if start.len() >= LOOK {
            whole = false;
            break;
        }
    }
    let complete = if whole {
        start.len()
    } else {
        start.iter().rposition(|byte| *byte == b'\n').unwrap_or(start.len())
    };
    let lines = start.get(..complete).unwrap_or(&start).split(|byte| *byte == b'\n');
    let mut keys: Vec<String> = Vec::new();
    let mut seen: HashSet<String> = HashSet::new();
    for (number, line) in lines.enumerate() {
        let object = ndjson::object(line)
            .map_err(|error| exec_datafusion_err!("line {}: {error}", number + 1))?;
        for member in json::members(object) {
            let key = unescape(member.key).unwrap_or(Cow::Borrowed(member.key));
            if !seen.contains(key.as_ref()) {
                seen.insert(key.clone().into_owned());
                keys.push(key.into_owned());
            }
        }
    }
    let fields: Vec<Field> =
        keys.into_iter().map(|key| Field::new(key, DataType::Utf8View, true)).collect();
    Ok((!fields.is_empty()).then(|| Arc::new(Schema::new(fields))))
}
