//! The columns of a text file, told by its beginning.

use super::bytes::{Chunks, chunks};
use super::failure::error_at;
use super::{csv, ndjson};
use crate::Error;
use crate::columns::FileShape;
use crate::files::{FileKind, FoundFile, store_for};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::{DataFusionError, Result, exec_err};
use datafusion::execution::runtime_env::RuntimeEnv;
use events::property::{json, unescape};
use futures::TryStreamExt;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Bytes looked at to learn the keys of an NDJSON file. Keys that appear later only are not seen, which is told.
pub(crate) const LOOK: usize = 1024 * 1024;

/// The columns of a text file, all text; `None` if it has no rows at all.
pub(crate) async fn head(
    file: &FoundFile,
    runtime: &RuntimeEnv,
) -> Result<Option<FileShape>, Error> {
    columns(file, runtime, Lines::All).await
}

/// The same, of a file that is read leniently: lines that are no JSON objects tell nothing.
pub(crate) async fn lenient_head(
    file: &FoundFile,
    runtime: &RuntimeEnv,
) -> Result<Option<FileShape>, Error> {
    columns(file, runtime, Lines::Readable).await
}

/// Which lines of NDJSON tell keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lines {
    /// All must.
    All,
    /// Those that can be read.
    Readable,
}

async fn columns(
    file: &FoundFile,
    runtime: &RuntimeEnv,
    lines: Lines,
) -> Result<Option<FileShape>, Error> {
    let store = store_for(file, runtime)?;
    let place = file.place();
    let (delimiter, compression) = match file.kind {
        FileKind::Csv { delimiter, compression } => (Some(delimiter), compression),
        FileKind::Ndjson { compression } => (None, compression),
        FileKind::Parquet => {
            return Err(Error::internal("a Parquet file was taken for text").at(place));
        }
    };
    let found = match (chunks(store.as_ref(), &file.meta.location, compression, 0).await, delimiter)
    {
        (Ok(chunks), Some(delimiter)) => csv_columns(chunks, delimiter).await,
        (Ok(chunks), None) => ndjson_columns(chunks, lines).await,
        (Err(error), _) => Err(error),
    };
    let (schema, whole) = found.map_err(|error| {
        let stored = matches!(error.find_root(), DataFusionError::ObjectStore(_));
        let error = error_at(&place, &error);
        if stored || error.hint().is_some() { error } else { error.with_hint(HINT) }
    })?;
    Ok(schema.map(|schema| FileShape { place, schema, nulls: HashMap::new(), whole }))
}

const HINT: &str = "the name tells what a file holds: .jsonl a JSON object on each line, .csv a header line and rows, \
                    .gz and .zst compressed text";

/// The columns that the header names; no row can add to them.
async fn csv_columns(mut chunks: Chunks, delimiter: u8) -> Result<(Option<SchemaRef>, bool)> {
    let mut start = Vec::new();
    while let Some(chunk) = chunks.try_next().await? {
        start.extend_from_slice(&chunk);
        if let Some(schema) = csv::header(&start, delimiter, false)? {
            return Ok((Some(schema), true));
        }
    }
    let empty = start.trim_ascii().is_empty();
    Ok((if empty { None } else { csv::header(&start, delimiter, true)? }, true))
}

/// The keys of the lines at the beginning, and whether these are all lines. All lines of a file that is imported are looked
/// at: a key that is missed would be lost.
async fn ndjson_columns(mut chunks: Chunks, told: Lines) -> Result<(Option<SchemaRef>, bool)> {
    let (mut keys, mut start, mut looked, mut whole) = (Keys::default(), Vec::new(), 0, true);
    while let Some(chunk) = chunks.try_next().await? {
        looked += chunk.len();
        start.extend_from_slice(&chunk);
        let Some(last) = start.iter().rposition(|byte| *byte == b'\n') else { continue };
        keys.read(start.get(..last).unwrap_or_default(), told)?;
        start.drain(..=last);
        if looked >= LOOK && told == Lines::All {
            whole = false;
            break;
        }
    }
    if whole {
        keys.read(&start, told)?;
    }
    let fields: Vec<Field> =
        keys.names.into_iter().map(|key| Field::new(key, DataType::Utf8View, true)).collect();
    Ok(((!fields.is_empty()).then(|| Arc::new(Schema::new(fields))), whole))
}

/// Keys of objects, in order of first appearance.
#[derive(Default)]
struct Keys {
    names: Vec<String>,
    seen: HashSet<String>,
    lines: usize,
}

impl Keys {
    fn read(&mut self, lines: &[u8], told: Lines) -> Result<()> {
        for line in lines.split(|byte| *byte == b'\n') {
            self.lines += 1;
            let object = match ndjson::object(line) {
                Ok(object) => object,
                Err(_) if told == Lines::Readable => continue,
                Err(error) => return exec_err!("line {}: {error}", self.lines),
            };
            for member in json::members(object) {
                let key = unescape(member.key).unwrap_or(Cow::Borrowed(member.key));
                if !self.seen.contains(key.as_ref()) {
                    self.seen.insert(key.clone().into_owned());
                    self.names.push(key.into_owned());
                }
            }
        }
        Ok(())
    }
}
