//! `hogql parse`.

use super::text::read;
use crate::args::{KindArg, ParseArgs};
use crate::failure::Failure;
use crate::output;
use hogql_syntax::json::ast_json;
use hogql_syntax::{Diagnostic, Severity, Span};
use std::io::{BufRead, BufReader, BufWriter, Write};

/// Prints syntax trees.
pub(crate) fn run(args: &ParseArgs) -> Result<(), Failure> {
    if args.jsonl {
        return lines();
    }
    let text = match &args.text {
        Some(text) => text.clone(),
        None => read("-")?,
    };
    let findings = findings(args.kind, &text);
    let wrong = findings.iter().any(|finding| finding.severity == Severity::Error);
    if !findings.is_empty() && !args.json {
        output::tell(&output::rendered(&text, "text", &findings));
    }
    if !wrong || args.json {
        output::print(&format!("{}\n", ast_json(name(args.kind), &entry(args.kind, &text))))?;
    }
    if wrong { Err(Failure::Reported) } else { Ok(()) }
}

fn findings(kind: KindArg, text: &str) -> Vec<Diagnostic> {
    match kind {
        KindArg::Select => hogql_syntax::parse_select(text).diagnostics,
        KindArg::Expr => hogql_syntax::parse_expr(text).diagnostics,
        KindArg::Order => hogql_syntax::parse_order(text).diagnostics,
        KindArg::Template => hogql_syntax::parse_template(text).diagnostics,
        KindArg::Program => {
            let whole = Span::new(0, u32::try_from(text.len()).unwrap_or(u32::MAX));
            vec![Diagnostic::error(
                "H0900",
                whole,
                "Hog programs are not supported; only queries and expressions are",
            )]
        }
    }
}

const fn name(kind: KindArg) -> &'static str {
    match kind {
        KindArg::Select => "select",
        KindArg::Expr => "expr",
        KindArg::Order => "order",
        KindArg::Template => "template",
        KindArg::Program => "program",
    }
}

/// The reference's entry point for templates wants `F'` in front.
fn entry(kind: KindArg, text: &str) -> String {
    if matches!(kind, KindArg::Template) { format!("F'{text}") } else { text.to_owned() }
}

/// A line of JSON for each `{"kind","hogql"}` line of stdin. Who asks line by line need not close stdin to be answered.
fn lines() -> Result<(), Failure> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut input = BufReader::new(std::io::stdin().lock());
    let mut line = String::new();
    for number in 1.. {
        let failed = |found: String| Failure::Usage(format!("stdin, line {number}: {found}"));
        line.clear();
        if input.read_line(&mut line).map_err(|error| failed(error.to_string()))? == 0 {
            break;
        }
        if !line.trim().is_empty() {
            let (kind, text) = question(&line).map_err(failed)?;
            writeln!(out, "{}", ast_json(&kind, &text))?;
        }
        if !input.buffer().contains(&b'\n') {
            out.flush()?;
        }
    }
    Ok(out.flush()?)
}

/// The kind, which need not be one that there is, and the text.
fn question(line: &str) -> Result<(String, String), String> {
    let value: serde_json::Value =
        serde_json::from_str(line).map_err(|error| format!("not JSON: {error}"))?;
    let field = |name: &str| {
        let text = value.get(name).and_then(serde_json::Value::as_str);
        text.map(str::to_owned).ok_or_else(|| format!("no text field `{name}`"))
    };
    Ok((field("kind")?, field("hogql")?))
}
