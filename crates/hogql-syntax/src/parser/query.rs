//! Queries: set operations, parenthesised queries, what may follow them, and `WITH`.

use super::{Parse, Parser, Stop};
use crate::ast::{
    Cte, CteBody, Expr, ExprKind, Ident, LimitClause, OrderItem, Query, QueryKind, Select,
    SetMember, SetOp, SetQuery,
};
use crate::keywords::Keyword;
use crate::token::TokenKind;
use crate::{Diagnostic, Severity, Span, codes};

/// The most queries that may follow the first one with set operators between them.
const MAX_MEMBERS: usize = 5_000;

/// What stands behind the last member of a query.
#[derive(Default)]
struct Tail {
    order_by: Vec<OrderItem>,
    limit: Option<LimitClause>,
}

impl Parser<'_> {
    /// A query as the whole text: one tag is allowed too.
    pub(super) fn top_query(&mut self) -> Parse<Query> {
        if !self.is(TokenKind::Lt) {
            return self.query();
        }
        let start = self.start();
        let tag = Box::new(self.tag()?);
        let span = self.span(start);
        Ok(Query { span, kind: QueryKind::Tag(tag, span) })
    }

    /// A select, or several with set operators between them.
    #[track_caller]
    pub(super) fn query(&mut self) -> Parse<Query> {
        let outer = std::mem::take(&mut self.height);
        let result = self.nested(Self::query_inner);
        let grown = self.grow();
        self.height = self.height.max(outer);
        grown.and(result)
    }

    fn query_inner(&mut self) -> Parse<Query> {
        let start = self.start();
        let ctes = if self.is_word(Keyword::With) { self.ctes()? } else { Vec::new() };
        let (first, ctes) = if self.is_word(Keyword::Select) {
            (self.select(ctes, start)?, Vec::new())
        } else if ctes.is_empty() || self.is(TokenKind::LParen) {
            (self.member()?, ctes)
        } else {
            return Err(self.unexpected("`SELECT` or `(`"));
        };
        let mut rest = Vec::new();
        while let Some((op, by_name)) = self.set_operator() {
            if rest.len() >= MAX_MEMBERS {
                return Err(self.too_many_members());
            }
            let query = self.member()?;
            rest.push(SetMember { op, by_name, query });
        }
        self.finish(start, ctes, first, rest)
    }

    fn finish(
        &mut self,
        start: u32,
        ctes: Vec<Cte>,
        first: Query,
        rest: Vec<SetMember>,
    ) -> Parse<Query> {
        let dropped = rest.is_empty() && is_placeholder(&first);
        let Tail { order_by, limit } = self.tail(dropped)?;
        Ok(self.assemble(start, SetQuery { ctes, first, rest, order_by, limit }))
    }

    fn too_many_members(&mut self) -> Stop {
        let message = format!("more than {MAX_MEMBERS} queries between set operators");
        let diagnostic = Diagnostic::error(codes::TOO_DEEP, self.token().span, message);
        self.give_up(diagnostic)
    }

    fn member(&mut self) -> Parse<Query> {
        let start = self.start();
        match (self.kind(), self.keyword()) {
            (TokenKind::LParen, _) => {
                let inner = self.enclosed(TokenKind::RParen, Self::query)?;
                Ok(inner
                    .unwrap_or_else(|| Query { span: self.span(start), kind: QueryKind::Error }))
            }
            (TokenKind::LBrace, _) => self.placeholder_query(),
            (_, Some(Keyword::Select)) => self.select(Vec::new(), start),
            (_, Some(Keyword::With)) => {
                let ctes = self.ctes()?;
                self.select(ctes, start)
            }
            _ => Err(self.unexpected("`SELECT`")),
        }
    }

    fn placeholder_query(&mut self) -> Parse<Query> {
        let placeholder = self.placeholder()?;
        Ok(Query { span: placeholder.span, kind: QueryKind::Placeholder(placeholder) })
    }

    /// `{e}`, where a dictionary cannot stand.
    pub(super) fn placeholder(&mut self) -> Parse<Expr> {
        let start = self.start();
        let inner = self.enclosed(TokenKind::RBrace, Self::expr)?;
        Ok(self.node(
            start,
            inner.map_or(ExprKind::Error, |inner| ExprKind::Placeholder(Box::new(inner))),
        ))
    }

    fn set_operator(&mut self) -> Option<(SetOp, bool)> {
        let first = self.keyword().filter(|_| self.token().is_set_operator())?;
        self.advance();
        let all = self.eat_word(Keyword::All);
        let distinct = !all && first != Keyword::Except && self.eat_word(Keyword::Distinct);
        let op = match (first, all, distinct) {
            (Keyword::Union, true, _) => SetOp::UnionAll,
            (Keyword::Union, ..) => SetOp::UnionDistinct,
            (Keyword::Intersect, true, _) => SetOp::IntersectAll,
            (Keyword::Intersect, _, true) => SetOp::IntersectDistinct,
            (Keyword::Intersect, ..) => SetOp::Intersect,
            (_, true, _) => SetOp::ExceptAll,
            _ => SetOp::Except,
        };
        Some((op, self.eat_words(&[Keyword::By, Keyword::Name])))
    }

    /// `ORDER BY`, and `LIMIT` or `OFFSET`, behind the last member.
    ///
    /// The reference reads the `ORDER BY`, with `INTERPOLATE` or not, and drops it, and all of it behind a placeholder: what it would refuse in
    /// there is a warning only.
    fn tail(&mut self, dropped: bool) -> Parse<Tail> {
        let refusals = self.refusals.len();
        let mut order_by = Vec::new();
        if self.eat_words(&[Keyword::Order, Keyword::By]) {
            order_by = self.order_list()?;
            self.interpolate()?;
        }
        self.soften(refusals);
        let limit = match self.keyword() {
            Some(Keyword::Limit) => Some(self.limit_with_offset()?),
            Some(Keyword::Offset) => Some(self.offset_only()?),
            _ => None,
        };
        if dropped {
            self.soften(refusals);
        }
        Ok(Tail { order_by, limit })
    }

    /// Makes warnings of the refusals from an index on.
    pub(super) fn soften(&mut self, from: usize) {
        for refusal in self.refusals.iter_mut().skip(from) {
            refusal.severity = Severity::Warning;
        }
    }

    /// One query of the members and what follows them; a `LIMIT` alone behind a bare select is merged into it.
    fn assemble(&self, start: u32, mut set: SetQuery) -> Query {
        let alone = set.rest.is_empty() && set.ctes.is_empty();
        if alone && set.order_by.is_empty() && set.limit.is_none() {
            return set.first;
        }
        let bare = set.first.span.start == start && set.order_by.is_empty();
        if let (true, true, QueryKind::Select(select)) = (alone, bare, &mut set.first.kind) {
            merge(select, set.limit);
            return set.first;
        }
        Query { span: self.span(start), kind: QueryKind::Set(Box::new(set)) }
    }

    // WITH

    pub(super) fn ctes(&mut self) -> Parse<Vec<Cte>> {
        self.advance();
        let recursive = self.recursive();
        let mut ctes = Vec::new();
        loop {
            ctes.push(self.retried(|parser| parser.cte(recursive))?);
            if !self.eat(TokenKind::Comma) || self.ctes_end() {
                return Ok(ctes);
            }
        }
    }

    /// `RECURSIVE`, unless it is the name of the first member.
    fn recursive(&mut self) -> bool {
        let named = self.nth(1).keyword == Some(Keyword::As) && !self.table_cte_ahead(1);
        !named && self.eat_word(Keyword::Recursive)
    }

    /// Whether the query follows, behind a comma too many.
    fn ctes_end(&self) -> bool {
        match (self.kind(), self.keyword()) {
            (_, Some(Keyword::Select)) => !self.table_cte_ahead(0),
            (TokenKind::LParen, _) => self.query_instead_of_cte(),
            _ => false,
        }
    }

    /// Whether the parenthesis here is no value with `AS name` behind it.
    fn query_instead_of_cte(&self) -> bool {
        let close = self.input.close(self.at);
        let behind = close.map(|close| self.input.token(close + 1));
        if self.input.holds_query(self.at) {
            return behind.is_none_or(|behind| behind.keyword != Some(Keyword::As));
        }
        // `({x})` may as well begin a longer value.
        let ends = behind.is_some_and(|behind| {
            matches!(behind.kind, TokenKind::End | TokenKind::RParen | TokenKind::Semicolon)
        });
        let of_query = close.is_some_and(|close| self.input.is_of_query(close + 1));
        self.input.wraps_placeholder(self.at) && (ends || of_query)
    }

    /// Whether `name AS (`, `name (a, b) AS (` or `name USING KEY` stands so many tokens ahead.
    fn table_cte_ahead(&self, ahead: usize) -> bool {
        let mut at = self.at + ahead;
        if !self.input.token(at).is_name() {
            return false;
        }
        at += 1;
        if self.input.token(at).kind == TokenKind::LParen {
            let Some(close) = self.input.close(at) else { return false };
            at = close + 1;
        }
        let word = |ahead: usize| self.input.token(at + ahead).keyword;
        match (word(0), word(1), word(2)) {
            (Some(Keyword::Using), Some(Keyword::Key), _) => true,
            (Some(Keyword::As), Some(Keyword::Materialized), _) => true,
            (Some(Keyword::As), Some(Keyword::Not), Some(Keyword::Materialized)) => true,
            (Some(Keyword::As), ..) => self.input.token(at + 1).kind == TokenKind::LParen,
            _ => false,
        }
    }

    fn cte(&mut self, recursive: bool) -> Parse<Cte> {
        if self.table_cte_ahead(0) { self.table_cte(recursive) } else { self.scalar_cte(recursive) }
    }

    fn table_cte(&mut self, recursive: bool) -> Parse<Cte> {
        let start = self.start();
        let name = self.any_ident();
        let columns = if self.is(TokenKind::LParen) { self.name_list()? } else { Vec::new() };
        let using_key = if self.eat_words(&[Keyword::Using, Keyword::Key]) {
            self.name_list()?
        } else {
            Vec::new()
        };
        self.expect_word(Keyword::As)?;
        let not = self.eat_word(Keyword::Not);
        let materialized = self.eat_word(Keyword::Materialized).then_some(!not);
        let open = self.start();
        if !self.is(TokenKind::LParen) {
            return Err(self.unexpected("`(`"));
        }
        let query = self.enclosed(TokenKind::RParen, Self::query)?;
        let query =
            query.unwrap_or_else(|| Query { span: self.span(open), kind: QueryKind::Error });
        let (span, body) = (self.span(start), CteBody::Table(query));
        Ok(Cte { span, name, body, columns, recursive, materialized, using_key })
    }

    /// `expr AS name`: read as an expression with an alias.
    fn scalar_cte(&mut self, recursive: bool) -> Parse<Cte> {
        let start = self.start();
        let refusals = self.refusals.len();
        let expr = self.expr_before_cte_name()?;
        let (expr, name) = match expr.kind {
            ExprKind::Alias { expr: inner, alias } if !self.is_word(Keyword::As) => {
                self.allow_alias(refusals, expr.span);
                (*inner, alias)
            }
            _ if self.is_word(Keyword::As) && self.nth(1).is_name() => {
                self.advance();
                (expr, self.any_ident())
            }
            _ => return Err(self.unexpected("`AS` and a name")),
        };
        if self.name_is_string(&name) {
            return Err(self.unexpected("`AS` and a name"));
        }
        let body = CteBody::Scalar(expr);
        Ok(Cte {
            span: self.span(start),
            name,
            body,
            columns: Vec::new(),
            recursive,
            materialized: None,
            using_key: Vec::new(),
        })
    }

    /// The value of a member: its last `AS` names the member, even if the body of a lambda could take it for an alias.
    fn expr_before_cte_name(&mut self) -> Parse<Expr> {
        let outer = self.cte_ends.replace(self.brackets);
        let expr = self.expr();
        self.cte_ends = outer;
        expr
    }

    /// Whether the `AS` here names a member of `WITH`: no value goes on with what stands behind the name.
    pub(super) fn as_names_cte(&mut self) -> bool {
        if self.cte_ends != Some(self.brackets) || !self.nth(1).is_name() {
            return false;
        }
        let behind = self.nth(2);
        behind.kind == TokenKind::Comma
            || behind.keyword == Some(Keyword::Select)
            || self.input.holds_query(self.at + 2) && self.choose(2) == 1
    }

    /// Takes back that something with an alias has one that no alias may be: members of `WITH` may have any name.
    fn allow_alias(&mut self, refusal: usize, aliased: Span) {
        let refused = self.refusals.get(refusal);
        if refused.is_some_and(|it| it.code == codes::RESERVED_ALIAS && it.span == aliased) {
            self.refusals.remove(refusal);
        }
    }

    fn name_is_string(&self, name: &Ident) -> bool {
        self.input.text.get(name.span.range()).is_some_and(|text| text.starts_with('\''))
    }

    /// `(a, b)`
    pub(super) fn name_list(&mut self) -> Parse<Vec<Ident>> {
        if !self.is(TokenKind::LParen) {
            return Err(self.unexpected("`(`"));
        }
        let names = self.enclosed(TokenKind::RParen, |parser| {
            let mut names = vec![parser.ident("a name")?];
            while parser.eat(TokenKind::Comma) {
                names.push(parser.ident("a name")?);
            }
            Ok(names)
        })?;
        Ok(names.unwrap_or_default())
    }
}

/// Whether a query is `{q}`, in parentheses or not.
fn is_placeholder(query: &Query) -> bool {
    match &query.kind {
        QueryKind::Placeholder(_) => true,
        QueryKind::Set(set) => set.rest.is_empty() && is_placeholder(&set.first),
        _ => false,
    }
}

/// Puts the `LIMIT` that follows a bare select into it.
fn merge(select: &mut Select, limit: Option<LimitClause>) {
    let Some(later) = limit else { return };
    let Some(earlier) = &mut select.limit else {
        select.limit = Some(later);
        return;
    };
    if later.limit.is_some() && earlier.limit.is_some() {
        earlier.repeated = Some(earlier.span);
    }
    earlier.comma =
        if later.limit.is_some() { later.comma } else { earlier.comma && later.offset.is_none() };
    earlier.span = earlier.span.to(later.span);
    earlier.limit = later.limit.or_else(|| earlier.limit.take());
    earlier.offset = later.offset.or_else(|| earlier.offset.take());
}
