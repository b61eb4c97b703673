//! Diagnostics as text with the lines they speak of.

use std::ops::Range;

use annotate_snippets::{
    Annotation, AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet,
};

use crate::place::{Place, places};
use crate::{Diagnostic, Severity};

/// How diagnostics are rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RenderOptions {
    /// With terminal colours.
    pub color: bool,
}

/// How much of a line is shown before and after a mark, in bytes.
const AROUND: usize = 120;

/// How much of a marked text is shown, in bytes.
const LONGEST_MARK: usize = 1024;

/// Marks further apart than this are shown separately, in bytes.
const TOGETHER: usize = 4096;

/// The diagnostics, one after the other, each with the lines it marks.
///
/// `origin` names the text (a file, `<query>`). Spans may be wrong: they are moved into the text. Long lines are cut
/// around the marks.
///
/// # Examples
///
/// ```
/// use hogql_syntax::{Diagnostic, RenderOptions, Span, render};
///
/// let source = "select a\nfrom events whre 1";
/// let found = Diagnostic::error("H0001", Span::new(26, 27), "found a number, expected the end of the query")
///     .with_label("not expected here")
///     .with_secondary(Span::new(21, 25), "read as an alias")
///     .with_hint("write `where`");
/// let text = render(source, "query.sql", &[found], RenderOptions::default());
/// assert_eq!(
///     text,
///     "\
/// error[H0001]: found a number, expected the end of the query
///  --> query.sql:2:18
///   |
/// 2 | from events whre 1
///   |             ---- ^ not expected here
///   |             |
///   |             read as an alias
///   |
///   = help: write `where`
/// "
/// );
/// ```
#[must_use]
pub fn render(
    source: &str,
    origin: &str,
    diagnostics: &[Diagnostic],
    options: RenderOptions,
) -> String {
    let renderer = if options.color { Renderer::styled() } else { Renderer::plain() };
    let starts: Vec<usize> =
        diagnostics.iter().map(|diagnostic| diagnostic.span.range().start).collect();
    let mut out = String::new();
    for (diagnostic, place) in diagnostics.iter().zip(places(source, &starts)) {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&renderer.render(&[group(source, origin, diagnostic, place)]));
        out.push('\n');
    }
    out
}

fn group<'a>(source: &str, origin: &'a str, diagnostic: &'a Diagnostic, place: Place) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(diagnostic.message.as_str()).id(diagnostic.code);
    Group::with_title(title)
        .elements(elements(excerpts(source, marks(source, diagnostic)), origin, place))
        .elements(diagnostic.hints.iter().map(|hint| Level::HELP.message(hint.as_str())))
}

/// The excerpts below the place; a whole line tells its place itself, a cut one would tell a wrong column.
fn elements<'a>(excerpts: Vec<Excerpt<'a>>, origin: &'a str, place: Place) -> Vec<Element<'a>> {
    let mut elements = Vec::new();
    for (index, Excerpt { snippet, is_cut }) in excerpts.into_iter().enumerate() {
        match (index, is_cut) {
            (0, false) => elements.push(snippet.path(origin).into()),
            (0, true) => {
                elements
                    .push(Origin::path(origin).line(place.line).char_column(place.column).into());
                elements.push(snippet.into());
            }
            _ => elements.push(snippet.into()),
        }
    }
    elements
}

/// Lines of the text with marks.
struct Excerpt<'a> {
    snippet: Snippet<'a, Annotation<'a>>,
    /// Whether the first line does not begin where the text's line begins.
    is_cut: bool,
}

/// A place to mark and what to write there.
#[derive(Clone)]
struct Mark<'a> {
    kind: AnnotationKind,
    range: Range<usize>,
    label: &'a str,
}

/// The primary mark and then the others, all within the text and on character boundaries.
fn marks<'a>(source: &str, diagnostic: &'a Diagnostic) -> Vec<Mark<'a>> {
    let primary = (AnnotationKind::Primary, diagnostic.span, diagnostic.label.as_str());
    let others = diagnostic
        .secondary
        .iter()
        .map(|(span, text)| (AnnotationKind::Context, *span, text.as_str()));
    std::iter::once(primary)
        .chain(others)
        .map(|(kind, span, label)| Mark { kind, range: within(source, span.range()), label })
        .collect()
}

fn within(source: &str, range: Range<usize>) -> Range<usize> {
    let start = source.floor_char_boundary(range.start.min(source.len()));
    let end = range.end.clamp(start, source.len()).min(start + LONGEST_MARK);
    start..source.ceil_char_boundary(end)
}

/// One excerpt for marks that are close together, one for each that is far from the first.
fn excerpts<'a>(source: &str, marks: Vec<Mark<'a>>) -> Vec<Excerpt<'a>> {
    let first = marks.first().map_or(0, |mark| mark.range.start);
    let (near, far): (Vec<_>, Vec<_>) =
        marks.into_iter().partition(|mark| mark.range.start.abs_diff(first) < TOGETHER);
    let far = far.into_iter().map(|mark| vec![mark]);
    std::iter::once(near).chain(far).filter_map(|marks| excerpt(source, &marks)).collect()
}

/// The lines of the marks, cut at both ends if they are long.
fn excerpt<'a>(source: &str, marks: &[Mark<'a>]) -> Option<Excerpt<'a>> {
    let first = marks.iter().map(|mark| mark.range.start).min()?;
    let last = marks.iter().map(|mark| mark.range.end).max()?;
    let earliest = source.floor_char_boundary(first.saturating_sub(AROUND));
    let latest = source.ceil_char_boundary((last + AROUND).min(source.len()));
    let (before, after) = (source.get(earliest..first)?, source.get(last..latest)?);
    let start = before.rfind('\n').map_or(earliest, |at| earliest + at + 1);
    let end = after.find('\n').map_or(latest, |at| last + at);
    let is_cut = start == earliest && start > 0 && !source.get(..start)?.ends_with('\n');
    let lead = if is_cut { "…" } else { "" };
    let tail = if end == latest && end < source.len() { "…" } else { "" };
    let text = format!("{lead}{}{tail}", source.get(start..end)?);
    let line = source.get(..start)?.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let annotations = marks.iter().map(|mark| {
        let shift = |at: usize| at - start + lead.len();
        let annotation = mark.kind.span(shift(mark.range.start)..shift(mark.range.end));
        if mark.label.is_empty() { annotation } else { annotation.label(mark.label) }
    });
    let snippet =
        Snippet::source(text).line_start(line).annotations(annotations.collect::<Vec<_>>());
    Some(Excerpt { snippet, is_cut })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Span;

    fn text(source: &str, found: Diagnostic) -> String {
        render(source, "q", &[found], RenderOptions::default())
    }

    #[test]
    fn wrong_spans_do_no_harm() {
        for source in ["", "ü", "a\n", "\u{1F344}\u{1F344}\n\n", "a\r\nb\0\t"] {
            for start in 0..9 {
                for end in [0, 1, 3, 9, u32::MAX] {
                    let found = Diagnostic::error("H0001", Span::new(start, end), "m")
                        .with_label("l")
                        .with_secondary(Span::new(end, start), "s");
                    assert!(text(source, found).starts_with("error[H0001]: m\n"));
                }
            }
        }
    }

    #[test]
    fn the_end_of_the_text_can_be_marked() {
        let found = Diagnostic::error("H0001", Span::new(8, 8), "found the end").with_label("here");
        assert_eq!(
            text("select a", found),
            "error[H0001]: found the end\n --> q:1:9\n  |\n1 | select a\n  |         ^ here\n"
        );
    }

    #[test]
    fn long_lines_are_cut_around_the_mark() {
        let source = format!("select '{}' + ? + '{}'", "ä".repeat(1 << 20), "b".repeat(1 << 20));
        let at = source.find('?').unwrap() as u32;
        let found = Diagnostic::error("H0001", Span::new(at, at + 1), "found a question mark")
            .with_secondary(Span::new(0, 6), "in this query");
        let text = text(&source, found);
        assert!(text.len() < 2000, "{}", text.len());
        assert!(text.contains("' + ? + 'b"), "{text}");
        assert!(text.contains("in this query"), "{text}");
    }

    #[test]
    fn warnings_and_colours() {
        let found = Diagnostic::warning("H0009", Span::new(0, 1), "unused");
        let plain = text("a", found.clone());
        assert!(plain.starts_with("warning[H0009]: unused\n"));
        assert!(render("a", "q", &[found], RenderOptions { color: true }).contains("\u{1b}["));
    }
}
