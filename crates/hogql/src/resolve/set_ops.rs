//! `UNION`, `INTERSECT`, `EXCEPT`: precedence, columns matched by position, one type for each.

use super::Resolver;
use super::order::limited;
use super::query::Answer;
use super::scope::{Cte, Ctes};
use crate::error::Error;
use crate::functions::operators;
use crate::ir::{Column, Expr, ExprKind, Rel, RelKind, SetOp};
use crate::types::Type;
use hogql_syntax::{Span, ast};
use std::rc::Rc;

impl Resolver<'_> {
    /// Queries joined by set operators; `INTERSECT` binds tighter than the others, which go from left to right.
    pub(super) fn set_query(
        &mut self,
        set: &ast::SetQuery,
        span: Span,
        ctes: &Ctes,
        trusted: bool,
    ) -> Result<Answer, Error> {
        if let Some(order) = set.order_by.first() {
            self.dropped(order.span, "ORDER BY after a query in parentheses")
                .map_err(|error| error.with_hint("write SELECT * FROM (..) ORDER BY .."))?;
        }
        Self::check_chain(&set.rest, "queries joined by set operators", |link| link.query.span)?;
        let ctes = self.with_ctes(ctes, &set.ctes)?;
        // `WITH` of the first member is seen by all: the reference hoists it.
        let shared = shared_ctes(&ctes, &set.first);
        let mut errors = super::Errors::default();
        let mut terms = vec![(
            SetOp::UnionAll,
            errors.keep(self.answer(&set.first, &ctes, trusted)),
            set.first.span,
        )];
        for member in &set.rest {
            if member.by_name {
                errors.0.push(Error::not_supported(member.query.span, "BY NAME"));
                continue;
            }
            let op = operator(member.op);
            terms.push((
                op,
                errors.keep(self.answer(&member.query, &shared, trusted)),
                member.query.span,
            ));
        }
        errors.finish()?;
        let answer = self.combine(terms, span)?;
        let Some(limit) = &set.limit else { return Ok(answer) };
        if limit.with_ties {
            return Err(Error::not_supported(limit.span, "WITH TIES after a set operation"));
        }
        let limit = self.limit(limit)?;
        Ok(Answer { rel: limited(answer.rel, &limit, Vec::new()), ..answer })
    }

    fn combine(
        &mut self,
        terms: Vec<(SetOp, Option<Answer>, Span)>,
        span: Span,
    ) -> Result<Answer, Error> {
        let is_tight = |op| matches!(op, SetOp::IntersectAll | SetOp::IntersectDistinct);
        let mut loose: Vec<(SetOp, Answer)> = Vec::new();
        for (op, answer, at) in terms {
            let Some(answer) = answer else { continue };
            match loose.pop() {
                Some((before, left)) if is_tight(op) => {
                    loose.push((before, self.set(op, left, answer, at)?))
                }
                Some(left) => loose.extend([left, (op, answer)]),
                None => loose.push((op, answer)),
            }
        }
        let mut all = loose.into_iter();
        let Some((_, mut result)) = all.next() else {
            return Err(Error::internal("a set operation without queries"));
        };
        for (op, right) in all {
            result = self.set(op, result, right, span)?;
        }
        Ok(result)
    }

    /// One operation; the columns are called as the left side's.
    fn set(&mut self, op: SetOp, left: Answer, right: Answer, span: Span) -> Result<Answer, Error> {
        let (lefts, rights) = (left.rel.columns.len(), right.rel.columns.len());
        if lefts != rights {
            let message =
                format!("the queries have different numbers of columns: {lefts} and {rights}");
            return Err(Error::query("H0290", span, message));
        }
        let mut types = Vec::with_capacity(lefts);
        for (index, (first, second)) in left.rel.columns.iter().zip(&right.rel.columns).enumerate()
        {
            let common = operators::common_type(&[first.ty.clone(), second.ty.clone()]);
            types.push(common.ok_or_else(|| {
                let message = format!(
                    "column {} is {} in one query and {} in the other",
                    index + 1,
                    first.ty,
                    second.ty
                );
                Error::query("H0291", span, message)
                    .with_hint("convert one of them: `toString(..)`, `toFloat(..)`")
            })?);
        }
        let names: Vec<String> =
            left.rel.columns.iter().map(|column| column.name.clone()).collect();
        let json = left
            .json
            .iter()
            .zip(&right.json)
            .map(|(left, right)| if left == right { *left } else { None })
            .collect();
        let (left, right) =
            (self.converted(left.rel, &types, span), self.converted(right.rel, &types, span));
        let columns = names
            .into_iter()
            .zip(types)
            .map(|(name, ty)| Column { id: self.fresh(), name, ty })
            .collect();
        let kind = RelKind::Set { op, left: Box::new(left), right: Box::new(right) };
        Ok(Answer { rel: Rel { kind, columns }, json })
    }

    /// The relation with columns of these types.
    fn converted(&mut self, rel: Rel, types: &[Type], span: Span) -> Rel {
        if rel.columns.iter().zip(types).all(|(column, ty)| column.ty == *ty) {
            return rel;
        }
        let mut columns = Vec::with_capacity(types.len());
        let mut exprs = Vec::with_capacity(types.len());
        for (column, ty) in rel.columns.iter().zip(types) {
            let reference = Expr { kind: ExprKind::Column(column.id), ty: column.ty.clone(), span };
            exprs.push(Expr { ty: ty.clone(), ..operators::convert(reference, &ty.kind) });
            columns.push(Column { id: self.fresh(), name: column.name.clone(), ty: ty.clone() });
        }
        Rel { kind: RelKind::Project { input: Box::new(rel), exprs }, columns }
    }
}

/// The CTEs that later members see: those of the set and those written before its first SELECT.
fn shared_ctes(ctes: &Ctes, first: &ast::Query) -> Ctes {
    let ast::QueryKind::Select(select) = &first.kind else { return ctes.clone() };
    select.ctes.iter().fold(ctes.clone(), |outer, definition| {
        Some(Rc::new(Cte { definition: definition.clone(), outer }))
    })
}

/// ClickHouse's defaults: `UNION` is distinct, `INTERSECT` and `EXCEPT` keep duplicates.
const fn operator(op: ast::SetOp) -> SetOp {
    match op {
        ast::SetOp::UnionAll => SetOp::UnionAll,
        ast::SetOp::UnionDistinct => SetOp::UnionDistinct,
        ast::SetOp::Intersect | ast::SetOp::IntersectAll => SetOp::IntersectAll,
        ast::SetOp::IntersectDistinct => SetOp::IntersectDistinct,
        ast::SetOp::Except | ast::SetOp::ExceptAll => SetOp::ExceptAll,
    }
}
