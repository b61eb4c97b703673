//! Quantiles, all exact: 8 bytes for each value.
//!
//! ClickHouse estimates most of its quantiles from samples. Hoglet keeps all values and gives the number that the estimate
//! approaches, by the same rule between two values.

use super::kernel::{Kernel, Spec, list_of};
use super::key::{Encoding, narrow};
use super::states::{GroupStates, Rows};
use arrow::array::{ArrayRef, AsArray, Float64Array, Int64Array, ListArray, UInt64Array};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType, Field, UInt64Type};
use datafusion::common::{Result, internal_err};
use std::sync::Arc;

pub(super) static KERNELS: &[Kernel] = &[
    Kernel { name: "quantile", state, new: |spec| new(spec, Rule::Between) },
    Kernel { name: "quantileExact", state, new: |spec| new(spec, Rule::Element) },
    Kernel { name: "quantileExactLow", state, new: |spec| new(spec, Rule::ElementLow) },
    Kernel { name: "quantileExactHigh", state, new: |spec| new(spec, Rule::ElementHigh) },
    Kernel { name: "quantiles", state, new: |spec| new(spec, Rule::Between) },
    Kernel { name: "quantilesExact", state, new: |spec| new(spec, Rule::Element) },
];

fn state(_: &Spec) -> Result<Vec<DataType>> {
    Ok(vec![list_of(&DataType::UInt64)])
}

fn new(spec: &Spec, rule: Rule) -> Result<Box<dyn GroupStates>> {
    let ty = spec.arg(0)?;
    let Some(encoding) = Encoding::of(ty) else {
        return internal_err!("{} of {ty}", spec.kernel.name);
    };
    let mut levels = Vec::new();
    while let Some(level) = spec.float_param(levels.len())? {
        levels.push(level);
    }
    if levels.is_empty() {
        levels.push(0.5);
    }
    let list = spec.kernel.name.starts_with("quantiles");
    Ok(Box::new(Quantiles {
        ty: ty.clone(),
        return_type: spec.return_type.clone(),
        encoding,
        rule,
        levels,
        list,
        groups: Vec::new(),
        bytes: 0,
    }))
}

/// How a level becomes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// On the line between the two nearest ranks of `0 ..= n-1`.
    Between,
    /// The element at `level * n`, rounded down.
    Element,
    /// The same; the lower one of the two in the middle.
    ElementLow,
    /// The same; the higher one of the two in the middle.
    ElementHigh,
}

impl Rule {
    /// Position in `n` sorted values; `n` is not 0.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a position is between 0 and n"
    )]
    fn element(self, level: f64, n: usize) -> usize {
        #[expect(clippy::float_cmp, reason = "the constant 0.5 as written")]
        let middle = level == 0.5;
        match self {
            Self::ElementLow if middle => (n - 1) / 2,
            Self::ElementHigh if middle => n / 2,
            _ => ((level.max(0.0) * n as f64) as usize).min(n - 1),
        }
    }
}

/// The values of each group, as keys; sorted when asked for a result.
#[derive(Debug)]
struct Quantiles {
    ty: DataType,
    return_type: DataType,
    encoding: Encoding,
    rule: Rule,
    levels: Vec<f64>,
    list: bool,
    groups: Vec<Vec<u64>>,
    bytes: usize,
}

impl Quantiles {
    fn push(&mut self, group: usize, key: u64) {
        let values = &mut self.groups[group];
        let before = values.capacity();
        values.push(key);
        self.bytes += (values.capacity() - before) * 8;
    }

    /// All levels of the first `groups` groups, one after another; NULL for a group without values.
    fn results(&mut self, groups: usize, element: &DataType) -> Result<ArrayRef> {
        let mut valid = Vec::with_capacity(groups * self.levels.len());
        let mut keys = Vec::new();
        let mut floats = Vec::new();
        for values in &mut self.groups[..groups] {
            values.sort_unstable();
            for &level in &self.levels {
                // In an array there is no NULL for "no values": it is NaN, or the type's default.
                valid.push(self.list || !values.is_empty());
                match self.rule {
                    Rule::Between => floats.push(between(values, level, self.encoding)),
                    rule => keys.push(if values.is_empty() {
                        self.encoding.default()
                    } else {
                        values[rule.element(level, values.len())]
                    }),
                }
            }
        }
        let nulls = Some(NullBuffer::from(valid));
        if self.rule != Rule::Between {
            return self.encoding.decode(keys, nulls, &self.ty);
        }
        if element.is_floating() {
            let floats: ArrayRef = Arc::new(Float64Array::new(floats.into(), nulls));
            return narrow(&floats, element);
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "days and instants are whole units; no values are 0"
        )]
        let whole = floats.into_iter().map(|value| value as i64).collect();
        let whole: ArrayRef = Arc::new(Int64Array::new(whole, nulls));
        narrow(&whole, element)
    }
}

/// The value at `level` on the line through the sorted values at ranks `0 ..= n-1`.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rank is between 0 and n"
)]
fn between(values: &[u64], level: f64, encoding: Encoding) -> f64 {
    let Some(last) = values.len().checked_sub(1) else { return f64::NAN };
    let rank = (level * last as f64).clamp(0.0, last as f64);
    let left = rank as usize;
    let low = encoding.to_float(values[left]);
    if left == last {
        return low;
    }
    let high = encoding.to_float(values[left + 1]);
    low * ((left + 1) as f64 - rank) + high * (rank - left as f64)
}

/// NaN is skipped: no key of a number is 0.
const NAN: u64 = 0;

impl GroupStates for Quantiles {
    fn grow(&mut self, groups: usize) {
        self.groups.resize(groups.max(self.groups.len()), Vec::new());
    }

    fn update(&mut self, values: &[ArrayRef], rows: &Rows<'_>) -> Result<()> {
        let Some(values) = values.first() else { return internal_err!("a quantile of nothing") };
        let keys = self.encoding.encode(values, NAN)?;
        let float = self.encoding == Encoding::Float;
        rows.for_each(|row, group| {
            if !float || keys[row] != NAN {
                self.push(group, keys[row]);
            }
        });
        Ok(())
    }

    fn merge(&mut self, states: &[ArrayRef], rows: &Rows<'_>) -> Result<()> {
        let Some(lists) = states.first() else { return internal_err!("a quantile without state") };
        let lists = lists.as_list::<i32>();
        let keys = lists.values().as_primitive::<UInt64Type>().values();
        let offsets = lists.value_offsets();
        rows.for_each(|row, group| {
            let values = &mut self.groups[group];
            let before = values.capacity();
            #[expect(clippy::cast_sign_loss, reason = "offsets are not negative")]
            values.extend_from_slice(&keys[offsets[row] as usize..offsets[row + 1] as usize]);
            self.bytes += (values.capacity() - before) * 8;
        });
        Ok(())
    }

    fn evaluate(&mut self, groups: usize) -> Result<ArrayRef> {
        if !self.list {
            let ty = self.return_type.clone();
            return self.results(groups, &ty);
        }
        let DataType::List(field) = self.return_type.clone() else {
            return internal_err!("quantiles give an array, not {}", self.return_type);
        };
        let values = self.results(groups, field.data_type())?;
        let offsets = OffsetBuffer::from_repeated_length(self.levels.len(), groups);
        Ok(Arc::new(ListArray::try_new(field, offsets, values, None)?))
    }

    fn state(&mut self, groups: usize) -> Result<Vec<ArrayRef>> {
        let groups = &self.groups[..groups];
        let offsets = OffsetBuffer::from_lengths(groups.iter().map(Vec::len));
        let keys: UInt64Array = groups.iter().flatten().copied().collect::<Vec<_>>().into();
        let field = Arc::new(Field::new_list_field(DataType::UInt64, true));
        Ok(vec![Arc::new(ListArray::try_new(field, offsets, Arc::new(keys), None)?)])
    }

    fn forget(&mut self, groups: usize) -> Result<()> {
        self.bytes -=
            self.groups.drain(..groups).map(|values| values.capacity() * 8).sum::<usize>();
        Ok(())
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.bytes + self.groups.capacity() * size_of::<Vec<u64>>()
    }
}
