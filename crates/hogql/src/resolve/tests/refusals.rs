//! What PostHog's grammar takes and Hoglet refuses, by name.

use super::*;
use insta::assert_snapshot;

#[test]
fn clauses() {
    let queries = [
        "SELECT event FROM events FINAL",
        "SELECT event FROM events SAMPLE 0.1",
        "SELECT event FROM events QUALIFY 1",
        "SELECT event FROM events LIMIT 5%",
        "SELECT event FROM events ORDER BY event WITH FILL",
        "SELECT event FROM events ORDER BY event COLLATE 'en'",
        "SELECT event, count() FROM events GROUP BY event WITH ROLLUP",
        "SELECT event, count() FROM events GROUP BY event WITH TOTALS",
        "(SELECT 1) ORDER BY 1",
        "SELECT 1 UNION ALL BY NAME SELECT 2",
        "SELECT count() FILTER (WHERE event = 'a') OVER () FROM events",
    ];
    assert_snapshot!(each(&queries, &schema()), @"
    > SELECT event FROM events FINAL
    error H0900: FINAL is not supported [events FINAL]

    > SELECT event FROM events SAMPLE 0.1
    error H0900: SAMPLE of a part of the rows is not supported [SAMPLE 0.1]
      hint: leave it out: all rows are read, and none is estimated

    > SELECT event FROM events QUALIFY 1
    error H0900: QUALIFY is not supported [1]
      hint: filter the window function in an outer query: SELECT .. FROM (SELECT ..) WHERE ..

    > SELECT event FROM events LIMIT 5%
    error H0900: a LIMIT in percent is not supported [LIMIT 5%]

    > SELECT event FROM events ORDER BY event WITH FILL
    error H0900: WITH FILL is not supported [WITH FILL]

    > SELECT event FROM events ORDER BY event COLLATE 'en'
    error H0900: COLLATE is not supported [event COLLATE 'en']
      hint: PostHog reads over it without a word; take it out, or ask for PostHog's behaviour by the compatibility option

    > SELECT event, count() FROM events GROUP BY event WITH ROLLUP
    error H0900: WITH ROLLUP is not supported [GROUP BY event WITH ROLLUP]
      hint: PostHog reads over it without a word; take it out, or ask for PostHog's behaviour by the compatibility option
      hint: write GROUP BY ROLLUP(..)

    > SELECT event, count() FROM events GROUP BY event WITH TOTALS
    error H0900: WITH TOTALS is not supported [GROUP BY event WITH TOTALS]
      hint: PostHog reads over it without a word; take it out, or ask for PostHog's behaviour by the compatibility option

    > (SELECT 1) ORDER BY 1
    error H0900: ORDER BY after a query in parentheses is not supported [1]
      hint: PostHog reads over it without a word; take it out, or ask for PostHog's behaviour by the compatibility option
      hint: write SELECT * FROM (..) ORDER BY ..

    > SELECT 1 UNION ALL BY NAME SELECT 2
    error H0900: BY NAME is not supported [SELECT 2]

    > SELECT count() FILTER (WHERE event = 'a') OVER () FROM events
    error H0900: FILTER before OVER is not supported [event = 'a']
      hint: PostHog reads over it without a word; take it out, or ask for PostHog's behaviour by the compatibility option
      hint: write `countIf(..)`
    ");
}

#[test]
fn joins() {
    let queries = [
        "SELECT event FROM events ANY JOIN persons ON person_id = persons.id",
        "SELECT event FROM events ASOF JOIN persons ON 1",
        "SELECT event FROM events NATURAL JOIN persons",
        "SELECT event FROM events JOIN persons",
        "SELECT event FROM events POSITIONAL JOIN persons",
    ];
    assert_snapshot!(each(&queries, &schema()), @"
    > SELECT event FROM events ANY JOIN persons ON person_id = persons.id
    error H0900: ANY INNER JOIN is not supported [ANY JOIN persons ON person_id = persons.id]

    > SELECT event FROM events ASOF JOIN persons ON 1
    error H0900: ASOF INNER JOIN is not supported [ASOF JOIN persons ON 1]

    > SELECT event FROM events NATURAL JOIN persons
    error H0900: NATURAL is not supported [NATURAL JOIN persons]
      hint: PostHog reads over it without a word; take it out, or ask for PostHog's behaviour by the compatibility option

    > SELECT event FROM events JOIN persons
    error H0240: the join has no condition [JOIN persons]
      hint: add `ON a.x = b.y` or `USING (x)`; all pairs of rows are `CROSS JOIN`

    > SELECT event FROM events POSITIONAL JOIN persons
    error H0900: POSITIONAL JOIN is not supported [POSITIONAL JOIN persons]
    ");
}

#[test]
fn tables() {
    let queries = [
        "SELECT event FROM raw_events",
        "SELECT event FROM session_replay_events",
        "SELECT 1 FROM (VALUES (1))",
        "SELECT 1 FROM events PIVOT (count() FOR event IN ('a'))",
        "SELECT 1 FROM {table}",
        "WITH RECURSIVE a AS (SELECT 1 UNION ALL SELECT * FROM a) SELECT * FROM a",
    ];
    assert_snapshot!(each(&queries, &schema()), @"
    > SELECT event FROM raw_events
    error H0900: table `raw_events` is not supported [raw_events]

    > SELECT event FROM session_replay_events
    error H0900: table `session_replay_events` is not supported [session_replay_events]

    > SELECT 1 FROM (VALUES (1))
    error H0900: VALUES as a table is not supported [VALUES (1)]

    > SELECT 1 FROM events PIVOT (count() FOR event IN ('a'))
    error H0900: PIVOT is not supported [events PIVOT (count() FOR event IN ('a'))]

    > SELECT 1 FROM {table}
    error H0900: a placeholder in the place of a query or table is not supported [{table}]

    > WITH RECURSIVE a AS (SELECT 1 UNION ALL SELECT * FROM a) SELECT * FROM a
    error H0900: WITH RECURSIVE is not supported [a AS (SELECT 1 UNION ALL SELECT * FROM a)]
    ");
}

#[test]
fn expressions() {
    let queries = [
        "SELECT event IN COHORT 1 FROM events",
        "SELECT matchesAction(1) FROM events",
        "SELECT TRY_CAST(event AS int) FROM events",
        "SELECT #1 FROM events",
        "SELECT sumState(1) FROM events",
        "SELECT <a/>",
    ];
    assert_snapshot!(each(&queries, &schema()), @"
    > SELECT event IN COHORT 1 FROM events
    error H0900: IN COHORT is not supported [event IN COHORT 1]

    > SELECT matchesAction(1) FROM events
    error H0900: function `matchesAction` is not supported [matchesAction(1)]

    > SELECT TRY_CAST(event AS int) FROM events
    error H0900: TRY_CAST is not supported [TRY_CAST(event AS int)]
      hint: `toInt(..)`, `toFloat(..)` and `toDate(..)` give NULL where a value cannot be converted

    > SELECT #1 FROM events
    error H0900: #1 is not supported [#1]

    > SELECT sumState(1) FROM events
    error H0900: the suffix -State of `sumState` is not supported [sumState(1)]

    > SELECT <a/>
    error H0900: the HogQLX tag <a> is not supported [<a/>]
    ");
}
