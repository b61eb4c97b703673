//! Expressions.

use super::node::{Writer, bare, dotted, names};
use super::value::Value;
use crate::Span;
use crate::ast::{
    ArithmeticOp, CastStyle, Columns, CompareOp, Expr, ExprKind, Ident, IntervalUnit, Literal,
    Star, TemplatePart, TrimSide,
};

impl Writer<'_> {
    pub(super) fn expr(&self, expr: &Expr) -> Value {
        let span = expr.span;
        match &expr.kind {
            ExprKind::Literal(literal) => self.literal(span, literal),
            ExprKind::Field(chain) => self.field(span, chain),
            ExprKind::Star(star) => self.star(span, star),
            ExprKind::Columns(columns) => self.node("ColumnsExpr", span, self.columns(columns)),
            ExprKind::Spread(inner) => self.spread(span, inner),
            ExprKind::Placeholder(inner) => {
                self.node("Placeholder", span, vec![("expr", self.expr(inner))])
            }
            ExprKind::Call(call) => self.call(span, call),
            ExprKind::ExprCall { callee, args } => self.expr_call(span, callee, args),
            ExprKind::Window(call) => self.window(span, call),
            ExprKind::NamedArgument { name, value } => self.named_argument(name, value),
            ExprKind::Error => Value::Null,
            _ => self.operation(expr),
        }
    }

    /// Operators.
    fn operation(&self, expr: &Expr) -> Value {
        let span = expr.span;
        match &expr.kind {
            ExprKind::Arithmetic { left, op, right } => {
                self.arithmetic(span, self.expr(left), *op, right)
            }
            ExprKind::Negate(inner) => self.negate(span, inner),
            ExprKind::Concat(parts) => self.concat(span, parts),
            ExprKind::Compare { left, op, right } => {
                let fields = vec![
                    ("left", self.expr(left)),
                    ("op", Value::text(compare_text(*op))),
                    ("right", self.expr(right)),
                ];
                self.node("CompareOperation", span, fields)
            }
            ExprKind::IsNull { expr, negated } => self.is_null(span, expr, *negated),
            ExprKind::IsDistinctFrom { left, right, negated } => {
                let fields = vec![
                    ("left", self.expr(left)),
                    ("right", self.expr(right)),
                    ("negated", Value::Bool(*negated)),
                ];
                self.node("IsDistinctFrom", span, fields)
            }
            ExprKind::And(parts) => self.node("And", span, vec![("exprs", self.exprs(parts))]),
            ExprKind::Or(parts) => self.node("Or", span, vec![("exprs", self.exprs(parts))]),
            ExprKind::Not(inner) => self.node("Not", span, vec![("expr", self.expr(inner))]),
            ExprKind::Between { expr, negated, low, high } => {
                self.between(span, [expr, low, high], *negated)
            }
            ExprKind::Coalesce(left, right) => {
                self.lowered("ifNull", span, vec![self.expr(left), self.expr(right)])
            }
            ExprKind::Ternary { condition, then, otherwise } => self.lowered(
                "if",
                span,
                vec![self.expr(condition), self.expr(then), self.expr(otherwise)],
            ),
            ExprKind::Case { operand, branches, otherwise } => {
                self.case(span, operand.as_deref(), branches, otherwise.as_deref())
            }
            _ => self.construct(expr),
        }
    }

    /// Everything else.
    fn construct(&self, expr: &Expr) -> Value {
        let span = expr.span;
        match &expr.kind {
            ExprKind::Interval { value, unit, from_string } => {
                self.interval(span, value, *unit, *from_string)
            }
            ExprKind::Template(parts) => self.template(span, parts),
            ExprKind::Cast { expr, type_name, style } => {
                let name = if *style == CastStyle::TryCast { "TryCast" } else { "TypeCast" };
                self.node(
                    name,
                    span,
                    vec![("expr", self.expr(expr)), ("type_name", Value::text(type_name.clone()))],
                )
            }
            ExprKind::Trim { side, chars, expr } => {
                self.lowered(trim_name(*side), span, vec![self.expr(expr), self.expr(chars)])
            }
            ExprKind::Lambda { params, body } => {
                self.node("Lambda", span, vec![("args", names(params)), ("expr", self.expr(body))])
            }
            ExprKind::Alias { expr, alias } => self.alias(span, expr, alias),
            ExprKind::Tuple(items) => self.node("Tuple", span, vec![("exprs", self.exprs(items))]),
            ExprKind::Array(items) => self.node("Array", span, vec![("exprs", self.exprs(items))]),
            ExprKind::Dict(items) => self.dict(span, items),
            ExprKind::Subquery(query) => self.query(query),
            ExprKind::IgnoreNulls(inner) => self.expr(inner),
            ExprKind::GroupingSet(items) => {
                self.node("GroupingSet", span, vec![("exprs", self.exprs(items))])
            }
            ExprKind::Tag(tag) => self.tag(span, tag),
            ExprKind::Block(block) => self.block(block),
            _ => self.access(expr),
        }
    }

    fn access(&self, expr: &Expr) -> Value {
        let span = expr.span;
        match &expr.kind {
            ExprKind::ArrayAccess { base, index, nullish, dotted } => {
                let property = if *dotted { self.property(index) } else { self.expr(index) };
                let fields = vec![("array", self.expr(base)), ("property", property)];
                self.node("ArrayAccess", span, with_nullish(fields, *nullish))
            }
            ExprKind::ArraySlice { base, from, to } => {
                let mut fields = vec![("array", self.expr(base))];
                fields.extend(from.as_ref().map(|from| ("start_expr", self.expr(from))));
                fields.extend(to.as_ref().map(|to| ("end_expr", self.expr(to))));
                self.node("ArraySlice", span, fields)
            }
            ExprKind::TupleAccess { base, index, nullish } => {
                let fields =
                    vec![("tuple", self.expr(base)), ("index", Value::Number(index.to_string()))];
                self.node("TupleAccess", span, with_nullish(fields, *nullish))
            }
            ExprKind::PositionalRef(index) => {
                self.node("PositionalRef", span, vec![("index", Value::Number(index.to_string()))])
            }
            _ => Value::Null,
        }
    }

    /// The name of a property: a constant without a place.
    fn property(&self, index: &Expr) -> Value {
        match &index.kind {
            ExprKind::Literal(Literal::String(name)) => {
                bare("Constant", vec![("value", Value::text(name.clone()))])
            }
            _ => self.expr(index),
        }
    }

    fn literal(&self, span: Span, literal: &Literal) -> Value {
        let number = |text: String| {
            vec![("value", Value::Text(text)), ("value_type", Value::text("number"))]
        };
        let fields = match literal {
            Literal::Null => vec![("value", Value::Null)],
            Literal::Boolean(value) => vec![("value", Value::Bool(*value))],
            Literal::Integer(value) => vec![("value", Value::Number(value.to_string()))],
            Literal::BigInteger(digits) => number(digits.clone()),
            Literal::Float(value) if value.is_nan() => number("NaN".into()),
            Literal::Float(value) if value.is_infinite() => {
                number(if *value < 0.0 { "-Infinity" } else { "Infinity" }.into())
            }
            Literal::Float(value) => vec![("value", Value::Number(format!("{value:?}")))],
            Literal::String(text) => vec![("value", Value::text(text.clone()))],
        };
        self.node("Constant", span, fields)
    }

    fn star(&self, span: Span, star: &Star) -> Value {
        if let Some(exclude) = &star.exclude {
            let fields = vec![("all_columns", Value::Bool(true)), ("exclude", dotted(exclude))];
            return self.node("ColumnsExpr", span, fields);
        }
        let mut chain = names(&star.qualifier);
        if let Value::List(names) = &mut chain {
            names.push(Value::text("*"));
        }
        self.node("Field", span, vec![("chain", chain)])
    }

    fn columns(&self, columns: &Columns) -> Vec<(&'static str, Value)> {
        match columns {
            Columns::Regex(regex) => vec![("regex", Value::text(regex.clone()))],
            Columns::List(items) => vec![("columns", self.exprs(items))],
            Columns::All { exclude, replace, .. } => self.all_columns(exclude, replace),
        }
    }

    fn all_columns(
        &self,
        exclude: &[Vec<Ident>],
        replace: &[(Expr, Ident)],
    ) -> Vec<(&'static str, Value)> {
        let mut fields = vec![("all_columns", Value::Bool(true))];
        if !exclude.is_empty() {
            fields.push(("exclude", dotted(exclude)));
        }
        if !replace.is_empty() {
            let entries = replace.iter().map(|(expr, name)| (name.value.clone(), self.expr(expr)));
            fields.push(("replace", object_of(entries)));
        }
        fields
    }

    fn spread(&self, span: Span, inner: &Expr) -> Value {
        let columns = match &inner.kind {
            ExprKind::Columns(columns) => bare("ColumnsExpr", self.columns(columns)),
            _ => self.expr(inner),
        };
        self.node("SpreadExpr", span, vec![("expr", columns)])
    }

    fn arithmetic(&self, span: Span, left: Value, op: ArithmeticOp, right: &Expr) -> Value {
        let op = match op {
            ArithmeticOp::Add => "+",
            ArithmeticOp::Subtract => "-",
            ArithmeticOp::Multiply => "*",
            ArithmeticOp::Divide => "/",
            ArithmeticOp::Modulo => "%",
        };
        let fields = vec![("left", left), ("op", Value::text(op)), ("right", self.expr(right))];
        self.node("ArithmeticOperation", span, fields)
    }

    fn negate(&self, span: Span, inner: &Expr) -> Value {
        let zero = bare("Constant", vec![("value", Value::Number("0".into()))]);
        self.arithmetic(span, zero, ArithmeticOp::Subtract, inner)
    }

    /// Arguments of calls of `concat` among the parts are taken in.
    fn concat(&self, span: Span, parts: &[Expr]) -> Value {
        let mut args = Vec::new();
        for part in parts {
            match &part.kind {
                ExprKind::Call(call) if call.name.value == "concat" => {
                    args.extend(call.args.iter().map(|arg| self.expr(arg)));
                }
                ExprKind::Template(parts) if parts.len() > 1 => {
                    args.extend(self.template_parts(parts))
                }
                _ => args.push(self.expr(part)),
            }
        }
        self.lowered("concat", span, args)
    }

    fn is_null(&self, span: Span, expr: &Expr, negated: bool) -> Value {
        let null = bare("Constant", vec![("value", Value::Null)]);
        let fields = vec![
            ("left", self.expr(expr)),
            ("op", Value::text(if negated { "!=" } else { "==" })),
            ("right", null),
            ("is_null_comparison_style", Value::Bool(true)),
        ];
        self.node("CompareOperation", span, fields)
    }

    fn between(&self, span: Span, [expr, low, high]: [&Expr; 3], negated: bool) -> Value {
        let fields = vec![
            ("expr", self.expr(expr)),
            ("low", self.expr(low)),
            ("high", self.expr(high)),
            ("negated", Value::Bool(negated)),
        ];
        self.node("BetweenExpr", span, fields)
    }

    fn case(
        &self,
        span: Span,
        operand: Option<&Expr>,
        branches: &[(Expr, Expr)],
        otherwise: Option<&Expr>,
    ) -> Value {
        let mut args: Vec<_> = operand.into_iter().map(|operand| self.expr(operand)).collect();
        args.extend(branches.iter().flat_map(|(when, then)| [self.expr(when), self.expr(then)]));
        args.push(match otherwise {
            Some(otherwise) => self.expr(otherwise),
            None => bare("Constant", vec![("value", Value::Null)]),
        });
        let name = match (operand, branches.len()) {
            (Some(_), _) => "_caseWithExpression",
            (None, 1) => "if",
            _ => "multiIf",
        };
        self.lowered(name, span, args)
    }

    fn interval(&self, span: Span, value: &Expr, unit: IntervalUnit, from_string: bool) -> Value {
        let count = match &value.kind {
            ExprKind::Literal(Literal::Integer(count)) if from_string => {
                bare("Constant", vec![("value", Value::Number(count.to_string()))])
            }
            _ => self.expr(value),
        };
        self.lowered(interval_name(unit), span, vec![count])
    }

    fn template_parts<'t>(&'t self, parts: &'t [TemplatePart]) -> impl Iterator<Item = Value> + 't {
        parts.iter().map(|part| match part {
            TemplatePart::Text { value, span } => {
                self.literal(*span, &Literal::String(value.clone()))
            }
            TemplatePart::Expr(expr) => self.expr(expr),
        })
    }

    fn template(&self, span: Span, parts: &[TemplatePart]) -> Value {
        let mut args: Vec<_> = self.template_parts(parts).collect();
        match args.len() {
            0 if self.is_full(span) => {
                self.full(span, "Constant", vec![("value", Value::text(""))])
            }
            0 => self.literal(span, &Literal::String(String::new())),
            1 => args.pop().unwrap_or(Value::Null),
            _ if self.is_full(span) => self.full(
                span,
                "Call",
                vec![("name", Value::text("concat")), ("args", Value::List(args))],
            ),
            _ => self.lowered("concat", span, args),
        }
    }

    /// Whether this is the template that is the whole text.
    fn is_full(&self, span: Span) -> bool {
        span.start == 0 && self.text.starts_with("F'")
    }

    /// The node of the template that is the whole text: the reference has the end of the text as its last token.
    fn full(&self, span: Span, name: &str, fields: Vec<(&str, Value)>) -> Value {
        let mut node = self.node(name, span, fields);
        if let Value::Object(object) = &mut node {
            object.retain(|(key, _)| key != "end");
            object.push(("end".into(), self.positions.end_of_text()));
        }
        node
    }

    fn alias(&self, span: Span, expr: &Expr, alias: &Ident) -> Value {
        self.node(
            "Alias",
            span,
            vec![("expr", self.expr(expr)), ("alias", Value::text(alias.value.clone()))],
        )
    }

    fn dict(&self, span: Span, items: &[(Expr, Expr)]) -> Value {
        let pairs =
            items.iter().map(|(key, value)| Value::List(vec![self.expr(key), self.expr(value)]));
        self.node("Dict", span, vec![("items", Value::List(pairs.collect()))])
    }
}

/// An object whose later entries replace earlier ones of the same name.
pub(super) fn object_of(entries: impl Iterator<Item = (String, Value)>) -> Value {
    let mut fields: Vec<(String, Value)> = Vec::new();
    for (key, value) in entries {
        fields.retain(|(other, _)| *other != key);
        fields.push((key, value));
    }
    Value::Object(fields)
}

fn with_nullish(
    mut fields: Vec<(&'static str, Value)>,
    nullish: bool,
) -> Vec<(&'static str, Value)> {
    if nullish {
        fields.push(("nullish", Value::Bool(true)));
    }
    fields
}

fn compare_text(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Eq => "==",
        CompareOp::NotEq => "!=",
        CompareOp::Lt => "<",
        CompareOp::LtEq => "<=",
        CompareOp::Gt => ">",
        CompareOp::GtEq => ">=",
        CompareOp::Like => "like",
        CompareOp::NotLike => "not like",
        CompareOp::ILike => "ilike",
        CompareOp::NotILike => "not ilike",
        CompareOp::In => "in",
        CompareOp::NotIn => "not in",
        CompareOp::InCohort => "in cohort",
        CompareOp::NotInCohort => "not in cohort",
        CompareOp::Regex => "=~",
        CompareOp::NotRegex => "!~",
        CompareOp::IRegex => "=~*",
        CompareOp::NotIRegex => "!~*",
    }
}

fn interval_name(unit: IntervalUnit) -> &'static str {
    match unit {
        IntervalUnit::Second => "toIntervalSecond",
        IntervalUnit::Minute => "toIntervalMinute",
        IntervalUnit::Hour => "toIntervalHour",
        IntervalUnit::Day => "toIntervalDay",
        IntervalUnit::Week => "toIntervalWeek",
        IntervalUnit::Month => "toIntervalMonth",
        IntervalUnit::Quarter => "toIntervalQuarter",
        IntervalUnit::Year => "toIntervalYear",
    }
}

fn trim_name(side: TrimSide) -> &'static str {
    match side {
        TrimSide::Both => "trim",
        TrimSide::Leading => "trimLeft",
        TrimSide::Trailing => "trimRight",
    }
}
