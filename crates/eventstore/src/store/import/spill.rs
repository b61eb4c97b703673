//! Rows on their way to their buckets: permuted in memory by bucket, month and part, then written as chunks.

use super::chunk::{ChunkWriter, Place};
use super::dropped::{LIST, entry};
use super::people::{People, fingerprint};
use crate::Error;
use crate::store::{PERSON_COLUMN, schema};
use arrow::array::{
    Array, ArrayRef, AsArray, Int64Array, RecordBatch, StringArray, StringBuilder, StringViewArray,
    TimestampMicrosecondArray, UInt32Array,
};
use arrow::compute::{cast, concat_batches, take};
use arrow::datatypes::{DataType, Int64Type, SchemaRef, TimestampMicrosecondType};
use arrow::error::ArrowError;
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime};
use events::column;
use events::source::SourceColumn;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use uuid::Uuid;
use uuid::fmt::Hyphenated;

/// Identities are compared in so many parts.
pub(super) const PARTS: u8 = 64;

/// Least and most bytes of rows that are gathered before they are spilled.
const GATHERED: (usize, usize) = (24 << 20, 64 << 20);

/// Bytes of them for each bucket: each gets a chunk of them, and all chunks are listed in memory.
const BUCKET: usize = 128 << 10;

/// Bytes of a chunk from which on the next part of its bucket begins another.
const CHUNK: usize = 64 << 10;

/// What chunks are spilled by; within it rows are in order of their persons' parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Key {
    pub(super) bucket: u32,
    /// Months since year 0.
    pub(super) month: i32,
}

/// Rows of one key in a spill file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Chunk {
    pub(super) key: Key,
    pub(super) place: Place,
    pub(super) rows: u64,
    /// Their bytes in memory.
    pub(super) bytes: u64,
}

/// What a spill file holds.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Spilled {
    pub(super) rows: u64,
    pub(super) chunks: Vec<Chunk>,
    /// Persons of a bucket, as JSON, sorted.
    pub(super) persons: Vec<(u32, Place)>,
    /// Identities and row numbers, by the parts in which identities are compared.
    pub(super) identities: Vec<(u8, Place)>,
    /// Columns that hold anything but UUIDs, of those that should.
    pub(super) texts: BTreeSet<String>,
    /// Length of the file.
    pub(super) bytes: u64,
}

/// What rows are spilled by.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) columns: Vec<SourceColumn>,
    pub(super) schema: SchemaRef,
    pub(super) buckets: u32,
    pub(super) people: People,
    /// Whose the distinct ids are of which `people` tell nothing: merges that were worked into the store.
    pub(super) worked_in: People,
    /// The rows are those of a store: they have their persons.
    pub(super) stored: bool,
}

impl Plan {
    /// Rows that arrive.
    pub(super) fn new(columns: Vec<SourceColumn>, buckets: u32, people: People) -> Self {
        let schema = schema::spilled(&columns);
        Self { schema, columns, buckets, people, worked_in: People::default(), stored: false }
    }

    /// Rows of a store that are written anew.
    pub(super) fn stored(columns: Vec<SourceColumn>, buckets: u32, people: People) -> Self {
        Self { stored: true, ..Self::new(columns, buckets, people) }
    }
}

/// Spills the rows of one unit.
pub(super) struct Spill<'a> {
    plan: &'a Plan,
    writer: ChunkWriter,
    gathered: Vec<RecordBatch>,
    bytes: usize,
    /// Bytes that are gathered before they are spilled.
    most: usize,
    /// Number of the unit's first row.
    first_row: i64,
    /// Number of the next row.
    next_row: i64,
    persons: BTreeMap<u32, BTreeSet<Box<str>>>,
    identities: Vec<Vec<u8>>,
    spilled: Spilled,
    /// Where rows without a uuid come from, as a number.
    origin: u64,
}

impl<'a> Spill<'a> {
    pub(super) fn create(
        plan: &'a Plan,
        path: &Path,
        first_row: i64,
        origin: u64,
    ) -> Result<Self, Error> {
        Ok(Self {
            plan,
            writer: ChunkWriter::create(path)?,
            gathered: Vec::new(),
            bytes: 0,
            most: (plan.buckets as usize).saturating_mul(BUCKET).clamp(GATHERED.0, GATHERED.1),
            first_row,
            next_row: first_row,
            persons: BTreeMap::new(),
            identities: vec![Vec::new(); usize::from(PARTS)],
            spilled: Spilled::default(),
            origin,
        })
    }

    /// Adds rows of the source, in order of arrival.
    pub(super) fn push(&mut self, rows: RecordBatch) -> Result<(), Error> {
        self.spilled.rows += rows.num_rows() as u64;
        let mut waiting = vec![rows];
        while let Some(rows) = waiting.pop() {
            let (bytes, half) = (text_bytes(&rows), rows.num_rows() / 2);
            // Long rows may be more than is gathered, and more than a column of texts can hold.
            if bytes > self.most && half > 0 {
                waiting.push(rows.slice(half, rows.num_rows() - half));
                waiting.push(rows.slice(0, half));
                continue;
            }
            self.bytes += bytes;
            self.gathered.push(rows);
            if self.bytes >= self.most {
                self.flush()?;
            }
        }
        Ok(())
    }

    /// Writes what is left, and the lists of persons and identities. All of it is on the disk then.
    pub(super) fn finish(mut self) -> Result<Spilled, Error> {
        self.flush()?;
        for (bucket, persons) in std::mem::take(&mut self.persons) {
            let text =
                serde_json::to_vec(&persons).map_err(|error| Error::internal(error.to_string()))?;
            self.spilled.persons.push((bucket, self.writer.write_bytes(&text)?));
        }
        for (part, identities) in (0_u8..).zip(std::mem::take(&mut self.identities)) {
            if !identities.is_empty() {
                self.spilled.identities.push((part, self.writer.write_bytes(&identities)?));
            }
        }
        self.spilled.bytes = self.writer.finish_to_stay()?;
        Ok(self.spilled)
    }

    fn flush(&mut self) -> Result<(), Error> {
        let batches = std::mem::take(&mut self.gathered);
        self.bytes = 0;
        let Some(schema) = batches.first().map(RecordBatch::schema) else { return Ok(()) };
        let rows = concat_batches(&schema, &batches).map_err(|error| wrong(&error))?;
        drop(batches);
        let first = self.next_row;
        let count = i64::try_from(rows.num_rows()).unwrap_or(i64::MAX);
        self.next_row += count;
        let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(first..first + count));
        let uuids = if self.plan.stored { None } else { Some(self.identify(&rows, first)?) };
        self.witness_ids(&rows)?;
        let persons = self.persons(&rows)?;
        let (keys, order) = self.keys(&rows, &persons)?;
        let mut columns = Vec::with_capacity(self.plan.schema.fields().len());
        for column in &self.plan.columns {
            columns.push(match (rows.column_by_name(&column.name), &uuids) {
                (_, Some(uuids)) if column.name == column::UUID => Arc::clone(uuids),
                (Some(values), _) => Arc::clone(values),
                (None, _) => return Err(Error::internal(format!("no column `{}`", column.name))),
            });
        }
        columns.extend([numbers, Arc::new(persons) as ArrayRef]);
        drop(rows);
        self.write(columns, &keys, &order)
    }

    /// Writes rows in order of their keys.
    fn write(
        &mut self,
        columns: Vec<ArrayRef>,
        keys: &[(Key, u8)],
        order: &UInt32Array,
    ) -> Result<(), Error> {
        let mut permuted = Vec::with_capacity(columns.len());
        for (values, field) in columns.into_iter().zip(self.plan.schema.fields()) {
            let values =
                take(&values, order, None).and_then(|values| cast(&values, field.data_type()));
            permuted.push(values.map_err(|error| wrong(&error))?);
        }
        let rows = RecordBatch::try_new(Arc::clone(&self.plan.schema), permuted);
        let rows = rows.map_err(|error| wrong(&error))?;
        let keys: Vec<(Key, u8)> =
            order.values().iter().filter_map(|row| keys.get(*row as usize).copied()).collect();
        // Parts of a bucket share chunks as long as those are small.
        let (mut start, mut end) = (0, 0);
        let mut runs = keys.chunk_by(|a, b| a == b).peekable();
        while let Some(run) = runs.next() {
            end += run.len();
            let Some((key, _)) = run.first().copied() else { continue };
            let chunk = rows.slice(start, end - start);
            let bytes = text_bytes(&chunk);
            let next = runs.peek().and_then(|run| run.first());
            if bytes < CHUNK && next.is_some_and(|(next, _)| *next == key) {
                continue;
            }
            let place = self.writer.write(&chunk)?;
            let (rows, bytes) = ((end - start) as u64, bytes as u64);
            self.spilled.chunks.push(Chunk { key, place, rows, bytes });
            start = end;
        }
        Ok(())
    }

    /// The rows' keys and the parts of their persons, and the rows in their order.
    fn keys(
        &self,
        rows: &RecordBatch,
        persons: &StringArray,
    ) -> Result<(Vec<(Key, u8)>, UInt32Array), Error> {
        let times = times(rows)?;
        let mut months = Months::default();
        let keys: Vec<(Key, u8)> = (0..rows.num_rows())
            .map(|row| {
                let person = persons.value(row);
                let bucket = schema::bucket(person, self.plan.buckets);
                (Key { bucket, month: months.of(times.value(row)) }, schema::part(person))
            })
            .collect();
        let count =
            u32::try_from(rows.num_rows()).map_err(|error| Error::internal(error.to_string()))?;
        let mut order: Vec<u32> = (0..count).collect();
        order.sort_by_key(|row| keys.get(*row as usize));
        Ok((keys, order.into()))
    }

    /// The person of each row: the distinct id's, else the one that the row names, else the distinct id itself.
    fn persons(&mut self, rows: &RecordBatch) -> Result<StringArray, Error> {
        let ids = texts(rows, column::DISTINCT_ID)?;
        let named = if self.plan.stored { PERSON_COLUMN } else { column::PERSON_ID };
        let named = match rows.column_by_name(named) {
            Some(_) => Some(texts(rows, named)?),
            None => None,
        };
        let Plan { people, worked_in, .. } = self.plan;
        let is_known = !(people.is_empty() && worked_in.is_empty());
        let persons = (0..rows.num_rows()).map(|row| {
            let id = ids.value(row);
            let person = || people.person(id).or_else(|| worked_in.person(id));
            let current = if is_known { person() } else { None };
            let named =
                named.as_ref().filter(|named| named.is_valid(row)).map(|named| named.value(row));
            current.or(named).unwrap_or(id)
        });
        let persons: StringArray = persons.map(Some).collect();
        for person in persons.iter().flatten() {
            let bucket = self.persons.entry(schema::bucket(person, self.plan.buckets)).or_default();
            if !bucket.contains(person) {
                bucket.insert(person.into());
            }
        }
        Ok(persons)
    }

    /// The uuid of each row, made of its file and its number there where it has none.
    fn identify(&mut self, rows: &RecordBatch, first: i64) -> Result<ArrayRef, Error> {
        let own = match rows.column_by_name(column::UUID) {
            Some(_) => Some(texts(rows, column::UUID)?),
            None => None,
        };
        let places =
            rows.column_by_name(column::ROW).and_then(|rows| rows.as_primitive_opt::<Int64Type>());
        let mut uuids = StringBuilder::with_capacity(rows.num_rows(), rows.num_rows() * 36);
        let mut buffer = [0_u8; Hyphenated::LENGTH];
        for (row, number) in (0..rows.num_rows()).zip(first..) {
            let text = own.as_ref().filter(|own| own.is_valid(row)).map(|own| own.value(row));
            let place = places.map(|places| places.value(row));
            let identity = match text.map(|text| (text, canonical(text))) {
                Some((text, uuid)) if !is_made(uuid, place) => {
                    uuids.append_value(text);
                    uuid.map_or_else(|| fingerprint(text), |uuid| uuid.as_u128())
                }
                _ => {
                    let number = place.map_or(number - self.first_row, |place| place & ROW_BITS);
                    let uuid = made(self.origin, number);
                    uuids.append_value(uuid.hyphenated().encode_lower(&mut buffer));
                    uuid.as_u128()
                }
            };
            let part = identity_part(identity);
            if let Some(part) = self.identities.get_mut(usize::from(part)) {
                entry(part, identity, number);
            }
        }
        self.write_identities()?;
        Ok(Arc::new(uuids.finish()))
    }

    /// Writes the long ones of the lists of identities: a text file may have any number of rows.
    fn write_identities(&mut self) -> Result<(), Error> {
        for (part, list) in (0_u8..).zip(&mut self.identities) {
            if list.len() >= LIST {
                self.spilled.identities.push((part, self.writer.write_bytes(list)?));
                list.clear();
            }
        }
        Ok(())
    }

    /// Notes which columns of ids hold anything but UUIDs. Made ones are UUIDs.
    fn witness_ids(&mut self, rows: &RecordBatch) -> Result<(), Error> {
        for name in [column::UUID, column::PERSON_ID] {
            if rows.column_by_name(name).is_none() || self.spilled.texts.contains(name) {
                continue;
            }
            if texts(rows, name)?.iter().flatten().any(|id| canonical(id).is_none()) {
                self.spilled.texts.insert(name.to_owned());
            }
        }
        Ok(())
    }
}

/// Bits of a row's place that are its number in the file.
const ROW_BITS: i64 = (1 << 40) - 1;

/// The part in which an identity is compared.
pub(super) fn identity_part(identity: u128) -> u8 {
    let folded = (identity >> 64) as u64 ^ identity as u64;
    let mixed = folded.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58;
    u8::try_from(mixed).unwrap_or_default() % PARTS
}

/// The UUID of a text that is one, written as UUIDs are: lower case, with hyphens.
pub(crate) fn canonical(text: &str) -> Option<Uuid> {
    let plain =
        text.len() == Hyphenated::LENGTH && !text.bytes().any(|byte| byte.is_ascii_uppercase());
    if plain { Uuid::try_parse_ascii(text.as_bytes()).ok() } else { None }
}

/// A UUID (version 8) made of where a row comes from and its number there.
fn made(origin: u64, row: i64) -> Uuid {
    let bytes = u128::from(origin) << 64 | u128::from(row.unsigned_abs());
    uuid::Builder::from_custom_bytes(bytes.to_be_bytes()).into_uuid()
}

/// Whether a uuid is the one that a row gets in place, where files are known by their number alone.
fn is_made(uuid: Option<Uuid>, place: Option<i64>) -> bool {
    let (Some(uuid), Some(place)) = (uuid, place) else { return false };
    let (file, row) = ((place >> 40).unsigned_abs(), (place & ROW_BITS).unsigned_abs());
    let bytes = u128::from(file & u64::from(u32::MAX)) << 96 | u128::from(row);
    uuid.get_version_num() == 8
        && uuid == uuid::Builder::from_custom_bytes(bytes.to_be_bytes()).into_uuid()
}

/// A column of texts.
fn texts(rows: &RecordBatch, name: &str) -> Result<StringViewArray, Error> {
    let Some(values) = rows.column_by_name(name) else {
        return Err(Error::internal(format!("no column `{name}`")));
    };
    let values = cast(values, &DataType::Utf8View).map_err(|error| wrong(&error))?;
    Ok(values.as_string_view().clone())
}

fn times(rows: &RecordBatch) -> Result<TimestampMicrosecondArray, Error> {
    let values = rows.column_by_name(column::TIMESTAMP);
    let values = values.and_then(|values| values.as_primitive_opt::<TimestampMicrosecondType>());
    values.cloned().ok_or_else(|| Error::internal("no column `timestamp`"))
}

fn wrong(error: &ArrowError) -> Error {
    Error::internal(error.to_string())
}

/// Bytes of the texts of rows, and some for everything else.
fn text_bytes(rows: &RecordBatch) -> usize {
    let fixed = rows.num_rows() * rows.num_columns() * 8;
    let texts = rows.columns().iter().map(|values| match values.data_type() {
        DataType::Utf8 => {
            let offsets = values.as_string::<i32>().value_offsets();
            let span = offsets.last().zip(offsets.first()).map_or(0, |(last, first)| last - first);
            usize::try_from(span).unwrap_or_default()
        }
        DataType::Utf8View => values.as_string_view().total_buffer_bytes_used(),
        _ => 0,
    });
    fixed + texts.sum::<usize>()
}

/// Months of instants; most are in the month of the instant before.
#[derive(Debug, Default)]
struct Months {
    /// First microsecond of the last month, the one behind its end, and the month.
    last: Option<(i64, i64, i32)>,
}

impl Months {
    fn of(&mut self, micros: i64) -> i32 {
        if let Some((start, end, month)) = self.last
            && (start..end).contains(&micros)
        {
            return month;
        }
        // Instants beyond the calendar are of the first or last month that it has.
        let Some(time) = DateTime::from_timestamp_micros(micros) else {
            return if micros < 0 { i32::MIN } else { i32::MAX };
        };
        let month = time.year() * 12 + time.month0().cast_signed();
        let first = |month: i32| {
            let day = NaiveDate::from_ymd_opt(
                month.div_euclid(12),
                month.rem_euclid(12).unsigned_abs() + 1,
                1,
            )?;
            Some(day.and_time(NaiveTime::MIN).and_utc().timestamp_micros())
        };
        if let (Some(start), Some(end)) = (first(month), first(month + 1)) {
            self.last = Some((start, end, month));
        }
        month
    }
}

#[cfg(test)]
mod tests;
