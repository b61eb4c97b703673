//! Stars: `*`, `t.*`, `* EXCLUDE (..)`, `COLUMNS(..)`, `(* REPLACE (..))`.

use super::{Parse, Parser};
use crate::ast::{Columns, Expr, ExprKind, Ident, Literal, Star};
use crate::keywords::Keyword;
use crate::token::TokenKind;

impl Parser<'_> {
    /// A bare star, or `*COLUMNS(..)`.
    pub(super) fn star(&mut self) -> Parse<Expr> {
        let start = self.start();
        let spread =
            self.nth(1).keyword == Some(Keyword::Columns) && self.nth(2).kind == TokenKind::LParen;
        if !spread || self.nth(3).kind == TokenKind::RParen {
            return self.star_of(Vec::new(), start);
        }
        self.advance();
        let columns = self.columns_of()?;
        Ok(self.node(start, ExprKind::Spread(Box::new(columns))))
    }

    /// The star here, with the names before it.
    pub(super) fn star_of(&mut self, qualifier: Vec<Ident>, start: u32) -> Parse<Expr> {
        self.advance();
        let exclude = if self.exclude_ahead(0) { Some(self.exclude()?) } else { None };
        Ok(self.node(start, ExprKind::Star(Star { qualifier, exclude })))
    }

    /// Whether `EXCLUDE (name` stands so many tokens ahead.
    fn exclude_ahead(&self, ahead: usize) -> bool {
        self.nth(ahead).keyword == Some(Keyword::Exclude)
            && self.nth(ahead + 1).kind == TokenKind::LParen
            && self.nth(ahead + 2).is_name()
    }

    fn exclude(&mut self) -> Parse<Vec<Vec<Ident>>> {
        self.advance();
        let chains = self.enclosed(TokenKind::RParen, |parser| {
            let mut chains = vec![parser.name_chain()?];
            while parser.eat(TokenKind::Comma) && !parser.is(TokenKind::RParen) {
                chains.push(parser.name_chain()?);
            }
            Ok(chains)
        })?;
        Ok(chains.unwrap_or_default())
    }

    /// `a.b.c`
    pub(super) fn name_chain(&mut self) -> Parse<Vec<Ident>> {
        let mut chain = vec![self.ident("a name")?];
        while self.is(TokenKind::Dot) {
            self.advance();
            chain.push(self.ident("a name")?);
        }
        Ok(chain)
    }

    /// Index of the `REPLACE` that follows the star at an index, `EXCLUDE (..)` between them or not.
    fn replace_behind(&self, star: usize) -> Option<usize> {
        let word = |at: usize, keyword| self.input.token(at).keyword == Some(keyword);
        let opens = |at: usize| self.input.token(at).kind == TokenKind::LParen;
        let mut at = star + 1;
        if word(at, Keyword::Exclude) && opens(at + 1) {
            at = self.input.close(at + 1)? + 1;
        }
        (word(at, Keyword::Replace) && opens(at + 1)).then_some(at)
    }

    /// Whether `(* [EXCLUDE (..)] REPLACE (..` stands here.
    pub(super) fn replaced_star_ahead(&self) -> bool {
        self.nth(1).kind == TokenKind::Star && self.replace_behind(self.at + 1).is_some()
    }

    /// `(* [EXCLUDE (..)] REPLACE (e AS a))`
    pub(super) fn replaced_star(&mut self) -> Parse<Expr> {
        let start = self.start();
        let columns = self.enclosed(TokenKind::RParen, Self::all_columns)?;
        Ok(self.node(start, columns.map_or(ExprKind::Error, ExprKind::Columns)))
    }

    fn all_columns(&mut self) -> Parse<Columns> {
        let mut qualifier = Vec::new();
        while !self.is(TokenKind::Star) {
            qualifier.push(self.ident("a name")?);
            self.expect(TokenKind::Dot)?;
        }
        self.advance();
        let exclude = if self.is_word(Keyword::Exclude) { self.exclude()? } else { Vec::new() };
        let replace =
            if self.eat_word(Keyword::Replace) { self.replacements()? } else { Vec::new() };
        Ok(Columns::All { qualifier, exclude, replace })
    }

    fn replacements(&mut self) -> Parse<Vec<(Expr, Ident)>> {
        let replacements = self.enclosed(TokenKind::RParen, |parser| {
            let mut replacements = Vec::new();
            loop {
                replacements.push(parser.replacement()?);
                if !parser.eat(TokenKind::Comma) {
                    return Ok(replacements);
                }
            }
        })?;
        Ok(replacements.unwrap_or_default())
    }

    fn replacement(&mut self) -> Parse<(Expr, Ident)> {
        let expr = self.expr()?;
        match expr.kind {
            ExprKind::Alias { expr, alias } => Ok((*expr, alias)),
            _ => Err(self.unexpected("`AS` and the column to replace")),
        }
    }

    /// `COLUMNS(..)`, or a call of a function of that name.
    pub(super) fn columns(&mut self) -> Parse<Expr> {
        if !self.columns_clear() && self.choose(2) == 1 || self.nth(2).kind == TokenKind::RParen {
            return self.name();
        }
        self.columns_of()
    }

    fn columns_of(&mut self) -> Parse<Expr> {
        let start = self.start();
        self.advance();
        let columns = self.enclosed(TokenKind::RParen, Self::column_selection)?;
        Ok(self.node(start, columns.map_or(ExprKind::Error, ExprKind::Columns)))
    }

    /// Whether the parentheses behind the word cannot be those of a call.
    fn columns_clear(&self) -> bool {
        let close = self.input.close(self.at + 1);
        let behind = close.map(|close| self.input.token(close + 1).keyword);
        let called =
            matches!(behind, Some(Some(Keyword::Over | Keyword::Filter | Keyword::Within)));
        self.nth(2).keyword.is_none() && !called && self.nth(3).keyword != Some(Keyword::Order)
    }

    fn column_selection(&mut self) -> Parse<Columns> {
        if self.is(TokenKind::String) && self.nth(1).kind == TokenKind::RParen {
            return Ok(Columns::Regex(self.string_value()));
        }
        if self.all_columns_ahead() {
            return self.all_columns();
        }
        self.expr_list(TokenKind::RParen).map(Columns::List)
    }

    /// Whether a star with `REPLACE` stands here, names before it or not.
    fn all_columns_ahead(&self) -> bool {
        let mut at = self.at;
        while self.input.token(at).is_name() && self.input.token(at + 1).kind == TokenKind::Dot {
            at += 2;
        }
        self.input.token(at).kind == TokenKind::Star && self.replace_behind(at).is_some()
    }

    /// `AS name`, `AS 'name'`: the name.
    pub(super) fn alias_name(&mut self) -> Parse<Ident> {
        if !self.is(TokenKind::String) {
            return self.ident("an alias");
        }
        let span = self.token().span;
        Ok(Ident { value: self.string_value(), quoted: true, span })
    }
}

/// Whether an expression is the bare name `from`.
pub(super) fn is_bare_from(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Field(chain) => {
            matches!(chain.as_slice(), [name] if !name.quoted && name.value.eq_ignore_ascii_case("from"))
        }
        ExprKind::Literal(Literal::Null) => false,
        _ => false,
    }
}
