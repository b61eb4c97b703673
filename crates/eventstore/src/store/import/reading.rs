//! The first part of an import: the pieces of the source, read in parallel and spilled.

use super::rejects::Rejects;
use super::spill::{Plan, Spill};
use super::work::Unit;
use super::{Import, ImportOptions, ImportPhase, ImportProgress, Tell, chunk};
use crate::store::{PERSON_COLUMN, schema};
use crate::{Error, Source, Table};
use datafusion::common::DataFusionError;
use datafusion::common::runtime::SpawnedTask;
use datafusion::execution::TaskContext;
use datafusion::execution::context::SessionContext;
use datafusion::physical_plan::execute_stream;
use events::column;
use events::source::{ColumnType, SourceColumn, TableKind};
use futures::{StreamExt, TryStreamExt};
use object_store::ObjectMeta;
use std::collections::BTreeSet;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Columns without which a row is of no use.
const REQUIRED: [&str; 3] = [column::TIMESTAMP, column::EVENT, column::DISTINCT_ID];

/// Rows at a time.
const BATCH: usize = 4096;

/// Fewest rows at a time, where they are long.
const FEWEST: usize = 64;

/// Bytes of a batch of a store's rows, roughly.
const BATCH_BYTES: u64 = 16 << 20;

/// How many bytes in memory a byte of an event file stands for, roughly.
const EXPANSION: u64 = 8;

/// Numbers that are kept for a piece which does not tell how many rows it has: none has more, and they last for 2^27
/// pieces.
const NUMBERS: u64 = 1 << 36;

/// The pieces of a source.
#[derive(Debug, Clone, Default)]
pub(super) struct Units {
    pub(super) units: Vec<Piece>,
    pub(super) bytes: u64,
}

/// A row group or a text file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    pub(super) number: usize,
    pub(super) at: (usize, usize, usize),
    /// Number of its first row in the source.
    pub(super) first_row: i64,
    /// Its share of the source's bytes.
    pub(super) bytes: u64,
    /// The file it is of, as a number that the file keeps.
    pub(super) origin: u64,
}

impl Units {
    /// Of the files of some buckets of a store.
    pub(super) fn of_buckets(events: &Table, buckets: &BTreeSet<u32>) -> Self {
        let mut all = Self::of(events);
        let bucket = |piece: &Piece| {
            let bucket = events.table.piece(piece.at)?.number;
            u32::try_from(bucket).ok()
        };
        all.units.retain(|piece| bucket(piece).is_some_and(|bucket| buckets.contains(&bucket)));
        all.bytes = all.units.iter().map(|piece| piece.bytes).sum();
        all
    }

    /// Of a source's events. Rows are numbered in order of arrival, with gaps where files do not tell how many they have.
    pub(super) fn of(events: &Table) -> Self {
        let (mut all, mut next) = (Self::default(), 0_i64);
        for (number, at) in events.table.pieces().into_iter().enumerate() {
            let Some(piece) = events.table.piece(at) else { continue };
            all.units.push(Piece {
                number,
                at,
                first_row: next,
                bytes: piece.bytes,
                origin: origin(piece.meta),
            });
            let rows = piece.rows.unwrap_or(NUMBERS);
            next = next.saturating_add(i64::try_from(rows).unwrap_or(i64::MAX));
            all.bytes += piece.bytes;
        }
        all
    }
}

/// A number for a file, made of its place and size: rows without a uuid are known again by it. The name alone would not do, as
/// files of many folders share theirs.
fn origin(file: &ObjectMeta) -> u64 {
    fnv(file.size, file.location.as_ref().as_bytes())
}

/// FNV-1a of some bytes.
pub(super) fn fnv(salt: u64, bytes: &[u8]) -> u64 {
    let salted = salt.to_le_bytes();
    salted.iter().chain(bytes).fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The columns of the events as a store keeps them: a uuid is always there.
pub(super) fn columns(events: &Table) -> Vec<SourceColumn> {
    let mut columns: Vec<SourceColumn> = schema::columns(&events.schema).cloned().collect();
    if !columns.iter().any(|column| column.name == column::UUID) {
        let name = column::UUID.to_owned();
        columns.insert(0, SourceColumn { name, ty: ColumnType::Uuid, nullable: false });
    }
    columns
}

/// A word that the same sources and options have again.
pub(super) fn fingerprint(
    source: &Source,
    options: &ImportOptions,
    buckets: u32,
    worked_in: &[String],
) -> String {
    let mut text = format!("{buckets} {:?}", options.source.map);
    worked_in.iter().for_each(|path| text.push_str(&format!("\n{path}")));
    for kind in TableKind::ALL {
        let Some(table) = source.table(kind) else { continue };
        for file in &table.files {
            text.push_str(&format!("\n{kind} {} {} {:?}", file.url, file.bytes, file.modified));
        }
    }
    let [a, b] = [0_u64, 1].map(|salt| fnv(salt, text.as_bytes()));
    format!("{a:016x}{b:016x}")
}

/// What all tasks that read have in common.
struct Reading {
    events: Table,
    context: SessionContext,
    plan: Arc<Plan>,
    cancelled: Arc<AtomicBool>,
    rows: AtomicU64,
    /// The columns of a store's rows that are written anew.
    projection: Option<Vec<usize>>,
}

impl Reading {
    /// What a piece of a store is read with. Its reader is told of rows alone, and those of some files are long.
    fn task(&self, (part, file, _): (usize, usize, usize)) -> Arc<TaskContext> {
        let file = self.events.table.parts().get(part).and_then(|part| part.files.get(file));
        let rows = file.and_then(|file| file.statistics.as_ref()?.num_rows.get_value().copied());
        let bytes = file.map_or(0, |file| file.meta.size);
        let batch = rows_at_once(bytes, rows.map_or(u64::MAX, |rows| rows as u64));
        let config = self.context.copied_config().with_batch_size(batch);
        let task = TaskContext::default().with_session_config(config);
        Arc::new(task.with_runtime(self.context.runtime_env()))
    }
}

/// Rows that are read at a time of a store's file of so many bytes and rows.
fn rows_at_once(bytes: u64, rows: u64) -> usize {
    let row = (bytes / rows.max(1)).saturating_mul(EXPANSION).max(1);
    usize::try_from(BATCH_BYTES / row).unwrap_or(BATCH).clamp(FEWEST, BATCH)
}

/// Reads the pieces that are not spilled yet.
pub(super) async fn read(import: &Import<'_>, progress: Tell<'_>) -> Result<Vec<Unit>, Error> {
    let state = import.context.state();
    let config = state.config().clone().with_batch_size(BATCH);
    let context = SessionContext::new_with_config_rt(config, Arc::clone(state.runtime_env()));
    let known: u64 = import.work.units.values().map(|unit| unit.spilled.rows).sum();
    let reading = Arc::new(Reading {
        events: import.events.clone(),
        context,
        plan: Arc::clone(&import.plan),
        cancelled: Arc::clone(&import.options.cancelled),
        rows: AtomicU64::new(known),
        projection: import.plan.stored.then(|| stored_columns(import)),
    });
    let is_done = |piece: &&Piece| import.work.units.contains_key(&piece.number);
    let mut done: u64 = import.units.units.iter().filter(is_done).map(|piece| piece.bytes).sum();
    let waiting: Vec<Piece> =
        import.units.units.iter().filter(|piece| !is_done(piece)).copied().collect();
    let mut tasks = futures::stream::iter(waiting)
        .map(|piece| {
            let (spill, rejects) =
                (import.work.spill(piece.number), import.work.rejects(piece.number));
            let task = SpawnedTask::spawn(unit(Arc::clone(&reading), piece, spill, rejects));
            async move {
                let unit = task.join().await;
                let unit =
                    unit.map_err(|error| Error::internal(format!("a task is lost: {error}")))?;
                Ok::<_, Error>((piece, unit?))
            }
        })
        .buffer_unordered(import.options.threads.get());
    let mut units = Vec::new();
    let tell = |done: u64| {
        let rows = reading.rows.load(Ordering::Relaxed);
        progress(ImportProgress {
            phase: ImportPhase::Reading,
            rows,
            done,
            total: import.units.bytes,
        });
    };
    tell(done);
    while let Some((piece, unit)) = tasks.try_next().await? {
        import.work.unit_done(unit.clone())?;
        units.push(unit);
        done += piece.bytes;
        tell(done);
    }
    Ok(units)
}

/// Places of the columns that a store's rows are written anew from.
fn stored_columns(import: &Import<'_>) -> Vec<usize> {
    let schema = import.events.provider.schema();
    let names = import.plan.columns.iter().map(|column| column.name.as_str());
    let names = names.chain([PERSON_COLUMN]);
    names.filter_map(|name| schema.index_of(name).ok()).collect()
}

/// Reads one piece. When this returns its files are on the disk, as the journal is to name them.
async fn unit(
    reading: Arc<Reading>,
    piece: Piece,
    spill: PathBuf,
    rejects: PathBuf,
) -> Result<Unit, Error> {
    let unwritable = |error: std::io::Error| chunk::unwritable(&rejects, &error);
    let file = File::create(&rejects).map_err(unwritable)?;
    let written = file.try_clone().map_err(unwritable)?;
    let sink = Arc::new(Rejects::new(rejects.display().to_string(), file));
    let state = reading.context.state();
    let table = &reading.events.table;
    let rows = match &reading.projection {
        None => table.scan_rows(&state, piece.at, &REQUIRED, &sink),
        Some(projection) => table
            .scan_piece(&state, piece.at, projection, usize::MAX)
            .and_then(|plan| execute_stream(plan, reading.task(piece.at))),
    };
    let mut rows = rows.map_err(|error| told(&error))?;
    let mut writer = Spill::create(&reading.plan, &spill, piece.first_row, piece.origin)?;
    while let Some(batch) = rows.try_next().await.map_err(|error| told(&error))? {
        if reading.cancelled.load(Ordering::Relaxed) {
            return Err(super::stopped());
        }
        reading.rows.fetch_add(batch.num_rows() as u64, Ordering::Relaxed);
        writer.push(batch)?;
    }
    let spilled = writer.finish()?;
    sink.finish()?;
    let (rejected, reasons) = (sink.count(), sink.by_reason());
    let rejected_bytes = if rejected == 0 {
        std::fs::remove_file(&rejects).map_err(unwritable)?;
        0
    } else {
        let length = written.sync_data().and_then(|()| written.metadata());
        length.map_err(unwritable)?.len()
    };
    Ok(Unit { number: piece.number, spilled, rejected, rejected_bytes, reasons })
}

/// An error of ours as it is, any other as one of the data.
pub(super) fn told(error: &DataFusionError) -> Error {
    match error.find_root() {
        DataFusionError::External(inner) => match inner.downcast_ref::<Error>() {
            Some(error) => error.clone(),
            None => Error::data(inner.to_string()),
        },
        other => Error::data(other.strip_backtrace()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fewer_long_rows_are_read_at_a_time() {
        for (bytes, rows, at_once) in [
            (0, 0, BATCH),
            (80_000_000, 1_000_000, BATCH),
            (100_000 << 10, 100_000, 2048),
            (100_000 << 14, 100_000, 128),
            (u64::MAX, 1, FEWEST),
        ] {
            assert_eq!(rows_at_once(bytes, rows), at_once, "{bytes} bytes, {rows} rows");
        }
    }
}
