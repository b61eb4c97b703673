//! `SELECT` and its clauses, in order.

use super::columns::is_bare_from;
use super::{Parse, Parser, Stop};
use crate::ast::{
    ArrayJoin, ArrayJoinKind, Cte, Expr, ExprKind, Ident, Query, QueryKind, Select, WindowSpec,
};
use crate::keywords::{Keyword, is_reserved_alias};
use crate::token::TokenKind;
use crate::{Diagnostic, ErrorKind, codes};

impl Parser<'_> {
    /// `SELECT ..` with the `WITH` that stood before it.
    pub(super) fn select(&mut self, ctes: Vec<Cte>, start: u32) -> Parse<Query> {
        self.expect_word(Keyword::Select)?;
        let mut select = empty_select(ctes);
        select.distinct = self.distinct_ahead() && self.eat_word(Keyword::Distinct);
        // The reference says what it has not implemented after it has found nothing else wrong with the select.
        let mut late: Vec<Diagnostic> = self.top().into_iter().collect();
        select.items = self.select_list()?;
        self.clauses(&mut select, &mut late)?;
        if let (Some(array_join), None) = (&select.array_join, &select.from) {
            let message = "ARRAY JOIN needs a FROM clause";
            let diagnostic = Diagnostic::error(codes::ARRAY_JOIN, array_join.span, message);
            self.refuse(ErrorKind::Syntax, diagnostic);
        }
        self.refusals.extend(late);
        Ok(Query { span: self.span(start), kind: QueryKind::Select(select) })
    }

    fn clauses(&mut self, select: &mut Select, late: &mut Vec<Diagnostic>) -> Parse<()> {
        self.clause(|parser| parser.from(&mut select.from))?;
        self.clause(|parser| {
            select.array_join = parser.array_join()?;
            Ok(())
        })?;
        self.condition(Keyword::Prewhere, &mut select.prewhere)?;
        self.condition(Keyword::Where, &mut select.where_)?;
        self.clause(|parser| parser.sample_of_select(late))?;
        self.clause(|parser| {
            select.group_by = parser.group_by()?;
            Ok(())
        })?;
        self.condition(Keyword::Having, &mut select.having)?;
        self.condition(Keyword::Qualify, &mut select.qualify)?;
        self.clause(|parser| {
            select.windows = parser.windows()?;
            Ok(())
        })?;
        self.ordering(select, late)
    }

    fn ordering(&mut self, select: &mut Select, late: &mut Vec<Diagnostic>) -> Parse<()> {
        self.clause(|parser| {
            if parser.eat_words(&[Keyword::Order, Keyword::By]) {
                select.order_by = parser.order_list()?;
                select.interpolate = parser.interpolate()?;
            }
            Ok(())
        })?;
        self.clause(|parser| parser.limits(select))?;
        self.clause(|parser| parser.settings(late))
    }

    /// Runs the rule of a clause; after an error goes on at the next clause.
    fn clause(&mut self, rule: impl FnOnce(&mut Self) -> Parse<()>) -> Parse<()> {
        match rule(self) {
            Ok(()) => Ok(()),
            Err(stop) => self.skip_clause(stop),
        }
    }

    fn skip_clause(&mut self, stop: Stop) -> Parse<()> {
        let next = self.next_in_list(|parser, at| {
            super::lists::is_closing(parser.input.token(at).kind)
                || parser.clause_at(at)
                || matches!(parser.input.token(at).kind, TokenKind::End | TokenKind::Semicolon)
        });
        self.recover_at(next, stop)
    }

    /// `WHERE e` and its kin.
    fn condition(&mut self, keyword: Keyword, slot: &mut Option<Expr>) -> Parse<()> {
        self.clause(|parser| {
            if parser.eat_word(keyword) {
                *slot = Some(parser.expr()?);
            }
            Ok(())
        })
    }

    /// `TOP n` is grammar, but is refused.
    fn top(&mut self) -> Option<Diagnostic> {
        if !self.is_word(Keyword::Top) || self.nth(1).kind != TokenKind::Decimal {
            return None;
        }
        let start = self.start();
        self.at += 2;
        self.eat_words(&[Keyword::With, Keyword::Ties]);
        let hint = "write `LIMIT n` at the end of the query";
        Some(self.unimplemented(start, "TOP is not supported", hint))
    }

    /// `expr`, `expr alias`, `name: expr`.
    pub(super) fn select_item(&mut self) -> Parse<Expr> {
        let start = self.start();
        if self.token().is_name() && self.nth(1).kind == TokenKind::Colon {
            let alias = self.any_ident();
            self.advance();
            let expr = Box::new(self.expr()?);
            self.check_alias(&alias, start);
            return Ok(self.node(start, ExprKind::Alias { expr, alias }));
        }
        let mark = self.mark();
        let alias_later = self.choices.is_aliased(self.at);
        let aliasable = !alias_later || self.choose(2) == 1;
        let expr = self.expr()?;
        let aliased = self.implicit_alias_ahead();
        if alias_later && aliased != aliasable {
            return Err(self.unexpected("`,` or a clause"));
        }
        if !aliased {
            return Ok(expr);
        }
        if !alias_later && self.has_chosen_since(&mark) {
            if self.searching() {
                self.begin_aliased(&mark);
                return self.select_item();
            }
            self.unsettled = true;
        }
        let alias = self.any_ident();
        self.check_alias(&alias, start);
        self.check_from(&expr, &alias);
        Ok(self.node(start, ExprKind::Alias { expr: Box::new(expr), alias }))
    }

    fn implicit_alias_ahead(&self) -> bool {
        match self.kind() {
            TokenKind::Word => self.keyword().is_none_or(Keyword::is_column_alias),
            kind => kind == TokenKind::QuotedName,
        }
    }

    /// `from x` in the list is no column with an alias.
    fn check_from(&mut self, expr: &Expr, alias: &Ident) {
        if is_bare_from(expr) {
            let message = "`from` stands for a column here, with an alias behind it";
            let diagnostic =
                Diagnostic::error(codes::FROM_ALIAS, expr.span.to(alias.span), message).with_hint(
                    "select something before FROM, or write the column `from` in backticks",
                );
            self.refuse(ErrorKind::Syntax, diagnostic);
        }
    }

    /// Notes an alias that no alias may be; `start` is where the aliased thing begins.
    pub(super) fn check_alias(&mut self, alias: &Ident, start: u32) {
        let written = self.input.text.get(alias.span.range()).unwrap_or_default();
        let backticked = written.starts_with(['`', '"']);
        if !backticked && is_reserved_alias(&alias.value) {
            let name = &alias.value;
            let diagnostic = Diagnostic::error(
                codes::RESERVED_ALIAS,
                self.span(start),
                format!("`{name}` cannot be an alias"),
            )
            .with_secondary(alias.span, "the alias")
            .with_hint(format!("write it in backticks: `{name}`"));
            self.refuse_around(ErrorKind::Syntax, diagnostic);
        }
    }

    /// `[LEFT|INNER] ARRAY JOIN a AS x, ..`
    fn array_join(&mut self) -> Parse<Option<ArrayJoin>> {
        let start = self.start();
        let kind = if self.eat_words(&[Keyword::Array, Keyword::Join]) {
            ArrayJoinKind::Plain
        } else if self.eat_words(&[Keyword::Left, Keyword::Array, Keyword::Join]) {
            ArrayJoinKind::Left
        } else if self.eat_words(&[Keyword::Inner, Keyword::Array, Keyword::Join]) {
            ArrayJoinKind::Inner
        } else {
            return Ok(None);
        };
        let items = self.clause_list()?;
        for item in &items {
            if !matches!(item.kind, ExprKind::Alias { .. } | ExprKind::Error) {
                let diagnostic = Diagnostic::error(
                    codes::ARRAY_JOIN,
                    item.span,
                    "an item of ARRAY JOIN needs an alias",
                )
                .with_hint("write `ARRAY JOIN items AS item`");
                self.refuse(ErrorKind::Syntax, diagnostic);
            }
        }
        Ok(Some(ArrayJoin { kind, items, span: self.span(start) }))
    }

    /// `SAMPLE` behind `WHERE` is grammar, but is refused.
    fn sample_of_select(&mut self, late: &mut Vec<Diagnostic>) -> Parse<()> {
        let using = self.are_words(&[Keyword::Using, Keyword::Sample]);
        if !using && !self.is_word(Keyword::Sample) {
            return Ok(());
        }
        let start = self.start();
        self.eat_word(Keyword::Using);
        self.sample()?;
        let hint = "write it behind the table: `FROM events SAMPLE 0.1`";
        late.push(self.unimplemented(start, "SAMPLE is not supported here", hint));
        Ok(())
    }

    /// `WINDOW w AS (..), ..`
    fn windows(&mut self) -> Parse<Vec<(Ident, WindowSpec)>> {
        let mut windows = Vec::new();
        if !self.eat_word(Keyword::Window) {
            return Ok(windows);
        }
        loop {
            let name = self.ident("the window's name")?;
            self.expect_word(Keyword::As)?;
            if !self.is(TokenKind::LParen) {
                return Err(self.unexpected("`(`"));
            }
            windows.push((name, self.window_spec()?));
            if !self.eat(TokenKind::Comma) {
                return Ok(windows);
            }
        }
    }

    /// A literal.
    fn setting_value(&mut self) -> Parse<()> {
        if matches!(self.kind(), TokenKind::Minus | TokenKind::Plus) || self.number_ahead(0) {
            return self.number().map(|_| ());
        }
        if !self.is(TokenKind::String) && !self.is_word(Keyword::Null) {
            return Err(self.unexpected("a number or a string"));
        }
        self.advance();
        Ok(())
    }

    /// `SETTINGS a = 1, ..` is grammar, but is refused.
    fn settings(&mut self, late: &mut Vec<Diagnostic>) -> Parse<()> {
        let start = self.start();
        if !self.eat_word(Keyword::Settings) {
            return Ok(());
        }
        loop {
            self.ident("a setting's name")?;
            if !self.input.is_single_eq(self.at) {
                return Err(self.unexpected("`=`"));
            }
            self.advance();
            self.setting_value()?;
            if !self.eat(TokenKind::Comma) {
                break;
            }
        }
        late.push(self.unimplemented(start, "SETTINGS are not supported", ""));
        Ok(())
    }
}

/// A select without clauses.
fn empty_select(ctes: Vec<Cte>) -> Box<Select> {
    Box::new(Select {
        ctes,
        distinct: false,
        items: Vec::new(),
        from: None,
        array_join: None,
        prewhere: None,
        where_: None,
        group_by: None,
        having: None,
        qualify: None,
        windows: Vec::new(),
        order_by: Vec::new(),
        interpolate: None,
        limit_by: None,
        limit: None,
    })
}
