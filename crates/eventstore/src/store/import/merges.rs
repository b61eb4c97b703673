//! Merges that come after the rows: distinct ids that are another person's now than when their rows were taken in.
//!
//! Rows stay where they are until the store is optimized; until then queries ask this table.

use super::Import;
use super::output::Output;
use super::people::{People, fingerprint};
use super::reading::told;
use crate::Error;
use crate::store::manifest::{Manifest, TableFile};
use crate::store::{PERSON_COLUMN, open};
use arrow::array::{ArrayRef, AsArray, Int64Array, RecordBatch, StringArray};
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
    if base.events.is_empty() || import.plan.people.is_empty() {
        return Ok(None);
    }
    let Moved { ids, persons, .. } = moved(import, base).await?;
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
    let columns: Vec<ArrayRef> = vec![
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

/// Distinct ids whose person has changed, and who that is now.
#[derive(Debug, Default)]
struct Moved {
    ids: Vec<String>,
    persons: Vec<String>,
    seen: HashSet<u128>,
}

/// Looks for the distinct ids of the store's rows that are another person's now. The rows alone tell whose they are: they
/// were taken in by imports that had other tables, or none, and some were written anew since.
async fn moved(import: &Import<'_>, base: &Manifest) -> Result<Moved, Error> {
    let folder = import.versions.folder();
    let known = open::of_manifest(folder, base, import.context.runtime_env().as_ref()).await?;
    let mut moved = Moved::default();
    let Some(events) = known.events() else { return Ok(moved) };
    let mut before = People::default();
    if open::has_merges(base)
        && let Some(merges) = known.overrides()
    {
        before.read(merges, &import.context).await?;
    }
    let columns = [column::DISTINCT_ID, PERSON_COLUMN];
    let mut rows = super::tables::rows_in_order(events, &import.context, &columns).await?;
    while let Some(batch) = rows.try_next().await.map_err(|error| told(&error))? {
        import.check_stopped()?;
        moved.look(&batch, &before, &import.plan.people)?;
    }
    Ok(moved)
}

impl Moved {
    /// Looks at distinct ids and the persons in whose place their rows are; `before` has what was merged since.
    fn look(&mut self, rows: &RecordBatch, before: &People, now: &People) -> Result<(), Error> {
        let texts = rows.columns().iter().map(|values| cast(values, &DataType::Utf8View));
        let texts: Result<Vec<ArrayRef>, _> = texts.collect();
        let texts = texts.map_err(|error| Error::internal(error.to_string()))?;
        let [ids, persons] = texts.as_slice() else {
            return Err(Error::internal("rows that tell more than ids and persons"));
        };
        let mut last = None;
        for (id, person) in ids.as_string_view().iter().zip(persons.as_string_view()) {
            let (Some(id), Some(person)) = (id, person) else { continue };
            // What a person did stands together.
            if last.replace((id, person)) == Some((id, person)) {
                continue;
            }
            let was = before.person(id).unwrap_or(person);
            let Some(is) = now.person(id).filter(|is| *is != was) else { continue };
            if self.seen.insert(fingerprint(id)) {
                self.ids.push(id.to_owned());
                self.persons.push(is.to_owned());
            }
        }
        Ok(())
    }
}
