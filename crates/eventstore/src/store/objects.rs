//! Reading the objects of a JSON column once: every property is witnessed, chosen ones become texts in columns.

use super::dictionary::{MOST, Properties, Property};
use events::property::json::{self, Step};
use events::property::{Path, property_text, unescape};
use std::borrow::Cow;
use std::collections::HashMap;

/// Reads objects whose keys mostly come in the order of the object before.
#[derive(Debug)]
pub(crate) struct Objects {
    /// Number of each key, by its name.
    numbers: HashMap<Box<str>, usize>,
    known: Vec<Known>,
    /// Numbers of the keys of the last object, in order.
    last: Vec<usize>,
    chosen: Vec<Chosen>,
    rows: usize,
}

#[derive(Debug)]
struct Known {
    name: Box<str>,
    property: Property,
    chosen: Option<usize>,
}

/// A property whose texts are collected.
#[derive(Debug)]
struct Chosen {
    path: Path,
    texts: Texts,
    /// Row behind the last one that has the property, be it null.
    seen: usize,
}

/// Texts of some rows; others have none.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    /// All texts, one behind the other.
    pub(crate) bytes: String,
    /// Row and end of each text.
    pub(crate) ends: Vec<(usize, usize)>,
}

impl Texts {
    fn has(&self, row: usize) -> bool {
        self.ends.last().is_some_and(|(last, _)| *last == row)
    }

    fn push(&mut self, row: usize, text: &str) {
        self.bytes.push_str(text);
        self.ends.push((row, self.bytes.len()));
    }

    /// Each text with its row.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, &str)> {
        let mut start = 0;
        self.ends.iter().map(move |(row, end)| {
            let text = self.bytes.get(start..*end).unwrap_or_default();
            start = *end;
            (*row, text)
        })
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }
}

impl Objects {
    /// A reader that collects the texts of `chosen` properties.
    pub(crate) fn new<'a>(chosen: impl IntoIterator<Item = &'a str>) -> Self {
        let mut reader = Self {
            numbers: HashMap::new(),
            known: Vec::new(),
            last: Vec::new(),
            chosen: Vec::new(),
            rows: 0,
        };
        for name in chosen {
            let number = reader.number(name);
            let path = Path::new(&[Step::Key(name.to_owned())]);
            if let Some(known) = reader.known.get_mut(number) {
                known.chosen = Some(reader.chosen.len());
                reader.chosen.push(Chosen { path, texts: Texts::default(), seen: 0 });
            }
        }
        reader
    }

    /// Reads the object of the next row.
    pub(crate) fn read(&mut self, object: Option<&str>) {
        let row = self.rows;
        self.rows += 1;
        let Some(object) = object else { return };
        let mut end = 0;
        for (place, member) in json::members(object).enumerate() {
            end = member.value.as_ptr().addr() + member.value.len() - object.as_ptr().addr();
            let number = self.number_at(place, &member);
            let Some(known) = self.known.get_mut(number) else { continue };
            if member.value != "null" {
                known.property.count += 1;
                known.property.seen.add_json(member.value);
            }
            let chosen = known.chosen.and_then(|chosen| self.chosen.get_mut(chosen));
            // The first of several members of one name is the one that queries read.
            let Some(chosen) = chosen.filter(|chosen| chosen.seen <= row) else { continue };
            chosen.seen = row + 1;
            if let Some(text) = property_text(member.value) {
                chosen.texts.push(row, text.as_ref());
            }
        }
        if !is_end(object.get(end..).unwrap_or_default(), end) {
            self.read_broken(object, row);
        }
    }

    /// The text of every chosen property, as a query would read it from a text that is no object.
    #[cold]
    fn read_broken(&mut self, object: &str, row: usize) {
        for chosen in &mut self.chosen {
            while chosen.texts.has(row) {
                chosen.texts.ends.pop();
                let end = chosen.texts.ends.last().map_or(0, |(_, end)| *end);
                chosen.texts.bytes.truncate(end);
            }
            if let Some(text) = chosen.path.raw(object).and_then(property_text) {
                chosen.texts.push(row, text.as_ref());
            }
        }
    }

    /// The number of a member's key, which is most likely that of the same place in the last object.
    #[inline]
    fn number_at(&mut self, place: usize, member: &json::Member<'_>) -> usize {
        if let Some(number) = self.last.get(place).copied()
            && !member.escaped
            && self.known.get(number).is_some_and(|known| *known.name == *member.key)
        {
            return number;
        }
        let name = if member.escaped { unescape(member.key) } else { None };
        let number = self.number(&name.unwrap_or(Cow::Borrowed(member.key)));
        match self.last.get_mut(place) {
            Some(last) => *last = number,
            None => self.last.push(number),
        }
        number
    }

    /// The number of a name; beyond the most names that are told apart, one that nothing has.
    fn number(&mut self, name: &str) -> usize {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = self.known.len();
        if number >= MOST {
            return usize::MAX;
        }
        self.numbers.insert(name.into(), number);
        self.known.push(Known { name: name.into(), property: Property::default(), chosen: None });
        number
    }

    /// The texts of a chosen property in the rows read since the last [`Objects::clear`].
    pub(crate) fn texts(&self, chosen: usize) -> Option<&Texts> {
        self.chosen.get(chosen).map(|chosen| &chosen.texts)
    }

    /// Begins anew with row 0; what was witnessed stays.
    pub(crate) fn clear(&mut self) {
        self.rows = 0;
        for chosen in &mut self.chosen {
            chosen.texts.clear();
            chosen.seen = 0;
        }
    }

    /// What was witnessed of all properties that have values.
    pub(crate) fn into_properties(self) -> Properties {
        let seen = self.known.into_iter().filter(|known| known.property.count > 0);
        seen.map(|known| (known.name.into_string(), known.property)).collect()
    }
}

/// Whether what stands behind the last member is the end of an object, of which `read` bytes are members.
fn is_end(rest: &str, read: usize) -> bool {
    let rest = rest.trim_matches([' ', '\n', '\r', '\t']);
    match read {
        0 => rest.strip_prefix('{').is_some_and(|rest| rest.trim_start() == "}"),
        _ => rest == "}",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use events::property::PropertyKind;

    fn read<'a>(rows: &[&'a str], chosen: &[&'a str]) -> Objects {
        let mut objects = Objects::new(chosen.iter().copied());
        rows.iter().for_each(|row| objects.read(Some(row)));
        objects
    }

    fn texts(objects: &Objects, chosen: usize) -> Vec<(usize, String)> {
        let texts = objects.texts(chosen).unwrap().iter();
        texts.map(|(row, text)| (row, text.to_owned())).collect()
    }

    #[test]
    fn texts_are_what_queries_read() {
        let rows = [
            r#"{"a":"x","b":1.50}"#,
            r#"{"b":null,"a":"say \"x\""}"#,
            r#"{}"#,
            r#"{"\u0061":"escaped key","a":"second"}"#,
            r#"{"a":null,"a":"behind a null"}"#,
            r#" { "a" : {"c": [1, 2]} } "#,
            r#"{"a":"cut"#,
            r#"{"b":"behind a broken part", oops "a":1}"#,
            "[1]",
        ];
        let objects = read(&rows, &["a", "b"]);
        for (chosen, key) in ["a", "b"].into_iter().enumerate() {
            let path = Path::new(&[Step::Key(key.to_owned())]);
            let expected = rows.iter().enumerate().filter_map(|(row, json)| {
                Some((row, path.raw(json).and_then(property_text)?.as_ref().to_owned()))
            });
            assert_eq!(texts(&objects, chosen), expected.collect::<Vec<_>>(), "{key}");
        }
    }

    #[test]
    fn properties_are_counted_in_any_order_of_keys() {
        let objects = read(&[r#"{"a":1,"b":2}"#, r#"{"b":3,"a":"x"}"#, r#"{"a":null}"#], &[]);
        let properties = objects.into_properties();
        assert_eq!(properties["a"].count, 2);
        assert_eq!(properties["a"].seen.kind(), Some(PropertyKind::String));
        assert_eq!(properties["b"].seen.kind(), Some(PropertyKind::Numeric));
    }

    #[test]
    fn clearing_begins_with_the_first_row() {
        let mut objects = read(&[r#"{"a":1}"#], &["a"]);
        objects.clear();
        objects.read(None);
        objects.read(Some(r#"{"a":2}"#));
        assert_eq!(texts(&objects, 0), [(1, "2".to_owned())]);
        assert_eq!(objects.into_properties()["a"].count, 2);
    }
}
