//! Expressions: which form is resolved where.

use super::names::{chain, constant_step, reading};
use super::query::unread;
use super::scope::{Scope, Value};
use super::{Resolver, placeholders};
use crate::error::Error;
use crate::functions::operators;
use crate::ir::{self, Expr};
use hogql_syntax::{Span, ast};

impl Resolver<'_> {
    /// The expression's value; aliases in it are defined for what follows.
    pub(super) fn expr(&mut self, scope: &mut Scope, expr: &ast::Expr) -> Result<Expr, Error> {
        Ok(self.value(scope, expr)?.expr)
    }

    /// The same with what is known besides the type.
    pub(super) fn value(&mut self, scope: &mut Scope, expr: &ast::Expr) -> Result<Value, Error> {
        self.nested(expr.span, |resolver| resolver.form(scope, expr))
    }

    fn form(&mut self, scope: &mut Scope, expr: &ast::Expr) -> Result<Value, Error> {
        if let Some(steps) = chain(expr) {
            return self.chain_value(scope, &steps, expr.span);
        }
        match &expr.kind {
            ast::ExprKind::Alias { expr, alias } => self.alias(scope, expr, alias),
            ast::ExprKind::ArrayAccess { base, index, .. } => {
                self.access(scope, base, index, expr.span)
            }
            ast::ExprKind::TupleAccess { base, index, .. } => {
                self.tuple_access(scope, base, *index, expr.span)
            }
            ast::ExprKind::Placeholder(inner) => self.placeholder(scope, inner, expr.span),
            _ => self.plain_form(scope, expr).map(Value::plain),
        }
    }

    fn plain_form(&mut self, scope: &mut Scope, expr: &ast::Expr) -> Result<Expr, Error> {
        let span = expr.span;
        match &expr.kind {
            ast::ExprKind::Literal(literal) => Ok(super::literals::constant(literal, span)),
            ast::ExprKind::Call(call) => self.call(scope, call, span),
            ast::ExprKind::Window(call) => self.window_call(scope, call, span),
            ast::ExprKind::Subquery(query) => self.scalar_subquery(scope, query, span),
            ast::ExprKind::Interval { value, unit, .. } => self.interval(scope, value, *unit, span),
            ast::ExprKind::Template(parts) => self.template(scope, parts, span),
            ast::ExprKind::Cast { expr, type_name, style } => {
                self.cast(scope, expr, type_name, *style, span)
            }
            ast::ExprKind::Trim { side, chars, expr } => self.trim(scope, *side, chars, expr, span),
            ast::ExprKind::Case { operand, branches, otherwise } => {
                self.case(scope, operand.as_deref(), branches, otherwise.as_deref(), span)
            }
            ast::ExprKind::Ternary { condition, then, otherwise } => {
                self.ternary(scope, condition, then, otherwise, span)
            }
            ast::ExprKind::Tuple(items) => self.constructor(scope, "tuple", items, span),
            ast::ExprKind::Array(items) => self.constructor(scope, "array", items, span),
            ast::ExprKind::Dict(items) => self.dict(scope, items, span),
            ast::ExprKind::ArraySlice { base, from, to } => {
                self.slice(scope, base, from.as_deref(), to.as_deref(), span)
            }
            ast::ExprKind::IgnoreNulls(inner) => {
                self.dropped(span, "IGNORE NULLS")?;
                self.expr(scope, inner)
            }
            _ if is_operator(&expr.kind) => self.operator(scope, expr),
            _ => Err(misplaced(expr)),
        }
    }

    /// Several expressions; the errors of all of them.
    pub(super) fn exprs(
        &mut self,
        scope: &mut Scope,
        exprs: &[ast::Expr],
    ) -> Result<Vec<Expr>, Error> {
        let mut errors = super::Errors::default();
        let resolved =
            exprs.iter().filter_map(|expr| errors.keep(self.expr(scope, expr))).collect();
        errors.finish()?;
        Ok(resolved)
    }

    fn alias(
        &mut self,
        scope: &mut Scope,
        expr: &ast::Expr,
        alias: &ast::Ident,
    ) -> Result<Value, Error> {
        let value = self.value(scope, expr);
        self.define_alias(scope, alias, value.clone())?;
        value
    }

    /// `base[index]` where the base is no chain of names or the index is no constant.
    fn access(
        &mut self,
        scope: &mut Scope,
        base: &ast::Expr,
        index: &ast::Expr,
        span: Span,
    ) -> Result<Value, Error> {
        let value = self.value(scope, base)?;
        let step = constant_step(index).or_else(|| self.placeholder_step(index));
        if let Some(step) = step {
            return Ok(self.descend(value, &[step], reading(scope))?.at(span));
        }
        if value.json.is_some() {
            let error =
                Error::query("H0250", index.span, "a property's name must be known in advance");
            return Err(error.with_hint("read it with `JSONExtractString(properties, name)`"));
        }
        let index = self.expr(scope, index)?;
        self.call_builtin("arrayElement", vec![value.expr, index], span).map(Value::plain)
    }

    fn tuple_access(
        &mut self,
        scope: &mut Scope,
        base: &ast::Expr,
        index: u64,
        span: Span,
    ) -> Result<Value, Error> {
        let value = self.value(scope, base)?;
        let step = super::names::Step {
            key: super::names::Key::Index(i64::try_from(index).unwrap_or(i64::MAX)),
            span,
        };
        self.descend(value, &[step], reading(scope))
    }

    fn interval(
        &mut self,
        scope: &mut Scope,
        value: &ast::Expr,
        unit: ast::IntervalUnit,
        span: Span,
    ) -> Result<Expr, Error> {
        let value = self.expr(scope, value)?;
        self.call_builtin(&format!("toInterval{unit:?}"), vec![value], span)
    }

    /// `f'a {x}'`: a single part is that part itself.
    fn template(
        &mut self,
        scope: &mut Scope,
        parts: &[ast::TemplatePart],
        span: Span,
    ) -> Result<Expr, Error> {
        let mut values = Vec::with_capacity(parts.len());
        for part in parts {
            values.push(match part {
                ast::TemplatePart::Text { value, span } => Expr::string(value.clone(), *span),
                ast::TemplatePart::Expr(expr) => self.expr(scope, expr)?,
            });
        }
        Ok(match (values.len(), values.pop()) {
            (1, Some(only)) => Expr { span, ..only },
            (_, Some(last)) => {
                values.push(last);
                operators::concat(values, span, self.settings)
            }
            (_, None) => Expr::string("", span),
        })
    }

    fn cast(
        &mut self,
        scope: &mut Scope,
        expr: &ast::Expr,
        type_name: &str,
        style: ast::CastStyle,
        span: Span,
    ) -> Result<Expr, Error> {
        if style == ast::CastStyle::TryCast {
            let error = Error::not_supported(span, "TRY_CAST");
            return Err(error.with_hint("`toInt(..)`, `toFloat(..)` and `toDate(..)` give NULL where a value cannot be converted"));
        }
        let expr = self.expr(scope, expr)?;
        crate::functions::conversion::cast(expr, type_name, span, self.settings)
    }

    fn trim(
        &mut self,
        scope: &mut Scope,
        side: ast::TrimSide,
        chars: &ast::Expr,
        expr: &ast::Expr,
        span: Span,
    ) -> Result<Expr, Error> {
        let name = match side {
            ast::TrimSide::Both => "trim",
            ast::TrimSide::Leading => "trimLeft",
            ast::TrimSide::Trailing => "trimRight",
        };
        let args = vec![self.expr(scope, expr)?, self.expr(scope, chars)?];
        self.call_builtin(name, args, span)
    }

    fn constructor(
        &mut self,
        scope: &mut Scope,
        name: &str,
        items: &[ast::Expr],
        span: Span,
    ) -> Result<Expr, Error> {
        let items = self.exprs(scope, items)?;
        self.call_builtin(name, items, span)
    }

    /// `{'k': v}`: the tuple that PostHog's objects are.
    fn dict(
        &mut self,
        scope: &mut Scope,
        items: &[(ast::Expr, ast::Expr)],
        span: Span,
    ) -> Result<Expr, Error> {
        let mut args = vec![Expr::string("__hx_tag", span), Expr::string("__hx_obj", span)];
        for (key, value) in items {
            args.push(self.expr(scope, key)?);
            args.push(self.expr(scope, value)?);
        }
        self.call_builtin("tuple", args, span)
    }

    /// `a[from:to]`, both included: `arraySlice(a, from, to - from + 1)`.
    fn slice(
        &mut self,
        scope: &mut Scope,
        base: &ast::Expr,
        from: Option<&ast::Expr>,
        to: Option<&ast::Expr>,
        span: Span,
    ) -> Result<Expr, Error> {
        let base = self.expr(scope, base)?;
        let from = match from {
            Some(from) => self.expr(scope, from)?,
            None => Expr::int64(1, span),
        };
        let mut args = vec![base, from.clone()];
        if let Some(to) = to {
            let to = self.expr(scope, to)?;
            let length = self.arithmetic(ast::ArithmeticOp::Subtract, to, from, span)?;
            args.push(self.arithmetic(
                ast::ArithmeticOp::Add,
                length,
                Expr::int64(1, span),
                span,
            )?);
        }
        self.call_builtin("arraySlice", args, span)
    }

    fn placeholder_step(&self, index: &ast::Expr) -> Option<super::names::Step> {
        let ast::ExprKind::Placeholder(inner) = &index.kind else { return None };
        let key = match &self.options.placeholders.get(&placeholders::name(inner)?)?.value {
            ir::Value::String(name) => super::names::Key::Name(name.clone()),
            ir::Value::Int(at) => super::names::Key::Index(*at),
            ir::Value::UInt(at) => super::names::Key::Index(i64::try_from(*at).ok()?),
            _ => return None,
        };
        Some(super::names::Step { key, span: index.span })
    }
}

/// Operators on values.
fn is_operator(kind: &ast::ExprKind) -> bool {
    matches!(
        kind,
        ast::ExprKind::Arithmetic { .. }
            | ast::ExprKind::Negate(_)
            | ast::ExprKind::Concat(_)
            | ast::ExprKind::Compare { .. }
            | ast::ExprKind::IsNull { .. }
            | ast::ExprKind::IsDistinctFrom { .. }
            | ast::ExprKind::And(_)
            | ast::ExprKind::Or(_)
            | ast::ExprKind::Not(_)
            | ast::ExprKind::Between { .. }
            | ast::ExprKind::Coalesce(_, _)
    )
}

/// A form that has no meaning where it stands, or none in this engine.
fn misplaced(expr: &ast::Expr) -> Error {
    let span = expr.span;
    match &expr.kind {
        ast::ExprKind::Star(_) | ast::ExprKind::Columns(_) => {
            Error::query("H0251", span, "`*` stands only in a select list or in `count(*)`")
        }
        ast::ExprKind::Spread(_) => {
            Error::query("H0251", span, "`*COLUMNS(..)` stands only among a call's arguments")
        }
        ast::ExprKind::ExprCall { .. } => {
            Error::query("H0252", span, "only simple functions can be called: `name(..)`")
        }
        ast::ExprKind::NamedArgument { .. } => {
            Error::query("H0253", span, "named arguments (`name := value`) are for table functions")
        }
        ast::ExprKind::Lambda { .. } => {
            let error = Error::query(
                "H0254",
                span,
                "a lambda stands only as the first argument of a function such as `arrayMap`",
            );
            error.with_hint("several parameters need parentheses: `(x, y) -> ..`")
        }
        ast::ExprKind::Block(_) => Error::not_supported(span, "a block as a lambda's body"),
        ast::ExprKind::PositionalRef(index) => Error::not_supported(span, format_args!("#{index}")),
        ast::ExprKind::GroupingSet(_) => {
            Error::query("H0255", span, "a grouping set stands only in GROUP BY GROUPING SETS")
        }
        ast::ExprKind::Tag(tag) => {
            Error::not_supported(span, format_args!("the HogQLX tag <{}>", tag.name.value))
        }
        ast::ExprKind::Error => unread(span),
        _ => Error::internal("an expression of a form that no part of the resolver takes"),
    }
}
