//! Calls, windows and tags.

use super::node::{Writer, bare, or_null_if_empty};
use super::value::Value;
use crate::Span;
use crate::ast::{
    Call, Expr, ExprKind, FrameBound, FrameBoundKind, Ident, Literal, Over, Tag, TagAttribute,
    WindowCall, WindowSpec,
};

impl Writer<'_> {
    pub(super) fn call(&self, span: Span, call: &Call) -> Value {
        let name = ("name", Value::text(call.name.value.clone()));
        if !call.within_group.is_empty() {
            let params = call.params.as_ref().map(|params| self.exprs(params));
            let fields = vec![
                name,
                ("params", Value::or_null(params)),
                ("args", Value::List(Vec::new())),
                ("distinct", Value::Bool(false)),
                ("within_group", self.order_items(&call.within_group)),
            ];
            return self.node("Call", span, fields);
        }
        if self.is_query_argument(call) {
            return self.node("Call", span, vec![name, ("args", self.exprs(&call.args))]);
        }
        let fields = vec![
            name,
            ("params", Value::or_null(call.params.as_ref().map(|params| self.exprs(params)))),
            ("args", self.exprs(&call.args)),
            ("distinct", Value::Bool(call.distinct)),
            ("order_by", or_null_if_empty(self.order_items(&call.order_by))),
            ("filter_expr", self.optional(call.filter.as_ref())),
        ];
        self.node("Call", span, fields)
    }

    /// `f(select ..)`, where the query has no parentheses of its own, and `(f)(query)`.
    fn is_query_argument(&self, call: &Call) -> bool {
        let [arg] = call.args.as_slice() else { return false };
        if call.params.is_some() || call.distinct {
            return false;
        }
        let between = call.name.span.end as usize..arg.span.start as usize;
        let before = self.text.get(between).unwrap_or_default();
        match arg.kind {
            ExprKind::Subquery(_) => before.contains(')') || before.matches('(').count() == 1,
            ExprKind::Placeholder(_) => before.contains(')'),
            _ => false,
        }
    }

    pub(super) fn expr_call(&self, span: Span, callee: &Expr, args: &[Expr]) -> Value {
        self.node("ExprCall", span, vec![("expr", self.expr(callee)), ("args", self.exprs(args))])
    }

    pub(super) fn named_argument(&self, name: &Ident, value: &Expr) -> Value {
        bare(
            "NamedArgument",
            vec![("name", Value::text(name.value.clone())), ("value", self.expr(value))],
        )
    }

    pub(super) fn window(&self, span: Span, call: &WindowCall) -> Value {
        let args = call.args.as_ref().map_or(Value::List(Vec::new()), |args| self.exprs(args));
        let mut fields = vec![
            ("name", Value::text(call.name.value.clone())),
            ("exprs", self.exprs(&call.exprs)),
            ("args", args),
        ];
        fields.push(match &call.over {
            Over::Named(name) => ("over_identifier", Value::text(name.value.clone())),
            Over::Spec(spec) => ("over_expr", self.window_spec(spec)),
        });
        self.node("WindowFunction", span, fields)
    }

    pub(super) fn window_spec(&self, spec: &WindowSpec) -> Value {
        let mut fields = vec![
            ("partition_by", or_null_if_empty(self.exprs(&spec.partition_by))),
            ("order_by", or_null_if_empty(self.order_items(&spec.order_by))),
        ];
        match &spec.frame {
            Some(frame) => {
                fields.push((
                    "frame_method",
                    Value::text(if frame.range { "RANGE" } else { "ROWS" }),
                ));
                fields.push(("frame_start", self.frame_bound(&frame.start)));
                fields.push((
                    "frame_end",
                    Value::or_null(frame.end.as_ref().map(|end| self.frame_bound(end))),
                ));
            }
            None => fields.extend([("frame_start", Value::Null), ("frame_end", Value::Null)]),
        }
        if spec.span.start == spec.span.end {
            return self.empty_window(spec.span, fields);
        }
        self.node("WindowExpr", spec.span, fields)
    }

    /// An empty specification ends, for the reference, with the parenthesis before it.
    fn empty_window(&self, span: Span, fields: Vec<(&str, Value)>) -> Value {
        let mut node = self.node("WindowExpr", span, fields);
        if let Value::Object(object) = &mut node {
            object.retain(|(key, _)| key != "end");
            object.push(("end".into(), self.positions.end_before(span.start)));
        }
        node
    }

    fn frame_bound(&self, bound: &FrameBound) -> Value {
        let (name, value) = match &bound.kind {
            FrameBoundKind::CurrentRow => {
                return self.node(
                    "WindowFrameExpr",
                    bound.span,
                    vec![("frame_type", Value::text("CURRENT ROW"))],
                );
            }
            FrameBoundKind::Preceding(value) => ("PRECEDING", value),
            FrameBoundKind::Following(value) => ("FOLLOWING", value),
        };
        let value = match value.as_deref() {
            Some(Expr { kind: ExprKind::Literal(Literal::Integer(value)), .. }) => {
                Value::Number(value.to_string())
            }
            value => self.optional(value),
        };
        let fields = vec![("frame_type", Value::text(name)), ("frame_value", value)];
        self.node("WindowFrameExpr", bound.span, fields)
    }

    pub(super) fn tag(&self, span: Span, tag: &Tag) -> Value {
        let mut attributes: Vec<_> =
            tag.attributes.iter().map(|attribute| self.attribute(attribute)).collect();
        if let Some(children) = tag.children.as_ref().filter(|children| !children.is_empty()) {
            let fields = vec![("name", Value::text("children")), ("value", self.exprs(children))];
            attributes.push(bare("HogQLXAttribute", fields));
        }
        let fields = vec![
            ("kind", Value::text(tag.name.value.clone())),
            ("attributes", Value::List(attributes)),
        ];
        self.node("HogQLXTag", span, fields)
    }

    fn attribute(&self, attribute: &TagAttribute) -> Value {
        let value = match &attribute.value {
            Some(value) => self.expr(value),
            None => bare("Constant", vec![("value", Value::Bool(true))]),
        };
        let fields = vec![("name", Value::text(attribute.name.value.clone())), ("value", value)];
        self.node("HogQLXAttribute", attribute.span, fields)
    }
}
