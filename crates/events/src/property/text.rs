//! From the raw text of a JSON value to the text that a query reads.
//!
//! PostHog reads a property as `replaceRegexpAll(nullIf(nullIf(JSONExtractRaw(json, key), ''), 'null'), '^"|"$', '')`:
//! NULL if missing or `null`, one outer quote removed at each end, nothing unescaped. ClickHouse's `JSONExtractRaw` writes
//! the parsed value anew (no white space, numbers and escapes in its own spelling). Text from JavaScript's
//! `JSON.stringify`, which PostHog stores, has that spelling already and is borrowed; other text is rewritten.

use super::json::string_end;
use super::number::{self, canonical_number};
use super::string::{unescape, write_quoted};

/// The text of a property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text<'a> {
    /// A part of the JSON text.
    Borrowed(&'a str),
    /// Rewritten, as the JSON text has another spelling than ClickHouse gives.
    Rewritten(String),
}

impl AsRef<str> for Text<'_> {
    fn as_ref(&self) -> &str {
        match self {
            Self::Borrowed(text) => text,
            Self::Rewritten(text) => text,
        }
    }
}

/// What a query reads for the raw text of a value; `None` is NULL: the value is `null` or no JSON.
///
/// ```
/// use events::property::{Text, property_text};
/// assert_eq!(property_text(r#""a\"b""#), Some(Text::Borrowed(r#"a\"b"#)));
/// assert_eq!(property_text("1.50"), Some(Text::Rewritten("1.5".into())));
/// assert_eq!(property_text("null"), None);
/// ```
#[inline]
#[must_use]
pub fn property_text(raw: &str) -> Option<Text<'_>> {
    match raw.as_bytes().first()? {
        b'"' => {
            let content = raw.strip_prefix('"')?.strip_suffix('"')?;
            if needs_no_rewriting(content) {
                Some(Text::Borrowed(content))
            } else {
                rewritten_string(content)
            }
        }
        b'-' | b'0'..=b'9' if number::is_canonical(raw) => Some(Text::Borrowed(raw)),
        b't' if raw == "true" => Some(Text::Borrowed(raw)),
        b'f' if raw == "false" => Some(Text::Borrowed(raw)),
        b'n' => None,
        _ => slow_text(raw),
    }
}

/// A value as `JSONExtractRaw` writes it: compact, in ClickHouse's spelling. `None` if it is no JSON.
#[must_use]
pub fn canonical(raw: &str) -> Option<Text<'_>> {
    if is_canonical(raw) {
        return Some(Text::Borrowed(raw));
    }
    let mut out = String::with_capacity(raw.len());
    let mut at = 0;
    while let Some(token) = next_token(raw, &mut at)? {
        match token.as_bytes().first()? {
            b'"' => write_quoted(&unescape(token.get(1..token.len() - 1)?)?, &mut out),
            b'-' | b'0'..=b'9' => out.push_str(&canonical_number(token)?),
            _ => out.push_str(token),
        }
    }
    Some(Text::Rewritten(out))
}

#[cold]
fn rewritten_string(content: &str) -> Option<Text<'_>> {
    let mut out = String::with_capacity(content.len() + 2);
    write_quoted(&unescape(content)?, &mut out);
    Some(Text::Rewritten(strip_quotes(&out).to_owned()))
}

fn slow_text(raw: &str) -> Option<Text<'_>> {
    Some(match canonical(raw)? {
        Text::Borrowed(text) => Text::Borrowed(strip_quotes(text)),
        Text::Rewritten(text) => Text::Rewritten(strip_quotes(&text).to_owned()),
    })
}

fn strip_quotes(text: &str) -> &str {
    let text = text.strip_prefix('"').unwrap_or(text);
    text.strip_suffix('"').unwrap_or(text)
}

/// Whether ClickHouse would write the content of a string as it stands: no `\u` and no `\/`.
#[inline]
fn needs_no_rewriting(content: &str) -> bool {
    let bytes = content.as_bytes();
    let mut at = 0;
    while let Some(offset) = bytes.get(at..).and_then(|rest| memchr::memchr(b'\\', rest)) {
        if !matches!(
            bytes.get(at + offset + 1),
            Some(b'"' | b'\\' | b'b' | b'f' | b'n' | b'r' | b't')
        ) {
            return false;
        }
        at += offset + 2;
    }
    true
}

/// Whether a whole value is compact and in ClickHouse's spelling.
fn is_canonical(raw: &str) -> bool {
    let mut at = 0;
    let mut length = 0;
    loop {
        match next_token(raw, &mut at) {
            Some(Some(token)) => {
                length += token.len();
                let canonical = match token.as_bytes().first() {
                    Some(b'"') => token.get(1..token.len() - 1).is_some_and(needs_no_rewriting),
                    Some(b'-' | b'0'..=b'9') => number::is_canonical(token),
                    _ => true,
                };
                if !canonical {
                    return false;
                }
            }
            Some(None) => return length == raw.len(),
            None => return false,
        }
    }
}

/// The token at `at` (white space before it skipped), which moves behind it; `Some(None)` at the end, `None` if it is no JSON.
fn next_token<'a>(raw: &'a str, at: &mut usize) -> Option<Option<&'a str>> {
    let bytes = raw.as_bytes();
    while matches!(bytes.get(*at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
        *at += 1;
    }
    let start = *at;
    let Some(first) = bytes.get(start) else { return Some(None) };
    let end = match first {
        b'"' => string_end(bytes, start + 1)?.0 + 1,
        b'{' | b'}' | b'[' | b']' | b',' | b':' => start + 1,
        _ => {
            let rest = bytes.get(start..)?;
            let scalar = |byte: &u8| matches!(byte, b'-' | b'+' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z');
            start + rest.iter().position(|byte| !scalar(byte)).unwrap_or(rest.len())
        }
    };
    let token = raw.get(start..end)?;
    let is_known = match first {
        b'a'..=b'z' => matches!(token, "true" | "false" | "null"),
        b'"' | b'{' | b'}' | b'[' | b']' | b',' | b':' => true,
        _ => number::is_number(token),
    };
    *at = end;
    is_known.then_some(Some(token))
}
