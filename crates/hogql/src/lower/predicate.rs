//! Logical expressions as booleans.
//!
//! HogQL's comparisons are never NULL. Where a condition is wanted NULL and false are the same ([`Nulls::False`]), so plain
//! comparisons do and reach the Parquet reader; where a value is wanted ([`Nulls::Exact`]) the rule is spelled out.

use super::nan::Sides;
use super::{Lowering, named};
use crate::ir::{self, CompareOp, ExprKind, NullRule, Value};
use crate::types::{Kind, Type};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::expr::{InList, Like};
use datafusion::logical_expr::{BinaryExpr, Expr, Operator, lit};

/// What a NULL outcome may become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nulls {
    /// The outcome must follow the null rule exactly.
    Exact,
    /// NULL counts as false: a filter, a branch condition.
    False,
}

impl Lowering<'_> {
    /// An expression as a condition: NULL and 0 are false.
    pub(super) fn condition(&mut self, expr: &ir::Expr) -> Result<Expr> {
        self.predicate(expr, Nulls::False)
    }

    /// An expression as a boolean.
    pub(super) fn predicate(&mut self, expr: &ir::Expr, nulls: Nulls) -> Result<Expr> {
        match &expr.kind {
            ExprKind::Compare { op, left, right, nulls: rule } => {
                self.compare(*op, (left, right), *rule, nulls)
            }
            ExprKind::Like { .. } => self.like(expr, nulls),
            ExprKind::Regex { .. } => self.regex(expr, nulls),
            ExprKind::In { expr, list, negated } => self.in_list(expr, list, *negated),
            ExprKind::InSubquery { negated, .. } => self.in_subquery(expr, *negated),
            ExprKind::And(parts) => self.junction(parts, Operator::And, nulls),
            ExprKind::Or(parts) => self.junction(parts, Operator::Or, nulls),
            // NOT turns NULL-as-false into NULL-as-true, so its operand is exact.
            ExprKind::Not(inner) => Ok(Expr::Not(Box::new(self.predicate(inner, Nulls::Exact)?))),
            ExprKind::IsNull { expr, negated: false } => {
                Ok(Expr::IsNull(Box::new(self.expr(expr)?)))
            }
            ExprKind::IsNull { expr, negated: true } => {
                Ok(Expr::IsNotNull(Box::new(self.expr(expr)?)))
            }
            ExprKind::Literal(value) => literal_predicate(value, self, expr),
            _ => self.value_as_predicate(expr),
        }
    }

    fn value_as_predicate(&mut self, expr: &ir::Expr) -> Result<Expr> {
        let value = self.expr(expr)?;
        match expr.ty.kind {
            Kind::Bool => Ok(value),
            Kind::Nothing => Ok(lit(ScalarValue::Boolean(None))),
            _ => {
                let zero = super::layout::scalar(&Value::Int(0), &expr.ty.to_not_null())?;
                Ok(binary(value, Operator::NotEq, lit(zero)))
            }
        }
    }

    fn junction(&mut self, parts: &[ir::Expr], op: Operator, nulls: Nulls) -> Result<Expr> {
        let lowered =
            parts.iter().map(|part| self.predicate(part, nulls)).collect::<Result<Vec<_>>>()?;
        // Balanced, so that a long list does not become a deep tree.
        Ok(balanced(lowered, op))
    }

    fn compare(
        &mut self,
        op: CompareOp,
        (left, right): (&ir::Expr, &ir::Expr),
        rule: NullRule,
        nulls: Nulls,
    ) -> Result<Expr> {
        let (both, any) =
            (left.ty.nullable && right.ty.nullable, left.ty.nullable || right.ty.nullable);
        let sides = [self.expr(left)?, self.expr(right)?];
        let sides = Sides::of(op, [left, right], sides)?;
        let plain = |op| binary(sides.values[0].clone(), op, sides.values[1].clone());
        let compared = if rule == NullRule::Plain || !(any || sides.nan_is_null) {
            plain(operator(op))
        } else {
            match (op, nulls) {
                (CompareOp::Eq, Nulls::False) if !both => plain(Operator::Eq),
                (CompareOp::Eq, _) => plain(Operator::IsNotDistinctFrom),
                (CompareOp::NotEq, _) => plain(Operator::IsDistinctFrom),
                (op, Nulls::False) => plain(operator(op)),
                (op, Nulls::Exact) => is_true(plain(operator(op))),
            }
        };
        Ok(sides.beside_nan(op, compared))
    }

    fn like(&mut self, expr: &ir::Expr, nulls: Nulls) -> Result<Expr> {
        let ExprKind::Like { expr: text, pattern, negated, case_insensitive, nulls: rule } =
            &expr.kind
        else {
            return self.value_as_predicate(expr);
        };
        let matched = self.like_match(text, pattern, *case_insensitive)?;
        self.two_valued_match(matched, (text, pattern), *negated, (*rule, nulls))
    }

    fn like_match(
        &mut self,
        text: &ir::Expr,
        pattern: &ir::Expr,
        case_insensitive: bool,
    ) -> Result<Expr> {
        let (text, pattern) = (Box::new(self.expr(text)?), Box::new(self.expr(pattern)?));
        Ok(Expr::Like(Like {
            negated: false,
            expr: text,
            pattern,
            escape_char: None,
            case_insensitive,
        }))
    }

    fn regex(&mut self, expr: &ir::Expr, nulls: Nulls) -> Result<Expr> {
        let ExprKind::Regex { expr: text, pattern, negated, case_insensitive, nulls: rule } =
            &expr.kind
        else {
            return self.value_as_predicate(expr);
        };
        let kernel = if *case_insensitive { "match_case_insensitive" } else { "match" };
        let args = vec![self.expr(text)?, self.expr(pattern)?];
        let matched = self.kernel(kernel, args, &Type::BOOL)?;
        self.two_valued_match(matched, (text, pattern), *negated, (*rule, nulls))
    }

    /// Pattern matches: 1 if both sides are NULL, 0 if one is; the negated ones are the opposite.
    fn two_valued_match(
        &mut self,
        matched: Expr,
        (text, pattern): (&ir::Expr, &ir::Expr),
        negated: bool,
        (rule, nulls): (NullRule, Nulls),
    ) -> Result<Expr> {
        let nullable = text.ty.nullable || pattern.ty.nullable;
        if rule == NullRule::Plain || !nullable {
            return Ok(if negated { Expr::Not(Box::new(matched)) } else { matched });
        }
        let both = text.ty.nullable && pattern.ty.nullable;
        if !negated && !both && nulls == Nulls::False {
            return Ok(matched);
        }
        let mut exact = is_true(matched);
        if both {
            let both_null =
                [self.expr(text)?, self.expr(pattern)?].map(|side| Expr::IsNull(Box::new(side)));
            let [left, right] = both_null;
            exact = binary(exact, Operator::Or, binary(left, Operator::And, right));
        }
        Ok(if negated { Expr::Not(Box::new(exact)) } else { exact })
    }

    /// `IN (list)`: NULL equals NULL and never makes the outcome NULL.
    fn in_list(&mut self, expr: &ir::Expr, list: &[ir::Expr], negated: bool) -> Result<Expr> {
        let is_null_literal =
            |item: &&ir::Expr| matches!(item.kind, ExprKind::Literal(Value::Null));
        let has_null = list.iter().any(|item| is_null_literal(&item));
        let known: Vec<&ir::Expr> = list.iter().filter(|item| !is_null_literal(item)).collect();
        let may_hold_null = known.iter().any(|item| item.ty.nullable);
        let items = known.iter().map(|item| self.expr(item)).collect::<Result<Vec<_>>>()?;
        let value = self.expr(expr)?;
        if items.is_empty() {
            return Ok(match (has_null, negated) {
                (false, negated) => lit(negated),
                (true, false) => Expr::IsNull(Box::new(value)),
                (true, true) => Expr::IsNotNull(Box::new(value)),
            });
        }
        if !expr.ty.nullable && !may_hold_null {
            return Ok(Expr::InList(InList::new(Box::new(value), items, negated)));
        }
        if may_hold_null {
            // NULL may hide among the elements: what is not found is no NULL, but absent.
            let both_null = known
                .iter()
                .filter(|item| expr.ty.nullable && item.ty.nullable)
                .map(|item| Ok(Expr::IsNull(Box::new(self.expr(item)?))))
                .collect::<Result<Vec<_>>>()?;
            let is_null = Expr::IsNull(Box::new(value.clone()));
            let mut found = is_true(Expr::InList(InList::new(Box::new(value), items, false)));
            if has_null || !both_null.is_empty() {
                let held = if has_null { lit(true) } else { balanced(both_null, Operator::Or) };
                found = binary(found, Operator::Or, binary(is_null, Operator::And, held));
            }
            return Ok(if negated { Expr::Not(Box::new(found)) } else { found });
        }
        let found = is_true(Expr::InList(InList::new(Box::new(value.clone()), items, negated)));
        Ok(match (has_null, negated) {
            (false, false) => found,
            (true, false) | (false, true) => {
                binary(Expr::IsNull(Box::new(value)), Operator::Or, found)
            }
            (true, true) => binary(Expr::IsNotNull(Box::new(value)), Operator::And, found),
        })
    }

    /// A membership test that a join below has answered.
    fn in_subquery(&self, expr: &ir::Expr, negated: bool) -> Result<Expr> {
        let Some(mark) = self.hoisted.get(&std::ptr::from_ref(expr)) else {
            return datafusion::common::not_impl_err!("IN (SELECT ..) in this place");
        };
        let mark = Box::new(named(mark));
        Ok(if negated { Expr::IsNull(mark) } else { Expr::IsNotNull(mark) })
    }
}

fn literal_predicate(value: &Value, lowering: &mut Lowering<'_>, expr: &ir::Expr) -> Result<Expr> {
    match value {
        Value::Bool(flag) => Ok(lit(*flag)),
        Value::Int(number) => Ok(lit(*number != 0)),
        Value::UInt(number) => Ok(lit(*number != 0)),
        Value::Float(number) => Ok(lit(*number != 0.0)),
        Value::Null => Ok(lit(ScalarValue::Boolean(None))),
        Value::String(_) | Value::List(_) => lowering.value_as_predicate(expr),
    }
}

/// `a op b`.
pub(super) fn binary(left: Expr, op: Operator, right: Expr) -> Expr {
    Expr::BinaryExpr(BinaryExpr::new(Box::new(left), op, Box::new(right)))
}

/// False where the expression is NULL. (`IS TRUE` has another nullability in DataFusion's physical plans than in its logical ones.)
pub(super) fn is_true(expr: Expr) -> Expr {
    binary(expr, Operator::IsNotDistinctFrom, lit(true))
}

fn balanced(mut parts: Vec<Expr>, op: Operator) -> Expr {
    while parts.len() > 1 {
        let mut pairs = Vec::with_capacity(parts.len().div_ceil(2));
        let mut rest = parts.into_iter();
        while let Some(left) = rest.next() {
            pairs.push(match rest.next() {
                Some(right) => binary(left, op, right),
                None => left,
            });
        }
        parts = pairs;
    }
    parts.pop().unwrap_or_else(|| lit(op == Operator::And))
}

const fn operator(op: CompareOp) -> Operator {
    match op {
        CompareOp::Eq => Operator::Eq,
        CompareOp::NotEq => Operator::NotEq,
        CompareOp::Lt => Operator::Lt,
        CompareOp::LtEq => Operator::LtEq,
        CompareOp::Gt => Operator::Gt,
        CompareOp::GtEq => Operator::GtEq,
    }
}

/// The parts that must all hold.
pub(super) fn conjuncts(expr: &ir::Expr) -> Vec<&ir::Expr> {
    match &expr.kind {
        ExprKind::And(parts) => parts.iter().flat_map(conjuncts).collect(),
        _ => vec![expr],
    }
}
