//! Diagnostics as JSON, for editors and the query API.

use crate::place::{Place, places};
use crate::{Diagnostic, Severity};

/// The diagnostics as a JSON array.
///
/// Each is an object with `code`, `severity` (`error` or `warning`), `message`, `start` and `end` (offsets in code
/// points), `line` and `column` of the start (both from 1, columns in code points), `label` and `hints`.
///
/// # Examples
///
/// ```
/// use hogql_syntax::{Diagnostic, Span, diagnostics_json};
///
/// let found = Diagnostic::error("H0001", Span::new(7, 8), "found a comma, expected an expression");
/// assert_eq!(
///     diagnostics_json("select , a", &[found]),
///     concat!(
///         r#"[{"code":"H0001","severity":"error","message":"found a comma, expected an expression","#,
///         r#""start":7,"end":8,"line":1,"column":8,"label":"","hints":[]}]"#,
///     )
/// );
/// ```
#[must_use]
pub fn diagnostics_json(source: &str, diagnostics: &[Diagnostic]) -> String {
    let offsets: Vec<usize> =
        diagnostics.iter().flat_map(|d| [d.span.range().start, d.span.range().end]).collect();
    let places = places(source, &offsets);
    let mut out = String::from("[");
    for (index, (diagnostic, place)) in diagnostics.iter().zip(places.chunks_exact(2)).enumerate() {
        let [start, end] = place else { continue };
        if index > 0 {
            out.push(',');
        }
        push_diagnostic(&mut out, diagnostic, *start, *end);
    }
    out.push(']');
    out
}

fn push_diagnostic(out: &mut String, diagnostic: &Diagnostic, start: Place, end: Place) {
    out.push_str("{\"code\":");
    push_text(out, diagnostic.code);
    out.push_str(",\"severity\":");
    push_text(out, severity(diagnostic.severity));
    out.push_str(",\"message\":");
    push_text(out, &diagnostic.message);
    let end = end.code_point.max(start.code_point);
    let Place { code_point, line, column } = start;
    out.push_str(&format!(
        ",\"start\":{code_point},\"end\":{end},\"line\":{line},\"column\":{column}"
    ));
    out.push_str(",\"label\":");
    push_text(out, &diagnostic.label);
    out.push_str(",\"hints\":[");
    for (index, hint) in diagnostic.hints.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        push_text(out, hint);
    }
    out.push_str("]}");
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn push_text(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Span;

    #[test]
    fn is_json_with_code_point_offsets() {
        let source = "select 'ü',\n  ?";
        let span = Span::new(15, 16);
        let found = Diagnostic::warning("H0002", span, "found \"?\"\u{1}")
            .with_label("here\\")
            .with_hint("quote it")
            .with_hint("or\nnot");
        let text = diagnostics_json(source, &[found.clone(), found]);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let first = &value[0];
        assert_eq!(first["message"], "found \"?\"\u{1}");
        assert_eq!(first["severity"], "warning");
        assert_eq!((&first["start"], &first["end"]), (&14.into(), &15.into()));
        assert_eq!((&first["line"], &first["column"]), (&2.into(), &3.into()));
        assert_eq!(first["hints"][1], "or\nnot");
        assert_eq!(value.as_array().unwrap().len(), 2);
    }

    #[test]
    fn spans_outside_the_text_are_moved_into_it() {
        let found = Diagnostic::error("H0001", Span::new(2, 900), "x");
        let text = diagnostics_json("äö", &[found]);
        assert!(text.contains("\"start\":1,\"end\":2"), "{text}");
    }
}
