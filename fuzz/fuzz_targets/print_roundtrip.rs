//! What parses without an error is printed to a text that parses to the same tree.

#![no_main]

use hogql_syntax::ast::{self, Expr, ExprKind, Visitor};
use hogql_syntax::{Layout, parse_expr, parse_select, print_expr, print_query_as};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    check_expr(text);
    check_query(text);
});

/// Whether a part of the tree could not be read; there is no error where the dialect ignores that part.
#[derive(Default)]
struct Unread(bool);

impl Visitor for Unread {
    fn visit_expr(&mut self, expr: &Expr) {
        self.0 |= matches!(expr.kind, ExprKind::Error);
        ast::walk_expr(self, expr);
    }
}

fn check_expr(text: &str) {
    let parsed = parse_expr(text);
    let mut unread = Unread::default();
    unread.visit_expr(&parsed.tree);
    if !parsed.is_ok() || unread.0 {
        return;
    }
    let mut tree = parsed.tree;
    ast::erase_spans(&mut tree);
    let printed = print_expr(&tree);
    let again = parse_expr(&printed);
    assert!(again.is_ok(), "{text}\n{printed}\n{:?}", again.diagnostics);
    let mut back = again.tree;
    ast::erase_spans(&mut back);
    assert_eq!(format!("{tree:?}"), format!("{back:?}"), "{text}\n{printed}");
    assert_eq!(print_expr(&back), printed);
}

fn check_query(text: &str) {
    let parsed = parse_select(text);
    let mut unread = Unread::default();
    unread.visit_query(&parsed.tree);
    if !parsed.is_ok() || unread.0 {
        return;
    }
    let mut tree = parsed.tree;
    ast::erase_query_spans(&mut tree);
    for layout in [Layout::Line, Layout::Pretty] {
        let printed = print_query_as(&tree, layout);
        let again = parse_select(&printed);
        assert!(again.is_ok(), "{text}\n{printed}\n{:?}", again.diagnostics);
        let mut back = again.tree;
        ast::erase_query_spans(&mut back);
        assert_eq!(format!("{tree:?}"), format!("{back:?}"), "{text}\n{printed}");
        assert_eq!(print_query_as(&back, layout), printed);
    }
}
