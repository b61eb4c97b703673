//! Where in an event file the rows of some events are.

use super::read::Stream;
use super::{NarrowRequest, Opening, opened};
use crate::parts::{Part, StoredFile};
use datafusion::catalog::Session;
use datafusion::common::Result;

/// The rows of some events in an event file, as its clusters tell.
#[derive(Debug)]
pub(in crate::store) struct Places {
    streams: Vec<Stream>,
    /// How many they are.
    pub(in crate::store) wanted: u64,
    /// All rows of the file.
    pub(in crate::store) rows: u64,
}

impl Places {
    /// Opens the clusters of an event file; `None` if they do not tell of all its rows.
    pub(in crate::store) async fn open(
        part: &Part,
        file: &StoredFile,
        request: &NarrowRequest,
        session: &dyn Session,
    ) -> Result<Option<Self>> {
        if file.clusters.is_none() {
            return Ok(None);
        }
        let opening = Opening { request, clusters: true, ties: false };
        let clusters = opened(part, file, &opening, session).await?;
        let rows = clusters.rows;
        let mut listed = clusters.segments.iter().flatten().map(|segment| segment.rows);
        if listed.try_fold(0_u64, u64::checked_add) != Some(rows) {
            return Ok(None);
        }
        let found = clusters.streams(request, request.marks_of_events().as_ref())?;
        let wanted = found.iter().map(|(_, layout, _)| layout.rows).sum();
        let streams = found.into_iter().map(|(stream, ..)| stream).collect();
        Ok(Some(Self { streams, wanted, rows }))
    }

    /// Segments that have them.
    pub(in crate::store) const fn segments(&self) -> usize {
        self.streams.len()
    }

    /// The places, in order.
    pub(in crate::store) async fn read(&self) -> Result<Vec<u32>> {
        let mut places = Vec::new();
        for stream in &self.streams {
            places.extend(stream.positions().await?);
        }
        // Those of one event rise already.
        places.sort_unstable();
        Ok(places)
    }
}
