//! Text files as a DataFusion file source: projection and conversion happen while a file is read.

use super::batches::{Span, csv as csv_batches, csv_header, ndjson as ndjson_batches};
use super::bytes::{Origin, chunks};
use super::columns::{Columns, all_text};
use super::csv;
use super::failure::failed;
use super::ndjson::Rows;
use crate::files::{Compression, FileKind, place};
use arrow::datatypes::SchemaRef;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DataFusionError, Result, internal_err};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{
    FileOpenFuture, FileOpener, FileScanConfig, FileSource,
};
use datafusion::datasource::table_schema::TableSchema;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::projection::ProjectionExprs;
use datafusion::physical_expr_adapter::PhysicalExprAdapterFactory;
use datafusion::physical_plan::apply_expression_roots;
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use futures::{FutureExt, StreamExt, TryFutureExt};
use object_store::ObjectStore;
use std::sync::Arc;

/// Reads text files of one kind.
#[derive(Debug, Clone)]
pub(crate) struct TextSource {
    kind: FileKind,
    table_schema: TableSchema,
    adapter: Arc<dyn PhysicalExprAdapterFactory>,
    projection: ProjectionExprs,
    /// Columns of NDJSON files whose values are given as they are written.
    written: Arc<[String]>,
    batch_size: Option<usize>,
    metrics: ExecutionPlanMetricsSet,
}

impl TextSource {
    /// Files of that kind, shown as `schema` by `adapter`.
    pub(crate) fn new(
        kind: FileKind,
        schema: SchemaRef,
        adapter: Arc<dyn PhysicalExprAdapterFactory>,
    ) -> Self {
        let indices: Vec<usize> = (0..schema.fields().len()).collect();
        Self {
            kind,
            projection: ProjectionExprs::from_indices(&indices, &schema),
            table_schema: TableSchema::from(schema),
            adapter,
            written: Arc::default(),
            batch_size: None,
            metrics: ExecutionPlanMetricsSet::new(),
        }
    }

    /// The same with some text columns as NDJSON files write them: raw JSON, strings in quotes. `None` for files of another
    /// kind, which have no such difference.
    pub(crate) fn as_written(&self, columns: Vec<String>) -> Option<Self> {
        let is_ndjson = matches!(self.kind, FileKind::Ndjson { .. });
        is_ndjson.then(|| Self { written: columns.into(), ..self.clone() })
    }
}

impl FileSource for TextSource {
    fn create_file_opener(
        &self,
        object_store: Arc<dyn ObjectStore>,
        base_config: &FileScanConfig,
        _partition: usize,
    ) -> Result<Arc<dyn FileOpener>> {
        let Some(batch_size) = self.batch_size else {
            return internal_err!("no batch size is set");
        };
        let schema = self.table_schema.file_schema();
        Ok(Arc::new(TextOpener {
            kind: self.kind,
            store: object_store,
            root: base_config.object_store_url.as_str().to_owned(),
            batch_size,
            written: Arc::clone(&self.written),
            columns: Columns {
                table: Arc::clone(schema),
                output: Arc::new(self.projection.project_schema(schema)?),
                exprs: self.projection.expr_iter().collect(),
                adapter: Arc::clone(&self.adapter),
            },
        }))
    }

    fn table_schema(&self) -> &TableSchema {
        &self.table_schema
    }

    fn with_batch_size(&self, batch_size: usize) -> Arc<dyn FileSource> {
        Arc::new(Self { batch_size: Some(batch_size), ..self.clone() })
    }

    fn projection(&self) -> Option<&ProjectionExprs> {
        Some(&self.projection)
    }

    fn metrics(&self) -> &ExecutionPlanMetricsSet {
        &self.metrics
    }

    fn file_type(&self) -> &'static str {
        match self.kind {
            FileKind::Parquet => "parquet",
            FileKind::Csv { .. } => "csv",
            FileKind::Ndjson { .. } => "ndjson",
        }
    }

    /// Lines of JSON can be found from any byte; CSV values may hold line ends, and compressed files have one beginning.
    fn supports_repartitioning(&self) -> bool {
        matches!(self.kind, FileKind::Ndjson { compression: Compression::None })
    }

    fn try_pushdown_projection(
        &self,
        projection: &ProjectionExprs,
    ) -> Result<Option<Arc<dyn FileSource>>> {
        let projection = self.projection.try_merge(projection)?;
        Ok(Some(Arc::new(Self { projection, ..self.clone() })))
    }

    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        apply_expression_roots(self.projection.iter().map(|projected| &projected.expr), f)
    }
}

/// Opens one file.
struct TextOpener {
    kind: FileKind,
    store: Arc<dyn ObjectStore>,
    /// Address of the store, for errors.
    root: String,
    batch_size: usize,
    written: Arc<[String]>,
    columns: Columns,
}

impl FileOpener for TextOpener {
    fn open(&self, file: PartitionedFile) -> Result<FileOpenFuture> {
        let (store, columns) = (Arc::clone(&self.store), self.columns.clone());
        let (kind, batch_size, written) = (self.kind, self.batch_size, Arc::clone(&self.written));
        let place = place(&self.root, &file.object_meta.location);
        let (at, named) = (place.clone(), place.clone());
        let reading = async move {
            let location = &file.object_meta.location;
            let batches = match kind {
                FileKind::Ndjson { compression } => {
                    let span = span(&file)?;
                    let bytes =
                        chunks(store.as_ref(), location, compression, span.offset()).await?;
                    let reading = columns.bind(&all_text(&columns.table))?;
                    let rows = Rows::new(Arc::clone(&reading.input), &written);
                    let location = location.clone();
                    let origin = Origin { store, location, compression, place };
                    reading.convert(ndjson_batches(bytes, rows, batch_size, span, origin), at)
                }
                FileKind::Csv { delimiter, compression } => {
                    let bytes = chunks(store.as_ref(), location, compression, 0).await?;
                    let Some((schema, bytes)) = csv_header(bytes, delimiter).await? else {
                        return Ok(futures::stream::empty().boxed());
                    };
                    let reading = columns.bind(&schema)?;
                    let decoder =
                        csv::decoder(&schema, delimiter, batch_size, reading.indices.clone());
                    let location = location.clone();
                    let origin = Origin { store, location, compression, place };
                    reading.convert(csv_batches(bytes, decoder, delimiter, origin), at)
                }
                FileKind::Parquet => return internal_err!("a Parquet file was taken for text"),
            };
            Ok(batches)
        };
        Ok(reading.map_err(move |error: DataFusionError| failed(&named, &error)).boxed())
    }
}

fn span(file: &PartitionedFile) -> Result<Span> {
    let Some(range) = &file.range else { return Ok(Span::ALL) };
    let byte =
        |at: i64| u64::try_from(at).map_err(|error| DataFusionError::External(Box::new(error)));
    Ok(Span { start: byte(range.start)?, end: byte(range.end)? })
}
