//! Blocks of statements.
//!
//! A `;` ends each statement of a block: with one in it a block cannot be read as an expression.

use super::edges::{self, Edges};
use super::writer::Writer;
use crate::ast::{Block, Catch, Expr, ExprKind, ForLoop, Statement, StatementKind};

impl Writer {
    /// `{ statement; statement; }`
    pub(super) fn block(&mut self, block: &Block) {
        self.push("{ ");
        if block.statements.is_empty() {
            self.push("; ");
        }
        for statement in &block.statements {
            self.statement(statement);
            let ends = !matches!(statement.kind, StatementKind::Let { .. });
            self.push(if ends { " " } else { "; " });
        }
        self.push("}");
    }

    fn statement(&mut self, statement: &Statement) {
        match &statement.kind {
            StatementKind::Let { .. } => self.part(statement),
            StatementKind::Assign { .. } | StatementKind::Expr(_) => {
                self.part(statement);
                self.push(";");
            }
            StatementKind::Empty => self.push(";"),
            StatementKind::Return(value) => {
                self.push("return");
                self.after(" ", value.as_ref());
                self.push(";");
            }
            StatementKind::Throw(value) => {
                self.after("throw ", Some(value));
                self.push(";");
            }
            StatementKind::Function { name, params, body } => {
                self.push("fun ");
                self.alias(name);
                self.parenthesised_list(params, Self::alias);
                self.push(" ");
                self.block(body);
            }
            StatementKind::Block(block) => self.block(block),
            branching => self.branching(branching),
        }
    }

    fn branching(&mut self, kind: &StatementKind) {
        match kind {
            StatementKind::If { condition, then, otherwise } => {
                self.head("if (", condition);
                self.statement(then);
                if let Some(otherwise) = otherwise {
                    self.push(" else ");
                    self.statement(otherwise);
                }
            }
            StatementKind::While { condition, body } => {
                self.head("while (", condition);
                self.statement(body);
            }
            StatementKind::For(parts) => self.for_loop(parts),
            StatementKind::ForIn { key, value, items, body } => {
                self.push("for (let ");
                if let Some(key) = key {
                    self.alias(key);
                    self.push(", ");
                }
                self.alias(value);
                self.head(" in ", items);
                self.statement(body);
            }
            StatementKind::Try { body, catches, finally } => {
                self.push("try ");
                self.block(body);
                catches.iter().for_each(|catch| self.catch(catch));
                if let Some(finally) = finally {
                    self.push(" finally ");
                    self.block(finally);
                }
            }
            _ => {}
        }
    }

    /// The condition of a branch or loop, up to its parenthesis.
    fn head(&mut self, before: &str, condition: &Expr) {
        self.after(before, Some(condition));
        self.push(") ");
    }

    /// The expression, if there is one, behind the text.
    fn after(&mut self, text: &str, expr: Option<&Expr>) {
        if let Some(expr) = expr {
            self.push(text);
            self.any_expr(expr);
        }
    }

    fn for_loop(&mut self, parts: &ForLoop) {
        self.push("for (");
        parts.initial.iter().for_each(|part| self.part(part));
        self.push(";");
        self.after(" ", parts.condition.as_ref());
        self.push(";");
        if let Some(step) = &parts.step {
            self.push(" ");
            self.part(step);
        }
        self.push(") ");
        self.statement(&parts.body);
    }

    fn catch(&mut self, catch: &Catch) {
        self.push(" catch ");
        if let Some(variable) = &catch.variable {
            self.push("(");
            self.alias(variable);
            if let Some(class) = &catch.class {
                self.push(": ");
                self.alias(class);
            }
            self.push(") ");
        }
        self.block(&catch.body);
    }

    /// What may also stand in the head of a loop.
    fn part(&mut self, part: &Statement) {
        match &part.kind {
            StatementKind::Let { name, value } => {
                self.push("let ");
                self.alias(name);
                self.after(" := ", value.as_ref());
            }
            StatementKind::Assign { target, value } => {
                self.first(target, |edges| edges.right >= edges::POSTFIX);
                self.after(" := ", Some(value));
            }
            StatementKind::Expr(expr) => self.first(expr, |_| true),
            _ => {}
        }
    }

    /// The expression that a statement begins with: in parentheses if it would read as another statement.
    fn first(&mut self, expr: &Expr, holds: impl Fn(Edges) -> bool) {
        let start = self.mark();
        let edges = self.expr(expr);
        let named = matches!(expr.kind, ExprKind::NamedArgument { .. });
        // Braces would begin a block; of the words that begin statements, `if` alone is called without quotes.
        let misread = ["{", "if("].iter().any(|begin| self.since(start).starts_with(begin));
        if named || misread || !holds(edges) {
            self.wrap_since(start);
        }
    }
}
