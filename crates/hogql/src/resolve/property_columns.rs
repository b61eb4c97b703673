//! Properties that a source keeps in columns of their own.

use super::Resolver;
use super::fields::Reading;
use super::names::Step;
use super::scope::{Binding, Json, Value};
use crate::error::Error;
use crate::ir::{Expr, ExprKind};
use crate::types::Type;
use ::events::property::PropertyKind;
use ::events::source::{ColumnType, ShreddedProperty, SourceColumn};
use hogql_syntax::Span;

/// A field `properties` whose properties have columns.
pub(super) struct Properties<'f> {
    pub columns: &'f [SourceColumn],
    pub shredded: &'f [ShreddedProperty],
    pub text: Option<&'f SourceColumn>,
    pub json: Option<Json>,
}

impl<'f> Properties<'f> {
    /// The property of that key, if it has columns beside the JSON text.
    fn shredded(&self, key: &str) -> Option<&'f ShreddedProperty> {
        self.shredded.iter().find(|property| property.key == key)
    }
}

impl Resolver<'_> {
    /// Properties that have columns of their own.
    pub(super) fn property_columns(
        &mut self,
        binding: &mut Binding,
        properties: &Properties<'_>,
        span: Span,
        steps: &[Step],
        how: Reading,
    ) -> Result<Value, Error> {
        let column = |name: &str| properties.columns.iter().find(|column| column.name == name);
        if let Some((first, rest)) = steps.split_first()
            && let Some(column) = first.as_name().and_then(column)
        {
            let value = self.stored(binding, column, first.span);
            let value = self.typed_column(value, column, properties.json, rest, how);
            return self.descend(value, rest, how);
        }
        let Some(text) = properties.text else {
            return if steps.is_empty() {
                Ok(self.json_object(binding, properties, span))
            } else {
                Ok(Value {
                    expr: Expr::null_of(&Type::STRING, span),
                    json: Some(Json { owner: None }),
                })
            };
        };
        if let [only] = steps
            && let Some(property) = only.as_name().and_then(|key| properties.shredded(key))
        {
            let span = span.to(only.span);
            return Ok(self.shredded(binding, property, properties.json, span, how));
        }
        let value = self.stored(binding, text, span);
        self.descend(Value { json: properties.json, ..value }, steps, how)
    }

    /// A property that has columns beside the JSON text, read from the one that its definition asks for: as a number or
    /// truth value where it has such a column, else from its text.
    fn shredded(
        &mut self,
        binding: &mut Binding,
        property: &ShreddedProperty,
        json: Option<Json>,
        span: Span,
        how: Reading,
    ) -> Value {
        let owner = json.and_then(|json| json.owner).filter(|_| !how.raw);
        let typed = match owner.and_then(|owner| self.kind_of(owner, &property.key)) {
            Some(PropertyKind::Numeric) => property.number.as_ref().zip(Some(ColumnType::Float)),
            Some(PropertyKind::Boolean) => property.boolean.as_ref().zip(Some(ColumnType::Boolean)),
            _ => None,
        };
        if let Some((name, ty)) = typed {
            return Value::plain(self.stored(binding, &beside(name, ty), span).expr);
        }
        let column = self.stored(binding, &beside(&property.text, ColumnType::String), span).expr;
        let ty = column.ty.clone();
        // It stays a property, which compares with a number as one.
        let kind = ExprKind::Property { json: Box::new(column), path: Vec::new() };
        let text = Value { expr: Expr { kind, ty, span }, json: Some(Json { owner: None }) };
        match owner {
            Some(owner) => self.typed(text, owner, &property.key),
            None => text,
        }
    }

    /// The text of an object with all property columns.
    fn json_object(
        &mut self,
        binding: &mut Binding,
        properties: &Properties<'_>,
        span: Span,
    ) -> Value {
        let mut args = Vec::with_capacity(properties.columns.len() * 2);
        for column in properties.columns {
            args.push(Expr::string(column.name.clone(), span));
            args.push(self.stored(binding, column, span).expr);
        }
        let kind = ExprKind::Kernel { name: "json_object", args };
        Value { expr: Expr { kind, ty: Type::STRING, span }, json: properties.json }
    }
}

/// A column that holds a property beside the JSON text.
fn beside(name: &str, ty: ColumnType) -> SourceColumn {
    SourceColumn { name: name.to_owned(), ty, nullable: true }
}
