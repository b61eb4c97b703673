//! Event files of a store in ranges of actors: whole buckets to each partition, and the order of their rows promised.
//!
//! DataFusion's own scan takes the partitioning as a promise, but not the order: it proves that of several files by their
//! statistics, and an actor is no column of a file. So the source of a scan is wrapped, and everything else is the inner
//! one's. As long as a partitioning is promised, files are neither cut nor stolen by another partition.

use super::ACTOR_COLUMN;
use super::buckets::{Bucket, Ranges};
use crate::reach::Reaches;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Result, Statistics, internal_err};
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfig, FileScanConfigBuilder};
use datafusion::datasource::source::{DataSource, DataSourceExec, OpenArgs};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::projection::ProjectionExprs;
use datafusion::physical_expr::{
    EquivalenceProperties, LexOrdering, Partitioning, PhysicalExpr, PhysicalSortExpr,
};
use datafusion::physical_plan::execution_plan::SchedulingType;
use datafusion::physical_plan::filter_pushdown::FilterPushdownPropagation;
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use datafusion::physical_plan::{DisplayFormatType, ExecutionPlan};
use events::column;
use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// The same scan of a store's files in ranges of actors, if it gives the actors of rows. If less than half of the partitions
/// would have a bucket, it stays as it is: then cutting the files is worth more.
pub(super) fn in_ranges(
    plan: Arc<dyn ExecutionPlan>,
    buckets: &[Bucket],
    reaches: &Reaches,
    partitions: usize,
) -> Result<Arc<dyn ExecutionPlan>> {
    if buckets.is_empty() || buckets.len() * 2 < partitions {
        return Ok(plan);
    }
    let source = plan.downcast_ref::<DataSourceExec>().map(DataSourceExec::data_source);
    let config = source.and_then(|source| source.downcast_ref::<FileScanConfig>()).cloned();
    let Some(config) = config else { return Ok(plan) };
    let Some(actor) = shown(&config, ACTOR_COLUMN) else { return Ok(plan) };
    let ranges = Ranges::of(buckets, partitions);
    let files_of = |buckets: &[Bucket]| {
        FileGroup::new(buckets.iter().flat_map(|bucket| bucket.scanned(reaches)).collect())
    };
    let groups = ranges.partitions().iter().cloned();
    let groups = groups.map(|range| files_of(buckets.get(range).unwrap_or_default()));
    let is_ordered = buckets.iter().all(Bucket::is_one_file);
    let order = if is_ordered { ordered_by(&config, &actor) } else { Vec::new() };
    let config = FileScanConfigBuilder::from(config)
        .with_file_groups(groups.collect())
        .with_output_partitioning(Some(ranges.partitioning(actor)?))
        .with_preserve_order(is_ordered)
        .build();
    Ok(DataSourceExec::from_data_source(ActorFiles { config, order }))
}

/// The expression that gives a column of the table, if the scan shows that.
fn shown(config: &FileScanConfig, name: &str) -> Option<Arc<dyn PhysicalExpr>> {
    let mut columns = config.file_source.projection()?.iter();
    columns.find(|column| column.alias == name).map(|column| Arc::clone(&column.expr))
}

/// What orders rows of event files: their actors, then their times if those are shown as they are stored.
fn ordered_by(
    config: &FileScanConfig,
    actor: &Arc<dyn PhysicalExpr>,
) -> Vec<Arc<dyn PhysicalExpr>> {
    let time = shown(config, column::TIMESTAMP).filter(|time| time.is::<Column>());
    [Some(Arc::clone(actor)), time].into_iter().flatten().collect()
}

/// Event files of whole buckets for each partition.
#[derive(Debug, Clone)]
struct ActorFiles {
    config: FileScanConfig,
    /// What rows are in order by, over the columns of files: actors, then times. Nothing if they are in no order.
    order: Vec<Arc<dyn PhysicalExpr>>,
}

impl ActorFiles {
    /// The order in terms of the columns that are given, as far as they have it.
    fn ordering(&self) -> Option<LexOrdering> {
        let projection = self.config.file_source.projection()?;
        let given = |wanted: &Arc<dyn PhysicalExpr>| {
            let mut columns = projection.iter().enumerate();
            let (index, column) = columns.find(|(_, column)| column.expr.eq(wanted))?;
            let column: Arc<dyn PhysicalExpr> = Arc::new(Column::new(&column.alias, index));
            Some(PhysicalSortExpr::new_default(column))
        };
        LexOrdering::new(self.order.iter().map_while(given))
    }

    /// The same promise of another source of the same files.
    fn again(&self, inner: &Arc<dyn DataSource>) -> Result<Arc<dyn DataSource>> {
        match inner.downcast_ref::<FileScanConfig>() {
            Some(config) => {
                Ok(Arc::new(Self { config: config.clone(), order: self.order.clone() }))
            }
            None => internal_err!("a scan of files became another source"),
        }
    }
}

impl DataSource for ActorFiles {
    fn open(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        self.config.open(partition, context)
    }

    fn open_with_args(&self, args: OpenArgs) -> Result<SendableRecordBatchStream> {
        self.config.open_with_args(args)
    }

    fn fmt_as(&self, form: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.config.fmt_as(form, f)?;
        match (form, self.ordering()) {
            (DisplayFormatType::Default | DisplayFormatType::Verbose, Some(order)) => {
                write!(f, ", ordered_by=[{order}]")
            }
            _ => Ok(()),
        }
    }

    fn output_partitioning(&self) -> Partitioning {
        self.config.output_partitioning()
    }

    fn eq_properties(&self) -> EquivalenceProperties {
        let mut properties = self.config.eq_properties();
        if let Some(order) = self.ordering() {
            properties.add_ordering(order);
        }
        properties
    }

    fn scheduling_type(&self) -> SchedulingType {
        self.config.scheduling_type()
    }

    fn partition_statistics(&self, partition: Option<usize>) -> Result<Arc<Statistics>> {
        self.config.partition_statistics(partition)
    }

    fn with_fetch(&self, limit: Option<usize>) -> Option<Arc<dyn DataSource>> {
        self.again(&self.config.with_fetch(limit)?).ok()
    }

    fn fetch(&self) -> Option<usize> {
        self.config.fetch()
    }

    fn metrics(&self) -> ExecutionPlanMetricsSet {
        self.config.metrics()
    }

    fn try_swapping_with_projection(
        &self,
        projection: &ProjectionExprs,
    ) -> Result<Option<Arc<dyn DataSource>>> {
        let swapped = self.config.try_swapping_with_projection(projection)?;
        swapped.map(|inner| self.again(&inner)).transpose()
    }

    fn try_pushdown_filters(
        &self,
        filters: Vec<Arc<dyn PhysicalExpr>>,
        config: &ConfigOptions,
    ) -> Result<FilterPushdownPropagation<Arc<dyn DataSource>>> {
        let pushed = self.config.try_pushdown_filters(filters, config)?;
        let updated_node = pushed.updated_node.map(|inner| self.again(&inner)).transpose()?;
        Ok(FilterPushdownPropagation { filters: pushed.filters, updated_node })
    }

    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        self.config.apply_expressions(f)
    }

    fn create_sibling_state(&self, config: &ConfigOptions) -> Option<Arc<dyn Any + Send + Sync>> {
        self.config.create_sibling_state(config)
    }
}
