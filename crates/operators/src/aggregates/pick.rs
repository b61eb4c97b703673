//! Aggregates that pick one row's value: `any`, `anyLast`, `argMin`, `argMax`, and `min` and `max` of types for which
//! DataFusion's have another meaning (floats: NaN is skipped) or are missing (arrays, tuples).

use super::kernel::{Kernel, Spec};
use super::key::Encoding;
use super::slots::Slots;
use super::states::{GroupStates, Rows};
use arrow::array::ArrayRef;
use arrow::buffer::NullBuffer;
use arrow::datatypes::DataType;
use arrow::row::{RowConverter, SortField};
use datafusion::common::{Result, internal_err};

pub(super) static KERNELS: &[Kernel] = &[
    Kernel {
        name: "any",
        state: first_type,
        new: |spec| Ok(Box::new(Position::new(spec.arg(0)?, false))),
    },
    Kernel {
        name: "anyLast",
        state: first_type,
        new: |spec| Ok(Box::new(Position::new(spec.arg(0)?, true))),
    },
    Kernel {
        name: "argMin",
        state: both_types,
        new: |spec| Ok(Box::new(Extreme::try_new(spec, true)?)),
    },
    Kernel {
        name: "argMax",
        state: both_types,
        new: |spec| Ok(Box::new(Extreme::try_new(spec, false)?)),
    },
    Kernel {
        name: "min",
        state: first_type,
        new: |spec| Ok(Box::new(Extreme::try_new(spec, true)?)),
    },
    Kernel {
        name: "max",
        state: first_type,
        new: |spec| Ok(Box::new(Extreme::try_new(spec, false)?)),
    },
];

fn first_type(spec: &Spec) -> Result<Vec<DataType>> {
    Ok(vec![spec.arg(0)?.clone()])
}

fn both_types(spec: &Spec) -> Result<Vec<DataType>> {
    Ok(vec![spec.arg(0)?.clone(), spec.arg(1)?.clone()])
}

fn column(values: &[ArrayRef], index: usize) -> Result<&ArrayRef> {
    match values.get(index) {
        Some(values) => Ok(values),
        None => internal_err!("missing column {index} of an aggregate"),
    }
}

/// The first or the last value.
#[derive(Debug)]
struct Position {
    slots: Slots,
    last: bool,
}

impl Position {
    fn new(ty: &DataType, last: bool) -> Self {
        Self { slots: Slots::new(ty), last }
    }
}

/// The row of a batch that a group has chosen so far: kept between batches only to reuse its memory.
const NONE: usize = usize::MAX;

impl GroupStates for Position {
    fn grow(&mut self, groups: usize) {
        self.slots.grow(groups);
    }

    fn update(&mut self, values: &[ArrayRef], rows: &Rows<'_>) -> Result<()> {
        let mut changes = Changes::default();
        rows.for_each(|row, group| {
            if self.last || (self.slots.is_empty(group) && !changes.has(group)) {
                changes.set(group, row);
            }
        });
        self.slots.set(column(values, 0)?, &changes.into_pairs())
    }

    fn merge(&mut self, states: &[ArrayRef], rows: &Rows<'_>) -> Result<()> {
        self.update(states, &rows.valid(states))
    }

    fn evaluate(&mut self, groups: usize) -> Result<ArrayRef> {
        self.slots.values(groups)
    }

    fn state(&mut self, groups: usize) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.slots.values(groups)?])
    }

    fn forget(&mut self, groups: usize) -> Result<()> {
        self.slots.forget(groups)
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.slots.size()
    }
}

/// Which row of a batch each touched group takes; the last one set counts.
#[derive(Default)]
struct Changes {
    /// Row by group, `NONE` where untouched.
    row: Vec<usize>,
    touched: Vec<usize>,
}

impl Changes {
    fn has(&self, group: usize) -> bool {
        self.row.get(group).is_some_and(|row| *row != NONE)
    }

    fn set(&mut self, group: usize, row: usize) {
        if group >= self.row.len() {
            self.row.resize(group + 1, NONE);
        }
        if self.row[group] == NONE {
            self.touched.push(group);
        }
        self.row[group] = row;
    }

    fn into_pairs(self) -> Vec<(usize, usize)> {
        self.touched.iter().map(|&group| (group, self.row[group])).collect()
    }
}

/// The argument at the smallest or largest value of another one, the first such row; or that value itself.
#[derive(Debug)]
struct Extreme {
    /// The argument; not kept for `min` and `max`.
    argument: Option<Slots>,
    best: Best,
}

impl Extreme {
    fn try_new(spec: &Spec, smallest: bool) -> Result<Self> {
        let (argument, by) = match spec.args.as_slice() {
            [by] => (None, by),
            [argument, by] => (Some(Slots::new(argument)), by),
            _ => return internal_err!("{} wants one or two arguments", spec.kernel.name),
        };
        Ok(Self { argument, best: Best::try_new(by, smallest)? })
    }
}

impl GroupStates for Extreme {
    fn grow(&mut self, groups: usize) {
        if let Some(argument) = &mut self.argument {
            argument.grow(groups);
        }
        self.best.grow(groups);
    }

    fn update(&mut self, values: &[ArrayRef], rows: &Rows<'_>) -> Result<()> {
        let Some(argument) = &mut self.argument else {
            return self.best.offer(column(values, 0)?, rows, |_, _| ());
        };
        let mut changes = Changes::default();
        self.best.offer(column(values, 1)?, rows, |group, row| changes.set(group, row))?;
        argument.set(column(values, 0)?, &changes.into_pairs())
    }

    fn merge(&mut self, states: &[ArrayRef], rows: &Rows<'_>) -> Result<()> {
        self.update(states, &rows.valid(states))
    }

    fn evaluate(&mut self, groups: usize) -> Result<ArrayRef> {
        match &self.argument {
            Some(argument) => argument.values(groups),
            None => self.best.values(groups),
        }
    }

    fn state(&mut self, groups: usize) -> Result<Vec<ArrayRef>> {
        let best = self.best.values(groups)?;
        match &self.argument {
            Some(argument) => Ok(vec![argument.values(groups)?, best]),
            None => Ok(vec![best]),
        }
    }

    fn forget(&mut self, groups: usize) -> Result<()> {
        self.best.forget(groups);
        self.argument.as_mut().map_or(Ok(()), |argument| argument.forget(groups))
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.best.size() + self.argument.as_ref().map_or(0, Slots::size)
    }
}

/// The best value of each group so far. Keys are turned round for the smallest, so larger is always better, and 0 is NaN,
/// which any other value beats.
#[derive(Debug)]
enum Best {
    Keys { encoding: Encoding, ty: DataType, flip: u64, keys: Vec<u64>, seen: Vec<bool> },
    Rows { converter: RowConverter, smallest: bool, rows: Vec<Option<Box<[u8]>>>, bytes: usize },
}

impl Best {
    fn try_new(ty: &DataType, smallest: bool) -> Result<Self> {
        let flip = if smallest { u64::MAX } else { 0 };
        Ok(match Encoding::of(ty) {
            Some(encoding) => {
                Self::Keys { encoding, ty: ty.clone(), flip, keys: Vec::new(), seen: Vec::new() }
            }
            None => {
                let converter = RowConverter::new(vec![SortField::new(ty.clone())])?;
                Self::Rows { converter, smallest, rows: Vec::new(), bytes: 0 }
            }
        })
    }

    fn grow(&mut self, groups: usize) {
        match self {
            Self::Keys { keys, seen, .. } => {
                keys.resize(groups.max(keys.len()), 0);
                seen.resize(groups.max(seen.len()), false);
            }
            Self::Rows { rows, .. } => rows.resize(groups.max(rows.len()), None),
        }
    }

    /// Calls `better(group, row)` for each row that beats what its group had.
    fn offer(
        &mut self,
        by: &ArrayRef,
        rows: &Rows<'_>,
        mut better: impl FnMut(usize, usize),
    ) -> Result<()> {
        match self {
            Self::Keys { encoding, flip, keys, seen, .. } => {
                let offered = encoding.encode(by, *flip)?;
                rows.for_each(|row, group| {
                    let key = offered[row] ^ *flip;
                    if key > keys[group] || !seen[group] {
                        keys[group] = key;
                        seen[group] = true;
                        better(group, row);
                    }
                });
            }
            Self::Rows { converter, smallest, rows: best, bytes } => {
                let offered = converter.convert_columns(std::slice::from_ref(by))?;
                rows.for_each(|row, group| {
                    let key = offered.row(row).data();
                    let wins = match &best[group] {
                        None => true,
                        Some(best) if *smallest => key < best.as_ref(),
                        Some(best) => key > best.as_ref(),
                    };
                    if wins {
                        *bytes += key.len();
                        *bytes -= best[group].replace(key.into()).map_or(0, |old| old.len());
                        better(group, row);
                    }
                });
            }
        }
        Ok(())
    }

    fn values(&self, groups: usize) -> Result<ArrayRef> {
        match self {
            Self::Keys { encoding, ty, flip, keys, seen } => {
                let keys = keys[..groups].iter().map(|key| key ^ flip).collect();
                encoding.decode(keys, Some(NullBuffer::from(&seen[..groups])), ty)
            }
            Self::Rows { converter, rows, .. } => {
                let parser = converter.parser();
                let rows = rows[..groups].iter();
                let filled = rows.clone().flatten().map(|row| parser.parse(row));
                let values = match converter.convert_rows(filled)?.pop() {
                    Some(values) => values,
                    None => return internal_err!("a row without columns"),
                };
                let mut next = 0..values.len() as u64;
                let positions: arrow::array::UInt64Array =
                    rows.map(|row| row.as_ref().and_then(|_| next.next())).collect();
                Ok(arrow::compute::take(&values, &positions, None)?)
            }
        }
    }

    fn forget(&mut self, groups: usize) {
        match self {
            Self::Keys { keys, seen, .. } => {
                keys.drain(..groups);
                seen.drain(..groups);
            }
            Self::Rows { rows, bytes, .. } => {
                *bytes -= rows.drain(..groups).flatten().map(|row| row.len()).sum::<usize>();
            }
        }
    }

    fn size(&self) -> usize {
        match self {
            Self::Keys { keys, seen, .. } => keys.capacity() * 8 + seen.capacity(),
            Self::Rows { converter, rows, bytes, .. } => {
                converter.size() + rows.capacity() * size_of::<Option<Box<[u8]>>>() + bytes
            }
        }
    }
}
