//! A plain event row.

use serde_json::{Map, Value, json};

/// An event as a test writes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Its name.
    pub event: String,
    /// The person, who is also the distinct id.
    pub person: String,
    /// Microseconds since 1970-01-01 UTC.
    pub timestamp: i64,
    /// Its properties.
    pub properties: Map<String, Value>,
}

impl Event {
    /// An event without properties.
    #[must_use]
    pub fn new(event: &str, person: &str, timestamp: i64) -> Self {
        Self {
            event: event.to_owned(),
            person: person.to_owned(),
            timestamp,
            properties: Map::new(),
        }
    }

    /// The same with a property.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.properties.insert(name.to_owned(), value);
        self
    }

    /// The event as a line of an NDJSON file; `number` makes its uuid.
    #[must_use]
    pub fn line(&self, number: usize) -> String {
        let time = chrono::DateTime::from_timestamp_micros(self.timestamp).unwrap_or_default();
        json!({
            "uuid": format!("00000000-0000-4000-8000-{number:012x}"),
            "event": self.event,
            "distinct_id": self.person,
            "person_id": self.person,
            "timestamp": time.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
            "properties": Value::Object(self.properties.clone()).to_string(),
        })
        .to_string()
    }
}

/// The text of an NDJSON file with these events.
#[must_use]
pub fn ndjson(events: &[Event]) -> String {
    events
        .iter()
        .enumerate()
        .fold(String::new(), |text, (number, event)| text + &event.line(number) + "\n")
}
