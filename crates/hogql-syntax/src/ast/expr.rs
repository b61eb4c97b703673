//! Expressions.

use super::{Block, Ident, OrderItem, Query};
use crate::Span;

/// An expression with its place in the text.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// Place in the text.
    pub span: Span,
    /// What it is.
    pub kind: ExprKind,
}

/// The forms of an expression.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// `1`, `'a'`, `true`, `NULL`.
    Literal(Literal),
    /// `a.b.c`: a dotted chain of names; what it names is the resolver's business.
    Field(Vec<Ident>),
    /// `*`, `t.*`, `* EXCLUDE (a, t.b)`, `t.* EXCLUDE (a)`.
    Star(Star),
    /// `COLUMNS('regex')`, `COLUMNS(a, b)`, `COLUMNS(* EXCLUDE (..) REPLACE (..))`, `(* REPLACE (e AS a))`.
    Columns(Columns),
    /// `*COLUMNS(..)` inside call arguments.
    Spread(Box<Expr>),
    /// `{expr}`, `{name}`, `{filters.dateRange.from}`.
    Placeholder(Box<Expr>),
    /// `name(args)`, with parameters, `DISTINCT`, `ORDER BY`, `FILTER` and `WITHIN GROUP` where written.
    Call(Box<Call>),
    /// `expr(args)` on anything but a plain name.
    ExprCall {
        /// What is called.
        callee: Box<Expr>,
        /// Its arguments.
        args: Vec<Expr>,
    },
    /// `f(a) OVER (..)` or `f(a) OVER w`.
    Window(Box<WindowCall>),
    /// `name := value` in call arguments.
    NamedArgument {
        /// The parameter's name.
        name: Ident,
        /// Its value.
        value: Box<Expr>,
    },
    /// `a + b` and its kin; `-x` on a non-literal is [`ExprKind::Negate`].
    Arithmetic {
        /// Left operand.
        left: Box<Expr>,
        /// Operator.
        op: ArithmeticOp,
        /// Right operand.
        right: Box<Expr>,
    },
    /// `-x` where x is no number literal.
    Negate(Box<Expr>),
    /// `a || b || c`, flattened.
    Concat(Vec<Expr>),
    /// `a = b`, `a IN b`, `a LIKE b`, ..
    Compare {
        /// Left operand.
        left: Box<Expr>,
        /// Operator.
        op: CompareOp,
        /// Right operand.
        right: Box<Expr>,
    },
    /// `x IS NULL`, `x IS NOT NULL`.
    IsNull {
        /// Tested value.
        expr: Box<Expr>,
        /// `IS NOT NULL`.
        negated: bool,
    },
    /// `a IS DISTINCT FROM b`, `a IS NOT DISTINCT FROM b`, `a <=> b`.
    IsDistinctFrom {
        /// Left operand.
        left: Box<Expr>,
        /// Right operand.
        right: Box<Expr>,
        /// `IS NOT DISTINCT FROM` or `<=>`.
        negated: bool,
    },
    /// `a AND b AND c`, flattened.
    And(Vec<Expr>),
    /// `a OR b OR c`, flattened.
    Or(Vec<Expr>),
    /// `NOT a`.
    Not(Box<Expr>),
    /// `a BETWEEN low AND high`.
    Between {
        /// Tested value.
        expr: Box<Expr>,
        /// `NOT BETWEEN`.
        negated: bool,
        /// Lower bound, included.
        low: Box<Expr>,
        /// Upper bound, included.
        high: Box<Expr>,
    },
    /// `a ?? b`.
    Coalesce(Box<Expr>, Box<Expr>),
    /// `c ? a : b`.
    Ternary {
        /// Condition.
        condition: Box<Expr>,
        /// Value when true.
        then: Box<Expr>,
        /// Value when not.
        otherwise: Box<Expr>,
    },
    /// `CASE [x] WHEN a THEN b .. [ELSE c] END`.
    Case {
        /// The value compared with each `WHEN`, if written.
        operand: Option<Box<Expr>>,
        /// `WHEN` and `THEN` pairs.
        branches: Vec<(Expr, Expr)>,
        /// `ELSE`.
        otherwise: Option<Box<Expr>>,
    },
    /// `INTERVAL e unit` and `INTERVAL 'n unit'`.
    Interval {
        /// How many.
        value: Box<Expr>,
        /// Of what.
        unit: IntervalUnit,
        /// Whether it was written as one string, `INTERVAL '7 days'`.
        from_string: bool,
    },
    /// `f'a {x} b'` and full templates: literal texts and interpolated expressions in order.
    Template(Vec<TemplatePart>),
    /// `CAST(e AS type)`, `e::type`, `TRY_CAST(e AS type)`.
    Cast {
        /// The value.
        expr: Box<Expr>,
        /// The type's text, lower-cased, as the reference keeps it.
        type_name: String,
        /// Which spelling.
        style: CastStyle,
    },
    /// `TRIM(BOTH 'x' FROM e)`.
    Trim {
        /// Which side.
        side: TrimSide,
        /// Characters to remove (a string or a template).
        chars: Box<Expr>,
        /// The text.
        expr: Box<Expr>,
    },
    /// `x -> e`, `(x, y) -> e`, `lambda x: e`.
    Lambda {
        /// Parameter names.
        params: Vec<Ident>,
        /// The body.
        body: Box<Expr>,
    },
    /// `e AS alias`, `name: e` in a select list.
    Alias {
        /// The value.
        expr: Box<Expr>,
        /// The name.
        alias: Ident,
    },
    /// `(a, b)`, `(a,)`.
    Tuple(Vec<Expr>),
    /// `[a, b]`, `ARRAY[a, b]`.
    Array(Vec<Expr>),
    /// `{k: v}`.
    Dict(Vec<(Expr, Expr)>),
    /// `a[i]`, `a?.[i]`, and `.name` after anything but a name chain (the index is then a string literal).
    ArrayAccess {
        /// The array, tuple, map or JSON text.
        base: Box<Expr>,
        /// The index or key.
        index: Box<Expr>,
        /// Written with `?.`.
        nullish: bool,
        /// Written `.name` rather than `[..]`.
        dotted: bool,
    },
    /// `a[from:to]`.
    ArraySlice {
        /// The array.
        base: Box<Expr>,
        /// First index, 1-based; from the start if absent.
        from: Option<Box<Expr>>,
        /// Last index, included; to the end if absent.
        to: Option<Box<Expr>>,
    },
    /// `a.1`.
    TupleAccess {
        /// The tuple.
        base: Box<Expr>,
        /// 1-based position (0 parses, as in the reference; the resolver refuses it).
        index: u64,
        /// Written with `?.`.
        nullish: bool,
    },
    /// A subquery in value position.
    Subquery(Box<Query>),
    /// `x IGNORE NULLS` (postfix).
    IgnoreNulls(Box<Expr>),
    /// `#1`: refused by the dialect.
    PositionalRef(u64),
    /// `(a, b)` inside `GROUP BY GROUPING SETS ((a, b), ())`.
    GroupingSet(Vec<Expr>),
    /// `<Tag a='s'/>`.
    Tag(Box<Tag>),
    /// `{ statement; statement }`, only as the body of a lambda: refused by the dialect.
    Block(Block),
    /// Put in place of text that could not be read; a diagnostic says why.
    Error,
}

/// A constant.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `NULL`.
    Null,
    /// `true`, `false`.
    Boolean(bool),
    /// An integer that fits in 64 bits with sign.
    Integer(i64),
    /// A larger integer, as decimal digits with an optional sign.
    BigInteger(String),
    /// A float; `inf` and `nan` too.
    Float(f64),
    /// A text, unquoted and with escapes resolved as the reference does.
    String(String),
}

/// `+ - * / %`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the variants are the operators' names")]
pub enum ArithmeticOp {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

/// Comparison operators; each spelling of one operator is one variant (`=` and `==` are [`CompareOp::Eq`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the variants are the operators' names")]
pub enum CompareOp {
    Eq,
    NotEq,
    Lt,
    LtEq,
    Gt,
    GtEq,
    Like,
    NotLike,
    ILike,
    NotILike,
    In,
    NotIn,
    InCohort,
    NotInCohort,
    Regex,
    NotRegex,
    IRegex,
    NotIRegex,
}

/// Units of `INTERVAL`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the variants are the units' names")]
pub enum IntervalUnit {
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

/// How a cast was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the variants are the spellings")]
pub enum CastStyle {
    Cast,
    TryCast,
    DoubleColon,
}

/// `BOTH`, `LEADING`, `TRAILING`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the variants are the sides' names")]
pub enum TrimSide {
    Both,
    Leading,
    Trailing,
}

/// A piece of a template string.
#[derive(Debug, Clone, PartialEq)]
pub enum TemplatePart {
    /// Literal text, escapes resolved.
    Text {
        /// The text.
        value: String,
        /// Its place.
        span: Span,
    },
    /// `{expr}`.
    Expr(Expr),
}

/// `f(params)(args)`, `f(DISTINCT a ORDER BY b) FILTER (WHERE c)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The function's name; quoted names are allowed.
    pub name: Ident,
    /// The first of two argument lists, `quantile(0.9)(x)`.
    pub params: Option<Vec<Expr>>,
    /// The arguments.
    pub args: Vec<Expr>,
    /// `f(DISTINCT ..)`.
    pub distinct: bool,
    /// `f(a ORDER BY b)`.
    pub order_by: Vec<OrderItem>,
    /// `FILTER (WHERE c)`.
    pub filter: Option<Expr>,
    /// `WITHIN GROUP (ORDER BY x)`.
    pub within_group: Vec<OrderItem>,
}

/// A window function call.
#[derive(Debug, Clone, PartialEq)]
pub struct WindowCall {
    /// The function's name.
    pub name: Ident,
    /// The first parenthesised list (the arguments, or the parameters when `args` is there).
    pub exprs: Vec<Expr>,
    /// The second parenthesised list, if written.
    pub args: Option<Vec<Expr>>,
    /// `FILTER (WHERE c)`; the reference drops it.
    pub filter: Option<Expr>,
    /// The window.
    pub over: Over,
}

/// `OVER (spec)` or `OVER name`.
#[derive(Debug, Clone, PartialEq)]
pub enum Over {
    /// `OVER name`.
    Named(Ident),
    /// `OVER (..)`.
    Spec(WindowSpec),
}

/// `PARTITION BY .. ORDER BY .. ROWS BETWEEN .. AND ..`.
#[derive(Debug, Clone, PartialEq)]
pub struct WindowSpec {
    /// Place of the specification, parentheses excluded.
    pub span: Span,
    /// `PARTITION BY`.
    pub partition_by: Vec<Expr>,
    /// `ORDER BY`.
    pub order_by: Vec<OrderItem>,
    /// The frame.
    pub frame: Option<WindowFrame>,
}

/// `ROWS` or `RANGE` with one or two bounds.
#[derive(Debug, Clone, PartialEq)]
pub struct WindowFrame {
    /// Place in the text.
    pub span: Span,
    /// `RANGE` rather than `ROWS`.
    pub range: bool,
    /// First bound.
    pub start: FrameBound,
    /// Second bound, if `BETWEEN` was written.
    pub end: Option<FrameBound>,
}

/// One end of a frame.
#[derive(Debug, Clone, PartialEq)]
pub struct FrameBound {
    /// Place in the text.
    pub span: Span,
    /// What it is.
    pub kind: FrameBoundKind,
}

/// The forms of a frame bound.
#[derive(Debug, Clone, PartialEq)]
pub enum FrameBoundKind {
    /// `CURRENT ROW`.
    CurrentRow,
    /// `n PRECEDING`; unbounded if `None`.
    Preceding(Option<Box<Expr>>),
    /// `n FOLLOWING`; unbounded if `None`.
    Following(Option<Box<Expr>>),
}

/// `*`, `t.*`, with `EXCLUDE`.
#[derive(Debug, Clone, PartialEq)]
pub struct Star {
    /// Names before `.*`; empty for a bare star.
    pub qualifier: Vec<Ident>,
    /// `EXCLUDE (a, t.b)`: name chains; `None` if not written.
    pub exclude: Option<Vec<Vec<Ident>>>,
}

/// `COLUMNS(..)` and `(* REPLACE (..))`.
#[derive(Debug, Clone, PartialEq)]
pub enum Columns {
    /// `COLUMNS('regex')`.
    Regex(String),
    /// `COLUMNS(a, b)`.
    List(Vec<Expr>),
    /// `COLUMNS(* EXCLUDE (..) REPLACE (e AS a))`, `(* REPLACE (..))`.
    All {
        /// Names before `.*`, if any.
        qualifier: Vec<Ident>,
        /// Name chains left out.
        exclude: Vec<Vec<Ident>>,
        /// Replacements: expression and the column it replaces.
        replace: Vec<(Expr, Ident)>,
    },
}

/// A HogQLX tag.
#[derive(Debug, Clone, PartialEq)]
pub struct Tag {
    /// The tag's name.
    pub name: Ident,
    /// Attributes in order.
    pub attributes: Vec<TagAttribute>,
    /// What stands between the opening and the closing tag; `None` for `<T/>`.
    pub children: Option<Vec<Expr>>,
}

/// `name='text'`, `name={expr}`, `name`.
#[derive(Debug, Clone, PartialEq)]
pub struct TagAttribute {
    /// Place in the text.
    pub span: Span,
    /// The attribute's name.
    pub name: Ident,
    /// Its value; `None` for a bare name (which means true).
    pub value: Option<Expr>,
}
