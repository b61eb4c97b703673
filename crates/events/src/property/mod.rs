//! Event and person properties: JSON text, read by PostHog's rules without building a tree.
//!
//! [`json`] finds a value in JSON text and gives back its raw text; [`text`] turns raw text into what a query sees.

pub mod json;
mod mask;
mod number;
mod path;
mod string;
pub mod text;
mod valid;

#[cfg(test)]
mod tests;

pub use json::Step;
pub use number::{canonical_number, parse_number, write_f64};
pub use path::Path;
pub use string::{unescape, write_quoted};
pub use text::{Text, property_text};
pub use valid::is_valid;

/// What a property holds, as its definition says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum PropertyKind {
    /// Text; also everything without a definition.
    #[default]
    String,
    /// A number: read as a 64-bit float, NULL where the text is none.
    Numeric,
    /// `true` or `false`, NULL where the text is neither.
    Boolean,
    /// An instant: read by best effort in the project's zone, NULL where the text is none.
    DateTime,
    /// A length of time; read as text.
    Duration,
}

impl PropertyKind {
    /// All kinds.
    pub const ALL: [Self; 5] =
        [Self::String, Self::Numeric, Self::Boolean, Self::DateTime, Self::Duration];

    /// The kind's name in PostHog's property definitions.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::String => "String",
            Self::Numeric => "Numeric",
            Self::Boolean => "Boolean",
            Self::DateTime => "DateTime",
            Self::Duration => "Duration",
        }
    }
}
