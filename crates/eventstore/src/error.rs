//! What can go wrong with files, by blame: the user's options, the data, or Hoglet itself.

use std::fmt;

/// Whose fault an error is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// An option is wrong: a path without files, a name that does not exist.
    Usage,
    /// A file cannot be read, or holds what it should not.
    Data,
    /// A defect of Hoglet.
    Internal,
}

/// An error about a source of rows: which file, what was found, what to do.
#[derive(Debug, Clone)]
pub struct Error {
    blame: Blame,
    place: Option<String>,
    message: String,
    hint: Option<String>,
}

impl Error {
    /// Whose fault it is.
    #[must_use]
    pub const fn blame(&self) -> Blame {
        self.blame
    }

    /// The file, folder or address it is about.
    #[must_use]
    pub fn place(&self) -> Option<&str> {
        self.place.as_deref()
    }

    /// What was found, without the place and the hint.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// An option is wrong.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { blame: Blame::Usage, place: None, message: message.into(), hint: None }
    }

    /// The data is wrong.
    pub(crate) fn data(message: impl Into<String>) -> Self {
        Self { blame: Blame::Data, place: None, message: message.into(), hint: None }
    }

    /// A defect of Hoglet.
    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self { blame: Blame::Internal, place: None, message: message.into(), hint: None }
    }

    /// The same, said of a file, folder or address.
    pub(crate) fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// The same, with what to do.
    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        f.write_str(&self.message)?;
        if let Some(hint) = &self.hint {
            write!(f, "; {hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
