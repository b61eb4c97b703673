SELECT max(n), sum(n) FROM (SELECT person_id, count() AS n FROM events GROUP BY person_id HAVING n > 2)
----
logical plan
Projection: CASE WHEN max#5 IS NOT NULL THEN max#5 ELSE UInt64(0) END AS max(n)#6, CASE WHEN sum#7 IS NOT NULL THEN sum#7 ELSE UInt64(0) END AS sum(n)#8
  Aggregate: groupBy=[[]], aggr=[[max(n#3) AS max#5, sum(n#3) AS sum#7]]
    Projection: CAST(count#2 AS UInt64) AS n#3
      Filter: count#2 > Int64(2)
        Projection: count#2
          Aggregate: groupBy=[[key1#4]], aggr=[[count(Int64(1)) AS count#2]]
            Projection: events.$actor AS key1#4
              TableScan: events projection=[$actor]

physical plan
ProjectionExec: expr=[CASE WHEN max#5@0 IS NOT NULL THEN max#5@0 ELSE 0 END as max(n)#6, CASE WHEN sum#7@1 IS NOT NULL THEN sum#7@1 ELSE 0 END as sum(n)#8]
  AggregateExec: mode=Final, gby=[], aggr=[max(n#3) as max#5, sum(n#3) as sum#7]
    CoalescePartitionsExec
      AggregateExec: mode=Partial, gby=[], aggr=[max(n#3) as max#5, sum(n#3) as sum#7]
        ProjectionExec: expr=[CAST(count#2@0 AS UInt64) as n#3]
          FilterExec: count#2@0 > 2
            ProjectionExec: expr=[count#2@1 as count#2]
              AggregateExec: mode=SinglePartitioned, gby=[key1#4@0 as key1#4], aggr=[count(1) as count#2], ordering_mode=Sorted
                ProjectionExec: expr=[$actor@1 as key1#4]
                  ActorScanExec: streams=6, rows=240, by=person, partitions=3, ordered=true
