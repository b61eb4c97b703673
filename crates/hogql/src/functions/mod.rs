//! The catalog of functions: name, signature, meaning, and how a call becomes an [`ir`] expression.
//!
//! One [`Function`] is one row of a table in a module of this folder. Resolving a call means: find the function by name
//! ([`lookup`]), check the number of arguments, then let its [`Build`] turn typed arguments into `ir`. A function's kernel
//! lives in `operators::functions` (scalars, lambdas) or `operators::aggregates` and is named by a string.

mod aggregate;
mod array;
mod build;
mod catalog;
mod conditional;
pub mod conversion;
mod datetime;
mod json;
mod known;
mod math;
pub mod operators;
mod scalar;
#[cfg(test)]
mod scalar_tests;
mod search;
mod string;
mod url;
mod window;

pub use aggregate::{AggregateName, Or, aggregate_name, default_value};
pub use build::{AggregateCall, Call, LambdaArg};
pub use catalog::{all, lookup};
pub use known::{coverage, is_known};

use crate::error::Error;
use crate::ir;

/// A function of the dialect.
#[derive(Debug)]
pub struct Function {
    /// Its name, as `spec` spells it.
    pub name: &'static str,
    /// Found in any case: `COUNT`, `ifnull`.
    pub case_insensitive: bool,
    /// Which table of the documentation it stands in.
    pub group: Group,
    /// `toStartOfInterval(timestamp, interval[, zone])`.
    pub signature: &'static str,
    /// One line: what it gives, in which unit, and what NULL does if not the usual.
    pub meaning: &'static str,
    /// Fewest and most arguments.
    pub arity: Arity,
    /// How a call becomes an expression.
    pub build: Build,
}

/// Fewest and most arguments of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arity {
    /// Fewest.
    pub min: usize,
    /// Most; `None` is any number.
    pub max: Option<usize>,
}

/// Groups of functions, as the documentation lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the variants are the groups' names")]
pub enum Group {
    Conditional,
    Comparison,
    Math,
    String,
    Url,
    DateTime,
    Conversion,
    Json,
    Array,
    Aggregate,
    Window,
}

/// How a call becomes an expression.
pub enum Build {
    /// From typed arguments.
    Scalar(fn(&mut Call<'_>) -> Result<ir::Expr, Error>),
    /// From a lambda and typed arguments. `parameters` says the lambda's parameter types given the other arguments.
    HigherOrder {
        /// Types of the lambda's parameters, given the arguments after the lambda.
        parameters: fn(&Call<'_>) -> Result<Vec<crate::types::Type>, Error>,
        /// The call, once the body is resolved. The lambda is optional for functions such as `arrayCount(array)`.
        build: fn(&mut Call<'_>, Option<LambdaArg>) -> Result<ir::Expr, Error>,
    },
    /// An aggregate. The resolver handles `DISTINCT`, `FILTER` and `ORDER BY` and the `-If` suffix's condition.
    Aggregate(fn(&mut AggregateCall<'_>) -> Result<ir::Aggregate, Error>),
    /// A function that is only meaningful with `OVER`.
    Window(fn(&mut AggregateCall<'_>) -> Result<ir::WindowCall, Error>),
    /// Handled by the resolver itself because its arguments are not ordinary values (`arrayJoin`, `matchesAction`, ..).
    Special,
}

impl std::fmt::Debug for Build {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Scalar(_) => "Scalar",
            Self::HigherOrder { .. } => "HigherOrder",
            Self::Aggregate(_) => "Aggregate",
            Self::Window(_) => "Window",
            Self::Special => "Special",
        })
    }
}

impl Arity {
    /// Exactly `n`.
    #[must_use]
    pub const fn exactly(n: usize) -> Self {
        Self { min: n, max: Some(n) }
    }

    /// From `min` to `max`.
    #[must_use]
    pub const fn between(min: usize, max: usize) -> Self {
        Self { min, max: Some(max) }
    }

    /// `min` or more.
    #[must_use]
    pub const fn at_least(min: usize) -> Self {
        Self { min, max: None }
    }
}
