//! Plans of runs over a store: its streams are merged as they lie, and nothing is sorted or exchanged.

use datafusion::execution::context::SessionContext;
use datafusion::physical_plan::{ExecutionPlan, displayable};
use datafusion::prelude::SessionConfig;
use eventstore::generate::{GenerateOptions, generate};
use eventstore::{
    ImportOptions, Narrow, NarrowRequest, SourceOptions, StoreOptions, import, open_store,
};
use operators::actors::{ActorRuns, ActorRunsExec};
use std::path::Path;
use std::sync::Arc;

/// 2026-11-22 in microseconds.
const NOW: i64 = 1_795_000_000_000_000;

/// A store of generated events.
async fn store(folder: &Path) -> StoreOptions {
    let export = folder.join("export");
    generate(&GenerateOptions::new(2_000, &export), &|_| {}).unwrap();
    let location = folder.join("store").display().to_string();
    let source = SourceOptions::events(export.display().to_string());
    import(&ImportOptions::new(source, &location, NOW), &|_| {}).await.unwrap();
    StoreOptions { location, ..StoreOptions::default() }
}

/// Runs of all streams of a scan, as DataFusion leaves the plan.
fn optimized(scan: Narrow, context: &SessionContext) -> String {
    let runs =
        ActorRuns { streams: scan.streams, marks: scan.marks, first: 1, columns: Vec::new() };
    let runs = ActorRunsExec::try_new(scan.plan, runs, 3).unwrap();
    let mut plan: Arc<dyn ExecutionPlan> = Arc::new(runs);
    let state = context.state();
    for rule in state.physical_optimizers() {
        plan = rule.optimize(plan, state.config_options()).unwrap();
    }
    displayable(plan.as_ref()).indent(false).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_are_merged_without_a_sort() {
    let folder = tempfile::tempdir().unwrap();
    let options = store(folder.path()).await;
    let config = SessionConfig::new().with_target_partitions(3);
    let context = SessionContext::new_with_config(config);
    let source = open_store(&options, &context.runtime_env()).await.unwrap();
    // Clusters of two events, event files with marks of most events, and of all.
    let events = ["$pageview", "$autocapture"].map(str::to_owned).to_vec();
    for (events, marks) in
        [(Some(events.clone()), Vec::new()), (Some(events), vec![1, 2]), (None, Vec::new())]
    {
        let request = NarrowRequest { events, marks, ..NarrowRequest::default() };
        let scan = source.narrow(&request, &context.state()).await.unwrap().unwrap();
        let plan = optimized(scan, &context);
        let operators: Vec<&str> = plan
            .lines()
            .filter_map(|line| line.trim().split(':').next())
            .filter(|name| *name != "CooperativeExec")
            .collect();
        assert_eq!(operators, ["ActorRunsExec", "NarrowScanExec"], "{plan}");
    }
}
