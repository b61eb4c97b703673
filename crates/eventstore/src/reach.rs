//! What a scan reads of a table's files, where filters tell that it need not be all of them.

use crate::parts::{Part, StoredFile};
use datafusion::common::Statistics;
use datafusion::common::stats::Precision;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::parquet::ParquetRowSelection;
use object_store::path::Path;
use parquet::arrow::arrow_reader::RowSelection;
use std::collections::HashMap;

/// What is read of a file.
#[derive(Debug, Clone)]
pub(crate) enum Reach {
    /// All rows.
    Whole,
    /// These rows. The selection goes from the file's first row to its last one.
    Rows(RowSelection),
    /// None.
    Nothing,
}

/// What is read of each file: all of those that nothing is set for.
#[derive(Debug, Default)]
pub(crate) struct Reaches(HashMap<Path, Reach>);

impl Reaches {
    /// Sets what is read of a file.
    pub(crate) fn set(&mut self, file: &StoredFile, reach: Reach) {
        match reach {
            Reach::Whole => self.0.remove(&file.meta.location),
            less => self.0.insert(file.meta.location.clone(), less),
        };
    }

    /// Whether anything is read of a file.
    pub(crate) fn reads(&self, file: &StoredFile) -> bool {
        !matches!(self.0.get(&file.meta.location), Some(Reach::Nothing))
    }

    /// Whether of some file some rows are read: only with its page index are pages left out.
    pub(crate) fn selects_rows(&self) -> bool {
        self.0.values().any(|reach| matches!(reach, Reach::Rows(_)))
    }

    /// A file of a scan with what is read of it; `None` if nothing is.
    ///
    /// A range of bytes may still be set for it: row groups outside the range are left out of the selection.
    pub(crate) fn limited(
        &self,
        file: &StoredFile,
        scanned: PartitionedFile,
    ) -> Option<PartitionedFile> {
        match self.0.get(&file.meta.location) {
            None | Some(Reach::Whole) => Some(scanned),
            Some(Reach::Rows(rows)) => {
                Some(scanned.with_extension(ParquetRowSelection::new(rows.clone())))
            }
            Some(Reach::Nothing) => None,
        }
    }

    /// Rows that are read of a file at most.
    fn rows(&self, file: &StoredFile) -> usize {
        match self.0.get(&file.meta.location) {
            None | Some(Reach::Whole) => file.rows().unwrap_or_default(),
            Some(Reach::Rows(rows)) => rows.row_count(),
            Some(Reach::Nothing) => 0,
        }
    }

    /// What is known of the rows that are read of a part, from what is known of all rows of the table.
    pub(crate) fn statistics(&self, all: &Statistics, part: &Part) -> Statistics {
        if self.0.is_empty() {
            return all.clone();
        }
        let mut known = all.clone().to_inexact();
        known.num_rows = Precision::Inexact(part.files.iter().map(|file| self.rows(file)).sum());
        known
    }

    /// What plans tell of a part; nothing if its files are read whole.
    pub(crate) fn told(&self, part: &Part) -> Option<String> {
        if self.0.is_empty() {
            return None;
        }
        let files = part.files.iter().filter(|file| self.reads(file)).count();
        let rows: usize = part.files.iter().map(|file| self.rows(file)).sum();
        Some(format!("files={files} of {}, rows={rows}", part.files.len()))
    }
}
