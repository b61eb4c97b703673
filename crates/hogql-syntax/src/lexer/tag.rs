//! Tags: `<name attribute='text' other={expr}/>`, `<name>text {expr} <child/></name>`.

use super::{Lexer, Mode};
use crate::token::{Token, TokenKind};

impl Lexer<'_> {
    /// Whether the `<` here opens a tag: a name follows at once, and after it a `>`, a `/` or another name.
    pub(super) fn tag_ahead(&self) -> bool {
        let bytes = self.rest().as_bytes().get(1..).unwrap_or_default();
        if !bytes.first().is_some_and(|&byte| byte.is_ascii_alphabetic() || byte == b'_') {
            return false;
        }
        let name = bytes.iter().take_while(|&&byte| is_tag_name(byte)).count();
        let after = bytes.get(name..).unwrap_or_default();
        let blank = after.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let next = after.get(blank).copied().unwrap_or_default();
        match next {
            b'>' | b'/' => true,
            _ => blank > 0 && (next.is_ascii_alphanumeric() || next == b'_'),
        }
    }

    /// One token between `<` and `>`.
    pub(super) fn tag_open(&mut self) {
        match (self.byte(0), self.byte(1)) {
            (b'/', b'>') => {
                self.take(TokenKind::SlashGt, 2);
                self.leave();
            }
            (b'>', _) => {
                self.take(TokenKind::Gt, 1);
                self.mode = Mode::TagText;
            }
            (b'=', _) => self.take(TokenKind::Eq, 1),
            (b'{', _) => {
                self.take(TokenKind::LBrace, 1);
                self.enter(Mode::Code);
            }
            (b'\'', _) => self.quoted(TokenKind::String),
            _ => self.tag_word(),
        }
    }

    /// One token between `</` and `>`.
    pub(super) fn tag_close(&mut self) {
        if self.byte(0) == b'>' {
            self.take(TokenKind::Gt, 1);
            self.leave();
        } else {
            self.tag_word();
        }
    }

    fn tag_word(&mut self) {
        match (self.byte(0), self.byte(1)) {
            (b'\t'..=b'\r' | b' ', _) => self.at += 1,
            (b'-', b'-') | (b'/', b'/') => self.line_comment(),
            (b'/', b'*') if self.block_comment() => {}
            (first, _) if first.is_ascii_alphabetic() || first == b'_' => self.tag_name(),
            _ => self.stray(),
        }
    }

    fn tag_name(&mut self) {
        let start = self.at;
        self.at += self.rest().bytes().take_while(|&byte| is_tag_name(byte)).count();
        let span = self.span(start);
        self.tokens.push(Token { kind: TokenKind::Word, keyword: None, span });
    }

    fn stray(&mut self) {
        let start = self.at;
        let Some(character) = self.rest().chars().next() else { return };
        self.at += character.len_utf8();
        if !character.is_whitespace() {
            self.unexpected(start, character);
        }
    }

    /// Text between tags, or what ends it.
    pub(super) fn tag_text(&mut self) {
        let rest = self.rest();
        let length = rest.find(['<', '{']).unwrap_or(rest.len());
        if length > 0 {
            return self.take(TokenKind::TagText, length);
        }
        match (self.byte(0), self.byte(1)) {
            (b'{', _) => {
                self.take(TokenKind::LBrace, 1);
                self.enter(Mode::Code);
            }
            (_, b'/') => {
                self.take(TokenKind::LtSlash, 2);
                self.mode = Mode::TagClose;
            }
            _ => {
                self.take(TokenKind::Lt, 1);
                self.enter(Mode::TagOpen);
            }
        }
    }
}

fn is_tag_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}
