//! Queries: select, set operations, joins.

use super::{Expr, Ident, Tag, WindowSpec};
use crate::Span;

/// A query with its place in the text.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// Place in the text.
    pub span: Span,
    /// What it is.
    pub kind: QueryKind,
}

/// The forms of a query.
#[derive(Debug, Clone, PartialEq)]
pub enum QueryKind {
    /// `SELECT ..`.
    Select(Box<Select>),
    /// `a UNION ALL b ..`: flat, as written; precedence is the resolver's business.
    Set(Box<SetQuery>),
    /// `{q}` in the place of a query.
    Placeholder(Expr),
    /// A single HogQLX tag in the place of a query.
    Tag(Box<Tag>, Span),
    /// `(VALUES (1, 2), (3, 4))`: refused by the dialect.
    Values(Vec<Vec<Expr>>),
    /// Put in place of text that could not be read.
    Error,
}

/// Several queries and the operators between them.
#[derive(Debug, Clone, PartialEq)]
pub struct SetQuery {
    /// `WITH` written before a parenthesised first member (the reference attaches it to the first select).
    pub ctes: Vec<Cte>,
    /// The first member.
    pub first: Query,
    /// The others, in order. Empty for a parenthesised query with clauses of its own, `(SELECT 1) LIMIT 1`.
    pub rest: Vec<SetMember>,
    /// `ORDER BY` after a parenthesised last member; the reference drops it.
    pub order_by: Vec<OrderItem>,
    /// `LIMIT`, `OFFSET` after a parenthesised last member.
    pub limit: Option<LimitClause>,
}

/// A member of a set query after the first.
#[derive(Debug, Clone, PartialEq)]
pub struct SetMember {
    /// The operator before it.
    pub op: SetOp,
    /// `BY NAME`.
    pub by_name: bool,
    /// The member.
    pub query: Query,
}

/// Set operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the variants are the operators' names")]
pub enum SetOp {
    UnionAll,
    UnionDistinct,
    Intersect,
    IntersectAll,
    IntersectDistinct,
    Except,
    ExceptAll,
}

/// One `SELECT`.
#[derive(Debug, Clone, PartialEq)]
pub struct Select {
    /// `WITH`.
    pub ctes: Vec<Cte>,
    /// `SELECT DISTINCT`.
    pub distinct: bool,
    /// The list.
    pub items: Vec<Expr>,
    /// `FROM`.
    pub from: Option<From>,
    /// `ARRAY JOIN`.
    pub array_join: Option<ArrayJoin>,
    /// `PREWHERE`.
    pub prewhere: Option<Expr>,
    /// `WHERE`.
    pub where_: Option<Expr>,
    /// `GROUP BY`.
    pub group_by: Option<GroupBy>,
    /// `HAVING`.
    pub having: Option<Expr>,
    /// `QUALIFY`: refused by the dialect.
    pub qualify: Option<Expr>,
    /// `WINDOW w AS (..)`.
    pub windows: Vec<(Ident, WindowSpec)>,
    /// `ORDER BY`.
    pub order_by: Vec<OrderItem>,
    /// `INTERPOLATE`; `Some(vec![])` when written without a list.
    pub interpolate: Option<Vec<Interpolate>>,
    /// `LIMIT n BY ..`.
    pub limit_by: Option<LimitBy>,
    /// `LIMIT`, `OFFSET`.
    pub limit: Option<LimitClause>,
}

/// `name AS (query)`, `expr AS name`.
#[derive(Debug, Clone, PartialEq)]
pub struct Cte {
    /// Place in the text.
    pub span: Span,
    /// The name.
    pub name: Ident,
    /// What it stands for.
    pub body: CteBody,
    /// `name (a, b) AS ..`.
    pub columns: Vec<Ident>,
    /// `WITH RECURSIVE`.
    pub recursive: bool,
    /// `AS MATERIALIZED` (true), `AS NOT MATERIALIZED` (false).
    pub materialized: Option<bool>,
    /// `USING KEY (a)`.
    pub using_key: Vec<Ident>,
}

/// A table or a value.
#[derive(Debug, Clone, PartialEq)]
pub enum CteBody {
    /// `name AS (query)`.
    Table(Query),
    /// `expr AS name`.
    Scalar(Expr),
}

/// `FROM`: a first table and the joins in textual order.
#[derive(Debug, Clone, PartialEq)]
pub struct From {
    /// The first table.
    pub first: TableRef,
    /// What is joined to it, in order.
    pub joins: Vec<Join>,
}

/// A table in `FROM`, with alias, `FINAL` and `SAMPLE`.
#[derive(Debug, Clone, PartialEq)]
pub struct TableRef {
    /// Place in the text.
    pub span: Span,
    /// The table.
    pub table: Table,
    /// Its alias.
    pub alias: Option<Ident>,
    /// `t x(c1, c2)`.
    pub column_aliases: Vec<Ident>,
    /// `FINAL`: refused by the dialect.
    pub final_: bool,
    /// `SAMPLE`.
    pub sample: Option<Sample>,
}

/// The forms of a table in `FROM`.
#[derive(Debug, Clone, PartialEq)]
pub enum Table {
    /// `a.b.c`.
    Name(Vec<Ident>),
    /// `name(args)`.
    Function {
        /// The function's name chain.
        name: Vec<Ident>,
        /// Arguments; named ones as [`super::ExprKind::NamedArgument`].
        args: Vec<Expr>,
    },
    /// `(SELECT ..)`, `(VALUES ..)`.
    Subquery(Box<Query>),
    /// `{placeholder}`.
    Placeholder(Box<Expr>),
    /// `<FunnelsQuery .../>`.
    Tag(Box<Tag>),
    /// `(a JOIN b ON ..)`: a parenthesised join; the reference flattens it.
    Join(Box<From>),
    /// `t PIVOT (..)`: refused by the dialect.
    Pivot(Box<Pivot>),
    /// `t UNPIVOT (..)`: refused by the dialect.
    Unpivot(Box<Unpivot>),
}

/// `t PIVOT (agg FOR col IN (..) GROUP BY ..)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Pivot {
    /// Place in the text, without what follows the parentheses.
    pub span: Span,
    /// The table.
    pub table: TableRef,
    /// Aggregates.
    pub aggregates: Vec<Expr>,
    /// `col IN (..)`.
    pub columns: Vec<PivotColumn>,
    /// `GROUP BY`.
    pub group_by: Vec<Expr>,
}

/// `col IN (..)` of a pivot.
#[derive(Debug, Clone, PartialEq)]
pub struct PivotColumn {
    /// Place in the text.
    pub span: Span,
    /// The column.
    pub column: Expr,
    /// Its values.
    pub values: Vec<Expr>,
}

/// `t UNPIVOT [INCLUDE NULLS] (v FOR n IN (..))`.
#[derive(Debug, Clone, PartialEq)]
pub struct Unpivot {
    /// Place in the text, without what follows the parentheses.
    pub span: Span,
    /// The table.
    pub table: TableRef,
    /// `INCLUDE NULLS`.
    pub include_nulls: bool,
    /// `v FOR n IN (..)`.
    pub columns: Vec<UnpivotColumn>,
}

/// `v FOR n IN (..)` of an unpivot.
#[derive(Debug, Clone, PartialEq)]
pub struct UnpivotColumn {
    /// Place in the text.
    pub span: Span,
    /// Value column or tuple.
    pub value: Expr,
    /// Name column or tuple.
    pub name: Expr,
    /// Source columns.
    pub sources: Vec<Expr>,
}

/// `SAMPLE r [OFFSET r]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Place in the text.
    pub span: Span,
    /// The share.
    pub ratio: Ratio,
    /// `OFFSET`.
    pub offset: Option<Ratio>,
    /// A `%` sign was written; the reference drops it.
    pub percent: bool,
    /// `(method)` suffix; the reference drops it.
    pub method: Option<Ident>,
}

/// `n`, `n/m`, or a placeholder.
#[derive(Debug, Clone, PartialEq)]
pub struct Ratio {
    /// Place in the text.
    pub span: Span,
    /// Numerator.
    pub left: Expr,
    /// Denominator.
    pub right: Option<Expr>,
}

/// A join to what stands before it.
#[derive(Debug, Clone, PartialEq)]
pub struct Join {
    /// Place in the text, from the join words to the end of the constraint.
    pub span: Span,
    /// The words, normalised as the reference stores them (`LEFT ANY JOIN`, `CROSS JOIN`, `JOIN`, ..).
    pub words: String,
    /// Which rows.
    pub kind: JoinKind,
    /// How many matches.
    pub strictness: Option<Strictness>,
    /// `NATURAL`; the reference drops it.
    pub natural: bool,
    /// The right side.
    pub table: TableRef,
    /// `ON`, `USING`; none at all is allowed by the grammar.
    pub constraint: Option<JoinConstraint>,
}

/// Sides of a join.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the variants are the kinds' names")]
pub enum JoinKind {
    Inner,
    Left,
    Right,
    Full,
    Cross,
    Positional,
}

/// ClickHouse's strictness words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the variants are the words")]
pub enum Strictness {
    All,
    Any,
    Asof,
    Semi,
    Anti,
    AsofSemi,
    AsofAnti,
}

/// `ON expr`, `USING (a, b)`.
#[derive(Debug, Clone, PartialEq)]
pub enum JoinConstraint {
    /// `ON expr`.
    On(Expr),
    /// `USING (a, b)`: the columns.
    Using(Vec<Expr>, Span),
}

/// `[LEFT|INNER] ARRAY JOIN a AS x, ..`.
#[derive(Debug, Clone, PartialEq)]
pub struct ArrayJoin {
    /// Which words.
    pub kind: ArrayJoinKind,
    /// Each with an alias.
    pub items: Vec<Expr>,
    /// Place in the text.
    pub span: Span,
}

/// Words before `ARRAY JOIN`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the variants are the words")]
pub enum ArrayJoinKind {
    Plain,
    Inner,
    Left,
}

/// `GROUP BY`.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupBy {
    /// Place in the text.
    pub span: Span,
    /// Which form.
    pub kind: GroupByKind,
    /// `WITH CUBE` or `WITH ROLLUP` written after the list; the reference drops it.
    pub with: Option<GroupByWith>,
    /// `WITH TOTALS`; the reference drops it.
    pub totals: bool,
}

/// The forms of `GROUP BY`.
#[derive(Debug, Clone, PartialEq)]
pub enum GroupByKind {
    /// `GROUP BY a, b`.
    List(Vec<Expr>),
    /// `GROUP BY ALL`.
    All,
    /// `GROUP BY CUBE(a, b)`.
    Cube(Vec<Expr>),
    /// `GROUP BY ROLLUP(a, b)`.
    Rollup(Vec<Expr>),
    /// `GROUP BY GROUPING SETS ((a), (b), ())`: expressions of kind [`super::ExprKind::GroupingSet`].
    GroupingSets(Vec<Expr>),
}

/// `WITH CUBE`, `WITH ROLLUP`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the variants are the words")]
pub enum GroupByWith {
    Cube,
    Rollup,
}

/// One item of `ORDER BY`.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderItem {
    /// Place in the text.
    pub span: Span,
    /// By what.
    pub expr: Expr,
    /// `DESC`.
    pub descending: bool,
    /// `NULLS FIRST` (true), `NULLS LAST` (false); the reference drops it.
    pub nulls_first: Option<bool>,
    /// `COLLATE 's'`; the reference drops it.
    pub collate: Option<String>,
    /// `WITH FILL`.
    pub with_fill: Option<WithFill>,
}

/// `WITH FILL [FROM e] [TO e] [STEP e]`.
#[derive(Debug, Clone, PartialEq)]
pub struct WithFill {
    /// Place in the text.
    pub span: Span,
    /// `FROM`.
    pub from: Option<Expr>,
    /// `TO`.
    pub to: Option<Expr>,
    /// `STEP`.
    pub step: Option<Expr>,
}

/// `expr [AS value]` of `INTERPOLATE`; an `AS` that can make an alias of the expression does so, as in `a AS b`.
#[derive(Debug, Clone, PartialEq)]
pub struct Interpolate {
    /// Place in the text.
    pub span: Span,
    /// The column, or whatever is written for it.
    pub expr: Expr,
    /// What it gets.
    pub value: Option<Expr>,
}

/// `LIMIT n [OFFSET m] BY exprs`.
#[derive(Debug, Clone, PartialEq)]
pub struct LimitBy {
    /// Place in the text.
    pub span: Span,
    /// Rows a group.
    pub limit: Expr,
    /// Rows to skip in each group.
    pub offset: Option<Expr>,
    /// The group.
    pub by: Vec<Expr>,
}

/// `LIMIT`, `OFFSET`, `WITH TIES`, percent. `LIMIT a, b` is limit a offset b, as in the reference.
#[derive(Debug, Clone, PartialEq)]
pub struct LimitClause {
    /// Place in the text.
    pub span: Span,
    /// `LIMIT`.
    pub limit: Option<Expr>,
    /// `LIMIT n%`.
    pub percent: bool,
    /// `WITH TIES`.
    pub with_ties: bool,
    /// `OFFSET`.
    pub offset: Option<Expr>,
    /// An earlier `LIMIT` that a later one replaced (the reference takes the last silently).
    pub repeated: Option<Span>,
    /// Written `LIMIT a, b`.
    pub comma: bool,
}
