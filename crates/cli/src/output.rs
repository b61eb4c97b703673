//! The only place that writes to stdout and stderr.

use hogql_syntax::{Diagnostic, RenderOptions, render};
use std::io::{IsTerminal, Write};

/// Writes a line to stderr.
pub(crate) fn tell(line: &str) {
    // Nobody is left to tell if stderr is gone.
    let _ = writeln!(std::io::stderr(), "{}", line.trim_end());
}

/// Writes text to stdout as it is.
pub(crate) fn print(text: &str) -> std::io::Result<()> {
    std::io::stdout().write_all(text.as_bytes())
}

/// Findings with the lines of the text they are about; a line each where they are about no text.
pub(crate) fn rendered(text: &str, origin: &str, findings: &[Diagnostic]) -> String {
    if text.is_empty() {
        return findings.iter().map(plain).collect::<Vec<_>>().join("\n");
    }
    render(text, origin, findings, RenderOptions { color: std::io::stderr().is_terminal() })
}

fn plain(finding: &Diagnostic) -> String {
    let hints = finding.hints.iter().map(|hint| format!("\n  = help: {hint}"));
    format!("error[{}]: {}{}", finding.code, finding.message, hints.collect::<String>())
}
