//! Persons and times alone, in no order that matters: what counts of persons read.

use super::{NarrowScanExec, Opening};
use crate::table::FileTable;
use arrow::array::{ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, UInt32Type, UInt64Type};
use datafusion::catalog::Session;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DataFusionError, Result, internal_err};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::metrics::MetricsSet;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties,
};
use events::column;
use futures::{StreamExt, TryStreamExt};
use std::fmt;
use std::sync::Arc;

use crate::store::ACTOR_COLUMN;
use crate::store::schema::instant;

/// Reads times and actors of a store: of some events from its clusters, of all of them from its event files.
#[derive(Debug)]
pub(crate) struct ActorScanExec {
    scan: Arc<NarrowScanExec>,
    /// The streams of each partition.
    partitions: Vec<Vec<usize>>,
    properties: Arc<PlanProperties>,
}

impl ActorScanExec {
    /// Plans the reading of some events in a window of time, in so many partitions.
    pub(crate) async fn plan(
        table: &FileTable,
        opening: &Opening<'_>,
        partitions: usize,
        session: &dyn Session,
    ) -> Result<Self> {
        let scan = NarrowScanExec::open(table, opening, session).await?;
        let partitions = dealt(&scan, partitions.max(1));
        let properties = PlanProperties::new(
            EquivalenceProperties::new(schema()),
            Partitioning::UnknownPartitioning(partitions.len()),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        Ok(Self { scan: Arc::new(scan), partitions, properties: Arc::new(properties) })
    }
}

/// The columns: times, actors.
pub(crate) fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new(column::TIMESTAMP, instant(), false),
        Field::new(ACTOR_COLUMN, DataType::UInt64, false),
    ]))
}

/// Deals streams out to partitions of about as many rows each. Those of a bucket stay together.
fn dealt(scan: &NarrowScanExec, partitions: usize) -> Vec<Vec<usize>> {
    let rows = |stream: &usize| scan.layout().get(*stream).map_or(0, |stream| stream.rows);
    let mut buckets: Vec<(u64, Vec<usize>)> = events::layout::by_bucket(scan.layout())
        .into_iter()
        .map(|(_, streams)| (streams.iter().map(rows).sum(), streams))
        .collect();
    buckets.sort_by_key(|(rows, _)| std::cmp::Reverse(*rows));
    let mut dealt: Vec<(u64, Vec<usize>)> = vec![(0, Vec::new()); partitions];
    for (rows, streams) in buckets {
        if let Some((all, own)) = dealt.iter_mut().min_by_key(|(rows, _)| *rows) {
            *all += rows;
            own.extend(streams);
        }
    }
    dealt.into_iter().map(|(_, streams)| streams).collect()
}

/// A narrow batch with its bucket in the numbers of its actors.
fn shown(schema: &SchemaRef, bucket: u32, batch: &RecordBatch) -> Result<RecordBatch> {
    let [ordinals, times, ..] = batch.columns() else {
        return internal_err!("a narrow batch of {} columns", batch.num_columns());
    };
    let Some(ordinals) = ordinals.as_primitive_opt::<UInt32Type>() else {
        return internal_err!("ordinals of type {}", ordinals.data_type());
    };
    let bucket = u64::from(bucket) << 32;
    let actors = ordinals.unary::<_, UInt64Type>(|ordinal| bucket | u64::from(ordinal));
    let actors: ArrayRef = Arc::new(actors);
    Ok(RecordBatch::try_new(Arc::clone(schema), vec![Arc::clone(times), actors])?)
}

impl DisplayAs for ActorScanExec {
    fn fmt_as(&self, _form: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows: u64 = self.scan.layout().iter().map(|stream| stream.rows).sum();
        let by = match self.scan.layout().first() {
            Some(stream) if stream.event.is_some() => "event",
            _ => "person",
        };
        let streams = self.scan.layout().len();
        write!(f, "ActorScanExec: streams={streams}, rows={rows}, by={by}")
    }
}

impl ExecutionPlan for ActorScanExec {
    fn name(&self) -> &'static str {
        "ActorScanExec"
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
        let Some(streams) = self.partitions.get(partition).cloned() else {
            return internal_err!("there is no partition {partition}");
        };
        let (scan, schema) = (Arc::clone(&self.scan), self.schema());
        let output = Arc::clone(&schema);
        let batches = futures::stream::iter(streams).map(move |stream| {
            let bucket = scan.layout().get(stream).map_or(0, |stream| stream.bucket);
            let schema = Arc::clone(&schema);
            let batches = scan.execute(stream, Arc::clone(&context))?;
            Ok::<_, DataFusionError>(batches.map(move |batch| shown(&schema, bucket, &batch?)))
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(output, batches.try_flatten())))
    }

    fn metrics(&self) -> Option<MetricsSet> {
        self.scan.metrics()
    }
}
