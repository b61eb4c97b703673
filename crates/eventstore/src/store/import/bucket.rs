//! Writing a bucket: its persons get their ordinals, its rows their order.

use super::chunk::{ChunkReader, SpillFile};
use super::dropped::Dropped;
use super::finish::{Finisher, Kept, Outcome, Shred, Target};
use super::order::{Narrow, Ordered, Part, order};
use super::output::Output;
use super::spill::Plan;
use super::work::Bucket;
use crate::Error;
use crate::store::cluster_file::{ClusterFileWriter, Rows};
use crate::store::dictionary::Dictionary;
use crate::store::event_file::EventFileWriter;
use crate::store::manifest::{ClusterFile, EventFile};
use crate::store::schema;
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, UInt32Array, UInt64Array};
use arrow::compute::{interleave, take_record_batch};
use arrow::datatypes::TimestampMicrosecondType;
use arrow::error::ArrowError;
use events::column;
use std::collections::{BTreeSet, HashMap};
use std::io::Write;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Rows of a file from which on the months behind it begin another.
const FILE_ROWS: u64 = 1 << 20;

/// Rows that are put in order at a time.
const SLICE: usize = 8192;

/// Bytes of them, roughly.
const SLICE_BYTES: u64 = 4 << 20;

/// What all buckets of an import are written with.
pub(super) struct Writing {
    pub(super) plan: Arc<Plan>,
    /// Columns that hold anything but UUIDs, of those that should.
    pub(super) texts: BTreeSet<String>,
    /// Properties that become columns; one that does not fit is kept as text from then on.
    pub(super) shreds: Mutex<Vec<Shred>>,
    pub(super) dropped: Dropped,
    pub(super) output: Output,
    pub(super) follows: u64,
    pub(super) generation: u64,
    /// Bytes of rows that a bucket may hold in memory.
    pub(super) window: u64,
    pub(super) cancelled: Arc<AtomicBool>,
    /// Set when another bucket has failed: nothing of this will be committed.
    pub(super) failed: AtomicBool,
    /// Bytes of rows that are written.
    pub(super) written: Arc<AtomicU64>,
}

/// A bucket that is to be written.
pub(super) struct Waiting {
    pub(super) bucket: u32,
    /// Persons that the store has, by ordinal.
    pub(super) known: Vec<Box<str>>,
    /// Persons of the import.
    pub(super) persons: BTreeSet<Box<str>>,
    /// Chunks by month, then as they were spilled.
    pub(super) parts: Vec<Part>,
}

/// A file could not be written as it was begun.
enum Stopped {
    Failed(Error),
    Unfit(usize),
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl Writing {
    /// Whether there is no use in going on.
    pub(super) fn is_stopped(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed) || self.failed.load(Ordering::Relaxed)
    }

    /// Writes a bucket.
    pub(super) fn bucket(&self, waiting: Waiting) -> Result<Bucket, Error> {
        if self.is_stopped() {
            return Err(super::stopped());
        }
        let Waiting { bucket, known, persons, parts } = waiting;
        let (ordinals, fresh) = ordinals(known, persons)?;
        let mut done = Bucket {
            follows: self.follows,
            bucket,
            events: Vec::new(),
            persons: None,
            dictionary: Dictionary::default(),
        };
        for (number, range) in ranges(&parts).into_iter().enumerate() {
            let parts = parts.get(range).unwrap_or_default();
            if let Some((file, dictionary)) = self.file(bucket, number, parts, &ordinals)? {
                done.events.push(file);
                done.dictionary.join(dictionary);
            }
        }
        if !fresh.persons.is_empty() {
            done.persons = Some(self.output.persons(bucket, self.generation, &fresh)?);
        }
        Ok(done)
    }

    /// Writes the rows of some chunks, or nothing if all of them are left out.
    fn file(
        &self,
        bucket: u32,
        number: usize,
        parts: &[Part],
        ordinals: &HashMap<Box<str>, u32>,
    ) -> Result<Option<(EventFile, Dictionary)>, Error> {
        let ordered = order(parts, &self.plan.schema, ordinals, &self.dropped)?;
        if ordered.rows.is_empty() {
            self.written.fetch_add(parts.iter().map(|part| part.bytes).sum(), Ordering::Relaxed);
            return Ok(None);
        }
        loop {
            let shreds = self.shreds.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let before = self.written.load(Ordering::Relaxed);
            match self.attempt(bucket, number, parts, &ordered, shreds.clone()) {
                Ok(done) => return Ok(Some(done)),
                Err(Stopped::Failed(error)) => return Err(error),
                Err(Stopped::Unfit(place)) => {
                    let mut known = self.shreds.lock().unwrap_or_else(PoisonError::into_inner);
                    if let Some(shred) = known.get_mut(place) {
                        shred.kept = Kept::Text;
                    }
                    self.written.fetch_min(before, Ordering::Relaxed);
                }
            }
        }
    }

    fn attempt(
        &self,
        bucket: u32,
        number: usize,
        parts: &[Part],
        ordered: &Ordered,
        shreds: Vec<Shred>,
    ) -> Result<(EventFile, Dictionary), Stopped> {
        let target = Target::new(&self.plan, &self.texts, shreds);
        let name = format!("b{bucket:04}-{number:04}.parquet");
        let file = self.output.begin("events", self.generation, &name)?;
        let place = file.place();
        let mut writer = EventFileWriter::new(file, place, &target.schema)?;
        let mut finisher = Finisher::new(&target, &self.plan);
        for window in windows(&ordered.rows, parts, self.window) {
            let rows = ordered.rows.get(window).unwrap_or_default();
            let loaded = Loaded::read(rows, parts, &self.plan)?;
            self.window(rows, &loaded, &mut finisher, &mut writer)?;
        }
        let (file, finished) = writer.finish()?;
        let (path, bytes) = self.output.finish(file)?;
        let (null_counts, dictionary) = finisher.learnt();
        let file = EventFile {
            path,
            bytes,
            rows: finished.rows,
            bucket,
            generation: self.generation,
            min_time: finished.min_time,
            max_time: finished.max_time,
            row_groups: finished.row_groups,
            has_ties: ordered.has_ties,
            clusters: self.clusters(&name, ordered)?,
            null_counts,
        };
        Ok((file, dictionary))
    }

    /// Writes the cluster file of an event file.
    fn clusters(&self, name: &str, ordered: &Ordered) -> Result<ClusterFile, Error> {
        let file = self.output.begin("clusters", self.generation, name)?;
        let place = file.place();
        let mut writer = ClusterFileWriter::new(file, place)?;
        let (places, starts) = ordered.by_event();
        let ties = ordered.ties();
        for (event, bounds) in ordered.events.iter().zip(starts.windows(2)) {
            let [start, end] = bounds else { continue };
            let mut rows = Rows::default();
            for place in places.get(*start..*end).unwrap_or_default() {
                let Some(row) = ordered.rows.get(*place as usize) else { continue };
                rows.ordinals.push(row.ordinal);
                rows.times.push(row.time);
                rows.ties.push(ties.get(*place as usize).copied().unwrap_or_default());
                rows.positions.push(*place);
            }
            writer.segment(event, &rows)?;
        }
        let (path, bytes) = self.output.finish(writer.finish()?)?;
        Ok(ClusterFile { path, bytes })
    }

    /// Writes the rows of a window, of which the chunks are loaded.
    fn window<W: Write + Send>(
        &self,
        rows: &[Narrow],
        loaded: &Loaded,
        finisher: &mut Finisher<'_>,
        writer: &mut EventFileWriter<W>,
    ) -> Result<(), Stopped> {
        let (mut rest, mut start) = (rows, 0);
        while !rest.is_empty() {
            if self.is_stopped() {
                return Err(Stopped::Failed(super::stopped()));
            }
            let (slice, behind) = rest.split_at(loaded.slice(rest));
            rest = behind;
            let places = loaded.places.get(start..start + slice.len()).unwrap_or_default();
            start += slice.len();
            self.slice(slice, places, loaded, finisher, writer)?;
        }
        Ok(())
    }

    fn slice<W: Write + Send>(
        &self,
        slice: &[Narrow],
        places: &[(usize, usize)],
        loaded: &Loaded,
        finisher: &mut Finisher<'_>,
        writer: &mut EventFileWriter<W>,
    ) -> Result<(), Stopped> {
        let rows = loaded.gather(places)?;
        let ordinals: ArrayRef =
            Arc::new(slice.iter().map(|row| row.ordinal).collect::<UInt32Array>());
        let rows = match finisher.finish(&rows, &ordinals)? {
            Outcome::Rows(rows) => rows,
            Outcome::Unfit(place) => return Err(Stopped::Unfit(place)),
        };
        let times = rows.column_by_name(column::TIMESTAMP);
        let times = times.and_then(|times| times.as_primitive_opt::<TimestampMicrosecondType>());
        writer.write(&rows, times.map_or(&[], |times| times.values()))?;
        let bytes = loaded.row_bytes * slice.len() as u64;
        self.written.fetch_add(bytes, Ordering::Relaxed);
        Ok(())
    }
}

/// Chunks in memory: only the rows of one window.
struct Loaded {
    batches: Vec<RecordBatch>,
    /// Where each row of the window is: its chunk, and its place there.
    places: Vec<(usize, usize)>,
    /// Bytes of a row on average.
    row_bytes: u64,
}

impl Loaded {
    fn read(rows: &[Narrow], parts: &[Part], plan: &Plan) -> Result<Self, Error> {
        let mut wanted: Vec<Vec<u64>> = vec![Vec::new(); parts.len()];
        for row in rows {
            if let Some(wanted) = wanted.get_mut(row.part as usize) {
                wanted.push(u64::from(row.at));
            }
        }
        let reader =
            ChunkReader::new(Arc::clone(&plan.schema), (0..plan.schema.fields().len()).collect());
        let mut batches = Vec::new();
        let mut numbers = HashMap::new();
        let mut bytes = 0;
        for ((number, part), wanted) in (0_u32..).zip(parts).zip(&mut wanted) {
            if wanted.is_empty() {
                continue;
            }
            let batch = reader.read(&mut SpillFile::open(&part.path)?, part.place)?;
            bytes += part.bytes * wanted.len() as u64 / part.rows.max(1);
            numbers.insert(number, batches.len());
            wanted.sort_unstable();
            let whole = wanted.len() == batch.num_rows();
            batches.push(if whole {
                wanted.clear();
                batch
            } else {
                let places = UInt64Array::from(wanted.clone());
                take_record_batch(&batch, &places).map_err(|error| wrong(&error))?
            });
        }
        let places = rows.iter().map(|row| {
            let wanted = wanted.get(row.part as usize).map_or(&[][..], Vec::as_slice);
            let at = match wanted {
                [] => row.at as usize,
                some => some.binary_search(&u64::from(row.at)).unwrap_or_default(),
            };
            (numbers.get(&row.part).copied().unwrap_or_default(), at)
        });
        let places = places.collect();
        Ok(Self { batches, places, row_bytes: bytes / (rows.len() as u64).max(1) })
    }

    /// How many of the rows make a slice.
    fn slice(&self, rows: &[Narrow]) -> usize {
        let most = usize::try_from(SLICE_BYTES / self.row_bytes.max(1)).unwrap_or(SLICE);
        rows.len().min(most.clamp(1, SLICE))
    }

    /// The rows at those places, in that order.
    fn gather(&self, places: &[(usize, usize)]) -> Result<RecordBatch, Error> {
        let Some(schema) = self.batches.first().map(RecordBatch::schema) else {
            return Err(Error::internal("a window without rows"));
        };
        let mut columns = Vec::with_capacity(schema.fields().len());
        for index in 0..schema.fields().len() {
            let arrays: Vec<&dyn Array> =
                self.batches.iter().map(|batch| batch.column(index).as_ref()).collect();
            columns.push(interleave(&arrays, places).map_err(|error| wrong(&error))?);
        }
        RecordBatch::try_new(schema, columns).map_err(|error| wrong(&error))
    }
}

fn wrong(error: &ArrowError) -> Error {
    Error::internal(error.to_string())
}

/// Persons that a bucket gets, and the ordinal of the first.
#[derive(Debug)]
pub(super) struct Fresh {
    pub(super) first: u32,
    pub(super) persons: Vec<Box<str>>,
}

/// Ordinals of a bucket's persons: those that are known keep theirs, new ones follow in the order of parts and ids.
fn ordinals(
    known: Vec<Box<str>>,
    persons: BTreeSet<Box<str>>,
) -> Result<(HashMap<Box<str>, u32>, Fresh), Error> {
    let count = |length: usize| {
        u32::try_from(length).map_err(|_| {
            Error::data("a bucket has more than 4,294,967,295 persons; import with more --buckets")
        })
    };
    let first = count(known.len())?;
    let mut ordinals: HashMap<Box<str>, u32> = known.into_iter().zip(0..).collect();
    let mut fresh: Vec<Box<str>> =
        persons.into_iter().filter(|person| !ordinals.contains_key(person)).collect();
    fresh.sort_by_cached_key(|person| schema::part(person));
    count(ordinals.len() + fresh.len())?;
    ordinals.extend(fresh.iter().cloned().zip(first..));
    Ok((ordinals, Fresh { first, persons: fresh }))
}

/// Chunks of one file each: whole months, until there are rows enough.
fn ranges(parts: &[Part]) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let (mut start, mut end, mut rows) = (0, 0, 0);
    for month in parts.chunk_by(|a, b| a.key.month == b.key.month) {
        if rows >= FILE_ROWS {
            ranges.push(start..end);
            (start, rows) = (end, 0);
        }
        end += month.len();
        rows += month.iter().map(|part| part.rows).sum::<u64>();
    }
    ranges.extend((end > start).then_some(start..end));
    ranges
}

/// Rows that are in memory together.
fn windows(rows: &[Narrow], parts: &[Part], most: u64) -> Vec<Range<usize>> {
    let size: Vec<u64> = parts.iter().map(|part| part.bytes / part.rows.max(1)).collect();
    let mut windows = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (place, row) in rows.iter().enumerate() {
        let row_bytes = size.get(row.part as usize).copied().unwrap_or_default();
        if bytes + row_bytes > most && place > start {
            windows.push(start..place);
            (start, bytes) = (place, 0);
        }
        bytes += row_bytes;
    }
    windows.extend((rows.len() > start).then_some(start..rows.len()));
    windows
}
