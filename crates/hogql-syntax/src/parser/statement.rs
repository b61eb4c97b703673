//! Statements of Hog in the block that is a lambda's body.

use super::lists::is_closing;
use super::{Parse, Parser, Stop};
use crate::ast::{Block, Catch, Expr, ExprKind, ForLoop, Ident, Statement, StatementKind};
use crate::keywords::Keyword;
use crate::token::TokenKind;

impl Parser<'_> {
    /// Whether the braces of a lambda's body hold statements. What can be an expression is one.
    pub(super) fn block_ahead(&mut self) -> bool {
        if !self.is(TokenKind::LBrace) || self.nth(1).kind == TokenKind::RBrace {
            return false;
        }
        if self.keyword_of_statement(1) || self.has_semicolon() {
            return true;
        }
        self.choose(2) == 1
    }

    /// Whether a word that is never a name begins a statement so many tokens ahead.
    fn keyword_of_statement(&self, ahead: usize) -> bool {
        use Keyword::*;
        matches!(self.nth(ahead).keyword, Some(Let | Throw | Try | While | Fun | Fn))
    }

    /// Whether a `;` stands in the braces here, inner brackets aside.
    fn has_semicolon(&self) -> bool {
        let Some(close) = self.input.close(self.at) else { return false };
        let mut at = self.at + 1;
        while at < close {
            if self.input.token(at).kind == TokenKind::Semicolon {
                return true;
            }
            at = self.over(at);
        }
        false
    }

    pub(super) fn block_expr(&mut self) -> Parse<Expr> {
        let block = self.block()?;
        Ok(Expr { span: block.span, kind: ExprKind::Block(block) })
    }

    fn block(&mut self) -> Parse<Block> {
        if !self.is(TokenKind::LBrace) {
            return Err(self.unexpected("`{`"));
        }
        let start = self.start();
        let statements = self.enclosed(TokenKind::RBrace, Self::declarations)?.unwrap_or_default();
        Ok(Block { span: self.span(start), statements })
    }

    fn declarations(&mut self) -> Parse<Vec<Statement>> {
        let mut statements = Vec::new();
        while !self.is(TokenKind::RBrace) && !self.is(TokenKind::End) {
            if self.eat(TokenKind::Semicolon) {
                continue;
            }
            let start = self.start();
            statements.push(match self.declaration() {
                Ok(statement) => statement,
                Err(stop) => self.skip_statement(start, stop)?,
            });
        }
        Ok(statements)
    }

    /// Goes on at the `;` or closing bracket behind a statement with an error.
    fn skip_statement(&mut self, start: u32, stop: Stop) -> Parse<Statement> {
        let next = self.next_in_list(|parser, at| {
            let kind = parser.input.token(at).kind;
            kind == TokenKind::Semicolon || is_closing(kind)
        });
        self.recover_at(next, stop)?;
        let error = self.node(start, ExprKind::Error);
        Ok(Statement { span: error.span, kind: StatementKind::Expr(error) })
    }

    fn declaration(&mut self) -> Parse<Statement> {
        if self.is_word(Keyword::Let) { self.variable() } else { self.statement() }
    }

    /// `let name := value`
    fn variable(&mut self) -> Parse<Statement> {
        let start = self.start();
        self.advance();
        let name = self.ident("a variable's name")?;
        let value = if self.eat(TokenKind::Assign) { Some(self.expr()?) } else { None };
        Ok(self.stated(start, StatementKind::Let { name, value }))
    }

    /// Any statement but a declaration, one level deeper.
    fn statement(&mut self) -> Parse<Statement> {
        let outer = std::mem::take(&mut self.height);
        let result = self.nested(|parser| {
            let start = parser.start();
            let kind = parser.statement_kind()?;
            parser.grow()?;
            Ok(parser.stated(start, kind))
        });
        self.height = self.height.max(outer);
        result
    }

    fn stated(&self, start: u32, kind: StatementKind) -> Statement {
        Statement { span: self.span(start), kind }
    }

    fn statement_kind(&mut self) -> Parse<StatementKind> {
        match self.kind() {
            TokenKind::Semicolon => {
                self.advance();
                Ok(StatementKind::Empty)
            }
            TokenKind::LBrace if self.choose(2) == 0 => Ok(StatementKind::Block(self.block()?)),
            TokenKind::Word => self.word_statement(),
            _ => self.expr_statement(),
        }
    }

    /// `return`, `if` and `for` may also be names.
    fn word_statement(&mut self) -> Parse<StatementKind> {
        let called = self.nth(1).kind == TokenKind::LParen;
        match self.keyword() {
            Some(Keyword::Return) => self.return_statement(),
            Some(Keyword::Throw) => self.throw_statement(),
            Some(Keyword::Try) => self.try_statement(),
            Some(Keyword::If) if called && self.choose(2) == 0 => self.if_statement(),
            Some(Keyword::While) => self.while_statement(),
            Some(Keyword::For) if called && self.choose(2) == 0 => self.for_statement(),
            Some(Keyword::Fun | Keyword::Fn) => self.function(),
            _ => self.expr_statement(),
        }
    }

    /// With a value if one may follow, without one, or the name of something.
    fn return_statement(&mut self) -> Parse<StatementKind> {
        if self.input.arrow_lambda(self.at) || self.nth(1).kind == TokenKind::Assign {
            return self.expr_statement();
        }
        let reading = match (self.starts_operand(1), self.peeks_infix(1)) {
            (true, _) => self.choose(3),
            (false, true) => 2,
            (false, false) => 1,
        };
        if reading == 2 {
            return self.expr_statement();
        }
        self.advance();
        let value = if reading == 0 { Some(self.expr()?) } else { None };
        self.eat(TokenKind::Semicolon);
        Ok(StatementKind::Return(value))
    }

    fn throw_statement(&mut self) -> Parse<StatementKind> {
        self.advance();
        let value = self.expr()?;
        self.eat(TokenKind::Semicolon);
        Ok(StatementKind::Throw(value))
    }

    fn try_statement(&mut self) -> Parse<StatementKind> {
        self.advance();
        let body = self.block()?;
        let mut catches = Vec::new();
        while self.eat_word(Keyword::Catch) {
            catches.push(self.catch()?);
        }
        let finally = if self.eat_word(Keyword::Finally) { Some(self.block()?) } else { None };
        Ok(StatementKind::Try { body, catches, finally })
    }

    fn catch(&mut self) -> Parse<Catch> {
        let (mut variable, mut class) = (None, None);
        if self.is(TokenKind::LParen) {
            let names = self.enclosed(TokenKind::RParen, Self::caught)?;
            (variable, class) = names.unwrap_or_default();
        }
        Ok(Catch { variable, class, body: self.block()? })
    }

    /// `e`, `e: T`
    fn caught(&mut self) -> Parse<(Option<Ident>, Option<Ident>)> {
        let variable = self.ident("a variable's name")?;
        let class =
            if self.eat(TokenKind::Colon) { Some(self.ident("a type's name")?) } else { None };
        Ok((Some(variable), class))
    }

    fn if_statement(&mut self) -> Parse<StatementKind> {
        self.advance();
        let condition = self.tested()?;
        let then = Box::new(self.statement()?);
        let otherwise = if self.is_word(Keyword::Else) && self.choose(2) == 0 {
            self.advance();
            Some(Box::new(self.statement()?))
        } else {
            None
        };
        Ok(StatementKind::If { condition, then, otherwise })
    }

    fn while_statement(&mut self) -> Parse<StatementKind> {
        self.advance();
        let condition = self.tested()?;
        let body = self.body()?;
        Ok(StatementKind::While { condition, body: Box::new(body) })
    }

    /// `(condition)`
    fn tested(&mut self) -> Parse<Expr> {
        if !self.is(TokenKind::LParen) {
            return Err(self.unexpected("`(`"));
        }
        let start = self.start();
        let condition = self.enclosed(TokenKind::RParen, Self::expr)?;
        Ok(condition.unwrap_or_else(|| self.node(start, ExprKind::Error)))
    }

    /// The body of a loop, to which one more `;` belongs.
    fn body(&mut self) -> Parse<Statement> {
        let body = self.statement()?;
        self.eat(TokenKind::Semicolon);
        Ok(body)
    }

    fn for_statement(&mut self) -> Parse<StatementKind> {
        self.advance();
        if self.for_in_ahead() { self.for_in() } else { self.for_loop() }
    }

    fn for_in_ahead(&self) -> bool {
        let after = self.nth(3);
        self.nth(1).keyword == Some(Keyword::Let)
            && (after.kind == TokenKind::Comma || after.keyword == Some(Keyword::In))
    }

    fn for_in(&mut self) -> Parse<StatementKind> {
        let head = self.enclosed(TokenKind::RParen, |parser| {
            parser.advance();
            let mut key = None;
            let mut value = parser.ident("a variable's name")?;
            if parser.eat(TokenKind::Comma) {
                key = Some(std::mem::replace(&mut value, parser.ident("a variable's name")?));
            }
            parser.expect_word(Keyword::In)?;
            Ok((key, value, parser.expr()?))
        })?;
        let body = Box::new(self.body()?);
        Ok(match head {
            Some((key, value, items)) => StatementKind::ForIn { key, value, items, body },
            None => StatementKind::Block(Block { span: body.span, statements: vec![*body] }),
        })
    }

    fn for_loop(&mut self) -> Parse<StatementKind> {
        let head = self.enclosed(TokenKind::RParen, |parser| {
            let initial = parser.for_part(TokenKind::Semicolon)?;
            parser.expect(TokenKind::Semicolon)?;
            let ends = parser.is(TokenKind::Semicolon);
            let condition = if ends { None } else { Some(parser.expr()?) };
            parser.expect(TokenKind::Semicolon)?;
            Ok((initial, condition, parser.for_part(TokenKind::RParen)?))
        })?;
        let (initial, condition, step) = head.unwrap_or_default();
        let body = self.body()?;
        Ok(StatementKind::For(Box::new(ForLoop { initial, condition, step, body })))
    }

    /// A declaration, an assignment, an expression, or nothing.
    fn for_part(&mut self, end: TokenKind) -> Parse<Option<Statement>> {
        if self.is(end) {
            return Ok(None);
        }
        if self.is_word(Keyword::Let) {
            return self.variable().map(Some);
        }
        let start = self.start();
        let kind = self.assignment()?;
        Ok(Some(self.stated(start, kind)))
    }

    fn function(&mut self) -> Parse<StatementKind> {
        self.advance();
        let name = self.ident("a function's name")?;
        if !self.is(TokenKind::LParen) {
            return Err(self.unexpected("`(`"));
        }
        let params =
            self.enclosed(TokenKind::RParen, |parser| parser.parameters(TokenKind::RParen))?;
        let body = self.block()?;
        Ok(StatementKind::Function { name, params: params.unwrap_or_default(), body })
    }

    fn expr_statement(&mut self) -> Parse<StatementKind> {
        let kind = self.assignment()?;
        self.eat(TokenKind::Semicolon);
        Ok(kind)
    }

    /// `target := value`, or an expression. A name at the beginning is a target, further on it is a named argument.
    fn assignment(&mut self) -> Parse<StatementKind> {
        let named = self.nth(1).kind == TokenKind::Assign && self.token().is_name();
        let target = if named { self.target() } else { self.expr()? };
        if !self.eat(TokenKind::Assign) {
            return Ok(StatementKind::Expr(target));
        }
        Ok(StatementKind::Assign { target, value: self.expr()? })
    }

    fn target(&mut self) -> Expr {
        let start = self.start();
        let name = self.any_ident();
        self.node(start, ExprKind::Field(vec![name]))
    }
}
