//! Virtual tables, and properties.

use super::*;
use insta::assert_snapshot;

#[test]
fn properties() {
    let queries = [
        "SELECT properties.price, properties.paid, properties.at, properties.other FROM events",
        "SELECT properties.a.b.1, properties['price'], properties.`with space` FROM events",
        "SELECT count() FROM events WHERE properties.n > 5 AND properties.flag = true AND properties.x IN (1, 2)",
        "SELECT properties.o AS o, o.inner FROM events",
        "SELECT p.x FROM (SELECT properties AS p FROM events)",
    ];
    assert_snapshot!(each(&queries, &schema()), @"
    > SELECT properties.price, properties.paid, properties.at, properties.other FROM events
    project #1 = accurate_cast(#0.price), #3 = parse_boolean(#0.paid), #5 = parse_datetime_best_effort(#0.at, 'UTC'), #7 = #0.other
      scan Events [#0 properties]
    => price: Nullable(Float64), paid: Nullable(Bool), at: Nullable(DateTime64(6, 'UTC')), other: Nullable(String)

    > SELECT properties.a.b.1, properties['price'], properties.`with space` FROM events
    project #1 = #0.a.b[1], #3 = accurate_cast(#0.price), #5 = #0.with space
      scan Events [#0 properties]
    => properties.a.b.1: Nullable(String), properties.price: Nullable(Float64), with space: Nullable(String)

    > SELECT count() FROM events WHERE properties.n > 5 AND properties.flag = true AND properties.x IN (1, 2)
    project #1 = #0
      aggregate by [] #0 = count(1): UInt64
        filter ((accurate_cast(#2.n) > 5.0) and (parse_boolean(#2.flag) = true) and (accurate_cast(#2.x) in [1.0, 2.0]))
          scan Events [#2 properties]
    => count(): UInt64
    notice H0401: this property has no known type; it is read as a number here, and as NULL where it is none [properties.n]
      hint: define the property's type, or convert it: `toFloat(..)`
    notice H0401: this property has no known type; it is read as a truth value here, and as NULL where it is none [properties.flag]
      hint: define the property's type, or convert it: `toFloat(..)`
    notice H0401: this property has no known type; it is read as a number here, and as NULL where it is none [properties.x]
      hint: define the property's type, or convert it: `toFloat(..)`

    > SELECT properties.o AS o, o.inner FROM events
    project #1 = #0.o, #2 = #0.o.inner
      scan Events [#0 properties]
    => o: Nullable(String), inner: Nullable(String)

    > SELECT p.x FROM (SELECT properties AS p FROM events)
    project #2 = #1.x
      project #1 = #0
        scan Events [#0 properties]
    => x: Nullable(String)
    ");
}

#[test]
fn property_columns() {
    let queries = [
        "SELECT properties.repo, properties.lines, properties.missing, properties.repo.inner FROM events",
        "SELECT properties FROM events",
        "SELECT * FROM events",
        "SELECT person_id, $session_id, count() FROM events GROUP BY person_id, $session_id",
    ];
    assert_snapshot!(each(&queries, &flat()), @"
    > SELECT properties.repo, properties.lines, properties.missing, properties.repo.inner FROM events
    project #1 = #0, #3 = #2, #4 = null, #6 = #0.inner
      scan Events [#0 repo, #2 lines]
    => repo: Nullable(String), lines: Nullable(Int64), missing: Nullable(String), repo__inner: Nullable(String)

    > SELECT properties FROM events
    project #2 = json_object('repo', #0, 'lines', #1)
      scan Events [#0 repo, #1 lines]
    => properties: String

    > SELECT * FROM events
    project #6 = #0, #7 = json_object('repo', #1, 'lines', #2), #8 = #3, #9 = #4, #10 = #4
      scan Events [#0 event, #1 repo, #2 lines, #3 timestamp, #4 distinct_id]
    => event: String, properties: String, timestamp: DateTime64(6, 'UTC'), distinct_id: String, person_id: String

    > SELECT person_id, $session_id, count() FROM events GROUP BY person_id, $session_id
    project #1 = #5, #2 = '', #4 = #3
      aggregate by [#5 = #0, #6 = ''] #3 = count(1): UInt64
        scan Events [#0 distinct_id]
    => person_id: String, $session_id: String, count(): UInt64
    ");
}

#[test]
fn persons_of_events() {
    let queries = [
        "SELECT person.properties.age, person.id, person_id, poe.properties.x FROM events",
        "SELECT person.created_at FROM events",
        "SELECT id, properties.age, created_at FROM persons",
        "SELECT * FROM person_distinct_ids",
        "SELECT pdi.person.properties.age FROM events",
    ];
    assert_snapshot!(each(&queries, &schema()), @"
    > SELECT person.properties.age, person.id, person_id, poe.properties.x FROM events
    project #1 = accurate_cast(#0.age), #4 = coalesce(#2, #3), #5 = coalesce(#2, #3), #7 = #0.x
      scan Events [#0 person_properties, #2 person_id, #3 distinct_id]
    => age: Nullable(Float64), id: UUID, person_id: UUID, x: Nullable(String)

    > SELECT person.created_at FROM events
    project #9 = #8
      join Left on ((coalesce(#3, #4) =? #5))
        scan Events [#3 person_id, #4 distinct_id]
        project #5 = #2, #8 = #7
          aggregate by [#2 = coalesce(#0, #1)] #7 = min(#6): DateTime64(6, 'UTC')
            scan Events [#0 person_id, #1 distinct_id, #6 timestamp]
    => created_at: DateTime64(6, 'UTC')

    > SELECT id, properties.age, created_at FROM persons
    project #4 = #3, #9 = accurate_cast(#8.age), #13 = #12
      project #3 = #2, #8 = #7, #12 = #11
        aggregate by [#2 = coalesce(#0, #1)] #7 = argMax(#5, #6): String #11 = min(#6): DateTime64(6, 'UTC')
          scan Events [#0 person_id, #1 distinct_id, #5 person_properties, #6 timestamp]
    => id: UUID, age: Nullable(Float64), created_at: DateTime64(6, 'UTC')

    > SELECT * FROM person_distinct_ids
    project #9 = #3, #10 = #8
      project #3 = #1, #8 = #7
        aggregate by [#1 = #0] #7 = argMax(coalesce(#4, #0), #6): UUID
          scan Events [#0 distinct_id, #4 person_id, #6 timestamp]
    => distinct_id: String, person_id: UUID

    > SELECT pdi.person.properties.age FROM events
    project #18 = accurate_cast(#17.age)
      join Left on ((#2 =? #4))
        scan Events [#2 distinct_id]
        join Left on ((#12 =? #13))
          project #4 = #1, #12 = #11
            aggregate by [#1 = #0] #11 = argMax(coalesce(#8, #0), #10): UUID
              scan Events [#0 distinct_id, #8 person_id, #10 timestamp]
          project #13 = #7, #17 = #16
            aggregate by [#7 = coalesce(#5, #6)] #16 = argMax(#14, #15): String
              scan Events [#5 person_id, #6 distinct_id, #14 person_properties, #15 timestamp]
    => age: Nullable(Float64)
    ");
}

#[test]
fn persons_of_a_table() {
    let queries = [
        "SELECT person_id FROM events",
        "SELECT person.properties.age, person.properties.name FROM events",
        "SELECT event_person_id, poe.id FROM events",
        "SELECT id, properties.age FROM persons WHERE properties.age > 3",
        "SELECT * FROM persons",
        "SELECT * FROM person_distinct_ids",
    ];
    assert_snapshot!(each(&queries, &with_persons()), @"
    > SELECT person_id FROM events
    project #15 = case(is_not_empty(#8) => #12, else coalesce(#13, #6))
      join Left on ((#6 =? #8))
        scan Events [#6 distinct_id, #13 person_id]
        project #8 = #2, #12 = #11
          filter not(coalesce(#5, false))
            aggregate by [#2 = #0] #5 = argMax(#3, #4): Nullable(Bool) #11 = argMax(#9, #4): UUID
              filter is_not_empty(#0)
                scan Persons [#0 distinct_id, #3 is_deleted, #4 person_distinct_id_version, #9 person_id]
    => person_id: UUID

    > SELECT person.properties.age, person.properties.name FROM events
    project #26 = accurate_cast(#25.age), #27 = #25.name
      join Left on ((case(is_not_empty(#13) => #17, else coalesce(#18, #11)) =? #21))
        join Left on ((#11 =? #13))
          scan Events [#11 distinct_id, #18 person_id]
          project #13 = #7, #17 = #16
            filter not(coalesce(#10, false))
              aggregate by [#7 = #5] #10 = argMax(#8, #9): Nullable(Bool) #16 = argMax(#14, #9): UUID
                filter is_not_empty(#5)
                  scan Persons [#5 distinct_id, #8 is_deleted, #9 person_distinct_id_version, #14 person_id]
        project #21 = #1, #25 = #24
          filter not(coalesce(#4, false))
            aggregate by [#1 = #0] #4 = argMax(#2, #3): Nullable(Bool) #24 = argMax(#22, #3): String
              scan Persons [#0 person_id, #2 is_deleted, #3 person_version, #22 properties]
    => age: Nullable(Float64), name: Nullable(String)

    > SELECT event_person_id, poe.id FROM events
    project #2 = coalesce(#0, #1), #3 = coalesce(#0, #1)
      scan Events [#0 person_id, #1 distinct_id]
    => event_person_id: UUID, id: UUID

    > SELECT id, properties.age FROM persons WHERE properties.age > 3
    project #7 = #6, #12 = accurate_cast(#11.age)
      filter (accurate_cast(#11.age) > 3.0)
        project #6 = #1, #11 = #10
          filter not(coalesce(#4, false))
            aggregate by [#1 = #0] #4 = argMax(#2, #3): Nullable(Bool) #10 = argMax(#8, #3): String
              scan Persons [#0 person_id, #2 is_deleted, #3 person_version, #8 properties]
    => id: UUID, age: Nullable(Float64)

    > SELECT * FROM persons
    project #15 = #6, #16 = #10, #17 = #14
      project #6 = #1, #10 = #9, #14 = #13
        filter not(coalesce(#4, false))
          aggregate by [#1 = #0] #4 = argMax(#2, #3): Nullable(Bool) #9 = argMax(#7, #3): DateTime64(6, 'UTC') #13 = argMax(#11, #3): String
            scan Persons [#0 person_id, #2 is_deleted, #3 person_version, #7 created_at, #11 properties]
    => id: UUID, created_at: DateTime64(6, 'UTC'), properties: String

    > SELECT * FROM person_distinct_ids
    project #12 = #7, #13 = #11
      project #7 = #2, #11 = #10
        filter not(coalesce(#5, false))
          aggregate by [#2 = #0] #5 = argMax(#3, #4): Nullable(Bool) #10 = argMax(#8, #4): UUID
            filter is_not_empty(#0)
              scan Persons [#0 distinct_id, #3 is_deleted, #4 person_distinct_id_version, #8 person_id]
    => distinct_id: String, person_id: UUID
    ");
}

#[test]
fn groups() {
    let queries = [
        "SELECT company.properties.plan, group_1.key FROM events",
        "SELECT key, properties.plan FROM groups WHERE index = 0",
    ];
    assert_snapshot!(each(&queries, &with_persons()), @"
    > SELECT company.properties.plan, group_1.key FROM events
    project #13 = #12.plan, #23 = #20
      join Left on ((coalesce(#4.$group_1, '') =? #20) and (1 =? #22))
        join Left on ((coalesce(#4.$group_0, '') =? #6) and (0 =? #8))
          scan Events [#4 properties]
          project #6 = #3, #8 = #1, #12 = #11
            aggregate by [#1 = #0, #3 = #2] #11 = argMax(#9, #10): String
              scan Groups [#0 index, #2 key, #9 properties, #10 updated_at]
        project #20 = #17, #22 = #15
          aggregate by [#15 = #14, #17 = #16]
            scan Groups [#14 index, #16 key]
    => plan: Nullable(String), key: String

    > SELECT key, properties.plan FROM groups WHERE index = 0
    project #6 = #5, #11 = #10.plan
      filter (#13 = 0)
        project #5 = #3, #10 = #9, #13 = #1
          aggregate by [#1 = #0, #3 = #2] #9 = argMax(#7, #8): String
            scan Groups [#0 index, #2 key, #7 properties, #8 updated_at]
    => key: String, plan: Nullable(String)
    ");
}

#[test]
fn sessions() {
    let queries = [
        "SELECT session.$entry_current_url, $session_id FROM events",
        "SELECT session_id, $pageview_count, $session_duration, $is_bounce FROM sessions",
        "SELECT $entry_pathname, $entry_utm_source, $num_uniq_urls FROM sessions WHERE $start_timestamp > '2024-01-01'",
    ];
    assert_snapshot!(each(&queries, &schema()), @"
    > SELECT session.$entry_current_url, $session_id FROM events
    project #8 = #7, #9 = coalesce(#2.$session_id, '')
      join Left on ((coalesce(#2.$session_id, '') =? #3))
        scan Events [#2 properties]
        project #3 = #1, #7 = case((case((#6 = '') => null, else #6) = 'null') => null, else case((#6 = '') => null, else #6))
          aggregate by [#1 = coalesce(#0.$session_id, '')] #6 = argMin(#0.$current_url, #5): Nullable(String)
            filter is_not_empty(coalesce(#0.$session_id, ''))
              scan Events [#0 properties, #5 timestamp]
    => $entry_current_url: Nullable(String), $session_id: String

    > SELECT session_id, $pageview_count, $session_duration, $is_bounce FROM sessions
    project #3 = #2, #7 = #6, #14 = date_diff('second', #10, #13, 'UTC'), #18 = case((#17 = 0) => null, else not(((#17 > 1) or (date_diff('second', #10, #13, 'UTC') >= 10))))
      project #2 = #1, #6 = #5, #10 = #9, #13 = #12, #17 = least(#16, 2)
        aggregate by [#1 = coalesce(#0.$session_id, '')] #5 = count(1) if (#4 = '$pageview'): UInt64 #9 = min(#8): DateTime64(6, 'UTC') #12 = max(#8): DateTime64(6, 'UTC') #16 = count(1) if (#4 in ['$pageview', '$screen', '$autocapture']): UInt64
          filter is_not_empty(coalesce(#0.$session_id, ''))
            scan Events [#0 properties, #4 event, #8 timestamp]
    => session_id: String, $pageview_count: UInt64, $session_duration: Int64, $is_bounce: Nullable(UInt8)

    > SELECT $entry_pathname, $entry_utm_source, $num_uniq_urls FROM sessions WHERE $start_timestamp > '2024-01-01'
    project #6 = url_path(#5), #11 = #10, #15 = length(#14)
      filter (#18 >? 1704067200000000)
        project #5 = case((case((#4 = '') => null, else #4) = 'null') => null, else case((#4 = '') => null, else #4)), #10 = case((case((#9 = '') => null, else #9) = 'null') => null, else case((#9 = '') => null, else #9)), #14 = #13, #18 = #17
          aggregate by [#1 = coalesce(#0.$session_id, '')] #4 = argMin(#0.$current_url, #3): Nullable(String) #9 = argMin(#0.utm_source, #3): Nullable(String) #13 = groupUniqArray(#0.$current_url): Array(String) #17 = min(#3): DateTime64(6, 'UTC')
            filter is_not_empty(coalesce(#0.$session_id, ''))
              scan Events [#0 properties, #3 timestamp]
    => $entry_pathname: Nullable(String), $entry_utm_source: Nullable(String), $num_uniq_urls: UInt64
    ");
}
