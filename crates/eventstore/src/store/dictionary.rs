//! The property dictionary: which properties a store holds, how often, and of which kind they are.

use crate::infer::Evidence;
use events::property::PropertyKind;
use events::source::PropertyDefinitions;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most properties of one owner that are told apart; more are names that hold values, such as ids.
pub(crate) const MOST: usize = 100_000;

/// What is known of a property.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Property {
    /// Rows in which it has a value that is not null.
    pub(crate) count: u64,
    /// What its values have in common.
    pub(crate) seen: Evidence,
}

/// Properties of one owner by name.
pub(crate) type Properties = BTreeMap<String, Property>;

/// All properties of a store, by where they stand.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Dictionary {
    /// `properties` of events.
    pub(crate) event: Properties,
    /// `person_properties` of events.
    pub(crate) person_on_event: Properties,
    /// `properties` of persons.
    pub(crate) person: Properties,
    /// `properties` of groups.
    pub(crate) group: Properties,
}

impl Dictionary {
    /// Adds what another part of the rows has.
    pub(crate) fn join(&mut self, other: Self) {
        join(&mut self.event, other.event);
        join(&mut self.person_on_event, other.person_on_event);
        join(&mut self.person, other.person);
        join(&mut self.group, other.group);
    }

    /// The kinds of all properties. The rows of persons know better than the copies on events.
    pub(crate) fn definitions(&self) -> PropertyDefinitions {
        let mut definitions = PropertyDefinitions::default();
        definitions.event.extend(kinds(&self.event));
        definitions.person.extend(kinds(&self.person_on_event));
        definitions.person.extend(kinds(&self.person));
        definitions.group.extend(kinds(&self.group));
        definitions
    }

    /// Number of properties.
    pub(crate) fn len(&self) -> usize {
        self.event.len() + self.person_on_event.len() + self.person.len() + self.group.len()
    }
}

fn join(properties: &mut Properties, others: Properties) {
    for (name, other) in others {
        if properties.len() >= MOST && !properties.contains_key(&name) {
            continue;
        }
        let property = properties.entry(name).or_default();
        property.count += other.count;
        property.seen.join(&other.seen);
    }
}

fn kinds(properties: &Properties) -> impl Iterator<Item = (String, PropertyKind)> + '_ {
    properties.iter().filter_map(|(name, property)| Some((name.clone(), property.seen.kind()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(name: &str, values: &[&str]) -> Properties {
        let mut property = Property::default();
        for value in values {
            property.count += 1;
            property.seen.add_json(value);
        }
        BTreeMap::from([(name.to_owned(), property)])
    }

    #[test]
    fn kinds_are_those_of_all_rows() {
        let mut dictionary = Dictionary { event: one("n", &["1", "2"]), ..Dictionary::default() };
        assert_eq!(dictionary.definitions().event.get("n"), Some(&PropertyKind::Numeric));
        dictionary.join(Dictionary { event: one("n", &["\"x\""]), ..Dictionary::default() });
        assert_eq!(dictionary.definitions().event.get("n"), Some(&PropertyKind::String));
        assert_eq!(dictionary.event["n"].count, 3);
    }

    #[test]
    fn persons_know_better_than_events() {
        let dictionary = Dictionary {
            person_on_event: one("age", &["\"x\""]),
            person: one("age", &["1"]),
            ..Dictionary::default()
        };
        assert_eq!(dictionary.definitions().person.get("age"), Some(&PropertyKind::Numeric));
    }
}
