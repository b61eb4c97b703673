//! Random rows.

use crate::Event;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Start of the generated times: 2024-03-01T00:00:00Z in microseconds.
pub const START: i64 = 1_709_251_200_000_000;

/// A day in microseconds.
pub const DAY: i64 = 86_400_000_000;

/// Up to `most` events of few names and persons over five days, many of them at equal times.
pub fn events(most: usize) -> impl Strategy<Value = Vec<Event>> {
    proptest::collection::vec(event(), 0..=most)
}

fn event() -> impl Strategy<Value = Event> {
    let time = prop_oneof![(0..120_i64).prop_map(|hour| hour * DAY / 24), 0..5 * DAY];
    (0..4_usize, 0..6_usize, time, properties()).prop_map(|(event, person, time, properties)| {
        Event {
            event: ["view", "click", "buy", "leave"][event].to_owned(),
            person: format!("p{person}"),
            timestamp: START + time,
            properties,
        }
    })
}

fn properties() -> impl Strategy<Value = Map<String, Value>> {
    let price = prop_oneof![
        Just(None),
        Just(Some(Value::Null)),
        (-1000..1000_i64).prop_map(|value| Some(json!(value))),
        (-1000..1000_i64).prop_map(|value| Some(json!(value as f64 / 4.0))),
    ];
    let plan = prop_oneof![
        Just(None),
        Just(Some(Value::Null)),
        prop_oneof![
            Just("free"),
            Just("pro"),
            Just(""),
            Just("null"),
            Just("say \"hi\"\n"),
            Just("Köln")
        ]
        .prop_map(|text| Some(json!(text))),
    ];
    (price, plan).prop_map(|(price, plan)| {
        let named = [("price", price), ("plan", plan)];
        named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    })
}

/// The same events with two more properties: `ok`, mostly a truth value, and `odd`, any JSON value. Now and then `price` holds a text.
pub fn odd_events(most: usize) -> impl Strategy<Value = Vec<Event>> {
    proptest::collection::vec((event(), truth(), odd(), odd_price()), 0..=most).prop_map(|rows| {
        rows.into_iter()
            .map(|(event, ok, odd, price)| {
                let named = [("ok", ok), ("odd", odd), ("price", price)];
                let given = named.into_iter().filter_map(|(name, value)| Some((name, value?)));
                given.fold(event, |event, (name, value)| event.with(name, value))
            })
            .collect()
    })
}

fn truth() -> impl Strategy<Value = Option<Value>> {
    let values = [json!(true), json!(false), json!("true"), json!("yes"), json!(1), Value::Null];
    proptest::option::of(proptest::sample::select(values.to_vec()))
}

fn odd() -> impl Strategy<Value = Option<Value>> {
    let values = [
        Value::Null,
        json!({ "a": { "b": [1, null, "x"] } }),
        json!([]),
        json!([1, "two", { "three": 3 }]),
        json!({}),
        json!(""),
        json!("[1]"),
        json!("null"),
        json!("\\ \" \u{1} \u{1f994} /"),
        json!(true),
        json!(0),
        json!(18_446_744_073_709_551_615_u64),
        json!(-0.25),
        json!(0.1),
    ];
    proptest::option::of(proptest::sample::select(values.to_vec()))
}

fn odd_price() -> impl Strategy<Value = Option<Value>> {
    let values =
        [json!("7"), json!("2.5"), json!("1e3"), json!("abc"), json!(""), json!(true), json!([1])];
    proptest::option::weighted(0.2, proptest::sample::select(values.to_vec()))
}
