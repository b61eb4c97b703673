//! Subqueries in value position, and the right side of `IN`.

use super::Resolver;
use super::operators::is_untyped_property;
use super::query::Answer;
use super::scope::{Scope, Value};
use crate::error::Error;
use crate::functions::operators;
use crate::ir::{self, Column, Expr, ExprKind, Rel, RelKind};
use crate::types::{Kind, Type};
use hogql_syntax::{Span, ast};

impl Resolver<'_> {
    /// `(SELECT ..)` as a value: one column, one row; NULL without rows.
    pub(super) fn scalar_subquery(
        &mut self,
        scope: &Scope,
        query: &ast::Query,
        span: Span,
    ) -> Result<Expr, Error> {
        let rel = self.inner(scope, query)?.rel;
        let [column] = rel.columns.as_slice() else {
            let message = format!(
                "a subquery used as a value must have one column, found {}",
                rel.columns.len()
            );
            return Err(Error::query("H0260", span, message));
        };
        let ty = column.ty.to_nullable();
        Ok(Expr { kind: ExprKind::ScalarSubquery(Box::new(rel)), ty, span })
    }

    /// A subquery that does not see this SELECT's tables.
    fn inner(&mut self, scope: &Scope, query: &ast::Query) -> Result<Answer, Error> {
        let tables = scope.bindings.iter().map(|binding| binding.name.clone());
        let fields = scope.bindings.iter().flat_map(|binding| binding.field_names());
        self.around.push(tables.chain(fields).filter(|name| !name.is_empty()).collect());
        let answer = self.answer(query, &scope.ctes, scope.trusted);
        self.around.pop();
        answer
    }

    /// `left [NOT] IN right`.
    pub(super) fn membership(
        &mut self,
        scope: &mut Scope,
        left: &ast::Expr,
        right: &ast::Expr,
        negated: bool,
        span: Span,
    ) -> Result<Expr, Error> {
        let tested = self.expr(scope, left)?;
        if let ast::ExprKind::Subquery(query) = &right.kind {
            let answer = self.inner(scope, query)?;
            return self.in_subquery(tested, answer, negated, span);
        }
        if let Some(answer) = self.table_on_the_right(scope, right)? {
            return self.in_subquery(tested, answer, negated, span);
        }
        let list = match &right.kind {
            ast::ExprKind::Tuple(items) if !is_row(&tested, items) => self.exprs(scope, items)?,
            ast::ExprKind::Array(items) => self.exprs(scope, items)?,
            _ => {
                let set = self.value(scope, right)?;
                return self.in_value(tested, set, negated, span);
            }
        };
        self.in_list(tested, list, negated, span)
    }

    /// `x IN cte`: the rows of a table CTE.
    fn table_on_the_right(
        &mut self,
        scope: &Scope,
        right: &ast::Expr,
    ) -> Result<Option<Answer>, Error> {
        let ast::ExprKind::Field(chain) = &right.kind else { return Ok(None) };
        match chain.as_slice() {
            [name] if scope.alias(&name.value).is_none() => {
                Ok(self.table_cte(scope, &name.value)?.map(|(answer, _)| answer))
            }
            _ => Ok(None),
        }
    }

    /// `IN` a single value: a constant list, an array, or one element.
    fn in_value(
        &mut self,
        tested: Expr,
        set: Value,
        negated: bool,
        span: Span,
    ) -> Result<Expr, Error> {
        let set = set.expr;
        let same_shape =
            std::mem::discriminant(&set.ty.kind) == std::mem::discriminant(&tested.ty.kind);
        let elements = match (&set.kind, &set.ty.kind) {
            (ExprKind::Literal(ir::Value::List(values)), Kind::Array(element)) => {
                values.iter().map(|value| element_of(value, element, set.span)).collect()
            }
            (ExprKind::Literal(ir::Value::List(values)), Kind::Tuple(types)) if !same_shape => {
                values
                    .iter()
                    .zip(types)
                    .map(|(value, (_, ty))| element_of(value, ty, set.span))
                    .collect()
            }
            (_, Kind::Array(_)) => {
                let found = self.call_builtin("has", vec![set, tested], span)?;
                return if negated { operators::not(found, span) } else { Ok(found) };
            }
            _ => vec![set],
        };
        self.in_list(tested, elements, negated, span)
    }

    fn in_list(
        &mut self,
        tested: Expr,
        list: Vec<Expr>,
        negated: bool,
        span: Span,
    ) -> Result<Expr, Error> {
        let numbers = !list.is_empty() && list.iter().all(|element| element.ty.is_number());
        let tested = match (is_untyped_property(&tested), numbers, list.first()) {
            (true, true, Some(first)) => self.read_beside(tested, &first.ty),
            _ => tested,
        };
        operators::membership(&tested, list, negated, span, self.settings)
    }

    /// `IN (SELECT ..)`: several columns are one tuple; both sides get one type.
    fn in_subquery(
        &mut self,
        tested: Expr,
        answer: Answer,
        negated: bool,
        span: Span,
    ) -> Result<Expr, Error> {
        if tested.depends_on_lambda() {
            return Err(Error::not_supported(span, "IN (SELECT ..) of a lambda's parameter")
                .with_hint("look in an array: `has((SELECT groupUniqArray(column) FROM ..), x)`"));
        }
        let rel = answer.rel;
        let ty = match rel.columns.as_slice() {
            [only] => only.ty.clone(),
            several => Type::tuple(several.iter().map(|column| column.ty.clone())),
        };
        if let (Kind::Tuple(left), Kind::Tuple(right)) = (&tested.ty.kind, &ty.kind) {
            if left.len() != right.len() {
                let message = format!(
                    "the tuple has {} elements, the subquery {} columns",
                    left.len(),
                    right.len()
                );
                return Err(Error::query("H0261", span, message));
            }
        } else if rel.columns.len() > 1 {
            let message =
                format!("the subquery of IN must have one column, found {}", rel.columns.len());
            return Err(Error::query("H0261", span, message));
        }
        let common = if alike(&tested.ty.kind, &ty.kind) {
            tested.ty.clone()
        } else {
            let common = operators::common_type(&[tested.ty.clone(), ty.clone()]);
            common.ok_or_else(|| incomparable(&tested, &ty, span))?
        };
        let rel = self.one_column(rel, &common, ty, span)?;
        let expr = Box::new(operators::convert(tested, &common.kind));
        Ok(Expr {
            kind: ExprKind::InSubquery { expr, rel: Box::new(rel), negated },
            ty: Type::UINT8,
            span,
        })
    }

    /// The relation as a single column of a type.
    fn one_column(&mut self, rel: Rel, common: &Type, ty: Type, span: Span) -> Result<Rel, Error> {
        let reference = |column: &Column| Expr {
            kind: ExprKind::Column(column.id),
            ty: column.ty.clone(),
            span,
        };
        let value = match rel.columns.as_slice() {
            [only] if only.ty.kind == common.kind => return Ok(rel),
            [only] => reference(only),
            several => {
                let mut value =
                    self.call_builtin("tuple", several.iter().map(reference).collect(), span)?;
                value.ty = ty;
                value
            }
        };
        let value = if alike(&value.ty.kind, &common.kind) {
            value
        } else {
            operators::convert(value, &common.kind)
        };
        let columns =
            vec![Column { id: self.fresh(), name: "element".to_owned(), ty: value.ty.clone() }];
        Ok(Rel { kind: RelKind::Project { input: Box::new(rel), exprs: vec![value] }, columns })
    }
}

/// Kinds that are laid out alike, so that no conversion is needed: UUIDs are text, instants are microseconds.
fn alike(left: &Kind, right: &Kind) -> bool {
    match (left, right) {
        (Kind::String | Kind::Uuid, Kind::String | Kind::Uuid) => true,
        (
            Kind::DateTime(_) | Kind::DateTime64(_, _),
            Kind::DateTime(_) | Kind::DateTime64(_, _),
        ) => true,
        (Kind::Tuple(left), Kind::Tuple(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right)
                    .all(|((_, left), (_, right))| alike(&left.kind, &right.kind))
        }
        _ => left == right,
    }
}

/// Whether the items in parentheses are one tuple rather than a list: `(a, b) IN (1, 2)`.
fn is_row(tested: &Expr, items: &[ast::Expr]) -> bool {
    let nested = items.iter().any(|item| matches!(item.kind, ast::ExprKind::Tuple(_)));
    matches!(tested.ty.kind, Kind::Tuple(_)) && !nested
}

fn element_of(value: &ir::Value, ty: &Type, span: Span) -> Expr {
    let ty = if matches!(value, ir::Value::Null) { ty.to_nullable() } else { ty.clone() };
    Expr { kind: ExprKind::Literal(value.clone()), ty, span }
}

fn incomparable(tested: &Expr, ty: &Type, span: Span) -> Error {
    let error = Error::query(
        "H0303",
        span,
        format!("{} cannot be compared with the subquery's {ty}", tested.ty),
    );
    error.with_hint("convert one side: `toString(..)`, `toFloat(..)`")
}
