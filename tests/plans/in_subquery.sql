SELECT count() FROM events WHERE distinct_id NOT IN (SELECT distinct_id FROM events WHERE event = 'rare_event')
----
logical plan
Projection: CAST(count#0 AS UInt64) AS count()#1
  Aggregate: groupBy=[[]], aggr=[[count(Int64(1)) AS count#0]]
    Projection:
      LeftAnti Join: distinct_id#2 = found##1
        Projection: events.distinct_id AS distinct_id#2
          TableScan: events projection=[distinct_id]
        Projection: events.distinct_id AS found##1
          TableScan: events projection=[distinct_id], full_filters=[events.event = Utf8View("rare_event")]

physical plan
ProjectionExec: expr=[CAST(count#0@0 AS UInt64) as count()#1]
  AggregateExec: mode=Final, gby=[], aggr=[count(1) as count#0]
    CoalescePartitionsExec
      AggregateExec: mode=Partial, gby=[], aggr=[count(1) as count#0]
        CooperativeExec
          HashJoinExec: mode=CollectLeft, join_type=LeftAnti, on=[(distinct_id#2@0, found##1@0)], projection=[], NullsEqual: true
            DataSourceExec: file_groups={1 group: [[tests/data/events.parquet]]}, projection=[distinct_id@4 as distinct_id#2], file_type=parquet
            RepartitionExec: partitioning=RoundRobinBatch(4), input_partitions=1
              DataSourceExec: file_groups={1 group: [[tests/data/events.parquet]]}, projection=[distinct_id@4 as found##1], file_type=parquet, predicate=event@1 = rare_event AND DynamicFilter [ empty ], dynamic_rg_pruning=eligible, pruning_predicate=event_null_count@2 != row_count@3 AND event_min@0 <= rare_event AND rare_event <= event_max@1, required_guarantees=[event in (rare_event)]
