//! HogQL texts: the verdict and the tree of the reference parser.

use crate::case::Outcome;
use hogql_syntax::json::ast_json;
use serde_json::Value;

/// Runs one case: same verdict, and the same tree with the same spans.
pub(crate) fn run(case: &Value) -> Outcome {
    let field = |name: &str| case.get(name).and_then(Value::as_str).unwrap_or_default();
    let kind = field("kind");
    // Hog programs are another language; the parser refuses them by name.
    if kind == "program" {
        return Outcome::Skipped("hog program");
    }
    let text = field("hogql");
    let Ok(found) = serde_json::from_str::<Value>(&ast_json(kind, text)) else {
        return Outcome::Failed(format!("{text:?} did not give JSON"));
    };
    let accepts = case.get("accepts").and_then(Value::as_bool).unwrap_or_default();
    let rejected = found.get("error").and_then(Value::as_bool).unwrap_or_default();
    match (accepts, rejected) {
        (true, true) => Outcome::Failed(format!(
            "{text:?} was rejected: {}",
            found.get("message").unwrap_or(&Value::Null)
        )),
        (false, false) => Outcome::Failed(format!("{text:?} was accepted")),
        (false, true) => Outcome::Passed,
        (true, false) if case.get("ast") == Some(&found) => Outcome::Passed,
        (true, false) => Outcome::Failed(format!("{text:?} gave another tree: {found}")),
    }
}
