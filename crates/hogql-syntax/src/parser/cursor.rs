//! Looking at tokens, taking them, and saying what is wrong with them.

use std::cell::Cell;

use super::choice::Choices;
use super::entry::{MAX_DEPTH, MAX_HEIGHT};
use super::input::Input;
use super::{Parse, Parser, Stop};
use crate::ast::{Expr, ExprKind, Ident};
use crate::keywords::Keyword;
use crate::lexer::unquote;
use crate::token::{Token, TokenKind};
use crate::{Diagnostic, ErrorKind, Span, codes};

impl<'a> Parser<'a> {
    pub(super) fn new(input: &'a Input<'a>, choices: Choices, recovering: bool) -> Self {
        Self {
            input,
            at: 0,
            scanned: Cell::new(0),
            depth: 0,
            height: 0,
            flattened: false,
            choices,
            search: None,
            frame: 0,
            unsettled: false,
            recovering,
            errors: Vec::new(),
            refusals: Vec::new(),
            failed_at: None,
            cast_as: usize::MAX,
            names_until: 0,
            brackets: 0,
            percent_ends: None,
            as_ends: None,
            cte_ends: None,
            in_ends: None,
        }
    }

    // Looking.

    pub(super) fn token(&self) -> Token {
        self.input.token(self.at)
    }

    pub(super) fn nth(&self, ahead: usize) -> Token {
        self.input.token(self.at + ahead)
    }

    pub(super) fn kind(&self) -> TokenKind {
        self.token().kind
    }

    pub(super) fn keyword(&self) -> Option<Keyword> {
        self.token().keyword
    }

    pub(super) fn is(&self, kind: TokenKind) -> bool {
        self.kind() == kind
    }

    pub(super) fn is_word(&self, keyword: Keyword) -> bool {
        self.keyword() == Some(keyword)
    }

    /// Whether these keywords stand here in a row.
    pub(super) fn are_words(&self, keywords: &[Keyword]) -> bool {
        keywords
            .iter()
            .enumerate()
            .all(|(ahead, &keyword)| self.nth(ahead).keyword == Some(keyword))
    }

    /// Where the next token begins.
    pub(super) fn start(&self) -> u32 {
        self.token().span.start
    }

    /// Where the last taken token ends.
    pub(super) fn end(&self) -> u32 {
        self.at.checked_sub(1).map_or(0, |last| self.input.token(last).span.end)
    }

    /// From a start to the end of the last taken token.
    pub(super) fn span(&self, start: u32) -> Span {
        Span::new(start, self.end().max(start))
    }

    pub(super) fn text(&self) -> &'a str {
        self.input.text_at(self.at)
    }

    /// Index of the token behind this one, or behind the brackets that it opens; for a scan that has its price.
    pub(super) fn over(&self, at: usize) -> usize {
        self.scanned.set(self.scanned.get() + 1);
        self.input.close(at).unwrap_or(at) + 1
    }

    // Taking.

    pub(super) fn advance(&mut self) {
        if !self.is(TokenKind::End) {
            self.at += 1;
        }
    }

    pub(super) fn eat(&mut self, kind: TokenKind) -> bool {
        let found = self.is(kind);
        if found {
            self.advance();
        }
        found
    }

    pub(super) fn eat_word(&mut self, keyword: Keyword) -> bool {
        let found = self.is_word(keyword);
        if found {
            self.advance();
        }
        found
    }

    /// Takes these keywords if they all stand here.
    pub(super) fn eat_words(&mut self, keywords: &[Keyword]) -> bool {
        let found = self.are_words(keywords);
        if found {
            self.at += keywords.len();
        }
        found
    }

    pub(super) fn expect(&mut self, kind: TokenKind) -> Parse<()> {
        if self.eat(kind) { Ok(()) } else { Err(self.unexpected(kind.describe())) }
    }

    pub(super) fn expect_word(&mut self, keyword: Keyword) -> Parse<()> {
        if self.eat_word(keyword) {
            return Ok(());
        }
        Err(self.unexpected(&format!("`{}`", keyword.text().to_uppercase())))
    }

    /// A name, bare or quoted.
    pub(super) fn ident(&mut self, what: &str) -> Parse<Ident> {
        if !self.token().is_name() {
            return Err(self.unexpected(what));
        }
        Ok(self.any_ident())
    }

    /// The word or quoted name here, whatever it is.
    pub(super) fn any_ident(&mut self) -> Ident {
        let (token, text) = (self.token(), self.text());
        self.advance();
        let quoted = token.kind == TokenKind::QuotedName;
        Ident {
            value: if quoted { unquote(text) } else { text.to_owned() },
            quoted,
            span: token.span,
        }
    }

    /// The closing bracket of the one at an index.
    pub(super) fn close(&mut self, kind: TokenKind, open: usize) -> Parse<()> {
        if self.eat(kind) {
            return Ok(());
        }
        let opened = self.input.token(open).span;
        let stop = self.unexpected(kind.describe());
        if let Some(last) = self.errors.last_mut() {
            last.secondary.push((opened, "opened here".into()));
            if self.input.close(open).is_none() {
                last.code = codes::UNCLOSED;
            }
        }
        Err(stop)
    }

    pub(super) fn expect_end(&mut self) {
        if !self.is(TokenKind::End) {
            self.unexpected("the end of the text");
        }
    }

    // Building.

    /// A node from a start to the last taken token.
    pub(super) fn node(&self, start: u32, kind: ExprKind) -> Expr {
        Expr { span: self.span(start), kind }
    }

    /// Runs a rule one level deeper.
    #[track_caller]
    pub(super) fn nested<T>(&mut self, rule: impl Fn(&mut Self) -> Parse<T>) -> Parse<T> {
        if self.depth >= MAX_DEPTH {
            return Err(self.too_deep());
        }
        self.depth += 1;
        let result = self.retried(rule);
        self.depth -= 1;
        result
    }

    /// Notes that a tree has been put on top of the finished ones.
    pub(super) fn grow(&mut self) -> Parse<()> {
        self.height += 1;
        if self.height + self.depth > MAX_HEIGHT { Err(self.too_deep()) } else { Ok(()) }
    }

    fn too_deep(&mut self) -> Stop {
        let span = self.token().span;
        let message = format!(
            "nested too deeply: at most {MAX_DEPTH} brackets, and {MAX_HEIGHT} operators or joins in a chain"
        );
        self.give_up(Diagnostic::error(codes::TOO_DEEP, span, message))
    }

    /// Notes an error after which there is nothing to go on with.
    pub(super) fn give_up(&mut self, diagnostic: Diagnostic) -> Stop {
        self.recovering = false;
        self.fail(diagnostic)
    }

    // Complaining.

    /// Notes an error of the grammar at the next token.
    pub(super) fn fail(&mut self, diagnostic: Diagnostic) -> Stop {
        if let Some(search) = &mut self.search {
            search.fail(self.at, &mut self.choices);
            return Stop;
        }
        self.failed_at.get_or_insert(self.at);
        // The lexer has said already what is wrong with its error tokens.
        if !self.is(TokenKind::Error) {
            self.errors.push(diagnostic);
        }
        if self.errors.len() >= MAX_ERRORS {
            self.recovering = false;
        }
        Stop
    }

    /// Notes that the next token is not what the grammar wants.
    pub(super) fn unexpected(&mut self, expected: &str) -> Stop {
        if let Some(search) = &mut self.search {
            search.fail(self.at, &mut self.choices);
            return Stop;
        }
        let diagnostic = self.describe_unexpected(expected);
        self.fail(diagnostic)
    }

    fn describe_unexpected(&self, expected: &str) -> Diagnostic {
        let token = self.token();
        let found = match token.kind {
            TokenKind::End => "the text ends here".to_owned(),
            _ => format!("found `{}`", shorten(self.text())),
        };
        let reserved = token.keyword.filter(|keyword| keyword.is_reserved());
        let code = if reserved.is_some() { codes::RESERVED_WORD } else { codes::UNEXPECTED };
        let mut diagnostic =
            Diagnostic::error(code, token.span, format!("{found}, expected {expected}"))
                .with_label(format!("expected {expected}"));
        if reserved.is_some() {
            let word = self.text();
            diagnostic.hints.push(format!("`{word}` is never a bare name; write it in backticks"));
        }
        diagnostic.hints.extend(self.without_by().or_else(|| self.misspelt()));
        diagnostic
    }

    /// What to write for a `GROUP` or `ORDER` here or just before that has no `BY`.
    fn without_by(&self) -> Option<String> {
        let near = [Some(self.at), self.at.checked_sub(1)];
        near.into_iter().flatten().find_map(|at| {
            let keyword = self.input.token(at).keyword;
            let keyword = keyword.filter(|it| matches!(it, Keyword::Group | Keyword::Order))?;
            let by = self.input.token(at + 1).keyword == Some(Keyword::By);
            let clause = keyword.text().to_uppercase();
            (!by).then(|| format!("did you mean `{clause} BY`?"))
        })
    }

    /// What a word here or just before it was probably meant to be.
    fn misspelt(&self) -> Option<String> {
        let near = (self.at.saturating_sub(2)..=self.at).rev();
        let words = near.filter(|&at| self.input.token(at).kind == TokenKind::Word);
        words.map(|at| self.input.text_at(at)).find_map(|word| {
            let clause = super::words::similar_clause(word)?;
            Some(format!("did you mean `{}` instead of `{word}`?", clause.to_uppercase()))
        })
    }

    /// Notes something that the grammar knows and the dialect does not.
    pub(super) fn refuse(&mut self, kind: ErrorKind, diagnostic: Diagnostic) {
        self.refusals.push(Diagnostic { kind, ..diagnostic });
    }

    /// As [`Self::refuse`], of something that is looked at before what stands in it, which begins no earlier.
    pub(super) fn refuse_around(&mut self, kind: ErrorKind, diagnostic: Diagnostic) {
        let start = diagnostic.span.start;
        let before = self.refusals.iter().rposition(|refusal| refusal.span.start < start);
        let at = before.map_or(0, |before| before + 1);
        self.refusals.insert(at, Diagnostic { kind, ..diagnostic });
    }

    /// Notes a construct that the reference has not implemented.
    pub(super) fn not_implemented(&mut self, start: u32, message: &str, hint: &str) {
        let diagnostic = self.unimplemented(start, message, hint);
        self.refusals.push(diagnostic);
    }

    /// The finding that a construct, up to here, is not implemented.
    pub(super) fn unimplemented(&self, start: u32, message: &str, hint: &str) -> Diagnostic {
        let mut diagnostic = Diagnostic::error(codes::NOT_IMPLEMENTED, self.span(start), message);
        diagnostic.kind = ErrorKind::NotImplemented;
        diagnostic.hints.extend((!hint.is_empty()).then(|| hint.to_owned()));
        diagnostic
    }

    // Going on.

    /// Goes on after an error at a place given by its index, if the attempt is one that goes on at all.
    pub(super) fn recover_at(&mut self, at: Option<usize>, stop: Stop) -> Parse<()> {
        match at {
            Some(at) if self.recovering && at >= self.at => {
                self.at = at;
                Ok(())
            }
            _ => Err(stop),
        }
    }
}

/// After so many errors the parser gives up.
const MAX_ERRORS: usize = 50;

fn shorten(text: &str) -> String {
    const LONGEST: usize = 40;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}..", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
