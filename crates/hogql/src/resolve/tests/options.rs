//! What a request gives besides the text: values, filters, compatibility; and the limits of a query.

use super::*;
use crate::ir::Value;
use crate::resolve::{Constant, Filters, MAX_DEPTH};
use crate::tables::Identity;
use crate::types::Type;
use insta::assert_snapshot;

fn values() -> Options {
    let list = Constant {
        value: Value::List(vec![Value::String("a".into()), Value::String("b".into())]),
        ty: Type::array(Type::STRING),
    };
    let values = [
        ("limit", Constant { value: Value::Int(7), ty: Type::INT64 }),
        ("names", list),
        ("variables.country", Constant { value: Value::String("nl".into()), ty: Type::STRING }),
    ];
    let placeholders = values.map(|(name, value)| (name.to_owned(), value)).into();
    Options { placeholders, ..Options::default() }
}

#[test]
fn placeholders_are_constants() {
    let text = "SELECT {variables.country} FROM events WHERE event IN {names} AND properties.country = {variables.country} LIMIT {limit}";
    assert_snapshot!(show_with(text, &schema(), &values()), @"
    limit 7
      project #0 = 'nl'
        filter ((#1 in ['a', 'b']) and (#2.country = 'nl'))
          scan Events [#1 event, #2 properties]
    => {variables.country}: String
    ");
}

#[test]
fn placeholders_without_value() {
    assert_snapshot!(show_with("SELECT {variables.contry}, {nothing}", &schema(), &values()), @"
    error H0280: variable `contry` is missing from the query [{variables.contry}]
      hint: did you mean `{variables.country}`?
    error H0280: placeholder `nothing` has no value [{nothing}]
      hint: the request gives `limit`, `names` and `variables.country`
    ");
}

#[test]
fn filters_are_conditions() {
    let filters = Filters {
        date_from: Some("2024-01-01".into()),
        date_to: Some("2024-02-01 12:00:00".into()),
    };
    let both = Options { filters: Some(filters), ..Options::default() };
    let queries = [
        "SELECT count() FROM events WHERE {filters}",
        "SELECT count() FROM events WHERE timestamp >= {filters.dateRange.from} AND event = 'a'",
        "SELECT {filters.dateRange.to}",
        "SELECT 1 FROM numbers(1) WHERE {filters}",
    ];
    let shown =
        |options: &Options| queries.map(|query| show_with(query, &schema(), options)).join("\n\n");
    assert_snapshot!(format!("{}\n\n-- without filters\n\n{}", shown(&both), shown(&Options::default())), @"
    project #1 = #0
      aggregate by [] #0 = count(1): UInt64
        filter ((#2 >=? 1704067200000000) and (#2 <? 1706788800000000))
          scan Events [#2 timestamp]
    => count(): UInt64

    project #1 = #0
      aggregate by [] #0 = count(1): UInt64
        filter ((#2 >=? 1704067200000000) and (#3 = 'a'))
          scan Events [#2 timestamp, #3 event]
    => count(): UInt64

    project #0 = 1706788800000000
      one
    => {filters.dateRange.to}: DateTime64(6, 'UTC')

    error H0281: `{filters}` needs a table that it can filter in FROM [{filters}]
      hint: it can filter `events`, `sessions` and `groups`

    -- without filters

    project #1 = #0
      aggregate by [] #0 = count(1): UInt64
        filter 1
          scan Events []
    => count(): UInt64

    project #1 = #0
      aggregate by [] #0 = count(1): UInt64
        filter (1 and (#2 = 'a'))
          scan Events [#2 event]
    => count(): UInt64

    error H0282: `{filters.dateRange.to}` is not set, and stands in no comparison [{filters.dateRange.to}]
      hint: a comparison with it is left out when the request sets no date

    error H0281: `{filters}` needs a table that it can filter in FROM [{filters}]
      hint: it can filter `events`, `sessions` and `groups`
    ");
}

#[test]
fn relative_filters_begin_with_the_day() {
    let filters = Filters { date_from: Some("-7d".into()), date_to: Some("-1h".into()) };
    let options = Options { filters: Some(filters), ..Options::default() };
    assert_snapshot!(show_with("SELECT count() FROM events WHERE {filters}", &schema(), &options), @"
    project #1 = #0
      aggregate by [] #0 = count(1): UInt64
        filter ((#2 >=? 1699315200000000) and (#2 <? 1699995600000000))
          scan Events [#2 timestamp]
    => count(): UInt64
    ");
}

#[test]
fn filters_that_are_no_dates() {
    let filters = Filters { date_from: Some("last week".into()), date_to: None };
    let options = Options { filters: Some(filters), ..Options::default() };
    assert_snapshot!(show_with("SELECT count() FROM events WHERE {filters}", &schema(), &options), @r#"
    error H0703: `filters.dateRange.from`: "last week" is no date: use one such as `2024-03-01`, `2024-03-01T10:00:00Z`, `-7d`, `-1mStart` or `all` []
    "#);
}

#[test]
fn compatibility_reads_over_what_the_reference_drops() {
    let options = Options { compatibility: true, ..Options::default() };
    let text = "SELECT event, count() FROM events GROUP BY event WITH TOTALS ORDER BY event NULLS FIRST COLLATE 'en'";
    assert_snapshot!(show_with(text, &schema(), &options), @"
    sort #1
      project #1 = #5, #3 = #2
        aggregate by [#5 = #0] #2 = count(1): UInt64
          scan Events [#0 event]
    => event: String, count(): UInt64
    ");
}

#[test]
fn identity_as_of_the_event() {
    let mut schema = with_persons();
    schema.identity = Identity::AsOfEvent;
    assert_snapshot!(show_with("SELECT person_id, person.properties.age FROM events", &schema, &Options::default()), @"
    project #2 = coalesce(#0, #1), #4 = accurate_cast(#3.age)
      scan Events [#0 person_id, #1 distinct_id, #3 person_properties]
    => person_id: UUID, age: Nullable(Float64)
    ");
}

#[test]
fn overrides_alone() {
    let mut schema = schema();
    schema.tables.overrides = Some(table(&[
        ("distinct_id", ColumnType::String, false),
        ("person_id", ColumnType::Uuid, false),
        ("version", ColumnType::Integer, false),
    ]));
    assert_snapshot!(show_with("SELECT person_id, person.properties.age FROM events", &schema, &Options::default()), @"
    project #12 = case(is_not_empty(#5) => #9, else coalesce(#10, #3)), #14 = accurate_cast(#13.age)
      join Left on ((#3 =? #5))
        scan Events [#3 distinct_id, #10 person_id, #13 person_properties]
        project #5 = #2, #9 = #8
          aggregate by [#2 = #0] #8 = argMax(#6, #7): UUID
            filter is_not_empty(#0)
              scan Overrides [#0 distinct_id, #6 person_id, #7 version]
    => person_id: UUID, age: Nullable(Float64)
    ");
}

#[test]
fn deep_queries_are_refused_without_overflow() {
    let chain = |length: usize| format!("SELECT 1{}", " + 1".repeat(length));
    assert!(show_with(&chain(390), &schema(), &Options::default()).starts_with("project"));
    let mut ctes = vec!["a0 AS (SELECT 1 AS x)".to_owned()];
    ctes.extend((1..=MAX_DEPTH / 4).map(|at| {
        format!(
            "a{at} AS (SELECT x FROM (SELECT x FROM (SELECT x FROM (SELECT x FROM a{}))))",
            at - 1
        )
    }));
    let nested = |depth: usize| {
        let ctes = ctes.iter().take(depth).cloned().collect::<Vec<_>>().join(", ");
        show_with(
            &format!("WITH {ctes} SELECT x FROM a{}", depth - 1),
            &schema(),
            &Options::default(),
        )
    };
    let taken = nested(MAX_DEPTH / 4 - 10);
    assert!(taken.starts_with("project"), "{}", taken.get(..200).unwrap_or(&taken));
    let refused = nested(MAX_DEPTH / 4 + 1);
    assert!(
        refused.starts_with("error H0220: the query is nested more than 600 levels deep"),
        "{refused}"
    );
}

#[test]
fn growth_is_bounded() {
    let mut ctes = vec!["a0 AS (SELECT 1 AS x)".to_owned()];
    ctes.extend(
        (1..30).map(|at| {
            format!("a{at} AS (SELECT l.x FROM a{0} l JOIN a{0} r ON l.x = r.x)", at - 1)
        }),
    );
    let text = format!("WITH {} SELECT * FROM a29", ctes.join(", "));
    let found = show_with(&text, &schema(), &Options::default());
    assert!(found.starts_with("error H0225: the query has more than 1000 SELECTs"), "{found}");
    let mut aliases = vec!["number AS b0".to_owned()];
    aliases.extend((1..40).map(|at| format!("b{0} || b{0} AS b{at}", at - 1)));
    let text = format!("SELECT {} FROM numbers(1)", aliases.join(", "));
    let found = show_with(&text, &schema(), &Options::default());
    assert!(found.starts_with("error H0226: `b"), "{}", found.get(..200).unwrap_or(&found));
}
