//! What names mean inside one SELECT.

use super::from::JoinTree;
use crate::error::Error;
use crate::ir::{Aggregate, ColumnId, Expr, Rel, WindowCall};
use crate::tables::{PropertyOwner, Table};
use crate::types::Type;
use hogql_syntax::{Span, ast};
use std::rc::Rc;

/// The names of one SELECT and what its expressions have collected so far.
#[derive(Debug, Default)]
pub(super) struct Scope {
    /// Tables of `FROM`, in order.
    pub bindings: Vec<Binding>,
    /// How they are joined; `None` without `FROM`.
    pub tree: Option<JoinTree>,
    /// Columns that `FULL JOIN .. USING` has made of both sides' columns.
    pub merged: Vec<(String, Expr)>,
    /// Aliases defined so far.
    pub aliases: Vec<Alias>,
    /// CTEs in sight.
    pub ctes: Ctes,
    /// `WINDOW w AS (..)`.
    pub windows: Vec<(ast::Ident, ast::WindowSpec)>,
    /// Parameters of the lambdas around the expression, innermost last.
    pub lambdas: Vec<LambdaParameter>,
    /// Where the expression stands.
    pub clause: Clause,
    /// Within the arguments of an aggregate or a window function.
    pub inside: Option<Inside>,
    /// Aggregates and the columns that hold them.
    pub aggregates: Vec<(ColumnId, Aggregate)>,
    /// Window functions and the columns that hold them.
    pub window_calls: Vec<(ColumnId, WindowCall)>,
    /// `arrayJoin(array)` and the columns that hold its elements.
    pub unnested: Vec<(ColumnId, Expr)>,
    /// Text of a virtual table's definition: it may name the source's tables, and reads properties as raw text.
    pub trusted: bool,
    /// Properties are read as raw text, whatever the definitions say.
    pub raw_properties: bool,
}

/// A clause of a SELECT.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Clause {
    #[default]
    Select,
    On,
    ArrayJoin,
    Where,
    GroupBy,
    Having,
    OrderBy,
    LimitBy,
    Constant,
}

/// Calls whose arguments may hold no aggregate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Inside {
    Aggregate,
    Window,
}

impl Clause {
    /// The clause's words.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Select => "SELECT",
            Self::On => "a join's condition",
            Self::ArrayJoin => "ARRAY JOIN",
            Self::Where => "WHERE",
            Self::GroupBy => "GROUP BY",
            Self::Having => "HAVING",
            Self::OrderBy => "ORDER BY",
            Self::LimitBy => "LIMIT BY",
            Self::Constant => "a constant",
        }
    }

    pub(super) const fn allows_aggregates(self) -> bool {
        matches!(self, Self::Select | Self::Having | Self::OrderBy | Self::LimitBy)
    }

    pub(super) const fn allows_windows(self) -> bool {
        matches!(self, Self::Select | Self::OrderBy)
    }
}

/// An expression and what is known of it besides its type.
#[derive(Debug, Clone)]
pub(super) struct Value {
    /// The expression.
    pub expr: Expr,
    /// Set if it is JSON text that can be asked for a property.
    pub json: Option<Json>,
}

/// JSON text: whose properties it holds, if that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Json {
    pub owner: Option<PropertyOwner>,
}

impl Value {
    /// An ordinary value.
    pub(super) const fn plain(expr: Expr) -> Self {
        Self { expr, json: None }
    }

    /// The same from another place of the text.
    pub(super) fn at(mut self, span: Span) -> Self {
        self.expr.span = span;
        self
    }
}

/// `expr AS name`.
#[derive(Debug)]
pub(super) struct Alias {
    pub name: String,
    pub span: Span,
    /// What it stands for, or what was wrong with it.
    pub value: Result<Value, Error>,
    /// What it costs to plan the expression.
    pub cost: usize,
}

/// A parameter of a lambda.
#[derive(Debug)]
pub(super) struct LambdaParameter {
    pub name: String,
    /// Its name in the intermediate language.
    pub unique: String,
    pub ty: Type,
}

/// CTEs in sight, the latest first.
pub(super) type Ctes = Option<Rc<Cte>>;

/// A CTE and those before it, which its body sees.
#[derive(Debug)]
pub(super) struct Cte {
    pub definition: ast::Cte,
    pub outer: Ctes,
}

impl Scope {
    /// An empty scope that sees these CTEs.
    pub(super) fn new(ctes: Ctes, trusted: bool) -> Self {
        Self { ctes, trusted, ..Self::default() }
    }

    /// The alias of that name.
    pub(super) fn alias(&self, name: &str) -> Option<&Alias> {
        self.aliases.iter().find(|alias| alias.name == name)
    }

    /// The CTE of that name.
    pub(super) fn cte(&self, name: &str) -> Option<Rc<Cte>> {
        let mut next = self.ctes.as_ref();
        while let Some(cte) = next {
            if cte.definition.name.value == name {
                return Some(Rc::clone(cte));
            }
            next = cte.outer.as_ref();
        }
        None
    }
}

/// A table of `FROM`.
#[derive(Debug, Default)]
pub(super) struct Binding {
    /// The name it goes by.
    pub name: String,
    pub span: Span,
    pub contents: Contents,
    /// The definition, if it is a virtual table.
    pub table: Option<Rc<Table>>,
    /// Fields that are expressions, once resolved.
    pub computed: Vec<(String, Value)>,
    /// Tables joined because a field behind them is used.
    pub joins: Vec<Lazy>,
    /// Columns that `USING` has merged with those of an earlier table: not found without a qualifier.
    pub merged: Vec<String>,
    /// Only tested for existence (`SEMI`, `ANTI`): its fields cannot be used.
    pub only_tested: bool,
}

/// Where a binding's columns come from.
#[derive(Debug, Default)]
pub(super) enum Contents {
    /// No columns.
    #[default]
    Nothing,
    /// A relation that is complete.
    Fixed { rel: Box<Rel>, columns: Vec<FixedColumn> },
    /// Rows of a source's table: the columns asked for so far.
    Scan { table: crate::ir::SourceTable, columns: Vec<crate::ir::Column> },
    /// A virtual table's query: the fields asked for so far.
    Open(Box<Open>),
}

/// A column of a complete relation.
#[derive(Debug, Clone)]
pub(super) struct FixedColumn {
    pub name: String,
    pub id: ColumnId,
    pub ty: Type,
    pub json: Option<Json>,
}

/// A virtual table's query to which items are still added.
#[derive(Debug)]
pub(super) struct Open {
    pub block: super::select::Block,
    pub items: Vec<super::select::Item>,
}

/// A table joined because a field behind its name is used.
#[derive(Debug)]
pub(super) struct Lazy {
    pub name: String,
    pub binding: Binding,
    pub on: Expr,
}

impl Binding {
    /// Whether the table has a field of that name.
    pub(super) fn has(&self, name: &str, trusted: bool) -> bool {
        if name.starts_with("source.") && !trusted {
            return false;
        }
        match (&self.table, &self.contents) {
            (Some(table), _) => table.field(name).is_some(),
            (None, Contents::Fixed { columns, .. }) => {
                columns.iter().any(|column| column.name == name)
            }
            _ => false,
        }
    }

    /// The names of all its fields.
    pub(super) fn field_names(&self) -> Vec<String> {
        match (&self.table, &self.contents) {
            (Some(table), _) => {
                let names = table.fields.iter().map(|field| field.name.to_string());
                names.filter(|name| !name.starts_with("source.")).collect()
            }
            (None, Contents::Fixed { columns, .. }) => {
                columns.iter().map(|column| column.name.clone()).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Adds its columns and their names.
    pub(super) fn collect_names(&self, names: &mut Vec<(ColumnId, String)>) {
        match &self.contents {
            Contents::Nothing => {}
            Contents::Fixed { columns, .. } => {
                names.extend(columns.iter().map(|column| (column.id, column.name.clone())))
            }
            Contents::Scan { columns, .. } => {
                names.extend(columns.iter().map(|column| (column.id, column.name.clone())))
            }
            Contents::Open(open) => {
                names.extend(open.items.iter().map(|item| (item.id, item.name.clone())))
            }
        }
        self.joins.iter().for_each(|join| join.binding.collect_names(names));
    }
}
