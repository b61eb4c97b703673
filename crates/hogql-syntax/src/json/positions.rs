//! Byte offsets to the reference's positions: code points, line and column.

use super::value::Value;
use crate::Span;
use crate::keywords::Keyword;
use crate::lexer::lex;
use crate::token::{Token, TokenKind};

/// Where lines and tokens begin.
pub(super) struct Positions<'a> {
    text: &'a str,
    /// Byte offset and code-point offset of the beginning of each line.
    lines: Vec<(usize, usize)>,
    tokens: Vec<Token>,
    ascii: bool,
}

/// What the reference counts for its token at the end of the text.
const END_TOKEN: usize = "<EOF>".len();

impl<'a> Positions<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let mut lines = vec![(0, 0)];
        let breaks =
            text.char_indices().enumerate().filter(|(_, (_, character))| *character == '\n');
        lines.extend(breaks.map(|(points, (bytes, _))| (bytes + 1, points + 1)));
        Self { text, lines, tokens: lex(text).tokens, ascii: text.is_ascii() }
    }

    /// Line (from 1), column and offset of a byte, in code points.
    fn locate(&self, byte: u32) -> (usize, usize, usize) {
        let byte = (byte as usize).min(self.text.len());
        let line = self.lines.partition_point(|(start, _)| *start <= byte).max(1);
        let (start, points) = self.lines.get(line - 1).copied().unwrap_or_default();
        let column = match self.text.get(start..byte) {
            Some(before) if !self.ascii => before.chars().count(),
            _ => byte.saturating_sub(start),
        };
        (line, column, points + column)
    }

    /// `start` and `end` of a node.
    pub(super) fn span(&self, span: Span) -> [(String, Value); 2] {
        let (line, column, offset) = self.locate(span.start);
        let start = position(line, column, offset);
        let end = if span.end == span.start { start.clone() } else { self.end(span.end) };
        [("start".into(), start), ("end".into(), end)]
    }

    /// The end of a node: the reference counts its column from the beginning of the last token, in bytes.
    fn end(&self, byte: u32) -> Value {
        let (line, column, offset) = self.locate(byte);
        let last = self.tokens.partition_point(|token| token.span.end < byte);
        match self.tokens.get(last).filter(|token| token.span.end == byte) {
            Some(token) => {
                let (line, column, _) = self.locate(token.span.start);
                position(line, column + token.span.range().len(), offset)
            }
            None => position(line, column, offset),
        }
    }

    /// The end of the token before a byte.
    pub(super) fn end_before(&self, byte: u32) -> Value {
        let at = self.tokens.partition_point(|token| token.span.end <= byte);
        self.end(
            at.checked_sub(1)
                .and_then(|at| self.tokens.get(at))
                .map_or(byte, |token| token.span.end),
        )
    }

    /// From the `<` of a tag to its end, what follows it in its table left out.
    pub(super) fn tag(&self, table: Span) -> Span {
        let first = self.tokens.partition_point(|token| token.span.start < table.start);
        let (mut depth, mut braces, mut closing) = (0_u32, 0_u32, false);
        for token in self.tokens.iter().skip(first) {
            match token.kind {
                TokenKind::LBrace => braces += 1,
                TokenKind::RBrace => braces = braces.saturating_sub(1),
                _ if braces > 0 => {}
                TokenKind::Lt => depth += 1,
                TokenKind::LtSlash => closing = true,
                TokenKind::SlashGt => depth = depth.saturating_sub(1),
                TokenKind::Gt if std::mem::take(&mut closing) => depth = depth.saturating_sub(1),
                _ => continue,
            }
            if depth == 0 && braces == 0 {
                return Span::new(table.start, token.span.end);
            }
        }
        table
    }

    /// The end of a node whose last token is the end of the text.
    pub(super) fn end_of_text(&self) -> Value {
        let (line, column, offset) = self.locate(u32::MAX);
        position(line, column + END_TOKEN, offset)
    }

    /// From the `ON` before an expression to the end of its join.
    pub(super) fn on(&self, expr: Span, join: Span) -> Span {
        let at = self.tokens.partition_point(|token| token.span.start < expr.start);
        let before = self.tokens.get(..at).unwrap_or_default();
        let on = before.iter().rev().find(|token| token.kind != TokenKind::LParen);
        let start = on
            .filter(|token| token.keyword == Some(Keyword::On))
            .map_or(expr.start, |token| token.span.start);
        Span::new(start, join.end)
    }
}

/// `start` and `end` of an error: offsets only, as the reference reports them.
pub(super) fn error_span(text: &str, span: Span) -> [(String, Value); 2] {
    let points = |byte: u32| match text.get(..byte as usize) {
        Some(before) => before.chars().count(),
        None => text.chars().count(),
    };
    let offset = |byte| position(0, 0, points(byte));
    [("start".into(), offset(span.start)), ("end".into(), offset(span.end))]
}

fn position(line: usize, column: usize, offset: usize) -> Value {
    let number = |value: usize| Value::Number(value.to_string());
    Value::Object(vec![
        ("line".into(), number(line)),
        ("column".into(), number(column)),
        ("offset".into(), number(offset)),
    ])
}
