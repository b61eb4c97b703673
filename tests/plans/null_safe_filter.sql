SELECT count() FROM events WHERE properties.$browser != 'Chrome' AND properties.city = 'Köln'
----
logical plan
Projection: CAST(count#0 AS UInt64) AS count()#1
  Aggregate: groupBy=[[]], aggr=[[count(Int64(1)) AS count#0]]
    TableScan: events projection=[], full_filters=[property["$browser"](events.properties) IS DISTINCT FROM Utf8View("Chrome"), property["city"](events.properties) = Utf8View("Köln")]

physical plan
ProjectionExec: expr=[CAST(count#0@0 AS UInt64) as count()#1]
  AggregateExec: mode=Final, gby=[], aggr=[count(1) as count#0]
    CoalescePartitionsExec
      AggregateExec: mode=Partial, gby=[], aggr=[count(1) as count#0]
        RepartitionExec: partitioning=RoundRobinBatch(4), input_partitions=1
          DataSourceExec: file_groups={1 group: [[tests/data/events.parquet]]}, file_type=parquet, predicate=property["$browser"](properties@2) IS DISTINCT FROM Chrome AND property["city"](properties@2) = Köln
