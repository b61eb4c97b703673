//! Fields of a table: stored columns, expressions, paths and joins, made when they are asked for.

use super::Resolver;
use super::names::{Key, Step, table_as_value};
use super::property_columns::Properties;
use super::query::unread;
use super::scope::{Binding, Contents, Json, Lazy, Scope, Value};
use super::select::Item;
use super::suggest;
use crate::error::Error;
use crate::functions::operators;
use crate::ir::{Column, CompareOp, Expr, ExprKind, NullRule};
use crate::tables::{self, Field, FieldKind, Join};
use ::events::source::{ColumnType, SourceColumn};
use hogql_syntax::{Span, ast};
use std::rc::Rc;

/// How fields are read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    /// By a definition's text.
    pub trusted: bool,
    /// Properties as raw text.
    pub raw: bool,
}

impl Resolver<'_> {
    /// The field of a table of the scope.
    pub(super) fn field_of(
        &mut self,
        scope: &mut Scope,
        index: usize,
        steps: &[Step],
    ) -> Result<Value, Error> {
        let how = super::names::reading(scope);
        let Some(slot) = scope.bindings.get_mut(index) else {
            return Err(Error::internal("a table that is not there"));
        };
        if slot.only_tested {
            let span = steps.first().map(|step| step.span).unwrap_or_default();
            let message =
                format!("`{}` is only tested by the join and gives no columns", slot.name);
            return Err(Error::query("H0216", span, message));
        }
        let mut binding = std::mem::take(slot);
        let value = self.binding_field(&mut binding, steps, how);
        if let Some(slot) = scope.bindings.get_mut(index) {
            *slot = binding;
        }
        value
    }

    fn binding_field(
        &mut self,
        binding: &mut Binding,
        steps: &[Step],
        how: Reading,
    ) -> Result<Value, Error> {
        let Some((first, rest)) = steps.split_first() else {
            return Err(table_as_value(&binding.name, binding.span));
        };
        let Some(name) = first.as_name().filter(|name| binding.has(name, how.trusted)) else {
            return Err(unknown_field(binding, first));
        };
        if let Some(table) = binding.table.clone() {
            return match table.field(name) {
                Some(field) => self.table_field(binding, field, steps, how),
                None => Err(unknown_field(binding, first)),
            };
        }
        let Contents::Fixed { columns, .. } = &binding.contents else {
            return Err(unknown_field(binding, first));
        };
        let mut found = columns.iter().filter(|column| column.name == name);
        let Some(column) = found.next() else { return Err(unknown_field(binding, first)) };
        let expr =
            Expr { kind: ExprKind::Column(column.id), ty: column.ty.clone(), span: first.span };
        self.descend(Value { expr, json: column.json }, rest, how)
    }

    /// A field of a virtual table; the first step is its name.
    fn table_field(
        &mut self,
        binding: &mut Binding,
        field: &Field,
        steps: &[Step],
        how: Reading,
    ) -> Result<Value, Error> {
        let (span, rest) = match steps.split_first() {
            Some((first, rest)) => (first.span, rest),
            None => (binding.span, steps),
        };
        let json = field.owner.map(|owner| Json { owner: Some(owner) });
        match &field.kind {
            FieldKind::Stored(column) => {
                let value = self.stored(binding, column, span);
                self.descend(Value { json: json.or(value.json), ..value }, rest, how)
            }
            FieldKind::Columns { columns, shredded, rest: text } => {
                let properties = Properties { columns, shredded, text: text.as_ref(), json };
                self.property_columns(binding, &properties, span, rest, how)
            }
            FieldKind::Expr(text) => {
                let value = self.computed(binding, text, span)?;
                self.descend(Value { json: json.or(value.json), ..value }, rest, how)
            }
            FieldKind::Item(text) => {
                let value = self.open_item(binding, &field.name, text, span)?;
                self.descend(Value { json: json.or(value.json), ..value }, rest, how)
            }
            FieldKind::Path(path) => {
                let mut steps: Vec<Step> = path
                    .iter()
                    .map(|name| Step { key: Key::Name(name.to_string()), span })
                    .collect();
                steps.extend_from_slice(rest);
                self.binding_field(binding, &steps, Reading { trusted: true, ..how })
            }
            FieldKind::Join(_) | FieldKind::Nested(_) if rest.is_empty() => {
                Err(table_as_value(&field.name, span))
            }
            FieldKind::Join(join) => self.joined_field(binding, &field.name, join, rest, how),
            FieldKind::Nested(fields) => self.nested_field(binding, field, fields, rest, how),
            FieldKind::Absent(reason) => {
                let message = format!("`{}` cannot be had: {reason}", field.name);
                Err(Error::query("H0217", span, message))
            }
        }
    }

    fn nested_field(
        &mut self,
        binding: &mut Binding,
        parent: &Field,
        fields: &[Field],
        steps: &[Step],
        how: Reading,
    ) -> Result<Value, Error> {
        let Some(first) = steps.first() else {
            return Err(table_as_value(&parent.name, binding.span));
        };
        match fields.iter().find(|field| Some(&*field.name) == first.as_name()) {
            Some(field) => self.table_field(binding, field, steps, how),
            None => {
                let names: Vec<String> =
                    fields.iter().map(|field| field.name.to_string()).collect();
                Err(no_field(&parent.name, first, &names))
            }
        }
    }

    /// A field of a table that is joined once, on the first use.
    fn joined_field(
        &mut self,
        binding: &mut Binding,
        name: &str,
        join: &Join,
        steps: &[Step],
        how: Reading,
    ) -> Result<Value, Error> {
        let span = steps.first().map(|step| step.span).unwrap_or_default();
        let index = match binding.joins.iter().position(|lazy| lazy.name == name) {
            Some(index) => index,
            None => {
                let lazy =
                    self.nested(span, |resolver| resolver.lazy_join(binding, name, join, span))?;
                binding.joins.push(lazy);
                binding.joins.len() - 1
            }
        };
        match binding.joins.get_mut(index) {
            Some(lazy) => {
                self.binding_field(&mut lazy.binding, steps, Reading { trusted: false, ..how })
            }
            None => Err(Error::internal("a join that is not there")),
        }
    }

    fn lazy_join(
        &mut self,
        binding: &mut Binding,
        name: &str,
        join: &Join,
        span: Span,
    ) -> Result<Lazy, Error> {
        let Some(table) = tables::table(join.table, self.schema) else {
            return Err(Error::query(
                "H0217",
                span,
                format!("`{name}` cannot be had: the source has no table `{}`", join.table),
            ));
        };
        let mut other = self.open_table(table, span)?;
        name.clone_into(&mut other.name);
        let how = Reading { trusted: true, raw: true };
        let mut equal = Vec::new();
        for (text, field) in &join.on {
            let left = self.computed(binding, text, span)?.expr;
            let step = Step { key: Key::Name((*field).to_owned()), span };
            let right = self.binding_field(&mut other, &[step], how)?.expr;
            equal.push(operators::compare(
                CompareOp::Eq,
                left,
                right,
                NullRule::Plain,
                span,
                self.settings,
            )?);
        }
        Ok(Lazy { name: name.to_owned(), binding: other, on: operators::and(equal, span)? })
    }

    /// A column of the source.
    pub(super) fn stored(
        &mut self,
        binding: &mut Binding,
        column: &SourceColumn,
        span: Span,
    ) -> Value {
        let ty = tables::column_type(column, &self.settings.zone);
        let json = matches!(column.ty, ColumnType::Json).then_some(Json { owner: None });
        let fresh = self.fresh();
        let id = match &mut binding.contents {
            Contents::Scan { columns, .. } => match columns
                .iter()
                .find(|known| known.name == column.name)
            {
                Some(known) => known.id,
                None => {
                    columns.push(Column { id: fresh, name: column.name.clone(), ty: ty.clone() });
                    fresh
                }
            },
            _ => fresh,
        };
        Value { expr: Expr { kind: ExprKind::Column(id), ty, span }, json }
    }

    /// An expression over the table's own fields, resolved once.
    fn computed(&mut self, binding: &mut Binding, text: &str, span: Span) -> Result<Value, Error> {
        if let Some((_, value)) = binding.computed.iter().find(|(known, _)| known == text) {
            return Ok(value.clone().at(span));
        }
        let expr = definition(text, span)?;
        let mut scope = Scope::new(None, true);
        // The text speaks of fields alone: the table's alias must not get in their way.
        let name = std::mem::take(&mut binding.name);
        scope.bindings.push(std::mem::take(binding));
        let value = self.nested(span, |resolver| resolver.value(&mut scope, &expr));
        if let Some(own) = scope.bindings.pop() {
            *binding = own;
        }
        binding.name = name;
        let value = value?;
        binding.computed.push((text.to_owned(), value.clone()));
        Ok(value)
    }

    /// An item of a virtual table's query, added on the first use.
    fn open_item(
        &mut self,
        binding: &mut Binding,
        name: &str,
        text: &str,
        span: Span,
    ) -> Result<Value, Error> {
        let Contents::Open(open) = &mut binding.contents else {
            return Err(Error::internal("an item of a table that is no query"));
        };
        if let Some(item) = open.items.iter().find(|item| item.name == name) {
            return Ok(Value { expr: item.reference(span), json: item.value.json });
        }
        let expr = definition(text, span)?;
        let value = self.nested(span, |resolver| resolver.value(&mut open.block.scope, &expr))?;
        let item = Item { id: self.fresh(), name: name.to_owned(), value };
        let value = Value { expr: item.reference(span), json: item.value.json };
        open.items.push(item);
        Ok(value)
    }
}

/// The tree of a definition's text, all of it at one place of the query.
fn definition(text: &str, span: Span) -> Result<Rc<ast::Expr>, Error> {
    struct Place(Span);
    impl ast::VisitorMut for Place {
        fn visit_span(&mut self, span: &mut Span) {
            *span = self.0;
        }
    }
    let mut parsed = hogql_syntax::parse_expr(text);
    if parsed.diagnostics.is_empty() {
        ast::VisitorMut::visit_expr(&mut Place(span), &mut parsed.tree);
        return Ok(Rc::new(parsed.tree));
    }
    match parsed.diagnostics.first() {
        Some(wrong) => Err(Error::internal(format!(
            "a field's definition cannot be read: {}: {text}",
            wrong.message
        ))),
        None => Err(unread(span)),
    }
}

fn unknown_field(binding: &Binding, step: &Step) -> Error {
    no_field(&binding.name, step, &binding.field_names())
}

fn no_field(table: &str, step: &Step, names: &[String]) -> Error {
    let name = match &step.key {
        Key::Name(name) => name.clone(),
        Key::Index(index) => index.to_string(),
    };
    let error = Error::query("H0200", step.span, format!("`{table}` has no field `{name}`"));
    match suggest::closest(&name, names.iter().map(String::as_str)) {
        Some(close) => error.with_hint(format!("did you mean `{close}`?")),
        None => error.with_hint(format!("its fields are {}", suggest::listed(names))),
    }
}
