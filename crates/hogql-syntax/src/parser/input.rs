//! The tokens of a text with what one pass over them can tell, so that the parser decides without going back.

use crate::keywords::Keyword;
use crate::lexer::Lexed;
use crate::token::{Token, TokenKind};
use crate::{Diagnostic, Severity};

/// No bracket closes this one.
const OPEN: u32 = u32::MAX;

/// The parenthesis here holds a query, seen from its first words.
const QUERY: u8 = 1;
/// Names with commas between them, then `->`, begin here.
const ARROW: u8 = 2;
/// Names with commas between them, then `:`, begin here.
const COLON: u8 = 4;
/// The parenthesis here holds a placeholder and nothing else, in further parentheses or not.
const WRAPPED: u8 = 8;

/// A text cut into tokens.
pub(super) struct Input<'a> {
    pub(super) text: &'a str,
    tokens: Vec<Token>,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// Of each token: index of the closing bracket that belongs to this opening one.
    closes: Vec<u32>,
    /// Of each token: what one look from the end tells.
    flags: Vec<u8>,
    end: Token,
}

impl<'a> Input<'a> {
    pub(super) fn new(text: &'a str, lexed: Lexed) -> Self {
        let Lexed { tokens, diagnostics, .. } = lexed;
        let end = Token::new(TokenKind::End, crate::Span::default());
        let end = tokens.last().copied().unwrap_or(end);
        let (closes, flags) = (vec![OPEN; tokens.len()], vec![0; tokens.len()]);
        let mut input = Self { text, tokens, diagnostics, closes, flags, end };
        input.match_brackets();
        input.mark();
        input
    }

    /// How many tokens the text has.
    pub(super) fn len(&self) -> usize {
        self.tokens.len()
    }

    /// The token at an index; the end of the text beyond the last.
    pub(super) fn token(&self, at: usize) -> Token {
        self.tokens.get(at).copied().unwrap_or(self.end)
    }

    /// The text of the token at an index.
    pub(super) fn text_at(&self, at: usize) -> &'a str {
        self.text.get(self.token(at).span.range()).unwrap_or_default()
    }

    /// Whether `=`, and not `==`, stands at an index.
    pub(super) fn is_single_eq(&self, at: usize) -> bool {
        self.token(at).kind == TokenKind::Eq && self.text_at(at) == "="
    }

    /// The closing bracket of the opening one at an index.
    pub(super) fn close(&self, at: usize) -> Option<usize> {
        self.closes.get(at).filter(|&&close| close != OPEN).map(|&close| close as usize)
    }

    /// Whether the parenthesis at an index begins like one that holds a query.
    pub(super) fn holds_query(&self, at: usize) -> bool {
        self.has(at, QUERY)
    }

    /// Whether the parenthesis at an index is `({x})`, with any number of parentheses: a query or an expression.
    pub(super) fn wraps_placeholder(&self, at: usize) -> bool {
        self.has(at, WRAPPED)
    }

    /// Whether the parameters of a lambda without parentheses begin at an index.
    pub(super) fn arrow_lambda(&self, at: usize) -> bool {
        self.has(at, ARROW)
    }

    /// Whether parameters followed by a colon begin at an index.
    pub(super) fn colon_lambda(&self, at: usize) -> bool {
        self.has(at, COLON)
    }

    fn has(&self, at: usize, flag: u8) -> bool {
        self.flags.get(at).is_some_and(|flags| flags & flag != 0)
    }

    /// Whether the lexer has found an error.
    pub(super) fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    fn match_brackets(&mut self) {
        let mut open: Vec<(u32, TokenKind)> = Vec::new();
        for (at, token) in self.tokens.iter().enumerate() {
            let at = u32::try_from(at).unwrap_or(OPEN);
            if let Some(close) = closing(token.kind) {
                open.push((at, close));
            } else if matches!(
                token.kind,
                TokenKind::RParen | TokenKind::RBracket | TokenKind::RBrace
            ) {
                close_bracket(&mut open, &mut self.closes, token.kind, at);
            }
        }
    }

    fn mark(&mut self) {
        for at in (0..self.tokens.len()).rev() {
            let token = self.token(at);
            let flags = match token.kind {
                TokenKind::LParen => self.parenthesis_flags(at),
                TokenKind::Word | TokenKind::QuotedName if token.is_name() => self.lambda_flags(at),
                _ => continue,
            };
            if let Some(slot) = self.flags.get_mut(at) {
                *slot = flags;
            }
        }
    }

    fn lambda_flags(&self, at: usize) -> u8 {
        match self.token(at + 1).kind {
            TokenKind::Arrow => ARROW,
            TokenKind::Colon => COLON,
            TokenKind::Comma => match self.token(at + 2).kind {
                TokenKind::Arrow => ARROW,
                TokenKind::Colon => COLON,
                _ => self.flags.get(at + 2).copied().unwrap_or_default() & (ARROW | COLON),
            },
            _ => 0,
        }
    }

    fn parenthesis_flags(&self, at: usize) -> u8 {
        let query = if self.query_after(at) { QUERY } else { 0 };
        let placeholder =
            self.token(at + 1).kind == TokenKind::LBrace || self.wraps_placeholder(at + 1);
        let alone = placeholder
            && self
                .close(at + 1)
                .is_some_and(|close| self.token(close + 1).kind == TokenKind::RParen);
        query | if alone { WRAPPED } else { 0 }
    }

    fn query_after(&self, at: usize) -> bool {
        let next = self.token(at + 1);
        match (next.kind, next.keyword) {
            (_, Some(Keyword::Select | Keyword::With)) => true,
            (TokenKind::LParen, _) => self.close(at + 1).is_some_and(|close| {
                self.holds_query(at + 1) && self.goes_on_as_query(close + 1)
                    || self.wraps_placeholder(at + 1) && self.is_of_query(close + 1)
            }),
            (TokenKind::LBrace, _) => {
                self.close(at + 1).is_some_and(|close| self.is_of_query(close + 1))
            }
            _ => false,
        }
    }

    fn goes_on_as_query(&self, at: usize) -> bool {
        matches!(self.token(at).kind, TokenKind::RParen | TokenKind::End) || self.is_of_query(at)
    }

    /// Whether what begins at an index can stand behind a query, and behind no expression.
    pub(super) fn is_of_query(&self, at: usize) -> bool {
        let token = self.token(at);
        let clause =
            matches!(token.keyword, Some(Keyword::Order | Keyword::Limit | Keyword::Offset));
        clause || token.is_set_operator()
    }
}

/// Gives a closing bracket to the innermost opening one of its kind that may still take it.
fn close_bracket(open: &mut Vec<(u32, TokenKind)>, closes: &mut [u32], kind: TokenKind, at: u32) {
    let fits =
        |opening: Option<&(u32, TokenKind)>| opening.is_some_and(|&(_, close)| close == kind);
    if !fits(open.last()) {
        // One bracket may have been left open: then the one around it has this partner.
        if !fits(open.len().checked_sub(2).and_then(|before| open.get(before))) {
            return;
        }
        open.pop();
    }
    let opening = open.pop().and_then(|(opening, _)| closes.get_mut(opening as usize));
    if let Some(slot) = opening {
        *slot = at;
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
