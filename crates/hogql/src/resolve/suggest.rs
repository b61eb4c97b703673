//! "Did you mean": the closest of the names that exist.

/// The name closest to what was written, if one is close enough: case and a few letters may differ.
pub(super) fn closest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let most = match name.chars().count() {
        0..=2 => 0,
        3..=5 => 1,
        6..=9 => 2,
        _ => 3,
    };
    let lower = name.to_lowercase();
    let candidates =
        known.into_iter().map(|known| (distance(&lower, &known.to_lowercase()), known));
    candidates
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// Names in a sentence: `a`, `b` and `c`; the first twelve of them.
pub(super) fn listed(names: &[String]) -> String {
    const MOST: usize = 12;
    let quoted: Vec<String> = names.iter().take(MOST).map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [] => "none".to_owned(),
        [one] => one.clone(),
        _ if names.len() > MOST => format!("{} and {} more", quoted.join(", "), names.len() - MOST),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Letters to insert, delete, replace or swap with their neighbour.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    let mut last = None;
    for (at, letter) in left.chars().enumerate() {
        let mut next = vec![at + 1];
        for (index, other) in right.iter().enumerate() {
            let cell =
                |row: &[usize], index: usize| row.get(index).copied().unwrap_or(usize::MAX / 2);
            let swapped =
                last == Some(*other) && index > 0 && right.get(index - 1) == Some(&letter);
            let swap = if swapped { cell(&before, index - 1) + 1 } else { usize::MAX / 2 };
            let replaced = cell(&row, index) + usize::from(letter != *other);
            next.push(
                replaced.min(cell(&row, index + 1) + 1).min(cell(&next, index) + 1).min(swap),
            );
        }
        before = std::mem::replace(&mut row, next);
        last = Some(letter);
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_names_are_found() {
        let known = ["events", "persons", "person_distinct_ids", "sessions"];
        assert_eq!(closest("event", known), Some("events"));
        assert_eq!(closest("evnets", known), Some("events"));
        assert_eq!(closest("Persons", known), Some("persons"));
        assert_eq!(closest("person_distinct_id", known), Some("person_distinct_ids"));
        assert_eq!(closest("orders", known), None);
        assert_eq!(closest("x", known), None);
    }

    #[test]
    fn lists_are_sentences() {
        let names =
            |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(listed(&names(&["a"])), "`a`");
        assert_eq!(listed(&names(&["a", "b", "c"])), "`a`, `b` and `c`");
    }
}
