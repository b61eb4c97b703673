//! Statements of Hog, which HogQL has only in the block that is a lambda's body.

use super::{Expr, Ident};
use crate::Span;

/// `{ statement; statement }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// Place in the text, braces included.
    pub span: Span,
    /// The statements, empty ones left out.
    pub statements: Vec<Statement>,
}

/// A statement with its place in the text.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// Place in the text; a `;` belongs to it only where the grammar says so.
    pub span: Span,
    /// What it is.
    pub kind: StatementKind,
}

/// The forms of a statement.
#[derive(Debug, Clone, PartialEq)]
pub enum StatementKind {
    /// `let name`, `let name := value`.
    Let {
        /// The variable's name.
        name: Ident,
        /// Its first value.
        value: Option<Expr>,
    },
    /// `target := value`; any expression may be the target.
    Assign {
        /// What gets the value.
        target: Expr,
        /// The value.
        value: Expr,
    },
    /// An expression on its own.
    Expr(Expr),
    /// `;` as the branch of an `if` or the body of a loop.
    Empty,
    /// `return`, `return value`.
    Return(Option<Expr>),
    /// `throw value`.
    Throw(Expr),
    /// `if (condition) then else otherwise`.
    If {
        /// Condition.
        condition: Expr,
        /// What runs if it holds.
        then: Box<Statement>,
        /// What runs if not.
        otherwise: Option<Box<Statement>>,
    },
    /// `while (condition) body`.
    While {
        /// Condition.
        condition: Expr,
        /// What is repeated.
        body: Box<Statement>,
    },
    /// `for (initial; condition; step) body`.
    For(Box<ForLoop>),
    /// `for (let key, value in items) body`.
    ForIn {
        /// The variable of the key, if written.
        key: Option<Ident>,
        /// The variable of the value.
        value: Ident,
        /// What is walked.
        items: Expr,
        /// What is repeated.
        body: Box<Statement>,
    },
    /// `try {..} catch (e: T) {..} finally {..}`.
    Try {
        /// What is tried.
        body: Block,
        /// What runs after an error.
        catches: Vec<Catch>,
        /// What runs in any case.
        finally: Option<Block>,
    },
    /// `fun name(params) {..}`.
    Function {
        /// The function's name.
        name: Ident,
        /// The names of its parameters.
        params: Vec<Ident>,
        /// Its body.
        body: Block,
    },
    /// A block in a block.
    Block(Block),
}

/// The parts of a loop with a counter; `initial` and `step` are declarations, assignments or expressions.
#[derive(Debug, Clone, PartialEq)]
pub struct ForLoop {
    /// What runs first.
    pub initial: Option<Statement>,
    /// What must hold for another round.
    pub condition: Option<Expr>,
    /// What runs after each round.
    pub step: Option<Statement>,
    /// What is repeated.
    pub body: Statement,
}

/// `catch {..}`, `catch (e) {..}`, `catch (e: T) {..}`.
#[derive(Debug, Clone, PartialEq)]
pub struct Catch {
    /// The variable of the error.
    pub variable: Option<Ident>,
    /// The type of the errors caught.
    pub class: Option<Ident>,
    /// What runs.
    pub body: Block,
}
