//! Names: aliases, fields of tables, lambda parameters, scalar CTEs.

use super::fields::Reading;
use super::scope::{Clause, Scope, Value};
use super::{MAX_COPIED, Resolver, rewrite, suggest};
use crate::error::Error;
use crate::ir::{Expr, ExprKind};
use crate::tables::PropertyOwner;
use ::events::source::TableKind;
use hogql_syntax::{Span, ast};

/// Most fields that a message lists.
const MOST_LISTED: usize = 12;

/// A step of a chain `a.b['c'][1]`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Step {
    pub key: Key,
    pub span: Span,
}

/// A name, or a 1-based index.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Key {
    Name(String),
    Index(i64),
}

impl Step {
    pub(super) fn name(ident: &ast::Ident) -> Self {
        Self { key: Key::Name(ident.value.clone()), span: ident.span }
    }

    /// The name; an index has none.
    pub(super) fn as_name(&self) -> Option<&str> {
        match &self.key {
            Key::Name(name) => Some(name),
            Key::Index(_) => None,
        }
    }
}

/// The chain that the expression is, if all its steps are constant.
pub(super) fn chain(expr: &ast::Expr) -> Option<Vec<Step>> {
    match &expr.kind {
        ast::ExprKind::Field(names) => Some(names.iter().map(Step::name).collect()),
        ast::ExprKind::ArrayAccess { base, index, .. } => with_step(base, constant_step(index)?),
        ast::ExprKind::TupleAccess { base, index, .. } => {
            with_step(base, Step { key: Key::Index(i64::try_from(*index).ok()?), span: expr.span })
        }
        _ => None,
    }
}

fn with_step(base: &ast::Expr, step: Step) -> Option<Vec<Step>> {
    let mut steps = chain(base)?;
    steps.push(step);
    Some(steps)
}

/// The step that a constant index is.
pub(super) fn constant_step(index: &ast::Expr) -> Option<Step> {
    let key = match &index.kind {
        ast::ExprKind::Literal(ast::Literal::String(name)) => Key::Name(name.clone()),
        ast::ExprKind::Literal(ast::Literal::Integer(at)) => Key::Index(*at),
        _ => return None,
    };
    Some(Step { key, span: index.span })
}

impl Resolver<'_> {
    /// What a chain of names stands for.
    pub(super) fn chain_value(
        &mut self,
        scope: &mut Scope,
        steps: &[Step],
        span: Span,
    ) -> Result<Value, Error> {
        let Some((name, rest)) =
            steps.split_first().and_then(|(first, rest)| Some((first.as_name()?.to_owned(), rest)))
        else {
            return Err(Error::internal("a chain without a name"));
        };
        let value = self.named(scope, &name, steps)?;
        let value = match value {
            Some((value, used)) => {
                self.descend(value, steps.get(used..).unwrap_or(rest), reading(scope))?
            }
            None => return Err(self.unknown_name(scope, &name, steps, span)),
        };
        Ok(value.at(span))
    }

    /// The value that the first steps name, and how many steps were used.
    fn named(
        &mut self,
        scope: &mut Scope,
        name: &str,
        steps: &[Step],
    ) -> Result<Option<(Value, usize)>, Error> {
        if let Some(parameter) = scope.lambdas.iter().rev().find(|parameter| parameter.name == name)
        {
            let kind = ExprKind::LambdaVariable(parameter.unique.clone());
            let expr = Expr { kind, ty: parameter.ty.clone(), span: Span::default() };
            return Ok(Some((Value::plain(expr), 1)));
        }
        if let Some(index) =
            scope.bindings.iter().position(|binding| steps.len() > 1 && binding.name == name)
        {
            let rest = steps.get(1..).unwrap_or_default();
            return Ok(Some((self.field_of(scope, index, rest)?, steps.len())));
        }
        if let Some(alias) = scope.alias(name) {
            let value = alias.value.clone();
            self.copied = self.copied.saturating_add(alias.cost);
            if self.copied > MAX_COPIED {
                let span = steps.first().map_or(alias.span, |step| step.span);
                return Err(too_much_copied(name, span));
            }
            return value.map(|value| Some((value, 1)));
        }
        if let Some((_, either)) = scope.merged.iter().find(|(merged, _)| merged == name) {
            return Ok(Some((Value::plain(either.clone()), 1)));
        }
        let trusted = scope.trusted;
        let has = |(index, binding): (usize, &super::scope::Binding)| {
            let found =
                binding.has(name, trusted) && !binding.merged.iter().any(|merged| merged == name);
            (found && !binding.only_tested).then_some(index)
        };
        let found: Vec<usize> = scope.bindings.iter().enumerate().filter_map(has).collect();
        match found.as_slice() {
            [] => {}
            [index] => return Ok(Some((self.field_of(scope, *index, steps)?, steps.len()))),
            several => return Err(ambiguous(scope, name, several, steps)),
        }
        let span = steps.first().map(|step| step.span).unwrap_or_default();
        Ok(self.scalar_cte(scope, name, span)?.map(|value| (value, 1)))
    }

    /// Names a value for the rest of the SELECT.
    pub(super) fn define_alias(
        &mut self,
        scope: &mut Scope,
        name: &ast::Ident,
        value: Result<Value, Error>,
    ) -> Result<(), Error> {
        if scope.clause == Clause::Constant {
            return Err(Error::query(
                "H0202",
                name.span,
                "aliases are allowed only within a SELECT",
            ));
        }
        if let Some(known) = scope.alias(&name.value) {
            let mut error = Error::query(
                "H0201",
                name.span,
                format!("alias `{}` is already in use", name.value),
            );
            error.mark(known.span, "its first definition");
            return Err(error);
        }
        let cost = value.as_ref().map_or(0, |value| rewrite::cost(&value.expr));
        scope.aliases.push(super::scope::Alias {
            name: name.value.clone(),
            span: name.span,
            value,
            cost,
        });
        Ok(())
    }

    fn unknown_name(&self, scope: &Scope, name: &str, steps: &[Step], span: Span) -> Error {
        if scope.clause == Clause::Constant {
            return Error::query("H0200", span, format!("`{name}` is no constant"));
        }
        let binding = scope.bindings.iter().find(|binding| binding.name == name);
        if binding.is_some() && steps.len() == 1 {
            return table_as_value(name, span);
        }
        if self.around.iter().flatten().any(|known| known == name) {
            let message = format!(
                "`{name}` belongs to an outer query, and a subquery sees only its own tables"
            );
            return Error::query("H0214", span, message)
                .with_hint("join the two instead, or use IN with a subquery");
        }
        let first = steps.first().map_or(span, |step| step.span);
        let error = Error::query("H0200", first, format!("unknown field `{name}`"));
        match self.hint(scope, name) {
            Some(hint) => error.with_hint(hint),
            None => error,
        }
    }

    fn hint(&self, scope: &Scope, name: &str) -> Option<String> {
        let fields: Vec<String> =
            scope.bindings.iter().flat_map(|binding| binding.field_names()).collect();
        let aliases = scope.aliases.iter().map(|alias| alias.name.as_str());
        let tables = scope.bindings.iter().map(|binding| binding.name.as_str());
        let parameters = scope.lambdas.iter().map(|parameter| parameter.name.as_str());
        let known = fields.iter().map(String::as_str).chain(aliases).chain(parameters);
        if scope.bindings.is_empty() && scope.aliases.is_empty() && scope.lambdas.is_empty() {
            return Some("the query has no FROM".to_owned());
        }
        if fields.iter().any(|field| field == "properties") && self.is_property(name) {
            return Some(format!("did you mean `properties.{name}`?"));
        }
        if let Some(close) = suggest::closest(name, known) {
            return Some(format!("did you mean `{close}`?"));
        }
        if let Some(close) = suggest::closest(name, tables) {
            return Some(format!("did you mean the table `{close}`?"));
        }
        if let Some(function) = crate::functions::lookup(name) {
            return Some(format!("`{}` is a function: {}", function.name, function.signature));
        }
        let few = !fields.is_empty() && fields.len() <= MOST_LISTED;
        few.then(|| format!("fields are {}", suggest::listed(&fields)))
    }

    /// Whether events are known to have such a property.
    fn is_property(&self, name: &str) -> bool {
        let source = self.schema.source(TableKind::Events);
        self.schema.property_kind(PropertyOwner::Event, name).is_some()
            || source.is_some_and(|source| source.property_column(name).is_some())
    }
}

/// How the scope reads properties.
pub(super) fn reading(scope: &Scope) -> Reading {
    Reading { trusted: scope.trusted, raw: scope.trusted || scope.raw_properties }
}

/// A table stands where a value is expected.
pub(super) fn table_as_value(name: &str, span: Span) -> Error {
    let error =
        Error::query("H0215", span, format!("`{name}` is a table where a column is expected"));
    error.with_hint(format!("name one of its fields: `{name}.<field>`"))
}

fn too_much_copied(name: &str, span: Span) -> Error {
    let message = format!(
        "`{name}` makes the query too large to plan: aliases stand here for others again and again"
    );
    Error::limit("H0226", span, message)
        .with_hint("name it in a subquery, `FROM (SELECT .. AS x)`, where it is computed once")
}

fn ambiguous(scope: &Scope, name: &str, several: &[usize], steps: &[Step]) -> Error {
    let span = steps.first().map(|step| step.span).unwrap_or_default();
    let tables: Vec<String> = several
        .iter()
        .filter_map(|index| scope.bindings.get(*index))
        .map(|binding| {
            if binding.name.is_empty() {
                "a subquery".to_owned()
            } else {
                format!("`{}`", binding.name)
            }
        })
        .collect();
    let error = Error::query(
        "H0204",
        span,
        format!("`{name}` is ambiguous: {} have it", tables.join(" and ")),
    );
    error.with_hint("write the table before it: `table.field`")
}
