//! Merges that come after the rows: distinct ids that are another person's now than when their rows were taken in.
//!
//! Rows stay where they are until the store is optimized; until then queries ask this table.

use super::Import;
use super::output::Output;
use super::people::{People, fingerprint};
use super::reading::told;
use crate::store::manifest::{Manifest, TableFile};
use crate::store::open;
use crate::{Error, Source};
use arrow::array::{AsArray, Int64Array, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema};
use events::column;
use futures::TryStreamExt;
use std::collections::HashSet;
use std::sync::Arc;

/// Writes the distinct ids whose person an import has changed; nothing if there are none.
pub(super) async fn write(
    import: &Import<'_>,
    base: &Manifest,
    output: &Output,
    generation: u64,
) -> Result<Option<TableFile>, Error> {
    let now = &import.plan.people;
    if base.events.is_empty() || now.is_empty() {
        return Ok(None);
    }
    let folder = import.versions.folder();
    let known = open::of_manifest(folder, base, import.context.runtime_env().as_ref()).await?;
    let mut before = People::default();
    // Overrides of the store are its merges, if it has any; they are newer than its persons.
    for table in [known.persons(), known.overrides()].into_iter().flatten() {
        before.read(table, &import.context).await?;
    }
    let Some(table) = asked(&import.source) else { return Ok(None) };
    let (mut ids, mut persons, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    let mut rows =
        super::tables::rows_in_order(table, &import.context, &[column::DISTINCT_ID]).await?;
    while let Some(batch) = rows.try_next().await.map_err(|error| told(&error))? {
        let texts = cast(batch.column(0), &DataType::Utf8View);
        let texts = texts.map_err(|error| Error::internal(error.to_string()))?;
        for id in texts.as_string_view().iter().flatten() {
            let Some(person) = now.person(id).filter(|person| before.person(id) != Some(*person))
            else {
                continue;
            };
            if seen.insert(fingerprint(id)) {
                ids.push(id.to_owned());
                persons.push(person.to_owned());
            }
        }
    }
    if ids.is_empty() {
        return Ok(None);
    }
    let version = i64::try_from(generation).unwrap_or(i64::MAX);
    let rows = ids.len();
    let text = |name| Field::new(name, DataType::Utf8, false);
    let schema = Arc::new(Schema::new(vec![
        text(column::DISTINCT_ID),
        text(column::PERSON_ID),
        Field::new("version", DataType::Int64, false),
    ]));
    let columns: Vec<arrow::array::ArrayRef> = vec![
        Arc::new(StringArray::from(ids)),
        Arc::new(StringArray::from(persons)),
        Arc::new(Int64Array::from_value(version, rows)),
    ];
    let batch = RecordBatch::try_new(Arc::clone(&schema), columns);
    let batch = batch.map_err(|error| Error::internal(error.to_string()))?;
    let writer = output.clone();
    let task = tokio::task::spawn_blocking(move || {
        let file = writer.begin("tables", generation, "merges-0.parquet")?;
        writer.table(file, &schema, |writer| writer.write(&batch))
    });
    let (path, bytes) = task.await.map_err(|error| Error::internal(error.to_string()))??;
    Ok(Some(TableFile { path, bytes, rows: rows as u64, generation }))
}

/// The table that distinct ids are looked up in.
fn asked(source: &Source) -> Option<&crate::Table> {
    source.overrides().or_else(|| source.persons())
}
