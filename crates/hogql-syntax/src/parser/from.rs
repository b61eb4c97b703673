//! `FROM`: tables and joins.

use super::{Parse, Parser};
use crate::ast::{
    Expr, From, Ident, Join, JoinConstraint, JoinKind, Query, QueryKind, Ratio, Sample, Strictness,
    Table, TableRef,
};
use crate::keywords::Keyword;
use crate::token::TokenKind;

/// The words of a join.
struct JoinWords {
    words: String,
    kind: JoinKind,
    strictness: Option<Strictness>,
    natural: bool,
}

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

    // Join words.

    fn join_words(&mut self) -> Parse<Option<JoinWords>> {
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

    fn constraint_ahead(&self) -> bool {
        let sampled = self.is_word(Keyword::Using) && self.nth(1).keyword == Some(Keyword::Sample);
        self.starts_operand(1)
            && !(sampled && (self.number_ahead(2) || self.nth(2).kind == TokenKind::LBrace))
    }

    fn constraint(&mut self) -> Parse<JoinConstraint> {
        let start = self.start();
        if self.eat_word(Keyword::On) {
            return self.on(start);
        }
        self.advance();
        let parenthesised = self.is(TokenKind::LParen)
            && self.input.close(self.at).is_some_and(|close| !self.goes_on_as_expr(close + 1));
        let columns = if parenthesised {
            self.enclosed(TokenKind::RParen, Self::some_exprs)?.unwrap_or_default()
        } else {
            self.constraint_list()?
        };
        if parenthesised {
            self.trailing_comma();
        }
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

    /// Whether the token at an index continues an expression.
    fn goes_on_as_expr(&self, at: usize) -> bool {
        use TokenKind::*;
        let token = self.input.token(at);
        matches!(
            token.kind,
            Dot | LBracket | LParen | DoubleColon | Plus | Minus | Star | Slash | QuestionDot
        )
    }

    fn trailing_comma(&mut self) {
        if self.is(TokenKind::Comma)
            && (self.list_may_end() || self.nth(1).kind == TokenKind::Comma)
        {
            self.advance();
        }
    }

    // Tables.

    fn table(&mut self) -> Parse<Box<TableRef>> {
        self.nested(Self::table_inner)
    }

    fn table_inner(&mut self) -> Parse<Box<TableRef>> {
        let start = self.start();
        let table = self.table_primary()?;
        let mut table = self.aliased(start, table);
        self.aliases(&mut table)?;
        while let Some(pivoted) = self.pivot_of(&mut table, start)? {
            table = self.aliased(start, pivoted);
            self.aliases(&mut table)?;
            self.grow()?;
        }
        Ok(table)
    }

    fn aliased(&self, start: u32, table: Table) -> Box<TableRef> {
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
        let query = self.input.holds_query(self.at) || self.placeholder_in_parentheses();
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

    /// `({x})`
    fn placeholder_in_parentheses(&self) -> bool {
        let close = self.input.close(self.at + 1);
        self.nth(1).kind == TokenKind::LBrace
            && close.is_some_and(|close| self.input.token(close + 1).kind == TokenKind::RParen)
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
        let mut first = true;
        let parenthesised_join = matches!(table.table, Table::Join(_));
        while !parenthesised_join && let Some(alias) = self.table_alias()? {
            self.check_alias(&alias, start);
            table.column_aliases =
                if self.is(TokenKind::LParen) { self.name_list()? } else { Vec::new() };
            table.alias = Some(alias);
            if std::mem::take(&mut first) && !matches!(table.table, Table::Function { .. }) {
                table.span = self.span(start);
            }
        }
        if parenthesised_join {
            return Ok(());
        }
        table.final_ = self.eat_word(Keyword::Final);
        table.sample = if self.is_word(Keyword::Sample) { Some(self.sample()?) } else { None };
        if first && !matches!(table.table, Table::Function { .. }) {
            table.span = self.span(start);
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
