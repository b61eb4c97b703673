//! Operators: operands resolved, then the typed constructors of the catalog.

use super::Resolver;
use super::scope::{Clause, Scope};
use crate::error::Error;
use crate::functions::operators::{self, Matching};
use crate::ir::{CompareOp, Expr, ExprKind, NullRule};
use crate::types::Kind;
use ::events::property::PropertyKind;
use hogql_syntax::{Diagnostic, Span, ast};

impl Resolver<'_> {
    /// An operator and its operands.
    pub(super) fn operator(&mut self, scope: &mut Scope, expr: &ast::Expr) -> Result<Expr, Error> {
        let span = expr.span;
        match &expr.kind {
            ast::ExprKind::Arithmetic { left, op, right } => {
                let (left, right) = self.pair(scope, left, right)?;
                self.arithmetic(*op, left, right, span)
            }
            ast::ExprKind::Negate(operand) => {
                let operand = self.expr(scope, operand)?;
                self.arithmetic(ast::ArithmeticOp::Subtract, Expr::flag(false, span), operand, span)
            }
            ast::ExprKind::Concat(parts) => {
                Ok(operators::concat(self.exprs(scope, parts)?, span, self.settings))
            }
            ast::ExprKind::Compare { left, op, right } => {
                self.comparison(scope, left, *op, right, span)
            }
            ast::ExprKind::IsNull { expr, negated } => {
                let tested = self.expr(scope, expr)?;
                Ok(Expr { span, ..tested.is_null(*negated) })
            }
            ast::ExprKind::IsDistinctFrom { left, right, negated } => {
                let op = if *negated { CompareOp::Eq } else { CompareOp::NotEq };
                let (left, right) = self.pair(scope, left, right)?;
                self.compare(op, left, right, NullRule::TwoValued, span)
            }
            ast::ExprKind::And(parts) => operators::and(self.exprs(scope, parts)?, span),
            ast::ExprKind::Or(parts) => operators::or(self.exprs(scope, parts)?, span),
            ast::ExprKind::Not(operand) => operators::not(self.expr(scope, operand)?, span),
            ast::ExprKind::Between { expr, negated, low, high } => {
                self.between(scope, expr, *negated, (low, high), span)
            }
            ast::ExprKind::Coalesce(left, right) => {
                let (left, right) = self.pair(scope, left, right)?;
                operators::if_null(vec![left, right], span)
            }
            _ => Err(Error::internal("no operator")),
        }
    }

    /// Both operands; the errors of both.
    fn pair(
        &mut self,
        scope: &mut Scope,
        left: &ast::Expr,
        right: &ast::Expr,
    ) -> Result<(Expr, Expr), Error> {
        match (self.expr(scope, left), self.expr(scope, right)) {
            (Ok(left), Ok(right)) => Ok((left, right)),
            (left, right) => {
                let errors = [left.err(), right.err()].into_iter().flatten().collect();
                Err(Error::all(errors).unwrap_or_else(|| Error::internal("no error")))
            }
        }
    }

    /// `+ - * / %`; a property without a definition counts as a number beside one.
    pub(super) fn arithmetic(
        &mut self,
        op: ast::ArithmeticOp,
        left: Expr,
        right: Expr,
        span: Span,
    ) -> Result<Expr, Error> {
        let beside_number = |other: &Expr| other.ty.is_number() || is_untyped_property(other);
        let (left_is_number, right_is_number) = (beside_number(&left), beside_number(&right));
        let left = if right_is_number { self.as_number(left) } else { left };
        let right = if left_is_number { self.as_number(right) } else { right };
        operators::arithmetic(op, left, right, span, self.settings)
    }

    /// A comparison of values; a property without a definition is read as what it is compared with.
    pub(super) fn compare(
        &mut self,
        op: CompareOp,
        left: Expr,
        right: Expr,
        nulls: NullRule,
        span: Span,
    ) -> Result<Expr, Error> {
        let (left, right) = self.read_alike(left, right);
        operators::compare(op, left, right, nulls, span, self.settings)
    }

    /// A property without a definition beside a number or truth value, read as one.
    fn read_alike(&mut self, left: Expr, right: Expr) -> (Expr, Expr) {
        let (left_kind, right_kind) = (left.ty.clone(), right.ty.clone());
        let left =
            if is_untyped_property(&left) { self.read_beside(left, &right_kind) } else { left };
        let right =
            if is_untyped_property(&right) { self.read_beside(right, &left_kind) } else { right };
        (left, right)
    }

    /// The property as what it stands beside.
    pub(super) fn read_beside(&mut self, property: Expr, other: &crate::types::Type) -> Expr {
        if other.kind == Kind::Bool {
            self.untyped_notice(&property, "a truth value");
            return self.read_as(property, PropertyKind::Boolean);
        }
        if other.is_number() { self.as_number(property) } else { property }
    }

    fn as_number(&mut self, expr: Expr) -> Expr {
        if !is_untyped_property(&expr) {
            return expr;
        }
        self.untyped_notice(&expr, "a number");
        self.read_as(expr, PropertyKind::Numeric)
    }

    fn untyped_notice(&mut self, property: &Expr, what: &str) {
        let message = format!(
            "this property has no known type; it is read as {what} here, and as NULL where it is none"
        );
        let hint = "define the property's type, or convert it: `toFloat(..)`";
        self.notice(Diagnostic::warning("H0401", property.span, message).with_hint(hint));
    }

    fn comparison(
        &mut self,
        scope: &mut Scope,
        left: &ast::Expr,
        op: ast::CompareOp,
        right: &ast::Expr,
        span: Span,
    ) -> Result<Expr, Error> {
        use ast::CompareOp as Op;
        match op {
            Op::In | Op::NotIn => {
                return self.membership(scope, left, right, op == Op::NotIn, span);
            }
            Op::InCohort | Op::NotInCohort => return Err(Error::not_supported(span, "IN COHORT")),
            _ => {}
        }
        let nulls = null_rule(scope, left, right);
        if let Some(unset) = self.unset_filter_date(left, right) {
            return Ok(Expr::flag(true, unset.to(span)));
        }
        let (left, right) = self.pair(scope, left, right)?;
        let matching = |negated, case_insensitive| Matching { negated, case_insensitive, nulls };
        match op {
            Op::Eq => self.compare(CompareOp::Eq, left, right, nulls, span),
            Op::NotEq => self.compare(CompareOp::NotEq, left, right, nulls, span),
            Op::Lt => self.compare(CompareOp::Lt, left, right, nulls, span),
            Op::LtEq => self.compare(CompareOp::LtEq, left, right, nulls, span),
            Op::Gt => self.compare(CompareOp::Gt, left, right, nulls, span),
            Op::GtEq => self.compare(CompareOp::GtEq, left, right, nulls, span),
            Op::Like | Op::NotLike => {
                operators::like(left, right, matching(op == Op::NotLike, false), span)
            }
            Op::ILike | Op::NotILike => {
                operators::like(left, right, matching(op == Op::NotILike, true), span)
            }
            Op::Regex | Op::NotRegex => {
                operators::regex(left, right, matching(op == Op::NotRegex, false), span)
            }
            Op::IRegex | Op::NotIRegex => {
                operators::regex(left, right, matching(op == Op::NotIRegex, true), span)
            }
            Op::In | Op::NotIn | Op::InCohort | Op::NotInCohort => {
                Err(Error::internal("IN is no comparison"))
            }
        }
    }

    /// `BETWEEN`; with NULL both it and its negation are 0.
    fn between(
        &mut self,
        scope: &mut Scope,
        tested: &ast::Expr,
        negated: bool,
        (low, high): (&ast::Expr, &ast::Expr),
        span: Span,
    ) -> Result<Expr, Error> {
        let nulls = null_rule(scope, tested, low);
        let tested = self.expr(scope, tested)?;
        let (low, high) = self.pair(scope, low, high)?;
        let (from, to) = if negated {
            (CompareOp::Lt, CompareOp::Gt)
        } else {
            (CompareOp::GtEq, CompareOp::LtEq)
        };
        let from = self.compare(from, tested.clone(), low, nulls, span)?;
        let to = self.compare(to, tested, high, nulls, span)?;
        if negated {
            operators::or(vec![from, to], span)
        } else {
            operators::and(vec![from, to], span)
        }
    }

    /// `CASE [x] WHEN .. THEN .. ELSE .. END`.
    pub(super) fn case(
        &mut self,
        scope: &mut Scope,
        operand: Option<&ast::Expr>,
        branches: &[(ast::Expr, ast::Expr)],
        otherwise: Option<&ast::Expr>,
        span: Span,
    ) -> Result<Expr, Error> {
        let operand = operand.map(|operand| self.expr(scope, operand)).transpose()?;
        let (mut conditions, mut values) = (Vec::new(), Vec::new());
        for (when, then) in branches {
            let (when, then) = self.pair(scope, when, then)?;
            let condition = match &operand {
                Some(operand) => {
                    let at = when.span;
                    self.compare(CompareOp::Eq, operand.clone(), when, NullRule::TwoValued, at)?
                }
                None => operators::condition(when)?,
            };
            conditions.push(condition);
            values.push(then);
        }
        values.push(match otherwise {
            Some(otherwise) => self.expr(scope, otherwise)?,
            None => Expr::null(span),
        });
        first_true(conditions, values, span)
    }

    /// `condition ? then : otherwise`.
    pub(super) fn ternary(
        &mut self,
        scope: &mut Scope,
        condition: &ast::Expr,
        then: &ast::Expr,
        otherwise: &ast::Expr,
        span: Span,
    ) -> Result<Expr, Error> {
        let condition = operators::condition(self.expr(scope, condition)?)?;
        let (then, otherwise) = self.pair(scope, then, otherwise)?;
        first_true(vec![condition], vec![then, otherwise], span)
    }
}

/// The value of the first condition that is true; the last value if none is.
fn first_true(conditions: Vec<Expr>, values: Vec<Expr>, span: Span) -> Result<Expr, Error> {
    let (mut values, ty) = operators::unify(values, span)?;
    let otherwise = values.pop().unwrap_or_else(|| Expr::null(span));
    Ok(Expr::case(conditions.into_iter().zip(values).collect(), otherwise, ty, span))
}

/// A property's text of which no type is known.
pub(super) fn is_untyped_property(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Property { .. }) && expr.ty.is_string()
}

/// Join conditions and comparisons of times follow SQL; all others are 0 or 1.
fn null_rule(scope: &Scope, left: &ast::Expr, right: &ast::Expr) -> NullRule {
    let plain = scope.clause == Clause::On || is_timestamp(left) || is_timestamp(right);
    if plain { NullRule::Plain } else { NullRule::TwoValued }
}

/// A field called `timestamp` or `.._timestamp`.
fn is_timestamp(expr: &ast::Expr) -> bool {
    let ast::ExprKind::Field(chain) = &expr.kind else { return false };
    let is_property = chain.iter().any(|name| name.value == "properties");
    let last = chain.last().map(|name| name.value.as_str()).unwrap_or_default();
    !is_property && (last == "timestamp" || last.ends_with("_timestamp"))
}
