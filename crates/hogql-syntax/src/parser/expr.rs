//! Expressions: the precedence climber.

use super::infix::{Infix, level};
use super::{Parse, Parser};
use crate::ast::{ArithmeticOp, CompareOp, Expr, ExprKind};
use crate::keywords::Keyword;
use crate::token::TokenKind;
use crate::{Diagnostic, ErrorKind, codes};

impl Parser<'_> {
    /// An expression of any kind.
    #[track_caller]
    pub(super) fn expr(&mut self) -> Parse<Expr> {
        self.expr_from(level::ANY)
    }

    /// An expression whose operators bind at least as tightly as a level.
    #[track_caller]
    pub(super) fn expr_from(&mut self, least: u8) -> Parse<Expr> {
        let outer = std::mem::take(&mut self.height);
        let result = self.nested(|parser| parser.climb(least));
        self.height = self.height.max(outer);
        result
    }

    fn climb(&mut self, least: u8) -> Parse<Expr> {
        let start = self.start();
        let mut left = self.primary()?;
        self.grow()?;
        let mut most = level::POSTFIX;
        while let Some(infix) = self.infix(least, most) {
            let height = std::mem::take(&mut self.height);
            most = if infix == Infix::Alias { level::AND } else { level::POSTFIX };
            left = self.apply(infix, left, start)?;
            if std::mem::take(&mut self.flattened) {
                self.height = height.max(self.height + 1);
            } else {
                self.height = self.height.max(height);
                self.grow()?;
            }
        }
        Ok(left)
    }

    /// The operator here, if it binds within the levels.
    fn infix(&mut self, least: u8, most: u8) -> Option<Infix> {
        let infix = self.peek_infix()?;
        let binds = |at: u8| least <= at && at <= most;
        match infix {
            Infix::Alias if self.at == self.cast_as || self.as_names_cte() => None,
            Infix::Alias if least <= level::COMPARE && self.as_stands_alone() => None,
            Infix::Compare if self.is_word(Keyword::In) && self.in_stands_alone() => None,
            Infix::Alias if binds(level::COMPARE) && self.compare_at(2).is_some() => {
                Some(Infix::AliasCompare)
            }
            Infix::Arithmetic(ArithmeticOp::Modulo)
                if binds(level::MULTIPLY) && self.percent_stands_alone() =>
            {
                None
            }
            _ => binds(infix.level()).then_some(infix),
        }
    }

    /// Whether the `IN` here belongs to `PIVOT` and is no operator; as an operator it has precedence.
    fn in_stands_alone(&mut self) -> bool {
        if self.in_ends != Some(self.brackets) {
            return false;
        }
        let close = self.input.close(self.at + 1).filter(|_| self.nth(1).kind == TokenKind::LParen);
        let behind = close.map(|close| self.input.token(close + 1));
        let clear = behind.is_some_and(|behind| match behind.kind {
            TokenKind::RParen => true,
            TokenKind::Word => behind.keyword.is_none_or(|keyword| keyword == Keyword::Group),
            _ => false,
        });
        clear || self.choose(2) == 1
    }

    /// Whether the `AS` here belongs to `INTERPOLATE` or `CAST` and makes no alias.
    fn as_stands_alone(&mut self) -> bool {
        self.as_ends == Some(self.brackets) && self.choose(2) == 1
    }

    /// Whether the `%` here belongs to `LIMIT` and is no operator.
    fn percent_stands_alone(&mut self) -> bool {
        self.percent_ends == Some(self.brackets) && (!self.starts_operand(1) || self.choose(2) == 1)
    }

    /// Takes an operator and what stands to its right.
    fn apply(&mut self, infix: Infix, left: Expr, start: u32) -> Parse<Expr> {
        match infix {
            Infix::Alias => self.alias(left, start),
            Infix::AliasCompare => {
                let aliased = self.alias(left, start)?;
                self.compare(aliased, start)
            }
            Infix::Ternary => self.ternary(left, start),
            Infix::Or | Infix::And | Infix::Concat => self.flat(infix, left, start),
            Infix::Between => self.between(left, start),
            Infix::Coalesce => self.coalesce(left, start),
            Infix::Spaceship | Infix::Distinct => self.is_distinct(infix, left, start),
            Infix::IsNull => Ok(self.is_null(left, start)),
            Infix::IgnoreNulls => Ok(self.ignore_nulls(left, start)),
            Infix::Compare => self.compare(left, start),
            Infix::Arithmetic(op) => self.arithmetic(op, left, start),
            Infix::Postfix => self.postfix(left, start),
        }
    }

    fn alias(&mut self, expr: Expr, start: u32) -> Parse<Expr> {
        self.advance();
        let alias = self.alias_name()?;
        self.check_alias(&alias, start);
        Ok(self.node(start, ExprKind::Alias { expr: Box::new(expr), alias }))
    }

    fn ternary(&mut self, condition: Expr, start: u32) -> Parse<Expr> {
        self.advance();
        let then = self.expr()?;
        self.expect(TokenKind::Colon)?;
        let otherwise = self.expr_from(level::TERNARY)?;
        let (condition, then, otherwise) =
            (Box::new(condition), Box::new(then), Box::new(otherwise));
        Ok(self.node(start, ExprKind::Ternary { condition, then, otherwise }))
    }

    /// `AND`, `OR` and `||` of any number of operands, parenthesised ones of the same operator taken in.
    fn flat(&mut self, infix: Infix, left: Expr, start: u32) -> Parse<Expr> {
        self.advance();
        let right = self.expr_from(infix.level() + 1)?;
        let (mut parts, flat) = flat_parts(infix, left);
        parts.extend(flat_parts(infix, right).0);
        self.flattened = flat;
        Ok(self.node(start, flat_kind(infix, parts)))
    }

    fn between(&mut self, expr: Expr, start: u32) -> Parse<Expr> {
        let negated = self.eat_word(Keyword::Not);
        self.advance();
        let low = self.expr_from(level::BETWEEN)?;
        if matches!(low.kind, ExprKind::Lambda { .. } | ExprKind::NamedArgument { .. }) {
            let message = "a lambda or a named argument cannot be a bound of BETWEEN";
            self.refuse(
                ErrorKind::Syntax,
                Diagnostic::error(codes::BETWEEN_BOUND, low.span, message),
            );
        }
        self.expect_word(Keyword::And)?;
        let high = self.expr_from(level::BETWEEN + 1)?;
        let (expr, low, high) = (Box::new(expr), Box::new(low), Box::new(high));
        Ok(self.node(start, ExprKind::Between { expr, negated, low, high }))
    }

    fn coalesce(&mut self, left: Expr, start: u32) -> Parse<Expr> {
        self.advance();
        let right = self.expr_from(level::COALESCE + 1)?;
        Ok(self.node(start, ExprKind::Coalesce(Box::new(left), Box::new(right))))
    }

    fn is_distinct(&mut self, infix: Infix, left: Expr, start: u32) -> Parse<Expr> {
        let negated = self.eat(TokenKind::Spaceship) || {
            self.advance();
            let negated = self.eat_word(Keyword::Not);
            self.eat_words(&[Keyword::Distinct, Keyword::From]);
            negated
        };
        let right = self.expr_from(infix.level() + 1)?;
        let (left, right) = (Box::new(left), Box::new(right));
        Ok(self.node(start, ExprKind::IsDistinctFrom { left, right, negated }))
    }

    fn is_null(&mut self, expr: Expr, start: u32) -> Expr {
        self.advance();
        let negated = self.eat_word(Keyword::Not);
        self.advance();
        self.node(start, ExprKind::IsNull { expr: Box::new(expr), negated })
    }

    fn ignore_nulls(&mut self, expr: Expr, start: u32) -> Expr {
        self.eat_words(&[Keyword::Ignore, Keyword::Nulls]);
        self.node(start, ExprKind::IgnoreNulls(Box::new(expr)))
    }

    fn compare(&mut self, left: Expr, start: u32) -> Parse<Expr> {
        let Some((op, words)) = self.compare_at(0) else {
            return Err(self.unexpected("a comparison"));
        };
        self.at += words;
        let op = self.cohort(op);
        let right = self.expr_from(level::COMPARE + 1)?;
        let (left, right) = (Box::new(left), Box::new(right));
        Ok(self.node(start, ExprKind::Compare { left, op, right }))
    }

    /// `IN COHORT x`; without a value behind it `cohort` is a name.
    fn cohort(&mut self, op: CompareOp) -> CompareOp {
        let with_cohort = match op {
            CompareOp::In => CompareOp::InCohort,
            CompareOp::NotIn => CompareOp::NotInCohort,
            _ => return op,
        };
        if !self.is_word(Keyword::Cohort) || !self.starts_operand(1) {
            return op;
        }
        if self.starts_plainly(1) || self.choose(2) == 0 {
            self.advance();
            return with_cohort;
        }
        op
    }

    fn arithmetic(&mut self, op: ArithmeticOp, left: Expr, start: u32) -> Parse<Expr> {
        self.advance();
        let right = self.expr_from(Infix::Arithmetic(op).level() + 1)?;
        let (left, right) = (Box::new(left), Box::new(right));
        Ok(self.node(start, ExprKind::Arithmetic { left, op, right }))
    }
}

/// The operands that an operand brings to a flat operator, and whether they were flat already.
fn flat_parts(infix: Infix, expr: Expr) -> (Vec<Expr>, bool) {
    match (infix, expr.kind) {
        (Infix::And, ExprKind::And(parts)) | (Infix::Or, ExprKind::Or(parts)) => (parts, true),
        (Infix::Concat, ExprKind::Concat(parts)) => (parts, true),
        (_, kind) => (vec![Expr { span: expr.span, kind }], false),
    }
}

fn flat_kind(infix: Infix, parts: Vec<Expr>) -> ExprKind {
    match infix {
        Infix::And => ExprKind::And(parts),
        Infix::Or => ExprKind::Or(parts),
        _ => ExprKind::Concat(parts),
    }
}
