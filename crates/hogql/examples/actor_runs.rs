//! How fast a store gives the runs of some events: `actor_runs STORE RUNS THREADS EVENT..`.
//!
//! It times what a fold over those events waits for: who did them and when, each actor's rows side by side in order of
//! time, actors without the first event left out. One line of JSON: events, rows and actors given out, wall times in
//! milliseconds, planning and reading footers included.

use datafusion::error::Result;
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::context::{SessionConfig, SessionContext};
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};
use eventstore::{NarrowRequest, Source, StoreOptions, open_store};
use futures::TryStreamExt;
use operators::actors::{ActorRuns, ActorRunsExec};
use std::error::Error;
use std::io::Write;
use std::sync::Arc;
use std::time::Instant;
use tokio::task::JoinSet;

/// The allocator of the `hogql` binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::result::Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let location = arguments.next().ok_or("store?")?;
    let runs: usize = arguments.next().ok_or("number of runs?")?.parse()?;
    let threads: usize = arguments.next().ok_or("threads?")?.parse()?;
    let events: Vec<String> = arguments.collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).build()?;
    runtime.block_on(async {
        let environment = Arc::new(RuntimeEnv::default());
        let config = SessionConfig::new().with_target_partitions(threads);
        let state = SessionStateBuilder::new_with_default_features()
            .with_config(config)
            .with_runtime_env(Arc::clone(&environment))
            .build();
        let context = SessionContext::new_with_state(state);
        let options = StoreOptions { location, ..StoreOptions::default() };
        let source = open_store(&options, &environment).await?;
        let (mut wall, mut counts) = (Vec::new(), (0, 0));
        for _ in 0..runs {
            let started = Instant::now();
            let plan = plan(&source, &context, &events, threads).await?;
            counts = count(plan, &context).await?;
            wall.push((started.elapsed().as_secs_f64() * 1e6).round() / 1e3);
        }
        let (rows, actors) = counts;
        let told =
            serde_json::json!({"events": events, "rows": rows, "actors": actors, "wall_ms": wall});
        writeln!(std::io::stdout(), "{told}")?;
        Ok(())
    })
}

/// The runs of those events.
async fn plan(
    source: &Source,
    context: &SessionContext,
    events: &[String],
    threads: usize,
) -> Result<Arc<dyn ExecutionPlan>> {
    let marks = (0..events.len()).map(|place| 1 << place.min(63)).collect();
    let request =
        NarrowRequest { events: Some(events.to_vec()), marks, ..NarrowRequest::default() };
    let Some(scan) = source.narrow(&request, &context.state()).await? else {
        return datafusion::common::exec_err!("it is no store");
    };
    let runs =
        ActorRuns { streams: scan.streams, marks: scan.marks, first: 1, columns: Vec::new() };
    Ok(Arc::new(ActorRunsExec::try_new(scan.plan, runs, threads)?))
}

/// Reads all partitions: rows and actors.
async fn count(plan: Arc<dyn ExecutionPlan>, context: &SessionContext) -> Result<(usize, usize)> {
    let mut tasks = JoinSet::new();
    for partition in 0..plan.output_partitioning().partition_count() {
        let mut batches = plan.execute(partition, context.task_ctx())?;
        tasks.spawn(async move {
            let mut rows = 0;
            while let Some(batch) = batches.try_next().await? {
                rows += batch.num_rows();
            }
            Ok::<_, datafusion::error::DataFusionError>(rows)
        });
    }
    let mut rows = 0;
    while let Some(done) = tasks.join_next().await {
        rows +=
            done.map_err(|error| datafusion::error::DataFusionError::External(error.into()))??;
    }
    let metrics = plan.metrics().unwrap_or_default();
    let actors = metrics.sum_by_name("actors").map_or(0, |value| value.as_usize());
    Ok((rows, actors))
}
