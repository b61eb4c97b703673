//! Dates as people write them in queries: `-7d`, `-1mStart`, `2024-03-01`, `all`.

use super::{Calendar, Civil, DAY, HOUR, MINUTE, SECOND, Unit, days_in_month, in_range, zone};
use std::fmt;

/// A text that is no date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadDate(
    /// The text.
    pub String,
);

impl fmt::Display for BadDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} is no date: use one such as `2024-03-01`, `2024-03-01T10:00:00Z`, `-7d`, `-1mStart` or `all`",
            self.0
        )
    }
}

impl std::error::Error for BadDate {}

/// What a text says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateText {
    /// `all`: since the earliest event.
    All,
    /// A day, as its first instant.
    Day(i64),
    /// An instant.
    Instant(i64),
    /// Relative to now.
    Relative(RelativeDate),
}

/// Whether a relative date is moved to an end of its period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    /// The first instant.
    Start,
    /// The last microsecond.
    End,
}

/// So many units before now, perhaps at an end of the period reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RelativeDate {
    /// The unit; without one it is now.
    pub unit: Option<Unit>,
    /// How many units back.
    pub count: i64,
    /// The end of the unit, if one is named.
    pub edge: Option<Edge>,
    /// Whether the text is nothing else. The form is searched in the text, so `on -7d` is read too, `last 7d` is now
    /// (the `s` is a unit without a number), and so is a text without a unit; callers may refuse what is not whole.
    pub is_whole: bool,
}

impl DateText {
    /// Reads a text: `all`, an ISO date or date-time (of the calendar's zone unless it has one), else the relative form
    /// `[-] digits? unit (Start|End)?` anywhere in it, with the units `h d w m q y M s` (`m` is a month, `M` a minute).
    ///
    /// # Errors
    /// If the text is empty, or begins like an ISO date and is none.
    pub fn parse(text: &str, calendar: &mut Calendar) -> Result<Self, BadDate> {
        let trimmed = text.trim();
        if trimmed == "all" {
            return Ok(Self::All);
        }
        if trimmed.is_empty() {
            return Err(BadDate(text.to_owned()));
        }
        let looks_iso = trimmed.len() >= 5
            && trimmed.bytes().take(4).all(|b| b.is_ascii_digit())
            && trimmed.as_bytes()[4] == b'-';
        match iso(trimmed, calendar) {
            Some(date) => Ok(date),
            None if looks_iso => Err(BadDate(text.to_owned())),
            None => Ok(Self::Relative(RelativeDate::search(trimmed))),
        }
    }
}

impl RelativeDate {
    /// The first relative form in a text; now, if there is none.
    #[must_use]
    pub fn search(text: &str) -> Self {
        let now = Self { unit: None, count: 0, edge: None, is_whole: text == "now" };
        let bytes = text.as_bytes();
        if now.is_whole {
            return now;
        }
        (0..bytes.len()).find_map(|start| Self::at(bytes, start)).unwrap_or(now)
    }

    fn at(text: &[u8], start: usize) -> Option<Self> {
        let digits = start + usize::from(text[start] == b'-');
        let length = text[digits..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        // More than any calendar holds; steps stay inside the years 1 to 9999 anyway.
        let push =
            |number: i64, digit: &u8| (number * 10 + i64::from(digit - b'0')).min(100_000_000_000);
        let count = text[digits..digits + length].iter().fold(0, push);
        let unit = match text.get(digits + length)? {
            b's' => Unit::Second,
            b'M' => Unit::Minute,
            b'h' => Unit::Hour,
            b'd' => Unit::Day,
            b'w' => Unit::Week,
            b'm' => Unit::Month,
            b'q' => Unit::Quarter,
            b'y' => Unit::Year,
            _ => return None,
        };
        let rest = &text[digits + length + 1..];
        let (edge, rest) = match rest {
            [b'S', b't', b'a', b'r', b't', rest @ ..] => (Some(Edge::Start), rest),
            [b'E', b'n', b'd', rest @ ..] => (Some(Edge::End), rest),
            _ => (None, rest),
        };
        let is_whole = rest.is_empty()
            && matches!(&text[..start], b"" | b"+")
            && (length > 0 || edge.is_some());
        Some(Self { unit: Some(unit), count, edge, is_whole })
    }

    /// The instant, from now.
    #[must_use]
    pub fn resolve(&self, now: i64, calendar: &mut Calendar) -> i64 {
        let Some(unit) = self.unit else { return now };
        let stepped = if self.count == 0 { now } else { calendar.step(now, unit, -self.count) };
        match self.edge {
            None => stepped,
            Some(Edge::Start) => calendar.truncate(stepped, unit),
            Some(Edge::End) => calendar.next(stepped, unit) - 1,
        }
    }
}

/// `YYYY-MM-DD`, or with a time behind `T` or a space, its seconds, a fraction and a zone optional.
fn iso(text: &str, calendar: &mut Calendar) -> Option<DateText> {
    let (day, rest) = text.split_at_checked(10)?;
    let mut parts = day.split('-');
    let (year, month, day) =
        (number(parts.next()?, 4)?, number(parts.next()?, 2)?, number(parts.next()?, 2)?);
    if parts.next().is_some() || year < 1 || !(1..=12).contains(&month) {
        return None;
    }
    let civil = Civil { year: year as i32, month: month as i32, day: day as i32 };
    if day < 1 || civil.day > days_in_month(civil.year, civil.month) {
        return None;
    }
    let midnight = civil.to_day();
    if rest.is_empty() {
        return Some(DateText::Day(calendar.clock().start_of_day(midnight)));
    }
    let (time, offset) = split_zone(rest.strip_prefix(['T', ' '])?)?;
    let local = midnight * DAY + time_of_day(time)?;
    Some(DateText::Instant(match offset {
        Some(offset) => in_range(local - offset),
        None => zone::instant_of(calendar.clock(), local),
    }))
}

/// Time of day and, if there is a zone, its offset.
fn split_zone(text: &str) -> Option<(&str, Option<i64>)> {
    if let Some(time) = text.strip_suffix(['Z', 'z']) {
        return Some((time, Some(0)));
    }
    let Some(at) = text.find(['+', '-']) else { return Some((text, None)) };
    let sign = if text.as_bytes()[at] == b'-' { -1 } else { 1 };
    let digits = text[at + 1..].replace(':', "");
    let (hours, minutes) = match digits.len() {
        2 => (number(&digits, 2)?, 0),
        4 => (number(digits.get(..2)?, 2)?, number(digits.get(2..)?, 2)?),
        _ => return None,
    };
    (hours < 24 && minutes < 60)
        .then_some((&text[..at], Some(sign * (hours * HOUR + minutes * MINUTE))))
}

fn time_of_day(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let mut parts = whole.split(':');
    let (hour, minute) = (number(parts.next()?, 2)?, number(parts.next()?, 2)?);
    let second = parts.next().map_or(Some(0), |part| number(part, 2))?;
    let digits = fraction.len();
    if parts.next().is_some()
        || hour > 23
        || minute > 59
        || second > 59
        || !(1..=9).contains(&digits)
    {
        return None;
    }
    let nanos = number(fraction, digits)? * 10_i64.pow(9 - digits as u32);
    Some(hour * HOUR + minute * MINUTE + second * SECOND + nanos / 1000)
}

/// A number of so many digits.
fn number(text: &str, digits: usize) -> Option<i64> {
    (text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}
