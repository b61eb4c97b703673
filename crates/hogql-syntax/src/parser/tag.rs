//! Tags: `<name a='text' b={expr}/>`, `<name>text {expr}</name>`.

use super::{Parse, Parser};
use crate::ast::{Expr, ExprKind, Ident, Literal, Tag, TagAttribute};
use crate::token::TokenKind;
use crate::{Diagnostic, ErrorKind, Span, codes};

impl Parser<'_> {
    pub(super) fn tag_expr(&mut self) -> Parse<Expr> {
        let start = self.start();
        let tag = self.tag()?;
        Ok(self.node(start, ExprKind::Tag(Box::new(tag))))
    }

    pub(super) fn tag(&mut self) -> Parse<Tag> {
        self.nested(Self::tag_inner)
    }

    fn tag_inner(&mut self) -> Parse<Tag> {
        let start = self.start();
        self.expect(TokenKind::Lt)?;
        let name = self.tag_name()?;
        let attributes = self.attributes()?;
        if self.eat(TokenKind::SlashGt) {
            return Ok(Tag { name, attributes, children: None });
        }
        self.expect(TokenKind::Gt)?;
        let children = self.children()?;
        self.expect(TokenKind::LtSlash)?;
        let closing = self.tag_name()?;
        self.expect(TokenKind::Gt)?;
        self.check_tag(start, &name, &closing, &attributes, &children);
        Ok(Tag { name, attributes, children: Some(children) })
    }

    fn check_tag(
        &mut self,
        start: u32,
        name: &Ident,
        closing: &Ident,
        attributes: &[TagAttribute],
        children: &[Expr],
    ) {
        let span = self.span(start);
        if name.value != closing.value {
            let message = format!("`<{}>` is closed by `</{}>`", name.value, closing.value);
            let diagnostic = Diagnostic::error(codes::TAG, span, message)
                .with_secondary(closing.span, "closed here");
            self.refuse(ErrorKind::Syntax, diagnostic);
        } else if let (false, Some(twice)) = (
            children.is_empty(),
            attributes.iter().find(|attribute| attribute.name.value == "children"),
        ) {
            let diagnostic =
                Diagnostic::error(codes::TAG, span, "a tag has content and a `children` attribute")
                    .with_secondary(twice.span, "the attribute");
            self.refuse(ErrorKind::Syntax, diagnostic);
        }
    }

    fn tag_name(&mut self) -> Parse<Ident> {
        self.ident("a tag's name")
    }

    fn attributes(&mut self) -> Parse<Vec<TagAttribute>> {
        let mut attributes = Vec::new();
        while self.token().is_name() {
            let start = self.start();
            let name = self.any_ident();
            let valued = self.input.is_single_eq(self.at) && self.eat(TokenKind::Eq);
            let value = if valued { Some(self.attribute_value()?) } else { None };
            attributes.push(TagAttribute { span: self.span(start), name, value });
        }
        Ok(attributes)
    }

    fn attribute_value(&mut self) -> Parse<Expr> {
        match self.kind() {
            TokenKind::String => Ok(self.string()),
            TokenKind::LBrace => self.braced(),
            _ => Err(self.unexpected("a string or `{expression}`")),
        }
    }

    fn braced(&mut self) -> Parse<Expr> {
        let start = self.start();
        let inner = self.enclosed(TokenKind::RBrace, Self::expr)?;
        Ok(inner.unwrap_or_else(|| self.node(start, ExprKind::Error)))
    }

    fn children(&mut self) -> Parse<Vec<Expr>> {
        let mut children = Vec::new();
        loop {
            match self.kind() {
                TokenKind::TagText => children.extend(self.tag_text()),
                TokenKind::LBrace => children.push(self.braced()?),
                TokenKind::Lt => children.push(self.tag_expr()?),
                _ => return Ok(children),
            }
        }
    }

    /// Text between tags; line breaks with blanks around them are layout and dropped.
    fn tag_text(&mut self) -> Option<Expr> {
        let (text, span): (_, Span) = (self.text(), self.token().span);
        self.advance();
        let layout = text.contains(['\n', '\r']) && text.trim().is_empty();
        (!layout).then(|| Expr { span, kind: ExprKind::Literal(Literal::String(text.to_owned())) })
    }
}
