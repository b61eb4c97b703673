//! Rows that an import does not take: written down with their reasons, and counted.

use crate::Error;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use std::io::{BufWriter, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Bytes of a row that are kept.
pub(crate) const LONGEST: usize = 64 * 1024;

/// Stands behind a row of which only the beginning is kept.
const MARK: &str = " [cut here]";

/// Bytes of a reason that are kept of its beginning, and of its end.
const REASON: (usize, usize) = (300, 100);

/// Reasons that are counted apart; all others together.
const KINDS: usize = 50;

/// Under which the others are counted.
const OTHERS: &str = "other reasons";

/// A row that is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reject {
    /// The file, as people write it.
    pub(crate) place: String,
    /// The line of a text file on which the row begins, the row's number in a Parquet file; both from 1.
    pub(crate) line: Option<u64>,
    /// What is wrong with it.
    pub(crate) reason: String,
    /// The row as it is written in a text file, else as JSON.
    pub(crate) text: String,
}

/// A line of the file of rejects.
#[derive(Serialize)]
struct Written<'a> {
    file: &'a str,
    line: Option<u64>,
    reason: &'a str,
    row: &'a str,
}

/// Takes rejects from many threads, writes each as a line of JSON, and keeps nothing of them but counts.
pub(crate) struct Rejects {
    /// The file they are written to, as people write it.
    place: String,
    state: Mutex<State>,
}

struct State {
    out: BufWriter<Box<dyn Write + Send>>,
    count: u64,
    reasons: BTreeMap<String, u64>,
}

impl Rejects {
    /// Rejects are written to `out`, the file at `place`.
    pub(crate) fn new(place: impl Into<String>, out: impl Write + Send + 'static) -> Self {
        let out = BufWriter::new(Box::new(out) as Box<dyn Write + Send>);
        let state = Mutex::new(State { out, count: 0, reasons: BTreeMap::new() });
        Self { place: place.into(), state }
    }

    /// Writes one down. The error is that of the writer: an import must not go on and lose rows.
    pub(crate) fn push(&self, reject: &Reject) -> Result<(), Error> {
        let (reason, row) = (brief(&reject.reason), shortened(reject.text.as_bytes()));
        let written =
            Written { file: &reject.place, line: reject.line, reason: &reason, row: &row };
        let mut line = serde_json::to_vec(&written)
            .map_err(|error| Error::internal(format!("a reject is no JSON: {error}")))?;
        line.push(b'\n');
        let kind = brief(&kind(&reject.reason));
        let mut state = self.state();
        state.out.write_all(&line).map_err(|error| self.unwritten(&error))?;
        state.count += 1;
        let known = state.reasons.len() < KINDS || state.reasons.contains_key(&kind);
        let kind = if known { kind } else { OTHERS.to_owned() };
        *state.reasons.entry(kind).or_default() += 1;
        Ok(())
    }

    /// How many there are.
    pub(crate) fn count(&self) -> u64 {
        self.state().count
    }

    /// How many there are of each reason; the values that reasons quote do not tell them apart.
    pub(crate) fn by_reason(&self) -> BTreeMap<String, u64> {
        self.state().reasons.clone()
    }

    /// Hands all that is still held to the writer. Making it durable is for those who opened it.
    pub(crate) fn finish(&self) -> Result<(), Error> {
        self.state().out.flush().map_err(|error| self.unwritten(&error))
    }

    fn unwritten(&self, error: &std::io::Error) -> Error {
        Error::data(format!("the rejected rows cannot be written down: {error}"))
            .at(self.place.as_str())
            .with_hint("see to space and rights there, and import again")
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Rejects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rejects").field("count", &self.count()).finish_non_exhaustive()
    }
}

/// The beginning of a row, with a mark if that is not all of it. Bytes that are no text are shown as U+FFFD.
pub(crate) fn shortened(row: &[u8]) -> String {
    if row.len() <= LONGEST {
        return String::from_utf8_lossy(row).into_owned();
    }
    // Not between the bytes of one letter.
    let is_inside = |end: &usize| row.get(*end).is_some_and(|byte| byte & 0xC0 == 0x80);
    let end = (LONGEST - 3..=LONGEST).rev().find(|end| !is_inside(end)).unwrap_or(LONGEST);
    let mut text = String::from_utf8_lossy(row.get(..end).unwrap_or(row)).into_owned();
    text.push_str(MARK);
    text
}

/// A reason without the middle of a long value.
fn brief(reason: &str) -> String {
    let (start, end) = REASON;
    if reason.len() <= start + end {
        return reason.to_owned();
    }
    let start = reason.floor_char_boundary(start);
    let end = reason.ceil_char_boundary(reason.len() - end);
    let part = |range: Option<&str>| range.unwrap_or_default().to_owned();
    part(reason.get(..start)) + "…" + &part(reason.get(end..))
}

/// A reason without the value that it quotes.
fn kind(reason: &str) -> String {
    match (reason.find('\''), reason.rfind('\'')) {
        (Some(start), Some(end)) if start < end => {
            let (before, after) = (reason.get(..=start), reason.get(end..));
            before.unwrap_or_default().to_owned() + "…" + after.unwrap_or_default()
        }
        _ => reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    struct Full;

    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::Error::from(std::io::ErrorKind::StorageFull))
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn reject(reason: &str, text: &str) -> Reject {
        let (reason, text) = (reason.to_owned(), text.to_owned());
        Reject { place: "a.csv".to_owned(), line: Some(7), reason, text }
    }

    #[test]
    fn rejects_are_lines_of_json() {
        let out = Shared::default();
        let rejects = Rejects::new("r.jsonl", out.clone());
        rejects.push(&reject("'x' is no number", "a,\"x\"\n")).unwrap();
        rejects.push(&reject("'it's' is no number", "")).unwrap();
        rejects.finish().unwrap();
        let written = String::from_utf8(out.0.lock().unwrap().clone()).unwrap();
        assert_eq!(
            written.lines().next(),
            Some(r#"{"file":"a.csv","line":7,"reason":"'x' is no number","row":"a,\"x\"\n"}"#)
        );
        assert_eq!((written.lines().count(), rejects.count()), (2, 2));
        assert_eq!(rejects.by_reason(), BTreeMap::from([("'…' is no number".to_owned(), 2)]));
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let out = Shared::default();
        let rejects = Rejects::new("r.jsonl", out.clone());
        for number in 0..1000 {
            rejects.push(&reject(&format!("reason {number}"), "")).unwrap();
        }
        let reasons = rejects.by_reason();
        assert_eq!((reasons.len(), reasons.get(OTHERS)), (KINDS + 1, Some(&950)));
        let long = "é".repeat(LONGEST);
        rejects.push(&reject(&format!("'{long}' is no number"), &long)).unwrap();
        rejects.finish().unwrap();
        let written = String::from_utf8(out.0.lock().unwrap().clone()).unwrap();
        let last = written.lines().last().unwrap();
        assert!(last.ends_with(" [cut here]\"}") && last.contains("' is no number"));
        assert!(last.len() < LONGEST + 1000 && !last.contains('\u{fffd}'));
    }

    #[test]
    fn a_full_disk_is_told() {
        let rejects = Rejects::new("r.jsonl", Full);
        rejects.push(&reject("why", "row")).unwrap();
        let error = rejects.finish().unwrap_err().to_string();
        assert!(error.contains("r.jsonl: the rejected rows cannot be written down"), "{error}");
    }
}
