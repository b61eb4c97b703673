//! Event rows into a Parquet file with the columns of PostHog's export.

use super::dice::{Dice, Purpose};
use super::event::Event;
use super::folder::{self, Staged};
use super::plan::Planned;
use super::seasons::SECOND;
use super::world::World;
use super::{elements, identity, properties};
use crate::Error;
use arrow::array::{ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::buffer::{Buffer, NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use std::sync::Arc;

/// Rows gathered before they are handed to the Parquet writer: so few that their texts are still in the core's cache.
const BATCH: usize = 256;

/// The columns of the events export, all nullable.
pub(super) fn schema() -> SchemaRef {
    let text = |name: &str| Field::new(name, DataType::Utf8, true);
    let moment = |name: &str| {
        Field::new(name, DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())), true)
    };
    Arc::new(Schema::new(vec![
        text("uuid"),
        text("event"),
        text("distinct_id"),
        text("person_id"),
        text("properties"),
        text("person_properties"),
        text("elements_chain"),
        moment("timestamp"),
        moment("created_at"),
        moment("_inserted_at"),
    ]))
}

/// A column of texts, filled row by row.
#[derive(Debug, Default)]
pub(super) struct Texts {
    bytes: Vec<u8>,
    ends: Vec<i32>,
    valid: Vec<bool>,
}

impl Texts {
    /// Appends a row that `write` fills.
    pub(super) fn row(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.bytes);
        self.end(true);
    }

    /// Appends a text or a null.
    pub(super) fn push(&mut self, value: Option<&[u8]>) {
        self.bytes.extend_from_slice(value.unwrap_or_default());
        self.end(value.is_some());
    }

    fn end(&mut self, valid: bool) {
        // A batch is a few hundred rows of a few kilobytes at most.
        self.ends.push(i32::try_from(self.bytes.len()).unwrap_or(i32::MAX));
        self.valid.push(valid);
    }

    /// The rows so far as an array; the next row begins a new one.
    pub(super) fn take(&mut self) -> Result<ArrayRef, Error> {
        let mut offsets = Vec::with_capacity(self.ends.len() + 1);
        offsets.push(0);
        offsets.append(&mut self.ends);
        let room = self.bytes.capacity();
        let bytes = std::mem::replace(&mut self.bytes, Vec::with_capacity(room));
        let nulls = self.valid.contains(&false).then(|| NullBuffer::from(self.valid.as_slice()));
        self.valid.clear();
        let array =
            StringArray::try_new(OffsetBuffer::new(offsets.into()), Buffer::from_vec(bytes), nulls);
        Ok(Arc::new(array.map_err(|error| Error::internal(error.to_string()))?))
    }
}

/// A column of moments without nulls.
pub(super) fn moments(values: &mut Vec<i64>) -> ArrayRef {
    Arc::new(TimestampMicrosecondArray::from(std::mem::take(values)).with_timezone("UTC"))
}

/// Gathers rows of events and writes them.
pub(super) struct EventsFile<'a> {
    world: &'a World,
    file: Staged,
    rows: u64,
    texts: [Texts; 7],
    moments: [Vec<i64>; 3],
}

impl<'a> EventsFile<'a> {
    /// A file, begun.
    pub(super) fn new(world: &'a World, file: Staged) -> Self {
        Self { world, file, rows: 0, texts: Default::default(), moments: Default::default() }
    }

    /// Rows appended so far.
    pub(super) const fn rows(&self) -> u64 {
        self.rows
    }

    /// Appends a row.
    pub(super) fn push(&mut self, row: &Planned) -> Result<(), Error> {
        let mut dice = Dice::new(row.visit.key, Purpose::Event, u64::from(row.number), 2);
        let (high, low) = (dice.next(), dice.next());
        let mut buffer = [0; 36];
        let id = if row.step.back_end {
            identity::random(high, low)
        } else {
            identity::time_ordered(row.step.at, high, low)
        };
        let [uuids, events, distinct_ids, persons, members, person_members, chains] =
            &mut self.texts;
        uuids.push(Some(id.hyphenated().encode_lower(&mut buffer).as_bytes()));
        events.push(Some(row.step.event.name(row.step.argument).as_bytes()));
        let who = row.identity();
        distinct_ids.push(Some(who.distinct_id.as_bytes()));
        persons.push(Some(who.person.hyphenated().encode_lower(&mut buffer).as_bytes()));
        members.row(|out| properties::write(self.world, row, out));
        person_members.push(row.visit.person_properties(self.world, row));
        match row.step.event {
            Event::Autocapture | Event::Rageclick => {
                chains.row(|out| elements::chain(u64::from(row.step.argument), out))
            }
            _ => chains.push(Some(b"")),
        }
        let created = row.inserted - dice.between(SECOND / 5, SECOND - 1);
        self.moments[0].push(row.step.at);
        self.moments[1].push(created.max(row.step.at));
        self.moments[2].push(row.inserted);
        self.rows += 1;
        if self.moments[0].len() == BATCH { self.flush() } else { Ok(()) }
    }

    /// Closes the file.
    pub(super) fn finish(mut self) -> Result<folder::Written, Error> {
        self.flush()?;
        self.file.finish()
    }

    fn flush(&mut self) -> Result<(), Error> {
        let mut columns = Vec::with_capacity(10);
        for texts in &mut self.texts {
            columns.push(texts.take()?);
        }
        columns.extend(self.moments.iter_mut().map(moments));
        let batch = RecordBatch::try_new(schema(), columns)
            .map_err(|error| Error::internal(error.to_string()))?;
        self.file.write(&batch)
    }
}
