//! Numbers and strings.

use super::{Parse, Parser};
use crate::ast::{Expr, ExprKind, Literal};
use crate::keywords::Keyword;
use crate::lexer::unquote;
use crate::token::TokenKind;
use crate::{Diagnostic, ErrorKind, codes};

impl Parser<'_> {
    pub(super) fn string(&mut self) -> Expr {
        let start = self.start();
        let value = self.string_value();
        self.node(start, ExprKind::Literal(Literal::String(value)))
    }

    /// The text of the string here.
    pub(super) fn string_value(&mut self) -> String {
        let value = unquote(self.text());
        self.advance();
        value
    }

    /// Whether an unsigned number begins so many tokens ahead.
    pub(super) fn number_ahead(&self, ahead: usize) -> bool {
        let (token, next) = (self.nth(ahead), self.nth(ahead + 1));
        match token.kind {
            TokenKind::Word => {
                matches!(token.keyword, Some(Keyword::Inf | Keyword::Infinity | Keyword::Nan))
            }
            TokenKind::Dot => matches!(next.kind, TokenKind::Decimal | TokenKind::LeadingZero),
            _ => token.is_number(),
        }
    }

    /// A number with its sign, if one is written.
    pub(super) fn number(&mut self) -> Parse<Expr> {
        let start = self.start();
        let negative = self.is(TokenKind::Minus);
        if matches!(self.kind(), TokenKind::Minus | TokenKind::Plus) {
            if !self.number_ahead(1) {
                self.advance();
                return Err(self.unexpected("a number"));
            }
            self.advance();
        }
        let literal = self.unsigned(start, negative)?;
        Ok(self.node(start, ExprKind::Literal(literal)))
    }

    fn unsigned(&mut self, start: u32, negative: bool) -> Parse<Literal> {
        let text = self.text();
        match self.kind() {
            TokenKind::Word => self.advance(),
            TokenKind::Decimal if self.nth(1).kind == TokenKind::Dot => {
                return Ok(self.point(negative));
            }
            TokenKind::Dot => return self.leading_point(negative),
            TokenKind::Decimal | TokenKind::LeadingZero | TokenKind::Float => self.advance(),
            TokenKind::Hex => {
                self.advance();
                return Ok(radix_literal(text, 16, negative));
            }
            TokenKind::Binary => return Ok(self.binary(start, negative)),
            TokenKind::OctalPrefix => return Ok(self.octal(start, negative)),
            _ => return Err(self.unexpected("a number")),
        }
        Ok(plain_literal(text, negative))
    }

    /// `1.5`, `1.`, or the `1` of `1.name`.
    fn point(&mut self, negative: bool) -> Literal {
        let whole = self.text();
        self.advance();
        if self.nth(1).is_name() && self.is_property_of_number() {
            return plain_literal(whole, negative);
        }
        self.advance();
        let mut fraction = "";
        if matches!(self.kind(), TokenKind::Decimal | TokenKind::LeadingZero) {
            fraction = self.text();
            self.advance();
        }
        float_literal(&format!("{whole}.{fraction}"), negative)
    }

    /// Whether the name behind the point is a property; the reading without it has precedence.
    fn is_property_of_number(&mut self) -> bool {
        self.choose(2) == 1
    }

    fn leading_point(&mut self, negative: bool) -> Parse<Literal> {
        self.advance();
        if !matches!(self.kind(), TokenKind::Decimal | TokenKind::LeadingZero) {
            return Err(self.unexpected("digits"));
        }
        let literal = float_literal(&format!("0.{}", self.text()), negative);
        self.advance();
        Ok(literal)
    }

    fn binary(&mut self, start: u32, negative: bool) -> Literal {
        let literal = radix_literal(self.text(), 2, negative);
        self.advance();
        if matches!(literal, Literal::BigInteger(_)) {
            let message = "a binary number has at most 64 bits";
            let diagnostic = Diagnostic::error(codes::NUMBER, self.span(start), message);
            self.refuse(ErrorKind::Syntax, diagnostic);
        }
        literal
    }

    fn octal(&mut self, start: u32, negative: bool) -> Literal {
        let digits = self.text().get(2..).unwrap_or_default();
        self.advance();
        let value = i64::from_str_radix(digits, 8).ok();
        let mut diagnostic = Diagnostic::error(
            codes::NUMBER,
            self.span(start),
            "octal numbers with `0o` are not supported",
        );
        diagnostic.hints.extend(value.map(|value| format!("write it in decimal: `{value}`")));
        self.refuse(ErrorKind::Syntax, diagnostic);
        Literal::Integer(if negative {
            -value.unwrap_or_default()
        } else {
            value.unwrap_or_default()
        })
    }
}

/// A decimal integer, a float, or one of the words for what is no finite number.
fn plain_literal(text: &str, negative: bool) -> Literal {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        integer_literal(text, negative)
    } else {
        float_literal(text, negative)
    }
}

fn integer_literal(digits: &str, negative: bool) -> Literal {
    let text = if negative { format!("-{digits}") } else { digits.to_owned() };
    text.parse().map_or(Literal::BigInteger(text), Literal::Integer)
}

fn radix_literal(text: &str, radix: u32, negative: bool) -> Literal {
    let digits = text.get(2..).unwrap_or_default();
    let signed = if negative { format!("-{digits}") } else { digits.to_owned() };
    match i64::from_str_radix(&signed, radix) {
        Ok(value) => Literal::Integer(value),
        Err(_) => Literal::BigInteger(format!(
            "{}{}",
            if negative { "-" } else { "" },
            text.to_ascii_lowercase()
        )),
    }
}

fn float_literal(text: &str, negative: bool) -> Literal {
    let value = match text.get(..2) {
        Some("0x" | "0X") => hex_float(text),
        _ => text.parse().unwrap_or(f64::NAN),
    };
    Literal::Float(if negative { -value } else { value })
}

/// `0x1.8p3`; digits beyond what a float can hold are cut off.
fn hex_float(text: &str) -> f64 {
    let body = text.get(2..).unwrap_or_default();
    let (mantissa, exponent) = body.split_once(['p', 'P']).unwrap_or((body, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let value = whole.chars().chain(fraction.chars()).filter_map(|digit| digit.to_digit(16));
    let value = value.fold(0.0, |value, digit| value * 16.0 + f64::from(digit));
    let exponent = exponent.parse::<i32>().unwrap_or(i32::MAX);
    let places = i32::try_from(fraction.len()).unwrap_or(i32::MAX).saturating_mul(4);
    value * 2f64.powi(exponent.saturating_sub(places))
}
