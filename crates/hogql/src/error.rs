//! What can go wrong, by blame: the query, the data, a limit, something not supported, or Hoglet itself.

use crate::types::Type;
use hogql_syntax::{Diagnostic, Span};
use std::fmt;

/// Whose fault an error is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// The query's text or JSON is wrong.
    Query,
    /// HogQL knows it, Hoglet does not answer it.
    NotSupported,
    /// The data cannot be read or holds a value that the query cannot take.
    Data,
    /// A limit of memory, time or depth was reached.
    Limit,
    /// An option or a setting outside the query is wrong.
    Usage,
    /// A defect of Hoglet.
    Internal,
}

/// An error of any stage, with diagnostics where a place in the text is known.
#[derive(Debug, Clone)]
pub struct Error {
    blame: Blame,
    diagnostics: Vec<Diagnostic>,
}

impl Error {
    /// Whose fault it is.
    #[must_use]
    pub const fn blame(&self) -> Blame {
        self.blame
    }

    /// The findings; at least one. Errors of the data have an empty span.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// From one diagnostic.
    #[must_use]
    pub fn new(blame: Blame, diagnostic: Diagnostic) -> Self {
        Self { blame, diagnostics: vec![diagnostic] }
    }

    /// From the parser's diagnostics.
    #[must_use]
    pub fn syntax(diagnostics: Vec<Diagnostic>) -> Self {
        Self { blame: Blame::Query, diagnostics }
    }

    /// The query is wrong at a place.
    #[must_use]
    pub fn query(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self::new(Blame::Query, Diagnostic::error(code, span, message))
    }

    /// HogQL knows it, Hoglet does not answer it.
    #[must_use]
    pub fn not_supported(span: Span, what: impl fmt::Display) -> Self {
        Self::new(
            Blame::NotSupported,
            Diagnostic::error("H0900", span, format!("{what} is not supported")),
        )
    }

    /// A limit was reached at a place of the query.
    #[must_use]
    pub fn limit(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self::new(Blame::Limit, Diagnostic::error(code, span, message))
    }

    /// Several errors as one, equal findings once; the blame is the first one's. `None` if there are none.
    #[must_use]
    pub fn all(errors: Vec<Self>) -> Option<Self> {
        errors.into_iter().reduce(|mut all, error| {
            for diagnostic in error.diagnostics {
                if !all.diagnostics.contains(&diagnostic) {
                    all.diagnostics.push(diagnostic);
                }
            }
            all
        })
    }

    /// A defect of Hoglet.
    #[must_use]
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(Blame::Internal, Diagnostic::error("H0999", Span::default(), message))
    }

    /// An option or a setting outside the query is wrong.
    #[must_use]
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Blame::Usage, Diagnostic::error("H0703", Span::default(), message))
    }

    /// Whether it is the query's text that should be changed.
    #[must_use]
    pub fn is_about_query(&self) -> bool {
        matches!(self.blame, Blame::Query | Blame::NotSupported)
    }

    /// An argument has the wrong type.
    #[must_use]
    pub fn argument_type(
        function: &str,
        index: usize,
        expected: &str,
        found: &Type,
        span: Span,
    ) -> Self {
        Self::query(
            "H0301",
            span,
            format!("argument {} of `{function}` must be {expected}, found {found}", index + 1),
        )
    }

    /// An argument must be a constant.
    #[must_use]
    pub fn argument_constant(function: &str, index: usize, expected: &str, span: Span) -> Self {
        Self::query(
            "H0302",
            span,
            format!("argument {} of `{function}` must be {expected} known in advance", index + 1),
        )
    }

    /// Marks another place that matters, with a text.
    pub fn mark(&mut self, span: Span, text: impl Into<String>) {
        if let Some(first) = self.diagnostics.first_mut() {
            first.secondary.push((span, text.into()));
        }
    }

    /// The same with all findings at one place: what is wrong lies in text that the user did not write.
    #[must_use]
    pub fn within(mut self, span: Span) -> Self {
        self.diagnostics.iter_mut().for_each(|diagnostic| diagnostic.span = span);
        self
    }

    /// The same with one more hint on its first diagnostic.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        if let Some(first) = self.diagnostics.first_mut() {
            first.hints.push(hint.into());
        }
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.diagnostics.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            f.write_str(&diagnostic.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
