//! Texts changed: case, order, parts, padding, joining.
//!
//! ClickHouse's texts are bytes; here a part that would cut a character in two has replacement characters instead.

use super::input::{Ints, MAX_REPEAT, Text, check_length, slice_texts, write_texts};
use super::{Kernel, KernelArgs};
use datafusion::common::{Result, exec_err};
use datafusion::logical_expr::ColumnarValue;

pub(super) static KERNELS: &[(&str, Kernel)] = &[
    ("lower", |args| {
        change(args, |text, out| out.extend(text.chars().map(|char| char.to_ascii_lowercase())))
    }),
    ("upper", |args| {
        change(args, |text, out| out.extend(text.chars().map(|char| char.to_ascii_uppercase())))
    }),
    ("lower_utf8", |args| change(args, |text, out| out.push_str(&text.to_lowercase()))),
    ("upper_utf8", |args| change(args, |text, out| out.push_str(&text.to_uppercase()))),
    ("reverse_bytes", |args| change(args, reverse_bytes)),
    ("reverse_utf8", |args| change(args, |text, out| out.extend(text.chars().rev()))),
    ("initcap", |args| change(args, |text, out| initcap(text, out, false))),
    ("initcap_utf8", |args| change(args, |text, out| initcap(text, out, true))),
    ("substring", substring_bytes),
    ("substring_utf8", |args| part(args, range)),
    ("left_utf8", |args| part(args, |length, count, _| range(length, 1, Some(count)))),
    ("right_utf8", |args| part(args, |length, count, _| right(length, count))),
    ("trim_both", |args| trim(args, true, true)),
    ("trim_left", |args| trim(args, true, false)),
    ("trim_right", |args| trim(args, false, true)),
    ("left_pad", |args| pad(args, &Pad { function: "leftPad", left: true, chars: false })),
    ("right_pad", |args| pad(args, &Pad { function: "rightPad", left: false, chars: false })),
    ("left_pad_utf8", |args| pad(args, &Pad { function: "leftPadUTF8", left: true, chars: true })),
    ("right_pad_utf8", |args| {
        pad(args, &Pad { function: "rightPadUTF8", left: false, chars: true })
    }),
    ("repeat", repeat),
    ("space", space),
    ("concat", concat),
    ("concat_with_separator", concat_with_separator),
    ("replace_all", |args| replace(args, usize::MAX)),
    ("replace_one", |args| replace(args, 1)),
    ("append_trailing_char", append_trailing_char),
];

/// A text made from one text.
fn change(args: &KernelArgs<'_>, change: impl Fn(&str, &mut String)) -> Result<ColumnarValue> {
    let texts = Text::of(args, 0)?;
    write_texts(args.rows, |row, out| {
        let Some(text) = texts.get(row) else { return Ok(false) };
        change(text, out);
        Ok(true)
    })
}

fn reverse_bytes(text: &str, out: &mut String) {
    if text.is_ascii() {
        out.extend(text.chars().rev());
    } else {
        let bytes: Vec<u8> = text.bytes().rev().collect();
        out.push_str(&String::from_utf8_lossy(&bytes));
    }
}

/// The first letter of each word large, the others small. Without `unicode`, other characters than ASCII end a word.
fn initcap(text: &str, out: &mut String, unicode: bool) {
    let mut inside = false;
    for char in text.chars() {
        let of_word = if unicode { char.is_alphanumeric() } else { char.is_ascii_alphanumeric() };
        match (of_word, inside, unicode) {
            (true, false, true) => out.extend(char.to_uppercase()),
            (true, true, true) => out.extend(char.to_lowercase()),
            (true, false, false) => out.push(char.to_ascii_uppercase()),
            (true, true, false) => out.push(char.to_ascii_lowercase()),
            (false, ..) => out.push(char),
        }
        inside = of_word;
    }
}

/// Start and end of the part that begins at `from` (1-based, negative from the end) and has `count` units; a negative count
/// leaves that many units at the end out.
fn range(length: usize, from: i64, count: Option<i64>) -> (usize, usize) {
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let start = match from {
        0 => return (0, 0),
        1.. => from - 1,
        _ => length.saturating_add(from),
    };
    let end = match count {
        None => length,
        Some(count) if count < 0 => length.saturating_add(count),
        Some(count) => start.saturating_add(count),
    };
    let unit = |at: i64| usize::try_from(at.clamp(0, length)).unwrap_or_default();
    (unit(start), unit(end))
}

fn right(length: usize, count: i64) -> (usize, usize) {
    let units = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
    (if count < 0 { units.min(length) } else { length.saturating_sub(units) }, length)
}

/// `substring(text, from[, count])` of bytes.
fn substring_bytes(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let (texts, from, count) = (Text::of(args, 0)?, Ints::of(args, 1)?, optional_ints(args, 2)?);
    write_texts(args.rows, |row, out| {
        let (Some(text), Some(from)) = (texts.get(row), from.get(row)) else { return Ok(false) };
        let count = match &count {
            Some(count) => match count.get(row) {
                Some(count) => Some(count),
                None => return Ok(false),
            },
            None => None,
        };
        let (start, end) = range(text.len(), from, count);
        match text.get(start..end) {
            Some(part) => out.push_str(part),
            None => out.push_str(&String::from_utf8_lossy(
                text.as_bytes().get(start..end).unwrap_or_default(),
            )),
        }
        Ok(true)
    })
}

fn optional_ints(args: &KernelArgs<'_>, index: usize) -> Result<Option<Ints>> {
    if args.args.len() > index { Ints::of(args, index).map(Some) } else { Ok(None) }
}

/// A part by characters: `bounds` gives the first and the end from the number of characters and the row's numbers.
fn part(
    args: &KernelArgs<'_>,
    bounds: fn(usize, i64, Option<i64>) -> (usize, usize),
) -> Result<ColumnarValue> {
    let (texts, first, second) = (Text::of(args, 0)?, Ints::of(args, 1)?, optional_ints(args, 2)?);
    slice_texts(args.rows, |row| {
        let (text, first) = (texts.get(row)?, first.get(row)?);
        let second = match &second {
            Some(second) => Some(second.get(row)?),
            None => None,
        };
        if text.is_ascii() {
            let (start, end) = bounds(text.len(), first, second);
            return Some(text.get(start..end).unwrap_or_default());
        }
        let (start, end) = bounds(text.chars().count(), first, second);
        let start_byte = byte_of(text, start);
        let tail = text.get(start_byte..).unwrap_or_default();
        Some(tail.get(..byte_of(tail, end.saturating_sub(start))).unwrap_or_default())
    })
}

/// Where a character begins; the end of the text if there are fewer.
pub(super) fn byte_of(text: &str, char: usize) -> usize {
    text.char_indices().nth(char).map_or(text.len(), |(at, _)| at)
}

/// `trimBoth(text[, chars])` and its halves: spaces, or any of the given characters.
fn trim(args: &KernelArgs<'_>, left: bool, right: bool) -> Result<ColumnarValue> {
    let texts = Text::of(args, 0)?;
    let chars =
        if args.args.len() > 1 { Text::of(args, 1)? } else { Text::Constant(Some(" ".to_owned())) };
    slice_texts(args.rows, |row| {
        let (mut text, chars) = (texts.get(row)?, chars.get(row)?);
        if left {
            text = text.trim_start_matches(|char| chars.contains(char));
        }
        if right {
            text = text.trim_end_matches(|char| chars.contains(char));
        }
        Some(text)
    })
}

/// Which side is padded, and in which unit lengths are.
struct Pad {
    function: &'static str,
    left: bool,
    chars: bool,
}

/// `leftPad(text, length[, with])` and its relatives: a longer text is cut.
fn pad(args: &KernelArgs<'_>, how: &Pad) -> Result<ColumnarValue> {
    let (texts, lengths) = (Text::of(args, 0)?, Ints::of(args, 1)?);
    let with =
        if args.args.len() > 2 { Text::of(args, 2)? } else { Text::Constant(Some(" ".to_owned())) };
    write_texts(args.rows, |row, out| {
        let (Some(text), Some(length), Some(with)) =
            (texts.get(row), lengths.get(row), with.get(row))
        else {
            return Ok(false);
        };
        let Ok(length) = usize::try_from(length) else {
            return exec_err!("{}: the length {length} is negative", how.function);
        };
        if length > MAX_REPEAT {
            return exec_err!("{}: the length {length} is greater than {MAX_REPEAT}", how.function);
        }
        let has = if how.chars { text.chars().count() } else { text.len() };
        if has >= length {
            let end = if how.chars { byte_of(text, length) } else { length };
            match text.get(..end) {
                Some(part) => out.push_str(part),
                None => out.push_str(&String::from_utf8_lossy(
                    text.as_bytes().get(..end).unwrap_or_default(),
                )),
            }
            return Ok(true);
        }
        let with = if with.is_empty() { " " } else { with };
        if how.left {
            fill(out, with, length - has, how.chars);
        }
        out.push_str(text);
        if !how.left {
            fill(out, with, length - has, how.chars);
        }
        Ok(true)
    })
}

/// Appends so many bytes or characters of a text that is repeated.
fn fill(out: &mut String, with: &str, count: usize, chars: bool) {
    if chars || with.is_ascii() {
        out.extend(with.chars().cycle().take(count));
    } else {
        let bytes: Vec<u8> = with.bytes().cycle().take(count).collect();
        out.push_str(&String::from_utf8_lossy(&bytes));
    }
}

/// `repeat(text, times)`.
fn repeat(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let (texts, times) = (Text::of(args, 0)?, Ints::of(args, 1)?);
    write_texts(args.rows, |row, out| {
        let (Some(text), Some(times)) = (texts.get(row), times.get(row)) else { return Ok(false) };
        let times = usize::try_from(times).unwrap_or_default();
        if times > MAX_REPEAT {
            return exec_err!("repeat: {times} times is more than {MAX_REPEAT}");
        }
        check_length("repeat", text.len().checked_mul(times))?;
        for _ in 0..times {
            out.push_str(text);
        }
        Ok(true)
    })
}

fn space(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let times = Ints::of(args, 0)?;
    write_texts(args.rows, |row, out| {
        let Some(times) = times.get(row) else { return Ok(false) };
        let times = usize::try_from(times).unwrap_or_default();
        if times > MAX_REPEAT {
            return exec_err!("space: {times} is more than {MAX_REPEAT}");
        }
        fill(out, " ", times, false);
        Ok(true)
    })
}

/// All arguments in a row; NULL is the empty text.
fn concat(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let parts =
        (0..args.args.len()).map(|index| Text::of(args, index)).collect::<Result<Vec<_>>>()?;
    write_texts(args.rows, |row, out| {
        for part in &parts {
            out.push_str(part.get(row).unwrap_or_default());
        }
        Ok(true)
    })
}

/// The arguments after the first, with the first between them; NULL if one is NULL.
fn concat_with_separator(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let separators = Text::of(args, 0)?;
    let parts =
        (1..args.args.len()).map(|index| Text::of(args, index)).collect::<Result<Vec<_>>>()?;
    write_texts(args.rows, |row, out| {
        let Some(separator) = separators.get(row) else { return Ok(false) };
        for (index, part) in parts.iter().enumerate() {
            let Some(part) = part.get(row) else { return Ok(false) };
            if index > 0 {
                out.push_str(separator);
            }
            out.push_str(part);
        }
        Ok(true)
    })
}

/// `replaceAll(text, needle, with)`: an empty needle changes nothing.
fn replace(args: &KernelArgs<'_>, most: usize) -> Result<ColumnarValue> {
    let (texts, needles, with) = (Text::of(args, 0)?, Text::of(args, 1)?, Text::of(args, 2)?);
    write_texts(args.rows, |row, out| {
        let (Some(text), Some(needle), Some(with)) =
            (texts.get(row), needles.get(row), with.get(row))
        else {
            return Ok(false);
        };
        let mut end = 0;
        if !needle.is_empty() {
            for (start, found) in text.match_indices(needle).take(most) {
                out.push_str(text.get(end..start).unwrap_or_default());
                out.push_str(with);
                end = start + found.len();
            }
        }
        out.push_str(text.get(end..).unwrap_or_default());
        Ok(true)
    })
}

/// `appendTrailingCharIfAbsent(text, char)`: an empty text stays empty.
fn append_trailing_char(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let (texts, chars) = (Text::of(args, 0)?, Text::of(args, 1)?);
    write_texts(args.rows, |row, out| {
        let (Some(text), Some(char)) = (texts.get(row), chars.get(row)) else { return Ok(false) };
        if char.chars().count() != 1 {
            return exec_err!(
                "appendTrailingCharIfAbsent: the second argument must be one character, found '{char}'"
            );
        }
        out.push_str(text);
        if !text.is_empty() && !text.ends_with(char) {
            out.push_str(char);
        }
        Ok(true)
    })
}
