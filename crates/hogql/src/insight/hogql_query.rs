//! The node `HogQLQuery`.

use super::{constant, invalid, kind_of, object};
use crate::error::Error;
use crate::resolve::{Filters, Options};
use hogql_syntax::Span;
use serde_json::{Map, Value};

/// HogQL text with values for its placeholders and filters.
#[derive(Debug, Clone)]
pub struct HogQLQuery {
    /// The text.
    pub query: String,
    /// Values and filters.
    pub options: Options,
    /// The node as it came, for the response.
    pub source: Value,
}

/// Keys that say nothing about the answer.
const IGNORED: [&str; 7] =
    ["kind", "name", "version", "tags", "response", "explain", "connectionId"];

impl HogQLQuery {
    /// Reads the node's keys.
    ///
    /// # Errors
    /// A missing `query`, or a key that is unknown, wrong or not answered.
    pub(super) fn from_json(node: Map<String, Value>) -> Result<Self, Error> {
        let source = Value::Object(node.clone());
        let mut query = None;
        let mut options = Options::default();
        for (key, value) in node {
            match key.as_str() {
                "query" => query = Some(text("query", value)?),
                "values" => values(&mut options, object_or_null("values", value)?)?,
                "variables" => variables(&mut options, object_or_null("variables", value)?)?,
                "filters" => options.filters = filters(object_or_null("filters", value)?)?,
                "modifiers" => refuse_unless_empty("modifiers", &value)?,
                ignored if IGNORED.contains(&ignored) => {}
                unknown => return Err(invalid(format!("unknown key `{unknown}` in HogQLQuery"))),
            }
        }
        let query = query.ok_or_else(|| invalid("HogQLQuery needs `query`: its HogQL text"))?;
        Ok(Self { query, options, source })
    }
}

fn text(key: &str, value: Value) -> Result<String, Error> {
    match value {
        Value::String(text) => Ok(text),
        other => Err(invalid(format!("`{key}` must be a text, found {}", kind_of(&other)))),
    }
}

fn object_or_null(key: &str, value: Value) -> Result<Map<String, Value>, Error> {
    if value.is_null() { Ok(Map::new()) } else { object(value, &format!("`{key}`")) }
}

fn values(options: &mut Options, values: Map<String, Value>) -> Result<(), Error> {
    for (name, value) in values {
        options.placeholders.insert(name, constant(&value)?);
    }
    Ok(())
}

/// `{id: {variableId, code_name, value, isNull}}`.
fn variables(options: &mut Options, variables: Map<String, Value>) -> Result<(), Error> {
    for (id, variable) in variables {
        let mut variable = object(variable, &format!("variable `{id}`"))?;
        let Some(Value::String(name)) = variable.remove("code_name") else {
            return Err(invalid(format!("variable `{id}` needs a `code_name`")));
        };
        let is_null = variable.get("isNull").and_then(Value::as_bool).unwrap_or(false);
        let value =
            if is_null { Value::Null } else { variable.remove("value").unwrap_or(Value::Null) };
        options.placeholders.insert(format!("variables.{name}"), constant(&value)?);
    }
    Ok(())
}

fn filters(filters: Map<String, Value>) -> Result<Option<Filters>, Error> {
    let mut found = None;
    for (key, value) in filters {
        match key.as_str() {
            "dateRange" => found = Some(date_range(object_or_null("dateRange", value)?)?),
            "properties" => refuse_unless_empty("filters.properties", &value)?,
            "filterTestAccounts" if value != Value::Bool(true) => {}
            "filterTestAccounts" => {
                return Err(Error::not_supported(Span::default(), "`filters.filterTestAccounts`"));
            }
            "interval" | "breakdownFilter" => {
                refuse_unless_empty(&format!("filters.{key}"), &value)?
            }
            unknown => return Err(invalid(format!("unknown key `{unknown}` in `filters`"))),
        }
    }
    Ok(Some(found.unwrap_or_default()))
}

fn date_range(range: Map<String, Value>) -> Result<Filters, Error> {
    let mut filters = Filters::default();
    for (key, value) in range {
        match (key.as_str(), value) {
            (_, Value::Null) | ("explicitDate", Value::Bool(false)) => {}
            ("date_from", value) => filters.date_from = Some(text("date_from", value)?),
            ("date_to", value) => filters.date_to = Some(text("date_to", value)?),
            ("explicitDate", _) => {
                return Err(Error::not_supported(Span::default(), "`explicitDate`"));
            }
            (unknown, _) => return Err(invalid(format!("unknown key `{unknown}` in `dateRange`"))),
        }
    }
    Ok(filters)
}

fn refuse_unless_empty(key: &str, value: &Value) -> Result<(), Error> {
    let empty = match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(items) => items.is_empty(),
        _ => false,
    };
    if empty { Ok(()) } else { Err(Error::not_supported(Span::default(), format!("`{key}`"))) }
}
