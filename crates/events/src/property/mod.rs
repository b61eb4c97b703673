//! Event and person properties.

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
