//! Templates: `f'a {x} b'`.

use super::{Parse, Parser};
use crate::ast::{Expr, ExprKind, TemplatePart};
use crate::lexer::unquote_template;
use crate::token::TokenKind;

impl Parser<'_> {
    /// `f'..'`
    pub(super) fn template(&mut self) -> Parse<Expr> {
        let start = self.start();
        self.advance();
        let parts = self.template_parts(false)?;
        self.expect(TokenKind::TemplateEnd)?;
        Ok(self.node(start, ExprKind::Template(parts)))
    }

    /// A template that ends with the text.
    pub(super) fn full_template(&mut self) -> Parse<Expr> {
        let start = self.at.checked_sub(1).map_or(0, |before| self.input.token(before).span.start);
        let parts = self.template_parts(true)?;
        if !self.is(TokenKind::End) {
            return Err(self.unexpected("the end of the text"));
        }
        Ok(self.node(start, ExprKind::Template(parts)))
    }

    fn template_parts(&mut self, full: bool) -> Parse<Vec<TemplatePart>> {
        let mut parts = Vec::new();
        loop {
            match self.kind() {
                TokenKind::TemplateText => {
                    let (value, span) = (unquote_template(self.text(), full), self.token().span);
                    self.advance();
                    parts.push(TemplatePart::Text { value, span });
                }
                TokenKind::LBrace => {
                    let start = self.start();
                    let inner = self.enclosed(TokenKind::RBrace, Self::expr)?;
                    parts.push(TemplatePart::Expr(
                        inner.unwrap_or_else(|| self.node(start, ExprKind::Error)),
                    ));
                }
                _ => return Ok(parts),
            }
        }
    }
}
