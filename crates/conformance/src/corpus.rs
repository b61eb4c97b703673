//! HogQL texts: the verdict and the tree of the reference parser.

use crate::case::Outcome;
use hogql_syntax::json::ast_json;
use serde_json::Value;

/// The kinds of texts that the parser reads.
const KINDS: [&str; 4] = ["select", "expr", "order", "template"];

/// Runs one case: same verdict, and the same tree with the same spans, or the same type of error.
pub(crate) fn run(case: &Value) -> Outcome {
    let field = |name: &str| case.get(name).and_then(Value::as_str).unwrap_or_default();
    let kind = field("kind");
    // Hog programs are another language; the parser refuses them by name.
    if kind == "program" {
        return Outcome::Skipped("hog program");
    }
    if !KINDS.contains(&kind) {
        return Outcome::Failed(format!("there is no kind of text {kind:?}"));
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
        (false, true) => same_type(text, case, &found),
        (true, false) if case.get("ast") == Some(&found) => Outcome::Passed,
        (true, false) => Outcome::Failed(format!("{text:?} gave another tree: {found}")),
    }
}

/// Whether the text was refused for what the case says.
fn same_type(text: &str, case: &Value, found: &Value) -> Outcome {
    let expected = case.pointer("/error/type");
    if expected.is_none_or(|expected| found.get("type") == Some(expected)) {
        return Outcome::Passed;
    }
    Outcome::Failed(format!("{text:?} gave another type of error: {found}"))
}
