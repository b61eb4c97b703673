//! What a scan of a table is asked for.

use crate::reach::Reaches;
use datafusion::physical_expr::PhysicalExpr;
use std::sync::Arc;

/// What a scan reads.
pub(crate) struct Request<'a> {
    /// Columns of the table; all if not given.
    pub(crate) projection: Option<&'a Vec<usize>>,
    /// Filters over the table's columns, which the reader applies.
    pub(crate) filters: Vec<Arc<dyn PhysicalExpr>>,
    /// Most rows.
    pub(crate) limit: Option<usize>,
    /// What it reads of the files.
    pub(crate) reaches: &'a Reaches,
}

/// What a scan must tell of its rows' places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Needs {
    /// Nothing.
    Nothing,
    /// The numbers of files.
    Files,
    /// Those of rows, too.
    Rows,
}
