//! Lambdas: `x -> e`, `x, y -> e`, `(x, y) -> e`, `lambda x, y: e`, `x -> { statements }`.

use super::{Parse, Parser};
use crate::ast::{Expr, ExprKind, Ident};
use crate::token::TokenKind;

impl Parser<'_> {
    /// Whether a lambda without parentheses begins here. If it has several parameters, those before the last may also
    /// be names of their own.
    pub(super) fn arrow_lambda_ahead(&mut self) -> bool {
        if self.at < self.names_until || !self.input.arrow_lambda(self.at) {
            return false;
        }
        if self.nth(1).kind != TokenKind::Comma || self.choose(2) == 0 {
            return true;
        }
        self.names_until = self.last_parameter();
        false
    }

    fn last_parameter(&self) -> usize {
        let mut last = self.at;
        while self.input.token(last + 1).kind == TokenKind::Comma
            && self.input.arrow_lambda(last + 2)
        {
            last += 2;
        }
        last
    }

    pub(super) fn arrow_lambda(&mut self) -> Parse<Expr> {
        let start = self.start();
        let params = self.parameters(TokenKind::Arrow)?;
        self.lambda_body(params, start)
    }

    pub(super) fn colon_lambda(&mut self) -> Parse<Expr> {
        let start = self.start();
        self.advance();
        let params = self.parameters(TokenKind::Colon)?;
        self.advance();
        let body = Box::new(self.expr()?);
        Ok(self.node(start, ExprKind::Lambda { params, body }))
    }

    /// Whether the parenthesis here holds names only and `->` follows it.
    pub(super) fn lambda_parameters_ahead(&self) -> bool {
        self.input
            .close(self.at)
            .is_some_and(|close| self.input.token(close + 1).kind == TokenKind::Arrow)
    }

    pub(super) fn parenthesised_lambda(&mut self) -> Parse<Expr> {
        let start = self.start();
        let params =
            self.enclosed(TokenKind::RParen, |parser| parser.parameters(TokenKind::RParen))?;
        self.lambda_body(params.unwrap_or_default(), start)
    }

    pub(super) fn parameters(&mut self, end: TokenKind) -> Parse<Vec<Ident>> {
        let mut params = Vec::new();
        while !self.is(end) {
            params.push(self.ident("a parameter's name")?);
            if !self.eat(TokenKind::Comma) {
                break;
            }
        }
        Ok(params)
    }

    fn lambda_body(&mut self, params: Vec<Ident>, start: u32) -> Parse<Expr> {
        self.expect(TokenKind::Arrow)?;
        let body = if self.block_ahead() { self.block_expr()? } else { self.expr()? };
        let body = Box::new(body);
        Ok(self.node(start, ExprKind::Lambda { params, body }))
    }
}
