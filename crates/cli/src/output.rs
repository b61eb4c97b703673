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

/// Findings with the lines of the text they are about.
pub(crate) fn rendered(text: &str, origin: &str, findings: &[Diagnostic]) -> String {
    render(text, origin, findings, RenderOptions { color: std::io::stderr().is_terminal() })
}
