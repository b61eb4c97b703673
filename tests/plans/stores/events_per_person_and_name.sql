SELECT person_id, event, count() FROM events GROUP BY person_id, event
----
logical plan
Projection: person_of_actor(key1#6) AS person_id#1, key2#8 AS event#3, CAST(count#4 AS UInt64) AS count()#5
  Aggregate: groupBy=[[key1#6, key2#8]], aggr=[[count(Int64(1)) AS count#4]]
    Projection: events.$actor AS key1#6, events.event AS key2#8
      TableScan: events projection=[event, $actor]

physical plan
ProjectionExec: expr=[__async_fn_0@3 as person_id#1, key2#8@1 as event#3, CAST(count#4@2 AS UInt64) as count()#5]
  AsyncFuncExec: async_expr=[async_expr(name=__async_fn_0, expr=person_of_actor(key1#6@0))]
    AggregateExec: mode=SinglePartitioned, gby=[key1#6@0 as key1#6, key2#8@1 as key2#8], aggr=[count(1) as count#4], ordering_mode=PartiallySorted([0])
      DataSourceExec: file_groups={3 groups: [[events/1-WORD/b0000-0000.parquet, events/1-WORD/b0001-0000.parquet], [events/1-WORD/b0002-0000.parquet, events/1-WORD/b0003-0000.parquet], [events/1-WORD/b0006-0000.parquet, events/1-WORD/b0007-0000.parquet]]}, projection=[actor_of($hoglet.file@56, ordinal@13) as key1#6, event@1 as key2#8], output_partitioning=Range([key1#6@0 ASC], [(8589934592), (25769803776)], 3), file_type=parquet, ordered_by=[key1#6@0 ASC]
