//! What a request gives to a query besides its text.

use crate::ir::Value;
use crate::types::Type;
use std::collections::BTreeMap;

/// What a request gives to a query besides its text.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Values of placeholders by name: `{limit}` is `limit`, `{variables.country}` is `variables.country`.
    pub placeholders: BTreeMap<String, Constant>,
    /// What `{filters}` stands for; nothing is filtered without.
    pub filters: Option<Filters>,
    /// Reads over the clauses that PostHog's parser drops, instead of refusing them.
    pub compatibility: bool,
}

/// A constant: a value and its type; a list of values is an array.
#[derive(Debug, Clone, PartialEq)]
pub struct Constant {
    /// The value.
    pub value: Value,
    /// Its type.
    pub ty: Type,
}

/// A request's filters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filters {
    /// First moment that counts: a date or time in the project's zone, or a relative date such as `-7d`; `all` is no limit.
    pub date_from: Option<String>,
    /// End of the moments that count, in the same forms.
    pub date_to: Option<String>,
}
