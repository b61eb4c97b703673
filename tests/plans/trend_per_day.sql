SELECT toStartOfDay(timestamp) AS day, count() FROM events WHERE event = '$pageview' GROUP BY day ORDER BY day
----
logical plan
Sort: day#1 ASC NULLS LAST
  Projection: key1#5 AS day#1, CAST(count#2 AS UInt64) AS count()#3
    Aggregate: groupBy=[[key1#5]], aggr=[[count(Int64(1)) AS count#2]]
      Projection: truncate_instant(events.timestamp, Utf8View("day"), Int64(1), Utf8View("UTC")) AS key1#5
        TableScan: events projection=[timestamp], full_filters=[events.event = Utf8View("$pageview")]

physical plan
SortPreservingMergeExec: [day#1@0 ASC NULLS LAST]
  SortExec: expr=[day#1@0 ASC NULLS LAST], preserve_partitioning=[true]
    ProjectionExec: expr=[key1#5@0 as day#1, CAST(count#2@1 AS UInt64) as count()#3]
      AggregateExec: mode=FinalPartitioned, gby=[key1#5@0 as key1#5], aggr=[count(1) as count#2]
        RepartitionExec: partitioning=Hash([key1#5@0], 4), input_partitions=4
          AggregateExec: mode=Partial, gby=[key1#5@0 as key1#5], aggr=[count(1) as count#2]
            RepartitionExec: partitioning=RoundRobinBatch(4), input_partitions=1
              DataSourceExec: file_groups={1 group: [[tests/data/events.parquet]]}, projection=[truncate_instant(timestamp@3, day, 1, UTC) as key1#5], file_type=parquet, predicate=event@1 = $pageview, pruning_predicate=event_null_count@2 != row_count@3 AND event_min@0 <= $pageview AND $pageview <= event_max@1, required_guarantees=[event in ($pageview)]
