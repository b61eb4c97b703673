//! Queries over a schema held in memory, and what they become; queries that are wrong, and what is said of them.

mod errors;
mod options;
mod queries;
mod refusals;
mod stores;
mod tables;

use super::{Options, resolve};
use crate::settings::Settings;
use crate::tables::MemorySchema;
use ::events::property::PropertyKind;
use ::events::source::{ColumnType, SourceColumn, SourceTable};
use hogql_syntax::Severity;
use std::fmt::Write;

/// Events of PostHog's export, with group types and a few property definitions.
fn schema() -> MemorySchema {
    let mut schema = MemorySchema {
        group_types: vec!["company".into(), "project".into()],
        ..MemorySchema::default()
    };
    schema.tables.events = Some(table(&[
        ("uuid", ColumnType::Uuid, false),
        ("event", ColumnType::String, false),
        ("properties", ColumnType::Json, false),
        ("timestamp", ColumnType::DateTime, false),
        ("distinct_id", ColumnType::String, false),
        ("created_at", ColumnType::DateTime, true),
        ("person_id", ColumnType::Uuid, true),
        ("person_properties", ColumnType::Json, false),
    ]));
    let event = [
        ("price", PropertyKind::Numeric),
        ("paid", PropertyKind::Boolean),
        ("at", PropertyKind::DateTime),
    ];
    schema.properties.event = event.map(|(name, kind)| (name.to_owned(), kind)).into();
    schema.properties.person = [("age".to_owned(), PropertyKind::Numeric)].into();
    schema
}

/// The same with tables of persons and groups.
fn with_persons() -> MemorySchema {
    let mut schema = schema();
    schema.tables.persons = Some(table(&[
        ("person_id", ColumnType::Uuid, false),
        ("distinct_id", ColumnType::String, false),
        ("properties", ColumnType::Json, false),
        ("created_at", ColumnType::DateTime, false),
        ("person_version", ColumnType::Integer, false),
        ("person_distinct_id_version", ColumnType::Integer, false),
        ("is_deleted", ColumnType::Boolean, true),
    ]));
    schema.tables.groups = Some(table(&[
        ("index", ColumnType::Integer, false),
        ("key", ColumnType::String, false),
        ("properties", ColumnType::Json, false),
        ("updated_at", ColumnType::DateTime, false),
    ]));
    schema
}

/// A file of its own shape: properties are columns, the distinct id is the person.
fn flat() -> MemorySchema {
    let mut schema = MemorySchema::default();
    let mut events = table(&[
        ("event", ColumnType::String, false),
        ("timestamp", ColumnType::DateTime, false),
        ("distinct_id", ColumnType::String, false),
    ]);
    events.property_columns =
        vec![column("repo", ColumnType::String, true), column("lines", ColumnType::Integer, true)];
    schema.tables.events = Some(events);
    schema
}

fn table(columns: &[(&str, ColumnType, bool)]) -> SourceTable {
    let columns = columns.iter().map(|(name, ty, nullable)| column(name, *ty, *nullable)).collect();
    SourceTable { columns, ..SourceTable::default() }
}

fn column(name: &str, ty: ColumnType, nullable: bool) -> SourceColumn {
    SourceColumn { name: name.to_owned(), ty, nullable }
}

/// Each query and what it becomes.
fn each(queries: &[&str], schema: &MemorySchema) -> String {
    let show =
        |query: &&str| format!("> {query}\n{}", show_with(query, schema, &Options::default()));
    queries.iter().map(show).collect::<Vec<_>>().join("\n\n")
}

/// The query in the intermediate language and its notices, or what is wrong with it, each with the marked text.
fn show_with(text: &str, schema: &MemorySchema, options: &Options) -> String {
    let parsed = hogql_syntax::parse_select(text);
    let wrong = parsed.diagnostics.iter().find(|found| found.severity == Severity::Error);
    if let Some(wrong) = wrong {
        return format!("syntax: {}", wrong.message);
    }
    let mut out = String::new();
    let (body, diagnostics) =
        match resolve(&parsed.tree, schema, &Settings::utc(1_700_000_000_000_000), options) {
            Ok(resolved) => (resolved.query.to_string(), resolved.notices),
            Err(error) => (String::new(), error.diagnostics().to_vec()),
        };
    out.push_str(&body);
    for found in diagnostics {
        let word = if found.severity == Severity::Error { "error" } else { "notice" };
        let mark = text.get(found.span.range()).unwrap_or("?");
        let separator = if out.is_empty() { "" } else { "\n" };
        let _ = write!(out, "{separator}{word} {}: {} [{mark}]", found.code, found.message);
        for hint in found.hints {
            let _ = write!(out, "\n  hint: {hint}");
        }
    }
    out
}
