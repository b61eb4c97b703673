SELECT count() FROM events WHERE event = '$pageview' AND timestamp >= '2024-02-01' AND timestamp < '2024-03-01'
----
logical plan
Projection: CAST(count#0 AS UInt64) AS count()#1
  Aggregate: groupBy=[[]], aggr=[[count(Int64(1)) AS count#0]]
    TableScan: events projection=[], full_filters=[events.event = Utf8View("$pageview"), events.timestamp >= TimestampMicrosecond(1706745600000000, Some("UTC")), events.timestamp < TimestampMicrosecond(1709251200000000, Some("UTC"))]

physical plan
ProjectionExec: expr=[CAST(count#0@0 AS UInt64) as count()#1]
  AggregateExec: mode=Final, gby=[], aggr=[count(1) as count#0]
    CoalescePartitionsExec
      AggregateExec: mode=Partial, gby=[], aggr=[count(1) as count#0]
        RepartitionExec: partitioning=RoundRobinBatch(4), input_partitions=1
          DataSourceExec: file_groups={1 group: [[tests/data/events.parquet]]}, file_type=parquet, predicate=event@1 = $pageview AND timestamp@3 >= 1706745600000000 AND timestamp@3 < 1709251200000000, pruning_predicate=event_null_count@2 != row_count@3 AND event_min@0 <= $pageview AND $pageview <= event_max@1 AND timestamp_null_count@5 != row_count@3 AND timestamp_max@4 >= 1706745600000000 AND timestamp_null_count@5 != row_count@3 AND timestamp_min@6 < 1709251200000000, required_guarantees=[event in ($pageview)]
