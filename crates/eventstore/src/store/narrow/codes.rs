//! The marks of a file's rows, decoded from the numbers that stand for the names of their events.

use super::local::LocalReader;
use bytes::Bytes;
use parquet::basic::Encoding;
use parquet::column::page::{Page, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::file::serialized_reader::SerializedPageReader;
use std::collections::HashMap;
use std::sync::Arc;

/// Encodings of a column of names that are understood here, those of its levels among them.
const UNDERSTOOD: [Encoding; 3] = [Encoding::PLAIN, Encoding::RLE, Encoding::RLE_DICTIONARY];

/// Whether a column of names with those encodings can be read.
pub(super) fn are_understood(mut encodings: impl Iterator<Item = Encoding>) -> bool {
    encodings.all(|encoding| UNDERSTOOD.contains(&encoding))
}

/// Reads the events of a row group as marks. Names are looked up once for each name of its dictionary, not for each row.
pub(super) struct Codes {
    pages: SerializedPageReader<LocalReader>,
    marks: Arc<HashMap<String, u64>>,
    /// Those of the dictionary's names.
    known: Table,
    page: Rest,
    /// Rows of the page that are not read yet.
    left: usize,
}

/// What is left of a page.
enum Rest {
    Numbers(Hybrid),
    /// Names, each behind its length.
    Names(Bytes),
}

impl Codes {
    /// The column's pages are those of a column without NULLs.
    pub(super) fn new(
        pages: SerializedPageReader<LocalReader>,
        marks: Arc<HashMap<String, u64>>,
    ) -> Self {
        Self { pages, marks, known: Table::default(), page: Rest::Names(Bytes::new()), left: 0 }
    }

    /// The marks of the next rows.
    pub(super) fn read(&mut self, rows: usize) -> Result<Vec<u64>> {
        let mut marks = vec![0; rows];
        let mut rest = marks.as_mut_slice();
        while !rest.is_empty() {
            if self.left == 0 {
                self.turn()?;
                continue;
            }
            let (next, behind) = rest.split_at_mut(self.left.min(rest.len()));
            self.left -= next.len();
            match &mut self.page {
                Rest::Numbers(numbers) => numbers.look_up(&self.known, next)?,
                Rest::Names(names) => {
                    for mark in next {
                        *mark = marks_of(&self.marks, &name(names)?);
                    }
                }
            }
            rest = behind;
        }
        Ok(marks)
    }

    /// Goes on to the next page.
    fn turn(&mut self) -> Result<()> {
        let Some(page) = self.pages.get_next_page()? else {
            return Err(ParquetError::EOF("a column of events is shorter than others".to_owned()));
        };
        let (values, rows, encoding) = match page {
            Page::DictionaryPage { mut buf, num_values, .. } => {
                let names = (0..num_values).map(|_| name(&mut buf));
                let marks = names.map(|name| Ok(marks_of(&self.marks, &name?)));
                self.known = Table::new(marks.collect::<Result<_>>()?);
                return Ok(());
            }
            Page::DataPage { buf, num_values, encoding, .. } => (buf, num_values, encoding),
            Page::DataPageV2 {
                buf,
                num_values,
                encoding,
                def_levels_byte_len: 0,
                rep_levels_byte_len: 0,
                ..
            } => (buf, num_values, encoding),
            Page::DataPageV2 { .. } => return Err(damaged("levels where no value is NULL")),
        };
        self.left = rows as usize;
        self.page = match encoding {
            Encoding::PLAIN => Rest::Names(values),
            Encoding::RLE_DICTIONARY => Rest::Numbers(Hybrid::new(values)?),
            other => return Err(ParquetError::NYI(format!("events in the encoding {other}"))),
        };
        Ok(())
    }
}

/// An event that nobody asked for has no marks.
fn marks_of(marks: &HashMap<String, u64>, name: &[u8]) -> u64 {
    str::from_utf8(name).ok().and_then(|name| marks.get(name)).copied().unwrap_or_default()
}

/// Takes a name off.
fn name(bytes: &mut Bytes) -> Result<Bytes> {
    let cut = || ParquetError::EOF("a name of an event is cut off".to_owned());
    let length = bytes.first_chunk().map(|length| u32::from_le_bytes(*length)).ok_or_else(cut)?;
    let end = 4_usize.saturating_add(length as usize);
    if end > bytes.len() {
        return Err(cut());
    }
    Ok(bytes.split_to(end).slice(4..))
}

/// Numbers in the hybrid encoding of the Parquet format (Encodings.md, RLE = 3): runs of one number, and numbers of a few bits
/// each, eight of which fill as many bytes as one of them has bits.
struct Hybrid {
    bytes: Bytes,
    at: usize,
    /// Bits of a number.
    width: usize,
    run: Run,
}

/// What is left of a run.
enum Run {
    Same {
        number: usize,
        left: usize,
    },
    /// Numbers from a bit of the bytes on.
    Packed {
        bit: usize,
        left: usize,
    },
}

/// Numbers that are unpacked together.
const EIGHT: usize = 8;

/// What numbers stand for.
struct Table {
    of: Vec<u64>,
    /// The same for all numbers of a byte, zeros behind the last.
    of_byte: [u64; 256],
}

impl Default for Table {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

impl Table {
    fn new(of: Vec<u64>) -> Self {
        let mut of_byte = [0; 256];
        of_byte.iter_mut().zip(&of).for_each(|(byte, of)| *byte = *of);
        Self { of, of_byte }
    }

    fn get(&self, number: usize) -> Result<u64> {
        let names = self.of.len();
        let unknown = || damaged(&format!("the name with number {number} of {names}"));
        self.of.get(number).copied().ok_or_else(unknown)
    }
}

impl Hybrid {
    fn new(bytes: Bytes) -> Result<Self> {
        match bytes.first() {
            Some(width) if *width <= 32 => {
                let run = Run::Same { number: 0, left: 0 };
                Ok(Self { width: usize::from(*width), bytes, at: 1, run })
            }
            found => Err(damaged(&format!("numbers of {found:?} bits"))),
        }
    }

    /// Writes what a table has for the next numbers.
    fn look_up(&mut self, table: &Table, mut out: &mut [u64]) -> Result<()> {
        while !out.is_empty() {
            let (Run::Same { left, .. } | Run::Packed { left, .. }) = &mut self.run;
            if *left == 0 {
                self.turn()?;
                continue;
            }
            let (next, behind) = out.split_at_mut(out.len().min(*left));
            *left -= next.len();
            match &mut self.run {
                Run::Same { number, .. } => next.fill(table.get(*number)?),
                Run::Packed { bit, .. } => {
                    unpack(&self.bytes, *bit, self.width, table, next)?;
                    *bit += next.len() * self.width;
                }
            }
            out = behind;
        }
        Ok(())
    }

    /// Goes on to the next run.
    fn turn(&mut self) -> Result<()> {
        let header = self.header()?;
        let count = usize::try_from(header >> 1).unwrap_or(usize::MAX);
        if header & 1 == 1 {
            let length = count.saturating_mul(self.width);
            let bit = self.at * 8;
            // The last eight may be cut off where nobody needs them: whoever unpacks looks.
            self.at = self.at.saturating_add(length).min(self.bytes.len());
            self.run = Run::Packed { bit, left: count.saturating_mul(EIGHT) };
        } else {
            let length = self.width.div_ceil(8);
            let number = self.bytes.get(self.at..self.at + length);
            let number = number.ok_or_else(|| damaged("a run is cut off"))?;
            let add = |number: usize, byte: &u8| number << 8 | usize::from(*byte);
            self.run = Run::Same { number: number.iter().rev().fold(0, add), left: count };
            self.at += length;
        }
        if count == 0 { Err(damaged("a run of nothing")) } else { Ok(()) }
    }

    /// How long the next run is, and of which kind.
    fn header(&mut self) -> Result<u64> {
        let mut header = 0;
        for shift in (0..64).step_by(7) {
            let Some(byte) = self.bytes.get(self.at) else { break };
            self.at += 1;
            header |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(header);
            }
        }
        Err(damaged("the head of a run is cut off"))
    }
}

/// Writes what a table has for packed numbers.
fn unpack(
    bytes: &[u8],
    mut bit: usize,
    width: usize,
    table: &Table,
    mut out: &mut [u64],
) -> Result<()> {
    let mask = (1_u64 << width) - 1;
    // Eight numbers are in as many bytes as one has bits: with up to eight they are in one word.
    if width <= EIGHT && bit.is_multiple_of(8) {
        let mut largest = 0;
        while out.len() >= EIGHT
            && let Some(word) = bytes.get(bit / 8..).and_then(<[u8]>::first_chunk)
        {
            let (next, behind) = out.split_at_mut(EIGHT);
            let mut word = u64::from_le_bytes(*word);
            for out in next {
                let number = word & mask;
                largest = largest.max(number);
                *out = table.of_byte[usize::from(number as u8)];
                word >>= width;
            }
            (bit, out) = (bit + EIGHT * width, behind);
        }
        table.get(largest as usize)?;
    }
    for out in out {
        // What is behind the end reads as zeros, but a number has to end before it.
        let rest = bytes.get(bit / 8..).unwrap_or_default();
        if rest.len() * 8 < bit % 8 + width {
            return Err(damaged("packed numbers are cut off"));
        }
        let word = rest.iter().take(8).rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
        *out = table.get((word >> (bit % 8) & mask) as usize)?;
        bit += width;
    }
    Ok(())
}

fn damaged(what: &str) -> ParquetError {
    ParquetError::General(format!("a column of events is damaged: {what}"))
}

#[cfg(test)]
mod tests;
