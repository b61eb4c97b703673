//! Encodings of texts: hexadecimal, base64, URL components, XML; and `format`.
//!
//! Bytes that are not UTF-8 after decoding become replacement characters.

use super::input::{Text, write_texts};
use super::{Kernel, KernelArgs};
use datafusion::common::{Result, exec_err};
use datafusion::logical_expr::ColumnarValue;

pub(super) static KERNELS: &[(&str, Kernel)] = &[
    ("unhex", |args| change(args, unhex)),
    ("base64_encode", |args| change(args, |text, out| base64_encode(text.as_bytes(), out))),
    ("base64_decode", |args| base64(args, true)),
    ("try_base64_decode", |args| base64(args, false)),
    ("encode_url", |args| change(args, |text, out| encode_url(text, "%20", out))),
    ("encode_url_form", |args| change(args, |text, out| encode_url(text, "+", out))),
    ("decode_url", |args| change(args, |text, out| decode_url(text, false, out))),
    ("decode_url_form", |args| change(args, |text, out| decode_url(text, true, out))),
    ("encode_xml", |args| change(args, encode_xml)),
    ("decode_xml", |args| change(args, decode_xml)),
    ("format", format),
];

fn change(args: &KernelArgs<'_>, change: impl Fn(&str, &mut String)) -> Result<ColumnarValue> {
    let texts = Text::of(args, 0)?;
    write_texts(args.rows, |row, out| {
        let Some(text) = texts.get(row) else { return Ok(false) };
        change(text, out);
        Ok(true)
    })
}

fn push_bytes(bytes: &[u8], out: &mut String) {
    out.push_str(&String::from_utf8_lossy(bytes));
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// Pairs of digits from the end; the first may stand alone. What is no digit counts as 15, as in ClickHouse.
fn unhex(text: &str, out: &mut String) {
    let half = |byte: u8| digit(byte).unwrap_or(15);
    let bytes: Vec<u8> = match text.as_bytes() {
        [first, rest @ ..] if rest.len().is_multiple_of(2) => {
            [half(*first)].into_iter().chain(pairs(rest, half)).collect()
        }
        even => pairs(even, half).collect(),
    };
    push_bytes(&bytes, out);
}

fn pairs(bytes: &[u8], half: impl Fn(u8) -> u8) -> impl Iterator<Item = u8> {
    bytes.chunks_exact(2).map(move |pair| match pair {
        [high, low] => (half(*high) << 4) | half(*low),
        _ => 0,
    })
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64_encode(bytes: &[u8], out: &mut String) {
    for chunk in bytes.chunks(3) {
        let group = (0..3).fold(0_usize, |group, at| {
            (group << 8) | usize::from(chunk.get(at).copied().unwrap_or(0))
        });
        for (at, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let digit = ALPHABET.get((group >> shift) & 63).copied().unwrap_or(b'=');
            out.push(if at <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
}

/// `None` if it is no base64 of whole groups of four.
fn base64_decode(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let digits = text.trim_end_matches('=');
    if text.len() - digits.len() > 2 {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut group, mut bits) = (0_u32, 0_u32);
    for byte in digits.bytes() {
        let value = ALPHABET.iter().position(|known| *known == byte)?;
        group = (group << 6) | u32::try_from(value).ok()?;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((group >> bits) & 255).ok()?);
        }
    }
    Some(bytes)
}

fn base64(args: &KernelArgs<'_>, strict: bool) -> Result<ColumnarValue> {
    let texts = Text::of(args, 0)?;
    write_texts(args.rows, |row, out| {
        let Some(text) = texts.get(row) else { return Ok(false) };
        match base64_decode(text) {
            Some(bytes) => push_bytes(&bytes, out),
            None if strict => return exec_err!("base64Decode: '{text}' is no base64"),
            None => {}
        }
        Ok(true)
    })
}

fn encode_url(text: &str, space: &str, out: &mut String) {
    for byte in text.bytes() {
        match byte {
            b' ' => out.push_str(space),
            b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => out.push(char::from(byte)),
            _ => {
                out.push('%');
                for half in [byte >> 4, byte & 15] {
                    out.extend(
                        char::from_digit(u32::from(half), 16)
                            .map(|digit| digit.to_ascii_uppercase()),
                    );
                }
            }
        }
    }
}

/// `%XX`; with `form` also `+`. What is no such escape stays.
fn decode_url(text: &str, form: bool, out: &mut String) {
    let escaped = text.contains('%') || (form && text.contains('+'));
    if !escaped {
        out.push_str(text);
        return;
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'%', [high, low, tail @ ..]) if digit(*high).is_some() && digit(*low).is_some() => {
                bytes.extend(pairs(&[*high, *low], |byte| digit(byte).unwrap_or(0)));
                rest = tail;
            }
            (b'+', _) if form => bytes.push(b' '),
            _ => bytes.push(*first),
        }
    }
    push_bytes(&bytes, out);
}

fn encode_xml(text: &str, out: &mut String) {
    for char in text.chars() {
        match char {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            _ => out.push(char),
        }
    }
}

fn decode_xml(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        match after.split_once(';').and_then(|(name, tail)| Some((entity(name)?, tail))) {
            Some((char, tail)) => {
                out.push(char);
                rest = tail;
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
}

fn entity(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

/// A piece of a `format` pattern.
enum Piece {
    Text(String),
    Argument(usize),
}

/// `format(pattern, ..)`: `{}` takes the arguments in turn, `{0}` by number; `{{` and `}}` are braces.
fn format(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let patterns = Text::of(args, 0)?;
    let values =
        (1..args.args.len()).map(|index| Text::of(args, index)).collect::<Result<Vec<_>>>()?;
    let mut known: Option<(String, Vec<Piece>)> = None;
    write_texts(args.rows, |row, out| {
        let Some(pattern) = patterns.get(row) else { return Ok(false) };
        if known.as_ref().is_none_or(|(text, _)| text != pattern) {
            known = Some((pattern.to_owned(), pieces(pattern, values.len())?));
        }
        for piece in known.as_ref().map_or(&[][..], |(_, pieces)| pieces) {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Argument(index) => match values.get(*index).and_then(|value| value.get(row))
                {
                    Some(value) => out.push_str(value),
                    None => return Ok(false),
                },
            }
        }
        Ok(true)
    })
}

fn pieces(pattern: &str, arguments: usize) -> Result<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let (mut next, mut by_number) = (0, false);
    let mut chars = pattern.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '{' if chars.next_if_eq(&'{').is_some() => literal.push('{'),
            '}' if chars.next_if_eq(&'}').is_some() => literal.push('}'),
            '}' => {
                return exec_err!("format: a brace is closed that was not opened in '{pattern}'");
            }
            '{' => {
                let mut name = String::new();
                loop {
                    match chars.next() {
                        Some('}') => break,
                        Some(char) => name.push(char),
                        None => {
                            return exec_err!(
                                "format: the last brace is not closed in '{pattern}'"
                            );
                        }
                    }
                }
                if (name.is_empty() && by_number) || (!name.is_empty() && next > 0) {
                    return exec_err!("format: '{pattern}' mixes {{}} with numbers");
                }
                by_number |= !name.is_empty();
                let index = if name.is_empty() { Some(next) } else { name.parse().ok() };
                let Some(index) = index.filter(|index| *index < arguments) else {
                    return exec_err!(
                        "format: '{pattern}' asks for more than its {arguments} arguments, or `{name}` is no number"
                    );
                };
                next += usize::from(name.is_empty());
                pieces.push(Piece::Text(std::mem::take(&mut literal)));
                pieces.push(Piece::Argument(index));
            }
            _ => literal.push(char),
        }
    }
    pieces.push(Piece::Text(literal));
    Ok(pieces)
}
