//! Rows whose uuid is there already.

use super::chunk::{Place, SpillFile};
use crate::Error;
use std::path::PathBuf;

/// An identity and the number of its row; negative if the row is in the store already.
type Identified = (u128, i64);

/// Bytes of one.
const ENTRY: usize = 24;

/// Identities are written once a list of a part has so many bytes.
pub(super) const LIST: usize = 1 << 18;

/// Numbers of rows that are left out, ascending.
#[derive(Debug, Default)]
pub(super) struct Dropped(Vec<i64>);

impl Dropped {
    pub(super) fn new(mut rows: Vec<i64>) -> Self {
        rows.sort_unstable();
        Self(rows)
    }

    pub(super) fn has(&self, row: i64) -> bool {
        !self.0.is_empty() && self.0.binary_search(&row).is_ok()
    }

    pub(super) const fn len(&self) -> usize {
        self.0.len()
    }
}

/// Of each identity in these lists all rows but the first.
pub(super) fn duplicates(lists: &[(PathBuf, Place)]) -> Result<Vec<i64>, Error> {
    let mut all: Vec<Identified> = Vec::new();
    for (path, place) in lists {
        let bytes = SpillFile::open(path)?.read(*place)?;
        all.extend(bytes.chunks_exact(ENTRY).filter_map(|entry| {
            let (identity, row) = entry.split_first_chunk::<16>()?;
            let row = row.first_chunk::<8>()?;
            Some((u128::from_be_bytes(*identity), i64::from_be_bytes(*row)))
        }));
    }
    all.sort_unstable();
    let again = all.windows(2).filter_map(|pair| match pair {
        [(a, _), (b, row)] if a == b => Some(*row),
        _ => None,
    });
    // What is in the store stays, even if it is there twice.
    Ok(again.filter(|row| *row >= 0).collect())
}

/// A list as it is spilled.
pub(super) fn entry(list: &mut Vec<u8>, identity: u128, row: i64) {
    list.extend_from_slice(&identity.to_be_bytes());
    list.extend_from_slice(&row.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::super::chunk::ChunkWriter;
    use super::*;

    #[test]
    fn the_first_row_of_an_identity_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let mut list = Vec::new();
        for (identity, row) in [(5, 1), (7, 2), (5, 3), (9, -1), (9, 4), (5, 0), (8, -1), (8, -1)] {
            entry(&mut list, identity, row);
        }
        let mut writer = ChunkWriter::create(&path).unwrap();
        let place = writer.write_bytes(&list).unwrap();
        writer.finish().unwrap();
        let dropped = Dropped::new(duplicates(&[(path, place)]).unwrap());
        assert_eq!(dropped.0, [1, 3, 4]);
        assert!(dropped.has(3) && !dropped.has(0));
        assert_eq!(dropped.len(), 3);
    }
}
