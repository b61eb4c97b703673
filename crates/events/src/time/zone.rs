//! Names of zones, and local times that the clocks skip or repeat.

use super::{Clock, DAY, UnknownZone};
use chrono_tz::TZ_VARIANTS;

/// Longer names than any zone has are not compared.
const LONGEST: usize = 40;

impl UnknownZone {
    /// The zone whose name is most like the one that was not found, if it is close.
    #[must_use]
    pub fn similar(&self) -> Option<&'static str> {
        similar_zone(&self.0)
    }
}

/// The zone whose name, or last part of it, is most like a text; none if more than a third of the text would have to change.
#[must_use]
pub fn similar_zone(text: &str) -> Option<&'static str> {
    let wanted = folded(text);
    if wanted.is_empty() || wanted.len() > LONGEST {
        return None;
    }
    let distance_to = |name: &str| {
        let name = folded(name);
        let city = name.rsplit('/').next().unwrap_or_default();
        edits(&wanted, &name).min(edits(&wanted, city))
    };
    let closest = TZ_VARIANTS.iter().map(|zone| (distance_to(zone.name()), zone.name())).min()?;
    let most = (wanted.len() / 4 + 1).min(wanted.len() / 3);
    (closest.0 <= most).then_some(closest.1)
}

/// The instant of a local time. A local time that the clocks skip moves forward by the length of the gap; of two instants
/// the earlier one.
#[must_use]
pub fn instant_of(clock: &mut Clock, local: i64) -> i64 {
    let before = clock.offset(local.saturating_sub(DAY));
    let after = clock.offset(local.saturating_add(DAY));
    let early = local.saturating_sub(before);
    let late = local.saturating_sub(after);
    if clock.offset(early) != before && clock.offset(late) == after { late } else { early }
}

fn folded(text: &str) -> String {
    text.trim()
        .chars()
        .map(|c| if c == ' ' || c == '-' { '_' } else { c.to_ascii_lowercase() })
        .collect()
}

/// Characters to insert, delete or replace to come from one text to the other.
fn edits(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (index, left) in from.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], index + 1);
        for (column, right) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(left != *right);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{HOUR, MINUTE, parse_strict};

    #[test]
    fn misspelt_zones_are_recognized() {
        for (text, zone) in [
            ("Europe/Berln", "Europe/Berlin"),
            ("america/new york", "America/New_York"),
            ("Asia/Tokio", "Asia/Tokyo"),
            ("Kathmandu", "Asia/Kathmandu"),
        ] {
            assert_eq!(similar_zone(text), Some(zone));
        }
        assert_eq!(similar_zone("Middle-earth/Shire"), None);
        assert_eq!(similar_zone("Mars"), None);
        assert_eq!(similar_zone(""), None);
        assert_eq!(similar_zone(&"x".repeat(1000)), None);
        assert_eq!(Clock::new("Europe/Berln").unwrap_err().similar(), Some("Europe/Berlin"));
    }

    #[test]
    fn gaps_move_forward_and_overlaps_take_the_first() {
        let mut berlin = Clock::new("Europe/Berlin").unwrap();
        let utc = |text: &str| parse_strict(text, &mut Clock::utc()).unwrap();
        // 02:30 does not exist: it is read as 03:30 summer time.
        assert_eq!(instant_of(&mut berlin, utc("2024-03-31 02:30:00")), utc("2024-03-31 01:30:00"));
        assert_eq!(instant_of(&mut berlin, utc("2024-03-31 03:00:00")), utc("2024-03-31 01:00:00"));
        assert_eq!(instant_of(&mut berlin, utc("2024-03-31 01:59:59")), utc("2024-03-31 00:59:59"));
        assert_eq!(instant_of(&mut berlin, utc("2024-10-27 02:30:00")), utc("2024-10-27 00:30:00"));
        assert_eq!(instant_of(&mut berlin, utc("2024-10-27 03:00:00")), utc("2024-10-27 02:00:00"));
        let mut lord_howe = Clock::new("Australia/Lord_Howe").unwrap();
        let skipped = utc("2024-10-06 02:10:00");
        let instant = instant_of(&mut lord_howe, skipped);
        assert_eq!(lord_howe.local(instant), skipped + HOUR / 2);
        let mut nepal = Clock::new("Asia/Kathmandu").unwrap();
        assert_eq!(
            instant_of(&mut nepal, utc("2024-01-01 00:00:00")),
            utc("2024-01-01 00:00:00") - 5 * HOUR - 45 * MINUTE
        );
    }
}
