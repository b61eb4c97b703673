//! Cuts a text file into records: the lines of NDJSON, or the rows of CSV, whose cells may hold line ends.
//!
//! Reading leniently needs each row's own bytes and line, which the decoder of whole CSV files does not tell.

use super::bytes::Chunks;
use super::csv::Quotes;
use crate::store::import::rejects::{self, shortened};
use datafusion::common::Result;
use futures::TryStreamExt;
use std::ops::Range;

/// Longest record that is taken; what is longer was meant as several, with a quote too much or line ends of another kind.
pub(super) const LONGEST: usize = 64 * 1024 * 1024;

/// Bytes of records behind which a lot is full: rows may be of megabytes.
const FULL: usize = 8 * 1024 * 1024;

/// Records in order, each with a line end behind it.
#[derive(Debug, Default)]
pub(super) struct Lot {
    bytes: Vec<u8>,
    /// Where each ends in `bytes`.
    ends: Vec<usize>,
    /// The lines of the file on which they begin.
    lines: Vec<u64>,
    /// Records of the same part of the file that cannot be taken.
    pub(super) lost: Vec<Lost>,
}

/// A record that cannot be taken.
#[derive(Debug)]
pub(super) struct Lost {
    /// Where it begins.
    pub(super) line: u64,
    /// What is wrong with it.
    pub(super) reason: String,
    /// Its beginning.
    pub(super) text: String,
}

impl Lot {
    /// Number of records.
    pub(super) const fn len(&self) -> usize {
        self.ends.len()
    }

    /// Where a record begins.
    fn start(&self, record: usize) -> usize {
        // Behind the end of the one before, and its line end.
        let before = record.checked_sub(1).and_then(|before| self.ends.get(before));
        before.map_or(0, |end| end + 1)
    }

    /// The bytes of a record.
    pub(super) fn record(&self, record: usize) -> &[u8] {
        let end = self.ends.get(record).copied().unwrap_or_default();
        self.bytes.get(self.start(record)..end).unwrap_or_default()
    }

    /// The bytes of several, each with its line end.
    pub(super) fn records(&self, records: Range<usize>) -> &[u8] {
        self.bytes.get(self.start(records.start)..self.start(records.end)).unwrap_or_default()
    }

    /// The line on which a record begins.
    pub(super) fn line(&self, record: usize) -> u64 {
        self.lines.get(record).copied().unwrap_or_default()
    }

    /// The records but for some, whose numbers ascend.
    pub(super) fn without(&self, records: &[usize]) -> Self {
        let mut others = Self::default();
        for record in (0..self.len()).filter(|record| records.binary_search(record).is_err()) {
            others.bytes.extend_from_slice(self.record(record));
            others.close(self.line(record));
        }
        others
    }

    /// Makes a record of the bytes behind the last one.
    fn close(&mut self, line: u64) {
        self.ends.push(self.bytes.len());
        self.lines.push(line);
        self.bytes.push(b'\n');
    }
}

/// Where records end.
enum Ends {
    /// At every line end.
    Lines,
    /// At line ends outside of quotes.
    Rows(Quotes),
}

/// The records of a file.
pub(super) struct Records {
    chunks: Chunks,
    ends: Ends,
    /// The chunk at hand; bytes before `at` are done.
    chunk: Vec<u8>,
    at: usize,
    /// Number of the line of the next byte.
    line: u64,
}

impl Records {
    /// Lines.
    pub(super) const fn lines(chunks: Chunks) -> Self {
        Self::new(chunks, Ends::Lines)
    }

    /// Rows of CSV, the header first.
    pub(super) const fn rows(chunks: Chunks, delimiter: u8) -> Self {
        Self::new(chunks, Ends::Rows(Quotes::new(delimiter)))
    }

    const fn new(chunks: Chunks, ends: Ends) -> Self {
        Self { chunks, ends, chunk: Vec::new(), at: 0, line: 1 }
    }

    /// The next records, at most so many; `None` at the end of the file. Empty ones are passed over.
    pub(super) async fn next(&mut self, records: usize) -> Result<Option<Lot>> {
        let mut lot = Lot::default();
        while lot.len() < records && lot.bytes.len() < FULL {
            if !self.read(&mut lot).await? {
                let is_empty = lot.len() == 0 && lot.lost.is_empty();
                return Ok((!is_empty).then_some(lot));
            }
        }
        Ok(Some(lot))
    }

    /// Reads one record into the lot; whether there was one.
    async fn read(&mut self, lot: &mut Lot) -> Result<bool> {
        let start = lot.bytes.len();
        let (line, mut is_long) = (self.line, false);
        loop {
            if !self.fill().await? {
                return Ok(self.last(lot, start, line, is_long));
            }
            let rest = self.chunk.get(self.at..).unwrap_or_default();
            let end = self.ends.find(rest);
            let content = rest.get(..end.unwrap_or(rest.len())).unwrap_or(rest);
            // The byte at which it ends belongs to it, and may be a line end.
            let taken = content.len() + usize::from(end.is_some());
            let done = rest.get(..taken).unwrap_or(rest);
            self.line += done.iter().filter(|byte| **byte == b'\n').count() as u64;
            self.at += taken;
            if !is_long {
                lot.bytes.extend_from_slice(content);
                is_long = lot.bytes.len() - start > LONGEST;
            }
            if end.is_some() {
                lot.finish(start, line, is_long);
                return Ok(true);
            }
            if is_long {
                // Its beginning is all that will be shown of it.
                lot.bytes.truncate(start + 2 * rejects::LONGEST);
            }
        }
    }

    /// The record that the end of the file ends; whether there is one.
    fn last(&self, lot: &mut Lot, start: usize, line: u64, is_long: bool) -> bool {
        if lot.bytes.len() == start {
            return false;
        }
        match &self.ends {
            Ends::Rows(quotes) if quotes.is_open() => {
                let opened = quotes.opened as u64;
                let reason = format!(
                    "the quote that begins here is not closed before the end of the file, on line {}: \
                     nothing behind it is read",
                    self.line
                );
                lot.lose(start, opened, reason);
            }
            _ => lot.finish(start, line, is_long),
        }
        true
    }

    /// Sees to it that bytes are at hand; whether there are any.
    async fn fill(&mut self) -> Result<bool> {
        while self.at >= self.chunk.len() {
            let Some(chunk) = self.chunks.try_next().await? else { return Ok(false) };
            self.chunk = chunk;
            self.at = 0;
        }
        Ok(true)
    }
}

impl Lot {
    /// Makes a record of the bytes from `start` on, unless there are none or too many.
    fn finish(&mut self, start: usize, line: u64, is_long: bool) {
        if is_long {
            let reason = format!("it is longer than {} MiB", LONGEST / 1024 / 1024);
            self.lose(start, line, reason);
        } else if self.bytes.len() > start {
            self.close(line);
        }
    }

    /// Takes the bytes from `start` on for a record that cannot be taken.
    fn lose(&mut self, start: usize, line: u64, reason: String) {
        let text = shortened(self.bytes.get(start..).unwrap_or_default());
        self.bytes.truncate(start);
        self.lost.push(Lost { line, reason, text });
    }
}

impl Ends {
    /// Where the record ends that goes on with those bytes.
    fn find(&mut self, bytes: &[u8]) -> Option<usize> {
        match self {
            Self::Lines => bytes.iter().position(|byte| *byte == b'\n'),
            Self::Rows(quotes) => bytes.iter().position(|byte| {
                quotes.follow(*byte);
                matches!(byte, b'\r' | b'\n') && !quotes.is_open()
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::StreamExt;

    /// Lines and texts of the records, and of the lost ones, in chunks of each size.
    async fn cut(text: &str, delimiter: Option<u8>) -> Vec<(u64, String)> {
        let mut all = Vec::new();
        for size in [1, 2, 3, 1000] {
            let chunks: Vec<_> =
                text.as_bytes().chunks(size).map(|part| Ok(part.to_vec())).collect();
            let chunks = futures::stream::iter(chunks).boxed();
            let mut records = match delimiter {
                Some(delimiter) => Records::rows(chunks, delimiter),
                None => Records::lines(chunks),
            };
            let mut found = Vec::new();
            while let Some(lot) = records.next(2).await.unwrap() {
                assert!(lot.len() <= 2);
                let told = |record| String::from_utf8(lot.record(record).to_vec()).unwrap();
                found.extend((0..lot.len()).map(|record| (lot.line(record), told(record))));
                found.extend(lot.lost.into_iter().map(|lost| (lost.line, lost.reason)));
            }
            assert!(all.is_empty() || all == found, "chunks of {size}");
            all = found;
        }
        all
    }

    fn told(records: &[(u64, &str)]) -> Vec<(u64, String)> {
        records.iter().map(|(line, text)| (*line, (*text).to_owned())).collect()
    }

    #[tokio::test]
    async fn lines_are_cut() {
        let records = cut("a\n\n\"b\nc\r\n\nd", None).await;
        assert_eq!(records, told(&[(1, "a"), (3, "\"b"), (4, "c\r"), (6, "d")]));
        assert!(cut("", None).await.is_empty());
    }

    #[tokio::test]
    async fn rows_are_cut() {
        let records = cut("a,b\r\n\n\"x\ny\",\"\"\"\n\"\n1\",2\n3,4", Some(b',')).await;
        let rows = [(1, "a,b"), (3, "\"x\ny\",\"\"\"\n\""), (6, "1\",2"), (7, "3,4")];
        assert_eq!(records, told(&rows));
        let records = cut("a\n1,\"2\n3\n4", Some(b',')).await;
        assert_eq!(records.len(), 2);
        assert!(matches!(records.last(), Some((2, reason)) if reason.contains("on line 4")));
    }

    #[tokio::test]
    async fn a_record_without_end_is_lost_alone() {
        let chunks = (0..=LONGEST / 1024 / 1024).map(|_| Ok(vec![b'x'; 1024 * 1024]));
        let chunks = chunks.chain([Ok(b"\nb".to_vec())]).collect::<Vec<_>>();
        let mut records = Records::lines(futures::stream::iter(chunks).boxed());
        let lot = records.next(10).await.unwrap().unwrap();
        assert_eq!((lot.len(), lot.record(0), lot.line(0)), (1, &b"b"[..], 2));
        let lost = lot.lost.first().unwrap();
        assert_eq!((lost.line, lost.reason.as_str()), (1, "it is longer than 64 MiB"));
        assert!(lost.text.len() < 2 * rejects::LONGEST && lot.bytes.len() == 2);
    }

    #[tokio::test]
    async fn a_lot_can_do_without_some() {
        let chunks = futures::stream::iter([Ok(b"a\nb\n\nc\nd".to_vec())]).boxed();
        let lot = Records::lines(chunks).next(10).await.unwrap().unwrap();
        assert_eq!(lot.records(1..3), b"b\nc\n");
        let others = lot.without(&[0, 2]);
        assert_eq!((others.len(), others.record(0), others.line(1)), (2, &b"b"[..], 5));
        assert_eq!(others.records(0..2), b"b\nd\n");
    }
}
