//! The tokens of a text with what one pass over them can tell, so that the parser decides without going back.

use crate::keywords::Keyword;
use crate::lexer::Lexed;
use crate::token::{Token, TokenKind};
use crate::{Diagnostic, Severity};

/// What is known about a token before parsing.
#[derive(Debug, Clone, Copy, Default)]
struct Mark {
    /// Index of the closing bracket that belongs to this opening one.
    close: Option<u32>,
    /// The parenthesis here holds a query, seen from its first words.
    query: bool,
    /// Names with commas between them, then `->`, begin here.
    arrow_lambda: bool,
    /// Names with commas between them, then `:`, begin here.
    colon_lambda: bool,
}

/// A text cut into tokens.
pub(super) struct Input<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: Vec<Token>,
    pub(super) diagnostics: Vec<Diagnostic>,
    marks: Vec<Mark>,
    end: Token,
}

impl<'a> Input<'a> {
    pub(super) fn new(text: &'a str, lexed: Lexed) -> Self {
        let Lexed { tokens, diagnostics } = lexed;
        let end = tokens
            .last()
            .copied()
            .unwrap_or_else(|| Token::new(TokenKind::End, crate::Span::default()));
        let mut input =
            Self { text, marks: vec![Mark::default(); tokens.len()], tokens, diagnostics, end };
        input.match_brackets();
        for at in (0..input.tokens.len()).rev() {
            input.mark(at);
        }
        input
    }

    /// The token at an index; the end of the text beyond the last.
    pub(super) fn token(&self, at: usize) -> Token {
        self.tokens.get(at).copied().unwrap_or(self.end)
    }

    /// The text of the token at an index.
    pub(super) fn text_at(&self, at: usize) -> &'a str {
        self.text.get(self.token(at).span.range()).unwrap_or_default()
    }

    /// The closing bracket of the opening one at an index.
    pub(super) fn close(&self, at: usize) -> Option<usize> {
        self.marks.get(at).and_then(|mark| mark.close).map(|close| close as usize)
    }

    /// Whether the parenthesis at an index begins like one that holds a query.
    pub(super) fn holds_query(&self, at: usize) -> bool {
        self.marks.get(at).is_some_and(|mark| mark.query)
    }

    /// Whether the parameters of a lambda without parentheses begin at an index.
    pub(super) fn arrow_lambda(&self, at: usize) -> bool {
        self.marks.get(at).is_some_and(|mark| mark.arrow_lambda)
    }

    /// Whether parameters followed by a colon begin at an index.
    pub(super) fn colon_lambda(&self, at: usize) -> bool {
        self.marks.get(at).is_some_and(|mark| mark.colon_lambda)
    }

    /// Whether the lexer has found an error.
    pub(super) fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    fn match_brackets(&mut self) {
        let mut open: Vec<usize> = Vec::new();
        for at in 0..self.tokens.len() {
            let kind = self.token(at).kind;
            match kind {
                TokenKind::LParen | TokenKind::LBracket | TokenKind::LBrace => open.push(at),
                TokenKind::RParen | TokenKind::RBracket | TokenKind::RBrace => {
                    self.close_bracket(&mut open, kind, at)
                }
                _ => {}
            }
        }
    }

    /// Gives the closing bracket to the innermost opening one of its kind that may still take it.
    fn close_bracket(&mut self, open: &mut Vec<usize>, kind: TokenKind, at: usize) {
        if open.last().is_some_and(|&last| closing(self.token(last).kind) == Some(kind)) {
            let opening = open.pop();
            if let Some(mark) = opening.and_then(|opening| self.marks.get_mut(opening)) {
                mark.close = u32::try_from(at).ok();
            }
        } else if kind == TokenKind::RBrace {
            open.clear();
        } else if open.len() > 1 {
            // A bracket was left open: drop it, and let the one around it have this partner.
            open.pop();
            if open.last().is_some_and(|&last| closing(self.token(last).kind) == Some(kind)) {
                self.close_bracket(open, kind, at);
            }
        }
    }

    fn mark(&mut self, at: usize) {
        let (token, next) = (self.token(at), self.token(at + 1));
        let mut mark =
            Mark { close: self.marks.get(at).and_then(|mark| mark.close), ..Mark::default() };
        if token.kind == TokenKind::LParen {
            mark.query = self.query_after(at);
        }
        if token.is_name() {
            let comma = next.kind == TokenKind::Comma;
            let last = self.token(at + 2).kind;
            mark.arrow_lambda = next.kind == TokenKind::Arrow
                || comma && (last == TokenKind::Arrow || self.arrow_lambda(at + 2));
            mark.colon_lambda = next.kind == TokenKind::Colon
                || comma && (last == TokenKind::Colon || self.colon_lambda(at + 2));
        }
        if let Some(slot) = self.marks.get_mut(at) {
            *slot = mark;
        }
    }

    fn query_after(&self, at: usize) -> bool {
        let next = self.token(at + 1);
        match (next.kind, next.keyword) {
            (_, Some(Keyword::Select | Keyword::With)) => true,
            (TokenKind::LParen, _) => {
                self.holds_query(at + 1)
                    && self.close(at + 1).is_some_and(|close| self.goes_on_as_query(close + 1))
            }
            (TokenKind::LBrace, _) => {
                self.close(at + 1).is_some_and(|close| self.token(close + 1).is_set_operator())
            }
            _ => false,
        }
    }

    fn goes_on_as_query(&self, at: usize) -> bool {
        let token = self.token(at);
        let clause =
            matches!(token.keyword, Some(Keyword::Order | Keyword::Limit | Keyword::Offset));
        token.kind == TokenKind::RParen
            || token.kind == TokenKind::End
            || clause
            || token.is_set_operator()
    }
}

fn closing(kind: TokenKind) -> Option<TokenKind> {
    match kind {
        TokenKind::LParen => Some(TokenKind::RParen),
        TokenKind::LBracket => Some(TokenKind::RBracket),
        TokenKind::LBrace => Some(TokenKind::RBrace),
        _ => None,
    }
}
