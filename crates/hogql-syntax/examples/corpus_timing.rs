//! Seconds to parse the texts of a corpus file: `corpus_timing FILE [ROUNDS]`.
//!
//! Each line of the file is a JSON object with `kind` (`select`, `expr`; others are skipped) and `hogql`. Prints one
//! JSON object: the number of texts, their bytes, and the seconds of each round, to the tree and to the tree's JSON.

#![expect(clippy::print_stdout, reason = "an example prints its result")]

use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

use hogql_syntax::json::ast_json;
use hogql_syntax::{parse_expr, parse_select};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("usage: corpus_timing FILE [ROUNDS]")?;
    let rounds = arguments.next().map_or(Ok(10), |rounds| rounds.parse::<usize>())?;
    let texts = texts(&std::fs::read_to_string(path)?)?;
    let to_tree: Vec<f64> = (0..rounds).map(|_| round(&texts, parse)).collect();
    let to_json: Vec<f64> = (0..rounds).map(|_| round(&texts, parse_to_json)).collect();
    let bytes: usize = texts.iter().map(|(_, text)| text.len()).sum();
    let count = texts.len();
    println!("{}", json!({"texts": count, "bytes": bytes, "tree": to_tree, "json": to_json}));
    Ok(())
}

/// Whether it is a whole query, and the text.
type Text = (bool, String);

fn texts(lines: &str) -> Result<Vec<Text>, Box<dyn Error>> {
    let mut texts = Vec::new();
    for line in lines.lines() {
        let value: Value = serde_json::from_str(line)?;
        let text = value["hogql"].as_str().ok_or("a line has no text")?;
        match value["kind"].as_str() {
            Some("select") => texts.push((true, text.to_string())),
            Some("expr") => texts.push((false, text.to_string())),
            _ => {}
        }
    }
    Ok(texts)
}

fn round(texts: &[Text], parse: fn(&Text)) -> f64 {
    let start = Instant::now();
    texts.iter().for_each(parse);
    start.elapsed().as_secs_f64()
}

fn parse((is_query, text): &Text) {
    if *is_query {
        drop(black_box(parse_select(text)));
    } else {
        drop(black_box(parse_expr(text)));
    }
}

fn parse_to_json((is_query, text): &Text) {
    drop(black_box(ast_json(if *is_query { "select" } else { "expr" }, text)));
}
