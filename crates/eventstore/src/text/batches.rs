//! Streams of batches from the chunks of a text file.

use super::bytes::{Chunks, Origin};
use super::failure::{broken, failed};
use super::{csv, ndjson::Rows};
use arrow::array::RecordBatch;
use arrow::csv::reader::Decoder;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use datafusion::common::{DataFusionError, Result};
use futures::stream::{BoxStream, StreamExt, TryStreamExt, try_unfold};

/// Batches of a file.
pub(crate) type Batches = BoxStream<'static, Result<RecordBatch>>;

/// The part of an uncompressed NDJSON file that a partition reads: the lines that start in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    /// First byte.
    pub(super) start: u64,
    /// Byte behind the last one.
    pub(super) end: u64,
}

impl Span {
    /// All of a file.
    pub(super) const ALL: Self = Self { start: 0, end: u64::MAX };

    /// Where reading must begin: one byte before, to see whether a line starts at `start`.
    pub(super) const fn offset(self) -> u64 {
        self.start.saturating_sub(1)
    }
}

/// Batches of an NDJSON file, collected by `rows`, whose `origin` is asked for the numbers of wrong lines.
pub(super) fn ndjson(
    chunks: Chunks,
    rows: Rows,
    batch_size: usize,
    span: Span,
    origin: Origin,
) -> Batches {
    let lines = Lines {
        chunks,
        buffer: Vec::new(),
        at: 0,
        offset: span.offset(),
        skip: span.start > 0,
        span,
        ended: false,
    };
    let state = (lines, rows, origin);
    try_unfold(state, move |(mut lines, mut rows, origin)| async move {
        while rows.len() < batch_size {
            let next = lines.next().await.map_err(|error| failed(&origin.place, &error))?;
            let Some(line) = next else { break };
            let bytes = lines.buffer.get(line.start..line.end).unwrap_or_default();
            if let Err(what) = rows.push(bytes) {
                let number = origin.line(line.offset).await;
                let number = number.map_err(|error| failed(&origin.place, &error))?;
                return Err(broken(&origin.place, format!("line {number}: {what}")));
            }
        }
        if rows.len() == 0 {
            return Ok(None);
        }
        let batch = rows.finish()?;
        Ok(Some((batch, (lines, rows, origin))))
    })
    .boxed()
}

/// Cuts chunks into lines.
struct Lines {
    chunks: Chunks,
    /// Bytes that were read; those before `at` are done.
    buffer: Vec<u8>,
    at: usize,
    /// Place in the file of `buffer[at]`.
    offset: u64,
    /// The line at the start began before the span: it is another partition's.
    skip: bool,
    span: Span,
    ended: bool,
}

/// A line in the buffer.
struct Line {
    start: usize,
    end: usize,
    /// Its place in the file.
    offset: u64,
}

impl Lines {
    async fn next(&mut self) -> Result<Option<Line>> {
        let mut searched = self.at;
        loop {
            if self.offset >= self.span.end {
                return Ok(None);
            }
            let rest = self.buffer.get(searched..).unwrap_or_default();
            if let Some(found) = rest.iter().position(|byte| *byte == b'\n') {
                let line = self.take(searched + found, 1);
                searched = self.at;
                if std::mem::take(&mut self.skip) {
                    continue;
                }
                return Ok(Some(line));
            }
            if self.ended {
                return Ok((self.at < self.buffer.len() && !self.skip)
                    .then(|| self.take(self.buffer.len(), 0)));
            }
            searched = self.read().await?;
        }
    }

    /// The line up to `end`, and `newline` bytes behind it.
    fn take(&mut self, end: usize, newline: usize) -> Line {
        let line = Line { start: self.at, end, offset: self.offset };
        self.offset += (end + newline - self.at) as u64;
        self.at = end + newline;
        line
    }

    /// Reads one more chunk and returns where its bytes begin in the buffer.
    async fn read(&mut self) -> Result<usize> {
        self.buffer.drain(..self.at);
        self.at = 0;
        let fresh = self.buffer.len();
        match self.chunks.try_next().await? {
            Some(chunk) => self.buffer.extend_from_slice(&chunk),
            None => self.ended = true,
        }
        Ok(fresh)
    }
}

/// The header of a CSV file and the chunks from its beginning.
pub(super) async fn csv_header(
    mut chunks: Chunks,
    delimiter: u8,
) -> Result<Option<(SchemaRef, Chunks)>> {
    let mut start = Vec::new();
    loop {
        let chunk = chunks.try_next().await?;
        let last = chunk.is_none();
        start.extend_from_slice(&chunk.unwrap_or_default());
        if last && start.trim_ascii().is_empty() {
            return Ok(None);
        }
        if let Some(schema) = csv::header(&start, delimiter, last)? {
            let bom = if start.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
            start.drain(..bom);
            let all = futures::stream::iter([Ok(start)]).chain(chunks);
            return Ok(Some((schema, all.boxed())));
        }
    }
}

/// Batches of a CSV file, whose `origin` is read again to tell the line of a quote that is not closed.
pub(super) fn csv(chunks: Chunks, decoder: Decoder, delimiter: u8, origin: Origin) -> Batches {
    let cells = Cells { chunks, decoder, delimiter, origin, pending: Vec::new(), ended: false };
    try_unfold(cells, |mut cells| async move {
        cells.fill().await?;
        let batch = cells.decoder.flush().map_err(|error| cells.wrong(error))?;
        Ok(batch.map(|batch| (batch, cells)))
    })
    .boxed()
}

/// Feeds chunks to a decoder of CSV.
struct Cells {
    chunks: Chunks,
    decoder: Decoder,
    delimiter: u8,
    origin: Origin,
    /// Bytes that were read and not yet decoded.
    pending: Vec<u8>,
    /// All of the file is read, and a line end put behind it.
    ended: bool,
}

impl Cells {
    /// Decodes rows until a batch is full or the file ends.
    async fn fill(&mut self) -> Result<()> {
        while self.decoder.capacity() > 0 {
            self.read().await?;
            if self.pending.is_empty() {
                return self.finish().await;
            }
            let consumed = self.decoder.decode(&self.pending).map_err(|error| self.wrong(error))?;
            self.pending.drain(..consumed);
        }
        Ok(())
    }

    /// Sees to it that bytes are pending, unless the file has ended.
    async fn read(&mut self) -> Result<()> {
        while self.pending.is_empty() && !self.ended {
            let next = self.chunks.try_next().await;
            match next.map_err(|error| failed(&self.origin.place, &error))? {
                Some(chunk) => self.pending = chunk,
                None => {
                    self.ended = true;
                    self.pending.push(b'\n');
                }
            }
        }
        Ok(())
    }

    /// Tells the decoder, by an empty input, that the file has ended. The line end put behind the file has ended the last
    /// row unless it fell between quotes: what ends only now, whole or broken, was swallowed by a quote that is not closed.
    async fn finish(&mut self) -> Result<()> {
        let capacity = self.decoder.capacity();
        if self.decoder.decode(&[]).is_ok() && self.decoder.capacity() == capacity {
            return Ok(());
        }
        let line = open_quote(&self.origin, self.delimiter).await;
        let line = line.map_err(|error| failed(&self.origin.place, &error))?;
        let error = csv::unclosed(line).at(&self.origin.place);
        Err(DataFusionError::External(Box::new(error)))
    }

    fn wrong(&self, error: ArrowError) -> DataFusionError {
        broken(&self.origin.place, csv::reason(error))
    }
}

/// Number of the line on which the quote began that is open at the end of a CSV file: it is read once more for that.
async fn open_quote(origin: &Origin, delimiter: u8) -> Result<usize> {
    let mut quotes = csv::Quotes::new(delimiter);
    let chunks = origin.chunks().await?;
    // Behind a byte order mark.
    if let Some((_, mut chunks)) = csv_header(chunks, delimiter).await? {
        while let Some(chunk) = chunks.try_next().await? {
            chunk.iter().for_each(|byte| quotes.follow(*byte));
        }
    }
    Ok(quotes.opened)
}
