//! Groups of rows and what is counted over them.

use crate::Event;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The rows of each group.
pub fn group<K: Ord>(events: &[Event], key: impl Fn(&Event) -> K) -> BTreeMap<K, Vec<&Event>> {
    let mut groups: BTreeMap<K, Vec<&Event>> = BTreeMap::new();
    for event in events {
        groups.entry(key(event)).or_default().push(event);
    }
    groups
}

/// The calendar day in UTC, `2024-03-01`.
#[must_use]
pub fn day(event: &Event) -> String {
    let time = chrono::DateTime::from_timestamp_micros(event.timestamp).unwrap_or_default();
    time.format("%Y-%m-%d").to_string()
}

/// Number of different persons.
#[must_use]
pub fn distinct_persons(events: &[&Event]) -> usize {
    events.iter().map(|event| &event.person).collect::<BTreeSet<_>>().len()
}

/// A property as HogQL reads it: NULL if missing or null, a text without its quotes but with its escapes, else its JSON.
#[must_use]
pub fn property(event: &Event, name: &str) -> Option<String> {
    match event.properties.get(name)? {
        Value::Null => None,
        Value::String(text) => {
            let quoted = Value::String(text.clone()).to_string();
            Some(quoted[1..quoted.len() - 1].to_owned())
        }
        other => Some(other.to_string()),
    }
}

/// A property as a number, where its text is one.
#[must_use]
pub fn number(event: &Event, name: &str) -> Option<f64> {
    property(event, name)?.parse().ok()
}

/// A property as a truth value, where its text is one.
#[must_use]
pub fn truth(event: &Event, name: &str) -> Option<bool> {
    property(event, name)?.parse().ok()
}

/// The numbers that a property holds; rows where it is none are left out.
#[must_use]
pub fn numbers(events: &[&Event], name: &str) -> Vec<f64> {
    events.iter().filter_map(|event| number(event, name)).collect()
}

/// Sum; nothing over nothing.
#[must_use]
pub fn sum(values: &[f64]) -> Option<f64> {
    if values.is_empty() { None } else { Some(values.iter().sum()) }
}

/// Arithmetic mean; nothing over nothing.
#[must_use]
pub fn mean(values: &[f64]) -> Option<f64> {
    sum(values).map(|sum| sum / values.len() as f64)
}

/// Median: the middle value, or the mean of the two in the middle; nothing over nothing.
#[must_use]
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        even if even % 2 == 0 => Some((sorted[middle - 1] + sorted[middle]) / 2.0),
        _ => Some(sorted[middle]),
    }
}

/// The value at a level between 0 and 1 of the way from the first to the last in order, on the line between its neighbours.
#[must_use]
pub fn quantile(values: &[f64], level: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = level * sorted.len().checked_sub(1)? as f64;
    let (below, above) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
    Some(below + (above - below) * at.fract())
}

/// The smallest; nothing over nothing.
#[must_use]
pub fn smallest(values: &[f64]) -> Option<f64> {
    values.iter().copied().reduce(f64::min)
}

/// The largest; nothing over nothing.
#[must_use]
pub fn largest(values: &[f64]) -> Option<f64> {
    values.iter().copied().reduce(f64::max)
}

/// The texts that a property holds, in order, repeated ones too.
#[must_use]
pub fn texts(events: &[&Event], name: &str) -> Vec<String> {
    let mut texts: Vec<String> = events.iter().filter_map(|event| property(event, name)).collect();
    texts.sort();
    texts
}

/// The event name of the row with the latest time, if no other row has that time.
#[must_use]
pub fn latest(events: &[&Event]) -> Option<String> {
    let last = events.iter().map(|event| event.timestamp).max()?;
    let mut found = events.iter().filter(|event| event.timestamp == last);
    match (found.next(), found.next()) {
        (Some(only), None) => Some(only.event.clone()),
        _ => None,
    }
}

/// Event names by number of rows, most first, names in order where equal.
#[must_use]
pub fn top(events: &[Event]) -> Vec<(String, usize)> {
    let mut counts: Vec<(String, usize)> = group(events, |event| event.event.clone())
        .into_iter()
        .map(|(name, rows)| (name, rows.len()))
        .collect();
    counts.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
    counts
}
