SELECT person_id, count(), min(timestamp) FROM events WHERE event = '$pageview' AND timestamp >= '2024-02-01' AND timestamp < '2024-03-01' GROUP BY person_id
----
logical plan
Projection: person_of_actor(key1#10) AS person_id#1, CAST(count#2 AS UInt64) AS count()#3, min#5 AS min(timestamp)#6
  Aggregate: groupBy=[[key1#10]], aggr=[[count(Int64(1)) AS count#2, min(timestamp#4) AS min#5]]
    Projection: events.$actor AS key1#10, events.timestamp AS timestamp#4
      TableScan: events projection=[timestamp, $actor], full_filters=[events.event = Utf8View("$pageview"), events.timestamp >= TimestampMicrosecond(1706745600000000, Some("UTC")), events.timestamp < TimestampMicrosecond(1709251200000000, Some("UTC"))]

physical plan
ProjectionExec: expr=[__async_fn_0@3 as person_id#1, CAST(count#2@1 AS UInt64) as count()#3, min#5@2 as min(timestamp)#6]
  AsyncFuncExec: async_expr=[async_expr(name=__async_fn_0, expr=person_of_actor(key1#10@0))]
    AggregateExec: mode=SinglePartitioned, gby=[key1#10@0 as key1#10], aggr=[count(1) as count#2, min(timestamp#4) as min#5], ordering_mode=Sorted
      ProjectionExec: expr=[$actor@1 as key1#10, timestamp@0 as timestamp#4]
        FilterExec: timestamp@0 >= 1706745600000000 AND timestamp@0 < 1709251200000000
          ActorScanExec: streams=6, rows=53, by=event, partitions=3, ordered=true
