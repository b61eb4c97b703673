//! Numbers in JSON: ClickHouse reads them and writes them back in its own spelling.

use std::fmt::Write;

/// Whether a raw number is spelled as ClickHouse would write it, decided without parsing. `false` is "not known to be".
#[inline]
#[must_use]
pub(super) fn is_canonical(raw: &str) -> bool {
    let digits = raw.strip_prefix('-').unwrap_or(raw).as_bytes();
    let (whole, fraction) = match memchr::memchr(b'.', digits) {
        Some(point) => (digits.get(..point).unwrap_or_default(), digits.get(point + 1..)),
        None => (digits, None),
    };
    let whole_is_zero = whole == b"0";
    if whole.is_empty()
        || !whole.iter().all(u8::is_ascii_digit)
        || (whole.first() == Some(&b'0') && !whole_is_zero)
    {
        return false;
    }
    let Some(fraction) = fraction else {
        return whole.len() <= 18 && !(whole_is_zero && raw.len() == 2);
    };
    // Up to 15 digits survive a 64-bit float; from 0.000001 on no exponent is written.
    let zeros = fraction.iter().take_while(|digit| **digit == b'0').count();
    whole.len() + fraction.len() <= 15
        && fraction.iter().all(u8::is_ascii_digit)
        && fraction.last().is_some_and(|last| *last != b'0')
        && (!whole_is_zero || zeros <= 5)
}

/// A JSON number; `None` if the text is none.
#[must_use]
pub fn parse_number(raw: &str) -> Option<f64> {
    is_number(raw).then(|| raw.parse::<f64>().ok())?.filter(|value| value.is_finite())
}

/// The number in ClickHouse's spelling: `1.50` is `1.5`, `1e3` is `1000`; whole numbers that no 64 bits hold are quoted text.
/// `None` if the text is no number.
#[must_use]
pub fn canonical_number(raw: &str) -> Option<String> {
    if !is_number(raw) {
        return None;
    }
    let is_whole = !raw.bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E'));
    if !is_whole {
        let mut out = String::new();
        write_f64(parse_number(raw)?, &mut out);
        return Some(out);
    }
    if let Ok(value) = raw.parse::<i64>() {
        return Some(value.to_string());
    }
    raw.parse::<u64>()
        .map(|value| value.to_string())
        .or_else(|_| Ok::<_, ()>(format!("\"{raw}\"")))
        .ok()
}

/// Whether the text is a number by JSON's grammar.
pub(super) fn is_number(raw: &str) -> bool {
    let bytes = raw.as_bytes();
    let mut at = usize::from(bytes.first() == Some(&b'-'));
    let digits_from =
        |from: usize| bytes.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count();
    let whole = digits_from(at);
    if whole == 0 || (whole > 1 && bytes.get(at) == Some(&b'0')) {
        return false;
    }
    at += whole;
    if bytes.get(at) == Some(&b'.') {
        let fraction = digits_from(at + 1);
        if fraction == 0 {
            return false;
        }
        at += 1 + fraction;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        at += 1 + usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let exponent = digits_from(at);
        if exponent == 0 {
            return false;
        }
        at += exponent;
    }
    at == bytes.len()
}

/// Appends a float as ClickHouse prints it: shortest digits that read back, an exponent below 1e-6 and from 1e21 on,
/// `nan`, `inf` and `-inf`.
pub fn write_f64(value: f64, out: &mut String) {
    if value.is_nan() {
        return out.push_str("nan");
    }
    if value.is_infinite() {
        return out.push_str(if value > 0.0 { "inf" } else { "-inf" });
    }
    let magnitude = value.abs();
    // Writing to a String cannot fail.
    let _ = if magnitude == 0.0 || (1e-6..1e21).contains(&magnitude) {
        write!(out, "{value}")
    } else {
        write!(out, "{value:e}")
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_is_clickhouse_s() {
        let cases = [
            ("1e20", "100000000000000000000"),
            ("1e21", "1e21"),
            ("123456789012345680000.5", "123456789012345680000"),
            ("1e-5", "0.00001"),
            ("1e-6", "0.000001"),
            ("0.0000001", "1e-7"),
            ("1.5e-7", "1.5e-7"),
            ("-1e+21", "-1e21"),
            ("9007199254740993", "9007199254740993"),
            ("18446744073709551615", "18446744073709551615"),
            ("-9223372036854775809", "\"-9223372036854775809\""),
            ("1.7976931348623157e308", "1.7976931348623157e308"),
            ("5e-324", "5e-324"),
            ("100000.0", "100000"),
            ("-0.0", "-0"),
            ("-0", "0"),
            ("0.0", "0"),
            ("123456789.123456789", "123456789.12345679"),
            ("0.10", "0.1"),
        ];
        for (raw, expected) in cases {
            assert_eq!(canonical_number(raw).as_deref(), Some(expected), "{raw}");
            assert_eq!(
                is_canonical(raw),
                raw == expected && raw.len() < 17 && !raw.contains('e'),
                "{raw}"
            );
        }
        for raw in ["", "-", "01", "1.", ".5", "1e", "+1", "tru", "NaN", "1 ", "1e400"] {
            assert_eq!(canonical_number(raw), None, "{raw}");
        }
    }
}
