//! Expressions.

use super::{ColumnId, Rel};
use crate::types::Type;
use hogql_syntax::Span;

/// An expression with its type and the place it came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Its type.
    pub ty: Type,
    /// Where it stands in the text.
    pub span: Span,
}

/// The forms of an expression.
///
/// Logical forms (`Compare`, `And`, `Or`, `Not`, `IsNull`, `In`, `InSubquery`, `Like`, `Regex`, `Between`) have type `UInt8`, 0 or 1
/// (nullable where a NULL can come out); lowering keeps them boolean wherever a condition is wanted.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// A constant.
    Literal(Value),
    /// A column of the input relation.
    Column(ColumnId),
    /// A lambda's parameter, by name; names are unique within a query.
    LambdaVariable(String),
    /// A scalar function by its kernel's name (see `operators::functions`); arguments have the types the kernel wants.
    Kernel {
        /// The kernel.
        name: &'static str,
        /// Its arguments.
        args: Vec<Expr>,
    },
    /// A higher-order function: kernel, lambda, arrays.
    HigherOrder {
        /// The kernel.
        name: &'static str,
        /// The lambda: parameters (name and type) and body.
        lambda: Box<Lambda>,
        /// The other arguments (arrays, initial values).
        args: Vec<Expr>,
    },
    /// `+ - * / %` on numbers; both sides already have the type of the result.
    Arithmetic {
        /// Operator.
        op: ArithmeticOp,
        /// Left.
        left: Box<Expr>,
        /// Right.
        right: Box<Expr>,
    },
    /// Comparison; both sides already have one kind.
    Compare {
        /// Operator.
        op: CompareOp,
        /// Left.
        left: Box<Expr>,
        /// Right.
        right: Box<Expr>,
        /// What NULL operands give.
        nulls: NullRule,
    },
    /// `LIKE`, `ILIKE` (backslash escapes).
    Like {
        /// Text.
        expr: Box<Expr>,
        /// Pattern.
        pattern: Box<Expr>,
        /// `NOT`.
        negated: bool,
        /// `ILIKE`.
        case_insensitive: bool,
        /// What NULL operands give.
        nulls: NullRule,
    },
    /// `=~`, `=~*` (RE2, unanchored).
    Regex {
        /// Text.
        expr: Box<Expr>,
        /// Pattern.
        pattern: Box<Expr>,
        /// `NOT`.
        negated: bool,
        /// `*` variants.
        case_insensitive: bool,
        /// What NULL operands give.
        nulls: NullRule,
    },
    /// Membership in a list of constants or expressions of the same kind; NULL equals NULL.
    In {
        /// Tested value.
        expr: Box<Expr>,
        /// The list.
        list: Vec<Expr>,
        /// `NOT IN`.
        negated: bool,
    },
    /// Membership in a subquery of one column (tuples are one struct column); NULL equals NULL.
    InSubquery {
        /// Tested value.
        expr: Box<Expr>,
        /// The subquery.
        rel: Box<Rel>,
        /// `NOT IN`.
        negated: bool,
    },
    /// A subquery of one row and one column.
    ScalarSubquery(Box<Rel>),
    /// `AND`, three-valued.
    And(Vec<Expr>),
    /// `OR`, three-valued.
    Or(Vec<Expr>),
    /// `NOT`, three-valued.
    Not(Box<Expr>),
    /// `isNull(x)` / `isNotNull(x)`: never NULL.
    IsNull {
        /// Tested value.
        expr: Box<Expr>,
        /// `isNotNull`.
        negated: bool,
    },
    /// `if`, `multiIf`, `CASE WHEN`: the first condition that is true; conditions that are NULL count as false.
    Case {
        /// Conditions and values; values have the type of the result.
        branches: Vec<(Expr, Expr)>,
        /// Value when no condition holds.
        otherwise: Box<Expr>,
    },
    /// First argument that is not NULL; all have the kind of the result.
    Coalesce(Vec<Expr>),
    /// Conversion between numbers, to and from text, days, instants: exact or an error at run time (`safe: false`), or NULL (`safe: true`).
    Cast {
        /// The value.
        expr: Box<Expr>,
        /// NULL instead of an error.
        safe: bool,
    },
    /// Reads a property from JSON text by PostHog's rules (spec: raw text at the path, outer quotes removed, NULL if
    /// missing or null). The result is nullable text. Without a path, `json` is that result already: the source keeps the
    /// property's text in a column of its own.
    Property {
        /// The JSON text.
        json: Box<Expr>,
        /// Keys and 1-based indexes.
        path: Vec<PathStep>,
    },
}

impl ExprKind {
    /// Whether it is a comparison or what joins comparisons: true or false whatever its type is called.
    #[must_use]
    pub const fn is_logical(&self) -> bool {
        matches!(
            self,
            Self::Compare { .. }
                | Self::Like { .. }
                | Self::Regex { .. }
                | Self::In { .. }
                | Self::InSubquery { .. }
                | Self::And(_)
                | Self::Or(_)
                | Self::Not(_)
                | Self::IsNull { .. }
        )
    }
}

/// A step of a property path.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PathStep {
    /// Key of an object.
    Key(String),
    /// 1-based index of an array; negative from the end.
    Index(i64),
}

/// A lambda: parameters and body. Parameter names are unique within a query.
#[derive(Debug, Clone, PartialEq)]
pub struct Lambda {
    /// Name and type of each parameter.
    pub params: Vec<(String, Type)>,
    /// The body.
    pub body: Expr,
}

/// Constants. The width of a number is in the expression's type.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// NULL.
    Null,
    /// Truth value.
    Bool(bool),
    /// Whole number with sign; also days of a `Date` since 1970-01-01, microseconds of an instant, units of an interval.
    Int(i64),
    /// Whole number without sign.
    UInt(u64),
    /// Float.
    Float(f64),
    /// Text; UUIDs too.
    String(String),
    /// Elements of a constant array or tuple, in order.
    List(Vec<Value>),
}

/// What a comparison gives when an operand is NULL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NullRule {
    /// HogQL: never NULL. `=`, `LIKE`, `=~` are 1 if both are NULL, else 0; `!=`, `NOT LIKE`, `!~` are 1 if one is NULL, 0 if both; `< <= > >=` are 0.
    TwoValued,
    /// SQL: NULL (join conditions, comparisons of timestamp fields).
    Plain,
}

/// `+ - * / %`. Division is of floats.
pub use hogql_syntax::ast::ArithmeticOp;

/// Comparison operators on ordered values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the variants are the operators' names")]
pub enum CompareOp {
    Eq,
    NotEq,
    Lt,
    LtEq,
    Gt,
    GtEq,
}

/// An aggregate function over a group.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregate {
    /// The aggregate's kernel (see `operators::aggregates`).
    pub name: &'static str,
    /// Arguments, of the types the kernel wants.
    pub args: Vec<Expr>,
    /// Constant parameters, `quantile(0.9)`.
    pub params: Vec<Value>,
    /// Only rows for which this is true: `-If`, `FILTER (WHERE ..)`.
    pub filter: Option<Expr>,
    /// Only distinct arguments.
    pub distinct: bool,
    /// Order of the arguments within the group.
    pub order_by: Vec<SortKey>,
    /// Type of the result.
    pub ty: Type,
    /// The result over no rows, when `ty` is not nullable; `None` is the kernel's own (never NULL then).
    pub empty: Option<Value>,
    /// Where it stands in the text.
    pub span: Span,
}

/// A window function.
#[derive(Debug, Clone, PartialEq)]
pub struct WindowCall {
    /// A window function (`row_number`, `rank`, `dense_rank`, `lag`, `lead`, `first_value`, `last_value`, `nth_value`, `ntile`,
    /// `percent_rank`, `cume_dist`) or the kernel of an aggregate.
    pub name: &'static str,
    /// Whether `name` is an aggregate's.
    pub is_aggregate: bool,
    /// Arguments.
    pub args: Vec<Expr>,
    /// Constant parameters of an aggregate.
    pub params: Vec<Value>,
    /// Only rows for which this is true (aggregates only).
    pub filter: Option<Expr>,
    /// `PARTITION BY`.
    pub partition_by: Vec<Expr>,
    /// `ORDER BY`.
    pub order_by: Vec<SortKey>,
    /// The frame.
    pub frame: Frame,
    /// Type of the result.
    pub ty: Type,
    /// The result over no rows, as in [`Aggregate::empty`].
    pub empty: Option<Value>,
    /// Where it stands in the text.
    pub span: Span,
}

/// The rows a window function sees.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// `RANGE` rather than `ROWS`.
    pub range: bool,
    /// First bound.
    pub start: FrameBound,
    /// Last bound, included.
    pub end: FrameBound,
}

impl Frame {
    /// Whether values of the sort key count, not rows: `RANGE 5 PRECEDING`.
    #[must_use]
    pub const fn is_measured(&self) -> bool {
        self.range && (self.start.distance().is_some() || self.end.distance().is_some())
    }
}

/// One end of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameBound {
    /// `n PRECEDING`; unbounded if `None`.
    Preceding(Option<u64>),
    /// `CURRENT ROW`.
    CurrentRow,
    /// `n FOLLOWING`; unbounded if `None`.
    Following(Option<u64>),
}

impl FrameBound {
    /// How far from the current row, where a number says it.
    #[must_use]
    pub const fn distance(self) -> Option<u64> {
        match self {
            Self::Preceding(distance) | Self::Following(distance) => distance,
            Self::CurrentRow => None,
        }
    }
}

/// One sort key.
#[derive(Debug, Clone, PartialEq)]
pub struct SortKey {
    /// By what.
    pub expr: Expr,
    /// Largest first.
    pub descending: bool,
    /// NULL (and NaN) before all values; ClickHouse's default is after, both ways.
    pub nulls_first: bool,
}
