//! Expressions: operators and their operands.

use super::edges::{self, Edges};
use super::names::Place;
use super::writer::Writer;
use crate::ast::{ArithmeticOp, CastStyle, CompareOp, Expr, ExprKind, Ident, Literal};

impl Writer {
    /// Writes the expression and tells how it holds together.
    pub(super) fn expr(&mut self, e: &Expr) -> Edges {
        if self.in_functions() {
            self.function_form(e);
            return Edges::CLOSED;
        }
        self.infix_form(e)
    }

    /// Writes the expression with operators between their operands.
    pub(super) fn infix_form(&mut self, e: &Expr) -> Edges {
        match &e.kind {
            ExprKind::Arithmetic { left, op, right } => self.arithmetic(left, *op, right),
            ExprKind::Negate(operand) => self.negate(operand),
            ExprKind::Concat(items) => self.chain_of(&e.kind, items, " || ", edges::ADD),
            ExprKind::Compare { left, op, right } => self.compare(left, *op, right),
            ExprKind::IsNull { expr, negated } => self.is_null(expr, *negated),
            ExprKind::IsDistinctFrom { left, right, negated } => {
                self.is_distinct_from(left, right, *negated)
            }
            ExprKind::And(items) => self.chain_of(&e.kind, items, " AND ", edges::AND),
            ExprKind::Or(items) => self.chain_of(&e.kind, items, " OR ", edges::OR),
            ExprKind::Not(operand) => self.not(operand),
            ExprKind::Between { expr, negated, low, high } => {
                self.between(expr, *negated, [low, high])
            }
            ExprKind::Coalesce(left, right) => self.coalesce(left, right),
            ExprKind::Ternary { condition, then, otherwise } => {
                self.ternary(condition, then, otherwise)
            }
            ExprKind::Lambda { params, body } => self.lambda(params, body),
            ExprKind::Alias { expr, alias } => self.aliased(expr, alias),
            ExprKind::IgnoreNulls(operand) => self.ignore_nulls(operand),
            ExprKind::Cast { expr, type_name, style: CastStyle::DoubleColon } => {
                self.double_colon(expr, type_name)
            }
            ExprKind::ExprCall { callee, args } => self.expr_call(callee, args),
            ExprKind::ArrayAccess { base, index, nullish, dotted } => {
                self.array_access(base, index, *nullish, *dotted)
            }
            ExprKind::ArraySlice { base, from, to } => {
                self.array_slice(base, from.as_deref(), to.as_deref())
            }
            ExprKind::TupleAccess { base, index, nullish } => {
                self.tuple_access(base, *index, *nullish)
            }
            ExprKind::NamedArgument { name, value } => self.named_argument(name, value),
            closed => self.closed(closed),
        }
    }

    /// The forms that nothing can tear apart.
    fn closed(&mut self, kind: &ExprKind) -> Edges {
        match kind {
            ExprKind::Literal(literal) => self.literal(literal),
            ExprKind::Field(chain) => self.chain(chain),
            ExprKind::Placeholder(inner) => self.braced(inner),
            ExprKind::Tuple(items) => self.tuple(items),
            ExprKind::Array(items) => self.array(items),
            ExprKind::Dict(items) => self.dict(items),
            ExprKind::GroupingSet(items) => self.parenthesised_list(items, Self::any_expr),
            ExprKind::Subquery(query) => self.parenthesised_block(|w| w.query(query)),
            ExprKind::PositionalRef(index) => self.push(&format!("#{index}")),
            ExprKind::Block(block) => self.block(block),
            ExprKind::Error => self.push("?"),
            construct => self.construct(construct),
        }
        Edges::CLOSED
    }

    /// A constant.
    pub(super) fn literal(&mut self, literal: &Literal) {
        match literal {
            Literal::Null => self.push("NULL"),
            Literal::Boolean(value) => self.push(if *value { "true" } else { "false" }),
            Literal::Integer(value) => self.push(&value.to_string()),
            Literal::BigInteger(digits) => self.push(digits),
            Literal::Float(value) => self.float(*value),
            Literal::String(text) => self.string(text),
        }
    }

    fn arithmetic(&mut self, left: &Expr, op: ArithmeticOp, right: &Expr) -> Edges {
        let level = edges::arithmetic(op);
        let left = self.left_operand(left, level);
        self.push(match op {
            ArithmeticOp::Add => " + ",
            ArithmeticOp::Subtract => " - ",
            ArithmeticOp::Multiply => " * ",
            ArithmeticOp::Divide => " / ",
            ArithmeticOp::Modulo => " % ",
        });
        let right = self.operand(right, level + 1);
        Edges::infix(level, left, right)
    }

    /// A sign before a number would fold into it, and two of them start a comment: such operands get parentheses.
    fn negate(&mut self, operand: &Expr) -> Edges {
        self.push("-");
        let start = self.mark();
        let right = self.operand(operand, edges::NEGATE);
        let right = if takes_sign(self.since(start)) { self.wrap_since(start) } else { right };
        Edges::prefix(edges::NEGATE, right)
    }

    fn chain_of(&mut self, parent: &ExprKind, items: &[Expr], operator: &str, level: u8) -> Edges {
        let mut ends = Edges::CLOSED;
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.push(operator);
            }
            let member = self.chain_member(parent, item, level, index == 0);
            let left = if index == 0 { member.left } else { ends.left };
            ends = Edges { left, right: member.right };
        }
        Edges { left: ends.left.min(level), right: ends.right.min(level) }
    }

    fn compare(&mut self, left: &Expr, op: CompareOp, right: &Expr) -> Edges {
        let left = match &left.kind {
            ExprKind::Alias { expr, alias } if std::mem::take(&mut self.bare_alias) => {
                self.bare_aliased(expr, alias)
            }
            _ => self.left_operand(left, edges::COMPARE),
        };
        self.push(" ");
        self.push(compare_operator(op));
        self.push(" ");
        // After `IN COHORT`, a star would read as a product with a column named cohort.
        let cohort = matches!(op, CompareOp::InCohort | CompareOp::NotInCohort);
        let star = cohort && matches!(right.kind, ExprKind::Star(_));
        let right =
            self.wrap_unless(|e| !star && e.left >= edges::ADD && e.right >= edges::ADD, right);
        let is_in = matches!(op, CompareOp::In | CompareOp::NotIn) || cohort;
        match self.in_ends() && is_in {
            true => Edges { left: 0, right: 0 },
            false => Edges::infix(edges::COMPARE, left, right),
        }
    }

    fn is_null(&mut self, operand: &Expr, negated: bool) -> Edges {
        let left = self.left_operand(operand, edges::IS_NULL);
        self.push(if negated { " IS NOT NULL" } else { " IS NULL" });
        Edges::postfix(edges::IS_NULL, left)
    }

    fn ignore_nulls(&mut self, operand: &Expr) -> Edges {
        let left = self.left_operand(operand, edges::IS_NULL);
        self.push(" IGNORE NULLS");
        Edges::postfix(edges::IS_NULL, left)
    }

    fn is_distinct_from(&mut self, left: &Expr, right: &Expr, negated: bool) -> Edges {
        let left = self.left_operand(left, edges::DISTINCT_FROM);
        self.push(if negated { " IS NOT DISTINCT FROM " } else { " IS DISTINCT FROM " });
        let right = self.operand(right, edges::IS_NULL);
        Edges::infix(edges::DISTINCT_FROM, left, right)
    }

    fn coalesce(&mut self, left: &Expr, right: &Expr) -> Edges {
        let left = self.left_operand(left, edges::COALESCE);
        self.push(" ?? ");
        let right = self.operand(right, edges::DISTINCT_FROM);
        Edges::infix(edges::COALESCE, left, right)
    }

    /// `NOT` before a parenthesis is a call of the function `not`, so parentheses there are printed as that call.
    fn not(&mut self, operand: &Expr) -> Edges {
        if let ExprKind::Lambda { params, body } = &operand.kind {
            self.push("NOT ");
            let right = match body.kind {
                ExprKind::Block(_) => self.lambda(params, body),
                _ => self.bare_lambda(params, body),
            };
            return Edges::prefix(edges::NOT, right);
        }
        let start = self.mark();
        self.push("NOT ");
        self.bare_alias = begins_with_compared_alias(operand);
        let right = self.wrap_unless(|e| e.left >= edges::NOT, operand);
        if right == Edges::CLOSED && self.since(start).starts_with("NOT (") {
            self.replace_at(start, "NOT (", "not(");
            return Edges::CLOSED;
        }
        Edges::prefix(edges::NOT, right)
    }

    fn between(&mut self, expr: &Expr, negated: bool, bounds: [&Expr; 2]) -> Edges {
        let left = self.left_operand(expr, edges::COALESCE);
        self.push(if negated { " NOT BETWEEN " } else { " BETWEEN " });
        self.operand(bounds[0], edges::ADD);
        self.push(" AND ");
        let right = self.operand(bounds[1], edges::ADD);
        Edges::infix(edges::BETWEEN, left, right)
    }

    fn ternary(&mut self, condition: &Expr, then: &Expr, otherwise: &Expr) -> Edges {
        let left = self.left_operand(condition, edges::OR);
        self.push(" ? ");
        self.operand(then, edges::TERNARY);
        self.push(" : ");
        let right = self.operand(otherwise, edges::TERNARY);
        Edges::infix(edges::TERNARY, left, right)
    }

    /// Parameters stand in parentheses: without them a lambda takes the names before it in a list.
    fn lambda(&mut self, params: &[Ident], body: &Expr) -> Edges {
        self.parenthesised_list(params, Self::alias);
        self.push(" -> ");
        let right = self.expr(body);
        match body.kind {
            ExprKind::Block(_) => Edges::CLOSED,
            _ => Edges::prefix(edges::LAMBDA, right),
        }
    }

    /// A lambda that does not begin with a parenthesis.
    fn bare_lambda(&mut self, params: &[Ident], body: &Expr) -> Edges {
        self.push("lambda ");
        self.list(params, Self::alias);
        self.push(": ");
        let right = self.expr(body);
        Edges::prefix(edges::LAMBDA, right)
    }

    /// An alias ends an expression: only another alias may follow it.
    fn aliased(&mut self, expr: &Expr, alias: &Ident) -> Edges {
        let is_alias = matches!(expr.kind, ExprKind::Alias { .. });
        self.wrap_unless(|e| is_alias || e.right > edges::LAMBDA, expr);
        self.push(" AS ");
        self.alias(alias);
        Edges { left: edges::ALIAS, right: edges::ALIAS }
    }

    /// `e AS a` before a comparison, where it binds as tightly as that.
    fn bare_aliased(&mut self, expr: &Expr, alias: &Ident) -> Edges {
        let left = self.left_operand(expr, edges::COMPARE);
        self.push(" AS ");
        self.alias(alias);
        left
    }

    fn double_colon(&mut self, expr: &Expr, type_name: &str) -> Edges {
        let left = self.left_operand(expr, edges::POSTFIX);
        self.push("::");
        if matches!(type_name, "timestamp with time zone" | "timestamp with local time zone") {
            self.push(type_name);
        } else {
            self.name(type_name, Place::Type);
        }
        Edges::postfix(edges::POSTFIX, left)
    }

    fn expr_call(&mut self, callee: &Expr, args: &[Expr]) -> Edges {
        let left =
            self.wrap_unless(|e| e.right >= edges::POSTFIX && !reads_as_call(callee), callee);
        self.parenthesised_list(args, Self::any_expr);
        Edges::postfix(edges::POSTFIX, left)
    }

    fn array_access(&mut self, base: &Expr, index: &Expr, nullish: bool, dotted: bool) -> Edges {
        if let (true, ExprKind::Literal(Literal::String(name))) = (dotted, &index.kind) {
            return self.dotted_access(base, name, nullish);
        }
        let left = self.left_operand(base, edges::POSTFIX);
        self.push(if nullish { "?.[" } else { "[" });
        self.any_expr(index);
        self.push("]");
        Edges::postfix(edges::POSTFIX, left)
    }

    /// After a name chain a dot would lengthen the chain, after a number it would be a decimal point.
    fn dotted_access(&mut self, base: &Expr, name: &str, nullish: bool) -> Edges {
        let is_chain =
            matches!(base.kind, ExprKind::Field(_) | ExprKind::Literal(Literal::Boolean(_)));
        let left = self.wrap_unless(|e| e.right >= edges::POSTFIX && (nullish || !is_chain), base);
        let separator = match (nullish, is_number(base)) {
            (true, _) => "?.",
            (false, true) => " .",
            (false, false) => ".",
        };
        self.push(separator);
        self.name(name, if separator == " ." { Place::Strict } else { Place::Member });
        Edges::postfix(edges::POSTFIX, left)
    }

    fn tuple_access(&mut self, base: &Expr, index: u64, nullish: bool) -> Edges {
        let left = self.wrap_unless(|e| e.right >= edges::POSTFIX && !is_number(base), base);
        self.push(if nullish { "?." } else { "." });
        self.push(&index.to_string());
        Edges::postfix(edges::POSTFIX, left)
    }

    fn array_slice(&mut self, base: &Expr, from: Option<&Expr>, to: Option<&Expr>) -> Edges {
        let left = self.left_operand(base, edges::POSTFIX);
        self.push("[");
        if let Some(from) = from {
            self.operand(from, edges::OR);
        }
        self.push(":");
        if let Some(to) = to {
            self.operand(to, edges::OR);
        }
        self.push("]");
        Edges::postfix(edges::POSTFIX, left)
    }

    fn named_argument(&mut self, name: &Ident, value: &Expr) -> Edges {
        self.alias(name);
        self.push(" := ");
        let right = self.expr(value);
        Edges::prefix(0, right)
    }

    fn tuple(&mut self, items: &[Expr]) {
        self.push("(");
        self.exprs(items);
        self.push(if items.len() == 1 { ",)" } else { ")" });
    }

    fn array(&mut self, items: &[Expr]) {
        self.push("[");
        self.exprs(items);
        self.push("]");
    }

    fn dict(&mut self, items: &[(Expr, Expr)]) {
        self.push("{");
        self.list(items, |w, (key, value)| {
            w.operand(key, edges::OR);
            w.push(": ");
            w.operand(value, edges::TERNARY);
        });
        self.push("}");
    }
}

/// Whether a sign put before the text would become part of a number or start a comment.
fn takes_sign(text: &str) -> bool {
    let number = |word: &str| {
        text.strip_prefix(word)
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'))
    };
    text.starts_with(|c: char| c == '-' || c.is_ascii_digit()) || number("inf") || number("nan")
}

/// Whether `callee(..)` without parentheses would be a plain call.
fn reads_as_call(callee: &Expr) -> bool {
    match &callee.kind {
        ExprKind::Field(chain) => chain.len() == 1,
        ExprKind::Literal(Literal::Boolean(_)) => true,
        ExprKind::Call(call) if call.distinct => !begins_with_name(call.args.first()),
        ExprKind::Call(call) => {
            call.params.is_none()
                && call.order_by.is_empty()
                && call.filter.is_none()
                && call.within_group.is_empty()
        }
        _ => false,
    }
}

/// Whether a `DISTINCT` before it cannot be an operand of its own.
fn begins_with_name(first: Option<&Expr>) -> bool {
    first.is_some_and(|first| matches!(first.kind, ExprKind::Field(_) | ExprKind::Call(_)))
}

fn is_number(e: &Expr) -> bool {
    matches!(
        e.kind,
        ExprKind::Literal(Literal::Integer(_) | Literal::BigInteger(_) | Literal::Float(_))
    )
}

/// Whether the text of an expression begins with `e AS a` and a comparison.
fn begins_with_compared_alias(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Compare { left, .. } if matches!(left.kind, ExprKind::Alias { .. }) => true,
        ExprKind::Compare { left, .. }
        | ExprKind::IsDistinctFrom { left, .. }
        | ExprKind::Coalesce(left, _)
        | ExprKind::IsNull { expr: left, .. }
        | ExprKind::IgnoreNulls(left)
        | ExprKind::Between { expr: left, .. } => begins_with_compared_alias(left),
        _ => false,
    }
}

fn compare_operator(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Eq => "=",
        CompareOp::NotEq => "!=",
        CompareOp::Lt => "<",
        CompareOp::LtEq => "<=",
        CompareOp::Gt => ">",
        CompareOp::GtEq => ">=",
        CompareOp::Like => "LIKE",
        CompareOp::NotLike => "NOT LIKE",
        CompareOp::ILike => "ILIKE",
        CompareOp::NotILike => "NOT ILIKE",
        CompareOp::In => "IN",
        CompareOp::NotIn => "NOT IN",
        CompareOp::InCohort => "IN COHORT",
        CompareOp::NotInCohort => "NOT IN COHORT",
        CompareOp::Regex => "=~",
        CompareOp::NotRegex => "!~",
        CompareOp::IRegex => "=~*",
        CompareOp::NotIRegex => "!~*",
    }
}
