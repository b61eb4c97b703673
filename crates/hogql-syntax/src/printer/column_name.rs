//! The name of a result column that was given none: a field's last name, or the expression in function form.
//!
//! In function form operators are calls (`plus(1, 2)`), as users of the query API know them from column headers.

use super::Layout;
use super::call::unit_word;
use super::writer::Writer;
use crate::ast::{ArithmeticOp, CompareOp, Expr, ExprKind, Ident, Literal, TemplatePart, TrimSide};

/// The name of the result column that the select item makes.
///
/// # Examples
///
/// ```
/// use hogql_syntax::{column_name, parse_expr};
///
/// let name = |text| column_name(&parse_expr(text).tree);
/// assert_eq!(name("events.event"), "event");
/// assert_eq!(name("person.properties.a.b"), "a__b");
/// assert_eq!(name("properties['foo']"), "properties.foo");
/// assert_eq!(name("1 + count() AS total"), "total");
/// assert_eq!(name("1 + count()"), "plus(1, count())");
/// assert_eq!(name("a in (1, 2) or not b"), "or(in(a, tuple(1, 2)), not(b))");
/// ```
#[must_use]
pub fn column_name(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Alias { alias, .. } => alias.value.clone(),
        ExprKind::Field(chain) => field_name(chain),
        _ => {
            let mut writer = Writer::new_functions(Layout::Line);
            writer.any_expr(expr);
            writer.finish()
        }
    }
}

/// The path below `properties`, or else the last name.
fn field_name(chain: &[Ident]) -> String {
    let below = chain.iter().position(|name| name.value == "properties").map_or(0, |at| at + 1);
    let path: Vec<&str> = chain.iter().skip(below).map(|name| name.value.as_str()).collect();
    match (below, path.as_slice()) {
        (0, [.., last]) => (*last).to_string(),
        (_, []) => "properties".to_string(),
        _ => path.join("__"),
    }
}

impl Writer {
    /// Writes the expression in function form.
    pub(super) fn function_form(&mut self, e: &Expr) {
        match &e.kind {
            ExprKind::Arithmetic { left, op, right } => {
                self.function(arithmetic_name(*op), &[left, right])
            }
            ExprKind::Negate(operand) => self.negated(operand),
            ExprKind::Concat(items) => self.function("concat", &refs(items)),
            ExprKind::Template(parts) => self.template_form(parts),
            ExprKind::Compare { left, op, right } => self.compare_form(left, *op, right),
            ExprKind::IsNull { expr, negated } => self.is_null_form(expr, *negated),
            ExprKind::IsDistinctFrom { left, right, negated } => {
                self.function(
                    if *negated { "isNotDistinctFrom" } else { "isDistinctFrom" },
                    &[left, right],
                );
            }
            ExprKind::And(items) => self.function("and", &refs(items)),
            ExprKind::Or(items) => self.function("or", &refs(items)),
            ExprKind::Not(operand) => self.function("not", &[operand]),
            ExprKind::Coalesce(left, right) => self.function("ifNull", &[left, right]),
            ExprKind::Ternary { condition, then, otherwise } => {
                self.function("if", &[condition, then, otherwise])
            }
            ExprKind::Case { operand, branches, otherwise } => {
                self.case_form(operand.as_deref(), branches, otherwise.as_deref());
            }
            ExprKind::Interval { value, unit, .. } => {
                self.function(&interval_name(unit_word(*unit)), &[value])
            }
            ExprKind::Trim { side, chars, expr } => self.function(trim_name(*side), &[expr, chars]),
            ExprKind::Tuple(items) => self.function("tuple", &refs(items)),
            ExprKind::Dict(items) => self.dict_form(items),
            ExprKind::Lambda { params, body } => self.lambda_form(params, body),
            ExprKind::ArrayAccess { base, index, nullish, .. } => {
                self.access_form(base, index, *nullish)
            }
            ExprKind::TupleAccess { base, index, nullish } => {
                self.position_form(base, *index, *nullish)
            }
            ExprKind::IgnoreNulls(operand) => self.any_expr(operand),
            ExprKind::Literal(literal) => self.literal_form(literal),
            _ => {
                self.infix_form(e);
            }
        }
    }

    fn function(&mut self, name: &str, args: &[&Expr]) {
        self.push(name);
        self.parenthesised_list(args, |w, arg| w.any_expr(arg));
    }

    fn negated(&mut self, operand: &Expr) {
        self.push("minus(0, ");
        self.any_expr(operand);
        self.push(")");
    }

    /// One part stands for itself, none for the empty text.
    fn template_form(&mut self, parts: &[TemplatePart]) {
        match parts {
            [] => self.push("''"),
            [part] => self.template_part(part),
            _ => {
                self.push("concat");
                self.parenthesised_list(parts, Self::template_part);
            }
        }
    }

    fn template_part(&mut self, part: &TemplatePart) {
        match part {
            TemplatePart::Text { value, .. } => self.string(value),
            TemplatePart::Expr(inner) => self.any_expr(inner),
        }
    }

    fn compare_form(&mut self, left: &Expr, op: CompareOp, right: &Expr) {
        match op {
            CompareOp::InCohort | CompareOp::NotInCohort => {
                self.any_expr(left);
                self.push(if op == CompareOp::InCohort {
                    " IN COHORT "
                } else {
                    " NOT IN COHORT "
                });
                self.any_expr(right);
            }
            CompareOp::Regex | CompareOp::IRegex => {
                self.match_form(left, op == CompareOp::IRegex, right)
            }
            CompareOp::NotRegex | CompareOp::NotIRegex => {
                self.push("not(");
                self.match_form(left, op == CompareOp::NotIRegex, right);
                self.push(")");
            }
            _ => self.function(compare_name(op), &[left, right]),
        }
    }

    fn match_form(&mut self, left: &Expr, ignore_case: bool, right: &Expr) {
        self.push("match(");
        self.any_expr(left);
        self.push(if ignore_case { ", concat('(?i)', " } else { ", " });
        self.any_expr(right);
        self.push(if ignore_case { "))" } else { ")" });
    }

    fn is_null_form(&mut self, operand: &Expr, negated: bool) {
        self.push(if negated { "notEquals(" } else { "equals(" });
        self.any_expr(operand);
        self.push(", NULL)");
    }

    fn case_form(
        &mut self,
        operand: Option<&Expr>,
        branches: &[(Expr, Expr)],
        otherwise: Option<&Expr>,
    ) {
        self.push(match (operand, branches.len()) {
            (Some(_), _) => "_caseWithExpression(",
            (None, 1) => "if(",
            (None, _) => "multiIf(",
        });
        if let Some(operand) = operand {
            self.any_expr(operand);
            self.push(", ");
        }
        for (when, then) in branches {
            self.any_expr(when);
            self.push(", ");
            self.any_expr(then);
            self.push(", ");
        }
        match otherwise {
            Some(otherwise) => self.any_expr(otherwise),
            None => self.push("NULL"),
        }
        self.push(")");
    }

    fn dict_form(&mut self, items: &[(Expr, Expr)]) {
        self.push("tuple('__hx_tag', '__hx_obj'");
        for (key, value) in items {
            self.push(", ");
            self.any_expr(key);
            self.push(", ");
            self.any_expr(value);
        }
        self.push(")");
    }

    fn lambda_form(&mut self, params: &[Ident], body: &Expr) {
        match params {
            [only] => self.alias(only),
            _ => self.parenthesised_list(params, Self::alias),
        }
        self.push(" -> ");
        self.any_expr(body);
    }

    /// Access by a constant below `properties` lengthens the path; all other access keeps its brackets.
    fn access_form(&mut self, base: &Expr, index: &Expr, nullish: bool) {
        self.any_expr(base);
        if is_property_path(base) {
            match &index.kind {
                ExprKind::Literal(Literal::String(name)) => {
                    self.push(".");
                    return self.name(name, super::names::Place::Member);
                }
                ExprKind::Literal(Literal::Integer(position)) => {
                    return self.push(&format!(".{position}"));
                }
                _ => {}
            }
        }
        self.push(if nullish { "?.[" } else { "[" });
        self.any_expr(index);
        self.push("]");
    }

    fn position_form(&mut self, base: &Expr, index: u64, nullish: bool) {
        let bare = is_property_path(base)
            || matches!(base.kind, ExprKind::Field(_) | ExprKind::Tuple(_) | ExprKind::Call(_));
        self.push(if bare { "" } else { "(" });
        self.any_expr(base);
        self.push(if bare { "" } else { ")" });
        self.push(if nullish && !is_property_path(base) { "?." } else { "." });
        self.push(&index.to_string());
    }

    fn literal_form(&mut self, literal: &Literal) {
        match literal {
            Literal::Float(value) => self.push(&float_form(*value)),
            _ => self.literal(literal),
        }
    }
}

/// `properties.a`, `person.properties['a'].1`: what reads one value out of properties.
fn is_property_path(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Field(chain) => chain.iter().any(|name| name.value == "properties"),
        ExprKind::TupleAccess { base, .. } => is_property_path(base),
        ExprKind::ArrayAccess { base, index, .. } => {
            matches!(index.kind, ExprKind::Literal(Literal::String(_) | Literal::Integer(_)))
                && is_property_path(base)
        }
        _ => false,
    }
}

/// Sixteen digits before the point at most, an exponent of two digits at least.
fn float_form(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_string();
    }
    if value.is_infinite() {
        return if value < 0.0 { "-Inf".to_string() } else { "Inf".to_string() };
    }
    let magnitude = value.abs();
    if magnitude == 0.0 || (1e-4..1e16).contains(&magnitude) {
        return match value.to_string() {
            whole if !whole.contains('.') => whole + ".0",
            fraction => fraction,
        };
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    match exponent.strip_prefix('-') {
        Some(exponent) => format!("{digits}e-{exponent:0>2}"),
        None => format!("{digits}e+{exponent:0>2}"),
    }
}

fn refs(items: &[Expr]) -> Vec<&Expr> {
    items.iter().collect()
}

fn interval_name(unit: &str) -> String {
    let (first, rest) = unit.split_at(1);
    format!("toInterval{first}{}", rest.to_ascii_lowercase())
}

fn trim_name(side: TrimSide) -> &'static str {
    match side {
        TrimSide::Both => "trim",
        TrimSide::Leading => "trimLeft",
        TrimSide::Trailing => "trimRight",
    }
}

fn arithmetic_name(op: ArithmeticOp) -> &'static str {
    match op {
        ArithmeticOp::Add => "plus",
        ArithmeticOp::Subtract => "minus",
        ArithmeticOp::Multiply => "multiply",
        ArithmeticOp::Divide => "divide",
        ArithmeticOp::Modulo => "modulo",
    }
}

/// The function that a comparison without a form of its own is printed as.
fn compare_name(op: CompareOp) -> &'static str {
    match op {
        CompareOp::NotEq => "notEquals",
        CompareOp::Lt => "less",
        CompareOp::LtEq => "lessOrEquals",
        CompareOp::Gt => "greater",
        CompareOp::GtEq => "greaterOrEquals",
        CompareOp::Like => "like",
        CompareOp::NotLike => "notLike",
        CompareOp::ILike => "ilike",
        CompareOp::NotILike => "notILike",
        CompareOp::In => "in",
        CompareOp::NotIn => "notIn",
        _ => "equals",
    }
}
