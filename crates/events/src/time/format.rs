//! Instants and days as text.

use super::{Civil, Clock, DAY, Field, HOUR, MINUTE, SECOND, field, fields::weekday};

/// Appends a day: `2024-03-31`.
pub fn write_day(day: i64, out: &mut String) {
    let civil = Civil::from_day(day);
    digits(i64::from(civil.year), 4, out);
    out.push('-');
    digits(i64::from(civil.month), 2, out);
    out.push('-');
    digits(i64::from(civil.day), 2, out);
}

/// Appends a local time: `2024-03-31 23:59:59`, with that many digits (0 to 6) of the second's fraction.
pub fn write_instant(local: i64, fraction: u32, out: &mut String) {
    write_day(local.div_euclid(DAY), out);
    out.push(' ');
    write_clock(local, out);
    if fraction > 0 {
        let fraction = fraction.min(6);
        out.push('.');
        digits(local.rem_euclid(SECOND) / 10_i64.pow(6 - fraction), fraction, out);
    }
}

fn write_clock(local: i64, out: &mut String) {
    let of_day = local.rem_euclid(DAY);
    digits(of_day / HOUR, 2, out);
    out.push(':');
    digits(of_day % HOUR / MINUTE, 2, out);
    out.push(':');
    digits(of_day % MINUTE / SECOND, 2, out);
}

/// Appends a number that is not negative with at least `width` digits.
fn digits(value: i64, width: u32, out: &mut String) {
    let mut power = 10_i64.pow(width.saturating_sub(1));
    while value / power > 9 {
        power *= 10;
    }
    while power > 0 {
        out.push(char::from(b'0' + (value / power % 10).unsigned_abs() as u8));
        power /= 10;
    }
}

/// A format of `formatDateTime`, read once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Specifier(char),
}

pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
pub(super) const WEEKDAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

impl Template {
    /// Reads a format with MySQL's specifiers.
    ///
    /// # Errors
    /// The specifier that ClickHouse does not have; `%` if the format ends with one.
    pub fn parse(format: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut text = String::new();
        let mut characters = format.chars();
        while let Some(character) = characters.next() {
            if character != '%' {
                text.push(character);
                continue;
            }
            match characters.next() {
                Some('%') => text.push('%'),
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some(specifier) if "abcCdDefFgGhHiIjklmMpQrRsSTuVwWyYz".contains(specifier) => {
                    if !text.is_empty() {
                        pieces.push(Piece::Text(std::mem::take(&mut text)));
                    }
                    pieces.push(Piece::Specifier(specifier));
                }
                Some(other) => return Err(format!("%{other}")),
                None => return Err("%".to_owned()),
            }
        }
        pieces.push(Piece::Text(text));
        Ok(Self(pieces))
    }

    /// Appends an instant.
    pub fn write(&self, clock: &mut Clock, instant: i64, out: &mut String) {
        let offset = clock.offset(instant);
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Specifier(specifier) => {
                    write_piece(*specifier, instant + offset, offset, out)
                }
            }
        }
    }

    pub(super) fn pieces(&self) -> impl Iterator<Item = Result<char, &str>> {
        self.0.iter().map(|piece| match piece {
            Piece::Text(text) => Err(text.as_str()),
            Piece::Specifier(specifier) => Ok(*specifier),
        })
    }
}

fn write_piece(specifier: char, local: i64, offset: i64, out: &mut String) {
    let get = |part| field(local, part);
    match specifier {
        'a' => short(name_of_weekday(local), out),
        'b' => short(name_of_month(local), out),
        'W' => out.push_str(name_of_weekday(local)),
        'M' => out.push_str(name_of_month(local)),
        'c' | 'm' => digits(get(Field::Month), 2, out),
        'C' => digits(get(Field::Year) / 100, 2, out),
        'd' => digits(get(Field::DayOfMonth), 2, out),
        'e' => digits(get(Field::DayOfMonth), 1, out),
        'D' => joined(&[('m', '/'), ('d', '/'), ('y', '\0')], local, offset, out),
        'F' => write_day(local.div_euclid(DAY), out),
        'f' => digits(local.rem_euclid(SECOND), 6, out),
        'g' => digits(get(Field::IsoYear) % 100, 2, out),
        'G' => digits(get(Field::IsoYear), 4, out),
        'h' | 'I' | 'l' => digits((get(Field::Hour) + 11) % 12 + 1, 2, out),
        'H' | 'k' => digits(get(Field::Hour), 2, out),
        'i' => digits(get(Field::Minute), 2, out),
        'j' => digits(get(Field::DayOfYear), 3, out),
        'p' => out.push_str(if get(Field::Hour) < 12 { "AM" } else { "PM" }),
        'Q' => digits(get(Field::Quarter), 1, out),
        'r' => joined(&[('h', ':'), ('i', ' '), ('p', '\0')], local, offset, out),
        'R' => joined(&[('H', ':'), ('i', '\0')], local, offset, out),
        's' | 'S' => digits(get(Field::Second), 2, out),
        'T' => write_clock(local, out),
        'u' => digits(get(Field::DayOfWeek), 1, out),
        'V' => digits(get(Field::IsoWeek), 2, out),
        'w' => digits(get(Field::DayOfWeek) % 7, 1, out),
        'y' => digits(get(Field::Year) % 100, 2, out),
        'Y' => digits(get(Field::Year), 4, out),
        _ => {
            out.push(if offset < 0 { '-' } else { '+' });
            digits(offset.abs() / HOUR, 2, out);
            digits(offset.abs() % HOUR / MINUTE, 2, out);
        }
    }
}

fn joined(parts: &[(char, char)], local: i64, offset: i64, out: &mut String) {
    for (specifier, behind) in parts {
        write_piece(*specifier, local, offset, out);
        if *behind != '\0' {
            out.push(*behind);
        }
    }
}

fn short(name: &str, out: &mut String) {
    out.push_str(name.get(..3).unwrap_or(name));
}

fn name_of_month(local: i64) -> &'static str {
    let month = Civil::from_day(local.div_euclid(DAY)).month;
    usize::try_from(month - 1).ok().and_then(|index| MONTHS.get(index).copied()).unwrap_or_default()
}

fn name_of_weekday(local: i64) -> &'static str {
    let index = weekday(local.div_euclid(DAY));
    usize::try_from(index).ok().and_then(|index| WEEKDAYS.get(index).copied()).unwrap_or_default()
}
