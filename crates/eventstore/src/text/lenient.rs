//! Reading a text file for an import: what cannot be read goes to the rejects, and reading goes on behind it.

use super::batches::{Batches, csv_header};
use super::bytes::chunks;
use super::columns::{Bound, Columns, all_text};
use super::csv::Cells;
use super::failure::failed;
use super::ndjson::Rows;
use super::records::{Lot, Records};
use crate::files::FileKind;
use crate::lenient::{Sieve, Told, failing, lenient_project};
use crate::store::import::rejects::shortened;
use arrow::array::RecordBatch;
use datafusion::common::{DataFusionError, Result, internal_err};
use futures::stream::{StreamExt, TryStreamExt, try_unfold};
use object_store::ObjectStore;
use object_store::path::Path;
use std::ops::Range;
use std::sync::Arc;

/// A text file to be read.
pub(crate) struct TextFile {
    /// Where it is stored.
    pub(crate) store: Arc<dyn ObjectStore>,
    /// Its place there.
    pub(crate) location: Path,
    /// What it holds.
    pub(crate) kind: FileKind,
}

/// All rows of a file that can be read, in order. The error is that of a file which cannot be read on.
pub(crate) fn lenient_rows(
    file: TextFile,
    columns: Columns,
    batch_size: usize,
    sieve: Sieve,
) -> Batches {
    let place = Arc::clone(&sieve.place);
    let opening = async move {
        let reading = open(&file, &columns, batch_size, sieve).await?;
        Ok::<Batches, DataFusionError>(match reading {
            Some(reading) => try_unfold(reading, |mut reading| async move {
                Ok(reading.next().await?.map(|batch| (batch, reading)))
            })
            .boxed(),
            None => futures::stream::empty().boxed(),
        })
    };
    futures::stream::once(opening)
        .try_flatten()
        .map_err(move |error| failed(&place, &error))
        .boxed()
}

/// A file that is being read.
struct Reading {
    records: Records,
    parser: Parser,
    bound: Bound,
    batch_size: usize,
    sieve: Sieve,
}

/// What makes batches of records.
enum Parser {
    /// Of lines of JSON.
    Lines(Rows),
    /// Of rows of CSV.
    Rows(Cells),
}

/// `None`: the file has no header, and so no rows.
async fn open(
    file: &TextFile,
    columns: &Columns,
    batch_size: usize,
    sieve: Sieve,
) -> Result<Option<Reading>> {
    let (store, location) = (file.store.as_ref(), &file.location);
    match file.kind {
        FileKind::Ndjson { compression } => {
            let records = Records::lines(chunks(store, location, compression, 0).await?);
            let bound = columns.bind(&all_text(&columns.table))?;
            let parser = Parser::Lines(Rows::new(Arc::clone(&bound.input), &[]));
            Ok(Some(Reading { records, parser, bound, batch_size, sieve }))
        }
        FileKind::Csv { delimiter, compression } => {
            let chunks = chunks(store, location, compression, 0).await?;
            let Some((schema, chunks)) = csv_header(chunks, delimiter).await? else {
                return Ok(None);
            };
            let mut records = Records::rows(chunks, delimiter);
            // The header.
            records.next(1).await?;
            let bound = columns.bind(&schema)?;
            let parser = Parser::Rows(Cells { schema, delimiter, columns: bound.indices.clone() });
            Ok(Some(Reading { records, parser, bound, batch_size, sieve }))
        }
        FileKind::Parquet => internal_err!("a Parquet file was taken for text"),
    }
}

impl Reading {
    /// The next batch with rows in it.
    async fn next(&mut self) -> Result<Option<RecordBatch>> {
        while let Some(mut lot) = self.records.next(self.batch_size).await? {
            let lost = std::mem::take(&mut lot.lost);
            let parsed = self.parser.parse(lot, &self.sieve)?;
            for lost in lost {
                self.sieve.reject(Some(lost.line), lost.reason, lost.text)?;
            }
            let Some((batch, lot)) = parsed else { continue };
            let batch = lenient_project(batch, &self.bound, &lot, &self.sieve)?;
            if batch.num_rows() > 0 {
                return Ok(Some(batch));
            }
        }
        Ok(None)
    }
}

impl Parser {
    /// The records that can be read, as a batch and as they are.
    fn parse(&mut self, lot: Lot, sieve: &Sieve) -> Result<Option<(RecordBatch, Lot)>> {
        match self {
            Self::Lines(rows) => objects(rows, lot, sieve),
            Self::Rows(cells) => cell_rows(cells, lot, sieve),
        }
    }
}

fn objects(rows: &mut Rows, lot: Lot, sieve: &Sieve) -> Result<Option<(RecordBatch, Lot)>> {
    // Lines that are no rows: wrong or blank ones.
    let mut others = Vec::new();
    for record in 0..lot.len() {
        let before = rows.len();
        if let Err(wrong) = rows.push(lot.record(record)) {
            sieve.reject(Some(lot.line(record)), wrong.reason().to_owned(), lot.text(record))?;
        }
        if rows.len() == before {
            others.push(record);
        }
    }
    if rows.len() == 0 {
        return Ok(None);
    }
    let lot = if others.is_empty() { lot } else { lot.without(&others) };
    Ok(Some((rows.finish()?, lot)))
}

fn cell_rows(cells: &Cells, lot: Lot, sieve: &Sieve) -> Result<Option<(RecordBatch, Lot)>> {
    if lot.len() == 0 {
        return Ok(None);
    }
    if let Ok(batch) = cells.read(lot.records(0..lot.len()), lot.len()) {
        return Ok(Some((batch, lot)));
    }
    let mut wrong = Vec::new();
    let mut fails = |rows: Range<usize>| cells.read(lot.records(rows.clone()), rows.len()).err();
    failing(0..lot.len(), &mut fails, &mut wrong);
    let records: Vec<usize> = wrong.iter().map(|(record, _)| *record).collect();
    for (record, error) in wrong {
        let reason = cells.wrong(lot.record(record), error);
        sieve.reject(Some(lot.line(record)), reason, lot.text(record))?;
    }
    let lot = lot.without(&records);
    if lot.len() == 0 {
        return Ok(None);
    }
    let batch = cells.read(lot.records(0..lot.len()), lot.len())?;
    Ok(Some((batch, lot)))
}

impl Told for Lot {
    fn line(&self, row: usize) -> u64 {
        self.line(row)
    }

    fn text(&self, row: usize) -> String {
        shortened(self.record(row))
    }
}
