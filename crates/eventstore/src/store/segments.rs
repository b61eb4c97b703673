//! The directory of a cluster file's segments: where the rows of each event are.
//!
//! It stands in the footer's key-value metadata under [`KEY`], as JSON: `{"format":1,"segments":[[event, first row, rows,
//! smallest time, largest time], ..]}`, in the order of the file. Times are microseconds since 1970-01-01 UTC.

use crate::Error;
use parquet::file::metadata::KeyValue;
use serde::{Deserialize, Serialize};

/// The metadata's key.
pub(crate) const KEY: &str = "hoglet.segments";

/// Rows of one event: ordered by ordinal, time, position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Line", into = "Line")]
pub(crate) struct Segment {
    /// Name of the event.
    pub(crate) event: String,
    /// Number of its first row in the file.
    pub(crate) start: u64,
    /// Number of its rows.
    pub(crate) rows: u64,
    /// Smallest time.
    pub(crate) min_time: i64,
    /// Largest time.
    pub(crate) max_time: i64,
}

type Line = (String, u64, u64, i64, i64);

impl From<Line> for Segment {
    fn from((event, start, rows, min_time, max_time): Line) -> Self {
        Self { event, start, rows, min_time, max_time }
    }
}

impl From<Segment> for Line {
    fn from(segment: Segment) -> Self {
        (segment.event, segment.start, segment.rows, segment.min_time, segment.max_time)
    }
}

#[derive(Serialize, Deserialize)]
struct Directory {
    format: u32,
    segments: Vec<Segment>,
}

/// The directory as metadata of a footer.
pub(crate) fn to_metadata(segments: Vec<Segment>) -> Result<KeyValue, Error> {
    let text = serde_json::to_string(&Directory { format: 1, segments });
    let text = text.map_err(|error| Error::internal(error.to_string()))?;
    Ok(KeyValue::new(KEY.to_owned(), text))
}

/// The directory in a footer.
pub(crate) fn from_metadata(metadata: Option<&Vec<KeyValue>>) -> Result<Vec<Segment>, Error> {
    let mut pairs = metadata.into_iter().flatten();
    let text = pairs.find(|pair| pair.key == KEY).and_then(|pair| pair.value.as_deref());
    let Some(text) = text else {
        return Err(Error::data(
            "this is no cluster file of a store: its footer lists no segments",
        ));
    };
    let directory: Result<Directory, _> = serde_json::from_str(text);
    match directory {
        Ok(directory) if directory.format == 1 => Ok(directory.segments),
        Ok(directory) => {
            Err(Error::data(format!("its segments are of format {}, not 1", directory.format)))
        }
        Err(error) => Err(Error::data(format!("its segments cannot be read: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn come_back_from_a_footer() {
        let name = "a \"quoted\" name".to_owned();
        let segment = Segment { event: name, start: 7, rows: 2, min_time: -1, max_time: 9 };
        let written = to_metadata(vec![segment.clone()]).unwrap();
        assert_eq!(from_metadata(Some(&vec![written])).unwrap(), vec![segment]);
        assert!(from_metadata(None).unwrap_err().to_string().contains("no segments"));
        let newer = KeyValue::new(KEY.to_owned(), r#"{"format":2,"segments":[]}"#.to_owned());
        assert!(from_metadata(Some(&vec![newer])).unwrap_err().to_string().contains("format 2"));
    }
}
