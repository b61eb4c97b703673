//! Sums and means of floats over sliding windows.
//!
//! A value that leaves the window is not subtracted, which would leave its rounding errors behind, and NaN for infinity: the
//! window is a queue of two stacks, and a sum is kept of each row and all that are younger in its stack.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::Float64Type;
use datafusion::common::{Result, ScalarValue, internal_err};
use datafusion::logical_expr::Accumulator;

/// Values and how many they are.
#[derive(Debug, Default, Clone, Copy)]
struct Sum {
    value: f64,
    count: u64,
}

impl Sum {
    fn plus(self, value: Option<f64>) -> Self {
        match value {
            Some(value) => Self { value: self.value + value, count: self.count + 1 },
            None => self,
        }
    }
}

/// The rows of a window, of which the oldest leave first.
#[derive(Debug, Default)]
struct Queue {
    /// For each of the older rows, the oldest last: the sum from it to the youngest of them.
    older: Vec<Sum>,
    younger: Vec<Option<f64>>,
    younger_sum: Sum,
}

impl Queue {
    fn push(&mut self, value: Option<f64>) {
        self.younger.push(value);
        self.younger_sum = self.younger_sum.plus(value);
    }

    /// Drops the oldest row; `false` if there is none.
    fn pop(&mut self) -> bool {
        if self.older.is_empty() {
            let mut sum = Sum::default();
            for value in self.younger.drain(..).rev() {
                sum = sum.plus(value);
                self.older.push(sum);
            }
            self.younger_sum = Sum::default();
        }
        self.older.pop().is_some()
    }

    fn sum(&self) -> Sum {
        let older = self.older.last().copied().unwrap_or_default();
        let younger = self.younger_sum;
        Sum { value: older.value + younger.value, count: older.count + younger.count }
    }
}

/// The sum of a sliding window, or its mean.
#[derive(Debug)]
pub(super) struct SlidingSum {
    rows: Queue,
    is_mean: bool,
}

impl SlidingSum {
    pub(super) fn new(is_mean: bool) -> Self {
        Self { rows: Queue::default(), is_mean }
    }
}

impl Accumulator for SlidingSum {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let Some(values) = values.first().and_then(|array| array.as_primitive_opt::<Float64Type>())
        else {
            return internal_err!("a sliding sum of floats has no floats");
        };
        values.iter().for_each(|value| self.rows.push(value));
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let Sum { value, count } = self.rows.sum();
        let found = if self.is_mean { value / count as f64 } else { value };
        Ok(ScalarValue::Float64((count > 0).then_some(found)))
    }

    fn size(&self) -> usize {
        size_of::<Self>()
            + self.rows.older.capacity() * size_of::<Sum>()
            + self.rows.younger.capacity() * size_of::<Option<f64>>()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        internal_err!("a sliding window has no partial state")
    }

    fn merge_batch(&mut self, _states: &[ArrayRef]) -> Result<()> {
        internal_err!("a sliding window has no partial state")
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        for _ in 0..values.first().map_or(0, |array| array.len()) {
            if !self.rows.pop() {
                return internal_err!("more rows left the window than came in");
            }
        }
        Ok(())
    }

    fn supports_retract_batch(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::Float64Array;
    use std::sync::Arc;

    fn floats(values: &[Option<f64>]) -> [ArrayRef; 1] {
        [Arc::new(Float64Array::from(values.to_vec()))]
    }

    #[test]
    fn nothing_stays_behind() {
        let rows = [1e17, 1.0, f64::INFINITY, 2.0, f64::NAN, 3.0, 4.0].map(Some);
        let mut sum = SlidingSum::new(false);
        sum.update_batch(&floats(&[Some(0.5), None])).unwrap();
        sum.retract_batch(&floats(&[Some(0.5), None])).unwrap();
        assert_eq!(sum.evaluate().unwrap(), ScalarValue::Float64(None));
        sum.update_batch(&floats(&rows)).unwrap();
        sum.retract_batch(&floats(&rows[..5])).unwrap();
        assert_eq!(sum.evaluate().unwrap(), ScalarValue::Float64(Some(7.0)));
        sum.update_batch(&floats(&[Some(0.25)])).unwrap();
        sum.retract_batch(&floats(&rows[5..])).unwrap();
        assert_eq!(sum.evaluate().unwrap(), ScalarValue::Float64(Some(0.25)));
        assert!(sum.retract_batch(&floats(&rows)).is_err());
    }
}
