//! Calls of aggregates: suffixes, conditions, order, and the column that holds each.

use super::arrival;
use super::calls::check_arity;
use super::group::no_aggregates_within;
use super::scope::{Inside, Scope};
use super::{Resolver, rewrite};
use crate::error::Error;
use crate::functions::{self, AggregateCall, AggregateName, Arity, Build};
use crate::ir::{self, Expr, ExprKind, Value};
use hogql_syntax::{Span, ast};

impl Resolver<'_> {
    /// An aggregate: its column in the grouped relation.
    pub(super) fn aggregate(
        &mut self,
        scope: &mut Scope,
        call: &ast::Call,
        name: &AggregateName,
        span: Span,
    ) -> Result<Expr, Error> {
        let outer = scope.inside.replace(Inside::Aggregate);
        let aggregate = self.build_aggregate(scope, call, name, span);
        scope.inside = outer;
        let aggregate = aggregate?;
        if scope.inside == Some(Inside::Aggregate) {
            return Err(nested(&call.name.value, span));
        }
        Ok(collect(self, scope, aggregate, span))
    }

    /// The aggregate with condition, filter and order.
    fn build_aggregate(
        &mut self,
        scope: &mut Scope,
        call: &ast::Call,
        name: &AggregateName,
        span: Span,
    ) -> Result<ir::Aggregate, Error> {
        if !call.within_group.is_empty() {
            return Err(Error::not_supported(span, "WITHIN GROUP"));
        }
        let args = self.args(scope, &call.args)?;
        let params = self.params(call.params.as_deref())?;
        let written =
            Written { name: &call.name.value, args, params, distinct: call.distinct, span };
        let mut aggregate = self.aggregate_of(name, written)?;
        if let Some(filter) = &call.filter {
            let filter = functions::operators::condition(self.expr(scope, filter)?)?;
            aggregate.filter = Some(both(aggregate.filter.take(), filter)?);
        }
        if let Some(item) = call.order_by.first() {
            if !arrival::keeps_order(&aggregate) {
                let what = format!("ORDER BY inside `{}`", call.name.value);
                return Err(Error::not_supported(item.span, what)
                    .with_hint("sort the array that it gives: `arraySort(groupArray(x))`"));
            }
            arrival::order_by(&mut aggregate, self.inner_order(scope, &call.order_by)?);
        }
        no_aggregates_within(scope, &aggregate, &call.name.value)?;
        let parts = aggregate.args.iter().chain(&aggregate.filter);
        no_parameters_within(parts, &call.name.value)?;
        Ok(aggregate)
    }

    /// The aggregate of resolved arguments, suffixes taken off.
    pub(super) fn aggregate_of(
        &mut self,
        name: &AggregateName,
        written: Written<'_>,
    ) -> Result<ir::Aggregate, Error> {
        let Written { name: full, mut args, params, distinct, span } = written;
        if let Some(suffix) = name.refused {
            return Err(Error::not_supported(
                span,
                format_args!("the suffix -{suffix} of `{full}`"),
            ));
        }
        let extra = usize::from(name.condition);
        let arity = name.function.arity;
        let arity = Arity { min: arity.min + extra, max: arity.max.map(|max| max + extra) };
        check_arity(arity, "aggregation", full, args.len(), span)?;
        let filter = if name.condition {
            args.pop().map(functions::operators::condition).transpose()?
        } else {
            None
        };
        let Build::Aggregate(build) = name.function.build else {
            return Err(Error::internal("no aggregate"));
        };
        let mut call = AggregateCall {
            name: name.function.name,
            span,
            args,
            params,
            distinct,
            settings: self.settings,
        };
        let mut aggregate = build(&mut call)?;
        aggregate.filter = match (aggregate.filter.take(), filter) {
            (own, Some(filter)) => Some(both(own, filter)?),
            (own, None) => own,
        };
        match name.or {
            Some(or) if !or.applies(&aggregate) => {
                Err(Error::not_supported(span, format_args!("`{full}`")))
            }
            Some(or) => Ok(or.apply(aggregate)),
            None => Ok(aggregate),
        }
    }
}

/// An aggregate as it is written, arguments resolved.
pub(super) struct Written<'c> {
    pub name: &'c str,
    pub args: Vec<Expr>,
    pub params: Vec<Value>,
    pub distinct: bool,
    pub span: Span,
}

/// The column of the aggregate; equal aggregates are one.
fn collect(
    resolver: &mut Resolver<'_>,
    scope: &mut Scope,
    aggregate: ir::Aggregate,
    span: Span,
) -> Expr {
    let ty = aggregate.ty.clone();
    let erased = erase(&aggregate);
    let known = scope
        .aggregates
        .iter()
        .find(|(_, known)| known.name == erased.name && erase(known) == erased);
    let id = match known {
        Some((id, _)) => *id,
        None => {
            let id = resolver.fresh();
            scope.aggregates.push((id, aggregate));
            id
        }
    };
    Expr { kind: ExprKind::Column(id), ty, span }
}

fn erase(aggregate: &ir::Aggregate) -> ir::Aggregate {
    let order = |key: &ir::SortKey| ir::SortKey { expr: rewrite::erased(&key.expr), ..key.clone() };
    ir::Aggregate {
        args: aggregate.args.iter().map(rewrite::erased).collect(),
        filter: aggregate.filter.as_ref().map(rewrite::erased),
        order_by: aggregate.order_by.iter().map(order).collect(),
        span: Span::default(),
        ..aggregate.clone()
    }
}

fn both(left: Option<Expr>, right: Expr) -> Result<Expr, Error> {
    match left {
        Some(left) => {
            let span = right.span;
            functions::operators::and(vec![left, right], span)
        }
        None => Ok(right),
    }
}

/// Refuses a call over rows that takes a lambda's parameter, which is no column of them.
pub(super) fn no_parameters_within<'e>(
    parts: impl IntoIterator<Item = &'e Expr>,
    name: &str,
) -> Result<(), Error> {
    match parts.into_iter().find(|part| part.depends_on_lambda()) {
        None => Ok(()),
        Some(part) => Err(Error::query(
            "H0356",
            part.span,
            format!("`{name}` goes over rows, so it cannot take the parameter of a lambda"),
        )
        .with_hint(
            "go over the array with `arraySum`, `arrayMax`, .. or make its elements rows with ARRAY JOIN",
        )),
    }
}

/// An aggregate within another.
pub(super) fn nested(name: &str, span: Span) -> Error {
    let error = Error::query(
        "H0352",
        span,
        format!("aggregation `{name}` cannot be nested inside another aggregation"),
    );
    error.with_hint("compute the inner one in a subquery; an alias of the select list hides a column of the same name")
}
