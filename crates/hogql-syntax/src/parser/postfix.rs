//! What may follow an operand at once: calls, indexes, properties, casts.

use super::{Parse, Parser};
use crate::ast::{CastStyle, Expr, ExprKind, Literal};
use crate::token::TokenKind;

impl Parser<'_> {
    pub(super) fn postfix(&mut self, base: Expr, start: u32) -> Parse<Expr> {
        match self.kind() {
            TokenKind::LParen => self.expr_call(base, start),
            TokenKind::LBracket => self.index(base, start, false),
            TokenKind::DoubleColon => self.double_colon(base, start),
            _ => self.property(base, start),
        }
    }

    /// `base.name`, `base.1`, `base?.name`, `base?.1`, `base?.[index]`.
    fn property(&mut self, base: Expr, start: u32) -> Parse<Expr> {
        let nullish = self.is(TokenKind::QuestionDot);
        self.advance();
        match self.kind() {
            TokenKind::LBracket => self.index(base, start, nullish),
            TokenKind::Decimal => {
                let index = self.tuple_index();
                Ok(self.node(start, ExprKind::TupleAccess { base: Box::new(base), index, nullish }))
            }
            _ => {
                let name = self.ident("a property's name")?;
                let index =
                    Expr { span: name.span, kind: ExprKind::Literal(Literal::String(name.value)) };
                let (base, index) = (Box::new(base), Box::new(index));
                Ok(self.node(start, ExprKind::ArrayAccess { base, index, nullish, dotted: true }))
            }
        }
    }

    fn tuple_index(&mut self) -> u64 {
        let index = self.text().parse().unwrap_or(u64::MAX);
        self.advance();
        index
    }

    /// `base[index]`, `base[from:to]`.
    fn index(&mut self, base: Expr, start: u32, nullish: bool) -> Parse<Expr> {
        let base = Box::new(base);
        let kind = self.enclosed(TokenKind::RBracket, |parser| {
            let first = if parser.is(TokenKind::Colon) && !nullish {
                None
            } else {
                Some(Box::new(parser.expr()?))
            };
            match first {
                Some(index) if nullish || !parser.is(TokenKind::Colon) => {
                    Ok(ExprKind::ArrayAccess { base, index, nullish, dotted: false })
                }
                from => {
                    parser.expect(TokenKind::Colon)?;
                    let to = if parser.is(TokenKind::RBracket) {
                        None
                    } else {
                        Some(Box::new(parser.expr()?))
                    };
                    Ok(ExprKind::ArraySlice { base, from, to })
                }
            }
        })?;
        Ok(self.node(start, kind.unwrap_or(ExprKind::Error)))
    }

    fn double_colon(&mut self, base: Expr, start: u32) -> Parse<Expr> {
        self.advance();
        let type_name = self.short_type()?;
        let (expr, style) = (Box::new(base), CastStyle::DoubleColon);
        Ok(self.node(start, ExprKind::Cast { expr, type_name, style }))
    }
}
