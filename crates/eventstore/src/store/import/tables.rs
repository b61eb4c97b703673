//! The tables beside the events: their rows are kept as they are.

use super::output::Output;
use super::reading::told;
use crate::store::dictionary::{Dictionary, Properties};
use crate::store::manifest::TableFile;
use crate::store::objects::Objects;
use crate::store::schema;
use crate::{Error, Source, Table};
use arrow::array::{AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::context::SessionContext;
use datafusion::physical_plan::execute_stream;
use events::column;
use events::source::TableKind;
use futures::TryStreamExt;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Rows of some columns of a table, in order of arrival.
pub(super) async fn rows_in_order(
    table: &Table,
    context: &SessionContext,
    columns: &[&str],
) -> Result<SendableRecordBatchStream, Error> {
    let config = context.state().config().clone().with_target_partitions(1);
    let context = SessionContext::new_with_config_rt(config, context.runtime_env());
    let schema = table.provider.schema();
    let places: Result<Vec<usize>, _> = columns.iter().map(|name| schema.index_of(name)).collect();
    let places = places.map_err(|error| Error::internal(error.to_string()))?;
    let plan = table.provider.scan(&context.state(), Some(&places), &[], None).await;
    execute_stream(plan.map_err(|error| told(&error))?, context.task_ctx())
        .map_err(|error| told(&error))
}

/// Files of the tables of an import, and what their properties are.
pub(super) async fn write(
    source: &Source,
    context: &SessionContext,
    output: &Output,
    generation: u64,
) -> Result<(BTreeMap<String, Vec<TableFile>>, Dictionary), Error> {
    let mut files = BTreeMap::new();
    let mut dictionary = Dictionary::default();
    for kind in [TableKind::Persons, TableKind::Overrides, TableKind::Groups] {
        let Some(table) = source.table(kind) else { continue };
        let (file, properties) = write_table(kind, table, context, output, generation).await?;
        files.insert(kind.name().to_owned(), vec![file]);
        match kind {
            TableKind::Persons => dictionary.person = properties,
            TableKind::Groups => dictionary.group = properties,
            TableKind::Events | TableKind::Overrides => {}
        }
    }
    Ok((files, dictionary))
}

async fn write_table(
    kind: TableKind,
    table: &Table,
    context: &SessionContext,
    output: &Output,
    generation: u64,
) -> Result<(TableFile, Properties), Error> {
    let names: Vec<&str> =
        schema::columns(&table.schema).map(|column| column.name.as_str()).collect();
    let fields: Vec<Field> = schema::columns(&table.schema)
        .map(|column| Field::new(&column.name, schema::stored_type(column.ty), true))
        .collect();
    let stored: SchemaRef = Arc::new(Schema::new(fields));
    let mut rows = rows_in_order(table, context, &names).await?;
    let file = output.begin("tables", generation, &format!("{kind}-0.parquet"))?;
    let (sender, receiver) = std::sync::mpsc::sync_channel::<RecordBatch>(2);
    let (writer, schema) = (output.clone(), Arc::clone(&stored));
    let written = tokio::task::spawn_blocking(move || {
        let mut objects = Objects::new([]);
        let mut count = 0;
        let file = writer.table(file, &schema, |writer| {
            for batch in receiver {
                count += batch.num_rows() as u64;
                let json = batch.column_by_name(column::PROPERTIES);
                if let Some(json) = json.and_then(|json| json.as_string_opt::<i32>()) {
                    json.iter().for_each(|object| objects.read(object));
                }
                writer.write(&batch)?;
            }
            Ok(())
        });
        file.map(|file| (file, count, objects.into_properties()))
    });
    while let Some(batch) = rows.try_next().await.map_err(|error| told(&error))? {
        let columns = batch.columns().iter().zip(stored.fields());
        let columns = columns.map(|(values, field)| cast(values, field.data_type()));
        let batch = columns
            .collect::<Result<Vec<_>, _>>()
            .and_then(|columns| RecordBatch::try_new(Arc::clone(&stored), columns))
            .map_err(|error| Error::data(error.to_string()))?;
        // The writer is gone if it failed: its own error is told below.
        if tokio::task::block_in_place(|| sender.send(batch)).is_err() {
            break;
        }
    }
    drop(sender);
    let written = written.await.map_err(|error| Error::internal(error.to_string()))?;
    let ((path, bytes), rows, properties) = written?;
    Ok((TableFile { path, bytes, rows, generation }, properties))
}
