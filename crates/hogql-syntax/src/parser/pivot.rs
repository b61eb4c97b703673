//! `PIVOT` and `UNPIVOT`.

use super::{Parse, Parser};
use crate::ast::{Expr, ExprKind, Pivot, PivotColumn, Table, TableRef, Unpivot, UnpivotColumn};
use crate::keywords::Keyword;
use crate::token::TokenKind;

impl Parser<'_> {
    pub(super) fn pivot_ahead(&self) -> bool {
        matches!(self.keyword(), Some(Keyword::Pivot | Keyword::Unpivot))
    }

    /// What the `PIVOT` or `UNPIVOT` here makes of a table.
    pub(super) fn pivot_of(&mut self, table: TableRef) -> Parse<Box<TableRef>> {
        let start = table.span.start;
        let pivot = self.is_word(Keyword::Pivot);
        self.advance();
        let pivoted = if pivot { self.pivot(table)? } else { self.unpivot(table)? };
        self.grow()?;
        Ok(self.unaliased(start, pivoted))
    }

    fn expect_parenthesis(&mut self) -> Parse<()> {
        if self.is(TokenKind::LParen) { Ok(()) } else { Err(self.unexpected("`(`")) }
    }

    fn pivot(&mut self, table: TableRef) -> Parse<Table> {
        let start = table.span.start;
        self.expect_parenthesis()?;
        let inner = self.enclosed(TokenKind::RParen, |parser| {
            let aggregates = parser.pivot_aggregates()?;
            parser.expect_word(Keyword::For)?;
            let mut columns = vec![parser.pivot_column()?];
            while !parser.is(TokenKind::RParen) && !parser.is_word(Keyword::Group) {
                columns.push(parser.pivot_column()?);
            }
            let grouped = parser.eat_words(&[Keyword::Group, Keyword::By]);
            let group_by = if grouped { parser.some_exprs()? } else { Vec::new() };
            Ok((aggregates, columns, group_by))
        })?;
        let (aggregates, columns, group_by) = inner.unwrap_or_default();
        let span = self.span(start);
        Ok(Table::Pivot(Box::new(Pivot { span, table, aggregates, columns, group_by })))
    }

    fn pivot_aggregates(&mut self) -> Parse<Vec<Expr>> {
        let mut aggregates = vec![self.expr()?];
        while self.eat(TokenKind::Comma) && !self.is_word(Keyword::For) {
            aggregates.push(self.expr()?);
        }
        Ok(aggregates)
    }

    fn pivot_column(&mut self) -> Parse<PivotColumn> {
        let start = self.start();
        let column = self.pivot_key()?;
        let values = self.pivot_values()?;
        Ok(PivotColumn { span: self.span(start), column, values })
    }

    /// A column, or a tuple of columns; one column in parentheses is a tuple too.
    fn pivot_key(&mut self) -> Parse<Expr> {
        if !self.is(TokenKind::LParen) {
            let outer = self.in_ends.replace(self.brackets);
            let key = self.expr();
            self.in_ends = outer;
            return key;
        }
        let start = self.start();
        let items = self.enclosed(TokenKind::RParen, Self::some_exprs)?;
        Ok(self.node(start, ExprKind::Tuple(items.unwrap_or_default())))
    }

    /// `IN (..)`
    fn pivot_values(&mut self) -> Parse<Vec<Expr>> {
        self.expect_word(Keyword::In)?;
        self.expect_parenthesis()?;
        let values = self.enclosed(TokenKind::RParen, Self::some_exprs)?;
        Ok(values.unwrap_or_default())
    }

    fn unpivot(&mut self, table: TableRef) -> Parse<Table> {
        let start = table.span.start;
        let include_nulls = self.eat_words(&[Keyword::Include, Keyword::Nulls]);
        self.expect_parenthesis()?;
        let columns = self.enclosed(TokenKind::RParen, |parser| {
            let mut columns = vec![parser.unpivot_column()?];
            while !parser.is(TokenKind::RParen) {
                columns.push(parser.unpivot_column()?);
            }
            Ok(columns)
        })?;
        let columns = columns.unwrap_or_default();
        let span = self.span(start);
        Ok(Table::Unpivot(Box::new(Unpivot { span, table, include_nulls, columns })))
    }

    fn unpivot_column(&mut self) -> Parse<UnpivotColumn> {
        let start = self.start();
        let value = self.pivot_key()?;
        self.expect_word(Keyword::For)?;
        let name = self.pivot_key()?;
        let sources = self.pivot_values()?;
        Ok(UnpivotColumn { span: self.span(start), value, name, sources })
    }
}
