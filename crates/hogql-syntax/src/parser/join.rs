//! The words of a join, and `ON` and `USING`.

use super::{Parse, Parser};
use crate::ast::{Expr, JoinConstraint, JoinKind, Strictness};
use crate::keywords::Keyword;
use crate::token::TokenKind;

/// The words of a join.
pub(super) struct JoinWords {
    pub(super) words: String,
    pub(super) kind: JoinKind,
    pub(super) strictness: Option<Strictness>,
    pub(super) natural: bool,
}

impl Parser<'_> {
    pub(super) fn join_words(&mut self) -> Parse<Option<JoinWords>> {
        if self.is(TokenKind::Comma) {
            if self.list_may_end() {
                return Ok(None);
            }
            self.advance();
            return Ok(Some(plain_join("CROSS JOIN", JoinKind::Cross)));
        }
        let natural = self.is_word(Keyword::Natural) && self.nth(1).kind == TokenKind::Word;
        let first = usize::from(natural);
        let Some((words, length)) = self.join_words_at(first) else { return Ok(None) };
        if natural && matches!(words.kind, JoinKind::Cross | JoinKind::Positional) {
            return Ok(None);
        }
        self.at += first + length;
        Ok(Some(JoinWords { natural, ..words }))
    }

    /// Whether nothing but the end can follow the comma here.
    fn list_may_end(&self) -> bool {
        matches!(self.nth(1).kind, TokenKind::End | TokenKind::RParen | TokenKind::Semicolon)
    }

    /// The words of a join so many tokens ahead, and how many they are.
    fn join_words_at(&self, ahead: usize) -> Option<(JoinWords, usize)> {
        let mut words = Vec::new();
        while let Some(keyword) = self.nth(ahead + words.len()).keyword {
            if keyword == Keyword::Join {
                return join_of(&words).map(|join| (join, words.len() + 1));
            }
            if words.len() == 4 {
                return None;
            }
            words.push(keyword);
        }
        None
    }

    // Constraints.

    pub(super) fn constraint_ahead(&self) -> bool {
        let sampled = self.is_word(Keyword::Using) && self.nth(1).keyword == Some(Keyword::Sample);
        self.starts_operand(1)
            && !(sampled && (self.number_ahead(2) || self.nth(2).kind == TokenKind::LBrace))
    }

    pub(super) fn constraint(&mut self) -> Parse<JoinConstraint> {
        let start = self.start();
        if self.eat_word(Keyword::On) {
            return self.on(start);
        }
        self.advance();
        let columns = if self.using_parenthesis() {
            self.enclosed(TokenKind::RParen, Self::some_exprs)?.unwrap_or_default()
        } else {
            self.constraint_list()?
        };
        Ok(JoinConstraint::Using(columns, self.span(start)))
    }

    fn on(&mut self, start: u32) -> Parse<JoinConstraint> {
        let mut items = self.constraint_list()?;
        if items.len() > 1 {
            self.not_implemented(
                start,
                "JOIN .. ON takes one condition",
                "join the conditions by AND",
            );
        }
        let last = items.pop();
        let first = items.into_iter().next().or(last);
        Ok(JoinConstraint::On(
            first.unwrap_or_else(|| self.node(start, crate::ast::ExprKind::Error)),
        ))
    }

    /// Expressions with commas between them; a comma may also end the list, or be a cross join.
    fn constraint_list(&mut self) -> Parse<Vec<Expr>> {
        let mut items = Vec::new();
        loop {
            items.push(self.expr()?);
            if !self.is(TokenKind::Comma) {
                return Ok(items);
            }
            if self.nth(1).kind == TokenKind::Comma {
                self.advance();
                return Ok(items);
            }
            match if self.list_may_end() { 1 } else { self.choose_to_leave(3) } {
                0 => self.advance(),
                1 => {
                    self.advance();
                    return Ok(items);
                }
                _ => return Ok(items),
            }
        }
    }

    /// Whether the columns stand in the parentheses here, which has precedence, and not in a list that begins with them.
    fn using_parenthesis(&mut self) -> bool {
        let close = self.input.close(self.at).filter(|_| self.is(TokenKind::LParen));
        let Some(behind) = close.map(|close| close + 1 - self.at) else {
            return self.is(TokenKind::LParen);
        };
        let goes_on = self.nth(behind).kind == TokenKind::Arrow || self.peeks_infix(behind);
        !goes_on && (self.nth(behind).kind != TokenKind::Comma || self.choose(2) == 0)
    }
}

fn plain_join(words: &str, kind: JoinKind) -> JoinWords {
    JoinWords { words: words.to_owned(), kind, strictness: None, natural: false }
}

/// The join that these words before `JOIN` name.
fn join_of(words: &[Keyword]) -> Option<JoinWords> {
    match words {
        [] => Some(plain_join("JOIN", JoinKind::Inner)),
        [Keyword::Cross] => Some(plain_join("CROSS JOIN", JoinKind::Cross)),
        [Keyword::Positional] => Some(plain_join("POSITIONAL JOIN", JoinKind::Positional)),
        _ => sided_join(words),
    }
}

fn sided_join(words: &[Keyword]) -> Option<JoinWords> {
    let at = words.iter().position(|word| {
        matches!(word, Keyword::Inner | Keyword::Left | Keyword::Right | Keyword::Full)
    });
    let side = at.and_then(|at| words.get(at).copied());
    let before = words.get(..at.unwrap_or(words.len()))?;
    let mut after = at.and_then(|at| words.get(at + 1..)).unwrap_or_default();
    let outer = after.first() == Some(&Keyword::Outer) && side != Some(Keyword::Inner);
    if outer {
        after = after.get(1..)?;
    }
    let (modifiers, in_front) = if after.is_empty() { (before, true) } else { (after, false) };
    if !before.is_empty() && !after.is_empty() {
        return None;
    }
    let strictness = strictness_of(modifiers)?;
    spell(side, outer, strictness, in_front)
}

/// `Some(None)` for no word at all.
fn strictness_of(words: &[Keyword]) -> Option<Option<Strictness>> {
    Some(match words {
        [] => None,
        [Keyword::All] => Some(Strictness::All),
        [Keyword::Any] => Some(Strictness::Any),
        [Keyword::Asof] => Some(Strictness::Asof),
        [Keyword::Semi] => Some(Strictness::Semi),
        [Keyword::Anti] => Some(Strictness::Anti),
        [Keyword::Asof, Keyword::Semi] => Some(Strictness::AsofSemi),
        [Keyword::Asof, Keyword::Anti] => Some(Strictness::AsofAnti),
        _ => return None,
    })
}

fn spell(
    side: Option<Keyword>,
    outer: bool,
    strictness: Option<Strictness>,
    in_front: bool,
) -> Option<JoinWords> {
    let plain =
        matches!(strictness, None | Some(Strictness::All | Strictness::Any | Strictness::Asof));
    let double = matches!(strictness, Some(Strictness::AsofSemi | Strictness::AsofAnti));
    let strict = strictness.map_or("", strictness_word);
    let outer = if outer { "OUTER" } else { "" };
    let (kind, parts) = match side {
        None if plain => (JoinKind::Inner, ["", strict, "INNER"]),
        None => (JoinKind::Left, ["", if double { asof_first(strictness) } else { strict }, ""]),
        Some(Keyword::Inner) if plain => (JoinKind::Inner, ["", strict, "INNER"]),
        Some(Keyword::Full) if plain => (JoinKind::Full, ["FULL", outer, strict]),
        Some(Keyword::Left) if !double || in_front => (JoinKind::Left, ["LEFT", outer, strict]),
        Some(Keyword::Right) if !double || in_front => (JoinKind::Right, ["RIGHT", outer, strict]),
        _ => return None,
    };
    let mut words = parts
        .iter()
        .filter(|part| !part.is_empty())
        .fold(String::new(), |text, part| text + part + " ");
    words.push_str("JOIN");
    Some(JoinWords { words, kind, strictness, natural: false })
}

/// The words behind a side; a pair is turned around.
fn strictness_word(strictness: Strictness) -> &'static str {
    match strictness {
        Strictness::All => "ALL",
        Strictness::Any => "ANY",
        Strictness::Asof => "ASOF",
        Strictness::Semi => "SEMI",
        Strictness::Anti => "ANTI",
        Strictness::AsofSemi => "SEMI ASOF",
        Strictness::AsofAnti => "ANTI ASOF",
    }
}

fn asof_first(strictness: Option<Strictness>) -> &'static str {
    if strictness == Some(Strictness::AsofSemi) { "ASOF SEMI" } else { "ASOF ANTI" }
}
