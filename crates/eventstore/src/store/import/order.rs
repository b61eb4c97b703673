//! The order of a file's rows, decided on their narrow columns alone.

use super::chunk::{ChunkReader, Place, SpillFile};
use super::dropped::Dropped;
use super::spill::Key;
use crate::Error;
use crate::store::schema;
use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::{Int64Type, SchemaRef, TimestampMicrosecondType};
use events::column;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

/// A chunk of a file that is to be written.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) path: Arc<Path>,
    pub(super) place: Place,
    pub(super) key: Key,
    pub(super) rows: u64,
    pub(super) bytes: u64,
}

/// A row by what orders it, and where it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Narrow {
    /// Number of its event, which rises with the name.
    pub(super) event: u32,
    pub(super) ordinal: u32,
    pub(super) time: i64,
    /// Its number by arrival.
    pub(super) row: i64,
    /// Number of its chunk.
    pub(super) part: u32,
    /// Its place there.
    pub(super) at: u32,
}

/// Rows in the order of the file, and the names of their events.
#[derive(Debug, Default)]
pub(super) struct Ordered {
    pub(super) rows: Vec<Narrow>,
    pub(super) events: Vec<Box<str>>,
    /// Whether a person has several rows at one time.
    pub(super) has_ties: bool,
}

impl Ordered {
    /// How many rows of the same person and time are before each row; empty if there are none.
    pub(super) fn ties(&self) -> Vec<u32> {
        if !self.has_ties {
            return Vec::new();
        }
        let (mut before, mut tie) = (None, 0);
        let tie_of = |row: &Narrow| {
            let here = Some((row.ordinal, row.time));
            tie = if before == here { tie + 1 } else { 0 };
            before = here;
            tie
        };
        self.rows.iter().map(tie_of).collect()
    }

    /// Places of the rows by event, then in the order of the file: event `i` has those from `.1[i]` to `.1[i + 1]`.
    pub(super) fn by_event(&self) -> (Vec<u32>, Vec<usize>) {
        let mut starts = vec![0; self.events.len() + 1];
        for row in &self.rows {
            if let Some(count) = starts.get_mut(row.event as usize + 1) {
                *count += 1;
            }
        }
        for event in 1..starts.len() {
            let before = starts.get(event - 1).copied().unwrap_or_default();
            if let Some(start) = starts.get_mut(event) {
                *start += before;
            }
        }
        let (mut places, mut next) = (vec![0; self.rows.len()], starts.clone());
        for (place, row) in (0..).zip(&self.rows) {
            let Some(next) = next.get_mut(row.event as usize) else { continue };
            if let Some(slot) = places.get_mut(*next) {
                *slot = place;
            }
            *next += 1;
        }
        (places, starts)
    }
}

/// Orders the rows of chunks by person, time and arrival.
pub(super) fn order(
    parts: &[Part],
    schema: &SchemaRef,
    ordinals: &HashMap<Box<str>, u32>,
    dropped: &Dropped,
) -> Result<Ordered, Error> {
    let mut found = Found { events: HashMap::new(), rows: Vec::new() };
    let columns = [column::EVENT, column::TIMESTAMP, column::ROW, schema::PERSON];
    let columns: Result<Vec<usize>, _> = columns.iter().map(|name| schema.index_of(name)).collect();
    let columns = columns.map_err(|error| Error::internal(error.to_string()))?;
    let reader = ChunkReader::new(SchemaRef::clone(schema), columns);
    for (number, part) in (0_u32..).zip(parts) {
        let mut file = SpillFile::open(&part.path)?;
        found.add(&reader.read(&mut file, part.place)?, number, ordinals, dropped)?;
    }
    Ok(found.sorted())
}

struct Found {
    /// Number of each event, in order of first appearance.
    events: HashMap<Box<str>, u32>,
    rows: Vec<Narrow>,
}

impl Found {
    fn add(
        &mut self,
        rows: &RecordBatch,
        part: u32,
        ordinals: &HashMap<Box<str>, u32>,
        dropped: &Dropped,
    ) -> Result<(), Error> {
        let [events, times, numbers, persons] = rows.columns() else {
            return Err(Error::internal("a chunk without its narrow columns"));
        };
        let events = events.as_string::<i32>();
        let times = times.as_primitive::<TimestampMicrosecondType>();
        let numbers = numbers.as_primitive::<Int64Type>();
        let persons = persons.as_string::<i32>();
        for (at, row) in (0_u32..).zip(0..rows.num_rows()) {
            let number = numbers.value(row);
            if dropped.has(number) {
                continue;
            }
            let Some(ordinal) = ordinals.get(persons.value(row)).copied() else {
                return Err(Error::internal("a row of a person without ordinal"));
            };
            let event = self.event(events.value(row))?;
            let time = times.value(row);
            self.rows.push(Narrow { event, ordinal, time, row: number, part, at });
        }
        Ok(())
    }

    fn event(&mut self, name: &str) -> Result<u32, Error> {
        if let Some(number) = self.events.get(name) {
            return Ok(*number);
        }
        let next = u32::try_from(self.events.len());
        let next = next.map_err(|error| Error::internal(error.to_string()))?;
        self.events.insert(name.into(), next);
        Ok(next)
    }

    fn sorted(mut self) -> Ordered {
        let mut names: Vec<(Box<str>, u32)> = self.events.into_iter().collect();
        names.sort_unstable();
        let mut numbers = vec![0; names.len()];
        for (new, (_, old)) in (0_u32..).zip(&names) {
            if let Some(number) = numbers.get_mut(*old as usize) {
                *number = new;
            }
        }
        for row in &mut self.rows {
            row.event = numbers.get(row.event as usize).copied().unwrap_or_default();
        }
        self.rows.sort_unstable_by_key(|row| (row.ordinal, row.time, row.row));
        let tied = |pair: &[Narrow]| match pair {
            [a, b] => (a.ordinal, a.time) == (b.ordinal, b.time),
            _ => false,
        };
        let has_ties = self.rows.windows(2).any(tied);
        let events = names.into_iter().map(|(name, _)| name).collect();
        Ordered { rows: self.rows, events, has_ties }
    }
}
