//! Relations.

use super::{Aggregate, ColumnId, Expr, SortKey, WindowCall};
use crate::types::Type;

/// A relation and the columns it gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Rel {
    /// How it is made.
    pub kind: RelKind,
    /// Its columns, in order.
    pub columns: Vec<Column>,
}

/// A column of a relation.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its id.
    pub id: ColumnId,
    /// A name for people who read plans; it need not be unique.
    pub name: String,
    /// Its type.
    pub ty: Type,
}

/// How a relation is made.
#[derive(Debug, Clone, PartialEq)]
pub enum RelKind {
    /// Rows of a source table. `columns[i]` of the relation is the source's column `source_columns[i]`.
    Scan {
        /// Which table of the source.
        table: SourceTable,
        /// Names of the columns in the source, parallel to [`Rel::columns`].
        source_columns: Vec<String>,
    },
    /// One row without columns: `SELECT 1`.
    One,
    /// `numbers(offset, count)`: one `UInt64` column.
    Numbers {
        /// First number.
        offset: u64,
        /// How many.
        count: u64,
    },
    /// Rows for which the predicate is true (not 0, not NULL).
    Filter {
        /// From.
        input: Box<Rel>,
        /// Condition.
        predicate: Expr,
    },
    /// Computed columns, parallel to [`Rel::columns`].
    Project {
        /// From.
        input: Box<Rel>,
        /// The expressions.
        exprs: Vec<Expr>,
    },
    /// One row for each group. Columns: the keys, then the aggregates; with `sets`, a key left out is its type's default.
    Aggregate {
        /// From.
        input: Box<Rel>,
        /// Group keys.
        keys: Vec<Expr>,
        /// Grouping sets; `None` groups by all keys.
        sets: Option<GroupingSets>,
        /// Aggregates.
        aggregates: Vec<Aggregate>,
    },
    /// The input's columns, then one for each window function.
    Window {
        /// From.
        input: Box<Rel>,
        /// The functions.
        calls: Vec<WindowCall>,
    },
    /// The left side's columns, then the right side's. Non-nullable columns of a side that finds no partner get their
    /// type's default (ClickHouse's `join_use_nulls = 0`).
    Join {
        /// Left side.
        left: Box<Rel>,
        /// Right side.
        right: Box<Rel>,
        /// Which rows.
        kind: JoinKind,
        /// Condition with plain SQL NULL semantics; `None` for a cross join.
        on: Option<Expr>,
    },
    /// `ARRAY JOIN`: the input's columns, then one for each array, a row for each element (several arrays go in step).
    ArrayJoin {
        /// From.
        input: Box<Rel>,
        /// The arrays.
        arrays: Vec<Expr>,
        /// Keep rows whose arrays are empty, with defaults (`LEFT ARRAY JOIN`).
        keep_empty: bool,
    },
    /// Rows in order.
    Sort {
        /// From.
        input: Box<Rel>,
        /// By what.
        keys: Vec<SortKey>,
    },
    /// The first rows. With `ties`, also the rows equal to the last one under those keys.
    Limit {
        /// From.
        input: Box<Rel>,
        /// How many; `None` is all.
        limit: Option<u64>,
        /// How many to skip first.
        offset: u64,
        /// The sort keys that define a tie.
        ties: Option<Vec<SortKey>>,
    },
    /// `LIMIT n BY`: the first rows of each group, in the input's order as given by `order`.
    LimitBy {
        /// From.
        input: Box<Rel>,
        /// Rows a group.
        limit: u64,
        /// Rows to skip in each group.
        offset: u64,
        /// The group.
        by: Vec<Expr>,
        /// The order of the input.
        order: Vec<SortKey>,
    },
    /// Rows without duplicates.
    Distinct {
        /// From.
        input: Box<Rel>,
    },
    /// A set operation; the sides' columns match by position and have the same types as [`Rel::columns`].
    Set {
        /// Which.
        op: SetOp,
        /// Left side.
        left: Box<Rel>,
        /// Right side.
        right: Box<Rel>,
    },
}

/// Several groupings of the same rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupingSets {
    /// The keys of each grouping, as positions among all keys.
    pub sets: Vec<Vec<usize>>,
    /// Whether no rows give no group. The set of no keys, written as such, gives one even then; that of `ROLLUP` and
    /// `CUBE` does not.
    pub needs_rows: bool,
}

/// Tables that a source may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SourceTable {
    /// Event rows.
    Events,
    /// Person rows, one for each change of a distinct id (PostHog's persons export).
    Persons,
    /// Distinct id to person overrides.
    Overrides,
    /// Group rows.
    Groups,
}

/// Join kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the variants are the kinds' names")]
pub enum JoinKind {
    Inner,
    Left,
    Right,
    Full,
    Cross,
    LeftSemi,
    LeftAnti,
}

/// Set operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the variants are the operations' names")]
pub enum SetOp {
    UnionAll,
    UnionDistinct,
    IntersectAll,
    IntersectDistinct,
    ExceptAll,
    ExceptDistinct,
}
