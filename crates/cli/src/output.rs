//! The only place that writes to stderr, and short texts to stdout.

use hogql_syntax::{Diagnostic, RenderOptions, Severity, render};
use indicatif::HumanCount;
use std::io::{IsTerminal, Write};

/// Writes a line to stderr.
pub(crate) fn tell(line: &str) {
    // Nobody is left to tell if stderr is gone.
    let _ = writeln!(std::io::stderr(), "{}", line.trim_end());
}

/// Writes text to stdout as it is.
pub(crate) fn print(text: &str) -> std::io::Result<()> {
    let mut stdout = std::io::stdout();
    stdout.write_all(text.as_bytes())?;
    // Whatever is left at the end of the process would be lost without a word.
    stdout.flush()
}

/// `1 row`, `1,234 rows`
pub(crate) fn counted(count: u64, of: &str) -> String {
    format!("{} {of}{}", HumanCount(count), if count == 1 { "" } else { "s" })
}

/// Findings with the lines of the text they are about; without lines where they are about no place of it.
pub(crate) fn rendered(text: &str, origin: &str, findings: &[Diagnostic]) -> String {
    let options = RenderOptions { color: std::io::stderr().is_terminal() };
    let rendered = findings.iter().map(|finding| {
        if text.is_empty() || finding.span.end == 0 {
            plain(finding)
        } else {
            render(text, origin, std::slice::from_ref(finding), options)
        }
    });
    rendered.collect::<Vec<_>>().join("\n")
}

fn plain(finding: &Diagnostic) -> String {
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let hints = finding.hints.iter().map(|hint| format!("\n  = help: {hint}"));
    format!("{level}[{}]: {}{}", finding.code, finding.message, hints.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use hogql_syntax::Span;

    #[test]
    fn a_finding_about_no_place_marks_none() {
        let nowhere = Diagnostic::error("H0399", Span::default(), "too many").with_hint("ask less");
        let somewhere = Diagnostic::warning("H0010", Span::new(7, 8), "odd");
        let text = rendered("SELECT 1", "query", &[nowhere, somewhere]);
        assert!(text.starts_with("error[H0399]: too many\n  = help: ask less\n"), "{text}");
        assert!(text.contains("warning[H0010]: odd\n --> query:1:8\n"), "{text}");
        assert_eq!(text.matches("-->").count(), 1, "{text}");
    }
}
