//! What an aggregate of Hoglet implements, [`GroupStates`], and how DataFusion sees it: as a groups accumulator, and as the
//! accumulator of one group.

use super::kernel::Spec;
use arrow::array::{Array, ArrayRef, BooleanArray};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::{Accumulator, EmitTo, GroupsAccumulator};
use std::fmt::Debug;

/// The states of an aggregate, one for each group, numbered from 0.
///
/// Nothing is consumed by [`evaluate`](Self::evaluate) and [`state`](Self::state): windows ask again and again.
pub(super) trait GroupStates: Debug + Send + Sync {
    /// Makes room for `groups` groups in all.
    fn grow(&mut self, groups: usize);

    /// Adds rows. Rows with a NULL argument and rows that the filter drops are not in `rows`.
    fn update(&mut self, values: &[ArrayRef], rows: &Rows<'_>) -> Result<()>;

    /// Adds partial states, as [`state`](Self::state) gave them; one row each.
    fn merge(&mut self, states: &[ArrayRef], rows: &Rows<'_>) -> Result<()>;

    /// The results of the first `groups` groups.
    fn evaluate(&mut self, groups: usize) -> Result<ArrayRef>;

    /// The partial states of the first `groups` groups.
    fn state(&mut self, groups: usize) -> Result<Vec<ArrayRef>>;

    /// Drops the first `groups` groups and numbers the others from 0 again.
    fn forget(&mut self, groups: usize) -> Result<()>;

    /// Bytes in use.
    fn size(&self) -> usize;
}

/// Rows of a batch and the groups they belong to.
pub(super) struct Rows<'a> {
    groups: &'a [usize],
    keep: Option<BooleanBuffer>,
}

impl<'a> Rows<'a> {
    /// The rows of `values` that pass `filter` and have no NULL among `values`.
    pub(super) fn of_values(
        values: &[ArrayRef],
        groups: &'a [usize],
        filter: Option<&BooleanArray>,
    ) -> Self {
        let nulls = values.iter().fold(None, |nulls, array| {
            NullBuffer::union(nulls.as_ref(), array.logical_nulls().as_ref())
        });
        let valid = nulls.filter(|nulls| nulls.null_count() > 0).map(NullBuffer::into_inner);
        let chosen = filter.map(|filter| match filter.nulls() {
            Some(nulls) => filter.values() & nulls.inner(),
            None => filter.values().clone(),
        });
        let keep = match (valid, chosen) {
            (Some(valid), Some(chosen)) => Some(&valid & &chosen),
            (valid, chosen) => valid.or(chosen),
        };
        Self { groups, keep }
    }

    /// All rows.
    const fn all(groups: &'a [usize]) -> Self {
        Self { groups, keep: None }
    }

    /// The same rows without those where one of `values` is NULL.
    pub(super) fn valid(&self, values: &[ArrayRef]) -> Self {
        let valid = Self::of_values(values, self.groups, None);
        let keep = match (valid.keep, &self.keep) {
            (Some(valid), Some(keep)) => Some(&valid & keep),
            (valid, keep) => valid.or_else(|| keep.clone()),
        };
        Self { groups: self.groups, keep }
    }

    /// Calls `add(row, group)` for each row, in order.
    pub(super) fn for_each(&self, mut add: impl FnMut(usize, usize)) {
        match &self.keep {
            None => self.groups.iter().enumerate().for_each(|(row, &group)| add(row, group)),
            Some(keep) => keep.set_indices().for_each(|row| add(row, self.groups[row])),
        }
    }

    /// The kept rows of each array, and their groups.
    pub(super) fn compact(&self, values: &[ArrayRef]) -> Result<(Vec<ArrayRef>, Vec<usize>)> {
        let Some(keep) = &self.keep else {
            return Ok((values.to_vec(), self.groups.to_vec()));
        };
        let mask = BooleanArray::new(keep.clone(), None);
        let kept = values
            .iter()
            .map(|array| arrow::compute::filter(array, &mask))
            .collect::<Result<_, _>>()?;
        Ok((kept, keep.set_indices().map(|row| self.groups[row]).collect()))
    }
}

/// Many groups at once.
pub(super) struct Grouped {
    spec: Spec,
    states: Box<dyn GroupStates>,
    total: usize,
}

impl Grouped {
    pub(super) fn try_new(spec: Spec) -> Result<Self> {
        Ok(Self { states: spec.new_states()?, spec, total: 0 })
    }

    fn emit<T>(
        &mut self,
        emit_to: EmitTo,
        get: impl FnOnce(&mut dyn GroupStates, usize) -> Result<T>,
    ) -> Result<T> {
        let groups = match emit_to {
            EmitTo::All => self.total,
            EmitTo::First(groups) => groups.min(self.total),
        };
        let emitted = get(self.states.as_mut(), groups)?;
        if groups == self.total {
            self.states = self.spec.new_states()?;
        } else {
            self.states.forget(groups)?;
        }
        self.total -= groups;
        Ok(emitted)
    }
}

impl GroupsAccumulator for Grouped {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        self.total = total_num_groups;
        self.states.grow(total_num_groups);
        self.states.update(values, &Rows::of_values(values, group_indices, opt_filter))
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        self.emit(emit_to, |states, groups| states.evaluate(groups))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        self.emit(emit_to, |states, groups| states.state(groups))
    }

    fn merge_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        total_num_groups: usize,
    ) -> Result<()> {
        self.total = total_num_groups;
        self.states.grow(total_num_groups);
        self.states.merge(values, &Rows::all(group_indices))
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        opt_filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        let rows = values.first().map_or(0, |array| array.len());
        let groups: Vec<usize> = (0..rows).collect();
        let mut states = self.spec.new_states()?;
        states.grow(rows);
        states.update(values, &Rows::of_values(values, &groups, opt_filter))?;
        states.state(rows)
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.states.size()
    }
}

/// One group: aggregates without `GROUP BY` and growing windows.
#[derive(Debug)]
pub(super) struct Single {
    states: Box<dyn GroupStates>,
}

impl Single {
    pub(super) fn try_new(spec: &Spec) -> Result<Self> {
        let mut states = spec.new_states()?;
        states.grow(1);
        Ok(Self { states })
    }
}

impl Accumulator for Single {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let groups = zeros(values);
        self.states.update(values, &Rows::of_values(values, &groups, None))
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        ScalarValue::try_from_array(&self.states.evaluate(1)?, 0)
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.states.size()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.states.state(1)?.iter().map(|array| ScalarValue::try_from_array(array, 0)).collect()
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let groups = zeros(states);
        self.states.merge(states, &Rows::all(&groups))
    }
}

fn zeros(arrays: &[ArrayRef]) -> Vec<usize> {
    vec![0; arrays.first().map_or(0, |array| array.len())]
}
