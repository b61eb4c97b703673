//! No text makes the parser, the renderer or the JSON of trees and diagnostics panic or run for long.

#![no_main]

use hogql_syntax::{
    Diagnostic, RenderOptions, diagnostics_json, json, parse_expr, parse_order, parse_select,
    parse_template, render,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    show(text, &parse_select(text).diagnostics);
    show(text, &parse_expr(text).diagnostics);
    show(text, &parse_order(text).diagnostics);
    show(text, &parse_template(text).diagnostics);
    for kind in ["select", "expr", "order", "template"] {
        drop(json::ast_json(kind, text));
    }
    drop(json::ast_json("template", &format!("F'{text}")));
});

/// Writes the findings in every form.
fn show(text: &str, diagnostics: &[Diagnostic]) {
    drop(render(text, "<fuzz>", diagnostics, RenderOptions::default()));
    drop(diagnostics_json(text, diagnostics));
}
