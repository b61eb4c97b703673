//! JSON strings: reading escapes, writing as ClickHouse does.

use std::borrow::Cow;

/// The text of a JSON string given between its quotes; `None` if an escape is wrong.
#[must_use]
pub fn unescape(content: &str) -> Option<Cow<'_, str>> {
    let Some(first) = memchr::memchr(b'\\', content.as_bytes()) else {
        return Some(Cow::Borrowed(content));
    };
    let mut out = String::with_capacity(content.len());
    let (plain, mut rest) = content.split_at_checked(first)?;
    out.push_str(plain);
    while let Some(escape) = rest.strip_prefix('\\') {
        let (character, after) = read_escape(escape)?;
        out.push(character);
        let end = memchr::memchr(b'\\', after.as_bytes()).unwrap_or(after.len());
        let (plain, next) = after.split_at_checked(end)?;
        out.push_str(plain);
        rest = next;
    }
    Some(Cow::Owned(out))
}

/// The character that the escape behind a backslash stands for, and the text after it.
fn read_escape(escape: &str) -> Option<(char, &str)> {
    let (&kind, _) = escape.as_bytes().split_first()?;
    let character = match kind {
        b'"' | b'\\' | b'/' => char::from(kind),
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return read_unicode(escape.get(1..)?),
        _ => return None,
    };
    Some((character, escape.get(1..)?))
}

/// Reads four hex digits or, for a pair of surrogates, two such with `\u` between them.
fn read_unicode(digits: &str) -> Option<(char, &str)> {
    let high = hex4(digits)?;
    let rest = digits.get(4..)?;
    if !(0xD800..0xDC00).contains(&high) {
        return Some((char::from_u32(high)?, rest));
    }
    let pair = rest.strip_prefix("\\u")?;
    let low = hex4(pair)?.checked_sub(0xDC00).filter(|low| *low < 0x400)?;
    let code = 0x1_0000 + ((high - 0xD800) << 10) + low;
    Some((char::from_u32(code)?, pair.get(4..)?))
}

fn hex4(text: &str) -> Option<u32> {
    let digits = text.get(..4)?;
    digits
        .bytes()
        .all(|byte| byte.is_ascii_hexdigit())
        .then(|| u32::from_str_radix(digits, 16).ok())?
}

/// Appends `text` as a JSON string with its quotes, with ClickHouse's choice of escapes.
pub fn write_quoted(text: &str, out: &mut String) {
    out.push('"');
    let mut plain = 0;
    for (at, character) in text.char_indices() {
        let escape = match character {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\u{8}' => "\\b",
            '\u{c}' => "\\f",
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            '\u{2028}' => "\\u2028",
            '\u{2029}' => "\\u2029",
            '\0'..='\u{1f}' => "",
            _ => continue,
        };
        out.push_str(text.get(plain..at).unwrap_or_default());
        plain = at + character.len_utf8();
        if escape.is_empty() {
            let code = character as u32;
            out.push_str("\\u00");
            [code >> 4, code & 15]
                .into_iter()
                .filter_map(|digit| char::from_digit(digit, 16))
                .for_each(|digit| {
                    out.push(digit.to_ascii_uppercase());
                });
        } else {
            out.push_str(escape);
        }
    }
    out.push_str(text.get(plain..).unwrap_or_default());
    out.push('"');
}
