//! Lists of clauses, and `GROUP BY`, `ORDER BY`, `INTERPOLATE`.

use super::{Parse, Parser};
use crate::ast::{
    Expr, ExprKind, GroupBy, GroupByKind, GroupByWith, Interpolate, OrderItem, WithFill,
};
use crate::keywords::Keyword;
use crate::token::TokenKind;

impl Parser<'_> {
    /// Expressions with commas between them, perhaps one behind.
    ///
    /// A clause may follow the comma behind, and its first word may be taken for an expression, which has precedence.
    pub(super) fn clause_list(&mut self) -> Parse<Vec<Expr>> {
        let mut items = Vec::new();
        loop {
            items.push(self.clause_item(Self::expr)?);
            if !self.eat(TokenKind::Comma) || self.list_ends() {
                return Ok(items);
            }
            if self.clause_at(self.at) && (self.clause_clear() || self.choose_to_leave(2) == 1) {
                return Ok(items);
            }
        }
    }

    /// Whether the clause that may begin here can be nothing else: no expression has such a word first.
    fn clause_clear(&self) -> bool {
        let operand = matches!(
            self.keyword(),
            Some(
                Keyword::From
                    | Keyword::Where
                    | Keyword::Prewhere
                    | Keyword::Having
                    | Keyword::Qualify
                    | Keyword::Limit
                    | Keyword::Offset
            )
        );
        !operand || self.starts_plainly(1)
    }

    /// Items of a select with commas between them, perhaps one behind.
    ///
    /// As in [`Self::clause_list`] a clause may follow. Here the reading in which the list is as long as possible and
    /// still ends in a comma has precedence; one without such a comma comes last.
    pub(super) fn select_list(&mut self) -> Parse<Vec<Expr>> {
        let mut items = Vec::new();
        let mut exit = None;
        loop {
            items.push(self.clause_item(Self::select_item)?);
            if !self.is(TokenKind::Comma) {
                break;
            }
            if exit.is_none() && self.clause_at(self.at + 1) {
                exit = Some(self.choose_exit());
            }
            let leave = exit == Some(self.at);
            self.advance();
            if leave || self.list_ends() {
                return Ok(items);
            }
        }
        match exit {
            Some(exit) if exit != usize::MAX => Err(self.unexpected("`,`")),
            _ => Ok(items),
        }
    }

    fn clause_item(&mut self, item: fn(&mut Self) -> Parse<Expr>) -> Parse<Expr> {
        let start = self.start();
        match self.retried(|parser| parser.whole_item(item)) {
            Ok(expr) => Ok(expr),
            Err(stop) => {
                let next = self.next_in_list(|parser, at| {
                    let kind = parser.input.token(at).kind;
                    let ends =
                        matches!(kind, TokenKind::Comma | TokenKind::Semicolon | TokenKind::End);
                    ends || super::lists::is_closing(kind) || parser.clause_at(at)
                });
                self.recover_at(next, stop)?;
                Ok(self.node(start, ExprKind::Error))
            }
        }
    }

    /// Whether nothing but the end can follow the comma just taken.
    fn list_ends(&self) -> bool {
        let ends = matches!(self.kind(), TokenKind::End | TokenKind::RParen | TokenKind::Semicolon);
        ends || matches!(self.keyword(), Some(Keyword::Intersect | Keyword::Except))
    }

    /// Index of the comma that ends the list; `usize::MAX` for none.
    fn choose_exit(&mut self) -> usize {
        let exits = self.possible_exits();
        let options = u32::try_from(exits.len() + 1).unwrap_or(u32::MAX);
        let taken = self.choose(options) as usize;
        exits.iter().rev().nth(taken).copied().unwrap_or(usize::MAX)
    }

    /// The commas from here on behind which a clause may begin, up to where one clearly does.
    fn possible_exits(&self) -> Vec<usize> {
        let mut exits = Vec::new();
        let mut at = self.at;
        loop {
            let token = self.input.token(at);
            let clause_next = self.clause_at(at + 1);
            match token.kind {
                TokenKind::Comma if clause_next => {
                    exits.push(at);
                    at += 1;
                }
                TokenKind::End
                | TokenKind::Semicolon
                | TokenKind::RParen
                | TokenKind::RBracket
                | TokenKind::RBrace => break,
                TokenKind::LParen | TokenKind::LBracket | TokenKind::LBrace
                    if self.input.close(at).is_none() =>
                {
                    break;
                }
                _ if clause_next && exits.last() != Some(&(at - 1)) => break,
                _ => {}
            }
            at = self.over(at);
        }
        exits
    }

    /// Whether a clause may begin at an index.
    pub(super) fn clause_at(&self, at: usize) -> bool {
        let Some(keyword) = self.input.token(at).keyword else { return false };
        let next = self.input.token(at + 1);
        let ahead = at.saturating_sub(self.at) + 1;
        let operand = at >= self.at && self.starts_operand(ahead);
        match keyword {
            Keyword::From => {
                next.is_name()
                    || matches!(next.kind, TokenKind::LParen | TokenKind::LBrace | TokenKind::Lt)
            }
            Keyword::Where | Keyword::Prewhere | Keyword::Having | Keyword::Qualify => operand,
            Keyword::Limit | Keyword::Offset => operand,
            Keyword::Group | Keyword::Order => next.keyword == Some(Keyword::By),
            Keyword::Window => {
                next.is_name() && self.input.token(at + 2).keyword == Some(Keyword::As)
            }
            Keyword::Array => next.keyword == Some(Keyword::Join),
            Keyword::Left | Keyword::Inner => {
                next.keyword == Some(Keyword::Array)
                    && self.input.token(at + 2).keyword == Some(Keyword::Join)
            }
            Keyword::Settings => next.is_name() && self.input.token(at + 2).kind == TokenKind::Eq,
            Keyword::With => {
                matches!(next.keyword, Some(Keyword::Totals | Keyword::Cube | Keyword::Rollup))
            }
            Keyword::Using => next.keyword == Some(Keyword::Sample),
            Keyword::Sample => {
                let signed = matches!(next.kind, TokenKind::Plus | TokenKind::Minus);
                next.kind == TokenKind::LBrace
                    || at >= self.at && self.number_ahead(ahead + usize::from(signed))
            }
            Keyword::Union => {
                let query = self.input.holds_query(at + 1) || next.kind == TokenKind::LBrace;
                query
                    || matches!(
                        next.keyword,
                        Some(Keyword::All | Keyword::Distinct | Keyword::Select | Keyword::By)
                    )
            }
            Keyword::Intersect | Keyword::Except => true,
            _ => false,
        }
    }

    // GROUP BY

    pub(super) fn group_by(&mut self) -> Parse<Option<GroupBy>> {
        let start = self.start();
        let grouped = self.eat_words(&[Keyword::Group, Keyword::By]);
        let kind = if grouped { self.group_by_kind()? } else { GroupByKind::List(Vec::new()) };
        let with = if self.eat_words(&[Keyword::With, Keyword::Cube]) {
            Some(GroupByWith::Cube)
        } else if self.eat_words(&[Keyword::With, Keyword::Rollup]) {
            Some(GroupByWith::Rollup)
        } else {
            None
        };
        let totals = self.eat_words(&[Keyword::With, Keyword::Totals]);
        let written = grouped || with.is_some() || totals;
        Ok(written.then(|| GroupBy { span: self.span(start), kind, with, totals }))
    }

    fn group_by_kind(&mut self) -> Parse<GroupByKind> {
        match self.keyword() {
            Some(Keyword::All) if self.clause_ends_at(self.at + 1) => {
                self.advance();
                Ok(GroupByKind::All)
            }
            Some(Keyword::Cube) if self.modifier_ahead() => self.modified().map(GroupByKind::Cube),
            Some(Keyword::Rollup) if self.modifier_ahead() => {
                self.modified().map(GroupByKind::Rollup)
            }
            Some(Keyword::Grouping) if self.nth(1).keyword == Some(Keyword::Sets) => {
                self.grouping_sets()
            }
            _ => self.clause_list().map(GroupByKind::List),
        }
    }

    /// Whether the clause at hand is over at an index.
    fn clause_ends_at(&self, at: usize) -> bool {
        let token = self.input.token(at);
        let ends = matches!(token.kind, TokenKind::End | TokenKind::RParen | TokenKind::Semicolon);
        ends || self.clause_at(at)
    }

    /// Whether `CUBE (..)` or `ROLLUP (..)` is the whole clause.
    fn modifier_ahead(&self) -> bool {
        let close = self.input.close(self.at + 1).filter(|&close| close > self.at + 2);
        self.nth(1).kind == TokenKind::LParen
            && close.is_some_and(|close| self.clause_ends_at(close + 1))
    }

    fn modified(&mut self) -> Parse<Vec<Expr>> {
        self.advance();
        let items =
            self.enclosed(TokenKind::RParen, |parser| parser.expr_list(TokenKind::RParen))?;
        Ok(items.unwrap_or_default())
    }

    fn grouping_sets(&mut self) -> Parse<GroupByKind> {
        self.at += 2;
        if !self.is(TokenKind::LParen) {
            return Err(self.unexpected("`(`"));
        }
        let sets = self.enclosed(TokenKind::RParen, |parser| {
            let mut sets = vec![parser.grouping_set()?];
            while parser.eat(TokenKind::Comma) {
                sets.push(parser.grouping_set()?);
            }
            Ok(sets)
        })?;
        Ok(GroupByKind::GroupingSets(sets.unwrap_or_default()))
    }

    fn grouping_set(&mut self) -> Parse<Expr> {
        let start = self.start();
        if !self.is(TokenKind::LParen) {
            return Err(self.unexpected("`(`"));
        }
        let items =
            self.enclosed(TokenKind::RParen, |parser| parser.expr_list(TokenKind::RParen))?;
        Ok(self.node(start, ExprKind::GroupingSet(items.unwrap_or_default())))
    }

    // ORDER BY

    pub(super) fn order_list(&mut self) -> Parse<Vec<OrderItem>> {
        let mut items = Vec::new();
        loop {
            items.push(self.retried(|parser| parser.whole_item(Self::order_item))?);
            if !self.eat(TokenKind::Comma) {
                return Ok(items);
            }
        }
    }

    pub(super) fn order_item(&mut self) -> Parse<OrderItem> {
        let start = self.start();
        let expr = self.expr()?;
        let descending = matches!(self.keyword(), Some(Keyword::Desc | Keyword::Descending));
        if descending || matches!(self.keyword(), Some(Keyword::Asc | Keyword::Ascending)) {
            self.advance();
        }
        let nulls_first = self.nulls_first()?;
        let collate = self.collate()?;
        let with_fill = self.with_fill()?;
        Ok(OrderItem { span: self.span(start), expr, descending, nulls_first, collate, with_fill })
    }

    fn nulls_first(&mut self) -> Parse<Option<bool>> {
        if !self.eat_word(Keyword::Nulls) {
            return Ok(None);
        }
        if self.eat_word(Keyword::First) {
            return Ok(Some(true));
        }
        if self.eat_word(Keyword::Last) {
            Ok(Some(false))
        } else {
            Err(self.unexpected("`FIRST` or `LAST`"))
        }
    }

    fn collate(&mut self) -> Parse<Option<String>> {
        if !self.eat_word(Keyword::Collate) {
            return Ok(None);
        }
        if self.is(TokenKind::String) {
            Ok(Some(self.string_value()))
        } else {
            Err(self.unexpected("a string"))
        }
    }

    fn with_fill(&mut self) -> Parse<Option<WithFill>> {
        let start = self.start();
        if !self.eat_word(Keyword::With) {
            return Ok(None);
        }
        self.expect_word(Keyword::Fill)?;
        let from = if self.eat_word(Keyword::From) { Some(self.expr()?) } else { None };
        let to = if self.eat_word(Keyword::To) { Some(self.expr()?) } else { None };
        let step = if self.eat_word(Keyword::Step) { Some(self.expr()?) } else { None };
        Ok(Some(WithFill { span: self.span(start), from, to, step }))
    }

    pub(super) fn interpolate(&mut self) -> Parse<Option<Vec<Interpolate>>> {
        if !self.eat_word(Keyword::Interpolate) {
            return Ok(None);
        }
        if !self.is(TokenKind::LParen) {
            return Ok(Some(Vec::new()));
        }
        let items = self.enclosed(TokenKind::RParen, |parser| {
            let mut items = vec![parser.interpolated()?];
            while parser.eat(TokenKind::Comma) {
                items.push(parser.interpolated()?);
            }
            Ok(items)
        })?;
        Ok(Some(items.unwrap_or_default()))
    }

    /// `e [AS value]`: the `AS` makes an alias if it can.
    fn interpolated(&mut self) -> Parse<Interpolate> {
        let start = self.start();
        let expr = self.expr_before_as()?;
        let value = if self.eat_word(Keyword::As) { Some(self.expr()?) } else { None };
        Ok(Interpolate { span: self.span(start), expr, value })
    }
}
