//! Aggregates over the distinct values of each group: `uniqExact`, `groupUniqArray`, `topK`. All exact.
//!
//! Pairs of group and value get dense numbers from DataFusion's own hash table for `GROUP BY`.

use super::collect::{ByGroup, counts, elements, owner};
use super::kernel::{Kernel, Spec, list_of};
use super::states::{GroupStates, Rows};
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, UInt32Array, new_empty_array};
use arrow::compute::filter;
use arrow::datatypes::{DataType, Field, Schema, UInt64Type};
use datafusion::common::{Result, internal_err};
use datafusion::logical_expr::EmitTo;
use datafusion::physical_plan::aggregates::group_values::{GroupValues, new_group_values};
use datafusion::physical_plan::aggregates::order::GroupOrdering;
use std::cmp::Reverse;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

pub(super) static KERNELS: &[Kernel] = &[
    Kernel { name: "uniqExact", state: lists, new: |spec| new(spec, Wanted::Count) },
    Kernel { name: "groupUniqArray", state: lists, new: |spec| new(spec, Wanted::Values) },
    Kernel { name: "topK", state: lists_and_hits, new: |spec| new(spec, Wanted::MostFrequent) },
];

fn lists(spec: &Spec) -> Result<Vec<DataType>> {
    Ok(spec.args.iter().map(list_of).collect())
}

fn lists_and_hits(spec: &Spec) -> Result<Vec<DataType>> {
    Ok(vec![list_of(spec.arg(0)?), list_of(&DataType::UInt64)])
}

/// ClickHouse's default of `topK`.
const TOP: usize = 10;

fn new(spec: &Spec, wanted: Wanted) -> Result<Box<dyn GroupStates>> {
    spec.arg(0)?;
    let limit = match (spec.count_param(0)?, wanted) {
        (Some(limit), _) => limit,
        (None, Wanted::MostFrequent) => TOP,
        (None, _) => usize::MAX,
    };
    let table = Table::try_new(&spec.args)?;
    let return_type = spec.return_type.clone();
    Ok(Box::new(Distinct {
        wanted,
        limit,
        return_type,
        table,
        hits: Vec::new(),
        per_group: Vec::new(),
    }))
}

/// What is asked of the distinct values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Count,
    Values,
    MostFrequent,
}

/// Distinct values of each group.
#[derive(Debug)]
struct Distinct {
    wanted: Wanted,
    limit: usize,
    return_type: DataType,
    table: Table,
    /// How often each entry of the table came; kept only for `MostFrequent`.
    hits: Vec<u64>,
    /// Number of distinct values of each group.
    per_group: Vec<u64>,
}

impl Distinct {
    /// Adds values; `hits` says how often each one came.
    fn add(&mut self, values: &[ArrayRef], groups: &[usize], hits: Option<&[u64]>) -> Result<()> {
        let owners: Vec<u32> = groups.iter().map(|group| owner(*group)).collect();
        let before = self.table.owners.len();
        self.table.intern(values, owners)?;
        for owner in &self.table.owners[before..] {
            self.per_group[*owner as usize] += 1;
        }
        if self.wanted == Wanted::MostFrequent {
            self.hits.resize(self.table.owners.len(), 0);
            for (row, entry) in self.table.entries.iter().enumerate() {
                self.hits[*entry] += hits.map_or(1, |hits| hits[row]);
            }
        }
        Ok(())
    }

    /// The first or the most frequent values of each group.
    fn chosen(&mut self, groups: usize) -> Result<ArrayRef> {
        let mut by_group = ByGroup::new(&self.table.owners, groups);
        let hits = &self.hits;
        let limit = self.limit;
        if self.wanted == Wanted::MostFrequent {
            by_group = by_group.map_groups(|entries| {
                // Equally frequent ones stay in order of arrival.
                entries.sort_by_key(|entry| Reverse(hits[*entry as usize]));
                entries.truncate(limit);
            });
        } else if limit < usize::MAX {
            by_group = by_group.map_groups(|entries| entries.truncate(limit));
        }
        match self.table.stored()?.first() {
            Some(values) => by_group.lists(values, &self.return_type),
            None => internal_err!("distinct values of nothing"),
        }
    }
}

impl GroupStates for Distinct {
    fn grow(&mut self, groups: usize) {
        self.per_group.resize(groups.max(self.per_group.len()), 0);
    }

    fn update(&mut self, values: &[ArrayRef], rows: &Rows<'_>) -> Result<()> {
        let (values, groups) = rows.compact(values)?;
        self.add(&values, &groups, None)
    }

    fn merge(&mut self, states: &[ArrayRef], rows: &Rows<'_>) -> Result<()> {
        let mut groups = Vec::new();
        let mut columns = Vec::with_capacity(states.len());
        for lists in states {
            let (values, owners) = elements(lists.as_list(), rows)?;
            columns.push(values);
            groups = owners;
        }
        if self.wanted != Wanted::MostFrequent {
            return self.add(&columns, &groups, None);
        }
        match columns.pop() {
            Some(hits) => {
                self.add(&columns, &groups, Some(hits.as_primitive::<UInt64Type>().values()))
            }
            None => internal_err!("topK without counts"),
        }
    }

    fn evaluate(&mut self, groups: usize) -> Result<ArrayRef> {
        match self.wanted {
            Wanted::Count => Ok(counts(self.per_group[..groups].to_vec())),
            Wanted::Values | Wanted::MostFrequent => self.chosen(groups),
        }
    }

    fn state(&mut self, groups: usize) -> Result<Vec<ArrayRef>> {
        let by_group = ByGroup::new(&self.table.owners, groups);
        let lists = |values: &ArrayRef| by_group.lists(values, &list_of(values.data_type()));
        let mut states = self.table.stored()?.iter().map(lists).collect::<Result<Vec<_>>>()?;
        if self.wanted == Wanted::MostFrequent {
            states.push(lists(&counts(self.hits.clone()))?);
        }
        Ok(states)
    }

    fn forget(&mut self, groups: usize) -> Result<()> {
        self.per_group.drain(..groups);
        let first = owner(groups);
        if !self.hits.is_empty() {
            let kept =
                self.hits.iter().zip(&self.table.owners).filter(|(_, owner)| **owner >= first);
            self.hits = kept.map(|(hits, _)| *hits).collect();
        }
        self.table.forget(first)
    }

    fn size(&self) -> usize {
        size_of::<Self>()
            + self.table.size()
            + (self.hits.capacity() + self.per_group.capacity()) * 8
    }
}

/// Pairs of group and value, numbered in order of arrival.
struct Table {
    schema: Arc<Schema>,
    /// The hash table over group and values, unless they are in `stored`. The mutex is never locked: it makes the table `Sync`.
    hashed: Option<Mutex<Box<dyn GroupValues>>>,
    /// The values as columns, when they were asked for.
    stored: Vec<ArrayRef>,
    /// The group of each entry.
    owners: Vec<u32>,
    /// Entry of each row of the last batch.
    entries: Vec<usize>,
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table")
            .field("schema", &self.schema)
            .field("entries", &self.owners.len())
            .finish_non_exhaustive()
    }
}

impl Table {
    fn try_new(types: &[DataType]) -> Result<Self> {
        let group = Field::new("group", DataType::UInt32, false);
        let fields = types.iter().map(|ty| Field::new("value", ty.clone(), true));
        let schema =
            Arc::new(Schema::new(std::iter::once(group).chain(fields).collect::<Vec<_>>()));
        let stored = types.iter().map(new_empty_array).collect();
        Ok(Self { schema, hashed: None, stored, owners: Vec::new(), entries: Vec::new() })
    }

    /// Finds or adds the entry of each row: `entries`.
    fn intern(&mut self, values: &[ArrayRef], owners: Vec<u32>) -> Result<()> {
        let mut hashed = match self.hashed.take() {
            Some(hashed) => hashed.into_inner().unwrap_or_else(PoisonError::into_inner),
            None => {
                let mut hashed = new_group_values(Arc::clone(&self.schema), &GroupOrdering::None)?;
                let stored = std::mem::take(&mut self.stored);
                if !self.owners.is_empty() {
                    hashed.intern(&columns(self.owners.clone(), &stored), &mut self.entries)?;
                }
                hashed
            }
        };
        hashed.intern(&columns(owners.clone(), values), &mut self.entries)?;
        for (entry, owner) in self.entries.iter().zip(owners) {
            if *entry == self.owners.len() {
                self.owners.push(owner);
            }
        }
        self.hashed = Some(Mutex::new(hashed));
        Ok(())
    }

    /// The values of all entries.
    fn stored(&mut self) -> Result<&[ArrayRef]> {
        if let Some(hashed) = self.hashed.take() {
            let mut hashed = hashed.into_inner().unwrap_or_else(PoisonError::into_inner);
            self.stored = if hashed.is_empty() {
                self.schema
                    .fields()
                    .iter()
                    .map(|field| new_empty_array(field.data_type()))
                    .collect()
            } else {
                hashed.emit(EmitTo::All)?
            };
            self.stored.remove(0);
        }
        Ok(&self.stored)
    }

    /// Drops the entries of groups below `first`.
    fn forget(&mut self, first: u32) -> Result<()> {
        self.stored()?;
        let keep: BooleanArray = self.owners.iter().map(|owner| Some(*owner >= first)).collect();
        self.stored =
            self.stored.iter().map(|values| filter(values, &keep)).collect::<Result<_, _>>()?;
        self.owners = self
            .owners
            .iter()
            .filter(|owner| **owner >= first)
            .map(|owner| owner - first)
            .collect();
        Ok(())
    }

    fn size(&self) -> usize {
        let hashed = match self.hashed.as_ref().map(Mutex::try_lock) {
            Some(Ok(hashed)) => hashed.size(),
            _ => 0,
        };
        let stored: usize = self.stored.iter().map(|values| values.get_array_memory_size()).sum();
        hashed + stored + self.owners.capacity() * 4 + self.entries.capacity() * 8
    }
}

fn columns(owners: Vec<u32>, values: &[ArrayRef]) -> Vec<ArrayRef> {
    let owners: ArrayRef = Arc::new(UInt32Array::from(owners));
    std::iter::once(owners).chain(values.iter().map(Arc::clone)).collect()
}
