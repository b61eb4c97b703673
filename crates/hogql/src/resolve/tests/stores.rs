//! What a store keeps beside the rows: properties in columns of their own, and persons that are resolved already.

use super::*;
use crate::tables::Identity;
use ::events::source::ShreddedProperty;
use insta::assert_snapshot;

/// Events as a store has them.
fn store() -> MemorySchema {
    stored(schema())
}

/// The same events as a store has them.
fn stored(mut schema: MemorySchema) -> MemorySchema {
    if let Some(events) = schema.tables.events.as_mut() {
        events.shredded = vec![
            shredded("properties", "plan"),
            ShreddedProperty {
                number: Some("properties.price number".into()),
                ..shredded("properties", "price")
            },
            ShreddedProperty {
                boolean: Some("properties.paid boolean".into()),
                ..shredded("properties", "paid")
            },
            shredded("properties", "at"),
            ShreddedProperty {
                number: Some("person_properties.age number".into()),
                ..shredded("person_properties", "age")
            },
        ];
        events.person = Some("person".into());
    }
    schema
}

fn shredded(of: &str, key: &str) -> ShreddedProperty {
    ShreddedProperty {
        of: of.into(),
        key: key.into(),
        text: format!("{of}.{key}"),
        number: None,
        boolean: None,
    }
}

/// Distinct id to person overrides.
fn with_overrides(mut schema: MemorySchema) -> MemorySchema {
    schema.tables.overrides = Some(table(&[
        ("distinct_id", ColumnType::String, false),
        ("person_id", ColumnType::Uuid, false),
        ("version", ColumnType::Integer, false),
    ]));
    schema
}

fn show(text: &str, schema: &MemorySchema) -> String {
    show_with(text, schema, &Options::default())
}

#[test]
fn shredded_properties_are_read_by_their_definitions() {
    let queries = [
        "SELECT properties.plan FROM events",
        "SELECT properties['plan'] FROM events",
        "SELECT properties.price, properties.paid FROM events",
        "SELECT properties.at FROM events",
        "SELECT poe.properties.age FROM events",
        "SELECT person.properties.age FROM events",
    ];
    assert_snapshot!(each(&queries, &store()), @"
    > SELECT properties.plan FROM events
    project #1 = #0
      scan Events [#0 properties.plan]
    => plan: Nullable(String)

    > SELECT properties['plan'] FROM events
    project #1 = #0
      scan Events [#0 properties.plan]
    => properties.plan: Nullable(String)

    > SELECT properties.price, properties.paid FROM events
    project #1 = #0, #3 = #2
      scan Events [#0 properties.price number, #2 properties.paid boolean]
    => price: Nullable(Float64), paid: Nullable(Bool)

    > SELECT properties.at FROM events
    project #1 = parse_datetime_best_effort(#0, 'UTC')
      scan Events [#0 properties.at]
    => at: Nullable(DateTime64(6, 'UTC'))

    > SELECT poe.properties.age FROM events
    project #1 = #0
      scan Events [#0 person_properties.age number]
    => age: Nullable(Float64)

    > SELECT person.properties.age FROM events
    project #1 = #0
      scan Events [#0 person_properties.age number]
    => age: Nullable(Float64)
    ");
}

#[test]
fn what_has_no_column_is_read_from_the_text() {
    for query in [
        "SELECT properties.plan.inner FROM events",
        "SELECT properties.other FROM events",
        "SELECT properties FROM events",
        "SELECT JSONExtractString(properties, 'plan') FROM events",
        "SELECT properties AS p, p.plan FROM events",
    ] {
        let found = show(query, &store());
        assert!(found.contains("scan Events [#0 properties]"), "{found}");
    }
    let found = show("SELECT poe.properties.name FROM events", &store());
    assert!(found.contains("scan Events [#0 person_properties]"), "{found}");
}

#[test]
fn a_kind_without_a_column_is_read_from_the_property_s_text() {
    let mut schema = store();
    schema.properties.event.insert("plan".into(), PropertyKind::Numeric);
    schema.properties.event.insert("price".into(), PropertyKind::String);
    let found = show("SELECT properties.plan, properties.price FROM events", &schema);
    assert!(found.contains("accurate_cast(#0)"), "{found}");
    assert!(found.contains("[#0 properties.plan, #2 properties.price]"), "{found}");
}

#[test]
fn shredded_text_beside_a_number_is_a_property_still() {
    let found = show("SELECT count() FROM events WHERE properties.plan > 5", &store());
    assert!(found.contains("filter (accurate_cast(#2) > 5.0)"), "{found}");
    assert!(found.contains("scan Events [#2 properties.plan]"), "{found}");
    assert!(found.contains("notice H0401"), "{found}");
}

#[test]
fn definitions_of_tables_read_the_text() {
    let mut schema = store();
    if let Some(events) = schema.tables.events.as_mut() {
        let number = Some("properties.$session_id number".to_owned());
        let session = shredded("properties", "$session_id");
        events.shredded.push(ShreddedProperty { number, ..session });
    }
    schema.properties.event.insert("$session_id".into(), PropertyKind::Numeric);
    let found = show("SELECT $session_id FROM events", &schema);
    assert!(found.contains("coalesce(#0, '')"), "{found}");
    assert!(found.contains("scan Events [#0 properties.$session_id]"), "{found}");
}

#[test]
fn property_columns_and_shredded_keys() {
    let mut schema = store();
    if let Some(events) = schema.tables.events.as_mut() {
        events.property_columns = vec![column("repo", ColumnType::String, true)];
    }
    let text = "SELECT properties.repo, properties.plan, properties.other FROM events";
    assert_snapshot!(show(text, &schema), @"
    project #1 = #0, #3 = #2, #5 = #4.other
      scan Events [#0 repo, #2 properties.plan, #4 properties]
    => repo: Nullable(String), plan: Nullable(String), other: Nullable(String)
    ");
}

#[test]
fn hidden_columns_are_no_part_of_a_star() {
    let columns = |schema: &MemorySchema| {
        let found = show("SELECT * FROM events", schema);
        found.lines().last().map(str::to_owned)
    };
    assert_eq!(columns(&store()), columns(&schema()));
}

#[test]
fn a_store_s_person_is_the_current_one() {
    let queries = ["SELECT person_id FROM events", "SELECT event_person_id, poe.id FROM events"];
    assert_snapshot!(each(&queries, &store()), @"
    > SELECT person_id FROM events
    project #1 = #0
      scan Events [#0 person]
    => person_id: UUID

    > SELECT event_person_id, poe.id FROM events
    project #2 = coalesce(#0, #1), #3 = coalesce(#0, #1)
      scan Events [#0 person_id, #1 distinct_id]
    => event_person_id: UUID, id: UUID
    ");
}

#[test]
fn a_store_asks_its_persons_for_their_properties_only() {
    let schema = stored(with_persons());
    assert_eq!(
        show("SELECT person_id FROM events", &schema),
        show("SELECT person_id FROM events", &store())
    );
    let found = show("SELECT person.properties.age FROM events", &schema);
    assert!(found.contains(" person]") && found.contains("scan Persons"), "{found}");
    assert!(!found.contains("distinct_id"), "{found}");
}

#[test]
fn overrides_beside_a_store_come_first() {
    let schema = with_overrides(stored(with_persons()));
    let found = show("SELECT person_id FROM events", &schema);
    assert!(found.contains("scan Overrides") && found.contains(" person]"), "{found}");
    assert!(!found.contains("scan Persons") && !found.contains("coalesce"), "{found}");
}

#[test]
fn identity_as_of_the_event_reads_the_row() {
    for schema in [store(), with_overrides(store()), stored(with_persons())] {
        let schema = MemorySchema { identity: Identity::AsOfEvent, ..schema };
        let found = show("SELECT person_id FROM events", &schema);
        assert!(found.starts_with("project #2 = coalesce(#0, #1)\n"), "{found}");
        assert!(found.contains("  scan Events [#0 person_id, #1 distinct_id]\n="), "{found}");
    }
}

#[test]
fn a_person_that_is_the_distinct_id_stays_text() {
    let mut schema = flat();
    if let Some(events) = schema.tables.events.as_mut() {
        events.person = Some("person".into());
    }
    let found = show("SELECT person_id FROM events WHERE person_id = 'ada'", &schema);
    assert!(found.contains("scan Events [#0 person]"), "{found}");
    assert!(found.ends_with("=> person_id: String"), "{found}");
}
