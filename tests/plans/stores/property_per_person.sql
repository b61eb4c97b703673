SELECT person_id, sum(toFloat(properties.price)), max(timestamp) FROM events WHERE properties.$browser = 'Chrome' GROUP BY person_id
----
logical plan
Projection: person_of_actor(key1#9) AS person_id#1, sum#3 AS sum(toFloat(properties.price))#4, max#6 AS max(timestamp)#7
  Aggregate: groupBy=[[key1#9]], aggr=[[sum(accurate_cast(properties.price#2)) AS sum#3, max(timestamp#5) AS max#6]]
    Projection: events.$actor AS key1#9, events.properties.price AS properties.price#2, events.timestamp AS timestamp#5
      TableScan: events projection=[timestamp, properties.price, $actor], full_filters=[events.properties.$browser = Utf8View("Chrome")]

physical plan
ProjectionExec: expr=[__async_fn_0@3 as person_id#1, sum#3@1 as sum(toFloat(properties.price))#4, max#6@2 as max(timestamp)#7]
  AsyncFuncExec: async_expr=[async_expr(name=__async_fn_0, expr=person_of_actor(key1#9@0))]
    AggregateExec: mode=SinglePartitioned, gby=[key1#9@0 as key1#9], aggr=[sum(accurate_cast(properties.price#2)) as sum#3, max(timestamp#5) as max#6], ordering_mode=Sorted
      DataSourceExec: file_groups={3 groups: [[events/1-WORD/b0000-0000.parquet, events/1-WORD/b0001-0000.parquet], [events/1-WORD/b0002-0000.parquet, events/1-WORD/b0003-0000.parquet], [events/1-WORD/b0006-0000.parquet, events/1-WORD/b0007-0000.parquet]]}, projection=[actor_of($hoglet.file@56, ordinal@13) as key1#9, properties.price@23 as properties.price#2, timestamp@3 as timestamp#5], output_partitioning=Range([key1#9@0 ASC], [(8589934592), (25769803776)], 3), file_type=parquet, predicate=properties.$browser@26 = Chrome, pruning_predicate=properties.$browser_null_count@2 != row_count@3 AND properties.$browser_min@0 <= Chrome AND Chrome <= properties.$browser_max@1, required_guarantees=[properties.$browser in (Chrome)], ordered_by=[key1#9@0 ASC, timestamp#5@2 ASC]
