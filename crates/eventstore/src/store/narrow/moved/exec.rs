//! The plan: a store's streams without what moved, then streams of what did.

use super::gather::{Gathered, Gathering};
use super::without::Without;
use crate::store::narrow::{NarrowScanExec, properties};
use arrow::array::RecordBatch;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DataFusionError, Result, internal_err};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::metrics::{ExecutionPlanMetricsSet, MetricBuilder, MetricsSet};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use futures::future::{BoxFuture, Shared};
use futures::{FutureExt, StreamExt, TryStreamExt};
use std::fmt;
use std::sync::{Arc, OnceLock};

/// Reads ordered streams of a store with merges that are not worked into its files: first the streams of the files,
/// without the actors of which rows moved, then the streams of those rows.
///
/// The rows that moved are gathered once for all streams, when the first of them is read: each file has rows for most
/// buckets. Whoever waits for them drives the reading, so nobody waits for a stream that is not read on.
#[derive(Debug)]
pub(super) struct MovedScanExec {
    scan: NarrowScanExec,
    /// The actors that are left out of each of its streams.
    left: Vec<Option<Arc<[u32]>>>,
    gathering: Arc<Gathering>,
    gathered: OnceLock<Rows>,
    properties: Arc<PlanProperties>,
    metrics: ExecutionPlanMetricsSet,
}

/// The rows that moved, as they are being gathered.
type Rows = Shared<BoxFuture<'static, std::result::Result<Arc<Gathered>, Arc<DataFusionError>>>>;

impl MovedScanExec {
    /// The streams of a scan, without some actors, and those of what is gathered.
    pub(super) fn new(
        scan: NarrowScanExec,
        left: Vec<Option<Arc<[u32]>>>,
        gathering: Gathering,
    ) -> Result<Self> {
        let partitions = left.len() + gathering.wanted.count;
        let properties = Arc::new(properties(&scan.schema(), partitions)?);
        Ok(Self {
            scan,
            left,
            gathering: Arc::new(gathering),
            gathered: OnceLock::new(),
            properties,
            metrics: ExecutionPlanMetricsSet::new(),
        })
    }

    fn rows(&self, context: &Arc<TaskContext>) -> Rows {
        let rows = || {
            let gathered = Arc::clone(&self.gathering).gather(Arc::clone(context));
            gathered.map(|rows| rows.map(Arc::new).map_err(Arc::new)).boxed().shared()
        };
        self.gathered.get_or_init(rows).clone()
    }

    /// A stream of a file without some actors.
    fn without(
        &self,
        actors: Arc<[u32]>,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let rows = MetricBuilder::new(&self.metrics).counter("left_out_rows", partition);
        let mut without = Without::new(actors);
        let batches = self.scan.execute(partition, context)?.map(move |batch| {
            let batch = batch?;
            let all = batch.num_rows();
            let batch = without.next(batch)?;
            rows.add(all - batch.num_rows());
            Ok::<_, DataFusionError>(batch)
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), batches)))
    }

    /// A stream of rows that moved.
    fn moved(
        &self,
        stream: usize,
        partition: usize,
        context: &Arc<TaskContext>,
    ) -> SendableRecordBatchStream {
        let rows = MetricBuilder::new(&self.metrics).counter("moved_rows", partition);
        let (gathered, at_a_time) = (self.rows(context), context.session_config().batch_size());
        let batches = async move {
            let gathered = gathered.await.map_err(DataFusionError::Shared)?;
            let Some(batch) = gathered.streams.get(stream) else {
                return internal_err!("there is no stream {stream} of rows that moved");
            };
            rows.add(batch.num_rows());
            Ok(futures::stream::iter(sliced(batch, at_a_time.max(1)).map(Ok::<_, DataFusionError>)))
        };
        let batches = futures::stream::once(batches).try_flatten();
        Box::pin(RecordBatchStreamAdapter::new(self.schema(), batches))
    }
}

/// A batch as several of up to so many rows.
fn sliced(batch: &RecordBatch, rows: usize) -> std::vec::IntoIter<RecordBatch> {
    let all = batch.num_rows();
    let slice = |from: usize| batch.slice(from, rows.min(all - from));
    (0..all).step_by(rows).map(slice).collect::<Vec<_>>().into_iter()
}

impl DisplayAs for MovedScanExec {
    fn fmt_as(&self, form: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let left = self.left.iter().filter(|left| left.is_some()).count();
        let rows: u64 = self.gathering.scan.layout().iter().map(|stream| stream.rows).sum();
        let streams = self.gathering.wanted.count;
        write!(
            f,
            "MovedScanExec: moved_streams={streams}, moved_rows={rows}, cut_streams={left}, "
        )?;
        self.scan.fmt_as(form, f)
    }
}

impl ExecutionPlan for MovedScanExec {
    fn name(&self) -> &'static str {
        "MovedScanExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(
        &self,
        _f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        if children.is_empty() { Ok(self) } else { internal_err!("a scan has no children") }
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        match self.left.get(partition) {
            Some(None) => self.scan.execute(partition, context),
            Some(Some(actors)) => self.without(Arc::clone(actors), partition, context),
            None if partition < self.left.len() + self.gathering.wanted.count => {
                Ok(self.moved(partition - self.left.len(), partition, &context))
            }
            None => internal_err!("there is no stream {partition}"),
        }
    }

    fn metrics(&self) -> Option<MetricsSet> {
        let mut all = self.scan.metrics().unwrap_or_default();
        for metric in self.metrics.clone_inner().iter() {
            all.push(Arc::clone(metric));
        }
        Some(all)
    }
}
