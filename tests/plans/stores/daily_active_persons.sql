SELECT toDate(timestamp) AS day, uniq(person_id) FROM events WHERE event = '$pageview' GROUP BY day
----
logical plan
Projection: key1#6 AS day#1, uniqExact#3 AS uniq(person_id)#4
  DistinctActors: keys=[key1#6], actor=$person#2, count=uniqExact#3
    Projection: truncate_day(events.timestamp, Utf8View("day"), Int64(1), Utf8View("UTC")) AS key1#6, events.$actor AS $person#2
      TableScan: events projection=[timestamp, $actor], full_filters=[events.event = Utf8View("$pageview")]

physical plan
ProjectionExec: expr=[key1#6@0 as day#1, uniqExact#3@1 as uniq(person_id)#4]
  ActorFoldExec: fold=distinct, keys=[key1#6@0], actor=$person#2@1
    ProjectionExec: expr=[truncate_day(timestamp@0, day, 1, UTC) as key1#6, $actor@1 as $person#2]
      ActorScanExec: streams=6, rows=53, by=event, partitions=3, ordered=true
