//! Aggregates that are a formula over a few sums: `avgWeighted`, skewness, kurtosis.

use super::kernel::{Kernel, Spec};
use super::states::{GroupStates, Rows};
use arrow::array::{ArrayRef, AsArray, Float64Array};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{DataType, Float64Type};
use datafusion::common::{Result, internal_err};
use std::sync::Arc;

pub(super) static KERNELS: &[Kernel] = &[
    Kernel {
        name: "avgWeighted",
        state: |_| Ok(vec![DataType::Float64; 3]),
        new: |_| Ok(new(weighted, |[_, sum, weights]| sum / weights)),
    },
    Kernel {
        name: "skewPop",
        state: five,
        new: |_| Ok(new(powers, |sums| third(&sums) / variance(&sums).powf(1.5))),
    },
    Kernel {
        name: "skewSamp",
        state: five,
        new: |_| Ok(new(powers, |sums| third(&sums) / sample_variance(&sums).powf(1.5))),
    },
    Kernel {
        name: "kurtPop",
        state: five,
        new: |_| Ok(new(powers, |sums| fourth(&sums) / variance(&sums).powi(2))),
    },
    Kernel {
        name: "kurtSamp",
        state: five,
        new: |_| Ok(new(powers, |sums| fourth(&sums) / sample_variance(&sums).powi(2))),
    },
];

fn five(_: &Spec) -> Result<Vec<DataType>> {
    Ok(vec![DataType::Float64; 5])
}

fn weighted(value: f64, weight: f64) -> [f64; 3] {
    [1.0, value * weight, weight]
}

/// The value to the powers 0 to 4.
fn powers(value: f64, _: f64) -> [f64; 5] {
    let square = value * value;
    [1.0, value, square, square * value, square * square]
}

fn variance([n, one, two, ..]: &[f64; 5]) -> f64 {
    positive((two - one * one / n) / n)
}

fn sample_variance([n, one, two, ..]: &[f64; 5]) -> f64 {
    if *n > 1.0 { positive((two - one * one / n) / (n - 1.0)) } else { f64::NAN }
}

/// A variance of 0 gives no skewness and no kurtosis.
fn positive(variance: f64) -> f64 {
    if variance > 0.0 { variance } else { f64::NAN }
}

/// Third central moment.
fn third([n, one, two, three, _]: &[f64; 5]) -> f64 {
    let mean = one / n;
    (three - (3.0 * two - 2.0 * one * mean) * mean) / n
}

/// Fourth central moment.
fn fourth([n, one, two, three, four]: &[f64; 5]) -> f64 {
    let mean = one / n;
    (four - (4.0 * three - (6.0 * two - 3.0 * one * mean) * mean) * mean) / n
}

fn new<const N: usize>(
    terms: fn(f64, f64) -> [f64; N],
    finish: fn([f64; N]) -> f64,
) -> Box<dyn GroupStates> {
    Box::new(Sums { terms, finish, groups: Vec::new() })
}

/// `N` sums for each group; the first counts the rows.
#[derive(Debug)]
struct Sums<const N: usize> {
    /// What a row of one or two arguments adds.
    terms: fn(f64, f64) -> [f64; N],
    finish: fn([f64; N]) -> f64,
    groups: Vec<[f64; N]>,
}

fn add<const N: usize>(sums: &mut [f64; N], terms: [f64; N]) {
    for (sum, term) in sums.iter_mut().zip(terms) {
        *sum += term;
    }
}

impl<const N: usize> GroupStates for Sums<N> {
    fn grow(&mut self, groups: usize) {
        self.groups.resize(groups.max(self.groups.len()), [0.0; N]);
    }

    fn update(&mut self, values: &[ArrayRef], rows: &Rows<'_>) -> Result<()> {
        let (first, second) = match values {
            [value] => (value, value),
            [value, weight] => (value, weight),
            _ => return internal_err!("a formula of one or two arguments has {}", values.len()),
        };
        let first = first.as_primitive::<Float64Type>().values();
        let second = second.as_primitive::<Float64Type>().values();
        rows.for_each(|row, group| {
            add(&mut self.groups[group], (self.terms)(first[row], second[row]))
        });
        Ok(())
    }

    fn merge(&mut self, states: &[ArrayRef], rows: &Rows<'_>) -> Result<()> {
        let columns: Vec<_> =
            states.iter().map(|column| column.as_primitive::<Float64Type>().values()).collect();
        let Ok(columns): Result<[_; N], _> = columns.try_into() else {
            return internal_err!("{N} sums are needed");
        };
        rows.for_each(|row, group| add(&mut self.groups[group], columns.map(|column| column[row])));
        Ok(())
    }

    fn evaluate(&mut self, groups: usize) -> Result<ArrayRef> {
        let groups = &self.groups[..groups];
        let values = groups.iter().map(|sums| (self.finish)(*sums)).collect();
        let nulls: NullBuffer = groups.iter().map(|sums| sums[0] > 0.0).collect();
        Ok(Arc::new(Float64Array::new(values, Some(nulls))))
    }

    fn state(&mut self, groups: usize) -> Result<Vec<ArrayRef>> {
        let groups = &self.groups[..groups];
        let column = |index: usize| -> ArrayRef {
            Arc::new(groups.iter().map(|sums| Some(sums[index])).collect::<Float64Array>())
        };
        Ok((0..N).map(column).collect())
    }

    fn forget(&mut self, groups: usize) -> Result<()> {
        self.groups.drain(..groups);
        Ok(())
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.groups.capacity() * size_of::<[f64; N]>()
    }
}
