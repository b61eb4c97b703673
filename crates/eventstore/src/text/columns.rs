//! The columns that are asked of files, and how each file gives them.

use super::batches::Batches;
use super::failure::failed;
use arrow::array::{RecordBatch, RecordBatchOptions};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::Result;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::utils::{collect_columns, reassign_expr_columns};
use datafusion::physical_expr_adapter::PhysicalExprAdapterFactory;
use futures::StreamExt;
use std::sync::Arc;

/// What is asked of every file.
#[derive(Debug, Clone)]
pub(crate) struct Columns {
    /// The columns that expressions speak of.
    pub(crate) table: SchemaRef,
    /// The columns that are given.
    pub(crate) output: SchemaRef,
    /// Their values.
    pub(crate) exprs: Vec<Arc<dyn PhysicalExpr>>,
    /// What makes the expressions ones over a file's own columns.
    pub(crate) adapter: Arc<dyn PhysicalExprAdapterFactory>,
}

/// What is asked of one file.
pub(crate) struct Bound {
    /// Places in the file's columns of those that are read.
    pub(crate) indices: Vec<usize>,
    /// The columns that are read.
    pub(crate) input: SchemaRef,
    /// The columns that are given.
    pub(crate) output: SchemaRef,
    /// Their values, over `input`.
    pub(crate) exprs: Vec<Arc<dyn PhysicalExpr>>,
}

impl Columns {
    /// The expressions over the columns of one file.
    pub(crate) fn bind(&self, file: &SchemaRef) -> Result<Bound> {
        let adapter = self.adapter.create(Arc::clone(&self.table), Arc::clone(file))?;
        let adapted: Vec<_> = self
            .exprs
            .iter()
            .map(|expr| adapter.rewrite(Arc::clone(expr)))
            .collect::<Result<_>>()?;
        let mut indices: Vec<usize> =
            adapted.iter().flat_map(collect_columns).map(|column| column.index()).collect();
        indices.sort_unstable();
        indices.dedup();
        let input = Arc::new(file.project(&indices)?);
        let exprs = adapted
            .into_iter()
            .map(|expr| reassign_expr_columns(expr, &input))
            .collect::<Result<_>>()?;
        Ok(Bound { indices, input, output: Arc::clone(&self.output), exprs })
    }
}

impl Bound {
    /// The batches of the file at `place` in the table's types.
    pub(super) fn convert(&self, batches: Batches, place: String) -> Batches {
        let (output, exprs) = (Arc::clone(&self.output), self.exprs.clone());
        batches.map(move |batch| project(&batch?, &exprs, &output, &place)).boxed()
    }
}

fn project(
    batch: &RecordBatch,
    exprs: &[Arc<dyn PhysicalExpr>],
    output: &SchemaRef,
    place: &str,
) -> Result<RecordBatch> {
    let rows = batch.num_rows();
    let columns = exprs.iter().map(|expr| {
        let converted = expr.evaluate(batch).and_then(|value| value.into_array(rows));
        converted.map_err(|error| failed(place, &error))
    });
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    Ok(RecordBatch::try_new_with_options(
        Arc::clone(output),
        columns.collect::<Result<_>>()?,
        &options,
    )?)
}

/// A file that has each of the columns as text.
pub(super) fn all_text(schema: &Schema) -> SchemaRef {
    let fields: Vec<Field> = schema
        .fields()
        .iter()
        .map(|field| Field::new(field.name(), DataType::Utf8View, true))
        .collect();
    Arc::new(Schema::new(fields))
}
