//! Types of casts. The tree keeps a type as text: lower case, one blank between words, `, ` between parameters.

use super::{Parse, Parser};
use crate::keywords::Keyword;
use crate::lexer::unquote;
use crate::token::TokenKind;

/// `timestamp with time zone` behind its first word.
const WITH_ZONE: [Keyword; 3] = [Keyword::With, Keyword::Time, Keyword::Zone];
const WITH_LOCAL_ZONE: [Keyword; 4] = [Keyword::With, Keyword::Local, Keyword::Time, Keyword::Zone];

impl Parser<'_> {
    /// The one word behind `::`, with a time's zone or without.
    pub(super) fn short_type(&mut self) -> Parse<String> {
        let token = self.token();
        let allowed = token.keyword.is_none_or(Keyword::is_type) && token.is_name();
        if !allowed {
            return Err(self.unexpected("the name of a type"));
        }
        let mut name = self.type_word();
        self.with_zone(&mut name);
        Ok(name)
    }

    fn with_zone(&mut self, name: &mut String) {
        if self.eat_words(&WITH_ZONE) {
            name.push_str(" with time zone");
        } else if self.eat_words(&WITH_LOCAL_ZONE) {
            name.push_str(" with local time zone");
        }
    }

    fn type_word(&mut self) -> String {
        self.any_ident().value.to_lowercase()
    }

    /// Any type, as `CAST` takes it.
    pub(super) fn long_type(&mut self) -> Parse<String> {
        self.nested(|parser| {
            let mut name = parser.base_type()?;
            while parser.is(TokenKind::LBracket) {
                name.push_str(&parser.array_suffix()?);
            }
            Ok(name)
        })
    }

    fn base_type(&mut self) -> Parse<String> {
        let first = self.token().keyword;
        if !self.token().is_name() {
            return Err(self.unexpected("the name of a type"));
        }
        let mut name = self.type_word();
        if self.is(TokenKind::LParen) {
            name.push_str(&self.type_parameters()?);
            return Ok(name);
        }
        if matches!(first, Some(Keyword::Time | Keyword::Timestamp)) {
            self.with_zone(&mut name);
        }
        while self.token().is_name() {
            name.push(' ');
            name.push_str(&self.type_word());
        }
        Ok(name)
    }

    fn array_suffix(&mut self) -> Parse<String> {
        let size = self.enclosed(TokenKind::RBracket, |parser| {
            let size = if parser.is(TokenKind::Decimal) { parser.text() } else { "" };
            if !size.is_empty() {
                parser.advance();
            }
            Ok(size)
        })?;
        Ok(format!("[{}]", size.unwrap_or_default()))
    }

    /// `(10, 2)`, `(String)`, `(a Int, b String)`.
    fn type_parameters(&mut self) -> Parse<String> {
        let start = self.start();
        let parts = self.enclosed(TokenKind::RParen, |parser| {
            let mut parts = Vec::new();
            while !parser.is(TokenKind::RParen) {
                parts.push(parser.type_parameter()?);
                if !parser.eat(TokenKind::Comma) {
                    break;
                }
            }
            Ok(parts)
        })?;
        let parts = parts.unwrap_or_default();
        if parts.iter().any(|part| part.enumerated) {
            self.not_implemented(start, "enumerations are not supported", "cast to String");
        }
        let texts: Vec<_> = parts.into_iter().map(|part| part.text).collect();
        Ok(format!("({})", texts.join(", ")))
    }

    fn type_parameter(&mut self) -> Parse<Parameter> {
        if self.is(TokenKind::String) && self.nth(1).kind == TokenKind::Eq {
            return self.enumerated();
        }
        if self.token().is_name() && self.nth(1).is_name() && self.nth(2).kind == TokenKind::LParen
        {
            let name = self.type_word();
            let text = format!("{name} {}", self.long_type()?);
            return Ok(Parameter { text, enumerated: false });
        }
        let text =
            if self.parameter_is_type() { self.long_type()? } else { self.parameter_expr()? };
        Ok(Parameter { text, enumerated: false })
    }

    fn enumerated(&mut self) -> Parse<Parameter> {
        let name = unquote(self.text());
        self.advance();
        self.advance();
        self.number()?;
        Ok(Parameter { text: name, enumerated: true })
    }

    /// Whether the parameter here is a type, and not an expression.
    fn parameter_is_type(&self) -> bool {
        let mut at = self.at;
        while self.input.token(at).is_name() {
            at += 1;
        }
        let end = self.input.token(at).kind;
        let brackets = matches!(end, TokenKind::LParen | TokenKind::LBracket) && at <= self.at + 2;
        at > self.at && (matches!(end, TokenKind::Comma | TokenKind::RParen) || brackets)
    }

    /// The text of an expression without its blanks.
    fn parameter_expr(&mut self) -> Parse<String> {
        let first = self.at;
        self.expr()?;
        Ok((first..self.at).map(|at| self.input.text_at(at)).collect())
    }
}

/// A parameter of a type.
struct Parameter {
    text: String,
    /// `'name' = 1`
    enumerated: bool,
}
