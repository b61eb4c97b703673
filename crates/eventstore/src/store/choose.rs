//! Which properties become columns: those that many of a sample's rows have, in texts that are not long.

use super::import::{Kept, Shred};
use super::manifest::{Manifest, Shredded};
use super::{open, schema};
use crate::infer::Evidence;
use crate::{Error, Table};
use arrow::array::AsArray;
use datafusion::execution::context::SessionContext;
use datafusion::physical_plan::execute_stream;
use events::column;
use events::property::{PropertyKind, json};
use futures::TryStreamExt;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

/// Places of the source that the sample is taken from, and rows of each.
const PLACES: usize = 16;
const ROWS: usize = 1024;

/// Most columns for the properties of one JSON column.
const MOST: usize = 40;

/// A property is frequent if one row of so many has it.
const ONE_OF: u64 = 100;

/// Bytes of its texts on average: longer ones are better read from the JSON text, which has them anyway.
const LONG: u64 = 160;

/// The properties of an import that become columns. Those of the store stay, so that queries find them in every file.
pub(crate) async fn shreds(
    events: &Table,
    context: &SessionContext,
    base: Option<&Manifest>,
) -> Result<Vec<Shred>, Error> {
    let mut shreds = Vec::new();
    for from in [column::PROPERTIES, column::PERSON_PROPERTIES] {
        let Ok(index) = events.provider.schema().index_of(from) else { continue };
        let sample = Sample::read(events, context, index).await?;
        let known: Vec<&Shredded> =
            base.into_iter().flat_map(|base| &base.shredded).filter(|at| at.from == from).collect();
        let taken: HashSet<&str> = known.iter().map(|at| at.key.as_str()).collect();
        for at in &known {
            shreds.push(Shred { at: (*at).clone(), kept: sample.kept(&at.key) });
        }
        let room = MOST.saturating_sub(known.len());
        let fresh = sample.frequent().into_iter().filter(|key| !taken.contains(key.as_str()));
        shreds.extend(fresh.take(room).map(|key| {
            let column = format!("{from}.{key}");
            let kept = sample.kept(&key);
            Shred { at: Shredded { from: from.to_owned(), key, column }, kept }
        }));
    }
    // A column of the source, or of the store from another one, may have a name that a property's would get. The table of a
    // store shows those of its properties too, which are no columns of rows.
    let fresh = schema::columns(&events.schema).map(|column| &column.name);
    let stored = base.into_iter().flat_map(|base| &base.columns).map(|column| &column.name);
    let names: Vec<&String> = fresh.chain(stored).collect();
    shreds.retain(|shred| !names.iter().any(|name| open::shows(&shred.at.column, name)));
    Ok(shreds)
}

/// Gives `see` the texts of a column from some rows of a source.
async fn sample(events: &Table, context: &SessionContext, index: usize, mut see: impl FnMut(&str)) {
    let pieces = events.table.pieces();
    let places = pieces.len().min(PLACES);
    for place in 0..places {
        let Some(piece) = pieces.get(place * pieces.len() / places) else { continue };
        let plan = events.table.scan_piece(&context.state(), *piece, &vec![index], ROWS);
        // What cannot be read is found, and told, by the import itself.
        let Ok(plan) = plan else { continue };
        let Ok(mut rows) = execute_stream(plan, context.task_ctx()) else { continue };
        while let Ok(Some(batch)) = rows.try_next().await {
            let Some(texts) = batch.column(0).as_string_view_opt() else { continue };
            texts.iter().flatten().for_each(&mut see);
        }
    }
}

#[derive(Debug, Default)]
struct Seen {
    rows: u64,
    bytes: u64,
    evidence: Evidence,
    /// Hashes of its values.
    values: HashSet<u64>,
}

impl Seen {
    /// Whether it is a number that is another in nearly every row, such as a clock: a column of those is large, and nobody
    /// groups or filters by them.
    fn is_unique_number(&self) -> bool {
        let is_number = matches!(self.evidence.kind(), Some(PropertyKind::Numeric));
        is_number && self.rows > 100 && self.values.len() as u64 * 10 > self.rows * 9
    }
}

#[derive(Debug, Default)]
struct Sample {
    rows: u64,
    seen: HashMap<String, Seen>,
}

impl Sample {
    async fn read(events: &Table, context: &SessionContext, index: usize) -> Result<Self, Error> {
        let mut sample = Self::default();
        self::sample(events, context, index, |object| sample.add(object)).await;
        Ok(sample)
    }

    fn add(&mut self, object: &str) {
        self.rows += 1;
        for member in json::members(object).filter(|member| !member.escaped) {
            if member.value == "null" {
                continue;
            }
            if !self.seen.contains_key(member.key) {
                self.seen.insert(member.key.to_owned(), Seen::default());
            }
            if let Some(seen) = self.seen.get_mut(member.key) {
                seen.rows += 1;
                seen.bytes += member.value.len() as u64;
                seen.evidence.add_json(member.value);
                seen.values
                    .insert(BuildHasherDefault::<DefaultHasher>::default().hash_one(member.value));
            }
        }
    }

    /// Frequent properties, the most frequent first.
    fn frequent(&self) -> Vec<String> {
        let is_frequent = |seen: &&Seen| {
            seen.rows * ONE_OF >= self.rows
                && seen.bytes <= LONG * seen.rows
                && !seen.is_unique_number()
        };
        let mut keys: Vec<(&String, &Seen)> =
            self.seen.iter().filter(|(key, seen)| !key.is_empty() && is_frequent(seen)).collect();
        keys.sort_by(|a, b| b.1.rows.cmp(&a.1.rows).then_with(|| a.0.cmp(b.0)));
        keys.into_iter().map(|(key, _)| key.clone()).collect()
    }

    /// How a property is kept as far as the sample tells; values that do not fit are found when they are written.
    fn kept(&self, key: &str) -> Kept {
        match self.seen.get(key).and_then(|seen| seen.evidence.kind()) {
            Some(PropertyKind::Numeric) => Kept::Number,
            Some(PropertyKind::Boolean) => Kept::Boolean,
            _ => Kept::Text,
        }
    }
}
