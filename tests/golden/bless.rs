//! Comparing with what stands in the file, or rewriting it.

use std::path::Path;

/// Between the question and the answer.
const LINE: &str = "\n----\n";

/// Compares what `answer` gives for the file's question with the file's answer.
pub(crate) fn check(
    path: &Path,
    answer: impl Fn(&str) -> Result<String, String>,
) -> Result<(), String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let (question, expected) = text.split_once(LINE).unwrap_or_else(|| (text.trim_end(), ""));
    let found = trimmed(&answer(question)?);
    if found == trimmed(expected) {
        return Ok(());
    }
    if wants_bless() {
        return std::fs::write(path, format!("{question}{LINE}{found}\n"))
            .map_err(|error| error.to_string());
    }
    Err(format!(
        "{} differs; HOGQL_BLESS=1 rewrites it\n--- expected\n{expected}\n--- found\n{found}",
        path.display()
    ))
}

fn trimmed(text: &str) -> String {
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim_end().to_owned()
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test is asked to rewrite its expectation by the environment"
)]
fn wants_bless() -> bool {
    std::env::var("HOGQL_BLESS").is_ok_and(|value| value == "1")
}
