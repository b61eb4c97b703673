//! Texts cut into arrays.

use super::input::{Ints, Text, text_lists};
use super::{Kernel, KernelArgs};
use arrow::array::{Int64Builder, ListBuilder, StringViewBuilder};
use arrow::datatypes::DataType;
use datafusion::common::{Result, exec_err};
use datafusion::logical_expr::ColumnarValue;
use std::sync::Arc;

pub(super) static KERNELS: &[(&str, Kernel)] = &[
    ("split_by_char", split_by_char),
    ("split_by_string", split_by_string),
    ("split_by_whitespace", |args| {
        tokens(args, |char| !char.is_ascii_whitespace() && char != '\u{b}')
    }),
    ("split_by_non_alpha", |args| tokens(args, |char| !is_separator(char))),
    ("alpha_tokens", |args| tokens(args, |char| char.is_ascii_alphabetic())),
    ("split_part", split_part),
    ("sortable_semver", sortable_semver),
];

fn is_separator(char: char) -> bool {
    char.is_ascii_whitespace()
        || char == '\u{b}'
        || char.is_ascii_punctuation()
        || char.is_ascii_control()
}

/// The optional most parts of each row; no limit if there is no such argument.
pub(super) fn limits(args: &KernelArgs<'_>, index: usize) -> Result<Ints> {
    if args.args.len() > index { Ints::of(args, index) } else { Ok(Ints::Constant(None)) }
}

/// Takes parts until there are enough; the rest of the text is dropped.
pub(super) struct Parts<'b> {
    out: &'b mut StringViewBuilder,
    left: usize,
}

impl<'b> Parts<'b> {
    /// No limit if it is NULL, 0 or negative.
    pub(super) fn new(out: &'b mut StringViewBuilder, limit: Option<i64>) -> Self {
        let left = limit.and_then(|limit| usize::try_from(limit).ok()).filter(|limit| *limit > 0);
        Self { out, left: left.unwrap_or(usize::MAX) }
    }

    /// Appends a part if there is room.
    pub(super) fn push(&mut self, part: &str) -> Result<()> {
        if self.left > 0 {
            self.left -= 1;
            self.out.try_append_value(part)?;
        }
        Ok(())
    }
}

/// `splitByChar(separator, text[, most])`.
fn split_by_char(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let separators = Text::of(args, 0)?;
    for row in 0..args.rows {
        if let Some(separator) = separators.get(row)
            && separator.chars().count() != 1
        {
            return exec_err!(
                "the separator of splitByChar must be one character, found '{separator}'"
            );
        }
        if separators.constant().is_some() {
            break;
        }
    }
    split_by_string(args)
}

/// `splitByString(separator, text[, most])`: an empty separator gives the characters.
fn split_by_string(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let (separators, texts, limits) = (Text::of(args, 0)?, Text::of(args, 1)?, limits(args, 2)?);
    text_lists(args, |row, out| {
        let (Some(separator), Some(text)) = (separators.get(row), texts.get(row)) else {
            return Ok(false);
        };
        let mut parts = Parts::new(out, limits.get(row));
        if separator.is_empty() {
            let mut buffer = [0; 4];
            for char in text.chars() {
                parts.push(char.encode_utf8(&mut buffer))?;
            }
        } else {
            for part in text.split(separator) {
                parts.push(part)?;
            }
        }
        Ok(true)
    })
}

/// Runs of characters that belong to a token.
fn tokens(args: &KernelArgs<'_>, belongs: fn(char) -> bool) -> Result<ColumnarValue> {
    let (texts, limits) = (Text::of(args, 0)?, limits(args, 1)?);
    text_lists(args, |row, out| {
        let Some(text) = texts.get(row) else { return Ok(false) };
        let mut parts = Parts::new(out, limits.get(row));
        for part in text.split(|char| !belongs(char)).filter(|part| !part.is_empty()) {
            parts.push(part)?;
        }
        Ok(true)
    })
}

/// `split_part(text, separator, index)`: 1-based, negative from the end; the empty text if there is no such part.
fn split_part(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let (texts, separators, indexes) = (Text::of(args, 0)?, Text::of(args, 1)?, Ints::of(args, 2)?);
    super::input::slice_texts(args.rows, |row| {
        let (text, separator, index) = (texts.get(row)?, separators.get(row)?, indexes.get(row)?);
        let nth = usize::try_from(index.unsigned_abs()).ok().and_then(|nth| nth.checked_sub(1));
        Some(match nth {
            None => "",
            Some(nth) if separator.is_empty() => nth_character(text, nth, index < 0),
            Some(nth) if index > 0 => text.split(separator).nth(nth).unwrap_or_default(),
            Some(nth) => text.rsplit(separator).nth(nth).unwrap_or_default(),
        })
    })
}

fn nth_character(text: &str, nth: usize, from_end: bool) -> &str {
    let mut chars = text.char_indices();
    let found = if from_end { chars.nth_back(nth) } else { chars.nth(nth) };
    found.and_then(|(start, char)| text.get(start..start + char.len_utf8())).unwrap_or_default()
}

/// The three numbers of a version `X.Y.Z`; an array of one NULL if it is none.
fn sortable_semver(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let texts = Text::of(args, 0)?;
    let mut builder = ListBuilder::new(Int64Builder::new());
    if let DataType::List(field) = args.return_type {
        builder = builder.with_field(Arc::clone(field));
    }
    for row in 0..args.rows {
        match texts.get(row).and_then(version) {
            Some(numbers) => builder.append_value(numbers.map(Some)),
            None => builder.append_value([None]),
        }
    }
    Ok(ColumnarValue::Array(Arc::new(builder.finish())))
}

fn version(text: &str) -> Option<[i64; 3]> {
    let number = |part: Option<&str>| {
        let digits = part.filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()))?;
        digits.parse().ok()
    };
    let mut parts = text.split('.');
    let numbers = [number(parts.next())?, number(parts.next())?, number(parts.next())?];
    parts.next().is_none().then_some(numbers)
}
