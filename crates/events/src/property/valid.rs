//! Whether a text is JSON, without recursion.

use super::json::string_end;
use super::number::is_number;
use super::string::unescape;

/// Deepest nesting that ClickHouse's parser takes.
const MAX_DEPTH: usize = 1024;

/// Whether the whole text is one JSON value.
#[must_use]
pub fn is_valid(json: &str) -> bool {
    check(json).is_some()
}

fn check(json: &str) -> Option<()> {
    let bytes = json.as_bytes();
    // One entry for each open container: whether it is an object.
    let mut open: Vec<bool> = Vec::new();
    let mut at = skip_space(bytes, 0);
    loop {
        // At the start of a value.
        match *bytes.get(at)? {
            bracket @ (b'{' | b'[') => {
                let is_object = bracket == b'{';
                if open.len() >= MAX_DEPTH {
                    return None;
                }
                at = skip_space(bytes, at + 1);
                if *bytes.get(at)? == closing(is_object) {
                    at += 1;
                } else {
                    open.push(is_object);
                    if is_object {
                        at = key(json, at)?;
                    }
                    continue;
                }
            }
            b'"' => at = string(json, at)?,
            _ => at = scalar(json, at)?,
        }
        // Behind a value: close containers, then go to the next value.
        loop {
            at = skip_space(bytes, at);
            let Some(&is_object) = open.last() else { return (at == bytes.len()).then_some(()) };
            match *bytes.get(at)? {
                b',' => {
                    at = skip_space(bytes, at + 1);
                    if is_object {
                        at = key(json, at)?;
                    }
                    break;
                }
                bracket if bracket == closing(is_object) => {
                    open.pop();
                    at += 1;
                }
                _ => return None,
            }
        }
    }
}

const fn closing(is_object: bool) -> u8 {
    if is_object { b'}' } else { b']' }
}

fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
        at += 1;
    }
    at
}

/// From a key's quote to the start of its value.
fn key(json: &str, at: usize) -> Option<usize> {
    let bytes = json.as_bytes();
    if *bytes.get(at)? != b'"' {
        return None;
    }
    let colon = skip_space(bytes, string(json, at)?);
    (*bytes.get(colon)? == b':').then(|| skip_space(bytes, colon + 1))
}

fn string(json: &str, at: usize) -> Option<usize> {
    let (end, escaped) = string_end(json.as_bytes(), at + 1)?;
    let content = json.get(at + 1..end)?;
    if content.bytes().any(|byte| byte < 0x20) {
        return None;
    }
    if escaped {
        unescape(content)?;
    }
    Some(end + 1)
}

fn scalar(json: &str, at: usize) -> Option<usize> {
    let rest = json.get(at..)?;
    let length = rest
        .bytes()
        .take_while(|byte| !matches!(byte, b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t'))
        .count();
    let token = rest.get(..length)?;
    (matches!(token, "true" | "false" | "null") || is_number(token)).then_some(at + length)
}
