//! Tokens to tree.
//!
//! A hand-written recursive descent, with a precedence climber for expressions ([`expr`]). Which reading an ambiguous
//! place has is settled by one pass over the tokens ([`input`]), by a token or two of lookahead, or, rarely, by trying
//! ([`choice`], [`search`]). After an error the parser goes on at the next item, clause or bracket, so one text may have several
//! diagnostics; the tree then holds error nodes.

mod call;
mod choice;
mod clauses;
mod columns;
mod cursor;
mod entry;
mod expr;
mod from;
mod infix;
mod input;
mod join;
mod lambda;
mod limit;
mod lists;
mod literal;
mod pivot;
mod postfix;
mod primary;
mod query;
mod search;
mod select;
mod special;
mod statement;
mod tag;
mod template;
mod type_name;
mod window;
mod words;

pub(crate) use entry::parse_template_entry;
pub use entry::{
    MAX_DEPTH, MAX_HEIGHT, MAX_TOKENS, Parsed, parse_expr, parse_order, parse_select,
    parse_template,
};

use std::cell::Cell;

use crate::Diagnostic;
use choice::Choices;
use input::Input;
use search::Search;

/// Either a piece of tree, or the news that an error has been noted and the caller must find its way.
type Parse<T> = Result<T, Stop>;

/// An error has been noted.
#[derive(Debug, Clone, Copy)]
struct Stop;

/// The state of one attempt at a text.
struct Parser<'a> {
    input: &'a Input<'a>,
    /// Index of the next token.
    at: usize,
    /// How many tokens lookahead has passed over.
    scanned: Cell<usize>,
    /// How deep the descent is.
    depth: usize,
    /// Height of the tallest tree finished in the expression at hand.
    height: usize,
    /// Whether the operator just applied added to a flat list and made the tree no taller.
    flattened: bool,
    choices: Choices,
    /// Set in an attempt that looks for a reading that fits.
    search: Option<Search>,
    /// In a search: stands for the rules at work, where each began, and what each has chosen.
    frame: u64,
    /// An item has choices inside and an alias without `AS`: the first readings may not be those to take.
    unsettled: bool,
    /// Whether to go on after an error.
    recovering: bool,
    /// What the text's grammar does not allow.
    errors: Vec<Diagnostic>,
    /// What the grammar allows and the dialect does not.
    refusals: Vec<Diagnostic>,
    /// Index of the token where the first error was met.
    failed_at: Option<usize>,
    /// Index of an `AS` that belongs to a `CAST` and begins no alias.
    cast_as: usize,
    /// Index before which names are no parameters of a lambda without parentheses.
    names_until: usize,
    /// How many brackets are open.
    brackets: usize,
    /// Inside so many brackets a `%` may end the expression at hand (`LIMIT 10 %`).
    percent_ends: Option<usize>,
    /// Inside so many brackets an `AS` may end the expression at hand (`INTERPOLATE (a AS b + 1)`, `CAST(a AS b AS t)`).
    as_ends: Option<usize>,
    /// Inside so many brackets an `AS` may end the expression at hand and name a member of `WITH`.
    cte_ends: Option<usize>,
    /// Inside so many brackets an `IN` ends the expression at hand (`PIVOT (.. FOR a IN (..))`).
    in_ends: Option<usize>,
}
