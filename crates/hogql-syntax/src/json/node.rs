//! Building nodes.

use super::positions::Positions;
use super::value::Value;
use crate::Span;
use crate::ast::{Expr, Ident};

/// Writes the nodes of one text.
pub(super) struct Writer<'a> {
    pub(super) positions: Positions<'a>,
    pub(super) text: &'a str,
}

impl<'a> Writer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { positions: Positions::new(text), text }
    }

    /// A node with its place.
    pub(super) fn node(&self, name: &str, span: Span, fields: Vec<(&str, Value)>) -> Value {
        let Value::Object(mut object) = bare(name, fields) else { return Value::Null };
        object.extend(self.positions.span(span));
        Value::Object(object)
    }

    pub(super) fn exprs(&self, exprs: &[Expr]) -> Value {
        Value::List(exprs.iter().map(|expr| self.expr(expr)).collect())
    }

    pub(super) fn optional(&self, expr: Option<&Expr>) -> Value {
        Value::or_null(expr.map(|expr| self.expr(expr)))
    }

    /// A call that stands for another construct.
    pub(super) fn lowered(&self, name: &str, span: Span, args: Vec<Value>) -> Value {
        self.node("Call", span, vec![("name", Value::text(name)), ("args", Value::List(args))])
    }

    pub(super) fn field(&self, span: Span, chain: &[Ident]) -> Value {
        self.node("Field", span, vec![("chain", names(chain))])
    }
}

/// A node without a place.
pub(super) fn bare(name: &str, fields: Vec<(&str, Value)>) -> Value {
    let mut object: Vec<_> =
        fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    object.push(("node".into(), Value::text(name)));
    Value::Object(object)
}

/// A list of names.
pub(super) fn names(names: &[Ident]) -> Value {
    Value::List(names.iter().map(|name| Value::text(name.value.clone())).collect())
}

/// Name chains with their dots.
pub(super) fn dotted(chains: &[Vec<Ident>]) -> Value {
    let chain = |chain: &Vec<Ident>| {
        chain.iter().map(|name| name.value.as_str()).collect::<Vec<_>>().join(".")
    };
    Value::List(chains.iter().map(|names| Value::text(chain(names))).collect())
}

/// The list, or null if it is empty.
pub(super) fn or_null_if_empty(list: Value) -> Value {
    match list {
        Value::List(items) if items.is_empty() => Value::Null,
        list => list,
    }
}
