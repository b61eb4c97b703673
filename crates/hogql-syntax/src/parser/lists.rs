//! Brackets, and lists in them, each with a place to go on after an error.

use super::{Parse, Parser, Stop};
use crate::ast::{Expr, ExprKind};
use crate::keywords::Keyword;
use crate::token::TokenKind;

impl Parser<'_> {
    /// From an opening bracket to its closing one. After an error inside, goes on behind the closing one and gives `None`.
    pub(super) fn enclosed<T>(
        &mut self,
        close: TokenKind,
        rule: impl FnOnce(&mut Self) -> Parse<T>,
    ) -> Parse<Option<T>> {
        let open = self.at;
        self.advance();
        self.brackets += 1;
        let result = rule(self).and_then(|inner| self.close(close, open).map(|()| inner));
        self.brackets -= 1;
        match result {
            Ok(inner) => Ok(Some(inner)),
            Err(stop) => {
                let behind = self.input.close(open).map(|close| close + 1);
                self.recover_at(behind, stop)?;
                Ok(None)
            }
        }
    }

    /// Expressions with commas between them, perhaps one behind, up to a closing bracket, which is left.
    pub(super) fn expr_list(&mut self, close: TokenKind) -> Parse<Vec<Expr>> {
        let mut items = Vec::new();
        while !self.is(close) && !self.ends_arguments() {
            items.push(self.list_item()?);
            if !self.eat(TokenKind::Comma) {
                break;
            }
        }
        Ok(items)
    }

    /// As [`Self::expr_list`] up to a closing parenthesis, with at least one expression.
    pub(super) fn some_exprs(&mut self) -> Parse<Vec<Expr>> {
        if self.is(TokenKind::RParen) || self.ends_arguments() {
            return Err(self.unexpected("an expression"));
        }
        self.expr_list(TokenKind::RParen)
    }

    /// One item of a list in brackets.
    pub(super) fn list_item(&mut self) -> Parse<Expr> {
        let start = self.start();
        match self.retried(|parser| parser.whole_item(Self::expr)) {
            Ok(expr) => Ok(expr),
            Err(stop) => self.skip_item(start, stop),
        }
    }

    /// An item of a list. A search learns here that the item has another reading, and not when the whole list is done:
    /// then it would read the list again for each such item.
    pub(super) fn whole_item<T>(&mut self, item: fn(&mut Self) -> Parse<T>) -> Parse<T> {
        let item = item(self)?;
        if self.searching() && !self.may_end_item() {
            return Err(self.unexpected("`,`"));
        }
        Ok(item)
    }

    /// Whether the next token can stand behind an item of any list.
    fn may_end_item(&self) -> bool {
        use Keyword::*;
        let kind = self.kind();
        let ends = matches!(kind, TokenKind::Comma | TokenKind::Semicolon | TokenKind::End);
        let clause = matches!(
            self.keyword(),
            Some(
                Array
                    | Except
                    | For
                    | From
                    | Group
                    | Having
                    | Inner
                    | Interpolate
                    | Intersect
                    | Left
                    | Limit
                    | Offset
                    | Order
                    | Prewhere
                    | Qualify
                    | Range
                    | Rows
                    | Sample
                    | Settings
                    | Union
                    | Using
                    | Where
                    | Window
                    | With
            )
        );
        ends || is_closing(kind) || clause
    }

    /// `ORDER BY` in the brackets of a call.
    pub(super) fn ends_arguments(&self) -> bool {
        self.are_words(&[Keyword::Order, Keyword::By])
    }

    /// Goes on at the comma or closing bracket behind an item with an error.
    pub(super) fn skip_item(&mut self, start: u32, stop: Stop) -> Parse<Expr> {
        let next = self.next_in_list(|parser, at| {
            let kind = parser.input.token(at).kind;
            kind == TokenKind::Comma || is_closing(kind)
        });
        self.recover_at(next, stop)?;
        Ok(self.node(start, ExprKind::Error))
    }

    /// The first token from here on, brackets skipped, that ends what has the error.
    pub(super) fn next_in_list(&self, ends: impl Fn(&Self, usize) -> bool) -> Option<usize> {
        let mut at = self.at;
        while !ends(self, at) {
            match self.input.token(at).kind {
                TokenKind::End => return None,
                TokenKind::LParen | TokenKind::LBracket | TokenKind::LBrace => {
                    at = self.input.close(at)? + 1
                }
                _ => at = self.over(at),
            }
        }
        Some(at)
    }
}

/// Whether a token closes a bracket.
pub(super) fn is_closing(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::RParen | TokenKind::RBracket | TokenKind::RBrace)
}
