//! What the writers of event files and of cluster files share: encodings, and errors of writing.

use crate::Error;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterPropertiesBuilder;
use parquet::schema::types::ColumnPath;

/// Rising numbers: deltas, not compressed.
pub(super) fn delta(builder: WriterPropertiesBuilder, path: ColumnPath) -> WriterPropertiesBuilder {
    builder
        .set_column_dictionary_enabled(path.clone(), false)
        .set_column_encoding(path.clone(), Encoding::DELTA_BINARY_PACKED)
        .set_column_compression(path, Compression::UNCOMPRESSED)
}

/// zstd of a level.
pub(super) fn zstd(level: i32) -> Result<Compression, Error> {
    let level = ZstdLevel::try_new(level).map_err(|error| Error::internal(error.to_string()))?;
    Ok(Compression::ZSTD(level))
}

/// A file of the store that cannot be written.
#[expect(clippy::needless_pass_by_value, reason = "it is called by map_err")]
pub(super) fn failed(error: ParquetError) -> Error {
    if let ParquetError::External(inner) = &error
        && let Some(io) = inner.downcast_ref::<std::io::Error>()
    {
        let failed = Error::usage(format!("an event file cannot be written: {io}"));
        return match io.kind() {
            std::io::ErrorKind::StorageFull => failed.with_hint(
                "free some space, then run the same command again: it goes on where it stopped",
            ),
            _ => failed,
        };
    }
    Error::data(format!("an event file cannot be written: {error}"))
}
