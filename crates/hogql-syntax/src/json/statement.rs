//! Statements.

use super::node::{Writer, names};
use super::value::Value;
use crate::ast::{Block, Catch, ForLoop, Ident, Statement, StatementKind};

impl Writer<'_> {
    pub(super) fn block(&self, block: &Block) -> Value {
        let statements = block.statements.iter().map(|statement| self.statement(statement));
        let fields = vec![("declarations", Value::List(statements.collect()))];
        self.node("Block", block.span, fields)
    }

    fn statement(&self, statement: &Statement) -> Value {
        let (name, fields) = match &statement.kind {
            StatementKind::Let { name, value } => (
                "VariableDeclaration",
                vec![("name", text(name)), ("expr", self.optional(value.as_ref()))],
            ),
            StatementKind::Assign { target, value } => (
                "VariableAssignment",
                vec![("left", self.expr(target)), ("right", self.expr(value))],
            ),
            StatementKind::Expr(expr) => ("ExprStatement", vec![("expr", self.expr(expr))]),
            StatementKind::Empty => ("ExprStatement", vec![("expr", Value::Null)]),
            StatementKind::Return(value) => {
                ("ReturnStatement", vec![("expr", self.optional(value.as_ref()))])
            }
            StatementKind::Throw(value) => ("ThrowStatement", vec![("expr", self.expr(value))]),
            StatementKind::Function { name, params, body } => (
                "Function",
                vec![("name", text(name)), ("params", names(params)), ("body", self.block(body))],
            ),
            StatementKind::Block(block) => return self.block(block),
            branching => self.branching(branching),
        };
        self.node(name, statement.span, fields)
    }

    fn branching(&self, kind: &StatementKind) -> (&'static str, Vec<(&'static str, Value)>) {
        match kind {
            StatementKind::If { condition, then, otherwise } => {
                let otherwise = otherwise.as_ref().map(|statement| self.statement(statement));
                let fields = vec![
                    ("expr", self.expr(condition)),
                    ("then", self.statement(then)),
                    ("else_", Value::or_null(otherwise)),
                ];
                ("IfStatement", fields)
            }
            StatementKind::While { condition, body } => (
                "WhileStatement",
                vec![("expr", self.expr(condition)), ("body", self.statement(body))],
            ),
            StatementKind::For(parts) => ("ForStatement", self.for_loop(parts)),
            StatementKind::ForIn { key, value, items, body } => {
                let fields = vec![
                    ("keyVar", Value::or_null(key.as_ref().map(text))),
                    ("valueVar", text(value)),
                    ("expr", self.expr(items)),
                    ("body", self.statement(body)),
                ];
                ("ForInStatement", fields)
            }
            StatementKind::Try { body, catches, finally } => {
                let finally = finally.as_ref().map(|block| self.block(block));
                let catches = catches.iter().map(|catch| self.catch(catch)).collect();
                let fields = vec![
                    ("try_stmt", self.block(body)),
                    ("catches", Value::List(catches)),
                    ("finally_stmt", Value::or_null(finally)),
                ];
                ("TryCatchStatement", fields)
            }
            _ => ("ExprStatement", vec![("expr", Value::Null)]),
        }
    }

    fn for_loop(&self, parts: &ForLoop) -> Vec<(&'static str, Value)> {
        vec![
            ("initializer", self.for_part(parts.initial.as_ref())),
            ("condition", self.optional(parts.condition.as_ref())),
            ("increment", self.for_part(parts.step.as_ref())),
            ("body", self.statement(&parts.body)),
        ]
    }

    /// An expression stands here for itself.
    fn for_part(&self, part: Option<&Statement>) -> Value {
        Value::or_null(part.map(|part| match &part.kind {
            StatementKind::Expr(expr) => self.expr(expr),
            _ => self.statement(part),
        }))
    }

    fn catch(&self, catch: &Catch) -> Value {
        let name = |name: &Option<Ident>| Value::or_null(name.as_ref().map(text));
        Value::List(vec![name(&catch.variable), name(&catch.class), self.block(&catch.body)])
    }
}

fn text(name: &Ident) -> Value {
    Value::text(name.value.clone())
}
