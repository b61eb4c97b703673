//! Placeholders: `{name}`, `{variables.name}`, `{filters}`.

use super::scope::{Scope, Value};
use super::{Resolver, suggest};
use crate::error::Error;
use crate::ir::{Expr, ExprKind};
use hogql_syntax::{Span, ast};

impl Resolver<'_> {
    /// The value of a placeholder.
    pub(super) fn placeholder(
        &mut self,
        scope: &mut Scope,
        inner: &ast::Expr,
        span: Span,
    ) -> Result<Value, Error> {
        let Some(name) = name(inner) else {
            return Err(Error::not_supported(span, "a placeholder that is no name"));
        };
        if let Some(constant) = self.options.placeholders.get(&name) {
            let kind = ExprKind::Literal(constant.value.clone());
            return Ok(Value::plain(Expr { kind, ty: constant.ty.clone(), span }));
        }
        if name == "filters" {
            return self.filters(scope, span).map(Value::plain);
        }
        if name.starts_with("filters.") {
            return self.filter_date(&name, span).map(Value::plain);
        }
        Err(self.unknown_placeholder(&name, span))
    }

    fn unknown_placeholder(&self, name: &str, span: Span) -> Error {
        let known: Vec<String> = self.options.placeholders.keys().cloned().collect();
        let error = match name.strip_prefix("variables.") {
            Some(variable) => Error::query(
                "H0280",
                span,
                format!("variable `{variable}` is missing from the query"),
            ),
            None => Error::query("H0280", span, format!("placeholder `{name}` has no value")),
        };
        match suggest::closest(name, known.iter().map(String::as_str)) {
            Some(close) => error.with_hint(format!("did you mean `{{{close}}}`?")),
            None if known.is_empty() => error.with_hint("the request gives no values"),
            None => error.with_hint(format!("the request gives {}", suggest::listed(&known))),
        }
    }
}

/// The dotted name that a placeholder holds.
pub(super) fn name(inner: &ast::Expr) -> Option<String> {
    let ast::ExprKind::Field(chain) = &inner.kind else { return None };
    Some(chain.iter().map(|name| name.value.as_str()).collect::<Vec<_>>().join("."))
}
