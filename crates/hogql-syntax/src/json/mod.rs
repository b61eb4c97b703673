//! The tree as JSON, in the words of the reference parser.
//!
//! This edge mimics the reference: it lowers `a ?? b` to a call of `ifNull`, leaves out what the reference drops
//! (`NULLS FIRST`, `COLLATE`, ..), and counts positions in code points.

mod call;
mod expr;
mod from;
mod node;
mod positions;
mod query;
mod statement;
mod value;

use crate::parser::{Parsed, parse_expr, parse_order, parse_select, parse_template_entry};
use crate::{Diagnostic, ErrorKind, Span, codes};
use node::Writer;
use value::Value;

/// Parses a text of one of the kinds `select`, `expr`, `order`, `template` (with `F'` in front) or `program`, and gives
/// one line: the tree as the reference parser prints it, or `{"error":true,"type":..,"message":..,"start":..,"end":..}`.
///
/// ```
/// let line = hogql_syntax::json::ast_json("expr", "a");
/// assert!(line.contains(r#""chain":["a"]"#));
/// ```
#[must_use]
pub fn ast_json(kind: &str, text: &str) -> String {
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let value = match kind {
        "select" => line(text, &parse_select(text), |writer, query| writer.query(query)),
        "expr" => line(text, &parse_expr(text), |writer, expr| writer.expr(expr)),
        "order" => line(text, &parse_order(text), |writer, item| writer.order_item(item)),
        "template" => line(text, &parse_template_entry(text), |writer, expr| writer.expr(expr)),
        "program" => {
            refusal(text, "Hog programs are not supported; only queries and expressions are")
        }
        other => refusal(text, &format!("there is no kind `{other}`")),
    };
    let mut out = String::new();
    value.write(&mut out);
    out
}

/// The reference drops it before it counts.
const BYTE_ORDER_MARK: char = '\u{feff}';

fn line<T>(text: &str, parsed: &Parsed<T>, write: fn(&Writer<'_>, &T) -> Value) -> Value {
    match parsed.first_error() {
        Some(error) => error_value(text, error),
        None => write(&Writer::new(text), &parsed.tree),
    }
}

fn refusal(text: &str, message: &str) -> Value {
    let diagnostic = Diagnostic::error(codes::PROGRAM, Span::default(), message);
    error_value(text, &Diagnostic { kind: ErrorKind::NotImplemented, ..diagnostic })
}

fn error_value(text: &str, diagnostic: &Diagnostic) -> Value {
    let class = match diagnostic.kind {
        ErrorKind::Syntax => "SyntaxError",
        ErrorKind::NotImplemented => "NotImplementedError",
        ErrorKind::Parsing => "ParsingError",
    };
    let mut fields = vec![
        ("error".to_owned(), Value::Bool(true)),
        ("type".to_owned(), Value::text(class)),
        ("message".to_owned(), Value::text(diagnostic.message.clone())),
    ];
    fields.extend(positions::error_span(text, diagnostic.span));
    Value::Object(fields)
}
