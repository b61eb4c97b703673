//! `FROM`: tables and joins.

use super::join::JoinWords;
use super::{Parse, Parser};
use crate::ast::{
    Expr, From, Ident, Join, JoinKind, Query, QueryKind, Ratio, Sample, Table, TableRef,
};
use crate::keywords::Keyword;
use crate::token::TokenKind;

impl Parser<'_> {
    pub(super) fn from(&mut self, slot: &mut Option<From>) -> Parse<()> {
        if self.eat_word(Keyword::From) {
            let from = self.joined_tables()?;
            put(slot, from);
        }
        Ok(())
    }

    fn joined_tables(&mut self) -> Parse<Box<From>> {
        let first = self.table()?;
        let mut from = only(first);
        let mut open: Vec<usize> = Vec::new();
        loop {
            if matches!(self.keyword(), Some(Keyword::On | Keyword::Using))
                && self.constraint_ahead()
            {
                let Some(join) = open.pop().and_then(|at| from.joins.get_mut(at)) else {
                    return Ok(from);
                };
                join.constraint = Some(self.constraint()?);
                join.span = self.span(join.span.start);
                continue;
            }
            if self.pivot_ahead() {
                self.pivot_joined(&mut from, open.last().copied())?;
                continue;
            }
            let start = self.start();
            let Some(words) = self.join_words()? else { return Ok(from) };
            if words.kind != JoinKind::Cross {
                open.push(from.joins.len());
            }
            let table = self.table()?;
            self.join(&mut from, start, words, table);
            self.grow()?;
        }
    }

    fn join(&self, from: &mut From, start: u32, words: JoinWords, table: Box<TableRef>) {
        let JoinWords { words, kind, strictness, natural } = words;
        let (span, table) = (self.span(start), *table);
        from.joins.push(Join { span, words, kind, strictness, natural, table, constraint: None });
    }

    /// `PIVOT` behind `FINAL`, `SAMPLE`, a constraint or joins in parentheses: it takes all tables before it, back to
    /// the join that still waits for its constraint.
    fn pivot_joined(&mut self, from: &mut From, open: Option<usize>) -> Parse<()> {
        let joins = from.joins.split_off(open.map_or(0, |at| at + 1));
        let From { first, joins: before } = from;
        let join = open.and_then(|at| before.get_mut(at));
        let start = join.as_ref().map(|join| join.span.start);
        let (table, span) = match join {
            Some(join) => (&mut join.table, Some(&mut join.span)),
            None => (first, None),
        };
        let whole = self.span(table.span.start);
        let empty = *self.unaliased(whole.start, Table::Name(Vec::new()));
        let mut inner = std::mem::replace(table, empty);
        // One pivot behind another is of a `FROM`, too; directly behind a table both would be of the table.
        if !joins.is_empty() || matches!(inner.table, Table::Pivot(_) | Table::Unpivot(_)) {
            let from = Box::new(From { first: inner, joins });
            inner = *self.unaliased(whole.start, Table::Join(from));
        }
        *table = *self.pivot_of(inner)?;
        if let Some((span, start)) = span.zip(start) {
            *span = self.span(start);
        }
        Ok(())
    }

    // Tables.

    fn table(&mut self) -> Parse<Box<TableRef>> {
        self.nested(Self::table_inner)
    }

    fn table_inner(&mut self) -> Parse<Box<TableRef>> {
        let start = self.start();
        let table = self.table_primary()?;
        let mut table = self.unaliased(start, table);
        if matches!(table.table, Table::Join(_)) {
            return Ok(table);
        }
        self.aliases(&mut table)?;
        while self.pivot_ahead() {
            table = self.pivot_of(*table)?;
            self.aliases(&mut table)?;
        }
        self.modifiers(&mut table)?;
        Ok(table)
    }

    pub(super) fn unaliased(&self, start: u32, table: Table) -> Box<TableRef> {
        let (span, column_aliases) = (self.span(start), Vec::new());
        Box::new(TableRef { span, table, alias: None, column_aliases, final_: false, sample: None })
    }

    fn table_primary(&mut self) -> Parse<Table> {
        match self.kind() {
            TokenKind::LParen => self.parenthesised_table(),
            TokenKind::LBrace => {
                self.placeholder().map(|placeholder| Table::Placeholder(Box::new(placeholder)))
            }
            TokenKind::Lt => self.tag().map(|tag| Table::Tag(Box::new(tag))),
            _ if self.nth(1).kind == TokenKind::LParen && self.token().is_name() => {
                self.table_function()
            }
            _ => self.table_name(),
        }
    }

    fn table_name(&mut self) -> Parse<Table> {
        let mut chain = vec![self.ident("a table")?];
        while self.is(TokenKind::Dot) {
            self.advance();
            chain.push(self.ident("a table")?);
        }
        Ok(Table::Name(chain))
    }

    fn table_function(&mut self) -> Parse<Table> {
        let name = vec![self.any_ident()];
        let args =
            self.enclosed(TokenKind::RParen, |parser| parser.expr_list(TokenKind::RParen))?;
        Ok(Table::Function { name, args: args.unwrap_or_default() })
    }

    fn parenthesised_table(&mut self) -> Parse<Table> {
        let start = self.start();
        if self.nth(1).keyword == Some(Keyword::Values) && self.values_ahead() {
            return self.values(start);
        }
        let query = self.input.holds_query(self.at) || self.input.wraps_placeholder(self.at);
        if query && self.choose(2) == 0 {
            let query = self.enclosed(TokenKind::RParen, Self::query)?;
            let query =
                query.unwrap_or_else(|| Query { span: self.span(start), kind: QueryKind::Error });
            return Ok(Table::Subquery(Box::new(query)));
        }
        let inner =
            self.nested(|parser| parser.enclosed(TokenKind::RParen, Self::joined_tables))?;
        Ok(match inner {
            Some(from) => Table::Join(from),
            None => {
                Table::Subquery(Box::new(Query { span: self.span(start), kind: QueryKind::Error }))
            }
        })
    }

    /// Whether rows in parentheses follow `(VALUES`, up to the closing one.
    fn values_ahead(&self) -> bool {
        let mut at = self.at + 2;
        while self.input.token(at).kind == TokenKind::LParen {
            let close = self.input.close(at).filter(|&close| close > at + 1);
            let Some(close) = close else { return false };
            match self.input.token(close + 1).kind {
                TokenKind::RParen => return true,
                TokenKind::Comma => at = close + 2,
                _ => return false,
            }
        }
        false
    }

    fn values(&mut self, start: u32) -> Parse<Table> {
        let query = self.enclosed(TokenKind::RParen, |parser| {
            let start = parser.start();
            parser.advance();
            let mut rows = Vec::new();
            loop {
                let row = parser.enclosed(TokenKind::RParen, Self::row)?;
                rows.push(row.unwrap_or_default());
                if !parser.eat(TokenKind::Comma) {
                    return Ok(Query { span: parser.span(start), kind: QueryKind::Values(rows) });
                }
            }
        })?;
        let query =
            query.unwrap_or_else(|| Query { span: self.span(start), kind: QueryKind::Error });
        Ok(Table::Subquery(Box::new(query)))
    }

    /// Expressions with commas between them and none behind.
    fn row(&mut self) -> Parse<Vec<Expr>> {
        let mut items = vec![self.list_item()?];
        while self.eat(TokenKind::Comma) {
            items.push(self.list_item()?);
        }
        Ok(items)
    }

    // What follows a table.

    fn aliases(&mut self, table: &mut TableRef) -> Parse<()> {
        let start = table.span.start;
        while let Some(alias) = self.table_alias()? {
            self.check_alias(&alias, start);
            table.column_aliases =
                if self.is(TokenKind::LParen) { self.name_list()? } else { Vec::new() };
            if table.alias.is_none() && !matches!(table.table, Table::Function { .. }) {
                table.span = self.span(start);
            }
            table.alias = Some(alias);
        }
        Ok(())
    }

    /// `FINAL` and `SAMPLE`
    fn modifiers(&mut self, table: &mut TableRef) -> Parse<()> {
        table.final_ = self.eat_word(Keyword::Final);
        table.sample = if self.is_word(Keyword::Sample) { Some(self.sample()?) } else { None };
        if table.alias.is_none() && !matches!(table.table, Table::Function { .. }) {
            table.span = self.span(table.span.start);
        }
        Ok(())
    }

    fn table_alias(&mut self) -> Parse<Option<Ident>> {
        let implicit = match self.kind() {
            TokenKind::Word => self.keyword().is_none_or(Keyword::is_table_alias),
            kind => kind == TokenKind::QuotedName,
        };
        if implicit {
            return Ok(Some(self.any_ident()));
        }
        if self.eat_word(Keyword::As) { self.ident("an alias").map(Some) } else { Ok(None) }
    }

    /// `SAMPLE r [%] [(method)] [OFFSET r]`
    pub(super) fn sample(&mut self) -> Parse<Sample> {
        let start = self.start();
        self.expect_word(Keyword::Sample)?;
        let ratio = self.ratio()?;
        let percent = self.eat(TokenKind::Percent);
        let method = self.sample_method()?;
        let offset = if self.offset_ratio_ahead() && self.choose(2) == 0 {
            self.advance();
            Some(self.ratio()?)
        } else {
            None
        };
        Ok(Sample { span: self.span(start), ratio, offset, percent, method })
    }

    /// `(method)`
    fn sample_method(&mut self) -> Parse<Option<Ident>> {
        if !self.is(TokenKind::LParen) {
            return Ok(None);
        }
        let method = self.enclosed(TokenKind::RParen, |parser| parser.ident("a method"))?;
        Ok(method)
    }

    fn offset_ratio_ahead(&mut self) -> bool {
        self.is_word(Keyword::Offset)
            && (self.nth(1).kind == TokenKind::LBrace
                || self.number_ahead(1)
                || matches!(self.nth(1).kind, TokenKind::Minus | TokenKind::Plus))
    }

    fn ratio(&mut self) -> Parse<Ratio> {
        let start = self.start();
        if self.is(TokenKind::LBrace) {
            let left = self.placeholder()?;
            return Ok(Ratio { span: self.span(start), left, right: None });
        }
        let left = self.ratio_number()?;
        let right = if self.eat(TokenKind::Slash) { Some(self.ratio_number()?) } else { None };
        Ok(Ratio { span: self.span(start), left, right })
    }

    fn ratio_number(&mut self) -> Parse<Expr> {
        let signed = matches!(self.kind(), TokenKind::Minus | TokenKind::Plus);
        if signed || self.number_ahead(0) {
            self.number()
        } else {
            Err(self.unexpected("a number"))
        }
    }
}

/// A `FROM` without joins. Functions of their own keep large values off the stack of those that call themselves.
fn only(first: Box<TableRef>) -> Box<From> {
    Box::new(From { first: *first, joins: Vec::new() })
}

fn put(slot: &mut Option<From>, from: Box<From>) {
    *slot = Some(*from);
}
