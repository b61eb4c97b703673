//! Columns of a store's files of rows: their names and Arrow types; and where a person's rows are.

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use events::source::{ColumnType, SourceColumn, SourceTable};
use std::sync::Arc;

/// Number of a person in its bucket.
pub(crate) const ORDINAL: &str = "ordinal";
/// How many rows of the same person at the same microsecond stand before a row in its event file.
pub(crate) const TIE: &str = "tie";
/// Place of a row in its event file. Rows of a person at one microsecond stand there in order of arrival.
pub(crate) const POSITION: &str = "position";
/// The person of a row while it waits in a work file.
pub(crate) const PERSON: &str = "$person";
/// What event files call a column of the source that has the name of their own [`ORDINAL`].
pub(crate) const SOURCE_ORDINAL: &str = "$source.ordinal";

/// What event files call a column of the events. All but one keep their names.
pub(crate) fn stored_name(column: &str) -> &str {
    if column == ORDINAL { SOURCE_ORDINAL } else { column }
}

/// How a column lies in spill files, and in event files unless it holds UUIDs alone.
pub(crate) fn stored_type(ty: ColumnType) -> DataType {
    match ty {
        ColumnType::String | ColumnType::Uuid | ColumnType::Json => DataType::Utf8,
        ColumnType::Integer => DataType::Int64,
        ColumnType::UInteger => DataType::UInt64,
        ColumnType::Float => DataType::Float64,
        ColumnType::Boolean => DataType::Boolean,
        ColumnType::Date => DataType::Date32,
        ColumnType::DateTime => instant(),
        ColumnType::StringList => DataType::new_list(DataType::Utf8, true),
    }
}

/// Microseconds since 1970-01-01 UTC.
pub(crate) fn instant() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some(Arc::from("UTC")))
}

/// The columns of a source's events: canonical ones in order, then property columns.
pub(crate) fn columns(table: &SourceTable) -> impl Iterator<Item = &SourceColumn> {
    table.columns.iter().chain(&table.property_columns)
}

/// Schema of spilled rows: the columns of the source, then the row's number by arrival and its person.
pub(super) fn spilled(columns: &[SourceColumn]) -> SchemaRef {
    let mut fields: Vec<Field> = columns
        .iter()
        .map(|column| Field::new(&column.name, stored_type(column.ty), true))
        .collect();
    fields.push(Field::new(events::column::ROW, DataType::Int64, false));
    fields.push(Field::new(PERSON, DataType::Utf8, false));
    Arc::new(Schema::new(fields))
}

/// FNV-1a of the text of a person's id.
fn hash(person: &str) -> u64 {
    person.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The bucket of a person: its hash, of which the remainder counts.
pub(crate) fn bucket(person: &str, buckets: u32) -> u32 {
    let hash = hash(person);
    // The low bits of FNV are its weakest.
    let mixed = (hash >> 32) ^ hash;
    u32::try_from(mixed % u64::from(buckets.max(1))).unwrap_or_default()
}

/// The part of its bucket in which a person is, of [`PARTS`]: ordinals rise with parts first, so that a part can be put in
/// order without the others.
pub(crate) fn part(person: &str) -> u8 {
    let mixed = hash(person).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    u8::try_from(mixed % u64::from(PARTS)).unwrap_or_default()
}

/// Parts of a bucket.
pub(crate) const PARTS: u8 = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_those_of_the_format() {
        assert_eq!(bucket("", 1 << 20), 49089);
        assert_eq!(bucket("a person", 1000), 695);
        let mut counts = [0_u32; 8];
        for person in 0..8000 {
            counts[bucket(&format!("person-{person}"), 8) as usize] += 1;
        }
        assert!(counts.iter().all(|count| (850..1150).contains(count)), "{counts:?}");
        // The parts of a bucket are even, too.
        let mut counts = [0_u32; PARTS as usize];
        let persons = (0..64_000).map(|person| format!("person-{person}"));
        for person in persons.filter(|person| bucket(person, 8) == 3) {
            counts[usize::from(part(&person))] += 1;
        }
        assert!(counts.iter().all(|count| (400..600).contains(count)), "{counts:?}");
    }
}
