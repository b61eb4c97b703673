//! The files of a table, as scans need them.

use crate::columns::Layout;
use crate::files::FileKind;
use datafusion::common::{ScalarValue, Statistics};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::execution::object_store::ObjectStoreUrl;
use object_store::ObjectMeta;
use std::sync::Arc;

/// Files of one kind in one store.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) store: ObjectStoreUrl,
    pub(crate) kind: FileKind,
    pub(crate) files: Vec<StoredFile>,
}

/// A file as a scan needs it.
#[derive(Debug, Clone)]
pub(crate) struct StoredFile {
    pub(crate) meta: ObjectMeta,
    /// Its number in the table, in order of arrival; in a store its bucket, which it shares with others.
    pub(crate) ordinal: i64,
    /// Row groups of a Parquet file; 1 for text.
    pub(crate) row_groups: usize,
    /// Rows of each, where they are known.
    pub(crate) group_rows: Vec<u64>,
    /// Statistics parallel to the layout's columns.
    pub(crate) statistics: Option<Arc<Statistics>>,
    /// What orders its rows among those of other files, if the files are a store's.
    pub(crate) rank: u32,
    /// Its smallest and largest time, where they are known.
    pub(crate) times: Option<(i64, i64)>,
    /// Whether a person may have several rows at one time.
    pub(crate) has_ties: bool,
    /// The file of its rows by event, if it is a store's.
    pub(crate) clusters: Option<ObjectMeta>,
}

impl Part {
    /// Whether the files are on this machine.
    pub(crate) fn is_here(&self) -> bool {
        self.store == ObjectStoreUrl::local_filesystem()
    }
}

impl StoredFile {
    /// Its number of rows, where that is known.
    pub(crate) fn rows(&self) -> Option<usize> {
        self.statistics.as_ref()?.num_rows.get_value().copied()
    }
}

/// A row group or a text file.
#[derive(Debug)]
pub(crate) struct Piece<'a> {
    /// Its share of the file's bytes.
    pub(crate) bytes: u64,
    /// Its rows, where they are known.
    pub(crate) rows: Option<u64>,
    /// The file.
    pub(crate) meta: &'a ObjectMeta,
    /// The file's number; its bucket in a store.
    pub(crate) number: i64,
}

/// A file for a scan, with its number if the scan asks for that.
pub(crate) fn partitioned(file: &StoredFile, numbered: bool) -> PartitionedFile {
    let mut partitioned = PartitionedFile::new_from_meta(file.meta.clone());
    if numbered {
        partitioned =
            partitioned.with_partition_values(vec![ScalarValue::Int64(Some(file.ordinal))]);
    }
    match &file.statistics {
        Some(statistics) => partitioned.with_statistics(Arc::clone(statistics)),
        None => partitioned,
    }
}

/// Statistics of all files together; unknown if one of them is.
pub(crate) fn sum(parts: &[Part], layout: &Layout) -> Statistics {
    let files = || parts.iter().flat_map(|part| &part.files);
    let unknown = || Statistics::new_unknown(&layout.read_schema);
    if files().any(|file| file.statistics.is_none()) {
        return unknown();
    }
    let all = files().filter_map(|file| file.statistics.as_deref());
    Statistics::try_merge_iter(all, &layout.read_schema).unwrap_or_else(|_| unknown())
}
