//! DataFusion's reader of Parquet files, with errors that name the file.

use crate::Error;
use crate::files::{place, unreadable};
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
pub(crate) struct NamedSource(Arc<dyn FileSource>);

impl NamedSource {
    /// The same reader with better errors.
    pub(crate) fn new(source: ParquetSource) -> Self {
        Self(Arc::new(source))
    }

    fn again(source: Arc<dyn FileSource>) -> Arc<dyn FileSource> {
        Arc::new(Self(source))
    }
}

impl FileSource for NamedSource {
    fn create_file_opener(
        &self,
        object_store: Arc<dyn ObjectStore>,
        base_config: &FileScanConfig,
        partition: usize,
    ) -> Result<Arc<dyn FileOpener>> {
        self.0.create_file_opener(object_store, base_config, partition)
    }

    fn create_morselizer(
        &self,
        object_store: Arc<dyn ObjectStore>,
        base_config: &FileScanConfig,
        partition: usize,
    ) -> Result<Box<dyn Morselizer>> {
        let inner = self.0.create_morselizer(object_store, base_config, partition)?;
        let root = base_config.object_store_url.as_str().to_owned();
        Ok(Box::new(Files { inner, root }))
    }

    fn table_schema(&self) -> &TableSchema {
        self.0.table_schema()
    }

    fn with_batch_size(&self, batch_size: usize) -> Arc<dyn FileSource> {
        Self::again(self.0.with_batch_size(batch_size))
    }

    fn filter(&self) -> Option<Arc<dyn PhysicalExpr>> {
        self.0.filter()
    }

    fn projection(&self) -> Option<&ProjectionExprs> {
        self.0.projection()
    }

    fn metrics(&self) -> &ExecutionPlanMetricsSet {
        self.0.metrics()
    }

    fn file_type(&self) -> &str {
        self.0.file_type()
    }

    fn fmt_extra(&self, form: DisplayFormatType, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt_extra(form, out)
    }

    fn supports_repartitioning(&self) -> bool {
        self.0.supports_repartitioning()
    }

    fn try_pushdown_filters(
        &self,
        filters: Vec<Arc<dyn PhysicalExpr>>,
        config: &ConfigOptions,
    ) -> Result<FilterPushdownPropagation<Arc<dyn FileSource>>> {
        let pushed = self.0.try_pushdown_filters(filters, config)?;
        let updated_node = pushed.updated_node.map(Self::again);
        Ok(FilterPushdownPropagation { filters: pushed.filters, updated_node })
    }

    fn try_pushdown_sort(
        &self,
        order: &[PhysicalSortExpr],
        properties: &EquivalenceProperties,
    ) -> Result<SortOrderPushdownResult<Arc<dyn FileSource>>> {
        Ok(self.0.try_pushdown_sort(order, properties)?.map(Self::again))
    }

    fn reorder_files(&self, files: Vec<PartitionedFile>) -> Vec<PartitionedFile> {
        self.0.reorder_files(files)
    }

    fn try_pushdown_projection(
        &self,
        projection: &ProjectionExprs,
    ) -> Result<Option<Arc<dyn FileSource>>> {
        Ok(self.0.try_pushdown_projection(projection)?.map(Self::again))
    }

    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        self.0.apply_expressions(f)
    }
}

/// What is read of each file.
#[derive(Debug)]
struct Files {
    inner: Box<dyn Morselizer>,
    /// Address of the store.
    root: String,
}

impl Morselizer for Files {
    fn plan_file(&self, file: PartitionedFile) -> Result<Box<dyn MorselPlanner>> {
        let place: Arc<str> = place(&self.root, &file.object_meta.location).into();
        let inner = self.inner.plan_file(file).map_err(|error| named(&place, error))?;
        Ok(Box::new(Planner { inner, place }))
    }
}

/// What is next to be read of the file at `place`.
#[derive(Debug)]
struct Planner {
    inner: Box<dyn MorselPlanner>,
    place: Arc<str>,
}

impl Planner {
    fn boxed(inner: Box<dyn MorselPlanner>, place: &Arc<str>) -> Box<dyn MorselPlanner> {
        Box::new(Self { inner, place: Arc::clone(place) })
    }
}

impl MorselPlanner for Planner {
    fn plan(self: Box<Self>) -> Result<Option<MorselPlan>> {
        let Self { inner, place } = *self;
        let planned = inner.plan().map_err(|error| named(&place, error))?;
        let Some(mut plan) = planned else { return Ok(None) };
        let morsels = plan
            .take_morsels()
            .into_iter()
            .map(|inner| Box::new(Piece { inner, place: Arc::clone(&place) }) as Box<dyn Morsel>);
        let planners = plan.take_ready_planners().into_iter();
        let planners = planners.map(|inner| Self::boxed(inner, &place)).collect();
        let mut wrapped = MorselPlan::new().with_morsels(morsels.collect()).with_planners(planners);
        if let Some(pending) = plan.take_pending_planner() {
            wrapped.set_pending_planner(async move {
                let inner = pending.await.map_err(|error| named(&place, error))?;
                Ok(Self::boxed(inner, &place))
            });
        }
        Ok(Some(wrapped))
    }
}

/// Rows of the file at `place`.
#[derive(Debug)]
struct Piece {
    inner: Box<dyn Morsel>,
    place: Arc<str>,
}

impl Morsel for Piece {
    fn into_stream(self: Box<Self>) -> BoxStream<'static, Result<RecordBatch>> {
        let Self { inner, place } = *self;
        inner.into_stream().map(move |batch| batch.map_err(|error| named(&place, error))).boxed()
    }
}

/// An error of reading as one of the file. Others are about the question: they come from expressions that run while reading.
fn named(place: &str, error: DataFusionError) -> DataFusionError {
    let damaged = |what: String| {
        Error::data(format!("it cannot be read: {what}"))
            .at(place)
            .with_hint("it is damaged: write it again or leave it out")
    };
    let told = match error.find_root() {
        DataFusionError::ObjectStore(error) => unreadable(place, error),
        DataFusionError::ParquetError(error) => damaged(error.to_string()),
        DataFusionError::ArrowError(inner, _) => match inner.as_ref() {
            ArrowError::ParquetError(what) => damaged(what.clone()),
            _ => return error,
        },
        DataFusionError::IoError(error) => damaged(error.to_string()),
        _ => return error,
    };
    DataFusionError::External(Box::new(told))
}
