//! The persons export: a row per change of a distinct id, superseded ones included.

use super::events_file::{Texts, moments};
use super::identity::{self, Identity, TEAM};
use super::person::Person;
use super::profile::{self, Profile};
use super::seasons::SECOND;
use super::slices::{SliceWriter, Tally, interval_name};
use super::world::World;
use crate::Error;
use arrow::array::{BooleanArray, Int64Array, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use std::sync::Arc;
use uuid::Uuid;

/// Rows gathered before they are handed to the Parquet writer.
const BATCH: usize = 4096;

/// The columns of the persons export, all nullable.
pub(super) fn schema() -> SchemaRef {
    let text = |name: &str| Field::new(name, DataType::Utf8, true);
    let number = |name: &str| Field::new(name, DataType::Int64, true);
    let moment = |name: &str| {
        Field::new(name, DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())), true)
    };
    Arc::new(Schema::new(vec![
        number("team_id"),
        text("distinct_id"),
        text("person_id"),
        text("properties"),
        number("person_distinct_id_version"),
        number("person_version"),
        moment("created_at"),
        moment("_inserted_at"),
        Field::new("is_deleted", DataType::Boolean, true),
    ]))
}

/// One change of a distinct id.
struct Change<'a> {
    distinct_id: &'a str,
    person: Uuid,
    version: i64,
    person_version: i64,
    at: i64,
    deleted: bool,
}

impl<'a> Change<'a> {
    /// A distinct id with the person that is made for it.
    fn first(identity: &'a Identity, at: i64) -> Self {
        Self {
            distinct_id: &identity.distinct_id,
            person: identity.person,
            version: 0,
            person_version: 0,
            at,
            deleted: false,
        }
    }

    /// A distinct id that goes over to another person.
    fn merged(identity: &'a Identity, person: Uuid, person_version: i64, at: i64) -> Self {
        Self { person, version: 1, person_version, ..Self::first(identity, at) }
    }
}

/// Writes the persons, in files of about `rows_per_file` rows, until it is told to stop.
pub(super) fn write(writer: &SliceWriter<'_>) -> Result<Tally, Error> {
    let SliceWriter { world, folder, rows_per_file, .. } = *writer;
    let name = interval_name(&(world.start..world.end));
    let mut tally = Tally::default();
    let mut person = 0;
    while person < world.persons {
        let part = format!("{name}-{}.parquet", tally.files);
        let mut file = folder.begin("persons", &part, schema())?;
        let mut rows = 0;
        while person < world.persons && rows < rows_per_file {
            if writer.is_stopped() {
                return Ok(tally);
            }
            let mut columns = Columns::default();
            while person < world.persons && columns.inserted.len() < BATCH {
                columns.person(world, &Person::new(world, person));
                person += 1;
            }
            rows += columns.inserted.len() as u64;
            file.write(&columns.take()?)?;
        }
        tally.rows += rows;
        tally.files += 1;
        tally.bytes += file.finish()?.bytes;
    }
    if tally.files == 1 {
        folder.rename("persons", &format!("{name}-0.parquet"), &format!("{name}.parquet"))?;
    }
    Ok(tally)
}

#[derive(Default)]
struct Columns {
    texts: [Texts; 3],
    versions: [Vec<i64>; 2],
    created: Vec<i64>,
    inserted: Vec<i64>,
    deleted: Vec<bool>,
}

impl Columns {
    /// The changes of one person's distinct ids up to the end of the data.
    fn person(&mut self, world: &World, person: &Person) {
        let facts = Profile::new(world, person);
        let device = identity::anonymous(world.seed, person, 1);
        if person.anonymous_profile {
            self.change(world, person, facts, &Change::first(&device, person.birth));
        }
        let Some(account) = &person.account else { return };
        let own = identity::account(world.seed, person);
        self.change(
            world,
            person,
            facts,
            &Change { person_version: 1, ..Change::first(&own, account.signup) },
        );
        // An anonymous id whose person lives on keeps its row.
        if device.person != own.person {
            self.change(
                world,
                person,
                facts,
                &Change::merged(&device, own.person, 2, account.signup + SECOND),
            );
        }
        if let Some(login) = account.second_device_visit {
            let second = identity::anonymous(world.seed, person, 2);
            if person.anonymous_profile {
                self.change(world, person, facts, &Change::first(&second, login));
            }
            self.change(
                world,
                person,
                facts,
                &Change::merged(&second, own.person, 3, login + 300 * SECOND),
            );
        }
        if person.traits.is_multiple_of(97) {
            // Someone who left asks for deletion.
            let gone =
                Change { person_version: 104, deleted: true, ..Change::first(&own, person.leaves) };
            self.change(world, person, facts, &gone);
        }
    }

    fn change(&mut self, world: &World, person: &Person, facts: Profile, change: &Change<'_>) {
        let inserted = change.at + 2 * SECOND;
        if inserted >= world.end {
            return;
        }
        let [distinct_ids, persons, properties] = &mut self.texts;
        distinct_ids.push(Some(change.distinct_id.as_bytes()));
        persons.push(Some(change.person.to_string().as_bytes()));
        properties.row(|out| match change.deleted {
            true => out.extend_from_slice(b"{}"),
            false => profile::person_properties(world, person, facts, change.at, out),
        });
        self.versions[0].push(change.version);
        self.versions[1].push(change.person_version);
        self.created.push(if change.person_version == 0 { change.at } else { person.birth });
        self.inserted.push(inserted);
        self.deleted.push(change.deleted);
    }

    fn take(&mut self) -> Result<RecordBatch, Error> {
        let rows = self.inserted.len();
        let [distinct_ids, persons, properties] = &mut self.texts;
        let [version, person_version] = &mut self.versions;
        let columns: Vec<arrow::array::ArrayRef> = vec![
            Arc::new(Int64Array::from(vec![TEAM; rows])),
            distinct_ids.take()?,
            persons.take()?,
            properties.take()?,
            Arc::new(Int64Array::from(std::mem::take(version))),
            Arc::new(Int64Array::from(std::mem::take(person_version))),
            moments(&mut self.created),
            moments(&mut self.inserted),
            Arc::new(BooleanArray::from(std::mem::take(&mut self.deleted))),
        ];
        RecordBatch::try_new(schema(), columns).map_err(|error| Error::internal(error.to_string()))
    }
}
