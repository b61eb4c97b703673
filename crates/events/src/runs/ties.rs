//! Rows of one actor at one time, of streams with one rank: their ties order them.

use super::batch::RowBatch;
use super::key::{Key, Layout};
use super::stream::Stream;

/// Puts the rows of one run, or of a block whose keys hold actors, in the order of their ties.
///
/// Keys order such rows by slot. Only the slots of the keys are put in another order: as the rows of a stream ascend
/// by ties, the rows that belong to them follow. `actor` tells whose row a key is, `stream` which stream a slot
/// stands for.
pub(super) fn settle<'s, K: Key, B: RowBatch + 's>(
    keys: &mut [K],
    layout: &Layout,
    actor: impl Fn(K) -> u32,
    stream: impl Fn(usize) -> Option<&'s Stream<B>>,
    scratch: &mut Scratch,
) {
    let rank = |key: &K| stream(key.slot(layout)).map_or(0, |stream| stream.rank);
    for same in keys.chunk_by_mut(|one, other| one.ties(*other, layout)) {
        if same.len() == 1 {
            continue;
        }
        for rows in same.chunk_by_mut(|one, other| rank(one) == rank(other)) {
            let (Some(first), Some(last)) = (rows.first().copied(), rows.last()) else { continue };
            if first.slot(layout) == last.slot(layout) {
                continue;
            }
            scratch.order.clear();
            for of_slot in rows.chunk_by(|one, other| one.slot(layout) == other.slot(layout)) {
                let slot = of_slot.first().map_or(0, |key| key.slot(layout));
                scratch.ties.clear();
                if let Some(stream) = stream(slot) {
                    stream.ties_at(actor(first), first.time(layout), &mut scratch.ties);
                }
                scratch.order.extend(scratch.ties.iter().map(|tie| (*tie, slot as u32)));
            }
            scratch.order.sort_unstable();
            for (key, (_, slot)) in rows.iter_mut().zip(&scratch.order) {
                *key = key.with_slot(*slot, layout);
            }
        }
    }
}

/// Buffers that are used again.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    ties: Vec<u32>,
    order: Vec<(u32, u32)>,
}
