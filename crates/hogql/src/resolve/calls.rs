//! Calls: the function found by name, arguments counted and resolved, the catalog's builder asked for the expression.

use super::group::no_aggregates_within;
use super::scope::{Inside, Scope};
use super::{Errors, Resolver, rewrite, suggest};
use crate::error::Error;
use crate::functions::{self, AggregateCall, AggregateName, Arity, Build, Function};
use crate::ir::{self, Expr, ExprKind, Value};
use crate::types::Type;
use hogql_syntax::{Span, ast};

/// Functions that read a property as its raw text, because they convert it themselves.
const RAW: &[&str] = &["toFloatOrZero", "toIntOrZero", "toFloatOrDefault"];

/// Functions of PostHog that need what this engine does not have.
const REFUSED: &[&str] = &[
    "matchesAction",
    "sparkline",
    "recordingButton",
    "explainCSPReport",
    "convertCurrency",
    "windowFunnel",
];

impl Resolver<'_> {
    /// `name(params)(args)` with all that may stand in and behind it.
    pub(super) fn call(
        &mut self,
        scope: &mut Scope,
        call: &ast::Call,
        span: Span,
    ) -> Result<Expr, Error> {
        let name = call.name.value.as_str();
        if let Some(special) = self.special(scope, call, span) {
            return special;
        }
        if let Some(aggregate) = functions::aggregate_name(name) {
            return self.aggregate(scope, call, &aggregate, span);
        }
        let Some(function) = functions::lookup(name) else {
            return Err(unknown_function(name, call.name.span));
        };
        only_on_aggregates(call)?;
        match function.build {
            Build::Scalar(build) => {
                let args = self.scalar_args(scope, call)?;
                check_arity(function.arity, "function", name, args.len(), span)?;
                build(&mut functions::Call { name, span, args, settings: self.settings })
            }
            Build::HigherOrder { .. } => self.higher_order(scope, call, function, span),
            Build::Window(_) => {
                let error = Error::query(
                    "H0350",
                    span,
                    format!("`{name}` is a window function and needs OVER"),
                );
                Err(error.with_hint(format!("write `{name}(..) OVER (ORDER BY ..)`")))
            }
            Build::Aggregate(_) | Build::Special => {
                Err(Error::not_supported(span, format_args!("function `{name}`")))
            }
        }
    }

    /// What is no ordinary function.
    fn special(
        &mut self,
        scope: &mut Scope,
        call: &ast::Call,
        span: Span,
    ) -> Option<Result<Expr, Error>> {
        match call.name.value.as_str() {
            "arrayJoin" => Some(self.array_join_call(scope, call, span)),
            "asUUID" if scope.trusted => Some(self.as_uuid(scope, call)),
            name if REFUSED.contains(&name) && functions::lookup(name).is_none() => {
                Some(Err(Error::not_supported(span, format_args!("function `{name}`"))))
            }
            _ => None,
        }
    }

    /// A distinct id taken for its own person's id, without conversion.
    fn as_uuid(&mut self, scope: &mut Scope, call: &ast::Call) -> Result<Expr, Error> {
        let mut args = self.args(scope, &call.args)?;
        let arg = args.pop().ok_or_else(|| Error::internal("asUUID needs an argument"))?;
        Ok(Expr { ty: Type::UUID.with_nullable(arg.ty.nullable), ..arg })
    }

    /// `arrayJoin(array)`: a row for each element; equal calls are one.
    fn array_join_call(
        &mut self,
        scope: &mut Scope,
        call: &ast::Call,
        span: Span,
    ) -> Result<Expr, Error> {
        only_on_aggregates(call)?;
        check_arity(Arity::exactly(1), "function", "arrayJoin", call.args.len(), span)?;
        if scope.inside.is_some() || !scope.lambdas.is_empty() {
            let place =
                if scope.inside.is_some() { "an aggregate or window function" } else { "a lambda" };
            let error = Error::not_supported(span, format_args!("`arrayJoin` within {place}"));
            return Err(error.with_hint("use it in a subquery"));
        }
        let mut args = self.args(scope, &call.args)?;
        let Some(array) = args.pop() else {
            return Err(Error::internal("arrayJoin without argument"));
        };
        let Some(ty) = array.ty.element().cloned() else {
            return Err(Error::argument_type("arrayJoin", 0, "an array", &array.ty, array.span));
        };
        let known = scope
            .unnested
            .iter()
            .find(|(_, known)| rewrite::same(known, &array))
            .map(|(id, _)| *id);
        let id = known.unwrap_or_else(|| {
            let id = self.fresh();
            scope.unnested.push((id, array));
            id
        });
        Ok(Expr { kind: ExprKind::Column(id), ty, span })
    }

    /// A function of the catalog called by the resolver itself, for a form with a syntax of its own.
    pub(super) fn call_builtin(
        &mut self,
        name: &str,
        args: Vec<Expr>,
        span: Span,
    ) -> Result<Expr, Error> {
        let function = functions::lookup(name)
            .ok_or_else(|| Error::not_supported(span, format_args!("function `{name}`")))?;
        check_arity(function.arity, "function", name, args.len(), span)?;
        match function.build {
            Build::Scalar(build) => {
                build(&mut functions::Call { name, span, args, settings: self.settings })
            }
            _ => Err(Error::internal(format!("`{name}` is no scalar function"))),
        }
    }

    fn scalar_args(&mut self, scope: &mut Scope, call: &ast::Call) -> Result<Vec<Expr>, Error> {
        let outer =
            std::mem::replace(&mut scope.raw_properties, RAW.contains(&call.name.value.as_str()));
        let args = self.args(scope, &call.args);
        scope.raw_properties = outer;
        args
    }

    /// Arguments; `*COLUMNS(..)` stands for several, and `*` alone for none.
    pub(super) fn args(
        &mut self,
        scope: &mut Scope,
        args: &[ast::Expr],
    ) -> Result<Vec<Expr>, Error> {
        let mut errors = Errors::default();
        let mut resolved = Vec::with_capacity(args.len());
        for arg in args {
            match &arg.kind {
                ast::ExprKind::Star(star)
                    if star.qualifier.is_empty() && star.exclude.is_none() && args.len() == 1 => {}
                ast::ExprKind::Spread(columns) => {
                    let columns =
                        errors.keep(self.star(scope, columns)).flatten().unwrap_or_default();
                    resolved.extend(columns.into_iter().map(|(_, value)| value.expr));
                }
                _ => resolved.extend(errors.keep(self.expr(scope, arg))),
            }
        }
        errors.finish()?;
        Ok(resolved)
    }

    /// An aggregate: its column in the grouped relation.
    fn aggregate(
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
        aggregate.order_by = self.inner_order(scope, &call.order_by)?;
        no_aggregates_within(scope, &aggregate, &call.name.value)?;
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

    /// Constant parameters, `quantile(0.9)(x)`.
    pub(super) fn params(&mut self, params: Option<&[ast::Expr]>) -> Result<Vec<Value>, Error> {
        let mut values = Vec::new();
        for param in params.unwrap_or_default() {
            let mut scope = Scope { clause: super::scope::Clause::Constant, ..Scope::default() };
            let value = self.expr(&mut scope, param)?;
            match value.kind {
                ExprKind::Literal(value) => values.push(value),
                _ => {
                    return Err(Error::query(
                        "H0351",
                        param.span,
                        "a parameter must be known in advance",
                    ));
                }
            }
        }
        Ok(values)
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

/// An aggregate within another.
pub(super) fn nested(name: &str, span: Span) -> Error {
    let error = Error::query(
        "H0352",
        span,
        format!("aggregation `{name}` cannot be nested inside another aggregation"),
    );
    error.with_hint("compute the inner one in a subquery; an alias of the select list hides a column of the same name")
}

/// Parameters, DISTINCT, ORDER BY and FILTER are for aggregates.
fn only_on_aggregates(call: &ast::Call) -> Result<(), Error> {
    let name = &call.name.value;
    let span = call.name.span;
    let what = if call.params.is_some() {
        "parameters"
    } else if call.distinct {
        "DISTINCT"
    } else if !call.order_by.is_empty() || !call.within_group.is_empty() {
        "ORDER BY"
    } else if call.filter.is_some() {
        "FILTER"
    } else {
        return Ok(());
    };
    Err(Error::query("H0353", span, format!("`{name}` is no aggregation and takes no {what}")))
}

/// Whether a function may have that many arguments.
pub(super) fn check_arity(
    arity: Arity,
    what: &str,
    name: &str,
    found: usize,
    span: Span,
) -> Result<(), Error> {
    let plural = |count: usize| if count == 1 { "argument" } else { "arguments" };
    let expected = match (arity.min, arity.max) {
        (min, _) if found < min && arity.max == Some(min) => format!("{min} {}", plural(min)),
        (min, _) if found < min => format!("at least {min} {}", plural(min)),
        (min, Some(max)) if found > max && min == max => format!("{max} {}", plural(max)),
        (_, Some(max)) if found > max => format!("at most {max} {}", plural(max)),
        _ => return Ok(()),
    };
    let mut error =
        Error::query("H0354", span, format!("{what} `{name}` expects {expected}, found {found}"));
    if let Some(function) = functions::lookup(name) {
        error = error.with_hint(function.signature);
    }
    Err(error)
}

fn unknown_function(name: &str, span: Span) -> Error {
    if functions::is_known(name) {
        return Error::not_supported(span, format_args!("function `{name}`"));
    }
    let error = Error::query("H0300", span, format!("unknown function `{name}`"));
    let names = functions::all().map(|function: &Function| function.name);
    match suggest::closest(name, names) {
        Some(close) => error.with_hint(format!("did you mean `{close}`?")),
        None => error,
    }
}
