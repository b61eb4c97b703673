//! The rows of rare events in event files: clusters say where they are.
//!
//! Without that the names of all rows are decoded and compared, and of columns on object stores all pages are fetched.

use crate::parts::{Part, StoredFile};
use crate::reach::{Reach, Reaches};
use crate::store::NarrowRequest;
use crate::store::narrow::Places;
use datafusion::catalog::Session;
use datafusion::common::Result;
use futures::StreamExt;
use parquet::arrow::arrow_reader::RowSelection;
use std::ops::Range;

/// Files looked up at the same time.
const CONCURRENT: usize = 16;

/// One row of so many may be wanted for positions to be read. A page of long texts has some thousand rows, so that events
/// spread evenly are in every page long before that, and [`USEFUL`] gives them up; but most are not: what a person does often
/// stands together. To be measured.
const RARE: u64 = 20;

/// Rows between two wanted ones that are read along, as skipping them costs as much. Far less than a page has. To be measured.
const GAP: usize = 256;

/// A selection must leave out one of so many rows to be worth having.
const USEFUL: usize = 2;

/// Least bytes of an event file elsewhere whose clusters are asked: that takes a request for the footer, one for the page
/// index, both at first only, and one for each segment.
const FAR: u64 = 8 << 20;

/// Most segments of a file elsewhere whose positions are read.
const SEGMENTS: usize = 4;

/// A file of a table.
pub(super) type File<'a> = (&'a Part, &'a StoredFile);

/// Tells what must be read of some files for the events of a request.
pub(super) async fn look_up(
    files: &[File<'_>],
    request: &NarrowRequest,
    session: &dyn Session,
    reaches: &mut Reaches,
) {
    if !is_worth(files, request, session).await {
        return;
    }
    let mut tasks = Vec::with_capacity(files.len());
    for (part, file) in files {
        tasks.push(of_file(part, file, request, session));
    }
    let found: Vec<Result<Reach>> =
        futures::stream::iter(tasks).buffered(CONCURRENT).collect().await;
    for ((_, file), reach) in files.iter().zip(found) {
        // Clusters hold nothing that is not in event files, too: without them more is read, and as much found.
        reaches.set(file, reach.unwrap_or(Reach::Whole));
    }
}

/// Whether clusters are worth asking. Elsewhere the largest file stands for all, so that common events take one footer.
async fn is_worth(files: &[File<'_>], request: &NarrowRequest, session: &dyn Session) -> bool {
    let largest = files.iter().max_by_key(|(_, file)| file.meta.size);
    let Some((part, file)) = largest else { return false };
    if part.is_here() {
        return true;
    }
    if file.meta.size < FAR {
        return false;
    }
    let places = Places::open(part, file, request, session).await;
    let is_worth = |places: Places| is_rare(&places) && places.segments() <= SEGMENTS;
    places.is_ok_and(|places| places.is_some_and(is_worth))
}

fn is_rare(places: &Places) -> bool {
    places.wanted.saturating_mul(RARE) <= places.rows
}

/// What must be read of one file.
async fn of_file(
    part: &Part,
    file: &StoredFile,
    request: &NarrowRequest,
    session: &dyn Session,
) -> Result<Reach> {
    if !part.is_here() && file.meta.size < FAR {
        return Ok(Reach::Whole);
    }
    let Some(places) = Places::open(part, file, request, session).await? else {
        return Ok(Reach::Whole);
    };
    let rows = usize::try_from(places.rows).ok().filter(|rows| file.rows() == Some(*rows));
    let Some(rows) = rows.filter(|_| is_rare(&places)) else { return Ok(Reach::Whole) };
    if places.wanted == 0 {
        return Ok(Reach::Nothing);
    }
    if !part.is_here() && places.segments() > SEGMENTS {
        return Ok(Reach::Whole);
    }
    let wanted = usize::try_from(places.wanted).ok();
    let places = places.read().await?;
    let is_whole = wanted == Some(places.len());
    let selection = if is_whole { selection(&places, rows) } else { None };
    Ok(selection.map_or(Reach::Whole, Reach::Rows))
}

/// The rows at ascending places of a file of `rows` rows, and those that are read along; `None` if that is no use.
fn selection(places: &[u32], rows: usize) -> Option<RowSelection> {
    if !places.is_sorted_by(|place, next| place < next) {
        return None;
    }
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for place in places {
        let place = usize::try_from(*place).ok().filter(|place| *place < rows)?;
        match ranges.last_mut() {
            Some(range) if place - range.end <= GAP => range.end = place + 1,
            _ => ranges.push(place..place + 1),
        }
    }
    let read: usize = ranges.iter().map(ExactSizeIterator::len).sum();
    (read <= rows - rows / USEFUL)
        .then(|| RowSelection::from_consecutive_ranges(ranges.into_iter(), rows))
}

#[cfg(test)]
mod tests {
    use super::*;
    use parquet::arrow::arrow_reader::RowSelector;

    fn selectors(places: &[u32], rows: usize) -> Option<Vec<RowSelector>> {
        selection(places, rows).map(Vec::from)
    }

    #[test]
    fn neighbours_are_one_run_and_all_rows_are_told() {
        let (select, skip) = (RowSelector::select, RowSelector::skip);
        let far = u32::try_from(GAP).unwrap() + 5;
        let gap = u32::try_from(GAP).unwrap();
        assert_eq!(selectors(&[0, 1, 2], 10_000), Some(vec![select(3), skip(9_997)]));
        assert_eq!(
            selectors(&[3, 3 + far, 9_999], 10_000),
            Some(vec![
                skip(3),
                select(1),
                skip(far as usize - 1),
                select(1),
                skip(10_000 - 5 - far as usize),
                select(1)
            ])
        );
        // So many rows between two are read along.
        let read = gap as usize + 2;
        assert_eq!(
            selectors(&[3, 4 + gap], 10_000),
            Some(vec![skip(3), select(read), skip(10_000 - 3 - read)])
        );
        let apart = selectors(&[3, 5 + gap], 10_000).unwrap();
        assert_eq!(apart.iter().filter(|run| !run.skip).count(), 2);
    }

    #[test]
    fn what_leaves_out_little_or_cannot_be_is_none() {
        let spread: Vec<u32> = (0..100).map(|place| place * 100).collect();
        assert_eq!(selectors(&spread, 10_000), None);
        let half: Vec<u32> = (0..5_000).collect();
        assert!(selectors(&half, 10_000).is_some());
        for wrong in [&[5, 5][..], &[6, 5], &[10_000]] {
            assert_eq!(selectors(wrong, 10_000), None, "{wrong:?}");
        }
    }
}
