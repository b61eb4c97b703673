//! What is wrong with a text: data first, rendered once at the edge.

use crate::Span;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The query cannot be answered.
    Error,
    /// The query can be answered, but the writer should know.
    Warning,
}

/// Which kind of failure the reference parser would report; the JSON edge prints it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The text is not HogQL.
    Syntax,
    /// The grammar knows the construct, the dialect does not.
    NotImplemented,
    /// The reference fails while building the tree.
    Parsing,
}

/// One finding, with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostic {
    /// Stable code, `H0001`.
    pub code: &'static str,
    /// How bad.
    pub severity: Severity,
    /// The reference parser's class.
    pub kind: ErrorKind,
    /// One line: what was found and what was expected; no full stop.
    pub message: String,
    /// Where.
    pub span: Span,
    /// What the marked text is called, shown under the mark; may be empty.
    pub label: String,
    /// Other places that matter, each with a text.
    pub secondary: Vec<(Span, String)>,
    /// What to do, a line each.
    pub hints: Vec<String>,
}

impl Diagnostic {
    /// A syntax error without label or hints.
    #[must_use]
    pub fn error(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            kind: ErrorKind::Syntax,
            message: message.into(),
            span,
            label: String::new(),
            secondary: Vec::new(),
            hints: Vec::new(),
        }
    }

    /// A warning without label or hints.
    #[must_use]
    pub fn warning(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, span, message) }
    }

    /// The same with a label under the mark.
    #[must_use]
    pub fn with_label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// The same with one more hint.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The same with another place marked.
    #[must_use]
    pub fn with_secondary(mut self, span: Span, text: impl Into<String>) -> Self {
        self.secondary.push((span, text.into()));
        self
    }
}
