//! Operands: literals, names, brackets, and the dispatch to everything that begins with a word.

use super::{Parse, Parser, Stop};
use crate::ast::{Expr, ExprKind, Literal};
use crate::keywords::Keyword;
use crate::token::TokenKind;
use crate::{Diagnostic, codes};

impl Parser<'_> {
    /// An operand without what follows it.
    pub(super) fn primary(&mut self) -> Parse<Expr> {
        use TokenKind::*;
        match self.kind() {
            Word => self.word(),
            QuotedName => self.name(),
            Decimal | LeadingZero | Hex | Binary | OctalPrefix | Float | Plus | Dot => {
                self.number()
            }
            Minus => self.minus(),
            String => Ok(self.string()),
            TemplateStart => self.template(),
            LParen => self.parenthesis(),
            LBracket => self.array(),
            LBrace => self.brace(),
            Star => self.star(),
            Hash => self.positional(),
            Lt => self.tag_expr(),
            _ => Err(self.unexpected("an expression")),
        }
    }

    /// A word: a construct of its own, a literal, or a name.
    fn word(&mut self) -> Parse<Expr> {
        let Some(keyword) = self.keyword() else { return self.name() };
        if self.clause_instead() {
            return Err(self.unexpected("an expression"));
        }
        match keyword {
            Keyword::Null | Keyword::Inf | Keyword::Infinity | Keyword::Nan => {
                self.literal_word(keyword)
            }
            Keyword::Lambda if self.input.colon_lambda(self.at + 1) => self.colon_lambda(),
            Keyword::Array if self.nth(1).kind == TokenKind::LBracket && self.choose(2) == 0 => {
                let start = self.start();
                self.advance();
                self.array().map(|array| self.node(start, array.kind))
            }
            _ if self.arrow_lambda_ahead() || self.nth(1).kind == TokenKind::Assign => self.name(),
            _ => self.special(keyword),
        }
    }

    /// Whether `ORDER BY` or `GROUP BY` stands here, where an operand is missing.
    fn clause_instead(&self) -> bool {
        let clause = matches!(self.keyword(), Some(Keyword::Order | Keyword::Group));
        let before = self.at.checked_sub(1).and_then(|before| self.input.token(before).keyword);
        let limit =
            matches!(before, Some(Keyword::Limit | Keyword::Offset)) || self.percent_ends.is_some();
        clause && self.nth(1).keyword == Some(Keyword::By) && !limit
    }

    fn literal_word(&mut self, keyword: Keyword) -> Parse<Expr> {
        if keyword != Keyword::Null {
            return self.number();
        }
        let start = self.start();
        self.advance();
        Ok(self.node(start, ExprKind::Literal(Literal::Null)))
    }

    /// What begins with a name: a lambda, a named argument, a call, or a chain of names.
    pub(super) fn name(&mut self) -> Parse<Expr> {
        if self.arrow_lambda_ahead() {
            return self.arrow_lambda();
        }
        match self.nth(1).kind {
            TokenKind::Assign if self.token().is_name() => self.named_argument(),
            TokenKind::LParen if self.token().is_name() => self.call(),
            _ => self.field(),
        }
    }

    fn named_argument(&mut self) -> Parse<Expr> {
        let start = self.start();
        let name = self.any_ident();
        self.advance();
        let value = Box::new(self.expr()?);
        Ok(self.node(start, ExprKind::NamedArgument { name, value }))
    }

    /// `a.b.c`, `a.b.*`, and `true` and `false` on their own.
    fn field(&mut self) -> Parse<Expr> {
        let start = self.start();
        let mut chain = vec![self.ident("an expression")?];
        while self.is(TokenKind::Dot) && self.nth(1).is_name() {
            self.advance();
            chain.push(self.any_ident());
        }
        if self.is(TokenKind::Dot) && self.nth(1).kind == TokenKind::Star {
            self.advance();
            return self.star_of(chain, start);
        }
        let kind = match chain.as_slice() {
            [name] if !name.quoted && name.value.eq_ignore_ascii_case("true") => {
                true_or_false(true)
            }
            [name] if !name.quoted && name.value.eq_ignore_ascii_case("false") => {
                true_or_false(false)
            }
            _ => ExprKind::Field(chain),
        };
        Ok(self.node(start, kind))
    }

    /// `-1` is a constant; any other `-x` is a subtraction.
    fn minus(&mut self) -> Parse<Expr> {
        if self.number_ahead(1) {
            return self.number();
        }
        let start = self.start();
        self.advance();
        let operand = self.expr_from(super::infix::level::NEGATE)?;
        Ok(self.node(start, ExprKind::Negate(Box::new(operand))))
    }

    fn array(&mut self) -> Parse<Expr> {
        let start = self.start();
        let items =
            self.enclosed(TokenKind::RBracket, |parser| parser.expr_list(TokenKind::RBracket))?;
        Ok(self.node(start, items.map_or(ExprKind::Error, ExprKind::Array)))
    }

    /// `{}` and `{k: v}` are dictionaries, `{x}` is a placeholder.
    pub(super) fn brace(&mut self) -> Parse<Expr> {
        let start = self.start();
        let inner = self.enclosed(TokenKind::RBrace, |parser| {
            if parser.is(TokenKind::RBrace) {
                return Ok(ExprKind::Dict(Vec::new()));
            }
            let first = parser.expr()?;
            if parser.is(TokenKind::Semicolon) {
                return Err(parser.misplaced_block());
            }
            if parser.is(TokenKind::Colon) {
                parser.dict(first)
            } else {
                Ok(ExprKind::Placeholder(Box::new(first)))
            }
        })?;
        Ok(self.node(start, inner.unwrap_or(ExprKind::Error)))
    }

    /// `{ statement; statement }` is for lambdas.
    fn misplaced_block(&mut self) -> Stop {
        let message = "found `;`, expected `}`: statements stand only in the body of a lambda";
        self.fail(Diagnostic::error(codes::PROGRAM, self.token().span, message))
    }

    fn dict(&mut self, first: Expr) -> Parse<ExprKind> {
        let mut items = Vec::new();
        let mut key = first;
        loop {
            self.expect(TokenKind::Colon)?;
            items.push((key, self.expr()?));
            if !self.eat(TokenKind::Comma) || self.is(TokenKind::RBrace) {
                return Ok(ExprKind::Dict(items));
            }
            key = self.expr()?;
        }
    }

    /// `#1`
    fn positional(&mut self) -> Parse<Expr> {
        let start = self.start();
        self.advance();
        if !self.is(TokenKind::Decimal) {
            return Err(self.unexpected("a column's number"));
        }
        let index = self.text().parse().unwrap_or(u64::MAX);
        self.advance();
        Ok(self.node(start, ExprKind::PositionalRef(index)))
    }

    /// A parenthesised expression, a tuple, a subquery, or a lambda with its parameters in parentheses.
    fn parenthesis(&mut self) -> Parse<Expr> {
        let start = self.start();
        if self.lambda_parameters_ahead() {
            return self.parenthesised_lambda();
        }
        if self.replaced_star_ahead() {
            return self.replaced_star();
        }
        if self.input.holds_query(self.at)
            && (!self.query_word_may_be_name(1) || self.choose(2) == 0)
        {
            return self.subquery();
        }
        let inner = self.enclosed(TokenKind::RParen, Self::tuple)?;
        Ok(match inner {
            Some(Inner::One(expr)) => expr,
            Some(Inner::Many(items)) => self.node(start, ExprKind::Tuple(items)),
            None => self.node(start, ExprKind::Error),
        })
    }

    fn tuple(&mut self) -> Parse<Inner> {
        if self.is(TokenKind::RParen) {
            return Err(self.unexpected("an expression"));
        }
        let first = self.list_item()?;
        if !self.eat(TokenKind::Comma) {
            return Ok(Inner::One(first));
        }
        let mut items = vec![first];
        items.extend(self.expr_list(TokenKind::RParen)?);
        Ok(Inner::Many(items))
    }

    /// `(query)` as a value.
    fn subquery(&mut self) -> Parse<Expr> {
        let start = self.start();
        let query = self.enclosed(TokenKind::RParen, Self::query)?;
        Ok(match query {
            Some(query) => Expr { span: query.span, kind: ExprKind::Subquery(Box::new(query)) },
            None => self.node(start, ExprKind::Error),
        })
    }

    /// Whether the `SELECT` or `WITH` so many tokens ahead may be a name rather than the beginning of a query.
    pub(super) fn query_word_may_be_name(&self, ahead: usize) -> bool {
        let mut ahead = ahead;
        while self.nth(ahead).kind == TokenKind::LParen {
            ahead += 1;
        }
        if !matches!(self.nth(ahead).keyword, Some(Keyword::Select | Keyword::With)) {
            return false;
        }
        match self.nth(ahead + 1).kind {
            TokenKind::Star => {
                !matches!(self.nth(ahead + 2).keyword, Some(Keyword::From | Keyword::Exclude))
            }
            _ => {
                !self.starts_plainly(ahead + 1)
                    && self.nth(ahead + 1).keyword != Some(Keyword::Distinct)
            }
        }
    }
}

/// What stands in parentheses.
enum Inner {
    /// One expression without a comma.
    One(Expr),
    /// A tuple.
    Many(Vec<Expr>),
}

fn true_or_false(value: bool) -> ExprKind {
    ExprKind::Literal(Literal::Boolean(value))
}
