//! Constructs that begin with a word which may as well be a name: `NOT`, `CASE`, `INTERVAL`, `CAST`, `TRIM`, ..

use super::infix::level;
use super::{Parse, Parser};
use crate::ast::{CastStyle, Expr, ExprKind, IntervalUnit, Literal, TrimSide};
use crate::keywords::Keyword;
use crate::token::TokenKind;
use crate::{Diagnostic, ErrorKind, Span, codes};

impl Parser<'_> {
    /// The construct that a keyword begins, or else the name that it is.
    pub(super) fn special(&mut self, keyword: Keyword) -> Parse<Expr> {
        match keyword {
            Keyword::Not if self.begins_not() => self.not(),
            Keyword::Case if self.begins_case() => self.case(),
            Keyword::Interval if self.nth(1).kind == TokenKind::String => self.interval_of_string(),
            Keyword::Interval if self.begins_interval() => self.interval(),
            Keyword::Cast | Keyword::TryCast if self.begins_cast() => self.cast(keyword),
            Keyword::Trim if self.begins_trim() => self.trim(),
            Keyword::Columns if self.nth(1).kind == TokenKind::LParen => self.columns(),
            Keyword::Substring if self.has_from_in_call() && self.choose(2) == 0 => {
                self.substring()
            }
            Keyword::Extract if self.has_from_in_call() && self.choose(2) == 0 => self.extract(),
            Keyword::Date | Keyword::Timestamp if self.nth(1).kind == TokenKind::String => {
                self.date(keyword)
            }
            _ => self.name(),
        }
    }

    /// Whether an operand follows the word here, so that it begins a construct; what is unclear is chosen.
    fn begins_construct(&mut self, ahead: usize) -> bool {
        self.starts_operand(ahead) && (self.starts_plainly(ahead) || self.choose(2) == 0)
    }

    /// `not (a)` is a call of the function `not`, unless the parentheses hold what no arguments can be.
    fn begins_not(&mut self) -> bool {
        if self.nth(1).kind != TokenKind::LParen {
            return self.begins_construct(1);
        }
        self.at += 1;
        let operand = self.lambda_parameters_ahead() || self.replaced_star_ahead();
        let query = matches!(self.nth(1).keyword, Some(Keyword::Select | Keyword::With))
            && self.starts_operand(2);
        let longer_query = self.input.holds_query(self.at) && self.goes_on_as_query_only(1);
        self.at -= 1;
        operand || query || longer_query
    }

    /// Whether a clause of queries stands behind the bracket so many tokens ahead. `ORDER BY` may be one of calls, which
    /// has precedence.
    fn goes_on_as_query_only(&mut self, ahead: usize) -> bool {
        let Some(close) = self.input.close(self.at + ahead) else { return false };
        let order = self.input.token(close + 1).keyword == Some(Keyword::Order);
        self.input.is_of_query(close + 1) && (!order || self.choose(2) == 1)
    }

    fn begins_case(&mut self) -> bool {
        let nested = self.at.checked_sub(1).and_then(|before| self.input.token(before).keyword)
            == Some(Keyword::Case);
        !nested && self.are_words(&[Keyword::Case, Keyword::When]) && self.starts_plainly(2)
            || self.starts_operand(1) && self.choose(2) == 0
    }

    fn begins_interval(&mut self) -> bool {
        self.nth(1).is_number() || self.starts_operand(1) && self.choose(2) == 0
    }

    /// Whether the `WHEN` here is the first branch rather than the value to compare.
    fn begins_branch(&mut self) -> bool {
        self.is_word(Keyword::When)
            && self.starts_operand(1)
            && (self.starts_plainly(1) || self.choose(2) == 0)
    }

    fn not(&mut self) -> Parse<Expr> {
        let start = self.start();
        self.advance();
        let operand = self.expr_from(level::NOT)?;
        Ok(self.node(start, ExprKind::Not(Box::new(operand))))
    }

    fn case(&mut self) -> Parse<Expr> {
        let start = self.start();
        self.advance();
        let operand = if self.begins_branch() { None } else { Some(Box::new(self.expr()?)) };
        let mut branches = Vec::new();
        while branches.is_empty() || self.is_word(Keyword::When) {
            self.expect_word(Keyword::When)?;
            let when = self.expr()?;
            self.expect_word(Keyword::Then)?;
            branches.push((when, self.expr()?));
        }
        let otherwise =
            if self.eat_word(Keyword::Else) { Some(Box::new(self.expr()?)) } else { None };
        self.expect_word(Keyword::End)?;
        Ok(self.node(start, ExprKind::Case { operand, branches, otherwise }))
    }

    /// `INTERVAL e unit`
    fn interval(&mut self) -> Parse<Expr> {
        let start = self.start();
        self.advance();
        let value = Box::new(self.expr()?);
        let Some(unit) = self.keyword().and_then(unit_of) else {
            return Err(
                self.unexpected("a unit: second, minute, hour, day, week, month, quarter or year")
            );
        };
        self.advance();
        Ok(self.node(start, ExprKind::Interval { value, unit, from_string: false }))
    }

    /// Whether the string behind `INTERVAL` is its value, and the unit stands behind that.
    fn interval_has_value(&mut self, unit_follows: bool) -> bool {
        if unit_follows { self.choose(2) == 0 } else { self.peeks_infix(2) && self.choose(2) == 1 }
    }

    /// `INTERVAL '1 day'`, or an interval whose value begins with a string.
    fn interval_of_string(&mut self) -> Parse<Expr> {
        let unit_follows = self.nth(2).keyword.is_some_and(Keyword::is_interval_unit);
        if self.interval_has_value(unit_follows) {
            return self.interval();
        }
        let start = self.start();
        self.advance();
        let span = self.token().span;
        let text = self.string_value();
        let (count, unit) = match interval_text(&text) {
            Ok(interval) => interval,
            Err(problem) => {
                let diagnostic = Diagnostic::error(codes::INTERVAL, span, problem)
                    .with_hint("write a count and a unit, `interval '1 day'`, or `interval 1 day`");
                self.refuse(ErrorKind::NotImplemented, diagnostic);
                return Ok(self.node(start, ExprKind::Error));
            }
        };
        let value = Expr {
            span: interval_count(span, &text),
            kind: ExprKind::Literal(Literal::Integer(count)),
        };
        Ok(self.node(start, ExprKind::Interval { value: Box::new(value), unit, from_string: true }))
    }

    /// Whether the call here is a `CAST`: its reading as a call has precedence only as a window function.
    fn begins_cast(&mut self) -> bool {
        let Some((found, close)) = self.find_cast_as() else { return false };
        let behind = self.input.token(close + 1).keyword;
        if matches!(behind, Some(Keyword::Over | Keyword::Filter)) {
            return self.choose(2) == 1;
        }
        self.cast_clear(found, close) || self.choose(2) == 0
    }

    /// Index of the last `AS` with the name of a type behind it, and of the parenthesis that closes the call here.
    fn find_cast_as(&self) -> Option<(usize, usize)> {
        let found = self.find_in_call(Keyword::As)?;
        let close = self.input.close(self.at + 1)?;
        self.input.token(found + 1).is_name().then_some((found, close))
    }

    /// Whether there is one `AS`, with a type of one word behind it, and nothing that only a call may have.
    fn cast_clear(&self, found: usize, close: usize) -> bool {
        let parameters = self.input.close(found + 2).is_some_and(|end| end + 1 == close);
        let mut words = (found + 2 == close || parameters) && !self.distinct_at(2);
        let mut at = self.at + 2;
        while words && at < found {
            let token = self.input.token(at);
            words = token.kind != TokenKind::Comma && token.keyword != Some(Keyword::As);
            at = self.over(at);
        }
        words
    }

    fn distinct_at(&self, ahead: usize) -> bool {
        self.nth(ahead).keyword == Some(Keyword::Distinct)
    }

    fn has_from_in_call(&self) -> bool {
        self.find_in_call(Keyword::From).is_some()
    }

    /// Index of the last such keyword between the parentheses that follow the word here, inner brackets left out.
    fn find_in_call(&self, keyword: Keyword) -> Option<usize> {
        if self.nth(1).kind != TokenKind::LParen {
            return None;
        }
        let close = self.input.close(self.at + 1)?;
        let first = self.at + 2;
        self.find_between(first, close, |parser, at| {
            let found = at > first && parser.input.token(at).keyword == Some(keyword);
            found && parser.separates(keyword, at)
        })
    }

    /// Whether a keyword in a call can stand between two parts of a construct.
    fn separates(&self, keyword: Keyword, at: usize) -> bool {
        let behind = self.input.token(at + 1);
        if keyword == Keyword::As {
            return behind.is_name() || behind.kind == TokenKind::String;
        }
        let word = |back: usize| at.checked_sub(back).and_then(|at| self.input.token(at).keyword);
        let is_distinct = word(1) == Some(Keyword::Distinct)
            && matches!(word(2), Some(Keyword::Is | Keyword::Not));
        !is_distinct && behind.kind != TokenKind::RParen
    }

    fn find_between(
        &self,
        from: usize,
        to: usize,
        fits: impl Fn(&Self, usize) -> bool,
    ) -> Option<usize> {
        let mut found = None;
        let mut at = from;
        while at < to {
            if fits(self, at) {
                found = Some(at);
            }
            at = self.over(at);
        }
        found
    }

    fn cast(&mut self, keyword: Keyword) -> Parse<Expr> {
        let start = self.start();
        let style = if keyword == Keyword::Cast { CastStyle::Cast } else { CastStyle::TryCast };
        let clear = self.find_cast_as().filter(|&(found, close)| self.cast_clear(found, close));
        self.advance();
        let inner = self.enclosed(TokenKind::RParen, |parser| {
            let expr = Box::new(parser.cast_value(clear.map(|(found, _)| found))?);
            parser.expect_word(Keyword::As)?;
            Ok(ExprKind::Cast { expr, type_name: parser.long_type()?, style })
        })?;
        Ok(self.node(start, inner.unwrap_or(ExprKind::Error)))
    }

    /// The value to cast, up to the `AS` at an index, or up to any one behind which a type stands.
    fn cast_value(&mut self, cast_as: Option<usize>) -> Parse<Expr> {
        let Some(cast_as) = cast_as else { return self.expr_before_as() };
        let outer = std::mem::replace(&mut self.cast_as, cast_as);
        let value = self.expr();
        self.cast_as = outer;
        value
    }

    /// An expression behind which an `AS` may stand that makes no alias.
    pub(super) fn expr_before_as(&mut self) -> Parse<Expr> {
        let outer = self.as_ends.replace(self.brackets);
        let expr = self.expr();
        self.as_ends = outer;
        expr
    }

    fn begins_trim(&self) -> bool {
        let side = matches!(
            self.nth(2).keyword,
            Some(Keyword::Both | Keyword::Leading | Keyword::Trailing)
        );
        self.nth(1).kind == TokenKind::LParen
            && side
            && matches!(self.nth(3).kind, TokenKind::String | TokenKind::TemplateStart)
    }

    fn trim(&mut self) -> Parse<Expr> {
        let start = self.start();
        self.advance();
        let inner = self.enclosed(TokenKind::RParen, |parser| {
            let side = match parser.keyword() {
                Some(Keyword::Leading) => TrimSide::Leading,
                Some(Keyword::Trailing) => TrimSide::Trailing,
                _ => TrimSide::Both,
            };
            parser.advance();
            let chars =
                if parser.is(TokenKind::String) { parser.string() } else { parser.template()? };
            parser.expect_word(Keyword::From)?;
            Ok(ExprKind::Trim { side, chars: Box::new(chars), expr: Box::new(parser.expr()?) })
        })?;
        Ok(self.node(start, inner.unwrap_or(ExprKind::Error)))
    }

    /// `SUBSTRING(e FROM n FOR m)` is grammar, but is refused.
    fn substring(&mut self) -> Parse<Expr> {
        let start = self.start();
        self.advance();
        let parsed = self.enclosed(TokenKind::RParen, |parser| {
            parser.expr()?;
            parser.expect_word(Keyword::From)?;
            parser.expr()?;
            if parser.eat_word(Keyword::For) { parser.expr().map(|_| ()) } else { Ok(()) }
        })?;
        if parsed.is_some() {
            let hint = "write `substring(text, from, length)`";
            let diagnostic =
                self.unimplemented(start, "SUBSTRING with FROM is not supported", hint);
            self.refuse_around(ErrorKind::NotImplemented, diagnostic);
        }
        Ok(self.node(start, ExprKind::Error))
    }

    /// `EXTRACT(unit FROM e)` is not in the grammar.
    fn extract(&mut self) -> Parse<Expr> {
        let span = self.token().span;
        let unit = self.input.text_at(self.at + 2).to_ascii_lowercase();
        self.at = self.find_in_call(Keyword::From).unwrap_or(self.at);
        let diagnostic =
            Diagnostic::error(codes::UNEXPECTED, span, "EXTRACT with FROM is not supported")
                .with_hint(format!(
                    "write a function of the time, such as `{}(..)`",
                    function_of_unit(&unit)
                ));
        Err(self.fail(diagnostic))
    }

    /// `DATE '..'` is grammar, but is refused.
    fn date(&mut self, keyword: Keyword) -> Parse<Expr> {
        let start = self.start();
        let function = if keyword == Keyword::Date { "toDate" } else { "toDateTime" };
        let hint = format!("write `{function}({})`", self.input.text_at(self.at + 1));
        self.at += 2;
        let message = format!("{} before a string is not supported", keyword.text().to_uppercase());
        self.not_implemented(start, &message, &hint);
        Ok(self.node(start, ExprKind::Error))
    }
}

fn function_of_unit(unit: &str) -> &'static str {
    match unit {
        "year" => "toYear",
        "quarter" => "toQuarter",
        "month" => "toMonth",
        "day" => "toDayOfMonth",
        "hour" => "toHour",
        "minute" => "toMinute",
        "second" => "toSecond",
        _ => "toUnixTimestamp",
    }
}

fn unit_of(keyword: Keyword) -> Option<IntervalUnit> {
    Some(match keyword {
        Keyword::Second => IntervalUnit::Second,
        Keyword::Minute => IntervalUnit::Minute,
        Keyword::Hour => IntervalUnit::Hour,
        Keyword::Day => IntervalUnit::Day,
        Keyword::Week => IntervalUnit::Week,
        Keyword::Month => IntervalUnit::Month,
        Keyword::Quarter => IntervalUnit::Quarter,
        Keyword::Year | Keyword::Yyyy => IntervalUnit::Year,
        _ => return None,
    })
}

/// Count and unit of an interval written as one string.
fn interval_text(text: &str) -> Result<(i64, IntervalUnit), String> {
    let (count, unit) = text.split_once(' ').ok_or("an interval's text is a count and a unit")?;
    if count.is_empty() || !count.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!("`{count}` is no count for an interval"));
    }
    let count = count.parse().map_err(|_| format!("`{count}` is too large for an interval"))?;
    let singular = unit.strip_suffix('s').unwrap_or(unit);
    let known = Keyword::of(singular)
        .filter(|keyword| keyword.text() == singular && *keyword != Keyword::Yyyy);
    let unit =
        known.and_then(unit_of).ok_or_else(|| format!("`{unit}` is no unit of an interval"))?;
    Ok((count, unit))
}

/// Where the count stands in an interval's string.
fn interval_count(string: Span, text: &str) -> Span {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    let start = string.start + 1;
    Span::new(start, (start + u32::try_from(length).unwrap_or_default()).min(string.end))
}
