//! DataFusion's reader of Parquet files, with errors that name the file.

use crate::files::{place, unreadable};
use crate::footers::{damaged, told};
use arrow::array::RecordBatch;
use arrow::error::ArrowError;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DataFusionError, Result};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{
    FileOpener, FileScanConfig, FileSource, ParquetSource,
};
use datafusion::datasource::table_schema::TableSchema;
use datafusion::physical_expr::projection::ProjectionExprs;
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr, PhysicalSortExpr};
use datafusion::physical_plan::DisplayFormatType;
use datafusion::physical_plan::filter_pushdown::FilterPushdownPropagation;
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use datafusion::physical_plan::sort_pushdown::SortOrderPushdownResult;
use datafusion_datasource::morsel::{Morsel, MorselPlan, MorselPlanner, Morselizer};
use futures::StreamExt;
use futures::stream::BoxStream;
use object_store::ObjectStore;
use std::fmt;
use std::sync::Arc;

/// A reader whose errors tell the file. Everything else is the inner one's.
#[derive(Clone)]
pub(crate) struct NamedSource {
    inner: Arc<dyn FileSource>,
    /// What to do about a file that is damaged.
    hint: &'static str,
    /// What plans tell beside what the inner one does.
    note: Option<Arc<str>>,
}

impl NamedSource {
    /// The same reader with better errors, which say what to do about a file that is damaged.
    pub(crate) fn new(source: ParquetSource, hint: &'static str) -> Self {
        Self { inner: Arc::new(source), hint, note: None }
    }

    /// The same, and plans tell that of it, too.
    pub(crate) fn with_note(self, note: Option<String>) -> Self {
        Self { note: note.map(Into::into), ..self }
    }

    fn again(&self, inner: Arc<dyn FileSource>) -> Arc<dyn FileSource> {
        Arc::new(Self { inner, hint: self.hint, note: self.note.clone() })
    }
}

impl FileSource for NamedSource {
    fn create_file_opener(
        &self,
        object_store: Arc<dyn ObjectStore>,
        base_config: &FileScanConfig,
        partition: usize,
    ) -> Result<Arc<dyn FileOpener>> {
        self.inner.create_file_opener(object_store, base_config, partition)
    }

    fn create_morselizer(
        &self,
        object_store: Arc<dyn ObjectStore>,
        base_config: &FileScanConfig,
        partition: usize,
    ) -> Result<Box<dyn Morselizer>> {
        let inner = self.inner.create_morselizer(object_store, base_config, partition)?;
        let root = base_config.object_store_url.as_str().to_owned();
        Ok(Box::new(Files { inner, root, hint: self.hint }))
    }

    fn table_schema(&self) -> &TableSchema {
        self.inner.table_schema()
    }

    fn with_batch_size(&self, batch_size: usize) -> Arc<dyn FileSource> {
        self.again(self.inner.with_batch_size(batch_size))
    }

    fn filter(&self) -> Option<Arc<dyn PhysicalExpr>> {
        self.inner.filter()
    }

    fn projection(&self) -> Option<&ProjectionExprs> {
        self.inner.projection()
    }

    fn metrics(&self) -> &ExecutionPlanMetricsSet {
        self.inner.metrics()
    }

    fn file_type(&self) -> &str {
        self.inner.file_type()
    }

    fn fmt_extra(&self, form: DisplayFormatType, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt_extra(form, out)?;
        match (&self.note, form) {
            (Some(note), DisplayFormatType::Default | DisplayFormatType::Verbose) => {
                write!(out, ", {note}")
            }
            _ => Ok(()),
        }
    }

    fn supports_repartitioning(&self) -> bool {
        self.inner.supports_repartitioning()
    }

    fn try_pushdown_filters(
        &self,
        filters: Vec<Arc<dyn PhysicalExpr>>,
        config: &ConfigOptions,
    ) -> Result<FilterPushdownPropagation<Arc<dyn FileSource>>> {
        let pushed = self.inner.try_pushdown_filters(filters, config)?;
        let updated_node = pushed.updated_node.map(|inner| self.again(inner));
        Ok(FilterPushdownPropagation { filters: pushed.filters, updated_node })
    }

    fn try_pushdown_sort(
        &self,
        order: &[PhysicalSortExpr],
        properties: &EquivalenceProperties,
    ) -> Result<SortOrderPushdownResult<Arc<dyn FileSource>>> {
        Ok(self.inner.try_pushdown_sort(order, properties)?.map(|inner| self.again(inner)))
    }

    fn reorder_files(&self, files: Vec<PartitionedFile>) -> Vec<PartitionedFile> {
        self.inner.reorder_files(files)
    }

    fn try_pushdown_projection(
        &self,
        projection: &ProjectionExprs,
    ) -> Result<Option<Arc<dyn FileSource>>> {
        let pushed = self.inner.try_pushdown_projection(projection)?;
        Ok(pushed.map(|inner| self.again(inner)))
    }

    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        self.inner.apply_expressions(f)
    }
}

/// What is read of each file.
#[derive(Debug)]
struct Files {
    inner: Box<dyn Morselizer>,
    /// Address of the store.
    root: String,
    hint: &'static str,
}

impl Morselizer for Files {
    fn plan_file(&self, file: PartitionedFile) -> Result<Box<dyn MorselPlanner>> {
        let place = place(&self.root, &file.object_meta.location).into();
        let of = Of { place, hint: self.hint };
        let inner = self.inner.plan_file(file).map_err(|error| of.named(error))?;
        Ok(Box::new(Planner { inner, of }))
    }
}

/// The file that is read.
#[derive(Debug, Clone)]
struct Of {
    place: Arc<str>,
    hint: &'static str,
}

impl Of {
    /// An error of reading as one of the file. Others are about the question: they come from expressions that run while
    /// reading.
    fn named(&self, error: DataFusionError) -> DataFusionError {
        let damaged = |what: &str| damaged(&self.place, what, self.hint);
        let told = match error.find_root() {
            DataFusionError::ObjectStore(error) => unreadable(&self.place, error),
            DataFusionError::ParquetError(error) => told(&self.place, error, self.hint),
            DataFusionError::ArrowError(inner, _) => match inner.as_ref() {
                ArrowError::ParquetError(what) => damaged(what),
                _ => return error,
            },
            DataFusionError::IoError(error) => damaged(&error.to_string()),
            _ => return error,
        };
        DataFusionError::External(Box::new(told))
    }
}

/// What is next to be read of a file.
#[derive(Debug)]
struct Planner {
    inner: Box<dyn MorselPlanner>,
    of: Of,
}

impl Planner {
    fn boxed(inner: Box<dyn MorselPlanner>, of: &Of) -> Box<dyn MorselPlanner> {
        Box::new(Self { inner, of: of.clone() })
    }
}

impl MorselPlanner for Planner {
    fn plan(self: Box<Self>) -> Result<Option<MorselPlan>> {
        let Self { inner, of } = *self;
        let planned = inner.plan().map_err(|error| of.named(error))?;
        let Some(mut plan) = planned else { return Ok(None) };
        let morsels = plan
            .take_morsels()
            .into_iter()
            .map(|inner| Box::new(Piece { inner, of: of.clone() }) as Box<dyn Morsel>);
        let planners = plan.take_ready_planners().into_iter();
        let planners = planners.map(|inner| Self::boxed(inner, &of)).collect();
        let mut wrapped = MorselPlan::new().with_morsels(morsels.collect()).with_planners(planners);
        if let Some(pending) = plan.take_pending_planner() {
            wrapped.set_pending_planner(async move {
                let inner = pending.await.map_err(|error| of.named(error))?;
                Ok(Self::boxed(inner, &of))
            });
        }
        Ok(Some(wrapped))
    }
}

/// Rows of a file.
#[derive(Debug)]
struct Piece {
    inner: Box<dyn Morsel>,
    of: Of,
}

impl Morsel for Piece {
    fn into_stream(self: Box<Self>) -> BoxStream<'static, Result<RecordBatch>> {
        let Self { inner, of } = *self;
        inner.into_stream().map(move |batch| batch.map_err(|error| of.named(error))).boxed()
    }
}
