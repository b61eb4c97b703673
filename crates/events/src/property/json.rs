//! A forward scanner over JSON text: finds values and gives back their raw text, borrowed.
//!
//! The scanner looks at no more text than it needs: it stops at the value it was asked for, and inside values that it skips
//! it only follows quotes and brackets. So a text that is broken behind the value or inside a skipped value still gives the
//! value, where ClickHouse, which parses the whole text first, gives nothing; other broken texts give `None`. Of equal keys the first one counts, as in ClickHouse.

use super::string::unescape;

/// A step of a path into a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Step {
    /// Key of an object.
    Key(String),
    /// Element of an array or member of an object, from 1; negative from the end.
    Index(i64),
}

/// The raw text of the value at `path`; the whole value for an empty path.
///
/// ```
/// use events::property::{Step, json::raw_at_path};
/// let path = [Step::Key("a".into()), Step::Index(-1)];
/// assert_eq!(raw_at_path(r#"{"a":[1,{"b":2}]}"#, &path), Some(r#"{"b":2}"#));
/// ```
#[must_use]
pub fn raw_at_path<'a>(json: &'a str, path: &[Step]) -> Option<&'a str> {
    let bytes = json.as_bytes();
    let mut start = skip_space(bytes, 0);
    for step in path {
        start = match step {
            Step::Key(key) => find_key(json, start, key.as_bytes())?,
            Step::Index(index) => find_index(bytes, start, *index)?,
        };
    }
    json.get(start..skip_value(bytes, start)?)
}

/// The raw texts of several keys of one object, in one pass: `out[i]` is the value of `keys[i]`, `None` if it is missing.
/// Stops as soon as all keys are found. Entries of `out` beyond `keys` are left alone.
pub fn raw_at_keys<'a>(json: &'a str, keys: &[&str], out: &mut [Option<&'a str>]) {
    let wanted = keys.len().min(out.len());
    out.iter_mut().take(wanted).for_each(|slot| *slot = None);
    let mut missing = wanted;
    for member in members(json) {
        if missing == 0 {
            return;
        }
        for (key, slot) in keys.iter().zip(out.iter_mut()) {
            if slot.is_none() && member.is_key(key) {
                *slot = Some(member.value);
                missing -= 1;
            }
        }
    }
}

/// A member of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member<'a> {
    /// The key between its quotes, still escaped.
    pub key: &'a str,
    /// Whether the key contains a backslash.
    pub escaped: bool,
    /// The raw text of the value.
    pub value: &'a str,
}

impl Member<'_> {
    /// Whether this is the member of that key.
    #[must_use]
    pub fn is_key(&self, key: &str) -> bool {
        if self.escaped {
            unescape(self.key).is_some_and(|text| text == key)
        } else {
            self.key == key
        }
    }
}

/// The members of an object in order; nothing for other values. Ends early where the text is broken.
#[must_use]
pub fn members(json: &str) -> Members<'_> {
    let start = skip_space(json.as_bytes(), 0);
    Members { json, at: enter(json.as_bytes(), start, b'{') }
}

/// The elements of an array in order; nothing for other values. Ends early where the text is broken.
#[must_use]
pub fn elements(json: &str) -> Elements<'_> {
    let start = skip_space(json.as_bytes(), 0);
    Elements { json, at: enter(json.as_bytes(), start, b'[') }
}

/// See [`members`].
#[derive(Debug, Clone)]
pub struct Members<'a> {
    json: &'a str,
    /// Start of the next key's quote; `None` at the end.
    at: Option<usize>,
}

impl<'a> Iterator for Members<'a> {
    type Item = Member<'a>;

    fn next(&mut self) -> Option<Member<'a>> {
        let at = self.at.take()?;
        let bytes = self.json.as_bytes();
        let (key_end, escaped) = key_end(bytes, at)?;
        let start = value_after_key(bytes, key_end)?;
        let end = skip_value(bytes, start)?;
        self.at = next_item(bytes, end);
        Some(Member {
            key: self.json.get(at + 1..key_end)?,
            escaped,
            value: self.json.get(start..end)?,
        })
    }
}

/// See [`elements`].
#[derive(Debug, Clone)]
pub struct Elements<'a> {
    json: &'a str,
    at: Option<usize>,
}

impl<'a> Iterator for Elements<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let start = self.at.take()?;
        let bytes = self.json.as_bytes();
        let end = skip_value(bytes, start)?;
        self.at = next_item(bytes, end);
        self.json.get(start..end)
    }
}

/// Start of the first item inside a container that begins with `open`; `None` if it is another value or empty.
fn enter(bytes: &[u8], start: usize, open: u8) -> Option<usize> {
    if *bytes.get(start)? != open {
        return None;
    }
    let at = skip_space(bytes, start + 1);
    (!matches!(bytes.get(at)?, b'}' | b']')).then_some(at)
}

/// Start of the item after the one that ends at `end`; `None` at the end of the container.
#[inline]
fn next_item(bytes: &[u8], end: usize) -> Option<usize> {
    let at = skip_space(bytes, end);
    (*bytes.get(at)? == b',').then(|| skip_space(bytes, at + 1))
}

/// Index of the closing quote of the key whose opening quote is at `at`, and whether it has escapes.
#[inline]
fn key_end(bytes: &[u8], at: usize) -> Option<(usize, bool)> {
    if *bytes.get(at)? != b'"' {
        return None;
    }
    string_end(bytes, at + 1)
}

/// Start of the value behind the key whose closing quote is at `key_end`.
#[inline]
fn value_after_key(bytes: &[u8], key_end: usize) -> Option<usize> {
    let colon = skip_space(bytes, key_end + 1);
    (*bytes.get(colon)? == b':').then(|| skip_space(bytes, colon + 1))
}

/// Start of the value whose key ends (behind its quote) at `behind`; `None` if no colon follows.
#[inline]
pub(super) fn value_of_key(json: &str, behind: usize) -> Option<usize> {
    value_after_key(json.as_bytes(), behind.checked_sub(1)?)
}

/// Start of the value of `key` in the object that starts at `start`.
fn find_key(json: &str, start: usize, key: &[u8]) -> Option<usize> {
    let bytes = json.as_bytes();
    let mut at = enter(bytes, start, b'{')?;
    loop {
        let (end, escaped) = key_end(bytes, at)?;
        let found = if escaped {
            unescape(json.get(at + 1..end)?).is_some_and(|text| text.as_bytes() == key)
        } else {
            bytes.get(at + 1..end)? == key
        };
        let value = value_after_key(bytes, end)?;
        if found {
            return Some(value);
        }
        at = next_item(bytes, skip_value(bytes, value)?)?;
    }
}

/// Start of the value at a 1-based index (negative from the end) of the array or object that starts at `start`.
fn find_index(bytes: &[u8], start: usize, index: i64) -> Option<usize> {
    let wanted = match index {
        0 => return None,
        1.. => usize::try_from(index).ok()?,
        _ => {
            let from_end = usize::try_from(index.unsigned_abs()).ok()?;
            (count_items(bytes, start)? + 1).checked_sub(from_end).filter(|&wanted| wanted > 0)?
        }
    };
    let mut at = first_item(bytes, start)?;
    for _ in 1..wanted {
        at = item_end(bytes, start, at).and_then(|end| next_item(bytes, end))?;
    }
    item_value(bytes, start, at)
}

fn count_items(bytes: &[u8], start: usize) -> Option<usize> {
    let mut next = first_item(bytes, start);
    let mut count = 0;
    while let Some(at) = next {
        count += 1;
        next = next_item(bytes, item_end(bytes, start, at)?);
    }
    Some(count)
}

fn first_item(bytes: &[u8], start: usize) -> Option<usize> {
    enter(bytes, start, b'[').or_else(|| enter(bytes, start, b'{'))
}

/// Start of the value of the item at `at`: behind the key if the container is an object.
fn item_value(bytes: &[u8], container: usize, at: usize) -> Option<usize> {
    if *bytes.get(container)? == b'{' {
        value_after_key(bytes, key_end(bytes, at)?.0)
    } else {
        Some(at)
    }
}

fn item_end(bytes: &[u8], container: usize, at: usize) -> Option<usize> {
    skip_value(bytes, item_value(bytes, container, at)?)
}

/// First position from `at` that is no white space.
#[inline]
fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
        at += 1;
    }
    at
}

/// End of the value that starts at `start`; `None` if there is none or the text ends inside it.
#[inline]
fn skip_value(bytes: &[u8], start: usize) -> Option<usize> {
    match bytes.get(start)? {
        b'"' => string_end(bytes, start + 1).map(|(end, _)| end + 1),
        b'{' | b'[' => skip_container(bytes, start),
        b',' | b'}' | b']' | b':' => None,
        _ => Some(skip_scalar(bytes, start)),
    }
}

/// End of a number or a literal.
#[inline]
fn skip_scalar(bytes: &[u8], mut at: usize) -> usize {
    while !matches!(bytes.get(at), None | Some(b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t')) {
        at += 1;
    }
    at
}

/// End of the object or array that starts at `start`, by counting brackets outside strings.
fn skip_container(bytes: &[u8], start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = start;
    loop {
        at = find_structure(bytes, at)?;
        match bytes.get(at)? {
            b'"' => at = string_end(bytes, at + 1)?.0,
            b'{' | b'[' => depth += 1,
            _ => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
        }
        at += 1;
    }
}

const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Marks (bit 7) the bytes of `word` that equal `byte`; bytes above the first mark may be marked wrongly.
#[inline]
const fn marks(word: u64, byte: u8) -> u64 {
    let difference = word ^ (LOW * byte as u64);
    difference.wrapping_sub(LOW) & !difference & HIGH
}

#[inline]
fn word_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk::<8>().map(|chunk| u64::from_le_bytes(*chunk))
}

/// First quote or bracket from `at`.
#[inline]
fn find_structure(bytes: &[u8], mut at: usize) -> Option<usize> {
    while let Some(word) = word_at(bytes, at) {
        // Bit 5 set turns `[` into `{` and `]` into `}`; a quote has it already and 0x02 is no JSON.
        let folded = word | (LOW * 0x20);
        let found = marks(word, b'"') | marks(folded, b'{') | marks(folded, b'}');
        if found != 0 {
            return Some(at + (found.trailing_zeros() / 8) as usize);
        }
        at += 8;
    }
    let rest = bytes.get(at..)?;
    rest.iter()
        .position(|byte| matches!(byte, b'"' | b'{' | b'}' | b'[' | b']'))
        .map(|offset| at + offset)
}

/// Words looked at one by one before `memchr` is called: property texts are short.
const SHORT_WORDS: usize = 8;

/// Index of the quote that ends the string whose content starts at `at`, and whether the content has a backslash.
#[inline]
pub(super) fn string_end(bytes: &[u8], mut at: usize) -> Option<(usize, bool)> {
    for _ in 0..SHORT_WORDS {
        let Some(word) = word_at(bytes, at) else { break };
        let found = marks(word, b'"') | marks(word, b'\\');
        if found != 0 {
            at += (found.trailing_zeros() / 8) as usize;
            return if bytes.get(at) == Some(&b'"') {
                Some((at, false))
            } else {
                escaped_end(bytes, at)
            };
        }
        at += 8;
    }
    let at = at + memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
    if bytes.get(at) == Some(&b'"') { Some((at, false)) } else { escaped_end(bytes, at) }
}

/// The same from the first backslash on.
#[cold]
fn escaped_end(bytes: &[u8], mut at: usize) -> Option<(usize, bool)> {
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes.get(at) == Some(&b'"') {
            return Some((at, true));
        }
        at += 2;
    }
}
