//! Rows of a stream without those of some actors.

use arrow::array::{AsArray, BooleanArray, BooleanBufferBuilder, RecordBatch};
use arrow::compute::filter_record_batch;
use arrow::datatypes::UInt32Type;
use datafusion::common::{Result, internal_err};
use std::sync::Arc;

/// Leaves actors out of a stream whose rows ascend by ordinal, the first column.
pub(super) struct Without {
    /// Their ordinals, ascending.
    actors: Arc<[u32]>,
    /// How many of them cannot come any more.
    passed: usize,
}

impl Without {
    /// Without these, which ascend.
    pub(super) const fn new(actors: Arc<[u32]>) -> Self {
        Self { actors, passed: 0 }
    }

    /// The other rows of the next batch: itself if it has none of the actors.
    pub(super) fn next(&mut self, batch: RecordBatch) -> Result<RecordBatch> {
        let ordinals = batch.columns().first();
        let ordinals = ordinals.and_then(|ordinals| ordinals.as_primitive_opt::<UInt32Type>());
        let Some(ordinals) = ordinals else {
            return internal_err!("a narrow batch without ordinals");
        };
        match self.others(ordinals.values()) {
            Some(others) => Ok(filter_record_batch(&batch, &others)?),
            None => Ok(batch),
        }
    }

    /// Which rows are of other actors; `None` if all are.
    fn others(&mut self, ordinals: &[u32]) -> Option<BooleanArray> {
        let (first, last) = (ordinals.first()?, ordinals.last()?);
        let rest = self.actors.get(self.passed..).unwrap_or_default();
        self.passed += rest.partition_point(|actor| actor < first);
        let mut others: Option<BooleanBufferBuilder> = None;
        let mut done = 0;
        for actor in self.actors.get(self.passed..).unwrap_or_default() {
            if actor > last {
                break;
            }
            let behind = ordinals.get(done..).unwrap_or_default();
            let before = behind.partition_point(|ordinal| ordinal < actor);
            let end = behind.partition_point(|ordinal| ordinal <= actor);
            if end > before {
                let others =
                    others.get_or_insert_with(|| BooleanBufferBuilder::new(ordinals.len()));
                others.append_n(before, true);
                others.append_n(end - before, false);
                done += end;
            }
        }
        let mut others = others?;
        others.append_n(ordinals.len() - done, true);
        Some(BooleanArray::new(others.finish(), None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{ArrayRef, UInt32Array};

    fn batch(ordinals: &[u32]) -> RecordBatch {
        let column = |values: &[u32]| -> ArrayRef { Arc::new(UInt32Array::from(values.to_vec())) };
        let times: Vec<u32> = (0..ordinals.len() as u32).collect();
        RecordBatch::try_from_iter([("ordinal", column(ordinals)), ("row", column(&times))])
            .unwrap()
    }

    /// What is left of batches without some actors.
    fn left(actors: &[u32], batches: &[&[u32]]) -> Vec<Vec<u32>> {
        let mut without = Without::new(actors.into());
        let left = batches.iter().map(|ordinals| {
            let left = without.next(batch(ordinals)).unwrap();
            left.column(0).as_primitive::<UInt32Type>().values().to_vec()
        });
        left.collect()
    }

    #[test]
    fn actors_are_left_out_across_batches() {
        let batches: [&[u32]; 5] = [&[1, 1, 2], &[2, 2], &[2, 3, 5], &[], &[5, 7, 9, 9]];
        let whole: Vec<Vec<u32>> = batches.iter().map(|batch| batch.to_vec()).collect();
        assert_eq!(left(&[], &batches), whole);
        assert_eq!(left(&[0, 4, 6, 8, 10], &batches), whole, "actors without rows");
        assert_eq!(
            left(&[2, 9], &batches),
            [vec![1, 1], vec![], vec![3, 5], vec![], vec![5, 7]],
            "one of them in three batches"
        );
        assert!(left(&[1, 2, 3, 5, 7, 9], &batches).concat().is_empty());
        assert_eq!(
            left(&[0, 1, 5, 6], &batches),
            [vec![2], vec![2, 2], vec![2, 3], vec![], vec![7, 9, 9]]
        );
    }

    #[test]
    fn batches_without_them_are_not_copied() {
        let whole = batch(&[3, 3, 4]);
        let left = Without::new([1, 2, 5].into()).next(whole.clone()).unwrap();
        let address =
            |batch: &RecordBatch| batch.column(0).as_primitive::<UInt32Type>().values().as_ptr();
        assert_eq!(address(&left), address(&whole));
    }
}
