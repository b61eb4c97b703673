//! Steps below a value: properties of JSON text, elements of tuples, arrays and maps.

use super::Resolver;
use super::fields::Reading;
use super::names::{Key, Step};
use super::scope::{Json, Value};
use crate::error::Error;
use crate::ir::{Expr, ExprKind, PathStep};
use crate::tables::PropertyOwner;
use crate::types::{Kind, Type};
use ::events::property::PropertyKind;
use ::events::source::{ColumnType, SourceColumn};
use hogql_syntax::Span;

impl Resolver<'_> {
    /// What the steps find below the value.
    pub(super) fn descend(
        &mut self,
        value: Value,
        steps: &[Step],
        how: Reading,
    ) -> Result<Value, Error> {
        let Some((first, rest)) = steps.split_first() else { return Ok(value) };
        if let Some(json) = value.json {
            return self.property(value.expr, json, steps, how);
        }
        let below = self.element(value.expr, first)?;
        self.descend(Value::plain(below), rest, how)
    }

    /// `properties.a.b`: one step is read by the property's definition, more are text.
    fn property(
        &mut self,
        json: Expr,
        owner: Json,
        steps: &[Step],
        how: Reading,
    ) -> Result<Value, Error> {
        let span = steps.iter().map(|step| step.span).fold(json.span, Span::to);
        let path = steps.iter().map(path_step).collect::<Result<Vec<_>, _>>()?;
        let ty = Type::STRING.to_nullable();
        let kind = ExprKind::Property { json: Box::new(json), path };
        let text = Value { expr: Expr { kind, ty, span }, json: Some(Json { owner: None }) };
        let name = match steps {
            [only] if !how.raw => only.as_name(),
            _ => None,
        };
        Ok(match (name, owner.owner) {
            (Some(name), Some(owner)) => self.typed(text, owner, name),
            _ => text,
        })
    }

    /// The property read as its definition says.
    pub(super) fn typed(&self, text: Value, owner: PropertyOwner, name: &str) -> Value {
        match self.kind_of(owner, name) {
            Some(
                kind @ (PropertyKind::Numeric | PropertyKind::Boolean | PropertyKind::DateTime),
            ) => Value::plain(self.read_as(text.expr, kind)),
            _ => text,
        }
    }

    /// The kind that a property is read as; `None` if nothing is known of it.
    pub(super) fn kind_of(&self, owner: PropertyOwner, name: &str) -> Option<PropertyKind> {
        crate::tables::forced_kind(name).or_else(|| self.schema.property_kind(owner, name))
    }

    /// A property that has a column of its own: as the column is typed; text as the definition says.
    pub(super) fn typed_column(
        &self,
        value: Value,
        column: &SourceColumn,
        json: Option<Json>,
        rest: &[Step],
        how: Reading,
    ) -> Value {
        if !matches!(column.ty, ColumnType::String | ColumnType::Json) {
            return Value::plain(value.expr);
        }
        let text = Value { json: Some(Json { owner: None }), ..value };
        match json.and_then(|json| json.owner) {
            Some(owner) if rest.is_empty() && !how.raw => self.typed(text, owner, &column.name),
            _ => text,
        }
    }

    /// A property's text read as a number, truth value or instant; NULL where it is none.
    pub(super) fn read_as(&self, text: Expr, kind: PropertyKind) -> Expr {
        crate::functions::conversion::read_property_as(text, kind, self.settings)
    }

    /// An element of a tuple, array or map.
    fn element(&mut self, base: Expr, step: &Step) -> Result<Expr, Error> {
        let span = base.span.to(step.span);
        match (&step.key, &base.ty.kind) {
            (Key::Index(0), _) => Err(index_zero(step.span)),
            (Key::Index(index), Kind::Tuple(_)) => {
                self.call_builtin("tupleElement", vec![base, Expr::int64(*index, step.span)], span)
            }
            (Key::Name(name), Kind::Tuple(fields)) => {
                let index = fields.iter().position(|(known, _)| known.as_ref() == Some(name));
                match index.and_then(|index| i64::try_from(index + 1).ok()) {
                    Some(index) => self.call_builtin(
                        "tupleElement",
                        vec![base, Expr::int64(index, step.span)],
                        span,
                    ),
                    None => Err(no_fields(&base.ty, name, step.span)),
                }
            }
            (Key::Index(index), Kind::Array(_) | Kind::Map(_, _)) => {
                self.call_builtin("arrayElement", vec![base, Expr::int64(*index, step.span)], span)
            }
            (Key::Name(name), Kind::Map(_, _)) => self.call_builtin(
                "arrayElement",
                vec![base, Expr::string(name.clone(), step.span)],
                span,
            ),
            (Key::Name(name), _) => Err(no_fields(&base.ty, name, step.span)),
            (Key::Index(_), _) => Err(Error::query(
                "H0218",
                step.span,
                format!("a value of type {} has no elements", base.ty),
            )),
        }
    }
}

fn path_step(step: &Step) -> Result<PathStep, Error> {
    match &step.key {
        Key::Name(name) => Ok(PathStep::Key(name.clone())),
        Key::Index(0) => Err(index_zero(step.span)),
        Key::Index(index) => Ok(PathStep::Index(*index)),
    }
}

/// `a[0]`, `a.0`.
pub(super) fn index_zero(span: Span) -> Error {
    Error::query("H0219", span, "indexes start from one")
        .with_hint("the first element is 1, the last is -1")
}

fn no_fields(ty: &Type, name: &str, span: Span) -> Error {
    let error = Error::query("H0218", span, format!("a value of type {ty} has no field `{name}`"));
    if ty.is_string() {
        error.with_hint(format!("read JSON text with `JSONExtractString(text, '{name}')`"))
    } else {
        error
    }
}
