SELECT person_id, count() AS n FROM events WHERE event IN ('$pageview', 'rare_event') GROUP BY person_id HAVING n > 1
----
logical plan
Projection: person_of_actor(key1#5) AS person_id#1, CAST(count#2 AS UInt64) AS n#3
  Filter: count#2 > Int64(1)
    Aggregate: groupBy=[[key1#5]], aggr=[[count(Int64(1)) AS count#2]]
      Projection: events.$actor AS key1#5
        TableScan: events projection=[$actor], full_filters=[events.event = Utf8View("$pageview") OR events.event = Utf8View("rare_event")]

physical plan
ProjectionExec: expr=[__async_fn_0@2 as person_id#1, CAST(count#2@1 AS UInt64) as n#3]
  AsyncFuncExec: async_expr=[async_expr(name=__async_fn_0, expr=person_of_actor(key1#5@0))]
    FilterExec: count#2@1 > 1
      AggregateExec: mode=SinglePartitioned, gby=[key1#5@0 as key1#5], aggr=[count(1) as count#2]
        ProjectionExec: expr=[$actor@1 as key1#5]
          ActorScanExec: streams=11, rows=80, by=event, partitions=3, ordered=false
