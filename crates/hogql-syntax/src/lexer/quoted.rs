//! Strings, quoted names, and the text of templates.

use super::{Lexer, Mode};
use crate::token::TokenKind;
use crate::{Diagnostic, codes};

impl Lexer<'_> {
    /// A string or quoted name, from its opening quote to the closing one.
    pub(super) fn quoted(&mut self, kind: TokenKind) {
        let start = self.at;
        let quote = self.byte(0);
        self.at += 1;
        loop {
            let rest = self.rest();
            let Some(length) = rest.bytes().position(|byte| byte == quote || byte == b'\\') else {
                self.at = self.text.len();
                return self.unterminated(kind, start);
            };
            self.at += length;
            if self.byte(0) == b'\\' {
                self.escape(quote);
            } else if self.byte(1) == quote {
                self.at += 2;
            } else {
                self.at += 1;
                return self.push(kind, start);
            }
        }
    }

    fn unterminated(&mut self, kind: TokenKind, start: usize) {
        let what = if kind == TokenKind::String { "string" } else { "quoted name" };
        let finding =
            self.finding(codes::UNTERMINATED, start, format!("this {what} is never closed"));
        self.note(finding.with_label("opened here"));
        self.push(TokenKind::Error, start);
    }

    fn escape(&mut self, quote: u8) {
        let start = self.at;
        let next = self.rest().chars().nth(1);
        let legal = match next {
            Some('\\' | 'b' | 'f' | 'r' | 'n' | 't' | '0' | 'a' | 'v') => true,
            Some('\'') => quote == b'\'',
            Some('"') => quote == b'"',
            Some('x') => self.byte(2).is_ascii_hexdigit() && self.byte(3).is_ascii_hexdigit(),
            _ => false,
        };
        self.at = (self.at + 1 + next.map_or(0, char::len_utf8)).min(self.text.len());
        if let (false, Some(next)) = (legal, next) {
            let finding = self.finding(codes::ESCAPE, start, format!("`\\{next}` is no escape"));
            self.note(finding.with_hint(format!("for a backslash itself write `\\\\{next}`")));
        }
    }

    /// Text in a template up to a brace, the closing quote, or the end.
    pub(super) fn template_text(&mut self, full: bool) {
        let start = self.at;
        while self.at < self.text.len() && !self.ends_template_text(full) {
            self.at += self.template_piece(full);
        }
        if self.at > start {
            return self.push(TokenKind::TemplateText, start);
        }
        match self.byte(0) {
            b'{' => {
                self.take(TokenKind::LBrace, 1);
                self.enter(Mode::Code);
            }
            b'\\' => self.drop_escape(),
            _ => {
                self.take(TokenKind::TemplateEnd, 1);
                self.leave();
            }
        }
    }

    fn ends_template_text(&self, full: bool) -> bool {
        match self.byte(0) {
            b'{' => true,
            b'\'' => !full && self.byte(1) != b'\'',
            b'\\' => !full && !self.template_escape_ahead(),
            _ => false,
        }
    }

    fn template_escape_ahead(&self) -> bool {
        match self.rest().chars().nth(1) {
            Some('x') => is_hex_pair(self.rest()),
            next => next.is_some_and(is_template_escape),
        }
    }

    /// Length of the next character or pair of the text.
    fn template_piece(&self, full: bool) -> usize {
        match self.byte(0) {
            // Where nothing but the end of the text ends the template, a brace behind a backslash is text.
            b'\\' if full && self.byte(1) == b'\\' && self.byte(2) == b'{' => 3,
            b'\\' => 1 + self.rest().chars().nth(1).map_or(0, char::len_utf8),
            b'\'' if !full => 2,
            _ => self.rest().find(['\\', '\'', '{']).unwrap_or_else(|| self.rest().len()).max(1),
        }
    }

    /// A backslash pair that means nothing ends a piece of text and is dropped, as in the reference.
    fn drop_escape(&mut self) {
        let start = self.at;
        let next = self.rest().chars().nth(1);
        self.at += 1 + next.map_or(0, char::len_utf8);
        let Some(next) = next else { return };
        let message = format!("`\\{next}` is no escape and is dropped");
        let finding = Diagnostic::warning(codes::TEMPLATE_ESCAPE, self.span(start), message);
        self.note(finding.with_hint(format!("for a backslash itself write `\\\\{next}`")));
    }
}

fn is_template_escape(character: char) -> bool {
    matches!(character, '\\' | 'b' | 'f' | 'r' | 'n' | 't' | '0' | 'a' | 'v' | '\'' | '{')
}

fn is_hex_pair(escape: &str) -> bool {
    let bytes = escape.as_bytes();
    [2, 3].iter().all(|&at| bytes.get(at).is_some_and(u8::is_ascii_hexdigit))
}

/// The text between the quotes of a string or quoted name, with escapes resolved.
pub(crate) fn unquote(quoted: &str) -> String {
    let quote = quoted.chars().next().unwrap_or('\'');
    let inner = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
    resolve(inner, Some(quote), Rules::Quoted)
}

/// The text of a piece of a template, with escapes resolved; `full` for one that no quote ends.
pub(crate) fn unquote_template(text: &str, full: bool) -> String {
    resolve(text, (!full).then_some('\''), if full { Rules::FullTemplate } else { Rules::Template })
}

/// Which backslash pairs mean something.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rules {
    /// Others have been reported.
    Quoted,
    /// Others are dropped.
    Template,
    /// Others stay.
    FullTemplate,
}

fn resolve(text: &str, quote: Option<char>, rules: Rules) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(character) = chars.next() {
        if character == '\\' {
            resolve_escape(&mut chars, rules, &mut out);
        } else {
            if Some(character) == quote && chars.as_str().starts_with(character) {
                chars.next();
            }
            out.push(character);
        }
    }
    out
}

fn resolve_escape(chars: &mut std::str::Chars<'_>, rules: Rules, out: &mut String) {
    match chars.next() {
        Some('b') => out.push('\u{8}'),
        Some('f') => out.push('\u{c}'),
        Some('r') => out.push('\r'),
        Some('n') => out.push('\n'),
        Some('t') => out.push('\t'),
        Some('a') => out.push('\u{7}'),
        Some('v') => out.push('\u{b}'),
        Some('0') => {}
        Some('x') => out.push_str("\\x"),
        Some('\\') => out.push('\\'),
        Some('{') if rules != Rules::Quoted => out.push('{'),
        Some('\'') if rules == Rules::Template => out.push('\''),
        Some(other) => match rules {
            Rules::Quoted => out.push(other),
            Rules::Template => {}
            Rules::FullTemplate => out.extend(['\\', other]),
        },
        None => out.extend((rules == Rules::FullTemplate).then_some('\\')),
    }
}
