SELECT properties.$browser AS browser, count() AS n FROM events GROUP BY browser ORDER BY n DESC LIMIT 10
----
logical plan
Sort: n#3 DESC NULLS LAST, fetch=10
  Projection: key1#4 AS browser#1, CAST(count#2 AS UInt64) AS n#3
    Aggregate: groupBy=[[key1#4]], aggr=[[count(Int64(1)) AS count#2]]
      Projection: property["$browser"](events.properties) AS key1#4
        TableScan: events projection=[properties]

physical plan
SortPreservingMergeExec: [n#3@1 DESC NULLS LAST], fetch=10
  SortExec: TopK(fetch=10), expr=[n#3@1 DESC NULLS LAST], preserve_partitioning=[true]
    ProjectionExec: expr=[key1#4@0 as browser#1, CAST(count#2@1 AS UInt64) as n#3]
      AggregateExec: mode=FinalPartitioned, gby=[key1#4@0 as key1#4], aggr=[count(1) as count#2]
        RepartitionExec: partitioning=Hash([key1#4@0], 4), input_partitions=1
          AggregateExec: mode=Partial, gby=[key1#4@0 as key1#4], aggr=[count(1) as count#2]
            DataSourceExec: file_groups={1 group: [[tests/data/events.parquet]]}, projection=[property["$browser"](properties@2) as key1#4], file_type=parquet
