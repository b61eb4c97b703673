//! No text makes the parser, the renderer or the JSON of trees and diagnostics panic or run for long.

#![no_main]

use hogql_syntax::{
    RenderOptions, diagnostics_json, json, parse_order, parse_select, parse_template, render,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let select = parse_select(text);
    drop(render(text, "<fuzz>", &select.diagnostics, RenderOptions::default()));
    drop(diagnostics_json(text, &select.diagnostics));
    drop(json::ast_json("select", text));
    drop(json::ast_json("expr", text));
    drop(parse_order(text));
    drop(parse_template(text));
});
