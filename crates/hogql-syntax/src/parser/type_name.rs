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

    /// `(10, 2)`, `(String)`, `(a Int, b String)`: of one form all of them.
    fn type_parameters(&mut self) -> Parse<String> {
        let start = self.start();
        let form = self.parameters_form();
        let texts = self.enclosed(TokenKind::RParen, |parser| {
            let mut texts = Vec::new();
            while !parser.is(TokenKind::RParen) {
                texts.push(parser.type_parameter(form)?);
                if !parser.eat(TokenKind::Comma) {
                    break;
                }
            }
            Ok(texts)
        })?;
        if form == Form::Enumerated && texts.is_some() {
            self.not_implemented(start, "enumerations are not supported", "cast to String");
        }
        Ok(format!("({})", texts.unwrap_or_default().join(", ")))
    }

    /// The first form that all parameters in the parentheses here have.
    fn parameters_form(&self) -> Form {
        let Some(close) = self.input.close(self.at) else { return Form::Expr };
        let mut forms = vec![Form::Named, Form::Enumerated, Form::Type, Form::Expr];
        let mut at = self.at + 1;
        while at < close {
            forms.retain(|&form| self.parameter_has(form, at));
            while at < close && self.input.token(at).kind != TokenKind::Comma {
                at = self.over(at);
            }
            at += 1;
        }
        forms.first().copied().unwrap_or(Form::Expr)
    }

    fn parameter_has(&self, form: Form, at: usize) -> bool {
        let token = |ahead: usize| self.input.token(at + ahead);
        match form {
            Form::Named => token(0).is_name() && token(1).is_name(),
            Form::Enumerated => {
                let sign = matches!(token(2).kind, TokenKind::Minus | TokenKind::Plus);
                token(0).kind == TokenKind::String
                    && self.input.is_single_eq(at + 1)
                    && token(2 + usize::from(sign)).is_number()
                    && ends_parameter(token(3 + usize::from(sign)).kind)
            }
            Form::Type => self.type_stands_at(at),
            Form::Expr => true,
        }
    }

    /// Whether a type without a name before it is all of the parameter at an index.
    fn type_stands_at(&self, first: usize) -> bool {
        let mut at = first;
        while self.input.token(at).is_name() {
            at += 1;
        }
        let words = at - first;
        if words == 1 && self.input.token(at).kind == TokenKind::LParen {
            let Some(close) = self.input.close(at) else { return true };
            at = close + 1;
        }
        while self.input.token(at).kind == TokenKind::LBracket {
            at += 1 + usize::from(self.input.token(at + 1).kind == TokenKind::Decimal);
            if self.input.token(at).kind != TokenKind::RBracket {
                return false;
            }
            at += 1;
        }
        words > 0 && ends_parameter(self.input.token(at).kind)
    }

    fn type_parameter(&mut self, form: Form) -> Parse<String> {
        match form {
            Form::Named => {
                let name = self.type_word();
                Ok(format!("{name} {}", self.long_type()?))
            }
            Form::Enumerated => {
                let name = unquote(self.text());
                self.at += 2;
                self.number().map(|_| name)
            }
            Form::Type => self.long_type(),
            Form::Expr => self.parameter_expr(),
        }
    }

    /// The text of an expression without its blanks.
    fn parameter_expr(&mut self) -> Parse<String> {
        let first = self.at;
        self.expr()?;
        Ok((first..self.at).map(|at| self.input.text_at(at)).collect())
    }
}

/// What the parameters of a type are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `a Int`
    Named,
    /// `'a' = 1`
    Enumerated,
    /// `Int`
    Type,
    /// `10`
    Expr,
}

fn ends_parameter(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::Comma | TokenKind::RParen)
}
