//! Numbers. `1.5` is three tokens, since `a.1.5` is an access to a tuple in a tuple; only a float with an exponent is one.

use super::Lexer;
use crate::token::TokenKind;

impl Lexer<'_> {
    /// The number that begins here.
    pub(super) fn number(&mut self) {
        if let Some(length) = self.float_length() {
            return self.take(TokenKind::Float, length);
        }
        let (kind, length) = self.prefixed().unwrap_or_else(|| self.plain());
        self.take(kind, length);
    }

    fn digits(&self, from: usize, is_digit: fn(&u8) -> bool) -> usize {
        self.rest()
            .as_bytes()
            .get(from..)
            .unwrap_or_default()
            .iter()
            .take_while(|byte| is_digit(byte))
            .count()
    }

    fn plain(&self) -> (TokenKind, usize) {
        let length = self.digits(0, u8::is_ascii_digit);
        let octal = self.digits(0, |byte| (b'0'..=b'7').contains(byte));
        let leading_zero = length > 1 && octal == length && self.byte(0) == b'0';
        (if leading_zero { TokenKind::LeadingZero } else { TokenKind::Decimal }, length)
    }

    fn prefixed(&self) -> Option<(TokenKind, usize)> {
        if self.byte(0) != b'0' {
            return None;
        }
        let (kind, digits) = match self.byte(1) {
            b'x' | b'X' => (TokenKind::Hex, self.digits(2, u8::is_ascii_hexdigit)),
            b'b' | b'B' => (TokenKind::Binary, self.digits(2, |byte| matches!(byte, b'0' | b'1'))),
            b'o' | b'O' => {
                (TokenKind::OctalPrefix, self.digits(2, |byte| (b'0'..=b'7').contains(byte)))
            }
            _ => return None,
        };
        (digits > 0).then_some((kind, digits + 2))
    }

    /// Length of the float with an exponent that begins here, if one does.
    pub(super) fn float_length(&self) -> Option<usize> {
        let hex = self.byte(0) == b'0' && matches!(self.byte(1), b'x' | b'X');
        let (start, is_digit): (usize, fn(&u8) -> bool) =
            if hex { (2, u8::is_ascii_hexdigit) } else { (0, u8::is_ascii_digit) };
        let whole = self.digits(start, is_digit);
        let mut length = start + whole;
        let mut fraction = 0;
        if self.byte(length) == b'.' {
            fraction = self.digits(length + 1, is_digit);
            length += 1 + fraction;
        }
        if whole == 0 && (hex || fraction == 0) {
            return None;
        }
        self.exponent(length, hex)
    }

    fn exponent(&self, at: usize, hex: bool) -> Option<usize> {
        let marked = if hex {
            matches!(self.byte(at), b'p' | b'P')
        } else {
            matches!(self.byte(at), b'e' | b'E')
        };
        if !marked {
            return None;
        }
        let sign = usize::from(matches!(self.byte(at + 1), b'+' | b'-'));
        let digits = self.digits(at + 1 + sign, u8::is_ascii_digit);
        (digits > 0).then_some(at + 1 + sign + digits)
    }
}
