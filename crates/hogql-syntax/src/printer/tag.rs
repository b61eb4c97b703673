//! Templates, placeholders and HogQLX tags: the forms with braces.

use super::writer::Writer;
use crate::ast::{Expr, ExprKind, Literal, Tag, TagAttribute, TemplatePart};

impl Writer {
    /// `{e}`.
    pub(super) fn braced(&mut self, inner: &Expr) {
        self.push("{");
        self.any_expr(inner);
        self.push("}");
    }

    /// `f'..'`.
    pub(super) fn template(&mut self, parts: &[TemplatePart]) {
        self.push("f'");
        for part in parts {
            match part {
                TemplatePart::Text { value, .. } => self.template_text(value),
                TemplatePart::Expr(inner) => self.braced(inner),
            }
        }
        self.push("'");
    }

    /// `<name attribute='text'>..</name>`.
    pub(super) fn tag(&mut self, tag: &Tag) {
        self.push("<");
        self.tag_name(&tag.name.value);
        for attribute in &tag.attributes {
            self.push(" ");
            self.tag_attribute(attribute);
        }
        let Some(children) = &tag.children else {
            return self.push(" />");
        };
        self.push(">");
        children.iter().for_each(|child| self.tag_child(child));
        self.push("</");
        self.tag_name(&tag.name.value);
        self.push(">");
    }

    fn tag_attribute(&mut self, attribute: &TagAttribute) {
        self.tag_name(&attribute.name.value);
        match &attribute.value {
            None => {}
            Some(Expr { kind: ExprKind::Literal(Literal::String(text)), .. }) => {
                self.push("=");
                self.string(text);
            }
            Some(value) => {
                self.push("=");
                self.braced(value);
            }
        }
    }

    fn tag_child(&mut self, child: &Expr) {
        match &child.kind {
            ExprKind::Tag(tag) => self.tag(tag),
            _ => self.braced(child),
        }
    }

    /// Names of tags and attributes may have hyphens; no name is a keyword, and backticks do not quote.
    fn tag_name(&mut self, name: &str) {
        let first = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
        let rest = |byte: u8| first(byte) || byte.is_ascii_digit() || byte == b'-';
        if name.bytes().next().is_some_and(first) && name.bytes().all(rest) {
            self.push(name);
        } else {
            self.quoted(name, '"');
        }
    }
}
