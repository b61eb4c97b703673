//! Texts looked for in texts: positions, counts, starts and ends, tokens, subsequences.

use super::input::{Ints, Text, TextList, flags, ints};
use super::{Kernel, KernelArgs};
use arrow::array::{Array, AsArray, Int32Array, ListBuilder, MapArray, UInt64Builder};
use arrow::compute::kernels;
use arrow::datatypes::{DataType, Int32Type};
use datafusion::common::{Result, exec_err};
use datafusion::logical_expr::ColumnarValue;
use memchr::memmem;
use std::borrow::Cow;
use std::sync::Arc;

pub(super) static KERNELS: &[(&str, Kernel)] = &[
    ("length", length),
    ("length_utf8", |args| measure(args, |text| i64::try_from(text.chars().count()).ok())),
    ("ascii", |args| measure(args, |text| Some(text.bytes().next().map_or(0, i64::from)))),
    ("is_empty", |args| is_empty(args, true)),
    ("is_not_empty", |args| is_empty(args, false)),
    ("is_valid_utf8", is_valid_utf8),
    ("starts_with", |args| test_pair(args, |text, prefix| text.starts_with(prefix))),
    ("ends_with", |args| test_pair(args, |text, suffix| text.ends_with(suffix))),
    ("has_subsequence", |args| {
        test_pair(args, |text, wanted| has_subsequence(text, wanted, Case::Exact))
    }),
    ("has_subsequence_ascii", |args| {
        test_pair(args, |text, wanted| has_subsequence(text, wanted, Case::Ascii))
    }),
    ("has_subsequence_unicode", |args| {
        test_pair(args, |text, wanted| has_subsequence(text, wanted, Case::Unicode))
    }),
    ("has_token", |args| has_token(args, Case::Exact, false)),
    ("has_token_ascii", |args| has_token(args, Case::Ascii, false)),
    ("has_token_or_null", |args| has_token(args, Case::Exact, true)),
    ("has_token_ascii_or_null", |args| has_token(args, Case::Ascii, true)),
    ("position", |args| position(args, BYTES)),
    ("position_ascii", |args| position(args, ASCII)),
    ("position_utf8", |args| position(args, CHARS)),
    ("position_unicode", |args| position(args, UNICODE)),
    ("count_substrings", |args| count_substrings(args, BYTES)),
    ("count_substrings_ascii", |args| count_substrings(args, ASCII)),
    ("count_substrings_unicode", |args| count_substrings(args, UNICODE)),
    ("multi_search_any", |args| multi_search(args, BYTES, any)),
    ("multi_search_any_ascii", |args| multi_search(args, ASCII, any)),
    ("multi_search_any_unicode", |args| multi_search(args, UNICODE, any)),
    ("multi_search_first_index", |args| multi_search(args, BYTES, first_index)),
    ("multi_search_first_index_ascii", |args| multi_search(args, ASCII, first_index)),
    ("multi_search_first_index_unicode", |args| multi_search(args, UNICODE, first_index)),
    ("multi_search_first_position", |args| multi_search(args, BYTES, first_position)),
    ("multi_search_first_position_ascii", |args| multi_search(args, ASCII, first_position)),
    ("multi_search_first_position_utf8", |args| multi_search(args, CHARS, first_position)),
    ("multi_search_first_position_unicode", |args| multi_search(args, UNICODE, first_position)),
    ("multi_search_all_positions", |args| multi_search_all(args, BYTES)),
    ("multi_search_all_positions_ascii", |args| multi_search_all(args, ASCII)),
    ("multi_search_all_positions_utf8", |args| multi_search_all(args, CHARS)),
    ("multi_search_all_positions_unicode", |args| multi_search_all(args, UNICODE)),
];

/// Which letters count as equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Case {
    Exact,
    Ascii,
    Unicode,
}

impl Case {
    /// The text in small letters, as many characters as before.
    fn fold(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::Exact => Cow::Borrowed(text),
            Self::Ascii => Cow::Owned(text.to_ascii_lowercase()),
            Self::Unicode => Cow::Owned(text.chars().map(small).collect()),
        }
    }
}

fn small(char: char) -> char {
    let mut small = char.to_lowercase();
    match (small.next(), small.next()) {
        (Some(small), None) => small,
        _ => char,
    }
}

/// How a text is looked for and in which unit its place is given.
#[derive(Debug, Clone, Copy)]
struct Search {
    case: Case,
    chars: bool,
}

const BYTES: Search = Search { case: Case::Exact, chars: false };
const ASCII: Search = Search { case: Case::Ascii, chars: false };
const CHARS: Search = Search { case: Case::Exact, chars: true };
const UNICODE: Search = Search { case: Case::Unicode, chars: true };

impl Search {
    /// The 1-based place of the needle at or after the 1-based `from`; 0 if there is none. Both are folded already.
    fn find(self, text: &str, needle: &str, from: usize) -> usize {
        let Some(start) = self.start(text, from) else { return 0 };
        let found =
            text.as_bytes().get(start..).and_then(|rest| memmem::find(rest, needle.as_bytes()));
        found.map_or(0, |at| 1 + self.units(text, start + at))
    }

    /// The byte at which the search begins; `None` if that is beyond the end.
    fn start(self, text: &str, from: usize) -> Option<usize> {
        let before = from.saturating_sub(1);
        if !self.chars {
            return (before <= text.len()).then_some(before);
        }
        let mut starts = text.char_indices().map(|(at, _)| at).chain([text.len()]);
        starts.nth(before)
    }

    /// Bytes or characters before a byte.
    fn units(self, text: &str, byte: usize) -> usize {
        if self.chars { text.get(..byte).map_or(0, |before| before.chars().count()) } else { byte }
    }
}

fn measure(args: &KernelArgs<'_>, measure: fn(&str) -> Option<i64>) -> Result<ColumnarValue> {
    let texts = Text::of(args, 0)?;
    ints(args, |row| texts.get(row).and_then(measure))
}

/// Bytes of a text, elements of an array, entries of a map; `None` if it is a text.
fn elements(args: &KernelArgs<'_>) -> Result<Option<Int32Array>> {
    let values = args.array(0)?;
    Ok(match values.data_type() {
        DataType::List(_) => {
            Some(kernels::length::length(&values)?.as_primitive::<Int32Type>().clone())
        }
        DataType::Map(_, _) => {
            let map: &MapArray = values.as_map();
            Some(
                (0..map.len())
                    .map(|row| map.is_valid(row).then(|| map.value_length(row)))
                    .collect(),
            )
        }
        _ => None,
    })
}

fn length(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    match elements(args)? {
        // An array is never NULL: what has none has no elements.
        Some(lengths) => ints(args, |row| {
            Some(if lengths.is_valid(row) { i64::from(lengths.value(row)) } else { 0 })
        }),
        None => measure(args, |text| i64::try_from(text.len()).ok()),
    }
}

fn is_empty(args: &KernelArgs<'_>, wanted: bool) -> Result<ColumnarValue> {
    if let Some(lengths) = elements(args)? {
        return flags(args, |row| {
            Some((lengths.is_null(row) || lengths.value(row) == 0) == wanted)
        });
    }
    let texts = Text::of(args, 0)?;
    flags(args, |row| texts.get(row).map(|text| text.is_empty() == wanted))
}

/// Texts are always valid.
fn is_valid_utf8(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let texts = Text::of(args, 0)?;
    flags(args, |row| texts.get(row).map(|_| true))
}

fn test_pair(args: &KernelArgs<'_>, test: fn(&str, &str) -> bool) -> Result<ColumnarValue> {
    let (texts, others) = (Text::of(args, 0)?, Text::of(args, 1)?);
    flags(args, |row| Some(test(texts.get(row)?, others.get(row)?)))
}

/// Whether the characters of `wanted` stand in the text in that order, perhaps with others between them.
fn has_subsequence(text: &str, wanted: &str, case: Case) -> bool {
    let same = |left: char, right: char| match case {
        Case::Exact => left == right,
        Case::Ascii => left.eq_ignore_ascii_case(&right),
        Case::Unicode => small(left) == small(right),
    };
    let mut rest = text.chars();
    wanted.chars().all(|wanted| rest.any(|char| same(char, wanted)))
}

/// `hasToken(text, token)`: the token between characters that are neither letters nor digits.
fn has_token(args: &KernelArgs<'_>, case: Case, or_null: bool) -> Result<ColumnarValue> {
    let (texts, tokens) = (Text::of(args, 0)?, Text::of(args, 1)?);
    let separates = |byte: u8| byte.is_ascii() && !byte.is_ascii_alphanumeric();
    let mut found = Vec::with_capacity(args.rows);
    for row in 0..args.rows {
        let (Some(text), Some(token)) = (texts.get(row), tokens.get(row)) else {
            found.push(None);
            continue;
        };
        if token.bytes().any(separates) {
            if or_null {
                found.push(None);
                continue;
            }
            return exec_err!("hasToken: a token has letters and digits only, found '{token}'");
        }
        let (text, token) = (case.fold(text), case.fold(token));
        let mut tokens = text.split(|char: char| char.is_ascii() && !char.is_ascii_alphanumeric());
        found.push(Some(!token.is_empty() && tokens.any(|part| part == token)));
    }
    flags(args, |row| found.get(row).copied().flatten())
}

/// The optional 1-based start of each row; 1 if there is no such argument.
fn starts(args: &KernelArgs<'_>, index: usize) -> Result<Ints> {
    if args.args.len() > index { Ints::of(args, index) } else { Ok(Ints::Constant(Some(1))) }
}

fn count_of(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// `position(text, needle[, start])`: 1-based; 0 if not found.
fn position(args: &KernelArgs<'_>, search: Search) -> Result<ColumnarValue> {
    let (texts, needles, starts) = (Text::of(args, 0)?, Text::of(args, 1)?, starts(args, 2)?);
    let constant = needles.constant().map(|needle| search.case.fold(needle));
    let finder = constant.as_deref().map(memmem::Finder::new);
    ints(args, |row| {
        let (text, needle, start) = (texts.get(row)?, needles.get(row)?, starts.get(row)?);
        let text = search.case.fold(text);
        if let (Some(finder), 0..=1) = (&finder, start) {
            return Some(
                finder.find(text.as_bytes()).map_or(0, |at| count_of(1 + search.units(&text, at))),
            );
        }
        let Ok(start) = usize::try_from(start) else { return Some(0) };
        Some(count_of(search.find(&text, &search.case.fold(needle), start)))
    })
}

/// `countSubstrings(text, needle[, start])`, occurrences that do not overlap; 0 for an empty needle.
fn count_substrings(args: &KernelArgs<'_>, search: Search) -> Result<ColumnarValue> {
    let (texts, needles, starts) = (Text::of(args, 0)?, Text::of(args, 1)?, starts(args, 2)?);
    ints(args, |row| {
        let (text, needle, start) = (texts.get(row)?, needles.get(row)?, starts.get(row)?);
        let (text, needle) = (search.case.fold(text), search.case.fold(needle));
        let start = usize::try_from(start).ok().and_then(|start| search.start(&text, start));
        let rest = start.and_then(|start| text.as_bytes().get(start..));
        Some(match rest {
            Some(rest) if !needle.is_empty() => {
                count_of(memmem::find_iter(rest, needle.as_bytes()).count())
            }
            _ => 0,
        })
    })
}

fn any(_: Option<usize>, position: Option<usize>) -> i64 {
    i64::from(position.is_some())
}

fn first_index(index: Option<usize>, _: Option<usize>) -> i64 {
    index.map_or(0, count_of)
}

fn first_position(_: Option<usize>, position: Option<usize>) -> i64 {
    position.map_or(0, count_of)
}

/// Looks for several needles: `answer` is given the 1-based index of the first that is found, and the smallest place of all.
fn multi_search(
    args: &KernelArgs<'_>,
    search: Search,
    answer: fn(Option<usize>, Option<usize>) -> i64,
) -> Result<ColumnarValue> {
    let (texts, needles) = (Text::of(args, 0)?, TextList::of(args, 1)?);
    let mut answers = Vec::with_capacity(args.rows);
    for row in 0..args.rows {
        let (Some(text), Some(list)) = (texts.get(row), needles.get(row)?) else {
            answers.push(None);
            continue;
        };
        let text = search.case.fold(text);
        let places: Vec<usize> =
            list.iter().map(|needle| search.find(&text, &search.case.fold(needle), 1)).collect();
        let index = places.iter().position(|place| *place > 0).map(|index| index + 1);
        answers.push(Some(answer(index, places.into_iter().filter(|place| *place > 0).min())));
    }
    ints(args, |row| answers.get(row).copied().flatten())
}

fn multi_search_all(args: &KernelArgs<'_>, search: Search) -> Result<ColumnarValue> {
    let (texts, needles) = (Text::of(args, 0)?, TextList::of(args, 1)?);
    let mut builder = ListBuilder::new(UInt64Builder::new());
    if let DataType::List(field) = args.return_type {
        builder = builder.with_field(Arc::clone(field));
    }
    for row in 0..args.rows {
        if let (Some(text), Some(list)) = (texts.get(row), needles.get(row)?) {
            let text = search.case.fold(text);
            for needle in list.iter() {
                let place = search.find(&text, &search.case.fold(needle), 1);
                builder.values().append_value(u64::try_from(place).unwrap_or_default());
            }
        }
        builder.append(true);
    }
    Ok(ColumnarValue::Array(Arc::new(builder.finish())))
}
