//! `*`, `t.*`, `COLUMNS(..)`, `EXCLUDE` and `REPLACE`.

use super::Resolver;
use super::names::{Key, Step};
use super::scope::{Binding, Contents, Scope, Value};
use super::suggest;
use crate::error::Error;
use hogql_syntax::{Span, ast};

/// Columns of a select list: their names and values.
type Columns = Vec<(String, Value)>;

impl Resolver<'_> {
    /// The columns that a star or `COLUMNS` stands for; `None` if the item is neither.
    pub(super) fn star(
        &mut self,
        scope: &mut Scope,
        item: &ast::Expr,
    ) -> Result<Option<Columns>, Error> {
        let span = item.span;
        match &item.kind {
            ast::ExprKind::Star(star) => {
                let exclude = star.exclude.as_deref().unwrap_or_default();
                self.all(scope, &All { qualifier: &star.qualifier, exclude, replace: &[], span })
                    .map(Some)
            }
            ast::ExprKind::Columns(columns) => self.columns(scope, columns, span).map(Some),
            _ => Ok(None),
        }
    }

    fn columns(
        &mut self,
        scope: &mut Scope,
        columns: &ast::Columns,
        span: Span,
    ) -> Result<Columns, Error> {
        match columns {
            ast::Columns::Regex(pattern) => self.matching(scope, pattern, span),
            ast::Columns::List(exprs) => {
                let column = |expr: &ast::Expr| {
                    Ok((hogql_syntax::column_name(expr), self.value(scope, expr)?))
                };
                exprs.iter().map(column).collect()
            }
            ast::Columns::All { qualifier, exclude, replace } => {
                self.all(scope, &All { qualifier, exclude, replace, span })
            }
        }
    }

    /// All columns whose names match.
    fn matching(&mut self, scope: &mut Scope, pattern: &str, span: Span) -> Result<Columns, Error> {
        let regex = regex::Regex::new(pattern).map_err(|_| {
            Error::query("H0270", span, format!("'{pattern}' is no regular expression"))
        })?;
        let mut columns = Vec::new();
        for index in 0..scope.bindings.len() {
            let names = scope.bindings.get(index).map(star_fields).unwrap_or_default();
            for name in names.into_iter().filter(|name| regex.is_match(name)) {
                columns.push(self.column_of(scope, index, name, span)?);
            }
        }
        if columns.is_empty() {
            return Err(Error::query("H0271", span, format!("no column matches '{pattern}'")));
        }
        Ok(columns)
    }

    fn all(&mut self, scope: &mut Scope, all: &All<'_>) -> Result<Columns, Error> {
        let index = star_table(scope, all)?;
        let Some(binding) = scope.bindings.get(index) else {
            return Err(Error::internal("a table that is not there"));
        };
        let (names, table) = (star_fields(binding), binding.name.clone());
        let excluded = all
            .exclude
            .iter()
            .map(|chain| excluded_name(chain, &table, &names))
            .collect::<Result<Vec<_>, _>>()?;
        for (_, replaced) in all.replace {
            known_name(replaced, &table, &names)?;
        }
        let mut columns = Vec::with_capacity(names.len());
        for name in names.into_iter().filter(|name| !excluded.contains(&name.as_str())) {
            let replacement = all.replace.iter().find(|(_, replaced)| replaced.value == name);
            columns.push(match replacement {
                Some((expr, _)) => (name, self.value(scope, expr)?),
                None => self.column_of(scope, index, name, all.span)?,
            });
        }
        if columns.is_empty() {
            return Err(Error::query("H0272", all.span, "EXCLUDE leaves no column"));
        }
        Ok(columns)
    }

    fn column_of(
        &mut self,
        scope: &mut Scope,
        index: usize,
        name: String,
        span: Span,
    ) -> Result<(String, Value), Error> {
        let step = Step { key: Key::Name(name.clone()), span };
        let value = self.field_of(scope, index, &[step])?;
        Ok((name, value.at(span)))
    }
}

/// A star with all that belongs to it.
struct All<'a> {
    qualifier: &'a [ast::Ident],
    exclude: &'a [Vec<ast::Ident>],
    replace: &'a [(ast::Expr, ast::Ident)],
    span: Span,
}

/// The table of a star.
fn star_table(scope: &Scope, all: &All<'_>) -> Result<usize, Error> {
    let visible: Vec<usize> =
        (0..scope.bindings.len()).filter(|index| is_visible(scope, *index)).collect();
    if all.qualifier.is_empty() {
        return match visible.as_slice() {
            [] => {
                Err(Error::query("H0273", all.span, "`*` needs a table, and the query has no FROM"))
            }
            [only] => Ok(*only),
            [first, ..] => {
                let name = scope
                    .bindings
                    .get(*first)
                    .map(|binding| binding.name.as_str())
                    .unwrap_or_default();
                let error = Error::query(
                    "H0274",
                    all.span,
                    "`*` needs a table before it when FROM has several",
                );
                Err(error.with_hint(if name.is_empty() {
                    "give the tables aliases".to_owned()
                } else {
                    format!("write `{name}.*`")
                }))
            }
        };
    }
    let name = all.qualifier.iter().map(|name| name.value.as_str()).collect::<Vec<_>>().join(".");
    let found = visible
        .into_iter()
        .find(|index| scope.bindings.get(*index).is_some_and(|binding| binding.name == name));
    found.ok_or_else(|| {
        let error = Error::query("H0275", all.span, format!("FROM has no table `{name}`"));
        match suggest::closest(&name, scope.bindings.iter().map(|binding| binding.name.as_str())) {
            Some(close) => error.with_hint(format!("did you mean `{close}.*`?")),
            None => error,
        }
    })
}

fn is_visible(scope: &Scope, index: usize) -> bool {
    scope.bindings.get(index).is_some_and(|binding| !binding.only_tested)
}

/// Names of the columns of `*`, each once.
fn star_fields(binding: &Binding) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut add = |name: &str| {
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    };
    match (&binding.table, &binding.contents) {
        (Some(table), _) => {
            table.fields.iter().filter(|field| !field.hidden).for_each(|field| add(&field.name))
        }
        (None, Contents::Fixed { columns, .. }) => {
            columns.iter().for_each(|column| add(&column.name))
        }
        _ => {}
    }
    names
}

fn excluded_name<'c>(
    chain: &'c [ast::Ident],
    table: &str,
    names: &[String],
) -> Result<&'c str, Error> {
    match chain {
        [name] => known_name(name, table, names),
        [qualifier, name] if qualifier.value == table => known_name(name, table, names),
        [first, ..] => Err(Error::query(
            "H0276",
            first.span,
            format!("`{}` is not the table of this `*`", first.value),
        )),
        [] => Err(Error::internal("an excluded name without parts")),
    }
}

fn known_name<'c>(name: &'c ast::Ident, table: &str, names: &[String]) -> Result<&'c str, Error> {
    if names.contains(&name.value) {
        return Ok(&name.value);
    }
    let error =
        Error::query("H0277", name.span, format!("`{table}.*` has no column `{}`", name.value));
    Err(match suggest::closest(&name.value, names.iter().map(String::as_str)) {
        Some(close) => error.with_hint(format!("did you mean `{close}`?")),
        None => error,
    })
}
