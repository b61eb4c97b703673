//! Calls: the function found by name, arguments counted and resolved, the catalog's builder asked for the expression.

use super::scope::Scope;
use super::{Errors, Resolver, rewrite, suggest};
use crate::error::Error;
use crate::functions::{self, Arity, Build, Function};
use crate::ir::{Expr, ExprKind, Value};
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
