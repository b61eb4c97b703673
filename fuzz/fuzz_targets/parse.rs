//! No text makes the parser, the renderer or the JSON edge panic or run for long.

#![no_main]

use hogql_syntax::{
    RenderOptions, diagnostics_json, parse_expr, parse_order, parse_select, parse_template, render,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let select = parse_select(text);
    drop(render(text, "<fuzz>", &select.diagnostics, RenderOptions::default()));
    drop(diagnostics_json(text, &select.diagnostics));
    parse_expr(text);
    parse_order(text);
    parse_template(text);
});
