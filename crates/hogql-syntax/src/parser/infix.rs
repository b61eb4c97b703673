//! Which operator stands between two operands, and how tightly it binds.

use super::Parser;
use crate::ast::{ArithmeticOp, CompareOp};
use crate::keywords::Keyword;
use crate::token::TokenKind;

/// How tightly operators bind; higher is tighter.
pub(super) mod level {
    pub(in crate::parser) const ANY: u8 = 0;
    pub(in crate::parser) const ALIAS: u8 = 1;
    pub(in crate::parser) const TERNARY: u8 = 2;
    pub(in crate::parser) const OR: u8 = 3;
    pub(in crate::parser) const AND: u8 = 4;
    /// The operand of `NOT`.
    pub(in crate::parser) const NOT: u8 = 5;
    pub(in crate::parser) const BETWEEN: u8 = 6;
    pub(in crate::parser) const COALESCE: u8 = 7;
    pub(in crate::parser) const SPACESHIP: u8 = 8;
    pub(in crate::parser) const DISTINCT: u8 = 9;
    pub(in crate::parser) const IS_NULL: u8 = 10;
    pub(in crate::parser) const COMPARE: u8 = 11;
    pub(in crate::parser) const ADD: u8 = 12;
    pub(in crate::parser) const MULTIPLY: u8 = 13;
    /// The operand of `-`.
    pub(in crate::parser) const NEGATE: u8 = 14;
    pub(in crate::parser) const POSTFIX: u8 = 15;
}

/// An operator with a left operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Infix {
    /// `AS name`; nothing that binds tighter than `AND` may follow it.
    Alias,
    /// `AS name` with a comparison behind it: binds as tightly as the comparison.
    AliasCompare,
    Ternary,
    Or,
    And,
    Between,
    Coalesce,
    /// `<=>`
    Spaceship,
    /// `IS [NOT] DISTINCT FROM`
    Distinct,
    IsNull,
    IgnoreNulls,
    Compare,
    Arithmetic(ArithmeticOp),
    Concat,
    Postfix,
}

impl Infix {
    pub(super) fn level(self) -> u8 {
        match self {
            Self::Alias => level::ALIAS,
            Self::Ternary => level::TERNARY,
            Self::Or => level::OR,
            Self::And => level::AND,
            Self::Between => level::BETWEEN,
            Self::Coalesce => level::COALESCE,
            Self::Spaceship => level::SPACESHIP,
            Self::Distinct => level::DISTINCT,
            Self::IsNull | Self::IgnoreNulls => level::IS_NULL,
            Self::Compare | Self::AliasCompare => level::COMPARE,
            Self::Arithmetic(ArithmeticOp::Add | ArithmeticOp::Subtract) | Self::Concat => {
                level::ADD
            }
            Self::Arithmetic(_) => level::MULTIPLY,
            Self::Postfix => level::POSTFIX,
        }
    }
}

impl Parser<'_> {
    /// The operator that begins at the next token.
    pub(super) fn peek_infix(&self) -> Option<Infix> {
        use TokenKind::*;
        Some(match self.kind() {
            Word => return self.word_infix(),
            Plus => Infix::Arithmetic(ArithmeticOp::Add),
            Minus => Infix::Arithmetic(ArithmeticOp::Subtract),
            Star => Infix::Arithmetic(ArithmeticOp::Multiply),
            Slash => Infix::Arithmetic(ArithmeticOp::Divide),
            Percent => Infix::Arithmetic(ArithmeticOp::Modulo),
            Concat => Infix::Concat,
            Coalesce => Infix::Coalesce,
            Question => Infix::Ternary,
            Spaceship => Infix::Spaceship,
            LParen | LBracket | DoubleColon => Infix::Postfix,
            Dot | QuestionDot => return self.dot_infix(),
            kind => return compare_symbol(kind).map(|_| Infix::Compare),
        })
    }

    /// Whether an operator begins so many tokens ahead.
    pub(super) fn peeks_infix(&mut self, ahead: usize) -> bool {
        self.at += ahead;
        let found = self.peek_infix().is_some();
        self.at -= ahead;
        found
    }

    fn dot_infix(&self) -> Option<Infix> {
        let next = self.nth(1);
        let nullish_index = self.is(TokenKind::QuestionDot) && next.kind == TokenKind::LBracket;
        (next.is_name() || next.kind == TokenKind::Decimal || nullish_index)
            .then_some(Infix::Postfix)
    }

    fn word_infix(&self) -> Option<Infix> {
        match self.keyword()? {
            Keyword::And => Some(Infix::And),
            Keyword::Or => Some(Infix::Or),
            Keyword::Between => Some(Infix::Between),
            Keyword::Not if self.nth(1).keyword == Some(Keyword::Between) => Some(Infix::Between),
            Keyword::As => (self.nth(1).is_name() || self.nth(1).kind == TokenKind::String)
                .then_some(Infix::Alias),
            Keyword::Is => self.is_infix(),
            Keyword::Ignore => {
                (self.nth(1).keyword == Some(Keyword::Nulls)).then_some(Infix::IgnoreNulls)
            }
            _ => self.compare_at(0).map(|_| Infix::Compare),
        }
    }

    fn is_infix(&self) -> Option<Infix> {
        let negated = usize::from(self.nth(1).keyword == Some(Keyword::Not));
        match (self.nth(1 + negated).keyword, self.nth(2 + negated).keyword) {
            (Some(Keyword::Null), _) => Some(Infix::IsNull),
            (Some(Keyword::Distinct), Some(Keyword::From)) => Some(Infix::Distinct),
            _ => None,
        }
    }

    /// The comparison that begins so many tokens ahead, and how many tokens it has.
    pub(super) fn compare_at(&self, ahead: usize) -> Option<(CompareOp, usize)> {
        let token = self.nth(ahead);
        match token.keyword {
            Some(Keyword::In) => Some((CompareOp::In, 1)),
            Some(Keyword::Like) => Some((CompareOp::Like, 1)),
            Some(Keyword::Ilike) => Some((CompareOp::ILike, 1)),
            Some(Keyword::Not) => self.not_compare(self.nth(ahead + 1).keyword?),
            Some(_) => None,
            None => compare_symbol(token.kind).map(|op| (op, 1)),
        }
    }

    fn not_compare(&self, next: Keyword) -> Option<(CompareOp, usize)> {
        match next {
            Keyword::In => Some((CompareOp::NotIn, 2)),
            Keyword::Like => Some((CompareOp::NotLike, 2)),
            Keyword::Ilike => Some((CompareOp::NotILike, 2)),
            _ => None,
        }
    }

    /// Whether the token so many ahead may begin an operand.
    pub(super) fn starts_operand(&self, ahead: usize) -> bool {
        use TokenKind::*;
        let token = self.nth(ahead);
        match token.kind {
            Word => token.is_name() || is_literal_word(token.keyword),
            QuotedName | String | TemplateStart | LParen | LBracket | LBrace | Hash | Star
            | Minus | Lt => true,
            Plus => self.starts_number(ahead + 1),
            Dot => self.starts_number(ahead),
            _ => token.is_number(),
        }
    }

    /// Whether the token so many ahead begins an operand and cannot be anything else.
    pub(super) fn starts_plainly(&self, ahead: usize) -> bool {
        use TokenKind::*;
        let token = self.nth(ahead);
        match token.kind {
            Word => token.keyword.is_none() || is_literal_word(token.keyword),
            QuotedName | String | TemplateStart | LBrace | Hash => true,
            _ => token.is_number(),
        }
    }

    fn starts_number(&self, ahead: usize) -> bool {
        let token = self.nth(ahead);
        let dotted = token.kind == TokenKind::Dot
            && matches!(self.nth(ahead + 1).kind, TokenKind::Decimal | TokenKind::LeadingZero);
        token.is_number()
            || dotted
            || matches!(token.keyword, Some(Keyword::Inf | Keyword::Infinity | Keyword::Nan))
    }
}

/// Words that are literals.
fn is_literal_word(keyword: Option<Keyword>) -> bool {
    matches!(keyword, Some(Keyword::Null | Keyword::Inf | Keyword::Infinity | Keyword::Nan))
}

fn compare_symbol(kind: TokenKind) -> Option<CompareOp> {
    Some(match kind {
        TokenKind::Eq => CompareOp::Eq,
        TokenKind::NotEq => CompareOp::NotEq,
        TokenKind::Lt => CompareOp::Lt,
        TokenKind::LtEq => CompareOp::LtEq,
        TokenKind::Gt => CompareOp::Gt,
        TokenKind::GtEq => CompareOp::GtEq,
        TokenKind::Regex => CompareOp::Regex,
        TokenKind::NotRegex => CompareOp::NotRegex,
        TokenKind::IRegex => CompareOp::IRegex,
        TokenKind::NotIRegex => CompareOp::NotIRegex,
        _ => return None,
    })
}
