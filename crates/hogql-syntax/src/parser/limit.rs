//! `LIMIT BY`, `LIMIT` and `OFFSET`.

use super::{Parse, Parser};
use crate::ast::{Expr, ExprKind, LimitBy, LimitClause, Select};
use crate::keywords::Keyword;
use crate::token::TokenKind;

impl Parser<'_> {
    /// `LIMIT BY`, then `LIMIT` or `OFFSET`.
    pub(super) fn limits(&mut self, select: &mut Select) -> Parse<()> {
        let mut limit = None;
        if self.is_word(Keyword::Limit) {
            match self.first_limit()? {
                First::By(limit_by) => select.limit_by = Some(limit_by),
                First::Plain(plain) => limit = Some(plain),
            }
        }
        if limit.is_none() {
            limit = match self.keyword() {
                Some(Keyword::Limit) => Some(self.limit_of_select()?),
                Some(Keyword::Offset) => Some(self.offset_only()?),
                _ => None,
            };
        }
        select.limit = limit;
        Ok(())
    }

    fn first_limit(&mut self) -> Parse<First> {
        let start = self.start();
        let mut limit = self.limit()?;
        let unadorned = !limit.percent && !limit.with_ties;
        if unadorned && self.is_word(Keyword::By) {
            let (first, second) = (limit.limit.take(), limit.offset.take());
            return self.limit_by(start, if limit.comma { (second, first) } else { (first, None) });
        }
        if unadorned && !limit.comma && self.is_word(Keyword::Offset) && self.offset_and_by_ahead()
        {
            self.advance();
            let offset = self.expr()?;
            return self.limit_by(start, (limit.limit.take(), Some(offset)));
        }
        self.own_offset(&mut limit, start)?;
        Ok(First::Plain(limit))
    }

    /// Whether `BY` ends the `OFFSET` here.
    fn offset_and_by_ahead(&self) -> bool {
        let mut at = self.at + 1;
        loop {
            let token = self.input.token(at);
            match (token.kind, token.keyword) {
                (_, Some(Keyword::By)) => return at > self.at + 1,
                (
                    TokenKind::End | TokenKind::RParen | TokenKind::Semicolon | TokenKind::Comma,
                    _,
                ) => return false,
                (
                    _,
                    Some(
                        Keyword::Limit
                        | Keyword::Offset
                        | Keyword::Order
                        | Keyword::Union
                        | Keyword::Except
                        | Keyword::Intersect,
                    ),
                ) if at > self.at + 1 => {
                    return false;
                }
                _ => at = self.over(at),
            }
        }
    }

    fn limit_by(
        &mut self,
        start: u32,
        (limit, offset): (Option<Expr>, Option<Expr>),
    ) -> Parse<First> {
        self.expect_word(Keyword::By)?;
        let by = self.clause_list()?;
        let limit = limit.unwrap_or_else(|| self.node(start, ExprKind::Error));
        Ok(First::By(LimitBy { span: self.span(start), limit, offset, by }))
    }

    fn limit_of_select(&mut self) -> Parse<LimitClause> {
        let start = self.start();
        let mut limit = self.limit()?;
        self.own_offset(&mut limit, start)?;
        Ok(limit)
    }

    /// Takes an `OFFSET` into the select's own clause if something follows that only a finished select may have before it.
    fn own_offset(&mut self, limit: &mut LimitClause, start: u32) -> Parse<()> {
        if !limit.comma && self.is_word(Keyword::Offset) && self.choose(2) == 1 {
            self.advance();
            limit.offset = Some(self.expr()?);
            limit.span = self.span(start);
        }
        Ok(())
    }

    /// `LIMIT a [%] [, b] [WITH TIES]`
    fn limit(&mut self) -> Parse<LimitClause> {
        let start = self.start();
        self.expect_word(Keyword::Limit)?;
        let outer = self.percent_ends.replace(self.brackets);
        let limit = self.expr();
        self.percent_ends = outer;
        let limit = Some(limit?);
        let percent = self.eat(TokenKind::Percent);
        let comma = self.eat(TokenKind::Comma);
        let offset = if comma { Some(self.expr()?) } else { None };
        let with_ties = self.eat_words(&[Keyword::With, Keyword::Ties]);
        Ok(LimitClause {
            span: self.span(start),
            limit,
            percent,
            with_ties,
            offset,
            repeated: None,
            comma,
        })
    }

    /// `LIMIT ..` behind the last member of a query: an `OFFSET` of its own may follow.
    pub(super) fn limit_with_offset(&mut self) -> Parse<LimitClause> {
        let start = self.start();
        let mut limit = self.limit()?;
        if !limit.comma && self.eat_word(Keyword::Offset) {
            limit.offset = Some(self.expr()?);
            limit.span = self.span(start);
        }
        Ok(limit)
    }

    pub(super) fn offset_only(&mut self) -> Parse<LimitClause> {
        let start = self.start();
        self.advance();
        let offset = Some(self.expr()?);
        let span = self.span(start);
        Ok(LimitClause {
            span,
            limit: None,
            percent: false,
            with_ties: false,
            offset,
            repeated: None,
            comma: false,
        })
    }
}

/// The first `LIMIT` of a select.
enum First {
    By(LimitBy),
    Plain(LimitClause),
}
