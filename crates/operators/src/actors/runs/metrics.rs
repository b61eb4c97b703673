//! What operators over runs tell of their work.

use arrow::array::RecordBatch;
use datafusion::physical_plan::metrics::{
    BaselineMetrics, Count, ExecutionPlanMetricsSet, Gauge, MetricBuilder, RecordOutput, Time,
};

/// The counts of one partition.
pub(super) struct RunMetrics {
    baseline: BaselineMetrics,
    /// Rows that were read.
    pub(super) input_rows: Count,
    /// Runs that were given out.
    actors: Count,
    /// The most bytes that were held back at a time.
    pub(super) buffered: Gauge,
}

impl RunMetrics {
    /// Registers the counts of a partition.
    pub(super) fn new(metrics: &ExecutionPlanMetricsSet, partition: usize) -> Self {
        Self {
            baseline: BaselineMetrics::new(metrics, partition),
            input_rows: MetricBuilder::new(metrics).counter("input_rows", partition),
            actors: MetricBuilder::new(metrics).counter("actors", partition),
            buffered: MetricBuilder::new(metrics).gauge("buffered_bytes", partition),
        }
    }

    /// The time that was spent here. A handle of its own: the rest can be changed while a timer runs.
    pub(super) fn elapsed(&self) -> Time {
        self.baseline.elapsed_compute().clone()
    }

    /// Counts a batch of so many runs that is given out.
    pub(super) fn given(&self, batch: RecordBatch, runs: usize) -> RecordBatch {
        self.actors.add(runs);
        batch.record_output(&self.baseline)
    }
}
