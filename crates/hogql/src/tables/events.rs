//! `events`: the source's rows under PostHog's column names.

use super::definition::{Base, Field, FieldKind, Table};
use super::{Identity, PropertyOwner, Schema};
use ::events::column;
use ::events::property::PropertyKind;
use ::events::source::{ColumnType, SourceColumn, SourceTable, TableKind};

/// The table; `None` if the source has no events.
pub(super) fn events(schema: &dyn Schema) -> Option<Table> {
    let source = schema.source(TableKind::Events)?;
    let mut fields = own_fields(source);
    fields.extend(element_fields(source));
    fields.extend(person_fields(source, schema));
    fields.extend(group_fields(schema));
    fields.push(Field::join("session", "sessions", "$session_id", "session_id"));
    fields.push(Field::expr("event_issue_id", "properties.$exception_issue_id").hidden());
    fields.extend(source.row.as_ref().map(|row| row_field(row)));
    name_group_types(&mut fields, schema);
    Some(Table { name: "events", base: Base::Source(TableKind::Events), fields })
}

fn own_fields(source: &SourceTable) -> Vec<Field> {
    let mut fields = Vec::new();
    for name in ["uuid", "event"] {
        fields.push(stored_or_absent(source, name));
    }
    fields.push(properties(source, PropertyOwner::Event));
    fields.push(stored_or_absent(source, "timestamp"));
    fields.push(stored_or_absent(source, "distinct_id"));
    fields.push(stored_or(source, "elements_chain", "''"));
    fields.push(stored_or_absent(source, "created_at"));
    fields.push(stored_or(source, "$session_id", "ifNull(properties.$session_id, '')"));
    fields.push(stored_or(source, "$window_id", "ifNull(properties.$window_id, '')"));
    fields.push(stored_or(source, "person_mode", "'full'"));
    for name in column::GROUPS {
        fields.push(stored_or(source, name, format!("ifNull(properties.{name}, '')")));
    }
    for name in ["team_id", "historical_migration", "_inserted_at"] {
        fields.push(stored_or_absent(source, name).hidden());
    }
    fields
}

/// What is read out of the serialised chain of clicked elements.
fn element_fields(source: &SourceTable) -> Vec<Field> {
    let stored = source.column("elements_chain").is_some();
    let texts = [
        ("elements_chain_href", r#"extract(elements_chain, '(?::|\\")href="(.*?)"')"#),
        (
            "elements_chain_texts",
            r#"arrayDistinct(extractAll(elements_chain, '(?::|\\")text="(.*?)"'))"#,
        ),
        (
            "elements_chain_ids",
            r#"arrayDistinct(extractAll(elements_chain, '(?::|\\")attr_id="(.*?)"'))"#,
        ),
        (
            "elements_chain_elements",
            "arrayDistinct(extractAll(elements_chain, '(?:^|;)(a|button|form|input|select|textarea|label)(?:\\\\.|$|:)'))",
        ),
    ];
    let fields = texts.into_iter().map(|(name, text)| Field::expr(name, text));
    fields.map(|field| Field { hidden: !stored, ..field }).collect()
}

/// Who did it: see `person_id` in the module's documentation of identity.
///
/// The current person is asked of the persons or overrides source; without one, or if the ids of the files are wanted, it is the
/// id on the row. A row without person id belongs to its distinct id's own person, which has the distinct id as its id.
///
/// A store has asked its persons and overrides when it took the row in: the answer is a column, and only overrides that
/// are given since then are left to ask.
fn person_fields(source: &SourceTable, schema: &dyn Schema) -> Vec<Field> {
    let has_persons = schema.source(TableKind::Persons).is_some();
    let has_overrides = schema.source(TableKind::Overrides).is_some();
    let is_now = schema.identity() == Identity::Now;
    let has_current = is_now && (has_persons || has_overrides);
    let mut fields = event_person(source, has_current);
    let mut known = "event_person_id";
    let mut is_asked = has_current;
    if let Some(column) = source.person.as_ref().filter(|_| is_now) {
        let is_uuid = has_current || source.column(column::PERSON_ID).is_some();
        fields.push(resolved_person(column, is_uuid));
        known = "`source.resolved_person`";
        is_asked = has_overrides && !source.is_settled;
    }
    if is_asked {
        fields.push(Field::join(
            "override",
            "person_distinct_id_overrides",
            "distinct_id",
            "distinct_id",
        ));
        let current = format!("if(notEmpty(override.distinct_id), override.person_id, {known})");
        fields.push(Field::expr("person_id", current));
    } else {
        fields.push(Field::expr("person_id", known));
    }
    fields.push(Field::join("pdi", "person_distinct_ids", "distinct_id", "distinct_id"));
    fields.push(Field::join("source.person", "persons", "person_id", "id"));
    fields.push(Field::nested("poe", on_event(source, "event_person_id")));
    let joined = has_persons && (is_now || source.column(column::PERSON_PROPERTIES).is_none());
    fields.push(if joined {
        Field::join("person", "persons", "person_id", "id")
    } else {
        Field::nested("person", on_event(source, "person_id"))
    });
    fields
}

/// `event_person_id`: the id on the row, else that of the distinct id's own person.
fn event_person(source: &SourceTable, has_current: bool) -> Vec<Field> {
    let mut fields = Vec::new();
    let own = match source.column(column::PERSON_ID) {
        Some(column) => {
            fields.push(Field::stored("source.person_id", column).hidden());
            if column.nullable {
                "ifNull(`source.person_id`, asUUID(distinct_id))"
            } else {
                "`source.person_id`"
            }
        }
        None if has_current => "asUUID(distinct_id)",
        None => "distinct_id",
    };
    fields.push(Field::expr("event_person_id", own).hidden());
    fields
}

/// The person that a store has resolved. Where rows have no other person than their distinct id, it is text as that is.
fn resolved_person(column: &str, is_uuid: bool) -> Field {
    let ty = if is_uuid { ColumnType::Uuid } else { ColumnType::String };
    let column = SourceColumn { name: column.to_owned(), ty, nullable: false };
    Field::stored("source.resolved_person", &column).hidden()
}

/// The person's fields as they stand on the event's row; what does not stand there is asked of `persons`.
fn on_event(source: &SourceTable, id: &'static str) -> Vec<Field> {
    let created_at = match source.column("person_created_at") {
        Some(column) => Field::stored("created_at", column),
        None => Field::path("created_at", &["source.person", "created_at"]),
    };
    vec![
        Field::path("id", &[id]),
        created_at,
        properties_of(source, column::PERSON_PROPERTIES, &[], PropertyOwner::Person),
        Field::join("pdi", "person_distinct_ids", "distinct_id", "distinct_id"),
    ]
}

fn group_fields(schema: &dyn Schema) -> Vec<Field> {
    let has_groups = schema.source(TableKind::Groups).is_some();
    let mut fields = Vec::new();
    for (index, name) in column::GROUPS.into_iter().enumerate() {
        let group = format!("group_{index}");
        fields.push(if has_groups {
            Field::join_on(
                group,
                "groups",
                vec![(name.into(), "key"), (index.to_string().into(), "index")],
            )
        } else {
            Field::absent(group, "the source has no table of groups")
        });
        let key = Field::of("key", FieldKind::Path(vec![name.into()]));
        fields.push(Field::nested(format!("goe_{index}"), vec![key]));
    }
    fields
}

/// `company.properties.x` for `group_0.properties.x`, where the name is free.
fn name_group_types(fields: &mut Vec<Field>, schema: &dyn Schema) {
    for (index, name) in schema.group_types().iter().enumerate().take(column::GROUPS.len()) {
        if !name.is_empty() && fields.iter().all(|field| field.name != *name) {
            let path = vec![format!("group_{index}").into()];
            fields.push(Field::of(name.clone(), FieldKind::Path(path)).hidden());
        }
    }
}

fn row_field(row: &str) -> Field {
    let column = SourceColumn { name: row.to_owned(), ty: ColumnType::Integer, nullable: false };
    Field::stored("source.row", &column).hidden()
}

/// Properties: a column of JSON text, columns of their own, or both.
pub(super) fn properties(source: &SourceTable, owner: PropertyOwner) -> Field {
    properties_of(source, column::PROPERTIES, &source.property_columns, owner)
}

/// The field `properties` over a column of JSON text, where the source has it, and columns that hold other properties.
fn properties_of(
    source: &SourceTable,
    json: &str,
    columns: &[SourceColumn],
    owner: PropertyOwner,
) -> Field {
    let shredded: Vec<_> = source.shredded_of(json).cloned().collect();
    let field = match source.column(json) {
        Some(column) if columns.is_empty() && shredded.is_empty() => {
            Field::stored(column::PROPERTIES, column)
        }
        None if columns.is_empty() => Field::expr(column::PROPERTIES, "'{}'"),
        rest => {
            let rest = rest.cloned();
            let kind = FieldKind::Columns { columns: columns.to_vec(), shredded, rest };
            Field::of(column::PROPERTIES, kind)
        }
    };
    field.owned_by(owner)
}

/// The column, or the HogQL that stands for it where the source lacks it; then it is no part of `*`.
pub(super) fn stored_or(
    source: &SourceTable,
    name: &'static str,
    text: impl Into<super::definition::Text>,
) -> Field {
    match source.column(name) {
        Some(column) => Field::stored(name, column),
        None => Field::expr(name, text).hidden(),
    }
}

/// The column, or why it cannot be had.
pub(super) fn stored_or_absent(source: &SourceTable, name: &'static str) -> Field {
    if let Some(column) = source.column(name) {
        return Field::stored(name, column);
    }
    let reason = source
        .absent(name)
        .map_or_else(|| "the source has no such column".to_owned(), |absent| absent.reason.clone());
    Field::absent(name, reason)
}

/// Kinds of properties that PostHog itself always reads as text, whatever the definitions say.
#[must_use]
pub(crate) fn forced_kind(name: &str) -> Option<PropertyKind> {
    let ids =
        ["$ai_trace_id", "$ai_session_id", "$ai_span_id", "$ai_parent_id", "$ai_generation_id"];
    ids.contains(&name).then_some(PropertyKind::String)
}
