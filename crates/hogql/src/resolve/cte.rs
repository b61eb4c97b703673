//! CTEs: table CTEs are resolved anew wherever they are used, scalar ones stand for their expression.

use super::Resolver;
use super::query::Answer;
use super::scope::{Cte, Ctes, Scope, Value};
use crate::error::Error;
use hogql_syntax::{Span, ast};
use std::rc::Rc;

impl Resolver<'_> {
    /// The CTEs in sight after these definitions. A later definition hides an earlier one of the same name.
    pub(super) fn with_ctes(
        &mut self,
        outer: &Ctes,
        definitions: &[ast::Cte],
    ) -> Result<Ctes, Error> {
        let mut ctes = outer.clone();
        for definition in definitions {
            if definition.recursive && names_itself(definition) {
                return Err(Error::not_supported(definition.span, "WITH RECURSIVE"));
            }
            if !definition.using_key.is_empty() {
                return Err(Error::not_supported(definition.span, "USING KEY"));
            }
            ctes = Some(Rc::new(Cte { definition: definition.clone(), outer: ctes }));
        }
        Ok(ctes)
    }

    /// A table CTE's rows; `None` if the name is no table CTE.
    pub(super) fn table_cte(
        &mut self,
        scope: &Scope,
        name: &str,
    ) -> Result<Option<(Answer, Rc<Cte>)>, Error> {
        let Some(cte) = scope.cte(name) else { return Ok(None) };
        let ast::CteBody::Table(query) = &cte.definition.body else { return Ok(None) };
        let mut answer = self.answer(query, &cte.outer, scope.trusted)?;
        rename(&mut answer, &cte.definition.columns, cte.definition.span)?;
        Ok(Some((answer, cte)))
    }

    /// A scalar CTE's value; `None` if the name is none.
    pub(super) fn scalar_cte(
        &mut self,
        scope: &mut Scope,
        name: &str,
        span: Span,
    ) -> Result<Option<Value>, Error> {
        let Some(cte) = scope.cte(name) else { return Ok(None) };
        let ast::CteBody::Scalar(expr) = &cte.definition.body else {
            let message = format!("`{name}` is a table and cannot be used as a value");
            let hint = format!("select from it: `(SELECT .. FROM {name})`");
            return Err(Error::query("H0205", span, message).with_hint(hint));
        };
        // The body sees the CTEs before it.
        let inner = std::mem::replace(&mut scope.ctes, cte.outer.clone());
        let value = self.value(scope, expr);
        scope.ctes = inner;
        Ok(Some(value?.at(span)))
    }
}

/// Gives the columns the names of a column list.
pub(super) fn rename(answer: &mut Answer, names: &[ast::Ident], span: Span) -> Result<(), Error> {
    if names.is_empty() {
        return Ok(());
    }
    let count = answer.rel.columns.len();
    if names.len() != count {
        let message =
            format!("the column list has {} names, the table has {count} columns", names.len());
        return Err(Error::query("H0206", span, message));
    }
    for (column, name) in answer.rel.columns.iter_mut().zip(names) {
        column.name.clone_from(&name.value);
    }
    Ok(())
}

/// Whether the body of a CTE selects from the CTE itself.
fn names_itself(cte: &ast::Cte) -> bool {
    struct Search<'n>(&'n str, bool);
    impl ast::Visitor for Search<'_> {
        fn visit_ident(&mut self, ident: &ast::Ident) {
            self.1 = self.1 || ident.value == self.0;
        }
    }
    let mut search = Search(&cte.name.value, false);
    match &cte.body {
        ast::CteBody::Table(query) => ast::Visitor::visit_query(&mut search, query),
        ast::CteBody::Scalar(expr) => ast::Visitor::visit_expr(&mut search, expr),
    }
    search.1
}
