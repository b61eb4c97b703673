//! Expressions taken apart and put together: equality without places, replacement by columns, size.

use super::scope::Scope;
use crate::error::Error;
use crate::ir::{ColumnId, Expr, ExprKind, Lambda};
use hogql_syntax::Span;

/// The expression with each direct child replaced; a lambda's body is a child, a subquery is not.
pub(super) fn map_children(expr: Expr, map: &mut dyn FnMut(Expr) -> Expr) -> Expr {
    let Expr { kind, ty, span } = expr;
    Expr { kind: map_kind(kind, map), ty, span }
}

fn map_kind(kind: ExprKind, map: &mut dyn FnMut(Expr) -> Expr) -> ExprKind {
    match kind {
        ExprKind::Literal(_)
        | ExprKind::Column(_)
        | ExprKind::LambdaVariable(_)
        | ExprKind::ScalarSubquery(_) => kind,
        ExprKind::Kernel { name, args } => ExprKind::Kernel { name, args: map_all(args, map) },
        ExprKind::Coalesce(args) => ExprKind::Coalesce(map_all(args, map)),
        ExprKind::And(args) => ExprKind::And(map_all(args, map)),
        ExprKind::Or(args) => ExprKind::Or(map_all(args, map)),
        ExprKind::HigherOrder { name, lambda, args } => {
            let lambda = Lambda { params: lambda.params, body: map(lambda.body) };
            ExprKind::HigherOrder { name, lambda: Box::new(lambda), args: map_all(args, map) }
        }
        ExprKind::Arithmetic { op, left, right } => {
            ExprKind::Arithmetic { op, left: map_box(left, map), right: map_box(right, map) }
        }
        ExprKind::Compare { op, left, right, nulls } => {
            ExprKind::Compare { op, left: map_box(left, map), right: map_box(right, map), nulls }
        }
        ExprKind::Like { expr, pattern, negated, case_insensitive, nulls } => {
            let (expr, pattern) = (map_box(expr, map), map_box(pattern, map));
            ExprKind::Like { expr, pattern, negated, case_insensitive, nulls }
        }
        ExprKind::Regex { expr, pattern, negated, case_insensitive, nulls } => {
            let (expr, pattern) = (map_box(expr, map), map_box(pattern, map));
            ExprKind::Regex { expr, pattern, negated, case_insensitive, nulls }
        }
        ExprKind::In { expr, list, negated } => {
            ExprKind::In { expr: map_box(expr, map), list: map_all(list, map), negated }
        }
        ExprKind::InSubquery { expr, rel, negated } => {
            ExprKind::InSubquery { expr: map_box(expr, map), rel, negated }
        }
        ExprKind::Not(expr) => ExprKind::Not(map_box(expr, map)),
        ExprKind::IsNull { expr, negated } => {
            ExprKind::IsNull { expr: map_box(expr, map), negated }
        }
        ExprKind::Case { branches, otherwise } => {
            let branches = branches
                .into_iter()
                .map(|(condition, value)| (map(condition), map(value)))
                .collect();
            ExprKind::Case { branches, otherwise: map_box(otherwise, map) }
        }
        ExprKind::Cast { expr, safe } => ExprKind::Cast { expr: map_box(expr, map), safe },
        ExprKind::Property { json, path } => ExprKind::Property { json: map_box(json, map), path },
    }
}

#[expect(clippy::boxed_local, reason = "the box is what the tree holds")]
fn map_box(expr: Box<Expr>, map: &mut dyn FnMut(Expr) -> Expr) -> Box<Expr> {
    Box::new(map(*expr))
}

fn map_all(exprs: Vec<Expr>, map: &mut dyn FnMut(Expr) -> Expr) -> Vec<Expr> {
    exprs.into_iter().map(map).collect()
}

/// The expression without places, and with parameters of its lambdas named by their depth, so that equal ones compare equal.
pub(super) fn erased(expr: &Expr) -> Expr {
    erase(expr.clone(), &mut Vec::new())
}

/// `bound` holds the parameters of the lambdas around the part, outermost first.
fn erase(expr: Expr, bound: &mut Vec<String>) -> Expr {
    let expr = Expr { span: Span::default(), ..expr };
    match expr.kind {
        ExprKind::LambdaVariable(name) => {
            let depth = bound.iter().rposition(|known| *known == name);
            let name = depth.map_or(name, |depth| depth.to_string());
            Expr { kind: ExprKind::LambdaVariable(name), ..expr }
        }
        ExprKind::HigherOrder { name, lambda, args } => {
            let args = args.into_iter().map(|arg| erase(arg, bound)).collect();
            let lambda = Box::new(erase_lambda(*lambda, bound));
            Expr { kind: ExprKind::HigherOrder { name, lambda, args }, ..expr }
        }
        _ => map_children(expr, &mut |child| erase(child, bound)),
    }
}

fn erase_lambda(lambda: Lambda, bound: &mut Vec<String>) -> Lambda {
    let outer = bound.len();
    let mut params = Vec::with_capacity(lambda.params.len());
    for (name, ty) in lambda.params {
        params.push((bound.len().to_string(), ty));
        bound.push(name);
    }
    let body = erase(lambda.body, bound);
    bound.truncate(outer);
    Lambda { params, body }
}

/// Whether two expressions are equal but for their places.
pub(super) fn same(left: &Expr, right: &Expr) -> bool {
    left.ty == right.ty
        && std::mem::discriminant(&left.kind) == std::mem::discriminant(&right.kind)
        && erased(left) == erased(right)
}

/// What it costs to plan an expression: its nodes times its height, as the type of each node is asked for at each level above.
pub(super) fn cost(expr: &Expr) -> usize {
    let (size, height) = measure(expr);
    size.saturating_mul(height)
}

/// Nodes of an expression, and how many stand on each other.
fn measure(expr: &Expr) -> (usize, usize) {
    let (mut size, mut height) = (1, 0);
    expr.children(&mut |child| {
        let (nodes, above) = measure(child);
        size += nodes;
        height = height.max(above);
    });
    (size, height + 1)
}

/// Calls `visit` for each column of the expression.
pub(super) fn columns(expr: &Expr, visit: &mut dyn FnMut(ColumnId, Span)) {
    if let ExprKind::Column(id) = expr.kind {
        visit(id, expr.span);
    }
    expr.children(&mut |child| columns(child, visit));
}

/// Whether one of the columns occurs in the expression.
pub(super) fn mentions(expr: &Expr, ids: &[ColumnId]) -> bool {
    let mut found = false;
    columns(expr, &mut |id, _| found = found || ids.contains(&id));
    found
}

/// Expressions and the columns that hold them.
#[derive(Debug, Default)]
pub(super) struct Replacements(Vec<(Expr, ColumnId)>);

impl Replacements {
    /// Expressions that are known to be in columns.
    pub(super) fn new(pairs: impl IntoIterator<Item = (Expr, ColumnId)>) -> Self {
        Self(pairs.into_iter().map(|(expr, id)| (erased(&expr), id)).collect())
    }

    /// The expression with every part that is known replaced by its column.
    pub(super) fn apply(&self, expr: Expr) -> Expr {
        if let Some(id) = self.find(&expr) {
            return Expr { kind: ExprKind::Column(id), ty: expr.ty, span: expr.span };
        }
        map_children(expr, &mut |child| self.apply(child))
    }

    fn find(&self, expr: &Expr) -> Option<ColumnId> {
        if matches!(expr.kind, ExprKind::Literal(_)) {
            return None;
        }
        let kind = std::mem::discriminant(&expr.kind);
        let candidates = self.0.iter().filter(|(known, _)| {
            known.ty == expr.ty && std::mem::discriminant(&known.kind) == kind
        });
        let mut own = None;
        for (known, id) in candidates {
            if *known == *own.get_or_insert_with(|| erased(expr)) {
                return Some(*id);
            }
        }
        None
    }
}

/// Names of a SELECT's columns, for messages.
#[derive(Debug, Default)]
pub(super) struct Names(Vec<(ColumnId, String)>);

impl Names {
    /// The columns of the scope's tables.
    pub(super) fn of(scope: &Scope) -> Self {
        let mut names = Vec::new();
        scope.bindings.iter().for_each(|binding| binding.collect_names(&mut names));
        Self(names)
    }

    /// The error that a column is neither grouped nor aggregated.
    pub(super) fn not_grouped(&self, id: ColumnId, span: Span) -> Error {
        let name = self
            .0
            .iter()
            .find(|(known, _)| *known == id)
            .map_or("this column", |(_, name)| name.as_str());
        let message = format!("`{name}` is neither in GROUP BY nor inside an aggregate");
        let hint = format!("add it to GROUP BY, or take one value of each group: `any({name})`");
        Error::query("H0210", span, message).with_hint(hint)
    }
}
