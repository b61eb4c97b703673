//! The entry points.

use super::choice::Choices;
use super::input::Input;
use super::search::{self, Search};
use super::{Parse, Parser, Stop};
use crate::ast::{Expr, ExprKind, OrderItem, Query, QueryKind};
use crate::lexer::{Lexed, lex, lex_template};
use crate::token::TokenKind;
use crate::{Diagnostic, Severity, Span, codes};

/// How deep brackets, subqueries and prefix operators may nest.
pub const MAX_DEPTH: usize = 150;

/// How high a tree may grow. A chain such as `a + b + c` grows by one with each operator, a `FROM` with each join; lists
/// do not, nor do `AND`, `OR`, `||` and set operators.
pub const MAX_HEIGHT: usize = 400;

/// How many words, numbers, strings, operators and brackets a text may have.
///
/// A text of 1 MB has fewer, unless most of them are a character or two long. What may come of a text is bounded by
/// its tokens, not its bytes, and so are the time and the memory that this takes.
pub const MAX_TOKENS: usize = 250_000;

/// Longest text, in bytes.
const MAX_LENGTH: usize = u32::MAX as usize - 1;

/// What became of a text: a tree, which holds error nodes where the text could not be read, and what was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed<T> {
    /// The tree.
    pub tree: T,
    /// What was found, errors of the grammar first.
    pub diagnostics: Vec<Diagnostic>,
}

impl<T> Parsed<T> {
    /// Whether there are no errors; warnings do not count.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.first_error().is_none()
    }

    /// The first error, if there is one.
    #[must_use]
    pub fn first_error(&self) -> Option<&Diagnostic> {
        self.diagnostics.iter().find(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// The tree, if there are no errors.
    ///
    /// # Errors
    /// All diagnostics, if one of them is an error.
    pub fn into_result(self) -> Result<T, Vec<Diagnostic>> {
        if self.is_ok() { Ok(self.tree) } else { Err(self.diagnostics) }
    }
}

/// Reads one query: a `SELECT`, a set operation, `{placeholder}`, or a tag; one `;` may follow.
///
/// ```
/// let parsed = hogql_syntax::parse_select("select event, count() from events group by event");
/// assert!(parsed.is_ok());
/// ```
#[must_use]
pub fn parse_select(text: &str) -> Parsed<Query> {
    let failed = Query { span: whole(text), kind: QueryKind::Error };
    parse(text, failed, |parser| {
        let query = parser.top_query()?;
        parser.eat(TokenKind::Semicolon);
        parser.expect_end();
        Ok(query)
    })
}

/// Reads one expression, the whole text.
///
/// ```
/// use hogql_syntax::ast::ExprKind;
///
/// let parsed = hogql_syntax::parse_expr("properties.$browser = 'Chrome'");
/// assert!(matches!(parsed.tree.kind, ExprKind::Compare { .. }));
/// ```
#[must_use]
pub fn parse_expr(text: &str) -> Parsed<Expr> {
    parse(text, error_expr(text), |parser| {
        let expr = parser.expr()?;
        parser.expect_end();
        Ok(expr)
    })
}

/// Reads one item of `ORDER BY`; as in the reference, what stands behind a complete item is not looked at.
///
/// ```
/// let parsed = hogql_syntax::parse_order("timestamp desc");
/// assert!(parsed.tree.descending);
/// ```
#[must_use]
pub fn parse_order(text: &str) -> Parsed<OrderItem> {
    let whole_text = parse(text, error_order(text), |parser| {
        let item = parser.order_item()?;
        if parser.is(TokenKind::End) {
            Ok(item)
        } else {
            Err(parser.unexpected("the end of the text"))
        }
    });
    if whole_text.is_ok() {
        return whole_text;
    }
    parse(text, error_order(text), |parser| parser.order_item())
}

fn error_order(text: &str) -> OrderItem {
    let (span, expr) = (whole(text), error_expr(text));
    OrderItem { span, expr, descending: false, nulls_first: None, collate: None, with_fill: None }
}

/// Reads a template as people write it, `Hello {person.properties.name}`, without quotes around it.
///
/// ```
/// use hogql_syntax::ast::ExprKind;
///
/// let parsed = hogql_syntax::parse_template("Hello {name}");
/// assert!(matches!(parsed.tree.kind, ExprKind::Template(parts) if parts.len() == 2));
/// ```
#[must_use]
pub fn parse_template(text: &str) -> Parsed<Expr> {
    parse_lexed(text, lex_template(text), error_expr(text), |parser| parser.full_template())
}

/// Reads a template in the form that the reference's entry point wants, with `F'` in front.
#[must_use]
pub(crate) fn parse_template_entry(text: &str) -> Parsed<Expr> {
    parse(text, error_expr(text), |parser| {
        parser.expect(TokenKind::FullTemplateStart)?;
        parser.full_template()
    })
}

fn whole(text: &str) -> Span {
    Span::new(0, u32::try_from(text.len()).unwrap_or(u32::MAX))
}

fn error_expr(text: &str) -> Expr {
    Expr { span: whole(text), kind: ExprKind::Error }
}

fn parse<T>(text: &str, failed: T, rule: impl Fn(&mut Parser<'_>) -> Parse<T>) -> Parsed<T> {
    parse_lexed(text, lex(text), failed, rule)
}

/// Parses with the first reading of every choice, and, if that fails, looks for a reading that fits.
fn parse_lexed<T>(
    text: &str,
    lexed: Lexed,
    failed: T,
    rule: impl Fn(&mut Parser<'_>) -> Parse<T>,
) -> Parsed<T> {
    if !lexed.whole || text.len() > MAX_LENGTH {
        let message = format!(
            "the text is too long: at most {MAX_TOKENS} words, numbers, strings, operators and brackets"
        );
        let diagnostic = Diagnostic::error(codes::TOO_LONG, Span::default(), message);
        return Parsed { tree: failed, diagnostics: vec![diagnostic] };
    }
    let input = Input::new(text, lexed);
    let mut first = Parser::new(&input, Choices::default(), true);
    let tree = rule(&mut first);
    let settled = first.errors.is_empty() && !first.unsettled;
    if settled || first.choices.met() == 0 || input.has_errors() {
        return parsed(tree, first, failed);
    }
    if first.failed_at.is_some_and(|at| at > search::FAR) {
        return parsed(tree, first.gave_up(), failed);
    }
    match find_fitting(&input, &rule) {
        Found::Fitting(tree, parser) => parsed(Ok(tree), *parser, failed),
        Found::Furthest(furthest) => {
            let Furthest { at, choices, exhausted } = furthest;
            let (tree, last) = if first.failed_at.is_some_and(|failed_at| at > failed_at) {
                let mut further = Parser::new(&input, choices, true);
                (rule(&mut further), further)
            } else {
                (tree, first)
            };
            parsed(tree, if exhausted { last.gave_up() } else { last }, failed)
        }
    }
}

/// What came of looking for a reading that fits.
enum Found<'a, T> {
    /// It fits.
    Fitting(T, Box<Parser<'a>>),
    /// None was found.
    Furthest(Furthest),
}

/// Of the readings that do not fit the one that got furthest.
struct Furthest {
    /// The token where it failed.
    at: usize,
    choices: Choices,
    /// Whether not all readings have been tried.
    exhausted: bool,
}

fn find_fitting<'a, T>(
    input: &'a Input<'a>,
    rule: &impl Fn(&mut Parser<'_>) -> Parse<T>,
) -> Found<'a, T> {
    let mut parser = Parser::new(input, Choices::default(), false);
    parser.search = Some(Search::new(input.len()));
    if let Ok(tree) = parser.retried(rule) {
        return Found::Fitting(tree, Box::new(parser));
    }
    let search = parser.search.as_ref();
    Found::Furthest(Furthest {
        at: search.map_or(0, Search::furthest),
        exhausted: search.is_some_and(Search::is_exhausted),
        choices: parser.choices.into_kept(),
    })
}

impl Parser<'_> {
    /// Says that another reading than the one at hand may fit.
    fn gave_up(mut self) -> Self {
        let Some(first) = self.errors.first() else { return self };
        let message = "too many places of the text can be read in several ways to try all of them";
        let diagnostic = Diagnostic::error(codes::TOO_MANY_READINGS, first.span, message)
            .with_label("the reading that got furthest ends here")
            .with_hint("if nothing is wrong here, write words that are names in backticks, or put less into one query");
        self.errors.insert(0, diagnostic);
        self
    }
}

fn parsed<T>(tree: Result<T, Stop>, parser: Parser<'_>, failed: T) -> Parsed<T> {
    let (of_lexer, of_parser) = (parser.input.diagnostics.iter().cloned(), parser.errors);
    let mut diagnostics: Vec<_> = of_lexer.chain(of_parser).collect();
    diagnostics.sort_by_key(|diagnostic| diagnostic.span.start);
    diagnostics.extend(parser.refusals);
    Parsed { tree: tree.unwrap_or(failed), diagnostics }
}
