//! The manifest: what one version of a store consists of. Plain data, kept as JSON.
//!
//! Fields that a reader does not know are skipped, so a later release may add some without a word. What a *writer* must
//! not lose raises `format`, and `min_reader` then says which older readers still understand the rest.

use crate::Error;
use events::source::ColumnType;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The format that is written, and the latest that is understood.
pub(crate) const FORMAT: u32 = 1;

/// Most buckets of a store.
pub(crate) const MOST_BUCKETS: u32 = 4096;

/// One version of a store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    /// Format of the store.
    pub(crate) format: u32,
    /// Number of this version, from 1.
    pub(crate) version: u64,
    /// When it was made, in microseconds since 1970 UTC; never before the version it follows.
    pub(crate) made_at: i64,
    /// Program that made it, with its release.
    pub(crate) by: String,
    /// Number of buckets: a person is in bucket `hash(person) % buckets`.
    pub(crate) buckets: u32,
    /// Number of the next import or optimize.
    pub(crate) next_generation: u64,
    /// Columns of the events, in order.
    #[serde(default)]
    pub(crate) columns: Vec<StoredColumn>,
    /// Members of JSON columns that have columns of their own.
    #[serde(default)]
    pub(crate) shredded: Vec<Shredded>,
    /// Files of event rows.
    #[serde(default)]
    pub(crate) events: Vec<EventFile>,
    /// Files of the buckets' persons.
    #[serde(default)]
    pub(crate) persons: Vec<PersonsFile>,
    /// Files of the other sources' rows, by table: `persons`, `overrides`, `groups`.
    #[serde(default)]
    pub(crate) tables: BTreeMap<String, Vec<TableFile>>,
    /// How far identities are worked into the events.
    #[serde(default)]
    pub(crate) applied: Applied,
    /// Path of the property dictionary.
    #[serde(default)]
    pub(crate) properties: Option<String>,
    /// What was imported, in order.
    #[serde(default)]
    pub(crate) imports: Vec<ImportRecord>,
    /// Side tables by name.
    #[serde(default)]
    pub(crate) sides: BTreeMap<String, SideTable>,
    /// Files that only earlier versions have, kept until their readers have had their time.
    #[serde(default)]
    pub(crate) retired: Vec<Retired>,
}

/// A column of the events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredColumn {
    /// Its name: canonical, or the source's own for property columns.
    pub(crate) name: String,
    /// Its type.
    #[serde(rename = "type", with = "ColumnTypeName")]
    pub(crate) ty: ColumnType,
    /// Whether it may hold NULL.
    pub(crate) nullable: bool,
    /// Whether it is a property of the row, and no canonical column.
    #[serde(default)]
    pub(crate) property: bool,
}

/// Names of the column types in manifests.
#[derive(Serialize, Deserialize)]
#[serde(remote = "ColumnType", rename_all = "snake_case")]
enum ColumnTypeName {
    String,
    Integer,
    #[serde(rename = "uinteger")]
    UInteger,
    Float,
    Boolean,
    Date,
    #[serde(rename = "datetime")]
    DateTime,
    Uuid,
    Json,
    StringList,
}

/// A member of a JSON column with a column of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Shredded {
    /// The JSON column: `properties` or `person_properties`.
    pub(crate) from: String,
    /// The member's key.
    pub(crate) key: String,
    /// The column in the event files.
    pub(crate) column: String,
}

/// A file of event rows: of one bucket and one generation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EventFile {
    /// Path below the store's folder.
    pub(crate) path: String,
    /// Size of the file.
    pub(crate) bytes: u64,
    /// Rows in it.
    pub(crate) rows: u64,
    /// Bucket of its persons.
    pub(crate) bucket: u32,
    /// Import or optimize that wrote it.
    pub(crate) generation: u64,
    /// Smallest time in it.
    pub(crate) min_time: i64,
    /// Largest time in it.
    pub(crate) max_time: i64,
    /// Row groups in it.
    pub(crate) row_groups: usize,
    /// Whether a person has several rows in it at one time.
    pub(crate) has_ties: bool,
    /// The file that has its rows by event.
    pub(crate) clusters: ClusterFile,
    /// NULLs by column; a column that is not named has none, one that the file has not is NULL throughout.
    #[serde(default)]
    pub(crate) null_counts: BTreeMap<String, u64>,
}

impl EventFile {
    /// Paths and sizes of the file and of that of its clusters.
    pub(crate) fn files(&self) -> [(&String, u64); 2] {
        [(&self.path, self.bytes), (&self.clusters.path, self.clusters.bytes)]
    }

    /// Bytes of both.
    pub(crate) const fn all_bytes(&self) -> u64 {
        self.bytes + self.clusters.bytes
    }
}

/// The rows of an event file by event: who, when, and where in that file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ClusterFile {
    /// Path below the store's folder.
    pub(crate) path: String,
    /// Size of the file.
    pub(crate) bytes: u64,
}

/// A file of a bucket's persons: consecutive ordinals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PersonsFile {
    /// Path below the store's folder.
    pub(crate) path: String,
    /// Size of the file.
    pub(crate) bytes: u64,
    /// The bucket.
    pub(crate) bucket: u32,
    /// Import or optimize that wrote it.
    pub(crate) generation: u64,
    /// Ordinal of its first person.
    pub(crate) first_ordinal: u32,
    /// Persons in it.
    pub(crate) persons: u32,
    /// Whether ordinals rise with the persons' parts, then their ids.
    pub(crate) sorted: bool,
}

/// A file of rows of the persons, overrides or groups, as they were imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TableFile {
    /// Path below the store's folder.
    pub(crate) path: String,
    /// Size of the file.
    pub(crate) bytes: u64,
    /// Rows in it.
    pub(crate) rows: u64,
    /// Import that wrote it.
    pub(crate) generation: u64,
}

/// Up to which generation of the rows that map distinct ids the persons of the events are resolved.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Applied {
    /// Of the persons table.
    #[serde(default)]
    pub(crate) persons_generation: Option<u64>,
    /// Of the overrides table.
    #[serde(default)]
    pub(crate) overrides_generation: Option<u64>,
}

/// An import that is in the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ImportRecord {
    /// Its generation.
    pub(crate) generation: u64,
    /// When it was committed, in microseconds since 1970 UTC.
    pub(crate) at: i64,
    /// The files that were read.
    #[serde(default)]
    pub(crate) sources: Vec<SourceRecord>,
    /// Sign of sources and options: the same import has the same one.
    pub(crate) fingerprint: String,
    /// Event rows taken.
    pub(crate) rows: u64,
    /// Event rows left out since their uuid was there already.
    pub(crate) duplicates: u64,
    /// Rows left out since they could not be taken.
    pub(crate) rejected: u64,
    /// Path of the file that holds those.
    #[serde(default)]
    pub(crate) rejects: Option<String>,
}

/// A file that was imported, as it was then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SourceRecord {
    /// Its address.
    pub(crate) url: String,
    /// Its size.
    pub(crate) bytes: u64,
    /// Its entity tag, if its store gives one.
    #[serde(default)]
    pub(crate) etag: Option<String>,
    /// When it was last changed, in microseconds since 1970 UTC.
    #[serde(default)]
    pub(crate) modified: Option<i64>,
}

/// A table that is derived from the events: first occurrences, a cohort, cached tallies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SideTable {
    /// Path below the store's folder.
    pub(crate) path: String,
    /// Version of the store that it was derived from.
    pub(crate) version: u64,
}

/// A file that no row of the current version is in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Retired {
    /// Path below the store's folder.
    pub(crate) path: String,
    /// Since when, in microseconds since 1970 UTC.
    pub(crate) since: i64,
}

/// What every format has, and keeps.
#[derive(Deserialize)]
struct Head {
    /// Format of the store.
    format: u32,
    /// Least format that a reader must know, where it is another.
    min_reader: Option<u32>,
}

impl Manifest {
    /// A store without rows, before its first version.
    pub(crate) fn empty(by: impl Into<String>, buckets: u32) -> Self {
        Self {
            format: FORMAT,
            version: 0,
            made_at: 0,
            by: by.into(),
            buckets,
            next_generation: 1,
            columns: Vec::new(),
            shredded: Vec::new(),
            events: Vec::new(),
            persons: Vec::new(),
            tables: BTreeMap::new(),
            applied: Applied::default(),
            properties: None,
            imports: Vec::new(),
            sides: BTreeMap::new(),
            retired: Vec::new(),
        }
    }

    /// Reads a manifest. Its format is looked at first: of a newer one nothing else can be relied on.
    pub(crate) fn parse(bytes: &[u8], place: &str) -> Result<Self, Error> {
        let damaged = |error: serde_json::Error| damaged(&error.to_string()).at(place);
        let head: Head = serde_json::from_slice(bytes).map_err(damaged)?;
        if head.min_reader.unwrap_or(head.format) > FORMAT {
            return Err(Error::data(format!(
                "the store is of format {}; this hogql reads up to format {FORMAT}",
                head.format
            ))
            .at(place)
            .with_hint("update hogql"));
        }
        let manifest: Self = serde_json::from_slice(bytes).map_err(damaged)?;
        manifest.checked().map_err(|error| error.at(place))
    }

    /// The manifest, if its buckets can be: everything else is looked up by them.
    fn checked(self) -> Result<Self, Error> {
        if !(1..=MOST_BUCKETS).contains(&self.buckets) {
            return Err(damaged(&format!("{} buckets, not 1 to {MOST_BUCKETS}", self.buckets)));
        }
        let events = self.events.iter().map(|file| (&file.path, file.bucket));
        let mut all = events.chain(self.persons.iter().map(|file| (&file.path, file.bucket)));
        match all.find(|(_, bucket)| *bucket >= self.buckets) {
            Some((path, bucket)) => {
                let buckets = self.buckets;
                Err(damaged(&format!("`{path}` is of bucket {bucket}, and there are {buckets}")))
            }
            None => Ok(self),
        }
    }
}

/// A manifest that cannot be what was written.
pub(super) fn damaged(why: &str) -> Error {
    Error::data(format!("the manifest is damaged: {why}")).with_hint(
        "restore the file from a copy, or remove it if the version before it should count",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// A manifest with something everywhere.
    fn full() -> Value {
        json!({
            "format": 1, "version": 7, "made_at": 1_700_000_000_000_000_i64, "by": "hogql 0.1.0",
            "buckets": 8, "next_generation": 4,
            "columns": [
                {"name": "event", "type": "string", "nullable": false, "property": false},
                {"name": "plan", "type": "uinteger", "nullable": true, "property": true},
                {"name": "timestamp", "type": "datetime", "nullable": false, "property": false},
                {"name": "tags", "type": "string_list", "nullable": true, "property": true}
            ],
            "shredded": [{"from": "properties", "key": "$os", "column": "properties.$os"}],
            "events": [{
                "path": "events/3/b0003-0001.parquet", "bytes": 10, "rows": 2, "bucket": 3, "generation": 3,
                "min_time": -1, "max_time": 1, "row_groups": 1, "has_ties": true,
                "clusters": {"path": "clusters/3/0-0.parquet", "bytes": 5}, "null_counts": {"uuid": 2}
            }],
            "persons": [{
                "path": "persons/3/b0003.parquet", "bytes": 10, "bucket": 3, "generation": 3,
                "first_ordinal": 0, "persons": 2, "sorted": true
            }],
            "tables": {"groups": [
                {"path": "tables/1/groups-0.parquet", "bytes": 9, "rows": 1, "generation": 1}
            ]},
            "applied": {"persons_generation": 3, "overrides_generation": null},
            "properties": "properties/3.json",
            "imports": [{
                "generation": 3, "at": 5, "fingerprint": "f", "rows": 2, "duplicates": 1, "rejected": 1,
                "sources": [{"url": "s3://exports/1.parquet", "bytes": 1, "etag": "e", "modified": 4}],
                "rejects": "rejects/3.jsonl"
            }],
            "sides": {"first_occurrences": {"path": "sides/7/first.parquet", "version": 7}},
            "retired": [{"path": "events/2/b0003-0001.parquet", "since": 5}]
        })
    }

    fn parse(value: &Value) -> Result<Manifest, Error> {
        Manifest::parse(value.to_string().as_bytes(), "manifests/7.json")
    }

    /// `value` with a member set.
    fn with(mut value: Value, key: &str, member: Value) -> Value {
        value.as_object_mut().unwrap().insert(key.to_owned(), member);
        value
    }

    #[test]
    fn a_manifest_comes_back_as_it_was() {
        let manifest = parse(&full()).unwrap();
        assert_eq!(serde_json::to_value(&manifest).unwrap(), full());
        assert_eq!(manifest.columns[1].ty, ColumnType::UInteger);
        let empty = Manifest::empty("hogql 0.1.0", 4);
        assert_eq!(parse(&serde_json::to_value(&empty).unwrap()).unwrap(), empty);
    }

    #[test]
    fn fields_of_later_releases_are_skipped() {
        let expected = parse(&full()).unwrap();
        let later = with(full(), "checksums", json!({"a": [1]}));
        let file = with(full()["events"][0].clone(), "bloom", json!("x"));
        let later = with(later, "events", json!([file]));
        assert_eq!(parse(&later).unwrap(), expected);
    }

    #[test]
    fn fields_may_be_absent() {
        let least = json!({
            "format": 1, "version": 1, "made_at": 0, "by": "hogql 0.1.0", "buckets": 4, "next_generation": 1
        });
        let expected = Manifest { version: 1, ..Manifest::empty("hogql 0.1.0", 4) };
        assert_eq!(parse(&least).unwrap(), expected);
    }

    #[test]
    fn a_newer_format_is_told_before_anything_else() {
        let text = "manifests/7.json: the store is of format 2; this hogql reads up to format 1; update hogql";
        let error = parse(&json!({"format": 2, "buckets": {"by": "country"}})).unwrap_err();
        assert_eq!(error.to_string(), text);
        let error = parse(&with(with(full(), "format", json!(2)), "min_reader", json!(2)));
        assert_eq!(error.unwrap_err().to_string(), text);
        // A newer one may still say that its readers can be old.
        let newer = parse(&with(with(full(), "format", json!(2)), "min_reader", json!(1)));
        assert_eq!(newer.unwrap().format, 2);
    }

    #[test]
    fn damage_is_told_with_the_file_and_what_to_do() {
        let whole = full().to_string();
        for (bytes, why) in [
            (&b""[..], "EOF"),
            (&whole.as_bytes()[..200], "EOF"),
            (&b"{\"version\":1}"[..], "missing field `format`"),
            (&b"{\"format\":1}"[..], "missing field `version`"),
            (&b"\x00\x00\x00"[..], "expected value"),
        ] {
            let text = Manifest::parse(bytes, "manifests/7.json").unwrap_err().to_string();
            assert!(text.starts_with("manifests/7.json: the manifest is damaged: "), "{text}");
            assert!(text.contains(why) && text.contains("; restore the file"), "{text}");
        }
    }
}
