//! `groupArray`: the values of each group in order of arrival; and the sorting of values by group that others share.

use super::kernel::{Kernel, Spec, list_of};
use super::slots::owned;
use super::states::{GroupStates, Rows};
use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, ListArray, UInt64Array, new_empty_array,
};
use arrow::buffer::{OffsetBuffer, ScalarBuffer};
use arrow::compute::{concat, filter, take};
use arrow::datatypes::{DataType, FieldRef};
use datafusion::common::{Result, internal_err};
use std::sync::Arc;

pub(super) static KERNELS: &[Kernel] = &[Kernel { name: "groupArray", state, new }];

fn state(spec: &Spec) -> Result<Vec<DataType>> {
    Ok(vec![list_of(spec.arg(0)?)])
}

fn new(spec: &Spec) -> Result<Box<dyn GroupStates>> {
    let ty = spec.arg(0)?.clone();
    let limit = spec.count_param(0)?;
    Ok(Box::new(Collected {
        ty,
        return_type: spec.return_type.clone(),
        limit,
        chunks: Vec::new(),
        owners: Vec::new(),
        counts: Vec::new(),
    }))
}

/// Where the values of each group stand, given the group of each value.
pub(super) struct ByGroup {
    /// Offsets of the groups' lists.
    pub(super) offsets: OffsetBuffer<i32>,
    /// Positions of the values, by group, in order.
    pub(super) positions: UInt64Array,
}

impl ByGroup {
    /// Sorts values by group; values of groups from `groups` on are left out.
    pub(super) fn new(owners: &[u32], groups: usize) -> Self {
        let mut lengths = vec![0_usize; groups];
        let inside = || owners.iter().enumerate().filter(|(_, owner)| (**owner as usize) < groups);
        inside().for_each(|(_, owner)| lengths[*owner as usize] += 1);
        let mut next = Vec::with_capacity(groups);
        let mut total = 0;
        for length in &lengths {
            next.push(total);
            total += length;
        }
        let mut positions = vec![0_u64; total];
        for (position, owner) in inside() {
            let slot = &mut next[*owner as usize];
            positions[*slot] = position as u64;
            *slot += 1;
        }
        Self { offsets: OffsetBuffer::from_lengths(lengths), positions: positions.into() }
    }

    /// The same with each group's positions changed.
    pub(super) fn map_groups(&self, mut change: impl FnMut(&mut Vec<u64>)) -> Self {
        let mut positions = Vec::new();
        let mut lengths = Vec::with_capacity(self.offsets.len());
        for range in self.offsets.windows(2) {
            #[expect(clippy::cast_sign_loss, reason = "offsets are not negative")]
            let mut group = self.positions.values()[range[0] as usize..range[1] as usize].to_vec();
            change(&mut group);
            lengths.push(group.len());
            positions.append(&mut group);
        }
        Self { offsets: OffsetBuffer::from_lengths(lengths), positions: positions.into() }
    }

    /// The values as one list for each group.
    pub(super) fn lists(&self, values: &ArrayRef, list: &DataType) -> Result<ArrayRef> {
        let field = list_field(list)?;
        let values = take(values, &self.positions, None)?;
        Ok(Arc::new(ListArray::try_new(field, self.offsets.clone(), values, None)?))
    }
}

/// The field of a list's elements.
pub(super) fn list_field(list: &DataType) -> Result<FieldRef> {
    match list {
        DataType::List(field) => Ok(Arc::clone(field)),
        other => internal_err!("{other} is no list"),
    }
}

/// The elements of the lists of the given rows, and their groups.
pub(super) fn elements(lists: &ListArray, rows: &Rows<'_>) -> Result<(ArrayRef, Vec<usize>)> {
    let mut owners = Vec::new();
    let mut positions: Vec<u64> = Vec::new();
    let offsets = lists.value_offsets();
    rows.for_each(|row, group| {
        #[expect(clippy::cast_sign_loss, reason = "offsets are not negative")]
        let range = offsets[row] as u64..offsets[row + 1] as u64;
        owners.extend(range.clone().map(|_| group));
        positions.extend(range);
    });
    let whole = positions.len() == lists.values().len();
    let values = if whole {
        Arc::clone(lists.values())
    } else {
        take(lists.values(), &UInt64Array::from(positions), None)?
    };
    Ok((values, owners))
}

/// A group's number as it is stored.
#[expect(clippy::cast_possible_truncation, reason = "more than 2^32 groups do not fit in memory")]
pub(super) const fn owner(group: usize) -> u32 {
    group as u32
}

/// All values, with the group of each.
#[derive(Debug)]
struct Collected {
    ty: DataType,
    return_type: DataType,
    limit: Option<usize>,
    chunks: Vec<ArrayRef>,
    owners: Vec<u32>,
    /// Number of values of each group; kept only under a limit.
    counts: Vec<usize>,
}

impl Collected {
    fn add(&mut self, values: ArrayRef, groups: &[usize]) -> Result<()> {
        let mut values = values;
        let before = self.owners.len();
        match self.limit {
            None => self.owners.extend(groups.iter().map(|group| owner(*group))),
            Some(limit) => {
                let room = |group: &usize| {
                    let count = &mut self.counts[*group];
                    *count += 1;
                    *count <= limit
                };
                let keep: BooleanArray = groups.iter().map(room).map(Some).collect();
                let kept = keep.values().set_indices().map(|row| owner(groups[row]));
                self.owners.extend(kept);
                values = filter(&values, &keep)?;
            }
        }
        if self.owners.len() > before {
            self.chunks.push(owned(values)?);
        }
        Ok(())
    }

    fn values(&mut self) -> Result<ArrayRef> {
        let values = match self.chunks.as_slice() {
            [] => return Ok(new_empty_array(&self.ty)),
            [values] => return Ok(Arc::clone(values)),
            chunks => concat(&chunks.iter().map(AsRef::as_ref).collect::<Vec<_>>())?,
        };
        self.chunks = vec![Arc::clone(&values)];
        Ok(values)
    }
}

impl GroupStates for Collected {
    fn grow(&mut self, groups: usize) {
        if self.limit.is_some() {
            self.counts.resize(groups.max(self.counts.len()), 0);
        }
    }

    fn update(&mut self, values: &[ArrayRef], rows: &Rows<'_>) -> Result<()> {
        let (mut values, groups) = rows.compact(values)?;
        match values.pop() {
            Some(values) => self.add(values, &groups),
            None => internal_err!("groupArray of nothing"),
        }
    }

    fn merge(&mut self, states: &[ArrayRef], rows: &Rows<'_>) -> Result<()> {
        let Some(lists) = states.first() else { return internal_err!("groupArray without state") };
        let (values, groups) = elements(lists.as_list(), rows)?;
        self.add(values, &groups)
    }

    fn evaluate(&mut self, groups: usize) -> Result<ArrayRef> {
        let values = self.values()?;
        ByGroup::new(&self.owners, groups).lists(&values, &self.return_type)
    }

    fn state(&mut self, groups: usize) -> Result<Vec<ArrayRef>> {
        let values = self.values()?;
        Ok(vec![ByGroup::new(&self.owners, groups).lists(&values, &list_of(&self.ty))?])
    }

    fn forget(&mut self, groups: usize) -> Result<()> {
        let values = self.values()?;
        let first = owner(groups);
        let keep: BooleanArray = self.owners.iter().map(|owner| Some(*owner >= first)).collect();
        self.chunks = vec![filter(&values, &keep)?];
        self.owners = self
            .owners
            .iter()
            .filter(|owner| **owner >= first)
            .map(|owner| owner - first)
            .collect();
        self.counts.drain(..groups.min(self.counts.len()));
        Ok(())
    }

    fn size(&self) -> usize {
        let chunks: usize = self.chunks.iter().map(|chunk| chunk.get_array_memory_size()).sum();
        size_of::<Self>() + chunks + self.owners.capacity() * 4 + self.counts.capacity() * 8
    }
}

/// Counts as a column.
pub(super) fn counts(values: Vec<u64>) -> ArrayRef {
    Arc::new(UInt64Array::new(ScalarBuffer::from(values), None))
}
