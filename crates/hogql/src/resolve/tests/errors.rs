//! Queries that are wrong, and what is said of them.

use super::*;
use insta::assert_snapshot;

#[test]
fn unknown_names() {
    let queries = [
        "SELECT evnt FROM events",
        "SELECT event, evnt, foo FROM events WHERE bar = 1",
        "SELECT price FROM events",
        "SELECT x FROM (SELECT 1 AS a, 2 AS b)",
        "SELECT event FROM evnts",
        "SELECT event FROM orders",
        "SELECT key FROM groups",
        "SELECT e.* FROM events",
        "SELECT person.nam FROM events",
        "SELECT event.x FROM events",
        "SELECT now FROM events",
        "SELECT event",
    ];
    assert_snapshot!(each(&queries, &schema()), @"
    > SELECT evnt FROM events
    error H0200: unknown field `evnt` [evnt]
      hint: did you mean `event`?

    > SELECT event, evnt, foo FROM events WHERE bar = 1
    error H0200: unknown field `evnt` [evnt]
      hint: did you mean `event`?
    error H0200: unknown field `foo` [foo]
    error H0200: unknown field `bar` [bar]

    > SELECT price FROM events
    error H0200: unknown field `price` [price]
      hint: did you mean `properties.price`?

    > SELECT x FROM (SELECT 1 AS a, 2 AS b)
    error H0200: unknown field `x` [x]
      hint: fields are `a` and `b`

    > SELECT event FROM evnts
    error H0203: unknown table `evnts` [evnts]
      hint: did you mean `events`?

    > SELECT event FROM orders
    error H0203: unknown table `orders` [orders]
      hint: tables are `events`, `persons`, `person_distinct_ids`, `sessions` and `numbers`

    > SELECT key FROM groups
    error H0203: the source has no table of groups [groups]
      hint: give one with `--groups`

    > SELECT e.* FROM events
    error H0275: FROM has no table `e` [e.*]

    > SELECT person.nam FROM events
    error H0200: `person` has no field `nam` [nam]
      hint: its fields are `id`, `created_at`, `properties` and `pdi`

    > SELECT event.x FROM events
    error H0218: a value of type String has no field `x` [x]
      hint: read JSON text with `JSONExtractString(text, 'x')`

    > SELECT now FROM events
    error H0200: unknown field `now` [now]
      hint: `now` is a function: now([zone])

    > SELECT event
    error H0200: unknown field `event` [event]
      hint: the query has no FROM
    ");
}

#[test]
fn wrong_names() {
    let queries = [
        "SELECT person FROM events",
        "SELECT events FROM events",
        "WITH a AS (SELECT 1) SELECT a",
        "SELECT event FROM events a JOIN events b ON a.uuid = b.uuid",
        "SELECT * FROM events a JOIN events b ON a.uuid = b.uuid",
        "SELECT a AS x, b AS x FROM (SELECT 1 AS a, 2 AS b)",
        "SELECT event FROM events e JOIN events e ON 1",
        "SELECT (SELECT event FROM persons) FROM events",
        "SELECT persons.id FROM events SEMI JOIN persons ON person_id = persons.id",
        "SELECT t.a FROM (SELECT 1) AS t(a, b)",
        "SELECT properties.0 FROM events",
    ];
    assert_snapshot!(each(&queries, &schema()), @"
    > SELECT person FROM events
    error H0215: `person` is a table where a column is expected [person]
      hint: name one of its fields: `person.<field>`

    > SELECT events FROM events
    error H0215: `events` is a table where a column is expected [events]
      hint: name one of its fields: `events.<field>`

    > WITH a AS (SELECT 1) SELECT a
    error H0205: `a` is a table and cannot be used as a value [a]
      hint: select from it: `(SELECT .. FROM a)`

    > SELECT event FROM events a JOIN events b ON a.uuid = b.uuid
    error H0204: `event` is ambiguous: `a` and `b` have it [event]
      hint: write the table before it: `table.field`

    > SELECT * FROM events a JOIN events b ON a.uuid = b.uuid
    error H0274: `*` needs a table before it when FROM has several [*]
      hint: write `a.*`

    > SELECT a AS x, b AS x FROM (SELECT 1 AS a, 2 AS b)
    error H0201: alias `x` is already in use [x]

    > SELECT event FROM events e JOIN events e ON 1
    error H0207: FROM has two tables called `e` [events e]
      hint: give one of them an alias: `AS other`

    > SELECT (SELECT event FROM persons) FROM events
    error H0214: `event` belongs to an outer query, and a subquery sees only its own tables [event]
      hint: join the two instead, or use IN with a subquery

    > SELECT persons.id FROM events SEMI JOIN persons ON person_id = persons.id
    error H0216: `persons` is only tested by the join and gives no columns [id]

    > SELECT t.a FROM (SELECT 1) AS t(a, b)
    error H0206: the column list has 2 names, the table has 1 columns [(SELECT 1) AS t(a, b)]

    > SELECT properties.0 FROM events
    error H0219: indexes start from one [properties.0]
      hint: the first element is 1, the last is -1
    ");
}

#[test]
fn functions() {
    let queries = [
        "SELECT coun() FROM events",
        "SELECT Uniq(event) FROM events",
        "SELECT lower(), lower(event, 'x') FROM events",
        "SELECT lower(DISTINCT event) FROM events",
        "SELECT quantile(event)(event) FROM events",
        "SELECT row_number() FROM events",
        "SELECT lower(event) OVER () FROM events",
        "SELECT rank() OVER w FROM events",
        "SELECT a.b(1) FROM events",
        "SELECT x -> x",
    ];
    assert_snapshot!(each(&queries, &schema()), @"
    > SELECT coun() FROM events
    error H0300: unknown function `coun` [coun]
      hint: did you mean `count`?

    > SELECT Uniq(event) FROM events
    error H0300: unknown function `Uniq` [Uniq]
      hint: did you mean `uniq`?

    > SELECT lower(), lower(event, 'x') FROM events
    error H0354: function `lower` expects 1 argument, found 0 [lower()]
      hint: lower(text)
    error H0354: function `lower` expects 1 argument, found 2 [lower(event, 'x')]
      hint: lower(text)

    > SELECT lower(DISTINCT event) FROM events
    error H0353: `lower` is no aggregation and takes no DISTINCT [lower]

    > SELECT quantile(event)(event) FROM events
    error H0200: `event` is no constant [event]

    > SELECT row_number() FROM events
    error H0350: `row_number` is a window function and needs OVER [row_number()]
      hint: write `row_number(..) OVER (ORDER BY ..)`

    > SELECT lower(event) OVER () FROM events
    error H0333: `lower` is neither a window function nor an aggregation, so it takes no OVER [lower]

    > SELECT rank() OVER w FROM events
    error H0332: there is no window `w` [w]
      hint: define it: `WINDOW w AS (..)`

    > SELECT a.b(1) FROM events
    error H0252: only simple functions can be called: `name(..)` [a.b(1)]

    > SELECT x -> x
    error H0254: a lambda stands only as the first argument of a function such as `arrayMap` [x -> x]
      hint: several parameters need parentheses: `(x, y) -> ..`
    ");
}

#[test]
fn grouping() {
    let queries = [
        "SELECT event, count() FROM events",
        "SELECT event, timestamp, uuid, count() FROM events GROUP BY event",
        "SELECT count() FROM events WHERE count() > 1",
        "SELECT count() AS c FROM events WHERE c > 1",
        "SELECT sum(count()) FROM events",
        "SELECT count() AS c, sum(c) FROM events",
        "SELECT event FROM events GROUP BY 3",
        "SELECT event FROM events GROUP BY count()",
        "SELECT event FROM events HAVING event = 'a'",
        "SELECT event FROM events WHERE row_number() OVER () = 1",
        "SELECT sum(row_number() OVER ()) FROM events",
    ];
    assert_snapshot!(each(&queries, &schema()), @"
    > SELECT event, count() FROM events
    error H0210: `event` is neither in GROUP BY nor inside an aggregate [event]
      hint: add it to GROUP BY, or take one value of each group: `any(event)`

    > SELECT event, timestamp, uuid, count() FROM events GROUP BY event
    error H0210: `timestamp` is neither in GROUP BY nor inside an aggregate [timestamp]
      hint: add it to GROUP BY, or take one value of each group: `any(timestamp)`
    error H0210: `uuid` is neither in GROUP BY nor inside an aggregate [uuid]
      hint: add it to GROUP BY, or take one value of each group: `any(uuid)`

    > SELECT count() FROM events WHERE count() > 1
    error H0211: WHERE cannot hold an aggregate [count() > 1]
      hint: filter groups with HAVING; an alias of the select list hides a column of the same name

    > SELECT count() AS c FROM events WHERE c > 1
    error H0211: WHERE cannot hold an aggregate [c > 1]
      hint: filter groups with HAVING; an alias of the select list hides a column of the same name

    > SELECT sum(count()) FROM events
    error H0352: aggregation `count` cannot be nested inside another aggregation [count()]
      hint: compute the inner one in a subquery; an alias of the select list hides a column of the same name

    > SELECT count() AS c, sum(c) FROM events
    error H0352: aggregation `sum` cannot be nested inside another aggregation [sum(c)]
      hint: compute the inner one in a subquery; an alias of the select list hides a column of the same name

    > SELECT event FROM events GROUP BY 3
    error H0213: GROUP BY 3 is no position of the select list, which has 1 columns [3]

    > SELECT event FROM events GROUP BY count()
    error H0211: GROUP BY cannot hold an aggregate [count()]
      hint: compute the aggregate in a subquery

    > SELECT event FROM events HAVING event = 'a'
    error H0221: HAVING needs GROUP BY or an aggregate [event = 'a']
      hint: use WHERE to filter rows

    > SELECT event FROM events WHERE row_number() OVER () = 1
    error H0212: WHERE cannot hold a window function [row_number() OVER () = 1]
      hint: compute it in a subquery

    > SELECT sum(row_number() OVER ()) FROM events
    error H0330: window function `row_number` cannot stand inside another call of its SELECT's rows [row_number() OVER ()]
      hint: compute it in a subquery
    ");
}

#[test]
fn order_and_limits() {
    let queries = [
        "SELECT event FROM events ORDER BY 2",
        "SELECT DISTINCT event FROM events ORDER BY timestamp",
        "SELECT event FROM events LIMIT event",
        "SELECT event FROM events LIMIT -1",
        "SELECT event FROM events LIMIT 3 WITH TIES",
    ];
    assert_snapshot!(each(&queries, &schema()), @"
    > SELECT event FROM events ORDER BY 2
    error H0213: ORDER BY 2 is no position of the select list, which has 1 columns [2]

    > SELECT DISTINCT event FROM events ORDER BY timestamp
    error H0233: SELECT DISTINCT can only be ordered by what it selects [timestamp]
      hint: add the expression to the select list

    > SELECT event FROM events LIMIT event
    error H0200: `event` is no constant [event]

    > SELECT event FROM events LIMIT -1
    error H0232: LIMIT must be a whole number from 0 to 2^63 - 1, known in advance [-1]

    > SELECT event FROM events LIMIT 3 WITH TIES
    error H0230: WITH TIES needs ORDER BY something that is no constant [LIMIT 3 WITH TIES]
    ");
}

#[test]
fn types() {
    let queries = [
        "SELECT timestamp > 'yesterday' FROM events",
        "SELECT timestamp > 5.5 FROM events",
        "SELECT event::foo FROM events",
        "SELECT event FROM events ARRAY JOIN event AS x",
        "SELECT (SELECT 1, 2)",
        "SELECT event FROM events WHERE event IN (SELECT event, distinct_id FROM events)",
        "SELECT event FROM events WHERE timestamp IN (SELECT event FROM events)",
        "SELECT 1 UNION ALL SELECT 1, 2",
        "SELECT 1 UNION ALL SELECT 'a'",
    ];
    assert_snapshot!(each(&queries, &schema()), @"
    > SELECT timestamp > 'yesterday' FROM events
    error H0305: 'yesterday' cannot be read as DateTime64(6, 'UTC') to compare with ['yesterday']
      hint: expected YYYY-MM-DD or YYYY-MM-DD hh:mm:ss

    > SELECT timestamp > 5.5 FROM events
    error H0303: DateTime64(6, 'UTC') cannot be compared with Float64 [timestamp > 5.5]
      hint: write the moment as text, '2024-01-31 10:00:00', or convert with `toDateTime(..)` or `toDate(..)`

    > SELECT event::foo FROM events
    error H0311: unsupported type cast to `foo` [event::foo]
      hint: types are int, float, text, bool, date and datetime

    > SELECT event FROM events ARRAY JOIN event AS x
    error H0223: ARRAY JOIN needs an array, found String [event]

    > SELECT (SELECT 1, 2)
    error H0260: a subquery used as a value must have one column, found 2 [SELECT 1, 2]

    > SELECT event FROM events WHERE event IN (SELECT event, distinct_id FROM events)
    error H0261: the subquery of IN must have one column, found 2 [event IN (SELECT event, distinct_id FROM events)]

    > SELECT event FROM events WHERE timestamp IN (SELECT event FROM events)
    error H0303: DateTime64(6, 'UTC') cannot be compared with the subquery's String [timestamp IN (SELECT event FROM events)]
      hint: convert one side: `toString(..)`, `toFloat(..)`

    > SELECT 1 UNION ALL SELECT 1, 2
    error H0290: the queries have different numbers of columns: 1 and 2 [SELECT 1 UNION ALL SELECT 1, 2]

    > SELECT 1 UNION ALL SELECT 'a'
    error H0291: column 1 is UInt8 in one query and String in the other [SELECT 1 UNION ALL SELECT 'a']
      hint: convert one of them: `toString(..)`, `toFloat(..)`
    ");
}

#[test]
fn stars() {
    let queries = [
        "SELECT *",
        "SELECT * EXCLUDE (evnt) FROM events",
        "SELECT COLUMNS('zzz') FROM events",
        "SELECT COLUMNS('(') FROM events",
        "SELECT lower(*) FROM events",
    ];
    assert_snapshot!(each(&queries, &schema()), @"
    > SELECT *
    error H0273: `*` needs a table, and the query has no FROM [*]

    > SELECT * EXCLUDE (evnt) FROM events
    error H0277: `events.*` has no column `evnt` [evnt]
      hint: did you mean `event`?

    > SELECT COLUMNS('zzz') FROM events
    error H0271: no column matches 'zzz' [COLUMNS('zzz')]

    > SELECT COLUMNS('(') FROM events
    error H0270: '(' is no regular expression [COLUMNS('(')]

    > SELECT lower(*) FROM events
    error H0354: function `lower` expects 1 argument, found 0 [lower(*)]
      hint: lower(text)
    ");
}

#[test]
fn tables_that_count() {
    let queries = [
        "SELECT * FROM numbers",
        "SELECT * FROM numbers('a')",
        "SELECT * FROM numbers(1, 2, 3)",
        "SELECT * FROM events(1)",
    ];
    assert_snapshot!(each(&queries, &schema()), @"
    > SELECT * FROM numbers
    error H0209: table function `numbers` requires arguments [numbers]
      hint: write `numbers(count)` or `numbers(offset, count)`

    > SELECT * FROM numbers('a')
    error H0232: the count of `numbers` must be a whole number from 0 to 2^63 - 1, known in advance ['a']

    > SELECT * FROM numbers(1, 2, 3)
    error H0209: table function `numbers` requires 1 or 2 arguments, found 3 [numbers(1, 2, 3)]

    > SELECT * FROM events(1)
    error H0208: table `events` takes no arguments [events(1)]
      hint: the table function is `numbers(count)` or `numbers(offset, count)`
    ");
}

#[test]
fn what_a_source_lacks() {
    let queries = [
        "SELECT uuid FROM events",
        "SELECT repo FROM events",
        "SELECT group_0.properties.x FROM events",
    ];
    assert_snapshot!(each(&queries, &flat()), @"
    > SELECT uuid FROM events
    error H0217: `uuid` cannot be had: the source has no such column [uuid]

    > SELECT repo FROM events
    error H0200: unknown field `repo` [repo]
      hint: did you mean `properties.repo`?

    > SELECT group_0.properties.x FROM events
    error H0217: `group_0` cannot be had: the source has no table of groups [group_0]
    ");
}

#[test]
fn arrays_and_lambdas() {
    let queries = [
        "SELECT arrayMap((x, y) -> x, [1])",
        "SELECT arrayMap(x -> y, [1])",
        "SELECT [1, 2][0]",
        "SELECT (1, 2).3",
        "SELECT sum(arrayJoin([1])) FROM events",
        "SELECT event FROM events ARRAY JOIN [1] AS x WHERE y = 1",
        "SELECT * FROM numbers(2) ARRAY JOIN missing AS x",
    ];
    assert_snapshot!(each(&queries, &schema()), @"
    > SELECT arrayMap((x, y) -> x, [1])
    error H0355: the lambda must have 1 parameters here, found 2 [(x, y) -> x]
      hint: one parameter for each array: `arrayMap((x, y) -> x + y, xs, ys)`

    > SELECT arrayMap(x -> y, [1])
    error H0200: unknown field `y` [y]

    > SELECT [1, 2][0]
    error H0219: indexes start from one [0]
      hint: the first element is 1, the last is -1

    > SELECT (1, 2).3
    error H0324: Tuple(UInt8, UInt8) has no such element [(1, 2).3]

    > SELECT sum(arrayJoin([1])) FROM events
    error H0900: `arrayJoin` within an aggregate or window function is not supported [arrayJoin([1])]
      hint: use it in a subquery

    > SELECT event FROM events ARRAY JOIN [1] AS x WHERE y = 1
    error H0200: unknown field `y` [y]

    > SELECT * FROM numbers(2) ARRAY JOIN missing AS x
    error H0200: unknown field `missing` [missing]
      hint: fields are `number`
    ");
}
