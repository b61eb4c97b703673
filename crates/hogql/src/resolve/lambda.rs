//! Higher-order functions: the lambda's parameters get their types from the arrays after it.

use super::Resolver;
use super::calls::check_arity;
use super::scope::{LambdaParameter, Scope};
use crate::error::Error;
use crate::functions::{self, Build, Function, LambdaArg};
use crate::ir::{Expr, Lambda};
use crate::types::Type;
use hogql_syntax::{Span, ast};

impl Resolver<'_> {
    /// `arrayMap(x -> .., array)`; the lambda may be missing where the function allows it.
    pub(super) fn higher_order(
        &mut self,
        scope: &mut Scope,
        call: &ast::Call,
        function: &Function,
        span: Span,
    ) -> Result<Expr, Error> {
        let Build::HigherOrder { parameters, build } = function.build else {
            return Err(Error::internal("no higher-order function"));
        };
        let name = call.name.value.as_str();
        check_arity(function.arity, "function", name, call.args.len(), span)?;
        let (lambda, rest) = match call.args.split_first() {
            Some((first, rest)) if matches!(first.kind, ast::ExprKind::Lambda { .. }) => {
                (Some(first), rest)
            }
            _ => (None, call.args.as_slice()),
        };
        let args = self.args(scope, rest)?;
        let mut typed = functions::Call { name, span, args, settings: self.settings };
        let Some(lambda) = lambda else { return build(&mut typed, None) };
        let types = parameters(&typed)?;
        let argument = LambdaArg { lambda: self.lambda(scope, lambda, types)?, span: lambda.span };
        build(&mut typed, Some(argument))
    }

    fn lambda(
        &mut self,
        scope: &mut Scope,
        lambda: &ast::Expr,
        types: Vec<Type>,
    ) -> Result<Lambda, Error> {
        let ast::ExprKind::Lambda { params, body } = &lambda.kind else {
            return Err(Error::internal("no lambda"));
        };
        if params.len() != types.len() {
            let message = format!(
                "the lambda must have {} parameters here, found {}",
                types.len(),
                params.len()
            );
            let hint = "one parameter for each array: `arrayMap((x, y) -> x + y, xs, ys)`";
            return Err(Error::query("H0355", lambda.span, message).with_hint(hint));
        }
        let outer = scope.lambdas.len();
        let mut bound = Vec::with_capacity(params.len());
        for (param, ty) in params.iter().zip(types) {
            self.next_parameter += 1;
            let unique = format!("{}_{}", param.value, self.next_parameter);
            bound.push((unique.clone(), ty.clone()));
            scope.lambdas.push(LambdaParameter { name: param.value.clone(), unique, ty });
        }
        let body = self.expr(scope, body);
        scope.lambdas.truncate(outer);
        Ok(Lambda { params: bound, body: body? })
    }
}
