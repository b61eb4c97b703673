SELECT toDate(timestamp) AS day, uniqExact(distinct_id) FROM events GROUP BY day
----
logical plan
Projection: key1#5 AS day#1, CAST(uniqExact#3 AS UInt64) AS uniqExact(distinct_id)#4
  Aggregate: groupBy=[[key1#5]], aggr=[[count(value##1) AS uniqExact#3]]
    Aggregate: groupBy=[[key1#5, distinct_id#2 AS value##1]], aggr=[[]]
      Projection: truncate_day(events.timestamp, Utf8View("day"), Int64(1), Utf8View("UTC")) AS key1#5, events.distinct_id AS distinct_id#2
        TableScan: events projection=[timestamp, distinct_id]

physical plan
ProjectionExec: expr=[key1#5@0 as day#1, CAST(uniqExact#3@1 AS UInt64) as uniqExact(distinct_id)#4]
  AggregateExec: mode=FinalPartitioned, gby=[key1#5@0 as key1#5], aggr=[count(value##1) as uniqExact#3]
    RepartitionExec: partitioning=Hash([key1#5@0], 4), input_partitions=4
      AggregateExec: mode=Partial, gby=[key1#5@0 as key1#5], aggr=[count(value##1) as uniqExact#3]
        AggregateExec: mode=FinalPartitioned, gby=[key1#5@0 as key1#5, value##1@1 as value##1], aggr=[]
          RepartitionExec: partitioning=Hash([key1#5@0, value##1@1], 4), input_partitions=1
            AggregateExec: mode=Partial, gby=[key1#5@0 as key1#5, distinct_id#2@1 as value##1], aggr=[]
              DataSourceExec: file_groups={1 group: [[tests/data/events.parquet]]}, projection=[truncate_day(timestamp@3, day, 1, UTC) as key1#5, distinct_id@4 as distinct_id#2], file_type=parquet
