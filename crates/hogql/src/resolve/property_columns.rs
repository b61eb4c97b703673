//! Properties that a source keeps in columns of their own.

use super::Resolver;
use super::fields::Reading;
use super::names::Step;
use super::scope::{Binding, Json, Value};
use crate::error::Error;
use crate::ir::{Expr, ExprKind};
use crate::types::Type;
use ::events::source::SourceColumn;
use hogql_syntax::Span;

/// A field `properties` whose properties have columns.
pub(super) struct Properties<'f> {
    pub columns: &'f [SourceColumn],
    pub text: Option<&'f SourceColumn>,
    pub json: Option<Json>,
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
        let value = self.stored(binding, text, span);
        self.descend(Value { json: properties.json, ..value }, steps, how)
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
