//! Calls.

use super::{Parse, Parser};
use crate::ast::{Call, Expr, ExprKind, Ident, OrderItem};
use crate::keywords::Keyword;
use crate::token::TokenKind;

/// What stands in the parentheses of a call.
#[derive(Debug, Default)]
pub(super) struct Arguments {
    pub(super) exprs: Vec<Expr>,
    distinct: bool,
    order_by: Vec<OrderItem>,
    /// The one argument is a query without parentheses of its own.
    query: bool,
}

impl Arguments {
    /// Whether there are expressions only.
    pub(super) fn are_plain(&self) -> bool {
        !self.distinct && self.order_by.is_empty() && !self.query
    }

    /// Whether a window function may have them as its second list.
    pub(super) fn fit_window(&self) -> bool {
        self.order_by.is_empty() && !self.query
    }
}

impl Parser<'_> {
    /// `name(args)` and what belongs to it: a second list, `FILTER`, `WITHIN GROUP`, `OVER`.
    pub(super) fn call(&mut self) -> Parse<Expr> {
        let start = self.start();
        let name = self.any_ident();
        let names_win = self.names_win_in_call();
        let Some(first) = self.enclosed(TokenKind::RParen, |parser| parser.arguments(names_win))?
        else {
            return Ok(self.node(start, ExprKind::Error));
        };
        let second = if first.are_plain() && self.second_list_ahead() {
            self.enclosed(TokenKind::RParen, Self::second_list)?
        } else {
            None
        };
        if first.are_plain() && second.is_none() && self.within_group_ahead() {
            return self.within_group(name, first.exprs, start);
        }
        let refusals = self.refusals.len();
        let filter = if first.query { None } else { self.filter()? };
        let last = second.as_ref().unwrap_or(&first);
        if first.are_plain() && (second.is_none() || last.fit_window()) && self.over_ahead() {
            self.soften(refusals);
            return self.window(name, first, second, filter, start);
        }
        let call = match second {
            Some(second) => plain_call(name, Some(first.exprs), second, filter),
            None => plain_call(name, None, first, filter),
        };
        Ok(self.node(start, ExprKind::Call(Box::new(call))))
    }

    /// Whether a second list of arguments begins here, and not the call of what the first one gives.
    fn second_list_ahead(&mut self) -> bool {
        if !self.is(TokenKind::LParen) {
            return false;
        }
        let query = matches!(self.nth(1).keyword, Some(Keyword::Select | Keyword::With))
            && self.starts_operand(2);
        if query {
            return self.query_word_may_be_name(1) && self.choose(2) == 0;
        }
        !self.query_goes_on(1) || self.choose(2) == 0
    }

    fn second_list(&mut self) -> Parse<Arguments> {
        let arguments = self.arguments(false)?;
        if arguments.query { Err(self.unexpected("an expression")) } else { Ok(arguments) }
    }

    fn within_group_ahead(&self) -> bool {
        self.are_words(&[Keyword::Within, Keyword::Group])
    }

    fn within_group(&mut self, name: Ident, params: Vec<Expr>, start: u32) -> Parse<Expr> {
        self.at += 2;
        if !self.is(TokenKind::LParen) {
            return Err(self.unexpected("`(`"));
        }
        let items = self.enclosed(TokenKind::RParen, |parser| {
            parser.expect_word(Keyword::Order)?;
            parser.expect_word(Keyword::By)?;
            parser.order_list()
        })?;
        let call = Call {
            params: Some(params),
            within_group: items.unwrap_or_default(),
            ..empty_call(name)
        };
        Ok(self.node(start, ExprKind::Call(Box::new(call))))
    }

    /// `FILTER (WHERE e)`
    fn filter(&mut self) -> Parse<Option<Expr>> {
        if !self.is_word(Keyword::Filter) || self.nth(1).kind != TokenKind::LParen {
            return Ok(None);
        }
        self.advance();
        let start = self.start();
        let condition = self.enclosed(TokenKind::RParen, |parser| {
            parser.expect_word(Keyword::Where)?;
            parser.expr()
        })?;
        Ok(Some(condition.unwrap_or_else(|| self.node(start, ExprKind::Error))))
    }

    fn over_ahead(&self) -> bool {
        self.is_word(Keyword::Over)
            && (self.nth(1).kind == TokenKind::LParen || self.nth(1).is_name())
    }

    /// What stands in the parentheses of a call of a plain name.
    fn arguments(&mut self, names_win: bool) -> Parse<Arguments> {
        if self.argument_is_query() {
            return self.query_argument();
        }
        let distinct = self.distinct_of_call(names_win) && self.eat_word(Keyword::Distinct);
        let exprs = self.expr_list(TokenKind::RParen)?;
        let order_by = if self.eat_words(&[Keyword::Order, Keyword::By]) {
            self.order_list()?
        } else {
            Vec::new()
        };
        Ok(Arguments { exprs, distinct, order_by, query: false })
    }

    fn query_argument(&mut self) -> Parse<Arguments> {
        let query = self.query()?;
        let expr = Expr { span: query.span, kind: ExprKind::Subquery(Box::new(query)) };
        Ok(Arguments { exprs: vec![expr], query: true, ..Arguments::default() })
    }

    /// Whether the argument is a query; a reading as an ordinary argument has precedence.
    fn argument_is_query(&mut self) -> bool {
        if matches!(self.keyword(), Some(Keyword::Select | Keyword::With)) {
            return self.starts_operand(1)
                && (!self.query_word_may_be_name(0) || self.choose(2) == 1);
        }
        self.query_goes_on(0) && self.choose(2) == 1
    }

    /// Whether the parentheses here must hold expressions only, if they can, for what follows them.
    fn names_win_in_call(&self) -> bool {
        let Some(close) = self.input.close(self.at) else { return false };
        let filter = self.input.token(close + 1).keyword == Some(Keyword::Filter);
        let filter_close = if filter { self.input.close(close + 2) } else { None };
        let behind = self.input.token(filter_close.unwrap_or(close) + 1);
        behind.kind == TokenKind::LParen && !filter
            || matches!(behind.keyword, Some(Keyword::Over | Keyword::Within))
    }

    fn distinct_of_call(&mut self, names_win: bool) -> bool {
        if !names_win || !self.is_word(Keyword::Distinct) || self.starts_plainly(1) {
            return self.distinct_ahead();
        }
        self.starts_operand(1) && self.choose(2) == 1
    }

    /// Whether the word here is the modifier `DISTINCT` rather than a name.
    pub(super) fn distinct_ahead(&mut self) -> bool {
        if !self.is_word(Keyword::Distinct) {
            return false;
        }
        let ends = self.nth(1).kind == TokenKind::RParen;
        ends || self.starts_plainly(1) || self.starts_operand(1) && self.choose(2) == 0
    }

    /// `expr(args)` on anything but a plain name. With a query as argument, `(name)` is the name of a function.
    pub(super) fn expr_call(&mut self, callee: Expr, start: u32) -> Parse<Expr> {
        let arguments = self.enclosed(TokenKind::RParen, |parser| {
            if parser.query_ahead() {
                return parser.query_argument();
            }
            let exprs = parser.expr_list(TokenKind::RParen)?;
            let query = matches!(exprs.as_slice(), [Expr { kind: ExprKind::Placeholder(_), .. }]);
            Ok(Arguments { exprs, query, ..Arguments::default() })
        })?;
        let Some(arguments) = arguments else { return Ok(self.node(start, ExprKind::Error)) };
        let name = match &callee.kind {
            ExprKind::Field(chain) if arguments.query && chain.len() == 1 => chain.first().cloned(),
            _ => None,
        };
        let kind = match name {
            Some(name) => ExprKind::Call(Box::new(plain_call(name, None, arguments, None))),
            None => ExprKind::ExprCall { callee: Box::new(callee), args: arguments.exprs },
        };
        Ok(self.node(start, kind))
    }

    /// Whether what stands in the parentheses here is a query; the reading as a query has precedence.
    fn query_ahead(&mut self) -> bool {
        let begins = match (self.kind(), self.keyword()) {
            (_, Some(Keyword::Select | Keyword::With)) => self.starts_operand(1),
            (TokenKind::LParen, _) => self.input.holds_query(self.at) || self.query_goes_on(0),
            _ => self.query_goes_on(0),
        };
        begins && self.choose(2) == 0
    }

    /// Whether brackets begin so many tokens ahead, with something behind them that only a query can have.
    fn query_goes_on(&self, ahead: usize) -> bool {
        let close = self.input.close(self.at + ahead);
        close.is_some_and(|close| self.input.is_of_query(close + 1))
    }
}

fn empty_call(name: Ident) -> Call {
    let (args, order_by, within_group) = (Vec::new(), Vec::new(), Vec::new());
    Call { name, params: None, args, distinct: false, order_by, filter: None, within_group }
}

fn plain_call(
    name: Ident,
    params: Option<Vec<Expr>>,
    last: Arguments,
    filter: Option<Expr>,
) -> Call {
    let Arguments { exprs: args, distinct, order_by, .. } = last;
    Call { params, args, distinct, order_by, filter, ..empty_call(name) }
}
