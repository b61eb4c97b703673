//! Filters and columns reach the Parquet reader, also under other names and types.

use super::*;
use ::parquet::file::properties::EnabledStatistics;
use ::parquet::schema::types::ColumnPath;
use arrow::array::TimestampMillisecondArray;
use datafusion::physical_plan::metrics::MetricValue;
use datafusion::physical_plan::{ExecutionPlan, collect};

/// Four row groups of 1,000 rows: time rises through them, each has an event name of its own beside a common one.
fn four_groups(folder: &Folder, name: &str, renamed: bool) {
    let rows = 4_000;
    let events: Vec<String> = (0..rows)
        .map(|row| if row % 2 == 0 { format!("only{}", row / 1_000) } else { "common".to_owned() })
        .collect();
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    let millis = TimestampMillisecondArray::from_iter_values(
        (0..rows).map(|row| 1_700_000_000_000 + row * 1_000),
    );
    let people: Vec<String> = (0..rows).map(|row| format!("u{}", (row * 7) % 911)).collect();
    let sessions: Vec<Option<&str>> = (0..rows).map(|row| (row % 3 > 0).then_some("s")).collect();
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(1_000))
        .set_data_page_row_count_limit(100)
        .set_write_batch_size(100)
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_column_bloom_filter_enabled(
            ColumnPath::from(if renamed { "who" } else { "distinct_id" }),
            true,
        )
        .build();
    let names = if renamed {
        ["what", "at", "who", "$session_id"]
    } else {
        ["event", "timestamp", "distinct_id", "session_id"]
    };
    let people: Vec<&str> = people.iter().map(String::as_str).collect();
    let columns: Vec<ArrayRef> =
        vec![strings(&events), Arc::new(millis), strings(&people), nullable(&sessions)];
    write_parquet(&folder.path(name), names.into_iter().zip(columns).collect(), properties);
}

async fn renamed(folder: &Folder) -> SessionContext {
    four_groups(folder, "1.parquet", true);
    let pairs = [("event", "what"), ("timestamp", "at"), ("distinct_id", "who")];
    let options = SourceOptions {
        map: pairs.map(|(canonical, column)| (canonical.to_owned(), column.to_owned())).to_vec(),
        ..SourceOptions::events(folder.location("1.parquet"))
    };
    opened(&options).await.unwrap().0
}

/// Runs a query and gives the number of rows and a metric of its scan: what was pruned and what was left.
async fn run(context: &SessionContext, sql: &str, metric: &str) -> (usize, usize, usize) {
    let plan = context.sql(sql).await.unwrap().create_physical_plan().await.unwrap();
    let batches = collect(Arc::clone(&plan), context.task_ctx()).await.unwrap();
    let (mut pruned, mut matched) = (0, 0);
    scan_metrics(plan.as_ref(), metric, &mut pruned, &mut matched);
    (batches.iter().map(RecordBatch::num_rows).sum(), pruned, matched)
}

fn scan_metrics(plan: &dyn ExecutionPlan, name: &str, pruned: &mut usize, matched: &mut usize) {
    for metric in plan.metrics().iter().flat_map(|metrics| metrics.iter()) {
        match metric.value() {
            MetricValue::PruningMetrics { name: found, pruning_metrics } if found == name => {
                *pruned += pruning_metrics.pruned();
                *matched += pruning_metrics.matched();
            }
            MetricValue::Count { name: found, count } if found == name => *pruned += count.value(),
            _ => {}
        }
    }
    for child in plan.children() {
        scan_metrics(child.as_ref(), name, pruned, matched);
    }
}

#[tokio::test]
async fn row_groups_are_pruned_by_renamed_and_converted_columns() {
    let folder = Folder::new();
    let context = renamed(&folder).await;
    let statistics = "row_groups_pruned_statistics";
    let by_time = "SELECT distinct_id FROM events WHERE timestamp >= '2023-11-14T23:03:20Z'";
    assert_eq!(run(&context, by_time, statistics).await, (1_000, 3, 1));
    let by_both = "SELECT distinct_id FROM events WHERE event = 'only1' AND timestamp < '2023-11-14T22:40:00Z'";
    assert_eq!(run(&context, by_both, statistics).await, (300, 3, 1));
    let nobody = "SELECT event FROM events WHERE distinct_id = 'u10x'";
    assert_eq!(run(&context, nobody, "row_groups_pruned_bloom_filter").await, (0, 4, 0));
}

#[tokio::test]
async fn pages_and_rows_are_pruned_while_reading() {
    let folder = Folder::new();
    let context = renamed(&folder).await;
    let narrow = "SELECT distinct_id FROM events WHERE timestamp BETWEEN '2023-11-14T22:15:00Z' AND '2023-11-14T22:15:09Z'";
    let (rows, pruned, matched) = run(&context, narrow, "page_index_rows_pruned").await;
    assert_eq!((rows, pruned, matched), (10, 900, 100));
    let (rows, pruned, _) = run(&context, narrow, "pushdown_rows_pruned").await;
    assert_eq!((rows, pruned), (10, 90));
}

#[tokio::test]
async fn columns_with_defaults_are_pruned_too() {
    let folder = Folder::new();
    let context = renamed(&folder).await;
    let statistics = "row_groups_pruned_statistics";
    let nothing = r#"SELECT event FROM events WHERE "$session_id" = 'zzz'"#;
    assert_eq!(run(&context, nothing, statistics).await, (0, 4, 0));
    let empty = r#"SELECT event FROM events WHERE "$session_id" = ''"#;
    assert_eq!(run(&context, empty, statistics).await.0, 1_334);
}

#[tokio::test]
async fn the_plan_shows_what_is_read() {
    let folder = Folder::new();
    let context = renamed(&folder).await;
    let sql = "EXPLAIN FORMAT INDENT SELECT distinct_id FROM events \
               WHERE event = 'only1' AND timestamp >= '2023-11-14T23:03:20Z' LIMIT 5";
    let plan = rows(&context, sql).await;
    let scan = plan.lines().find(|line| line.contains("DataSourceExec")).unwrap();
    for part in [
        "projection=[who@2 as distinct_id]",
        "limit=5",
        "file_type=parquet",
        "predicate=what@0 = only1 AND at@1 >= 1700003000000000",
        "pruning_predicate=what_null_count@2 != row_count@3 AND what_min@0 <= only1 AND only1 <= what_max@1",
        "required_guarantees=[what in (only1)]",
    ] {
        assert!(scan.contains(part), "{part}\n{plan}");
    }
    assert!(!plan.contains("FilterExec"), "{plan}");
}

#[tokio::test]
async fn a_large_file_is_split_for_all_partitions() {
    let folder = Folder::new();
    four_groups(&folder, "1.parquet", false);
    let runtime = Arc::new(RuntimeEnv::default());
    let source =
        open(&SourceOptions::events(folder.location("1.parquet")), &runtime).await.unwrap();
    let mut config = SessionConfig::new().with_target_partitions(2);
    config.options_mut().optimizer.repartition_file_min_size = 1;
    let context = SessionContext::new_with_config_rt(config, runtime);
    context.register_table("events", Arc::clone(&source.events().unwrap().provider)).unwrap();
    let plan = context
        .sql("SELECT distinct_id FROM events")
        .await
        .unwrap()
        .create_physical_plan()
        .await
        .unwrap();
    assert_eq!(plan.properties().partitioning.partition_count(), 2);
    assert_eq!(value(&context, "SELECT count(distinct_id) FROM events").await, "4000");
    let rows = r#"SELECT count(DISTINCT "$row") + max("$row") FROM events"#;
    assert_eq!(value(&context, rows).await, "7999");
}
