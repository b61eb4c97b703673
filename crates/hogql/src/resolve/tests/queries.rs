//! Queries and what they become.

use super::*;
use insta::assert_snapshot;

#[test]
fn filters_and_groups() {
    let queries = [
        "SELECT event, count() FROM events WHERE timestamp > '2024-01-01' AND properties.x = 'a' GROUP BY event ORDER BY 2 DESC LIMIT 5",
        "SELECT lower(event) AS e, count() FROM events GROUP BY e",
        "SELECT upper(lower(event)), count() FROM events GROUP BY lower(event)",
        "SELECT event, count() AS c FROM events GROUP BY ALL HAVING c > 3 ORDER BY c DESC, event",
        "SELECT event, distinct_id, count() FROM events GROUP BY ROLLUP(event, distinct_id)",
        "SELECT event, distinct_id, count() FROM events GROUP BY CUBE(1, 2)",
        "SELECT event, count() FROM events GROUP BY GROUPING SETS ((event), ())",
        "SELECT max(timestamp) FROM events PREWHERE event = 'a' WHERE distinct_id = 'b'",
    ];
    assert_snapshot!(each(&queries, &schema()), @"
    > SELECT event, count() FROM events WHERE timestamp > '2024-01-01' AND properties.x = 'a' GROUP BY event ORDER BY 2 DESC LIMIT 5
    limit 5
      sort #3 desc
        project #1 = #7, #3 = #2
          aggregate by [#7 = #0] #2 = count(1): UInt64
            filter ((#4 >? 1704067200000000) and (#5.x = 'a'))
              scan Events [#0 event, #4 timestamp, #5 properties]
    => event: String, count(): UInt64

    > SELECT lower(event) AS e, count() FROM events GROUP BY e
    project #1 = #4, #3 = #2
      aggregate by [#4 = lower(#0)] #2 = count(1): UInt64
        scan Events [#0 event]
    => e: String, count(): UInt64

    > SELECT upper(lower(event)), count() FROM events GROUP BY lower(event)
    project #1 = upper(#5), #3 = #2
      aggregate by [#5 = lower(#0)] #2 = count(1): UInt64
        scan Events [#0 event]
    => upper(lower(event)): String, count(): UInt64

    > SELECT event, count() AS c FROM events GROUP BY ALL HAVING c > 3 ORDER BY c DESC, event
    sort #3 desc, #1
      project #1 = #4, #3 = #2
        filter (#2 > 3)
          aggregate by [#4 = #0] #2 = count(1): UInt64
            scan Events [#0 event]
    => event: String, c: UInt64

    > SELECT event, distinct_id, count() FROM events GROUP BY ROLLUP(event, distinct_id)
    project #1 = #7, #3 = #9, #5 = #4
      aggregate by [#7 = #0, #9 = #2] sets [[0, 1], [0], []] if any row #4 = count(1): UInt64
        scan Events [#0 event, #2 distinct_id]
    => event: String, distinct_id: String, count(): UInt64

    > SELECT event, distinct_id, count() FROM events GROUP BY CUBE(1, 2)
    project #1 = #6, #3 = #7, #5 = #4
      aggregate by [#6 = #0, #7 = #2] sets [[0, 1], [0], [1], []] if any row #4 = count(1): UInt64
        scan Events [#0 event, #2 distinct_id]
    => event: String, distinct_id: String, count(): UInt64

    > SELECT event, count() FROM events GROUP BY GROUPING SETS ((event), ())
    project #1 = #5, #3 = #2
      aggregate by [#5 = #0] sets [[0], []] #2 = count(1): UInt64
        scan Events [#0 event]
    => event: String, count(): UInt64

    > SELECT max(timestamp) FROM events PREWHERE event = 'a' WHERE distinct_id = 'b'
    project #2 = #1
      aggregate by [] #1 = max(#0): DateTime64(6, 'UTC')
        filter ((#3 = 'a') and (#4 = 'b'))
          scan Events [#0 timestamp, #3 event, #4 distinct_id]
    => max(timestamp): DateTime64(6, 'UTC')
    ");
}

#[test]
fn aliases_hide_columns() {
    let queries = [
        "SELECT 1 + 1 AS two, two * 2",
        "SELECT upper(event) AS event FROM events WHERE event = 'A'",
        "SELECT toStartOfDay(timestamp) AS day, count() FROM events WHERE day > '2024-01-01' GROUP BY day",
        "SELECT (event AS e) || '!' AS loud FROM events WHERE e = 'a'",
    ];
    assert_snapshot!(each(&queries, &schema()), @"
    > SELECT 1 + 1 AS two, two * 2
    project #0 = (1 + 1), #1 = (cast((1 + 1) as UInt32) * 2)
      one
    => two: UInt16, multiply(two, 2): UInt32

    > SELECT upper(event) AS event FROM events WHERE event = 'A'
    project #1 = upper(#0)
      filter (upper(#0) = 'A')
        scan Events [#0 event]
    => event: String

    > SELECT toStartOfDay(timestamp) AS day, count() FROM events WHERE day > '2024-01-01' GROUP BY day
    project #1 = #4, #3 = #2
      aggregate by [#4 = truncate_instant(#0, 'day', 1, 'UTC')] #2 = count(1): UInt64
        filter (truncate_instant(#0, 'day', 1, 'UTC') > 1704067200000000)
          scan Events [#0 timestamp]
    => day: DateTime('UTC'), count(): UInt64

    > SELECT (event AS e) || '!' AS loud FROM events WHERE e = 'a'
    project #1 = concat(#0, '!')
      filter (#0 = 'a')
        scan Events [#0 event]
    => loud: String
    ");
}

#[test]
fn aggregates() {
    let queries = [
        "SELECT countIf(event = 'a'), sumIf(properties.price, event = 'b'), count(DISTINCT distinct_id) FROM events",
        "SELECT count() FILTER (WHERE event = 'a'), count(*), quantile(0.9)(properties.price) FROM events",
        "SELECT count() + count(), count() FROM events",
        "SELECT topK(2)(event ORDER BY timestamp DESC) FROM events",
        "SELECT groupArray(event) FROM (SELECT event FROM events ORDER BY timestamp DESC LIMIT 9)",
    ];
    assert_snapshot!(each(&queries, &schema()), @"
    > SELECT countIf(event = 'a'), sumIf(properties.price, event = 'b'), count(DISTINCT distinct_id) FROM events
    project #2 = #1, #6 = #5, #9 = #8
      aggregate by [] #1 = count(1) if (#0 = 'a'): UInt64 #5 = sum(accurate_cast(#3.price)) if (#0 = 'b'): Nullable(Float64) #8 = uniqExact(#7): UInt64
        scan Events [#0 event, #3 properties, #7 distinct_id]
    => countIf(equals(event, 'a')): UInt64, sumIf(properties.price, equals(event, 'b')): Nullable(Float64), count(DISTINCT distinct_id): UInt64

    > SELECT count() FILTER (WHERE event = 'a'), count(*), quantile(0.9)(properties.price) FROM events
    project #2 = #1, #4 = #3, #7 = #6
      aggregate by [] #1 = count(1) if (#0 = 'a'): UInt64 #3 = count(1): UInt64 #6 = quantile(0.9)(accurate_cast(#5.price)): Nullable(Float64)
        scan Events [#0 event, #5 properties]
    => count() FILTER (WHERE equals(event, 'a')): UInt64, count(*): UInt64, quantile(0.9)(properties.price): Nullable(Float64)

    > SELECT count() + count(), count() FROM events
    project #1 = (#0 + #0), #2 = #0
      aggregate by [] #0 = count(1): UInt64
        scan Events []
    => plus(count(), count()): UInt64, count(): UInt64

    > SELECT topK(2)(event ORDER BY timestamp DESC) FROM events
    error H0900: ORDER BY inside `topK` is not supported [timestamp DESC]
      hint: sort the array that it gives: `arraySort(groupArray(x))`

    > SELECT groupArray(event) FROM (SELECT event FROM events ORDER BY timestamp DESC LIMIT 9)
    project #5 = #4
      aggregate by [] #4 = groupArray(#1 order #3 desc): Array(String)
        project #1 = #1, #3 = #3
          limit 9
            sort #3 desc
              project #1 = #0, #3 = #2
                scan Events [#0 event, #2 timestamp]
    => groupArray(event): Array(String)
    ");
}

#[test]
fn order_and_limits() {
    let queries = [
        "SELECT event FROM events ORDER BY timestamp DESC NULLS FIRST LIMIT 3 OFFSET 2",
        "SELECT event FROM events ORDER BY event LIMIT 3 WITH TIES",
        "SELECT event, timestamp FROM events ORDER BY timestamp LIMIT 2 BY event LIMIT 10",
        "SELECT DISTINCT event FROM events ORDER BY lower(event)",
        "SELECT event FROM events LIMIT 1, 2",
        "SELECT event FROM events ORDER BY 'constant'",
        "SELECT event FROM events LIMIT 5 + 3 * 2",
    ];
    assert_snapshot!(each(&queries, &schema()), @"
    > SELECT event FROM events ORDER BY timestamp DESC NULLS FIRST LIMIT 3 OFFSET 2
    project #1 = #1
      limit 3 offset 2
        sort #3 desc nulls first
          project #1 = #0, #3 = #2
            scan Events [#0 event, #2 timestamp]
    => event: String

    > SELECT event FROM events ORDER BY event LIMIT 3 WITH TIES
    limit 3 with ties #1
      sort #1
        project #1 = #0
          scan Events [#0 event]
    => event: String

    > SELECT event, timestamp FROM events ORDER BY timestamp LIMIT 2 BY event LIMIT 10
    limit 10
      limit 2 by #1 order #3
        sort #3
          project #1 = #0, #3 = #2
            scan Events [#0 event, #2 timestamp]
    => event: String, timestamp: DateTime64(6, 'UTC')

    > SELECT DISTINCT event FROM events ORDER BY lower(event)
    sort lower(#1)
      distinct
        project #1 = #0
          scan Events [#0 event]
    => event: String

    > SELECT event FROM events LIMIT 1, 2
    limit 1 offset 2
      project #1 = #0
        scan Events [#0 event]
    => event: String
    notice H0231: LIMIT a, b takes a rows after skipping b, unlike in other dialects [LIMIT 1, 2]
      hint: write LIMIT a OFFSET b

    > SELECT event FROM events ORDER BY 'constant'
    project #1 = #0
      scan Events [#0 event]
    => event: String

    > SELECT event FROM events LIMIT 5 + 3 * 2
    limit 11
      project #1 = #0
        scan Events [#0 event]
    => event: String
    ");
}

#[test]
fn windows() {
    let queries = [
        "SELECT event, row_number() OVER (PARTITION BY event ORDER BY timestamp) AS n FROM events",
        "SELECT event, sum(count()) OVER w AS total FROM events GROUP BY event WINDOW w AS (ORDER BY event ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)",
        "SELECT lag(timestamp) OVER (PARTITION BY distinct_id) FROM events",
        "SELECT event FROM events ORDER BY count() OVER (PARTITION BY event)",
    ];
    assert_snapshot!(each(&queries, &schema()), @"
    > SELECT event, row_number() OVER (PARTITION BY event ORDER BY timestamp) AS n FROM events
    project #1 = #0, #5 = #4
      window #4 = row_number() over (by #0 order #3 range -inf..0): UInt64
        scan Events [#0 event, #3 timestamp]
    => event: String, n: UInt64

    > SELECT event, sum(count()) OVER w AS total FROM events GROUP BY event WINDOW w AS (ORDER BY event ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
    project #1 = #7, #5 = #4
      window #4 = sum(#2) over (order #7 rows -1..0): UInt64
        aggregate by [#7 = #0] #2 = count(1): UInt64
          scan Events [#0 event]
    => event: String, total: UInt64

    > SELECT lag(timestamp) OVER (PARTITION BY distinct_id) FROM events
    project #3 = #2
      window #2 = lag(#0) over (by #1 order #0 rows -inf..inf): Nullable(DateTime64(6, 'UTC'))
        scan Events [#0 timestamp, #1 distinct_id]
    => lag(timestamp) OVER (PARTITION BY distinct_id): Nullable(DateTime64(6, 'UTC'))

    > SELECT event FROM events ORDER BY count() OVER (PARTITION BY event)
    project #1 = #1
      sort #4
        project #1 = #0, #4 = #3
          window #3 = count(1) over (by #0 rows -inf..inf): UInt64
            scan Events [#0 event]
    => event: String
    ");
}

#[test]
fn common_table_expressions() {
    let queries = [
        "WITH a AS (SELECT event, count() AS c FROM events GROUP BY event) SELECT event, c FROM a WHERE c > 10",
        "WITH a AS (SELECT event FROM events), b AS (SELECT * FROM a) SELECT count() FROM b JOIN a ON a.event = b.event",
        "WITH 5 AS n SELECT n + 1",
        "WITH (SELECT max(timestamp) FROM events) AS latest SELECT count() FROM events WHERE timestamp = latest",
        "WITH a AS (SELECT 1 AS x) SELECT x FROM a UNION ALL SELECT x + 1 FROM a",
        "WITH a(n) AS (SELECT 1) SELECT n FROM a",
        "WITH vips AS (SELECT id FROM persons) SELECT event FROM events WHERE person_id IN vips",
    ];
    assert_snapshot!(each(&queries, &schema()), @"
    > WITH a AS (SELECT event, count() AS c FROM events GROUP BY event) SELECT event, c FROM a WHERE c > 10
    project #6 = #1, #7 = #3
      filter (#3 > 10)
        project #1 = #5, #3 = #2
          aggregate by [#5 = #0] #2 = count(1): UInt64
            scan Events [#0 event]
    => event: String, c: UInt64

    > WITH a AS (SELECT event FROM events), b AS (SELECT * FROM a) SELECT count() FROM b JOIN a ON a.event = b.event
    project #6 = #5
      aggregate by [] #5 = count(1): UInt64
        join Inner on (#4 =? #2)
          project #2 = #1
            project #1 = #0
              scan Events [#0 event]
          project #4 = #3
            scan Events [#3 event]
    => count(): UInt64

    > WITH 5 AS n SELECT n + 1
    project #0 = (5 + 1)
      one
    => plus(n, 1): UInt16

    > WITH (SELECT max(timestamp) FROM events) AS latest SELECT count() FROM events WHERE timestamp = latest
    project #1 = #0
      aggregate by [] #0 = count(1): UInt64
        filter (#2 =? {project #5 = #4 <- aggregate by [] #4 = max(#3): DateTime64(6, 'UTC') <- scan Events [#3 timestamp]})
          scan Events [#2 timestamp]
    => count(): UInt64

    > WITH a AS (SELECT 1 AS x) SELECT x FROM a UNION ALL SELECT x + 1 FROM a
    UnionAll [#5 x: UInt16]
      project #4 = cast(#1 as UInt16)
        project #1 = #0
          project #0 = 1
            one
      project #3 = (cast(#2 as UInt16) + 1)
        project #2 = 1
          one
    => x: UInt16

    > WITH a(n) AS (SELECT 1) SELECT n FROM a
    project #1 = #0
      project #0 = 1
        one
    => n: UInt8

    > WITH vips AS (SELECT id FROM persons) SELECT event FROM events WHERE person_id IN vips
    project #1 = #0
      filter (coalesce(#2, #3) in {project #8 = #7 <- project #7 = #6 <- aggregate by [#6 = coalesce(#4, #5)] <- scan Events [#4 person_id, #5 distinct_id]})
        scan Events [#0 event, #2 person_id, #3 distinct_id]
    => event: String
    ");
}

#[test]
fn subqueries() {
    let queries = [
        "SELECT x FROM (SELECT event AS x FROM events) WHERE x = 'a'",
        "SELECT t.x FROM (SELECT event FROM events) AS t(x)",
        "SELECT event, (SELECT count() FROM persons) AS people FROM events",
        "SELECT event FROM events WHERE person_id IN (SELECT id FROM persons WHERE properties.email LIKE '%@x.com')",
        "SELECT event FROM events WHERE event NOT IN (SELECT event FROM events LIMIT 1)",
        "SELECT `count()` FROM (SELECT count() FROM events)",
    ];
    assert_snapshot!(each(&queries, &schema()), @"
    > SELECT x FROM (SELECT event AS x FROM events) WHERE x = 'a'
    project #2 = #1
      filter (#1 = 'a')
        project #1 = #0
          scan Events [#0 event]
    => x: String

    > SELECT t.x FROM (SELECT event FROM events) AS t(x)
    project #2 = #1
      project #1 = #0
        scan Events [#0 event]
    => x: String

    > SELECT event, (SELECT count() FROM persons) AS people FROM events
    project #1 = #0, #7 = {project #6 = #5 <- aggregate by [] #5 = count(1): UInt64 <- project  <- aggregate by [#4 = coalesce(#2, #3)] <- scan Events [#2 person_id, #3 distinct_id]}
      scan Events [#0 event]
    => event: String, people: Nullable(UInt64)

    > SELECT event FROM events WHERE person_id IN (SELECT id FROM persons WHERE properties.email LIKE '%@x.com')
    project #1 = #0
      filter (coalesce(#2, #3) in {project #8 = #7 <- filter (#12.email like '%@x.com') <- project #7 = #6, #12 = #11 <- aggregate by [#6 = coalesce(#4, #5)] #11 = argMax(#9, #10): String <- scan Events [#4 person_id, #5 distinct_id, #9 person_properties, #10 timestamp]})
        scan Events [#0 event, #2 person_id, #3 distinct_id]
    => event: String

    > SELECT event FROM events WHERE event NOT IN (SELECT event FROM events LIMIT 1)
    project #1 = #0
      filter (#0 not in {limit 1 <- project #4 = #3 <- scan Events [#3 event]})
        scan Events [#0 event]
    => event: String

    > SELECT `count()` FROM (SELECT count() FROM events)
    project #2 = #1
      project #1 = #0
        aggregate by [] #0 = count(1): UInt64
          scan Events []
    => count(): UInt64
    ");
}

#[test]
fn joins() {
    let queries = [
        "SELECT e.event, p.properties.email FROM events e LEFT JOIN persons p ON e.person_id = p.id",
        "SELECT event FROM events JOIN (SELECT event, count() AS c FROM events GROUP BY event) AS x USING (event) WHERE c > 1",
        "SELECT event FROM events LEFT SEMI JOIN persons ON person_id = persons.id",
        "SELECT event FROM events ANTI JOIN persons ON person_id = persons.id",
        "SELECT a.number, b.number FROM numbers(3) a, numbers(2) b",
        "SELECT a.number FROM numbers(3) a LEFT JOIN (numbers(2) b JOIN numbers(4) c ON b.number = c.number) ON a.number = b.number",
    ];
    assert_snapshot!(each(&queries, &schema()), @"
    > SELECT e.event, p.properties.email FROM events e LEFT JOIN persons p ON e.person_id = p.id
    project #7 = #6, #12 = #11.email
      join Left on (coalesce(#3, #4) =? #5)
        scan Events [#3 person_id, #4 distinct_id, #6 event]
        project #5 = #2, #11 = #10
          aggregate by [#2 = coalesce(#0, #1)] #10 = argMax(#8, #9): String
            scan Events [#0 person_id, #1 distinct_id, #8 person_properties, #9 timestamp]
    => event: String, email: Nullable(String)

    > SELECT event FROM events JOIN (SELECT event, count() AS c FROM events GROUP BY event) AS x USING (event) WHERE c > 1
    project #8 = #6
      filter (#3 > 1)
        join Inner on ((#6 =? #1))
          scan Events [#6 event]
          project #1 = #5, #3 = #2
            aggregate by [#5 = #0] #2 = count(1): UInt64
              scan Events [#0 event]
    => event: String

    > SELECT event FROM events LEFT SEMI JOIN persons ON person_id = persons.id
    project #7 = #6
      join LeftSemi on (coalesce(#3, #4) =? #5)
        scan Events [#3 person_id, #4 distinct_id, #6 event]
        project #5 = #2
          aggregate by [#2 = coalesce(#0, #1)]
            scan Events [#0 person_id, #1 distinct_id]
    => event: String

    > SELECT event FROM events ANTI JOIN persons ON person_id = persons.id
    project #7 = #6
      join LeftAnti on (coalesce(#3, #4) =? #5)
        scan Events [#3 person_id, #4 distinct_id, #6 event]
        project #5 = #2
          aggregate by [#2 = coalesce(#0, #1)]
            scan Events [#0 person_id, #1 distinct_id]
    => event: String

    > SELECT a.number, b.number FROM numbers(3) a, numbers(2) b
    project #2 = #0, #3 = #1
      join Cross
        numbers 0, 3 [#0 number: UInt64]
        numbers 0, 2 [#1 number: UInt64]
    => number: UInt64, number: UInt64

    > SELECT a.number FROM numbers(3) a LEFT JOIN (numbers(2) b JOIN numbers(4) c ON b.number = c.number) ON a.number = b.number
    project #3 = #0
      join Left on (#0 =? #1)
        numbers 0, 3 [#0 number: UInt64]
        join Inner on (#1 =? #2)
          numbers 0, 2 [#1 number: UInt64]
          numbers 0, 4 [#2 number: UInt64]
    => number: UInt64
    ");
}

#[test]
fn set_operations() {
    let queries = [
        "SELECT 1 AS n UNION ALL SELECT 2.5 UNION ALL SELECT 3",
        "SELECT 1 AS a EXCEPT SELECT 2 INTERSECT SELECT 3",
        "SELECT event FROM events UNION SELECT NULL",
        "(SELECT 1 UNION ALL SELECT 2) LIMIT 1",
    ];
    assert_snapshot!(each(&queries, &schema()), @"
    > SELECT 1 AS n UNION ALL SELECT 2.5 UNION ALL SELECT 3
    UnionAll [#6 n: Float64]
      UnionAll [#4 n: Float64]
        project #3 = cast(#0 as Float64)
          project #0 = 1
            one
        project #1 = 2.5
          one
      project #5 = cast(#2 as Float64)
        project #2 = 3
          one
    => n: Float64

    > SELECT 1 AS a EXCEPT SELECT 2 INTERSECT SELECT 3
    ExceptAll [#4 a: UInt8]
      project #0 = 1
        one
      IntersectAll [#3 2: UInt8]
        project #1 = 2
          one
        project #2 = 3
          one
    => a: UInt8

    > SELECT event FROM events UNION SELECT NULL
    UnionDistinct [#5 event: Nullable(String)]
      project #3 = #1
        project #1 = #0
          scan Events [#0 event]
      project #4 = #2
        project #2 = null
          one
    => event: Nullable(String)

    > (SELECT 1 UNION ALL SELECT 2) LIMIT 1
    limit 1
      UnionAll [#2 1: UInt8]
        project #0 = 1
          one
        project #1 = 2
          one
    => 1: UInt8
    ");
}

#[test]
fn stars() {
    let queries = [
        "SELECT * FROM events",
        "SELECT * EXCLUDE (properties, created_at) FROM events",
        "SELECT COLUMNS('^e'), e.* EXCLUDE (uuid) FROM events e",
        "SELECT (* REPLACE (upper(event) AS event)) FROM events",
        "SELECT a.*, b.number AS other FROM numbers(2) a JOIN numbers(3) b ON a.number = b.number",
    ];
    assert_snapshot!(each(&queries, &schema()), @"
    > SELECT * FROM events
    project #8 = #0, #9 = #1, #10 = #2, #11 = #3, #12 = #4, #13 = #5, #14 = coalesce(#6, #4)
      scan Events [#0 uuid, #1 event, #2 properties, #3 timestamp, #4 distinct_id, #5 created_at, #6 person_id]
    => uuid: UUID, event: String, properties: String, timestamp: DateTime64(6, 'UTC'), distinct_id: String, created_at: Nullable(DateTime64(6, 'UTC')), person_id: UUID

    > SELECT * EXCLUDE (properties, created_at) FROM events
    project #6 = #0, #7 = #1, #8 = #2, #9 = #3, #10 = coalesce(#4, #3)
      scan Events [#0 uuid, #1 event, #2 timestamp, #3 distinct_id, #4 person_id]
    => uuid: UUID, event: String, timestamp: DateTime64(6, 'UTC'), distinct_id: String, person_id: UUID

    > SELECT COLUMNS('^e'), e.* EXCLUDE (uuid) FROM events e
    project #1 = #0, #9 = #0, #10 = #3, #11 = #4, #12 = #5, #13 = #6, #14 = coalesce(#7, #5)
      scan Events [#0 event, #3 properties, #4 timestamp, #5 distinct_id, #6 created_at, #7 person_id]
    => event: String, event: String, properties: String, timestamp: DateTime64(6, 'UTC'), distinct_id: String, created_at: Nullable(DateTime64(6, 'UTC')), person_id: UUID

    > SELECT (* REPLACE (upper(event) AS event)) FROM events
    project #8 = #0, #9 = upper(#1), #10 = #2, #11 = #3, #12 = #4, #13 = #5, #14 = coalesce(#6, #4)
      scan Events [#0 uuid, #1 event, #2 properties, #3 timestamp, #4 distinct_id, #5 created_at, #6 person_id]
    => uuid: UUID, event: String, properties: String, timestamp: DateTime64(6, 'UTC'), distinct_id: String, created_at: Nullable(DateTime64(6, 'UTC')), person_id: UUID

    > SELECT a.*, b.number AS other FROM numbers(2) a JOIN numbers(3) b ON a.number = b.number
    project #2 = #0, #3 = #1
      join Inner on (#0 =? #1)
        numbers 0, 2 [#0 number: UInt64]
        numbers 0, 3 [#1 number: UInt64]
    => number: UInt64, other: UInt64
    ");
}

#[test]
fn operators() {
    let queries = [
        "SELECT event = 'a' ? 1 : 2, properties.x ?? 'none', event || '!', f'hello {event}', f'{event}' FROM events",
        "SELECT CASE event WHEN 'a' THEN 1 WHEN 'b' THEN 2 END, CASE WHEN event = 'a' THEN 'x' ELSE 'y' END FROM events",
        "SELECT properties.x != 'a', NOT properties.x = 'b', event ILIKE '%A%', event =~ '^a', event NOT LIKE 'x' FROM events",
        "SELECT event IS NULL, properties.x IS DISTINCT FROM 'a', event <=> 'b', event NOT BETWEEN 'a' AND 'b' FROM events",
        "SELECT event IN ('a', 'b'), distinct_id NOT IN ['x'], event IN ('a') FROM events",
        "SELECT timestamp - INTERVAL 1 DAY, -1, -properties.price FROM events",
        "SELECT 1 WHERE NULL = NULL",
    ];
    assert_snapshot!(each(&queries, &schema()), @"
    > SELECT event = 'a' ? 1 : 2, properties.x ?? 'none', event || '!', f'hello {event}', f'{event}' FROM events
    project #1 = case((#0 = 'a') => 1, else 2), #3 = coalesce(#2.x, 'none'), #5 = concat(#0, '!'), #7 = concat('hello ', #0), #9 = #0
      scan Events [#0 event, #2 properties]
    => if(equals(event, 'a'), 1, 2): UInt8, ifNull(properties.x, 'none'): String, concat(event, '!'): String, concat('hello ', event): String, event: String

    > SELECT CASE event WHEN 'a' THEN 1 WHEN 'b' THEN 2 END, CASE WHEN event = 'a' THEN 'x' ELSE 'y' END FROM events
    project #1 = case((#0 = 'a') => 1, (#0 = 'b') => 2, else null), #3 = case((#0 = 'a') => 'x', else 'y')
      scan Events [#0 event]
    => _caseWithExpression(event, 'a', 1, 'b', 2, NULL): Nullable(UInt8), if(equals(event, 'a'), 'x', 'y'): String

    > SELECT properties.x != 'a', NOT properties.x = 'b', event ILIKE '%A%', event =~ '^a', event NOT LIKE 'x' FROM events
    project #1 = (#0.x != 'a'), #3 = not((#0.x = 'b')), #5 = (#4 ilike '%A%'), #7 = (#4 =~ '^a'), #9 = (#4 not like 'x')
      scan Events [#0 properties, #4 event]
    => notEquals(properties.x, 'a'): UInt8, not(equals(properties.x, 'b')): UInt8, ilike(event, '%A%'): UInt8, match(event, '^a'): UInt8, notLike(event, 'x'): UInt8

    > SELECT event IS NULL, properties.x IS DISTINCT FROM 'a', event <=> 'b', event NOT BETWEEN 'a' AND 'b' FROM events
    project #1 = isNull(#0), #3 = (#2.x != 'a'), #5 = (#0 = 'b'), #7 = ((#0 < 'a') or (#0 > 'b'))
      scan Events [#0 event, #2 properties]
    => equals(event, NULL): UInt8, isDistinctFrom(properties.x, 'a'): UInt8, isNotDistinctFrom(event, 'b'): UInt8, event NOT BETWEEN 'a' AND 'b': UInt8

    > SELECT event IN ('a', 'b'), distinct_id NOT IN ['x'], event IN ('a') FROM events
    project #1 = (#0 in ['a', 'b']), #3 = (#2 not in ['x']), #5 = (#0 in ['a'])
      scan Events [#0 event, #2 distinct_id]
    => in(event, tuple('a', 'b')): UInt8, notIn(distinct_id, ['x']): UInt8, in(event, 'a'): UInt8

    > SELECT timestamp - INTERVAL 1 DAY, -1, -properties.price FROM events
    project #1 = add_days(#0, -1, 'UTC'), #2 = -1, #4 = (0.0 - accurate_cast(#3.price))
      scan Events [#0 timestamp, #3 properties]
    => minus(timestamp, toIntervalDay(1)): DateTime64(6, 'UTC'), -1: Int8, minus(0, properties.price): Nullable(Float64)

    > SELECT 1 WHERE NULL = NULL
    project #0 = 1
      filter isNull(null)
        one
    => 1: UInt8
    ");
}

#[test]
fn tables_that_count() {
    let queries = [
        "SELECT * FROM numbers(10)",
        "SELECT number FROM numbers(5, 10) ORDER BY number DESC",
        "SELECT count() FROM events SAMPLE 1",
    ];
    assert_snapshot!(each(&queries, &schema()), @"
    > SELECT * FROM numbers(10)
    project #1 = #0
      numbers 0, 10 [#0 number: UInt64]
    => number: UInt64

    > SELECT number FROM numbers(5, 10) ORDER BY number DESC
    sort #1 desc
      project #1 = #0
        numbers 5, 10 [#0 number: UInt64]
    => number: UInt64

    > SELECT count() FROM events SAMPLE 1
    project #1 = #0
      aggregate by [] #0 = count(1): UInt64
        scan Events []
    => count(): UInt64
    ");
}

#[test]
fn arrays_and_lambdas() {
    let queries = [
        "SELECT x, event FROM events ARRAY JOIN [1, 2] AS x",
        "SELECT x, y FROM events LEFT ARRAY JOIN [1, 2] AS x, ['a', 'b'] AS y",
        "SELECT tags AS t FROM (SELECT ['a', 'b'] AS tags) ARRAY JOIN t AS tag WHERE tag = 'a'",
        "SELECT arrayJoin([1, 2, 3]) AS n, n * 2",
        "SELECT arrayJoin([1, 2]) AS n FROM events WHERE n > 1",
        "SELECT arrayJoin(groupArray(event)) FROM events",
        "SELECT arrayMap(x -> x + 1, [1, 2]), arrayFilter(x -> x > length(event), [1, 2]) FROM events",
        "SELECT (1, 'a').1, [1, 2][1], tuple(1, 2).2, [1, 2, 3][2:3]",
        "SELECT event FROM events WHERE (event, distinct_id) IN (SELECT event, distinct_id FROM events)",
        "SELECT event FROM events WHERE (event, distinct_id) IN (('a', 'b'), ('c', 'd'))",
        "SELECT event IN groupArray('a') FROM events GROUP BY event",
        "SELECT {'a': 1}",
    ];
    assert_snapshot!(each(&queries, &schema()), @"
    > SELECT x, event FROM events ARRAY JOIN [1, 2] AS x
    project #1 = #0, #3 = #2
      array join #0 in [1, 2]
        scan Events [#2 event]
    => x: UInt8, event: String

    > SELECT x, y FROM events LEFT ARRAY JOIN [1, 2] AS x, ['a', 'b'] AS y
    project #2 = #0, #3 = #1
      left array join #0 in [1, 2], #1 in ['a', 'b']
        scan Events []
    => x: UInt8, y: String

    > SELECT tags AS t FROM (SELECT ['a', 'b'] AS tags) ARRAY JOIN t AS tag WHERE tag = 'a'
    project #1 = #0
      filter (#2 = 'a')
        array join #2 in #0
          project #0 = ['a', 'b']
            one
    => t: Array(String)

    > SELECT arrayJoin([1, 2, 3]) AS n, n * 2
    project #1 = #0, #2 = (cast(#0 as UInt16) * 2)
      array join #0 in [1, 2, 3]
        one
    => n: UInt8, multiply(n, 2): UInt16

    > SELECT arrayJoin([1, 2]) AS n FROM events WHERE n > 1
    project #1 = #0
      filter (#0 > 1)
        array join #0 in [1, 2]
          scan Events []
    => n: UInt8

    > SELECT arrayJoin(groupArray(event)) FROM events
    project #3 = #2
      array join #2 in #1
        aggregate by [] #1 = groupArray(#0): Array(String)
          scan Events [#0 event]
    => arrayJoin(groupArray(event)): String

    > SELECT arrayMap(x -> x + 1, [1, 2]), arrayFilter(x -> x > length(event), [1, 2]) FROM events
    project #0 = array_map((x_1: UInt8) -> (cast(x_1 as UInt16) + 1), [1, 2]), #2 = array_filter((x_2: UInt8) -> (cast(x_2 as UInt64) > length(#1)), [1, 2])
      scan Events [#1 event]
    => arrayMap(x -> plus(x, 1), [1, 2]): Array(UInt16), arrayFilter(x -> greater(x, length(event)), [1, 2]): Array(UInt8)

    > SELECT (1, 'a').1, [1, 2][1], tuple(1, 2).2, [1, 2, 3][2:3]
    project #0 = 1, #1 = array_element([1, 2], 1, 0), #2 = 2, #3 = array_slice([1, 2, 3], cast(2 as Int64), (cast((3 - 2) as Int64) + 1))
      one
    => tuple(1, 'a').1: UInt8, [1, 2][1]: UInt8, tuple(1, 2).2: UInt8, [1, 2, 3][2:3]: Array(UInt8)

    > SELECT event FROM events WHERE (event, distinct_id) IN (SELECT event, distinct_id FROM events)
    project #1 = #0
      filter (tuple(#0, #3) in {project #8 = tuple(#5, #7) <- project #5 = #4, #7 = #6 <- scan Events [#4 event, #6 distinct_id]})
        scan Events [#0 event, #3 distinct_id]
    => event: String

    > SELECT event FROM events WHERE (event, distinct_id) IN (('a', 'b'), ('c', 'd'))
    project #1 = #0
      filter (tuple(#0, #3) in [['a', 'b'], ['c', 'd']])
        scan Events [#0 event, #3 distinct_id]
    => event: String

    > SELECT event IN groupArray('a') FROM events GROUP BY event
    project #2 = array_has(#1, #4)
      aggregate by [#4 = #0] #1 = groupArray('a'): Array(String)
        scan Events [#0 event]
    => in(event, groupArray('a')): UInt8

    > SELECT {'a': 1}
    project #0 = ['__hx_tag', '__hx_obj', 'a', 1]
      one
    => tuple('__hx_tag', '__hx_obj', 'a', 1): Tuple(String, String, String, UInt8)
    ");
}
