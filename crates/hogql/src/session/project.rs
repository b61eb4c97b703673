//! Project files: what PostHog keeps in a project's settings, as TOML or JSON.
//!
//! ```toml
//! timezone = "Europe/Berlin"
//! week_start = "monday"
//! group_types = ["company", "project"]
//!
//! [properties.event]
//! price = "Numeric"
//! ```

use crate::error::Error;
use crate::settings::WeekStart;
use events::property::PropertyKind;
use events::source::PropertyDefinitions;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A project's settings and definitions.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Project {
    /// Time zone, an IANA name.
    pub timezone: Option<String>,
    /// First day of a week.
    pub week_start: Option<WeekStart>,
    /// Types of properties; they take the place of inferred ones.
    pub properties: PropertyDefinitions,
    /// Names of group types, by index.
    pub group_types: Vec<String>,
    /// Actions and test-account filters, kept as they stand: no query reads them yet, and one that asks for them is refused.
    pub unread: BTreeMap<String, serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProjectFile {
    timezone: Option<String>,
    week_start: Option<String>,
    #[serde(default)]
    properties: PropertiesFile,
    #[serde(default)]
    group_types: Vec<String>,
    actions: Option<serde_json::Value>,
    test_account_filters: Option<serde_json::Value>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct PropertiesFile {
    event: BTreeMap<String, String>,
    person: BTreeMap<String, String>,
    group: BTreeMap<String, String>,
}

impl Project {
    /// Reads a project file: JSON if the text begins with `{`, else TOML.
    ///
    /// # Errors
    /// Text that is neither, an unknown key, week day or property type: what was found and what is expected.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let file: ProjectFile = match text.trim_start().starts_with('{') {
            true => serde_json::from_str(text).map_err(|error| invalid(&error))?,
            false => toml::from_str(text).map_err(|error| invalid(&error))?,
        };
        let unread =
            [("actions", file.actions), ("test_account_filters", file.test_account_filters)];
        Ok(Self {
            timezone: file.timezone,
            week_start: file.week_start.as_deref().map(week_start).transpose()?,
            properties: PropertyDefinitions {
                event: kinds("event", file.properties.event)?,
                person: kinds("person", file.properties.person)?,
                group: kinds("group", file.properties.group)?,
            },
            group_types: file.group_types,
            unread: unread
                .into_iter()
                .filter_map(|(name, value)| Some((name.to_owned(), value?)))
                .collect(),
        })
    }
}

fn invalid(error: &dyn std::fmt::Display) -> Error {
    Error::usage(format!("the project file cannot be read: {error}"))
}

fn week_start(text: &str) -> Result<WeekStart, Error> {
    match text.to_ascii_lowercase().as_str() {
        "sunday" => Ok(WeekStart::Sunday),
        "monday" => Ok(WeekStart::Monday),
        _ => Err(Error::usage(format!("week_start must be `sunday` or `monday`, found `{text}`"))),
    }
}

fn kinds(
    of: &str,
    named: BTreeMap<String, String>,
) -> Result<BTreeMap<String, PropertyKind>, Error> {
    named
        .into_iter()
        .map(|(name, kind)| Ok((kind_of(of, &name, &kind)?, name)))
        .map(|pair| pair.map(|(kind, name)| (name, kind)))
        .collect()
}

fn kind_of(of: &str, name: &str, kind: &str) -> Result<PropertyKind, Error> {
    PropertyKind::ALL.into_iter().find(|known| known.name().eq_ignore_ascii_case(kind)).ok_or_else(
        || {
            let known = PropertyKind::ALL.map(PropertyKind::name).join(", ");
            Error::usage(format!(
                "{of} property `{name}` has the unknown type `{kind}`; known: {known}"
            ))
        },
    )
}
