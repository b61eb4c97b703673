//! The text under construction and the small steps all printers share.

use super::Layout;
use super::edges::Edges;
use super::names::{self, Place};
use crate::ast::{Expr, ExprKind, Ident};

/// Collects the text.
pub(super) struct Writer {
    out: String,
    layout: Layout,
    depth: usize,
    in_interval: bool,
    before_in: bool,
    functions: bool,
    /// The alias that the next comparison begins with gets no parentheses.
    pub(super) bare_alias: bool,
}

/// One level of indentation.
const INDENT: &str = "    ";

impl Writer {
    pub(super) fn new(layout: Layout) -> Self {
        Self {
            out: String::new(),
            layout,
            depth: 0,
            in_interval: false,
            before_in: false,
            functions: false,
            bare_alias: false,
        }
    }

    /// A writer that prints operators as function calls.
    pub(super) fn new_functions(layout: Layout) -> Self {
        Self { functions: true, ..Self::new(layout) }
    }

    /// Whether operators are printed as function calls.
    pub(super) fn in_functions(&self) -> bool {
        self.functions
    }

    pub(super) fn finish(self) -> String {
        self.out
    }

    /// Appends text as it is.
    pub(super) fn push(&mut self, text: &str) {
        self.out.push_str(text);
    }

    /// Starts the content of a clause: below its keyword when pretty, else after a blank.
    pub(super) fn clause_content(&mut self, content: impl FnOnce(&mut Self)) {
        self.depth += 1;
        self.break_or(" ");
        content(self);
        self.depth -= 1;
    }

    /// A new line at the present depth when pretty, else the given text.
    pub(super) fn break_or(&mut self, otherwise: &str) {
        if self.layout == Layout::Line {
            self.out.push_str(otherwise);
            return;
        }
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n(INDENT, self.depth));
    }

    /// The items between commas, on one line.
    pub(super) fn list<T>(&mut self, items: &[T], mut item: impl FnMut(&mut Self, &T)) {
        for (index, value) in items.iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            item(self, value);
        }
    }

    /// The items of a clause between commas, each on its line when pretty.
    pub(super) fn clause_list<T>(&mut self, items: &[T], mut item: impl FnMut(&mut Self, &T)) {
        for (index, value) in items.iter().enumerate() {
            if index > 0 {
                self.push(",");
                self.break_or(" ");
            }
            item(self, value);
        }
    }

    /// The items between parentheses.
    pub(super) fn parenthesised_list<T>(&mut self, items: &[T], item: impl FnMut(&mut Self, &T)) {
        self.push("(");
        self.list(items, item);
        self.push(")");
    }

    /// `(content)`, the content on lines of its own when pretty.
    pub(super) fn parenthesised_block(&mut self, content: impl FnOnce(&mut Self)) {
        self.push("(");
        self.depth += 1;
        self.break_or("");
        content(self);
        self.depth -= 1;
        self.break_or("");
        self.push(")");
    }

    /// Puts parentheses around what the step writes, if what it tells of its text asks for them.
    pub(super) fn wrap_unless(&mut self, holds: impl Fn(Edges) -> bool, e: &Expr) -> Edges {
        let start = self.mark();
        let edges = self.expr(e);
        if holds(edges) {
            return edges;
        }
        self.wrap_since(start)
    }

    /// The present end of the text.
    pub(super) fn mark(&self) -> usize {
        self.out.len()
    }

    /// What was written after the mark.
    pub(super) fn since(&self, mark: usize) -> &str {
        self.out.get(mark..).unwrap_or_default()
    }

    /// A blank, if anything was written after the mark.
    pub(super) fn space_since(&mut self, mark: usize) {
        if self.mark() > mark {
            self.push(" ");
        }
    }

    /// Puts parentheses around what was written after the mark.
    pub(super) fn wrap_since(&mut self, mark: usize) -> Edges {
        self.out.insert(mark, '(');
        self.out.push(')');
        Edges::CLOSED
    }

    /// Replaces the text that stands at the mark.
    pub(super) fn replace_at(&mut self, mark: usize, old: &str, new: &str) {
        self.out.replace_range(mark..mark + old.len(), new);
    }

    /// An expression where anything may stand.
    pub(super) fn any_expr(&mut self, e: &Expr) {
        self.expr(e);
    }

    /// The expressions between commas.
    pub(super) fn exprs(&mut self, items: &[Expr]) {
        self.list(items, Self::any_expr);
    }

    /// An expression whose two ends must hold at `level`.
    pub(super) fn operand(&mut self, e: &Expr, level: u8) -> Edges {
        self.wrap_unless(|edges| edges.left >= level && edges.right >= level, e)
    }

    /// A left operand: its right end must hold at `level`; its left end is the caller's.
    pub(super) fn left_operand(&mut self, e: &Expr, level: u8) -> Edges {
        self.wrap_unless(|edges| edges.right >= level, e)
    }

    /// A member of a flattened chain, kept apart from a nested chain of the same operator.
    pub(super) fn chain_member(
        &mut self,
        parent: &ExprKind,
        e: &Expr,
        level: u8,
        first: bool,
    ) -> Edges {
        let nested = super::edges::same_chain(parent, &e.kind);
        self.wrap_unless(
            |edges| !nested && edges.right >= level && (first || edges.left > level),
            e,
        )
    }

    /// Runs the step with units quoted.
    pub(super) fn within_interval(&mut self, step: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.in_interval, true);
        step(self);
        self.in_interval = before;
    }

    /// Runs the step with parentheses around each operand that is an `IN`.
    pub(super) fn before_in(&mut self, step: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.before_in, true);
        step(self);
        self.before_in = before;
    }

    /// Whether an `IN` without parentheses would end the expression.
    pub(super) fn in_ends(&self) -> bool {
        self.before_in
    }

    /// A name at the given place.
    pub(super) fn name(&mut self, name: &str, place: Place) {
        let place = match place {
            _ if self.functions => Place::Column,
            Place::Head if self.in_interval => Place::Strict,
            _ => place,
        };
        names::push_name(&mut self.out, name, place);
    }

    /// A name that something is given.
    pub(super) fn alias(&mut self, ident: &Ident) {
        self.name(&ident.value, Place::Alias);
    }

    /// `a.b.c`.
    pub(super) fn chain(&mut self, chain: &[Ident]) {
        for (index, ident) in chain.iter().enumerate() {
            if index == 0 {
                self.name(&ident.value, Place::Head);
            } else {
                self.push(".");
                self.name(&ident.value, Place::Member);
            }
        }
    }

    /// A string literal.
    pub(super) fn string(&mut self, text: &str) {
        names::push_string(&mut self.out, text);
    }

    /// A float.
    pub(super) fn float(&mut self, value: f64) {
        names::push_float(&mut self.out, value);
    }

    /// The literal text of a template.
    pub(super) fn template_text(&mut self, text: &str) {
        names::push_template_text(&mut self.out, text);
    }

    /// A name between quotes of the given kind, whatever it is.
    pub(super) fn quoted(&mut self, name: &str, quote: char) {
        names::push_quoted(&mut self.out, name, quote);
    }
}
