SELECT person.properties.plan AS plan, count() FROM events GROUP BY plan
----
logical plan
Projection: key1#28 AS plan#25, CAST(count#26 AS UInt64) AS count()#27
  Aggregate: groupBy=[[key1#28]], aggr=[[count(Int64(1)) AS count#26]]
    Projection: __datafusion_extracted_1 AS key1#28
      Left Join: CASE WHEN is_not_empty(distinct_id#13) != UInt8(0) THEN person_id#17 ELSE person_id#18 END = id#20
        Projection: person_id#18, CASE WHEN distinct_id#13 IS NOT NULL THEN distinct_id#13 ELSE Utf8View("") END AS distinct_id#13, CASE WHEN person_id#17 IS NOT NULL THEN person_id#17 ELSE Utf8View("00000000-0000-0000-0000-000000000000") END AS person_id#17
          Left Join: distinct_id#11 = distinct_id#13
            Projection: events.distinct_id AS distinct_id#11, events.person_id AS person_id#18
              TableScan: events projection=[distinct_id, person_id]
            Projection: key1#7 AS distinct_id#13, argMax#16 AS person_id#17
              Filter: NOT argMax#10
                Aggregate: groupBy=[[key1#7]], aggr=[[argMax(is_deleted#8, person_distinct_id_version#9) AS argMax#10, argMax(person_id#14, person_distinct_id_version#9) AS argMax#16]]
                  Projection: persons.distinct_id AS key1#7, persons.is_deleted AS is_deleted#8, persons.person_distinct_id_version AS person_distinct_id_version#9, persons.person_id AS person_id#14
                    TableScan: persons projection=[person_id, distinct_id, person_distinct_id_version, is_deleted], full_filters=[is_not_empty(persons.distinct_id) != UInt8(0)]
        Projection: key1#1 AS id#20, __datafusion_extracted_1
          Filter: NOT argMax#4
            Projection: property["plan"](CASE WHEN argMax#23 IS NOT NULL THEN argMax#23 ELSE Utf8View("") END) AS __datafusion_extracted_1, key1#1, argMax#4
              Aggregate: groupBy=[[key1#1]], aggr=[[argMax(is_deleted#2, person_version#3) AS argMax#4, argMax(properties#21, person_version#3) AS argMax#23]]
                Projection: persons.person_id AS key1#1, persons.is_deleted AS is_deleted#2, persons.person_version AS person_version#3, persons.properties AS properties#21
                  TableScan: persons projection=[person_id, properties, person_version, is_deleted]

physical plan
ProjectionExec: expr=[key1#28@0 as plan#25, CAST(count#26@1 AS UInt64) as count()#27]
  AggregateExec: mode=FinalPartitioned, gby=[key1#28@0 as key1#28], aggr=[count(1) as count#26]
    RepartitionExec: partitioning=Hash([key1#28@0], 4), input_partitions=4
      AggregateExec: mode=Partial, gby=[key1#28@0 as key1#28], aggr=[count(1) as count#26]
        ProjectionExec: expr=[__datafusion_extracted_1@0 as key1#28]
          CooperativeExec
            HashJoinExec: mode=CollectLeft, join_type=Right, on=[(id#20@0, CASE WHEN is_not_empty(distinct_id#13) != UInt8(0) THEN person_id#17 ELSE person_id#18 END@3)], projection=[__datafusion_extracted_1@1]
              CoalescePartitionsExec
                ProjectionExec: expr=[key1#1@0 as id#20, __datafusion_extracted_1@1 as __datafusion_extracted_1]
                  FilterExec: NOT argMax#4@2, projection=[key1#1@1, __datafusion_extracted_1@0]
                    ProjectionExec: expr=[property["plan"](CASE WHEN argMax#23@2 IS NOT NULL THEN argMax#23@2 ELSE  END) as __datafusion_extracted_1, key1#1@0 as key1#1, argMax#4@1 as argMax#4]
                      AggregateExec: mode=FinalPartitioned, gby=[key1#1@0 as key1#1], aggr=[argMax(is_deleted#2, person_version#3) as argMax#4, argMax(properties#21, person_version#3) as argMax#23]
                        RepartitionExec: partitioning=Hash([key1#1@0], 4), input_partitions=1
                          AggregateExec: mode=Partial, gby=[key1#1@0 as key1#1], aggr=[argMax(is_deleted#2, person_version#3) as argMax#4, argMax(properties#21, person_version#3) as argMax#23]
                            DataSourceExec: file_groups={1 group: [[tests/data/persons.parquet]]}, projection=[person_id@0 as key1#1, is_deleted@6 as is_deleted#2, person_version@4 as person_version#3, properties@2 as properties#21], file_type=parquet
              ProjectionExec: expr=[person_id#18@0 as person_id#18, distinct_id#13@1 as distinct_id#13, person_id#17@2 as person_id#17, CASE WHEN is_not_empty(distinct_id#13@1) != 0 THEN person_id#17@2 ELSE person_id#18@0 END as CASE WHEN is_not_empty(distinct_id#13) != UInt8(0) THEN person_id#17 ELSE person_id#18 END]
                ProjectionExec: expr=[person_id#18@0 as person_id#18, CASE WHEN distinct_id#13@1 IS NOT NULL THEN distinct_id#13@1 ELSE  END as distinct_id#13, CASE WHEN person_id#17@2 IS NOT NULL THEN person_id#17@2 ELSE 00000000-0000-0000-0000-000000000000 END as person_id#17]
                  RepartitionExec: partitioning=RoundRobinBatch(4), input_partitions=1
                    CooperativeExec
                      HashJoinExec: mode=CollectLeft, join_type=Right, on=[(distinct_id#13@0, distinct_id#11@0)], projection=[person_id#18@3, distinct_id#13@0, person_id#17@1]
                        CoalescePartitionsExec
                          ProjectionExec: expr=[key1#7@0 as distinct_id#13, argMax#16@1 as person_id#17]
                            FilterExec: NOT argMax#10@1, projection=[key1#7@0, argMax#16@2]
                              AggregateExec: mode=FinalPartitioned, gby=[key1#7@0 as key1#7], aggr=[argMax(is_deleted#8, person_distinct_id_version#9) as argMax#10, argMax(person_id#14, person_distinct_id_version#9) as argMax#16]
                                RepartitionExec: partitioning=Hash([key1#7@0], 4), input_partitions=4
                                  AggregateExec: mode=Partial, gby=[key1#7@0 as key1#7], aggr=[argMax(is_deleted#8, person_distinct_id_version#9) as argMax#10, argMax(person_id#14, person_distinct_id_version#9) as argMax#16]
                                    RepartitionExec: partitioning=RoundRobinBatch(4), input_partitions=1
                                      DataSourceExec: file_groups={1 group: [[tests/data/persons.parquet]]}, projection=[distinct_id@1 as key1#7, is_deleted@6 as is_deleted#8, person_distinct_id_version@5 as person_distinct_id_version#9, person_id@0 as person_id#14], file_type=parquet, predicate=is_not_empty(distinct_id@1) != 0
                        DataSourceExec: file_groups={1 group: [[tests/data/events.parquet]]}, projection=[distinct_id@4 as distinct_id#11, person_id@9 as person_id#18], file_type=parquet
