//! Regular expressions with RE2's syntax and meaning: `.` matches line ends, `\d \w \s \b` know ASCII only.

use super::input::{Text, TextList, flags, ints, text_lists, write_texts};
use super::{Kernel, KernelArgs};
use ::regex::{Captures, Regex, RegexBuilder};
use arrow::array::{ListBuilder, StringViewBuilder};
use arrow::datatypes::DataType;
use datafusion::common::{DataFusionError, Result, exec_err};
use datafusion::logical_expr::ColumnarValue;
use std::collections::HashMap;
use std::sync::Arc;

pub(super) static KERNELS: &[(&str, Kernel)] = &[
    ("match", |args| matches(args, false)),
    ("match_case_insensitive", |args| matches(args, true)),
    ("multi_match_any", |args| multi_match(args, |found| i64::from(found.is_some()))),
    ("multi_match_any_index", |args| multi_match(args, |found| found.map_or(0, |index| index + 1))),
    ("multi_match_all_indices", multi_match_all),
    ("extract", extract),
    ("extract_all", extract_all),
    ("extract_groups", extract_groups),
    ("extract_all_groups_vertical", |args| extract_all_groups(args, false)),
    ("extract_all_groups_horizontal", |args| extract_all_groups(args, true)),
    ("regexp_extract", regexp_extract),
    ("replace_regexp_one", |args| replace(args, false)),
    ("replace_regexp_all", |args| replace(args, true)),
    ("count_matches", |args| count(args, false)),
    ("count_matches_case_insensitive", |args| count(args, true)),
    ("split_by_regexp", split),
    ("regexp_quote_meta", quote),
];

/// Largest compiled program of one pattern.
const SIZE_LIMIT: usize = 8 << 20;

/// Compiles a pattern of RE2's syntax.
///
/// # Errors
/// What is wrong with the pattern, on one line.
pub fn compile_regex(pattern: &str, case_insensitive: bool) -> Result<Regex, String> {
    let translated = super::re2::translate(pattern)?;
    RegexBuilder::new(&translated)
        .case_insensitive(case_insensitive)
        .dot_matches_new_line(true)
        .size_limit(SIZE_LIMIT)
        .build()
        .map_err(|error| format!("`{pattern}` is no regular expression: {}", reason(&error)))
}

/// The last line of the message, without the drawing of the (translated) pattern.
fn reason(error: &::regex::Error) -> String {
    let text = error.to_string();
    let line =
        text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it cannot be compiled");
    line.trim().trim_start_matches("error: ").to_owned()
}

/// Compiled patterns of one call.
struct Patterns {
    source: Text,
    case_insensitive: bool,
    compiled: HashMap<String, Regex>,
}

impl Patterns {
    fn of(args: &KernelArgs<'_>, index: usize, case_insensitive: bool) -> Result<Self> {
        Ok(Self { source: Text::of(args, index)?, case_insensitive, compiled: HashMap::new() })
    }

    fn get(&mut self, row: usize) -> Result<Option<&Regex>> {
        let Some(pattern) = self.source.get(row) else { return Ok(None) };
        if !self.compiled.contains_key(pattern) {
            let regex = compile_regex(pattern, self.case_insensitive)
                .map_err(DataFusionError::Execution)?;
            self.compiled.insert(pattern.to_owned(), regex);
        }
        Ok(self.compiled.get(pattern))
    }
}

/// Text and compiled pattern of each row, for functions whose first two arguments these are.
fn each_row<T>(
    args: &KernelArgs<'_>,
    case_insensitive: bool,
    mut each: impl FnMut(&Regex, &str) -> T,
) -> Result<Vec<Option<T>>> {
    let texts = Text::of(args, 0)?;
    let mut patterns = Patterns::of(args, 1, case_insensitive)?;
    if let Some(pattern) = patterns.source.constant() {
        let regex = compile_regex(pattern, case_insensitive).map_err(DataFusionError::Execution)?;
        return Ok((0..args.rows)
            .map(|row| texts.get(row).map(|text| each(&regex, text)))
            .collect());
    }
    (0..args.rows)
        .map(|row| {
            Ok(patterns.get(row)?.zip(texts.get(row)).map(|(regex, text)| each(regex, text)))
        })
        .collect()
}

fn matches(args: &KernelArgs<'_>, case_insensitive: bool) -> Result<ColumnarValue> {
    let found = each_row(args, case_insensitive, Regex::is_match)?;
    flags(args, |row| found.get(row).copied().flatten())
}

fn count(args: &KernelArgs<'_>, case_insensitive: bool) -> Result<ColumnarValue> {
    let count =
        |regex: &Regex, text: &str| regex.find_iter(text).filter(|found| !found.is_empty()).count();
    let counts = each_row(args, case_insensitive, count)?;
    ints(args, |row| counts.get(row).copied().flatten().and_then(|count| i64::try_from(count).ok()))
}

fn group<'t>(captures: &Captures<'t>, index: usize) -> &'t str {
    captures.get(index).map_or("", |found| found.as_str())
}

/// The first match: its first group, or all of it if there is no group; the empty text if nothing matches.
fn extract(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let texts = Text::of(args, 0)?;
    let mut patterns = Patterns::of(args, 1, false)?;
    write_texts(args.rows, |row, out| {
        let (Some(regex), Some(text)) = (patterns.get(row)?, texts.get(row)) else {
            return Ok(false);
        };
        if regex.captures_len() == 1 {
            out.push_str(regex.find(text).map_or("", |found| found.as_str()));
        } else if let Some(captures) = regex.captures(text) {
            out.push_str(group(&captures, 1));
        }
        Ok(true)
    })
}

fn extract_all(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let texts = Text::of(args, 0)?;
    let mut patterns = Patterns::of(args, 1, false)?;
    text_lists(args, |row, out| {
        let (Some(regex), Some(text)) = (patterns.get(row)?, texts.get(row)) else {
            return Ok(false);
        };
        let wanted = usize::from(regex.captures_len() > 1);
        for captures in regex.captures_iter(text) {
            if group(&captures, 0).is_empty() {
                break;
            }
            out.try_append_value(group(&captures, wanted))?;
        }
        Ok(true)
    })
}

/// Matches from left to right: after a match the search goes on at its end, one character further if it is empty.
/// `at_end` says whether an empty match at the end of the text counts.
fn each_match<'t>(regex: &Regex, text: &'t str, at_end: bool, mut each: impl FnMut(Captures<'t>)) {
    let mut from = 0;
    while from < text.len() || (at_end && from == text.len()) {
        let Some(captures) = regex.captures_at(text, from) else { return };
        let Some(found) = captures.get(0) else { return };
        let next =
            text.get(found.end()..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
        from = if found.is_empty() { found.end() + next } else { found.end() };
        each(captures);
    }
}

fn no_groups<T>(function: &str, regex: &Regex) -> Result<T> {
    exec_err!("{function} needs a pattern with groups, found `{}`", regex.as_str())
}

fn extract_groups(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let texts = Text::of(args, 0)?;
    let mut patterns = Patterns::of(args, 1, false)?;
    text_lists(args, |row, out| {
        let (Some(regex), Some(text)) = (patterns.get(row)?, texts.get(row)) else {
            return Ok(false);
        };
        if regex.captures_len() == 1 {
            return no_groups("extractGroups", regex);
        }
        if let Some(captures) = regex.captures(text) {
            for index in 1..captures.len() {
                out.try_append_value(group(&captures, index))?;
            }
        }
        Ok(true)
    })
}

/// Groups of all matches: a list for each match, or (`by_group`) a list for each group.
fn extract_all_groups(args: &KernelArgs<'_>, by_group: bool) -> Result<ColumnarValue> {
    let texts = Text::of(args, 0)?;
    let mut patterns = Patterns::of(args, 1, false)?;
    let mut inner = ListBuilder::new(StringViewBuilder::new());
    let mut outer_field = None;
    if let DataType::List(outer) = args.return_type {
        if let DataType::List(field) = outer.data_type() {
            inner = inner.with_field(Arc::clone(field));
        }
        outer_field = Some(Arc::clone(outer));
    }
    let mut builder = ListBuilder::new(inner);
    if let Some(field) = outer_field {
        builder = builder.with_field(field);
    }
    for row in 0..args.rows {
        let (Some(regex), Some(text)) = (patterns.get(row)?, texts.get(row)) else {
            builder.append(true);
            continue;
        };
        if regex.captures_len() == 1 {
            return no_groups("extractAllGroups", regex);
        }
        let mut found: Vec<Captures<'_>> = Vec::new();
        each_match(regex, text, false, |captures| found.push(captures));
        let lists = builder.values();
        if by_group {
            for index in 1..regex.captures_len() {
                append_texts(lists, found.iter().map(|captures| group(captures, index)))?;
            }
        } else {
            for captures in &found {
                append_texts(lists, (1..captures.len()).map(|index| group(captures, index)))?;
            }
        }
        builder.append(true);
    }
    Ok(ColumnarValue::Array(Arc::new(builder.finish())))
}

fn append_texts<'t>(
    lists: &mut ListBuilder<StringViewBuilder>,
    texts: impl Iterator<Item = &'t str>,
) -> Result<()> {
    for text in texts {
        lists.values().try_append_value(text)?;
    }
    lists.append(true);
    Ok(())
}

/// `regexpExtract(text, pattern, index)`.
fn regexp_extract(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let texts = Text::of(args, 0)?;
    let mut patterns = Patterns::of(args, 1, false)?;
    let indexes = super::input::Ints::of(args, 2)?;
    write_texts(args.rows, |row, out| {
        let (Some(regex), Some(text), Some(index)) =
            (patterns.get(row)?, texts.get(row), indexes.get(row))
        else {
            return Ok(false);
        };
        let wanted = usize::try_from(index).ok().filter(|index| *index < regex.captures_len());
        let Some(wanted) = wanted else {
            return exec_err!(
                "regexpExtract: group {index} is not one of 0 to {} of `{}`",
                regex.captures_len() - 1,
                regex.as_str()
            );
        };
        if let Some(captures) = regex.captures(text) {
            out.push_str(group(&captures, wanted));
        }
        Ok(true)
    })
}

/// Parts of a replacement: text, or the number of a group.
enum Part {
    Text(String),
    Group(usize),
}

/// Reads `\0` to `\9` and `\\`.
fn replacement(text: &str, regex: &Regex) -> Result<Vec<Part>> {
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        let escaped = if char == '\\' { chars.peek().copied() } else { None };
        match (escaped, escaped.and_then(|escaped| escaped.to_digit(10))) {
            (_, Some(digit)) => {
                chars.next();
                let group = usize::try_from(digit).unwrap_or_default();
                if group >= regex.captures_len() {
                    return exec_err!(
                        "the replacement `{text}` names group {group}, the pattern has {}",
                        regex.captures_len() - 1
                    );
                }
                parts.push(Part::Text(std::mem::take(&mut literal)));
                parts.push(Part::Group(group));
            }
            (Some('\\'), None) => {
                chars.next();
                literal.push('\\');
            }
            _ => literal.push(char),
        }
    }
    parts.push(Part::Text(literal));
    Ok(parts)
}

/// `replaceRegexpOne(text, pattern, replacement)` and `replaceRegexpAll`.
fn replace(args: &KernelArgs<'_>, all: bool) -> Result<ColumnarValue> {
    let texts = Text::of(args, 0)?;
    let mut patterns = Patterns::of(args, 1, false)?;
    let replacements = Text::of(args, 2)?;
    let mut parts: Option<(String, String, Vec<Part>)> = None;
    write_texts(args.rows, |row, out| {
        let (Some(regex), Some(text), Some(with)) =
            (patterns.get(row)?, texts.get(row), replacements.get(row))
        else {
            return Ok(false);
        };
        if !matches!(&parts, Some((pattern, known, _)) if pattern == regex.as_str() && known == with)
        {
            parts = Some((regex.as_str().to_owned(), with.to_owned(), replacement(with, regex)?));
        }
        let parts = parts.as_ref().map_or(&[][..], |(_, _, parts)| parts);
        let mut end = 0;
        let mut put = |captures: Captures<'_>| {
            let Some(found) = captures.get(0) else { return };
            out.push_str(text.get(end..found.start()).unwrap_or_default());
            for part in parts {
                out.push_str(match part {
                    Part::Text(text) => text,
                    Part::Group(index) => group(&captures, *index),
                });
            }
            end = found.end();
        };
        if all && !regex.as_str().is_empty() {
            each_match(regex, text, true, put);
        } else if let Some(captures) = regex.captures(text).filter(|_| !regex.as_str().is_empty()) {
            put(captures);
        }
        out.push_str(text.get(end..).unwrap_or_default());
        Ok(true)
    })
}

/// `splitByRegexp(text, pattern)`: an empty pattern gives the characters, and any other at least one part.
fn split(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let texts = Text::of(args, 0)?;
    let mut patterns = Patterns::of(args, 1, false)?;
    let limits = super::split::limits(args, 2)?;
    text_lists(args, |row, out| {
        let (Some(regex), Some(text)) = (patterns.get(row)?, texts.get(row)) else {
            return Ok(false);
        };
        let mut parts = super::split::Parts::new(out, limits.get(row));
        if regex.as_str().is_empty() {
            for (start, char) in text.char_indices() {
                parts.push(text.get(start..start + char.len_utf8()).unwrap_or_default())?;
            }
            return Ok(true);
        }
        let mut end = 0;
        for found in regex.find_iter(text).filter(|found| !found.is_empty()) {
            parts.push(text.get(end..found.start()).unwrap_or_default())?;
            end = found.end();
        }
        parts.push(text.get(end..).unwrap_or_default())?;
        Ok(true)
    })
}

fn multi_match(args: &KernelArgs<'_>, answer: fn(Option<i64>) -> i64) -> Result<ColumnarValue> {
    let texts = Text::of(args, 0)?;
    let patterns = TextList::of(args, 1)?;
    let mut compiled = HashMap::new();
    let mut answers = Vec::with_capacity(args.rows);
    for row in 0..args.rows {
        let (Some(text), Some(list)) = (texts.get(row), patterns.get(row)?) else {
            answers.push(None);
            continue;
        };
        let mut found = None;
        for (index, pattern) in (0_i64..).zip(list.iter()) {
            if known(&mut compiled, pattern)?.is_match(text) {
                found = Some(index);
                break;
            }
        }
        answers.push(Some(answer(found)));
    }
    ints(args, |row| answers.get(row).copied().flatten())
}

fn known<'r>(compiled: &'r mut HashMap<String, Regex>, pattern: &str) -> Result<&'r Regex> {
    if !compiled.contains_key(pattern) {
        compiled.insert(
            pattern.to_owned(),
            compile_regex(pattern, false).map_err(DataFusionError::Execution)?,
        );
    }
    compiled
        .get(pattern)
        .ok_or_else(|| DataFusionError::Internal("a compiled pattern is missing".to_owned()))
}

fn multi_match_all(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let texts = Text::of(args, 0)?;
    let patterns = TextList::of(args, 1)?;
    let mut compiled = HashMap::new();
    let mut builder = ListBuilder::new(arrow::array::UInt64Builder::new());
    if let DataType::List(field) = args.return_type {
        builder = builder.with_field(Arc::clone(field));
    }
    for row in 0..args.rows {
        let (Some(text), Some(list)) = (texts.get(row), patterns.get(row)?) else {
            builder.append(true);
            continue;
        };
        for (index, pattern) in (1_u64..).zip(list.iter()) {
            if known(&mut compiled, pattern)?.is_match(text) {
                builder.values().append_value(index);
            }
        }
        builder.append(true);
    }
    Ok(ColumnarValue::Array(Arc::new(builder.finish())))
}

/// Puts a backslash before each character with a meaning.
fn quote(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let texts = Text::of(args, 0)?;
    write_texts(args.rows, |row, out| {
        let Some(text) = texts.get(row) else { return Ok(false) };
        for char in text.chars() {
            if r"\^$.[]|()?*+{-:".contains(char) || char == '\0' {
                out.push('\\');
            }
            out.push(char);
        }
        Ok(true)
    })
}
