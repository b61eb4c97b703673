//! A store's streams and those of the rows that moved, as one plan.

use super::exec::MovedScanExec;
use super::gather::{Gathering, Wanted};
use super::moves::{FileMoves, Moved, own_rank};
use crate::parts::{Part, StoredFile};
use crate::store::narrow::opened::{Opened, opened, owned};
use crate::store::narrow::{CONCURRENT, Narrow, NarrowRequest, NarrowScanExec, Opening, Stream};
use crate::table::FileTable;
use datafusion::catalog::Session;
use datafusion::common::Result;
use datafusion::physical_plan::ExecutionPlan;
use events::column;
use events::layout::{OrderedStream, StreamMarks};
use futures::{StreamExt, TryStreamExt};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// The streams of a scan without the rows that moved, and behind them those of the rows that did. It is the scan alone
/// where none of its files has any.
pub(in crate::store::narrow) async fn plan(
    table: &FileTable,
    moved: &Arc<Moved>,
    opening: &Opening<'_>,
    scan: NarrowScanExec,
    session: &dyn Session,
) -> Result<Narrow> {
    let files = touched(table, moved, opening.request);
    let events = opening.clusters.then(|| names(scan.layout()));
    if files.is_empty() || events.as_ref().is_some_and(Vec::is_empty) {
        return Ok(Narrow { moved: Some(Arc::clone(moved)), ..Narrow::of(scan) });
    }
    let places = Opening { request: opening.request, clusters: false, ties: false };
    let (mut moves, mut tasks) = (Vec::new(), Vec::new());
    for (part, file, of_file) in files {
        moves.push(of_file);
        tasks.push(opened(part, file, &places, session));
    }
    let files: Vec<Opened> =
        futures::stream::iter(tasks).buffered(CONCURRENT).try_collect().await?;
    let mut streams = scan.layout().to_vec();
    for stream in &mut streams {
        stream.rank = own_rank(stream.rank);
    }
    let (first, targets) = (streams.len(), targets(&moves));
    streams.extend(described(&targets, events.as_deref()));
    let of_file = |stream: &Stream| moved.of_file(stream.event_file());
    let left = scan.streams.iter().map(of_file);
    let left = left.map(|moves| Some(Arc::clone(&moves?.actors))).collect();
    let each = events.as_ref().map_or(1, Vec::len);
    let marks = marks_of(&scan, opening.request, &streams);
    let by_row = matches!(marks, StreamMarks::Column { .. });
    let wanted = Wanted {
        streams: targets.into_keys().zip((0..).step_by(each)).collect(),
        count: streams.len() - first,
        // Where a column tells marks, rows without any are left out later.
        events: if by_row { None } else { wanted_events(opening.request, events) },
        carried: opening.request.columns.len() + usize::from(by_row),
        schema: scan.schema(),
    };
    let files = files.into_iter().zip(moves);
    let gathering = gathering(table, opening.request, wanted, &scan.marks, files)?;
    let plan = Arc::new(MovedScanExec::new(scan, left, gathering)?);
    Ok(Narrow { plan, streams, marks, moved: Some(Arc::clone(moved)) })
}

/// The marks that rows of all streams may have: those of the scan come first.
fn marks_of(
    scan: &NarrowScanExec,
    request: &NarrowRequest,
    streams: &[OrderedStream],
) -> StreamMarks {
    let of_events = request.marks_of_events();
    let all = of_events.as_ref().map_or(1, |marks| marks.values().fold(0, |all, own| all | own));
    let of_event = |event: &Arc<str>| {
        of_events.as_ref().map_or(1, |marks| marks.get(&**event).copied().unwrap_or_default())
    };
    let mut marks = scan.marks.all().to_vec();
    let moved = streams.get(marks.len()..).unwrap_or_default();
    marks.extend(moved.iter().map(|stream| stream.event.as_ref().map_or(all, of_event)));
    match &scan.marks {
        StreamMarks::Constant(_) => StreamMarks::Constant(marks),
        StreamMarks::Column { index, .. } => StreamMarks::Column { index: *index, possible: marks },
    }
}

/// The event files of a window of time of which rows moved, as an optimize reads them.
fn touched<'t>(
    table: &'t FileTable,
    moved: &Moved,
    request: &NarrowRequest,
) -> Vec<(&'t Part, &'t StoredFile, Arc<FileMoves>)> {
    let mut touched = Vec::new();
    for part in table.parts() {
        for file in &part.files {
            let (min, max) = file.times.unwrap_or((i64::MIN, i64::MAX));
            let moves = moved.of_file(&file.meta.location);
            if let Some(moves) = moves.filter(|_| request.wants_times(min, max)) {
                touched.push((part, file, Arc::clone(moves)));
            }
        }
    }
    touched
}

/// The events that streams have, by name.
fn names(streams: &[OrderedStream]) -> Vec<Arc<str>> {
    let names: BTreeSet<Arc<str>> =
        streams.iter().filter_map(|stream| stream.event.clone()).collect();
    names.into_iter().collect()
}

/// Where rows moved to, by bucket and rank, and how many.
type Targets = BTreeMap<(u32, u32), u64>;

fn targets(moves: &[Arc<FileMoves>]) -> Targets {
    let mut targets = Targets::new();
    for stretch in moves.iter().flat_map(|moves| &moves.stretches) {
        *targets.entry((stretch.bucket, stretch.rank)).or_default() += stretch.rows.len() as u64;
    }
    targets
}

/// What the streams of rows that moved hold: one for each target, or one for each target and event.
fn described(targets: &Targets, events: Option<&[Arc<str>]>) -> Vec<OrderedStream> {
    let mut streams = Vec::new();
    for ((bucket, rank), rows) in targets {
        let stream = |event| OrderedStream { bucket: *bucket, rank: *rank, event, rows: *rows };
        match events {
            None => streams.push(stream(None)),
            Some(events) => {
                streams.extend(events.iter().map(|event| stream(Some(Arc::clone(event)))));
            }
        }
    }
    streams
}

/// Whether events are told apart, and which stream of a target has an event's rows.
fn wanted_events(
    request: &NarrowRequest,
    events: Option<Vec<Arc<str>>>,
) -> Option<HashMap<Arc<str>, usize>> {
    match (events, &request.events) {
        (Some(events), _) => Some(events.into_iter().zip(0..).collect()),
        (None, Some(events)) => {
            Some(events.iter().map(|event| (event.as_str().into(), 0)).collect())
        }
        (None, None) => None,
    }
}

/// The reading of rows that moved, at their places in event files.
fn gathering(
    table: &FileTable,
    request: &NarrowRequest,
    wanted: Wanted,
    marks: &StreamMarks,
    files: impl Iterator<Item = (Opened, Arc<FileMoves>)>,
) -> Result<Gathering> {
    let mut columns = request.columns.clone();
    if wanted.events.is_some() {
        columns.push(column::EVENT.to_owned());
    }
    let columns = Arc::new(table.columns_of(&columns)?);
    // Rows are marked as those of the scan are, so that they come with a column of marks or without it.
    let of_events = request.marks_of_events();
    let events = match marks {
        StreamMarks::Constant(_) => None,
        StreamMarks::Column { .. } => of_events.as_ref().map(owned),
    };
    let (mut streams, mut layout, mut moves) = (Vec::new(), Vec::new(), Vec::new());
    for (file, of_file) in files {
        let rows = of_file.stretches.iter().map(|stretch| stretch.rows.len() as u64).sum();
        layout.push(OrderedStream { bucket: file.bucket, rank: file.rank, event: None, rows });
        let places = of_file.stretches.iter().map(|stretch| stretch.rows.clone());
        streams.push(Stream::of_rows(Arc::new(file), places, events.clone()));
        moves.push(of_file);
    }
    let rows = layout.iter().map(|stream| stream.rows).sum();
    let scan = NarrowScanExec::of(streams, layout, marks.clone(), rows, columns)?;
    Ok(Gathering { scan, moves, wanted })
}
