//! Reading less of a store's event files than all rows, with the same answers.
//!
//! Filters on persons leave the files of their buckets, and of those the row groups and pages with their ordinals. Filters on
//! rare events leave the files that have such events, and of those the pages in which clusters say that they are. A window of
//! time leaves the files with rows in it. All filters are asked of the rows as well: what is said here only leaves out rows
//! that they would refuse.

mod persons;
mod positions;
mod wanted;

pub(super) use wanted::{both, bound, is_of_times, texts_of};

use super::{NarrowRequest, PERSON_COLUMN, Persons};
use crate::reach::{Reach, Reaches};
use crate::table::FileTable;
use datafusion::catalog::Session;
use datafusion::common::Result;
use datafusion::logical_expr::Expr;
use events::column;

/// What is to be read of a store's event files.
pub(super) struct Pruned {
    /// Filters for the reader.
    pub(super) filters: Vec<Expr>,
    /// What it reads of each file.
    pub(super) reaches: Reaches,
}

/// Whether a filter asks for persons that can be looked up. It is to be applied above the scan, which reads by ordinals.
pub(super) fn asks_for_persons(filter: &Expr) -> bool {
    texts_of(filter, PERSON_COLUMN).is_some_and(|texts| texts.len() <= persons::MOST)
}

/// What filters leave to be read of a store's events. Without `persons` those on persons leave everything.
pub(super) async fn pruned(
    table: &FileTable,
    persons: Option<&Persons>,
    filters: &[Expr],
    session: &dyn Session,
) -> Result<Pruned> {
    let Asked { request, persons: texts, mut filters } = asked(filters);
    let places = match (persons, texts) {
        (Some(persons), Some(texts)) => Some(persons::by_bucket(&persons.places(&texts).await?)),
        _ => None,
    };
    filters.extend(places.iter().flat_map(persons::filters));
    let (mut reaches, mut left) = (Reaches::default(), Vec::new());
    for part in table.parts() {
        for file in &part.files {
            let (min, max) = file.times.unwrap_or((i64::MIN, i64::MAX));
            let is_theirs = places.as_ref().is_none_or(|places| places.contains_key(&file.ordinal));
            if is_theirs && request.wants_times(min, max) {
                left.push((part, file));
            } else {
                reaches.set(file, Reach::Nothing);
            }
        }
    }
    // Ordinals of few persons leave a few pages: where requests are dear, clusters leave hardly less.
    let count = |places: &persons::Places| places.values().map(Vec::len).sum::<usize>();
    let are_few = places.as_ref().is_some_and(|places| count(places) <= FEW)
        && left.iter().all(|(part, _)| !part.is_here());
    if request.events.is_some() && !are_few {
        positions::look_up(&left, &request, session, &mut reaches).await;
    }
    Ok(Pruned { filters, reaches })
}

/// Persons whose rows are few pages of a store.
const FEW: usize = 20;

/// What filters ask for.
struct Asked {
    /// Events and times.
    request: NarrowRequest,
    /// Persons; all if not given.
    persons: Option<Vec<String>>,
    /// The filters that the reader applies: all but those on persons.
    filters: Vec<Expr>,
}

fn asked(filters: &[Expr]) -> Asked {
    let mut asked = Asked { request: NarrowRequest::default(), persons: None, filters: Vec::new() };
    for filter in filters {
        if let Some(texts) = texts_of(filter, PERSON_COLUMN) {
            both(&mut asked.persons, texts);
            continue;
        }
        if let Some(texts) = texts_of(filter, column::EVENT) {
            both(&mut asked.request.events, texts);
        } else if is_of_times(filter) {
            bound(filter, &mut asked.request);
        }
        asked.filters.push(filter.clone());
    }
    asked
}
