//! Values of options: pairs, times, numbers of threads, sizes, durations.

use std::num::NonZeroUsize;

/// More threads than any machine at hand has cores: who asks for more has mistyped.
const MOST_THREADS: usize = 1024;

/// `NAME=VALUE`.
pub(super) fn mapping(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(format!("expected NAME=VALUE, found `{text}`")),
    }
}

/// Microseconds since 1970-01-01 UTC.
pub(super) fn instant(text: &str) -> Result<i64, String> {
    use chrono::{DateTime, NaiveDate, NaiveDateTime};
    if let Ok(zoned) = DateTime::parse_from_rfc3339(text) {
        return Ok(zoned.timestamp_micros());
    }
    let utc = text.strip_suffix('Z').unwrap_or(text);
    let formats =
        ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"];
    let naive = formats.iter().find_map(|format| NaiveDateTime::parse_from_str(utc, format).ok());
    let day = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0);
    match naive.or_else(day) {
        Some(time) => Ok(time.and_utc().timestamp_micros()),
        None => Err(format!("expected a time such as 2024-03-01T10:00:00Z, found `{text}`")),
    }
}

/// A number of threads.
pub(super) fn thread_count(text: &str) -> Result<NonZeroUsize, String> {
    match text.parse::<NonZeroUsize>() {
        Ok(threads) if threads.get() <= MOST_THREADS => Ok(threads),
        _ => Err(format!("expected a number from 1 to {MOST_THREADS}, found `{text}`")),
    }
}

/// A number of bytes: `1000`, `512MiB`, `2GB`, `1.5G`.
pub(super) fn bytes(text: &str) -> Result<usize, String> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit = match text.get(digits.len()..).unwrap_or_default().to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "kb" => 1e3,
        "mb" => 1e6,
        "gb" => 1e9,
        "tb" => 1e12,
        "k" | "kib" => 1024.0,
        "m" | "mib" => 1024.0 * 1024.0,
        "g" | "gib" => 1024.0 * 1024.0 * 1024.0,
        "t" | "tib" => 1024.0 * 1024.0 * 1024.0 * 1024.0,
        _ => return Err(format!("expected a size such as 512MiB or 2GB, found `{text}`")),
    };
    match digits.trim().parse::<f64>() {
        Ok(number) if number.is_finite() && number > 0.0 => Ok((number * unit) as usize),
        _ => Err(format!("expected a size such as 512MiB or 2GB, found `{text}`")),
    }
}

/// Microseconds of `45s`, `30min`, `1h`, `7d` or `0`.
pub(super) fn duration(text: &str) -> Result<i64, String> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let seconds = match text.get(digits.len()..).unwrap_or_default() {
        "" if digits == "0" => Some(0),
        "s" => Some(1),
        "m" | "min" => Some(60),
        "h" => Some(60 * 60),
        "d" => Some(24 * 60 * 60),
        _ => None,
    };
    let number = digits.trim().parse::<u32>().ok();
    let micros = |(number, seconds)| i64::from(number).checked_mul(seconds)?.checked_mul(1_000_000);
    number
        .zip(seconds)
        .and_then(micros)
        .ok_or_else(|| format!("expected a duration such as 30min, 1h or 7d, or 0, found `{text}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit_unless_they_are_nothing() {
        assert_eq!(duration("0"), Ok(0));
        assert_eq!(duration("90s"), Ok(90_000_000));
        assert_eq!(duration("30min"), duration("30m"));
        assert_eq!(duration("1h"), Ok(3_600_000_000));
        assert_eq!(duration("7d"), Ok(604_800_000_000));
        for wrong in ["", "h", "1", "-1h", "1.5h", "1w", "1 month", "4294967295d", "99999999999h"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
