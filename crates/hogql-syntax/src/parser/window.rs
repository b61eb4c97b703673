//! Window functions and window specifications.

use super::call::Arguments;
use super::{Parse, Parser};
use crate::ast::{
    Expr, ExprKind, FrameBound, FrameBoundKind, Ident, Over, WindowCall, WindowFrame, WindowSpec,
};
use crate::keywords::Keyword;
use crate::token::TokenKind;

impl Parser<'_> {
    /// `OVER (..)` or `OVER name` behind a call.
    pub(super) fn window(
        &mut self,
        name: Ident,
        first: Arguments,
        second: Option<Arguments>,
        filter: Option<Expr>,
        start: u32,
    ) -> Parse<Expr> {
        self.advance();
        let over = if self.is(TokenKind::LParen) {
            Over::Spec(self.window_spec()?)
        } else {
            Over::Named(self.any_ident())
        };
        let args = second.map(|second| second.exprs);
        let call = WindowCall { name, exprs: first.exprs, args, filter, over };
        Ok(self.node(start, ExprKind::Window(Box::new(call))))
    }

    /// `(PARTITION BY .. ORDER BY .. ROWS ..)`
    pub(super) fn window_spec(&mut self) -> Parse<WindowSpec> {
        let open = self.token().span;
        let empty =
            WindowSpec { span: open, partition_by: Vec::new(), order_by: Vec::new(), frame: None };
        let spec = self.enclosed(TokenKind::RParen, |parser| {
            let start = parser.start();
            let partition_by = if parser.eat_words(&[Keyword::Partition, Keyword::By]) {
                parser.some_exprs()?
            } else {
                Vec::new()
            };
            let order_by = if parser.eat_words(&[Keyword::Order, Keyword::By]) {
                parser.order_list()?
            } else {
                Vec::new()
            };
            let frame = parser.frame()?;
            let span = if parser.start() == start {
                crate::Span::new(start, start)
            } else {
                parser.span(start)
            };
            Ok(WindowSpec { span, partition_by, order_by, frame })
        })?;
        Ok(spec.unwrap_or(empty))
    }

    fn frame(&mut self) -> Parse<Option<WindowFrame>> {
        let range = match self.keyword() {
            Some(Keyword::Rows) => false,
            Some(Keyword::Range) => true,
            _ => return Ok(None),
        };
        let begin = self.start();
        self.advance();
        let named = matches!(self.nth(1).keyword, Some(Keyword::Preceding | Keyword::Following));
        let (start, end) = if !named && self.eat_word(Keyword::Between) {
            let start = self.frame_bound()?;
            self.expect_word(Keyword::And)?;
            (start, Some(self.frame_bound()?))
        } else {
            (self.frame_bound()?, None)
        };
        Ok(Some(WindowFrame { span: self.span(begin), range, start, end }))
    }

    fn frame_bound(&mut self) -> Parse<FrameBound> {
        let start = self.start();
        if self.eat_words(&[Keyword::Current, Keyword::Row]) {
            return Ok(FrameBound { span: self.span(start), kind: FrameBoundKind::CurrentRow });
        }
        let unbounded = self.is_word(Keyword::Unbounded)
            && matches!(self.nth(1).keyword, Some(Keyword::Preceding | Keyword::Following));
        let value = if unbounded {
            self.advance();
            None
        } else {
            Some(Box::new(self.expr()?))
        };
        let kind = match self.keyword() {
            Some(Keyword::Preceding) => FrameBoundKind::Preceding(value),
            Some(Keyword::Following) => FrameBoundKind::Following(value),
            _ => return Err(self.unexpected("`PRECEDING` or `FOLLOWING`")),
        };
        self.advance();
        Ok(FrameBound { span: self.span(start), kind })
    }
}
