//! From overrides of distinct ids to places of rows.

use super::moves::{FileMoves, Moved, Place, Stretch, moved_rank};
use super::tasks::in_order;
use crate::made::Made;
use crate::store::import::People;
use crate::store::narrow::{NarrowRequest, NarrowScanExec, Opening, wrong};
use crate::store::{Persons, schema};
use crate::table::FileTable;
use crate::{Error, Source, Table};
use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::UInt32Type;
use datafusion::catalog::Session;
use datafusion::common::{Result, internal_err};
use datafusion::execution::TaskContext;
use datafusion::execution::context::SessionContext;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::coop::make_cooperative;
use events::column;
use futures::TryStreamExt;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// Looks through the distinct ids of a store for rows that are another person's now.
pub(in crate::store::narrow) async fn resolve(
    source: &Source,
    session: &dyn Session,
) -> Result<Arc<Moved>> {
    let (Some(events), Some(overrides)) = (source.events(), source.overrides()) else {
        return Ok(Arc::default());
    };
    let Some(persons) = Made::persons(&events.table.made) else {
        return internal_err!("a store whose persons are in no table");
    };
    let now = Arc::new(Now::read(overrides, persons, session).await?);
    let scan = Arc::new(ids(&events.table, session).await?);
    let memory = MemoryConsumer::new("Moved").register(&session.runtime_env().memory_pool);
    let memory = Arc::new(memory);
    let found = search(&now, &scan, &memory, session).await?;
    let mut numbering = Numbering::new(&now, persons);
    let mut files = HashMap::new();
    for (number, found) in found.into_iter().enumerate().filter(|(_, found)| !found.is_empty()) {
        let (Some(stream), Some(layout)) = (scan.streams.get(number), scan.layout().get(number))
        else {
            return internal_err!("there is no stream {number}");
        };
        let moves = numbering.of_file(&found, layout.bucket, layout.rank)?;
        files.insert(stream.event_file().clone(), Arc::new(moves));
    }
    let held = |moves: &Arc<FileMoves>| {
        size_of_val(moves.stretches.as_slice()) + size_of_val(moves.actors.as_ref())
    };
    let kept = memory.new_empty();
    memory.free();
    kept.try_grow(files.values().map(held).sum())?;
    Ok(Arc::new(Moved::new(files, numbering.added, kept)))
}

/// A scan of the distinct ids of all rows: a stream for each event file.
async fn ids(table: &FileTable, session: &dyn Session) -> Result<NarrowScanExec> {
    let columns = vec![column::DISTINCT_ID.to_owned()];
    let request = NarrowRequest { columns, ..NarrowRequest::default() };
    let opening = Opening { request: &request, clusters: false, ties: false };
    NarrowScanExec::open(table, &opening, session).await
}

/// Whose distinct ids are now.
struct Now {
    people: People,
    /// Where persons are that the store lists, by their numbers in `people`.
    places: Vec<Option<Place>>,
}

impl Now {
    async fn read(overrides: &Table, persons: &Persons, session: &dyn Session) -> Result<Self> {
        let (config, runtime) = (session.config().clone(), Arc::clone(session.runtime_env()));
        let context = SessionContext::new_with_config_rt(config, runtime);
        let mut people = People::default();
        people.read(overrides, &context).await.map_err(wrong)?;
        // Whoever is not listed gets a number behind those who are.
        persons.load(None).await?;
        let places = persons.places(people.names()).await?;
        Ok(Self { people, places })
    }

    /// The number of the person that a row at a place moved to; `None` if it stays there.
    fn moved(&self, distinct_id: &str, place: Place) -> Option<u32> {
        let person = self.people.number(distinct_id)?;
        (self.place(person) != Some(place)).then_some(person)
    }

    fn place(&self, person: u32) -> Option<Place> {
        self.places.get(person as usize).copied().flatten()
    }
}

/// Rows of an actor that follow each other and moved to one person, or stay.
#[derive(Debug, PartialEq, Eq)]
struct Found {
    ordinal: u32,
    person: Option<u32>,
    rows: Range<usize>,
}

/// All rows, file by file, of actors of which rows moved.
async fn search(
    now: &Arc<Now>,
    scan: &Arc<NarrowScanExec>,
    memory: &Arc<MemoryReservation>,
    session: &dyn Session,
) -> Result<Vec<Vec<Found>>> {
    let context = session.task_ctx();
    let mut tasks = Vec::with_capacity(scan.layout().len());
    for (stream, layout) in scan.layout().iter().enumerate() {
        let walk = Walk::new(Arc::clone(now), layout.bucket);
        let (scan, memory, context) = (Arc::clone(scan), Arc::clone(memory), Arc::clone(&context));
        tasks.push(walked(walk, scan, stream, context, memory));
    }
    in_order(tasks, session.config().target_partitions()).await
}

/// What is found in one file.
async fn walked(
    mut walk: Walk,
    scan: Arc<NarrowScanExec>,
    stream: usize,
    context: Arc<TaskContext>,
    memory: Arc<MemoryReservation>,
) -> Result<Vec<Found>> {
    let mut batches = make_cooperative(scan.execute(stream, context)?);
    while let Some(batch) = batches.try_next().await? {
        let before = walk.held();
        walk.batch(&batch)?;
        memory.try_grow(walk.held().saturating_sub(before))?;
    }
    walk.close();
    Ok(walk.found)
}

/// A walk through the rows of a file, actor by actor.
struct Walk {
    now: Arc<Now>,
    bucket: u32,
    /// Number of the next row.
    row: usize,
    ordinal: Option<u32>,
    /// The last row's distinct id, and where it moved.
    id: String,
    moved: Option<u32>,
    /// What is known of the actor.
    open: Vec<Found>,
    found: Vec<Found>,
}

impl Walk {
    fn new(now: Arc<Now>, bucket: u32) -> Self {
        let (id, open, found) = (String::new(), Vec::new(), Vec::new());
        Self { now, bucket, row: 0, ordinal: None, id, moved: None, open, found }
    }

    fn batch(&mut self, batch: &RecordBatch) -> Result<()> {
        let [ordinals, _, _, ids] = batch.columns() else {
            return internal_err!("distinct ids come in {} columns", batch.num_columns());
        };
        let ordinals = ordinals.as_primitive_opt::<UInt32Type>();
        let (Some(ordinals), Some(ids)) = (ordinals, ids.as_string_view_opt()) else {
            return internal_err!("distinct ids of type {}", ids.data_type());
        };
        for (ordinal, id) in ordinals.values().iter().zip(ids) {
            self.row(*ordinal, id.unwrap_or_default());
        }
        Ok(())
    }

    fn row(&mut self, ordinal: u32, id: &str) {
        let is_first = self.ordinal != Some(ordinal);
        if is_first {
            self.close();
            self.ordinal = Some(ordinal);
        }
        // Rows of one distinct id mostly follow each other.
        if is_first || self.id != id {
            self.moved = self.now.moved(id, (self.bucket, ordinal));
            self.id.clear();
            self.id.push_str(id);
        }
        let (row, person) = (self.row, self.moved);
        self.row += 1;
        match self.open.last_mut() {
            Some(last) if last.person == person => last.rows.end = self.row,
            _ => self.open.push(Found { ordinal, person, rows: row..row + 1 }),
        }
    }

    /// Notes the actor, unless all its rows stay.
    fn close(&mut self) {
        if self.open.iter().any(|found| found.person.is_some()) {
            self.found.append(&mut self.open);
        }
        self.open.clear();
    }

    /// Bytes of what is known.
    fn held(&self) -> usize {
        (self.open.len() + self.found.len()) * size_of::<Found>()
    }
}

/// Gives persons whom the store does not list ordinals behind the last of their buckets, in the order in which it is asked
/// for them.
struct Numbering<'n> {
    now: &'n Now,
    persons: &'n Persons,
    /// Places of persons by their numbers.
    places: HashMap<u32, Place>,
    added: HashMap<Place, Box<str>>,
    /// The next ordinals, by bucket.
    next: HashMap<u32, u32>,
}

impl<'n> Numbering<'n> {
    fn new(now: &'n Now, persons: &'n Persons) -> Self {
        let (places, added, next) = (HashMap::new(), HashMap::new(), HashMap::new());
        Self { now, persons, places, added, next }
    }

    /// What is found in a file of a bucket, with the places that it moved to.
    fn of_file(&mut self, found: &[Found], bucket: u32, generation: u32) -> Result<FileMoves> {
        let mut stretches = Vec::with_capacity(found.len());
        for found in found {
            let from = (bucket, found.ordinal);
            let to = found.person.map_or(Ok(from), |person| self.place(person))?;
            let rank = moved_rank(from, to, generation);
            let rows = found.rows.clone();
            stretches.push(Stretch { rows, bucket: to.0, ordinal: to.1, rank });
        }
        let mut actors: Vec<u32> = found.iter().map(|found| found.ordinal).collect();
        actors.dedup();
        Ok(FileMoves { actors: actors.into(), stretches })
    }

    fn place(&mut self, person: u32) -> Result<Place> {
        if let Some(place) = self.now.place(person).or_else(|| self.places.get(&person).copied()) {
            return Ok(place);
        }
        let Some(name) = self.now.people.names().get(person as usize) else {
            return internal_err!("there is no person {person}");
        };
        let bucket = schema::bucket(name, self.persons.buckets());
        let known = self.persons.count(bucket)?;
        let next = self.next.entry(bucket).or_insert(known);
        let place = (bucket, *next);
        let Some(behind) = next.checked_add(1) else {
            return Err(wrong(Error::data("a bucket has more than 4,294,967,295 persons")));
        };
        *next = behind;
        self.places.insert(person, place);
        self.added.insert(place, name.clone());
        Ok(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found of rows of bucket 1; `now` are distinct ids, their persons' numbers, and where those are.
    fn found(rows: &[(u32, &str)], now: &[(&str, Option<Place>)]) -> Vec<Found> {
        let people = People::of(now.iter().map(|(id, _)| *id));
        let places = now.iter().map(|(_, place)| *place).collect();
        let mut walk = Walk::new(Arc::new(Now { people, places }), 1);
        for (ordinal, id) in rows {
            walk.row(*ordinal, id);
        }
        walk.close();
        walk.found
    }

    #[test]
    fn actors_are_noted_whole_if_a_row_of_theirs_moved() {
        let rows = [(0, "a"), (0, "a"), (2, "b"), (2, "a"), (2, "a"), (2, "c"), (3, "c"), (5, "a")];
        let noted = |ordinal, person, rows| Found { ordinal, person, rows };
        assert_eq!(found(&rows, &[]), []);
        assert_eq!(found(&rows, &[("b", None)]), [noted(2, Some(0), 2..3), noted(2, None, 3..6)]);
        // Actor 2 of the bucket is whose `a` is.
        assert_eq!(
            found(&rows, &[("a", Some((1, 2))), ("c", Some((0, 3)))]),
            [
                noted(0, Some(0), 0..2),
                noted(2, None, 2..5),
                noted(2, Some(1), 5..6),
                noted(3, Some(1), 6..7),
                noted(5, Some(0), 7..8),
            ]
        );
    }
}
