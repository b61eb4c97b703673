//! Text to instants: ClickHouse's best effort, and two strict forms.

use super::format::{MONTHS, Template, WEEKDAYS};
use super::{Civil, Clock, DAY, HOUR, MINUTE, SECOND, day_of, days_in_month};

/// `YYYY-MM-DD` or `YYYY-MM-DD hh:mm:ss`, with up to six digits of the second's fraction, as local time of the clock's zone.
#[must_use]
pub fn parse_strict(text: &str, clock: &mut Clock) -> Option<i64> {
    let mut reader = Reader::new(text);
    let (year, _) = reader.number(4, 4)?;
    reader.eat(b'-')?;
    let (month, _) = reader.number(2, 2)?;
    reader.eat(b'-')?;
    let (day, _) = reader.number(2, 2)?;
    let mut time = 0;
    if !reader.is_at_end() {
        reader.eat(b' ')?;
        for (unit, separator) in [(HOUR, b':'), (MINUTE, b':'), (SECOND, 0)] {
            let (value, _) = reader.number(2, 2)?;
            time += value * unit;
            if separator != 0 {
                reader.eat(separator)?;
            }
        }
        if reader.eat(b'.').is_some() {
            let (value, digits) = reader.number(1, 6)?;
            time += value * 10_i64.pow(6 - digits);
        }
    }
    let midnight = checked_day(year, month, day)? * DAY;
    reader.is_at_end().then(|| clock.instant(midnight + time))
}

/// A day at the start of a text: year, month, day in one or two digits with any separator that is no digit, or eight digits; behind it
/// nothing or a time of day. A month or a day beyond 12 or 31 gives 1970-01-01, as in ClickHouse.
#[must_use]
pub fn parse_day(text: &str) -> Option<i64> {
    let mut reader = Reader::new(text);
    let (year, _) = reader.number(4, 4)?;
    let (month, day) = if reader.peek().is_some_and(|byte| byte.is_ascii_digit()) {
        (reader.number(2, 2)?.0, reader.number(2, 2)?.0)
    } else {
        reader.advance();
        let (month, _) = reader.number(1, 2)?;
        reader.peek().filter(|byte| !byte.is_ascii_digit())?;
        reader.advance();
        (month, reader.number(1, 2)?.0)
    };
    if !reader.is_at_end() && !is_time(text.as_bytes().get(10..)?) {
        return None;
    }
    Some(if (1..=12).contains(&month) && (1..=31).contains(&day) {
        day_of(year as i32, month as i32, day as i32)
    } else {
        0
    })
}

/// What may follow a day in a text that is read as a day: something in the form of ` hh:mm:ss` or `Thh:mm:ss`, digits of a second.
fn is_time(text: &[u8]) -> bool {
    let [b' ' | b'T', time @ ..] = text else { return false };
    let [_, _, b':', _, _, b':', _, _, fraction @ ..] = time else { return false };
    match fraction {
        [] => true,
        [b'.', digits @ ..] => digits.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

/// ClickHouse's `parseDateTime64BestEffort(text, 6, zone)`; `month_first` reads `1/2/2024` as 2 January. `None` if the text is no instant.
/// Texts without a year are refused: they would depend on the present.
#[must_use]
pub fn parse_best_effort(text: &str, clock: &mut Clock, month_first: bool) -> Option<i64> {
    if let Some(instant) = timestamp(text) {
        return Some(instant);
    }
    let mut draft = Draft { month_first, ..Draft::default() };
    let mut reader = Reader::new(text);
    while let Some(byte) = reader.peek() {
        match byte {
            b'0'..=b'9' => draft.number(&mut reader)?,
            b'a'..=b'z' | b'A'..=b'Z' => draft.word(reader.word())?,
            b'+' | b'-' if draft.time.is_some() => draft.zone(&mut reader)?,
            b' ' | b',' => reader.advance(),
            _ => return None,
        }
    }
    draft.finish(clock)
}

/// Whole seconds with 9 or 10 digits and perhaps a fraction; milli-, micro- or nanoseconds with 13, 16 or 19 digits.
fn timestamp(text: &str) -> Option<i64> {
    let mut reader = Reader::new(text);
    let (value, digits) = reader.number(9, 19)?;
    let mut micros = match digits {
        9 | 10 => value * SECOND,
        13 => value * 1_000,
        16 => value,
        19 => value / 1_000,
        _ => return None,
    };
    if digits <= 10 && reader.eat(b'.').is_some() {
        micros += reader.fraction();
    }
    reader.is_at_end().then_some(micros)
}

/// What has been read of a date and time.
#[derive(Debug, Default)]
struct Draft {
    month_first: bool,
    year: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    /// Microseconds of the day.
    time: Option<i64>,
    /// Hours to add for `AM` and `PM`.
    half: Option<bool>,
    /// Zone named in the text, as an offset.
    offset: Option<i64>,
    /// A `T` was read: a time must follow.
    wants_time: bool,
}

impl Draft {
    fn number(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        let (value, digits) = reader.number(1, 18)?;
        let next = reader.peek();
        match digits {
            1 | 2 if next == Some(b':') => self.clock(value, reader),
            14 if self.year.is_none() => {
                self.compact_date(value / 1_000_000);
                self.compact_time(value % 1_000_000)
            }
            8 if self.year.is_none() => {
                self.compact_date(value);
                Some(())
            }
            6 if self.year.is_none() && self.month.is_none() => {
                (self.year, self.month) = (Some(value / 100), Some(value % 100));
                Some(())
            }
            6 if self.time.is_none() => self.compact_time(value),
            4 if self.year.is_none() => self.year_first(value, reader),
            1 | 2 if self.day.is_none() && matches!(next, Some(b'/' | b'-' | b'.')) => {
                self.day_first(value, reader)
            }
            1 | 2 if self.day.is_none() && !self.wants_time => {
                self.day = Some(value);
                Some(())
            }
            1 | 2 if self.time.is_none() => {
                self.time = Some(value * HOUR);
                self.wants_time = false;
                Some(())
            }
            _ => None,
        }
    }

    fn compact_date(&mut self, value: i64) {
        (self.year, self.month, self.day) =
            (Some(value / 10_000), Some(value / 100 % 100), Some(value % 100));
    }

    fn compact_time(&mut self, value: i64) -> Option<()> {
        if self.time.is_some() {
            return None;
        }
        self.time = Some(value / 10_000 * HOUR + value / 100 % 100 * MINUTE + value % 100 * SECOND);
        self.wants_time = false;
        Some(())
    }

    /// `hh:mm[:ss[.f..]]`, of which the hour has been read.
    fn clock(&mut self, hour: i64, reader: &mut Reader<'_>) -> Option<()> {
        if self.time.is_some() {
            return None;
        }
        reader.eat(b':')?;
        let mut time = hour * HOUR + reader.number(1, 2)?.0 * MINUTE;
        if reader.eat(b':').is_some() {
            time += reader.number(1, 2)?.0 * SECOND;
            if reader.eat(b'.').is_some() {
                time += reader.fraction();
            }
        }
        self.time = Some(time);
        self.wants_time = false;
        Some(())
    }

    /// `YYYY`, then perhaps month and day with one separator.
    fn year_first(&mut self, year: i64, reader: &mut Reader<'_>) -> Option<()> {
        self.year = Some(year);
        let Some(separator) = reader.peek().filter(|byte| matches!(byte, b'-' | b'/' | b'.'))
        else {
            return Some(());
        };
        reader.advance();
        self.month = Some(reader.number(1, 2)?.0);
        if reader.eat(separator).is_some() {
            self.day = Some(reader.number(1, 2)?.0);
        }
        (!reader.peek().is_some_and(|byte| byte.is_ascii_digit())).then_some(())
    }

    /// `DD/MM[/YYYY]` (or month first), with `/`, `-` or `.`.
    fn day_first(&mut self, first: i64, reader: &mut Reader<'_>) -> Option<()> {
        let separator = reader.peek()?;
        reader.advance();
        let (second, _) = reader.number(1, 2)?;
        let month_first = if self.month_first { first <= 12 } else { second > 12 };
        (self.month, self.day) =
            if month_first { (Some(first), Some(second)) } else { (Some(second), Some(first)) };
        if reader.eat(separator).is_some() {
            let (year, digits) = reader.number(1, 4)?;
            self.year = Some(match digits {
                4 => year,
                2 if year < 70 => year + 2000,
                2 => year + 1900,
                _ => return None,
            });
        }
        Some(())
    }

    fn word(&mut self, word: &str) -> Option<()> {
        match word.to_ascii_uppercase().as_str() {
            "T" if self.time.is_none() => self.wants_time = true,
            "Z" | "UTC" | "GMT" if self.offset.is_none() => self.offset = Some(0),
            "MSK" if self.offset.is_none() => self.offset = Some(3 * HOUR),
            "MSD" if self.offset.is_none() => self.offset = Some(4 * HOUR),
            "AM" if self.half.is_none() => self.half = Some(false),
            "PM" if self.half.is_none() => self.half = Some(true),
            upper => {
                if let Some(month) = position_of_name(&MONTHS, upper) {
                    self.month = Some(month);
                } else {
                    position_of_name(&WEEKDAYS, upper)?;
                }
            }
        }
        Some(())
    }

    /// `+hh[[:]mm]`.
    fn zone(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        let sign = if reader.eat(b'-').is_some() { -1 } else { 1 };
        if sign == 1 {
            reader.eat(b'+')?;
        }
        let (value, digits) = reader.number(1, 4)?;
        let (hours, minutes) = match digits {
            4 => (value / 100, value % 100),
            1 | 2 if reader.eat(b':').is_some() => (value, reader.number(2, 2)?.0),
            1 | 2 => (value, 0),
            _ => return None,
        };
        self.offset = Some(sign * (hours * HOUR + minutes * MINUTE));
        Some(())
    }

    fn finish(&self, clock: &mut Clock) -> Option<i64> {
        if self.wants_time {
            return None;
        }
        let day = checked_day(self.year?, self.month.unwrap_or(1), self.day.unwrap_or(1))?;
        let mut time = self.time.unwrap_or(0);
        match self.half {
            Some(true) if time < 12 * HOUR => time += 12 * HOUR,
            Some(false) if (12 * HOUR..13 * HOUR).contains(&time) => time -= 12 * HOUR,
            _ => {}
        }
        let local = day * DAY + time;
        Some(match self.offset {
            Some(offset) => local - offset,
            None => clock.instant(local),
        })
    }
}

/// The 1-based position of a name given in capitals, whole or by its first three letters.
fn position_of_name(names: &[&str], upper: &str) -> Option<i64> {
    let is_name = |name: &&str| {
        name.eq_ignore_ascii_case(upper)
            || name.get(..3).is_some_and(|short| short.eq_ignore_ascii_case(upper))
    };
    names.iter().position(is_name).and_then(|index| i64::try_from(index + 1).ok())
}

/// The day number if there is such a day.
fn checked_day(year: i64, month: i64, day: i64) -> Option<i64> {
    let (year, month, day) =
        (i32::try_from(year).ok()?, i32::try_from(month).ok()?, i32::try_from(day).ok()?);
    let valid = (1..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=days_in_month(year, month)).contains(&day);
    valid.then(|| Civil { year, month, day }.to_day())
}

/// `parseDateTime(text, format, zone)`: the text must match the format to its end.
impl Template {
    /// Reads an instant written in this format; `None` if the text does not match, or the format has a specifier that cannot be read.
    #[must_use]
    pub fn read(&self, text: &str, clock: &mut Clock) -> Option<i64> {
        let mut reader = Reader::new(text);
        let mut draft = Draft::default();
        let mut parts = Parts::default();
        for piece in self.pieces() {
            match piece {
                Err(text) => text.bytes().try_for_each(|byte| reader.eat(byte))?,
                Ok(specifier) => parts.read(specifier, &mut reader, &mut draft)?,
            }
        }
        draft.time =
            Some(parts.hour * HOUR + parts.minute * MINUTE + parts.second * SECOND + parts.micros);
        draft.year = draft.year.or(Some(1970));
        reader.is_at_end().then(|| draft.finish(clock))?
    }
}

/// Parts of a time of day.
#[derive(Debug, Default)]
struct Parts {
    hour: i64,
    minute: i64,
    second: i64,
    micros: i64,
}

impl Parts {
    fn read(&mut self, specifier: char, reader: &mut Reader<'_>, draft: &mut Draft) -> Option<()> {
        let mut bounded = |from: i64, to: i64| {
            reader.number(1, 2).map(|(value, _)| value).filter(|value| (from..=to).contains(value))
        };
        match specifier {
            'd' | 'e' => draft.day = Some(bounded(1, 31)?),
            'm' | 'c' => draft.month = Some(bounded(1, 12)?),
            'H' | 'k' => self.hour = bounded(0, 23)?,
            'h' | 'I' | 'l' => self.hour = bounded(1, 12)?,
            'i' => self.minute = bounded(0, 59)?,
            's' | 'S' => self.second = bounded(0, 59)?,
            'Y' => draft.year = Some(reader.number(4, 4)?.0),
            'y' => {
                let (year, _) = reader.number(2, 2)?;
                draft.year = Some(if year < 70 { year + 2000 } else { year + 1900 });
            }
            'f' => self.micros = reader.fraction(),
            'b' | 'M' => {
                draft.month = Some(position_of_name(&MONTHS, &reader.word().to_ascii_uppercase())?)
            }
            'a' | 'W' => drop(position_of_name(&WEEKDAYS, &reader.word().to_ascii_uppercase())?),
            'p' => draft.half = Some(reader.word().eq_ignore_ascii_case("PM")),
            'F' => {
                for (part, separator) in ['Y', 'm', 'd'].into_iter().zip([b'-', b'-', 0]) {
                    self.read(part, reader, draft)?;
                    if separator != 0 {
                        reader.eat(separator)?;
                    }
                }
            }
            'T' => {
                for (part, separator) in ['H', 'i', 's'].into_iter().zip([b':', b':', 0]) {
                    self.read(part, reader, draft)?;
                    if separator != 0 {
                        reader.eat(separator)?;
                    }
                }
            }
            'z' => draft.zone(reader)?,
            _ => return None,
        }
        Some(())
    }
}

/// Reads a text byte by byte.
struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    const fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn advance(&mut self) {
        self.at += 1;
    }

    fn is_at_end(&self) -> bool {
        self.at >= self.text.len()
    }

    fn eat(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.advance())
    }

    /// Between `min` and `max` (at most 19) digits, and how many there were.
    fn number(&mut self, min: u32, max: u32) -> Option<(i64, u32)> {
        let (mut value, mut digits) = (0_i64, 0);
        while digits < max
            && let Some(byte) = self.peek().filter(u8::is_ascii_digit)
        {
            value = value.checked_mul(10)?.checked_add(i64::from(byte - b'0'))?;
            digits += 1;
            self.advance();
        }
        (digits >= min).then_some((value, digits))
    }

    /// The digits of a fraction of a second, as microseconds; more than six are cut off.
    fn fraction(&mut self) -> i64 {
        let (mut micros, mut unit) = (0, SECOND);
        while let Some(byte) = self.peek().filter(u8::is_ascii_digit) {
            unit /= 10;
            micros += i64::from(byte - b'0') * unit;
            self.advance();
        }
        micros
    }

    fn word(&mut self) -> &'a str {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_alphabetic()) {
            self.advance();
        }
        self.text.get(start..self.at).unwrap_or_default()
    }
}
