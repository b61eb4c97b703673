//! Joins: which rows, and on what.

use super::Resolver;
use super::from::JoinTree;
use super::scope::{Clause, Scope};
use crate::error::Error;
use crate::functions::{self, operators};
use crate::ir::{CompareOp, Expr, ExprKind, JoinKind, NullRule};
use hogql_syntax::{Span, ast};

impl Resolver<'_> {
    /// What stands before it, joined with the right side.
    pub(super) fn join(
        &mut self,
        scope: &mut Scope,
        left: JoinTree,
        join: &ast::Join,
    ) -> Result<JoinTree, Error> {
        let kind = join_kind(join)?;
        if join.natural {
            self.dropped(join.span, "NATURAL")?;
        }
        let lefts = scope.bindings.len();
        let right = self.table_ref(scope, &join.table)?;
        let on = match &join.constraint {
            Some(ast::JoinConstraint::On(condition)) => Some(self.on(scope, condition)?),
            Some(ast::JoinConstraint::Using(columns, span)) => {
                Some(self.using(scope, columns, lefts, kind, *span)?)
            }
            None if kind == JoinKind::Cross => None,
            None => {
                let error = Error::query("H0240", join.span, "the join has no condition");
                return Err(error.with_hint(
                    "add `ON a.x = b.y` or `USING (x)`; all pairs of rows are `CROSS JOIN`",
                ));
            }
        };
        if matches!(kind, JoinKind::LeftSemi | JoinKind::LeftAnti) {
            scope.bindings.iter_mut().skip(lefts).for_each(|binding| binding.only_tested = true);
        }
        Ok(JoinTree::Join { left: Box::new(left), right: Box::new(right), kind, on })
    }

    fn on(&mut self, scope: &mut Scope, condition: &ast::Expr) -> Result<Expr, Error> {
        operators::condition(self.in_clause(scope, Clause::On, condition)?)
    }

    /// `USING (a, b)`: equal columns of both sides, found once without a qualifier.
    fn using(
        &mut self,
        scope: &mut Scope,
        columns: &[ast::Expr],
        lefts: usize,
        kind: JoinKind,
        span: Span,
    ) -> Result<Expr, Error> {
        let mut equal = Vec::new();
        for column in columns {
            let ast::ExprKind::Field(chain) = &column.kind else {
                return Err(Error::query("H0241", column.span, "USING takes names of columns"));
            };
            let [name] = chain.as_slice() else {
                return Err(Error::query(
                    "H0241",
                    column.span,
                    "USING takes names of columns without a table",
                ));
            };
            let left = self.left_column(scope, lefts, name)?;
            let right = self.side_column(scope, lefts..scope.bindings.len(), name)?;
            if kind == JoinKind::Full {
                let either = self.either(&left, &right, name)?;
                scope.merged.retain(|(merged, _)| *merged != name.value);
                scope.merged.push((name.value.clone(), either));
            }
            let compared = operators::compare(
                CompareOp::Eq,
                left,
                right,
                NullRule::Plain,
                column.span,
                self.settings,
            )?;
            equal.push(compared);
            // The side that always has a row gives the column.
            let merged =
                if kind == JoinKind::Right { 0..lefts } else { lefts..scope.bindings.len() };
            for binding in scope.bindings.iter_mut().take(merged.end).skip(merged.start) {
                binding.merged.push(name.value.clone());
            }
        }
        operators::and(equal, span)
    }

    /// The column of a full join that both sides give: that of the side that has a row. A side without one has the default of
    /// its type, or NULL, so a left column that holds something else tells that there is a row.
    fn either(&self, left: &Expr, right: &Expr, name: &ast::Ident) -> Result<Expr, Error> {
        let span = name.span;
        if left.ty.nullable != right.ty.nullable {
            let what = format!("FULL JOIN USING (`{}`), NULL on one side only,", name.value);
            return Err(Error::not_supported(span, what)
                .with_hint("convert the other side by `toNullable` in a subquery"));
        }
        let Some(ty) = operators::common_type(&[left.ty.clone(), right.ty.clone()]) else {
            return Err(Error::internal("columns that are compared have a common type"));
        };
        let sides = [left, right].map(|side| operators::convert(side.clone(), &ty.kind));
        let kind = match (ty.nullable, sides) {
            (true, sides) => ExprKind::Coalesce(sides.into()),
            (false, [left, right]) => {
                let default = ExprKind::Literal(functions::default_value(&ty));
                let default = Expr { kind: default, ty: ty.clone(), span };
                let (eq, nulls) = (CompareOp::Eq, NullRule::TwoValued);
                let absent =
                    operators::compare(eq, left.clone(), default, nulls, span, self.settings)?;
                ExprKind::Case { branches: vec![(absent, right)], otherwise: Box::new(left) }
            }
        };
        Ok(Expr { kind, ty, span })
    }

    fn left_column(
        &mut self,
        scope: &mut Scope,
        lefts: usize,
        name: &ast::Ident,
    ) -> Result<Expr, Error> {
        match scope.merged.iter().find(|(merged, _)| *merged == name.value) {
            Some((_, either)) => Ok(either.clone()),
            None => self.side_column(scope, 0..lefts, name),
        }
    }

    fn side_column(
        &mut self,
        scope: &mut Scope,
        side: std::ops::Range<usize>,
        name: &ast::Ident,
    ) -> Result<Expr, Error> {
        let trusted = scope.trusted;
        let has = |index: &usize| {
            let binding = scope.bindings.get(*index);
            binding.is_some_and(|binding| {
                binding.has(&name.value, trusted) && !binding.merged.contains(&name.value)
            })
        };
        let found: Vec<usize> = side.filter(has).collect();
        match found.as_slice() {
            [index] => Ok(self
                .field_of(scope, *index, std::slice::from_ref(&super::names::Step::name(name)))?
                .expr),
            [] => Err(Error::query(
                "H0242",
                name.span,
                format!("both sides of USING must have a column `{}`", name.value),
            )),
            _ => Err(Error::query(
                "H0204",
                name.span,
                format!("`{}` is in several tables of one side", name.value),
            )),
        }
    }
}

fn join_kind(join: &ast::Join) -> Result<JoinKind, Error> {
    use ast::{JoinKind as Side, Strictness};
    let refused = || Err(Error::not_supported(join.span, &join.words));
    match (join.strictness, join.kind) {
        (
            Some(Strictness::Any | Strictness::Asof | Strictness::AsofSemi | Strictness::AsofAnti),
            _,
        ) => refused(),
        (Some(Strictness::Semi), Side::Left | Side::Inner) => Ok(JoinKind::LeftSemi),
        (Some(Strictness::Anti), Side::Left | Side::Inner) => Ok(JoinKind::LeftAnti),
        (Some(Strictness::Semi | Strictness::Anti), _) | (_, Side::Positional) => refused(),
        (None | Some(Strictness::All), side) => Ok(match side {
            Side::Left => JoinKind::Left,
            Side::Right => JoinKind::Right,
            Side::Full => JoinKind::Full,
            Side::Cross => JoinKind::Cross,
            Side::Inner | Side::Positional => JoinKind::Inner,
        }),
    }
}
