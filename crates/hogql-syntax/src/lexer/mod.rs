//! Text to tokens.
//!
//! Templates (`f'a {x}'`) and tags (`<a b={x}>text</a>`) have token rules of their own, so the lexer keeps a stack of
//! [`Mode`]s: a brace inside them goes back to the ordinary rules until its partner. It never fails: what it cannot
//! read becomes a diagnostic and is skipped. Every byte is looked at a bounded number of times.

mod number;
mod quoted;
mod tag;

pub(crate) use quoted::{unquote, unquote_template};

use crate::keywords::Keyword;
use crate::parser::MAX_TOKENS;
use crate::token::{Token, TokenKind};
use crate::{Diagnostic, Severity, Span, codes};

/// Which rules cut the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// The language's own.
    Code,
    /// Inside `f'..'`.
    Template,
    /// Inside a template that ends with the text.
    FullTemplate,
    /// Inside `<a ..>`.
    TagOpen,
    /// Between `<a>` and `</a>`.
    TagText,
    /// Inside `</a>`.
    TagClose,
}

/// Further findings are not noted.
const MAX_DIAGNOSTICS: usize = 50;

/// What the lexer has found.
#[derive(Debug)]
pub(crate) struct Lexed {
    /// The tokens, the last of kind [`TokenKind::End`].
    pub(crate) tokens: Vec<Token>,
    /// What could not be read.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Whether the text has no more than [`MAX_TOKENS`] tokens.
    pub(crate) whole: bool,
}

/// Cuts a text into tokens.
pub(crate) fn lex(text: &str) -> Lexed {
    lex_from(text, Mode::Code)
}

/// Cuts a text that is the inside of a template into tokens.
pub(crate) fn lex_template(text: &str) -> Lexed {
    lex_from(text, Mode::FullTemplate)
}

fn lex_from(text: &str, mode: Mode) -> Lexed {
    let mut lexer = Lexer {
        text,
        at: 0,
        modes: Vec::new(),
        mode,
        tokens: Vec::with_capacity((text.len() / 4 + 2).min(MAX_TOKENS)),
        diagnostics: Vec::new(),
        failed: false,
        comments_end: true,
    };
    while lexer.at < text.len() && lexer.tokens.len() < MAX_TOKENS {
        lexer.step();
    }
    let whole = lexer.at >= text.len();
    lexer.push(TokenKind::End, lexer.at);
    Lexed { tokens: lexer.tokens, diagnostics: lexer.diagnostics, whole }
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    modes: Vec<Mode>,
    mode: Mode,
    tokens: Vec<Token>,
    diagnostics: Vec<Diagnostic>,
    /// Whether an error has been noted.
    failed: bool,
    /// Whether a `*/` may still lie ahead.
    comments_end: bool,
}

impl<'a> Lexer<'a> {
    fn step(&mut self) {
        match self.mode {
            Mode::Code => self.code(),
            Mode::Template => self.template_text(false),
            Mode::FullTemplate => self.template_text(true),
            Mode::TagOpen => self.tag_open(),
            Mode::TagText => self.tag_text(),
            Mode::TagClose => self.tag_close(),
        }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn byte(&self, offset: usize) -> u8 {
        self.text.as_bytes().get(self.at + offset).copied().unwrap_or_default()
    }

    fn enter(&mut self, mode: Mode) {
        self.modes.push(std::mem::replace(&mut self.mode, mode));
    }

    fn leave(&mut self) {
        if let Some(mode) = self.modes.pop() {
            self.mode = mode;
        }
    }

    fn span(&self, start: usize) -> Span {
        Span::new(offset(start), offset(self.at))
    }

    fn push(&mut self, kind: TokenKind, start: usize) {
        self.tokens.push(Token::new(kind, self.span(start)));
    }

    /// A token of a fixed number of bytes.
    fn take(&mut self, kind: TokenKind, length: usize) {
        let start = self.at;
        self.at += length;
        self.push(kind, start);
    }

    /// A diagnostic about the text from `start` to here.
    fn finding(&self, code: &'static str, start: usize, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(code, self.span(start), message)
    }

    fn note(&mut self, finding: Diagnostic) {
        let is_error = finding.severity == Severity::Error;
        let first_error = is_error && !self.failed;
        self.failed |= is_error;
        if first_error || self.diagnostics.len() < MAX_DIAGNOSTICS {
            self.diagnostics.push(finding);
        }
    }

    fn code(&mut self) {
        match self.byte(0) {
            b'\t'..=b'\r' | b' ' => self.at += 1,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'$' => self.word(),
            b'0'..=b'9' => self.number(),
            b'\'' => self.quoted(TokenKind::String),
            b'`' | b'"' => self.quoted(TokenKind::QuotedName),
            b'#' if !self.byte(1).is_ascii_digit() => self.line_comment(),
            b'.' if self.float_length().is_some() => self.number(),
            0x80.. => self.beyond_ascii(),
            _ => self.symbol(),
        }
    }

    fn word(&mut self) {
        let start = self.at;
        if let (b'f' | b'F', b'\'') = (self.byte(0), self.byte(1)) {
            return self.template_start();
        }
        let length = self.rest().bytes().take_while(|&byte| is_word(byte)).count();
        self.at += length;
        let word = self.text.get(start..self.at).unwrap_or_default();
        let span = self.span(start);
        self.tokens.push(Token { kind: TokenKind::Word, keyword: Keyword::of(word), span });
    }

    fn template_start(&mut self) {
        let full = self.byte(0) == b'F';
        self.take(if full { TokenKind::FullTemplateStart } else { TokenKind::TemplateStart }, 2);
        self.enter(if full { Mode::FullTemplate } else { Mode::Template });
    }

    fn line_comment(&mut self) {
        let rest = self.rest();
        self.at += rest.find(['\n', '\r']).unwrap_or(rest.len());
    }

    /// Skips `/* .. */`; without its end the two characters are operators.
    fn block_comment(&mut self) -> bool {
        if !self.comments_end {
            return false;
        }
        let found = self.rest().get(2..).and_then(|rest| rest.find("*/"));
        match found {
            Some(length) => self.at += length + 4,
            None => self.comments_end = false,
        }
        found.is_some()
    }

    fn beyond_ascii(&mut self) {
        let start = self.at;
        let Some(character) = self.rest().chars().next() else { return };
        self.at += character.len_utf8();
        if !character.is_whitespace() && character != '\u{feff}' {
            self.unexpected(start, character);
        }
    }

    fn unexpected(&mut self, start: usize, character: char) {
        let shown = if character.is_ascii_graphic() {
            format!("unexpected character `{character}` (U+{:04X})", character as u32)
        } else {
            format!("unexpected character U+{:04X}", character as u32)
        };
        let mut finding = self.finding(codes::CHARACTER, start, shown);
        finding.label = "nothing in HogQL begins with this".to_owned();
        finding.hints.extend(hint_for(character).map(str::to_owned));
        self.note(finding);
        self.push(TokenKind::Error, start);
    }

    fn symbol(&mut self) {
        let next = self.byte(1);
        match (self.byte(0), next) {
            (b'-', b'-') | (b'/', b'/') => self.line_comment(),
            (b'/', b'*') => {
                if !self.block_comment() {
                    self.take(TokenKind::Slash, 1);
                }
            }
            (b'<', _) if self.tag_ahead() => {
                self.take(TokenKind::Lt, 1);
                self.enter(Mode::TagOpen);
            }
            _ => self.operator(),
        }
    }

    fn operator(&mut self) {
        let bytes = [self.byte(0), self.byte(1), self.byte(2)];
        if let Some((kind, length)) = operator(bytes) {
            self.take(kind, length);
            match kind {
                TokenKind::LBrace => self.enter(Mode::Code),
                TokenKind::RBrace => self.leave(),
                _ => {}
            }
            return;
        }
        let start = self.at;
        self.at += 1;
        self.unexpected(start, char::from(bytes[0]));
    }
}

/// The operator that begins with these bytes, and its length.
fn operator(bytes: [u8; 3]) -> Option<(TokenKind, usize)> {
    use TokenKind::*;
    Some(match bytes {
        [b'!', b'~', b'*'] => (NotIRegex, 3),
        [b'=', b'~', b'*'] => (IRegex, 3),
        [b'<', b'=', b'>'] => (Spaceship, 3),
        [b'!', b'~', _] => (NotRegex, 2),
        [b'!', b'=', _] => (NotEq, 2),
        [b'=', b'~', _] => (Regex, 2),
        [b'=', b'=', _] => (Eq, 2),
        [b'~', b'*', _] => (IRegex, 2),
        [b'<', b'>', _] => (NotEq, 2),
        [b'<', b'=', _] => (LtEq, 2),
        [b'<', b'/', _] => (LtSlash, 2),
        [b'/', b'>', _] => (SlashGt, 2),
        [b'>', b'=', _] => (GtEq, 2),
        [b'-', b'>', _] => (Arrow, 2),
        [b'|', b'|', _] => (Concat, 2),
        [b'?', b'?', _] => (Coalesce, 2),
        [b'?', b'.', _] => (QuestionDot, 2),
        [b':', b':', _] => (DoubleColon, 2),
        [b':', b'=', _] => (Assign, 2),
        [first, ..] => (single(first)?, 1),
    })
}

fn single(byte: u8) -> Option<TokenKind> {
    use TokenKind::*;
    Some(match byte {
        b'+' => Plus,
        b'-' => Minus,
        b'*' => Star,
        b'/' => Slash,
        b'%' => Percent,
        b'=' => Eq,
        b'<' => Lt,
        b'>' => Gt,
        b'~' => Regex,
        b'?' => Question,
        b':' => Colon,
        b',' => Comma,
        b'.' => Dot,
        b';' => Semicolon,
        b'#' => Hash,
        b'(' => LParen,
        b')' => RParen,
        b'[' => LBracket,
        b']' => RBracket,
        b'{' => LBrace,
        b'}' => RBrace,
        _ => return None,
    })
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$'
}

fn hint_for(character: char) -> Option<&'static str> {
    Some(match character {
        '!' => "write `not` for negation, `!=` for unequal",
        '&' => "write `and`; bits are combined by bitAnd(a, b)",
        '|' => "write `or`, or `||` to join texts; bits are combined by bitOr(a, b)",
        '^' => "powers are pow(a, b), bits are combined by bitXor(a, b)",
        '@' => "a name with such a character stands in backticks",
        '\u{2018}' | '\u{2019}' => "strings stand in straight quotes, '..'",
        '\u{201c}' | '\u{201d}' => "names are quoted by straight quotes, \"..\"",
        '\u{200b}' => "this is an invisible zero-width space; delete it",
        _ if character.is_alphabetic() => "names with letters beyond ASCII stand in backticks",
        _ => return None,
    })
}

/// A byte offset as spans hold it; texts longer than 4 GB are refused before.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
