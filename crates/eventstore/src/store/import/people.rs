//! Whose events are whose: from a distinct id to its person, as the persons and overrides tables say.
//!
//! It is the rule of queries in place: the newest row of a distinct id counts, unless it says that the id is deleted. Of rows
//! equally new the first counts. Distinct ids are kept as 128 bits of two hashes: two of a thousand million ids are the same with
//! a probability of about one in 10^21.

use crate::{Error, Table};
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type};
use datafusion::execution::context::SessionContext;
use events::column;
use futures::TryStreamExt;
use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

/// Persons of distinct ids.
#[derive(Debug, Default)]
pub(crate) struct People {
    persons: Vec<Box<str>>,
    /// By name, while persons are added.
    numbers: HashMap<Box<str>, u32>,
    ids: HashMap<u128, Entry>,
}

/// The newest row of a distinct id.
#[derive(Debug, Clone, Copy)]
struct Entry {
    person: u32,
    version: i64,
    deleted: bool,
}

/// Columns that order the rows of a distinct id, best first.
const ORDER: [&str; 5] =
    ["person_distinct_id_version", "version", "person_version", "_inserted_at", "created_at"];

impl People {
    /// The person of a distinct id; `None` if the tables do not tell.
    pub(crate) fn person(&self, distinct_id: &str) -> Option<&str> {
        self.persons.get(self.number(distinct_id)? as usize).map(AsRef::as_ref)
    }

    /// The same as its number in [`Self::names`].
    pub(crate) fn number(&self, distinct_id: &str) -> Option<u32> {
        let entry = self.ids.get(&fingerprint(distinct_id)).filter(|entry| !entry.deleted)?;
        Some(entry.person)
    }

    /// The persons that distinct ids may have.
    pub(crate) fn names(&self) -> &[Box<str>] {
        &self.persons
    }

    /// Whether no distinct id is known.
    pub(crate) fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Some distinct ids, each a person of its own, which are numbered in this order.
    #[cfg(test)]
    pub(crate) fn of<'i>(ids: impl Iterator<Item = &'i str>) -> Self {
        let mut people = Self::default();
        ids.for_each(|id| people.add(id, id, 1, false).unwrap());
        people
    }

    /// Reads a table of persons or overrides. What it says goes before what tables said that were read earlier.
    pub(crate) async fn read(
        &mut self,
        table: &Table,
        context: &SessionContext,
    ) -> Result<(), Error> {
        self.ids.values_mut().for_each(|entry| entry.version = i64::MIN);
        self.numbers =
            (0..).zip(&self.persons).map(|(number, person)| (person.clone(), number)).collect();
        let has = |name: &str| table.schema.column(name).is_some();
        if !has(column::DISTINCT_ID) || !has(column::PERSON_ID) {
            return Ok(());
        }
        let order = ORDER.into_iter().find(|name| has(name));
        let mut columns = vec![column::DISTINCT_ID, column::PERSON_ID];
        columns.extend(order);
        columns.extend(Some("is_deleted").filter(|name| has(name)));
        let rows = super::rows_in_order(table, context, &columns).await?;
        let mut rows = std::pin::pin!(rows);
        while let Some(batch) =
            rows.try_next().await.map_err(|error| super::reading::told(&error))?
        {
            let text = |name: &str| {
                batch.column_by_name(name).map(|column| cast(column, &DataType::Utf8View))
            };
            let (Some(Ok(ids)), Some(Ok(persons))) =
                (text(column::DISTINCT_ID), text(column::PERSON_ID))
            else {
                return Err(Error::internal("a table of persons without texts"));
            };
            let versions = order.and_then(|name| batch.column_by_name(name));
            let versions = versions.map(whole).transpose()?;
            let deleted =
                batch.column_by_name("is_deleted").and_then(|deleted| deleted.as_boolean_opt());
            let (ids, persons) = (ids.as_string_view(), persons.as_string_view());
            for row in 0..batch.num_rows() {
                let version = match &versions {
                    Some(versions) if versions.is_null(row) => continue,
                    Some(versions) => versions.as_primitive::<Int64Type>().value(row),
                    None => 1,
                };
                let deleted =
                    deleted.is_some_and(|deleted| deleted.is_valid(row) && deleted.value(row));
                if persons.is_valid(row) && ids.is_valid(row) && !ids.value(row).is_empty() {
                    self.add(ids.value(row), persons.value(row), version, deleted)?;
                }
            }
        }
        self.numbers = HashMap::new();
        Ok(())
    }

    fn add(&mut self, id: &str, person: &str, version: i64, deleted: bool) -> Result<(), Error> {
        let known = self.ids.get(&fingerprint(id));
        if known.is_some_and(|known| known.version >= version && known.version > i64::MIN) {
            return Ok(());
        }
        let person = match self.numbers.get(person) {
            Some(number) => *number,
            None => {
                let number = u32::try_from(self.persons.len())
                    .map_err(|_| Error::data("there are more than 4,294,967,295 persons"))?;
                self.persons.push(person.into());
                self.numbers.insert(person.into(), number);
                number
            }
        };
        self.ids.insert(fingerprint(id), Entry { person, version, deleted });
        Ok(())
    }
}

/// A column of versions or instants as whole numbers.
fn whole(column: &ArrayRef) -> Result<ArrayRef, Error> {
    cast(column, &DataType::Int64).map_err(|error| Error::data(error.to_string()))
}

/// 128 bits that stand for a text.
pub(crate) fn fingerprint(text: &str) -> u128 {
    let build = BuildHasherDefault::<DefaultHasher>::default();
    let (low, high) = (build.hash_one(text), build.hash_one((1_u8, text)));
    u128::from(high) << 64 | u128::from(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_row_counts() {
        let mut people = People::default();
        for (person, version, deleted) in
            [("a", 1, false), ("b", 3, false), ("c", 2, false), ("d", 3, false)]
        {
            people.add("id", person, version, deleted).unwrap();
        }
        assert_eq!(people.person("id"), Some("b"));
        people.add("id", "b", 4, true).unwrap();
        assert_eq!(people.person("id"), None);
        assert_eq!(people.person("other"), None);
    }
}
