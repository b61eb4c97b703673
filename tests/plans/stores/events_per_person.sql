SELECT person_id, count() FROM events GROUP BY person_id
----
logical plan
Projection: person_of_actor(key1#4) AS person_id#1, CAST(count#2 AS UInt64) AS count()#3
  Aggregate: groupBy=[[key1#4]], aggr=[[count(Int64(1)) AS count#2]]
    Projection: events.$actor AS key1#4
      TableScan: events projection=[$actor]

physical plan
ProjectionExec: expr=[__async_fn_0@2 as person_id#1, CAST(count#2@1 AS UInt64) as count()#3]
  AsyncFuncExec: async_expr=[async_expr(name=__async_fn_0, expr=person_of_actor(key1#4@0))]
    AggregateExec: mode=SinglePartitioned, gby=[key1#4@0 as key1#4], aggr=[count(1) as count#2], ordering_mode=Sorted
      ProjectionExec: expr=[$actor@1 as key1#4]
        ActorScanExec: streams=6, rows=240, by=person, partitions=3, ordered=true
