//! PostHog's query nodes (JSON) and responses.
//!
//! A node is read by hand from the wire's form into ours; what is not answered is refused by its `kind` or key.

mod constant;
mod hogql_query;
mod response;

pub use constant::constant;
pub use hogql_query::HogQLQuery;
pub use response::response;

use crate::error::Error;
use hogql_syntax::Span;
use serde_json::{Map, Value};

/// A query node that Hoglet answers.
#[derive(Debug, Clone)]
pub enum Node {
    /// HogQL text with values and filters.
    HogQL(Box<HogQLQuery>),
}

/// Nodes of PostHog's that Hoglet knows by name and does not answer.
const REFUSED: [&str; 13] = [
    "FunnelsQuery",
    "RetentionQuery",
    "LifecycleQuery",
    "StickinessQuery",
    "TrendsQuery",
    "PathsQuery",
    "ActorsQuery",
    "EventsQuery",
    "PersonsNode",
    "SessionAttributionExplorerQuery",
    "WebOverviewQuery",
    "WebStatsTableQuery",
    "HogQLMetadata",
];

/// Nodes that only say how to show the one inside.
const WRAPPERS: [&str; 3] = ["InsightVizNode", "DataVisualizationNode", "DataTableNode"];

/// Reads a query node.
///
/// # Errors
/// Text that is no JSON object with a `kind`, a kind that is not answered, or a wrong or unknown key: which, and what is expected.
pub fn parse(text: &str) -> Result<Node, Error> {
    let value =
        serde_json::from_str(text).map_err(|error| invalid(format!("not JSON: {error}")))?;
    node(value)
}

fn node(value: Value) -> Result<Node, Error> {
    let mut object = object(value, "a query node")?;
    let kind = object.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned();
    match kind.as_str() {
        "HogQLQuery" => Ok(Node::HogQL(Box::new(HogQLQuery::from_json(object)?))),
        "" => Err(invalid("a query node needs a `kind`, such as \"HogQLQuery\"")),
        wrapper if WRAPPERS.contains(&wrapper) => match object.remove("source") {
            Some(source) => node(source),
            None => Err(invalid(format!("`{wrapper}` needs a `source`: the query node to run"))),
        },
        refused if REFUSED.contains(&refused) => {
            Err(Error::not_supported(Span::default(), format!("the query node `{refused}`")))
        }
        unknown => Err(invalid(format!("unknown query node `{unknown}`"))),
    }
}

fn object(value: Value, what: &str) -> Result<Map<String, Value>, Error> {
    match value {
        Value::Object(object) => Ok(object),
        other => Err(invalid(format!("{what} must be a JSON object, found {}", kind_of(&other)))),
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn invalid(message: impl Into<String>) -> Error {
    Error::query("H0601", Span::default(), message)
}
