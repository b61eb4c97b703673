//! JSON text straight into a byte buffer, members separated by themselves.

/// Writes one value after another; commas are put where one is due.
pub(super) struct Json<'a> {
    out: &'a mut Vec<u8>,
    /// Where this value begins: what stands before it is other rows' text.
    start: usize,
}

impl<'a> Json<'a> {
    /// Appends to `out`.
    pub(super) const fn new(out: &'a mut Vec<u8>) -> Self {
        let start = out.len();
        Self { out, start }
    }

    /// Begins the object itself or an element of an array.
    pub(super) fn open(&mut self) {
        self.comma();
        self.out.push(b'{');
    }

    /// Ends an object.
    pub(super) fn close(&mut self) {
        self.out.push(b'}');
    }

    /// Begins an object as a member.
    pub(super) fn open_at(&mut self, key: &str) {
        self.key(key);
        self.out.push(b'{');
    }

    /// Begins an array as a member.
    pub(super) fn array_at(&mut self, key: &str) {
        self.key(key);
        self.out.push(b'[');
    }

    /// Ends an array.
    pub(super) fn close_array(&mut self) {
        self.out.push(b']');
    }

    /// Members that are JSON text already, without braces.
    pub(super) fn members(&mut self, text: &str) {
        if !text.is_empty() {
            self.comma();
            self.out.extend_from_slice(text.as_bytes());
        }
    }

    /// A text that needs no escapes.
    pub(super) fn plain(&mut self, key: &str, value: &str) {
        self.key(key);
        self.out.push(b'"');
        self.out.extend_from_slice(value.as_bytes());
        self.out.push(b'"');
    }

    /// A text that needs no escapes, in pieces.
    pub(super) fn pieces(&mut self, key: &str, values: &[&str]) {
        self.key(key);
        self.out.push(b'"');
        for value in values {
            self.out.extend_from_slice(value.as_bytes());
        }
        self.out.push(b'"');
    }

    /// A text, escaped where necessary.
    pub(super) fn text(&mut self, key: &str, value: &str) {
        self.key(key);
        escaped(self.out, value);
    }

    /// A whole number.
    pub(super) fn int(&mut self, key: &str, value: i64) {
        self.key(key);
        integer(self.out, value);
    }

    /// `value / 10^decimals`, without needless zeros.
    pub(super) fn decimal(&mut self, key: &str, value: i64, decimals: u32) {
        self.key(key);
        fixed(self.out, value, decimals);
    }

    /// True or false.
    pub(super) fn flag(&mut self, key: &str, value: bool) {
        self.key(key);
        self.out.extend_from_slice(if value { b"true" } else { b"false" });
    }

    /// Null.
    pub(super) fn null(&mut self, key: &str) {
        self.key(key);
        self.out.extend_from_slice(b"null");
    }

    /// A moment (microseconds) as `2026-01-01T00:00:00.000Z`.
    pub(super) fn moment(&mut self, key: &str, micros: i64) {
        self.key(key);
        self.out.push(b'"');
        iso(self.out, micros);
        self.out.push(b'"');
    }

    /// An element of an array, a text without escapes.
    pub(super) fn element(&mut self, value: &str) {
        self.comma();
        self.out.push(b'"');
        self.out.extend_from_slice(value.as_bytes());
        self.out.push(b'"');
    }

    /// An element of an array, a whole number.
    pub(super) fn element_int(&mut self, value: i64) {
        self.comma();
        integer(self.out, value);
    }

    fn comma(&mut self) {
        if self.out.len() > self.start && !matches!(self.out.last(), Some(b'{' | b'[')) {
            self.out.push(b',');
        }
    }

    fn key(&mut self, key: &str) {
        self.comma();
        self.out.push(b'"');
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\":");
    }
}

/// A quoted text with JSON escapes.
pub(super) fn escaped(out: &mut Vec<u8>, value: &str) {
    out.push(b'"');
    for byte in value.bytes() {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0..0x20 => {
                out.extend_from_slice(b"\\u00");
                out.push(b"0123456789abcdef"[usize::from(byte >> 4)]);
                out.push(b"0123456789abcdef"[usize::from(byte & 15)]);
            }
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

/// Decimal digits.
pub(super) fn integer(out: &mut Vec<u8>, value: i64) {
    if value < 0 {
        out.push(b'-');
    }
    let mut digits = [0_u8; 20];
    let mut at = digits.len();
    let mut left = value.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + (left % 10) as u8;
        left /= 10;
        if left == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// `value / 10^decimals`, without needless zeros.
pub(super) fn fixed(out: &mut Vec<u8>, value: i64, decimals: u32) {
    let unit = 10_i64.pow(decimals);
    if value < 0 {
        out.push(b'-');
    }
    let magnitude = value.abs();
    integer(out, magnitude / unit);
    let fraction = magnitude % unit;
    if fraction != 0 {
        out.push(b'.');
        padded(out, fraction, decimals);
        while out.last() == Some(&b'0') {
            out.pop();
        }
    }
}

/// A non-negative number with leading zeros.
pub(super) fn padded(out: &mut Vec<u8>, value: i64, width: u32) {
    let mut unit = 10_i64.pow(width.saturating_sub(1));
    while unit > 0 {
        out.push(b'0' + (value / unit % 10) as u8);
        unit /= 10;
    }
}

/// A moment (microseconds, not before 1970) as `2026-01-01T00:00:00.000Z`.
pub(super) fn iso(out: &mut Vec<u8>, micros: i64) {
    clock(out, micros, b'T');
    out.push(b'.');
    padded(out, micros / 1000 % 1000, 3);
    out.push(b'Z');
}

/// A moment to the second, without a zone.
pub(super) fn clock(out: &mut Vec<u8>, micros: i64, separator: u8) {
    let seconds = micros.div_euclid(1_000_000);
    date(out, seconds.div_euclid(86_400));
    out.push(separator);
    let second = seconds.rem_euclid(86_400);
    padded(out, second / 3600, 2);
    out.push(b':');
    padded(out, second / 60 % 60, 2);
    out.push(b':');
    padded(out, second % 60, 2);
}

/// A date of the Gregorian calendar, from days since 1970-01-01.
pub(super) fn date(out: &mut Vec<u8>, days: i64) {
    // Years are counted from March, so that the leap day ends one; 400 years have 146097 days.
    let shifted = days + 719_468;
    let (era, day) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let in_year = day - (365 * year + year / 4 - year / 100);
    let from_march = (5 * in_year + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    padded(out, year + era * 400 + i64::from(month <= 2), 4);
    out.push(b'-');
    padded(out, month, 2);
    out.push(b'-');
    padded(out, in_year - (153 * from_march + 2) / 5 + 1, 2);
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    #[test]
    fn moments_agree_with_chrono() {
        for micros in (0..4_102_444_800_000_000_i64).step_by(123_456_789_012_345) {
            let mut out = Vec::new();
            iso(&mut out, micros);
            let expected = DateTime::from_timestamp_micros(micros).unwrap();
            assert_eq!(
                String::from_utf8(out).unwrap(),
                expected.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
            );
        }
    }

    #[test]
    fn an_object_is_json() {
        let mut out = Vec::new();
        let mut json = Json::new(&mut out);
        json.open();
        json.text("a", "q\"\\\n\u{1}é");
        json.decimal("b", -1250, 2);
        json.array_at("c");
        json.element("x");
        json.open();
        json.null("d");
        json.close();
        json.close_array();
        json.members("\"e\":1");
        json.close();
        let text = String::from_utf8(out).unwrap();
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["a"], "q\"\\\n\u{1}é");
        assert_eq!(value["b"], -12.5);
        assert_eq!(value["c"][0], "x");
        assert_eq!(value["e"], 1);
    }
}
