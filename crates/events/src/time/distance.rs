//! How far two instants are apart, in calendar units.

use super::{Civil, Clock, DAY, HOUR, MINUTE, SECOND};

/// The number of starts of `unit` between two instants, as `dateDiff`; `None` for an unknown unit.
#[must_use]
pub fn boundaries(clock: &mut Clock, unit: &str, from: i64, to: i64) -> Option<i64> {
    let count = |clock: &mut Clock, instant: i64| ordinal(clock, unit, instant);
    Some(count(clock, to)? - count(clock, from)?)
}

/// The number of whole units from one instant to another, as `age`; `None` for an unknown unit. Backwards it is the same number below 0
/// (ClickHouse counts weeks otherwise there).
#[must_use]
pub fn age(clock: &mut Clock, unit: &str, from: i64, to: i64) -> Option<i64> {
    let crossed = boundaries(clock, unit, from, to)?;
    let (from_rest, to_rest) = (rest(clock, unit, from), rest(clock, unit, to));
    Some(match crossed {
        1.. if to_rest < from_rest => crossed - 1,
        ..=-1 if to_rest > from_rest => crossed + 1,
        _ => crossed,
    })
}

/// Which period of the unit an instant is in.
fn ordinal(clock: &mut Clock, unit: &str, instant: i64) -> Option<i64> {
    let offset = clock.offset(instant);
    let day = (instant + offset).div_euclid(DAY);
    Some(match unit {
        "microsecond" => instant,
        "millisecond" => instant.div_euclid(1_000),
        "second" => instant.div_euclid(SECOND),
        "minute" => instant.div_euclid(MINUTE),
        // Hours pass on when clocks change by whole hours.
        "hour" => (instant + offset.rem_euclid(HOUR)).div_euclid(HOUR),
        "day" => day,
        "week" => (day + 3).div_euclid(7),
        "month" => Civil::from_day(day).months(),
        "quarter" => Civil::from_day(day).months().div_euclid(3),
        "year" => i64::from(Civil::from_day(day).year),
        _ => return None,
    })
}

/// What is left of an instant below the unit, in an order.
fn rest(clock: &mut Clock, unit: &str, instant: i64) -> (i64, i64, i64) {
    let offset = clock.offset(instant);
    let local = instant + offset;
    let civil = Civil::from_day(local.div_euclid(DAY));
    let (month, day, time) = (i64::from(civil.month), i64::from(civil.day), local.rem_euclid(DAY));
    match unit {
        "microsecond" => (0, 0, 0),
        "millisecond" => (0, 0, instant.rem_euclid(1_000)),
        "second" => (0, 0, instant.rem_euclid(SECOND)),
        "minute" => (0, 0, instant.rem_euclid(MINUTE)),
        "hour" => (0, 0, local.rem_euclid(HOUR)),
        "day" => (0, 0, time),
        "week" => (0, (local.div_euclid(DAY) + 3).rem_euclid(7), time),
        "month" => (0, day, time),
        "quarter" => ((month - 1) % 3, day, time),
        _ => (month, day, time),
    }
}
