//! Rows per second from the files of a store: decoded alone, and as runs of actors. On one thread, planning included.

use criterion::{Criterion, Throughput};
use datafusion::common::internal_datafusion_err;
use datafusion::execution::context::{SessionConfig, SessionContext};
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};
use eventstore::generate::{GenerateOptions, generate};
use eventstore::{
    ImportOptions, Narrow, NarrowRequest, Source, SourceOptions, StoreOptions, import, open_store,
};
use futures::TryStreamExt;
use operators::actors::{ActorRuns, ActorRunsExec};
use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The allocator of the `hogql` binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Events that are made.
const EVENTS: u64 = 400_000;

/// 2026-11-22 in microseconds.
const NOW: i64 = 1_795_000_000_000_000;

/// Makes a store of generated events and opens it.
async fn store(folder: &Path, context: &SessionContext) -> Result<Source, Box<dyn Error>> {
    let export = folder.join("export");
    generate(&GenerateOptions::new(EVENTS, &export), &|_| {})?;
    let location = folder.join("store").display().to_string();
    let source = SourceOptions::events(export.display().to_string());
    let options = ImportOptions::new(source, &location, NOW);
    import(&options, &|_| {}).await?;
    let options = StoreOptions { location, ..StoreOptions::default() };
    Ok(open_store(&options, &context.runtime_env()).await?)
}

/// The streams of some events, or of all: from clusters unless `marks` are asked for.
fn request(events: &[&str], marks: bool) -> NarrowRequest {
    let names = events.iter().map(|event| (*event).to_owned()).collect();
    let marks = (0..events.len()).filter(|_| marks).map(|number| 1 << number).collect();
    let events = Some(names).filter(|names: &Vec<String>| !names.is_empty());
    NarrowRequest { events, marks, ..NarrowRequest::default() }
}

async fn planned(
    source: &Source,
    context: &SessionContext,
    request: &NarrowRequest,
) -> datafusion::common::Result<Narrow> {
    let narrow = source.narrow(request, &context.state()).await?;
    narrow.ok_or_else(|| internal_datafusion_err!("it is no store"))
}

/// Rows of all partitions.
async fn rows(
    plan: Arc<dyn ExecutionPlan>,
    context: &SessionContext,
) -> datafusion::common::Result<usize> {
    let mut rows = 0;
    for partition in 0..plan.output_partitioning().partition_count() {
        let mut batches = plan.execute(partition, context.task_ctx())?;
        while let Some(batch) = batches.try_next().await? {
            rows += batch.num_rows();
        }
    }
    Ok(rows)
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut criterion = Criterion::default().configure_from_args();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let folder = tempfile::tempdir()?;
    let config = SessionConfig::new().with_target_partitions(1);
    let context = SessionContext::new_with_config(config);
    let source = runtime.block_on(store(folder.path(), &context))?;
    let mut group = criterion.benchmark_group("narrow");
    group.sample_size(20).measurement_time(Duration::from_secs(3));
    group.warm_up_time(Duration::from_millis(500));
    let heavy = ["$pageview", "$autocapture", "$pageleave"];
    let rare = ["search_performed", "api_request", "document_created"];
    let all: [&str; 0] = [];
    for (name, request) in [
        ("clusters, heavy", request(&heavy, false)),
        ("clusters, rare", request(&rare, true)),
        ("event files, marks", request(&heavy, true)),
        ("event files, all", request(&all, false)),
    ] {
        let decoded = async || {
            let narrow = planned(&source, &context, &request).await?;
            rows(narrow.plan, &context).await
        };
        let merged = async || {
            let Narrow { plan, streams, marks, .. } = planned(&source, &context, &request).await?;
            let runs = ActorRuns { streams, marks, first: 1, columns: Vec::new() };
            let runs = ActorRunsExec::try_new(plan, runs, 1)?;
            rows(Arc::new(runs), &context).await
        };
        group.throughput(Throughput::Elements(runtime.block_on(decoded())? as u64));
        runtime.block_on(merged())?;
        group.bench_function(format!("{name}: decode"), |b| b.iter(|| runtime.block_on(decoded())));
        group.bench_function(format!("{name}: runs"), |b| b.iter(|| runtime.block_on(merged())));
    }
    group.finish();
    criterion.final_summary();
    Ok(())
}
